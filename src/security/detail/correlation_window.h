// The occurrences of one group of a correlation by time, and what a timespan of them holds: counted on as it slides, not anew.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "security/sigma_rule.h"

namespace madang::security {

inline constexpr std::size_t kMaxWhere = 100;

struct CorrelationKept {
    Instant at{};
    std::size_t source = 0;             // place in the correlation's rules
    std::string value = {};             // of the condition's fields
    double number = 0;
    std::uint64_t count = 1;            // several, where occurrences were put together
    std::vector<std::uint64_t> where = {};   // at most kMaxWhere
};

// What is asked of a stretch of occurrences.
class CorrelationTally {
public:
    explicit CorrelationTally(CorrelationType type) : type_(type) {}
    void add(const CorrelationKept& one);
    void take_away(const CorrelationKept& one);
    void clear();

    std::uint64_t count() const { return count_; }
    double sum() const { return sum_; }
    const std::unordered_map<std::string, std::uint64_t>& values() const { return values_; }
    std::size_t sources() const { return sources_.size(); }
    bool has_source(std::size_t source) const { return sources_.contains(source); }
    std::size_t bytes() const;             // on the heap, about

private:
    void take_value(const std::string& value, std::uint64_t count);
    CorrelationType type_;
    std::uint64_t count_ = 0;
    double sum_ = 0;
    std::unordered_map<std::string, std::uint64_t> values_;    // of types that look at values
    std::size_t texts_ = 0;                                    // bytes behind these values
    std::map<std::size_t, std::uint64_t> sources_;             // of temporal types
};

class CorrelationWindow {
public:
    CorrelationWindow(CorrelationType type, std::chrono::seconds span) : type_(type), span_(span), tally_(type) {}

    const std::deque<CorrelationKept>& kept() const { return kept_; }
    std::size_t from() const { return from_; }      // the window is kept()[from(), to())
    std::size_t to() const { return to_; }
    const CorrelationTally& tally() const { return tally_; }
    std::size_t bytes() const;                      // on the heap, about

    // Its place; the window ends with the newest occurrence afterwards.
    std::size_t insert(CorrelationKept one);
    // Each window that holds the occurrence at `place` and ends with an occurrence, the earliest first, until `judge` gives
    // false. The window ends with the newest afterwards, unless `judge` changed what is kept.
    void slide_around(std::size_t place, const std::function<bool()>& judge);
    // Takes away what is older, or the first so many.
    void forget_before(Instant at);
    void forget_first(std::size_t count);
    // Puts occurrences together that a window of the timespan can hardly tell apart (alike, and within 1/4096 of it, a second at
    // least), and forgets the oldest where these are still more than `most`; how many were forgotten.
    std::uint64_t compact(std::size_t most);

private:
    void move_to(std::size_t to);
    void rebuild();

    CorrelationType type_;
    std::chrono::seconds span_;
    std::deque<CorrelationKept> kept_;
    std::size_t behind_ = 0;                        // bytes behind what is kept
    std::size_t from_ = 0, to_ = 0;
    CorrelationTally tally_;
};

}  // namespace madang::security
