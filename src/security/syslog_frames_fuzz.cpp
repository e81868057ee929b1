// Any bytes as a connection of syslog: whole and in pieces they are the same messages; what is framed as RFC 6587 says comes back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "base/text.h"
#include "security/detail/syslog_frames.h"
#include "security/intake.h"

namespace {

using namespace madang;
using namespace madang::security;

struct Seen {
    std::string text;
    bool framed = true, rest = false;
    std::uint64_t too_long = 0;
    bool operator==(const Seen&) const = default;
};

Seen read(std::string_view bytes, std::size_t piece) {
    Seen seen;
    SyslogFrames frames;
    for (std::size_t at = 0; at < bytes.size() && seen.framed; at += piece) {
        frames.bytes() += bytes.substr(at, piece);
        seen.framed = frames.take(seen.text);
    }
    if (seen.framed) seen.framed = frames.finish(seen.text);
    seen.rest = seen.framed && frames.has_rest();
    seen.too_long = frames.take_too_long();
    return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const Seen whole = read(bytes, size + 1);
    MADANG_CHECK(whole.text.empty() || whole.text.ends_with('\n'));
    MADANG_CHECK(read(bytes, 1) == whole && read(bytes, 3) == whole && read(bytes, 100) == whole);
    // Two messages framed by their lengths, whatever they hold, and one framed by its line end.
    std::string line;
    append_as_line(line, bytes);
    MADANG_CHECK(std::ranges::count(line, '\n') == (line.empty() ? 0 : 1));
    if (!bytes.empty()) {
        const std::string sent = format("{} {}", size, bytes);
        MADANG_CHECK(read(sent + sent + "<13>end\n", 11).text == line + line + "<13>end\n");
    }
    // So much before it that the line is too long: it is told of once, and what follows is there.
    const std::string endless = "x" + std::string(kMaxIntakeLine, 'y') + std::string(bytes.substr(0, bytes.find('\n'))) + "\n<13>end\n";
    const Seen cut = read(endless, 400'000);
    MADANG_CHECK(cut.too_long == 1 && cut.text == "<13>end\n");
    return 0;
}
