// The statutory clock of one case: a list of events, each an act that the ledger can hold. compute() folds them into
// the due date and the words that explain it. Format: docs/formats/government.md.
//
//   TermClock clock{"KR-SEL", term, {{.at = received, .kind = ClockEvent::Kind::started}}};
//   clock.events.push_back({.at = asked, .kind = ClockEvent::Kind::suspended, .reason = "the lease is missing"});
//   TRY(const DueDate due, compute(clock, government));
#pragma once

#include <array>
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
        calendar_changed,  // days off were declared on `published`: the calendar of that day counts
        stopped,           // the answer was given
    };
    Instant at{};
    Kind kind = Kind::started;
    WaitingFor waiting_for = WaitingFor::applicant;  // suspended
    std::string reason{};                            // suspended, extended: required
    std::string article{};                           // extended: required
    Term by{};                                       // extended: kind and count
    Date published{};                                // calendar_changed
};

struct TermClock {
    std::string body;
    Term term;
    std::vector<ClockEvent> events;  // in order of time, the first is `started`
};

// At most 200 events; Code::invalid says where.
Result<TermClock> parse_term_clock(const json::object& object, std::string_view where);
json::object to_json(const TermClock& clock);

// The calendar counts as it was known when the clock started and as later events say. Where a newly declared holiday
// moves the date, `promised` keeps the date told before. Code::invalid for events out of order, without a reason, more
// than 30 years apart or of an edition that is not there; Code::conflict where the state does not allow one: a second
// suspension, an extension beyond the limit, anything but `stopped` after the end.
Result<DueDate> compute(const TermClock& clock, const Government& government);

// The moments at which half, four fifths and all of the term are used up, measured in the body's working time without
// what suspensions took.
Result<std::array<Instant, 3>> warnings(const TermClock& clock, const Government& government);

}  // namespace madang::government
