// FEEL's temporal values: dates, times, dates with times, and the two kinds of durations
// (DMN 1.5 clause 10.3.2.3.3 to 10.3.2.3.8; the texts are those of XML Schema part 2).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace madang::feel {

__extension__ typedef __int128 Nanoseconds;   // wide enough for every duration

// Proleptic Gregorian; the year is -999,999,999 to 999,999,999.
struct CalendarDate {
    std::int64_t year = 0;
    int month = 1;
    int day = 1;
    friend auto operator<=>(const CalendarDate&, const CalendarDate&) = default;
};

// A time of day, local, at an offset from UTC, or in an IANA zone.
struct TimeOfDay {
    std::int64_t nanoseconds = 0;             // since midnight
    std::optional<std::int32_t> offset;       // seconds east of UTC
    std::string zone;                         // "Europe/Minsk", else empty
    bool is_local() const { return !offset && zone.empty(); }
};

struct DateTime {
    CalendarDate date;
    TimeOfDay time;
};

struct MonthsDuration {
    std::int64_t months = 0;
    friend auto operator<=>(const MonthsDuration&, const MonthsDuration&) = default;
};

struct SecondsDuration {
    std::int64_t seconds = 0;
    std::int32_t nanoseconds = 0;   // of the same sign as seconds
    friend auto operator<=>(const SecondsDuration&, const SecondsDuration&) = default;
};

bool is_valid(const CalendarDate& date);
std::int64_t days_since_epoch(const CalendarDate& date);
std::optional<CalendarDate> date_of_days(std::int64_t days);
int days_in_month(std::int64_t year, int month);
int iso_weekday(const CalendarDate& date);      // 1 is Monday
int day_of_year(const CalendarDate& date);
int iso_week(const CalendarDate& date);

std::optional<CalendarDate> parse_calendar_date(std::string_view text);
std::optional<TimeOfDay> parse_time_of_day(std::string_view text);
// With "T" and a time; "24:00:00" is the next midnight.
std::optional<DateTime> parse_date_time(std::string_view text);
std::optional<MonthsDuration> parse_months_duration(std::string_view text);
std::optional<SecondsDuration> parse_seconds_duration(std::string_view text);

std::string text_of(const CalendarDate& date);
std::string text_of(const TimeOfDay& time);
std::string text_of(const DateTime& moment);
std::string text_of(const MonthsDuration& duration);
std::string text_of(const SecondsDuration& duration);

// Seconds east of UTC at that local moment; nothing for a local time.
std::optional<std::int32_t> offset_at(const CalendarDate& date, const TimeOfDay& time);

// A point on one line for comparison: in UTC where both are anchored, local where both are local.
struct Point {
    std::int64_t seconds = 0;
    std::int32_t nanoseconds = 0;
    bool local = false;
    friend auto operator<=>(const Point&, const Point&) = default;
};
Point point_of(const DateTime& moment);
Point point_of(const TimeOfDay& time);

std::optional<CalendarDate> add_months(const CalendarDate& date, std::int64_t months);
std::optional<DateTime> add(const DateTime& moment, const SecondsDuration& duration);
TimeOfDay add(const TimeOfDay& time, const SecondsDuration& duration);
SecondsDuration between(const Point& from, const Point& to);
std::optional<SecondsDuration> seconds_duration(Nanoseconds nanoseconds);

}  // namespace madang::feel
