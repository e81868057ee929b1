// Unary tests: the cells of decision tables (clause 7.3.2) and the right side of `in`.
#include "feel/detail/evaluation.h"

namespace madang::feel {

Value Evaluation::in(const Node& node, const Scope& scope) {
    const Value input = evaluate(*node.children[0], scope);
    bool unknown = false;
    for (std::size_t i = 1; i < node.children.size(); ++i) {
        const auto passed = truth_of(test(*node.children[i], input, scope));
        if (passed.value_or(false)) return Value(true);
        unknown = unknown || !passed;
    }
    return unknown ? Value::null("the value cannot be compared with the tests") : Value(false);
}

namespace {

// Clause 7.3.2 with table 55: what a value of a test says about the input.
Value judge(const Value& answer, const Value& input, bool uses_input) {
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

}  // namespace

Value Evaluation::test(const Node& node, const Value& input, const Scope& scope) {
    if (!spend(1)) return Value::null(std::string(kSpent));
    switch (node.kind) {
        case NodeKind::any_test: return Value(true);
        case NodeKind::test: return comparison(node.operation, input, evaluate(*node.children[0], Scope{&scope, nullptr, {{"?", input}}}));
        case NodeKind::tests: case NodeKind::not_tests: {
            bool unknown = false;
            bool any = false;
            for (const auto& child : node.children) {
                const auto passed = truth_of(test(*child, input, scope));
                any = any || passed.value_or(false);
                unknown = unknown || !passed;
            }
            if (!any && unknown) return Value::null("the input cannot be compared with the tests");
            return Value(any == (node.kind == NodeKind::tests));
        }
        default: {
            const Scope inner{&scope, nullptr, {{"?", input}}};
            return judge(evaluate(node, inner), input, node.uses_input);
        }
    }
}

}  // namespace madang::feel
