#include "learning/baseline.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace madang::learning {
namespace {

constexpr std::int64_t kMaxGap = 24 * 60;   // hours of silence that are counted one by one; a longer one begins anew
constexpr std::uint16_t kEnough = 3;        // hours of a kind before it speaks for itself

std::size_t slot_of(std::int64_t hour) {
    const std::int64_t day = hour >= 0 ? hour / 24 : (hour - 23) / 24;
    const auto of_day = static_cast<std::size_t>(hour - day * 24);
    const std::int64_t weekday = ((day + 3) % 7 + 7) % 7;   // 1 January 1970 was a Thursday; 0 is Monday
    return of_day + (weekday >= 5 ? 24 : 0);
}

}  // namespace

void Baselines::learn(Slot& slot, double seen) const {
    // The first hours count alike, later ones by `forget`.
    const double weight = std::max(settings_.forget, 1.0 / (slot.hours + 1));
    const double apart = seen - slot.mean;
    slot.mean = static_cast<float>(slot.mean + weight * apart);
    slot.spread = static_cast<float>((1 - weight) * (slot.spread + weight * apart * apart));
    if (slot.hours < 0xffff) ++slot.hours;
}

void Baselines::close_hours(Entity& one, std::int64_t until) const {
    if (until - one.hour > kMaxGap) {
        one.slots = {};
        one.all = {};
        one.hour = until;
    }
    for (; one.hour < until; ++one.hour) {
        learn(one.slots[slot_of(one.hour)], one.seen);
        learn(one.all, one.seen);
        one.seen = 0;
        one.told = false;
    }
    one.seen = 0;
    one.told = false;
}

std::optional<Unusual> Baselines::judge(std::string_view name, Entity& one) const {
    if (one.told || one.all.hours < settings_.least_hours) return std::nullopt;
    const std::size_t at = slot_of(one.hour);
    const Slot& kind = one.slots[at].hours >= kEnough ? one.slots[at] : one.all;
    // Counts scatter by their root even where the past was even, so one event more is never an alarm.
    const double scatter = std::sqrt(std::max<double>(kind.spread, kind.mean) + 1);
    const double deviations = (one.seen - kind.mean) / scatter;
    if (deviations < settings_.alarm) return std::nullopt;
    one.told = true;
    Unusual found;
    found.entity = name;
    found.hour = Instant(std::chrono::hours(one.hour)) - offset_;
    found.seen = one.seen;
    found.usual = kind.mean;
    found.deviations = deviations;
    found.words = format("{:.0f} events between {:02}:00 and {:02}:00 on a {}, usually {:.1f} (up to {:.0f} would be nothing special)", one.seen, at % 24, (at % 24 + 1) % 24,
                         at >= 24 ? "day of the weekend" : "working day", kind.mean, kind.mean + settings_.alarm / 2 * scatter);
    return found;
}

Baselines::Entity& Baselines::place_of(std::string_view entity, std::int64_t hour) {
    auto found = all_.find(std::string(entity));
    if (found != all_.end()) {
        order_.splice(order_.begin(), order_, found->second.place);
        return found->second;
    }
    if (all_.size() >= settings_.entities) {
        all_.erase(order_.back());
        order_.pop_back();
        ++forgotten_;
    }
    order_.emplace_front(entity);
    found = all_.emplace(std::string(entity), Entity{}).first;
    found->second.hour = hour;
    found->second.place = order_.begin();
    return found->second;
}

std::optional<Unusual> Baselines::add(std::string_view entity, Instant at, double count) {
    const std::int64_t hour = std::chrono::floor<std::chrono::hours>(at + offset_).time_since_epoch().count();
    Entity& one = place_of(entity, hour);
    if (hour < one.hour - 1) {
        ++late_;
        return std::nullopt;
    }
    if (hour > one.hour) close_hours(one, hour);
    one.seen += count;
    return judge(entity, one);
}

}  // namespace madang::learning
