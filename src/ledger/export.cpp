#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

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

// Puts a file in place without waiting for the disk: thousands are synced together. What a crash leaves
// half-written is found by its bytes at the next export and written again.
Result<void> replace_file(const Path& file, std::string_view bytes) {
    const std::string beside = file.string() + ".new";
    const int descriptor = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    int error = descriptor < 0 ? errno : 0;
    while (error == 0 && !bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
        if (written < 0 && errno != EINTR) error = errno;
    }
    if (descriptor >= 0 && ::close(descriptor) != 0 && error == 0) error = errno;
    if (error == 0 && ::rename(beside.c_str(), file.c_str()) != 0) error = errno;
    if (error == 0) return {};
    ::unlink(beside.c_str());
    return fail(error == ENOSPC ? Code::exhausted : Code::unavailable, format("cannot write {}: {}", file.string(), std::strerror(error)));
}

Result<void> sync_files(const Path& folder) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = descriptor >= 0 && ::syncfs(descriptor) == 0;
    const int error = errno;
    if (descriptor >= 0) ::close(descriptor);
    if (!synced) return fail(error == ENOSPC ? Code::exhausted : Code::unavailable, format("cannot sync {}: {}", folder.string(), std::strerror(error)));
    return {};
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
        // Last, and after all else is on disk: until here the folder is the copy that it was.
        TRY_DO(sync_files(folder_));
        const auto old = read_file(folder_ / "checkpoint", kMaxCheckpoint);
        if (!old || *old != tree.checkpoint) {
            TRY_DO(write_file_whole(folder_ / "checkpoint", tree.checkpoint));
            ++summary_.files_written;
        }
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
        return replace_file(file, bytes);
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
