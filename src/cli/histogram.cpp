#include "cli/histogram.h"

#include <algorithm>

#include "base/text.h"
#include "base/time_text.h"

namespace madang::cli {
namespace {

constexpr std::size_t kMostBars = 48;
constexpr std::size_t kBarColumns = 50;

}  // namespace

void Histogram::shrink() {
    if (unit_ == 1440) return;   // days are few, however long the time
    unit_ = unit_ == 1 ? 60 : 1440;
    MinuteCounts joined;
    for (const auto& [at, count] : minutes_) joined[(at >= 0 ? at / unit_ : (at - unit_ + 1) / unit_) * unit_] += count;
    minutes_ = std::move(joined);
}

Histogram::Bars Histogram::bars() const {
    Bars made;
    made.scale = scale_of(minutes_, kMostBars, unit_ == 1 ? Bucket::minute : unit_ == 60 ? Bucket::hour : Bucket::day);
    made.counts.resize(made.scale.starts.size() + 1);   // the last is what is outside
    for (const auto& [at, count] : minutes_) made.counts[made.scale.place_of(at)] += count;
    made.counts.pop_back();
    for (const std::uint64_t count : made.counts) made.highest = std::max(made.highest, count);
    return made;
}

std::string Histogram::text() const {
    const Bars all = bars();
    std::string text;
    for (std::size_t i = 0; i < all.counts.size(); ++i) {
        const std::uint64_t count = all.counts[i];
        const std::size_t columns = count == 0 ? 0 : std::max<std::size_t>(1, count * kBarColumns / all.highest);
        std::string bar;
        for (std::size_t column = 0; column < columns; ++column) bar += "█";
        text += format("{:<16}  {:>9}  {}\n", label_of(all.scale.starts[i], all.scale.bucket), count, bar);
    }
    if (const std::string outside = all.scale.outside(); !outside.empty()) text += outside + "\n";
    return text;
}

json::array Histogram::to_json() const {
    const Bars all = bars();
    json::array made;
    for (std::size_t i = 0; i < all.counts.size(); ++i) {
        if (all.counts[i] > 0) made.push_back(json::object{{"from", format_instant(Instant(std::chrono::minutes(all.scale.starts[i])))}, {"count", all.counts[i]}});
    }
    return made;
}

std::string Histogram::svg(std::string_view title) const {
    const Bars all = bars();
    constexpr double kWidth = 800;
    constexpr double kHeight = 200;
    const double step = all.counts.empty() ? kWidth : kWidth / static_cast<double>(all.counts.size());
    std::string svg = format(R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 280" font-family="sans-serif" font-size="12" role="img"><title>{}</title><rect width="860" height="280" fill="#fff"/>)", escape_markup(title));
    svg += format(R"(<text x="30" y="20" font-weight="bold">{}</text><text x="30" y="38">{} at most{}{}</text>)", escape_markup(title), all.highest, all.scale.before + all.scale.after > 0 ? "; " : "", all.scale.outside());
    std::size_t place = 0;
    const std::size_t every = std::max<std::size_t>(1, all.counts.size() / 6);
    for (std::size_t i = 0; i < all.counts.size(); ++i) {
        const std::uint64_t count = all.counts[i];
        const std::string when = label_of(all.scale.starts[i], all.scale.bucket);
        const double x = 30 + step * static_cast<double>(place);
        const double height = all.highest == 0 ? 0 : kHeight * static_cast<double>(count) / static_cast<double>(all.highest);
        svg += format(R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="#00695c"><title>{}: {}</title></rect>)", x, 245 - height, std::max(step - 1, 0.5), height, when, count);
        if (place++ % every == 0) svg += format(R"(<text x="{:.1f}" y="262">{}</text>)", x, when);
    }
    return svg + R"(<line x1="30" y1="245" x2="830" y2="245" stroke="#505a5f"/></svg>)" + "\n";
}

}  // namespace madang::cli
