// The proof that an act stands in the ledger, as one text that needs no server: https://c2sp.org/tlog-proof
// with the act and its salt as extra data.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ledger/act.h"
#include "ledger/checkpoint.h"

namespace madang::ledger {

struct TlogProof {
    std::string extra;            // decoded; empty: none
    LeafIndex index = 0;
    std::vector<Hash> path;       // from the leaf's sibling up; at most 63
    std::string checkpoint;       // the signed note
};

// At most 256 kB. Code::invalid on anything but the exact format.
Result<TlogProof> parse_tlog_proof(std::string_view text);
std::string format_tlog_proof(const TlogProof& proof);

struct ProvenAct {
    Act act;
    LeafIndex index = 0;
    Checkpoint checkpoint;
};

// Checks the checkpoint's signature by the trusted key (a verifier key), the act against its commitment
// and the way from the leaf to the root. Fails with Code::invalid where the text is no proof,
// Code::denied where another log speaks, Code::corrupted where a step does not hold.
Result<ProvenAct> verify_proof(std::string_view text, std::string_view verifier_key);

// The extra data: {"act":{…},"salt":"<base64>"}.
std::string format_disclosure(const Salt& salt, std::string_view canonical_act);
struct Disclosure {
    Salt salt{};
    std::string canonical_act;
    Act act;
};
Result<Disclosure> parse_disclosure(std::string_view text);

}  // namespace madang::ledger
