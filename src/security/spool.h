// Where events stay: append-only segments of blocks packed with Zstandard, each block with its hash, its times and a filter of
// what some fields hold, so that a search opens only blocks that can have an answer.
//
//   FOLDER/000000000001.seg, …     docs/formats/spool.md has the bytes
//
//   TRY(auto spool, Spool::open(folder, {}));
//   TRY_DO(spool->append(records));          // on disk when it returns
//   TRY(auto counts, spool->search({.from = yesterday}, threads, use));
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "security/event_lines.h"

namespace madang::security {

// An event as it came, one line.
struct SpoolRecord {
    Instant at{};                    // by the event's own word, else when it came
    LineFormat format = LineFormat::json;
    std::string_view source;         // who sent it: at most 255 bytes
    std::string_view line;           // without its end; at most 16 MB
};

// The fields of its line.
Result<void> parse_record(const SpoolRecord& record, Event& event);

struct SpoolSettings {
    std::uint64_t segment_bytes = 256U << 20;     // packed; then a new one begins
    std::uint64_t block_bytes = 1U << 20;         // of raw text, at most about
    std::uint64_t keep_bytes = std::uint64_t{100} << 30;
    std::chrono::seconds keep_for = std::chrono::hours(24 * 365);
    int level = 1;                                // of Zstandard
};

// Fields whose values the blocks' filters know; spelled as sources spell them, small and capital letters alike.
std::span<const std::string_view> indexed_fields();

struct FieldIs {
    std::string field, value;        // of an indexed field; letters' size does not count
};

struct SpoolQuery {
    Instant from = Instant::min();
    Instant until = Instant::max();          // not included
    std::vector<std::string> contains = {};  // bytes that the line must hold as it came, each
    // Texts without which no line is asked for. They are not looked for in lines that may spell them otherwise (escapes of JSON,
    // hexadecimal digits of the audit trail).
    std::vector<std::string> hints = {};
    std::vector<FieldIs> is = {};            // all of them
};

struct SpoolCounts {
    std::uint64_t segments = 0, blocks = 0, blocks_opened = 0, damaged_blocks = 0;
    std::uint64_t records = 0;               // looked at
    std::uint64_t raw_bytes = 0;             // of the blocks that were opened
};

struct SegmentFacts {
    std::uint64_t number = 0;
    std::uint64_t packed = 0, raw = 0, records = 0, blocks = 0, damaged = 0;
    Instant first = Instant::max(), last = Instant::min();
};

class Spool {
public:
    // One writer at a time: Code::conflict while another process has it open for writing. A block that was cut off by a crash was
    // never acknowledged and is taken away.
    static Result<std::unique_ptr<Spool>> open(const Path& folder, const SpoolSettings& settings);
    static Result<std::unique_ptr<Spool>> open_to_read(const Path& folder);
    ~Spool();
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;

    // On disk when it returns; what fails leaves whole blocks of the batch at most. Safe to call from several threads.
    Result<void> append(std::span<const SpoolRecord> records);

    // `use` is called from `threads` threads at once, for each record that fits the query, in no order across blocks.
    using Use = std::function<void(std::size_t thread, const SpoolRecord&)>;
    Result<SpoolCounts> search(const SpoolQuery& query, std::size_t threads, const Use& use) const;

    std::vector<SegmentFacts> segments() const;
    // Takes away whole segments: those that are older than is kept, then the oldest until all fit. How many went.
    Result<std::size_t> retain(Instant now);

private:
    struct Block;
    struct Segment;
    struct Writer;
    explicit Spool(Path folder, SpoolSettings settings);
    Result<void> load(bool write);
    Result<void> write_block(std::string_view raw, std::span<const SpoolRecord> records);

    Path folder_;
    SpoolSettings settings_;
    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<Segment>> segments_;
    std::unique_ptr<Writer> writer_;
};

}  // namespace madang::security
