// What an instance that came from another version waits for, by the version that it is on now.
#include <algorithm>
#include <set>
#include <tuple>

#include "base/text.h"
#include "process/detail/run.h"

namespace madang::process {

std::vector<std::string> Run::take_over(const Definition& from, const NodeMap& nodes) {
    std::vector<std::string> problems;
    const auto keep = [&](const Result<void>& done) {
        if (!done) problems.push_back(done.error().message);
    };
    const Before before = [&](const Node& now) -> const Node* {
        for (const auto& [old, renamed] : nodes) {
            if (renamed == now.id) return from.find(old);
        }
        return nodes.contains(now.id) ? nullptr : from.find(now.id);
    };
    const std::vector<Subscription> waiting = state_.subscriptions;
    std::set<std::tuple<std::int64_t, std::int64_t, std::size_t>> asked;
    for (const Subscription& one : waiting) {
        const Node* old = before(node(one.node));
        if (old == nullptr) continue;
        keep(renew(*old, one));
        if (asked.emplace(one.token, one.scope, one.node).second) keep(subscribe(one.node, one.token, one.scope, old->triggers.size()));
    }
    keep(add_events_of_activities(from, before));
    keep(add_events_of_scopes(before));
    changed_ = true;
    return problems;
}

// A message or signal is waited for by its new name and key; the moment of a timer stands, so another timer is refused.
Result<void> Run::renew(const Node& old, const Subscription& subscription) {
    const Node& at = node(subscription.node);
    const Trigger& now = at.triggers[subscription.trigger];
    if (subscription.trigger >= old.triggers.size() || old.triggers[subscription.trigger].kind != now.kind) {
        return fail(Code::conflict, format("\"{}\" waits for another kind of event in version {}", at.id, definition_.version));
    }
    const Trigger& was = old.triggers[subscription.trigger];
    if (now.kind == TriggerKind::conditional) return {};
    if (now.kind == TriggerKind::timer) {
        TRY(const feel::Context variables, context(subscription.scope, {}));
        TRY(const feel::Value time, evaluate(*now.expression, variables, at, "its time"));
        const auto before = evaluate(*was.expression, variables, old, "its time");
        const bool same = before && was.time == now.time && feel::text_of(*before) == feel::text_of(time);
        return same ? Result<void>() : fail(Code::conflict, format("\"{}\" has another timer in version {}, and the moment that it waits for would stay", at.id, definition_.version));
    }
    TRY(const std::string key, key_of(now, at, subscription.scope));
    const auto key_before = key_of(was, old, subscription.scope);
    if (was.name == now.name && key_before && *key_before == key) return {};
    const auto found = std::ranges::find(state_.subscriptions, subscription.number, &Subscription::number);
    found->number = next_number();   // its row is written anew
    found->name = now.name;
    found->key = key;
    return {};
}

// Events on the border of activities that run, and behind event-based gateways. One that the old version had as well
// either is waited for or has come.
Result<void> Run::add_events_of_activities(const Definition& from, const Before& before) {
    const std::vector<Token> tokens = state_.tokens;
    for (const Token& token : tokens) {
        const Node& at = node(token.node);
        const Node* old = before(at);
        if (old == nullptr || token.outer != 0 || token.at == Token::At::join || token.at == Token::At::data || token.at == Token::At::compensation) continue;
        for (const std::size_t event : at.boundaries) {
            const Node* known = before(node(event));
            if (known == nullptr || !known->attached_to || from.nodes[*known->attached_to].id != old->id) TRY_DO(subscribe(event, token.number, token.scope));
        }
        if (at.kind != NodeKind::event_based_gateway) continue;
        for (const std::size_t flow : at.outgoing) {
            const std::size_t event = definition_.flows[flow].target;
            const Node* known = before(node(event));
            const bool was_there = known != nullptr && std::ranges::any_of(old->outgoing, [&](std::size_t one) { return &from.nodes[from.flows[one].target] == known; });
            if (!was_there) TRY_DO(subscribe(event, token.number, token.scope));
        }
    }
    return {};
}

// Starts of event sub-processes that are new; none begins any more where one has interrupted its scope.
Result<void> Run::add_events_of_scopes(const Before& before) {
    for (std::size_t i = 0; i < state_.scopes.size(); ++i) {
        const std::int64_t number = state_.scopes[i].number;
        std::vector<std::size_t> starts;
        bool interrupted = false;
        for (const std::size_t at : definition_.scopes[state_.scopes[i].scope].event_sub_processes) {
            const bool runs = std::ranges::any_of(state_.tokens, [&](const Token& token) { return token.node == at && token.scope == number; });
            for (const std::size_t event : definition_.scopes[*node(at).inner].nodes) {
                if (node(event).kind != NodeKind::start_event) continue;
                interrupted = interrupted || (runs && node(event).interrupting);
                if (before(node(event)) == nullptr) starts.push_back(event);
            }
        }
        if (interrupted) continue;
        for (const std::size_t event : starts) TRY_DO(subscribe(event, 0, number));
    }
    return {};
}

}  // namespace madang::process
