// Rules that mean something together (Sigma correlation rules specification 2.1.0): occurrences of rules become
// occurrences of correlations, by groups, within a time on the events' own clock, late events included.
//
//   TRY(auto correlator, SigmaCorrelator::compile(correlations, program));
//   correlator.add(rule_number, event, at, where, use);     // for each rule that an event met
//   correlator.finish(use);
//
// Conditions with gt and gte alone are true as soon as enough came, and are told once in a timespan for each group; all
// others (lt, lte, eq, neq, ranges, and shares of values) can be judged only when the timespan that began with the group's
// first occurrence is over.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "security/detail/correlation_window.h"
#include "security/event.h"
#include "security/sigma_program.h"
#include "security/sigma_rule.h"

namespace madang::security {

struct CorrelatorLimits {
    std::size_t groups = 100'000;           // of one correlation; beyond, the one that was silent longest is forgotten
    // Kept of one group, or as many as the condition asks for. Beyond, those that are alike and within 1/4096 of the timespan (a
    // second at least) are put together and counted as they were; the oldest are forgotten only where that is not enough.
    std::size_t occurrences = 10'000;
    // Of all correlations together, about. Beyond, the one that holds most forgets the group that was silent longest: a flood in one
    // leaves the others what they have.
    std::size_t bytes = 256U << 20;
    std::chrono::seconds lateness{300};     // an event that is older than the newest by more comes too late
};

struct CorrelatorCounts {
    std::uint64_t occurrences = 0;
    std::uint64_t late = 0;                 // came too late and were left out
    std::uint64_t without_group = 0;        // a field of group-by was not there
    std::uint64_t without_time = 0;
    // Groups and occurrences beyond what one correlation and one group may keep, and groups beyond the memory of all. A group of which
    // all is so old that it cannot count any more is no loss.
    std::uint64_t forgotten_groups = 0, forgotten_occurrences = 0, over_budget_groups = 0;
    CorrelatorCounts& operator+=(const CorrelatorCounts& other);
};

class SigmaCorrelator {
public:
    // A correlation that refers to rules that are not there, to itself, or counts over kMaxCount is a problem, and the others stay.
    struct Compiled {
        std::unique_ptr<SigmaCorrelator> correlator;
        std::vector<std::string> problems;  // "FILE:LINE: why"
    };
    static Compiled compile(std::vector<SigmaCorrelation> correlations, const SigmaProgram& program, CorrelatorLimits limits = {});

    // What one occurrence of a rule says: all that is kept of its event.
    struct Occurrence {
        Instant at{};
        std::uint32_t rule = 0;             // of the program
        std::map<std::string, std::string, std::less<>> fields;   // those that correlations look at
        std::uint64_t where = 0;            // the caller's own
    };
    // Nothing where no correlation refers to the rule.
    std::optional<Occurrence> occurrence_of(std::uint32_t rule, const Event& event, Instant at, std::uint64_t where) const;

    struct Found {
        const SigmaCorrelation& rule;
        Instant first{}, last{};
        std::vector<std::pair<std::string, std::string>> group;   // field and value
        double number = 0;                  // counted, summed, averaged; for temporal types how many of the rules occurred
        std::string value;                  // of value_percentile: the value whose share it is
        std::vector<std::uint64_t> where;   // of the occurrences, at most 100
    };
    using Use = std::function<void(const Found&)>;

    void add(const Occurrence& one, const Use& use);
    // Judges what is still open: the log is at its end.
    void finish(const Use& use);
    // Time goes on without events: what can be judged is judged.
    void advance(Instant now, const Use& use);

    // Whether a rule is told by itself, or only counts for correlations that do not say generate.
    bool is_told(std::uint32_t rule) const { return rule >= silent_.size() || !silent_[rule]; }
    std::size_t size() const { return all_.size(); }
    const CorrelatorCounts& counts() const { return counts_; }
    std::size_t bytes() const { return bytes_; }    // of memory that groups hold now, about

private:
    struct Group {
        std::vector<std::string> key;
        CorrelationWindow window;
        std::optional<Instant> told;        // until then nothing is told again
        std::optional<Instant> due;         // of those judged at the end: when the timespan of the first is over
        std::list<std::string>::iterator place;
        std::optional<Instant> shown = {};  // of one that others count: until then nobody is told again, and they are
        std::size_t bytes = 0;              // that it was found to hold last
    };
    struct One {
        SigmaCorrelation rule;
        bool at_end = false;                // judged when its timespan is over
        std::size_t cap = 0;
        std::size_t depth = 1;              // of the chain of correlations below
        std::unordered_map<std::string, Group> groups;
        std::list<std::string> order;       // the group heard of last is in front
        std::set<std::pair<Instant, std::string>> due;            // of groups that are judged at the end
        std::vector<std::pair<std::size_t, std::size_t>> feeds;   // correlation and place in its rules
    };
    struct Piece {                          // what goes into one correlation
        Instant at{};
        const std::map<std::string, std::string, std::less<>>* fields = nullptr;
        std::vector<std::uint64_t> where;
    };

    explicit SigmaCorrelator(CorrelatorLimits limits) : limits_(limits) {}
    Result<void> order(const SigmaProgram& program, std::vector<std::string>& problems);
    std::optional<CorrelationKept> kept_of(const One& one, std::size_t source, const Piece& piece) const;
    static std::string joined(const std::vector<std::string>& parts);
    Group& group_for(std::size_t number, std::vector<std::string> key);
    void drop_silent(std::size_t number, std::uint64_t& count);
    bool is_over(const One& one, const Group& group) const;
    void weigh(std::size_t number, const std::string& name, Group& group);
    void stay_within_bytes();
    void take(std::size_t number, std::size_t source, const Piece& piece, const Use& use);
    bool judge(std::size_t number, Group& group, const Use& use);
    static bool in_order(const SigmaCorrelation& rule, const CorrelationWindow& window);
    static double percentile_of(const CorrelationWindow& window, double percent);
    void judge_around(std::size_t number, Group& group, std::size_t place, const Use& use);
    void judge_due(std::size_t number, Instant until, const Use& use);
    void set_due(One& one, const std::string& name, Group& group);
    void judge_first(std::size_t number, Group& group, const Use& use);
    void judge_shares(std::size_t number, Group& group, std::size_t to, const CorrelationTally& tally, const Use& use);
    void tell(std::size_t number, Group& group, std::size_t from, std::size_t to, double counted, const std::string& value, const Use& use);
    std::string field_for(const One& one, std::size_t source, const std::string& name) const;

    CorrelatorLimits limits_;
    std::vector<One> all_;                  // those that feed others stand before them
    std::vector<std::vector<std::pair<std::size_t, std::size_t>>> of_rule_;   // by rule of the program: correlation, place
    std::vector<std::set<std::string>> wanted_;                               // by rule of the program: fields to keep
    std::vector<bool> silent_;
    std::optional<Instant> newest_;
    std::vector<std::size_t> held_;                                           // bytes of groups, by correlation
    std::size_t bytes_ = 0;                                                   // of all of them
    CorrelatorCounts counts_;
};

}  // namespace madang::security
