#include "base/bytes.h"
#include "documents/revocation_list.h"
#include "documents/trust.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = madang::as_text({data, size});
    const auto trust = madang::documents::parse_trust(text, "trust.json");
    if (trust && madang::documents::format_trust(*trust).empty()) __builtin_trap();
    (void)madang::documents::open_revocation_list(
        text, "by.example/ledger/certificates+193eb62c+AZAmZHXyEUr6ujheAiMiGRgfxa/AghWQobfkNyvG3sN4");
    return 0;
}
