// Sealing bytes under a key so that only its holder can read them and nobody can change them:
// XChaCha20-Poly1305 with a random nonce of 24 bytes (draft-irtf-cfrg-xchacha), after a version byte.
#pragma once

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"

namespace madang::crypto {

inline constexpr std::size_t kSealKeySize = 32;
inline constexpr std::size_t kSealOverhead = 1 + 24 + 16;

// `key` has exactly 32 bytes. `associated` is not stored: whoever opens must give the same bytes, so a
// sealed value cannot be moved to another row.
Bytes seal(ByteSpan key, ByteSpan plain, ByteSpan associated, Random& random);
// Code::corrupted where the key, the associated bytes or the sealed bytes are not what they were.
Result<Bytes> open_sealed(ByteSpan key, ByteSpan sealed, ByteSpan associated);

// Overwrites bytes that were secret in a way that the compiler keeps.
void wipe(std::span<std::uint8_t> secret);

}  // namespace madang::crypto
