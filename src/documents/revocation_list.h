// The certificates that were revoked, as lines below a signed note that anyone can keep a copy of and look into
// without a network. Written format: docs/formats/certificate.md
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/ed25519.h"

namespace madang::documents {

struct Revocation {
    std::string code;
    Date revoked_on;
    std::string ground;       // article of law, one line

    friend bool operator==(const Revocation&, const Revocation&) = default;
};

struct RevocationList {
    std::string origin;
    Instant made_at;
    std::vector<Revocation> revocations;   // sorted by code

    const Revocation* find(std::string_view code) const;
};

// `name` is the name of the signing key: "<origin>/certificates".
std::string sign_revocation_list(const RevocationList& list, std::string_view name, const crypto::Ed25519Key& key);

// Code::invalid where it does not read, Code::denied where `verifier_key` did not sign it.
// At most 64 MB and 1,000,000 lines.
Result<RevocationList> open_revocation_list(std::string_view note, std::string_view verifier_key);

}  // namespace madang::documents
