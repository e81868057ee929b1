#include "base/zip.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include "base/text.h"

namespace madang {
namespace {

constexpr std::size_t kMaxName = 255;
constexpr std::size_t kFreeOfRatio = 1U << 20;
constexpr std::size_t kChunk = 64U << 10;
constexpr std::size_t kMaxEntries = 65'535;
constexpr std::size_t kMaxArchive = (1ULL << 32U) - (1U << 26U);  // room for the directory

// APPNOTE 4.3.7, 4.3.12, 4.3.16 and 4.4.4, bit 11.
constexpr std::uint64_t kLocalSignature = 0x04034b50;
constexpr std::uint64_t kCentralSignature = 0x02014b50;
constexpr std::uint64_t kEndSignature = 0x06054b50;
constexpr std::uint64_t kMadeBy = 3U << 8U | 20U;             // Unix: "\\" in a name is no separator
constexpr std::uint64_t kPlainFile = 0100644ULL << 16U;
constexpr std::uint64_t kNamesAreUtf8 = 1U << 11U;

using ReadArchive = std::unique_ptr<archive, decltype(&archive_read_free)>;

Error error_of(archive* a, std::string_view what) {
    const char* text = archive_error_string(a);
    return {Code::invalid, format("{}: {}", what, text == nullptr ? "no reason given" : text)};
}

void put(Bytes& out, std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

// ISO 3309, as APPNOTE 4.4.7 asks for.
std::uint32_t crc32(ByteSpan bytes) {
    static const auto table = [] {
        std::array<std::uint32_t, 256> t{};
        for (std::uint32_t i = 0; i < 256; ++i) {
            std::uint32_t c = i;
            for (int bit = 0; bit < 8; ++bit) c = (c & 1U) != 0 ? 0xEDB88320U ^ (c >> 1U) : c >> 1U;
            t[i] = c;
        }
        return t;
    }();
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const std::uint8_t byte : bytes) crc = table[(crc ^ byte) & 0xFFU] ^ (crc >> 8U);
    return ~crc;
}

// APPNOTE 4.3.7: what the local header and the central directory say alike, from "version needed" to
// the length of the extra field.
Bytes description_of(const ZipEntry& entry, Instant changed_at) {
    const auto day = std::chrono::floor<std::chrono::days>(changed_at);
    const Date date{day};
    const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(changed_at - day)};
    const auto year = static_cast<std::uint64_t>(std::max(0, int{date.year()} - 1980));
    Bytes out;
    put(out, 20, 2);                       // version needed
    put(out, kNamesAreUtf8, 2);
    put(out, 0, 2);                        // stored
    put(out, static_cast<std::uint64_t>(time.hours().count()) << 11U | static_cast<std::uint64_t>(time.minutes().count()) << 5U |
                 static_cast<std::uint64_t>(time.seconds().count()) / 2, 2);
    put(out, year << 9U | std::uint64_t{unsigned{date.month()}} << 5U | unsigned{date.day()}, 2);
    put(out, crc32(entry.content), 4);
    put(out, entry.content.size(), 4);     // packed
    put(out, entry.content.size(), 4);     // unpacked
    put(out, entry.name.size(), 2);
    put(out, 0, 2);                        // extra field
    return out;
}

// ISO/IEC 21320-1: names are relative, with "/" between their parts.
Result<void> check_name(std::string_view name) {
    if (name.empty() || name.size() > kMaxName) {
        return fail(Code::invalid, format("a name in the archive has {} bytes; 1 to {} are allowed", name.size(), kMaxName));
    }
    if (!is_utf8(name)) return fail(Code::invalid, "a name in the archive is not UTF-8");
    const bool controls = std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (controls || name.find('\\') != std::string_view::npos || name.find(':') != std::string_view::npos) {
        return fail(Code::invalid, "a name in the archive holds a control character, \"\\\" or \":\"");
    }
    for (const std::string_view part : split(name, '/')) {
        if (part.empty() || part == "." || part == "..") {
            return fail(Code::invalid, format("the name \"{}\" in the archive leads out of its folder", name));
        }
    }
    return {};
}

Result<Bytes> read_content(archive* a, std::string_view name, std::size_t allowed, std::size_t packed, const ZipLimits& limits) {
    Bytes content;
    Bytes chunk(kChunk);
    for (;;) {
        const la_ssize_t got = archive_read_data(a, chunk.data(), chunk.size());
        if (got < 0) return std::unexpected(error_of(a, format("the entry \"{}\" is damaged", name)));
        if (got == 0) return content;
        content.insert(content.end(), chunk.begin(), chunk.begin() + got);
        if (content.size() > allowed) {
            return fail(Code::exhausted, format("the archive unpacks to more than {} bytes", limits.total));
        }
        if (content.size() > kFreeOfRatio && content.size() / limits.ratio > packed) {
            return fail(Code::exhausted, format("the entry \"{}\" is packed more than {} times", name, limits.ratio));
        }
    }
}

Result<ReadArchive> open_zip(ByteSpan bytes, const ZipLimits& limits) {
    if (bytes.size() > limits.archive) {
        return fail(Code::exhausted, format("the archive has more than {} bytes", limits.archive));
    }
    ReadArchive a(archive_read_new(), archive_read_free);
    // Through the central directory, as every other reader sees the archive.
    if (archive_read_support_format_zip_seekable(a.get()) != ARCHIVE_OK ||
        archive_read_open_memory(a.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) {
        return std::unexpected(error_of(a.get(), "this is not a zip archive"));
    }
    return a;
}

Result<void> check_entry(archive_entry* entry) {
    if (archive_entry_is_encrypted(entry) != 0) return fail(Code::invalid, "the archive holds an encrypted entry");
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_symlink(entry) != nullptr ||
        archive_entry_hardlink(entry) != nullptr) {
        return fail(Code::invalid, "the archive holds a folder or a link; only files are allowed");
    }
    return {};
}

}  // namespace

Result<Bytes> write_zip(const std::vector<ZipEntry>& entries, Instant changed_at) {
    if (entries.size() > kMaxEntries) return fail(Code::exhausted, "too many entries for a zip archive");
    Bytes out;
    Bytes directory;
    for (const ZipEntry& entry : entries) {
        TRY_DO(check_name(entry.name));
        if (out.size() + entry.content.size() > kMaxArchive) return fail(Code::exhausted, "the zip archive is too large");
        const Bytes described = description_of(entry, changed_at);
        put(directory, kCentralSignature, 4);
        put(directory, kMadeBy, 2);
        directory.insert(directory.end(), described.begin(), described.end());
        for (int field = 0; field < 3; ++field) put(directory, 0, 2);  // comment, disk, internal attributes
        put(directory, kPlainFile, 4);                                 // external attributes
        put(directory, out.size(), 4);
        directory.insert(directory.end(), entry.name.begin(), entry.name.end());

        put(out, kLocalSignature, 4);
        out.insert(out.end(), described.begin(), described.end());
        out.insert(out.end(), entry.name.begin(), entry.name.end());
        out.insert(out.end(), entry.content.begin(), entry.content.end());
    }
    const std::size_t begin = out.size();
    out.insert(out.end(), directory.begin(), directory.end());
    put(out, kEndSignature, 4);
    put(out, 0, 4);  // disks
    put(out, entries.size(), 2);
    put(out, entries.size(), 2);
    put(out, directory.size(), 4);
    put(out, begin, 4);
    put(out, 0, 2);  // comment
    return out;
}

Result<std::vector<ZipEntry>> read_zip(ByteSpan bytes, const ZipLimits& limits) {
    TRY(const ReadArchive a, open_zip(bytes, limits));
    std::vector<ZipEntry> entries;
    std::set<std::string, std::less<>> names;
    std::size_t total = 0;
    for (;;) {
        archive_entry* entry = nullptr;
        const int status = archive_read_next_header(a.get(), &entry);
        if (status == ARCHIVE_EOF) return entries;
        if (status != ARCHIVE_OK) return std::unexpected(error_of(a.get(), "the archive is damaged"));
        if (entries.size() == limits.entries) {
            return fail(Code::exhausted, format("the archive holds more than {} entries", limits.entries));
        }
        TRY_DO(check_entry(entry));
        const char* raw = archive_entry_pathname_utf8(entry);
        const std::string name = raw == nullptr ? "" : raw;
        TRY_DO(check_name(name));
        if (!names.insert(name).second) return fail(Code::invalid, format("the name \"{}\" stands twice in the archive", name));
        TRY(Bytes content, read_content(a.get(), name, limits.total - total, bytes.size(), limits));
        total += content.size();
        entries.push_back({name, std::move(content)});
    }
}

}  // namespace madang
