// What a run of an expression needs beside its program: names in force, calls, the items of iterations.
#include "feel/detail/evaluation.h"

#include <algorithm>

#include "base/text.h"
#include "feel/detail/machine.h"

namespace madang::feel {

const Value* Scope::find(std::string_view name) const {
    for (const Scope* scope = this; scope != nullptr; scope = scope->outer) {
        for (std::size_t i = scope->bindings.size(); i-- > 0;) {
            if (scope->bindings[i].name == name) return scope->bindings[i].value;
        }
        if (scope->context == nullptr) continue;
        if (const Value* found = scope->context->find(name)) return found;
    }
    return nullptr;
}

Context flatten(const Scope& scope) {
    Context all;
    for (const Scope* one = &scope; one != nullptr; one = one->outer) {
        for (std::size_t i = one->bindings.size(); i-- > 0;) {
            const Binding& binding = one->bindings[i];
            if (all.find(binding.name) == nullptr) all.set(std::string(binding.name), *binding.value);
        }
        if (one->context == nullptr) continue;
        for (const auto& [name, value] : one->context->entries()) {
            if (all.find(name) == nullptr) all.set(name, value);
        }
    }
    return all;
}

Value function_of(const Builtin& builtin) {
    Function function;
    function.name = builtin.name;
    if (!builtin.parameters.empty()) function.parameters.assign(builtin.parameters[0].begin(), builtin.parameters[0].end());
    function.call = [&builtin](const List& arguments, Evaluation& evaluation) {
        return evaluation.call(builtin, arguments);
    };
    return Value(Value::Held(std::make_shared<const Function>(std::move(function))));
}

Value Evaluation::evaluate(const Program& program, const Scope& scope) {
    Value out;
    const Value& found = evaluate(program, scope, out);
    return &found == &out ? std::move(out) : found;
}

const Value& Evaluation::evaluate(const Program& program, const Scope& scope, Value& out) {
    const Level level(*this, program.depth);
    if (level.too_deep()) return out = Value::null("what is evaluated is nested too deep");
    const Value& value = Machine(*this, program).value(program.root(), scope, out);
    // Lists that hold the same list many times are small here and endless for whoever writes them out.
    const bool composed = &value == &out && (value.list() != nullptr || value.context() != nullptr);
    if (composed && weight(value, budget_.steps) > budget_.steps) return out = Value::null("the value is too large");
    return value;
}

Truth Evaluation::test(const Program& program, const Value& input, const Scope& scope) {
    const Level level(*this, program.depth);
    return level.too_deep() ? Truth::unknown : Machine(*this, program).passes(program.root(), input, scope);
}

Value Evaluation::call(const Builtin& builtin, const List& arguments) {
    if (arguments.size() < builtin.least || arguments.size() > builtin.most) {
        return Value::null(madang::format("\"{}\" cannot take {} arguments", builtin.name, arguments.size()));
    }
    for (const Value& argument : arguments) {
        if (!charge_all(argument)) return Value::null(std::string(kSpent));
    }
    return builtin.call(arguments, *this);
}

Value Evaluation::call(const Function& function, const List& arguments) {
    if (spent_.calls >= budget_.depth) return Value::null("calls are nested too deep");
    ++spent_.calls;
    Value answer = function.call(arguments, *this);
    --spent_.calls;
    return answer;
}

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

Value item_at(const List& list, const Number& place) {
    const auto index = place.integer();
    const auto size = static_cast<std::int64_t>(list.size());
    if (!index || *index == 0 || *index > size || *index < -size) return Value::null(madang::format("the list has no item {}", place.text()));
    return list[static_cast<std::size_t>(*index > 0 ? *index - 1 : size + *index)];
}

std::optional<List> arrange(std::span<const std::string> names, std::span<const std::string_view> parameters, const List& given) {
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

}  // namespace madang::feel
