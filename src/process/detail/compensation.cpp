// Compensation and cancelled transactions: BPMN 2.0.2 clause 13.5.5. A token waits while what was completed
// is undone, the last first, one after the other.
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "process/detail/run.h"

namespace madang::process {

std::optional<std::size_t> Run::handler_of(const Node& activity) const {
    const auto event = boundary_for(activity, TriggerKind::compensation, {});
    return event ? node(*event).handler : std::nullopt;
}

void Run::remember(std::size_t activity, std::int64_t scope, json::object variables, std::vector<Compensable> inner) {
    if (ScopeState* inside = scope_of(scope)) inside->completed.push_back({activity, std::move(variables), std::move(inner)});
}

// Of the scope in which it is thrown; an event sub-process undoes what its surroundings did. All that one event
// names is one undoing; what ends the scope waits for it where the event does.
Result<void> Run::compensate(store::Tx& tx, const Node& at, const Move& move) {
    const ScopeState* inside = scope_of(move.scope);
    if (inside == nullptr) return fail(Code::corrupted, format("{}: it compensates in a scope that is gone", where(at)));
    const auto& container = definition_.scopes[inside->scope].node;
    const bool handles = container && node(*container).kind == NodeKind::event_sub_process;
    const std::int64_t target = handles ? inside->parent : move.scope;
    Token job{.node = move.node, .scope = move.scope, .at = Token::At::compensation, .flow = std::nullopt};
    job.target = target;
    job.leaves = false;
    const auto meant = [&](const Compensable& one) {
        return std::ranges::any_of(at.triggers, [&](const Trigger& trigger) {
            return trigger.kind == TriggerKind::compensation && (!trigger.activity || one.node == *trigger.activity);
        });
    };
    for (const Trigger& trigger : at.triggers) job.leaves = job.leaves || (trigger.kind == TriggerKind::compensation && trigger.waits);
    if (ScopeState* undone = scope_of(target)) {
        std::ranges::copy_if(undone->completed, std::back_inserter(job.left), meant);
        std::erase_if(undone->completed, meant);
    }
    const bool ends_now = !job.leaves && ends_scope(at);
    if (!job.leaves && !ends_now) TRY_DO(leave(at, move.scope));
    TRY_DO(begin_compensation(tx, std::move(job)));
    return ends_now ? end_by_event(tx, at, move.scope) : Result<void>();
}

Result<void> Run::begin_compensation(store::Tx& tx, Token job) {
    TRY(const std::size_t place, add_token(std::move(job)));
    return compensate_next(tx, state_.tokens[place].number);
}

Result<void> Run::compensate_next(store::Tx& tx, std::int64_t job) {
    TRY_DO(count_move());
    Token* token = token_of(job);
    if (token == nullptr) return {};
    if (token->left.empty()) return finish_compensation(tx, job);
    Compensable one = std::move(token->left.back());
    token->left.pop_back();
    return compensate_one(tx, job, token->target, std::move(one));
}

// By the handler on its border; else a sub-process is brought back as it was, and its own compensation event
// sub-process undoes it, or what was done in it is undone.
Result<void> Run::compensate_one(store::Tx& tx, std::int64_t job, std::int64_t scope, Compensable one) {
    const Node& activity = node(one.node);
    note(activity, "compensates");
    if (const auto handler = handler_of(activity)) return push({*handler, scope, std::nullopt, job, 0});
    if (!activity.inner) return compensate_next(tx, job);
    TRY(const std::int64_t number, open_scope(*activity.inner, scope, 0, std::move(one.variables)));
    ScopeState* back = scope_of(number);
    back->job = job;
    unsubscribe_scope(number);
    if (const auto start = start_for(*activity.inner, TriggerKind::compensation, {})) {
        back->completed = std::move(one.inner);
        return begin_event_sub_process(*start, number, 0, {});
    }
    Token inner{.node = one.node, .scope = number, .at = Token::At::compensation, .flow = std::nullopt};
    inner.target = number;
    inner.leaves = false;
    inner.left = std::move(one.inner);
    return begin_compensation(tx, std::move(inner));
}

Result<void> Run::finish_compensation(store::Tx& tx, std::int64_t number) {
    const Token job = *token_of(number);
    remove_token(number);
    if (!job.cancels) return job.leaves ? end_by_event(tx, node(job.node), job.scope) : Result<void>();
    // The transaction is left by its cancel event, or not at all.
    const ScopeState* inside = scope_of(job.scope);
    const Token* owner = inside == nullptr ? nullptr : token_of(inside->token);
    if (owner == nullptr) return fail(Code::corrupted, format("process {}: a cancelled transaction is gone", instance_.id.text()));
    const Token transaction = *owner;
    note(node(transaction.node), "cancelled");
    cancel_token(transaction.outer != 0 ? transaction.outer : transaction.number);
    if (const auto event = boundary_for(node(transaction.node), TriggerKind::cancel, {})) return leave_boundary(*event, transaction.scope, {});
    return transaction.job == 0 ? Result<void>() : compensate_next(tx, transaction.job);
}

Result<void> Run::cancel_transaction(store::Tx& tx, const Node& at, std::int64_t scope) {
    const ScopeState* around = scope_of(scope);
    const auto container = around == nullptr ? std::nullopt : definition_.scopes[around->scope].node;
    if (!container || node(*container).kind != NodeKind::transaction) return fail(Code::invalid, where(at) + ": only a transaction can be cancelled");
    note(at, "ended");
    cancel_contents(scope);
    unsubscribe_scope(scope);
    ScopeState* inside = scope_of(scope);
    Token job{.node = *definition_.place_of(at.id), .scope = scope, .at = Token::At::compensation, .flow = std::nullopt};
    job.target = scope;
    job.cancels = true;
    job.leaves = false;
    job.left = std::move(inside->completed);
    inside->completed.clear();
    return begin_compensation(tx, std::move(job));
}

}  // namespace madang::process
