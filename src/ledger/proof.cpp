#include "ledger/proof.h"

#include <algorithm>

#include "base/text.h"

namespace madang::ledger {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::size_t kMaxProof = 64U << 10;
constexpr std::size_t kMaxPath = 64;

}  // namespace

std::string format_proof(const Proof& proof) {
    std::string text = format("{}\n", kFirstLine);
    if (!proof.extra.empty()) text += format("extra {}\n", base64(as_bytes(proof.extra)));
    text += format("index {}\n", proof.index);
    for (const Hash& hash : proof.path) text += base64(hash) + "\n";
    return text + "\n" + proof.checkpoint;
}

Result<Proof> parse_proof(std::string_view text) {
    if (text.size() > kMaxProof) return fail(Code::exhausted, format("the proof is larger than {} bytes", kMaxProof));
    const std::size_t blank = text.find("\n\n");
    if (blank == std::string_view::npos) return fail(Code::invalid, "the proof has no checkpoint");
    Proof proof;
    proof.checkpoint = std::string(text.substr(blank + 2));
    const auto lines = split(text.substr(0, blank), '\n');
    std::size_t at = 0;
    const auto wrong = [&](std::string_view what) { return fail(Code::invalid, format("proof, line {}: {}", at + 1, what)); };
    if (lines[at] != kFirstLine) return wrong(format("\"{}\" was expected", kFirstLine));
    ++at;
    if (at < lines.size() && lines[at].starts_with("extra ")) {
        const auto extra = parse_base64(lines[at].substr(6));
        if (!extra) return wrong(extra.error().message);
        proof.extra = std::string(as_text(*extra));
        ++at;
    }
    if (at >= lines.size() || !lines[at].starts_with("index ")) return wrong("\"index\" and a number were expected");
    const auto index = parse_decimal(lines[at].substr(6));
    if (!index) return wrong(index.error().message);
    proof.index = *index;
    for (++at; at < lines.size(); ++at) {
        if (proof.path.size() == kMaxPath) return wrong("the path is longer than any tree is high");
        const auto bytes = parse_base64(lines[at]);
        if (!bytes || bytes->size() != Hash{}.size()) return wrong("a hash of 32 bytes in base64 was expected");
        std::ranges::copy(*bytes, proof.path.emplace_back().begin());
    }
    return proof;
}

std::string format_extra(const Salt& salt, std::string_view canonical) {
    return format("{{\"act\":{},\"salt\":\"{}\"}}", canonical, base64(salt));
}

Result<ProvenAct> verify_proof(std::string_view text, const VerifierKey& key) {
    TRY(const Proof proof, parse_proof(text));
    TRY(const Checkpoint checkpoint, open_checkpoint(proof.checkpoint, key));
    TRY(const json::value extra, within(parse_json(proof.extra), "extra"));
    if (!extra.is_object()) return fail(Code::invalid, "the proof carries no act");
    TRY(const std::string salt_text, string_at(extra.get_object(), "salt", "extra"));
    TRY(const json::object act_object, object_at(extra.get_object(), "act", "extra"));
    TRY(const Bytes salt_bytes, within(parse_base64(salt_text), "salt"));
    Salt salt;
    if (salt_bytes.size() != salt.size()) return fail(Code::invalid, "the salt has not 16 bytes");
    std::ranges::copy(salt_bytes, salt.begin());
    TRY(const Act act, parse_act(act_object));
    const std::string entry = format_entry(commitment(salt, canonical_act(act)));
    TRY_DO(verify_inclusion(proof.index, checkpoint.size, leaf_hash(as_bytes(entry)), proof.path, checkpoint.root));
    return ProvenAct{act, proof.index, checkpoint};
}

}  // namespace madang::ledger
