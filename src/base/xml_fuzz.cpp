// The XML reader: no input may crash it, and every node of what it accepts can tell its place.
#include "base/bytes.h"
#include "base/check.h"
#include "base/xml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto document = madang::xml::parse(madang::as_text({data, size}), "input", {.nodes = 1000});
    if (!document) return 0;
    MADANG_CHECK(document->line_of(document->root()) >= 1);
    for (auto node = document->root().first_child(); node; node = node.next_sibling()) {
        MADANG_CHECK(!document->where(node).empty());
        static_cast<void>(madang::xml::namespace_of(node));
    }
    return 0;
}
