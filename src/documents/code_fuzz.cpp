#include "documents/code.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto code = madang::documents::parse_code(madang::as_text({data, size}));
    // One spelling: what was read reads as itself.
    if (code && *madang::documents::parse_code(*code) != *code) __builtin_trap();
    return 0;
}
