#include "crypto/signing_certificate.h"

#include <array>

#include "base/check.h"
#include "base/text.h"
#include "crypto/detail/openssl.h"

namespace madang::crypto {
namespace {

using detail::certificates_in;
using detail::content_of;
using detail::last_error;
using detail::name_text;
using detail::Ptr;
using detail::reading;

constexpr int kRootDays = 20 * 365 + 5;
constexpr int kLeafDays = 3 * 365 + 1;
constexpr std::size_t kMaxCountry = 40;
constexpr std::size_t kMaxSigner = 64;   // RFC 5280, ub-common-name

Ptr<EVP_PKEY> generate_p256() {
    std::string curve = "P-256";   // passed as a variable argument, which must be a char*
    return Ptr<EVP_PKEY>(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve.data()));
}

void add_extension(X509* certificate, X509* issuer, int id, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Ptr<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, &context, id, value));
    MADANG_CHECK(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

bool add_name(X509_NAME* subject, const char* field, std::string_view value) {
    return X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8, as_bytes(value).data(), static_cast<int>(value.size()), -1, 0) == 1;
}

struct Validity {
    Instant from;
    int days;
};

// RFC 5280, 4.1: everything but the issuer, the extensions and the signature.
Result<Ptr<X509>> make_certificate(EVP_PKEY* key, std::string_view organisation, std::string_view name, Validity validity, Random& random) {
    Ptr<X509> certificate(X509_new());
    MADANG_CHECK(certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1);
    std::array<std::uint8_t, 16> serial;
    random.fill(serial);
    serial[0] = static_cast<std::uint8_t>((serial[0] & 0x3FU) | 0x40U);  // positive, always 16 bytes
    const Ptr<BIGNUM> number(BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr));
    BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get()));
    // A minute back, for verifiers whose clock is behind.
    std::time_t begin = detail::seconds_of(validity.from) - 60;
    X509_time_adj_ex(X509_getm_notBefore(certificate.get()), 0, 0, &begin);
    X509_time_adj_ex(X509_getm_notAfter(certificate.get()), validity.days, 0, &begin);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME* const subject = X509_get_subject_name(certificate.get());
    if (!add_name(subject, "O", organisation) || !add_name(subject, "CN", name)) {
        return fail(Code::invalid, format("\"{}\" cannot stand in a certificate: {}", name, last_error()));
    }
    return certificate;
}

std::string pem_of(X509* certificate) {
    const Ptr<BIO> bio(BIO_new(BIO_s_mem()));
    MADANG_CHECK(PEM_write_bio_X509(bio.get(), certificate) == 1);
    return content_of(bio.get());
}

std::string pem_of(EVP_PKEY* key) {
    const Ptr<BIO> bio(BIO_new(BIO_s_secmem()));
    MADANG_CHECK(PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
    return content_of(bio.get());
}

// No callback asks for a password: an encrypted key is refused.
int no_password(char*, int, int, void*) { return -1; }

Result<Ptr<EVP_PKEY>> parse_key(std::string_view pem, std::string_view what) {
    const Ptr<BIO> bio = reading(as_bytes(pem));
    Ptr<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
    if (!key) return fail(Code::corrupted, format("the {} is no PEM private key: {}", what, last_error()));
    if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_EC) return fail(Code::corrupted, format("the {} is not an elliptic curve key", what));
    return key;
}

std::string organisation_of(const X509* certificate) {
    char text[128] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_organizationName, text, sizeof text);
    return text;
}

}  // namespace

Result<RootCertificate> RootCertificate::create(std::string_view country, Random& random, Instant now) {
    if (country.empty() || country.size() > kMaxCountry) return fail(Code::invalid, format("a country's name has 1 to {} bytes", kMaxCountry));
    auto state = std::make_shared<State>();
    state->key = generate_p256();
    if (!state->key) return fail(Code::unavailable, last_error());
    const std::string name = format("{} Madang documents root", country);
    TRY(state->certificate, make_certificate(state->key.get(), country, name, {now, kRootDays}, random));
    X509* const root = state->certificate.get();
    X509_set_issuer_name(root, X509_get_subject_name(root));
    add_extension(root, root, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add_extension(root, root, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(root, root, NID_subject_key_identifier, "hash");
    MADANG_CHECK(X509_sign(root, state->key.get(), EVP_sha256()) > 0);
    RootCertificate made;
    made.state_ = std::move(state);
    return made;
}

Result<RootCertificate> RootCertificate::from_pem(std::string_view key_pem, std::string_view certificate_pem) {
    auto state = std::make_shared<State>();
    TRY(state->key, parse_key(key_pem, "root's key"));
    auto certificates = certificates_in(certificate_pem);
    if (certificates.size() != 1) return fail(Code::corrupted, "the root's file must hold one certificate");
    state->certificate = std::move(certificates.front());
    if (X509_check_private_key(state->certificate.get(), state->key.get()) != 1) {
        ERR_clear_error();
        return fail(Code::corrupted, "the root's key does not belong to its certificate");
    }
    RootCertificate read;
    read.state_ = std::move(state);
    return read;
}

std::string RootCertificate::certificate_pem() const { return pem_of(state_->certificate.get()); }
std::string RootCertificate::key_pem() const { return pem_of(state_->key.get()); }

Result<SigningCertificate> SigningCertificate::create(const RootCertificate& root, std::string_view signer, Random& random, Instant now) {
    if (signer.empty() || signer.size() > kMaxSigner) return fail(Code::invalid, format("a signer's name has 1 to {} bytes", kMaxSigner));
    X509* const issuer = root.state().certificate.get();
    auto state = std::make_shared<State>();
    state->key = generate_p256();
    if (!state->key) return fail(Code::unavailable, last_error());
    TRY(Ptr<X509> leaf, make_certificate(state->key.get(), organisation_of(issuer), signer, {now, kLeafDays}, random));
    X509_set_issuer_name(leaf.get(), X509_get_subject_name(issuer));
    add_extension(leaf.get(), issuer, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(leaf.get(), issuer, NID_key_usage, "critical,digitalSignature,nonRepudiation");
    add_extension(leaf.get(), issuer, NID_subject_key_identifier, "hash");
    add_extension(leaf.get(), issuer, NID_authority_key_identifier, "keyid:always");
    MADANG_CHECK(X509_sign(leaf.get(), root.state().key.get(), EVP_sha256()) > 0);
    state->chain.push_back(std::move(leaf));
    X509_up_ref(issuer);
    state->chain.emplace_back(issuer);
    SigningCertificate made;
    made.state_ = std::move(state);
    return made;
}

Result<SigningCertificate> SigningCertificate::create(std::string_view country, std::string_view signer, Random& random, Instant now) {
    TRY(const RootCertificate root, RootCertificate::create(country, random, now));
    return create(root, signer, random, now);
}

Result<SigningCertificate> SigningCertificate::from_pem(std::string_view key_pem, std::string_view chain_pem) {
    auto state = std::make_shared<State>();
    TRY(state->key, parse_key(key_pem, "signing key"));
    state->chain = certificates_in(chain_pem);
    if (state->chain.empty()) return fail(Code::corrupted, "the chain holds no certificate");
    if (X509_check_private_key(state->chain.front().get(), state->key.get()) != 1) {
        ERR_clear_error();
        return fail(Code::corrupted, "the signing key does not belong to its certificate");
    }
    SigningCertificate read;
    read.state_ = std::move(state);
    return read;
}

std::string SigningCertificate::key_pem() const { return pem_of(state_->key.get()); }

std::string SigningCertificate::chain_pem() const {
    std::string pem;
    for (const auto& certificate : state_->chain) pem += pem_of(certificate.get());
    return pem;
}

std::string SigningCertificate::root_pem() const { return pem_of(state_->chain.back().get()); }
std::string SigningCertificate::subject() const { return name_text(X509_get_subject_name(state_->chain.front().get())); }

Instant SigningCertificate::not_before() const {
    return detail::instant_of(X509_get0_notBefore(state_->chain.front().get())).value_or(Instant::max());
}

Instant SigningCertificate::not_after() const {
    return detail::instant_of(X509_get0_notAfter(state_->chain.front().get())).value_or(Instant::min());
}

}  // namespace madang::crypto
