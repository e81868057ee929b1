#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "decision/decision.h"

namespace {

using namespace madang;

void evaluate_all(const Result<decision::Decisions>& decisions) {
    if (!decisions) return;
    for (const auto& name : decisions->names()) {
        feel::Budget budget;
        budget.steps = 10'000;
        (void)decision::evaluate(*decisions, name, json::object(), budget);
    }
}

}  // namespace

// Whatever the file is, it is refused, or each of its decisions evaluates within its budget; also where
// mistakes are kept and where it imports itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const decision::Importer itself = [&](std::string_view, std::string_view) -> Result<decision::ImportedFile> {
        return decision::ImportedFile{text, "input.dmn"};
    };
    evaluate_all(decision::parse_dmn(text, "input.dmn"));
    evaluate_all(decision::parse_dmn(text, "input.dmn", decision::Mistakes::give_null, itself));
    return 0;
}
