// One run of an expression: what it may still cost, and the operators of FEEL over values.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feel/detail/syntax.h"
#include "feel/expression.h"

namespace madang::feel {

// The names in force at a place, innermost first. Lives on the stack of the run.
struct Scope {
    const Scope* outer = nullptr;
    const Context* context = nullptr;                         // its entries are names, may be null
    std::vector<std::pair<std::string_view, Value>> names;    // few

    const Value* find(std::string_view name) const;
};

class Evaluation {
public:
    explicit Evaluation(const Budget& budget) : budget_(budget), spent_(budget.spent ? *budget.spent : own_) {}
    Evaluation(const Evaluation&) = delete;
    Evaluation& operator=(const Evaluation&) = delete;

    Value evaluate(const Node& node, const Scope& scope);
    // Whether `input` passes the test; null where that cannot be told.
    Value test(const Node& node, const Value& input, const Scope& scope);
    Value call(const Function& function, const List& arguments);
    const Clock* clock() const { return budget_.clock; }
    // False when the budget is spent.
    bool spend(std::size_t steps);

private:
    Value evaluate_node(const Node& node, const Scope& scope);
    bool is_spent() const { return spent_.steps > budget_.steps; }
    Value name(const Node& node, const Scope& scope);
    Value path(const Node& node, const Scope& scope);
    Value filter(const Node& node, const Scope& scope);
    Value call(const Node& node, const Scope& scope);
    Value logic(const Node& node, const Scope& scope);
    Value in(const Node& node, const Scope& scope);
    Value iterate(const Node& node, const Scope& scope);
    Value function(const Node& node, const Scope& scope);
    Value context(const Node& node, const Scope& scope);
    Value range(const Node& node, const Scope& scope);

    const Budget budget_;
    Spent own_;
    Spent& spent_;
};

// What stands where the budget is spent.
inline constexpr std::string_view kSpent = "the expression costs more than it may";

inline std::optional<bool> truth_of(const Value& value) {
    const bool* truth = value.as<bool>();
    return truth == nullptr ? std::nullopt : std::optional(*truth);
}

// Table 45 of clause 10.3.2.11 and the comparisons of clause 10.3.2.13.
Value arithmetic(NodeKind operation, const Value& a, const Value& b);
Value negate(const Value& a);
Value comparison(NodeKind operation, const Value& a, const Value& b);
// Whether a point lies in a range; null where they cannot be compared.
Value contains(const Range& range, const Value& point);
// A property of a value: an entry of a context, the year of a date, … (table 65). Null without one.
Value property(const Value& value, std::string_view name);
bool is_instance(const Value& value, const Type& type);
// The value as a parameter of that type takes it (clause 10.3.2.9.4), or a null with the reason.
Value coerce(const Value& value, const Type& type);

// A built-in function of clause 10.3.4.
struct Builtin {
    std::string_view name;
    // The names of its parameters; several sets where it is overloaded.
    std::vector<std::vector<std::string_view>> parameters;
    std::size_t least = 0;
    std::size_t most = 0;
    Value (*call)(const List& arguments, Evaluation& evaluation) = nullptr;
    std::vector<std::string_view> singles = {};   // parameters that take no list where they are given by name
};
const Builtin* find_builtin(std::string_view name);

}  // namespace madang::feel
