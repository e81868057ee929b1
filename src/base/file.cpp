#include "base/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.h"

namespace madang {
namespace {

Error system_error(std::string_view what, const Path& path) {
    const int number = errno;
    const Code code = number == ENOENT                                          ? Code::not_found
                      : number == ENOSPC || number == EDQUOT || number == EFBIG ? Code::exhausted
                      : number == EACCES || number == EPERM                     ? Code::denied
                                                                                : Code::unavailable;
    return {code, format("{} {}: {}", what, path.string(), std::strerror(number))};
}

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    int number() const { return number_; }
    bool ok() const { return number_ >= 0; }

private:
    int number_;
};

Result<void> write_all(int descriptor, std::string_view content, const Path& path) {
    while (!content.empty()) {
        const ssize_t written = ::write(descriptor, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return std::unexpected(system_error("cannot write", path));
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

}  // namespace

Result<std::string> read_file(const Path& path, std::size_t limit) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.ok()) return std::unexpected(system_error("cannot open", path));
    std::string content;
    char buffer[65536];
    for (;;) {
        const ssize_t got = ::read(file.number(), buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::unexpected(system_error("cannot read", path));
        if (got == 0) return content;
        content.append(buffer, static_cast<std::size_t>(got));
        if (content.size() > limit) {
            return fail(Code::exhausted, format("{} is larger than {} bytes", path.string(), limit));
        }
    }
}

Result<FileLock> FileLock::take(const Path& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return std::unexpected(system_error("cannot open", path));
    FileLock lock(file);
    if (::flock(file, LOCK_EX | LOCK_NB) == 0) return lock;
    if (errno == EWOULDBLOCK) return fail(Code::conflict, format("another process holds {}", path.string()));
    return std::unexpected(system_error("cannot lock", path));
}

FileLock::~FileLock() {
    if (file_ >= 0) ::close(file_);
}

Result<void> write_file_whole(const Path& path, std::string_view content, Readable readable) {
    const Path beside = path.string() + ".new";
    const mode_t mode = readable == Readable::by_all ? 0644 : 0600;
    const auto written = [&]() -> Result<void> {
        const Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
        if (!file.ok()) return std::unexpected(system_error("cannot create", beside));
        TRY_DO(write_all(file.number(), content, beside));
        if (::fsync(file.number()) != 0) return std::unexpected(system_error("cannot sync", beside));
        return {};
    }();
    if (!written) {
        ::unlink(beside.c_str());
        return written;
    }
    if (::rename(beside.c_str(), path.c_str()) != 0) {
        const Error error = system_error("cannot replace", path);
        ::unlink(beside.c_str());
        return std::unexpected(error);
    }
    const Path folder = path.has_parent_path() ? path.parent_path() : Path(".");
    const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.ok() || ::fsync(directory.number()) != 0) return std::unexpected(system_error("cannot sync", folder));
    return {};
}

Result<Path> path_below(const Path& root, std::string_view relative) {
    const auto refuse = [&](std::string_view why) {
        return fail(Code::invalid, format("the path \"{}\" {}", relative, why));
    };
    if (relative.empty() || relative.size() > 1024) return refuse("is empty or too long");
    if (relative.front() == '/') return refuse("is absolute");
    Path path = root;
    for (const std::string_view part : split(relative, '/')) {
        if (part.empty() || part == "." || part == "..") return refuse("leaves its folder or has an empty part");
        if (std::ranges::any_of(part, [](char c) { return c == '\\' || static_cast<unsigned char>(c) < 0x20; })) {
            return refuse("holds a backslash or a control character");
        }
        path /= part;
        std::error_code error;
        if (std::filesystem::is_symlink(std::filesystem::symlink_status(path, error))) {
            return refuse("passes through a symbolic link");
        }
    }
    return path;
}

Result<std::vector<std::string>> list_files(const Path& root, std::size_t limit) {
    std::vector<std::string> files;
    std::error_code error;
    std::filesystem::recursive_directory_iterator it(root, error);
    if (error) return fail(Code::not_found, format("cannot list {}: {}", root.string(), error.message()));
    for (; it != std::filesystem::recursive_directory_iterator(); it.increment(error)) {
        if (error) return fail(Code::unavailable, format("cannot list {}: {}", root.string(), error.message()));
        if (it->is_symlink()) {
            return fail(Code::invalid, format("{} is a symbolic link", it->path().string()));
        }
        if (it->is_regular_file()) files.push_back(it->path().lexically_relative(root).generic_string());
        if (files.size() > limit) return fail(Code::exhausted, format("{} has more than {} files", root.string(), limit));
    }
    std::ranges::sort(files);
    return files;
}

}  // namespace madang
