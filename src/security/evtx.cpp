#include "security/evtx.h"

#include <algorithm>

#include "base/text.h"
#include "security/detail/evtx_binxml.h"
#include "security/detail/evtx_bytes.h"
#include "security/detail/evtx_checksum.h"

namespace madang::security {
namespace {

constexpr std::string_view kFileMark("ElfFile\0", 8);
constexpr std::string_view kChunkMark("ElfChnk\0", 8);
constexpr std::string_view kRecordMark("\x2a\x2a\0\0", 4);
constexpr std::size_t kFileHeader = 4096;
constexpr std::size_t kChunk = 65'536;
constexpr std::size_t kChunkHeader = 512;  // with the tables of names and templates
constexpr std::size_t kRecordHeader = 24;
constexpr std::size_t kRecordFrame = kRecordHeader + 4;  // the size stands at the end again

// Places in the header of a chunk.
constexpr std::size_t kFreeSpace = 48;
constexpr std::size_t kRecordsChecksum = 52;
constexpr std::size_t kHeaderChecksum = 124;

}  // namespace

EvtxReader::EvtxReader(std::string_view bytes) : bytes_(bytes), binxml_(std::make_unique<EvtxBinXml>()) {
    const bool has_header = bytes.starts_with(kFileMark);
    next_chunk_ = has_header ? std::min(kFileHeader, bytes.size()) : 0;
    known_chunk_ = std::min(bytes.find(kChunkMark, next_chunk_), bytes.size());
    // Without its header the file starts where a chunk does: nothing before is one.
    if (!has_header) next_chunk_ = known_chunk_;
    if (has_header && bytes.size() < kFileHeader) {
        ++counts_.chunks;
        ++counts_.damaged_chunks;
        ++counts_.lost_chunks;
        note(bytes.size(), "the file ends within its header");
    }
}

EvtxReader::EvtxReader(EvtxReader&&) noexcept = default;
EvtxReader& EvtxReader::operator=(EvtxReader&&) noexcept = default;
EvtxReader::~EvtxReader() = default;

Result<EvtxReader> EvtxReader::open(std::string_view bytes) {
    EvtxReader reader(bytes);
    if (!bytes.starts_with(kFileMark) && reader.known_chunk_ == bytes.size()) {
        return fail(Code::invalid, "offset 0: neither an event log nor a part of one");
    }
    return reader;
}

const EvtxRecord* EvtxReader::next() {
    for (;;) {
        if (at_ >= chunk_.size()) {
            if (!enter_next_chunk()) return nullptr;
            continue;
        }
        const bool beyond = at_ >= used_;
        if (!starts_record(at_)) {
            if (beyond) {
                at_ = chunk_.size();
                continue;
            }
            ++counts_.damaged_records;
            note(chunk_at_ + at_, "no record stands where one should");
            skip_to_record(at_ + 1);
            continue;
        }
        const std::size_t at = at_;
        const std::size_t size = read_little<std::uint32_t>(chunk_, at + 4);
        const auto id = read_little<std::uint64_t>(chunk_, at + 8);
        // Beyond what the header knows of stands what was written after it, or what an older chunk left there.
        if (beyond && id != last_id_ + 1) {
            at_ = chunk_.size();
            continue;
        }
        at_ += size;
        last_id_ = id;
        if (read_record(at, size)) return &record_;
    }
}

// The place of the next chunk from `from` on: there where it should be, else where its mark is found.
std::size_t EvtxReader::place_of_chunk(std::size_t from) {
    if (known_chunk_ < from) known_chunk_ = std::min(bytes_.find(kChunkMark, from), bytes_.size());
    if (known_chunk_ == from) return from;
    // Room that was never written is no damage.
    const std::size_t end = std::min({from + kChunk, known_chunk_, bytes_.size()});
    if (bytes_.substr(from, end - from).find_first_not_of('\0') == std::string_view::npos) return end;
    ++counts_.damaged_chunks;
    ++counts_.chunks;
    note(from, "a chunk without its mark");
    // Records count their offsets from the start of the chunk, so they can be read without its header.
    chunk_at_ = from;
    if (end - from > kChunkHeader) enter_chunk(bytes_.substr(from, end - from));
    if (chunk_.empty() || used_ <= kChunkHeader) {
        chunk_ = {};
        ++counts_.lost_chunks;
    }
    return end;
}

bool EvtxReader::enter_next_chunk() {
    while (next_chunk_ < bytes_.size()) {
        const std::size_t from = next_chunk_;
        chunk_ = {};
        const std::size_t found = place_of_chunk(from);
        if (found != from) {
            next_chunk_ = found;
            if (!chunk_.empty()) return true;
            continue;
        }
        const std::string_view chunk = bytes_.substr(from, kChunk);
        next_chunk_ = from + chunk.size();
        chunk_at_ = from;
        ++counts_.chunks;
        if (!check_header(chunk)) ++counts_.damaged_chunks;
        if (chunk.size() <= kChunkHeader) continue;
        enter_chunk(chunk);
        return true;
    }
    chunk_ = {};
    at_ = 0;
    return false;
}

void EvtxReader::enter_chunk(std::string_view chunk) {
    chunk_ = chunk;
    at_ = kChunkHeader;
    used_ = kChunkHeader;
    last_id_ = 0;
    const std::size_t free_space = read_little<std::uint32_t>(chunk, kFreeSpace);
    if (chunk.starts_with(kChunkMark) && free_space > kChunkHeader && free_space <= kChunk) {
        used_ = std::min(free_space, chunk.size());
    } else {
        used_ = end_of_last_record();
    }
    // So that a chunk closed without one record goes on with whatever number stands there.
    if (starts_record(at_)) last_id_ = read_little<std::uint64_t>(chunk_, at_ + 8) - 1;
    binxml_->enter_chunk(chunk);
}

// For chunks whose header does not say how far their records go.
std::size_t EvtxReader::end_of_last_record() const {
    std::size_t at = chunk_.rfind(kRecordMark);
    while (at != std::string_view::npos && at >= kChunkHeader) {
        if (starts_record(at)) return at + read_little<std::uint32_t>(chunk_, at + 4);
        at = chunk_.rfind(kRecordMark, at - 1);
    }
    return kChunkHeader;
}

// Checksums over the header with its tables, and over the records. A chunk that its writer did not close has those of
// an earlier state: that it is counted says how far the file can be trusted.
bool EvtxReader::check_header(std::string_view chunk) {
    if (chunk.size() < kChunkHeader) {
        note(chunk_at_, "a chunk is cut off in its header");
        return false;
    }
    bool sound = true;
    const std::uint32_t header = evtx_checksum(chunk.substr(128, kChunkHeader - 128), evtx_checksum(chunk.substr(0, 120)));
    if (header != read_little<std::uint32_t>(chunk, kHeaderChecksum)) {
        note(chunk_at_, "the header of the chunk does not fit its checksum");
        sound = false;
    }
    const std::size_t free_space = read_little<std::uint32_t>(chunk, kFreeSpace);
    if (free_space < kChunkHeader || free_space > kChunk) {
        note(chunk_at_, "the header of the chunk says that its records end outside it");
        return false;
    }
    if (free_space > chunk.size()) {
        note(chunk_at_, "the chunk is cut off");
        return false;
    }
    const std::uint32_t records = evtx_checksum(chunk.substr(kChunkHeader, free_space - kChunkHeader));
    if (records != read_little<std::uint32_t>(chunk, kRecordsChecksum)) {
        note(chunk_at_, "the records of the chunk do not fit their checksum");
        sound = false;
    }
    return sound;
}

// The mark, a size that fits the chunk, and the same size at the end.
bool EvtxReader::starts_record(std::size_t at) const {
    if (chunk_.size() < kRecordFrame || at > chunk_.size() - kRecordFrame || chunk_.substr(at, kRecordMark.size()) != kRecordMark) return false;
    const std::size_t size = read_little<std::uint32_t>(chunk_, at + 4);
    return size >= kRecordFrame && size <= chunk_.size() - at && read_little<std::uint32_t>(chunk_, at + size - 4) == size;
}

// From `from` to the next record, or to the end of what the chunk uses.
void EvtxReader::skip_to_record(std::size_t from) {
    std::size_t at = from;
    do {
        at = chunk_.substr(0, used_).find(kRecordMark, at);
        if (at == std::string_view::npos) {
            at_ = chunk_.size();
            return;
        }
    } while (!starts_record(at++));
    at_ = at - 1;
}

bool EvtxReader::read_record(std::size_t at, std::size_t size) {
    const EvtxTrouble trouble = binxml_->read(at + kRecordHeader, at + size - 4, paths_);
    if (trouble.reason != nullptr) {
        ++counts_.damaged_records;
        note(chunk_at_ + at, format("{} (at {} of the chunk)", trouble.reason, trouble.offset));
        return false;
    }
    ++counts_.records;
    record_ = {read_little<std::uint64_t>(chunk_, at + 8), instant_of_file_time(read_little<std::uint64_t>(chunk_, at + 16)),
               chunk_at_ + at, binxml_->items()};
    return true;
}

void EvtxReader::note(std::size_t offset, std::string_view problem) {
    if (problems_.size() < kMaxProblems) problems_.push_back(format("offset {}: {}", offset, problem));
}

}  // namespace madang::security
