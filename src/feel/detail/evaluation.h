// One run of an expression: what it may still cost, and the operators of FEEL over values.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feel/detail/syntax.h"
#include "feel/expression.h"

namespace madang::feel {

struct Program;   // detail/program.h
struct Builtin;

// The names in force at a place, innermost first. Lives on the stack of the run, as what it points to.
struct Binding {
    std::string_view name;
    const Value* value;
};
struct Scope {
    const Scope* outer = nullptr;
    const Context* context = nullptr;                         // its entries are names, may be null
    std::span<const Binding> bindings;                        // the last of a name counts

    const Value* find(std::string_view name) const;
};
// Every name in force, for what outlives the place.
Context flatten(const Scope& scope);

// Three-valued logic (clause 10.3.2.10).
enum class Truth : std::uint8_t { no, yes, unknown };

class Evaluation {
public:
    explicit Evaluation(const Budget& budget) : budget_(budget), spent_(budget.spent ? *budget.spent : own_) {}
    Evaluation(const Evaluation&) = delete;
    Evaluation& operator=(const Evaluation&) = delete;

    Value evaluate(const Program& program, const Scope& scope);
    // The same without a copy: a value of the scope or of the program, or `out`.
    const Value& evaluate(const Program& program, const Scope& scope, Value& out);
    // Whether `input` passes the tests.
    Truth test(const Program& program, const Value& input, const Scope& scope);
    Value call(const Function& function, const List& arguments);
    // Charges for what the arguments hold, since a built-in walks through them.
    Value call(const Builtin& builtin, const List& arguments);
    const Clock* clock() const { return budget_.clock; }
    // False when the budget is spent.
    bool spend(std::size_t steps) {
        spent_.steps += steps;
        return spent_.steps <= budget_.steps;
    }
    bool is_spent() const { return spent_.steps > budget_.steps; }
    // For a value that is copied: a long text costs memory.
    bool charge(const Value& value) {
        const auto* text = value.as<std::string>();
        return text == nullptr || text->size() < 64 || spend(text->size() / 64);
    }
    // For a value that is walked through to its leaves, as comparing and writing do.
    bool charge_all(const Value& value) {
        if (value.list() == nullptr && value.context() == nullptr) return charge(value);
        return spend(weight(value, is_spent() ? 0 : budget_.steps - spent_.steps));
    }

    // Nodes within each other, over all calls: a part of a program stands for as many as it is deep.
    class Level {
    public:
        Level(Evaluation& evaluation, int depth) : spent_(evaluation.spent_), depth_(depth) { spent_.nesting += depth_; }
        ~Level() { spent_.nesting -= depth_; }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;
        bool too_deep() const { return spent_.nesting > kMaxNesting; }

    private:
        Spent& spent_;
        int depth_;
    };

private:
    const Budget budget_;
    Spent own_;
    Spent& spent_;
};

// What a power, a logarithm or an exponential costs, each in 60 digits.
inline constexpr std::size_t kRealSteps = 500;
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
// A built-in as a value, to be given to another function.
Value function_of(const Builtin& builtin);

}  // namespace madang::feel
