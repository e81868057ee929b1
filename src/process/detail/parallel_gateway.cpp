// Parallel gateways: BPMN 2.0.2 clause 13.4.1.
#include <algorithm>

#include "base/text.h"
#include "process/detail/run.h"

namespace madang::process {

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

}  // namespace madang::process
