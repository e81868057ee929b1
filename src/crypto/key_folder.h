// The keys of an installation, one file each (mode 0600) in a folder of mode 0700.
//
//   ledger.key  certificate.key        Ed25519 seeds
//   master.key  session.key  index.key  32 random bytes: sealing of person keys, sessions and CSRF,
//                                      look-up hashes of registers
//   documents-root.pem documents-root.key  the root of document signatures; its key may lie elsewhere
//   documents-seal.pem                   the seal below it: its key and its chain
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/ed25519.h"
#include "crypto/signing_certificate.h"

namespace madang::crypto {

class KeyFolder {
public:
    // Makes what is missing in an empty or new folder; opens a complete one. A folder that holds some
    // keys but not all is Code::not_found: a lost key must not be replaced in silence. A seal with less
    // than 90 days left is renewed where the root's key is there.
    static Result<KeyFolder> open_or_create(const Path& folder, std::string_view country, Random& random, const Clock& clock);
    // Opens only; the folder may be read-only (keys mounted by the system). Code::denied where anyone
    // but the owner may read the folder or a private key.
    static Result<KeyFolder> open(const Path& folder);

    ~KeyFolder();
    KeyFolder(const KeyFolder&) = default;
    KeyFolder& operator=(const KeyFolder&) = default;

    const Ed25519Key& ledger_key() const { return ledger_; }
    const Ed25519Key& certificate_key() const { return certificate_; }
    const SigningCertificate& documents() const { return documents_; }
    const std::string& documents_root_pem() const { return root_pem_; }
    ByteSpan master_key() const { return master_; }     // 32 bytes
    ByteSpan session_key() const { return session_; }   // 32 bytes
    ByteSpan index_key() const { return index_; }       // 32 bytes

private:
    KeyFolder(Ed25519Key ledger, Ed25519Key certificate, SigningCertificate documents, std::string root_pem);
    Ed25519Key ledger_;
    Ed25519Key certificate_;
    SigningCertificate documents_;
    std::string root_pem_;
    std::array<std::uint8_t, 32> master_{};
    std::array<std::uint8_t, 32> session_{};
    std::array<std::uint8_t, 32> index_{};
};

}  // namespace madang::crypto
