// Paths of tiles: each has one spelling. The same bytes also as a bundle and as a tile.
#include <cstdlib>

#include "ledger/tile.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace madang;
    const std::string_view text = as_text({data, size});
    if (const auto path = ledger::parse_tile_path(text); path && ledger::format_tile_path(*path) != text) std::abort();
    for (const unsigned width : {1U, 3U, 256U}) {
        if (const auto entries = ledger::parse_bundle(text, width)) {
            std::string again;
            for (const auto entry : *entries) ledger::append_entry(again, entry);
            if (again != text) std::abort();
        }
        static_cast<void>(ledger::parse_tile({data, size}, width));
    }
    return 0;
}
