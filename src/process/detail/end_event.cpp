// End events, and what an event throws: BPMN 2.0.2 clauses 13.5.2 and 13.5.6.
#include <algorithm>
#include <utility>

#include "process/detail/run.h"

namespace madang::process {

bool Run::ends_scope(const Node& at) {
    return std::ranges::any_of(at.triggers, [](const Trigger& trigger) {
        return trigger.kind == TriggerKind::error || trigger.kind == TriggerKind::cancel || trigger.kind == TriggerKind::terminate;
    });
}

// Clauses 13.5.2 and 13.5.6: all that an event throws is thrown. First what goes out, then what may be caught
// around it, then what is undone, and what ends the scope last.
Result<void> Run::throw_event(store::Tx& tx, const Move& move) {
    const Node& at = node(move.node);
    TRY(const json::object payload, map_inputs(at, move.scope, {}));
    const bool undoes = std::ranges::find(at.triggers, TriggerKind::compensation, &Trigger::kind) != at.triggers.end();
    const bool ends = ends_scope(at);
    thrower_ = move.scope;
    for (const Trigger& trigger : at.triggers) {
        if (trigger.kind == TriggerKind::message) TRY_DO(throw_message(at, trigger, move.scope));
    }
    // The thrower goes on before it is told what was caught, so that an interruption ends it too.
    if (!undoes && !ends) TRY_DO(leave(at, move.scope));
    for (const Trigger& trigger : at.triggers) {
        if (trigger.kind == TriggerKind::signal) TRY_DO(throw_signal(tx, trigger.name, payload));
        if (trigger.kind == TriggerKind::escalation && thrower_) TRY_DO(throw_escalation(trigger.name, move.scope, payload));
    }
    if (!thrower_) return {};   // what was caught has interrupted it
    if (undoes) return compensate(tx, at, move);
    return ends ? end_by_event(tx, at, move.scope) : Result<void>();
}

// The first that ends the scope ends the thrower with it.
Result<void> Run::end_by_event(store::Tx& tx, const Node& at, std::int64_t scope) {
    for (const Trigger& trigger : at.triggers) {
        if (trigger.kind == TriggerKind::cancel) return cancel_transaction(tx, at, scope);
        if (trigger.kind == TriggerKind::terminate) return terminate(at, scope);
        if (trigger.kind != TriggerKind::error) continue;
        TRY(const json::object payload, map_inputs(at, scope, {}));
        note(at, "ended");
        return throw_error({trigger.name, {}, payload}, *definition_.place_of(at.id), scope, 0);
    }
    return leave(at, scope);
}

// Clause 10.5.1: a signal reaches everybody who waits for it; the other instances by the store.
Result<void> Run::throw_signal(store::Tx& tx, const std::string& name, const json::object& payload) {
    std::vector<std::int64_t> reached;
    for (const Subscription& one : state_.subscriptions) {
        if (one.is_signal && one.name == name) reached.push_back(one.number);
    }
    for (const std::int64_t number : reached) {
        const auto found = std::ranges::find(state_.subscriptions, number, &Subscription::number);
        if (found != state_.subscriptions.end()) TRY_DO(trigger(tx, *found, payload));
    }
    effects_.push_back({.kind = Effect::Kind::signal, .name = name, .key = {}, .payload = payload, .instance = {}});
    return {};
}

Result<void> Run::throw_message(const Node& at, const Trigger& trigger, std::int64_t scope) {
    TRY(json::object payload, map_inputs(at, scope, {}));
    TRY(std::string key, key_of(trigger, at, scope));
    effects_.push_back({.kind = Effect::Kind::message, .name = trigger.name, .key = std::move(key), .payload = std::move(payload), .instance = {}});
    return {};
}

}  // namespace madang::process
