// The text in the QR code of a certificate: the address of the verification page and a compact signed
// proof, so that a reader without network can tell who issued the paper, when and until when.
// Written format: docs/formats/certificate.md
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "documents/certificate_template.h"

namespace madang::documents {

using KeyId = std::array<std::uint8_t, 8>;    // the first bytes of SHA-256 of the public key
KeyId key_id_of(const crypto::Ed25519PublicKey& key);

struct QrProof {
    std::string verify_address;               // "https://example.by/verify"; signed too
    KeyId key_id{};
    std::string code;
    Date issued_on;
    std::optional<Date> valid_until;
    crypto::Hash commitment{};                // to the values on the paper
    std::array<std::uint8_t, 64> signature{};
};

// SHA-256 over salt ‖ canonical JSON of the values: tells nothing without the salt.
crypto::Hash commit_to_values(ByteSpan salt16, const Values& values);

// Signs all but the signature and gives the text of the QR code. The dates lie in 2000 to 2178.
Result<std::string> sign_qr(QrProof proof, const crypto::Ed25519Key& key);

// Code::invalid on anything but the exact format; the signature is not looked at.
Result<QrProof> parse_qr(std::string_view text);

// True where the text was signed by this key.
bool is_signed_by(const QrProof& proof, const crypto::Ed25519PublicKey& key);

}  // namespace madang::documents
