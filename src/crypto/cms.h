// Detached signatures of documents: CMS SignedData (RFC 5652) of CAdES-BES form (ETSI EN 319 122-1),
// that is with signing time and signing-certificate-v2 (RFC 5035) among the signed attributes.
//
//   Bytes p7s = sign_detached_cms(seal, pdf, clock.now());
//   openssl cms -verify -cades -binary -inform DER -in p7s -content pdf -CAfile root.pem
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "crypto/signing_certificate.h"

namespace madang::crypto {

Bytes sign_detached_cms(const SigningCertificate& signer, ByteSpan content, Instant signed_at);

struct CmsVerdict {
    bool signature_ok = false;   // these are the bytes that the certificate's key signed
    bool chain_ok = false;       // the certificate leads to one of the trusted roots
    bool expired = false;        // `now` lies outside the validity of a certificate of the chain
    bool signed_in_time = false; // the stated signing time lies inside the signer's validity
    std::string signer_subject;  // RFC 2253
    std::string issuer;
    Instant signed_at{};         // as the signer states it; the ledger's proof is the independent one
    std::string reason;          // plain language, empty when all is well

    bool good() const { return signature_ok && chain_ok && !expired && signed_in_time; }
};

// `cms` is DER of at most 256 kB with exactly one signer. Code::invalid where it is not a detached
// CAdES signature at all; Code::invalid on bad roots. Everything else is a verdict.
Result<CmsVerdict> verify_detached_cms(ByteSpan content, ByteSpan cms, std::string_view roots_pem, Instant now);

}  // namespace madang::crypto
