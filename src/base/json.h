// JSON (RFC 8259) through Boost.JSON, read within limits and with located errors, and written in the
// canonical form of RFC 8785 where bytes are hashed or signed. No other room includes Boost.JSON.
#pragma once

#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace madang {

namespace json = boost::json;

struct JsonLimits {
    std::size_t bytes = 5U << 20;   // of the text
    std::size_t depth = 64;         // of nested arrays and objects
};

// Fails with Code::invalid and "line L, column C: ..." on anything but one JSON text within the
// limits, on a duplicate key, and on text that is not UTF-8.
Result<json::value> parse_json(std::string_view text, const JsonLimits& limits = {});

// RFC 8785: keys sorted by UTF-16 code units, no white space, numbers as ECMAScript prints them.
// Whole numbers beyond 2^53 are refused by MADANG_CHECK: put them in as strings. Boost.JSON 1.81 reads
// some fractions one unit in the last place off, so what is hashed or signed carries no fractions.
std::string canonical_json(const json::value& value);
std::string pretty_json(const json::value& value);  // two blanks a level, for files people read

// Typed look-ups. `where` names the object in the message of a failure.
Result<std::string> string_at(const json::object& object, std::string_view key, std::string_view where);
Result<std::int64_t> integer_at(const json::object& object, std::string_view key, std::string_view where);
Result<bool> bool_at(const json::object& object, std::string_view key, std::string_view where);
Result<json::object> object_at(const json::object& object, std::string_view key, std::string_view where);
Result<json::array> array_at(const json::object& object, std::string_view key, std::string_view where);
// Absent or null gives the fallback; another type is ignored as absent.
std::string string_or(const json::object& object, std::string_view key, std::string_view fallback);
std::int64_t integer_or(const json::object& object, std::string_view key, std::int64_t fallback);
bool bool_or(const json::object& object, std::string_view key, bool fallback);
// Code::invalid for a key that is not among `known`, with the one that was most likely meant.
Result<void> check_keys(const json::object& object, const std::vector<std::string>& known, std::string_view where);

}  // namespace madang
