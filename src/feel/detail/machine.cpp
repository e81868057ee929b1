#include "feel/detail/machine.h"

#include "base/text.h"

namespace madang::feel {
namespace {

Truth truth_from(const Value& value) {
    const bool* truth = value.as<bool>();
    return truth == nullptr ? Truth::unknown : (*truth ? Truth::yes : Truth::no);
}
Truth truth_from(bool truth) { return truth ? Truth::yes : Truth::no; }

Truth ordered(NodeKind operation, std::strong_ordering order) {
    switch (operation) {
        case NodeKind::less: return truth_from(order < 0);
        case NodeKind::less_or_equal: return truth_from(order <= 0);
        case NodeKind::greater: return truth_from(order > 0);
        default: return truth_from(order >= 0);
    }
}

// Whether a point lies in a range.
Truth lies_in(const Range& range, const Value& point) {
    bool inside = true;
    if (!range.start.is_null()) {
        const auto order = compare(range.start, point);
        if (!order) return Truth::unknown;
        inside = *order < 0 || (*order == 0 && range.start_included);
    }
    if (!range.end.is_null()) {
        const auto order = compare(point, range.end);
        if (!order) return Truth::unknown;
        inside = inside && (*order < 0 || (*order == 0 && range.end_included));
    }
    return truth_from(inside);
}

}  // namespace

Value Machine::value(const Op& op, const Scope& scope) {
    Value out;
    const Value& found = value(op, scope, out);
    return &found == &out ? std::move(out) : found;
}

const Value& Machine::value(const Op& op, const Scope& scope, Value& out) {
    if (!run_.spend(1)) return out = Value::null(std::string(kSpent));
    switch (op.kind) {
        case NodeKind::literal: return program_.node(op).value;
        case NodeKind::name: return name(op, scope, out);
        case NodeKind::path: return path(op, scope, out);
        case NodeKind::negate: return out = feel::negate(value(first(op), scope));
        case NodeKind::add: case NodeKind::subtract: case NodeKind::multiply: case NodeKind::divide: case NodeKind::power:
            return arithmetic(op, scope, out);
        case NodeKind::equal: case NodeKind::not_equal: case NodeKind::less: case NodeKind::less_or_equal:
        case NodeKind::greater: case NodeKind::greater_or_equal: case NodeKind::logical_and: case NodeKind::logical_or:
        case NodeKind::between: case NodeKind::in:
            return truth_value(op, scope, out);
        case NodeKind::if_then_else: {
            const Op& condition = first(op);
            const Op& then = after(condition);
            return value(truth(condition, scope) == Truth::yes ? then : after(then), scope, out);
        }
        case NodeKind::instance_of: return out = Value(is_instance(value(first(op), scope), *program_.node(op).type));
        case NodeKind::filter: return out = filter(op, scope);
        case NodeKind::call: return out = call(op, scope);
        case NodeKind::for_in: case NodeKind::some: case NodeKind::every: return out = iterate(op, scope);
        case NodeKind::function: return out = function(op, scope);
        case NodeKind::list: {
            List items;
            items.reserve(op.count);
            for (const Op* item = &first(op); items.size() < op.count; item = next(*item)) {
                items.push_back(value(*item, scope));
                if (!run_.charge(items.back())) return out = Value::null(std::string(kSpent));
            }
            return out = Value(std::move(items));
        }
        case NodeKind::context: return out = context(op, scope);
        case NodeKind::range: case NodeKind::test: return out = range(op, scope);
        case NodeKind::range_of: case NodeKind::tests: case NodeKind::not_tests: case NodeKind::any_test: break;
    }
    return out = Value::null("tests stand only in a cell of a decision table");
}

// --- conditions ---------------------------------------------------------------------------------------

Truth Machine::truth(const Op& op, const Scope& scope) {
    switch (op.kind) {
        case NodeKind::equal: case NodeKind::not_equal: case NodeKind::less: case NodeKind::less_or_equal:
        case NodeKind::greater: case NodeKind::greater_or_equal:
            return run_.spend(1) ? compared(op, scope) : Truth::unknown;
        case NodeKind::logical_and: case NodeKind::logical_or: return run_.spend(1) ? both(op, scope) : Truth::unknown;
        case NodeKind::between: return run_.spend(1) ? between(op, scope) : Truth::unknown;
        case NodeKind::in: return run_.spend(1) ? in(op, scope) : Truth::unknown;
        default: break;
    }
    Value made;
    return truth_from(value(op, scope, made));
}

// A condition as a value: what is unknown says why.
const Value& Machine::truth_value(const Op& op, const Scope& scope, Value& out) {
    if (op.kind >= NodeKind::equal && op.kind <= NodeKind::greater_or_equal) {
        Value left;
        Value right;
        const Value& a = value(first(op), scope, left);
        const Value& b = value(after(first(op)), scope, right);
        const Truth found = compared(op.kind, a, b);
        if (found != Truth::unknown) return out = Value(found == Truth::yes);
        return out = Value::null(madang::format("{} and {} cannot be compared", type_name(a), type_name(b)));
    }
    const bool is_logic = op.kind == NodeKind::logical_and || op.kind == NodeKind::logical_or;
    const Truth found = is_logic ? both(op, scope) : (op.kind == NodeKind::between ? between(op, scope) : in(op, scope));
    if (found != Truth::unknown) return out = Value(found == Truth::yes);
    if (run_.is_spent()) return out = Value::null(std::string(kSpent));
    return out = Value::null(is_logic                        ? "one side is neither true nor false"
                             : op.kind == NodeKind::between ? "\"between\" compares values that cannot be compared"
                                                            : "the value cannot be compared with the tests");
}

Truth Machine::compared(const Op& op, const Scope& scope) {
    Value left;
    Value right;
    const Value& a = value(first(op), scope, left);
    return compared(op.kind, a, value(after(first(op)), scope, right));
}

Truth Machine::compared(NodeKind operation, const Value& a, const Value& b) {
    const auto* left = a.as<Number>();
    const auto* right = b.as<Number>();
    const bool by_equality = operation == NodeKind::equal || operation == NodeKind::not_equal;
    if (left != nullptr && right != nullptr) {
        return by_equality ? truth_from((*left == *right) == (operation == NodeKind::equal)) : ordered(operation, *left <=> *right);
    }
    if (by_equality) {
        if (!run_.charge_all(a) || !run_.charge_all(b)) return Truth::unknown;
        const auto same_value = equal(a, b);
        return same_value ? truth_from(*same_value == (operation == NodeKind::equal)) : Truth::unknown;
    }
    const auto order = compare(a, b);
    return order ? ordered(operation, *order) : Truth::unknown;
}

// Table 38: three values, and the left side may decide alone.
Truth Machine::both(const Op& op, const Scope& scope) {
    const Truth decides = op.kind == NodeKind::logical_or ? Truth::yes : Truth::no;
    const Truth left = truth(first(op), scope);
    if (left == decides) return decides;
    const Truth right = truth(after(first(op)), scope);
    if (right == decides) return decides;
    if (left == Truth::unknown || right == Truth::unknown) return Truth::unknown;
    return decides == Truth::yes ? Truth::no : Truth::yes;
}

Truth Machine::between(const Op& op, const Scope& scope) {
    Value made;
    Value bound;
    const Op& from = after(first(op));
    const Value& point = value(first(op), scope, made);
    const Truth low = compared(NodeKind::greater_or_equal, point, value(from, scope, bound));
    const Truth high = compared(NodeKind::less_or_equal, point, value(after(from), scope, bound));
    if (low == Truth::no || high == Truth::no) return Truth::no;
    return low == Truth::yes && high == Truth::yes ? Truth::yes : Truth::unknown;
}

Truth Machine::in(const Op& op, const Scope& scope) {
    Value made;
    const Value& input = value(first(op), scope, made);
    bool unknown = false;
    const Op* test = next(first(op));
    for (std::uint32_t i = 1; i < op.count; ++i, test = next(*test)) {
        const Truth passed = passes(*test, input, scope);
        if (passed == Truth::yes) return Truth::yes;
        unknown = unknown || passed == Truth::unknown;
    }
    return unknown ? Truth::unknown : Truth::no;
}

// Clause 7.3.2 with table 55: what a value of a test says about the input.
Truth Machine::judge(const Value& answer, const Value& input, bool uses_input) {
    if (answer.list() != nullptr || answer.context() != nullptr) {
        if (!run_.charge_all(answer) || !run_.charge_all(input)) return Truth::unknown;
    }
    const bool* truth = answer.as<bool>();
    if (truth != nullptr && (uses_input || input.as<bool>() == nullptr)) return truth_from(*truth);
    if (answer.is_null()) {
        if (!answer.reason().empty()) return Truth::unknown;
        return truth_from(input.is_null());
    }
    if (const Range* range = answer.range()) {
        if (input.range() != nullptr) return truth_from(same(answer, input));
        return input.is_null() ? Truth::unknown : lies_in(*range, input);
    }
    if (const List* list = answer.list()) {
        if (same(answer, input)) return Truth::yes;
        for (const Value& item : *list) {
            if (judge(item, input, false) == Truth::yes) return Truth::yes;
        }
        return Truth::no;
    }
    return truth_from(same(answer, input));
}

Truth Machine::passes(const Op& op, const Value& input, const Scope& scope) {
    if (!run_.spend(1)) return Truth::unknown;
    if (op.kind == NodeKind::any_test) return Truth::yes;
    if (op.kind == NodeKind::tests || op.kind == NodeKind::not_tests) {
        bool unknown = false;
        bool any = false;
        const Op* test = &first(op);
        for (std::uint32_t i = 0; i < op.count && !any; ++i, test = next(*test)) {
            const Truth passed = passes(*test, input, scope);
            any = passed == Truth::yes;
            unknown = unknown || passed == Truth::unknown;
        }
        if (!any && unknown) return Truth::unknown;
        return truth_from(any == (op.kind == NodeKind::tests));
    }
    if (!op.mentions_input) return passes_one(op, input, scope);
    const Binding binding{"?", &input};
    return passes_one(op, input, Scope{&scope, nullptr, {&binding, 1}});
}

Truth Machine::passes_one(const Op& op, const Value& input, const Scope& scope) {
    Value made;
    if (op.kind == NodeKind::test) return compared(op.operation, input, value(first(op), scope, made));
    return judge(value(op, scope, made), input, op.uses_input);
}

// --- values -------------------------------------------------------------------------------------------

const Value& Machine::name(const Op& op, const Scope& scope, Value& out) const {
    const Value* found = scope.find(program_.node(op).text);
    return found != nullptr ? *found : missing_name(op, scope, out);
}

const Value& Machine::missing_name(const Op& op, const Scope& scope, Value& out) const {
    const std::string_view text = program_.node(op).text;
    if (const Builtin* builtin = find_builtin(text)) return out = function_of(*builtin);
    // A name with a point in it that is in force elsewhere is a path here.
    if (const std::size_t point = text.find('.'); point != std::string_view::npos && point > 0) {
        if (const Value* start = scope.find(text.substr(0, point))) {
            out = *start;
            for (const std::string_view part : split(text.substr(point + 1), '.')) out = property(out, trim(part));
            return out;
        }
    }
    return out = Value::null(madang::format("there is no \"{}\" here", text));
}

const Value& Machine::path(const Op& op, const Scope& scope, Value& out) {
    Value made;
    const Value& base = value(first(op), scope, made);
    if (&base != &made && base.context() != nullptr) {
        // What stands somewhere keeps its entries as well.
        if (const Value* entry = base.context()->find(program_.node(op).text)) return *entry;
    }
    return out = property(base, program_.node(op).text);
}

const Value& Machine::arithmetic(const Op& op, const Scope& scope, Value& out) {
    Value left;
    Value right;
    const Value& a = value(first(op), scope, left);
    const Value& b = value(after(first(op)), scope, right);
    const auto* x = a.as<Number>();
    const auto* y = b.as<Number>();
    if (x != nullptr && y != nullptr && op.kind <= NodeKind::multiply) {
        const auto result = op.kind == NodeKind::add ? add(*x, *y) : (op.kind == NodeKind::subtract ? subtract(*x, *y) : multiply(*x, *y));
        if (result) return out = Value(*result);
    }
    if (op.kind == NodeKind::add && (!run_.charge(a) || !run_.charge(b))) return out = Value::null(std::string(kSpent));
    if (op.kind == NodeKind::power && !run_.spend(kRealSteps)) return out = Value::null(std::string(kSpent));
    return out = feel::arithmetic(op.kind, a, b);
}

}  // namespace madang::feel
