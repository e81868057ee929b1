#include "ledger/history.h"

#include <algorithm>

#include "base/text.h"

namespace madang::ledger {
namespace {

constexpr std::size_t kMaxHistory = 64U << 20;
constexpr std::size_t kMaxActs = 100'000;
constexpr std::size_t kMaxHashes = 63;
constexpr std::string_view kFormat = "madang-history-1";

Result<std::vector<Hash>> parse_path(const json::array& array) {
    if (array.size() > kMaxHashes) return fail(Code::invalid, format("a proof has at most {} hashes", kMaxHashes));
    std::vector<Hash> path;
    for (const json::value& value : array) {
        if (!value.is_string()) return fail(Code::invalid, "a hash of the proof is not a text");
        TRY(const Bytes bytes, within(parse_base64(value.get_string()), "a hash of the proof"));
        Hash hash;
        if (bytes.size() != hash.size()) return fail(Code::invalid, "a hash of the proof has not 32 bytes");
        std::ranges::copy(bytes, hash.begin());
        path.push_back(hash);
    }
    return path;
}

Result<void> verify_act(const json::value& value, History& history) {
    if (!value.is_object()) return fail(Code::invalid, "an act is an object");
    const json::object& object = value.get_object();
    TRY(const json::object members, object_at(object, "act", "the entry"));
    TRY(Act act, act_of(members));
    TRY(const std::string salt_text, string_at(object, "salt", "the entry"));
    TRY(const Bytes salt_bytes, within(parse_base64(salt_text), "the salt"));
    Salt salt;
    if (salt_bytes.size() != salt.size()) return fail(Code::invalid, "the salt has not 16 bytes");
    std::ranges::copy(salt_bytes, salt.begin());
    TRY(const std::int64_t index, integer_at(object, "index", "the entry"));
    TRY(const json::array proof, array_at(object, "proof", "the entry"));
    TRY(const auto path, parse_path(proof));
    if (index < 0) return fail(Code::invalid, "the index is negative");
    const auto leaf_index = static_cast<LeafIndex>(index);
    if (!history.indices.empty() && history.indices.back() >= leaf_index) return fail(Code::invalid, "the acts are not in the order of the ledger");
    if (act.subject != history.subject) return fail(Code::invalid, format("the act is about {}, not about {}", act.subject, history.subject));
    TRY(const std::string canonical, format_act(act));
    const Hash leaf = leaf_hash(as_bytes(entry_of(commitment_of(salt, canonical))));
    TRY_DO(within(check_inclusion(leaf_index, history.checkpoint.size, leaf, path, history.checkpoint.root), act.kind));
    history.acts.push_back(std::move(act));
    history.indices.push_back(leaf_index);
    return {};
}

}  // namespace

Result<History> verify_history(std::string_view text, std::string_view key_text) {
    TRY(const VerifierKey key, within(parse_verifier_key(key_text), "the trusted key"));
    TRY(const json::value value, parse_json(text, {.bytes = kMaxHistory, .depth = 16}));
    if (!value.is_object()) return fail(Code::invalid, "a case history is a JSON object");
    const json::object& object = value.get_object();
    if (string_or(object, "format", "") != kFormat) return fail(Code::invalid, format("the format of a case history is \"{}\"", kFormat));
    History history;
    TRY(history.subject, string_at(object, "subject", "the case history"));
    const std::int64_t pending = integer_or(object, "pending", 0);
    if (pending < 0) return fail(Code::invalid, "the number of pending acts is negative");
    history.pending = static_cast<std::uint64_t>(pending);
    TRY(const std::string note, string_at(object, "checkpoint", "the case history"));
    TRY(history.checkpoint, within(open_checkpoint(note, key), "the checkpoint"));
    TRY(const json::array acts, array_at(object, "acts", "the case history"));
    if (acts.size() > kMaxActs) return fail(Code::exhausted, format("a case history has at most {} acts", kMaxActs));
    for (std::size_t i = 0; i < acts.size(); ++i) TRY_DO(within(verify_act(acts[i], history), format("acts[{}]", i)));
    return history;
}

}  // namespace madang::ledger
