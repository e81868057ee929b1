// Windows event logs (EVTX) read record by record: files that were closed, files that were not, and what is left of
// damaged ones. The format: MS-EVEN6 2.2.12 for the events; the file around them is described by libevtx's
// "Windows XML Event Log (EVTX) format".
//
//   TRY(auto file, EvtxFile::open("Security.evtx"));
//   TRY(auto log, EvtxReader::open(file.bytes()));
//   while (const EvtxRecord* record = log.next()) use(evtx_json(log.paths(), *record));
//   if (log.counts().damaged_records != 0) tell(log.problems());
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "security/evtx_record.h"

namespace madang::security {

class EvtxBinXml;

struct EvtxCounts {
    std::uint64_t records = 0;          // given out
    std::uint64_t damaged_records = 0;  // places where a record should be and none can be read
    std::uint64_t damaged_chunks = 0;   // with a wrong checksum or header; their records are read nevertheless
    std::uint64_t chunks = 0;           // met, whether damaged or not
    std::uint64_t lost_chunks = 0;      // damaged ones in which no record was found

    friend bool operator==(const EvtxCounts&, const EvtxCounts&) = default;
};

// A file as memory. Whoever shortens it meanwhile stops the process: copy a log that is still being written.
class EvtxFile {
public:
    // Code::not_found, or Code::invalid for what is no regular file.
    static Result<EvtxFile> open(const Path& path);
    EvtxFile(EvtxFile&& other) noexcept;
    EvtxFile& operator=(EvtxFile&&) = delete;
    EvtxFile(const EvtxFile&) = delete;
    EvtxFile& operator=(const EvtxFile&) = delete;
    ~EvtxFile();
    std::string_view bytes() const { return bytes_; }

private:
    explicit EvtxFile(std::string_view bytes) : bytes_(bytes) {}
    std::string_view bytes_;
};

class EvtxReader {
public:
    static constexpr std::size_t kMaxProblems = 100;

    // Code::invalid where the bytes hold neither the header of a log nor a chunk of one. They must outlive the reader.
    // The header is not asked how much there is: a log that was not closed has chunks that it does not know.
    static Result<EvtxReader> open(std::string_view bytes);
    EvtxReader(EvtxReader&&) noexcept;
    EvtxReader& operator=(EvtxReader&&) noexcept;
    ~EvtxReader();

    // The next record in the order of the file, nullptr after the last. Damage is counted and passed over.
    const EvtxRecord* next();

    const EvtxPaths& paths() const { return paths_; }
    const EvtxCounts& counts() const { return counts_; }
    // The first kMaxProblems of what was passed over: "offset 69632: a value is cut off".
    const std::vector<std::string>& problems() const { return problems_; }

private:
    explicit EvtxReader(std::string_view bytes);
    bool enter_next_chunk();
    void enter_chunk(std::string_view chunk);
    std::size_t place_of_chunk(std::size_t from);
    bool check_header(std::string_view chunk);
    bool starts_record(std::size_t at) const;
    std::size_t end_of_last_record() const;
    bool read_record(std::size_t at, std::size_t size);
    void skip_to_record(std::size_t from);
    void note(std::size_t offset, std::string_view problem);

    std::string_view bytes_;
    std::size_t next_chunk_ = 0;       // where the next one is expected
    std::size_t known_chunk_ = 0;      // the next place that bears the mark of a chunk
    std::size_t chunk_at_ = 0;
    std::string_view chunk_;
    std::size_t at_ = 0;               // in the chunk, of the next record
    std::size_t used_ = 0;             // of the chunk, as its header says
    std::uint64_t last_id_ = 0;
    EvtxPaths paths_;
    std::unique_ptr<EvtxBinXml> binxml_;
    EvtxRecord record_;
    EvtxCounts counts_;
    std::vector<std::string> problems_;
};

}  // namespace madang::security
