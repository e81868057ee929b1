#include "ledger/tile.h"

#include <algorithm>
#include <map>
#include <memory>

#include "base/check.h"
#include "base/text.h"

namespace madang::ledger {
namespace {

constexpr std::string_view kTile = "tile/";
constexpr std::string_view kEntries = "entries/";
constexpr std::size_t kMaxPath = 64;
constexpr unsigned kMaxLevel = 63;
constexpr std::size_t kHash = 32;

bool is_digits(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// "x001/x234/067": three digits an element, all but the last behind an x, no needless zero elements.
Result<std::uint64_t> parse_index(std::string_view text) {
    const auto elements = split(text, '/');
    std::uint64_t index = 0;
    for (std::size_t i = 0; i < elements.size(); ++i) {
        std::string_view element = elements[i];
        const bool last = i + 1 == elements.size();
        if (!last) {
            if (!element.starts_with('x')) return fail(Code::invalid, "an element of a tile's number lacks its x");
            element.remove_prefix(1);
        }
        if (element.size() != 3 || !is_digits(element)) return fail(Code::invalid, "a tile's number comes in elements of three digits");
        const auto part = static_cast<std::uint64_t>((element[0] - '0') * 100 + (element[1] - '0') * 10 + (element[2] - '0'));
        if (i == 0 && !last && part == 0) return fail(Code::invalid, "a tile's number has no leading elements of zeros");
        if (index > (UINT64_MAX - part) / 1000) return fail(Code::invalid, "a tile's number is too large");
        index = index * 1000 + part;
    }
    return index;
}

// MTH of 2^rest hashes of a tile.
Hash subtree_in(const std::vector<Hash>& tile, std::size_t first, std::size_t count) {
    return fold(std::span(tile).subspan(first, count));
}

}  // namespace

Result<TilePath> parse_tile_path(std::string_view path) {
    if (path.size() > kMaxPath || !path.starts_with(kTile)) return fail(Code::invalid, "this is not the path of a tile");
    std::string_view rest = path.substr(kTile.size());
    TilePath tile;
    if (rest.starts_with(kEntries)) {
        rest.remove_prefix(kEntries.size());
    } else {
        const std::size_t slash = rest.find('/');
        if (slash == std::string_view::npos) return fail(Code::invalid, "the path of a tile has a level and a number");
        TRY(const auto level, within(parse_decimal(rest.substr(0, slash)), "the level of a tile"));
        if (level > kMaxLevel) return fail(Code::invalid, format("the level of a tile is at most {}", kMaxLevel));
        tile.level = static_cast<unsigned>(level);
        rest.remove_prefix(slash + 1);
    }
    if (const std::size_t partial = rest.find(".p/"); partial != std::string_view::npos) {
        TRY(const auto width, within(parse_decimal(rest.substr(partial + 3)), "the width of a tile"));
        if (width < 1 || width >= kTileWidth) return fail(Code::invalid, "the width of a partial tile is 1 to 255");
        tile.width = static_cast<unsigned>(width);
        rest = rest.substr(0, partial);
    }
    TRY(tile.index, parse_index(rest));
    return tile;
}

std::string format_tile_path(const TilePath& path) {
    std::string index = format("{:03}", path.index % 1000);
    for (std::uint64_t left = path.index / 1000; left > 0; left /= 1000) index = format("x{:03}/{}", left % 1000, index);
    std::string text = path.level ? format("tile/{}/{}", *path.level, index) : format("tile/entries/{}", index);
    if (path.width < kTileWidth) text += format(".p/{}", path.width);
    return text;
}

unsigned tile_width(TreeSize size, unsigned level, std::uint64_t index) {
    const std::uint64_t hashes = kTileHeight * level < 64 ? size >> (kTileHeight * level) : 0;
    if (index > hashes / kTileWidth) return 0;
    return index < hashes / kTileWidth ? kTileWidth : static_cast<unsigned>(hashes % kTileWidth);
}

Result<std::vector<Hash>> parse_tile(ByteSpan bytes, unsigned width) {
    if (bytes.size() != width * kHash) return fail(Code::corrupted, format("a tile of {} hashes has {} bytes", width, bytes.size()));
    std::vector<Hash> hashes(width);
    for (std::size_t i = 0; i < width; ++i) std::ranges::copy(bytes.subspan(i * kHash, kHash), hashes[i].begin());
    return hashes;
}

std::string format_tile(std::span<const Hash> hashes) {
    std::string bytes;
    bytes.reserve(hashes.size() * kHash);
    for (const Hash& hash : hashes) bytes += as_text(hash);
    return bytes;
}

Result<std::vector<std::string_view>> parse_bundle(std::string_view bytes, unsigned width) {
    std::vector<std::string_view> entries;
    entries.reserve(width);
    while (entries.size() < width) {
        if (bytes.size() < 2) return fail(Code::corrupted, format("a bundle ends after {} of {} entries", entries.size(), width));
        const std::size_t size = static_cast<std::size_t>(static_cast<unsigned char>(bytes[0])) << 8U | static_cast<unsigned char>(bytes[1]);
        if (bytes.size() - 2 < size) return fail(Code::corrupted, format("entry {} of a bundle is cut short", entries.size()));
        entries.push_back(bytes.substr(2, size));
        bytes.remove_prefix(2 + size);
    }
    if (!bytes.empty()) return fail(Code::corrupted, format("a bundle goes on after its {} entries", width));
    return entries;
}

void append_entry(std::string& bundle, std::string_view entry) {
    MADANG_CHECK(entry.size() <= 0xFFFF);
    bundle += static_cast<char>(entry.size() >> 8U);
    bundle += static_cast<char>(entry.size() & 0xFFU);
    bundle += entry;
}

HashAt hashes_in_tiles(TreeSize size, ReadTile read) {
    using Tiles = std::map<std::pair<unsigned, std::uint64_t>, std::vector<Hash>>;
    const auto tiles = std::make_shared<Tiles>();
    return [size, read = std::move(read), tiles](unsigned height, std::uint64_t index) -> Result<Hash> {
        const unsigned level = height / kTileHeight;
        const unsigned rest = height % kTileHeight;     // of the height, inside the tile
        const std::uint64_t first = index << rest;      // number of its first hash in the level
        const std::size_t count = std::size_t{1} << rest;
        const auto key = std::pair(level, first / kTileWidth);
        auto found = tiles->find(key);
        if (found == tiles->end()) {
            const unsigned width = tile_width(size, level, key.second);
            if (width == 0) return fail(Code::not_found, format("a tree of {} has no tile {} of level {}", size, key.second, level));
            const TilePath path{level, key.second, width};
            TRY(const std::string bytes, within(read(path), format_tile_path(path)));
            TRY(auto hashes, within(parse_tile(as_bytes(bytes), width), format_tile_path(path)));
            found = tiles->emplace(key, std::move(hashes)).first;
        }
        const std::size_t offset = first % kTileWidth;
        if (offset + count > found->second.size()) return fail(Code::not_found, format("a tree of {} has no such subtree", size));
        return subtree_in(found->second, offset, count);
    };
}

}  // namespace madang::ledger
