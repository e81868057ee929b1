// Ed25519 (RFC 8032) with raw keys: what checkpoints, QR proofs and lists are signed with.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"

namespace madang::crypto {

using Signature = std::array<std::uint8_t, 64>;

class Ed25519PublicKey {
public:
    static Result<Ed25519PublicKey> from_bytes(ByteSpan bytes);  // 32
    bool verify(ByteSpan message, ByteSpan signature) const;
    const std::array<std::uint8_t, 32>& bytes() const { return bytes_; }
    friend bool operator==(const Ed25519PublicKey&, const Ed25519PublicKey&) = default;

private:
    std::array<std::uint8_t, 32> bytes_{};
};

class Ed25519Key {
public:
    static Ed25519Key generate(Random& random);
    static Result<Ed25519Key> from_seed(ByteSpan seed);  // 32 bytes
    const std::array<std::uint8_t, 32>& seed() const { return seed_; }
    Signature sign(ByteSpan message) const;
    const Ed25519PublicKey& public_key() const { return public_key_; }

private:
    std::array<std::uint8_t, 32> seed_{};
    Ed25519PublicKey public_key_;
};

}  // namespace madang::crypto
