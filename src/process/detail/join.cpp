// The part of a run that waits for tokens of other paths: BPMN 2.0.2 clauses 13.4.1 and 13.4.3.
#include <algorithm>

#include "base/text.h"
#include "process/detail/run.h"

namespace madang::process {

// Clause 13.4.1 (Parallel Gateway): goes on with one token of every incoming flow. An inclusive gateway
// is asked once all tokens have come to rest.
Result<void> Run::arrive_at_join(const Arrival& arrival) {
    const Node& node = definition_.nodes[arrival.node];
    if (node.incoming.size() == 1) return leave(node);
    tokens_.push_back({next_number(), arrival.node, arrival.flow});
    if (node.kind == NodeKind::parallel_gateway) {
        const std::vector<bool> held = marking().flows;
        if (std::ranges::all_of(node.incoming, [&](std::size_t flow) { return held[flow]; })) {
            take_one_of_each(node);
            return leave(node);
        }
    }
    note(node, "waits");
    return {};
}

// Clause 13.4.3 (Inclusive Gateway).
Result<bool> Run::join_inclusive() {
    const Marking now = marking();
    std::vector<std::size_t> waiting;
    for (const Token& token : tokens_) {
        if (token.flow && definition_.nodes[token.node].kind == NodeKind::inclusive_gateway) waiting.push_back(token.node);
    }
    std::ranges::sort(waiting);
    waiting.erase(std::ranges::unique(waiting).begin(), waiting.end());
    for (const std::size_t gateway : waiting) {
        TRY_DO(count_move());   // asking costs as much as moving
        if (!is_activated(definition_, gateway, now)) continue;
        const Node& node = definition_.nodes[gateway];
        take_one_of_each(node);
        TRY_DO(leave(node));
        return true;
    }
    return false;
}

void Run::take_one_of_each(const Node& node) {
    for (const std::size_t flow : node.incoming) {
        const auto first = std::ranges::find_if(tokens_, [&](const Token& token) { return token.flow == flow; });
        if (first != tokens_.end()) tokens_.erase(first);
    }
}

Marking Run::marking() const {
    Marking marking{std::vector<bool>(definition_.flows.size()), std::vector<bool>(definition_.nodes.size())};
    for (const Token& token : tokens_) {
        if (token.flow) marking.flows[*token.flow] = true;
        else marking.nodes[token.node] = true;
    }
    return marking;
}

// Only a task brings news from outside. Where every token waits at a join, none will ever go on.
Result<void> Run::check_not_stuck() const {
    if (tokens_.empty() || std::ranges::any_of(tokens_, [](const Token& token) { return !token.flow; })) return {};
    const Node& node = definition_.nodes[tokens_.front().node];
    const std::vector<bool> held = marking().flows;
    std::vector<std::string> missing;
    for (const std::size_t flow : node.incoming) {
        if (!held[flow]) missing.push_back(format("\"{}\"", definition_.flows[flow].id));
    }
    return fail(Code::invalid, format("{}: it waits for a token on flow {}, and no token can come there any more", where(node),
                                      join(missing, " and ")));
}

}  // namespace madang::process
