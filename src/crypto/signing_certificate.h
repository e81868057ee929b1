// What documents are signed with: an ECDSA P-256 key and its X.509 chain (RFC 5280) under a root of the
// installation's own; and detached CMS signatures (RFC 5652) as CAdES-B-B (ETSI EN 319 122-1, 5.3).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"

namespace madang::crypto {

class SigningCertificate {
public:
    // Makes a root "<country> documents root" for 20 years and a leaf for 3 years below it. `country`
    // is the English name; the root's key is not kept: a new leaf means a new root.
    static Result<SigningCertificate> create(std::string_view country, std::string_view signer, Random& random, Instant now);
    static Result<SigningCertificate> from_pem(std::string_view key_pem, std::string_view chain_pem);
    ~SigningCertificate();
    SigningCertificate(SigningCertificate&&) noexcept;
    SigningCertificate& operator=(SigningCertificate&&) noexcept;

    std::string key_pem() const;     // PKCS #8
    std::string chain_pem() const;   // leaf first, root last
    std::string root_pem() const;
    std::string subject() const;     // of the leaf
    Instant not_after() const;

    // A detached CAdES signature over `content`, DER.
    Bytes sign_detached(ByteSpan content, Instant at) const;

private:
    SigningCertificate();
    struct State;
    std::unique_ptr<State> state_;
};

Bytes sign_detached_cms(const SigningCertificate& certificate, ByteSpan content, Instant at);

struct CmsVerdict {
    bool signature_ok = false;   // the signature fits the content and the certificate in it
    bool chain_ok = false;       // the certificate leads to one of the roots and was valid when it signed
    std::string signer_subject;
    std::string issuer;          // of the signer's certificate
    Instant signed_at;           // as the signer states
};

// Code::invalid where the bytes are no CMS signature by one signer; otherwise a verdict.
Result<CmsVerdict> verify_detached_cms(ByteSpan content, ByteSpan cms, std::string_view roots_pem, Instant now);

}  // namespace madang::crypto
