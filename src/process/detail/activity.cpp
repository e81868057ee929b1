// What activities share, and tasks: BPMN 2.0.2 clauses 13.3.2 and 13.3.3.
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "process/detail/run.h"

namespace madang::process {

Result<void> Run::enter_activity(store::Tx& tx, const Move& move) {
    const Node& at = node(move.node);
    if (at.start_quantity > 1) {
        TRY_DO(add_token({.node = move.node, .scope = move.scope, .at = Token::At::join, .flow = move.flow}));
        const auto waits_here = [&](const Token& one) { return one.node == move.node && one.scope == move.scope && one.at == Token::At::join; };
        if (std::ranges::count_if(state_.tokens, waits_here) < at.start_quantity) {
            note(at, "waits");
            return {};
        }
        for (std::int64_t i = 0; i < at.start_quantity; ++i) remove_token(std::ranges::find_if(state_.tokens, waits_here)->number);
    }
    Activity activity{.node = move.node, .scope = move.scope, .outer = 0, .job = move.job, .local = {}};
    return at.loop ? begin_loop(tx, activity) : perform(tx, std::move(activity));
}

Result<void> Run::perform(store::Tx& tx, Activity activity) {
    const Node& at = node(activity.node);
    TRY(const std::string missing, missing_input(at, activity.scope, activity.local));
    if (!missing.empty()) {
        note(at, "waits");
        TRY_DO(add_token({.node = activity.node, .scope = activity.scope, .at = Token::At::data, .outer = activity.outer, .job = activity.job, .flow = std::nullopt, .local = std::move(activity.local)}));
        return {};
    }
    switch (at.kind) {
        case NodeKind::user_task: return wait_for_task(activity, Token::At::task);
        case NodeKind::receive_task: return wait_for_task(activity, Token::At::event);
        case NodeKind::service_task:
            return at.external ? wait_for_task(activity, Token::At::task) : perform_at_once(tx, activity);
        case NodeKind::send_task:
            if (!at.operation.empty()) return at.external ? wait_for_task(activity, Token::At::task) : perform_at_once(tx, activity);
            TRY_DO(throw_message(at, at.triggers.front(), activity.scope));
            return finish(tx, activity, {});
        case NodeKind::business_rule_task:
        case NodeKind::script_task: return perform_at_once(tx, activity);
        case NodeKind::sub_process:
        case NodeKind::event_sub_process:
        case NodeKind::ad_hoc_sub_process:
        case NodeKind::transaction: return begin_sub_process(activity);
        case NodeKind::call_activity: return call_process(activity);
        default: return finish(tx, activity, {});   // clause 13.3.3: an abstract or manual task
    }
}

// Clause 13.3.3 (Service Task, Business Rule Task, Script Task): done when entered, unless the host says
// that it takes longer.
Result<void> Run::perform_at_once(store::Tx& tx, const Activity& activity) {
    const Node& at = node(activity.node);
    TRY(const json::object inputs, map_inputs(at, activity.scope, activity.local));
    auto outcome = work(tx, at, visible(activity.scope, inputs));
    if (!outcome) return fail(outcome.error().code, format("{}: {}", where(at), outcome.error().message));
    if (outcome->error) return throw_error(*outcome->error, activity.node, activity.scope, activity.outer);
    if (outcome->pending) return wait_for_task(activity, Token::At::task);
    TRY_DO(check_outputs(at, inputs, outcome->variables));
    return finish(tx, activity, outcome->variables);
}

Result<Outcome> Run::work(store::Tx& tx, const Node& at, const json::object& variables) {
    if (at.kind == NodeKind::business_rule_task) return host_.decide(at.decision, variables);
    if (at.kind != NodeKind::script_task) return host_.run_service(tx, at.operation, variables);
    if (!at.expression) return host_.run_script(tx, at.script_format, at.script, variables);
    TRY(json::object result, evaluate_script(at, variables));
    return Outcome(std::move(result));
}

// Stays until somebody completes it, or its message comes.
Result<void> Run::wait_for_task(const Activity& activity, Token::At waits) {
    const Node& at = node(activity.node);
    note(at, "waits");
    TRY(json::object local, map_inputs(at, activity.scope, activity.local));
    TRY(const std::size_t place, add_token({.node = activity.node, .scope = activity.scope, .at = waits, .outer = activity.outer,
                                            .job = activity.job, .flow = std::nullopt, .local = std::move(local)}));
    const std::int64_t number = state_.tokens[place].number;
    if (waits == Token::At::task) {
        TaskRow row;
        row.token = number;
        row.task = {make_id<TaskId>(clock_, random_), instance_.id, at.id, at.name, at.kind, at.role, at.form_key, at.operation, clock_.now()};
        new_tasks_.push_back(std::move(row));
    } else {
        TRY_DO(subscribe(activity.node, number, activity.scope));
    }
    return watch_boundaries(activity, number);
}

// The events on the border of a multi-instance belong to the whole of it.
Result<void> Run::watch_boundaries(const Activity& activity, std::int64_t token) {
    if (activity.outer != 0) return {};
    for (const std::size_t event : node(activity.node).boundaries) TRY_DO(subscribe(event, token, activity.scope));
    return {};
}

Result<void> Run::finish_token(store::Tx& tx, Token token, const json::object& result) {
    TRY_DO(check_outputs(node(token.node), token.local, result));
    unsubscribe(token.number);
    remove_token(token.number);
    return finish(tx, {token.node, token.scope, token.outer, token.job, std::move(token.local)}, result);
}

Result<void> Run::finish(store::Tx& tx, const Activity& activity, const json::object& result) {
    const Node& at = node(activity.node);
    json::object local = activity.local;
    TRY_DO(take_result(at, activity.scope, &local, result));
    if (handler_of(at) && !is_sub_process(at.kind)) remember(activity.node, activity.scope, local, {});
    Activity done{activity.node, activity.scope, activity.outer, activity.job, std::move(local)};
    return done.outer != 0 ? instance_done(tx, done, result) : leave_activity(tx, done);
}

Result<void> Run::leave_activity(store::Tx& tx, const Activity& activity) {
    const Node& at = node(activity.node);
    if (activity.job != 0) {
        note(at, "ended");
        return compensate_next(tx, activity.job);
    }
    for (std::int64_t i = 0; i < at.completion_quantity; ++i) TRY_DO(leave(at, activity.scope));
    return after_ad_hoc(activity.scope);
}

}  // namespace madang::process
