#include "crypto/detail/openssl.h"

namespace madang::crypto::detail {
namespace {
constexpr std::size_t kMaxCertificates = 100;
}

std::string last_error() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    if (code == 0) return "the cryptographic library gives no reason";
    char text[256];
    ERR_error_string_n(code, text, sizeof text);
    return text;
}

Ptr<BIO> reading(ByteSpan bytes) {
    // A null pointer is no empty buffer to OpenSSL.
    return Ptr<BIO>(BIO_new_mem_buf(bytes.empty() ? "" : static_cast<const void*>(bytes.data()), static_cast<int>(bytes.size())));
}

std::string content_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

std::string name_text(const X509_NAME* name) {
    const Ptr<BIO> bio(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(bio.get(), name, 0, (XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) | ASN1_STRFLGS_UTF8_CONVERT);
    return content_of(bio.get());
}

Result<Instant> instant_of(const ASN1_TIME* time) {
    const Ptr<ASN1_TIME> epoch(ASN1_TIME_set(nullptr, 0));
    int days = 0;
    int seconds = 0;
    const bool good = ASN1_TIME_diff(&days, &seconds, epoch.get(), time) == 1;
    ERR_clear_error();
    if (!good) return fail(Code::invalid, "a time in the certificate or signature cannot be read");
    return Instant(std::chrono::days(days) + std::chrono::seconds(seconds));
}

std::time_t seconds_of(Instant moment) {
    return static_cast<std::time_t>(std::chrono::floor<std::chrono::seconds>(moment).time_since_epoch().count());
}

std::vector<Ptr<X509>> certificates_in(std::string_view pem) {
    std::vector<Ptr<X509>> found;
    const Ptr<BIO> bio = reading(as_bytes(pem));
    while (found.size() < kMaxCertificates) {
        X509* const certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr);
        if (certificate == nullptr) break;
        found.emplace_back(certificate);
    }
    ERR_clear_error();
    return found;
}

}  // namespace madang::crypto::detail
