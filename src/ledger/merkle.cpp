#include "ledger/merkle.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/text.h"

namespace madang::ledger {
namespace {

bool same(const Hash& computed, ByteSpan root) { return std::ranges::equal(computed, root); }

std::unexpected<Error> does_not_hold(std::string_view what) { return fail(Code::corrupted, format("{} does not hold", what)); }

unsigned bits(std::uint64_t number) { return static_cast<unsigned>(std::bit_width(number)); }

struct Split {
    std::size_t inner;   // levels where the sibling may stand on either side
    std::size_t border;  // levels on the right edge, where it stands on the left
};

Split split_of(LeafIndex index, TreeSize size) {
    const unsigned inner = bits(index ^ (size - 1));
    return {inner, static_cast<std::size_t>(std::popcount(inner < 64 ? index >> inner : 0))};
}

// RFC 6962, 2.1.1, from the leaf up: bit i of `index` says on which side the sibling of level i stands.
Hash climb(Hash hash, std::span<const Hash> proof, std::uint64_t index) {
    for (std::size_t i = 0; i < proof.size(); ++i) {
        hash = (index >> i & 1U) == 0 ? node_hash(hash, proof[i]) : node_hash(proof[i], hash);
    }
    return hash;
}

Hash climb_border(Hash hash, std::span<const Hash> proof) {
    for (const Hash& sibling : proof) hash = node_hash(sibling, hash);
    return hash;
}

// The root of the leaves [start, end): split at the largest power of two below their number.
Result<Hash> range_root(LeafIndex start, LeafIndex end, const HashAt& at) {
    const std::uint64_t count = end - start;
    MADANG_CHECK(count > 0);
    if (std::has_single_bit(count)) {
        const auto height = static_cast<unsigned>(std::countr_zero(count));
        MADANG_CHECK((start >> height) << height == start);
        return at(height, start >> height);
    }
    const std::uint64_t left = std::bit_floor(count);   // count is no power of two, so this is below it
    TRY(const Hash left_root, range_root(start, start + left, at));
    TRY(const Hash right_root, range_root(start + left, end, at));
    return node_hash(left_root, right_root);
}

std::uint64_t split_point(std::uint64_t count) { return std::bit_floor(count - 1); }

// RFC 6962, 2.1.1: PATH(m, D[start:end]), leaf side first.
Result<void> add_path(LeafIndex index, LeafIndex start, LeafIndex end, const HashAt& at, std::vector<Hash>& path) {
    if (end - start <= 1) return {};
    const std::uint64_t middle = start + split_point(end - start);
    if (index < middle) {
        TRY_DO(add_path(index, start, middle, at, path));
        TRY(const Hash sibling, range_root(middle, end, at));
        path.push_back(sibling);
    } else {
        TRY_DO(add_path(index, middle, end, at, path));
        TRY(const Hash sibling, range_root(start, middle, at));
        path.push_back(sibling);
    }
    return {};
}

enum class Known { yes, no };   // whether the verifier has the root of the subtree at hand

// RFC 6962, 2.1.2: SUBPROOF, made general for a subtree [sub_start, sub_end) inside [start, end).
Result<void> add_subproof(LeafIndex sub_start, LeafIndex sub_end, LeafIndex start, LeafIndex end, Known known, const HashAt& at,
                          std::vector<Hash>& proof) {
    if (sub_start == start && sub_end == end) {
        if (known == Known::no) {
            TRY(const Hash root, range_root(start, end, at));
            proof.push_back(root);
        }
        return {};
    }
    const std::uint64_t middle = start + split_point(end - start);
    if (sub_end <= middle) {
        TRY_DO(add_subproof(sub_start, sub_end, start, middle, known, at, proof));
        TRY(const Hash right, range_root(middle, end, at));
        proof.push_back(right);
    } else if (sub_start >= middle) {
        TRY_DO(add_subproof(sub_start, sub_end, middle, end, known, at, proof));
        TRY(const Hash left, range_root(start, middle, at));
        proof.push_back(left);
    } else {
        // A subtree that reaches over the middle begins where the range begins.
        TRY_DO(add_subproof(middle, sub_end, middle, end, Known::no, at, proof));
        TRY(const Hash left, range_root(start, middle, at));
        proof.push_back(left);
    }
    return {};
}

}  // namespace

Hash empty_root() { return crypto::sha256({}); }

Hash leaf_hash(ByteSpan entry) {
    constexpr std::size_t kShort = 255;
    if (entry.size() <= kShort) {
        std::array<std::uint8_t, kShort + 1> buffer;
        buffer[0] = 0;
        std::ranges::copy(entry, buffer.begin() + 1);
        return crypto::sha256(ByteSpan(buffer).first(entry.size() + 1));
    }
    thread_local crypto::Sha256 hash;
    constexpr std::uint8_t kPrefix = 0;
    return hash.update({&kPrefix, 1}).update(entry).finish();
}

Hash node_hash(const Hash& left, const Hash& right) {
    std::array<std::uint8_t, 65> buffer;
    buffer[0] = 1;
    std::ranges::copy(left, buffer.begin() + 1);
    std::ranges::copy(right, buffer.begin() + 33);
    return crypto::sha256(buffer);
}

Hash fold(std::span<const Hash> hashes) {
    MADANG_CHECK(!hashes.empty());
    std::vector<Hash> row(hashes.begin(), hashes.end());
    while (row.size() > 1) {
        const std::size_t pairs = row.size() / 2;
        for (std::size_t i = 0; i < pairs; ++i) row[i] = node_hash(row[2 * i], row[2 * i + 1]);
        if (row.size() % 2 == 1) row[pairs] = row.back();
        row.resize(pairs + row.size() % 2);
    }
    return row.front();
}

// RFC 9162, 2.1.3.2.
Result<void> check_inclusion(LeafIndex index, TreeSize size, const Hash& leaf, std::span<const Hash> proof, ByteSpan root) {
    if (index >= size) return fail(Code::invalid, format("there is no entry {} in a tree of {}", index, size));
    const Split split = split_of(index, size);
    if (proof.size() != split.inner + split.border) {
        return fail(Code::invalid, format("the inclusion proof has {} hashes instead of {}", proof.size(), split.inner + split.border));
    }
    const Hash computed = climb_border(climb(leaf, proof.first(split.inner), index), proof.subspan(split.inner));
    if (!same(computed, root)) return does_not_hold("the inclusion proof");
    return {};
}

// RFC 9162, 2.1.4.2.
Result<void> check_consistency(TreeSize old_size, TreeSize size, std::span<const Hash> proof, ByteSpan old_root, ByteSpan root) {
    if (old_size > size) return fail(Code::invalid, format("a tree of {} cannot come before one of {}", old_size, size));
    if (old_size == size) {
        if (!proof.empty()) return fail(Code::invalid, "equal sizes need no proof");
        if (root.size() != Hash{}.size() || !std::ranges::equal(old_root, root)) return does_not_hold("the equality of the trees");
        if (size == 0 && !same(empty_root(), root)) return does_not_hold("the root of the empty tree");
        return {};
    }
    if (old_size == 0) return fail(Code::invalid, "the empty tree is consistent with every tree and proves nothing");
    return check_subtree_consistency(0, old_size, size, proof, old_root, root);
}

bool is_subtree(LeafIndex start, LeafIndex end) {
    if (start >= end) return false;
    const std::uint64_t count = end - start;
    if (count > std::uint64_t{1} << 63) return start == 0;
    return start % std::bit_ceil(count) == 0;
}

Result<void> check_subtree_inclusion(LeafIndex index, LeafIndex start, LeafIndex end, const Hash& leaf, std::span<const Hash> proof,
                                     ByteSpan subtree_root) {
    if (!is_subtree(start, end)) return fail(Code::invalid, format("[{}, {}) is no subtree", start, end));
    if (index < start || index >= end) return fail(Code::invalid, format("entry {} is outside [{}, {})", index, start, end));
    return check_inclusion(index - start, end - start, leaf, proof, subtree_root);
}

// draft-ietf-plants-merkle-tree-certs, "Verifying a Subtree Consistency Proof".
Result<void> check_subtree_consistency(LeafIndex start, LeafIndex end, TreeSize size, std::span<const Hash> proof, ByteSpan subtree_root,
                                       ByteSpan root) {
    if (start == end && end <= size) {
        if (!proof.empty() || !same(empty_root(), subtree_root)) return does_not_hold("the empty subtree");
        return {};
    }
    // 1. The numbers fit.
    if (!is_subtree(start, end) || end > size) return fail(Code::invalid, format("[{}, {}) is no subtree of a tree of {}", start, end, size));
    if (subtree_root.size() != Hash{}.size()) return fail(Code::invalid, "the root of the subtree has not 32 bytes");
    // 2. and 3. Skip the levels below the first node that both have.
    std::uint64_t first = start;
    std::uint64_t last = end - 1;
    std::uint64_t tree_last = size - 1;
    const bool to_the_end = last == tree_last;
    while (first != last && (to_the_end || (last & 1U) != 0)) {
        first >>= 1U;
        last >>= 1U;
        tree_last >>= 1U;
    }
    // 4. Begin with the subtree itself or with the first hash of the proof.
    Hash sub{};
    if (first == last) {
        std::ranges::copy(subtree_root, sub.begin());
    } else {
        if (proof.empty()) return fail(Code::invalid, "the consistency proof is empty");
        sub = proof.front();
        proof = proof.subspan(1);
    }
    Hash whole = sub;
    // 5. Climb both.
    for (const Hash& sibling : proof) {
        if (tree_last == 0) return fail(Code::invalid, "the consistency proof is too long");
        if ((last & 1U) != 0 || last == tree_last) {
            if (first < last) sub = node_hash(sibling, sub);
            whole = node_hash(sibling, whole);
            while ((last & 1U) == 0 && last != 0) {
                first >>= 1U;
                last >>= 1U;
                tree_last >>= 1U;
            }
        } else {
            whole = node_hash(whole, sibling);
        }
        first >>= 1U;
        last >>= 1U;
        tree_last >>= 1U;
    }
    // 6. Compare.
    if (tree_last != 0) return fail(Code::invalid, "the consistency proof is too short");
    if (!same(sub, subtree_root) || !same(whole, root)) return does_not_hold("the consistency proof");
    return {};
}

Result<Hash> make_root(TreeSize size, const HashAt& at) {
    if (size == 0) return empty_root();
    return range_root(0, size, at);
}

Result<std::vector<Hash>> make_inclusion_proof(LeafIndex index, TreeSize size, const HashAt& at) {
    return make_subtree_inclusion_proof(index, 0, size, at);
}

Result<std::vector<Hash>> make_consistency_proof(TreeSize old_size, TreeSize size, const HashAt& at) {
    if (old_size == 0 || old_size == size) {
        if (old_size > size) return fail(Code::invalid, "the older tree is the larger one");
        return std::vector<Hash>();
    }
    return make_subtree_consistency_proof(0, old_size, size, at);
}

Result<std::vector<Hash>> make_subtree_inclusion_proof(LeafIndex index, LeafIndex start, LeafIndex end, const HashAt& at) {
    if (!is_subtree(start, end)) return fail(Code::invalid, format("[{}, {}) is no subtree", start, end));
    if (index < start || index >= end) return fail(Code::invalid, format("entry {} is outside [{}, {})", index, start, end));
    std::vector<Hash> path;
    TRY_DO(add_path(index, start, end, at, path));
    return path;
}

Result<std::vector<Hash>> make_subtree_consistency_proof(LeafIndex start, LeafIndex end, TreeSize size, const HashAt& at) {
    if (!is_subtree(start, end) || end > size) return fail(Code::invalid, format("[{}, {}) is no subtree of a tree of {}", start, end, size));
    std::vector<Hash> proof;
    TRY_DO(add_subproof(start, end, 0, size, Known::yes, at, proof));
    return proof;
}

}  // namespace madang::ledger
