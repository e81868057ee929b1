// Events on the border of an activity: BPMN 2.0.2 clause 13.5.3.
#include "process/detail/run.h"

namespace madang::process {

// Clause 13.5.3 (Boundary Events).
Result<void> Run::trigger_boundary(store::Tx& tx, const Subscription& subscription, const json::object& payload) {
    const Node& event = node(subscription.node);
    if (!event.interrupting) {
        TRY_DO(wait_again(subscription));
        return leave_boundary(subscription.node, subscription.scope, payload);
    }
    const Token* owner = token_of(subscription.token);
    const std::int64_t job = owner == nullptr ? 0 : owner->job;
    note(node(*event.attached_to), "interrupted");
    cancel_token(subscription.token);
    TRY_DO(leave_boundary(subscription.node, subscription.scope, payload));
    return job == 0 ? Result<void>() : compensate_next(tx, job);
}

Result<void> Run::leave_boundary(std::size_t place, std::int64_t scope, const json::object& payload) {
    const Node& event = node(place);
    note(event, "entered");
    TRY_DO(take_result(event, scope, nullptr, payload));
    return leave(event, scope);
}

}  // namespace madang::process
