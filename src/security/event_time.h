// When an event happened, by its own word.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "security/event.h"

namespace madang::security {

// ISO 8601 with or without a zone (then UTC), the Common Log Format's "24/Nov/2026:10:00:00 +0300", or seconds since 1970
// with a fraction. Nothing for what is none of these, or lies before 1970 or behind 2262.
std::optional<Instant> parse_event_time(std::string_view text);

// The first field that states a moment; nothing where none does.
std::optional<Instant> time_of(const Event& event);

}  // namespace madang::security
