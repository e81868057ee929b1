#include "ledger/history.h"

#include "base/text.h"

namespace madang::ledger {
namespace {

constexpr std::string_view kFormat = "madang-case-history-v1";
constexpr std::size_t kMaxBytes = 16U << 20;
constexpr std::size_t kMaxActs = 10'000;

}  // namespace

std::string format_history(std::string_view subject, const std::vector<std::string>& proofs) {
    json::array list;
    for (const std::string& proof : proofs) list.emplace_back(proof);
    return pretty_json(json::value{{"format", kFormat}, {"subject", subject}, {"proofs", std::move(list)}});
}

Result<VerifiedHistory> verify_history(std::string_view text, const VerifierKey& key) {
    TRY(const json::value value, parse_json(text, {.bytes = kMaxBytes}));
    if (!value.is_object() || string_or(value.get_object(), "format", "") != kFormat) {
        return fail(Code::invalid, "the file is no case history");
    }
    VerifiedHistory history;
    TRY(history.subject, string_at(value.get_object(), "subject", "history"));
    TRY(const json::array proofs, array_at(value.get_object(), "proofs", "history"));
    if (proofs.size() > kMaxActs) return fail(Code::exhausted, format("more than {} acts", kMaxActs));
    std::uint64_t last = 0;
    for (const json::value& item : proofs) {
        const std::string where = format("act {}", history.acts.size());
        if (!item.is_string()) return fail(Code::invalid, format("{}: a proof is a text", where));
        TRY(ProvenAct proven, within(verify_proof(item.get_string(), key), where));
        if (proven.act.subject != history.subject) return fail(Code::corrupted, format("{}: it is about another case", where));
        if (!history.acts.empty() && proven.index <= last) return fail(Code::corrupted, format("{}: it stands out of order", where));
        last = proven.index;
        history.acts.push_back(std::move(proven.act));
    }
    return history;
}

}  // namespace madang::ledger
