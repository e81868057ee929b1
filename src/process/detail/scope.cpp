// Sub-processes from within, and how what runs in them is cancelled: BPMN 2.0.2 clauses 13.3.4, 13.3.5.
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "process/detail/run.h"

namespace madang::process {

Result<std::int64_t> Run::open_scope(std::size_t scope, std::int64_t parent, std::int64_t token, json::object variables) {
    if (state_.scopes.size() >= kMaxTokens) return fail(Code::exhausted, format("process \"{}\": more than {} sub-processes", definition_.id, kMaxTokens));
    ScopeState state;
    state.number = next_number();
    state.scope = scope;
    state.parent = parent;
    state.token = token;
    state.variables = std::move(variables);
    for (const std::string& name : definition_.scopes[scope].data) state.variables.emplace(name, nullptr);   // lives and ends with it
    const std::int64_t number = state.number;
    state_.scopes.push_back(std::move(state));
    for (const std::size_t at : definition_.scopes[scope].event_sub_processes) {
        for (const std::size_t event : definition_.scopes[*node(at).inner].nodes) {
            if (node(event).kind == NodeKind::start_event) TRY_DO(subscribe(event, 0, number));
        }
    }
    return number;
}

// Clause 13.3.4; of an ad-hoc sub-process 13.3.5: what no flow leads to begins by itself, one after the
// other where it is sequential, unless somebody is to begin it by hand.
Result<void> Run::enter_scope(std::int64_t number) {
    ScopeState& state = *scope_of(number);
    const Scope& scope = definition_.scopes[state.scope];
    const Node& container = node(*scope.node);
    std::vector<std::size_t> entries = scope.entries;
    std::erase_if(entries, [&](std::size_t at) { return node(at).by_hand; });
    if (container.kind == NodeKind::ad_hoc_sub_process && container.sequential && entries.size() > 1) {
        state.pending.assign(entries.begin() + 1, entries.end());
        entries.resize(1);
    }
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) TRY_DO(push({*entry, number, std::nullopt, 0, 0}));
    return {};
}

// Asked when an activity of an ad-hoc sub-process has completed.
Result<void> Run::after_ad_hoc(std::int64_t number) {
    ScopeState* state = scope_of(number);
    if (state == nullptr || number == 0) return {};
    const Node& container = node(*definition_.scopes[state->scope].node);
    if (container.kind != NodeKind::ad_hoc_sub_process || !container.expression || state->done) return {};
    TRY(const feel::Context variables, context(number, {}));
    TRY(const bool done, is_true(*container.expression, variables, container, "its completion condition"));
    if (!done) return {};
    state = scope_of(number);
    state->done = true;
    state->pending.clear();
    if (container.cancels_rest) cancel_contents(number);
    return {};
}

bool Run::stays_open(const ScopeState& state) const {
    const Scope& scope = definition_.scopes[state.scope];
    if (!scope.node || state.done) return false;
    const Node& container = node(*scope.node);
    if (container.kind != NodeKind::ad_hoc_sub_process) return false;
    return container.expression || std::ranges::any_of(scope.entries, [&](std::size_t at) { return node(at).by_hand; });
}

// A scope without tokens is complete, the innermost first.
Result<bool> Run::close_scope(store::Tx& tx) {
    for (auto state = state_.scopes.rbegin(); state != state_.scopes.rend(); ++state) {
        if (state->live != 0) continue;
        if (!state->pending.empty()) {
            const std::size_t next = state->pending.front();
            state->pending.erase(state->pending.begin());
            TRY_DO(push({next, state->number, std::nullopt, 0, 0}));
            return true;
        }
        if (stays_open(*state)) continue;
        return close_one(tx, state->number);
    }
    return false;
}

Result<bool> Run::close_one(store::Tx& tx, std::int64_t number) {
    if (number == 0) {
        unsubscribe_scope(0);
        ended_ = true;
        return true;
    }
    const auto place = std::ranges::find(state_.scopes, number, &ScopeState::number);
    ScopeState state = std::move(*place);
    unsubscribe_scope(number);
    state_.scopes.erase(std::ranges::find(state_.scopes, number, &ScopeState::number));
    if (state.job != 0) {
        TRY_DO(compensate_next(tx, state.job));
        return true;
    }
    const Token* found = token_of(state.token);
    if (found == nullptr) return fail(Code::corrupted, format("process {}: a sub-process without its token", instance_.id.text()));
    Token token = *found;
    const Node& at = node(token.node);
    note(at, "completed");
    if (at.kind == NodeKind::event_sub_process) {
        remove_token(token.number);
        note(at, "ended");
        if (token.job != 0) TRY_DO(compensate_next(tx, token.job));
        return true;
    }
    const bool compensable = handler_of(at) || !state.completed.empty() || start_for(state.scope, TriggerKind::compensation, {});
    if (compensable) remember(token.node, token.scope, state.variables, std::move(state.completed));
    token.local = state.variables;
    TRY_DO(finish_token(tx, std::move(token), {}));
    return true;
}

void Run::cancel_token(std::int64_t number) {
    const Token* found = token_of(number);
    if (found == nullptr) return;
    const Token token = *found;
    unsubscribe(number);
    remove_token(number);
    switch (token.at) {
        case Token::At::task:
            if (std::erase_if(new_tasks_, [&](const TaskRow& row) { return row.token == number; }) == 0) withdrawn_.push_back(number);
            break;
        case Token::At::scope:
            if (const ScopeState* inside = scope_at(number)) cancel_scope(inside->number);
            break;
        case Token::At::call:
            if (std::erase_if(effects_, [&](const Effect& effect) { return effect.kind == Effect::Kind::call && effect.token == number; }) == 0 && !token.child.empty()) {
                effects_.push_back({.kind = Effect::Kind::cancel, .name = {}, .key = {}, .payload = {}, .instance = token.child});
            }
            break;
        default: break;
    }
    std::vector<std::int64_t> below;
    for (const Token& one : state_.tokens) {
        if (one.outer == number || one.job == number) below.push_back(one.number);
    }
    for (const std::int64_t one : below) cancel_token(one);
    std::vector<std::int64_t> brought_back;
    for (const ScopeState& one : state_.scopes) {
        if (one.job == number) brought_back.push_back(one.number);
    }
    for (const std::int64_t one : brought_back) cancel_scope(one);
    std::erase_if(moving_, [&](const Move& move) {
        if (move.outer != number && move.job != number) return false;
        count_live(move.scope, -1);
        return true;
    });
}

void Run::cancel_scope(std::int64_t number) {
    cancel_contents(number);
    unsubscribe_scope(number);
    std::erase_if(state_.scopes, [&](const ScopeState& one) { return one.number == number; });
}

void Run::cancel_contents(std::int64_t scope) {
    if (thrower_ == scope) thrower_.reset();
    std::vector<std::int64_t> inside;
    for (const Token& token : state_.tokens) {
        if (token.scope == scope) inside.push_back(token.number);
    }
    for (const std::int64_t number : inside) {
        if (const Token* token = token_of(number)) note(node(token->node), "ended");
        cancel_token(number);
    }
    const auto here = [&](const Move& move) {
        if (move.scope != scope) return false;
        count_live(scope, -1);
        return true;
    };
    std::erase_if(moving_, here);
    std::erase_if(throwing_, here);
    if (ScopeState* state = scope_of(scope)) {
        state->pending.clear();
        state->resets.clear();
    }
}

}  // namespace madang::process
