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
    std::string subject;
    std::string kind;
    Salt salt{};
    std::string content;               // canonical JSON
    std::optional<LeafIndex> index;    // none while the integrator has not taken it up
};

struct Tree {
    TreeSize size = 0;
    std::string checkpoint;    // the signed note; empty before the first one
};

// Acts that were appended together and wait for their places.
struct PendingGroup {
    Bytes id;
    std::vector<Hash> commitments;
};

// The acts of one call of append(), ready to be written.
struct NewGroup {
    UuidBytes id{};
    std::int64_t appended_at = 0;
    std::vector<store::Values> acts;
    Bytes commitments;
    void add(const Act& act, const Salt& salt, std::string content);
};

struct Placed {
    Bytes group_id;
    LeafIndex first_index = 0;
};

Result<void> insert_group(store::Tx& tx, const NewGroup& group);

Result<Tree> find_tree(store::Reader& reader);
// In the order of their appending, until there are `limit` acts; at least one group if any waits.
Result<std::vector<PendingGroup>> pending_groups(store::Reader& reader, std::size_t limit);
Result<std::optional<StoredAct>> find_act(store::Reader& reader, const ActId& id);
// In the order of the ledger, those without a place last.
Result<std::vector<StoredAct>> acts_about(store::Reader& reader, std::string_view subject);
// The next acts in the order of their ids; `after` is empty for the first.
Result<std::vector<StoredAct>> page_of_acts(store::Reader& reader, const std::string& after, std::int64_t limit);

// The bytes of a tile or bundle, cut to the width that is asked for. Code::not_found where it is absent
// or narrower.
Result<std::string> find_piece(store::Reader& reader, const TilePath& path);
ReadTile reading_from(store::Reader& reader);

// Code::conflict where the tree has not `old_size` entries any more.
Result<void> advance_tree(store::Tx& tx, TreeSize old_size, const Tree& tree);
Result<void> place_groups(store::Tx& tx, std::span<const Placed> groups);
Result<void> put_pieces(store::Tx& tx, std::span<const Piece> pieces);

}  // namespace madang::ledger::detail
