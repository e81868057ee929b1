// Any bytes as a log of unknown encoding: whole and in pieces they are the same text; what was UTF-16 is UTF-8.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "base/text.h"
#include "security/text_decoder.h"

namespace {

using namespace madang;
using namespace madang::security;

std::string decoded(std::string_view bytes, std::size_t piece) {
    std::string text;
    TextDecoder decoder;
    const auto use = [&](std::string_view some) { text += some; };
    for (std::size_t at = 0; at < bytes.size(); at += piece) decoder.feed(bytes.substr(at, piece), use);
    decoder.finish(use);
    return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::string whole = decoded(bytes, bytes.size() + 1);
    for (const std::size_t piece : {1U, 2U, 3U, 5U}) MADANG_CHECK(decoded(bytes, piece) == whole);
    const bool marked = size > 2 && (bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff"));
    if (marked) MADANG_CHECK(is_utf8(whole) && whole.size() <= size * 3);
    else MADANG_CHECK(bytes.ends_with(whole));
    if (const auto text = check_is_text(bytes); !text) MADANG_CHECK(text.error().code == Code::invalid && bytes.contains('\0'));
    return 0;
}
