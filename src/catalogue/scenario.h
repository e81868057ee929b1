// Scenario tests of a service, in a format that a clerk can read: the part of Gherkin that needs no
// code (cucumber.io/docs/gherkin/reference): Feature, Background, Scenario, Given/When/Then/And/But/*,
// data tables and comments. Scenario Outline, Rule, doc strings and tags are refused by name.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace madang::catalogue {

enum class StepKind { given, when, then };

struct Step {
    StepKind kind = StepKind::given;   // And, But and * take the kind of the step before
    std::string text;                  // without the keyword
    std::vector<std::vector<std::string>> table;
    std::size_t line = 0;
};

struct Scenario {
    std::string name;
    std::vector<Step> steps;           // the background's first
    std::size_t line = 0;
};

struct Feature {
    std::string name;
    std::vector<Scenario> scenarios;
};

// `name` stands in messages ("scenarios.feature:12: ..."). At most 1 MB, 1,000 scenarios, 100 steps each.
Result<Feature> parse_feature(std::string_view text, std::string_view name);

// The texts in "quotes" of a step, and the step with each replaced by "".
//   `"Alena" asks for "A"`  →  {`"" asks for ""`, {"Alena", "A"}}
std::pair<std::string, std::vector<std::string>> split_quotes(std::string_view step);

}  // namespace madang::catalogue
