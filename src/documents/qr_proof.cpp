#include "documents/qr_proof.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "documents/code.h"

namespace madang::documents {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kSigned = 1 + 8 + 10 + 2 + 2 + 32;   // all but the signature
constexpr std::size_t kSize = kSigned + 64;
constexpr std::size_t kMaxText = 1000;
constexpr std::size_t kMaxAddress = 200;
constexpr std::uint16_t kWithoutEnd = 0xFFFF;
constexpr std::string_view kContext = "madang-qr-v1\n";

const std::chrono::sys_days kDayZero = std::chrono::sys_days(std::chrono::year(2000) / 1 / 1);

Result<std::uint16_t> day_number(Date date, std::string_view which) {
    if (!date.ok()) return fail(Code::invalid, format("the {} is not a day", which));
    const auto days = (std::chrono::sys_days(date) - kDayZero).count();
    if (days < 0 || days >= kWithoutEnd) return fail(Code::invalid, format("the {} does not lie in 2000 to 2179", which));
    return static_cast<std::uint16_t>(days);
}

Date date_of(std::uint16_t day) { return Date(kDayZero + std::chrono::days(day)); }

void put16(Bytes& out, std::uint16_t value) {
    out.push_back(static_cast<std::uint8_t>(value >> 8U));
    out.push_back(static_cast<std::uint8_t>(value & 0xFFU));
}

// docs/formats/certificate.md, "The proof in the QR code".
Result<Bytes> signed_part(const QrProof& proof) {
    TRY(const CodeBytes code, code_bytes(proof.code));
    TRY(const std::uint16_t issued, day_number(proof.issued_on, "date of issue"));
    std::uint16_t until = kWithoutEnd;
    if (proof.valid_until) {
        TRY(until, day_number(*proof.valid_until, "last day of validity"));
    }
    Bytes out{kVersion};
    out.insert(out.end(), proof.key_id.begin(), proof.key_id.end());
    out.insert(out.end(), code.begin(), code.end());
    put16(out, issued);
    put16(out, until);
    out.insert(out.end(), proof.commitment.begin(), proof.commitment.end());
    return out;
}

// The address is signed too, so that a copied proof cannot send people to another page.
Bytes message_of(const QrProof& proof, const Bytes& part) {
    Bytes message = to_bytes(format("{}{}\n", kContext, proof.verify_address));
    message.insert(message.end(), part.begin(), part.end());
    return message;
}

Result<void> check_address(std::string_view address) {
    const bool scheme = address.starts_with("https://") || address.starts_with("http://");
    const bool plain = std::ranges::all_of(address, [](char c) { return c > ' ' && c < 0x7f && c != '\'' && c != '"' && c != '\\' && c != '?' && c != '#'; });
    if (!scheme || !plain || address.size() > kMaxAddress) return fail(Code::invalid, "the verification address is not a plain web address");
    return {};
}

}  // namespace

KeyId key_id_of(const crypto::Ed25519PublicKey& key) {
    const crypto::Hash hash = crypto::sha256(key.bytes());
    KeyId id{};
    std::copy_n(hash.begin(), id.size(), id.begin());
    return id;
}

crypto::Hash commit_to_values(ByteSpan salt16, const Values& values) {
    json::object object;
    for (const auto& [name, texts] : values) {
        json::object by_language;
        for (const auto& [language, text] : texts) by_language[language] = text;
        object[name] = std::move(by_language);
    }
    crypto::Sha256 hash;
    hash.update(salt16);
    hash.update(as_bytes(canonical_json(object)));
    return hash.finish();
}

Result<std::string> sign_qr(QrProof proof, const crypto::Ed25519Key& key) {
    TRY_DO(check_address(proof.verify_address));
    proof.key_id = key_id_of(key.public_key());
    TRY(Bytes part, signed_part(proof));
    const auto signature = key.sign(message_of(proof, part));
    TRY(const std::string code, parse_code(proof.code));
    part.insert(part.end(), signature.begin(), signature.end());
    return format("{}/{}?p={}", proof.verify_address, code, base64url(part));
}

Result<QrProof> parse_qr(std::string_view text) {
    if (text.size() > kMaxText) return fail(Code::invalid, format("the text of the QR code has more than {} bytes", kMaxText));
    const std::size_t mark = text.find("?p=");
    const std::size_t slash = mark == std::string_view::npos ? mark : text.rfind('/', mark);
    if (slash == std::string_view::npos) return fail(Code::invalid, "this is not the text of a certificate's QR code");
    QrProof proof;
    proof.verify_address = text.substr(0, slash);
    TRY_DO(check_address(proof.verify_address));
    TRY(const Bytes bytes, within(parse_base64url(text.substr(mark + 3)), "the proof in the QR code"));
    if (bytes.size() != kSize) return fail(Code::invalid, format("the proof in the QR code has {} bytes, not {}", bytes.size(), kSize));
    if (bytes[0] != kVersion) return fail(Code::invalid, format("the proof in the QR code has the version {}; only {} is known", bytes[0], kVersion));
    std::copy_n(bytes.begin() + 1, proof.key_id.size(), proof.key_id.begin());
    CodeBytes code{};
    std::copy_n(bytes.begin() + 9, code.size(), code.begin());
    proof.code = format_code(code);
    if (text.substr(slash + 1, mark - slash - 1) != proof.code) {
        return fail(Code::invalid, "the code in the address is not the one in the proof");
    }
    const auto number = [&](std::size_t at) { return static_cast<std::uint16_t>(bytes[at] << 8U | bytes[at + 1]); };
    if (number(19) == kWithoutEnd) return fail(Code::invalid, "the proof has no date of issue");
    proof.issued_on = date_of(number(19));
    if (number(21) != kWithoutEnd) proof.valid_until = date_of(number(21));
    std::copy_n(bytes.begin() + 23, proof.commitment.size(), proof.commitment.begin());
    std::copy_n(bytes.begin() + kSigned, proof.signature.size(), proof.signature.begin());
    return proof;
}

bool is_signed_by(const QrProof& proof, const crypto::Ed25519PublicKey& key) {
    if (proof.key_id != key_id_of(key)) return false;
    const auto part = signed_part(proof);
    return part && key.verify(message_of(proof, *part), proof.signature);
}

}  // namespace madang::documents
