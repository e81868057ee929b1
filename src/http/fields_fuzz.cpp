// The readers of forms, queries, targets and cookies: what they accept must be UTF-8 and within
// limits, and what they write must be read back.
#include "base/bytes.h"
#include "base/check.h"
#include "base/text.h"
#include "http/client_address.h"
#include "http/cookies.h"
#include "http/fields.h"
#include "http/gzip.h"
#include "http/request.h"

using namespace madang;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = as_text({data, size});
    if (const auto fields = http::parse_urlencoded(text)) {
        std::string again;
        for (const auto& [name, value] : *fields) {
            MADANG_CHECK(is_utf8(name) && is_utf8(value));
            again += http::percent_encode(name) + "=" + http::percent_encode(value) + "&";
        }
        const auto second = http::parse_urlencoded(again);
        MADANG_CHECK(second && second->grouped() == fields->grouped());
    }
    if (const auto target = http::parse_target(text)) {
        MADANG_CHECK(is_utf8(target->path) && target->path.starts_with('/'));
        for (const auto& segment : target->segments) {
            MADANG_CHECK(segment != "." && segment != ".." && segment.find('/') == std::string::npos);
        }
    }
    for (const auto& [name, value] : http::parse_cookies(text)) {
        MADANG_CHECK(!name.empty() && name.find(';') == std::string_view::npos && value.find(';') == std::string_view::npos);
    }
    http::Request request;
    request.headers.add("Accept-Language", text.substr(0, 10'000));
    MADANG_CHECK(request.languages().size() <= 10);
    static_cast<void>(http::accepts_gzip(text));
    static_cast<void>(http::is_local_path(text));
    if (const auto address = http::parse_address(text)) MADANG_CHECK(http::parse_address(http::format_address(*address)) == *address);
    static_cast<void>(http::parse_network(text));
    return 0;
}
