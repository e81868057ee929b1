// One rule on one event, by the letter of the specification and without any preparation. It is what the compiled
// program (sigma_program.h) is compared with; use that one for streams of events.
#pragma once

#include "security/sigma_event.h"
#include "security/sigma_rule.h"

namespace madang::security {

// True when the rule's detection holds. Placeholders that are left match nothing. The log source is not looked at.
bool meets(const SigmaRule& rule, const SigmaEvent& event);
bool meets(const Detection& detection, const SigmaEvent& event);
bool meets(const SigmaItem& item, const SigmaEvent& event);

// Whether the event has a field that the rule asks for, or holds one of its keywords: what is asked of an event of unknown origin.
bool concerns(const SigmaRule& rule, const SigmaEvent& event);

// One match on one value of a field, for the program where it has nothing faster; existence, null of an absent field and other
// fields are the caller's. The functions above have a matcher of their own (detail/sigma_obvious.h).
bool matches(const Match& match, const EventScalar& value);

// A number that a date of the form YYYY-MM-DD[Thh:mm…] holds, or a time of another form that event_time.h reads, as it is written: no
// zone is applied, and a number of seconds since 1970 is one of UTC. Nothing where that part is not written.
// Weeks are those of ISO 8601.
std::optional<int> time_part(std::string_view date, TimePart part);

bool compare(Comparison comparison, long double left, long double right);

}  // namespace madang::security
