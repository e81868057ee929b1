// The history of a case as one JSON file: its acts, each with its salt and its way to the root of one
// signed checkpoint. It shows that each act stands in the ledger; that none is left out, it cannot.
// Written format: docs/formats/act.md, "A case history"
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ledger/proof.h"

namespace madang::ledger {

struct History {
    std::string subject;
    std::vector<Act> acts;             // in the order of the ledger
    std::vector<LeafIndex> indices;    // of the acts
    Checkpoint checkpoint;
    std::uint64_t pending = 0;         // acts that the ledger had not taken up when the file was made
};

// At most 64 MB and 100,000 acts. Fails as verify_proof() and names the act ("acts[3]: …").
Result<History> verify_history(std::string_view json, std::string_view verifier_key);

}  // namespace madang::ledger
