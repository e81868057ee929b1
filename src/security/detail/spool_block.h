// What a block of the spool is made of: its header, its filter and its records as bytes (docs/formats/spool.md).
#pragma once

#include <zstd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "security/spool.h"

namespace madang::security {

inline constexpr std::uint32_t kSpoolMagic = 0x3142534d;        // "MSB1", little-endian
inline constexpr std::size_t kSpoolFilterBytes = 8192;          // of a block
inline constexpr std::size_t kMaxRawBlock = 64U << 20;

// Little-endian as it lies in memory; the program runs on such machines only.
struct SpoolBlockHeader {
    std::uint32_t magic = kSpoolMagic;
    std::uint32_t packed = 0, raw = 0, records = 0;
    std::int64_t first = 0, last = 0;                       // microseconds since 1970
    std::uint64_t written_otherwise = 0;                    // 1: some lines spell texts otherwise than their fields do
    std::uint64_t filter_hash = 0;
    std::uint64_t header_hash = 0;                          // of all before
};
static_assert(sizeof(SpoolBlockHeader) == 56);

// FNV-1a, 64 bits: against damage, not against malice.
std::uint64_t spool_hash(const void* data, std::size_t size);
std::uint64_t spool_hash(const SpoolBlockHeader& header);

std::string name_of_segment(std::uint64_t number);
// What errno says of a file; Code::exhausted where there is no room.
Result<void> spool_problem(const Path& path);

// Which values of indexed fields a block may hold (a Bloom filter).
using SpoolFilter = std::array<std::uint8_t, kSpoolFilterBytes>;
void add_to_filter(SpoolFilter& filter, const SpoolRecord& record, Event& event);
bool may_hold(const std::uint8_t* filter, std::size_t field, std::string_view value);
// The place of an indexed field among indexed_fields(), however its letters are written.
std::optional<std::size_t> indexed_place(std::string_view name);
// The audit trail writes texts in hexadecimal digits, JSON may write any letter as an escape.
bool is_written_otherwise(const SpoolRecord& record);

void put_record(std::string& raw, const SpoolRecord& record);
// The next one, of which it is taken away; false for what is none.
bool take_record(std::string_view& raw, SpoolRecord& record);

struct Spool::Block {
    SpoolBlockHeader header;
    std::uint64_t at = 0;    // of the filter, in the file; the packed bytes follow it
};

struct Spool::Segment {
    Path path;
    std::uint64_t number = 0;
    int file = -1;
    std::uint64_t size = 0;
    std::uint64_t damaged = 0;
    bool closed = false;         // nothing is written behind what it holds
    std::vector<Block> blocks;
    Segment() = default;
    Segment(const Segment&) = delete;
    Segment& operator=(const Segment&) = delete;
    ~Segment();
};

// The bytes of blocks, checked; its memory serves one after the other.
class Spool::BlockReader {
public:
    // The filter, and the block still packed.
    bool read(const Segment& segment, const Block& block);
    const std::uint8_t* filter() const { return reinterpret_cast<const std::uint8_t*>(packed_.data()); }
    // The records, until the next call.
    std::optional<std::string_view> unpack(const Block& block);

private:
    std::string packed_, raw_;
    std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context_{ZSTD_createDCtx(), ZSTD_freeDCtx};
};

}  // namespace madang::security
