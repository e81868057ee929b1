// Any bytes as a model for the static rules: refused, or judged with every breach located.
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/check.h"
#include "process/rules.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace madang;
    const std::string_view text = as_text(ByteSpan(data, size));
    // The file imports itself under any other name.
    const auto found = process::check_rules(text, "fuzz.bpmn", [&](std::string_view) -> Result<std::string> { return std::string(text); });
    if (!found) return 0;
    for (const process::Violation& one : *found) MADANG_CHECK(one.line > 0 && !one.rule.empty() && !one.message.empty() && !one.element.empty());
    return 0;
}
