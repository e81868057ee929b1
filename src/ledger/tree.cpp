#include "ledger/tree.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/check.h"
#include "base/text.h"

namespace madang::ledger {
namespace {

Error not_proven(std::string_view what) { return {Code::corrupted, format("the proof does not prove it: {}", what)}; }

// The largest power of two below n; n > 1.
std::uint64_t split_point(std::uint64_t n) { return std::bit_floor(n - 1); }

}  // namespace

Hash empty_root() { return crypto::sha256({}); }

Hash leaf_hash(ByteSpan entry) {
    thread_local Bytes buffer;
    buffer.assign(1, 0x00);
    buffer.insert(buffer.end(), entry.begin(), entry.end());
    return crypto::sha256(buffer);
}

Hash node_hash(const Hash& left, const Hash& right) {
    std::array<std::uint8_t, 65> buffer;
    buffer[0] = 0x01;
    std::ranges::copy(left, buffer.begin() + 1);
    std::ranges::copy(right, buffer.begin() + 33);
    return crypto::sha256(buffer);
}

bool is_subtree(std::uint64_t start, std::uint64_t end) {
    if (start >= end) return false;
    const std::uint64_t length = end - start;
    // The least power of two that holds the length does not fit into 64 bits: only start 0 is a multiple.
    if (length > (std::uint64_t{1} << 63)) return start == 0;
    return start % std::bit_ceil(length) == 0;
}

Result<void> verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf, std::span<const Hash> proof,
                              const Hash& root) {
    // 1. Compare leaf_index and tree_size.
    if (index >= size) return fail(Code::invalid, format("entry {} is not in a tree of {}", index, size));
    // 2., 3.
    std::uint64_t fn = index;
    std::uint64_t sn = size - 1;
    Hash r = leaf;
    // 4. For each value of the path
    for (const Hash& p : proof) {
        if (sn == 0) return std::unexpected(not_proven("it is too long"));
        if ((fn & 1) != 0 || fn == sn) {
            r = node_hash(p, r);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            r = node_hash(r, p);
        }
        fn >>= 1;
        sn >>= 1;
    }
    // 5.
    if (sn != 0) return std::unexpected(not_proven("it is too short"));
    if (r != root) return std::unexpected(not_proven("it leads to another root"));
    return {};
}

Result<void> verify_consistency(std::uint64_t size1, std::uint64_t size2, const Hash& root1, const Hash& root2,
                                std::span<const Hash> proof) {
    if (size1 > size2) return fail(Code::invalid, format("a tree does not shrink from {} to {}", size1, size2));
    if (size1 == size2) {
        if (!proof.empty()) return std::unexpected(not_proven("equal trees need no proof"));
        if (root1 != root2) return std::unexpected(not_proven("trees of one size have two roots"));
        return {};
    }
    // The empty tree is a beginning of every tree, but a proof for it says nothing of its root.
    if (size1 == 0) return fail(Code::invalid, "there is no proof from the empty tree");
    return verify_subtree_consistency(0, size1, size2, root1, root2, proof);
}

Result<void> verify_subtree_inclusion(std::uint64_t index, std::uint64_t start, std::uint64_t end, const Hash& leaf,
                                      std::span<const Hash> proof, const Hash& root) {
    if (!is_subtree(start, end)) return fail(Code::invalid, format("[{}, {}) is no subtree", start, end));
    if (index < start || index >= end) return fail(Code::invalid, format("entry {} is not in [{}, {})", index, start, end));
    return verify_inclusion(index - start, end - start, leaf, proof, root);
}

Result<void> verify_subtree_consistency(std::uint64_t start, std::uint64_t end, std::uint64_t size, const Hash& root1,
                                        const Hash& root2, std::span<const Hash> proof) {
    // 1.
    if (!is_subtree(start, end)) return fail(Code::invalid, format("[{}, {}) is no subtree", start, end));
    if (end > size) return fail(Code::invalid, format("[{}, {}) is not in a tree of {}", start, end, size));
    // 2.
    std::uint64_t fn = start;
    std::uint64_t sn = end - 1;
    std::uint64_t tn = size - 1;
    // 3.
    while (fn != sn && (sn == tn || (sn & 1) != 0)) {
        fn >>= 1;
        sn >>= 1;
        tn >>= 1;
    }
    // 4.
    Hash fr = root1;
    Hash sr = root1;
    if (fn != sn) {
        if (proof.empty()) return std::unexpected(not_proven("it is too short"));
        fr = sr = proof.front();
        proof = proof.subspan(1);
    }
    // 5.
    for (const Hash& p : proof) {
        if (tn == 0) return std::unexpected(not_proven("it is too long"));
        if ((sn & 1) != 0 || sn == tn) {
            if (fn < sn) fr = node_hash(p, fr);
            sr = node_hash(p, sr);
            while ((sn & 1) == 0 && sn != 0) {
                fn >>= 1;
                sn >>= 1;
                tn >>= 1;
            }
        } else {
            sr = node_hash(sr, p);
        }
        fn >>= 1;
        sn >>= 1;
        tn >>= 1;
    }
    // 6.
    if (tn != 0) return std::unexpected(not_proven("it is too short"));
    if (fr != root1) return std::unexpected(not_proven("it leads to another subtree"));
    if (sr != root2) return std::unexpected(not_proven("it leads to another root"));
    return {};
}

Result<Hash> range_hash(std::uint64_t begin, std::uint64_t end, const NodeReader& node) {
    if (begin == end) return empty_root();
    const std::uint64_t length = end - begin;
    if (std::has_single_bit(length)) {
        const auto height = static_cast<unsigned>(std::countr_zero(length));
        MADANG_CHECK(begin % length == 0);
        return node(height, begin >> height);
    }
    const std::uint64_t k = split_point(length);
    TRY(const Hash left, range_hash(begin, begin + k, node));
    TRY(const Hash right, range_hash(begin + k, end, node));
    return node_hash(left, right);
}

Result<Hashes> inclusion_proof(std::uint64_t index, std::uint64_t size, const NodeReader& node) {
    MADANG_CHECK(index < size);
    Hashes proof;  // from the top; turned around at the end
    std::uint64_t begin = 0;
    std::uint64_t end = size;
    while (end - begin > 1) {
        const std::uint64_t middle = begin + split_point(end - begin);
        if (index < middle) {
            TRY(const Hash sibling, range_hash(middle, end, node));
            proof.push_back(sibling);
            end = middle;
        } else {
            TRY(const Hash sibling, range_hash(begin, middle, node));
            proof.push_back(sibling);
            begin = middle;
        }
    }
    std::ranges::reverse(proof);
    return proof;
}

Result<Hashes> consistency_proof(std::uint64_t size1, std::uint64_t size2, const NodeReader& node) {
    MADANG_CHECK(0 < size1 && size1 <= size2);
    // SUBPROOF(m, D[n], b) of RFC 6962 2.1.2, from the top.
    Hashes proof;
    std::uint64_t begin = 0;
    std::uint64_t end = size2;
    bool whole = true;  // b: the subtree so far is all of the first tree
    while (size1 != end) {
        const std::uint64_t middle = begin + split_point(end - begin);
        if (size1 <= middle) {
            TRY(const Hash right, range_hash(middle, end, node));
            proof.push_back(right);
            end = middle;
        } else {
            TRY(const Hash left, range_hash(begin, middle, node));
            proof.push_back(left);
            begin = middle;
            whole = false;
        }
    }
    if (!whole) {
        TRY(const Hash rest, range_hash(begin, end, node));
        proof.push_back(rest);
    }
    std::ranges::reverse(proof);
    return proof;
}

}  // namespace madang::ledger
