// A condition in the first line, and lines behind it: none that the whole evaluation takes is passed over.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "security/hunt_sieve.h"
#include "security/spool.h"
#include "security/spool_hunt.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace madang;
    using namespace madang::security;
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    const std::size_t end = bytes.find('\n');
    if (end == std::string::npos || end > 300) return 0;
    const auto hunt = SpoolHunt::compile(bytes.substr(0, end));
    if (!hunt) return 0;
    SpoolQuery query;
    hunt->narrow(query);
    if (!query.sieve) return 0;
    const std::string_view block = std::string_view(bytes).substr(end + 1);
    HuntSieve::Pass pass(*query.sieve);
    pass.enter(block, true);
    Event event;
    for (const std::string_view line : split(block, '\n')) {
        const SpoolRecord record{{}, LineFormat::json, "", line};
        if (pass.may_fit(record)) continue;
        event.clear();
        MADANG_CHECK(!parse_record(record, event) || !hunt->fits(event));
    }
    return 0;
}
