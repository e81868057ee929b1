// Exclusive gateways: BPMN 2.0.2 clause 13.4.2.
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

}  // namespace madang::process
