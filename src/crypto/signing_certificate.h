// Certificates that sign documents: a root made once for an installation ("<Country> Madang documents
// root", 20 years) and seals below it (3 years). ECDSA on P-256, X.509 version 3 (RFC 5280).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"

namespace madang::crypto {

// The root's certificate and private key. The key is needed only to make seals and may lie elsewhere.
class RootCertificate {
public:
    static Result<RootCertificate> create(std::string_view country, Instant now, Random& random);
    // Fails with Code::corrupted where the key does not belong to the certificate.
    static Result<RootCertificate> load(std::string_view certificate_pem, std::string_view key_pem);

    const std::string& certificate_pem() const;
    std::string key_pem() const;  // PKCS #8, not encrypted: keep it in a file of mode 0600
    std::string subject() const;

    struct Parts;
    const Parts& parts() const { return *parts_; }

private:
    std::shared_ptr<const Parts> parts_;
};

// A private key with its certificate and the chain up to the root. Immutable and cheap to copy; may
// be used by several threads.
class SigningCertificate {
public:
    // `common_name` is the body or seal that signs: 1 to 64 characters.
    static Result<SigningCertificate> create(const RootCertificate& root, std::string_view common_name,
                                             Instant now, Random& random);
    // `chain_pem` starts with the signer's own certificate; the root may stand last.
    static Result<SigningCertificate> load(std::string_view chain_pem, std::string_view key_pem);

    const std::string& chain_pem() const;
    std::string key_pem() const;
    std::string root_pem() const;  // the last certificate of the chain: what verifiers trust
    std::string subject() const;   // RFC 2253
    Instant valid_from() const;
    Instant valid_until() const;

    struct Parts;
    const Parts& parts() const { return *parts_; }

private:
    std::shared_ptr<const Parts> parts_;
};

// The subject of each certificate in a PEM text, for messages. Code::invalid on anything else.
Result<std::vector<std::string>> subjects_in(std::string_view pem);

}  // namespace madang::crypto
