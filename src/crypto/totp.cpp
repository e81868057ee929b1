#include "crypto/totp.h"

#include "base/text.h"
#include "crypto/hash.h"

namespace madang::crypto {
namespace {

constexpr std::int64_t kStepSeconds = 30;

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
        out += plain ? std::string(1, c) : format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

}  // namespace

std::int64_t totp_step(Instant now) {
    return std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count() / kStepSeconds;
}

std::string totp_at(ByteSpan secret, std::int64_t step, int digits) {
    std::array<std::uint8_t, 8> counter;
    for (int i = 0; i < 8; ++i) counter[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(step >> (56 - 8 * i));
    const auto mac = hmac_sha1(secret, counter);
    // RFC 4226 5.3, dynamic truncation.
    const std::size_t offset = mac[19] & 0x0FU;
    const std::uint32_t number = (mac[offset] & 0x7FU) << 24U | mac[offset + 1] << 16U | mac[offset + 2] << 8U | mac[offset + 3];
    std::uint32_t bound = 1;
    for (int i = 0; i < digits; ++i) bound *= 10;
    return format("{:0{}}", number % bound, digits);
}

std::optional<std::int64_t> match_totp(ByteSpan secret, std::string_view code, Instant now, std::int64_t last_used_step) {
    const std::int64_t current = totp_step(now);
    std::optional<std::int64_t> matched;
    for (const std::int64_t step : {current - 1, current, current + 1}) {
        const std::string expected = totp_at(secret, step);
        if (equal_in_constant_time(as_bytes(expected), as_bytes(code)) && step > last_used_step) matched = step;
    }
    return matched;
}

std::string totp_address(ByteSpan secret, std::string_view account, std::string_view issuer) {
    return format("otpauth://totp/{}:{}?secret={}&issuer={}", escaped(issuer), escaped(account), base32(secret), escaped(issuer));
}

}  // namespace madang::crypto
