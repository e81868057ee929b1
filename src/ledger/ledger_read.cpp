// What the ledger answers: checkpoints, tiles, proofs and the acts of a case.
#include <array>

#include "base/text.h"
#include "ledger/detail/ledger_repository.h"
#include "ledger/ledger.h"
#include "ledger/note.h"
#include "ledger/proof.h"
#include "ledger/tile.h"

namespace madang::ledger {
namespace {

Result<TlogProof> prove(const detail::StoredAct& act, const detail::Tree& tree, const HashAt& at) {
    if (*act.index >= tree.size) return fail(Code::corrupted, format("act {} stands at {} in a tree of {}", act.id, *act.index, tree.size));
    TlogProof proof;
    proof.index = *act.index;
    TRY(proof.path, make_inclusion_proof(*act.index, tree.size, at));
    proof.extra = format_disclosure(act.salt, act.content);
    proof.checkpoint = tree.checkpoint;
    return proof;
}

}  // namespace

Result<std::string> Ledger::checkpoint() {
    TRY(detail::Tree tree, store_.read<detail::Tree>([](store::Reader& reader) { return detail::find_tree(reader); }));
    if (tree.size == 0) return sign(0, empty_root());
    return std::move(tree.checkpoint);
}

Result<std::string> Ledger::tile(std::string_view path) {
    TRY(const TilePath parsed, parse_tile_path(path));
    return store_.read<std::string>([&](store::Reader& reader) { return detail::find_piece(reader, parsed); });
}

Result<std::optional<std::string>> Ledger::proof(const ActId& id) {
    return store_.read<std::optional<std::string>>([&](store::Reader& reader) -> Result<std::optional<std::string>> {
        TRY(const auto act, detail::find_act(reader, id));
        if (!act) return fail(Code::not_found, format("there is no act {}", id.text()));
        if (!act->index) return std::optional<std::string>();
        TRY(const detail::Tree tree, detail::find_tree(reader));
        TRY(const TlogProof proof, prove(*act, tree, hashes_in_tiles(tree.size, detail::reading_from(reader))));
        return std::optional(format_tlog_proof(proof));
    });
}

Result<std::vector<Hash>> Ledger::consistency_proof(TreeSize old_size, TreeSize size) {
    return store_.read<std::vector<Hash>>([&](store::Reader& reader) -> Result<std::vector<Hash>> {
        TRY(const detail::Tree tree, detail::find_tree(reader));
        if (old_size > size || size > tree.size) return fail(Code::invalid, format("{} to {} lies outside a tree of {}", old_size, size, tree.size));
        return make_consistency_proof(old_size, size, hashes_in_tiles(tree.size, detail::reading_from(reader)));
    });
}

Result<std::vector<Act>> Ledger::acts_of(store::Reader& reader, std::string_view subject) {
    TRY(const auto stored, detail::acts_about(reader, subject));
    std::vector<Act> acts;
    acts.reserve(stored.size());
    for (const auto& row : stored) {
        auto act = parse_act(row.content);
        if (!act) return fail(Code::corrupted, format("act {} in the store: {}", row.id, act.error().message));
        acts.push_back(std::move(*act));
    }
    return acts;
}

Result<std::string> Ledger::history_of(store::Reader& reader, std::string_view subject) {
    TRY(const auto stored, detail::acts_about(reader, subject));
    if (stored.empty()) return fail(Code::not_found, format("the ledger has no act about {}", subject));
    TRY(const detail::Tree tree, detail::find_tree(reader));
    const HashAt at = hashes_in_tiles(tree.size, detail::reading_from(reader));
    json::array acts;
    std::int64_t pending = 0;
    for (const auto& row : stored) {
        if (!row.index) {
            ++pending;
            continue;
        }
        TRY(const TlogProof proof, prove(row, tree, at));
        TRY(json::value act, parse_json(row.content));
        json::array path;
        for (const Hash& hash : proof.path) path.emplace_back(base64(hash));
        acts.push_back({{"act", std::move(act)}, {"salt", base64(row.salt)}, {"index", static_cast<std::int64_t>(*row.index)}, {"proof", std::move(path)}});
    }
    json::object history;
    history["format"] = "madang-history-1";
    history["subject"] = subject;
    history["pending"] = pending;
    history["checkpoint"] = tree.size == 0 ? sign(0, empty_root()) : tree.checkpoint;
    history["acts"] = std::move(acts);
    return pretty_json(history);
}

}  // namespace madang::ledger
