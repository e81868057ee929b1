#include "crypto/totp.h"

#include <array>

#include "base/check.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace madang::crypto {
namespace {

constexpr std::chrono::seconds kPeriod{30};
constexpr int kDigits = 6;

// RFC 4226, 5.3: the code of a counter.
std::string hotp(ByteSpan secret, std::int64_t counter, int digits) {
    std::array<std::uint8_t, 8> message;
    for (std::size_t i = 0; i < message.size(); ++i) {
        message[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(counter) >> (56 - 8 * i));
    }
    const auto mac = hmac_sha1(secret, message);
    const std::size_t offset = mac[19] & 0x0FU;
    const std::uint32_t number = (mac[offset] & 0x7FU) << 24U | static_cast<std::uint32_t>(mac[offset + 1]) << 16U |
                                 static_cast<std::uint32_t>(mac[offset + 2]) << 8U | mac[offset + 3];
    std::uint32_t bound = 1;
    for (int i = 0; i < digits; ++i) bound *= 10;
    return format("{:0{}}", number % bound, digits);
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
        out += plain ? std::string(1, c) : format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

}  // namespace

std::int64_t totp_step(Instant moment) { return std::chrono::floor<std::chrono::seconds>(moment).time_since_epoch() / kPeriod; }

std::string totp_at(ByteSpan secret, Instant moment, int digits, std::chrono::seconds period) {
    MADANG_CHECK(digits >= 6 && digits <= 8 && period.count() > 0);
    return hotp(secret, std::chrono::floor<std::chrono::seconds>(moment).time_since_epoch() / period, digits);
}

std::optional<std::int64_t> match_totp(ByteSpan secret, std::string_view code, Instant now, std::int64_t last_used_step) {
    const std::int64_t current = totp_step(now);
    std::optional<std::int64_t> matched;
    // All three are computed whatever matches: the time tells nothing.
    for (const std::int64_t step : {current - 1, current, current + 1}) {
        const std::string expected = hotp(secret, step, kDigits);
        if (equal_in_constant_time(as_bytes(expected), as_bytes(code)) && step > last_used_step && !matched) matched = step;
    }
    return matched;
}

std::string totp_address(std::string_view issuer, std::string_view account, ByteSpan secret) {
    return format("otpauth://totp/{}:{}?secret={}&issuer={}", escaped(issuer), escaped(account), base32(secret), escaped(issuer));
}

}  // namespace madang::crypto
