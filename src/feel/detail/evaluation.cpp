#include "feel/detail/evaluation.h"

#include <algorithm>

#include "base/text.h"

namespace madang::feel {
namespace {

// The numbers or days of a range, in the direction from its start to its end. Clause 10.3.2.14.
Result<List> items_between(const Value& from, const Value& to, Evaluation& evaluation) {
    List items;
    const auto* first = from.as<Number>();
    const auto* last = to.as<Number>();
    if (first != nullptr && last != nullptr) {
        const auto low = first->integer();
        const auto high = last->integer();
        if (!low || !high) return fail(Code::invalid, "an iteration goes over whole numbers");
        const std::int64_t step = *low <= *high ? 1 : -1;
        for (std::int64_t i = *low;; i += step) {
            if (!evaluation.spend(1)) return fail(Code::exhausted, std::string(kSpent));
            items.emplace_back(Number(i));
            if (i == *high) return items;
        }
    }
    const auto* begin = from.as<CalendarDate>();
    const auto* end = to.as<CalendarDate>();
    if (begin == nullptr || end == nullptr) return fail(Code::invalid, "an iteration goes over a list, whole numbers or dates");
    const std::int64_t low = days_since_epoch(*begin);
    const std::int64_t high = days_since_epoch(*end);
    const std::int64_t step = low <= high ? 1 : -1;
    for (std::int64_t i = low;; i += step) {
        if (!evaluation.spend(1)) return fail(Code::exhausted, std::string(kSpent));
        items.emplace_back(Value::Held(*date_of_days(i)));
        if (i == high) return items;
    }
}

Result<List> items_of(const Value& domain, Evaluation& evaluation) {
    if (const List* list = domain.list()) return *list;
    if (const Range* range = domain.range()) {
        const auto order = compare(range->start, range->end);
        if (!order || *order > 0) return fail(Code::invalid, "a range ends before it starts");
        TRY(List items, items_between(range->start, range->end, evaluation));
        if (!range->end_included && !items.empty()) items.pop_back();
        if (!range->start_included && !items.empty()) items.erase(items.begin());
        return items;
    }
    if (domain.is_null()) return fail(Code::invalid, domain.reason().empty() ? "an iteration over null" : std::string(domain.reason()));
    return List{domain};
}

Context flatten(const Scope& scope) {
    Context all;
    for (const Scope* one = &scope; one != nullptr; one = one->outer) {
        for (auto name = one->names.rbegin(); name != one->names.rend(); ++name) {
            if (all.find(name->first) == nullptr) all.set(std::string(name->first), name->second);
        }
        if (one->context == nullptr) continue;
        for (const auto& [name, value] : one->context->entries()) {
            if (all.find(name) == nullptr) all.set(name, value);
        }
    }
    return all;
}

bool mentions(const Node& node, std::string_view name) {
    if (node.kind == NodeKind::name && node.text == name) return true;
    return std::ranges::any_of(node.children, [&](const NodePointer& child) { return mentions(*child, name); });
}

Value item_at(const List& list, const Number& place) {
    const auto index = place.integer();
    const auto size = static_cast<std::int64_t>(list.size());
    if (!index || *index == 0 || *index > size || *index < -size) return Value::null(madang::format("the list has no item {}", place.text()));
    return list[static_cast<std::size_t>(*index > 0 ? *index - 1 : size + *index)];
}

}  // namespace

const Value* Scope::find(std::string_view name) const {
    for (const Scope* scope = this; scope != nullptr; scope = scope->outer) {
        for (auto entry = scope->names.rbegin(); entry != scope->names.rend(); ++entry) {
            if (entry->first == name) return &entry->second;
        }
        if (scope->context == nullptr) continue;
        if (const Value* found = scope->context->find(name)) return found;
    }
    return nullptr;
}

bool Evaluation::spend(std::size_t steps) {
    spent_.steps += steps;
    return !is_spent();
}

Value Evaluation::evaluate(const Node& node, const Scope& scope) {
    if (!spend(1)) return Value::null(std::string(kSpent));
    if (spent_.nesting >= kMaxNesting) return Value::null("what is evaluated is nested too deep");
    ++spent_.nesting;
    Value value = evaluate_node(node, scope);
    --spent_.nesting;
    return value;
}

Value Evaluation::evaluate_node(const Node& node, const Scope& scope) {
    switch (node.kind) {
        case NodeKind::literal: return node.value;
        case NodeKind::name: return name(node, scope);
        case NodeKind::path: return path(node, scope);
        case NodeKind::filter: return filter(node, scope);
        case NodeKind::call: return call(node, scope);
        case NodeKind::negate: return feel::negate(evaluate(*node.children[0], scope));
        case NodeKind::add: case NodeKind::subtract: case NodeKind::multiply: case NodeKind::divide: case NodeKind::power:
            return arithmetic(node.kind, evaluate(*node.children[0], scope), evaluate(*node.children[1], scope));
        case NodeKind::equal: case NodeKind::not_equal: case NodeKind::less: case NodeKind::less_or_equal:
        case NodeKind::greater: case NodeKind::greater_or_equal:
            return comparison(node.kind, evaluate(*node.children[0], scope), evaluate(*node.children[1], scope));
        case NodeKind::logical_and: case NodeKind::logical_or: return logic(node, scope);
        case NodeKind::between: {
            const Value value = evaluate(*node.children[0], scope);
            const auto low = truth_of(comparison(NodeKind::greater_or_equal, value, evaluate(*node.children[1], scope)));
            const auto high = truth_of(comparison(NodeKind::less_or_equal, value, evaluate(*node.children[2], scope)));
            if (low == false || high == false) return Value(false);
            return low && high ? Value(true) : Value::null("\"between\" compares values that cannot be compared");
        }
        case NodeKind::in: return in(node, scope);
        case NodeKind::instance_of: return Value(is_instance(evaluate(*node.children[0], scope), node.type));
        case NodeKind::if_then_else:
            return truth_of(evaluate(*node.children[0], scope)).value_or(false) ? evaluate(*node.children[1], scope)
                                                                              : evaluate(*node.children[2], scope);
        case NodeKind::for_in: case NodeKind::some: case NodeKind::every: return iterate(node, scope);
        case NodeKind::function: return function(node, scope);
        case NodeKind::list: {
            List items;
            for (const auto& child : node.children) items.push_back(evaluate(*child, scope));
            return Value(std::move(items));
        }
        case NodeKind::context: return context(node, scope);
        case NodeKind::range: case NodeKind::test: return range(node, scope);
        case NodeKind::range_of: case NodeKind::tests: case NodeKind::not_tests: case NodeKind::any_test: break;
    }
    return Value::null("tests stand only in a cell of a decision table");
}

Value Evaluation::name(const Node& node, const Scope& scope) {
    if (const Value* found = scope.find(node.text)) return *found;
    if (const Builtin* builtin = find_builtin(node.text)) {
        Function function;
        function.name = node.text;
        if (!builtin->parameters.empty()) function.parameters.assign(builtin->parameters[0].begin(), builtin->parameters[0].end());
        function.call = [builtin](const List& arguments, Evaluation& evaluation) {
            if (arguments.size() < builtin->least || arguments.size() > builtin->most) {
                return Value::null(madang::format("\"{}\" cannot take {} arguments", builtin->name, arguments.size()));
            }
            return builtin->call(arguments, evaluation);
        };
        return Value(Value::Held(std::make_shared<const Function>(std::move(function))));
    }
    // A name with a point in it that is in force elsewhere is a path here.
    if (const std::size_t point = node.text.find('.'); point != std::string::npos && point > 0) {
        if (const Value* first = scope.find(std::string_view(node.text).substr(0, point))) {
            Value value = *first;
            for (const std::string_view part : split(std::string_view(node.text).substr(point + 1), '.')) value = property(value, trim(part));
            return value;
        }
    }
    return Value::null(madang::format("there is no \"{}\" here", node.text));
}

Value Evaluation::path(const Node& node, const Scope& scope) {
    return property(evaluate(*node.children[0], scope), node.text);
}

// Clause 10.3.2.5.4: by place where the condition is a number, else the items for which it holds.
Value Evaluation::filter(const Node& node, const Scope& scope) {
    const Value base = evaluate(*node.children[0], scope);
    if (base.is_null()) return base;
    const List list = base.list() == nullptr ? List{base} : *base.list();
    const Node& condition = *node.children[1];
    List kept;
    for (std::size_t i = 0; i < list.size(); ++i) {
        Scope inner{&scope, list[i].context(), {}};
        if (inner.context == nullptr || inner.context->find("item") == nullptr) inner.names.emplace_back("item", list[i]);
        const Value answer = evaluate(condition, inner);
        if (i == 0) {
            if (const auto* place = answer.as<Number>()) return item_at(list, *place);
        }
        if (truth_of(answer).value_or(false)) kept.push_back(list[i]);
        if (is_spent()) return Value::null(std::string(kSpent));
    }
    if (list.empty() && condition.kind == NodeKind::literal && condition.value.as<Number>() != nullptr) {
        return Value::null("the list has no items");
    }
    return Value(std::move(kept));
}

Value Evaluation::call(const Function& function, const List& arguments) {
    if (spent_.calls >= budget_.depth) return Value::null("calls are nested too deep");
    ++spent_.calls;
    Value answer = function.call(arguments, *this);
    --spent_.calls;
    return answer;
}

namespace {

// Puts named arguments at their places; nothing where a name is not a parameter.
std::optional<List> arrange(const std::vector<std::string>& names, const std::vector<std::string_view>& parameters, const List& given) {
    List arranged(parameters.size());
    std::size_t used = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto place = std::ranges::find(parameters, names[i]);
        if (place == parameters.end()) return std::nullopt;
        const auto index = static_cast<std::size_t>(place - parameters.begin());
        arranged[index] = given[i];
        used = std::max(used, index + 1);
    }
    arranged.resize(used);
    return arranged;
}

}  // namespace

Value Evaluation::call(const Node& node, const Scope& scope) {
    const Node& callee = *node.children[0];
    List given;
    for (std::size_t i = 1; i < node.children.size(); ++i) given.push_back(evaluate(*node.children[i], scope));
    const Builtin* builtin = callee.kind == NodeKind::name && scope.find(callee.text) == nullptr ? find_builtin(callee.text) : nullptr;
    if (builtin != nullptr) {
        if (!node.names.empty()) {
            for (std::size_t i = 0; i < given.size(); ++i) {
                const bool single = std::ranges::find(builtin->singles, node.names[i]) != builtin->singles.end();
                if (single && given[i].list() != nullptr) return Value::null(madang::format("\"{}\" is no list", node.names[i]));
            }
            std::optional<List> arranged;
            for (const auto& parameters : builtin->parameters) {
                arranged = arrange(node.names, parameters, given);
                if (arranged) break;
            }
            if (!arranged) return Value::null(madang::format("\"{}\" has no parameter of such a name", callee.text));
            given = std::move(*arranged);
        }
        if (given.size() < builtin->least || given.size() > builtin->most) {
            return Value::null(madang::format("\"{}\" cannot take {} arguments", callee.text, given.size()));
        }
        return builtin->call(given, *this);
    }
    const Value target = evaluate(callee, scope);
    const Function* function = target.function();
    if (function == nullptr) {
        return Value::null(callee.kind == NodeKind::name ? madang::format("there is no function \"{}\"", callee.text) : "this is no function");
    }
    if (!node.names.empty()) {
        const std::vector<std::string_view> parameters(function->parameters.begin(), function->parameters.end());
        auto arranged = arrange(node.names, parameters, given);
        if (!arranged) return Value::null(madang::format("\"{}\" has no parameter of such a name", function->name));
        arranged->resize(parameters.size());
        given = std::move(*arranged);
    }
    if (find_builtin(function->name) == nullptr && given.size() != function->parameters.size()) {
        return Value::null(madang::format("\"{}\" takes {} arguments", function->name, function->parameters.size()));
    }
    return call(*function, given);
}

// Table 38: three values, and the left side may decide alone.
Value Evaluation::logic(const Node& node, const Scope& scope) {
    const bool decides = node.kind == NodeKind::logical_or;
    const auto left = truth_of(evaluate(*node.children[0], scope));
    if (left == decides) return Value(decides);
    const auto right = truth_of(evaluate(*node.children[1], scope));
    if (right == decides) return Value(decides);
    if (!left || !right) return Value::null("one side is neither true nor false");
    return Value(!decides);
}

// Clauses 10.3.2.14 and 10.3.2.15: the domains are walked as nested loops, the last one fastest.
Value Evaluation::iterate(const Node& node, const Scope& scope) {
    std::vector<std::string_view> names(node.names.begin(), node.names.end());
    List results;
    bool unknown = false;
    std::optional<bool> decided;
    std::string trouble;
    const bool looks_back = node.kind == NodeKind::for_in && mentions(*node.children.back(), "partial");
    const auto turn = [&](const Scope& inner) {
        if (looks_back) {   // each turn may see the results of those before it, so they are copied
            const Scope with_partial{&inner, nullptr, {{"partial", Value(results)}}};
            results.push_back(evaluate(*node.children.back(), with_partial));
            return spend(results.size());
        }
        if (node.kind == NodeKind::for_in) {
            results.push_back(evaluate(*node.children.back(), inner));
            return spend(1);
        }
        const auto truth = truth_of(evaluate(*node.children.back(), inner));
        unknown = unknown || !truth;
        if (truth && *truth == (node.kind == NodeKind::some)) decided = *truth;
        return !decided && spend(1);
    };
    const auto walk = [&](const auto& self, std::size_t at, const Scope& outer) -> bool {
        if (at == names.size()) return turn(outer);
        const Node& domain = *node.children[at];
        const auto items = domain.kind == NodeKind::range_of
                               ? items_between(evaluate(*domain.children[0], outer), evaluate(*domain.children[1], outer), *this)
                               : items_of(evaluate(domain, outer), *this);
        if (!items) {
            trouble = items.error().message;
            return false;
        }
        for (const Value& item : *items) {
            if (!self(self, at + 1, Scope{&outer, nullptr, {{names[at], item}}})) return false;
        }
        return true;
    };
    walk(walk, 0, scope);
    if (is_spent()) return Value::null(std::string(kSpent));
    if (!trouble.empty()) return Value::null(trouble);
    if (node.kind == NodeKind::for_in) return Value(std::move(results));
    if (decided) return Value(*decided);
    return unknown ? Value::null("a condition is neither true nor false") : Value(node.kind == NodeKind::every);
}

// Clause 10.3.2.12: the function keeps the names that were in force where it was written.
Value Evaluation::function(const Node& node, const Scope& scope) {
    Function made;
    made.name = "function";
    made.parameters = node.names;
    made.call = [captured = std::make_shared<const Context>(flatten(scope)), body = node.children[0],
                 parameters = node.names, types = node.type.parts](const List& arguments, Evaluation& evaluation) {
        Scope inner{nullptr, captured.get(), {}};
        for (std::size_t i = 0; i < parameters.size() && i < arguments.size(); ++i) {
            Value fitted = coerce(arguments[i], types[i]);
            if (fitted.is_null() && !arguments[i].is_null()) return fitted;
            inner.names.emplace_back(parameters[i], std::move(fitted));
        }
        return evaluation.evaluate(*body, inner);
    };
    return Value(Value::Held(std::make_shared<const Function>(std::move(made))));
}

// Clause 10.3.2.6: an entry sees those before it.
Value Evaluation::context(const Node& node, const Scope& scope) {
    Context made;
    Scope inner{&scope, nullptr, {}};
    for (std::size_t i = 0; i < node.names.size(); ++i) {
        Value value = evaluate(*node.children[i], inner);
        inner.names.emplace_back(node.names[i], value);
        made.set(node.names[i], std::move(value));
    }
    return Value(std::move(made));
}

Value Evaluation::range(const Node& node, const Scope& scope) {
    if (node.kind == NodeKind::test) {   // "(> 5)", DMN 1.5
        const Value bound = evaluate(*node.children[0], scope);
        switch (node.operation) {
            case NodeKind::less: return Value(Range{false, Value(), bound, false});
            case NodeKind::less_or_equal: return Value(Range{false, Value(), bound, true});
            case NodeKind::greater: return Value(Range{false, bound, Value(), false});
            case NodeKind::greater_or_equal: return Value(Range{true, bound, Value(), false});
            case NodeKind::equal: return Value(Range{true, bound, bound, true});
            default: return Value::null("\"!=\" makes no range");
        }
    }
    const Value first = evaluate(*node.children[0], scope);
    const Value last = evaluate(*node.children[1], scope);
    if (first.is_null() || last.is_null()) return Value::null("an end of the range is null");
    if (!compare(first, last)) {
        return Value::null(madang::format("{} and {} make no range", type_name(first), type_name(last)));
    }
    return Value(Range{node.start_included, first, last, node.end_included});
}

}  // namespace madang::feel
