// SHA-256 (FIPS 180-4) and HMAC (RFC 2104). The algorithm is fetched once: OpenSSL 3 looks it up anew
// for every one-shot call otherwise, which costs three times the hashing of a short text.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/bytes.h"

namespace madang::crypto {

using Hash = std::array<std::uint8_t, 32>;

Hash sha256(ByteSpan data);
Hash hmac_sha256(ByteSpan key, ByteSpan data);
// Only for one-time codes (RFC 6238), where HMAC-SHA-1 is what authenticator apps speak.
std::array<std::uint8_t, 20> hmac_sha1(ByteSpan key, ByteSpan data);

// Hashes what comes in pieces; finish() may be called once.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    void update(ByteSpan data);
    Hash finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace madang::crypto
