// Ed25519 signatures (RFC 8032, pure): checkpoints of the ledger, proofs in QR codes.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"

namespace madang::crypto {

using Ed25519Signature = std::array<std::uint8_t, 64>;

class Ed25519PublicKey {
public:
    // Exactly 32 bytes; whether they are a point of the curve shows at the first verify().
    static Result<Ed25519PublicKey> from_bytes(ByteSpan bytes);
    // False on anything but a signature of exactly this message by this key.
    bool verify(ByteSpan message, ByteSpan signature) const;
    ByteSpan bytes() const { return bytes_; }

    friend bool operator==(const Ed25519PublicKey&, const Ed25519PublicKey&) = default;

private:
    std::array<std::uint8_t, 32> bytes_{};
};

// A private key; its seed is wiped when it goes.
class Ed25519Key {
public:
    static Ed25519Key generate(Random& random);
    // Exactly 32 bytes (RFC 8032, 5.1.5 "private key").
    static Result<Ed25519Key> from_seed(ByteSpan seed);
    ~Ed25519Key();
    Ed25519Key(const Ed25519Key&) = default;
    Ed25519Key& operator=(const Ed25519Key&) = default;

    ByteSpan seed() const { return seed_; }
    Ed25519Signature sign(ByteSpan message) const;
    const Ed25519PublicKey& public_key() const { return public_key_; }

private:
    Ed25519Key() = default;
    std::array<std::uint8_t, 32> seed_{};
    Ed25519PublicKey public_key_;
};

}  // namespace madang::crypto
