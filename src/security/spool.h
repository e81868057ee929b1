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
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "security/event_lines.h"

namespace madang::security {

class HuntSieve;   // hunt_sieve.h

inline constexpr std::size_t kMaxSource = 255;   // bytes

// An event as it came, one line.
struct SpoolRecord {
    Instant at{};                    // by the event's own word, else when it came
    LineFormat format = LineFormat::json;
    std::string_view source;         // who sent it: at most kMaxSource
    std::string_view line;           // without its end; at most 16 MB
};

// The fields of its line; bytes that are not UTF-8 are read as U+FFFD, as everywhere where rules look.
Result<void> parse_record(const SpoolRecord& record, Event& event);

struct SpoolSettings {
    std::uint64_t segment_bytes = 256U << 20;     // packed; then a new one begins
    std::uint64_t block_bytes = 1U << 20;         // of raw text, at most about
    std::uint64_t keep_bytes = std::uint64_t{100} << 30;
    std::chrono::seconds keep_for = std::chrono::hours(24 * 365);
    // By how much more all may grow while a reader that must see everything is behind: only beyond it goes what was not read.
    std::uint64_t keep_unread_bytes = std::uint64_t{10} << 30;
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
    std::shared_ptr<const HuntSieve> sieve = {};   // passes over lines that cannot fit
};

struct SpoolCounts {
    std::uint64_t segments = 0, blocks = 0, blocks_opened = 0, damaged_blocks = 0;
    std::uint64_t records = 0;               // looked at
    std::uint64_t raw_bytes = 0;             // of the blocks that were opened
};

// What was taken away.
struct SpoolGone {
    std::uint64_t segments = 0, records = 0, packed = 0;
    std::uint64_t unread = 0;                // of the records: nobody had read them
    friend bool operator==(const SpoolGone&, const SpoolGone&) = default;
};

struct SegmentFacts {
    std::uint64_t number = 0;
    std::uint64_t packed = 0, raw = 0, records = 0, blocks = 0, damaged = 0;
    Instant first = Instant::max(), last = Instant::min();   // by the events' own word
    Instant changed{};                                       // when the last of them arrived, as its file says
};

// A block: where readers that follow the spool are.
struct SpoolPlace {
    std::uint64_t segment = 0, offset = 0;
    friend auto operator<=>(const SpoolPlace&, const SpoolPlace&) = default;
};
inline constexpr SpoolPlace kEndOfSpool{UINT64_MAX, UINT64_MAX};
// "12:104857"; and back, Code::invalid for what is none.
std::string to_text(SpoolPlace place);
Result<SpoolPlace> parse_place(std::string_view text);

// Where events go that were taken in.
class EventSink {
public:
    virtual ~EventSink() = default;
    // Kept for good when it returns. Where it fails, some of the records may be kept all the same. Safe to call from several threads.
    virtual Result<void> append(std::span<const SpoolRecord> records) = 0;
    virtual std::size_t max_line() const = 0;        // bytes; a longer line is never kept
};

class Spool final : public EventSink {
public:
    // One writer at a time: Code::conflict while another process has it open for writing. A block that was cut off by a crash was
    // never acknowledged and is taken away; what may be a damaged one stays, is counted, and a new segment begins behind it.
    static Result<std::unique_ptr<Spool>> open(const Path& folder, const SpoolSettings& settings);
    static Result<std::unique_ptr<Spool>> open_to_read(const Path& folder);
    ~Spool() override;
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;

    // On disk when it returns; what fails leaves whole blocks of the batch at most. Safe to call from several threads: those that come
    // while another writes share blocks and one wait for the disk, and each is told for itself whether all its records are there.
    Result<void> append(std::span<const SpoolRecord> records) override;
    std::size_t max_line() const override;

    // `use` is called from `threads` threads at once, for each record that fits the query, in no order across blocks.
    using Use = std::function<void(std::size_t thread, const SpoolRecord&)>;
    Result<SpoolCounts> search(const SpoolQuery& query, std::size_t threads, const Use& use) const;

    // Follows the spool in the order of writing: the records of the first whole block behind `after`, each with the place of the
    // block and its number in it from 0, and that place; nothing where there is none yet. Damaged blocks are passed over.
    using UseInOrder = std::function<void(const SpoolRecord&, SpoolPlace place, std::uint32_t number)>;
    // Blocks behind `last` are left alone.
    Result<std::optional<SpoolPlace>> read_behind(SpoolPlace after, const UseInOrder& use, SpoolPlace last = kEndOfSpool) const;
    // False where nothing came until then.
    bool wait_behind(SpoolPlace after, const std::stop_token& stop, std::chrono::milliseconds at_most) const;
    SpoolPlace newest() const;                       // {} where there is no block
    // Behind which all blocks up to `last` stand that hold something of this moment or later, and no more of them than hold so many records.
    SpoolPlace place_before(Instant at, std::uint64_t records, SpoolPlace last = kEndOfSpool) const;
    std::uint64_t records_behind(SpoolPlace after) const;

    std::vector<SegmentFacts> segments() const;
    // Blocks that cannot be read, as far as is known: on opening and by those who follow.
    std::uint64_t damaged_blocks() const;
    // Takes away whole segments: each whose last event arrived longer ago than is kept, whatever time the events state, then the
    // oldest until all fit. The newest stays, and what stands behind `read` until the margin for it is used up too.
    Result<SpoolGone> retain(Instant now, SpoolPlace read = kEndOfSpool);

private:
    struct Block;
    struct Segment;
    class Writer;
    class BlockReader;
    std::optional<std::pair<std::shared_ptr<Segment>, std::size_t>> first_behind(SpoolPlace after) const;   // while mutex_ is held
    std::uint64_t unread_in(std::uint64_t number, SpoolPlace read) const;
    explicit Spool(Path folder, SpoolSettings settings);
    Result<void> load(bool write);
    Result<void> load_segment(std::uint64_t number, bool write, bool newest);

    Path folder_;
    SpoolSettings settings_;
    mutable std::mutex mutex_;
    mutable std::condition_variable_any grown_;
    std::vector<std::shared_ptr<Segment>> segments_;
    mutable std::atomic<std::uint64_t> damaged_read_{0};   // blocks that followers passed over
    std::unique_ptr<Writer> writer_;
};

}  // namespace madang::security
