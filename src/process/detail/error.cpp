// Errors, escalations and terminations: BPMN 2.0.2 clauses 13.5.4 and 13.5.6.
#include <algorithm>

#include "base/text.h"
#include "process/detail/run.h"

namespace madang::process {

// The one that names the code before the one that catches any.
std::optional<std::size_t> Run::boundary_for(const Node& activity, TriggerKind kind, std::string_view code) const {
    std::optional<std::size_t> any;
    for (const std::size_t event : activity.boundaries) {
        for (const Trigger& trigger : node(event).triggers) {
            if (trigger.kind != kind) continue;
            if (trigger.name == code) return event;
            if (trigger.name.empty() && !any) any = event;
        }
    }
    return any;
}

// The start event of an event sub-process in a scope.
std::optional<std::size_t> Run::start_for(std::size_t scope, TriggerKind kind, std::string_view code) const {
    std::optional<std::size_t> any;
    for (const std::size_t at : definition_.scopes[scope].event_sub_processes) {
        for (const std::size_t event : definition_.scopes[*node(at).inner].nodes) {
            if (node(event).kind != NodeKind::start_event) continue;
            for (const Trigger& trigger : node(event).triggers) {
                if (trigger.kind != kind) continue;
                if (trigger.name == code) return event;
                if (trigger.name.empty() && !any) any = event;
            }
        }
    }
    return any;
}

// From where it was thrown outwards: the border of the activity, event sub-processes of the scope, the
// border of the sub-process, and so on. `token` is the thrower's own where it has one.
Result<void> Run::throw_error(const BpmnError& error, std::size_t thrower, std::int64_t scope, std::int64_t token) {
    const auto caught_by = [&](std::size_t event) {
        json::object payload = error.variables;
        if (!node(event).outputs.empty()) {
            payload["errorCode"] = error.code;
            payload["errorMessage"] = error.message;
        }
        return payload;
    };
    const auto caught_at = [&](const Node& activity, std::int64_t owner, std::int64_t around) -> Result<bool> {
        const auto event = boundary_for(activity, TriggerKind::error, error.code);
        if (!event) return false;
        note(activity, "interrupted");
        if (owner != 0) cancel_token(owner);
        TRY_DO(leave_boundary(*event, around, caught_by(*event)));
        return true;
    };
    if (is_activity(node(thrower).kind)) {
        TRY(const bool caught, caught_at(node(thrower), token, scope));
        if (caught) return {};
    }
    bool from_event_sub_process = false;   // what it throws is not for the event sub-processes beside it
    for (std::int64_t at = scope;;) {
        const ScopeState* inside = scope_of(at);
        if (inside == nullptr) return fail(Code::corrupted, format("process {}: an error from nowhere", instance_.id.text()));
        const auto start = from_event_sub_process ? std::nullopt : start_for(inside->scope, TriggerKind::error, error.code);
        if (start) {
            cancel_contents(at);
            unsubscribe_scope(at);
            return begin_event_sub_process(*start, at, 0, caught_by(*start));
        }
        if (at == 0) break;
        from_event_sub_process = false;
        const Token* owner = token_of(inside->token);
        if (inside->job != 0 || owner == nullptr) {
            at = inside->parent;
            continue;
        }
        const std::int64_t around = owner->scope;
        from_event_sub_process = node(owner->node).kind == NodeKind::event_sub_process;
        TRY(const bool caught, caught_at(node(owner->node), owner->outer != 0 ? owner->outer : owner->number, around));
        if (caught) return {};
        at = around;
    }
    // Nobody caught it: the process ends by it, and who called the process gets it.
    error_ = error;
    cancel_contents(0);
    unsubscribe_scope(0);
    ended_ = true;
    return {};
}

// An escalation goes outwards too, but what throws it goes on, unless what catches it interrupts.
Result<void> Run::throw_escalation(const std::string& code, std::int64_t scope, const json::object& payload) {
    bool from_event_sub_process = false;
    for (std::int64_t at = scope;;) {
        const ScopeState* inside = scope_of(at);
        if (inside == nullptr) return {};
        const auto start = from_event_sub_process ? std::nullopt : start_for(inside->scope, TriggerKind::escalation, code);
        if (start) {
            if (node(*start).interrupting) {
                cancel_contents(at);
                unsubscribe_scope(at);
            }
            return begin_event_sub_process(*start, at, 0, payload);
        }
        if (at == 0) return escalate_to_caller(code, payload);
        const Token* owner = token_of(inside->token);
        // A sub-process that a compensation brought back has no token and no border.
        if (inside->job != 0 || owner == nullptr) {
            from_event_sub_process = false;
            at = inside->parent;
            continue;
        }
        const Token activity = *owner;
        from_event_sub_process = node(activity.node).kind == NodeKind::event_sub_process;
        TRY(const bool caught, escalates_at(activity, code, payload));
        if (caught) return {};
        at = activity.scope;
    }
}

// Clause 13.5.4: nobody needs to catch it.
Result<void> Run::escalate_to_caller(const std::string& code, const json::object& payload) {
    if (instance_.parent.empty()) return {};
    effects_.push_back({.kind = Effect::Kind::escalation, .name = code, .payload = payload, .instance = instance_.parent, .token = instance_.parent_token});
    return {};
}

// Whether the border of the activity catches it.
Result<bool> Run::escalates_at(const Token& activity, const std::string& code, const json::object& payload) {
    const auto event = boundary_for(node(activity.node), TriggerKind::escalation, code);
    if (!event) return false;
    if (node(*event).interrupting) {
        note(node(activity.node), "interrupted");
        cancel_token(activity.outer != 0 ? activity.outer : activity.number);
    }
    TRY_DO(leave_boundary(*event, activity.scope, payload));
    return true;
}

Result<void> Run::escalate(store::Tx& tx, std::int64_t number, const std::string& code, const json::object& payload) {
    const Token* found = token_of(number);
    if (found == nullptr) return {};
    const Token activity = *found;
    TRY(const bool caught, escalates_at(activity, code, payload));
    if (!caught) TRY_DO(throw_escalation(code, activity.scope, payload));
    return run(tx);
}

// Clause 13.5.6 (Terminate): every other token of the scope goes, whatever it waits for; nothing is undone.
Result<void> Run::terminate(const Node& at, std::int64_t scope) {
    note(at, "ended");
    cancel_contents(scope);
    unsubscribe_scope(scope);
    if (ScopeState* inside = scope_of(scope)) inside->completed.clear();
    if (scope == 0) terminated_ = true;
    return {};
}

}  // namespace madang::process
