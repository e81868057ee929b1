// Sealed data: AES-256-GCM (NIST SP 800-38D) under a random nonce. What is sealed names no content, and
// opening fails for another key, another context and a changed byte alike.
#pragma once

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"

namespace madang::crypto {

inline constexpr std::size_t kSealKeyBytes = 32;

// `associated` is not stored: it says what the bytes are for (an id), and must be the same to open.
// Layout: nonce (12), ciphertext, tag (16).
Bytes seal(ByteSpan key, ByteSpan plain, ByteSpan associated, Random& random);
// Code::corrupted where the key, the context or the bytes are not those of seal().
Result<Bytes> open_sealed(ByteSpan key, ByteSpan sealed, ByteSpan associated);

}  // namespace madang::crypto
