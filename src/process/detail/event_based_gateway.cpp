// Event-based gateways: BPMN 2.0.2 clause 13.4.4.
#include "process/detail/run.h"

namespace madang::process {

// Clause 13.4.4 (Event-Based Gateway): the first of the events that follow decides.
Result<void> Run::wait_for_events(const Node& gateway, std::int64_t scope) {
    note(gateway, "waits");
    TRY(const std::size_t place, add_token({.node = *definition_.place_of(gateway.id), .scope = scope, .at = Token::At::event, .flow = std::nullopt}));
    const std::int64_t number = state_.tokens[place].number;
    for (const std::size_t flow : gateway.outgoing) TRY_DO(subscribe(definition_.flows[flow].target, number, scope));
    return {};
}

}  // namespace madang::process
