// Moments and dates as text: RFC 3339 for programs, CLDR long dates for people.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace madang {

std::string format_instant(Instant moment);              // 2026-11-23T09:05:00.000000Z
Result<Instant> parse_instant(std::string_view text);    // RFC 3339 5.6, any offset
std::string format_date(Date date);                      // 2026-11-23
Result<Date> parse_date(std::string_view text);          // only that form, only days that exist

// An IANA time zone ("Europe/Minsk"). Immutable and cheap to copy.
class TimeZone {
public:
    static Result<TimeZone> find(std::string_view iana_name);
    const std::string& name() const { return name_; }
    // The wall clock there at that moment, as if it were UTC.
    std::chrono::local_time<std::chrono::microseconds> local(Instant moment) const;
    Date date(Instant moment) const;
    // The moment when a wall clock there shows this; a time that a clock change skips is moved on.
    Instant instant(Date date, std::chrono::minutes since_midnight) const;

private:
    std::string name_;
};

// "23 November 2026", "23 ноября 2026 г.", "23 лістапада 2026 г." by CLDR; `language` is BCP 47.
std::string long_date(Date date, std::string_view language);
// The same with hours and minutes on the clock of the zone.
std::string long_date_time(Instant moment, const TimeZone& zone, std::string_view language);

}  // namespace madang
