#include <cstddef>
#include <cstdint>
#include <string_view>

#include "decision/decision.h"

// Whatever the file is, it is refused, or each of its decisions evaluates within its budget.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto decisions = madang::decision::parse_dmn({reinterpret_cast<const char*>(data), size}, "input.dmn");
    if (!decisions) return 0;
    madang::feel::Budget budget;
    budget.steps = 10'000;
    for (const auto& name : decisions->names()) (void)madang::decision::evaluate(*decisions, name, madang::json::object(), budget);
    return 0;
}
