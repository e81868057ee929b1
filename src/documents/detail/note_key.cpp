#include "documents/detail/note_key.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/hash.h"

namespace madang::documents {
namespace {

constexpr std::uint8_t kEd25519 = 1;
constexpr std::size_t kIdSize = 4;
constexpr std::string_view kDash = "\xE2\x80\x94 ";   // em dash and a blank
constexpr std::size_t kMaxSignatures = 100;

Bytes typed_key(const crypto::Ed25519PublicKey& key) {
    Bytes out{kEd25519};
    out.insert(out.end(), key.bytes().begin(), key.bytes().end());
    return out;
}

// "Verifier keys": the first four bytes of SHA-256(name ‖ "\n" ‖ type ‖ key).
Bytes id_of(std::string_view name, const crypto::Ed25519PublicKey& key) {
    Bytes input = to_bytes(format("{}\n", name));
    const Bytes typed = typed_key(key);
    input.insert(input.end(), typed.begin(), typed.end());
    const crypto::Hash hash = crypto::sha256(input);
    return Bytes(hash.begin(), hash.begin() + kIdSize);
}

}  // namespace

std::string format_note_key(std::string_view name, const crypto::Ed25519PublicKey& key) {
    return format("{}+{}+{}", name, hex(id_of(name, key)), base64(typed_key(key)));
}

Result<NoteKey> parse_note_key(std::string_view text) {
    const std::size_t first = text.find('+');
    const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
    if (second == std::string_view::npos || first == 0) return fail(Code::invalid, "a verifier key is name+id+key");
    NoteKey out;
    out.name = text.substr(0, first);
    TRY(const Bytes typed, parse_base64(text.substr(second + 1)));
    if (typed.empty() || typed[0] != kEd25519) return fail(Code::invalid, "a verifier key of another kind than Ed25519");
    TRY(out.key, crypto::Ed25519PublicKey::from_bytes(ByteSpan(typed).subspan(1)));
    if (text.substr(first + 1, second - first - 1) != hex(id_of(out.name, out.key))) {
        return fail(Code::invalid, "the id of the verifier key does not fit the key");
    }
    return out;
}

std::string sign_text(std::string_view body, std::string_view name, const crypto::Ed25519Key& key) {
    Bytes line = id_of(name, key.public_key());
    const auto signature = key.sign(as_bytes(body));
    line.insert(line.end(), signature.begin(), signature.end());
    return format("{}\n{}{} {}\n", body, kDash, name, base64(line));
}

Result<std::string> open_text(std::string_view note, const NoteKey& key) {
    const std::size_t end = note.rfind("\n\n");
    if (end == std::string_view::npos || !note.ends_with('\n')) return fail(Code::invalid, "this is not a signed note");
    const std::string_view body = note.substr(0, end + 1);
    std::string_view rest = note.substr(end + 2);
    rest.remove_suffix(rest.empty() ? 0 : 1);
    const auto lines = split(rest, '\n');
    if (lines.size() > kMaxSignatures) return fail(Code::invalid, "the note has too many signatures");
    const std::string begin = format("{}{} ", kDash, key.name);
    const Bytes id = id_of(key.name, key.key);
    for (const std::string_view line : lines) {
        if (!line.starts_with(begin)) continue;
        const auto bytes = parse_base64(line.substr(begin.size()));
        if (!bytes || bytes->size() != kIdSize + 64 || !std::equal(id.begin(), id.end(), bytes->begin())) continue;
        if (key.key.verify(as_bytes(body), ByteSpan(*bytes).subspan(kIdSize))) return std::string(body);
        return fail(Code::denied, "the signature of the note does not fit its text");
    }
    return fail(Code::denied, format("the note is not signed by {}", key.name));
}

}  // namespace madang::documents
