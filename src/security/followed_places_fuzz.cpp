// Any bytes as the note of how far files were read: refused, or read so that writing it and reading it again changes nothing.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "security/detail/followed_places.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace madang;
    using namespace madang::security;
    const auto places = parse_followed_places({reinterpret_cast<const char*>(data), size});
    if (!places) {
        MADANG_CHECK(places.error().code == Code::corrupted);
        return 0;
    }
    // Reading goes on at `offset` and looks at `tail` before it.
    for (const auto& [path, one] : *places) MADANG_CHECK(one.tail.size() <= one.offset);
    const auto again = parse_followed_places(text_of(*places));
    MADANG_CHECK(again && *again == *places);
    return 0;
}
