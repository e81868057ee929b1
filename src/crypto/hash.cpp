#include "crypto/hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"

namespace madang::crypto {
namespace {

const EVP_MD* fetched_sha256() {
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    MADANG_CHECK(algorithm != nullptr);
    return algorithm;
}

struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using ContextPtr = std::unique_ptr<EVP_MD_CTX, FreeContext>;

}  // namespace

Hash sha256(ByteSpan data) {
    thread_local const ContextPtr context(EVP_MD_CTX_new());
    Hash hash;
    MADANG_CHECK(EVP_DigestInit_ex2(context.get(), fetched_sha256(), nullptr) == 1 &&
                 EVP_DigestUpdate(context.get(), data.data(), data.size()) == 1 &&
                 EVP_DigestFinal_ex(context.get(), hash.data(), nullptr) == 1);
    return hash;
}

Hash hmac_sha256(ByteSpan key, ByteSpan data) {
    Hash hash;
    unsigned size = hash.size();
    MADANG_CHECK(HMAC(fetched_sha256(), key.data(), static_cast<int>(key.size()), data.data(), data.size(), hash.data(), &size) != nullptr);
    return hash;
}

std::array<std::uint8_t, 20> hmac_sha1(ByteSpan key, ByteSpan data) {
    std::array<std::uint8_t, 20> hash;
    unsigned size = hash.size();
    MADANG_CHECK(HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), data.data(), data.size(), hash.data(), &size) != nullptr);
    return hash;
}

struct Sha256::State {
    ContextPtr context{EVP_MD_CTX_new()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
    MADANG_CHECK(EVP_DigestInit_ex2(state_->context.get(), fetched_sha256(), nullptr) == 1);
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(ByteSpan data) {
    MADANG_CHECK(EVP_DigestUpdate(state_->context.get(), data.data(), data.size()) == 1);
}

Hash Sha256::finish() {
    Hash hash;
    MADANG_CHECK(EVP_DigestFinal_ex(state_->context.get(), hash.data(), nullptr) == 1);
    return hash;
}

}  // namespace madang::crypto
