// The JSON reader: whatever it accepts must print and read back as the same value.
#include "base/bytes.h"
#include "base/check.h"
#include "base/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto value = madang::parse_json(madang::as_text({data, size}));
    if (value) MADANG_CHECK(madang::parse_json(madang::pretty_json(*value)).has_value());
    return 0;
}
