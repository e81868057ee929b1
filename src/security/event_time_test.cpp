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

TEST(ParseEventTime, ReadsNothingOutOfTheRest) {
    for (const char* text : {"", "Nov 24 10:00:00", "2021-02-30T00:00:00Z", "2021-02-22T25:00:00Z", "0000-00-00T00:00:00Z", "9999-01-01T00:00:00Z", "99999999999999999999", "4688",
                             "2021-02-22T22:57:19Q", "24/Foo/2026:01:00:00 +0300", "1601-01-01T00:00:00Z"}) {
        EXPECT_EQ(told(text), "nothing") << text;
    }
}

}  // namespace
}  // namespace madang::security
