// When an event happened, by its own word.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/time_text.h"
#include "security/event.h"

namespace madang::security {

// A moment as it stands in a log.
struct WrittenTime {
    std::optional<int> year;                       // RFC 3164 has none
    unsigned month = 1, day = 1;
    int hour = 0, minute = 0, second = 0;
    std::int64_t microseconds = 0;
    std::optional<std::chrono::minutes> east;      // of UTC, where it says so
};

// ISO 8601 (also with / or a blank, with any spelling of the zone or none), the Common Log Format's "24/Nov/2026:10:00:00 +0300",
// RFC 3164's "Nov 24 10:00:00" with or without a year, "Tue Nov 24 10:00:00 2026", "/Date(1764022830250)/", and seconds, milliseconds,
// microseconds or nanoseconds since 1970, told apart by their size. Nothing for what is none of these, or lies before 1970 or behind 2261.
std::optional<WrittenTime> read_written_time(std::string_view text);

// What a text leaves open. Without `near` a moment without its year is none.
struct TimeHints {
    std::optional<Instant> near;                   // when it was heard of: the year is the one that brings it last before, give or take a day
    std::chrono::minutes east{0};                  // of UTC, where no zone is written
    const TimeZone* zone = nullptr;                // counts instead of `east`
};
std::optional<Instant> parse_event_time(std::string_view text, const TimeHints& hints = {});
// "+03:00", "-0500" or "Z".
std::optional<std::chrono::minutes> parse_zone(std::string_view text);

// The first field that states a moment, as the program's own file orders them (event_times.h); nothing where none does.
std::optional<Instant> time_of(const Event& event, const TimeHints& hints = {});

}  // namespace madang::security
