// The keys of an installation: one folder, mode 0700, one file a key, mode 0600. Back it up apart from
// the store: without it sealed data stays sealed.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "crypto/ed25519.h"
#include "crypto/signing_certificate.h"

namespace madang::crypto {

struct KeyFolder {
    Ed25519Key ledger;              // signs checkpoints
    Ed25519Key certificates;        // signs QR proofs and revocation lists
    SigningCertificate documents;   // signs documents
    Bytes master;                   // wraps the keys of persons; 32 bytes
    Bytes sessions;                 // keys CSRF tokens; 32 bytes
    Bytes index;                    // keys the look-up hashes of registers; 32 bytes

    // Reads the folder. Code::denied where others than the owner may read a key, Code::not_found where
    // one is missing: a key is never made anew beside data that another one sealed.
    static Result<KeyFolder> open(const Path& folder);
    // Makes all keys. Code::conflict where the folder holds any.
    static Result<KeyFolder> create(const Path& folder, std::string_view country, Random& random, const Clock& clock);
};

}  // namespace madang::crypto
