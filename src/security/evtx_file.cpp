#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/text.h"
#include "security/evtx.h"

namespace madang::security {

Result<EvtxFile> EvtxFile::open(const Path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        return fail(errno == ENOENT ? Code::not_found : Code::denied, format("{}: cannot be opened", path.string()));
    }
    struct stat facts {};
    const bool regular = ::fstat(file, &facts) == 0 && S_ISREG(facts.st_mode);
    const auto size = static_cast<std::size_t>(regular ? facts.st_size : 0);
    void* memory = size == 0 ? nullptr : ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    ::close(file);
    if (!regular) return fail(Code::invalid, format("{}: not a regular file", path.string()));
    if (memory == MAP_FAILED) return fail(Code::exhausted, format("{}: too large to map", path.string()));
    if (memory == nullptr) return EvtxFile(std::string_view());
    // Pages are wanted in their order and once.
    static_cast<void>(::madvise(memory, size, MADV_SEQUENTIAL));
    return EvtxFile({static_cast<const char*>(memory), size});
}

EvtxFile::EvtxFile(EvtxFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

EvtxFile::~EvtxFile() {
    if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

}  // namespace madang::security
