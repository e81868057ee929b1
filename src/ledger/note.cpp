#include "ledger/note.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"
#include "crypto/hash.h"

namespace madang::ledger {
namespace {

constexpr std::size_t kMaxNote = 64U << 10;
constexpr std::size_t kMaxSignatures = 32;
constexpr std::size_t kMaxName = 255;
constexpr std::uint8_t kEd25519 = 1;   // "Signature types"
constexpr std::string_view kDash = "\xe2\x80\x94 ";

// "Note": no ASCII control characters but the line end.
bool is_note_text(std::string_view text) {
    return is_utf8(text) && std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; });
}

// The blanks of Unicode that a key name must not have, as UTF-8.
constexpr std::array<std::string_view, 19> kSpaces{
    "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82", "\xe2\x80\x83",
    "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a",
    "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

std::uint32_t big_endian(ByteSpan bytes) {
    return static_cast<std::uint32_t>(bytes[0]) << 24U | static_cast<std::uint32_t>(bytes[1]) << 16U |
           static_cast<std::uint32_t>(bytes[2]) << 8U | bytes[3];
}

std::array<std::uint8_t, 4> to_big_endian(std::uint32_t id) {
    return {static_cast<std::uint8_t>(id >> 24U), static_cast<std::uint8_t>(id >> 16U), static_cast<std::uint8_t>(id >> 8U),
            static_cast<std::uint8_t>(id)};
}

// "Ed25519 signatures": SHA-256(key name ‖ 0x0A ‖ 0x01 ‖ key)[:4].
std::uint32_t key_id(std::string_view name, const crypto::Ed25519PublicKey& key) {
    crypto::Sha256 hash;
    const std::array<std::uint8_t, 2> middle{'\n', kEd25519};
    return big_endian(hash.update(as_bytes(name)).update(middle).update(key.bytes()).finish());
}

Result<NoteSignature> parse_signature(std::string_view line) {
    if (!line.starts_with(kDash)) return fail(Code::invalid, "a signature line begins with a dash");
    line.remove_prefix(kDash.size());
    const std::size_t blank = line.find(' ');
    if (blank == std::string_view::npos) return fail(Code::invalid, "a signature line has a name and a signature");
    NoteSignature signature;
    signature.name = line.substr(0, blank);
    if (!is_key_name(signature.name)) return fail(Code::invalid, "a signature line has no valid name");
    TRY(const Bytes bytes, within(parse_base64(line.substr(blank + 1)), "a signature"));
    if (bytes.size() < 5) return fail(Code::invalid, "a signature is too short");
    signature.id = big_endian(bytes);
    signature.signature.assign(bytes.begin() + 4, bytes.end());
    return signature;
}

}  // namespace

bool is_key_name(std::string_view name) {
    if (name.empty() || name.size() > kMaxName || !is_utf8(name)) return false;
    const bool plain = std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == '+' || c == 0x7f; });
    return plain && std::ranges::none_of(kSpaces, [&](std::string_view space) { return name.contains(space); });
}

VerifierKey verifier_key(std::string_view name, const crypto::Ed25519PublicKey& key) { return {std::string(name), key_id(name, key), key}; }

Result<VerifierKey> parse_verifier_key(std::string_view text) {
    if (text.size() > 2 * kMaxName) return fail(Code::invalid, "a verifier key is shorter than this");
    const std::size_t first = text.find('+');
    const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
    if (second == std::string_view::npos) return fail(Code::invalid, "a verifier key is <name>+<id>+<key>");
    const std::string_view name = text.substr(0, first);
    if (!is_key_name(name)) return fail(Code::invalid, "the name in the verifier key is not a valid one");
    const std::string_view id = text.substr(first + 1, second - first - 1);
    TRY(const Bytes bytes, within(parse_base64(text.substr(second + 1)), "the verifier key"));
    if (bytes.empty() || bytes[0] != kEd25519) return fail(Code::invalid, "the verifier key is not of the Ed25519 kind (0x01)");
    TRY(const auto key, crypto::Ed25519PublicKey::from_bytes(ByteSpan(bytes).subspan(1)));
    VerifierKey made = verifier_key(name, key);
    if (id != hex(to_big_endian(made.id))) return fail(Code::invalid, "the id in the verifier key does not belong to its name and key");
    return made;
}

std::string format_verifier_key(std::string_view name, const crypto::Ed25519PublicKey& key) {
    Bytes typed{kEd25519};
    typed.insert(typed.end(), key.bytes().begin(), key.bytes().end());
    return format("{}+{}+{}", name, hex(to_big_endian(key_id(name, key))), base64(typed));
}

// "Format": the text is separated from the signatures by the last empty line.
Result<Note> parse_note(std::string_view note) {
    if (note.size() > kMaxNote) return fail(Code::invalid, format("a note has at most {} bytes", kMaxNote));
    if (!is_note_text(note)) return fail(Code::invalid, "a note is UTF-8 without control characters");
    const std::size_t gap = note.rfind("\n\n");
    if (gap == std::string_view::npos || !note.ends_with('\n')) return fail(Code::invalid, "a note has a text, an empty line and signatures");
    Note read;
    read.text = note.substr(0, gap + 1);
    std::string_view rest = note.substr(gap + 2);
    if (rest.empty()) return fail(Code::invalid, "a note has at least one signature");
    rest.remove_suffix(1);
    for (const std::string_view line : split(rest, '\n')) {
        if (read.signatures.size() == kMaxSignatures) return fail(Code::invalid, format("a note has at most {} signatures", kMaxSignatures));
        TRY(NoteSignature signature, parse_signature(line));
        read.signatures.push_back(std::move(signature));
    }
    return read;
}

std::string sign_note(std::string_view text, std::string_view name, const crypto::Ed25519Key& key) {
    const auto id = to_big_endian(key_id(name, key.public_key()));
    const auto signature = key.sign(as_bytes(text));
    Bytes bytes(id.begin(), id.end());
    bytes.insert(bytes.end(), signature.begin(), signature.end());
    return format("{}\n{}{} {}\n", text, kDash, name, base64(bytes));
}

// "Signatures": those of unknown keys are ignored; a wrong one of a known key refuses the note.
Result<std::string> open_note(std::string_view note, std::span<const VerifierKey> trusted) {
    TRY(Note read, parse_note(note));
    std::size_t good = 0;
    for (const NoteSignature& signature : read.signatures) {
        for (const VerifierKey& key : trusted) {
            if (key.name != signature.name || key.id != signature.id) continue;
            if (!key.key.verify(as_bytes(read.text), signature.signature)) {
                return fail(Code::corrupted, format("the signature of {} does not fit the text", key.name));
            }
            ++good;
        }
    }
    if (good == 0) return fail(Code::denied, "no trusted key signed this text");
    return std::move(read.text);
}

}  // namespace madang::ledger
