// The scenario reader: no input may crash it.
#include "base/bytes.h"
#include "catalogue/scenario.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto feature = madang::catalogue::parse_feature(madang::as_text({data, size}), "input");
    if (!feature) return 0;
    for (const auto& scenario : feature->scenarios) {
        for (const auto& step : scenario.steps) static_cast<void>(madang::catalogue::split_quotes(step.text));
    }
    return 0;
}
