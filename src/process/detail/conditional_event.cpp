// Events that happen when a condition becomes true: BPMN 2.0.2 clause 10.5.5.
#include "process/detail/run.h"

namespace madang::process {

// Clause 10.5.5 (Conditional): fires when what it says becomes true; unknown is not yet true.
Result<bool> Run::check_conditions(store::Tx& tx) {
    for (Subscription& one : state_.subscriptions) {
        const Trigger& trigger = node(one.node).triggers[one.trigger];
        if (trigger.kind != TriggerKind::conditional) continue;
        TRY_DO(count_move());
        TRY(const feel::Context variables, context(one.scope, {}));
        feel::Budget budget;
        budget.clock = &clock_;
        budget.spent = spent_;
        const feel::Value value = feel::evaluate(*trigger.expression, variables, budget);
        const bool* truth = value.as<bool>();
        const bool holds = truth != nullptr && *truth;
        if (!holds) {
            one.spent = false;
            if (!node(one.node).parallel_multiple) one.held = false;
            continue;
        }
        if (one.held || one.spent) continue;
        if (!node(one.node).parallel_multiple) one.held = true;
        changed_ = true;
        const Subscription fired = one;
        TRY_DO(this->trigger(tx, fired, {}));
        return true;
    }
    return false;
}

}  // namespace madang::process
