#include "ledger/detail/ledger_repository.h"

#include <algorithm>

#include "base/text.h"

namespace madang::ledger::detail {
namespace {

constexpr std::string_view kInsertAct =
    "INSERT INTO ledger_act (act_id, subject, kind, appended_at, salt, content) VALUES ($1,$2,$3,$4,$5,$6)";
constexpr std::string_view kTree = "SELECT size, checkpoint FROM ledger_tree WHERE tree_id = 1";
constexpr std::string_view kPending =
    "SELECT act_id, leaf_index, salt, content FROM ledger_act WHERE leaf_index IS NULL ORDER BY appended_at LIMIT $1";
constexpr std::string_view kAct = "SELECT act_id, leaf_index, salt, content FROM ledger_act WHERE act_id = $1";
constexpr std::string_view kActsAbout = "SELECT act_id, leaf_index, salt, content, appended_at FROM ledger_act WHERE subject = $1";
constexpr std::string_view kPlaced = "SELECT act_id, leaf_index, salt, content FROM ledger_act WHERE leaf_index IS NOT NULL";
constexpr std::string_view kPiece = "SELECT width, content FROM ledger_tile WHERE level = $1 AND tile_index = $2";
constexpr std::string_view kAdvance = "UPDATE ledger_tree SET size = $2, checkpoint = $3 WHERE tree_id = 1 AND size = $1";
constexpr std::string_view kPlace = "UPDATE ledger_act SET leaf_index = $2 WHERE act_id = $1";
constexpr std::string_view kPut =
    "INSERT INTO ledger_tile (level, tile_index, width, content) VALUES ($1,$2,$3,$4)"
    " ON CONFLICT (level, tile_index) DO UPDATE SET width = excluded.width, content = excluded.content";
constexpr std::int64_t kBundles = -1;

std::int64_t level_number(const TilePath& path) { return path.level ? static_cast<std::int64_t>(*path.level) : kBundles; }

Result<StoredAct> stored_act(const store::Row& row) {
    StoredAct act;
    act.id = row.text(0);
    if (const auto index = row.integer_if(1)) act.index = static_cast<LeafIndex>(*index);
    const ByteSpan salt = row.bytes(2);
    if (salt.size() != act.salt.size()) return fail(Code::corrupted, format("the salt of act {} has not 16 bytes", act.id));
    std::ranges::copy(salt, act.salt.begin());
    act.content = row.text(3);
    return act;
}

}  // namespace

store::Values act_row(const Act& act, std::int64_t appended_at, const Salt& salt, std::string content) {
    store::Values row;
    row.reserve(6);
    row.emplace_back(act.id.text());
    row.emplace_back(act.subject);
    row.emplace_back(act.kind);
    row.emplace_back(appended_at);
    row.emplace_back(Bytes(salt.begin(), salt.end()));
    row.emplace_back(std::move(content));
    return row;
}

Result<void> insert_acts(store::Tx& tx, std::vector<store::Values> rows) {
    if (rows.size() == 1) {
        TRY_DO(tx.execute(kInsertAct, rows.front()));
        return {};
    }
    return tx.execute_many(kInsertAct, rows);
}

Result<Tree> find_tree(store::Reader& reader) {
    TRY(auto tree, reader.first<Tree>(kTree, {}, [](const store::Row& row) -> Result<Tree> {
        return Tree{static_cast<TreeSize>(row.integer(0)), std::string(row.text(1))};
    }));
    if (!tree) return fail(Code::corrupted, "the ledger's tree is gone: the table ledger_tree is empty");
    return std::move(*tree);
}

Result<std::vector<StoredAct>> pending_acts(store::Reader& reader, std::size_t limit) {
    return reader.all<StoredAct>(kPending, {static_cast<std::int64_t>(limit)}, stored_act);
}

Result<std::optional<StoredAct>> find_act(store::Reader& reader, const ActId& id) {
    return reader.first<StoredAct>(kAct, {id.text()}, stored_act);
}

Result<std::vector<StoredAct>> acts_about(store::Reader& reader, std::string_view subject) {
    using Ordered = std::pair<std::pair<std::uint64_t, std::int64_t>, StoredAct>;
    TRY(auto found, reader.all<Ordered>(kActsAbout, {std::string(subject)}, [](const store::Row& row) -> Result<Ordered> {
        TRY(StoredAct act, stored_act(row));
        const std::uint64_t place = act.index.value_or(UINT64_MAX);
        return Ordered{{place, row.integer(4)}, std::move(act)};
    }));
    std::ranges::sort(found, {}, &Ordered::first);
    std::vector<StoredAct> acts;
    acts.reserve(found.size());
    for (auto& [order, act] : found) acts.push_back(std::move(act));
    return acts;
}

Result<void> each_placed_act(store::Reader& reader, const std::function<Result<void>(const StoredAct&)>& each) {
    return reader.query(kPlaced, {}, [&](const store::Row& row) -> Result<void> {
        TRY(const StoredAct act, stored_act(row));
        return each(act);
    });
}

Result<std::string> find_piece(store::Reader& reader, const TilePath& path) {
    using Stored = std::pair<unsigned, std::string>;
    TRY(auto found, reader.first<Stored>(kPiece, {level_number(path), static_cast<std::int64_t>(path.index)},
                                         [](const store::Row& row) -> Result<Stored> {
                                             return Stored{static_cast<unsigned>(row.integer(0)), std::string(as_text(row.bytes(1)))};
                                         }));
    if (!found || found->first < path.width) return fail(Code::not_found, format("{} is not there", format_tile_path(path)));
    if (found->first == path.width) return std::move(found->second);
    if (path.level) {
        found->second.resize(std::min<std::size_t>(found->second.size(), path.width * Hash{}.size()));
        return std::move(found->second);
    }
    TRY(const auto entries, parse_bundle(found->second, found->first));
    std::string cut;
    for (unsigned i = 0; i < path.width; ++i) append_entry(cut, entries[i]);
    return cut;
}

ReadTile reading_from(store::Reader& reader) {
    return [&reader](const TilePath& path) { return find_piece(reader, path); };
}

Result<void> advance_tree(store::Tx& tx, TreeSize old_size, const Tree& tree) {
    TRY(const auto changed, tx.execute(kAdvance, {static_cast<std::int64_t>(old_size), static_cast<std::int64_t>(tree.size), tree.checkpoint}));
    if (changed != 1) return fail(Code::conflict, format("the tree has not {} entries any more: another node integrates", old_size));
    return {};
}

Result<void> place_acts(store::Tx& tx, std::span<const Placed> acts) {
    std::vector<store::Values> rows;
    rows.reserve(acts.size());
    for (const Placed& act : acts) rows.push_back({act.id, static_cast<std::int64_t>(act.index)});
    return tx.execute_many(kPlace, rows);
}

Result<void> put_pieces(store::Tx& tx, std::span<const Piece> pieces) {
    std::vector<store::Values> rows;
    rows.reserve(pieces.size());
    for (const Piece& piece : pieces) {
        rows.push_back({level_number(piece.path), static_cast<std::int64_t>(piece.path.index), std::int64_t{piece.path.width}, to_bytes(piece.bytes)});
    }
    return tx.execute_many(kPut, rows);
}

}  // namespace madang::ledger::detail
