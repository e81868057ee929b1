#include "decision/detail/check_domain.h"

#include <algorithm>
#include <map>
#include <set>

#include "decision/detail/constants.h"
#include "feel/detail/evaluation.h"
#include "feel/detail/program.h"

namespace madang::decision {
namespace {

using feel::NodeKind;
using feel::Value;

constexpr std::size_t kMaxConstants = 1000;         // of one cell; one with more cannot be told
constexpr std::size_t kMaxWork = 4'000'000;         // comparisons of cells with samples
constexpr std::size_t kMaxWords = 8'000'000;        // of all sets of rules: 64 MB
constexpr int kMaxDepth = 4;                        // of tests within tests

bool is_scalar(const Value& value) {
    return !value.is_null() && value.list() == nullptr && value.context() == nullptr && value.range() == nullptr && value.function() == nullptr;
}

bool is_literal_text(const feel::Node& node) { return node.kind == NodeKind::literal && node.value.as<std::string>() != nullptr; }

// A literal, a negative number, or date("2026-01-01") and its like; else null.
Value constant_of(const feel::NodePointer& node) {
    static const std::set<std::string, std::less<>> kMakers{"date", "time", "date and time", "duration"};
    if (node->kind == NodeKind::literal) return node->value;
    const bool negative = node->kind == NodeKind::negate && node->children[0]->kind == NodeKind::literal;
    const bool made = node->kind == NodeKind::call && node->children.size() == 2 && node->children[0]->kind == NodeKind::name &&
                      kMakers.contains(node->children[0]->text) && is_literal_text(*node->children[1]);
    return negative || made ? feel::evaluate(feel::Expression(node), {}) : Value();
}

// Texts and truths are not kept in their order.
bool has_order(const Value& value) { return value.as<std::string>() == nullptr && value.as<bool>() == nullptr; }

bool learn(const feel::NodePointer& node, std::vector<Value>& constants, bool by_order, int depth) {
    if (depth > kMaxDepth || constants.size() > kMaxConstants) return false;
    const auto all = [&](bool order) {
        return std::ranges::all_of(node->children, [&](const feel::NodePointer& child) { return learn(child, constants, order, depth + 1); });
    };
    switch (node->kind) {
        case NodeKind::any_test: return true;
        case NodeKind::tests: case NodeKind::not_tests: case NodeKind::list: return all(by_order);
        case NodeKind::range: return all(true);
        case NodeKind::test: return all(node->operation != NodeKind::equal && node->operation != NodeKind::not_equal);
        default: break;
    }
    const Value value = constant_of(node);
    if (const auto* range = value.range()) {
        for (const Value* end : {&range->start, &range->end}) {
            if (end->is_null()) continue;
            if (!is_scalar(*end) || !has_order(*end)) return false;
            constants.push_back(*end);
        }
        return true;
    }
    if (!is_scalar(value) || (by_order && !has_order(value))) return false;
    constants.push_back(value);
    return true;
}

// --- samples ---

// A little more than the value (less where `sign` is -1), or null: a day, a month, a second or, if `fine`, a nanosecond.
Value beside(const Value& value, int sign, bool fine) {
    const feel::SecondsDuration step = fine ? feel::SecondsDuration{0, sign} : feel::SecondsDuration{sign, 0};
    if (const auto* date = value.as<feel::CalendarDate>()) {
        const auto day = feel::date_of_days(feel::days_since_epoch(*date) + sign);
        return day ? Value(Value::Held(*day)) : Value();
    }
    if (const auto* months = value.as<feel::MonthsDuration>()) return Value(Value::Held(feel::MonthsDuration{months->months + sign}));
    if (const auto* moment = value.as<feel::DateTime>()) {
        const auto next = feel::add(*moment, step);
        return next ? Value(Value::Held(*next)) : Value();
    }
    if (const auto* seconds = value.as<feel::SecondsDuration>()) {
        const auto next = feel::seconds_duration((feel::Nanoseconds{seconds->seconds} + step.seconds) * 1'000'000'000 + seconds->nanoseconds + step.nanoseconds);
        return next ? Value(Value::Held(*next)) : Value();
    }
    if (const auto* time = value.as<feel::TimeOfDay>()) {
        const std::int64_t next = time->nanoseconds + (fine ? sign : sign * std::int64_t{1'000'000'000});
        if (next < 0 || next >= std::int64_t{86'400} * 1'000'000'000) return {};
        return Value(Value::Held(feel::TimeOfDay{next, time->offset, time->zone}));
    }
    return {};
}

bool is_less(const Value& a, const Value& b) {
    const auto order = feel::compare(a, b);
    return order && *order < 0;
}

// Moments at different offsets may not be comparable: then the domain is not known.
bool one_clock(const std::vector<Value>& bounds) {
    const auto clock_of = [](const Value& value) -> const feel::TimeOfDay* {
        if (const auto* moment = value.as<feel::DateTime>()) return &moment->time;
        return value.as<feel::TimeOfDay>();
    };
    const auto* first = clock_of(bounds.front());
    return std::ranges::all_of(bounds, [&](const Value& bound) {
        const auto* clock = clock_of(bound);
        return clock == nullptr || (clock->offset == first->offset && clock->zone == first->zone);
    });
}

// Below, at the first, between, at the second, …, above, as far as there is room.
std::vector<Value> ordered_samples(std::vector<Value> bounds) {
    if (!one_clock(bounds)) return {};
    std::ranges::sort(bounds, is_less);
    std::vector<Value> samples;
    const auto add = [&](Value value) {
        if (!value.is_null()) samples.push_back(std::move(value));
    };
    add(beside(bounds.front(), -1, false));
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        if (i > 0 && !is_less(bounds[i - 1], bounds[i])) continue;
        samples.push_back(bounds[i]);
        std::size_t next = i + 1;
        while (next < bounds.size() && !is_less(bounds[i], bounds[next])) ++next;
        if (next == bounds.size()) {
            add(beside(bounds[i], 1, false));
            break;
        }
        for (const bool fine : {false, true}) {
            const Value between = beside(bounds[i], 1, fine);
            if (between.is_null() || !is_less(between, bounds[next])) continue;
            samples.push_back(between);
            break;
        }
    }
    return samples;
}

std::vector<Value> samples_between(const std::vector<Value>& constants) {
    if (constants.empty()) return {};
    const std::string_view kind = feel::type_name(constants.front());
    if (!std::ranges::all_of(constants, [&](const Value& value) { return feel::type_name(value) == kind; })) return {};
    if (constants.front().as<bool>() != nullptr) return {Value(true), Value(false)};
    Constants sorted;
    for (const Value& value : constants) {
        if (const auto* number = value.as<feel::Number>()) sorted.numbers.push_back(*number);
        if (const auto* text = value.as<std::string>()) sorted.texts.push_back(*text);
    }
    sorted.sort();
    if (!sorted.numbers.empty()) return samples_of(sorted.numbers);
    return sorted.texts.empty() ? ordered_samples(constants) : samples_of(sorted.texts);
}

bool passes(const feel::Expression& tests, const Value& sample) {
    feel::Evaluation evaluation{feel::Budget{}};
    return evaluation.test(tests.program(), sample, {}) == feel::Truth::yes;
}

// --- axes ---

class Cutting {
public:
    Cutting(const Table& table, const std::vector<ColumnType>& types) : table_(table), types_(types), words_((table.rules.size() + 63) / 64) {}

    std::optional<std::vector<Axis>> cut() {
        std::vector<Axis> axes;
        std::map<std::string, std::size_t> by_text;
        for (std::size_t column = 0; column < table_.inputs.size(); ++column) {
            const std::string text = plain_text(table_.inputs[column].expression.root());
            const auto [at, is_new] = by_text.emplace(text.empty() ? "#" + std::to_string(column) : text, axes.size());
            if (is_new) axes.emplace_back();
            axes[at->second].columns.push_back(column);
        }
        for (Axis& axis : axes) {
            fill(axis);
            if (work_ > kMaxWork || words_used_ > kMaxWords) return std::nullopt;
        }
        return axes;
    }

private:
    struct Cell {
        std::vector<Value> constants;
        bool told = true;
    };

    static std::string plain_text(const feel::Node& node) {
        if (node.kind == NodeKind::name) return node.text;
        if (node.kind != NodeKind::path) return {};
        const std::string before = plain_text(*node.children[0]);
        return before.empty() ? before : before + "." + node.text;
    }

    static Cell learn_cell(const feel::Expression& tests) {
        Cell cell;
        cell.told = constants_of(tests.program().tree, cell.constants);
        if (!cell.told) cell.constants.clear();
        return cell;
    }

    void fill(Axis& axis) {
        std::vector<std::vector<Cell>> cells;   // by column of the axis, by rule
        std::vector<Value> all;
        std::vector<const feel::Expression*> limits;
        for (const std::size_t column : axis.columns) {
            cells.emplace_back();
            for (const Rule& rule : table_.rules) {
                cells.back().push_back(learn_cell(rule.tests[column]));
                const auto& own = cells.back().back().constants;
                all.insert(all.end(), own.begin(), own.end());
                work_ += 1 + (2 * own.size() + 1) * own.size();
            }
            for (const feel::Expression& tests : types_[column].tests) limits.push_back(&tests);
            if (table_.inputs[column].values) limits.push_back(&*table_.inputs[column].values);
        }
        if (work_ > kMaxWork) return;
        for (const feel::Expression* tests : limits) {
            const Cell limit = learn_cell(*tests);
            if (!limit.told) axis.whole = false;
            all.insert(all.end(), limit.constants.begin(), limit.constants.end());
            work_ += limit.constants.size() * all.size();
        }
        const std::vector<Value> samples = samples_between(all);
        words_used_ += (samples.size() + 1) * words_ * 2;
        if (work_ > kMaxWork || words_used_ > kMaxWords) return;
        if (samples.empty()) return unknown(axis);
        axis.ordered = has_order(samples.front());
        for (const Value& sample : samples) axis.segments.push_back({sample, full(), full()});
        for (std::size_t i = 0; i < axis.columns.size(); ++i) {
            for (std::size_t rule = 0; rule < table_.rules.size(); ++rule) ask(axis, axis.columns[i], rule, cells[i][rule]);
        }
        const std::string base = types_[axis.columns.front()].base;
        std::erase_if(axis.segments, [&](const Segment& segment) {
            return (!base.empty() && base != feel::type_name(segment.sample)) ||
                   !std::ranges::all_of(limits, [&](const feel::Expression* tests) { return passes(*tests, segment.sample); });
        });
        if (axis.segments.empty()) unknown(axis);
    }

    // Any value: only "-" surely lets it pass.
    void unknown(Axis& axis) {
        Segment any{Value(), full(), full()};
        for (const std::size_t column : axis.columns) {
            for (std::size_t rule = 0; rule < table_.rules.size(); ++rule) {
                if (table_.rules[rule].tests[column].root().kind != NodeKind::any_test) clear(any.sure, rule);
            }
        }
        axis.segments.assign(1, std::move(any));
    }

    // Between its own constants a cell says the same of every value, so that it is asked once there.
    void ask(Axis& axis, std::size_t column, std::size_t rule, const Cell& cell) {
        const feel::Expression& tests = table_.rules[rule].tests[column];
        if (tests.root().kind == NodeKind::any_test) return;
        std::vector<Segment>& segments = axis.segments;
        const auto answer = [&](std::size_t from, std::size_t to) {
            if (from >= to) return;
            const bool good = cell.told && passes(tests, segments[to - 1].sample);
            for (std::size_t i = from; i < to; ++i) {
                if (!good) clear(segments[i].sure, rule);
                if (!good && cell.told) clear(segments[i].perhaps, rule);
            }
        };
        if (!cell.told || cell.constants.empty()) return answer(0, segments.size());
        std::vector<std::size_t> own;
        for (const Value& constant : cell.constants) own.push_back(place_of(axis, constant));
        std::ranges::sort(own);
        std::size_t from = 0;
        if (!axis.ordered) {
            // Of texts what is none of the cell's own is like the last one, any other; of truths both are asked.
            if (segments.front().sample.as<bool>() != nullptr) own = {0, 1};
            const bool other = passes(tests, segments.back().sample);
            for (std::size_t i = 0; i < segments.size(); ++i) {
                const bool good = std::ranges::binary_search(own, i) ? passes(tests, segments[i].sample) : other;
                if (good) continue;
                clear(segments[i].sure, rule);
                clear(segments[i].perhaps, rule);
            }
            return;
        }
        for (const std::size_t at : own) {
            answer(from, at);
            answer(std::max(from, at), at + 1);
            from = std::max(from, at + 1);
        }
        answer(from, segments.size());
    }

    static std::size_t place_of(const Axis& axis, const Value& constant) {
        const auto& segments = axis.segments;
        if (axis.ordered) {
            const auto at = std::ranges::lower_bound(segments, constant, is_less, &Segment::sample);
            return static_cast<std::size_t>(at - segments.begin());
        }
        if (constant.as<bool>() != nullptr) return *constant.as<bool>() ? 0 : 1;
        // Sorted texts, any other behind them.
        const auto at = std::ranges::lower_bound(segments.begin(), segments.end() - 1, *constant.as<std::string>(), {},
                                                 [](const Segment& segment) -> const std::string& { return *segment.sample.as<std::string>(); });
        return static_cast<std::size_t>(at - segments.begin());
    }

    RuleSet full() const {
        RuleSet set(words_, ~std::uint64_t{0});
        if (const std::size_t rest = table_.rules.size() % 64; rest != 0) set.back() = (std::uint64_t{1} << rest) - 1;
        return set;
    }
    static void clear(RuleSet& set, std::size_t rule) { set[rule / 64] &= ~(std::uint64_t{1} << (rule % 64)); }

    const Table& table_;
    const std::vector<ColumnType>& types_;
    std::size_t words_;
    std::size_t work_ = 0;
    std::size_t words_used_ = 0;
};

}  // namespace

bool constants_of(const feel::NodePointer& test, std::vector<Value>& constants) { return learn(test, constants, false, 0); }

std::optional<std::vector<Axis>> axes_of(const Table& table, const std::vector<ColumnType>& types) { return Cutting(table, types).cut(); }

}  // namespace madang::decision
