#include "crypto/signing_certificate.h"

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <vector>

#include "base/check.h"
#include "base/text.h"

namespace madang::crypto {
namespace {

constexpr long kRootDays = 20L * 365 + 5;
constexpr long kLeafDays = 3L * 365 + 1;

struct Free {
    void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
    void operator()(X509* p) const { X509_free(p); }
    void operator()(X509_STORE* p) const { X509_STORE_free(p); }
    void operator()(X509_STORE_CTX* p) const { X509_STORE_CTX_free(p); }
    void operator()(BIO* p) const { BIO_free_all(p); }
    void operator()(CMS_ContentInfo* p) const { CMS_ContentInfo_free(p); }
    void operator()(STACK_OF(X509) * p) const { sk_X509_pop_free(p, X509_free); }
    void operator()(X509_EXTENSION* p) const { X509_EXTENSION_free(p); }
};
template <class T>
using Ptr = std::unique_ptr<T, Free>;

std::string last_error() {
    char text[256];
    ERR_error_string_n(ERR_peek_last_error(), text, sizeof text);
    ERR_clear_error();
    return text;
}

Ptr<BIO> reading(ByteSpan bytes) { return Ptr<BIO>(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))); }

std::string content_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return std::string(data, static_cast<std::size_t>(size));
}

std::string pem_of(X509* certificate) {
    const Ptr<BIO> bio(BIO_new(BIO_s_mem()));
    MADANG_CHECK(PEM_write_bio_X509(bio.get(), certificate) == 1);
    return content_of(bio.get());
}

std::string name_text(const X509_NAME* name) {
    const Ptr<BIO> bio(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(bio.get(), name, 0, (XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) | ASN1_STRFLGS_UTF8_CONVERT);
    return content_of(bio.get());
}

std::vector<Ptr<X509>> certificates_in(std::string_view pem) {
    std::vector<Ptr<X509>> found;
    const Ptr<BIO> bio = reading(as_bytes(pem));
    while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
        found.emplace_back(certificate);
        if (found.size() == 1000) break;
    }
    ERR_clear_error();
    return found;
}

void add_extension(X509* certificate, X509* issuer, int id, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Ptr<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, &context, id, value));
    MADANG_CHECK(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

// A certificate for `key`, with a random serial number of 127 bits (CA/Browser Forum asks for 64).
Ptr<X509> make_certificate(EVP_PKEY* key, std::string_view country, std::string_view name, Random& random, Instant now, long days) {
    Ptr<X509> certificate(X509_new());
    X509_set_version(certificate.get(), X509_VERSION_3);
    std::array<std::uint8_t, 16> serial;
    random.fill(serial);
    serial[0] = static_cast<std::uint8_t>((serial[0] & 0x7FU) | 0x40U);
    BIGNUM* number = BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr);
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate.get()));
    BN_free(number);
    std::time_t begin = std::chrono::system_clock::to_time_t(std::chrono::time_point_cast<std::chrono::system_clock::duration>(now)) - 60;
    X509_time_adj_ex(X509_getm_notBefore(certificate.get()), 0, 0, &begin);
    X509_time_adj_ex(X509_getm_notAfter(certificate.get()), static_cast<int>(days), 0, &begin);
    X509_set_pubkey(certificate.get(), key);
    const auto add = [&](const char* field, std::string_view value) {
        MADANG_CHECK(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), field, MBSTRING_UTF8, as_bytes(value).data(),
                                                static_cast<int>(value.size()), -1, 0) == 1);
    };
    add("O", country.substr(0, 64));
    add("CN", name.substr(0, 64));
    return certificate;
}

Result<Instant> instant_of(const ASN1_TIME* time) {
    int days = 0;
    int seconds = 0;
    ASN1_TIME* epoch = ASN1_TIME_set(nullptr, 0);
    const bool good = ASN1_TIME_diff(&days, &seconds, epoch, time) == 1;
    ASN1_TIME_free(epoch);
    ERR_clear_error();
    if (!good) return fail(Code::invalid, "the signature states no readable time");
    return Instant(std::chrono::days(days) + std::chrono::seconds(seconds));
}

// A new key on NIST P-256. The curve's name is passed as variable argument, which must be a char*.
EVP_PKEY* generate_p256() {
    std::string curve = "P-256";
    return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve.data());
}

}  // namespace

struct SigningCertificate::State {
    Ptr<EVP_PKEY> key;
    std::vector<Ptr<X509>> chain;  // leaf first
};

SigningCertificate::SigningCertificate() : state_(std::make_unique<State>()) {}
SigningCertificate::~SigningCertificate() = default;
SigningCertificate::SigningCertificate(SigningCertificate&&) noexcept = default;
SigningCertificate& SigningCertificate::operator=(SigningCertificate&&) noexcept = default;

Result<SigningCertificate> SigningCertificate::create(std::string_view country, std::string_view signer, Random& random, Instant now) {
    const Ptr<EVP_PKEY> root_key(generate_p256());
    SigningCertificate made;
    made.state_->key.reset(generate_p256());
    if (!root_key || !made.state_->key) return fail(Code::unavailable, last_error());

    Ptr<X509> root = make_certificate(root_key.get(), country, std::string(country) + " documents root", random, now, kRootDays);
    X509_set_issuer_name(root.get(), X509_get_subject_name(root.get()));
    add_extension(root.get(), root.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add_extension(root.get(), root.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(root.get(), root.get(), NID_subject_key_identifier, "hash");
    MADANG_CHECK(X509_sign(root.get(), root_key.get(), EVP_sha256()) > 0);

    Ptr<X509> leaf = make_certificate(made.state_->key.get(), country, signer, random, now, kLeafDays);
    X509_set_issuer_name(leaf.get(), X509_get_subject_name(root.get()));
    add_extension(leaf.get(), root.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_extension(leaf.get(), root.get(), NID_key_usage, "critical,digitalSignature,nonRepudiation");
    add_extension(leaf.get(), root.get(), NID_ext_key_usage, "emailProtection");
    add_extension(leaf.get(), root.get(), NID_subject_key_identifier, "hash");
    add_extension(leaf.get(), root.get(), NID_authority_key_identifier, "keyid:always");
    MADANG_CHECK(X509_sign(leaf.get(), root_key.get(), EVP_sha256()) > 0);
    made.state_->chain.push_back(std::move(leaf));
    made.state_->chain.push_back(std::move(root));
    return made;
}

Result<SigningCertificate> SigningCertificate::from_pem(std::string_view key_pem, std::string_view chain_pem) {
    SigningCertificate read;
    const Ptr<BIO> bio = reading(as_bytes(key_pem));
    read.state_->key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
    if (!read.state_->key) return fail(Code::corrupted, "the signing key is no PEM key: " + last_error());
    read.state_->chain = certificates_in(chain_pem);
    if (read.state_->chain.empty()) return fail(Code::corrupted, "the chain holds no certificate");
    if (X509_check_private_key(read.state_->chain[0].get(), read.state_->key.get()) != 1) {
        return fail(Code::corrupted, "the signing key does not belong to its certificate");
    }
    return read;
}

std::string SigningCertificate::key_pem() const {
    const Ptr<BIO> bio(BIO_new(BIO_s_mem()));
    MADANG_CHECK(PEM_write_bio_PKCS8PrivateKey(bio.get(), state_->key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    return content_of(bio.get());
}

std::string SigningCertificate::chain_pem() const {
    std::string pem;
    for (const auto& certificate : state_->chain) pem += pem_of(certificate.get());
    return pem;
}

std::string SigningCertificate::root_pem() const { return pem_of(state_->chain.back().get()); }
std::string SigningCertificate::subject() const { return name_text(X509_get_subject_name(state_->chain.front().get())); }
Instant SigningCertificate::not_after() const { return instant_of(X509_get0_notAfter(state_->chain.front().get())).value_or(Instant{}); }

Bytes SigningCertificate::sign_detached(ByteSpan content, Instant at) const {
    STACK_OF(X509)* others = sk_X509_new_null();
    for (std::size_t i = 1; i < state_->chain.size(); ++i) sk_X509_push(others, state_->chain[i].get());
    const Ptr<BIO> bio = reading(content);
    constexpr unsigned kFlags = CMS_DETACHED | CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP;
    const Ptr<CMS_ContentInfo> cms(CMS_sign(nullptr, nullptr, others, nullptr, kFlags));
    sk_X509_free(others);
    MADANG_CHECK(cms != nullptr);
    CMS_SignerInfo* signer =
        CMS_add1_signer(cms.get(), state_->chain[0].get(), state_->key.get(), EVP_sha256(), kFlags | CMS_CADES);
    MADANG_CHECK(signer != nullptr);
    // CAdES 5.2.1: the signing time as the injected clock has it, before the library would add its own.
    ASN1_TIME* time = ASN1_TIME_adj(nullptr, std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count(), 0, 0);
    MADANG_CHECK(CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_signingTime, time->type, time, -1) == 1);
    ASN1_TIME_free(time);
    MADANG_CHECK(CMS_final(cms.get(), bio.get(), nullptr, kFlags) == 1);
    std::uint8_t* der = nullptr;
    const int size = i2d_CMS_ContentInfo(cms.get(), &der);
    MADANG_CHECK(size > 0);
    Bytes bytes(der, der + size);
    OPENSSL_free(der);
    return bytes;
}

Bytes sign_detached_cms(const SigningCertificate& certificate, ByteSpan content, Instant at) {
    return certificate.sign_detached(content, at);
}

Result<CmsVerdict> verify_detached_cms(ByteSpan content, ByteSpan cms_bytes, std::string_view roots_pem, Instant now) {
    if (cms_bytes.size() > (1U << 20)) return fail(Code::exhausted, "the signature is larger than 1 MB");
    const std::uint8_t* at = cms_bytes.data();
    const Ptr<CMS_ContentInfo> cms(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(cms_bytes.size())));
    if (!cms || at != cms_bytes.data() + cms_bytes.size() || OBJ_obj2nid(CMS_get0_type(cms.get())) != NID_pkcs7_signed) {
        ERR_clear_error();
        return fail(Code::invalid, "the signature is no CMS SignedData");
    }
    const Ptr<BIO> bio = reading(content);
    CmsVerdict verdict;
    verdict.signature_ok = CMS_verify(cms.get(), nullptr, nullptr, bio.get(), nullptr,
                                      CMS_BINARY | CMS_DETACHED | CMS_NO_SIGNER_CERT_VERIFY) == 1;
    ERR_clear_error();
    STACK_OF(CMS_SignerInfo)* signers = CMS_get0_SignerInfos(cms.get());
    if (signers == nullptr || sk_CMS_SignerInfo_num(signers) != 1) return fail(Code::invalid, "there must be exactly one signer");
    CMS_SignerInfo* signer = sk_CMS_SignerInfo_value(signers, 0);
    const Ptr<STACK_OF(X509)> carried(CMS_get1_certs(cms.get()));
    X509* certificate = nullptr;
    for (int i = 0; carried && i < sk_X509_num(carried.get()); ++i) {
        if (CMS_SignerInfo_cert_cmp(signer, sk_X509_value(carried.get(), i)) == 0) certificate = sk_X509_value(carried.get(), i);
    }
    if (certificate == nullptr) return fail(Code::invalid, "the signature does not carry its certificate");
    verdict.signer_subject = name_text(X509_get_subject_name(certificate));
    verdict.issuer = name_text(X509_get_issuer_name(certificate));
    const int time_at = CMS_signed_get_attr_by_NID(signer, NID_pkcs9_signingTime, -1);
    verdict.signed_at = now;
    if (time_at >= 0) {
        const ASN1_TYPE* value = X509_ATTRIBUTE_get0_type(CMS_signed_get_attr(signer, time_at), 0);
        if (value != nullptr && (value->type == V_ASN1_UTCTIME || value->type == V_ASN1_GENERALIZEDTIME)) {
            TRY(verdict.signed_at, instant_of(value->value.asn1_string));
        }
    }
    const Ptr<X509_STORE> roots(X509_STORE_new());
    for (const auto& root : certificates_in(roots_pem)) X509_STORE_add_cert(roots.get(), root.get());
    const Ptr<X509_STORE_CTX> context(X509_STORE_CTX_new());
    X509_STORE_CTX_init(context.get(), roots.get(), certificate, carried.get());
    const auto signing_second =
        static_cast<std::time_t>(std::chrono::floor<std::chrono::seconds>(verdict.signed_at).time_since_epoch().count());
    X509_STORE_CTX_set_time(context.get(), 0, signing_second);
    verdict.chain_ok = X509_verify_cert(context.get()) == 1;
    if (verdict.chain_ok && verdict.signature_ok) {
        // CAdES 5.2.2: the signed attributes name this very certificate, not another one of the same key.
        X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(roots.get()), signing_second);
        const Ptr<BIO> again = reading(content);
        verdict.chain_ok = CMS_verify(cms.get(), nullptr, roots.get(), again.get(), nullptr,
                                      CMS_BINARY | CMS_DETACHED | CMS_CADES) == 1;
    }
    ERR_clear_error();
    return verdict;
}

}  // namespace madang::crypto
