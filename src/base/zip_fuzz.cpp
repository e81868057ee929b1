#include "base/zip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const madang::ZipLimits limits{.archive = 1U << 20, .entries = 16, .total = 4U << 20, .ratio = 100};
    const auto entries = madang::read_zip({data, size}, limits);
    if (entries && entries->size() > limits.entries) __builtin_trap();
    return 0;
}
