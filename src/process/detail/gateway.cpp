// Gateways: BPMN 2.0.2 clause 13.4.
#include <algorithm>

#include "base/text.h"
#include "process/detail/run.h"

namespace madang::process {

// Clause 13.4.2 (Exclusive Gateway): the first condition that holds, in the order of the flows; else the default.
Result<std::vector<std::size_t>> Run::first_true(const Node& at, std::int64_t scope) {
    if (at.outgoing.size() == 1 && !definition_.flows[at.outgoing[0]].condition) return at.outgoing;
    TRY(const feel::Context variables, context(scope, {}));
    for (const std::size_t flow : at.outgoing) {
        if (flow == at.default_flow) continue;
        TRY(const bool taken, holds(at, flow, variables));
        if (taken) return std::vector{flow};
    }
    if (at.default_flow) return std::vector{*at.default_flow};
    return fail(Code::invalid, where(at) + ": no condition holds and there is no default flow");
}

// Clauses 13.4.3 (Inclusive Gateway) and 13.3.2 (Activity): all whose condition holds; the default where
// no condition does.
Result<std::vector<std::size_t>> Run::every_true(const Node& at, std::int64_t scope) {
    const auto conditional = [&](std::size_t flow) { return definition_.flows[flow].condition.has_value(); };
    if (std::ranges::none_of(at.outgoing, conditional) && !at.default_flow) return at.outgoing;
    TRY(const feel::Context variables, context(scope, {}));
    std::vector<std::size_t> taken;
    bool chosen = false;
    for (const std::size_t flow : at.outgoing) {
        if (flow == at.default_flow) continue;
        TRY(const bool take, holds(at, flow, variables));
        if (take) taken.push_back(flow);
        chosen = chosen || (take && conditional(flow));
    }
    if (!chosen && at.default_flow) taken.push_back(*at.default_flow);
    if (taken.empty()) return fail(Code::invalid, where(at) + ": no condition holds and there is no default flow");
    return taken;
}

// A flow without a condition is always taken. What is neither true nor false is an error, not a no.
Result<bool> Run::holds(const Node& at, std::size_t flow, const feel::Context& variables) {
    const auto& condition = definition_.flows[flow].condition;
    if (!condition) return true;
    return is_true(*condition, variables, at, format("the condition of flow \"{}\"", definition_.flows[flow].id));
}

// Clause 13.4.1 (Parallel Gateway): goes on with one token of every incoming flow. An inclusive gateway
// is asked once all tokens have come to rest.
Result<void> Run::arrive_at_join(const Move& move) {
    const Node& at = node(move.node);
    if (at.incoming.size() <= 1) return leave(at, move.scope);
    TRY_DO(add_token({.node = move.node, .scope = move.scope, .at = Token::At::join, .flow = move.flow}));
    if (at.kind == NodeKind::parallel_gateway) {
        const std::vector<bool> held = held_flows(move.scope);
        if (std::ranges::all_of(at.incoming, [&](std::size_t flow) { return held[flow]; })) {
            take_one_of_each(at, move.scope);
            return leave(at, move.scope);
        }
    }
    note(at, "waits");
    return {};
}

// Clause 13.4.3 (Inclusive Gateway).
Result<bool> Run::join_inclusive() {
    std::vector<std::pair<std::size_t, std::int64_t>> waiting;
    for (const Token& token : state_.tokens) {
        if (token.at == Token::At::join && node(token.node).kind == NodeKind::inclusive_gateway) waiting.emplace_back(token.node, token.scope);
    }
    std::ranges::sort(waiting);
    waiting.erase(std::ranges::unique(waiting).begin(), waiting.end());
    for (const auto& [place, scope] : waiting) {
        TRY_DO(count_move());   // asking costs as much as moving
        if (!is_activated(definition_, place, marking(scope))) continue;
        take_one_of_each(node(place), scope);
        TRY_DO(leave(node(place), scope));
        return true;
    }
    return false;
}

// Clause 13.4.5 (Complex Gateway): goes on when its activation condition holds, then takes the tokens that
// still come by the other ways, until it is ready for the next round.
Result<void> Run::arrive_at_complex(const Move& move) {
    const Node& at = node(move.node);
    if (at.incoming.size() <= 1 && !at.expression) return leave(at, move.scope);
    TRY_DO(add_token({.node = move.node, .scope = move.scope, .at = Token::At::join, .flow = move.flow}));
    ScopeState* inside = scope_of(move.scope);
    const bool resetting = std::ranges::find(inside->resets, move.node, &ScopeState::Reset::node) != inside->resets.end();
    if (resetting) {
        note(at, "waits");
        return {};
    }
    TRY(const bool ready, is_activated_now(at, move.scope));
    if (!ready) {
        note(at, "waits");
        return {};
    }
    const std::vector<bool> held = held_flows(move.scope);
    ScopeState::Reset reset{.node = move.node, .taken = {}};
    for (const std::size_t flow : at.incoming) {
        if (held[flow]) reset.taken.push_back(flow);
    }
    take_one_of_each(at, move.scope);
    if (reset.taken.size() < at.incoming.size()) inside->resets.push_back(std::move(reset));
    return leave(at, move.scope);
}

Result<bool> Run::is_activated_now(const Node& at, std::int64_t scope) {
    const std::vector<bool> held = held_flows(scope);
    json::object local;
    std::int64_t count = 0;
    for (const std::size_t flow : at.incoming) {
        local[definition_.flows[flow].id] = std::int64_t{held[flow]};   // its activationCount, by the flow's id
        count += std::int64_t{held[flow]};
    }
    local["activationCount"] = count;
    local["waitingForStart"] = true;
    if (!at.expression) return count == static_cast<std::int64_t>(at.incoming.size());
    TRY(const feel::Context variables, context(scope, local));
    return is_true(*at.expression, variables, at, "its activation condition");
}

// The second phase: no token can come to a way that has none yet. Those that came go without effect.
Result<bool> Run::reset_complex() {
    for (ScopeState& inside : state_.scopes) {
        for (std::size_t i = 0; i < inside.resets.size(); ++i) {
            const ScopeState::Reset reset = inside.resets[i];
            const Node& at = node(reset.node);
            TRY_DO(count_move());
            Marking now = marking(inside.number);
            for (const std::size_t flow : reset.taken) now.flows[flow] = true;
            const std::vector<bool> held = held_flows(inside.number);
            const bool complete = std::ranges::all_of(at.incoming, [&](std::size_t flow) { return now.flows[flow]; });
            if (!complete && !is_activated(definition_, reset.node, now)) continue;
            for (const std::size_t flow : at.incoming) {
                if (!held[flow] || std::ranges::find(reset.taken, flow) != reset.taken.end()) continue;
                const auto token = std::ranges::find_if(state_.tokens, [&](const Token& one) { return one.scope == inside.number && one.flow == flow; });
                if (token != state_.tokens.end()) remove_token(token->number);
            }
            inside.resets.erase(inside.resets.begin() + static_cast<std::ptrdiff_t>(i));
            note(at, "reset");
            return true;
        }
    }
    return false;
}

void Run::take_one_of_each(const Node& at, std::int64_t scope) {
    for (const std::size_t flow : at.incoming) {
        const auto first = std::ranges::find_if(state_.tokens, [&](const Token& token) { return token.scope == scope && token.at == Token::At::join && token.flow == flow; });
        if (first != state_.tokens.end()) remove_token(first->number);
    }
}

std::vector<bool> Run::held_flows(std::int64_t scope) const { return marking(scope).flows; }

Marking Run::marking(std::int64_t scope) const {
    Marking marking{std::vector<bool>(definition_.flows.size()), std::vector<bool>(definition_.nodes.size())};
    for (const Token& token : state_.tokens) {
        if (token.scope != scope) continue;
        if (token.at == Token::At::join && token.flow) marking.flows[*token.flow] = true;
        else marking.nodes[token.node] = true;
    }
    for (const Move& move : throwing_) {
        if (move.scope == scope) marking.nodes[move.node] = true;
    }
    return marking;
}

// Where every token of a scope waits at a join, none will ever go on, unless an event sub-process begins.
std::string Run::stuck() const {
    if (!state_.subscriptions.empty() || state_.tokens.empty()) return {};
    const auto waits_outside = [](const Token& token) { return token.at == Token::At::task || token.at == Token::At::call; };
    if (std::ranges::any_of(state_.tokens, waits_outside)) return {};
    const auto found = std::ranges::find(state_.tokens, Token::At::join, &Token::at);
    if (found == state_.tokens.end()) return {};
    const Node& at = node(found->node);
    if (is_activity(at.kind)) return format("{}: it waits for {} tokens, and no other can come any more", where(at), at.start_quantity);
    const std::vector<bool> held = held_flows(found->scope);
    std::vector<std::string> missing;
    for (const std::size_t flow : at.incoming) {
        if (!held[flow]) missing.push_back(format("\"{}\"", definition_.flows[flow].id));
    }
    return format("{}: it waits for a token on flow {}, and no token can come there any more", where(at), join(missing, " and "));
}

}  // namespace madang::process
