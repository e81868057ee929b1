// Inclusive gateways, and the conditions of flows that leave an activity: BPMN 2.0.2 clauses 13.4.3 and 13.3.2.
#include <algorithm>

#include "process/detail/run.h"

namespace madang::process {

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

}  // namespace madang::process
