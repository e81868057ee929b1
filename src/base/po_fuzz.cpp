// The PO reader and its plural rules: no input may crash or hang them.
#include "base/bytes.h"
#include "base/language.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto catalogue = madang::parse_po(madang::as_text({data, size}), "input");
    if (!catalogue) return 0;
    for (const std::uint64_t n : {0U, 1U, 5U, 21U}) static_cast<void>(catalogue->plural("{n} day", "{n} days", n));
    return 0;
}
