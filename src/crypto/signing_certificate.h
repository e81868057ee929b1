// What documents are signed with: ECDSA P-256 certificates (X.509, RFC 5280) under a root of the
// installation's own, and detached signatures of CAdES-B-B form (RFC 5652, ETSI EN 319 122-1).
//
//   Bytes p7s = sign_detached_cms(seal, pdf, clock.now());
//   openssl cms -verify -cades -binary -inform DER -in p7s -content pdf -CAfile root.pem
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"

namespace madang::crypto {

// The root's certificate ("<Country> Madang documents root", 20 years) with its private key, which is
// needed only to make seals and may lie elsewhere. Immutable, cheap to copy.
class RootCertificate {
public:
    // `country` is its name in English, 1 to 40 bytes.
    static Result<RootCertificate> create(std::string_view country, Random& random, Instant now);
    // Code::corrupted where the key does not belong to the certificate.
    static Result<RootCertificate> from_pem(std::string_view key_pem, std::string_view certificate_pem);

    std::string certificate_pem() const;
    std::string key_pem() const;  // PKCS #8, not encrypted: keep it in a file of mode 0600

    struct State;
    const State& state() const { return *state_; }

private:
    std::shared_ptr<const State> state_;
};

// A private key with its certificate (3 years) and the chain up to the root. Immutable, cheap to copy,
// may be used by several threads.
class SigningCertificate {
public:
    // `signer` is the body or seal that signs: 1 to 64 bytes.
    static Result<SigningCertificate> create(const RootCertificate& root, std::string_view signer, Random& random, Instant now);
    // The same under a root whose key is thrown away at once.
    static Result<SigningCertificate> create(std::string_view country, std::string_view signer, Random& random, Instant now);
    // `chain_pem` begins with the signer's own certificate and ends with the root.
    static Result<SigningCertificate> from_pem(std::string_view key_pem, std::string_view chain_pem);

    std::string key_pem() const;     // PKCS #8
    std::string chain_pem() const;   // leaf first, root last
    std::string root_pem() const;    // what verifiers trust
    std::string subject() const;     // of the leaf, RFC 2253
    Instant not_before() const;
    Instant not_after() const;

    struct State;
    const State& state() const { return *state_; }

private:
    std::shared_ptr<const State> state_;
};

// A detached CAdES signature over `content`, DER, with the whole chain inside.
Bytes sign_detached_cms(const SigningCertificate& signer, ByteSpan content, Instant signed_at);

struct CmsVerdict {
    bool signature_ok = false;   // these are the bytes that the certificate's key signed
    bool chain_ok = false;       // the certificate leads to a trusted root and was valid when it signed
    bool expired = false;        // a certificate of the chain is not valid at `now`
    std::string signer_subject;  // RFC 2253
    std::string issuer;          // of the signer's certificate
    Instant signed_at{};         // as the signer states it; the ledger's proof is the independent witness
    std::string reason;          // plain language, empty when all is well
};

// `cms` is DER of at most 256 kB with one signer. Code::invalid where it is no detached CAdES signature
// at all and where the roots are not PEM; everything else is a verdict.
Result<CmsVerdict> verify_detached_cms(ByteSpan content, ByteSpan cms, std::string_view roots_pem, Instant now);

}  // namespace madang::crypto
