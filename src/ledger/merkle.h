// The Merkle tree of RFC 6962, section 2.1, over SHA-256, and what can be proven with it: inclusion,
// consistency, and the same for aligned subtrees.
#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "crypto/hash.h"

namespace madang::ledger {

using crypto::Hash;
using TreeSize = std::uint64_t;   // number of entries
using LeafIndex = std::uint64_t;  // from 0

Hash empty_root();                                   // SHA-256 of nothing
Hash leaf_hash(ByteSpan entry);                      // SHA-256(0x00 ‖ entry)
Hash node_hash(const Hash& left, const Hash& right); // SHA-256(0x01 ‖ left ‖ right)

// The root over the hashes of equally wide subtrees in order, of which the last may be narrower. At
// least one.
Hash fold(std::span<const Hash> hashes);

// Each check fails with Code::corrupted where the proof does not hold and Code::invalid where the
// numbers cannot belong together. Roots come as bytes: what has not 32 of them equals no root.
Result<void> check_inclusion(LeafIndex index, TreeSize size, const Hash& leaf, std::span<const Hash> proof, ByteSpan root);
Result<void> check_consistency(TreeSize old_size, TreeSize size, std::span<const Hash> proof, ByteSpan old_root, ByteSpan root);

// A subtree [start, end) of a larger tree: `start` is a multiple of the least power of two that is not
// less than end - start (draft-ietf-plants-merkle-tree-certs, section 4.1).
bool is_subtree(LeafIndex start, LeafIndex end);
Result<void> check_subtree_inclusion(LeafIndex index, LeafIndex start, LeafIndex end, const Hash& leaf, std::span<const Hash> proof,
                                     ByteSpan subtree_root);
// An empty subtree has the empty root and an empty proof, whatever the tree.
Result<void> check_subtree_consistency(LeafIndex start, LeafIndex end, TreeSize size, std::span<const Hash> proof, ByteSpan subtree_root,
                                       ByteSpan root);

// The hash of the perfect subtree number `index` of 2^height leaves; from tiles as a rule.
using HashAt = std::function<Result<Hash>(unsigned height, std::uint64_t index)>;

Result<Hash> make_root(TreeSize size, const HashAt& at);
Result<std::vector<Hash>> make_inclusion_proof(LeafIndex index, TreeSize size, const HashAt& at);
Result<std::vector<Hash>> make_consistency_proof(TreeSize old_size, TreeSize size, const HashAt& at);
Result<std::vector<Hash>> make_subtree_inclusion_proof(LeafIndex index, LeafIndex start, LeafIndex end, const HashAt& at);
Result<std::vector<Hash>> make_subtree_consistency_proof(LeafIndex start, LeafIndex end, TreeSize size, const HashAt& at);

}  // namespace madang::ledger
