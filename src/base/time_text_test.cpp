#include "base/time_text.h"

#include <gtest/gtest.h>

namespace madang {
namespace {

TEST(ParseInstant, ReadsTheExamplesOfRfc3339) {
    EXPECT_EQ(format_instant(*parse_instant("1985-04-12T23:20:50.52Z")), "1985-04-12T23:20:50.520000Z");
    EXPECT_EQ(format_instant(*parse_instant("1996-12-19T16:39:57-08:00")), "1996-12-20T00:39:57.000000Z");
    EXPECT_EQ(format_instant(*parse_instant("1937-01-01T12:00:27.87+00:20")), "1937-01-01T11:40:27.870000Z");
}

TEST(ParseInstant, RefusesWhatNoClockShows) {
    for (const char* text : {"", "2026-11-23", "2026-11-23T09:05:00", "2026-11-23T24:00:00Z", "2026-02-29T00:00:00Z",
                             "2026-11-23T09:60:00Z", "2026-11-23 09:05:00Z", "2026-11-23T09:05:00+3", "2026-11-23T09:05:00.Z",
                             "2026-13-01T00:00:00Z", "2026-11-23T09:05:00ZZ"}) {
        EXPECT_FALSE(parse_instant(text)) << text;
    }
}

TEST(ParseDate, KnowsLeapYears) {
    EXPECT_TRUE(parse_date("2024-02-29"));
    EXPECT_FALSE(parse_date("2100-02-29"));
    EXPECT_FALSE(parse_date("2026-1-1"));
}

TEST(TimeZone, TurnsMomentsIntoTheDayThere) {
    const auto minsk = *TimeZone::find("Europe/Minsk");
    EXPECT_EQ(format_date(minsk.date(*parse_instant("2026-11-22T21:30:00Z"))), "2026-11-23");
    EXPECT_EQ(minsk.instant(*parse_date("2026-11-23"), std::chrono::hours(17)), *parse_instant("2026-11-23T14:00:00Z"));
    const auto berlin = *TimeZone::find("Europe/Berlin");
    EXPECT_EQ(berlin.instant(*parse_date("2026-07-01"), std::chrono::hours(12)), *parse_instant("2026-07-01T10:00:00Z"));
    EXPECT_FALSE(TimeZone::find("Europe/Atlantis"));
}

TEST(LongDate, SpeaksTheLanguagesOfThePack) {
    const Date date = *parse_date("2026-11-23");
    EXPECT_EQ(long_date(date, "en"), "23 November 2026");
    EXPECT_EQ(long_date(date, "ru"), "23 ноября 2026\u202Fг.");
    EXPECT_EQ(long_date(date, "be"), "23 лістапада 2026\u202Fг.");
}

TEST(LongDateTime, ShowsTheClockOfTheZone) {
    const auto text = long_date_time(*parse_instant("2026-11-23T14:00:00Z"), *TimeZone::find("Europe/Minsk"), "en");
    EXPECT_NE(text.find("17:00"), std::string::npos) << text;
}

}  // namespace
}  // namespace madang
