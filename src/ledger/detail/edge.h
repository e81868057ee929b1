// The right edge of the tree: the partial tiles and the partial bundle of entries. All that is needed to
// append, so that a batch reads nothing of the tree.
#pragma once

#include <string>
#include <vector>

#include "ledger/tile.h"

namespace madang::ledger::detail {

// A tile or bundle that the store must hold from now on.
struct Piece {
    TilePath path;
    std::string bytes;
};

class Edge {
public:
    TreeSize size() const { return size_; }
    Hash root() const;

    // Appends an entry; full tiles and bundles go to `out`.
    void add(std::string_view entry, std::vector<Piece>& out);
    // What is partial and was touched since the edge had `old_size` entries.
    void add_partial(TreeSize old_size, std::vector<Piece>& out) const;

    // The edge of a tree of `size` entries from its tiles and bundles.
    static Result<Edge> read(TreeSize size, const ReadTile& read);

private:
    void add_hash(unsigned level, const Hash& hash, std::vector<Piece>& out);

    TreeSize size_ = 0;
    std::vector<std::vector<Hash>> levels_;   // fewer than 256 hashes each
    std::string bundle_;
};

}  // namespace madang::ledger::detail
