// Call activities: BPMN 2.0.2 clause 13.3.5.
#include <utility>

#include "process/detail/run.h"

namespace madang::process {

// Clause 13.3.5 (Call Activity): the called process is an instance of its own; its variables begin as what
// this one sees, or as the mapped inputs.
Result<void> Run::call_process(const Activity& activity) {
    const Node& at = node(activity.node);
    note(at, "waits");
    TRY(json::object local, map_inputs(at, activity.scope, activity.local));
    Effect effect{.kind = Effect::Kind::call, .name = at.called, .key = {}, .payload = at.inputs.empty() ? visible(activity.scope, local) : local,
                  .instance = make_id<InstanceId>(clock_, random_).text(), .token = 0, .version = at.called_version.value_or(0), .failed = false};
    TRY(const std::size_t place, add_token({.node = activity.node, .scope = activity.scope, .at = Token::At::call, .outer = activity.outer, .job = activity.job,
                                            .flow = std::nullopt, .local = std::move(local), .child = effect.instance}));
    effect.token = state_.tokens[place].number;
    TRY_DO(watch_boundaries(activity, effect.token));
    effects_.push_back(std::move(effect));
    return {};
}

}  // namespace madang::process
