// Starts of event sub-processes: BPMN 2.0.2 clause 13.5.4.
#include "process/detail/run.h"

namespace madang::process {

// Clause 13.5.4 (Event Sub-Processes): one that interrupts ends everything else in its scope.
Result<void> Run::trigger_start(const Subscription& subscription, const json::object& payload) {
    const Node& start = node(subscription.node);
    if (start.interrupting) {
        cancel_contents(subscription.scope);
        unsubscribe_scope(subscription.scope);
    } else {
        TRY_DO(wait_again(subscription));
    }
    return begin_event_sub_process(subscription.node, subscription.scope, 0, payload);
}

Result<void> Run::begin_event_sub_process(std::size_t start, std::int64_t scope, std::int64_t job, const json::object& payload) {
    const Node& event = node(start);
    const Scope& inside = definition_.scopes[event.scope];
    note(node(*inside.node), "entered");
    TRY(const std::size_t place, add_token({.node = *inside.node, .scope = scope, .at = Token::At::scope, .job = job, .flow = std::nullopt}));
    TRY(const std::int64_t number, open_scope(event.scope, scope, state_.tokens[place].number, {}));
    note(event, "entered");
    TRY_DO(take_result(event, number, nullptr, payload));
    return leave(event, number);
}

}  // namespace madang::process
