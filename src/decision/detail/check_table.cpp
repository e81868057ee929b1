#include "decision/detail/check_table.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <unordered_set>

#include "base/text.h"

namespace madang::decision {
namespace {

constexpr std::size_t kMaxTold = 10;      // gaps of a table, and overlaps of a table
constexpr std::size_t kMaxGaps = 500;     // that are kept to be merged

// Inputs that no rule answers: of each axis the first and the last of its segments.
using Gap = std::vector<std::pair<std::size_t, std::size_t>>;

std::string column_name(const Input& input, std::size_t place) {
    if (!input.label.empty()) return input.label;
    const feel::Node& root = input.expression.root();
    if (root.kind == feel::NodeKind::name) return root.text;
    if (root.kind == feel::NodeKind::path && root.children[0]->kind == feel::NodeKind::name) return root.children[0]->text + "." + root.text;
    return madang::format("column {}", place + 1);
}

std::string feel_text(const feel::Value& value) {
    if (const auto* text = value.as<std::string>()) {
        std::string quoted = "\"";
        for (const char c : *text) {
            if (c == '"' || c == '\\') quoted += '\\';
            quoted += c;
        }
        return quoted + "\"";
    }
    if (value.as<feel::Number>() != nullptr || value.as<bool>() != nullptr) return feel::text_of(value);
    const std::string_view type = feel::type_name(value);
    return madang::format("{}(\"{}\")", type.ends_with("duration") ? "duration" : type, feel::text_of(value));
}

RuleSet both(const RuleSet& a, const RuleSet& b) {
    RuleSet made(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) made[i] = a[i] & b[i];
    return made;
}
bool none(const RuleSet& set) {
    for (const std::uint64_t word : set) {
        if (word != 0) return false;
    }
    return true;
}
// Whether b of `within` is what a of it is.
bool alike(const RuleSet& within, const RuleSet& a, const RuleSet& b) {
    for (std::size_t i = 0; i < within.size(); ++i) {
        if ((within[i] & (a[i] ^ b[i])) != 0) return false;
    }
    return true;
}
// To be looked up by.
std::string key_of(const RuleSet& sure, const RuleSet& perhaps) {
    const std::size_t bytes = sure.size() * sizeof(std::uint64_t);
    std::string key(2 * bytes, '\0');
    if (bytes == 0) return key;
    std::memcpy(key.data(), sure.data(), bytes);
    std::memcpy(key.data() + bytes, perhaps.data(), bytes);
    return key;
}
bool has(const RuleSet& set, std::size_t rule) { return ((set[rule / 64] >> (rule % 64)) & 1U) != 0; }

// The two as one, where they differ on one axis only and follow each other there.
bool merge(Gap& into, const Gap& other) {
    std::optional<std::size_t> differs;
    for (std::size_t i = 0; i < into.size(); ++i) {
        if (into[i] == other[i]) continue;
        if (differs) return false;
        differs = i;
    }
    if (!differs) return true;
    auto& [first, last] = into[*differs];
    const auto& [other_first, other_last] = other[*differs];
    if (other_first > last + 1 || first > other_last + 1) return false;
    first = std::min(first, other_first);
    last = std::max(last, other_last);
    return true;
}

// Whether two columns that are not the same ask for the same thing in some way, so that not every combination comes.
bool are_dependent(const Table& table) {
    std::set<std::string> seen;
    bool shared = false;
    bool computed = false;
    for (const Input& input : table.inputs) {
        const feel::NodeKind kind = input.expression.root().kind;
        computed = computed || (kind != feel::NodeKind::name && kind != feel::NodeKind::path);
        for (const std::string& name : feel::free_names(input.expression)) shared = !seen.insert(name).second || shared;
    }
    return shared && computed;
}

class Looking {
public:
    Looking(const Table& table, const std::vector<ColumnType>& types) : table_(table), types_(types), are_dependent_(are_dependent(table)) {
        for (const Rule& rule : table.rules) ranks_.push_back(rank_of(rule));
    }

    std::vector<Finding> look() {
        auto axes = axes_of(table_, types_);
        if (!axes) return {too_large()};
        axes_ = std::move(*axes);
        visited_.resize(axes_.size());
        for (const Axis& axis : axes_) chosen_.emplace_back(0, axis.segments.size() - 1);
        reached_.assign(table_.rules.size(), false);
        RuleSet every((table_.rules.size() + 63) / 64, ~std::uint64_t{0});
        if (const std::size_t rest = table_.rules.size() % 64; rest != 0) every.back() = (std::uint64_t{1} << rest) - 1;
        descend(0, every, every);
        tell_gaps();
        tell_rest("overlaps", overlaps_);
        if (spent_ > kMaxCheckedCells) {
            findings_.push_back(too_large());
        } else if (std::ranges::all_of(axes_, &Axis::whole)) {
            tell_unreached();
        }
        return std::move(findings_);
    }

private:
    static Finding too_large() {
        return {Severity::warning, "too_large", "", "",
                madang::format("the table is too large to be looked through whole (at most {} combinations are)", kMaxCheckedCells), {}};
    }

    // Axis by axis. Neighbouring segments after which the same rules are left are one.
    void descend(std::size_t place, const RuleSet& sure, const RuleSet& perhaps) {
        spent_ += 1 + perhaps.size() / 16;
        if (spent_ > kMaxCheckedCells) return;
        if (none(perhaps)) return add_gap();
        if (place == axes_.size()) return leaf(sure, perhaps);
        // What was seen without a gap need not be seen again: its overlaps and rules are told already.
        std::string key = key_of(sure, perhaps);
        if (visited_[place].contains(key)) return;
        const std::size_t gaps_before = gap_count_;
        const std::vector<Segment>& segments = axes_[place].segments;
        for (std::size_t first = 0; first < segments.size() && spent_ <= kMaxCheckedCells;) {
            const RuleSet next_sure = both(sure, segments[first].sure);
            const RuleSet next_perhaps = both(perhaps, segments[first].perhaps);
            std::size_t last = first;
            while (last + 1 < segments.size() && alike(perhaps, segments[first].perhaps, segments[last + 1].perhaps) &&
                   alike(sure, segments[first].sure, segments[last + 1].sure)) {
                ++last;
            }
            spent_ += (last - first) * (1 + perhaps.size() / 8) / 8;
            chosen_[place] = {first, last};
            descend(place + 1, next_sure, next_perhaps);
            first = last + 1;
        }
        chosen_[place] = {0, segments.size() - 1};
        if (gap_count_ == gaps_before) visited_[place].insert(std::move(key));
    }

    // --- gaps ---

    bool may_have_gaps() const {
        const bool lists = table_.hit_policy == HitPolicy::collect || table_.hit_policy == HitPolicy::rule_order || table_.hit_policy == HitPolicy::output_order;
        return !lists && std::ranges::none_of(table_.outputs, [](const Output& output) { return output.fallback.has_value(); });
    }

    void add_gap() {
        if (!may_have_gaps()) return;
        ++gap_count_;
        Gap gap = chosen_;
        spent_ += gaps_.size() / 16;
        for (std::size_t i = 0; i < gaps_.size();) {
            if (!merge(gap, gaps_[i])) {
                ++i;
                continue;
            }
            gaps_.erase(gaps_.begin() + static_cast<std::ptrdiff_t>(i));
            i = 0;
        }
        if (gaps_.size() < kMaxGaps) {
            gaps_.push_back(std::move(gap));
        } else {
            ++gaps_left_out_;
        }
    }

    void tell_gaps() {
        for (std::size_t i = 0; i < std::min(gaps_.size(), kMaxTold); ++i) {
            findings_.push_back({Severity::warning, "gap", "", "", "no rule of the table answers for some inputs", example(gaps_[i])});
        }
        tell_rest("gaps", gaps_.size() + gaps_left_out_);
    }

    json::object example(const Gap& at) const {
        json::object made;
        for (std::size_t i = 0; i < axes_.size(); ++i) {
            const feel::Value& sample = axes_[i].segments[at[i].first].sample;
            for (const std::size_t column : axes_[i].columns) {
                const std::string_view base = types_[column].tests.empty() ? std::string_view(types_[column].base) : "";
                const std::string text = !sample.is_null()      ? feel_text(sample)
                                         : base == "number"  ? "0"
                                         : base == "string"  ? "\"\""
                                         : base == "boolean" ? "false"
                                                             : "";
                if (!text.empty()) made[column_name(table_.inputs[column], column)] = text;
            }
        }
        return made;
    }

    // --- overlaps ---

    void leaf(const RuleSet& sure, const RuleSet& perhaps) {
        std::vector<std::size_t> fitting;
        std::vector<std::size_t> possible;
        for (std::size_t i = 0; i < reached_.size(); ++i) {
            if (has(sure, i)) fitting.push_back(i);
            if (has(perhaps, i)) possible.push_back(i);
        }
        spent_ += reached_.size() / 64 + fitting.size() / 2;
        mark_reached(fitting, possible);
        if (table_.hit_policy != HitPolicy::unique && table_.hit_policy != HitPolicy::any) return;
        for (std::size_t i = 0; i + 1 < fitting.size(); ++i) overlap(fitting[i], fitting[i + 1]);
    }

    void mark_reached(const std::vector<std::size_t>& fitting, const std::vector<std::size_t>& possible) {
        const std::vector<std::size_t>* best = nullptr;
        for (const std::size_t rule : fitting) {
            if (ranks_[rule] && (best == nullptr || *ranks_[rule] < *best)) best = &*ranks_[rule];
        }
        for (const std::size_t rule : possible) {
            bool hidden = false;
            if (table_.hit_policy == HitPolicy::first) hidden = !fitting.empty() && fitting.front() < rule;
            if (table_.hit_policy == HitPolicy::unique) hidden = !fitting.empty() && (fitting.size() > 1 || fitting.front() != rule);
            if (table_.hit_policy == HitPolicy::priority) hidden = best != nullptr && ranks_[rule] && *best < *ranks_[rule];
            if (!hidden) reached_[rule] = true;
        }
    }

    // As PRIORITY goes by it; nothing where the entries are no constants.
    std::optional<std::vector<std::size_t>> rank_of(const Rule& rule) const {
        std::vector<std::size_t> rank;
        for (std::size_t i = 0; i < table_.outputs.size(); ++i) {
            const feel::Node& root = rule.entries[i].root();
            if (root.kind != feel::NodeKind::literal) return std::nullopt;
            const auto found = std::ranges::find_if(table_.outputs[i].order, [&](const feel::Value& one) { return feel::same(one, root.value); });
            rank.push_back(static_cast<std::size_t>(found - table_.outputs[i].order.begin()));
        }
        return rank;
    }

    // Whether two rules say the same thing; nothing where it cannot be told.
    std::optional<bool> agree(std::size_t a, std::size_t b) const {
        bool all_known = true;
        for (std::size_t i = 0; i < table_.outputs.size(); ++i) {
            const feel::Node& one = table_.rules[a].entries[i].root();
            const feel::Node& other = table_.rules[b].entries[i].root();
            const bool known = one.kind == feel::NodeKind::literal && other.kind == feel::NodeKind::literal;
            if (known && !feel::same(one.value, other.value)) return false;
            all_known = all_known && known;
        }
        return all_known ? std::optional(true) : std::nullopt;
    }

    void overlap(std::size_t a, std::size_t b) {
        const std::optional<bool> agreed = agree(a, b);
        const bool any = table_.hit_policy == HitPolicy::any;
        if (any && agreed.value_or(true)) return;
        if (!told_.emplace(a, b).second || ++overlaps_ > kMaxTold) return;
        const Severity severity = agreed.value_or(false) || are_dependent_ ? Severity::warning : Severity::error;
        findings_.push_back({severity, "overlap", "", madang::format("rules {} and {}", a + 1, b + 1),
                             any ? "both answer for some inputs, and do not agree" : "both answer for some inputs, and only one may", example(chosen_)});
    }

    void tell_unreached() {
        std::size_t count = 0;
        for (std::size_t i = 0; i < reached_.size(); ++i) {
            if (reached_[i] || ++count > kMaxTold) continue;
            const bool hides = table_.hit_policy == HitPolicy::first || table_.hit_policy == HitPolicy::priority || table_.hit_policy == HitPolicy::unique;
            findings_.push_back({Severity::warning, "unreachable_rule", "", madang::format("rule {}", i + 1),
                                 hides ? "it never answers: no input fits it, or other rules fit wherever it does" : "it never answers: no input fits it", {}});
        }
        tell_rest("unreachable_rules", count);
    }

    void tell_rest(std::string_view what, std::size_t count) {
        if (count <= kMaxTold) return;
        const std::string kind(what.substr(0, what.size() - 1));
        const std::string_view word = what == "unreachable_rules" ? "rules that never answer" : what;
        findings_.push_back({Severity::warning, kind, "", "", madang::format("the table has {} more {}", count - kMaxTold, word), {}});
    }

    const Table& table_;
    const std::vector<ColumnType>& types_;
    bool are_dependent_;
    std::vector<std::optional<std::vector<std::size_t>>> ranks_;   // of the rules
    std::vector<Axis> axes_;
    std::vector<std::unordered_set<std::string>> visited_;         // by axis: key_of()
    Gap chosen_;                                                   // where the walk stands
    std::vector<bool> reached_;
    std::vector<Gap> gaps_;
    std::size_t gap_count_ = 0;                                    // before they are merged
    std::size_t gaps_left_out_ = 0;
    std::set<std::pair<std::size_t, std::size_t>> told_;
    std::size_t overlaps_ = 0;
    std::size_t spent_ = 0;
    std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_table(const Table& table, const std::vector<ColumnType>& types) { return Looking(table, types).look(); }

}  // namespace madang::decision
