// Intermediate events that are caught: BPMN 2.0.2 clause 13.5.2.
#include <utility>

#include "base/text.h"
#include "process/detail/run.h"

namespace madang::process {

// Clause 13.5.2 (Intermediate Events): a token waits here; a link only goes on.
Result<void> Run::catch_event(const Move& move) {
    const Node& at = node(move.node);
    if (at.triggers.front().kind == TriggerKind::link) return leave(at, move.scope);
    note(at, "waits");
    TRY(const std::size_t place, add_token({.node = move.node, .scope = move.scope, .at = Token::At::event, .flow = std::nullopt}));
    return subscribe(move.node, state_.tokens[place].number, move.scope);
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

}  // namespace madang::process
