// The slow, obvious evaluator: walks the tree of an expression as the grammar has it, one node after the
// other, every value by itself. Tests compare the programs of detail/program.h with it.
#pragma once

#include <algorithm>
#include <deque>

#include "base/text.h"
#include "feel/detail/machine.h"

namespace madang::feel {

class Walk {
public:
    explicit Walk(Evaluation& run) : run_(run) {}

    // The names in force, innermost last.
    using Names = std::vector<std::pair<std::string, Value>>;

    Value evaluate(const Node& node, const Names& names);
    // Whether the input passes the test; null where that cannot be told.
    Value test(const Node& node, const Value& input, const Names& names);

private:
    static const Value* find(const Names& names, std::string_view name);
    static Names with(const Names& names, std::string_view name, Value value);
    Value name(const Node& node, const Names& names);
    Value filter(const Node& node, const Names& names);
    Value call(const Node& node, const Names& names);
    Value logic(const Node& node, const Names& names);
    Value in(const Node& node, const Names& names);
    Value iterate(const Node& node, const Names& names);
    Value function(const Node& node, const Names& names);
    Value context(const Node& node, const Names& names);
    Value range(const Node& node, const Names& names);
    Value child(const Node& node, std::size_t place, const Names& names) { return evaluate(*node.children[place], names); }

    Evaluation& run_;
};

inline const Value* Walk::find(const Names& names, std::string_view name) {
    for (auto entry = names.rbegin(); entry != names.rend(); ++entry) {
        if (entry->first == name) return &entry->second;
    }
    return nullptr;
}

inline Walk::Names Walk::with(const Names& names, std::string_view name, Value value) {
    Names more = names;
    more.emplace_back(std::string(name), std::move(value));
    return more;
}

inline Value Walk::evaluate(const Node& node, const Names& names) {
    if (!run_.spend(1)) return Value::null(std::string(kSpent));
    switch (node.kind) {
        case NodeKind::literal: return node.value;
        case NodeKind::name: return name(node, names);
        case NodeKind::path: return property(child(node, 0, names), node.text);
        case NodeKind::filter: return filter(node, names);
        case NodeKind::call: return call(node, names);
        case NodeKind::negate: return feel::negate(child(node, 0, names));
        case NodeKind::add: case NodeKind::subtract: case NodeKind::multiply: case NodeKind::divide: case NodeKind::power:
            return arithmetic(node.kind, child(node, 0, names), child(node, 1, names));
        case NodeKind::equal: case NodeKind::not_equal: case NodeKind::less: case NodeKind::less_or_equal:
        case NodeKind::greater: case NodeKind::greater_or_equal:
            return comparison(node.kind, child(node, 0, names), child(node, 1, names));
        case NodeKind::logical_and: case NodeKind::logical_or: return logic(node, names);
        case NodeKind::between: {
            const Value value = child(node, 0, names);
            const auto low = truth_of(comparison(NodeKind::greater_or_equal, value, child(node, 1, names)));
            const auto high = truth_of(comparison(NodeKind::less_or_equal, value, child(node, 2, names)));
            if (low == false || high == false) return Value(false);
            return low && high ? Value(true) : Value::null("between");
        }
        case NodeKind::in: return in(node, names);
        case NodeKind::instance_of: return Value(is_instance(child(node, 0, names), *node.type));
        case NodeKind::if_then_else: return child(node, truth_of(child(node, 0, names)).value_or(false) ? 1 : 2, names);
        case NodeKind::for_in: case NodeKind::some: case NodeKind::every: return iterate(node, names);
        case NodeKind::function: return function(node, names);
        case NodeKind::list: {
            List items;
            for (const auto& item : node.children) items.push_back(evaluate(*item, names));
            return Value(std::move(items));
        }
        case NodeKind::context: return context(node, names);
        case NodeKind::range: case NodeKind::test: return range(node, names);
        case NodeKind::range_of: case NodeKind::tests: case NodeKind::not_tests: case NodeKind::any_test: break;
    }
    return Value::null("tests stand only in a cell of a decision table");
}

inline Value Walk::name(const Node& node, const Names& names) {
    if (const Value* found = find(names, node.text)) return *found;
    if (const Builtin* builtin = find_builtin(node.text)) return function_of(*builtin);
    return Value::null("no such name");
}

inline Value Walk::filter(const Node& node, const Names& names) {
    const Value base = child(node, 0, names);
    if (base.is_null()) return base;
    const List list = base.list() == nullptr ? List{base} : *base.list();
    const Node& condition = *node.children[1];
    List kept;
    for (std::size_t i = 0; i < list.size(); ++i) {
        Names inner = with(names, "item", list[i]);
        if (const Context* entries = list[i].context()) {
            for (const auto& [name, value] : entries->entries()) inner.emplace_back(name, value);
        }
        const Value answer = evaluate(condition, inner);
        if (i == 0 && answer.as<Number>() != nullptr) return item_at(list, *answer.as<Number>());
        if (truth_of(answer).value_or(false)) kept.push_back(list[i]);
        if (run_.is_spent()) return Value::null(std::string(kSpent));
    }
    const Node& plain = condition.kind == NodeKind::negate ? *condition.children[0] : condition;
    if (list.empty() && plain.kind == NodeKind::literal && plain.value.as<Number>() != nullptr) return Value::null("the list has no items");
    return Value(std::move(kept));
}

inline Value Walk::call(const Node& node, const Names& names) {
    const Node& callee = *node.children[0];
    List given;
    for (std::size_t i = 1; i < node.children.size(); ++i) given.push_back(child(node, i, names));
    const Builtin* builtin = callee.kind == NodeKind::name && find(names, callee.text) == nullptr ? find_builtin(callee.text) : nullptr;
    if (builtin != nullptr && node.names.empty()) {
        if (given.size() < builtin->least || given.size() > builtin->most) return Value::null("too few or too many arguments");
        return builtin->call(given, run_);
    }
    const Value target = evaluate(callee, names);
    const Function* function = target.function();
    if (function == nullptr) return Value::null("no function");
    if (!node.names.empty()) {
        const std::vector<std::string_view> parameters(function->parameters.begin(), function->parameters.end());
        auto arranged = arrange(node.names, parameters, given);
        if (!arranged) return Value::null("no such parameter");
        if (builtin == nullptr) arranged->resize(parameters.size());
        given = std::move(*arranged);
    }
    if (find_builtin(function->name) == nullptr && given.size() != function->parameters.size()) return Value::null("too few or too many arguments");
    return run_.call(*function, given);
}

inline Value Walk::logic(const Node& node, const Names& names) {
    const bool decides = node.kind == NodeKind::logical_or;
    const auto left = truth_of(child(node, 0, names));
    const auto right = truth_of(child(node, 1, names));
    if (left == decides || right == decides) return Value(decides);
    if (!left || !right) return Value::null("one side is neither true nor false");
    return Value(!decides);
}

inline Value Walk::iterate(const Node& node, const Names& names) {
    List results;
    bool unknown = false;
    bool found = false;
    std::string trouble;
    const auto walk = [&](const auto& self, std::size_t at, const Names& outer) -> void {
        if (!trouble.empty() || run_.is_spent()) return;
        if (at == node.names.size()) {
            const Value turn = evaluate(*node.children.back(), node.kind == NodeKind::for_in ? with(outer, "partial", Value(results)) : outer);
            if (node.kind == NodeKind::for_in) return results.push_back(turn);
            unknown = unknown || !truth_of(turn);
            found = found || truth_of(turn) == (node.kind == NodeKind::some);
            return;
        }
        const Node& domain = *node.children[at];
        const auto items = domain.kind == NodeKind::range_of ? items_between(child(domain, 0, outer), child(domain, 1, outer), run_)
                                                             : items_of(evaluate(domain, outer), run_);
        if (!items) {
            // What was decided before stays decided.
            if (!found) trouble = items.error().message;
            return;
        }
        for (const Value& item : *items) self(self, at + 1, with(outer, node.names[at], item));
    };
    walk(walk, 0, names);
    if (run_.is_spent()) return Value::null(std::string(kSpent));
    if (!trouble.empty()) return Value::null(trouble);
    if (node.kind == NodeKind::for_in) return Value(std::move(results));
    if (found) return Value(node.kind == NodeKind::some);
    return unknown ? Value::null("a condition is neither true nor false") : Value(node.kind == NodeKind::every);
}

inline Value Walk::function(const Node& node, const Names& names) {
    Function made;
    made.name = "function";
    made.parameters = node.names;
    made.call = [names, body = node.children[0], type = node.type, parameters = node.names](const List& arguments, Evaluation& evaluation) {
        Names inner = names;
        for (std::size_t i = 0; i < parameters.size() && i < arguments.size(); ++i) {
            Value fitted = coerce(arguments[i], type->parts[i]);
            if (fitted.is_null() && !arguments[i].is_null()) return fitted;
            inner.emplace_back(parameters[i], std::move(fitted));
        }
        return Walk(evaluation).evaluate(*body, inner);
    };
    return Value(Value::Held(std::make_shared<const Function>(std::move(made))));
}

inline Value Walk::context(const Node& node, const Names& names) {
    Context made;
    Names inner = names;
    for (std::size_t i = 0; i < node.names.size(); ++i) {
        inner.emplace_back(node.names[i], evaluate(*node.children[i], inner));
        made.set(node.names[i], inner.back().second);
    }
    return Value(std::move(made));
}

inline Value Walk::range(const Node& node, const Names& names) {
    const Value first = child(node, 0, names);
    if (node.kind == NodeKind::test) {
        switch (node.operation) {
            case NodeKind::less: return Value(Range{false, Value(), first, false});
            case NodeKind::less_or_equal: return Value(Range{false, Value(), first, true});
            case NodeKind::greater: return Value(Range{false, first, Value(), false});
            case NodeKind::greater_or_equal: return Value(Range{true, first, Value(), false});
            case NodeKind::equal: return Value(Range{true, first, first, true});
            default: return Value::null("no range");
        }
    }
    const Value last = child(node, 1, names);
    if (first.is_null() || last.is_null() || !compare(first, last)) return Value::null("no range");
    return Value(Range{node.start_included, first, last, node.end_included});
}

inline Value Walk::in(const Node& node, const Names& names) {
    const Value input = child(node, 0, names);
    bool unknown = false;
    for (std::size_t i = 1; i < node.children.size(); ++i) {
        const auto passed = truth_of(test(*node.children[i], input, names));
        if (passed.value_or(false)) return Value(true);
        unknown = unknown || !passed;
    }
    return unknown ? Value::null("cannot be compared") : Value(false);
}

namespace walking {

// Clause 7.3.2 with table 55: what a value of a test says about the input.
inline Value judge(const Value& answer, const Value& input, bool uses_input) {
    if (uses_input && answer.as<bool>() != nullptr) return answer;
    if (answer.is_null()) return input.is_null() && answer.reason().empty() ? Value(true) : (answer.reason().empty() ? Value(false) : answer);
    if (const Range* range = answer.range()) {
        if (input.range() != nullptr) return Value(same(answer, input));
        return input.is_null() ? Value::null("null lies in no range") : contains(*range, input);
    }
    if (const List* list = answer.list()) {
        if (same(answer, input)) return Value(true);
        for (const Value& item : *list) {
            const Value one = judge(item, input, false);
            if (one.as<bool>() != nullptr && *one.as<bool>()) return one;
        }
        return Value(false);
    }
    if (answer.as<bool>() != nullptr && input.as<bool>() == nullptr) return answer;
    return Value(same(answer, input));
}

}  // namespace walking

inline Value Walk::test(const Node& node, const Value& input, const Names& names) {
    if (!run_.spend(1)) return Value::null(std::string(kSpent));
    switch (node.kind) {
        case NodeKind::any_test: return Value(true);
        case NodeKind::test: return comparison(node.operation, input, child(node, 0, with(names, "?", input)));
        case NodeKind::tests: case NodeKind::not_tests: {
            bool unknown = false;
            bool any = false;
            for (const auto& one : node.children) {
                const auto passed = truth_of(test(*one, input, names));
                any = any || passed.value_or(false);
                unknown = unknown || !passed;
            }
            if (!any && unknown) return Value::null("cannot be compared");
            return Value(any == (node.kind == NodeKind::tests));
        }
        default: return walking::judge(evaluate(node, with(names, "?", input)), input, node.uses_input);
    }
}

}  // namespace madang::feel
