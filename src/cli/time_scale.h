// A scale of time for charts: buckets of the calendar, so that bars are as far from each other as what they count, and a few
// moments far from all others do not squeeze the rest into one bar.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"

namespace madang::cli {

enum class Bucket { minute, five_minutes, quarter, hour, four_hours, day, week, month, year };   // of UTC; weeks begin on Monday

using MinuteCounts = std::map<std::int64_t, std::uint64_t>;   // by minutes since 1970

struct TimeScale {
    Bucket bucket = Bucket::hour;
    std::vector<std::int64_t> starts;          // of the buckets without a gap, in minutes since 1970
    std::int64_t end = 0;                      // of the last one
    std::uint64_t before = 0, after = 0;       // moments outside: at most a fiftieth of all, where all others are close to each other

    // Which bucket a minute is in; starts.size() for one outside.
    std::size_t place_of(std::int64_t minute) const;
    // "3 before 2026-11-24 10:00 and 1 after 2026-11-25 10:00 are not drawn", or nothing.
    std::string outside() const;
};

std::int64_t minutes_of(Instant at);
// At most `bars` buckets of at least that size.
TimeScale scale_of(const MinuteCounts& counts, std::size_t bars, Bucket least);
// "2026-11-24 10:00", "2026-11-24", "2026-11" or "2026".
std::string label_of(std::int64_t minute, Bucket bucket);

}  // namespace madang::cli
