// When a timer fires: BPMN 2.0.2 clause 10.5.5 (Timer), texts of ISO 8601.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "feel/value.h"
#include "process/definition.h"

namespace madang::process {

struct Schedule {
    Instant first;
    std::string interval;       // of a cycle; empty: once
    std::int64_t repeats = 0;   // after the first; -1: without end
};

// `value` is what the timer's expression gave: a text, or a date, a date and time, a duration. A moment
// without a zone is UTC. Fails with Code::invalid and why it is no time.
Result<Schedule> schedule_of(Trigger::Time time, const feel::Value& value, Instant now);
// One interval later: "P1M" counts in months of the calendar.
Result<Instant> later(Instant from, std::string_view interval);

}  // namespace madang::process
