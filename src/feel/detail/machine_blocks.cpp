// What makes scopes or calls: filters, iterations, contexts, functions, ranges.
#include <algorithm>

#include "base/text.h"
#include "feel/detail/machine.h"

namespace madang::feel {

// Clause 10.3.2.5.4: by place where the condition is a number, else the items for which it holds.
Value Machine::filter(const Op& op, const Scope& scope) {
    Value made;
    const Value& base = value(first(op), scope, made);
    if (base.is_null()) return base;
    const List single = base.list() == nullptr ? List{base} : List();
    const List& list = base.list() == nullptr ? single : *base.list();
    const Op& condition = after(first(op));
    List kept;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const Context* entries = list[i].context();
        const Binding item{"item", &list[i]};
        const bool named = entries == nullptr || entries->find("item") == nullptr;
        const Scope inner{&scope, entries, named ? std::span(&item, 1) : std::span<const Binding>()};
        Value answer;
        const Value& found = value(condition, inner, answer);
        if (i == 0) {
            if (const auto* place = found.as<Number>()) return item_at(list, *place);
        }
        if (truth_of(found).value_or(false)) {
            kept.push_back(list[i]);
            run_.charge(list[i]);
        }
        if (run_.is_spent()) return Value::null(std::string(kSpent));
    }
    if (list.empty() && condition.kind == NodeKind::literal && program_.node(condition).value.as<Number>() != nullptr) {
        return Value::null("the list has no items");
    }
    return Value(std::move(kept));
}

Value Machine::call_builtin(const Op& op, const Builtin& builtin, List given) {
    if (const auto& names = program_.node(op).names; !names.empty()) {
        for (std::size_t i = 0; i < given.size(); ++i) {
            const bool single = std::ranges::find(builtin.singles, names[i]) != builtin.singles.end();
            if (single && given[i].list() != nullptr) return Value::null(madang::format("\"{}\" is no list", names[i]));
        }
        std::optional<List> arranged;
        for (const auto& parameters : builtin.parameters) {
            arranged = arrange(names, parameters, given);
            if (arranged) break;
        }
        if (!arranged) return Value::null(madang::format("\"{}\" has no parameter of such a name", builtin.name));
        given = std::move(*arranged);
    }
    return run_.call(builtin, given);
}

Value Machine::call(const Op& op, const Scope& scope) {
    const Op& callee = first(op);
    List given;
    given.reserve(op.count - 1);
    for (const Op* one = next(callee); given.size() + 1 < op.count; one = next(*one)) given.push_back(value(*one, scope));
    // A name in force hides the built-in function.
    if (op.builtin != 0 && scope.find(program_.node(callee).text) == nullptr) return call_builtin(op, *program_.builtins[op.builtin - 1], std::move(given));
    const Value target = value(callee, scope);
    const Function* function = target.function();
    if (function == nullptr) {
        return Value::null(callee.kind == NodeKind::name ? madang::format("there is no function \"{}\"", program_.node(callee).text) : "this is no function");
    }
    if (const auto& names = program_.node(op).names; !names.empty()) {
        const std::vector<std::string_view> parameters(function->parameters.begin(), function->parameters.end());
        auto arranged = arrange(names, parameters, given);
        if (!arranged) return Value::null(madang::format("\"{}\" has no parameter of such a name", function->name));
        arranged->resize(parameters.size());
        given = std::move(*arranged);
    }
    if (find_builtin(function->name) == nullptr && given.size() != function->parameters.size()) {
        return Value::null(madang::format("\"{}\" takes {} arguments", function->name, function->parameters.size()));
    }
    return run_.call(*function, given);
}

// Clauses 10.3.2.14 and 10.3.2.15: the domains are walked as nested loops, the last one fastest.
Value Machine::iterate(const Op& op, const Scope& scope) {
    const std::size_t domains = op.count - 1;
    const auto& names = program_.node(op).names;
    std::vector<const Op*> parts;
    for (const Op* part = &first(op); parts.size() < op.count; part = next(*part)) parts.push_back(part);
    const Op& body = *parts.back();
    List results;
    bool unknown = false;
    std::optional<bool> decided;
    std::string trouble;
    const auto turn = [&](const Scope& inner) {
        if (op.kind != NodeKind::for_in) {
            const Truth found = truth(body, inner);
            unknown = unknown || found == Truth::unknown;
            if (found != Truth::unknown && (found == Truth::yes) == (op.kind == NodeKind::some)) decided = found == Truth::yes;
            return !decided && run_.spend(1);
        }
        if (!op.looks_back) {
            results.push_back(value(body, inner));
            return run_.charge(results.back()) && run_.spend(1);
        }
        // Each turn may see the results of those before it, so they are copied.
        const Value before(results);
        const Binding binding{"partial", &before};
        results.push_back(value(body, Scope{&inner, nullptr, {&binding, 1}}));
        return run_.charge(results.back()) && run_.spend(results.size());
    };
    const auto walk = [&](const auto& self, std::size_t at, const Scope& outer) -> bool {
        if (at == domains) return turn(outer);
        const Op& domain = *parts[at];
        const auto items = domain.kind == NodeKind::range_of
                               ? items_between(value(first(domain), outer), value(after(first(domain)), outer), run_)
                               : items_of(value(domain, outer), run_);
        if (!items) {
            trouble = items.error().message;
            return false;
        }
        for (const Value& item : *items) {
            const Binding binding{names[at], &item};
            if (!self(self, at + 1, Scope{&outer, nullptr, {&binding, 1}})) return false;
        }
        return true;
    };
    walk(walk, 0, scope);
    if (run_.is_spent()) return Value::null(std::string(kSpent));
    if (!trouble.empty()) return Value::null(trouble);
    if (op.kind == NodeKind::for_in) return Value(std::move(results));
    if (decided) return Value(*decided);
    return unknown ? Value::null("a condition is neither true nor false") : Value(op.kind == NodeKind::every);
}

// Clause 10.3.2.12: the function keeps the names that were in force where it was written.
Value Machine::function(const Op& op, const Scope& scope) {
    Function made;
    made.name = "function";
    made.parameters = program_.node(op).names;
    made.call = [captured = std::make_shared<const Context>(flatten(scope)), program = program_.shared_from_this(),
                 at = static_cast<std::size_t>(&op - program_.ops.data())](const List& arguments, Evaluation& evaluation) {
        const Op& self = program->ops[at];
        const auto& types = program->node(self).type->parts;
        const Evaluation::Level level(evaluation, program->depth);
        if (level.too_deep()) return Value::null("what is evaluated is nested too deep");
        std::vector<Value> fitted(std::min(types.size(), arguments.size()));
        std::vector<Binding> bindings(fitted.size());
        for (std::size_t i = 0; i < fitted.size(); ++i) {
            fitted[i] = coerce(arguments[i], types[i]);
            if (fitted[i].is_null() && !arguments[i].is_null()) return fitted[i];
            bindings[i] = {program->node(self).names[i], &fitted[i]};
        }
        return Machine(evaluation, *program).value(first(self), Scope{nullptr, captured.get(), bindings});
    };
    return Value(Value::Held(std::make_shared<const Function>(std::move(made))));
}

// Clause 10.3.2.6: an entry sees those before it.
Value Machine::context(const Op& op, const Scope& scope) {
    std::vector<Value> values(op.count);
    std::vector<Binding> bindings;
    bindings.reserve(op.count);
    Context made;
    const Op* entry = &first(op);
    for (std::uint32_t i = 0; i < op.count; ++i, entry = next(*entry)) {
        values[i] = value(*entry, Scope{&scope, nullptr, bindings});
        bindings.push_back({program_.node(op).names[i], &values[i]});
        made.set(program_.node(op).names[i], values[i]);
        if (!run_.charge(values[i])) return Value::null(std::string(kSpent));
    }
    return Value(std::move(made));
}

Value Machine::range(const Op& op, const Scope& scope) {
    if (op.kind == NodeKind::test) {   // "(> 5)", DMN 1.5
        const Value bound = value(first(op), scope);
        switch (op.operation) {
            case NodeKind::less: return Value(Range{false, Value(), bound, false});
            case NodeKind::less_or_equal: return Value(Range{false, Value(), bound, true});
            case NodeKind::greater: return Value(Range{false, bound, Value(), false});
            case NodeKind::greater_or_equal: return Value(Range{true, bound, Value(), false});
            case NodeKind::equal: return Value(Range{true, bound, bound, true});
            default: return Value::null("\"!=\" makes no range");
        }
    }
    const Value start = value(first(op), scope);
    const Value end = value(after(first(op)), scope);
    if (start.is_null() || end.is_null()) return Value::null("an end of the range is null");
    if (!compare(start, end)) return Value::null(madang::format("{} and {} make no range", type_name(start), type_name(end)));
    return Value(Range{op.start_included, start, end, op.end_included});
}

}  // namespace madang::feel
