// Any bytes as records of each protocol: a table of as many numbers as it says, or a reason with file and line.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "learning/protocol.h"
#include "learning/table.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace madang;
    using namespace madang::learning;
    static const std::array protocols{*shipped_protocol("network-flows"), *shipped_protocol("http-requests")};
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    for (const Protocol& protocol : protocols) {
        TableReader reader(protocol);
        if (const auto read = reader.read_text(bytes, "fuzz"); !read) {
            MADANG_CHECK(read.error().message.contains("fuzz"));
            continue;
        }
        const auto made = reader.finish();
        if (!made) continue;
        MADANG_CHECK(made->table.values.size() == made->table.rows() * made->table.width);
        for (const std::size_t type : made->table.type) MADANG_CHECK(type < made->table.types.size());
    }
    return 0;
}
