#include "crypto/hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"

namespace madang::crypto {
namespace {

const EVP_MD* fetched(const char* name) {
    const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, name, nullptr);
    MADANG_CHECK(algorithm != nullptr);
    return algorithm;
}

const EVP_MD* fetched_sha256() {
    static const EVP_MD* const algorithm = fetched("SHA256");
    return algorithm;
}

struct Context {
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    Context() = default;
    ~Context() { EVP_MD_CTX_free(context); }
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
};

EVP_MD_CTX* as_context(void* context) { return static_cast<EVP_MD_CTX*>(context); }

}  // namespace

Hash sha256(ByteSpan data) {
    thread_local const Context own;
    Hash hash;
    MADANG_CHECK(EVP_DigestInit_ex2(own.context, fetched_sha256(), nullptr) == 1 &&
                 EVP_DigestUpdate(own.context, data.data(), data.size()) == 1 &&
                 EVP_DigestFinal_ex(own.context, hash.data(), nullptr) == 1);
    return hash;
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
    MADANG_CHECK(context_ != nullptr && EVP_DigestInit_ex2(as_context(context_), fetched_sha256(), nullptr) == 1);
}

Sha256::~Sha256() { EVP_MD_CTX_free(as_context(context_)); }

Sha256& Sha256::update(ByteSpan data) {
    MADANG_CHECK(EVP_DigestUpdate(as_context(context_), data.data(), data.size()) == 1);
    return *this;
}

Hash Sha256::finish() {
    Hash hash;
    MADANG_CHECK(EVP_DigestFinal_ex(as_context(context_), hash.data(), nullptr) == 1 &&
                 EVP_DigestInit_ex2(as_context(context_), nullptr, nullptr) == 1);
    return hash;
}

Hash hmac_sha256(ByteSpan key, ByteSpan data) {
    Hash hash;
    unsigned size = hash.size();
    // An empty key is a key: OpenSSL takes a null pointer for "the key of before".
    const std::uint8_t none = 0;
    MADANG_CHECK(HMAC(fetched_sha256(), key.empty() ? &none : key.data(), static_cast<int>(key.size()), data.data(), data.size(),
                      hash.data(), &size) != nullptr);
    return hash;
}

std::array<std::uint8_t, 20> hmac_sha1(ByteSpan key, ByteSpan data) {
    static const EVP_MD* const sha1 = fetched("SHA1");
    std::array<std::uint8_t, 20> hash;
    unsigned size = hash.size();
    const std::uint8_t none = 0;
    MADANG_CHECK(HMAC(sha1, key.empty() ? &none : key.data(), static_cast<int>(key.size()), data.data(), data.size(), hash.data(),
                      &size) != nullptr);
    return hash;
}

}  // namespace madang::crypto
