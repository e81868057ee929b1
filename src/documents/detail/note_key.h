// Signed notes (https://c2sp.org/signed-note) by one Ed25519 key, and the text form of that key.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/ed25519.h"

namespace madang::documents {

struct NoteKey {
    std::string name;
    crypto::Ed25519PublicKey key;
};

Result<NoteKey> parse_note_key(std::string_view verifier_key);
std::string format_note_key(std::string_view name, const crypto::Ed25519PublicKey& key);

// `body` ends with a line end. Gives body, empty line, signature line.
std::string sign_text(std::string_view body, std::string_view name, const crypto::Ed25519Key& key);
// The body. Code::invalid where it is no note, Code::denied where this key did not sign it.
Result<std::string> open_text(std::string_view note, const NoteKey& key);

}  // namespace madang::documents
