// Files: read within a limit, written whole or not at all, and names from outside kept inside.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace madang {

using Path = std::filesystem::path;

// Fails with Code::not_found, or Code::exhausted where the file is larger than `limit` bytes.
Result<std::string> read_file(const Path& path, std::size_t limit = 16U << 20);

enum class Readable { by_all, by_owner };  // modes 0644 and 0600

// Writes beside the file, syncs, renames and syncs the folder: after success the new content is on
// disk, after failure or a crash the old one is. A full disk is Code::exhausted.
Result<void> write_file_whole(const Path& path, std::string_view content, Readable readable = Readable::by_all);

// Held by one process at a time, and let go when it ends, however it ends. The file stays.
class FileLock {
public:
    // Code::conflict where another process holds it.
    static Result<FileLock> take(const Path& path);
    FileLock(FileLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
    FileLock& operator=(FileLock&&) = delete;
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;
    ~FileLock();

private:
    explicit FileLock(int file) : file_(file) {}
    int file_;
};

// root/relative, if `relative` is a plain path below root: not absolute, without "..", "\" or control
// characters, and not passing through a symbolic link. Otherwise Code::invalid.
Result<Path> path_below(const Path& root, std::string_view relative);

// The regular files below a folder, relative, sorted; symbolic links are refused with Code::invalid,
// more than `limit` files with Code::exhausted.
Result<std::vector<std::string>> list_files(const Path& root, std::size_t limit = 10'000);

}  // namespace madang
