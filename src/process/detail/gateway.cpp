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
Result<std::vector<std::size_t>> Run::every_true(const Node& at, std::int64_t scope, const json::object& local) {
    const auto conditional = [&](std::size_t flow) { return definition_.flows[flow].condition.has_value(); };
    if (std::ranges::none_of(at.outgoing, conditional) && !at.default_flow) return at.outgoing;
    TRY(const feel::Context variables, context(scope, local));
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
// still come by the other ways, until it is ready for the next round. Its conditions know how many tokens wait.
Result<void> Run::arrive_at_complex(const Move& move) {
    const Node& at = node(move.node);
    if (at.incoming.size() <= 1 && !at.expression) {
        json::object counts = complex_counts(at, move.scope, true);
        counts["activationCount"] = 1;
        for (const std::size_t flow : at.incoming) counts[definition_.flows[flow].id] = 1;
        return leave(at, move.scope, counts);
    }
    TRY_DO(add_token({.node = move.node, .scope = move.scope, .at = Token::At::join, .flow = move.flow}));
    ScopeState* inside = scope_of(move.scope);
    const bool resetting = std::ranges::find(inside->resets, move.node, &ScopeState::Reset::node) != inside->resets.end();
    if (resetting) {
        note(at, "waits");
        return {};
    }
    TRY(const bool ready, is_activated_now(at, move.scope));
    if (ready) return activate_complex(at, move.scope);
    note(at, "waits");
    return {};
}

Result<void> Run::activate_complex(const Node& at, std::int64_t scope) {
    const std::vector<bool> held = held_flows(scope);
    const json::object counts = complex_counts(at, scope, true);
    ScopeState::Reset reset{.node = *definition_.place_of(at.id), .taken = {}};
    for (const std::size_t flow : at.incoming) {
        if (held[flow]) reset.taken.push_back(flow);
    }
    take_one_of_each(at, scope);
    if (reset.taken.size() < at.incoming.size()) scope_of(scope)->resets.push_back(std::move(reset));
    return leave(at, scope, counts);
}

// The activationCount of each flow that comes in, by the flow's id, their sum, and in which of its two states the gateway is.
json::object Run::complex_counts(const Node& at, std::int64_t scope, bool waiting_for_start) const {
    const std::vector<bool> held = held_flows(scope);
    json::object counts;
    std::int64_t sum = 0;
    for (const std::size_t flow : at.incoming) {
        counts[definition_.flows[flow].id] = std::int64_t{held[flow]};
        sum += std::int64_t{held[flow]};
    }
    counts["activationCount"] = sum;
    counts["waitingForStart"] = waiting_for_start;
    return counts;
}

Result<bool> Run::is_activated_now(const Node& at, std::int64_t scope) {
    const json::object counts = complex_counts(at, scope, true);
    const std::int64_t sum = counts.at("activationCount").as_int64();
    if (!at.expression) return sum == static_cast<std::int64_t>(at.incoming.size());
    TRY(const feel::Context variables, context(scope, counts));
    return is_true(*at.expression, variables, at, "its activation condition");
}

// The second phase: no token can come to a way that has none yet. Those that came go, and each flow whose condition
// holds then gets a token; what has no condition got its token when the gateway went on.
Result<bool> Run::reset_complex() {
    for (ScopeState& inside : state_.scopes) {
        for (std::size_t i = 0; i < inside.resets.size(); ++i) {
            const ScopeState::Reset reset = inside.resets[i];
            const Node& at = node(reset.node);
            TRY_DO(count_move());
            Marking now = marking(inside.number);
            for (const std::size_t flow : reset.taken) now.flows[flow] = true;
            const std::int64_t scope = inside.number;
            const std::vector<bool> held = held_flows(scope);
            const json::object counts = complex_counts(at, scope, false);
            const bool complete = std::ranges::all_of(at.incoming, [&](std::size_t flow) { return now.flows[flow]; });
            if (!complete && !is_activated(definition_, reset.node, now)) continue;
            for (const std::size_t flow : at.incoming) {
                if (!held[flow] || std::ranges::find(reset.taken, flow) != reset.taken.end()) continue;
                const auto token = std::ranges::find_if(state_.tokens, [&](const Token& one) { return one.scope == inside.number && one.flow == flow; });
                if (token != state_.tokens.end()) remove_token(token->number);
            }
            inside.resets.erase(inside.resets.begin() + static_cast<std::ptrdiff_t>(i));
            note(at, "reset");
            TRY_DO(leave_reset(at, scope, counts));
            return true;
        }
    }
    return false;
}

// What came a second time in the meantime may begin the next round.
Result<void> Run::leave_reset(const Node& at, std::int64_t scope, const json::object& counts) {
    std::vector<std::size_t> taken;
    if (std::ranges::any_of(at.outgoing, [&](std::size_t flow) { return definition_.flows[flow].condition.has_value(); })) {
        TRY(const feel::Context variables, context(scope, counts));
        for (const std::size_t flow : at.outgoing) {
            if (!definition_.flows[flow].condition) continue;
            TRY(const bool take, holds(at, flow, variables));
            if (take) taken.push_back(flow);
        }
    }
    if (!taken.empty()) TRY_DO(leave_by(at, scope, taken));
    const std::vector<bool> held = held_flows(scope);
    if (std::ranges::none_of(at.incoming, [&](std::size_t flow) { return held[flow]; })) return {};
    TRY(const bool ready, is_activated_now(at, scope));
    return ready ? activate_complex(at, scope) : Result<void>();
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

// A token whose event or answer was dismissed never goes on by itself, whatever else happens.
std::string Run::waits_in_vain() const {
    for (const Token& token : state_.tokens) {
        if (token.at != Token::At::event && (token.at != Token::At::call || !token.child.empty())) continue;
        const bool awaited = std::ranges::find(state_.subscriptions, token.number, &Subscription::token) != state_.subscriptions.end();
        if (awaited) continue;
        if (token.at == Token::At::event) return where(node(token.node)) + ": what it waits for was dismissed; skip it, or begin elsewhere";
        return where(node(token.node)) + ": what it called does not answer; skip it, or begin elsewhere";
    }
    return {};
}

// Where every token of a scope waits at a join, none will ever go on, unless an event sub-process begins.
std::string Run::stuck() const {
    if (std::string dismissed = waits_in_vain(); !dismissed.empty()) return dismissed;
    if (!state_.subscriptions.empty() || state_.tokens.empty()) return {};
    const auto waits_outside = [](const Token& token) { return token.at == Token::At::task || token.at == Token::At::call; };
    if (std::ranges::any_of(state_.tokens, waits_outside)) return {};
    // What waits for its data is why a join behind it waits.
    if (const auto data = std::ranges::find(state_.tokens, Token::At::data, &Token::at); data != state_.tokens.end()) {
        return format("{}: it waits for its data input \"{}\", and nothing gives it any more", where(node(data->node)), node(data->node).input_sets.front().front());
    }
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
