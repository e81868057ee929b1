#include "crypto/seal.h"

#include <sodium.h>

#include "base/check.h"

namespace madang::crypto {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kHead = 1 + kNonce;
constexpr std::size_t kMaxPlain = std::size_t{1} << 30;
static_assert(kSealOverhead == kHead + kTag && kSealKeyBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

void start_sodium() {
    static const int started = sodium_init();
    MADANG_CHECK(started >= 0);
}

}  // namespace

Bytes seal(ByteSpan key, ByteSpan plain, ByteSpan associated, Random& random) {
    start_sodium();
    MADANG_CHECK(key.size() == kSealKeyBytes && plain.size() <= kMaxPlain);
    Bytes sealed(kSealOverhead + plain.size());
    sealed[0] = kVersion;
    random.fill(std::span(sealed).subspan(1, kNonce));
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data() + kHead, nullptr, plain.data(), plain.size(), associated.data(),
                                               associated.size(), nullptr, sealed.data() + 1, key.data());
    return sealed;
}

Result<Bytes> open_sealed(ByteSpan key, ByteSpan sealed, ByteSpan associated) {
    start_sodium();
    MADANG_CHECK(key.size() == kSealKeyBytes);
    if (sealed.size() < kSealOverhead) return fail(Code::corrupted, "sealed data is cut short");
    if (sealed[0] != kVersion) return fail(Code::corrupted, "sealed data is of an unknown version");
    Bytes plain(sealed.size() - kSealOverhead);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain.data(), nullptr, nullptr, sealed.data() + kHead, sealed.size() - kHead,
                                                   associated.data(), associated.size(), sealed.data() + 1, key.data()) != 0) {
        return fail(Code::corrupted, "sealed data does not open: another key, another context or a changed byte");
    }
    return plain;
}

void wipe(std::span<std::uint8_t> secret) { sodium_memzero(secret.data(), secret.size()); }

}  // namespace madang::crypto
