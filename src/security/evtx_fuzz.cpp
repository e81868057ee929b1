// Any bytes as an event log, and as the used part of one chunk (so that small inputs reach BinXML): whatever is read
// lies within the bytes, becomes text and JSON, and leaves counts that agree with it.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/check.h"
#include "security/evtx.h"
#include "security/evtx_testing.h"

namespace {

using namespace madang;
using namespace madang::security;

void read_whole(std::string_view bytes) {
    auto log = EvtxReader::open(bytes);
    if (!log) {
        MADANG_CHECK(log.error().code == Code::invalid);
        return;
    }
    std::uint64_t records = 0;
    std::uint64_t last_offset = 0;
    std::string text;
    while (const EvtxRecord* record = log->next()) {
        ++records;
        MADANG_CHECK(record->offset < bytes.size() && (records == 1 || record->offset > last_offset));
        last_offset = record->offset;
        text.clear();
        for (const EvtxItem& item : record->items) {
            MADANG_CHECK(item.path < log->paths().size() && log->paths().depth(item.path) <= kMaxEvtxDepth + 1);
            if (text.size() < (1U << 20U)) append_text(item.value, text);
        }
        MADANG_CHECK(is_utf8(text));
        const json::object event = evtx_json(log->paths(), *record);
        MADANG_CHECK(event.size() <= record->items.size());
    }
    MADANG_CHECK(records == log->counts().records);
    MADANG_CHECK(log->problems().size() <= EvtxReader::kMaxProblems);
    MADANG_CHECK(log->counts().chunks >= log->counts().damaged_chunks);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = as_text(ByteSpan(data, size));
    read_whole(bytes);
    // The first record of a chunk, whose frame a fuzzer would hardly find by itself.
    if (size < 60'000) {
        MadeChunk chunk;
        chunk.record(1, [bytes](MadeChunk& c) { c.put(bytes); });
        read_whole(chunk.done());
    }
    return 0;
}
