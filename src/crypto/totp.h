// One-time codes by the clock (RFC 6238): HMAC-SHA-1, 30 seconds, 6 digits, as authenticator apps have.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"

namespace madang::crypto {

std::int64_t totp_step(Instant now);
std::string totp_at(ByteSpan secret, std::int64_t step, int digits = 6);
// The step that the code belongs to, at most one step away from now and later than `last_used_step`:
// a code counts once.
std::optional<std::int64_t> match_totp(ByteSpan secret, std::string_view code, Instant now, std::int64_t last_used_step);
// The otpauth:// address that an authenticator app reads from a QR code or a link.
std::string totp_address(ByteSpan secret, std::string_view account, std::string_view issuer);

}  // namespace madang::crypto
