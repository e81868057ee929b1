#include "decision/detail/constants.h"

#include <algorithm>

namespace madang::decision {
namespace {

using feel::CalendarDate;
using feel::NodeKind;
using feel::Number;
using feel::Op;
using feel::Program;

bool add_constant(const feel::Value& value, Constants& constants) {
    if (const auto* number = value.as<Number>()) {
        constants.numbers.push_back(*number);
    } else if (const auto* text = value.as<std::string>()) {
        constants.texts.push_back(*text);
    } else if (const auto* date = value.as<CalendarDate>()) {
        constants.dates.push_back(*date);
    } else if (value.as<bool>() != nullptr) {
        constants.truths = true;
    } else if (const auto* range = value.range(); range != nullptr && range->start.as<std::string>() == nullptr && range->start.range() == nullptr) {
        return add_constant(range->start, constants) && add_constant(range->end, constants);
    } else {
        return false;
    }
    return true;
}

// date("2026-01-01") is a constant that the parser cannot know.
const std::string* date_literal(const Program& program, const Op& op) {
    if (op.kind != NodeKind::call || op.count != 2 || op.builtin == 0 || program.builtins[op.builtin - 1]->name != "date") return nullptr;
    const Op& argument = program.ops[(&op + 1)->end];
    return argument.kind == NodeKind::literal ? program.node(argument).value.as<std::string>() : nullptr;
}

bool learn_value(const Program& program, const Op& op, Constants& constants) {
    if (op.kind == NodeKind::literal) return add_constant(program.node(op).value, constants);
    if (const std::string* text = date_literal(program, op)) {
        const auto date = feel::parse_calendar_date(*text);
        if (date) constants.dates.push_back(*date);
        return date.has_value();
    }
    if (op.kind != NodeKind::range) return false;
    const Op& first = *(&op + 1);
    return learn_value(program, first, constants) && learn_value(program, program.ops[first.end], constants) && constants.texts.empty();
}

bool learn(const Program& program, const Op& op, Constants& constants) {
    const auto* below = &op + 1;
    switch (op.kind) {
        case NodeKind::any_test: return true;
        case NodeKind::tests: case NodeKind::not_tests:
            for (std::uint32_t i = 0; i < op.count; ++i, below = program.ops.data() + below->end) {
                if (!learn(program, *below, constants)) return false;
            }
            return true;
        case NodeKind::test: {
            Constants own;
            const bool by_equality = op.operation == NodeKind::equal || op.operation == NodeKind::not_equal;
            if (!learn_value(program, *below, own)) return false;
            if (!by_equality && (!own.texts.empty() || own.truths)) return false;   // texts are not kept in their order
            constants.add(own);
            return true;
        }
        default: return learn_value(program, op, constants);
    }
}

template <class T>
void sort_once(std::vector<T>& all) {
    std::ranges::sort(all);
    const auto rest = std::ranges::unique(all);
    all.erase(rest.begin(), rest.end());
}

}  // namespace

void Constants::add(const Constants& other) {
    numbers.insert(numbers.end(), other.numbers.begin(), other.numbers.end());
    texts.insert(texts.end(), other.texts.begin(), other.texts.end());
    dates.insert(dates.end(), other.dates.begin(), other.dates.end());
    truths = truths || other.truths;
}

void Constants::sort() {
    sort_once(numbers);
    sort_once(texts);
    sort_once(dates);
}

bool learn_constants(const Program& program, Constants& constants) { return learn(program, program.root(), constants); }

std::vector<feel::Value> samples_of(const std::vector<Number>& bounds) {
    static const Number kLarge = *Number::parse("1e30");   // one more than that is still another number
    static const Number kHalf = *Number::parse("0.5");
    const Number one(1);
    if (bounds.empty() || !std::ranges::all_of(bounds, [](const Number& bound) { return bound.absolute() < kLarge; })) return {};
    std::vector<feel::Value> samples{feel::Value(*subtract(bounds.front(), one))};
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        samples.emplace_back(bounds[i]);
        samples.emplace_back(i + 1 < bounds.size() ? *multiply(*add(bounds[i], bounds[i + 1]), kHalf) : *add(bounds[i], one));
    }
    return samples;
}

std::vector<feel::Value> samples_of(const std::vector<std::string>& texts) {
    std::vector<feel::Value> samples;
    for (const std::string& text : texts) samples.emplace_back(text);
    std::string other = "other";
    while (std::ranges::binary_search(texts, other)) other += '?';
    samples.emplace_back(other);
    return samples;
}

std::vector<feel::Value> samples_of(const std::vector<CalendarDate>& bounds) {
    std::vector<feel::Value> samples;
    const auto add = [&](std::int64_t days) {
        if (const auto date = feel::date_of_days(days)) samples.emplace_back(feel::Value::Held(*date));
    };
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        const std::int64_t days = feel::days_since_epoch(bounds[i]);
        if (i == 0) add(days - 1);
        add(days);
        // Between two days that follow each other lies nothing.
        if (i + 1 == bounds.size() || feel::days_since_epoch(bounds[i + 1]) > days + 1) add(days + 1);
    }
    return samples;
}

}  // namespace madang::decision
