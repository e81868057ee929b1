// The values that a column of a decision table is asked with, cut at the constants of its cells into segments
// within which no cell changes its answer: points and what lies between them, or texts and any other text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "decision/detail/model.h"

namespace madang::decision {

// What the model says of the values of a column.
struct ColumnType {
    std::string name;                       // typeRef, for messages; empty where it is not known
    std::string base;                       // the built-in type below it; empty where that is no simple one
    std::vector<feel::Expression> tests;    // allowed values and constraints: all of them hold
};

// One bit a rule.
using RuleSet = std::vector<std::uint64_t>;

struct Segment {
    feel::Value sample;
    RuleSet sure;       // rules whose cells let it pass
    RuleSet perhaps;    // those and the ones that cannot be told
};

// Columns that ask for the same thing are one axis.
struct Axis {
    std::vector<std::size_t> columns;
    std::vector<Segment> segments;   // never empty; one with a null sample where the domain is not known
    bool ordered = false;            // a neighbour in the list is a neighbour in value
    bool whole = true;               // every value that may come is in a segment
};

// The axes of a table; nothing where it is too large. `types`: one a column.
std::optional<std::vector<Axis>> axes_of(const Table& table, const std::vector<ColumnType>& types);

// The constants that a unary test compares its input with, added to `constants`; false for a test that asks
// for anything else.
bool constants_of(const feel::NodePointer& test, std::vector<feel::Value>& constants);

}  // namespace madang::decision
