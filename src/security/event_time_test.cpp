#include "security/event_time.h"

#include <gtest/gtest.h>

#include "base/time_text.h"
#include "security/event_times.h"

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

TEST(EventTimes, SayInWhichFieldsAndInWhatZone) {
    const auto times = EventTimes::read("fields: [when, '@timestamp']\nzones:\n  10.0.0.7: Europe/Minsk\n  /var/log/x.log: Europe/Berlin\n", "t.yml");
    ASSERT_TRUE(times) << times.error().message;
    Event event;
    event.add("@timestamp", "2026-07-01T10:00:00Z");
    event.add("when", "2026-07-01 12:00:00");
    event.add("TimeCreated_SystemTime", "2020-01-01T00:00:00Z");
    const auto at = [&](std::string_view source) { return format_instant(*times->time_of(event, {.near = {}, .east = {}, .zone = times->zone_of(source)})); };
    EXPECT_EQ(at("other"), "2026-07-01T12:00:00.000000Z");
    EXPECT_EQ(at("10.0.0.7"), "2026-07-01T09:00:00.000000Z");
    EXPECT_EQ(at("10.0.0.7 [/aws/cloudtrail]"), "2026-07-01T09:00:00.000000Z") << "what the sender states besides does not count";
    EXPECT_EQ(at("/var/log/x.log"), "2026-07-01T10:00:00.000000Z") << "summer";
    const auto syslog = [&](std::string_view text) { return format_instant(*parse_event_time(text, {.near = parse_instant("2026-12-31T00:00:00Z").value(), .east = {}, .zone = times->zone_of("/var/log/x.log")})); };
    EXPECT_EQ(syslog("Jan  5 12:00:00"), "2026-01-05T11:00:00.000000Z") << "winter";
    EXPECT_EQ(syslog("2026-01-05 12:00:00.5+03:00"), "2026-01-05T09:00:00.500000Z") << "a zone that is written counts";
    EXPECT_EQ(EventTimes::read("", "t.yml")->time_of(event), parse_instant("2020-01-01T00:00:00Z").value()) << "the program's own fields";
    const auto error = [](std::string_view text) { return EventTimes::read(text, "t.yml").error().message; };
    EXPECT_EQ(error("zones:\n  a: Europe/Nowhere\n"), "t.yml:2: \"Europe/Nowhere\" is no zone, as Europe/Minsk");
    EXPECT_EQ(error("fields: when\n"), "t.yml:1: fields are a list");
    EXPECT_EQ(error("field: [when]\n"), "t.yml:1: there is no key \"field\"");
    EXPECT_EQ(error("- a\n"), "t.yml:1: the file is a map of fields and zones");
}

}  // namespace
}  // namespace madang::security
