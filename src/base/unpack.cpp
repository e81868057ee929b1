#include "base/unpack.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <memory>

#include "base/text.h"

namespace madang {
namespace {

constexpr std::uint64_t kFree = 64U << 20;   // bytes that any ratio may make

struct Closer {
    void operator()(archive* one) const { archive_read_free(one); }
};

}  // namespace

bool is_packed(std::string_view start) {
    const bool bzip2 = start.starts_with("BZh") && start.substr(std::min<std::size_t>(4, start.size())).starts_with("1AY&SY");
    return bzip2 || start.starts_with("\x1f\x8b\x08") || start.starts_with("\x28\xb5\x2f\xfd") || start.starts_with(std::string_view("\xfd" "7zXZ\0", 6));
}

Result<void> unpack(std::string_view packed, const UnpackLimits& limits, const std::function<bool(std::string_view)>& use) {
    const std::unique_ptr<archive, Closer> reader(archive_read_new());
    const auto damaged = [&](std::uint64_t at) {
        const char* why = archive_error_string(reader.get());
        return fail(Code::corrupted, format("packed data is damaged behind {} bytes of content: {}", at, why == nullptr ? "it ends early" : why));
    };
    archive_read_support_filter_gzip(reader.get());
    archive_read_support_filter_zstd(reader.get());
    archive_read_support_filter_xz(reader.get());
    archive_read_support_filter_bzip2(reader.get());
    archive_read_support_format_raw(reader.get());
    archive_read_support_format_empty(reader.get());
    archive_entry* entry = nullptr;
    if (archive_read_open_memory(reader.get(), packed.data(), packed.size()) != ARCHIVE_OK) return damaged(0);
    const int first = archive_read_next_header(reader.get(), &entry);
    if (first == ARCHIVE_EOF) return {};   // packed, and empty
    if (first != ARCHIVE_OK) return damaged(0);
    std::uint64_t out = 0;
    for (;;) {
        const void* piece = nullptr;
        std::size_t size = 0;
        la_int64_t offset = 0;
        const int read = archive_read_data_block(reader.get(), &piece, &size, &offset);
        if (read == ARCHIVE_EOF) return {};
        if (read != ARCHIVE_OK) return damaged(out);
        out += size;
        if (out > limits.total) return fail(Code::exhausted, format("it unpacks to more than {} bytes", limits.total));
        if (out > kFree && out / limits.ratio > packed.size()) return fail(Code::exhausted, format("it unpacks to more than {} times its size", limits.ratio));
        if (!use({static_cast<const char*>(piece), size})) return {};
    }
}

}  // namespace madang
