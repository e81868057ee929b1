#include "cli/time_scale.h"

#include <gtest/gtest.h>

#include "base/time_text.h"

namespace madang::cli {
namespace {

std::int64_t at(const char* text) { return minutes_of(*parse_instant(text)); }

TEST(TimeScale, HasABucketForEachHourWithoutAGap) {
    const TimeScale scale = scale_of({{at("2026-11-24T10:59:00Z"), 1}, {at("2026-11-24T14:00:00Z"), 2}}, 100, Bucket::hour);
    EXPECT_EQ(scale.bucket, Bucket::hour);
    ASSERT_EQ(scale.starts.size(), 5U);
    EXPECT_EQ(label_of(scale.starts.front(), scale.bucket), "2026-11-24 10:00");
    EXPECT_EQ(scale.place_of(at("2026-11-24T14:59:00Z")), 4U);
    EXPECT_EQ(scale.place_of(at("2026-11-24T15:00:00Z")), 5U) << "outside";
    EXPECT_EQ(scale.outside(), "");
}

TEST(TimeScale, BucketsAreThoseOfTheCalendar) {
    const TimeScale months = scale_of({{at("2026-01-31T00:00:00Z"), 1}, {at("2027-12-01T00:00:00Z"), 1}}, 48, Bucket::hour);
    EXPECT_EQ(months.bucket, Bucket::month);
    EXPECT_EQ(months.starts.size(), 24U);
    EXPECT_EQ(label_of(months.starts[1], months.bucket), "2026-02");
    const TimeScale weeks = scale_of({{at("2026-11-25T00:00:00Z"), 1}, {at("2027-06-25T00:00:00Z"), 1}}, 48, Bucket::hour);
    EXPECT_EQ(label_of(weeks.starts.front(), weeks.bucket), "2026-11-23") << "a Monday";
}

TEST(TimeScale, AFewFarMomentsAreNamedAndNotDrawn) {
    MinuteCounts counts{{at("2099-01-01T00:00:00Z"), 1}};
    for (int i = 0; i < 20; ++i) counts[at("2026-11-24T10:00:00Z") + i * 30] = 1;
    const TimeScale scale = scale_of(counts, 48, Bucket::minute);
    EXPECT_EQ(scale.after, 1U);
    EXPECT_EQ(scale.before, 0U);
    EXPECT_EQ(scale.bucket, Bucket::quarter);
    EXPECT_EQ(scale.outside(), "1 from 2026-11-24 19:45 on is not drawn");
}

}  // namespace
}  // namespace madang::cli
