// One-time codes of authenticator apps: TOTP (RFC 6238) with HMAC-SHA-1, 30 seconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"

namespace madang::crypto {

// The number of the 30-second step that a moment lies in.
std::int64_t totp_step(Instant moment);

// `digits` is 6 to 8.
std::string totp_at(ByteSpan secret, Instant moment, int digits = 6, std::chrono::seconds period = std::chrono::seconds(30));

// The time step that the six digits belong to: now or one step beside. Nothing where the code is wrong
// or belongs to `last_used_step` or an earlier one: a code counts once. Keep the step that is returned.
std::optional<std::int64_t> match_totp(ByteSpan secret, std::string_view code, Instant now, std::int64_t last_used_step);

// The address behind the QR code of an enrolment: otpauth://totp/<issuer>:<account>?secret=…
std::string totp_address(std::string_view issuer, std::string_view account, ByteSpan secret);

}  // namespace madang::crypto
