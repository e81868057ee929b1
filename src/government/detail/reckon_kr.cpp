// Korea: Enforcement Decree of the Civil Petitions Treatment Act, article 18. Up to five days are counted in
// working hours, eight a day (1); six days or more in working days, the first included (2); "at once" is three
// working hours (3); weeks, months and years by the calendar, the first day included, to the end of the day before
// the same day, or of the month that has no such day; a last day on a Saturday or holiday moves on (4).
// The Decree knows no calendar days: terms of days are of working days. What is counted in hours runs from the
// time of receipt; of longer terms the first day is the working day on which the petition is received.
#include <algorithm>

#include "base/text.h"
#include "government/detail/reckon.h"

namespace madang::government {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;

constexpr std::string_view kHours = "Civil Petitions Decree of Korea, art. 18(1)";
constexpr std::string_view kDays = "Civil Petitions Decree of Korea, art. 18(2)";
constexpr std::string_view kAtOnce = "Civil Petitions Decree of Korea, art. 18(3)";
constexpr std::string_view kCalendar = "Civil Petitions Decree of Korea, art. 18(4)";
constexpr int kHoursOfADay = 8;
constexpr int kHoursAtOnce = 3;

bool is_of_days(const Term& term) { return term.kind == Term::Kind::working_days || term.kind == Term::Kind::calendar_days; }

Result<hours> hours_of(const Term& term) {
    if (term.kind == Term::Kind::at_once) return hours(kHoursAtOnce);
    if (term.kind == Term::Kind::hours) return hours(term.count);
    if (is_of_days(term)) return hours(term.count * kHoursOfADay);
    return fail(Code::invalid, "a term that is counted in hours is extended by hours or days");
}

void say_hours(Count& count, const Term& term, hours total) {
    const Count::Values values{{"amount", amount_of(Term::Kind::calendar_days, term.count)}, {"hours", Amount{"{n} working hour", "{n} working hours", total.count()}}};
    if (term.kind == Term::Kind::at_once) {
        count.say("At once means within {hours}.", values, kAtOnce);
    } else if (term.kind == Term::Kind::hours) {
        count.say("The term is {hours} from receipt.", values, kHours);
    } else {
        count.say("The term of {amount} is counted from receipt as {hours}, eight a day.", values, kHours);
    }
}

Result<DueDate> by_hours(Count& count, const Run& run) {
    const TimeZone& zone = count.time.zone();
    count.say_start(run, kHours);
    TRY(hours total, hours_of(run.term));
    say_hours(count, run.term, total);
    for (const Extension& extension : run.extensions) {
        TRY(const hours more, hours_of(extension.term));
        total += more;
        count.say_extension(extension);
    }
    microseconds left = total;
    Instant from = run.start;
    for (const Suspension& suspension : run.suspensions) {
        left -= std::min(left, count.time.between(from, suspension.from));
        from = suspension.to;
        count.say_suspension(suspension);
        const auto whole = std::chrono::floor<minutes>(left).count();
        count.say("Of the working time {hours} h {minutes} min were left.", {{"hours", std::int64_t{whole / 60}}, {"minutes", std::int64_t{whole % 60}}},
                  suspension.article);
    }
    TRY(const Instant end, count.time.add(from, left));
    count.say("Days off and the time when the office is closed are not counted; the hours are used up on {date} at {time}.",
              {{"date", zone.date(end)}, {"time", time_text(zone, end)}}, kHours);
    return count.due_at(run.start, end);
}

// The last day of a period by the calendar whose first day is `first`.
Date last_by_calendar(Date first, const Term& term) {
    if (term.kind == Term::Kind::weeks) return days_later(first, 7 * term.count - 1);
    const Later later = months_later(first, term.kind == Term::Kind::years ? 12 * term.count : term.count);
    return later.missing ? later.date : days_later(later.date, -1);
}

// `first` is the first day that is counted; sets the date to the last.
Result<void> lengthen(Count& count, Date first, const Term& term) {
    switch (term.kind) {
        case Term::Kind::day_of_request: count.date = first; return {};
        case Term::Kind::working_days:
        case Term::Kind::calendar_days: {
            TRY(count.date, count.time.working_day_after(days_later(first, -1), term.count));
            return {};
        }
        case Term::Kind::weeks:
        case Term::Kind::months:
        case Term::Kind::years: count.date = last_by_calendar(first, term); return {};
        case Term::Kind::at_once:
        case Term::Kind::hours: break;
    }
    return fail(Code::invalid, "a term that is counted in days is not extended by hours");
}

void say_days(Count& count, const Term& term) {
    const Term::Kind unit = is_of_days(term) ? Term::Kind::working_days : term.kind;
    const Count::Values values{{"amount", amount_of(unit, term.count)}, {"date", count.date}};
    if (term.kind == Term::Kind::day_of_request) {
        count.say("The law asks for an answer on the day of the request.", {}, term.article);
    } else if (is_of_days(term)) {
        count.say("The term is {amount} and the first day counts; the last is {date}.", values, kDays);
    } else if (term.kind == Term::Kind::weeks) {
        count.say("The term is {amount} by the calendar and the first day counts; the last is {date}.", values, kCalendar);
    } else if (term.kind == Term::Kind::months) {
        count.say("The term is {amount} by the calendar and the first day counts; the last is {date}.", values, kCalendar);
    } else {
        count.say("The term is {amount} by the calendar and the first day counts; the last is {date}.", values, kCalendar);
    }
}

// As the first day counts, so does the day of going on: not counted are the days from `from` to the day before `to`.
Result<void> put_behind(Count& count, const Suspension& suspension, const Term& term, Date first) {
    const TimeZone& zone = count.time.zone();
    const Date from = std::max(zone.date(suspension.from), first);
    const Date to = std::max(zone.date(suspension.to), from);
    count.say_suspension(suspension);
    if (is_of_days(term)) {
        const int taken = count.time.working_days(days_later(from, -1), days_later(to, -1));
        TRY(count.date, count.time.working_day_after(count.date, taken));
        count.say_working_days_taken(taken, suspension);
        return {};
    }
    count.move_by_days_taken(days_between(from, to), suspension);
    return {};
}

}  // namespace

Result<DueDate> reckon_kr(const WorkingTime& time, const Run& run) {
    Count count(time);
    count.say_what_sets(run.term);
    if (counts_hours(Rule::kr, run.term)) return by_hours(count, run);
    const std::string_view article = is_of_days(run.term) ? kDays : kCalendar;
    TRY_DO(count.receive(run, article));
    const Date first = count.date;
    TRY_DO(lengthen(count, first, run.term));
    say_days(count, run.term);
    for (const Extension& extension : run.extensions) {
        TRY_DO(lengthen(count, days_later(count.date, 1), extension.term));
        count.say_extension(extension);
    }
    for (const Suspension& suspension : run.suspensions) TRY_DO(put_behind(count, suspension, run.term, first));
    TRY_DO(count.off_a_day_off(kCalendar));
    return count.due_at_close(run.start, article);
}

}  // namespace madang::government
