// What is wrong with a model before anybody asks it: rows that nothing meets, inputs that no rule answers,
// names that nothing brings. Clauses 8.2.8 (hit policies), 7.3.2 and 10.3.2.
//
//   for (const Finding& finding : check(decisions)) print(finding.where, finding.message);
#pragma once

#include <string>
#include <vector>

#include "decision/decision.h"

namespace madang::decision {

enum class Severity {
    error,     // an evaluation can only give null here
    warning,   // allowed, and most likely not meant
};

struct Finding {
    Severity severity = Severity::warning;
    std::string kind;       // "gap", "overlap", "unreachable_rule", "unknown_name", "wrong_type", "unknown_type", "no_logic"
    std::string where;      // "file.dmn:12"
    std::string element;    // name of the decision or other element; with the rule: "Eligibility, rule 3"
    std::string message;    // one plain sentence
    json::object example;   // of a gap or overlap: one value for each input column, as its FEEL text, by the column's label
};

// How much of a table is looked through; a larger one is told with a finding "too_large" of its own.
inline constexpr std::size_t kMaxCheckedCells = 200'000;   // combinations of intervals
inline constexpr std::size_t kMaxFindings = 200;

// Every finding of the model, in the file's order. Never fails: what cannot be decided is not told.
std::vector<Finding> check(const Decisions& decisions);

}  // namespace madang::decision
