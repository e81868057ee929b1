#include "crypto/sealed.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/check.h"

namespace madang::crypto {
namespace {

constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;

struct Free {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using ContextPtr = std::unique_ptr<EVP_CIPHER_CTX, Free>;

const EVP_CIPHER* fetched_cipher() {
    static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    MADANG_CHECK(cipher != nullptr);
    return cipher;
}

}  // namespace

Bytes seal(ByteSpan key, ByteSpan plain, ByteSpan associated, Random& random) {
    MADANG_CHECK(key.size() == kSealKeyBytes && plain.size() < (std::size_t{1} << 30));
    Bytes sealed(kNonce + plain.size() + kTag);
    random.fill(std::span(sealed).first(kNonce));
    thread_local const ContextPtr context(EVP_CIPHER_CTX_new());
    int size = 0;
    MADANG_CHECK(EVP_EncryptInit_ex2(context.get(), fetched_cipher(), key.data(), sealed.data(), nullptr) == 1 &&
                 EVP_EncryptUpdate(context.get(), nullptr, &size, associated.data(), static_cast<int>(associated.size())) == 1 &&
                 EVP_EncryptUpdate(context.get(), sealed.data() + kNonce, &size, plain.data(), static_cast<int>(plain.size())) == 1 &&
                 EVP_EncryptFinal_ex(context.get(), sealed.data() + kNonce + size, &size) == 1 &&
                 EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTag, sealed.data() + kNonce + plain.size()) == 1);
    return sealed;
}

Result<Bytes> open_sealed(ByteSpan key, ByteSpan sealed, ByteSpan associated) {
    MADANG_CHECK(key.size() == kSealKeyBytes);
    if (sealed.size() < kNonce + kTag) return fail(Code::corrupted, "sealed data is cut short");
    const std::size_t length = sealed.size() - kNonce - kTag;
    std::array<std::uint8_t, kTag> tag;
    std::ranges::copy(sealed.last(kTag), tag.begin());
    Bytes plain(length);
    thread_local const ContextPtr context(EVP_CIPHER_CTX_new());
    int size = 0;
    const bool opened =
        EVP_DecryptInit_ex2(context.get(), fetched_cipher(), key.data(), sealed.data(), nullptr) == 1 &&
        EVP_DecryptUpdate(context.get(), nullptr, &size, associated.data(), static_cast<int>(associated.size())) == 1 &&
        EVP_DecryptUpdate(context.get(), plain.data(), &size, sealed.data() + kNonce, static_cast<int>(length)) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTag, tag.data()) == 1 &&
        EVP_DecryptFinal_ex(context.get(), plain.data() + size, &size) == 1;
    if (!opened) return fail(Code::corrupted, "sealed data does not open: another key, another context or a changed byte");
    return plain;
}

}  // namespace madang::crypto
