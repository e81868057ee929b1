#include "base/bytes.h"
#include "documents/certificate_template.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto read = madang::documents::parse_certificate_template(madang::as_text({data, size}), "fuzz.json");
    if (read && (read->languages.empty() || read->blocks.empty())) __builtin_trap();
    if (read) (void)madang::documents::sources_of(*read);
    return 0;
}
