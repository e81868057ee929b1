#include "security/spool.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "security/detail/spool_writer.h"

namespace madang::security {

Spool::Spool(Path folder, SpoolSettings settings) : folder_(std::move(folder)), settings_(settings) {}
Spool::~Spool() = default;

Result<std::unique_ptr<Spool>> Spool::open(const Path& folder, const SpoolSettings& settings) {
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    if (problem) return fail(Code::unavailable, format("{}: {}", folder.string(), problem.message()));
    std::unique_ptr<Spool> spool(new Spool(folder, settings));
    const int lock = ::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) return std::unexpected(spool_problem(folder / "lock").error());
    spool->writer_ = std::make_unique<Writer>(*spool, lock);
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) return fail(Code::conflict, format("{}: another process writes to it", folder.string()));
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
    while (at + sizeof(SpoolBlockHeader) <= size) {
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
    segment->path = folder_ / name_of_segment(number);
    segment->file = ::open(segment->path.c_str(), (write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    if (segment->file < 0) return spool_problem(segment->path);
    struct stat about{};
    if (::fstat(segment->file, &about) != 0) return spool_problem(segment->path);
    const auto size = static_cast<std::uint64_t>(about.st_size);
    std::uint64_t at = 0;
    bool in_damage = false;
    bool torn = false;        // a good header, and less behind it than it says
    while (at + sizeof(SpoolBlockHeader) <= size) {
        Block block;
        const bool read = ::pread(segment->file, &block.header, sizeof(SpoolBlockHeader), static_cast<off_t>(at)) == static_cast<ssize_t>(sizeof(SpoolBlockHeader));
        const bool good = read && block.header.magic == kSpoolMagic && block.header.header_hash == spool_hash(block.header) && block.header.raw <= kMaxRawBlock;
        if (!good) {
            if (!in_damage) ++segment->damaged;
            in_damage = true;
            at = next_mark(segment->file, at + 1, size);
            continue;
        }
        block.at = at + sizeof(SpoolBlockHeader);
        const std::uint64_t end = block.at + kSpoolFilterBytes + block.header.packed;
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
    const bool unwritten = rest > 0 && ((torn && !in_damage) || rest < sizeof(SpoolBlockHeader) + kSpoolFilterBytes || is_all_zero(segment->file, segment->size, size));
    if (unwritten && in_damage) --segment->damaged;
    if (write && newest && unwritten && ::ftruncate(segment->file, static_cast<off_t>(segment->size)) != 0) return spool_problem(segment->path);
    segment->closed = rest > 0 && !unwritten;
    segments_.push_back(std::move(segment));
    return {};
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

std::uint64_t Spool::unread_in(std::uint64_t number, SpoolPlace read) const {
    const std::lock_guard lock(mutex_);
    const auto segment = std::ranges::find(segments_, number, &Segment::number);
    std::uint64_t records = 0;
    if (segment == segments_.end()) return 0;
    for (const Block& block : (*segment)->blocks) {
        if (SpoolPlace{number, block.at} > read) records += block.header.records;
    }
    return records;
}

Result<SpoolGone> Spool::retain(Instant now, SpoolPlace read) {
    if (!writer_) return fail(Code::conflict, "the events are open for reading only");
    const auto all = segments();
    std::uint64_t total = 0;
    for (const SegmentFacts& one : all) total += one.packed;
    SpoolGone gone;
    // Each is judged for itself. The newest stays: it is being written.
    for (std::size_t i = 0; i + 1 < all.size(); ++i) {
        const SegmentFacts& one = all[i];
        const bool empty = one.blocks == 0 && one.damaged == 0;
        const std::uint64_t unread = unread_in(one.number, read);
        const bool too_old = now - one.changed > settings_.keep_for;
        const bool too_much = total > settings_.keep_bytes;
        const bool goes = unread == 0 ? empty || too_old || too_much : too_much && total - settings_.keep_bytes > settings_.keep_unread_bytes;
        if (!goes) continue;
        const std::lock_guard lock(mutex_);
        const auto place = std::ranges::find(segments_, one.number, &Segment::number);
        if (place == segments_.end()) continue;
        // A search that runs keeps the file open and ends well.
        if (::unlink((*place)->path.c_str()) != 0) return std::unexpected(spool_problem((*place)->path).error());
        segments_.erase(place);
        total -= one.packed;
        ++gone.segments;
        gone.records += one.records;
        gone.packed += one.packed;
        gone.unread += unread;
    }
    return gone;
}

}  // namespace madang::security
