#include "ledger/proof.h"

#include <algorithm>

#include "base/text.h"

namespace madang::ledger {
namespace {

constexpr std::size_t kMaxProof = 256U << 10;
constexpr std::size_t kMaxHashes = 63;
constexpr std::size_t kMaxDisclosure = 48U << 10;
constexpr std::string_view kFirst = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";

// The next line of a text, without its end.
Result<std::string_view> take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return fail(Code::invalid, "the proof breaks off");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

}  // namespace

// https://c2sp.org/tlog-proof, "Format".
Result<TlogProof> parse_tlog_proof(std::string_view text) {
    if (text.size() > kMaxProof) return fail(Code::invalid, format("a proof has at most {} bytes", kMaxProof));
    TRY(const std::string_view first, take_line(text));
    if (first != kFirst) return fail(Code::invalid, format("a proof begins with \"{}\"", kFirst));
    TlogProof proof;
    TRY(std::string_view line, take_line(text));
    if (line.starts_with(kExtra)) {
        TRY(const Bytes extra, within(parse_base64(line.substr(kExtra.size())), "the extra data"));
        proof.extra = as_text(extra);
        TRY(line, take_line(text));
    }
    if (!line.starts_with(kIndex)) return fail(Code::invalid, "the proof names no index");
    TRY(proof.index, within(parse_decimal(line.substr(kIndex.size())), "the index"));
    for (;;) {
        TRY(line, take_line(text));
        if (line.empty()) break;
        if (proof.path.size() == kMaxHashes) return fail(Code::invalid, format("a proof has at most {} hashes", kMaxHashes));
        TRY(const Bytes bytes, within(parse_base64(line), "a hash of the proof"));
        Hash hash;
        if (bytes.size() != hash.size()) return fail(Code::invalid, "a hash of the proof has not 32 bytes");
        std::ranges::copy(bytes, hash.begin());
        proof.path.push_back(hash);
    }
    TRY_DO(within(parse_note(text), "the checkpoint"));
    proof.checkpoint = text;
    return proof;
}

std::string format_tlog_proof(const TlogProof& proof) {
    std::string text = format("{}\n", kFirst);
    if (!proof.extra.empty()) text += format("{}{}\n", kExtra, base64(as_bytes(proof.extra)));
    text += format("{}{}\n", kIndex, proof.index);
    for (const Hash& hash : proof.path) text += base64(hash) + "\n";
    return text + "\n" + proof.checkpoint;
}

std::string format_disclosure(const Salt& salt, std::string_view canonical_act) {
    return format("{{\"act\":{},\"salt\":\"{}\"}}", canonical_act, base64(salt));
}

Result<Disclosure> parse_disclosure(std::string_view text) {
    TRY(const json::value value, within(parse_json(text, {.bytes = kMaxDisclosure, .depth = 12}), "the disclosed act"));
    if (!value.is_object()) return fail(Code::invalid, "the disclosed act is a JSON object");
    TRY(const json::object act, object_at(value.get_object(), "act", "the disclosed act"));
    TRY(const std::string salt_text, string_at(value.get_object(), "salt", "the disclosed act"));
    TRY(const Bytes salt, within(parse_base64(salt_text), "the salt"));
    Disclosure disclosure;
    if (salt.size() != disclosure.salt.size()) return fail(Code::invalid, "the salt has not 16 bytes");
    std::ranges::copy(salt, disclosure.salt.begin());
    TRY(disclosure.act, act_of(act));
    TRY(disclosure.canonical_act, format_act(disclosure.act));
    if (format_disclosure(disclosure.salt, disclosure.canonical_act) != text) {
        return fail(Code::invalid, "the disclosed act is not in canonical form");
    }
    return disclosure;
}

// https://c2sp.org/tlog-proof, "Verifying a tlog proof".
Result<ProvenAct> verify_proof(std::string_view text, std::string_view key_text) {
    TRY(const VerifierKey key, within(parse_verifier_key(key_text), "the trusted key"));
    TRY(const TlogProof proof, parse_tlog_proof(text));
    // 1. The leaf hash.
    TRY(Disclosure disclosure, parse_disclosure(proof.extra));
    const Hash leaf = leaf_hash(as_bytes(entry_of(commitment_of(disclosure.salt, disclosure.canonical_act))));
    // 2. The checkpoint, its origin and its signature.
    TRY(Checkpoint checkpoint, within(open_checkpoint(proof.checkpoint, key), "the checkpoint"));
    // 4. The way from the leaf to the root.
    TRY_DO(within(check_inclusion(proof.index, checkpoint.size, leaf, proof.path, checkpoint.root), format("act {}", disclosure.act.id.text())));
    return ProvenAct{std::move(disclosure.act), proof.index, std::move(checkpoint)};
}

}  // namespace madang::ledger
