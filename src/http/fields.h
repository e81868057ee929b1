// Named values from a query or a form body (application/x-www-form-urlencoded, WHATWG URL clause 5)
// and the path of a target (RFC 3986 clause 3.3). A name may stand more than once, as tick boxes do.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace madang::http {

class Fields {
public:
    using Pair = std::pair<std::string, std::string>;

    void add(std::string name, std::string value) { pairs_.emplace_back(std::move(name), std::move(value)); }
    void clear() { pairs_.clear(); }

    std::optional<std::string_view> find(std::string_view name) const;  // the first value
    std::string value_or(std::string_view name, std::string_view fallback) const;
    std::vector<std::string> all(std::string_view name) const;
    bool has(std::string_view name) const { return find(name).has_value(); }
    // Every name with its values in the order they were sent: the raw answers of a form.
    std::map<std::string, std::vector<std::string>> grouped() const;

    std::size_t size() const { return pairs_.size(); }
    bool empty() const { return pairs_.empty(); }
    auto begin() const { return pairs_.begin(); }
    auto end() const { return pairs_.end(); }

private:
    std::vector<Pair> pairs_;
};

struct FieldLimits {
    std::size_t fields = 500;        // pairs
    std::size_t name_bytes = 200;    // of one name, decoded
    std::size_t value_bytes = 64U << 10;
};

// Reads "a=1&b=x+y%21". Fails with Code::invalid on a broken escape, on NUL, on text that is not
// UTF-8 and beyond a limit; the message says which field by its place, never by its content.
Result<Fields> parse_urlencoded(std::string_view text, const FieldLimits& limits = {});
// Writes one name or value so that parse_urlencoded reads it back; safe in a query and in a path segment.
std::string percent_encode(std::string_view text);

struct Target {
    std::string path;                    // decoded, begins with "/"
    std::vector<std::string> segments;   // decoded; "/" has none, "/a/" has "a" and ""
    std::string_view query;              // raw, without "?"; points into the text that was read
    std::string_view authority;          // of the absolute form, else empty; points likewise
};

// Reads a request target in origin form or in absolute form (RFC 9112 clause 3.2). Fails with
// Code::invalid on a broken escape, on control characters and text that is not UTF-8 after decoding,
// on an escaped "/" or "\", on "." and ".." segments however they are spelled, and on a fragment.
Result<Target> parse_target(std::string_view text);

// True for "/case/1?x=2": a path on this site that no browser takes for another site ("//a", "/\a").
bool is_local_path(std::string_view text);

}  // namespace madang::http
