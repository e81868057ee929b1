#include "ledger/detail/edge.h"

#include <optional>

namespace madang::ledger::detail {

Hash Edge::root() const {
    std::optional<Hash> lower;   // the root of what is not yet in a full tile of the level below
    for (const auto& level : levels_) {
        std::vector<Hash> hashes = level;
        if (lower) hashes.push_back(*lower);
        if (!hashes.empty()) lower = fold(hashes);
    }
    return lower ? *lower : empty_root();
}

void Edge::add(std::string_view entry, std::vector<Piece>& out) {
    append_entry(bundle_, entry);
    const Hash leaf = leaf_hash(as_bytes(entry));
    if ((size_ + 1) % kTileWidth == 0) {
        out.push_back({{std::nullopt, size_ / kTileWidth, kTileWidth}, std::move(bundle_)});
        bundle_.clear();
    }
    add_hash(0, leaf, out);
    ++size_;
}

void Edge::add_hash(unsigned level, const Hash& hash, std::vector<Piece>& out) {
    if (levels_.size() == level) levels_.emplace_back();
    levels_[level].push_back(hash);
    if (levels_[level].size() < kTileWidth) return;
    const std::uint64_t index = size_ >> (kTileHeight * (level + 1));
    out.push_back({{level, index, kTileWidth}, format_tile(levels_[level])});
    const Hash above = fold(levels_[level]);
    levels_[level].clear();
    add_hash(level + 1, above, out);
}

void Edge::add_partial(TreeSize old_size, std::vector<Piece>& out) const {
    if (!bundle_.empty()) out.push_back({{std::nullopt, size_ / kTileWidth, static_cast<unsigned>(size_ % kTileWidth)}, bundle_});
    for (unsigned level = 0; level < levels_.size(); ++level) {
        const std::uint64_t hashes = size_ >> (kTileHeight * level);
        if (levels_[level].empty() || hashes == old_size >> (kTileHeight * level)) continue;
        out.push_back({{level, hashes / kTileWidth, static_cast<unsigned>(levels_[level].size())}, format_tile(levels_[level])});
    }
}

Result<Edge> Edge::read(TreeSize size, const ReadTile& read) {
    Edge edge;
    edge.size_ = size;
    for (unsigned level = 0; size >> (kTileHeight * level) > 0; ++level) {
        const std::uint64_t hashes = size >> (kTileHeight * level);
        auto& tile = edge.levels_.emplace_back();
        const auto width = static_cast<unsigned>(hashes % kTileWidth);
        if (width == 0) continue;
        const TilePath path{level, hashes / kTileWidth, width};
        TRY(const std::string bytes, read(path));
        TRY(tile, parse_tile(as_bytes(bytes), width));
    }
    if (const auto width = static_cast<unsigned>(size % kTileWidth); width > 0) {
        TRY(edge.bundle_, read({std::nullopt, size / kTileWidth, width}));
        if (const auto entries = parse_bundle(edge.bundle_, width); !entries) return std::unexpected(entries.error());
    }
    return edge;
}

}  // namespace madang::ledger::detail
