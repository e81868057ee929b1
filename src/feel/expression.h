// FEEL, the expression language of DMN 1.5 (chapter 10), parsed once and evaluated often. Forms,
// decisions and processes share it. Names may hold blanks, so the parser is told which are in scope:
//
//   TRY(const Expression rule, parse_expression("if income tax > 10 then \"A\" else \"B\"", {{"income tax"}}));
//   const Value answer = evaluate(rule, variables);   // a FEEL error is a null with its reason
#pragma once

#include <bitset>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "feel/value.h"

namespace madang::feel {

inline constexpr std::size_t kMaxExpressionBytes = 64U << 10;
inline constexpr int kMaxDepth = 60;          // of nesting in the text
inline constexpr int kMaxNesting = 1500;      // of nodes being evaluated within each other, over all calls

struct Node;
struct Types;     // detail/syntax.h
struct Program;   // detail/program.h

// Immutable; cheap to copy; usable from many threads.
class Expression {
public:
    explicit Expression(std::shared_ptr<const Node> root);
    const Node& root() const;                              // as it was written, for checks
    const Program& program() const { return *program_; }   // as it is run

private:
    std::shared_ptr<const Program> program_;
};

// What evaluations have cost so far.
struct Spent {
    std::size_t steps = 0;
    int calls = 0;                            // within each other, now
    int nesting = 0;                          // nodes within each other, now
};

// What evaluation may cost, and what it knows of the world.
struct Budget {
    std::size_t steps = 1'000'000;            // nodes visited and list items made
    int depth = 200;                          // of calls within calls
    const Clock* clock = nullptr;             // for now() and today(); without it they are null
    std::shared_ptr<Spent> spent = nullptr;   // shared by evaluations that may cost no more than one together
};

// Names that are more than one word, ready to be looked for in texts; a plain word needs no help.
class NameSet {
public:
    NameSet() = default;
    explicit NameSet(const std::vector<std::string>& names);
    void add(std::string name);
    // In no particular order but by their first byte.
    std::span<const std::string> beginning_with(char first) const;

private:
    std::vector<std::string> names_;   // sorted by the first byte
    std::bitset<256> first_;
};

// Fails with Code::invalid and "line L, column C: ..."; a leading "=" (as form-js and BPMN editors
// write it) is skipped. `names`: those in scope that are more than one word, built-ins known anyway.
// `types`: those of a model, for `instance of` and the parameters of functions.
Result<Expression> parse_expression(std::string_view text, const std::vector<std::string>& names = {}, const Types* types = nullptr);
Result<Expression> parse_expression(std::string_view text, const NameSet& names, const Types* types = nullptr);
// Unary tests of an input cell ("-", "< 5", "not(\"a\", \"b\")", "[1..3], 7"). Clause 7.3.2 and grammar rule 17.
Result<Expression> parse_unary_tests(std::string_view text, const std::vector<std::string>& names = {}, const Types* types = nullptr);
Result<Expression> parse_unary_tests(std::string_view text, const NameSet& names, const Types* types = nullptr);

// An expression that gives a null with this reason: what stands for a text that could not be read.
Expression make_null(std::string reason);

Value evaluate(const Expression& expression, const Context& variables, const Budget& budget = {});
// Whether `input` passes the tests; the word `?` in them is the input. Null where it cannot be told.
Value matches(const Expression& tests, const Value& input, const Context& variables, const Budget& budget = {});

// The variables that an expression reads, each once (for static checks).
std::vector<std::string> free_names(const Expression& expression);

// A text without which an expression cannot be true: `a = "x"` and `contains(a, "x")` wherever all of an `and` is needed.
// What searches many records looks for these first.
struct RequiredText {
    std::string name, text;
    bool whole = false;      // the variable is the text; else it holds it somewhere
};
std::vector<RequiredText> required_texts(const Expression& expression);

// What an expression is joined from by `and` (all are needed) or by `or` (one is enough), or one test that is neither.
struct Parts {
    enum class Joined { one, all, any };
    Joined joined = Joined::one;
    std::vector<Expression> parts;
};
Parts parts_of(const Expression& expression);
// True where `and` would take it for true: also a list of one truth.
Expression as_condition(const Expression& expression);

}  // namespace madang::feel
