#include "ledger/note.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/hash.h"

namespace madang::ledger {
namespace {

constexpr std::string_view kDash = "\xE2\x80\x94 ";  // U+2014 and a space
constexpr std::uint8_t kEd25519 = 0x01;
constexpr std::size_t kMaxSignatures = 64;
constexpr std::size_t kMaxNote = 64U << 20;

// Key names: not empty, no Unicode space, no plus.
bool is_key_name(std::string_view name) {
    if (name.empty() || name.find('+') != std::string_view::npos || !is_utf8(name)) return false;
    const auto tidy = tidy_line(name);
    // tidy_line turns every kind of space into a blank and takes it from the ends.
    return tidy && *tidy == name && name.find(' ') == std::string_view::npos;
}

std::uint32_t key_id(std::string_view name, const crypto::Ed25519PublicKey& key) {
    Bytes bytes = to_bytes(name);
    bytes.push_back('\n');
    bytes.push_back(kEd25519);
    bytes.insert(bytes.end(), key.bytes().begin(), key.bytes().end());
    const auto hash = crypto::sha256(bytes);
    return static_cast<std::uint32_t>(hash[0]) << 24 | static_cast<std::uint32_t>(hash[1]) << 16 |
           static_cast<std::uint32_t>(hash[2]) << 8 | hash[3];
}

}  // namespace

VerifierKey verifier_key(std::string_view name, const crypto::Ed25519PublicKey& key) {
    return {std::string(name), key_id(name, key), key};
}

std::string format_verifier_key(const VerifierKey& key) {
    Bytes bytes{kEd25519};
    bytes.insert(bytes.end(), key.key.bytes().begin(), key.key.bytes().end());
    return format("{}+{:08x}+{}", key.name, key.id, base64(bytes));
}

Result<VerifierKey> parse_verifier_key(std::string_view text) {
    // The base64 part may hold a plus, so only the first two separate.
    const std::size_t first = text.find('+');
    const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
    if (second == std::string_view::npos) return fail(Code::invalid, "a verifier key has the form name+id+key");
    VerifierKey key;
    key.name = std::string(text.substr(0, first));
    if (!is_key_name(key.name)) return fail(Code::invalid, "the name of the verifier key is empty or holds a space");
    TRY(const Bytes bytes, within(parse_base64(text.substr(second + 1)), "verifier key"));
    if (bytes.size() != 33 || bytes[0] != kEd25519) return fail(Code::invalid, "the verifier key is no Ed25519 key");
    TRY(key.key, crypto::Ed25519PublicKey::from_bytes(ByteSpan(bytes).subspan(1)));
    key.id = key_id(key.name, key.key);
    if (format("{:08x}", key.id) != text.substr(first + 1, second - first - 1)) {
        return fail(Code::invalid, "the id of the verifier key does not fit its key");
    }
    return key;
}

std::string sign_note(std::string_view text, std::string_view name, const crypto::Ed25519Key& key) {
    const VerifierKey verifier = verifier_key(name, key.public_key());
    Bytes bytes{static_cast<std::uint8_t>(verifier.id >> 24), static_cast<std::uint8_t>(verifier.id >> 16),
                static_cast<std::uint8_t>(verifier.id >> 8), static_cast<std::uint8_t>(verifier.id)};
    const auto signature = key.sign(as_bytes(text));
    bytes.insert(bytes.end(), signature.begin(), signature.end());
    return format("{}\n{}{} {}\n", text, kDash, name, base64(bytes));
}

Result<Note> parse_note(std::string_view note) {
    if (note.size() > kMaxNote) return fail(Code::exhausted, format("the note is larger than {} bytes", kMaxNote));
    if (!is_utf8(note)) return fail(Code::invalid, "the note is not UTF-8");
    if (std::ranges::any_of(note, [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; })) {
        return fail(Code::invalid, "the note holds a control character");
    }
    const std::size_t blank = note.rfind("\n\n");
    if (blank == std::string_view::npos) return fail(Code::invalid, "the note has no signatures");
    Note result;
    result.text = std::string(note.substr(0, blank + 1));
    std::string_view lines = note.substr(blank + 2);
    if (lines.empty() || !lines.ends_with('\n')) return fail(Code::invalid, "the last signature line has no end");
    lines.remove_suffix(1);
    for (std::string_view line : split(lines, '\n')) {
        if (result.signatures.size() == kMaxSignatures) return fail(Code::exhausted, format("more than {} signatures", kMaxSignatures));
        if (!line.starts_with(kDash)) return fail(Code::invalid, "a signature line begins with a dash");
        line.remove_prefix(kDash.size());
        const std::size_t space = line.find(' ');
        if (space == std::string_view::npos) return fail(Code::invalid, "a signature line has a name and a signature");
        SignatureLine found;
        found.name = std::string(line.substr(0, space));
        if (!is_key_name(found.name)) return fail(Code::invalid, "the key name of a signature is malformed");
        TRY(Bytes bytes, within(parse_base64(line.substr(space + 1)), "signature"));
        if (bytes.size() < 5) return fail(Code::invalid, "a signature is too short");
        found.id = static_cast<std::uint32_t>(bytes[0]) << 24 | static_cast<std::uint32_t>(bytes[1]) << 16 |
                   static_cast<std::uint32_t>(bytes[2]) << 8 | bytes[3];
        found.signature.assign(bytes.begin() + 4, bytes.end());
        result.signatures.push_back(std::move(found));
    }
    return result;
}

Result<std::string> open_note(std::string_view note, const VerifierKey& key, std::size_t limit) {
    if (note.size() > limit) return fail(Code::exhausted, format("the note is larger than {} bytes", limit));
    TRY(Note parsed, parse_note(note));
    bool verified = false;
    for (const SignatureLine& line : parsed.signatures) {
        if (line.name != key.name || line.id != key.id) continue;  // unknown keys are ignored
        if (!key.key.verify(as_bytes(parsed.text), line.signature)) {
            return fail(Code::denied, format("the signature of {} does not fit the note", key.name));
        }
        verified = true;
    }
    if (!verified) return fail(Code::denied, format("{} did not sign this note", key.name));
    return std::move(parsed.text);
}

}  // namespace madang::ledger
