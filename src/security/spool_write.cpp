#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "security/detail/spool_writer.h"

namespace madang::security {
namespace {

constexpr std::size_t kMaxLine = 16U << 20;
constexpr std::uint64_t kGroupBytes = 4U << 20;   // raw, of callers that are written together: none waits long for the others

// So that the name of a new file outlives a crash.
Result<void> sync_folder(const Path& folder) {
    const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) return spool_problem(folder);
    const auto synced = ::fsync(file) == 0 ? Result<void>() : spool_problem(folder);
    ::close(file);
    return synced;
}

}  // namespace

Spool::Writer::~Writer() {
    if (lock_ >= 0) ::close(lock_);
}

std::size_t Spool::max_line() const { return kMaxLine; }

Result<void> Spool::append(std::span<const SpoolRecord> records) {
    if (!writer_) return fail(Code::conflict, "the events are open for reading only");
    for (const SpoolRecord& one : records) {
        if (one.format == LineFormat::zeek) return fail(Code::invalid, "a table of Zeek is kept as JSON lines");
        if (one.line.size() > kMaxLine || one.source.size() > kMaxSource) return fail(Code::exhausted, format("a line has at most {} bytes and the name of a source {}", kMaxLine, kMaxSource));
    }
    if (records.empty()) return {};
    return writer_->append(records);
}

Result<void> Spool::Writer::append(std::span<const SpoolRecord> records) {
    Caller own{.records = records};
    for (const SpoolRecord& one : records) own.bytes += one.line.size() + one.source.size();
    std::unique_lock lock(mutex_);
    queue_.push_back(&own);
    own.turn.wait(lock, [&] { return own.done || queue_.front() == &own; });
    if (own.done) return own.result;
    const std::vector<Caller*> group = first_in_queue();
    lock.unlock();
    write(group);
    lock.lock();
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(group.size()));
    // While the lock is held: one that is done may go away as soon as it knows.
    for (Caller* const one : group) {
        one->done = true;
        if (one != &own) one->turn.notify_one();
    }
    if (!queue_.empty()) queue_.front()->turn.notify_one();
    return own.result;
}

std::vector<Spool::Writer::Caller*> Spool::Writer::first_in_queue() const {
    std::vector<Caller*> group;
    std::uint64_t bytes = 0;
    for (Caller* const one : queue_) {
        bytes += one->bytes;
        if (!group.empty() && bytes > kGroupBytes) break;
        group.push_back(one);
    }
    return group;
}

// Blocks do not end where a caller's records do. Those of whom all records are on disk are told so, also where later ones found no room.
void Spool::Writer::write(const std::vector<Caller*>& group) {
    settled_ = 0;
    begin_block();
    Result<void> failed;
    for (const Caller* const one : group) {
        for (const SpoolRecord& record : one->records) {
            if (!failed) break;
            add(record);
            if (raw_.size() >= spool_.settings_.block_bytes) failed = put_block();
        }
    }
    if (failed && !raw_.empty()) failed = put_block();
    const auto settled = settle();
    if (failed) failed = settled;
    std::uint64_t upto = 0;
    for (Caller* const one : group) {
        upto += one->records.size();
        one->result = upto <= settled_ ? Result<void>() : failed;
    }
}

void Spool::Writer::begin_block() {
    raw_.clear();
    header_ = {.first = INT64_MAX, .last = INT64_MIN};
    filter_.fill(0);
}

void Spool::Writer::add(const SpoolRecord& record) {
    put_record(raw_, record);
    add_to_filter(filter_, record, event_);
    ++header_.records;
    header_.first = std::min<std::int64_t>(header_.first, record.at.time_since_epoch().count());
    header_.last = std::max<std::int64_t>(header_.last, record.at.time_since_epoch().count());
    if (is_written_otherwise(record)) header_.written_otherwise = 1;
}

Result<void> Spool::Writer::put_block() {
    constexpr std::size_t kBefore = sizeof(SpoolBlockHeader) + kSpoolFilterBytes;
    packed_.resize(kBefore + ZSTD_compressBound(raw_.size()));
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, spool_.settings_.level);
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
    const std::size_t size = ZSTD_compress2(context_.get(), packed_.data() + kBefore, packed_.size() - kBefore, raw_.data(), raw_.size());
    if (ZSTD_isError(size) != 0) return fail(Code::unavailable, format("packing events: {}", ZSTD_getErrorName(size)));
    packed_.resize(kBefore + size);
    header_.raw = static_cast<std::uint32_t>(raw_.size());
    header_.packed = static_cast<std::uint32_t>(size);
    header_.filter_hash = spool_hash(filter_.data(), filter_.size());
    header_.header_hash = spool_hash(header_);
    std::memcpy(packed_.data(), &header_, sizeof(SpoolBlockHeader));
    std::memcpy(packed_.data() + sizeof(SpoolBlockHeader), filter_.data(), filter_.size());
    TRY_DO(find_room());
    for (std::size_t done = 0; done < packed_.size();) {
        const ssize_t wrote = ::pwrite(segment_->file, packed_.data() + done, packed_.size() - done, static_cast<off_t>(end_ + done));
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) {
            const auto problem = spool_problem(segment_->path);
            take_back();
            return problem;
        }
        done += static_cast<std::size_t>(wrote);
    }
    unsure_.push_back({header_, end_ + sizeof(SpoolBlockHeader)});
    end_ += packed_.size();
    begin_block();
    return {};
}

Result<void> Spool::Writer::find_room() {
    if (segment_ && !segment_->closed && end_ < spool_.settings_.segment_bytes) return {};
    TRY_DO(settle());
    auto next = std::make_shared<Segment>();
    {
        const std::lock_guard lock(spool_.mutex_);
        auto& all = spool_.segments_;
        if (fresh_) all.push_back(segment_);   // closed before anything was kept in it: its number is taken
        const bool goes_on = !segment_ && !all.empty() && !all.back()->closed && all.back()->size < spool_.settings_.segment_bytes;
        if (goes_on) next = all.back();
        else next->number = all.empty() ? 1 : all.back()->number + 1;
    }
    fresh_ = next->file < 0;
    if (fresh_) {
        next->path = spool_.folder_ / name_of_segment(next->number);
        next->file = ::open(next->path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (next->file < 0) return spool_problem(next->path);
    }
    segment_ = std::move(next);
    end_ = segment_->size;
    return {};
}

// Makes sure of what was written, and shows it to readers.
Result<void> Spool::Writer::settle() {
    if (unsure_.empty()) return {};
    Result<void> sure = ::fdatasync(segment_->file) == 0 ? Result<void>() : spool_problem(segment_->path);
    if (sure && fresh_) sure = sync_folder(spool_.folder_);
    if (!sure) {
        unsure_.clear();
        end_ = segment_->size;
        take_back();
        return sure;
    }
    const std::lock_guard lock(spool_.mutex_);
    for (const Block& block : unsure_) settled_ += block.header.records;
    segment_->blocks.insert(segment_->blocks.end(), unsure_.begin(), unsure_.end());
    segment_->size = end_;
    if (fresh_) spool_.segments_.push_back(segment_);
    fresh_ = false;
    unsure_.clear();
    spool_.grown_.notify_all();
    return {};
}

// Cuts off what does not count. Where that fails, nothing is written behind what stays.
void Spool::Writer::take_back() {
    if (::ftruncate(segment_->file, static_cast<off_t>(end_)) != 0) segment_->closed = true;
}

}  // namespace madang::security
