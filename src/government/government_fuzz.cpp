// Any bytes as government.json: read or refused; what was read answers every question.
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/check.h"
#include "government/government.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace madang;
    using namespace madang::government;
    const auto read = parse_government(as_text(ByteSpan(data, size)), "fuzz.json");
    if (!read) return 0;
    const Instant received(std::chrono::sys_days(Date(std::chrono::year(2026), std::chrono::month(11), std::chrono::day(23))));
    std::size_t asked = 0;
    for (const Body& body : read->bodies()) {
        if (++asked > 20) break;
        for (const Term& term : {Term{}, Term{Term::Kind::working_days, 3}, Term{Term::Kind::calendar_days, 40}, Term{Term::Kind::months, 2},
                                Term{Term::Kind::hours, 30, Rule::eu}, Term{Term::Kind::weeks, 3, Rule::eu}, Term{Term::Kind::at_once, 0, Rule::kr}}) {
            const auto due = read->due_at(body.code, received, term);
            if (due) MADANG_CHECK(due->at >= received);
        }
        MADANG_CHECK(read->is_within(body.code, body.code));
    }
    return 0;
}
