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
#include "government/working_time.h"

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
    Rule rule() const { return rule_; }   // by whose law terms are counted that do not say it themselves
    // The body's own calendar, or the nearest parent's, or the government's.
    const Calendar& calendar_of(std::string_view body) const;

    // The code of the body whose calendar that is; empty for the government's.
    std::string_view owner_of_calendar(std::string_view body) const;

    // The body's hours on that day (its own, or the nearest parent's); none on a day off. A body for
    // which no hours are known anywhere works from midnight to midnight.
    std::vector<Opening> hours_on(std::string_view body, Date date) const;
    // The last moment of a working day; Code::conflict on a day off.
    Result<Instant> end_of_working_day(std::string_view body, Date date) const;

    // When the body works; with a date as the calendars were known on that day. Code::not_found.
    Result<WorkingTime> working_time(std::string_view body, std::optional<Date> as_of = {}) const;

    // When a request received at that moment must be answered, by the term's rule (docs/formats/government.md) and
    // all that is known of the calendar. Code::not_found for an unknown body, Code::invalid where the rule has no
    // such term. What happens on the way is counted by compute() of term_clock.h.
    Result<DueDate> due_at(std::string_view body, Instant received, const Term& term) const;

    // The last day of so many days of the calendar after something was given to a person, moved off a day off; `at` is the
    // midnight at its end. For what people may do until then, as an appeal, which needs no open office.
    Result<DueDate> last_day_within(std::string_view body, Instant given, int days) const;

private:
    friend Result<Government> parse_government(std::string_view, std::string_view);
    const OfficeHours* office_hours(const Body& body) const;

    TimeZone zone_;
    Rule rule_ = Rule::by;
    Calendar calendar_;
    std::vector<Body> bodies_;
};

// A step in a language, with names in place of the codes of bodies for whose answer the clock waits.
std::string in_words(const Step& step, const Catalogue& words, std::string_view language, const Government& government);
// "BY-MI, BY-MVD" as names; what is no code stays as it is.
std::string names_of_bodies(std::string_view codes, std::string_view language, const Government& government);

// `name` stands in messages ("government.json: bodies[2]: ..."). Code::invalid on an unknown key, kind or
// parent, on a cycle, a code that stands twice and dates that do not exist. At most 1 MB, 5,000 bodies,
// 20 levels and 5,000 dates.
Result<Government> parse_government(std::string_view text, std::string_view name);

}  // namespace madang::government
