#include "security/detail/correlation_window.h"

#include <algorithm>
#include <tuple>

#include "security/detail/memory_use.h"

namespace madang::security {
namespace {

constexpr int kPieces = 4096;      // of a timespan: within one, occurrences that are alike are one

bool looks_at_values(CorrelationType type) { return type == CorrelationType::value_count || type == CorrelationType::value_percentile || type == CorrelationType::value_median; }
bool looks_at_sources(CorrelationType type) { return type == CorrelationType::temporal || type == CorrelationType::temporal_ordered; }

std::size_t behind(const CorrelationKept& one) { return heap_of(one.value) + heap_of(one.where); }

}  // namespace

void CorrelationTally::add(const CorrelationKept& one) {
    count_ += one.count;
    sum_ += one.number;
    if (looks_at_values(type_)) {
        const auto [found, fresh] = values_.try_emplace(one.value, 0);
        found->second += one.count;
        if (fresh) texts_ += heap_of(found->first);
    }
    if (looks_at_sources(type_)) sources_[one.source] += one.count;
}

void CorrelationTally::take_away(const CorrelationKept& one) {
    count_ -= one.count;
    // What rounding left is gone with the last one.
    sum_ = count_ == 0 ? 0 : sum_ - one.number;
    if (looks_at_values(type_)) take_value(one.value, one.count);
    if (!looks_at_sources(type_)) return;
    const auto found = sources_.find(one.source);
    if (found == sources_.end()) return;
    found->second -= std::min(found->second, one.count);
    if (found->second == 0) sources_.erase(found);
}

void CorrelationTally::take_value(const std::string& value, std::uint64_t count) {
    const auto found = values_.find(value);
    if (found == values_.end()) return;
    found->second -= std::min(found->second, count);
    if (found->second > 0) return;
    texts_ -= heap_of(found->first);
    values_.erase(found);
}

std::size_t CorrelationTally::bytes() const {
    constexpr std::size_t kValue = heap_bytes(sizeof(void*) + sizeof(std::size_t) + sizeof(std::string) + sizeof(std::uint64_t));
    constexpr std::size_t kSource = heap_bytes(4 * sizeof(void*) + 2 * sizeof(std::uint64_t));
    // A table of one place lies within the object.
    const std::size_t table = values_.bucket_count() > 1 ? heap_bytes(values_.bucket_count() * sizeof(void*)) : 0;
    return values_.size() * kValue + table + texts_ + sources_.size() * kSource;
}

void CorrelationTally::clear() {
    count_ = 0;
    sum_ = 0;
    texts_ = 0;
    values_.clear();
    sources_.clear();
}

std::size_t CorrelationWindow::insert(CorrelationKept one) {
    const Instant at = one.at;
    behind_ += behind(one);
    const auto later = std::upper_bound(kept_.begin(), kept_.end(), at, [](Instant moment, const CorrelationKept& other) { return moment < other.at; });
    const auto place = static_cast<std::size_t>(later - kept_.begin());
    // An empty deque would take a piece more to insert in front of what is not there.
    if (later == kept_.end()) kept_.push_back(std::move(one));
    else kept_.insert(later, std::move(one));
    if (place + 1 == kept_.size()) {
        move_to(kept_.size());
    } else if (kept_[place].at + span_ >= kept_.back().at) {
        tally_.add(kept_[place]);
        from_ = std::min(from_, place);
        ++to_;
    } else {
        ++from_;
        ++to_;
    }
    return place;
}

// The window that ends with the occurrence before `to`.
void CorrelationWindow::move_to(std::size_t to) {
    while (to_ < to) tally_.add(kept_[to_++]);
    while (to_ > to) {
        if (--to_ >= from_) tally_.take_away(kept_[to_]);
    }
    from_ = std::min(from_, to_);
    if (to == 0) return;
    const Instant end = kept_[to - 1].at;
    while (from_ < to && kept_[from_].at + span_ < end) tally_.take_away(kept_[from_++]);
    while (from_ > 0 && kept_[from_ - 1].at + span_ >= end) tally_.add(kept_[--from_]);
}

void CorrelationWindow::slide_around(std::size_t place, const std::function<bool()>& judge) {
    const Instant at = kept_[place].at;
    std::size_t last = kept_.size();
    while (last > place + 1 && kept_[last - 1].at > at + span_) --last;
    for (std::size_t to = place + 1; to <= last; ++to) {
        // The last of one moment sees them all.
        if (to < kept_.size() && kept_[to].at == kept_[to - 1].at) continue;
        move_to(to);
        if (!judge()) return;
    }
    move_to(kept_.size());
}

void CorrelationWindow::forget_first(std::size_t count) {
    for (; count > 0 && !kept_.empty(); --count) {
        if (from_ > 0) --from_;
        else if (to_ > 0) tally_.take_away(kept_.front());
        if (to_ > 0) --to_;
        behind_ -= behind(kept_.front());
        kept_.pop_front();
    }
}

void CorrelationWindow::forget_before(Instant at) {
    while (!kept_.empty() && kept_.front().at < at) forget_first(1);
    if (to_ != kept_.size()) move_to(kept_.size());
}

std::uint64_t CorrelationWindow::compact(std::size_t most) {
    const std::chrono::microseconds piece = std::max<std::chrono::microseconds>(std::chrono::seconds(1), std::chrono::microseconds(span_) / kPieces);
    // By what tells occurrences apart: the place of the first alike in the newest piece.
    std::map<std::tuple<std::int64_t, std::size_t, std::string>, std::size_t> first;
    std::deque<CorrelationKept> fewer;
    for (CorrelationKept& one : kept_) {
        const std::int64_t number = one.at.time_since_epoch().count() / piece.count();
        if (!first.empty() && std::get<0>(first.begin()->first) != number) first.clear();
        const auto [found, fresh] = first.try_emplace({number, looks_at_sources(type_) ? one.source : 0, looks_at_values(type_) ? one.value : std::string()}, fewer.size());
        if (fresh) {
            fewer.push_back(std::move(one));
            continue;
        }
        CorrelationKept& alike = fewer[found->second];
        alike.count += one.count;
        alike.number += one.number;
        const std::size_t room = kMaxWhere - std::min(kMaxWhere, alike.where.size());
        alike.where.insert(alike.where.end(), one.where.begin(), one.where.begin() + static_cast<std::ptrdiff_t>(std::min(room, one.where.size())));
    }
    // Room for as many again before this is done once more.
    std::uint64_t forgotten = 0;
    for (; fewer.size() > most - most / 4; fewer.pop_front()) forgotten += fewer.front().count;
    kept_ = std::move(fewer);
    rebuild();
    return forgotten;
}

void CorrelationWindow::rebuild() {
    tally_.clear();
    from_ = to_ = 0;
    behind_ = 0;
    for (const CorrelationKept& one : kept_) behind_ += behind(one);
    move_to(kept_.size());
}

// A deque has pieces of about 512 bytes, one more than it fills, and a table of them that is made for eight at least.
std::size_t CorrelationWindow::bytes() const {
    constexpr std::size_t kInPiece = 512 / sizeof(CorrelationKept);
    const std::size_t pieces = kept_.size() / kInPiece + 1;
    return pieces * heap_bytes(kInPiece * sizeof(CorrelationKept)) + heap_bytes(std::max<std::size_t>(8, pieces + 2) * sizeof(void*)) + behind_ + tally_.bytes();
}

}  // namespace madang::security
