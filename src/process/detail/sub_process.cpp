// Sub-processes, transactions and ad-hoc sub-processes as activities: BPMN 2.0.2 clause 13.3.4.
#include <utility>

#include "process/detail/run.h"

namespace madang::process {

// Clause 13.3.4 (Sub-Process).
Result<void> Run::begin_sub_process(const Activity& activity) {
    const Node& at = node(activity.node);
    TRY(json::object local, map_inputs(at, activity.scope, activity.local));
    TRY(const std::size_t place, add_token({.node = activity.node, .scope = activity.scope, .at = Token::At::scope, .outer = activity.outer,
                                            .job = activity.job, .flow = std::nullopt, .local = local}));
    const std::int64_t number = state_.tokens[place].number;
    TRY_DO(watch_boundaries(activity, number));
    TRY(const std::int64_t scope, open_scope(*at.inner, activity.scope, number, std::move(local)));
    return enter_scope(scope);
}

}  // namespace madang::process
