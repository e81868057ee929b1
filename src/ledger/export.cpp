#include <algorithm>

#include "base/text.h"
#include "ledger/copy.h"
#include "ledger/detail/ledger_repository.h"
#include "ledger/note.h"
#include "ledger/tile.h"

namespace madang::ledger {
namespace {

constexpr std::size_t kMaxCheckpoint = 64U << 10;
constexpr std::size_t kMaxPiece = 256 * (2 + 0xFFFF);

Result<Checkpoint> read_unchecked(std::string_view note) {
    TRY(const Note parsed, parse_note(note));
    return parse_checkpoint(parsed.text);
}

class Export {
public:
    Export(store::Reader& reader, const Path& folder, const CopyProgress& progress) : reader_(reader), folder_(folder), progress_(progress) {}

    Result<ExportSummary> run() {
        TRY(const detail::Tree tree, detail::find_tree(reader_));
        if (tree.checkpoint.empty()) return fail(Code::not_found, "the ledger holds no act yet: there is nothing to copy");
        summary_.size = tree.size;
        TRY_DO(check_older_copy(tree));
        for (std::uint64_t index = 0; index <= (tree.size - 1) / kTileWidth; ++index) {
            TRY_DO(put({std::nullopt, index, tile_width(tree.size, 0, index)}));
            TRY_DO(put({0U, index, tile_width(tree.size, 0, index)}));
            if (progress_) progress_(std::min(tree.size, (index + 1) * kTileWidth), tree.size);
        }
        for (unsigned level = 1; tree.size >> (kTileHeight * level) > 0; ++level) {
            for (std::uint64_t index = 0; tile_width(tree.size, level, index) > 0; ++index) {
                TRY_DO(put({level, index, tile_width(tree.size, level, index)}));
            }
        }
        // Last: until here the folder is the copy that it was.
        TRY_DO(write(folder_ / "checkpoint", tree.checkpoint));
        return summary_;
    }

private:
    Result<void> check_older_copy(const detail::Tree& tree) {
        const auto note = read_file(folder_ / "checkpoint", kMaxCheckpoint);
        if (!note && note.error().code == Code::not_found) return {};
        if (!note) return std::unexpected(note.error());
        TRY(const Checkpoint older, within(read_unchecked(*note), (folder_ / "checkpoint").string()));
        TRY(const Checkpoint ours, read_unchecked(tree.checkpoint));
        if (older.origin != ours.origin) return fail(Code::conflict, format("{} holds a copy of the log {}, not of {}", folder_.string(), older.origin, ours.origin));
        if (older.size > ours.size) {
            return fail(Code::conflict, format("{} holds {} acts, more than the store's {}: the store was set back", folder_.string(), older.size, ours.size));
        }
        TRY(const Hash root, make_root(older.size, hashes_in_tiles(tree.size, detail::reading_from(reader_))));
        if (root != older.root) {
            return fail(Code::conflict, format("the first {} acts in {} are not those of the store", older.size, folder_.string()));
        }
        return {};
    }

    Result<void> put(const TilePath& path) {
        if (path.width == 0) return {};
        TRY(const std::string bytes, detail::find_piece(reader_, path));
        const std::string name = format_tile_path(path);
        TRY_DO(write(folder_ / name, bytes));
        // https://c2sp.org/tlog-tiles, "Partial Tiles": they may go once the full one is there.
        std::error_code error;
        if (path.width == kTileWidth) std::filesystem::remove_all(folder_ / (name + ".p"), error);
        return {};
    }

    Result<void> write(const Path& file, std::string_view bytes) {
        std::error_code error;
        if (std::filesystem::file_size(file, error) == bytes.size() && !error) {
            const auto old = read_file(file, kMaxPiece);
            if (old && *old == bytes) return {};
        }
        error.clear();
        std::filesystem::create_directories(file.parent_path(), error);
        if (error) return fail(Code::unavailable, format("cannot make {}: {}", file.parent_path().string(), error.message()));
        ++summary_.files_written;
        return write_file_whole(file, bytes);
    }

    store::Reader& reader_;
    const Path& folder_;
    const CopyProgress& progress_;
    ExportSummary summary_;
};

}  // namespace

Result<ExportSummary> export_copy(store::Store& store, const Path& folder, const CopyProgress& progress) {
    return store.read<ExportSummary>([&](store::Reader& reader) { return Export(reader, folder, progress).run(); });
}

}  // namespace madang::ledger
