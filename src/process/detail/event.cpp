// Events that are caught and thrown: BPMN 2.0.2 clauses 13.5.1 to 13.5.4.
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "process/detail/run.h"
#include "process/detail/schedule.h"

namespace madang::process {
namespace {

constexpr std::size_t kMaxKeyBytes = 500;

bool waits(TriggerKind kind) {
    return kind == TriggerKind::message || kind == TriggerKind::timer || kind == TriggerKind::signal || kind == TriggerKind::conditional;
}

}  // namespace

// Clause 13.5.2 (Intermediate Events): a token waits here; a link only goes on.
Result<void> Run::catch_event(const Move& move) {
    const Node& at = node(move.node);
    if (at.triggers.front().kind == TriggerKind::link) return leave(at, move.scope);
    note(at, "waits");
    TRY(const std::size_t place, add_token({.node = move.node, .scope = move.scope, .at = Token::At::event, .flow = std::nullopt}));
    return subscribe(move.node, state_.tokens[place].number, move.scope);
}

// Clause 13.4.4 (Event-Based Gateway): the first of the events that follow decides.
Result<void> Run::wait_for_events(const Node& gateway, std::int64_t scope) {
    note(gateway, "waits");
    TRY(const std::size_t place, add_token({.node = *definition_.place_of(gateway.id), .scope = scope, .at = Token::At::event, .flow = std::nullopt}));
    const std::int64_t number = state_.tokens[place].number;
    for (const std::size_t flow : gateway.outgoing) TRY_DO(subscribe(definition_.flows[flow].target, number, scope));
    return {};
}

Result<void> Run::subscribe(std::size_t event, std::int64_t token, std::int64_t scope, std::size_t first_trigger) {
    const Node& at = node(event);
    for (std::size_t i = first_trigger; i < at.triggers.size(); ++i) {
        if (!waits(at.triggers[i].kind)) continue;
        if (state_.subscriptions.size() >= kMaxTokens) return fail(Code::exhausted, format("{}: more than {} awaited events", where(at), kMaxTokens));
        TRY_DO(subscribe_to(at.triggers[i], {.number = next_number(), .token = token, .scope = scope, .node = event, .trigger = i}));
    }
    return {};
}

Result<void> Run::subscribe_to(const Trigger& trigger, Subscription subscription) {
    const Node& at = node(subscription.node);
    if (trigger.kind == TriggerKind::timer) {
        TRY(const feel::Context variables, context(subscription.scope, {}));
        TRY(const feel::Value value, evaluate(*trigger.expression, variables, at, "its time"));
        auto schedule = schedule_of(trigger.time, value, clock_.now());
        if (!schedule) return fail(schedule.error().code, format("{}: {}", where(at), schedule.error().message));
        subscription.due = schedule->first;
        subscription.interval = schedule->interval;
        subscription.repeats = schedule->repeats;
    } else if (trigger.kind == TriggerKind::conditional) {
        changed_ = true;
    } else {
        subscription.name = trigger.name;
        subscription.is_signal = trigger.kind == TriggerKind::signal;
        TRY(subscription.key, key_of(trigger, at, subscription.scope));
    }
    state_.subscriptions.push_back(std::move(subscription));
    return {};
}

// Clause 8.4.2 (Correlation): what tells one conversation from another, as text. Without madang:correlationKey
// a message is told by its name alone.
Result<std::string> Run::key_of(const Trigger& trigger, const Node& at, std::int64_t scope) {
    if (!trigger.correlation) return std::string();
    TRY(const feel::Context variables, context(scope, {}));
    TRY(const feel::Value value, evaluate(*trigger.correlation, variables, at, "its correlation key"));
    std::string key = feel::text_of(value);
    if (value.is_null() || key.empty() || key.size() > kMaxKeyBytes) {
        return fail(Code::invalid, format("{}: its correlation key is a text of 1 to {} bytes", where(at), kMaxKeyBytes));
    }
    return key;
}

void Run::drop(std::int64_t number) {
    std::erase_if(state_.subscriptions, [&](const Subscription& one) { return one.number == number; });
}

void Run::unsubscribe(std::int64_t token) {
    std::erase_if(state_.subscriptions, [&](const Subscription& one) { return one.token == token; });
}

void Run::unsubscribe_scope(std::int64_t scope) {
    std::erase_if(state_.subscriptions, [&](const Subscription& one) { return one.token == 0 && one.scope == scope; });
}

Result<void> Run::trigger(store::Tx& tx, Subscription subscription, const json::object& payload) {
    const Node& at = node(subscription.node);
    if (!at.parallel_multiple) return react(tx, subscription, payload);
    const auto together = all_came(subscription, payload);
    return together ? react(tx, subscription, *together) : Result<void>();
}

Result<void> Run::react(store::Tx& tx, const Subscription& subscription, const json::object& payload) {
    if (subscription.token == 0) return trigger_start(subscription, payload);
    if (node(subscription.node).kind == NodeKind::boundary_event) return trigger_boundary(tx, subscription, payload);
    return trigger_catch(tx, subscription, payload);
}

// Clause 10.5.5: of a parallel multiple event every trigger is needed. What they brought, once all have come.
std::optional<json::object> Run::all_came(const Subscription& subscription, const json::object& payload) {
    bool all = true;
    json::object together;
    for (Subscription& one : state_.subscriptions) {
        if (!of_one_event(one, subscription)) continue;
        if (one.number == subscription.number && !std::exchange(one.held, true)) one.payload = payload;
        all = all && one.held;
        for (const auto& [name, value] : one.payload) together[name] = value;
    }
    return all ? std::optional(std::move(together)) : std::nullopt;
}

// What does not interrupt waits for its next time. Of a parallel multiple event every trigger is needed again (clause
// 10.5.5), so that it is over with a timer of its own that fires no more.
Result<void> Run::wait_again(const Subscription& subscription) {
    if (!node(subscription.node).parallel_multiple) {
        TRY(const bool again, stays(subscription));
        if (!again) drop(subscription.number);
        return {};
    }
    bool over = false;
    for (Subscription& one : state_.subscriptions) {
        if (!of_one_event(one, subscription)) continue;
        one.spent = node(one.node).triggers[one.trigger].kind == TriggerKind::conditional;
        changed_ = changed_ || one.spent;
        one.held = false;
        one.payload.clear();
        TRY(const bool again, stays(one));
        over = over || !again;
    }
    if (over) std::erase_if(state_.subscriptions, [&](const Subscription& one) { return of_one_event(one, subscription); });
    return {};
}

Result<bool> Run::stays(const Subscription& subscription) {
    if (!subscription.due) return true;
    const auto found = std::ranges::find(state_.subscriptions, subscription.number, &Subscription::number);
    if (found == state_.subscriptions.end() || found->repeats == 0 || found->interval.empty()) return false;
    if (found->repeats > 0) --found->repeats;
    TRY(found->due, later(*found->due, found->interval));
    return true;
}

Result<void> Run::trigger_catch(store::Tx& tx, const Subscription& subscription, const json::object& payload) {
    const Token* found = token_of(subscription.token);
    if (found == nullptr) return fail(Code::corrupted, format("process {}: nobody waits for {}", instance_.id.text(), node(subscription.node).id));
    Token token = *found;
    const Node& event = node(subscription.node);
    if (event.kind == NodeKind::receive_task && token.node == subscription.node) {
        note(event, "completed");
        return finish_token(tx, std::move(token), payload);
    }
    // A cycle lets a token go each time; the last time none stays.
    if (token.node == subscription.node && subscription.due && !event.parallel_multiple) {
        TRY(const bool again, stays(subscription));
        if (again) {
            TRY_DO(take_result(event, token.scope, nullptr, payload));
            return leave(event, token.scope);
        }
    }
    unsubscribe(token.number);
    remove_token(token.number);
    note(event, token.node == subscription.node ? "completed" : "entered");
    if (event.kind == NodeKind::receive_task) return finish(tx, {.node = subscription.node, .scope = token.scope, .outer = 0, .job = 0, .local = {}}, payload);
    TRY_DO(take_result(event, token.scope, nullptr, payload));
    return leave(event, token.scope);
}

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
