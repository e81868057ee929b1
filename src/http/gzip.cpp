#include "http/gzip.h"

#define ZLIB_CONST  // zlib then reads through a pointer to const
#include <zlib.h>

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/check.h"
#include "base/text.h"

namespace madang::http {
namespace {

// RFC 9110 clause 12.4.2: "q=0", "q=0.0" … refuse; anything else that is well-formed accepts.
bool is_refused(std::string_view parameters) {
    for (const auto part : split(parameters, ';')) {
        const auto text = trim(part);
        if (text.size() < 3 || (text[0] != 'q' && text[0] != 'Q') || text[1] != '=') continue;
        return text.substr(2).find_first_not_of("0.") == std::string_view::npos;
    }
    return false;
}

}  // namespace

std::string gzip(std::string_view bytes, Effort effort) {
    // A window of 32 KB and a small hash pay for pages; 16 + bits asks zlib for the gzip frame.
    const int bits = effort == Effort::best ? 15 : 13;
    const int memory = effort == Effort::best ? 8 : 7;
    z_stream stream{};
    MADANG_CHECK(deflateInit2(&stream, effort == Effort::best ? 9 : 5, Z_DEFLATED, 16 + bits, memory, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
    stream.next_in = as_bytes(bytes).data();
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int status = deflate(&stream, Z_FINISH);
    const auto size = stream.total_out;
    deflateEnd(&stream);
    MADANG_CHECK(status == Z_STREAM_END);
    out.resize(size);
    return out;
}

bool accepts_gzip(std::string_view accept_encoding) {
    bool any = false;
    for (const auto item : split(accept_encoding, ',')) {
        const auto semicolon = std::min(item.find(';'), item.size());
        const auto name = trim(item.substr(0, semicolon));
        const auto parameters = item.substr(std::min(semicolon + 1, item.size()));
        if (equal_ignoring_ascii_case(name, "gzip") || equal_ignoring_ascii_case(name, "x-gzip")) return !is_refused(parameters);
        if (name == "*") any = !is_refused(parameters);
    }
    return any;
}

bool is_compressible(std::string_view content_type) {
    const auto type = trim(content_type.substr(0, std::min(content_type.find(';'), content_type.size())));
    if (type.size() >= 5 && equal_ignoring_ascii_case(type.substr(0, 5), "text/")) return true;
    constexpr std::array<std::string_view, 6> kTypes = {"application/json", "application/xml", "image/svg+xml",
                                                         "application/javascript", "application/openmetrics-text",
                                                         "application/manifest+json"};
    return std::any_of(kTypes.begin(), kTypes.end(), [&](auto known) { return equal_ignoring_ascii_case(type, known); });
}

}  // namespace madang::http
