#include "http/csrf.h"

#include <array>

#include "base/check.h"
#include "crypto/hash.h"

namespace madang::http {
namespace {

constexpr std::size_t kSize = 32;
constexpr std::string_view kPurpose = "madang csrf v1\n";

crypto::Hash expected(ByteSpan key, std::string_view session) {
    MADANG_CHECK(key.size() >= kSize && !session.empty());
    return crypto::hmac_sha256(key, as_bytes(std::string(kPurpose) + std::string(session)));
}

}  // namespace

std::string CsrfTokens::make(std::string_view session) const {
    const auto secret = expected(key_, session);
    std::array<std::uint8_t, 2 * kSize> token{};
    random_.fill(std::span(token).first(kSize));
    for (std::size_t i = 0; i < kSize; ++i) token[kSize + i] = static_cast<std::uint8_t>(secret[i] ^ token[i]);
    return base64url(token);
}

bool CsrfTokens::check(std::string_view session, std::string_view token) const {
    if (session.empty() || token.size() > 128) return false;
    const auto bytes = parse_base64url(token);
    if (!bytes || bytes->size() != 2 * kSize) return false;
    std::array<std::uint8_t, kSize> given{};
    for (std::size_t i = 0; i < kSize; ++i) given[i] = static_cast<std::uint8_t>((*bytes)[i] ^ (*bytes)[kSize + i]);
    return equal_in_constant_time(given, expected(key_, session));
}

}  // namespace madang::http
