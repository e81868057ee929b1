#include "decision/detail/check_table.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "decision/detail/constants.h"

namespace madang::decision {
namespace {

constexpr std::size_t kMaxTold = 10;     // gaps of a table, and overlaps of a table
constexpr std::size_t kMaxRules = 2000;  // of a table that is looked through

using Bits = std::vector<bool>;

// A segment of a column: what each rule says of it.
struct Segment {
    feel::Value sample;
    Bits passes;     // surely
    Bits perhaps;    // surely, or the cell is no constant
};

std::string column_name(const Input& input, std::size_t place) {
    if (!input.label.empty()) return input.label;
    const feel::Node& root = input.expression.root();
    return root.kind == feel::NodeKind::name ? root.text : madang::format("column {}", place + 1);
}

std::string feel_text(const feel::Value& value) {
    return value.as<std::string>() != nullptr ? "\"" + *value.as<std::string>() + "\"" : feel::text_of(value);
}

std::vector<feel::Value> samples_of_column(const Constants& constants) {
    if (!constants.numbers.empty()) return samples_of(constants.numbers);
    if (!constants.texts.empty()) return samples_of(constants.texts);
    if (!constants.dates.empty()) return samples_of(constants.dates);
    return {feel::Value(true), feel::Value(false)};
}

class Looking {
public:
    Looking(const Table& table, const MayCome& may_come) : table_(table), may_come_(may_come) {}

    std::vector<Finding> look() {
        const std::size_t rules = table_.rules.size();
        if (rules > kMaxRules) return {too_large()};
        for (std::size_t column = 0; column < table_.inputs.size(); ++column) columns_.push_back(segments_of(column));
        reached_.assign(rules, false);
        chosen_.assign(columns_.size(), nullptr);
        descend(0, Bits(rules, true), Bits(rules, true));
        if (spent_ > kMaxCheckedCells) return {too_large()};
        tell_unreached();
        tell_rest("gap", gaps_);
        tell_rest("overlap", overlaps_);
        return std::move(findings_);
    }

private:
    Finding too_large() const {
        return {Severity::warning, "too_large", "", "", madang::format("the table is too large to be looked through for gaps and overlaps (more than {} combinations)", kMaxCheckedCells), {}};
    }

    // One segment where the column has no constants of one type: any value, of which no cell can surely say anything but "-".
    std::vector<Segment> segments_of(std::size_t column) {
        const std::size_t rules = table_.rules.size();
        Constants constants;
        Bits told(rules, true);
        for (std::size_t i = 0; i < rules; ++i) {
            Constants own;
            told[i] = learn_constants(table_.rules[i].tests[column].program(), own);
            if (told[i]) constants.add(own);
        }
        constants.sort();
        std::vector<Segment> segments;
        if (constants.kinds() == 1) {
            for (feel::Value& sample : samples_of_column(constants)) {
                if (!may_come_(column, sample)) continue;
                if (table_.inputs[column].values && !passes(*table_.inputs[column].values, sample)) continue;
                Segment segment{std::move(sample), Bits(rules), Bits(rules)};
                for (std::size_t i = 0; i < rules; ++i) {
                    segment.passes[i] = told[i] && passes(table_.rules[i].tests[column], segment.sample);
                    segment.perhaps[i] = segment.passes[i] || !told[i];
                }
                segments.push_back(std::move(segment));
            }
        }
        if (segments.empty()) {
            Segment any{feel::Value(), Bits(rules), Bits(rules, true)};
            for (std::size_t i = 0; i < rules; ++i) any.passes[i] = table_.rules[i].tests[column].root().kind == feel::NodeKind::any_test;
            segments.push_back(std::move(any));
        }
        return segments;
    }

    static bool passes(const feel::Expression& tests, const feel::Value& sample) {
        feel::Evaluation evaluation{feel::Budget{}};
        return evaluation.test(tests.program(), sample, {}) == feel::Truth::yes;
    }
    static Bits both(const Bits& a, const Bits& b) {
        Bits made(a.size());
        for (std::size_t i = 0; i < a.size(); ++i) made[i] = a[i] && b[i];
        return made;
    }
    static bool none(const Bits& bits) { return std::ranges::find(bits, true) == bits.end(); }

    // Column by column; segments after which the same rules are left are one.
    void descend(std::size_t column, const Bits& sure, const Bits& perhaps) {
        if (++spent_ > kMaxCheckedCells) return;
        if (none(perhaps)) return gap();
        if (column == columns_.size()) return leaf(sure, perhaps);
        std::set<std::pair<Bits, Bits>> seen;
        for (const Segment& segment : columns_[column]) {
            Bits next_sure = both(sure, segment.passes);
            Bits next_perhaps = both(perhaps, segment.perhaps);
            spent_ += 1 + table_.rules.size() / 64;
            if (!seen.emplace(next_sure, next_perhaps).second) continue;
            chosen_[column] = &segment.sample;
            descend(column + 1, next_sure, next_perhaps);
            chosen_[column] = nullptr;
        }
    }

    json::object example() const {
        json::object made;
        for (std::size_t i = 0; i < chosen_.size(); ++i) {
            if (chosen_[i] != nullptr && !chosen_[i]->is_null()) made[column_name(table_.inputs[i], i)] = feel_text(*chosen_[i]);
        }
        return made;
    }

    void gap() {
        const bool lists = table_.hit_policy == HitPolicy::collect || table_.hit_policy == HitPolicy::rule_order || table_.hit_policy == HitPolicy::output_order;
        const bool falls_back = std::ranges::any_of(table_.outputs, [](const Output& output) { return output.fallback.has_value(); });
        if (lists || falls_back || ++gaps_ > kMaxTold) return;
        findings_.push_back({Severity::warning, "gap", "", "", "no rule of the table answers for some inputs", example()});
    }

    void leaf(const Bits& sure, const Bits& perhaps) {
        std::vector<std::size_t> fitting;
        for (std::size_t i = 0; i < sure.size(); ++i) {
            if (perhaps[i] && (table_.hit_policy != HitPolicy::first || fitting.empty())) reached_[i] = true;
            if (sure[i]) fitting.push_back(i);
        }
        if (table_.hit_policy != HitPolicy::unique && table_.hit_policy != HitPolicy::any) return;
        for (std::size_t i = 0; i + 1 < fitting.size(); ++i) {
            if (table_.hit_policy == HitPolicy::any && !differ(fitting[i], fitting[i + 1])) continue;
            overlap(fitting[i], fitting[i + 1]);
        }
    }

    // Whether two rules surely say different things.
    bool differ(std::size_t a, std::size_t b) const {
        for (std::size_t i = 0; i < table_.outputs.size(); ++i) {
            const feel::Node& one = table_.rules[a].entries[i].root();
            const feel::Node& other = table_.rules[b].entries[i].root();
            if (one.kind == feel::NodeKind::literal && other.kind == feel::NodeKind::literal && !feel::same(one.value, other.value)) return true;
        }
        return false;
    }

    void overlap(std::size_t a, std::size_t b) {
        if (!told_.emplace(a, b).second || ++overlaps_ > kMaxTold) return;
        const bool any = table_.hit_policy == HitPolicy::any;
        findings_.push_back({Severity::error, "overlap", "", madang::format("rules {} and {}", a + 1, b + 1),
                             any ? "both answer for some inputs, and do not agree" : "both answer for some inputs, and only one may", example()});
    }

    void tell_unreached() {
        for (std::size_t i = 0; i < reached_.size(); ++i) {
            if (reached_[i] || findings_.size() >= kMaxFindings) continue;
            findings_.push_back({Severity::warning, "unreachable_rule", "", madang::format("rule {}", i + 1),
                                 table_.hit_policy == HitPolicy::first ? "it never answers, since a rule before it always does" : "it never answers", {}});
        }
    }
    void tell_rest(std::string_view kind, std::size_t count) {
        if (count <= kMaxTold) return;
        findings_.push_back({Severity::warning, std::string(kind), "", "", madang::format("{} more {}s of this table are not told", count - kMaxTold, kind), {}});
    }

    const Table& table_;
    const MayCome& may_come_;
    std::vector<std::vector<Segment>> columns_;
    std::vector<const feel::Value*> chosen_;
    std::vector<bool> reached_;
    std::set<std::pair<std::size_t, std::size_t>> told_;
    std::size_t gaps_ = 0;
    std::size_t overlaps_ = 0;
    std::size_t spent_ = 0;
    std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_table(const Table& table, const MayCome& may_come) { return Looking(table, may_come).look(); }

}  // namespace madang::decision
