#include "ledger/detail/ledger_repository.h"

#include <algorithm>
#include <tuple>

#include "base/text.h"

namespace madang::ledger::detail {
namespace {

constexpr std::string_view kInsertAct =
    "INSERT INTO ledger_act (act_id, subject, kind, group_id, ordinal, salt, content) VALUES ($1,$2,$3,$4,$5,$6,$7)";
constexpr std::string_view kInsertGroup = "INSERT INTO ledger_group (group_id, appended_at, commitments) VALUES ($1,$2,$3)";
constexpr std::string_view kTree = "SELECT size, checkpoint FROM ledger_tree WHERE tree_id = 1";
constexpr std::string_view kPending =
    "SELECT group_id, commitments FROM ledger_group WHERE first_index IS NULL ORDER BY appended_at LIMIT $1";
constexpr std::string_view kAct =
    "SELECT a.act_id, a.subject, a.kind, a.salt, a.content, a.ordinal, g.first_index, g.appended_at"
    " FROM ledger_act a LEFT JOIN ledger_group g ON g.group_id = a.group_id WHERE a.act_id = $1";
constexpr std::string_view kActsAbout =
    "SELECT a.act_id, a.subject, a.kind, a.salt, a.content, a.ordinal, g.first_index, g.appended_at"
    " FROM ledger_act a LEFT JOIN ledger_group g ON g.group_id = a.group_id WHERE a.subject = $1";
constexpr std::string_view kPage =
    "SELECT a.act_id, a.subject, a.kind, a.salt, a.content, a.ordinal, g.first_index, g.appended_at"
    " FROM ledger_act a LEFT JOIN ledger_group g ON g.group_id = a.group_id WHERE a.act_id > $1 ORDER BY a.act_id LIMIT $2";
constexpr std::string_view kPiece = "SELECT width, content FROM ledger_tile WHERE level = $1 AND tile_index = $2";
constexpr std::string_view kAdvance = "UPDATE ledger_tree SET size = $2, checkpoint = $3 WHERE tree_id = 1 AND size = $1";
// The commitments stand in the bundles from now on.
constexpr std::string_view kPlace = "UPDATE ledger_group SET first_index = $2, commitments = $3 WHERE group_id = $1";
constexpr std::string_view kPut =
    "INSERT INTO ledger_tile (level, tile_index, width, content) VALUES ($1,$2,$3,$4)"
    " ON CONFLICT (level, tile_index) DO UPDATE SET width = excluded.width, content = excluded.content";
constexpr std::int64_t kBundles = -1;

std::int64_t level_number(const TilePath& path) { return path.level ? static_cast<std::int64_t>(*path.level) : kBundles; }

Result<StoredAct> stored_act(const store::Row& row) {
    StoredAct act;
    act.id = row.text(0);
    act.subject = row.text(1);
    act.kind = row.text(2);
    const ByteSpan salt = row.bytes(3);
    // A salt of another length commits to nothing: it is left all zeros and fails where it is checked.
    if (salt.size() == act.salt.size()) std::ranges::copy(salt, act.salt.begin());
    act.content = row.text(4);
    if (const auto first = row.integer_if(6)) act.index = static_cast<LeafIndex>(*first + row.integer(5));
    return act;
}

}  // namespace

void NewGroup::add(const Act& act, const Salt& salt, std::string content) {
    if (acts.empty()) id = act.id.bytes();
    const Hash commitment = commitment_of(salt, content);
    commitments.insert(commitments.end(), commitment.begin(), commitment.end());
    store::Values row;
    row.reserve(7);
    row.emplace_back(act.id.text());
    row.emplace_back(act.subject);
    row.emplace_back(act.kind);
    row.emplace_back(Bytes(id.begin(), id.end()));
    row.emplace_back(static_cast<std::int64_t>(acts.size()));
    row.emplace_back(Bytes(salt.begin(), salt.end()));
    row.emplace_back(std::move(content));
    acts.push_back(std::move(row));
}

Result<void> insert_group(store::Tx& tx, const NewGroup& group) {
    if (group.acts.size() == 1) {
        TRY_DO(tx.execute(kInsertAct, group.acts.front()));
    } else {
        TRY_DO(tx.execute_many(kInsertAct, group.acts));
    }
    TRY_DO(tx.execute(kInsertGroup, {Bytes(group.id.begin(), group.id.end()), group.appended_at, group.commitments}));
    return {};
}

Result<Tree> find_tree(store::Reader& reader) {
    TRY(auto tree, reader.first<Tree>(kTree, {}, [](const store::Row& row) -> Result<Tree> {
        return Tree{static_cast<TreeSize>(row.integer(0)), std::string(row.text(1))};
    }));
    if (!tree) return fail(Code::corrupted, "the ledger's tree is gone: the table ledger_tree is empty");
    return std::move(*tree);
}

Result<std::vector<PendingGroup>> pending_groups(store::Reader& reader, std::size_t limit) {
    constexpr std::size_t kSize = Hash{}.size();
    std::vector<PendingGroup> groups;
    std::size_t acts = 0;
    TRY_DO(reader.query(kPending, {static_cast<std::int64_t>(limit)}, [&](const store::Row& row) -> Result<void> {
        const ByteSpan bytes = row.bytes(1);
        if (acts >= limit) return {};
        if (bytes.empty() || bytes.size() % kSize != 0) return fail(Code::corrupted, "a group of acts in the store has no commitments");
        PendingGroup group;
        group.id.assign(row.bytes(0).begin(), row.bytes(0).end());
        group.commitments.resize(bytes.size() / kSize);
        for (std::size_t i = 0; i < group.commitments.size(); ++i) std::ranges::copy(bytes.subspan(i * kSize, kSize), group.commitments[i].begin());
        acts += group.commitments.size();
        groups.push_back(std::move(group));
        return {};
    }));
    return groups;
}

Result<std::optional<StoredAct>> find_act(store::Reader& reader, const ActId& id) {
    return reader.first<StoredAct>(kAct, {id.text()}, stored_act);
}

Result<std::vector<StoredAct>> acts_about(store::Reader& reader, std::string_view subject) {
    using Place = std::tuple<std::uint64_t, std::int64_t, std::int64_t>;   // in the tree, else when and which
    using Ordered = std::pair<Place, StoredAct>;
    TRY(auto found, reader.all<Ordered>(kActsAbout, {std::string(subject)}, [](const store::Row& row) -> Result<Ordered> {
        TRY(StoredAct act, stored_act(row));
        const Place place{act.index.value_or(UINT64_MAX), row.integer(7), row.integer(5)};
        return Ordered{place, std::move(act)};
    }));
    std::ranges::sort(found, {}, &Ordered::first);
    std::vector<StoredAct> acts;
    acts.reserve(found.size());
    for (auto& [place, act] : found) acts.push_back(std::move(act));
    return acts;
}

Result<std::vector<StoredAct>> page_of_acts(store::Reader& reader, const std::string& after, std::int64_t limit) {
    return reader.all<StoredAct>(kPage, {after, limit}, stored_act);
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

Result<void> place_groups(store::Tx& tx, std::span<const Placed> groups) {
    std::vector<store::Values> rows;
    rows.reserve(groups.size());
    for (const Placed& group : groups) rows.push_back({group.group_id, static_cast<std::int64_t>(group.first_index), Bytes()});
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
