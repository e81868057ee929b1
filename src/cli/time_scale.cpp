#include "cli/time_scale.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>

#include "base/text.h"
#include "base/time_text.h"

namespace madang::cli {
namespace {

constexpr std::int64_t kDay = 1440;
constexpr std::uint64_t kFewest = 10;        // moments, of which some may be outside
constexpr std::int64_t kMuchLonger = 8;      // times the time without those outside
constexpr std::array kBuckets{Bucket::minute, Bucket::five_minutes, Bucket::quarter, Bucket::hour, Bucket::four_hours, Bucket::day, Bucket::week, Bucket::month, Bucket::year};

std::int64_t width_of(Bucket bucket) {
    switch (bucket) {
        case Bucket::minute: return 1;
        case Bucket::five_minutes: return 5;
        case Bucket::quarter: return 15;
        case Bucket::hour: return 60;
        case Bucket::four_hours: return 240;
        case Bucket::day: return kDay;
        case Bucket::week: return 7 * kDay;
        case Bucket::month: return 30 * kDay;
        case Bucket::year: return 365 * kDay;
    }
    return 1;
}

std::int64_t floor_to(std::int64_t at, std::int64_t width) { return (at >= 0 ? at / width : (at - width + 1) / width) * width; }

std::chrono::year_month_day date_of(std::int64_t minute) { return std::chrono::sys_days(std::chrono::days(floor_to(minute, kDay) / kDay)); }
std::int64_t minute_of(std::chrono::year_month_day date) { return std::chrono::sys_days(date).time_since_epoch().count() * kDay; }

std::int64_t start_of(std::int64_t minute, Bucket bucket) {
    const auto date = date_of(minute);
    switch (bucket) {
        case Bucket::week: return floor_to(minute - 4 * kDay, 7 * kDay) + 4 * kDay;   // 1970 began on a Thursday
        case Bucket::month: return minute_of(date.year() / date.month() / 1);
        case Bucket::year: return minute_of(date.year() / 1 / 1);
        default: return floor_to(minute, width_of(bucket));
    }
}

std::int64_t behind(std::int64_t start, Bucket bucket) {
    const auto date = date_of(start);
    if (bucket == Bucket::month) return minute_of(date + std::chrono::months(1));
    if (bucket == Bucket::year) return minute_of(date + std::chrono::years(1));
    return start + width_of(bucket);
}

struct Range {
    std::int64_t first = 0, last = 0;
    std::uint64_t before = 0, after = 0;
    std::int64_t span() const { return last - first + 60; }
};

// Without up to `front` moments of the first and `back` of the last.
Range without(const MinuteCounts& counts, std::uint64_t front, std::uint64_t back) {
    Range range;
    auto first = counts.begin();
    auto last = std::prev(counts.end());
    for (; first != last && range.before + first->second <= front; ++first) range.before += first->second;
    for (; last != first && range.after + last->second <= back; --last) range.after += last->second;
    range.first = first->first;
    range.last = last->first;
    return range;
}

Range range_of(const MinuteCounts& counts) {
    const Range whole = without(counts, 0, 0);
    std::uint64_t all = 0;
    for (const auto& [at, count] : counts) all += count;
    if (all < kFewest) return whole;
    const std::uint64_t few = std::max<std::uint64_t>(2, all / 50);
    Range best = whole;
    // No more are left out than make the rest much closer.
    for (std::uint64_t most = 1; most <= few; most *= 2) {
        for (const auto& [front, back] : {std::pair{most, std::uint64_t{0}}, std::pair{std::uint64_t{0}, most}, std::pair{(most + 1) / 2, most / 2}}) {
            const Range one = without(counts, front, back);
            if (best.span() / one.span() >= kMuchLonger) best = one;
        }
    }
    return best;
}

}  // namespace

std::int64_t minutes_of(Instant at) { return std::chrono::floor<std::chrono::minutes>(at).time_since_epoch().count(); }

std::size_t TimeScale::place_of(std::int64_t minute) const {
    if (starts.empty() || minute < starts.front() || minute >= end) return starts.size();
    return static_cast<std::size_t>(std::ranges::upper_bound(starts, minute) - starts.begin()) - 1;
}

std::string TimeScale::outside() const {
    if (before + after == 0) return "";
    std::string text;
    if (before > 0) text = format("{} before {}", before, label_of(starts.front(), bucket));
    if (after > 0) text += format("{}{} from {} on", before > 0 ? " and " : "", after, label_of(end, bucket));
    return text + (before + after == 1 ? " is not drawn" : " are not drawn");
}

TimeScale scale_of(const MinuteCounts& counts, std::size_t bars, Bucket least) {
    TimeScale scale;
    if (counts.empty()) return scale;
    const Range range = range_of(counts);
    scale.bucket = Bucket::year;
    for (const Bucket one : kBuckets) {
        if (one < least || (range.last - range.first) / width_of(one) + 2 > static_cast<std::int64_t>(bars)) continue;
        scale.bucket = one;
        break;
    }
    for (std::int64_t at = start_of(range.first, scale.bucket); at <= range.last; at = behind(at, scale.bucket)) {
        scale.starts.push_back(at);
        scale.end = behind(at, scale.bucket);
    }
    for (const auto& [at, count] : counts) {
        if (at < scale.starts.front()) scale.before += count;
        if (at >= scale.end) scale.after += count;
    }
    return scale;
}

std::string label_of(std::int64_t minute, Bucket bucket) {
    const std::string text = format_instant(Instant(std::chrono::minutes(minute)));   // 2026-11-24T10:00:00.000000Z
    if (bucket == Bucket::year) return text.substr(0, 4);
    if (bucket == Bucket::month) return text.substr(0, 7);
    return bucket >= Bucket::day ? text.substr(0, 10) : text.substr(0, 10) + " " + text.substr(11, 5);
}

}  // namespace madang::cli
