#include "process/model_check.h"

#include <algorithm>

#include "process/definition.h"
#include "process/soundness.h"

namespace madang::process {
namespace {

json::object json_of(const Violation& one) {
    return {{"rule", one.rule}, {"clause", one.clause}, {"message", one.message}, {"file", one.file}, {"element", one.element}, {"line", one.line}, {"warning", is_warning(one)}};
}

}  // namespace

bool CheckedModel::can_run() const { return unreadable.empty() && std::ranges::all_of(violations, is_warning); }

Result<CheckedModel> check_model(std::string_view xml, std::string_view name, const Importer& importer) {
    CheckedModel model;
    TRY(model.violations, check_rules(xml, name, importer));
    TRY(auto sound, check_soundness(xml, name));
    model.violations.insert(model.violations.end(), sound.warnings.begin(), sound.warnings.end());
    model.not_judged = std::move(sound.not_judged);
    const auto read = read_bpmn(xml, std::string(name));
    if (!read) {
        model.unreadable = read.error().message;
        return model;
    }
    for (const Definition& one : *read) model.processes.push_back({one.id, one.nodes.size(), one.flows.size()});
    return model;
}

json::object to_json(const CheckedModel& model) {
    json::array processes, violations, not_judged;
    for (const CheckedModel::Process& one : model.processes) processes.push_back(json::object{{"process", one.id}, {"nodes", one.nodes}, {"flows", one.flows}});
    for (const Violation& one : model.violations) violations.push_back(json_of(one));
    for (const std::string& one : model.not_judged) not_judged.emplace_back(one);
    json::object object{{"can_run", model.can_run()}, {"processes", std::move(processes)}, {"violations", std::move(violations)}, {"not_judged", std::move(not_judged)}};
    if (!model.unreadable.empty()) object["unreadable"] = model.unreadable;
    return object;
}

}  // namespace madang::process
