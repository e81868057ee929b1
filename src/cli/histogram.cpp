#include "cli/histogram.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/time_text.h"

namespace madang::cli {
namespace {

constexpr std::size_t kMostBars = 48;
constexpr std::size_t kBarColumns = 50;
constexpr std::array<std::int64_t, 9> kWidths{1, 5, 15, 60, 240, 1440, 7 * 1440, 30 * 1440, 365 * 1440};   // minutes

std::int64_t floor_to(std::int64_t at, std::int64_t width) { return (at >= 0 ? at / width : (at - width + 1) / width) * width; }

std::string label_of(std::int64_t minute, std::int64_t width) {
    const std::string text = format_instant(Instant(std::chrono::minutes(minute)));   // 2026-11-24T10:00:00.000000Z
    return width >= 1440 ? text.substr(0, 10) : text.substr(0, 10) + " " + text.substr(11, 5);
}

}  // namespace

void Histogram::shrink() {
    if (minutes_.size() <= kMost) return;
    unit_ = unit_ < 60 ? 60 : unit_ * 24;
    std::map<std::int64_t, std::uint64_t> joined;
    for (const auto& [at, count] : minutes_) joined[floor_to(at, unit_)] += count;
    minutes_ = std::move(joined);
}

Histogram::Bars Histogram::bars() const {
    Bars made;
    if (minutes_.empty()) return made;
    const std::int64_t span = minutes_.rbegin()->first - minutes_.begin()->first + 1;
    made.width = kWidths.back();
    for (const std::int64_t width : kWidths) {
        if (width < unit_ || span / width + 2 > static_cast<std::int64_t>(kMostBars)) continue;
        made.width = width;
        break;
    }
    for (const auto& [at, count] : minutes_) made.counts[floor_to(at, made.width)] += count;
    // What is empty between two is shown too, unless it is endless.
    const std::int64_t first = made.counts.begin()->first;
    const std::int64_t last = made.counts.rbegin()->first;
    if ((last - first) / made.width <= static_cast<std::int64_t>(4 * kMostBars)) {
        for (std::int64_t at = first; at <= last; at += made.width) made.counts.try_emplace(at, 0);
    }
    for (const auto& [at, count] : made.counts) made.highest = std::max(made.highest, count);
    return made;
}

std::string Histogram::text() const {
    const Bars all = bars();
    std::string text;
    for (const auto& [at, count] : all.counts) {
        const std::size_t columns = count == 0 ? 0 : std::max<std::size_t>(1, count * kBarColumns / all.highest);
        std::string bar;
        for (std::size_t i = 0; i < columns; ++i) bar += "█";
        text += format("{:<16}  {:>9}  {}\n", label_of(at, all.width), count, bar);
    }
    return text;
}

std::string Histogram::svg(std::string_view title) const {
    const Bars all = bars();
    constexpr double kWidth = 800;
    constexpr double kHeight = 200;
    const double step = all.counts.empty() ? kWidth : kWidth / static_cast<double>(all.counts.size());
    std::string svg = format(R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 280" font-family="sans-serif" font-size="12" role="img"><title>{}</title><rect width="860" height="280" fill="#fff"/>)", escape_markup(title));
    svg += format(R"(<text x="30" y="20" font-weight="bold">{}</text><text x="30" y="38">{} at most</text>)", escape_markup(title), all.highest);
    std::size_t place = 0;
    const std::size_t every = std::max<std::size_t>(1, all.counts.size() / 6);
    for (const auto& [at, count] : all.counts) {
        const double x = 30 + step * static_cast<double>(place);
        const double height = all.highest == 0 ? 0 : kHeight * static_cast<double>(count) / static_cast<double>(all.highest);
        svg += format(R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="#00695c"><title>{}: {}</title></rect>)", x, 245 - height, std::max(step - 1, 0.5), height, label_of(at, all.width), count);
        if (place++ % every == 0) svg += format(R"(<text x="{:.1f}" y="262">{}</text>)", x, label_of(at, all.width));
    }
    return svg + R"(<line x1="30" y1="245" x2="830" y2="245" stroke="#505a5f"/></svg>)" + "\n";
}

}  // namespace madang::cli
