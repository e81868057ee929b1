// Any bytes as a log of each format: events hold to their limits, are UTF-8, and do not depend on where the stream is cut.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/check.h"
#include "base/text.h"
#include "security/event_lines.h"

namespace {

using namespace madang;
using namespace madang::security;

struct Seen {
    std::string events;
    LineCounts counts;
    std::vector<std::string> problems;
    friend bool operator==(const Seen&, const Seen&) = default;
};

Seen read(LineFormat format_of_lines, std::string_view bytes, std::size_t step) {
    EventLines lines(format_of_lines, {.line = 4096, .depth = 16});
    Seen seen;
    const auto use = [&seen](const Event& event) {
        MADANG_CHECK(event.size() <= kMaxEventFields);
        for (const EventField& field : event.fields()) {
            MADANG_CHECK(field.name.size() <= kMaxEventFieldName && is_utf8(field.name) && is_utf8(field.value));
            MADANG_CHECK(!field.null || field.value.empty());
            seen.events += format("{}={};", field.name, field.value);
        }
        seen.events += "\n";
    };
    for (std::size_t at = 0; at < bytes.size(); at += step) lines.feed(bytes.substr(at, step), use);
    lines.finish(use);
    seen.counts = lines.counts();
    seen.problems = lines.problems();
    MADANG_CHECK(seen.counts.lines == seen.counts.events + seen.counts.bad_lines);
    return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    constexpr LineFormat formats[] = {LineFormat::json, LineFormat::syslog, LineFormat::web_access, LineFormat::audit};
    const std::string_view bytes = as_text(ByteSpan(data, size));
    // The first byte chooses; its letter is free for the seeds to be readable.
    const LineFormat chosen = data[0] == '#' ? LineFormat::zeek : formats[data[0] % 4];
    const Seen whole = read(chosen, bytes.substr(1), bytes.size());
    MADANG_CHECK(read(chosen, bytes.substr(1), 3) == whole);
    MADANG_CHECK(is_utf8(mended_utf8(bytes)));
    return 0;
}
