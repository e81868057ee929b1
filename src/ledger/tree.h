// The Merkle tree of RFC 6962 clause 2.1 and its proofs, with the subtrees of
// draft-ietf-plants-merkle-tree-certs clause 4. Pure functions over hashes.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/hash.h"

namespace madang::ledger {

using crypto::Hash;
using Hashes = std::vector<Hash>;

Hash empty_root();                                    // of a tree without entries
Hash leaf_hash(ByteSpan entry);                       // SHA-256(0x00 || entry)
Hash node_hash(const Hash& left, const Hash& right);  // SHA-256(0x01 || left || right)

// Each fails with Code::corrupted where the proof does not prove it, with Code::invalid where the
// numbers cannot belong to a tree.

// RFC 9162 2.1.3.2: `leaf` is entry `index` of the tree of `size` entries with `root`.
Result<void> verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                              std::span<const Hash> proof, const Hash& root);
// RFC 9162 2.1.4.2: the tree of `size2` entries begins with all of the tree of `size1`.
Result<void> verify_consistency(std::uint64_t size1, std::uint64_t size2, const Hash& root1, const Hash& root2,
                                std::span<const Hash> proof);
// The leaf `index` (counted in the whole tree) stands in the subtree [start, end) with that hash.
Result<void> verify_subtree_inclusion(std::uint64_t index, std::uint64_t start, std::uint64_t end,
                                      const Hash& leaf, std::span<const Hash> proof, const Hash& root);
// The subtree [start, end) with `root1` is part of the tree of `size` entries with `root2`.
Result<void> verify_subtree_consistency(std::uint64_t start, std::uint64_t end, std::uint64_t size,
                                        const Hash& root1, const Hash& root2, std::span<const Hash> proof);

// A subtree is valid when its start is a multiple of the least power of two that holds its length.
bool is_subtree(std::uint64_t start, std::uint64_t end);

// The hash of the complete subtree of 2^height entries that begins at index * 2^height.
using NodeReader = std::function<Result<Hash>(unsigned height, std::uint64_t index)>;

// MTH(D[begin:end]) from complete subtrees; `begin` is where a complete subtree of that size may begin.
Result<Hash> range_hash(std::uint64_t begin, std::uint64_t end, const NodeReader& node);
// RFC 6962 2.1.1, from the leaf's sibling upward. index < size.
Result<Hashes> inclusion_proof(std::uint64_t index, std::uint64_t size, const NodeReader& node);
// RFC 6962 2.1.2. 0 < size1 <= size2.
Result<Hashes> consistency_proof(std::uint64_t size1, std::uint64_t size2, const NodeReader& node);

}  // namespace madang::ledger
