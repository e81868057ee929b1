// Detached CAdES-B-B signatures: RFC 5652 SignedData with the attributes of ETSI EN 319 122-1, 6.3.
#include "base/check.h"
#include "base/text.h"
#include "crypto/detail/openssl.h"
#include "crypto/signing_certificate.h"

namespace madang::crypto {
namespace {

using detail::instant_of;
using detail::name_text;
using detail::Ptr;
using detail::reading;

constexpr std::size_t kMaxCms = 256U << 10;
constexpr std::size_t kMaxContent = std::size_t{1} << 30;
constexpr unsigned kVerify = CMS_BINARY | CMS_DETACHED;

Result<Ptr<CMS_ContentInfo>> parse_cms(ByteSpan bytes) {
    if (bytes.size() > kMaxCms) return fail(Code::invalid, format("a signature has at most {} bytes", kMaxCms));
    const std::uint8_t* at = bytes.data();
    Ptr<CMS_ContentInfo> cms(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(bytes.size())));
    ERR_clear_error();
    if (!cms || at != bytes.data() + bytes.size() || OBJ_obj2nid(CMS_get0_type(cms.get())) != NID_pkcs7_signed) {
        return fail(Code::invalid, "the signature is no CMS SignedData in DER");
    }
    if (CMS_is_detached(cms.get()) != 1) return fail(Code::invalid, "the signature carries a content of its own instead of standing beside it");
    return cms;
}

struct Signer {
    CMS_SignerInfo* info = nullptr;
    X509* certificate = nullptr;
};

Result<Signer> signer_of(CMS_ContentInfo* cms, STACK_OF(X509) * carried) {
    STACK_OF(CMS_SignerInfo)* const signers = CMS_get0_SignerInfos(cms);
    if (signers == nullptr || sk_CMS_SignerInfo_num(signers) != 1) return fail(Code::invalid, "the signature must have exactly one signer");
    Signer signer{sk_CMS_SignerInfo_value(signers, 0), nullptr};
    for (int i = 0; carried != nullptr && i < sk_X509_num(carried); ++i) {
        if (CMS_SignerInfo_cert_cmp(signer.info, sk_X509_value(carried, i)) == 0) signer.certificate = sk_X509_value(carried, i);
    }
    if (signer.certificate == nullptr) return fail(Code::invalid, "the signature does not carry its signer's certificate");
    // EN 319 122-1, 5.2.2: the signed attributes name the certificate.
    if (CMS_signed_get_attr_by_NID(signer.info, NID_id_smime_aa_signingCertificateV2, -1) < 0 &&
        CMS_signed_get_attr_by_NID(signer.info, NID_id_smime_aa_signingCertificate, -1) < 0) {
        return fail(Code::invalid, "the signature is not CAdES: its signed attributes do not name the certificate");
    }
    return signer;
}

// EN 319 122-1, 5.2.1.
Result<Instant> signing_time(CMS_SignerInfo* signer) {
    const int at = CMS_signed_get_attr_by_NID(signer, NID_pkcs9_signingTime, -1);
    const ASN1_TYPE* const value = at < 0 ? nullptr : X509_ATTRIBUTE_get0_type(CMS_signed_get_attr(signer, at), 0);
    if (value == nullptr || (value->type != V_ASN1_UTCTIME && value->type != V_ASN1_GENERALIZEDTIME)) {
        return fail(Code::invalid, "the signature states no signing time");
    }
    return instant_of(value->value.asn1_string);
}

// X509_V_OK or the reason why the certificate does not lead to a root at that moment.
int chain_error(X509_STORE* roots, X509* certificate, STACK_OF(X509) * carried, Instant moment) {
    const Ptr<X509_STORE_CTX> context(X509_STORE_CTX_new());
    MADANG_CHECK(context && X509_STORE_CTX_init(context.get(), roots, certificate, carried) == 1);
    X509_STORE_CTX_set_default(context.get(), "smime_sign");
    X509_STORE_CTX_set_time(context.get(), 0, detail::seconds_of(moment));
    const int error = X509_verify_cert(context.get()) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context.get());
    ERR_clear_error();
    return error == X509_V_OK || error != X509_V_ERR_UNSPECIFIED ? error : X509_V_ERR_CERT_UNTRUSTED;
}

// EN 319 122-1, 5.2.2.3: the hash in the signed attributes is that of this certificate. OpenSSL checks it
// together with the chain, so it is asked only where the chain holds.
bool names_certificate(CMS_ContentInfo* cms, ByteSpan content, X509_STORE* roots, Instant moment) {
    X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(roots), detail::seconds_of(moment));
    const Ptr<BIO> bio = reading(content);
    const bool good = CMS_verify(cms, nullptr, roots, bio.get(), nullptr, kVerify | CMS_CADES) == 1;
    ERR_clear_error();
    return good;
}

Result<Ptr<X509_STORE>> parse_roots(std::string_view pem) {
    Ptr<X509_STORE> roots(X509_STORE_new());
    const auto certificates = detail::certificates_in(pem);
    if (certificates.empty()) return fail(Code::invalid, "the trusted roots hold no PEM certificate");
    for (const auto& root : certificates) MADANG_CHECK(X509_STORE_add_cert(roots.get(), root.get()) == 1);
    return roots;
}

}  // namespace

Bytes sign_detached_cms(const SigningCertificate& certificate, ByteSpan content, Instant signed_at) {
    MADANG_CHECK(content.size() <= kMaxContent);
    const auto& state = certificate.state();
    STACK_OF(X509)* const others = sk_X509_new_null();
    for (std::size_t i = 1; i < state.chain.size(); ++i) sk_X509_push(others, state.chain[i].get());
    const Ptr<BIO> bio = reading(content);
    constexpr unsigned kSign = CMS_DETACHED | CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP;
    const Ptr<CMS_ContentInfo> cms(CMS_sign(nullptr, nullptr, others, nullptr, kSign));
    sk_X509_free(others);
    MADANG_CHECK(cms != nullptr);
    CMS_SignerInfo* const signer =
        CMS_add1_signer(cms.get(), state.chain.front().get(), state.key.get(), EVP_sha256(), kSign | CMS_CADES);
    MADANG_CHECK(signer != nullptr);
    // The time of the injected clock, before the library would add its own.
    const Ptr<ASN1_TIME> time(ASN1_TIME_set(nullptr, detail::seconds_of(signed_at)));
    MADANG_CHECK(CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_signingTime, time->type, time.get(), -1) == 1);
    MADANG_CHECK(CMS_final(cms.get(), bio.get(), nullptr, kSign) == 1);
    std::uint8_t* der = nullptr;
    const int size = i2d_CMS_ContentInfo(cms.get(), &der);
    MADANG_CHECK(size > 0);
    Bytes bytes(der, der + size);
    OPENSSL_free(der);
    return bytes;
}

Result<CmsVerdict> verify_detached_cms(ByteSpan content, ByteSpan cms_bytes, std::string_view roots_pem, Instant now) {
    if (content.size() > kMaxContent) return fail(Code::exhausted, "the signed content is larger than 1 GB");
    TRY(const auto roots, parse_roots(roots_pem));
    TRY(const auto cms, parse_cms(cms_bytes));
    const Ptr<STACK_OF(X509)> carried(CMS_get1_certs(cms.get()));
    TRY(const Signer signer, signer_of(cms.get(), carried.get()));
    CmsVerdict verdict;
    verdict.signer_subject = name_text(X509_get_subject_name(signer.certificate));
    verdict.issuer = name_text(X509_get_issuer_name(signer.certificate));
    TRY(verdict.signed_at, signing_time(signer.info));

    const Ptr<BIO> bio = reading(content);
    verdict.signature_ok = CMS_verify(cms.get(), nullptr, nullptr, bio.get(), nullptr, kVerify | CMS_NO_SIGNER_CERT_VERIFY) == 1;
    ERR_clear_error();
    const int error = chain_error(roots.get(), signer.certificate, carried.get(), verdict.signed_at);
    verdict.chain_ok = error == X509_V_OK;
    if (verdict.signature_ok && verdict.chain_ok) {
        verdict.signature_ok = names_certificate(cms.get(), content, roots.get(), verdict.signed_at);
    }
    verdict.expired = verdict.chain_ok && chain_error(roots.get(), signer.certificate, carried.get(), now) != X509_V_OK;
    if (!verdict.signature_ok) {
        verdict.reason = "the signature does not fit the content: a byte was changed";
    } else if (error == X509_V_ERR_CERT_HAS_EXPIRED || error == X509_V_ERR_CERT_NOT_YET_VALID) {
        verdict.reason = "the certificate was not valid at the stated signing time";
    } else if (!verdict.chain_ok) {
        verdict.reason = format("the signer is not among those trusted: {}", X509_verify_cert_error_string(error));
    } else if (verdict.expired) {
        verdict.reason = "the signer's certificate has expired since";
    }
    return verdict;
}

}  // namespace madang::crypto
