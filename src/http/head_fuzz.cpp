// The scanner of heads: in one piece or octet by octet it must say the same, and what it calls
// complete holds no octet that two programs could read in two ways.
#include "base/bytes.h"
#include "base/check.h"
#include "http/detail/scan_head.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using madang::http::detail::HeadScanner;
    const std::string_view text = madang::as_text({data, size});
    HeadScanner whole;
    const auto state = whole.scan(text);
    HeadScanner dripped;
    auto last = HeadScanner::State::more;
    for (std::size_t i = 1; i <= text.size() && last == HeadScanner::State::more; ++i) last = dripped.scan(text.substr(0, i));
    MADANG_CHECK(last == state);
    if (state != HeadScanner::State::complete) return 0;
    MADANG_CHECK(whole.size() == dripped.size());
    const std::string_view head = text.substr(0, whole.size());
    MADANG_CHECK(head.ends_with("\r\n\r\n") || head == "\r\n");
    for (std::size_t i = 0; i < head.size(); ++i) {
        const bool after_cr = i > 0 && head[i - 1] == '\r';
        MADANG_CHECK(head[i] != '\0' && (head[i] == '\n') == after_cr);
    }
    return 0;
}
