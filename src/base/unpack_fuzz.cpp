// Any bytes as a packed file: what comes out stays within the limits, and a reading that was ended early ends.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "base/unpack.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace madang;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    constexpr std::uint64_t kTotal = 1U << 20U;
    std::uint64_t total = 0;
    const auto whole = unpack(bytes, {.total = kTotal}, [&](std::string_view piece) {
        total += piece.size();
        return true;
    });
    MADANG_CHECK(total <= kTotal);
    if (!whole) MADANG_CHECK(whole.error().code == Code::corrupted || whole.error().code == Code::exhausted || whole.error().code == Code::invalid);
    std::size_t pieces = 0;
    (void)unpack(bytes, {.total = kTotal}, [&](std::string_view) { return ++pieces < 1; }).has_value();
    MADANG_CHECK(pieces <= 1);
    return 0;
}
