// How many things happened when: bars in a terminal, or a picture.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.h"
#include "cli/time_scale.h"

namespace madang::cli {

// Counts by minute until there are many; then by hour, then by day. Bars are buckets of the calendar.
class Histogram {
public:
    void add(Instant at) {
        ++minutes_[minutes_of(at)];
        if (minutes_.size() > kMost) shrink();
    }
    std::string text() const;
    std::string svg(std::string_view title) const;
    json::array to_json() const;    // of each bar that counts something: "from" and "count"

private:
    static constexpr std::size_t kMost = 100'000;   // minutes or hours kept before they are joined
    struct Bars {
        TimeScale scale;
        std::vector<std::uint64_t> counts;
        std::uint64_t highest = 0;
    };
    void shrink();
    Bars bars() const;

    std::int64_t unit_ = 1;    // minutes
    MinuteCounts minutes_;
};

}  // namespace madang::cli
