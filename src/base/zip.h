// Zip archives (ISO/IEC 21320-1): written stored and with the same bytes for the same entries, read as a
// hostile file. No other room includes libarchive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

namespace madang {

struct ZipEntry {
    std::string name;        // a relative path with "/"
    Bytes content;
};

struct ZipLimits {
    std::size_t archive = 64U << 20;    // bytes of the archive
    std::size_t entries = 1000;
    std::size_t total = 64U << 20;      // bytes of all contents together
    std::size_t ratio = 100;            // unpacked to packed, beyond the first megabyte
};

// Entries stand in the order given, uncompressed and without extra fields; `changed_at` is the date of
// all of them, from 1980 on. At most 65,535 entries and 4 GB together.
Result<Bytes> write_zip(const std::vector<ZipEntry>& entries, Instant changed_at);

// Regular files only, in the archive's order. Code::invalid on what is not a zip archive, on a damaged
// or encrypted entry, a folder, a link, a name that is absolute, has "..", or control characters or
// stands twice; Code::exhausted beyond a limit. Nothing is written anywhere.
Result<std::vector<ZipEntry>> read_zip(ByteSpan archive, const ZipLimits& limits = {});

}  // namespace madang
