#include "security/event_time.h"

#include <gtest/gtest.h>

#include "base/time_text.h"

namespace madang::security {
namespace {

std::string told(std::string_view text) {
    const auto at = parse_event_time(text);
    return at ? format_instant(*at) : "nothing";
}

TEST(ParseEventTime, ReadsWhatLogsWrite) {
    EXPECT_EQ(told("2021-02-22T22:57:19.435480Z"), "2021-02-22T22:57:19.435480Z");
    EXPECT_EQ(told("2021-02-22 22:57:19"), "2021-02-22T22:57:19.000000Z");
    EXPECT_EQ(told("2021-02-22T22:57:19.4354801+03:00"), "2021-02-22T19:57:19.435480Z");
    EXPECT_EQ(told("24/Nov/2026:01:00:00 +0300"), "2026-11-23T22:00:00.000000Z");
    EXPECT_EQ(told("1764022830.25"), "2025-11-24T22:20:30.250000Z");
    EXPECT_EQ(told("31/Dec/2016:23:59:60 +0000"), "2016-12-31T23:59:59.000000Z") << "a leap second";
}

TEST(ParseEventTime, ReadsWhatSensorsAndCloudsWrite) {
    EXPECT_EQ(told("2021-02-22T22:57:19.435480+0000"), "2021-02-22T22:57:19.435480Z") << "Suricata";
    EXPECT_EQ(told("2021-02-22T22:57:19.5-0330"), "2021-02-23T02:27:19.500000Z");
    EXPECT_EQ(told("2021/02/22 22:57:19"), "2021-02-22T22:57:19.000000Z") << "nginx's errors";
    EXPECT_EQ(told("2021-02-22 22:57:19 UTC"), "2021-02-22T22:57:19.000000Z");
    EXPECT_EQ(told("Mon Feb 22 22:57:19.123 2021"), "2021-02-22T22:57:19.123000Z") << "Apache's errors";
    EXPECT_EQ(told("Feb  2 2021 22:57:19"), "2021-02-02T22:57:19.000000Z") << "Cisco";
    EXPECT_EQ(told("1764022830250"), "2025-11-24T22:20:30.250000Z");
    EXPECT_EQ(told("1764022830250125"), "2025-11-24T22:20:30.250125Z");
    EXPECT_EQ(told("1764022830250125999"), "2025-11-24T22:20:30.250125Z");
    EXPECT_EQ(told("/Date(1764022830250)/"), "2025-11-24T22:20:30.250000Z") << "PowerShell's JSON";
}

TEST(ParseEventTime, TakesYearAndZoneFromWhereTheLineCame) {
    const Instant newyear = *parse_instant("2027-01-01T00:10:00Z");
    const auto near = [&](std::string_view text, std::chrono::minutes east) {
        const auto at = parse_event_time(text, {.near = newyear, .east = east});
        return at ? format_instant(*at) : "nothing";
    };
    EXPECT_EQ(near("Dec 31 23:59:59", {}), "2026-12-31T23:59:59.000000Z");
    EXPECT_EQ(near("Jan  1 00:09:00", {}), "2027-01-01T00:09:00.000000Z");
    EXPECT_EQ(near("Jan  1 03:09:00", std::chrono::hours(3)), "2027-01-01T00:09:00.000000Z");
    EXPECT_EQ(near("Jan  3 00:00:00", {}), "2026-01-03T00:00:00.000000Z") << "what is more than a day ahead was last year";
    EXPECT_EQ(near("Feb 29 10:00:00", {}), "2024-02-29T10:00:00.000000Z");
    EXPECT_EQ(near("Feb 30 10:00:00", {}), "nothing");
    EXPECT_EQ(near("2026-11-24T10:00:00Z", std::chrono::hours(3)), "2026-11-24T10:00:00.000000Z");
    EXPECT_EQ(parse_zone("-03:30"), -std::chrono::minutes(210));
    EXPECT_FALSE(parse_zone("Europe/Minsk"));
}

TEST(TimeOf, IsTheSurestFieldThatStatesAMoment) {
    for (const char* name : {"TimeCreated_SystemTime", "@timestamp", "timestamp", "eventTime", "TimeCreated", "EventTime", "CreationTime", "TimeGenerated", "published", "requestReceivedTimestamp", "event.created", "Timestamp"}) {
        Event event;
        event.add("a", "2020-01-01T00:00:00Z");
        event.add(name, "2021-02-22T22:57:19Z");
        ASSERT_TRUE(time_of(event)) << name;
        EXPECT_EQ(format_instant(*time_of(event)), "2021-02-22T22:57:19.000000Z");
    }
    Event event;
    event.add("published", "2020-01-01T00:00:00Z");
    event.add("UtcTime", "2021-02-22 22:57:19.000");
    event.add("timestamp", "soon");
    EXPECT_EQ(format_instant(*time_of(event)), "2021-02-22T22:57:19.000000Z");
}

TEST(ParseEventTime, ReadsNothingOutOfTheRest) {
    for (const char* text : {"", "Nov 24 10:00:00", "2021-02-30T00:00:00Z", "2021-02-22T25:00:00Z", "0000-00-00T00:00:00Z", "9999-01-01T00:00:00Z", "99999999999999999999", "4688",
                             "2021-02-22T22:57:19Q", "24/Foo/2026:01:00:00 +0300", "1601-01-01T00:00:00Z"}) {
        EXPECT_EQ(told(text), "nothing") << text;
    }
}

}  // namespace
}  // namespace madang::security
