#include "process/detail/run.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "process/detail/variables.h"

namespace madang::process {

Run::Run(const Definition& definition, InstanceRow instance, Host& host, const Clock& clock, Random& random)
    : definition_(definition), instance_(std::move(instance)), host_(host), clock_(clock), random_(random), spent_(std::make_shared<feel::Spent>()) {}

Result<void> Run::load(store::Reader& reader) {
    if (!instance_.state_text.empty()) {
        TRY(const json::value stored, parse_json(instance_.state_text));
        const json::object* object = stored.if_object();
        if (object == nullptr) return fail(Code::corrupted, format("the state of process {} cannot be read", instance_.id.text()));
        TRY(state_, within(state_from_json(*object, definition_), format("process {}", instance_.id.text())));
    } else {
        TRY(state_, load_tokens(reader, instance_, definition_));
    }
    state_.scopes.front().variables = instance_.variables;
    for (const Token& token : state_.tokens) count_live(token.scope, 1);
    for (const Subscription& one : state_.subscriptions) loaded_subscriptions_.push_back({one.number, one.held});
    return {};
}

// Clause 13.2: a process is instantiated by its start event, or by what one of them waits for.
Result<void> Run::begin(store::Tx& tx, std::optional<std::size_t> start, const json::object& payload) {
    state_.scopes.emplace_back().variables = instance_.variables;
    changed_ = true;
    const Scope& process = definition_.scopes.front();
    for (const std::size_t at : process.event_sub_processes) {
        for (const std::size_t event : definition_.scopes[*node(at).inner].nodes) {
            if (node(event).kind == NodeKind::start_event) TRY_DO(subscribe(event, 0, 0));
        }
    }
    if (!start) {
        if (process.entries.empty()) return fail(Code::invalid, format("process \"{}\" begins with an event; it has no plain start", definition_.id));
        for (auto entry = process.entries.rbegin(); entry != process.entries.rend(); ++entry) TRY_DO(push({*entry, 0, std::nullopt, 0}));
        return run(tx);
    }
    // Clause 10.6.6: of a parallel event-based gateway the other events are still waited for.
    const Node& event = node(*start);
    for (const std::size_t flow : event.incoming) {
        const Node& gateway = node(definition_.flows[flow].source);
        if (gateway.kind != NodeKind::event_based_gateway || !gateway.parallel_events) continue;
        for (const std::size_t other : gateway.outgoing) {
            const std::size_t target = definition_.flows[other].target;
            if (target != *start) TRY_DO(push({target, 0, std::nullopt, 0}));
        }
    }
    note(event, "entered");
    TRY_DO(take_result(event, 0, nullptr, payload));
    TRY_DO(leave(event, 0));
    return run(tx);
}

Result<void> Run::complete(store::Tx& tx, std::int64_t number, const json::object& result) {
    Token* found = token_of(number);
    if (found == nullptr || (found->at != Token::At::task && found->at != Token::At::call)) {
        return fail(Code::corrupted, format("process {} has no token {} at a task", instance_.id.text(), number));
    }
    Token token = *found;
    note(node(token.node), "completed");
    TRY_DO(finish_token(tx, std::move(token), result));
    return run(tx);
}

Result<void> Run::fail_with(store::Tx& tx, std::int64_t number, const BpmnError& error) {
    const Token* found = token_of(number);
    if (found == nullptr) return fail(Code::corrupted, format("process {} has no token {}", instance_.id.text(), number));
    const Token token = *found;
    TRY_DO(throw_error(error, token.node, token.scope, token.outer != 0 ? token.outer : token.number));
    return run(tx);
}

Result<void> Run::fire(store::Tx& tx, std::int64_t subscription, const json::object& payload) {
    const auto found = std::ranges::find(state_.subscriptions, subscription, &Subscription::number);
    if (found == state_.subscriptions.end()) return {};
    TRY_DO(trigger(tx, *found, payload));
    return run(tx);
}

Result<void> Run::end_from_outside() {
    cancel_contents(0);
    unsubscribe_scope(0);
    ended_ = terminated_ = true;
    return {};
}

void Run::give_up_event(std::int64_t number) {
    const auto found = std::ranges::find(state_.subscriptions, number, &Subscription::number);
    if (found == state_.subscriptions.end()) return;
    const Subscription gone = *found;
    const bool whole = node(gone.node).parallel_multiple;   // clause 10.5.5: the others are not enough
    note(node(gone.node), "dismissed");
    std::erase_if(state_.subscriptions, [&](const Subscription& one) { return whole ? of_one_event(one, gone) : one.number == number; });
}

void Run::give_up_call(const json::object& work) {
    const json::value* named = work.if_contains("token");
    Token* token = named != nullptr && named->is_int64() ? token_of(named->get_int64()) : nullptr;
    if (token == nullptr || token->at != Token::At::call) return;
    note(node(token->node), "dismissed");
    token->child.clear();
}

Result<void> Run::skip(store::Tx& tx, std::int64_t number) {
    const Token* found = token_of(number);
    if (found == nullptr) return fail(Code::not_found, format("process {} has no token {}", instance_.id.text(), number));
    Token token = *found;
    if (node(token.node).kind == NodeKind::event_based_gateway) {
        return fail(Code::invalid, format("{}: it cannot be skipped, since only one of its events goes on; cancel the token and begin behind the event that came", where(node(token.node))));
    }
    note(node(token.node), "skipped");
    if (is_activity(node(token.node).kind) && token.at != Token::At::join && token.at != Token::At::body) {
        cancel_token(number);
        TRY_DO(finish(tx, {token.node, token.scope, token.outer, token.job, token.local}, {}));
    } else {
        cancel_token(number);
        TRY_DO(leave(node(token.node), token.scope));
    }
    return run(tx);
}

Result<void> Run::change(store::Tx& tx, const json::object& variables, const std::vector<std::int64_t>& cancelled, const std::vector<std::size_t>& begun) {
    TRY_DO(check_variables(variables));
    for (const auto& [name, value] : variables) state_.scopes.front().variables[name] = value;
    changed_ = true;
    root_.reset();
    for (const std::int64_t number : cancelled) {
        const Token* found = token_of(number);
        if (found == nullptr) return fail(Code::not_found, format("process {} has no token {}", instance_.id.text(), number));
        note(node(found->node), "cancelled");
        cancel_token(number);
    }
    for (const std::size_t place : begun) {
        const auto inside = std::ranges::find(state_.scopes, node(place).scope, &ScopeState::scope);
        if (inside == state_.scopes.end()) return fail(Code::invalid, format("{}: its sub-process does not run", where(node(place))));
        TRY_DO(push({place, inside->number, std::nullopt, 0}));
    }
    return run(tx);
}

Result<void> Run::run(store::Tx& tx) {
    for (;;) {
        TRY(const bool went, turn(tx));
        if (!went || ended_) return {};
    }
}

// The next thing that can happen. What is thrown waits until all else has come to rest, so that whoever
// catches it is there; joins are asked last of all.
Result<bool> Run::turn(store::Tx& tx) {
    if (changed_) {
        changed_ = false;
        TRY(const bool fired, check_conditions(tx));
        if (fired) return true;
        TRY(const bool begun, begin_with_data(tx));
        changed_ = changed_ || begun;
        if (begun) return true;
    }
    if (!moving_.empty()) {
        const Move move = moving_.back();
        moving_.pop_back();
        TRY_DO(count_move());
        TRY_DO(enter(tx, move));
        count_live(move.scope, -1);
        return true;
    }
    TRY(const bool closed, close_scope(tx));
    if (closed || ended_) return true;
    if (!throwing_.empty()) {
        const Move move = throwing_.front();
        throwing_.pop_front();
        TRY_DO(count_move());
        TRY_DO(throw_event(tx, move));
        count_live(move.scope, -1);
        return true;
    }
    TRY(const bool joined, join_inclusive());
    if (joined) return true;
    return reset_complex();
}

Result<void> Run::count_move() {
    if (++moves_ <= kMaxMoves) return {};
    return fail(Code::exhausted, format("process \"{}\": more than {} moves without a wait; it turns in a circle", definition_.id, kMaxMoves));
}

Result<void> Run::enter(store::Tx& tx, const Move& move) {
    if (move.outer != 0) return begin_instance(tx, move.outer);
    const Node& at = node(move.node);
    note(at, "entered");
    switch (at.kind) {
        case NodeKind::start_event: return leave(at, move.scope);
        case NodeKind::intermediate_catch_event: return catch_event(move);
        case NodeKind::intermediate_throw_event:
        case NodeKind::end_event:
            if (at.triggers.empty() || at.triggers[0].kind == TriggerKind::link) return leave(at, move.scope);
            if (at.triggers.size() == 1 && at.triggers[0].kind == TriggerKind::terminate) return terminate(at, move.scope);
            throwing_.push_back(move);
            count_live(move.scope, 1);
            return {};
        case NodeKind::exclusive_gateway: return leave(at, move.scope);
        case NodeKind::inclusive_gateway:
        case NodeKind::parallel_gateway: return arrive_at_join(move);
        case NodeKind::complex_gateway: return arrive_at_complex(move);
        case NodeKind::event_based_gateway: return wait_for_events(at, move.scope);
        case NodeKind::boundary_event: return leave(at, move.scope);
        default: return enter_activity(tx, move);
    }
}

Result<void> Run::leave(const Node& at, std::int64_t scope, const json::object& local) {
    // Clause 13.3.2: what has no way out ends its path.
    if (at.outgoing.empty()) {
        note(at, "ended");
        return {};
    }
    const bool every = at.kind == NodeKind::parallel_gateway || is_event(at.kind);
    if (every) return leave_by(at, scope, at.outgoing);
    TRY(const auto flows, at.kind == NodeKind::exclusive_gateway ? first_true(at, scope) : every_true(at, scope, local));
    return leave_by(at, scope, flows);
}

Result<void> Run::leave_by(const Node& at, std::int64_t scope, const std::vector<std::size_t>& flows) {
    note(at, "left");
    for (auto flow = flows.rbegin(); flow != flows.rend(); ++flow) TRY_DO(push({definition_.flows[*flow].target, scope, *flow, 0}));
    return {};
}

Result<void> Run::push(Move move) {
    if (state_.tokens.size() + moving_.size() + throwing_.size() >= kMaxTokens) {
        return fail(Code::exhausted, format("{}: more than {} tokens", where(node(move.node)), kMaxTokens));
    }
    count_live(move.scope, 1);
    moving_.push_back(move);
    return {};
}

Result<std::size_t> Run::add_token(Token token) {
    if (state_.tokens.size() + moving_.size() >= kMaxTokens) return fail(Code::exhausted, format("{}: more than {} tokens", where(node(token.node)), kMaxTokens));
    token.number = next_number();
    count_live(token.scope, 1);
    state_.tokens.push_back(std::move(token));
    return state_.tokens.size() - 1;
}

void Run::remove_token(std::int64_t number) {
    const auto found = std::ranges::find(state_.tokens, number, &Token::number);
    if (found == state_.tokens.end()) return;
    count_live(found->scope, -1);
    state_.tokens.erase(found);
}

void Run::count_live(std::int64_t scope, int by) {
    if (ScopeState* found = scope_of(scope)) found->live += static_cast<std::size_t>(by);
}

Token* Run::token_of(std::int64_t number) {
    const auto found = std::ranges::find(state_.tokens, number, &Token::number);
    return found == state_.tokens.end() ? nullptr : &*found;
}

ScopeState* Run::scope_of(std::int64_t number) {
    const auto found = std::ranges::find(state_.scopes, number, &ScopeState::number);
    return found == state_.scopes.end() ? nullptr : &*found;
}

ScopeState* Run::scope_at(std::int64_t token) {
    const auto found = std::ranges::find_if(state_.scopes, [&](const ScopeState& scope) { return scope.token == token && scope.number != 0 && scope.job == 0; });
    return found == state_.scopes.end() ? nullptr : &*found;
}

void Run::note(const Node& at, std::string_view what) { steps_.push_back({next_number(), {clock_.now(), at.id, std::string(what)}}); }

std::string Run::where(const Node& at) const { return format("process \"{}\": <{} id=\"{}\">", definition_.id, name_of(at.kind), at.id); }

Result<void> Run::save(store::Tx& tx) {
    const Instant now = clock_.now();
    if (ended_) {
        instance_.state = error_ ? InstanceState::failed : terminated_ ? InstanceState::terminated : InstanceState::completed;
        instance_.ended_at = now;
        instance_.problem = error_ ? format("the error \"{}\" was not caught{}{}", error_->code, error_->message.empty() ? "" : ": ", error_->message) : "";
        if (!instance_.parent.empty()) {
            Effect answer{.kind = Effect::Kind::answer, .name = error_ ? error_->code : "", .key = {}, .payload = state_.scopes.front().variables,
                          .instance = instance_.parent, .token = instance_.parent_token, .version = 0, .failed = error_.has_value()};
            effects_.push_back(std::move(answer));
        }
    } else {
        instance_.problem = stuck();
    }
    instance_.variables = state_.scopes.front().variables;
    const std::int64_t first_effect = state_.next_number;
    state_.next_number += static_cast<std::int64_t>(effects_.size());
    instance_.next_number = state_.next_number;
    instance_.state_text = ended_ ? "{}" : json::serialize(to_json(state_, definition_));
    if (instance_.state_text.size() > kMaxStateBytes) return fail(Code::exhausted, format("process {}: its state is larger than {} bytes", instance_.id.text(), kMaxStateBytes));
    TRY_DO(update_instance(tx, instance_));
    TRY_DO(withdraw_tasks(tx, instance_.id, withdrawn_, now));
    TRY_DO(insert_tasks(tx, new_tasks_));
    TRY_DO(save_waits(tx, instance_.id, ended_ ? std::vector<Subscription>() : state_.subscriptions, loaded_subscriptions_, now));
    TRY_DO(insert_effects(tx, instance_, effects_, first_effect, now));
    return insert_steps(tx, instance_.id, steps_);
}

}  // namespace madang::process
