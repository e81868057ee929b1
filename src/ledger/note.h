// Signed notes (https://c2sp.org/signed-note) with Ed25519 signatures: a text and who vouches for it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/ed25519.h"

namespace madang::ledger {

// "Verifier keys": <name>+<8 hex digits>+<base64 of 0x01 and 32 bytes>.
struct VerifierKey {
    std::string name;
    std::uint32_t id = 0;
    crypto::Ed25519PublicKey key;
};

Result<VerifierKey> parse_verifier_key(std::string_view text);
std::string format_verifier_key(std::string_view name, const crypto::Ed25519PublicKey& key);
VerifierKey verifier_key(std::string_view name, const crypto::Ed25519PublicKey& key);
// 1 to 255 bytes, no blank, no "+", no control character.
bool is_key_name(std::string_view name);

struct NoteSignature {
    std::string name;
    std::uint32_t id = 0;
    Bytes signature;           // after the key id
};

struct Note {
    std::string text;          // with its last line end
    std::vector<NoteSignature> signatures;
};

// At most 64 kB and 32 signatures. Trusts nobody: for opening use open_note().
Result<Note> parse_note(std::string_view note);

// `text` ends with a line end.
std::string sign_note(std::string_view text, std::string_view name, const crypto::Ed25519Key& key);

// The text, if at least one of the trusted keys signed it and none of their signatures is wrong.
// Code::invalid where it is no note, Code::denied where no trusted key signed it, Code::corrupted where
// a signature of a trusted key is wrong.
Result<std::string> open_note(std::string_view note, std::span<const VerifierKey> trusted);

}  // namespace madang::ledger
