// The tables of the ledger.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ledger/act.h"
#include "ledger/detail/edge.h"
#include "store/store.h"

namespace madang::ledger::detail {

struct StoredAct {
    std::string id;
    std::optional<LeafIndex> index;
    Salt salt{};
    std::string content;       // canonical JSON
};

struct Tree {
    TreeSize size = 0;
    std::string checkpoint;    // the signed note; empty before the first one
};

struct Placed {
    std::string id;
    LeafIndex index = 0;
};

Result<void> insert_acts(store::Tx& tx, std::vector<store::Values> rows);
store::Values act_row(const Act& act, std::int64_t appended_at, const Salt& salt, std::string content);

Result<Tree> find_tree(store::Reader& reader);
Result<std::vector<StoredAct>> pending_acts(store::Reader& reader, std::size_t limit);
Result<std::optional<StoredAct>> find_act(store::Reader& reader, const ActId& id);
Result<std::vector<StoredAct>> acts_about(store::Reader& reader, std::string_view subject);
// Every act that has a place in a tree of `size`, in no order; `each` may stop with an error.
Result<void> each_placed_act(store::Reader& reader, const std::function<Result<void>(const StoredAct&)>& each);

// The bytes of a tile or bundle, cut to the width that is asked for. Code::not_found where it is absent
// or narrower.
Result<std::string> find_piece(store::Reader& reader, const TilePath& path);
ReadTile reading_from(store::Reader& reader);

// Code::conflict where the tree has not `old_size` entries any more.
Result<void> advance_tree(store::Tx& tx, TreeSize old_size, const Tree& tree);
Result<void> place_acts(store::Tx& tx, std::span<const Placed> acts);
Result<void> put_pieces(store::Tx& tx, std::span<const Piece> pieces);

}  // namespace madang::ledger::detail
