// Whom a verifier believes: the roots and keys of one or more issuers, as one JSON file that an
// installation publishes. Written format: docs/formats/certificate.md
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/ed25519.h"

namespace madang::documents {

struct Issuer {
    std::string name;               // "Republic of Belarus"
    std::string origin;             // name of the ledger
    std::string roots_pem;          // X.509 roots of the document signatures
    std::string ledger_key;         // verifier key of signed notes
    std::string certificate_key;    // verifier key of QR proofs and revocation lists
};

struct Trust {
    std::vector<Issuer> issuers;
};

// At most 1 MB and 300 issuers; every key must read.
Result<Trust> parse_trust(std::string_view json, std::string_view name);
std::string format_trust(const Trust& trust);
// Adds the issuers of another file.
void add_trust(Trust& trust, const Trust& other);

}  // namespace madang::documents
