// Sealing bytes under a key so that only its holder can read them and nobody can change them:
// XChaCha20-Poly1305 with a random nonce of 24 bytes, so that one key may seal any number of values.
#pragma once

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"

namespace madang::crypto {

inline constexpr std::size_t kSealKeyBytes = 32;
inline constexpr std::size_t kSealOverhead = 1 + 24 + 16;  // version, nonce, tag

// `key` has exactly 32 bytes. `associated` is not stored: it says what the bytes are for (an id) and
// must be the same to open, so that a sealed value cannot be moved to another row.
Bytes seal(ByteSpan key, ByteSpan plain, ByteSpan associated, Random& random);
// Code::corrupted where the key, the associated bytes or the sealed bytes are not those of seal().
Result<Bytes> open_sealed(ByteSpan key, ByteSpan sealed, ByteSpan associated);

// Overwrites bytes that were secret in a way that the compiler keeps.
void wipe(std::span<std::uint8_t> secret);

}  // namespace madang::crypto
