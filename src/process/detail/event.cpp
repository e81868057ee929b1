// What awaited events share: what is waited for, and what becomes of it when it comes. BPMN 2.0.2 clauses 8.4.2, 10.5.5 and 13.5.
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

}  // namespace madang::process
