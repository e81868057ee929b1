// Runs a program: values by reference where they stand somewhere already, conditions without making values.
#pragma once

#include "feel/detail/program.h"

namespace madang::feel {

class Machine {
public:
    Machine(Evaluation& run, const Program& program) : run_(run), program_(program) {}

    // A value of the scope or of the program, or `out`.
    const Value& value(const Op& op, const Scope& scope, Value& out);
    Value value(const Op& op, const Scope& scope);
    Truth truth(const Op& op, const Scope& scope);
    // Clause 7.3.2: whether the input passes a cell, or a test of one.
    Truth passes(const Op& op, const Value& input, const Scope& scope);

private:
    // The children of a node stand behind it, each behind the end of the one before.
    static const Op& first(const Op& op) { return *(&op + 1); }
    const Op& after(const Op& op) const { return program_.ops[op.end]; }
    const Op* next(const Op& op) const { return program_.ops.data() + op.end; }   // also behind the last

    Truth compared(const Op& op, const Scope& scope);
    Truth compared(NodeKind operation, const Value& a, const Value& b);
    Truth both(const Op& op, const Scope& scope);
    Truth between(const Op& op, const Scope& scope);
    Truth in(const Op& op, const Scope& scope);
    Truth judge(const Value& answer, const Value& input, bool uses_input);
    Truth passes_one(const Op& op, const Value& input, const Scope& scope);
    const Value& truth_value(const Op& op, const Scope& scope, Value& out);

    const Value& name(const Op& op, const Scope& scope, Value& out) const;
    const Value& missing_name(const Op& op, const Scope& scope, Value& out) const;
    const Value& path(const Op& op, const Scope& scope, Value& out);
    const Value& arithmetic(const Op& op, const Scope& scope, Value& out);
    Value filter(const Op& op, const Scope& scope);
    Value call(const Op& op, const Scope& scope);
    Value call_builtin(const Op& op, const Builtin& builtin, List given);
    Value iterate(const Op& op, const Scope& scope);
    Value function(const Op& op, const Scope& scope);
    Value context(const Op& op, const Scope& scope);
    Value range(const Op& op, const Scope& scope);

    Evaluation& run_;
    const Program& program_;
};

// The numbers or days of a range, in the direction from its start to its end. Clause 10.3.2.14.
Result<List> items_between(const Value& from, const Value& to, Evaluation& evaluation);
// What an iteration goes over: a list, a range, or one value.
Result<List> items_of(const Value& domain, Evaluation& evaluation);
// By place from 1, or from the end if negative.
Value item_at(const List& list, const Number& place);
// Puts named arguments at their places; nothing where a name is not a parameter.
std::optional<List> arrange(std::span<const std::string> names, std::span<const std::string_view> parameters, const List& given);

}  // namespace madang::feel
