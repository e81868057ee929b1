// How many things happened when: bars in a terminal, or a picture.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace madang::cli {

// Buckets are minutes until there are more than a few; then hours, days, or months of thirty days.
class Histogram {
public:
    void add(Instant at) { ++minutes_[std::chrono::floor<std::chrono::minutes>(at).time_since_epoch().count()]; shrink(); }
    std::string text() const;
    std::string svg(std::string_view title) const;

private:
    static constexpr std::size_t kMost = 100'000;   // buckets kept before the smallest are joined
    struct Bars {
        std::int64_t width = 1;   // minutes
        std::map<std::int64_t, std::uint64_t> counts;
        std::uint64_t highest = 0;
    };
    void shrink();
    Bars bars() const;

    std::int64_t unit_ = 1;                           // minutes; a multiple once there were too many
    std::map<std::int64_t, std::uint64_t> minutes_;   // by the beginning, in minutes since 1970
};

}  // namespace madang::cli
