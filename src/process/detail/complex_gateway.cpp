// Complex gateways: BPMN 2.0.2 clause 13.4.5.
#include <algorithm>
#include <utility>

#include "process/detail/run.h"

namespace madang::process {

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

}  // namespace madang::process
