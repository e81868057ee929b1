// All that can be said of a BPMN file before it runs: the rules of the standard, whether its processes come to an end, and what is
// in it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "process/rules.h"

namespace madang::process {

struct CheckedModel {
    struct Process {
        std::string id;
        std::size_t nodes = 0, flows = 0;
    };
    std::vector<Process> processes;           // none where it cannot be read
    std::vector<Violation> violations;        // of rules by line, then warnings of soundness
    std::vector<std::string> not_judged;      // "process p: it holds a complex gateway"
    std::string unreadable;                   // why the engine cannot read it; empty where it can

    bool can_run() const;
};

// Fails as check_rules does.
Result<CheckedModel> check_model(std::string_view xml, std::string_view name, const Importer& importer = {});
// {"can_run", "processes": [{"process", "nodes", "flows"}], "violations": […], "not_judged": […]}
json::object to_json(const CheckedModel& model);

}  // namespace madang::process
