// Checks of a whole ledger: every entry is hashed, every tile rebuilt, and all compared with what is
// published and with the signed checkpoint.
#include "ledger/copy.h"

#include <algorithm>

#include "base/text.h"
#include "ledger/detail/edge.h"
#include "ledger/detail/ledger_repository.h"
#include "ledger/detail/published.h"
#include "ledger/tile.h"

namespace madang::ledger {
namespace {

constexpr std::size_t kMaxCheckpoint = 64U << 10;
constexpr std::size_t kMaxPiece = 256 * (2 + 0xFFFF);
constexpr std::uint64_t kProgressEvery = 64 * kTileWidth;
constexpr TreeSize kMaxSize = TreeSize{1} << 40;

class Check {
public:
    Check(const Checkpoint& checkpoint, ReadTile read, const CopyProgress& progress)
        : checkpoint_(checkpoint), read_(std::move(read)), progress_(progress) {
        verdict_.size = checkpoint.size;
    }

    CopyVerdict run() {
        for (std::uint64_t bundle = 0; bundle * kTileWidth < checkpoint_.size && verdict_.good(); ++bundle) {
            check_bundle(bundle);
            if (progress_ && (bundle + 1) * kTileWidth % kProgressEvery == 0) progress_(edge_.size(), checkpoint_.size);
        }
        if (verdict_.good()) {
            std::vector<detail::Piece> partial;
            edge_.add_partial(0, partial);
            for (const detail::Piece& piece : partial) compare(piece);
        }
        if (verdict_.good() && edge_.root() != checkpoint_.root) {
            wrong(Wrong::checkpoint, std::nullopt, "checkpoint",
                  format("entries and tiles agree with each other but not with the root of the signed checkpoint of {} acts", checkpoint_.size));
        }
        if (progress_) progress_(edge_.size(), checkpoint_.size);
        return verdict_;
    }

private:
    void check_bundle(std::uint64_t number) {
        const TilePath path{std::nullopt, number, tile_width(checkpoint_.size, 0, number)};
        const LeafIndex first = number * kTileWidth;
        const auto bytes = read_(path);
        if (!bytes) return wrong(Wrong::entries, first, format_tile_path(path), bytes.error().message);
        const auto entries = parse_bundle(*bytes, path.width);
        if (!entries) return wrong(Wrong::entries, first, format_tile_path(path), entries.error().message);
        std::vector<detail::Piece> pieces;
        for (const std::string_view entry : *entries) edge_.add(entry, pieces);
        for (const detail::Piece& piece : pieces) compare(piece);
    }

    // A tile made from the entries against the published one.
    void compare(const detail::Piece& made) {
        if (!verdict_.good() || !made.path.level) return;
        const unsigned level = *made.path.level;
        const std::string name = format_tile_path(made.path);
        const auto published = read_(made.path);
        const LeafIndex start = made.path.index << (kTileHeight * (level + 1));
        if (!published) return wrong(Wrong::tile, start, name, published.error().message);
        if (*published == made.bytes) return;
        if (published->size() != made.bytes.size()) {
            return wrong(Wrong::tile, start, name, format("the tile has {} bytes instead of {}", published->size(), made.bytes.size()));
        }
        const auto differs = static_cast<std::size_t>(std::ranges::mismatch(*published, made.bytes).in1 - published->begin());
        const LeafIndex index = start + ((differs / Hash{}.size()) << (kTileHeight * level));
        if (level == 0 && stands_as_signed(made.path, *published)) {
            const TilePath bundle{std::nullopt, made.path.index, made.path.width};
            return wrong(Wrong::entries, index, format_tile_path(bundle), format("the entry {} is not the one that was signed", index));
        }
        wrong(Wrong::tile, index, name, format("the tile does not fit the entries from {} on", index));
    }

    // Whether a published tile of leaves leads to the signed root: then the entries are wrong, not it.
    bool stands_as_signed(const TilePath& path, const std::string& bytes) {
        const auto leaves = parse_tile(as_bytes(bytes), path.width);
        if (!leaves) return false;
        const LeafIndex start = path.index * kTileWidth;
        const LeafIndex end = start + path.width;
        const auto proof = make_subtree_consistency_proof(start, end, checkpoint_.size, hashes_in_tiles(checkpoint_.size, read_));
        return proof && check_subtree_consistency(start, end, checkpoint_.size, *proof, fold(*leaves), checkpoint_.root).has_value();
    }

    void wrong(Wrong what, std::optional<LeafIndex> index, std::string path, std::string finding) {
        verdict_.wrong = what;
        verdict_.first_wrong = index;
        verdict_.finding = format("{}: {}", path, finding);
        verdict_.path = std::move(path);
    }

    const Checkpoint& checkpoint_;
    const ReadTile read_;
    const CopyProgress& progress_;
    detail::Edge edge_;
    CopyVerdict verdict_;
};

// A signature that does not fit is a finding; a note of somebody else is none.
Result<std::optional<Checkpoint>> open_checked(std::string_view note, std::string_view key_text, CopyVerdict& verdict) {
    TRY(const VerifierKey key, within(parse_verifier_key(key_text), "the trusted key"));
    auto checkpoint = open_checkpoint(note, key);
    if (checkpoint && checkpoint->size <= kMaxSize) return std::optional(std::move(*checkpoint));
    if (!checkpoint && checkpoint.error().code == Code::denied) return std::unexpected(checkpoint.error());
    verdict.wrong = Wrong::checkpoint;
    verdict.path = "checkpoint";
    verdict.finding = "checkpoint: " + (checkpoint ? format("more than {} acts", kMaxSize) : checkpoint.error().message);
    return std::optional<Checkpoint>();
}

}  // namespace

std::string_view name_of(Wrong what) {
    switch (what) {
        case Wrong::nothing: return "nothing";
        case Wrong::checkpoint: return "checkpoint";
        case Wrong::tile: return "tile";
        case Wrong::entries: return "entries";
        case Wrong::act: return "act";
    }
    return "nothing";
}

Result<CopyVerdict> verify_copy(const Path& folder, std::string_view key, const CopyProgress& progress) {
    TRY(const std::string note, within(read_file(folder / "checkpoint", kMaxCheckpoint), "the copy's checkpoint"));
    CopyVerdict verdict;
    TRY(const auto checkpoint, open_checked(note, key, verdict));
    if (!checkpoint) return verdict;
    const ReadTile read = [&folder](const TilePath& path) -> Result<std::string> {
        auto bytes = read_file(folder / format_tile_path(path), kMaxPiece);
        if (!bytes && bytes.error().code == Code::not_found) return fail(Code::not_found, "the file is missing");
        return bytes;
    };
    return Check(*checkpoint, read, progress).run();
}

Result<CopyVerdict> detail::verify_published(store::Reader& reader, std::string_view key, const CopyProgress& progress) {
    CopyVerdict verdict;
    TRY(const detail::Tree tree, detail::find_tree(reader));
    if (tree.size == 0 && tree.checkpoint.empty()) return verdict;
    TRY(const auto checkpoint, open_checked(tree.checkpoint, key, verdict));
    if (!checkpoint) return verdict;
    if (checkpoint->size != tree.size) {
        verdict.wrong = Wrong::checkpoint;
        verdict.path = "checkpoint";
        verdict.finding = format("checkpoint: the store says {} acts, its signed checkpoint {}", tree.size, checkpoint->size);
        return verdict;
    }
    return Check(*checkpoint, detail::reading_from(reader), progress).run();
}

}  // namespace madang::ledger
