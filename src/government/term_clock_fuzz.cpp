// Any bytes as a clock of events: read or refused; what was read is the same after JSON and computed or refused.
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/check.h"
#include "government/term_clock.h"

namespace {

constexpr std::string_view kGovernment = R"({"time_zone": "Europe/Minsk",
  "calendar": {"weekend": ["sat", "sun"], "short_eve_minutes": 60,
    "editions": [{"years": [2026], "holidays": ["2026-12-25"]}, {"years": [2026], "published": "2026-11-24", "holidays": ["2026-12-24"]}]},
  "bodies": [{"code": "A", "kind": "city", "name": {"en": "A"}, "office_hours": {"mon": [["08:00", "17:00"]], "tue": [["08:00", "17:00"]]}}]})";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace madang;
    using namespace madang::government;
    static const Government government = *parse_government(kGovernment, "g");
    const auto value = parse_json(as_text(ByteSpan(data, size)), {.bytes = 1U << 16, .depth = 16});
    if (!value || !value->is_object()) return 0;
    const auto clock = parse_term_clock(value->get_object(), "fuzz");
    if (!clock) return 0;
    const json::object written = to_json(*clock);
    const auto again = parse_term_clock(written, "again");
    MADANG_CHECK(again && to_json(*again) == written);
    const auto due = compute(*clock, government);
    if (due) MADANG_CHECK(due->at >= clock->events.front().at && !due->steps.empty());
    const auto moments = warnings(*clock, government);
    if (moments) MADANG_CHECK((*moments)[0] <= (*moments)[1] && (*moments)[1] <= (*moments)[2]);
    return 0;
}
