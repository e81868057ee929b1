// Owners of OpenSSL's objects, and its last error as text.
#pragma once

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "crypto/signing_certificate.h"

namespace madang::crypto::detail {

struct Free {
    void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
    void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
    void operator()(X509* p) const { X509_free(p); }
    void operator()(X509_STORE* p) const { X509_STORE_free(p); }
    void operator()(X509_STORE_CTX* p) const { X509_STORE_CTX_free(p); }
    void operator()(X509_EXTENSION* p) const { X509_EXTENSION_free(p); }
    void operator()(BIO* p) const { BIO_free_all(p); }
    void operator()(BIGNUM* p) const { BN_free(p); }
    void operator()(ASN1_TIME* p) const { ASN1_TIME_free(p); }
    void operator()(CMS_ContentInfo* p) const { CMS_ContentInfo_free(p); }
    void operator()(STACK_OF(X509) * p) const { sk_X509_pop_free(p, X509_free); }
};
template <class T>
using Ptr = std::unique_ptr<T, Free>;

std::string last_error();                  // and forgets it
Ptr<BIO> reading(ByteSpan bytes);          // valid as long as the bytes
std::string content_of(BIO* bio);
std::string name_text(const X509_NAME* name);   // RFC 2253, UTF-8
Result<Instant> instant_of(const ASN1_TIME* time);
std::time_t seconds_of(Instant moment);
// At most 100 certificates; none where the text holds no certificate.
std::vector<Ptr<X509>> certificates_in(std::string_view pem);

}  // namespace madang::crypto::detail

struct madang::crypto::RootCertificate::State {
    detail::Ptr<EVP_PKEY> key;
    detail::Ptr<X509> certificate;
};

struct madang::crypto::SigningCertificate::State {
    detail::Ptr<EVP_PKEY> key;
    std::vector<detail::Ptr<X509>> chain;  // leaf first, root last
};
