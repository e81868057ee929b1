// The tree of government bodies with their office hours and the country's working calendar, read from a
// pack's government.json (docs/formats/government.md). Immutable once read; cheap enough to copy.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time_text.h"
#include "government/body.h"
#include "government/calendar.h"
#include "government/term.h"

namespace madang::government {

class Government {
public:
    Government();  // no bodies, UTC, every day worked

    const std::vector<Body>& bodies() const { return bodies_; }   // as in the file
    const Body* find(std::string_view code) const;
    std::vector<const Body*> children(std::string_view code) const;
    // True for the body itself and for every body below it.
    bool is_within(std::string_view code, std::string_view ancestor) const;
    const TimeZone& time_zone() const { return zone_; }
    const Calendar& calendar() const { return calendar_; }

    // The body's hours on that day (its own, or the nearest parent's); none on a day off. A body for
    // which no hours are known anywhere works from midnight to midnight.
    std::vector<Opening> hours_on(std::string_view body, Date date) const;
    // The last moment of a working day; Code::conflict on a day off.
    Result<Instant> end_of_working_day(std::string_view body, Date date) const;

    // When a request received at that moment must be answered. Code::not_found for an unknown body.
    // Assumption, to be checked by a lawyer of the country: what arrives after hours or on a day off is
    // received on the next working day; terms of days and months start on the day after receipt; a term
    // of calendar days or months that ends on a day off ends on the next working day.
    Result<DueDate> due_at(std::string_view body, Instant received, const Term& term) const;

private:
    friend Result<Government> parse_government(std::string_view, std::string_view);
    struct Count;
    const OfficeHours* office_hours(const Body& body) const;

    TimeZone zone_;
    Calendar calendar_;
    std::vector<Body> bodies_;
};

// `name` stands in messages ("government.json: bodies[2]: ..."). Code::invalid on an unknown key, kind or
// parent, on a cycle, a code that stands twice and dates that do not exist. At most 1 MB, 5,000 bodies,
// 20 levels and 5,000 dates.
Result<Government> parse_government(std::string_view text, std::string_view name);

}  // namespace madang::government
