// Texts of ISO 8601 in timers: BPMN 2.0.2 clause 10.5.5.
#include "process/detail/schedule.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/text.h"
#include "base/time_text.h"

namespace madang::process {
namespace {

Instant at(std::string_view text) { return schedule_of(Trigger::Time::date, feel::Value(std::string(text)), {})->first; }

// When a cycle fires as seen from noon of 2027-01-01: the hour and minute of each, behind the day; at most five.
std::string firings(std::string_view text) {
    const auto schedule = schedule_of(Trigger::Time::cycle, feel::Value(std::string(text)), at("2027-01-01T12:00:00Z"));
    if (!schedule) return schedule.error().message;
    std::vector<std::string> words;
    Instant moment = schedule->first;
    for (std::int64_t left = schedule->repeats; words.size() < 5; --left) {
        words.push_back(format_instant(moment).substr(5, 11));
        if (left == 0) break;
        moment = *later(moment, schedule->interval);
    }
    return join(words, " ");
}

TEST(Schedule, KnowsTheFourFormsOfARepeatingInterval) {
    struct Row {
        std::string_view text, fires;
    };
    constexpr Row kRows[] = {
        {"R3/PT1H", "01-01T13:00 01-01T14:00 01-01T15:00"},
        {"PT1H", "01-01T13:00 01-01T14:00 01-01T15:00 01-01T16:00 01-01T17:00"},
        {"R2/2027-01-02T00:00:00Z/PT1H", "01-02T00:00 01-02T01:00"},
        {"R3/2027-01-02T00:00:00Z/2027-01-03T06:00:00Z", "01-02T00:00 01-03T06:00 01-04T12:00"},
        {"R2/2027-01-02/2027-02-01", "01-02T00:00 02-01T00:00"},
        {"R/2027-01-02/2027-01-03", "01-02T00:00 01-03T00:00 01-04T00:00 01-05T00:00 01-06T00:00"},
        {"R3/PT1H/2027-01-02T00:00:00Z", "01-01T22:00 01-01T23:00 01-02T00:00"},
        {"R1/PT1H/2027-01-02T00:00:00Z", "01-02T00:00"},
        {"R/PT5H/2027-01-02T00:00:00Z", "01-01T14:00 01-01T19:00 01-02T00:00"},
        {"R/PT12H/2027-01-02T00:00:00Z", "01-02T00:00"},
        {"R/PT1H/2026-01-02T00:00:00Z", "01-02T00:00"},
        {"R/P1M/2027-04-15", "01-15T00:00 02-15T00:00 03-15T00:00 04-15T00:00"},
        {"R2/P1W/2027-02-01", "01-25T00:00 02-01T00:00"},
        {"R3/2027-01-03/2027-01-02", "\"R3/2027-01-03/2027-01-02\": the interval is not longer than nothing"},
        {"R3/2027-01-03/2027-01-03", "\"R3/2027-01-03/2027-01-03\": the interval is not longer than nothing"},
        {"R3/PT0S/2027-01-03", "\"R3/PT0S/2027-01-03\": the interval is not longer than nothing"},
        {"R3/-PT1H/2027-01-03", "\"R3/-PT1H/2027-01-03\": the interval is not longer than nothing"},
        {"R3/PT1H/PT1H", "\"PT1H\" is no date or date and time"},
        {"R3/2027-01-03", "\"2027-01-03\" is no duration"},
        {"R3/soon/2027-01-03", "\"soon\" is no date or date and time"},
        {"R/PT1S/9999-01-01", "R/PT1S/9999-01-01: until its end it repeats more than 1000000 times"},
        {"R1000000/P9000Y/2027-01-01", "the moment is beyond the years 1 to 9999"},
        {"R3/2027-01-01/2027-01-02/2027-01-03", "\"R3/2027-01-01/2027-01-02/2027-01-03\" is no repeating interval, such as R3/PT10S"},
    };
    for (const Row& row : kRows) EXPECT_EQ(firings(row.text), row.fires) << row.text;
}

}  // namespace
}  // namespace madang::process
