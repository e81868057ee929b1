#include "base/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace madang {
namespace {

std::string packed(const std::string& content, int (*filter)(archive*)) {
    std::string out(std::min<std::size_t>(content.size(), 8U << 20) + 100'000, '\0');
    std::size_t used = 0;
    archive* writer = archive_write_new();
    filter(writer);
    archive_write_set_format_raw(writer);
    archive_write_set_bytes_per_block(writer, 0);
    EXPECT_EQ(archive_write_open_memory(writer, out.data(), out.size(), &used), ARCHIVE_OK);
    archive_entry* entry = archive_entry_new();
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    archive_write_header(writer, entry);
    archive_write_data(writer, content.data(), content.size());
    archive_entry_free(entry);
    archive_write_free(writer);
    out.resize(used);
    return out;
}

Result<std::string> unpacked(std::string_view bytes, const UnpackLimits& limits = {}) {
    std::string out;
    TRY_DO(unpack(bytes, limits, [&](std::string_view piece) {
        out += piece;
        return true;
    }));
    return out;
}

TEST(Unpack, ReadsEachFormat) {
    std::string content;
    for (int i = 0; i < 200'000; ++i) content += "line " + std::to_string(i * 7919) + "\n";
    for (auto* filter : {archive_write_add_filter_gzip, archive_write_add_filter_zstd, archive_write_add_filter_xz, archive_write_add_filter_bzip2}) {
        const std::string bytes = packed(content, filter);
        ASSERT_TRUE(is_packed(bytes));
        const auto found = unpacked(bytes);
        ASSERT_TRUE(found) << found.error().message;
        EXPECT_EQ(*found, content);
        EXPECT_EQ(unpacked(packed("", filter)).value_or("refused"), "");
        // Two files one behind the other are one (RFC 1952, 2.2; RFC 8878, 3).
        EXPECT_EQ(unpacked(packed("a", filter) + packed("b", filter)).value_or("refused"), "ab");
        for (std::size_t cut = 1; cut < 40; ++cut) EXPECT_FALSE(unpacked(std::string_view(bytes).substr(0, bytes.size() * cut / 41))) << cut;
    }
    EXPECT_FALSE(is_packed("PK\x03\x04"));
    EXPECT_FALSE(is_packed(""));
}

TEST(Unpack, BombsAreBounded) {
    const std::string bytes = packed(std::string(200U << 20, 'x'), archive_write_add_filter_zstd);
    EXPECT_EQ(unpacked(bytes).error().code, Code::exhausted);
    EXPECT_EQ(unpacked(bytes, {.total = 1000, .ratio = 1'000'000}).error().code, Code::exhausted);
    std::size_t pieces = 0;
    EXPECT_TRUE(unpack(bytes, {}, [&](std::string_view) { return ++pieces < 3; }));
    EXPECT_EQ(pieces, 3U);
}

}  // namespace
}  // namespace madang
