#include "ledger/merkle.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file.h"
#include "base/text.h"

namespace madang::ledger {
namespace {

// RFC 6962, 2.1, word by word: the slow one that the fast ones are compared with.
Hash slow_root(std::span<const Hash> leaves) {
    if (leaves.empty()) return empty_root();
    if (leaves.size() == 1) return leaves[0];
    std::size_t k = 1;
    while (k * 2 < leaves.size()) k *= 2;
    return node_hash(slow_root(leaves.first(k)), slow_root(leaves.subspan(k)));
}

std::vector<Hash> some_leaves(std::size_t count) {
    std::vector<Hash> leaves;
    for (std::size_t i = 0; i < count; ++i) leaves.push_back(leaf_hash(as_bytes(format("entry {}", i))));
    return leaves;
}

HashAt from(const std::vector<Hash>& leaves) {
    return [&leaves](unsigned height, std::uint64_t index) -> Result<Hash> {
        const std::size_t count = std::size_t{1} << height;
        if ((index + 1) * count > leaves.size()) return fail(Code::not_found, "outside");
        return slow_root(std::span(leaves).subspan(index * count, count));
    };
}

constexpr std::size_t kMost = 40;

TEST(Merkle, GivesTheRootsOfTheReferenceTree) {
    // transparency-dev/merkle, testonly: the leaves "", 00, 10, 2021, 3031, …
    EXPECT_EQ(base64(empty_root()), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    EXPECT_EQ(hex(leaf_hash({})), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    const auto leaves = some_leaves(kMost);
    for (std::size_t size = 0; size <= kMost; ++size) {
        const std::span first(leaves.data(), size);
        EXPECT_EQ(make_root(size, from(leaves)), slow_root(first)) << size;
        if (size > 0) EXPECT_EQ(fold(first), slow_root(first)) << size;
    }
}

TEST(Merkle, ProvesInclusionOfEveryLeafInEveryTree) {
    const auto leaves = some_leaves(kMost);
    for (std::size_t size = 1; size <= kMost; ++size) {
        const Hash root = slow_root({leaves.data(), size});
        for (std::size_t index = 0; index < size; ++index) {
            auto proof = make_inclusion_proof(index, size, from(leaves));
            ASSERT_TRUE(proof);
            EXPECT_TRUE(check_inclusion(index, size, leaves[index], *proof, root)) << index << " of " << size;
            EXPECT_FALSE(check_inclusion(index, size, leaves[(index + 1) % kMost], *proof, root));
            EXPECT_FALSE(check_inclusion(index + 1, size, leaves[index], *proof, root)) << index << " of " << size;
            proof->push_back(root);
            EXPECT_EQ(check_inclusion(index, size, leaves[index], *proof, root).error().code, Code::invalid);
        }
        EXPECT_FALSE(make_inclusion_proof(size, size, from(leaves)));
    }
}

TEST(Merkle, ProvesConsistencyOfEveryPairOfTrees) {
    const auto leaves = some_leaves(kMost);
    for (std::size_t size = 1; size <= kMost; ++size) {
        const Hash root = slow_root({leaves.data(), size});
        for (std::size_t old_size = 1; old_size <= size; ++old_size) {
            const Hash old_root = slow_root({leaves.data(), old_size});
            auto proof = make_consistency_proof(old_size, size, from(leaves));
            ASSERT_TRUE(proof);
            EXPECT_TRUE(check_consistency(old_size, size, *proof, old_root, root)) << old_size << " to " << size;
            if (old_size != size) EXPECT_FALSE(check_consistency(old_size, size, *proof, root, old_root));
            if (proof->empty()) continue;
            proof->back()[7] ^= 1;
            EXPECT_FALSE(check_consistency(old_size, size, *proof, old_root, root));
            proof->pop_back();
            EXPECT_FALSE(check_consistency(old_size, size, *proof, old_root, root));
        }
    }
}

TEST(Merkle, ProvesSubtrees) {
    const auto leaves = some_leaves(kMost);
    for (std::size_t start = 0; start < kMost; ++start) {
        for (std::size_t end = start + 1; end <= kMost; ++end) {
            if (!is_subtree(start, end)) continue;
            const Hash subtree = slow_root(std::span(leaves).subspan(start, end - start));
            for (std::size_t index = start; index < end; ++index) {
                const auto proof = make_subtree_inclusion_proof(index, start, end, from(leaves));
                ASSERT_TRUE(proof);
                EXPECT_TRUE(check_subtree_inclusion(index, start, end, leaves[index], *proof, subtree));
            }
            for (std::size_t size = end; size <= kMost; ++size) {
                const auto proof = make_subtree_consistency_proof(start, end, size, from(leaves));
                ASSERT_TRUE(proof);
                const Hash root = slow_root({leaves.data(), size});
                EXPECT_TRUE(check_subtree_consistency(start, end, size, *proof, subtree, root)) << start << " " << end << " " << size;
                EXPECT_FALSE(check_subtree_consistency(start, end, size, *proof, leaves[0] == subtree ? root : leaves[0], leaf_hash({})));
            }
        }
    }
    EXPECT_FALSE(is_subtree(2, 5));
    EXPECT_FALSE(is_subtree(1, UINT64_MAX));
    EXPECT_TRUE(is_subtree(0, UINT64_MAX));
}

TEST(Merkle, KeepsWithinTheRangeOfTheNumbers) {
    const Hash hash = leaf_hash({});
    EXPECT_FALSE(check_inclusion(UINT64_MAX, UINT64_MAX, hash, {}, hash));
    EXPECT_FALSE(check_inclusion(UINT64_MAX - 1, UINT64_MAX, hash, std::vector<Hash>(64, hash), hash));
    EXPECT_FALSE(check_consistency(UINT64_MAX - 1, UINT64_MAX, std::vector<Hash>(100, hash), hash, hash));
    EXPECT_FALSE(check_consistency(std::uint64_t{1} << 63, UINT64_MAX, std::vector<Hash>(3, hash), hash, hash));
}

}  // namespace
}  // namespace madang::ledger
