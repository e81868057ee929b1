#include "decision/detail/table_index.h"

#include <algorithm>

#include "decision/detail/model.h"
#include "feel/detail/program.h"

namespace madang::decision {
namespace {

using feel::NodeKind;
using feel::Number;
using feel::Op;
using feel::Program;

// What the constants of the cells are.
struct Constants {
    std::vector<Number> numbers;
    std::vector<std::string> texts;
    bool truths = false;
    bool others = false;   // of a kind that is not looked up
};

bool add_constant(const feel::Value& value, Constants& constants) {
    if (const auto* number = value.as<Number>()) {
        constants.numbers.push_back(*number);
    } else if (const auto* text = value.as<std::string>()) {
        constants.texts.push_back(*text);
    } else if (value.as<bool>() != nullptr) {
        constants.truths = true;
    } else if (const auto* range = value.range(); range != nullptr && range->start.as<Number>() != nullptr && range->end.as<Number>() != nullptr) {
        constants.numbers.push_back(*range->start.as<Number>());
        constants.numbers.push_back(*range->end.as<Number>());
    } else {
        constants.others = true;
    }
    return !constants.others;
}

// Whether the cell is made of constants, and which.
bool learn(const Program& program, const Op& op, Constants& constants) {
    const auto* below = &op + 1;
    switch (op.kind) {
        case NodeKind::any_test: return true;
        case NodeKind::literal: return add_constant(program.node(op).value, constants);
        case NodeKind::tests: case NodeKind::not_tests:
            for (std::uint32_t i = 0; i < op.count; ++i, below = &program.ops[below->end]) {
                if (!learn(program, *below, constants)) return false;
                if (i + 1 == op.count) break;   // behind the last one stands nothing
            }
            return true;
        case NodeKind::test: {
            if (below->kind != NodeKind::literal) return false;
            const feel::Value& bound = program.node(*below).value;
            const bool by_equality = op.operation == NodeKind::equal || op.operation == NodeKind::not_equal;
            if (bound.as<Number>() == nullptr && !by_equality) return false;   // texts are not kept in their order
            return add_constant(bound, constants);
        }
        default: return false;
    }
}

template <class T>
void sort_once(std::vector<T>& all) {
    std::ranges::sort(all);
    const auto rest = std::ranges::unique(all);
    all.erase(rest.begin(), rest.end());
}

// A text that is none of them.
std::string other_than(const std::vector<std::string>& texts) {
    std::string other = "?";
    while (std::ranges::binary_search(texts, other)) other += '?';
    return other;
}

// One number of each segment: below, at the first bound, between, at the second, …, above.
std::vector<feel::Value> samples_of(const std::vector<Number>& bounds) {
    const Number one(1);
    const Number half = *Number::parse("0.5");
    std::vector<feel::Value> samples;
    samples.emplace_back(subtract(bounds.front(), one).value_or(bounds.front()));
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        samples.emplace_back(bounds[i]);
        const auto sum = i + 1 < bounds.size() ? add(bounds[i], bounds[i + 1]) : add(bounds[i], one);
        const auto inside = i + 1 < bounds.size() && sum ? multiply(*sum, half) : sum;
        samples.emplace_back(inside.value_or(bounds[i]));
    }
    return samples;
}

// A number that is so large that one more is itself has no room above it to sample: not looked up.
bool are_apart(const std::vector<Number>& bounds) {
    return std::ranges::all_of(bounds, [](const Number& bound) { return bound.absolute() < *Number::parse("1e30"); });
}

}  // namespace

ColumnIndex ColumnIndex::make(const Table& table, std::size_t column) {
    ColumnIndex made;
    const std::size_t rules = table.rules.size();
    made.words_ = (rules + 63) / 64;
    made.asked_.assign(made.words_, 0);
    if (rules == 0 || rules > kMaxRules) return made;
    Constants constants;
    for (std::size_t i = 0; i < rules; ++i) {
        Constants own;
        const Program& program = table.rules[i].tests[column].program();
        if (!learn(program, program.root(), own)) {
            made.asked_[i / 64] |= std::uint64_t{1} << (i % 64);
            continue;
        }
        constants.numbers.insert(constants.numbers.end(), own.numbers.begin(), own.numbers.end());
        constants.texts.insert(constants.texts.end(), own.texts.begin(), own.texts.end());
        constants.truths = constants.truths || own.truths;
    }
    const int kinds = (constants.numbers.empty() ? 0 : 1) + (constants.texts.empty() ? 0 : 1) + (constants.truths ? 1 : 0);
    if (kinds != 1) return made;
    std::vector<feel::Value> samples;
    if (!constants.numbers.empty()) {
        sort_once(constants.numbers);
        if ((constants.numbers.size() * 2 + 1) * made.words_ > kMaxWords || !are_apart(constants.numbers)) return made;
        made.kind_ = Kind::numbers;
        samples = samples_of(constants.numbers);
        made.bounds_ = std::move(constants.numbers);
    } else if (!constants.texts.empty()) {
        sort_once(constants.texts);
        if ((constants.texts.size() + 1) * made.words_ > kMaxWords) return made;
        made.kind_ = Kind::texts;
        for (const std::string& text : constants.texts) samples.emplace_back(text);
        samples.emplace_back(other_than(constants.texts));
        made.texts_ = std::move(constants.texts);
    } else {
        made.kind_ = Kind::truths;
        samples = {feel::Value(false), feel::Value(true)};
    }
    made.fill(table, column, samples);
    return made;
}

// The cells themselves say which samples they let pass, so that looking up and asking cannot differ.
void ColumnIndex::fill(const Table& table, std::size_t column, const std::vector<feel::Value>& samples) {
    bits_.assign(samples.size() * words_, 0);
    for (std::size_t i = 0; i < table.rules.size(); ++i) {
        const std::uint64_t bit = std::uint64_t{1} << (i % 64);
        if ((asked_[i / 64] & bit) != 0) continue;
        const Program& program = table.rules[i].tests[column].program();
        for (std::size_t s = 0; s < samples.size(); ++s) {
            feel::Evaluation evaluation{feel::Budget{}};
            if (evaluation.test(program, samples[s], {}) == feel::Truth::yes) bits_[s * words_ + i / 64] |= bit;
        }
    }
}

const std::uint64_t* ColumnIndex::find(const feel::Value& value) const {
    std::size_t set = 0;
    switch (kind_) {
        case Kind::none: return nullptr;
        case Kind::numbers: {
            const auto* number = value.as<Number>();
            if (number == nullptr) return nullptr;
            const auto at = std::ranges::lower_bound(bounds_, *number);
            set = static_cast<std::size_t>(at - bounds_.begin()) * 2;
            if (at != bounds_.end() && *at == *number) ++set;
            break;
        }
        case Kind::texts: {
            const auto* text = value.as<std::string>();
            if (text == nullptr) return nullptr;
            const auto at = std::ranges::lower_bound(texts_, *text);
            set = at != texts_.end() && *at == *text ? static_cast<std::size_t>(at - texts_.begin()) : texts_.size();
            break;
        }
        case Kind::truths: {
            const bool* truth = value.as<bool>();
            if (truth == nullptr) return nullptr;
            set = *truth ? 1 : 0;
            break;
        }
    }
    return bits_.data() + set * words_;
}

const std::vector<ColumnIndex>& TableIndex::columns(const Table& table) const {
    std::call_once(once_, [&] {
        for (std::size_t i = 0; i < table.inputs.size(); ++i) columns_.push_back(ColumnIndex::make(table, i));
    });
    return columns_;
}

}  // namespace madang::decision
