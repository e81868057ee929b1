#include <cstddef>
#include <cstdint>
#include <string_view>

#include "process/definition.h"

// Whatever the file is, it is refused with a message or read whole.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    (void)madang::process::parse_bpmn({reinterpret_cast<const char*>(data), size}, "input.bpmn");
    return 0;
}
