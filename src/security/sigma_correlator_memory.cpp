// The groups of correlations, and how much memory they may hold.
#include <algorithm>

#include "base/text.h"
#include "security/detail/memory_use.h"
#include "security/sigma_correlator.h"

namespace madang::security {

CorrelatorCounts& CorrelatorCounts::operator+=(const CorrelatorCounts& other) {
    occurrences += other.occurrences;
    late += other.late;
    without_group += other.without_group;
    without_time += other.without_time;
    forgotten_groups += other.forgotten_groups;
    forgotten_occurrences += other.forgotten_occurrences;
    over_budget_groups += other.over_budget_groups;
    return *this;
}

// Length before each part, so that no two keys are spelled alike.
std::string SigmaCorrelator::joined(const std::vector<std::string>& parts) {
    std::string key;
    for (const std::string& part : parts) key += format("{}:{}", part.size(), part);
    return key;
}

// Whether nothing that still comes in time can stand in one window with what it holds, or be kept back by what was told.
bool SigmaCorrelator::is_over(const One& one, const Group& group) const {
    if (!newest_ || group.due) return false;
    const Instant reach = *newest_ - limits_.lateness;
    const auto& kept = group.window.kept();
    if (!kept.empty() && kept.back().at + one.rule.timespan >= reach) return false;
    return group.told.value_or(Instant::min()) < reach && group.shown.value_or(Instant::min()) < reach;
}

void SigmaCorrelator::drop_silent(std::size_t number, std::uint64_t& count) {
    One& one = all_[number];
    const auto silent = one.groups.find(one.order.back());
    if (!is_over(one, silent->second)) ++count;
    if (silent->second.due) one.due.erase({*silent->second.due, silent->first});
    held_[number] -= silent->second.bytes;
    bytes_ -= silent->second.bytes;
    one.groups.erase(silent);
    one.order.pop_back();
}

SigmaCorrelator::Group& SigmaCorrelator::group_for(std::size_t number, std::vector<std::string> key) {
    One& one = all_[number];
    const std::string name = joined(key);
    const auto found = one.groups.find(name);
    if (found != one.groups.end()) {
        one.order.splice(one.order.begin(), one.order, found->second.place);
        return found->second;
    }
    if (one.groups.size() >= limits_.groups) drop_silent(number, counts_.forgotten_groups);
    one.order.push_front(name);
    return one.groups.emplace(name, Group{std::move(key), CorrelationWindow(one.rule.type, one.rule.timespan), {}, {}, one.order.begin()}).first->second;
}

// Its name stands in the table, in the order, and among those that are due.
void SigmaCorrelator::weigh(std::size_t number, const std::string& name, Group& group) {
    constexpr std::size_t kTable = heap_bytes(sizeof(void*) + sizeof(std::size_t) + sizeof(std::string) + sizeof(Group)) + 2 * sizeof(void*);
    constexpr std::size_t kOrder = heap_bytes(2 * sizeof(void*) + sizeof(std::string));
    constexpr std::size_t kDue = heap_bytes(4 * sizeof(void*) + sizeof(Instant) + sizeof(std::string));
    const std::size_t text = heap_of_text(name.size());
    std::size_t bytes = kTable + kOrder + 2 * text + (group.due ? kDue + text : 0) + heap_of(group.key) + group.window.bytes();
    for (const std::string& part : group.key) bytes += heap_of(part);
    held_[number] += bytes - group.bytes;
    bytes_ += bytes - group.bytes;
    group.bytes = bytes;
}

// Where nobody holds a group: it may be the one that goes.
void SigmaCorrelator::stay_within_bytes() {
    while (bytes_ > limits_.bytes) drop_silent(static_cast<std::size_t>(std::ranges::max_element(held_) - held_.begin()), counts_.over_budget_groups);
}

}  // namespace madang::security
