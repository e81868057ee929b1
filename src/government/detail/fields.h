// Fields of the files of this room, read with the place of every failure: "government.json: bodies[2]: …".
#pragma once

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "government/calendar.h"

namespace madang::government {

inline constexpr std::size_t kMaxText = 300;   // characters
inline constexpr std::array<std::string_view, 7> kWeekdays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

std::unexpected<Error> wrong(std::string_view where, std::string_view what);
// One line of 1 to kMaxText characters, tidied.
Result<std::string> line_of(const json::value& value, std::string_view where);
Result<Date> parse_day(const json::value& value, std::string_view where);

Result<Calendar> parse_calendar(const json::object& object, const std::string& where);

}  // namespace madang::government
