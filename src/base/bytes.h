// Bytes and the texts that carry them: hex, base64 (RFC 4648 clause 4), base64url (clause 5, without
// padding) and base32 (clause 6, without padding).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace madang {

using Bytes = std::vector<std::uint8_t>;
using ByteSpan = std::span<const std::uint8_t>;

// The bytes of a text and the text of some bytes, without a copy; valid as long as the source.
ByteSpan as_bytes(std::string_view text);
std::string_view as_text(ByteSpan bytes);
Bytes to_bytes(std::string_view text);

std::string hex(ByteSpan bytes);  // lower case
std::string base64(ByteSpan bytes);
std::string base64url(ByteSpan bytes);
std::string base32(ByteSpan bytes);

// Each fails with Code::invalid on a character outside its alphabet, on wrong padding, and on unused
// bits that are not zero, so that one value has one spelling.
Result<Bytes> parse_hex(std::string_view text);
Result<Bytes> parse_base64(std::string_view text);
Result<Bytes> parse_base64url(std::string_view text);
Result<Bytes> parse_base32(std::string_view text);

// True when both are equal; takes the same time wherever they differ.
bool equal_in_constant_time(ByteSpan a, ByteSpan b);

}  // namespace madang
