#include "crypto/ed25519.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "base/check.h"
#include "crypto/detail/openssl.h"

namespace madang::crypto {

using detail::Ptr;

Result<Ed25519PublicKey> Ed25519PublicKey::from_bytes(ByteSpan bytes) {
    Ed25519PublicKey key;
    if (bytes.size() != key.bytes_.size()) return fail(Code::invalid, "an Ed25519 public key has 32 bytes");
    std::ranges::copy(bytes, key.bytes_.begin());
    return key;
}

bool Ed25519PublicKey::verify(ByteSpan message, ByteSpan signature) const {
    if (signature.size() != Ed25519Signature{}.size()) return false;
    const Ptr<EVP_PKEY> key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_.data(), bytes_.size()));
    const Ptr<EVP_MD_CTX> context(EVP_MD_CTX_new());
    const bool good = key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
                      EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
    if (!good) ERR_clear_error();
    return good;
}

Ed25519Key Ed25519Key::generate(Random& random) {
    std::array<std::uint8_t, 32> seed;
    random.fill(seed);
    auto key = from_seed(seed);
    OPENSSL_cleanse(seed.data(), seed.size());
    MADANG_CHECK(key.has_value());
    return std::move(*key);
}

Result<Ed25519Key> Ed25519Key::from_seed(ByteSpan seed) {
    Ed25519Key key;
    if (seed.size() != key.seed_.size()) return fail(Code::invalid, "an Ed25519 seed has 32 bytes");
    std::ranges::copy(seed, key.seed_.begin());
    const Ptr<EVP_PKEY> pair(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
    std::array<std::uint8_t, 32> bytes;
    std::size_t size = bytes.size();
    MADANG_CHECK(pair && EVP_PKEY_get_raw_public_key(pair.get(), bytes.data(), &size) == 1);
    TRY(key.public_key_, Ed25519PublicKey::from_bytes(bytes));
    return key;
}

Ed25519Key::~Ed25519Key() { OPENSSL_cleanse(seed_.data(), seed_.size()); }

Ed25519Signature Ed25519Key::sign(ByteSpan message) const {
    const Ptr<EVP_PKEY> key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed_.data(), seed_.size()));
    const Ptr<EVP_MD_CTX> context(EVP_MD_CTX_new());
    Ed25519Signature signature;
    std::size_t size = signature.size();
    MADANG_CHECK(key && context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
                 EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) == 1);
    return signature;
}

}  // namespace madang::crypto
