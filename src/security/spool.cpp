#include "security/spool.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <filesystem>
#include <ranges>
#include <thread>
#include <unordered_map>

#include "base/text.h"
#include "security/event.h"
#include "security/hunt_sieve.h"

namespace madang::security {
namespace {

constexpr std::uint32_t kMagic = 0x3142534d;               // "MSB1", little-endian
constexpr std::size_t kFilterBytes = 8192;                 // of a block
constexpr std::size_t kMaxRawBlock = 64U << 20;
constexpr std::size_t kMaxLine = 16U << 20;
constexpr std::size_t kMaxSource = 255;
constexpr int kFilterHashes = 4;
constexpr std::size_t kLongestIndexed = 19;               // letters of the longest of them

constexpr std::array<std::string_view, 24> kIndexed{"EventID", "Channel", "Computer", "Provider_Name", "User", "TargetUserName", "SubjectUserName", "LogonType", "IpAddress", "Image", "ParentImage", "DestinationIp",
                                                    "DestinationHostname", "QueryName", "hostname", "app_name", "c-ip", "cs-username", "sc-status", "src_ip", "dest_ip", "type", "event_type", "Hashes"};

// Little-endian as it lies in memory; the program runs on such machines only.
struct Header {
    std::uint32_t magic = kMagic;
    std::uint32_t packed = 0, raw = 0, records = 0;
    std::int64_t first = 0, last = 0;                       // microseconds since 1970
    std::uint64_t written_otherwise = 0;                    // 1: some lines spell texts otherwise than their fields do
    std::uint64_t filter_hash = 0;
    std::uint64_t header_hash = 0;                          // of all before
};
static_assert(sizeof(Header) == 56);

// FNV-1a, 64 bits: against damage, not against malice.
std::uint64_t hash_of(const void* data, std::size_t size, std::uint64_t hash = 0xcbf29ce484222325U) {
    const auto* bytes = static_cast<const unsigned char*>(data);
    for (std::size_t i = 0; i < size; ++i) hash = (hash ^ bytes[i]) * 0x100000001b3U;
    return hash;
}

std::uint64_t hash_of(const Header& header) { return hash_of(&header, offsetof(Header, header_hash)); }

using Filter = std::array<std::uint8_t, kFilterBytes>;

std::uint64_t hash_of_field(std::size_t field, std::string_view value) {
    std::uint64_t hash = 0xcbf29ce484222325U ^ (field * 0x9e3779b97f4a7c15U);
    for (const char c : value) {
        const auto small = static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
        hash = (hash ^ small) * 0x100000001b3U;
    }
    return hash ^ (hash >> 29U);
}

template <class Each>
void each_bit(std::uint64_t hash, const Each& each) {
    const std::uint64_t step = (hash >> 32U) | 1U;
    for (int i = 0; i < kFilterHashes; ++i) each((hash + static_cast<std::uint64_t>(i) * step) % (kFilterBytes * 8));
}

std::optional<std::size_t> indexed_place(std::string_view name) {
    static const std::unordered_map<std::string, std::size_t> places = [] {
        std::unordered_map<std::string, std::size_t> all;
        for (std::size_t i = 0; i < kIndexed.size(); ++i) all.emplace(to_lower(kIndexed[i]), i);
        return all;
    }();
    if (name.size() > kLongestIndexed) return std::nullopt;
    const auto found = places.find(to_lower(name));
    return found == places.end() ? std::nullopt : std::optional(found->second);
}

Result<void> parse_it(LineFormat format, std::string_view line, Event& event) {
    switch (format) {
        case LineFormat::json: return parse_json_line(line, {}, event);
        case LineFormat::syslog: return parse_syslog_line(line, event);
        case LineFormat::web_access: return parse_web_access_line(line, event);
        case LineFormat::web_error: return parse_web_error_line(line, event);
        case LineFormat::audit: return parse_audit_line(line, event);
        case LineFormat::zeek: break;   // a line without its head says nothing; it is kept as JSON
    }
    return fail(Code::invalid, "column 1: a format that has no lines of its own");
}

void add_to_filter(Filter& filter, const SpoolRecord& record, Event& event) {
    event.clear();
    (void)parse_record(record, event);   // what was read before a mistake counts
    for (std::size_t i = 0; i < event.size(); ++i) {
        const EventField field = event.at(i);
        if (field.null) continue;
        const auto place = indexed_place(field.name);
        if (!place) continue;
        each_bit(hash_of_field(*place, field.value), [&](std::uint64_t bit) { filter[bit / 8] |= static_cast<std::uint8_t>(1U << (bit % 8)); });
    }
}

bool may_hold(const std::uint8_t* filter, std::size_t field, std::string_view value) {
    bool all = true;
    each_bit(hash_of_field(field, value), [&](std::uint64_t bit) { all = all && (filter[bit / 8] & (1U << (bit % 8))) != 0; });
    return all;
}

// The audit trail writes texts in hexadecimal digits, JSON may write any letter as an escape.
bool is_written_otherwise(const SpoolRecord& record) {
    return record.format == LineFormat::audit || (record.format == LineFormat::json && record.line.find("\\u00") != std::string_view::npos);
}

template <class Number>
void put(std::string& out, Number number) {
    std::array<char, sizeof(Number)> bytes{};
    std::memcpy(bytes.data(), &number, sizeof(Number));
    out.append(bytes.data(), bytes.size());
}

template <class Number>
bool take(std::string_view& in, Number& number) {
    if (in.size() < sizeof(Number)) return false;
    std::memcpy(&number, in.data(), sizeof(Number));
    in.remove_prefix(sizeof(Number));
    return true;
}

bool take_text(std::string_view& in, std::size_t size, std::string_view& text) {
    if (in.size() < size) return false;
    text = in.substr(0, size);
    in.remove_prefix(size);
    return true;
}

// time i64, format u8, length of source u8, length of line u32, source, line
void put_record(std::string& raw, const SpoolRecord& record) {
    put(raw, static_cast<std::int64_t>(record.at.time_since_epoch().count()));
    put(raw, static_cast<std::uint8_t>(record.format));
    put(raw, static_cast<std::uint8_t>(record.source.size()));
    put(raw, static_cast<std::uint32_t>(record.line.size()));
    raw += record.source;
    raw += record.line;
}

bool take_record(std::string_view& raw, SpoolRecord& record) {
    std::int64_t at = 0;
    std::uint8_t format = 0;
    std::uint8_t source = 0;
    std::uint32_t line = 0;
    if (!take(raw, at) || !take(raw, format) || !take(raw, source) || !take(raw, line) || format >= static_cast<std::uint8_t>(LineFormat::zeek)) return false;
    record.at = Instant(std::chrono::microseconds(at));
    record.format = static_cast<LineFormat>(format);
    return take_text(raw, source, record.source) && take_text(raw, line, record.line);
}

std::string name_of(std::uint64_t number) { return format("{:012}.seg", number); }

Result<void> problem_at(const Path& path) { return fail(errno == ENOSPC ? Code::exhausted : Code::unavailable, format("{}: {}", path.string(), std::strerror(errno))); }

}  // namespace

Result<void> parse_record(const SpoolRecord& record, Event& event) {
    return is_utf8(record.line) ? parse_it(record.format, record.line, event) : parse_it(record.format, mended_utf8(record.line), event);
}

std::span<const std::string_view> indexed_fields() { return kIndexed; }

struct Spool::Block {
    Header header;
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
    ~Segment() {
        if (file >= 0) ::close(file);
    }
};

// The bytes of blocks, checked; its memory serves one after the other.
class Spool::BlockReader {
public:
    // The filter, and the block still packed.
    bool read(const Segment& segment, const Block& block) {
        packed_.resize(kFilterBytes + block.header.packed);
        const bool whole = ::pread(segment.file, packed_.data(), packed_.size(), static_cast<off_t>(block.at)) == static_cast<ssize_t>(packed_.size());
        return whole && hash_of(filter(), kFilterBytes) == block.header.filter_hash;
    }
    const std::uint8_t* filter() const { return reinterpret_cast<const std::uint8_t*>(packed_.data()); }
    // The records, until the next call.
    std::optional<std::string_view> unpack(const Block& block) {
        raw_.resize(block.header.raw);
        const std::size_t size = ZSTD_decompressDCtx(context_.get(), raw_.data(), raw_.size(), packed_.data() + kFilterBytes, block.header.packed);
        if (ZSTD_isError(size) != 0 || size != raw_.size()) return std::nullopt;
        return raw_;
    }

private:
    std::string packed_, raw_;
    std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context_{ZSTD_createDCtx(), ZSTD_freeDCtx};
};

struct Spool::Writer {
    int lock = -1;
    std::condition_variable changed;
    bool writing = false;
    ~Writer() {
        if (lock >= 0) ::close(lock);
    }
};

Spool::Spool(Path folder, SpoolSettings settings) : folder_(std::move(folder)), settings_(settings) {}
Spool::~Spool() = default;

Result<std::unique_ptr<Spool>> Spool::open(const Path& folder, const SpoolSettings& settings) {
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    if (problem) return fail(Code::unavailable, format("{}: {}", folder.string(), problem.message()));
    std::unique_ptr<Spool> spool(new Spool(folder, settings));
    spool->writer_ = std::make_unique<Writer>();
    spool->writer_->lock = ::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (spool->writer_->lock < 0) return std::unexpected(problem_at(folder / "lock").error());
    if (::flock(spool->writer_->lock, LOCK_EX | LOCK_NB) != 0) return fail(Code::conflict, format("{}: another process writes to it", folder.string()));
    TRY_DO(spool->load(true));
    return spool;
}

Result<std::unique_ptr<Spool>> Spool::open_to_read(const Path& folder) {
    if (!std::filesystem::is_directory(folder)) return fail(Code::not_found, format("{} is no folder of events", folder.string()));
    std::unique_ptr<Spool> spool(new Spool(folder, {}));
    TRY_DO(spool->load(false));
    return spool;
}

namespace {

// The place of the next mark of a block at `at` or behind it; `size` where there is none.
std::uint64_t next_mark(int file, std::uint64_t at, std::uint64_t size) {
    std::vector<char> bytes(65536);
    while (at + sizeof(Header) <= size) {
        const ssize_t got = ::pread(file, bytes.data(), bytes.size(), static_cast<off_t>(at));
        if (got < 4) return size;
        const std::string_view view(bytes.data(), static_cast<std::size_t>(got));
        const std::size_t found = view.find("MSB1");
        if (found != std::string_view::npos) return at + found;
        at += static_cast<std::uint64_t>(got) - 3;
    }
    return size;
}

bool is_all_zero(int file, std::uint64_t from, std::uint64_t to) {
    std::vector<char> bytes(65536);
    while (from < to) {
        const ssize_t got = ::pread(file, bytes.data(), std::min<std::uint64_t>(bytes.size(), to - from), static_cast<off_t>(from));
        if (got <= 0 || !std::ranges::all_of(std::span(bytes).first(static_cast<std::size_t>(got)), [](char c) { return c == 0; })) return false;
        from += static_cast<std::uint64_t>(got);
    }
    return true;
}

}  // namespace

Result<void> Spool::load(bool write) {
    std::vector<std::uint64_t> numbers;
    std::error_code problem;
    for (std::filesystem::directory_iterator at(folder_, problem), end; !problem && at != end; at.increment(problem)) {
        const std::string name = at->path().filename().string();
        if (name.size() != 16 || !name.ends_with(".seg") || name.find_first_not_of("0123456789") != 12) continue;
        numbers.push_back(std::stoull(name));
    }
    std::ranges::sort(numbers);
    for (const std::uint64_t number : numbers) TRY_DO(load_segment(number, write, number == numbers.back()));
    return {};
}

Result<void> Spool::load_segment(std::uint64_t number, bool write, bool newest) {
    auto segment = std::make_shared<Segment>();
    segment->number = number;
    segment->path = folder_ / name_of(number);
    segment->file = ::open(segment->path.c_str(), (write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    if (segment->file < 0) return problem_at(segment->path);
    struct stat about{};
    if (::fstat(segment->file, &about) != 0) return problem_at(segment->path);
    const auto size = static_cast<std::uint64_t>(about.st_size);
    std::uint64_t at = 0;
    bool in_damage = false;
    bool torn = false;        // a good header, and less behind it than it says
    while (at + sizeof(Header) <= size) {
        Block block;
        const bool read = ::pread(segment->file, &block.header, sizeof(Header), static_cast<off_t>(at)) == static_cast<ssize_t>(sizeof(Header));
        const bool good = read && block.header.magic == kMagic && block.header.header_hash == hash_of(block.header) && block.header.raw <= kMaxRawBlock;
        if (!good) {
            if (!in_damage) ++segment->damaged;
            in_damage = true;
            at = next_mark(segment->file, at + 1, size);
            continue;
        }
        block.at = at + sizeof(Header);
        const std::uint64_t end = block.at + kFilterBytes + block.header.packed;
        torn = end > size;
        if (torn) break;
        in_damage = false;
        segment->blocks.push_back(block);
        at = end;
        segment->size = end;
    }
    // Only what was never acknowledged is cut off: a block whose own header says that its end is missing, fewer bytes than any
    // block has, or room that was never written. All else may be a block that a flipped bit spoils.
    const std::uint64_t rest = size - segment->size;
    const bool unwritten = rest > 0 && ((torn && !in_damage) || rest < sizeof(Header) + kFilterBytes || is_all_zero(segment->file, segment->size, size));
    if (unwritten && in_damage) --segment->damaged;
    if (write && newest && unwritten && ::ftruncate(segment->file, static_cast<off_t>(segment->size)) != 0) return problem_at(segment->path);
    segment->closed = rest > 0 && !unwritten;
    segments_.push_back(std::move(segment));
    return {};
}

Result<void> Spool::write_block(std::string_view raw, std::span<const SpoolRecord> records) {
    Header header;
    header.raw = static_cast<std::uint32_t>(raw.size());
    header.records = static_cast<std::uint32_t>(records.size());
    header.first = INT64_MAX;
    header.last = INT64_MIN;
    Filter filter{};
    Event event;
    for (const SpoolRecord& one : records) {
        header.first = std::min<std::int64_t>(header.first, one.at.time_since_epoch().count());
        header.last = std::max<std::int64_t>(header.last, one.at.time_since_epoch().count());
        add_to_filter(filter, one, event);
        if (is_written_otherwise(one)) header.written_otherwise = 1;
    }
    std::string bytes(sizeof(Header) + kFilterBytes + ZSTD_compressBound(raw.size()), '\0');
    const std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, settings_.level);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
    const std::size_t packed = ZSTD_compress2(context.get(), bytes.data() + sizeof(Header) + kFilterBytes, bytes.size() - sizeof(Header) - kFilterBytes, raw.data(), raw.size());
    if (ZSTD_isError(packed) != 0) return fail(Code::unavailable, format("packing events: {}", ZSTD_getErrorName(packed)));
    header.packed = static_cast<std::uint32_t>(packed);
    header.filter_hash = hash_of(filter.data(), filter.size());
    header.header_hash = hash_of(header);
    std::memcpy(bytes.data(), &header, sizeof(Header));
    std::memcpy(bytes.data() + sizeof(Header), filter.data(), filter.size());
    bytes.resize(sizeof(Header) + kFilterBytes + packed);
    std::shared_ptr<Segment> segment;
    {
        const std::lock_guard lock(mutex_);
        if (!segments_.empty() && !segments_.back()->closed && segments_.back()->size < settings_.segment_bytes) segment = segments_.back();
    }
    const bool fresh = segment == nullptr;
    if (fresh) {
        segment = std::make_shared<Segment>();
        {
            const std::lock_guard lock(mutex_);
            segment->number = segments_.empty() ? 1 : segments_.back()->number + 1;
        }
        segment->path = folder_ / name_of(segment->number);
        segment->file = ::open(segment->path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (segment->file < 0) return problem_at(segment->path);
    }
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t wrote = ::pwrite(segment->file, bytes.data() + done, bytes.size() - done, static_cast<off_t>(segment->size + done));
        if (wrote <= 0) {
            if (wrote < 0 && errno == EINTR) continue;
            const auto failed = problem_at(segment->path);
            // The next block is written over what stays; on opening it is cut off.
            if (::ftruncate(segment->file, static_cast<off_t>(segment->size)) != 0) return problem_at(segment->path);
            return failed;
        }
        done += static_cast<std::size_t>(wrote);
    }
    if (::fdatasync(segment->file) != 0) return problem_at(segment->path);
    if (fresh) {
        const int folder = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder >= 0) {
            (void)::fsync(folder);
            ::close(folder);
        }
    }
    const std::lock_guard lock(mutex_);
    segment->blocks.push_back({header, segment->size + sizeof(Header)});
    segment->size += bytes.size();
    if (fresh) segments_.push_back(std::move(segment));
    grown_.notify_all();
    return {};
}

std::size_t Spool::max_line() const { return kMaxLine; }

Result<void> Spool::append(std::span<const SpoolRecord> records) {
    if (!writer_) return fail(Code::conflict, "the events are open for reading only");
    for (const SpoolRecord& one : records) {
        if (one.format == LineFormat::zeek) return fail(Code::invalid, "a table of Zeek is kept as JSON lines");
        if (one.line.size() > kMaxLine || one.source.size() > kMaxSource) return fail(Code::exhausted, format("a line has at most {} bytes and the name of a source {}", kMaxLine, kMaxSource));
    }
    std::string raw;
    std::size_t from = 0;
    Result<void> result;
    // A batch larger than a block is several; none of a caller's records is acknowledged before all are on disk.
    std::unique_lock lock(mutex_);
    writer_->changed.wait(lock, [&] { return !writer_->writing; });
    writer_->writing = true;
    lock.unlock();
    for (std::size_t i = 0; i < records.size() && result; ++i) {
        put_record(raw, records[i]);
        if (raw.size() < settings_.block_bytes && i + 1 < records.size()) continue;
        result = write_block(raw, records.subspan(from, i + 1 - from));
        from = i + 1;
        raw.clear();
    }
    lock.lock();
    writer_->writing = false;
    lock.unlock();
    writer_->changed.notify_one();
    return result;
}

Result<SpoolCounts> Spool::search(const SpoolQuery& query, std::size_t threads, const Use& use) const {
    struct Work {
        std::shared_ptr<Segment> segment;
        Block block;
    };
    std::vector<Work> work;
    SpoolCounts counts;
    std::vector<std::pair<std::size_t, std::string>> is;
    for (const FieldIs& one : query.is) {
        if (const auto place = indexed_place(one.field)) is.emplace_back(*place, one.value);
    }
    {
        const std::lock_guard lock(mutex_);
        for (const auto& segment : segments_) {
            ++counts.segments;
            counts.blocks += segment->blocks.size();
            counts.damaged_blocks += segment->damaged;
            for (const Block& block : segment->blocks) {
                const bool apart = Instant(std::chrono::microseconds(block.header.last)) < query.from || Instant(std::chrono::microseconds(block.header.first)) >= query.until;
                if (!apart) work.push_back({segment, block});
            }
        }
    }
    std::atomic<std::size_t> next{0};
    std::atomic<std::uint64_t> opened{0}, damaged{0}, looked{0}, bytes{0};
    const auto run = [&](std::size_t thread) {
        BlockReader reader;
        std::optional<HuntSieve::Pass> sieve;
        if (query.sieve) sieve.emplace(*query.sieve);
        for (std::size_t i = next++; i < work.size(); i = next++) {
            const Block& block = work[i].block;
            if (!reader.read(*work[i].segment, block)) {
                ++damaged;
                continue;
            }
            if (!std::ranges::all_of(is, [&](const auto& one) { return may_hold(reader.filter(), one.first, one.second); })) continue;
            const auto unpacked = reader.unpack(block);
            if (!unpacked) {
                ++damaged;
                continue;
            }
            const std::string_view raw = *unpacked;
            ++opened;
            bytes += raw.size();
            // Most blocks hold no needle at all: they are left in one pass over their bytes.
            const bool hints = block.header.written_otherwise == 0;
            const auto in_block = [&](const std::string& needle) { return ::memmem(raw.data(), raw.size(), needle.data(), needle.size()) != nullptr; };
            if (!std::ranges::all_of(query.contains, in_block) || (hints && !std::ranges::all_of(query.hints, in_block))) {
                looked += block.header.records;
                continue;
            }
            if (sieve) sieve->enter(raw, !hints);
            std::string_view rest = raw;
            SpoolRecord record;
            while (take_record(rest, record)) {
                ++looked;
                if (sieve && !sieve->may_fit(record)) continue;
                if (record.at < query.from || record.at >= query.until) continue;
                const auto in_line = [&](const std::string& needle) { return ::memmem(record.line.data(), record.line.size(), needle.data(), needle.size()) != nullptr; };
                if (std::ranges::all_of(query.contains, in_line) && (!hints || std::ranges::all_of(query.hints, in_line))) use(thread, record);
            }
        }
    };
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < std::max<std::size_t>(1, threads); ++i) others.emplace_back(run, i);
    run(0);
    for (std::thread& one : others) one.join();
    counts.blocks_opened = opened;
    counts.damaged_blocks += damaged;
    counts.records = looked;
    counts.raw_bytes = bytes;
    return counts;
}

std::string to_text(SpoolPlace place) { return format("{}:{}", place.segment, place.offset); }

Result<SpoolPlace> parse_place(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return fail(Code::invalid, "a place in the events is SEGMENT:OFFSET");
    TRY(const std::uint64_t segment, parse_decimal(text.substr(0, colon)));
    TRY(const std::uint64_t offset, parse_decimal(text.substr(colon + 1)));
    return SpoolPlace{segment, offset};
}

std::optional<std::pair<std::shared_ptr<Spool::Segment>, std::size_t>> Spool::first_behind(SpoolPlace after) const {
    auto at = std::ranges::lower_bound(segments_, after.segment, {}, [](const auto& one) { return one->number; });
    for (; at != segments_.end(); ++at) {
        const std::uint64_t offset = (*at)->number == after.segment ? after.offset : 0;
        const auto block = std::ranges::upper_bound((*at)->blocks, offset, {}, &Block::at);
        if (block != (*at)->blocks.end()) return std::pair{*at, static_cast<std::size_t>(block - (*at)->blocks.begin())};
    }
    return std::nullopt;
}

Result<std::optional<SpoolPlace>> Spool::read_behind(SpoolPlace after, const UseInOrder& use, SpoolPlace last) const {
    BlockReader reader;
    for (;;) {
        std::shared_ptr<Segment> segment;
        Block block;
        {
            const std::lock_guard lock(mutex_);
            const auto found = first_behind(after);
            if (!found) return std::nullopt;
            segment = found->first;
            block = segment->blocks[found->second];
        }
        after = {segment->number, block.at};
        if (after > last) return std::nullopt;
        const auto raw = reader.read(*segment, block) ? reader.unpack(block) : std::nullopt;
        if (!raw) {
            ++damaged_read_;
            continue;
        }
        std::string_view rest = *raw;
        SpoolRecord record;
        for (std::uint32_t number = 0; take_record(rest, record); ++number) use(record, after, number);
        return after;
    }
}

bool Spool::wait_behind(SpoolPlace after, const std::stop_token& stop, std::chrono::milliseconds at_most) const {
    std::unique_lock lock(mutex_);
    return grown_.wait_for(lock, stop, at_most, [&] { return first_behind(after).has_value(); });
}

SpoolPlace Spool::newest() const {
    const std::lock_guard lock(mutex_);
    for (const auto& segment : segments_ | std::views::reverse) {
        if (!segment->blocks.empty()) return {segment->number, segment->blocks.back().at};
    }
    return {};
}

SpoolPlace Spool::place_before(Instant at, std::size_t blocks, SpoolPlace last) const {
    const std::lock_guard lock(mutex_);
    std::deque<SpoolPlace> newest;    // one more than asked for
    std::optional<SpoolPlace> place;
    SpoolPlace before;
    for (const auto& segment : segments_) {
        for (const Block& block : segment->blocks) {
            const SpoolPlace here{segment->number, block.at};
            if (here > last) break;
            if (!place && Instant(std::chrono::microseconds(block.header.last)) >= at) place = before;
            before = here;
            newest.push_back(before);
            if (newest.size() > blocks + 1) newest.pop_front();
        }
    }
    if (!place) return before;
    return newest.size() > blocks ? std::max(*place, newest.front()) : *place;
}

std::uint64_t Spool::records_behind(SpoolPlace after) const {
    const std::lock_guard lock(mutex_);
    std::uint64_t records = 0;
    for (const auto& segment : segments_ | std::views::reverse) {
        for (const Block& block : segment->blocks | std::views::reverse) {
            if (SpoolPlace{segment->number, block.at} <= after) return records;
            records += block.header.records;
        }
    }
    return records;
}

std::vector<SegmentFacts> Spool::segments() const {
    const std::lock_guard lock(mutex_);
    std::vector<SegmentFacts> all;
    for (const auto& segment : segments_) {
        SegmentFacts facts{.number = segment->number, .packed = segment->size, .blocks = segment->blocks.size(), .damaged = segment->damaged};
        for (const Block& block : segment->blocks) {
            facts.raw += block.header.raw;
            facts.records += block.header.records;
            facts.first = std::min(facts.first, Instant(std::chrono::microseconds(block.header.first)));
            facts.last = std::max(facts.last, Instant(std::chrono::microseconds(block.header.last)));
        }
        struct stat about{};
        if (::fstat(segment->file, &about) == 0) facts.changed = Instant(std::chrono::seconds(about.st_mtim.tv_sec) + std::chrono::microseconds(about.st_mtim.tv_nsec / 1000));
        all.push_back(facts);
    }
    return all;
}

std::uint64_t Spool::damaged_blocks() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t all = damaged_read_;
    for (const auto& segment : segments_) all += segment->damaged;
    return all;
}

Result<SpoolGone> Spool::retain(Instant now) {
    if (!writer_) return fail(Code::conflict, "the events are open for reading only");
    const auto all = segments();
    std::uint64_t total = 0;
    for (const SegmentFacts& one : all) total += one.packed;
    SpoolGone gone;
    // Each is judged for itself. The newest stays: it is being written.
    for (std::size_t i = 0; i + 1 < all.size(); ++i) {
        const SegmentFacts& one = all[i];
        const bool empty = one.blocks == 0 && one.damaged == 0;
        if (!empty && now - one.changed <= settings_.keep_for && total <= settings_.keep_bytes) continue;
        const std::lock_guard lock(mutex_);
        const auto place = std::ranges::find(segments_, one.number, &Segment::number);
        if (place == segments_.end()) continue;
        // A search that runs keeps the file open and ends well.
        if (::unlink((*place)->path.c_str()) != 0) return std::unexpected(problem_at((*place)->path).error());
        segments_.erase(place);
        total -= one.packed;
        ++gone.segments;
        gone.records += one.records;
        gone.packed += one.packed;
    }
    return gone;
}

}  // namespace madang::security
