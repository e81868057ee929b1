// The reader of uploads: the first line is the content type, the rest the body.
#include "base/bytes.h"
#include "http/multipart.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = madang::as_text({data, size});
    const std::size_t line = text.find('\n');
    if (line == std::string_view::npos) return 0;
    static_cast<void>(madang::http::parse_multipart(text.substr(line + 1), text.substr(0, line)));
    return 0;
}
