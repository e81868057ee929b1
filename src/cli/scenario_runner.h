// Runs the scenarios of a service, written for clerks, against the whole house in a scratch folder with a
// clock that stands still. The steps it knows: docs/formats/pack.md.
#pragma once

#include <string>
#include <vector>

#include "catalogue/pack.h"
#include "cli/command.h"

namespace madang::cli {

struct ScenarioResult {
    std::string service, scenario;
    std::size_t line = 0;         // of the step that failed, else of the scenario
    std::string problem;          // empty where it passed
};

// Code::invalid where the house cannot be set up at all; a scenario that fails is a result.
Result<std::vector<ScenarioResult>> run_scenarios(const Context& context, const catalogue::Pack& pack, const Path& pack_folder);

}  // namespace madang::cli
