// For tests: a country with keys of its own, and the certificate that it issues.
#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "crypto/ed25519.h"
#include "crypto/signing_certificate.h"
#include "documents/bundle.h"
#include "documents/certificate_template.h"
#include "documents/render.h"

namespace madang::documents::testing {

struct Country {
    std::string name, origin, verify_address;
    crypto::SigningCertificate seal;
    crypto::Ed25519Key ledger_key;
    crypto::Ed25519Key certificate_key;

    std::string certificate_key_name() const { return origin + "/certificates"; }
    Trust trust() const;
};

Country make_country(std::string name, std::string host, std::uint64_t seed, Instant now);

std::string residence_template();   // testdata/residence.json
Values residence_values();
Paper residence_paper(Random& random);

// A container as Certificates makes it, without a store and without the ledger's proof.
Bundle make_bundle(const Country& country, std::uint64_t seed);

struct Ran {
    int status = -1;      // of the exit; -1 where the program is not there
    std::string output;   // standard output and error
};
// Runs a program of the PATH without a shell.
Ran run(const std::vector<std::string>& arguments);

}  // namespace madang::documents::testing
