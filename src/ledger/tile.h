// The files that a log is published as (https://c2sp.org/tlog-tiles): 256 hashes of one level of the
// tree a tile, 256 entries a bundle, and the paths that they stand under.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ledger/merkle.h"

namespace madang::ledger {

inline constexpr unsigned kTileHeight = 8;
inline constexpr std::uint64_t kTileWidth = 256;

struct TilePath {
    std::optional<unsigned> level;  // 0 to 63; none: a bundle of entries
    std::uint64_t index = 0;
    unsigned width = 256;           // 1 to 256

    friend bool operator==(const TilePath&, const TilePath&) = default;
};

// "tile/3/x001/x234/067.p/9", "tile/entries/000". Code::invalid on any other spelling of the same.
Result<TilePath> parse_tile_path(std::string_view path);
std::string format_tile_path(const TilePath& path);

// The width of a tile in a tree of `size` entries; 0 where it does not exist.
unsigned tile_width(TreeSize size, unsigned level, std::uint64_t index);

Result<std::vector<Hash>> parse_tile(ByteSpan bytes, unsigned width);
std::string format_tile(std::span<const Hash> hashes);

// Entries of at most 65,535 bytes, each behind its length in two bytes.
Result<std::vector<std::string_view>> parse_bundle(std::string_view bytes, unsigned width);
void append_entry(std::string& bundle, std::string_view entry);

// Reads a published file; Code::not_found where it is absent.
using ReadTile = std::function<Result<std::string>(const TilePath& path)>;
// The hashes of the tree of `size` entries out of its tiles; keeps the tiles that it has read.
HashAt hashes_in_tiles(TreeSize size, ReadTile read);

}  // namespace madang::ledger
