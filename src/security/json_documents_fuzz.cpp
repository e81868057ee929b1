// Any bytes as JSON documents: whole and in pieces they are the same events, each within its limits, and the counts agree.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "security/json_documents.h"

namespace {

using namespace madang;
using namespace madang::security;

struct Seen {
    std::string events;
    std::uint64_t count = 0;
    LineCounts counts;
    std::vector<std::string> problems;
    bool operator==(const Seen&) const = default;
};

Seen read(std::string_view bytes, std::size_t piece) {
    Seen seen;
    JsonDocuments documents({.document = 4096, .depth = 16});
    const auto use = [&](const Event& event) {
        ++seen.count;
        MADANG_CHECK(event.size() <= kMaxEventFields);
        for (std::size_t i = 0; i < event.size(); ++i) {
            const EventField field = event.at(i);
            seen.events.append(field.name).append(field.null ? "!" : "=").append(field.value).append("\n");
        }
        seen.events += "--\n";
    };
    for (std::size_t at = 0; at < bytes.size(); at += piece) documents.feed(bytes.substr(at, piece), use);
    documents.finish(use);
    seen.counts = documents.counts();
    seen.problems = documents.problems();
    return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const Seen whole = read(bytes, bytes.size() + 1);
    MADANG_CHECK(whole.count == whole.counts.events && whole.counts.events + whole.counts.bad_lines == whole.counts.lines);
    MADANG_CHECK(whole.problems.size() <= EventLines::kMaxProblems && whole.problems.size() <= whole.counts.bad_lines);
    MADANG_CHECK(read(bytes, 1) == whole);
    MADANG_CHECK(read(bytes, 7) == whole);
    (void)are_json_documents(bytes);
    return 0;
}
