// When an inclusive gateway goes on: BPMN 2.0.2 clause 13.4.3.
#pragma once

#include <cstddef>
#include <vector>

#include "process/definition.h"

namespace madang::process {

// Where the tokens of the instance stand: by flow, those that wait at a join; by node, those at work.
struct Marking {
    std::vector<bool> flows;   // of Definition::flows
    std::vector<bool> nodes;   // of Definition::nodes
};

// Whether the gateway, on one of whose incoming flows a token waits, needs to wait for no other: each
// token that can still come to an empty incoming flow can come to one that holds a token as well.
bool is_activated(const Definition& definition, std::size_t gateway, const Marking& marking);

}  // namespace madang::process
