#include "crypto/ed25519.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "base/check.h"

namespace madang::crypto {
namespace {

struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Free>;
using ContextPtr = std::unique_ptr<EVP_MD_CTX, Free>;

}  // namespace

Result<Ed25519PublicKey> Ed25519PublicKey::from_bytes(ByteSpan bytes) {
    Ed25519PublicKey key;
    if (bytes.size() != key.bytes_.size()) return fail(Code::invalid, "an Ed25519 public key has 32 bytes");
    std::ranges::copy(bytes, key.bytes_.begin());
    return key;
}

bool Ed25519PublicKey::verify(ByteSpan message, ByteSpan signature) const {
    if (signature.size() != Signature{}.size()) return false;
    const KeyPtr key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_.data(), bytes_.size()));
    const ContextPtr context(EVP_MD_CTX_new());
    if (!key || !context || EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1) return false;
    return EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
}

Ed25519Key Ed25519Key::generate(Random& random) {
    std::array<std::uint8_t, 32> seed;
    random.fill(seed);
    return *from_seed(seed);
}

Result<Ed25519Key> Ed25519Key::from_seed(ByteSpan seed) {
    Ed25519Key key;
    if (seed.size() != key.seed_.size()) return fail(Code::invalid, "an Ed25519 seed has 32 bytes");
    std::ranges::copy(seed, key.seed_.begin());
    const KeyPtr pair(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
    std::array<std::uint8_t, 32> bytes;
    std::size_t size = bytes.size();
    MADANG_CHECK(pair && EVP_PKEY_get_raw_public_key(pair.get(), bytes.data(), &size) == 1);
    TRY(key.public_key_, Ed25519PublicKey::from_bytes(bytes));
    return key;
}

Signature Ed25519Key::sign(ByteSpan message) const {
    const KeyPtr key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed_.data(), seed_.size()));
    const ContextPtr context(EVP_MD_CTX_new());
    Signature signature;
    std::size_t size = signature.size();
    MADANG_CHECK(key && context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
                 EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) == 1);
    return signature;
}

}  // namespace madang::crypto
