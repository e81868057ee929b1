// The statutory clock of one case: a list of events, each an act that the ledger can hold. compute() folds them into
// the due date and the words that explain it. Format: docs/formats/government.md.
//
//   TermClock clock{"KR-SEL", term, {{.at = received, .kind = ClockEvent::Kind::started}}};
//   clock.events.push_back({.at = asked, .kind = ClockEvent::Kind::suspended, .reason = "the lease is missing"});
//   TRY(const DueDate due, compute(clock, government));
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "government/government.h"

namespace madang::government {

struct ClockEvent {
    enum class Kind {
        started,           // the application was received
        suspended,         // the applicant must supply something, or another body must answer
        resumed,
        extended,          // by `by`, for a reason, by an article
        restarted,         // an amended application: the term runs anew, as if it came in now
        calendar_changed,  // an edition came or was corrected: the calendar as it is known on that day counts
        stopped,           // the answer was given
        reopened,          // a closed case is worked on again: the term runs anew
    };
    Instant at{};
    Kind kind = Kind::started;
    WaitingFor waiting_for = WaitingFor::applicant;  // suspended
    std::string reason{};                            // suspended, extended: required
    std::string article{};                           // extended: required
    Term by{};                                       // extended: kind and count
    std::string edition{};                           // calendar_changed: the SHA-256 of the edition
    Date published{};                                // calendar_changed: not ok() where the edition has no day
    std::optional<Instant> before{};                 // calendar_changed: the date that was told before
};

struct TermClock {
    std::string body;
    Term term;
    std::vector<ClockEvent> events;  // in order of time, the first is `started`
};

// At most 200 events; Code::invalid says where.
Result<TermClock> parse_term_clock(const json::object& object, std::string_view where);
json::object to_json(const TermClock& clock);

// The calendar counts as it was known when the clock last moved. Where a change of the calendar moves the date, `promised`
// keeps the date told before. A clock that stands is counted as if it went on at `now`, where that is given. Code::invalid for
// events out of order, without a reason, or more than 30 years apart; Code::conflict where the state does not allow one: a second
// suspension, an extension or amendment beyond the limit. The last event must have come before the end of the term, but for a
// stop and what follows it; of earlier ones that was asked when they came, by the calendar of their day.
Result<DueDate> compute(const TermClock& clock, const Government& government, std::optional<Instant> now = {});

// The moments at which half, four fifths and all of the term are used up, measured in the body's working time without
// what suspensions took.
Result<std::array<Instant, 3>> warnings(const TermClock& clock, const Government& government);

}  // namespace madang::government
