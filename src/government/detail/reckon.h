// One run of a statutory clock, reckoned by the law of one country; each family has its own source. The days and
// hours that suspensions took are put behind the end, in the unit of the term.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "government/term.h"
#include "government/working_time.h"

namespace madang::government {

struct Suspension {
    Instant from;
    Instant to;
    WaitingFor waiting_for = WaitingFor::applicant;
    std::string reason;
    std::string article;
    bool open = false;   // it stands still; `to` is the moment asked for
};
struct Extension {
    Term term;
    std::string reason;
    std::string article;
};
struct Run {
    enum class From { receipt, anew };
    Instant start;
    Term term;
    From from = From::receipt;              // anew: amended or opened again
    std::vector<Extension> extensions{};
    std::vector<Suspension> suspensions{};  // in order of time
};

// True where the rule counts this term in hours, so that its end is a moment and not the end of a day.
bool counts_hours(Rule rule, const Term& term);

// Code::invalid where the rule has no such term, Code::conflict where the end is more than ten years away.
Result<DueDate> reckon(Rule rule, const WorkingTime& time, const Run& run);
Result<DueDate> reckon_by(const WorkingTime& time, const Run& run);
Result<DueDate> reckon_eu(const WorkingTime& time, const Run& run);
Result<DueDate> reckon_kr(const WorkingTime& time, const Run& run);

// Where a count stands and the words for how it came there: what the families have in common.
class Count {
public:
    using Values = decltype(Step::values);

    explicit Count(const WorkingTime& working_time) : time(working_time) {}

    void say(std::string_view source, Values values, std::string_view article);
    // The article that sets the term, where it is known.
    void say_what_sets(const Term& term);
    // Sets `date` to the working day on which what arrives at that moment counts as received.
    Result<void> receive(const Run& run, std::string_view article);
    void say_start(const Run& run, std::string_view article);
    void say_extension(const Extension& extension);
    void say_suspension(const Suspension& suspension);
    // What a suspension took, once the date has moved by it; or moves the date by days of the calendar.
    void say_working_days_taken(int taken, const Suspension& suspension);
    void move_by_days_taken(int taken, const Suspension& suspension);
    // Where `date` is a day off, the next working day.
    Result<void> off_a_day_off(std::string_view article);
    // The due date at the end of the working day, or at that moment; `start` is where the count began.
    Result<DueDate> due_at_close(Instant start, std::string_view article);
    DueDate due_at(Instant start, Instant moment);

    const WorkingTime& time;
    Date date;
    std::vector<Step> steps;

private:
    void say_taken(const Amount& taken, const Suspension& suspension);
};

// The day with the same number `count` months or years later, or the end of the month that has none.
struct Later {
    Date date;
    bool missing = false;  // the month has no such day
};
Later months_later(Date date, int count);
Date days_later(Date date, int count);
int days_between(Date from, Date to);

std::string clock_text(std::chrono::minutes since_midnight);
// "10:30" on the clocks of the zone.
std::string time_text(const TimeZone& zone, Instant moment);
// The date on which that moment ends something: midnight belongs to the day before.
Date end_date(const TimeZone& zone, Instant moment);

}  // namespace madang::government
