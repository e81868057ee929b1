#include "ledger/tile.h"

#include <algorithm>
#include <map>
#include <memory>

#include "base/check.h"
#include "base/text.h"

namespace madang::ledger {
namespace {

constexpr unsigned kMaxLevel = 63;
constexpr std::size_t kHashBytes = 32;

// The index in groups of three digits: 1234067 is x001/x234/067.
std::string format_index(std::uint64_t index) {
    std::string text = format("{:03}", index % 1000);
    while (index >= 1000) {
        index /= 1000;
        text = format("x{:03}/{}", index % 1000, text);
    }
    return text;
}

Result<std::uint64_t> parse_index(const std::vector<std::string_view>& parts) {
    if (parts.empty() || parts.size() > 7) return fail(Code::invalid, "the index of a tile has 1 to 7 parts");
    std::uint64_t index = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        std::string_view part = parts[i];
        const bool last = i + 1 == parts.size();
        if (!last) {
            if (!part.starts_with('x')) return fail(Code::invalid, "all but the last part of an index begin with x");
            part.remove_prefix(1);
        }
        if (part.size() != 3 || !std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; })) {
            return fail(Code::invalid, "a part of an index has three digits");
        }
        if (i == 0 && !last && part == "000") return fail(Code::invalid, "an index has no leading zeroes");
        const auto digits = static_cast<std::uint64_t>((part[0] - '0') * 100 + (part[1] - '0') * 10 + (part[2] - '0'));
        if (index > (UINT64_MAX - digits) / 1000) return fail(Code::invalid, "the index of a tile is too large");
        index = index * 1000 + digits;
    }
    return index;
}

}  // namespace

std::string format_tile_path(const TilePath& path) {
    const std::string level = path.kind == TilePath::Kind::entries ? "entries" : std::to_string(path.level);
    std::string text = format("tile/{}/{}", level, format_index(path.index));
    if (path.width < kTileWidth) text += format(".p/{}", path.width);
    return text;
}

Result<TilePath> parse_tile_path(std::string_view text) {
    if (text.size() > 100) return fail(Code::invalid, "the path of a tile is too long");
    auto parts = split(text, '/');
    if (parts.size() < 3 || parts[0] != "tile") return fail(Code::invalid, "the path of a tile is tile/LEVEL/INDEX");
    TilePath path;
    if (parts[1] == "entries") {
        path.kind = TilePath::Kind::entries;
    } else {
        TRY(const std::uint64_t level, within(parse_decimal(parts[1]), "level"));
        if (level > kMaxLevel) return fail(Code::invalid, "the level of a tile is at most 63");
        path.level = static_cast<unsigned>(level);
    }
    parts.erase(parts.begin(), parts.begin() + 2);
    if (parts.size() >= 2 && parts[parts.size() - 2].ends_with(".p")) {
        TRY(const std::uint64_t width, within(parse_decimal(parts.back()), "width"));
        if (width < 1 || width >= kTileWidth) return fail(Code::invalid, "a partial tile has 1 to 255 hashes");
        path.width = static_cast<unsigned>(width);
        parts.pop_back();
        parts.back().remove_suffix(2);
    }
    TRY(path.index, parse_index(parts));
    return path;
}

unsigned tile_width(std::uint64_t size, unsigned level, std::uint64_t index) {
    const std::uint64_t hashes = level * 8 >= 64 ? 0 : size >> (level * 8);
    const std::uint64_t begin = index * kTileWidth;
    if (hashes <= begin || index > (UINT64_MAX >> 8)) return 0;
    return static_cast<unsigned>(std::min(hashes - begin, kTileWidth));
}

Bytes format_tile(std::span<const Hash> hashes) {
    Bytes bytes;
    bytes.reserve(hashes.size() * kHashBytes);
    for (const Hash& hash : hashes) bytes.insert(bytes.end(), hash.begin(), hash.end());
    return bytes;
}

Result<Hashes> parse_tile(ByteSpan bytes) {
    if (bytes.empty() || bytes.size() % kHashBytes != 0 || bytes.size() > kTileWidth * kHashBytes) {
        return fail(Code::invalid, format("a tile of {} bytes is no whole number of 1 to 256 hashes", bytes.size()));
    }
    Hashes hashes(bytes.size() / kHashBytes);
    for (std::size_t i = 0; i < hashes.size(); ++i) {
        std::ranges::copy(bytes.subspan(i * kHashBytes, kHashBytes), hashes[i].begin());
    }
    return hashes;
}

void append_entry(Bytes& bundle, ByteSpan entry) {
    MADANG_CHECK(entry.size() <= kMaxEntry);
    bundle.push_back(static_cast<std::uint8_t>(entry.size() >> 8));
    bundle.push_back(static_cast<std::uint8_t>(entry.size()));
    bundle.insert(bundle.end(), entry.begin(), entry.end());
}

Result<std::vector<ByteSpan>> parse_bundle(ByteSpan bundle) {
    std::vector<ByteSpan> entries;
    while (!bundle.empty()) {
        if (entries.size() == kTileWidth) return fail(Code::invalid, "a bundle has at most 256 entries");
        if (bundle.size() < 2) return fail(Code::invalid, "the bundle ends within a length");
        const std::size_t size = static_cast<std::size_t>(bundle[0]) << 8 | bundle[1];
        if (bundle.size() < 2 + size) return fail(Code::invalid, format("entry {} of the bundle is cut short", entries.size()));
        entries.push_back(bundle.subspan(2, size));
        bundle = bundle.subspan(2 + size);
    }
    if (entries.empty()) return fail(Code::invalid, "the bundle is empty");
    return entries;
}

NodeReader node_reader(std::uint64_t size, TileReader tiles) {
    struct Kept {
        std::map<std::pair<unsigned, std::uint64_t>, Hashes> tiles;
    };
    auto kept = std::make_shared<Kept>();
    return [size, tiles = std::move(tiles), kept](unsigned height, std::uint64_t index) -> Result<Hash> {
        const unsigned level = height / 8;
        const unsigned above = height % 8;  // levels of the tree within the tile
        const std::uint64_t first = index << above;
        const std::uint64_t tile_index = first / kTileWidth;
        auto found = kept->tiles.find({level, tile_index});
        if (found == kept->tiles.end()) {
            const unsigned width = tile_width(size, level, tile_index);
            if (width == 0) return fail(Code::not_found, "the tree has no such subtree");
            const TilePath path{TilePath::Kind::hashes, level, tile_index, width};
            TRY(const Bytes bytes, tiles(path));
            TRY(Hashes hashes, within(parse_tile(bytes), format_tile_path(path)));
            if (hashes.size() < width) return fail(Code::corrupted, format("{} has {} hashes, not {}", format_tile_path(path), hashes.size(), width));
            found = kept->tiles.emplace(std::pair{level, tile_index}, std::move(hashes)).first;
        }
        const std::size_t begin = first % kTileWidth;
        const std::size_t count = std::size_t{1} << above;
        if (begin + count > found->second.size()) return fail(Code::not_found, "the tree has no such subtree");
        Hashes row(found->second.begin() + static_cast<std::ptrdiff_t>(begin), found->second.begin() + static_cast<std::ptrdiff_t>(begin + count));
        while (row.size() > 1) {
            for (std::size_t i = 0; i < row.size() / 2; ++i) row[i] = node_hash(row[2 * i], row[2 * i + 1]);
            row.resize(row.size() / 2);
        }
        return row.front();
    };
}

}  // namespace madang::ledger
