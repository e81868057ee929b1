// Any bytes as a picture: refused, or drawn the same twice.
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/check.h"
#include "process/diagram.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace madang;
    const std::string_view text = as_text(ByteSpan(data, size));
    const auto diagram = process::read_diagram(text, "fuzz.bpmn");
    if (!diagram) return 0;
    const process::Progress progress{.here = {"a"}, .passed = {}, .trouble = {}};
    const std::string svg = process::draw_svg(*diagram, progress, {"t", "d"});
    MADANG_CHECK(svg.starts_with("<svg") && svg.ends_with("</svg>"));
    MADANG_CHECK(process::list_steps(*diagram, progress).size() <= diagram->shapes.size());
    return 0;
}
