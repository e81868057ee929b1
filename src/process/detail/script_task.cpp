// Script tasks: BPMN 2.0.2 clause 13.3.3.
#include <utility>

#include "base/text.h"
#include "process/detail/run.h"

namespace madang::process {

Result<json::object> Run::evaluate_script(const Node& at, const json::object& variables) {
    feel::Context seen;
    for (const auto& [key, value] : variables) seen.set(std::string(key), feel::from_json(value));
    TRY(const feel::Value value, evaluate(*at.expression, seen, at, "its script"));
    if (!at.result_variable.empty()) return json::object{{at.result_variable, feel::to_json(value)}};
    if (value.is_null()) return json::object();
    json::value made = feel::to_json(value);
    if (!made.is_object()) return fail(Code::invalid, format("its script gives {}; without madang:resultVariable it gives a context", feel::type_name(value)));
    return std::move(made.get_object());
}

}  // namespace madang::process
