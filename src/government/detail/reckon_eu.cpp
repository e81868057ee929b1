// Regulation (EEC, Euratom) No 1182/71, articles 2 and 3. The hour or the day of the event is not counted (3(1)),
// a period ends with the last hour of its last day (3(2)), days off are counted (3(3)), a last day that is off
// moves on (3(4)), and a period of two days or more has two working days in it (3(5)).
// Weeks, months and years end on the day of the event: Case C-171/03.
#include "base/text.h"
#include "government/detail/reckon.h"

namespace madang::government {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::string_view kWorkingDays = "Regulation 1182/71, art. 2(2)";
constexpr std::string_view kEvent = "Regulation 1182/71, art. 3(1)";
constexpr std::string_view kEnd = "Regulation 1182/71, art. 3(2)";
constexpr std::string_view kDayOff = "Regulation 1182/71, art. 3(4)";
constexpr std::string_view kTwoDays = "Regulation 1182/71, art. 3(5)";
constexpr int kMaxDaysAhead = 3660;

// A working day is one that the calendar has, whether the body opens on it or not: article 2(2).
Result<void> to_working_day(Count& count, int number) {
    for (int ahead = 0; number > 0; ++ahead) {
        if (ahead == kMaxDaysAhead) return fail(Code::conflict, "there are not so many working days within ten years");
        count.date = days_later(count.date, 1);
        if (count.time.calendar().is_working(count.date)) --number;
    }
    return {};
}

Result<void> lengthen(Count& count, const Term& term) {
    switch (term.kind) {
        case Term::Kind::day_of_request: return {};
        case Term::Kind::working_days: return to_working_day(count, term.count);
        case Term::Kind::calendar_days: count.date = days_later(count.date, term.count); return {};
        case Term::Kind::weeks: count.date = days_later(count.date, 7 * term.count); return {};
        case Term::Kind::months: count.date = months_later(count.date, term.count).date; return {};
        case Term::Kind::years: count.date = months_later(count.date, 12 * term.count).date; return {};
        case Term::Kind::at_once:
        case Term::Kind::hours: break;
    }
    return fail(Code::invalid, format("the rule of the European Union has no term {} here", name_of(term.kind)));
}

void say_term(Count& count, const Term& term) {
    const Count::Values values{{"amount", amount_of(term.kind, term.count)}, {"date", count.date}};
    switch (term.kind) {
        case Term::Kind::day_of_request: count.say("The law asks for an answer on the day of the request.", {}, term.article); break;
        case Term::Kind::working_days:
            count.say("The term is {amount} from the day after the event; the last is {date}.", values, kWorkingDays);
            break;
        case Term::Kind::calendar_days:
            count.say("The term is {amount} from the day after the event; the last is {date}.", values, kEvent);
            break;
        case Term::Kind::weeks: count.say("The term is {amount}; it ends on {date}.", values, kEnd); break;
        case Term::Kind::months: count.say("The term is {amount}; it ends on {date}.", values, kEnd); break;
        case Term::Kind::years: count.say("The term is {amount}; it ends on {date}.", values, kEnd); break;
        case Term::Kind::at_once:
        case Term::Kind::hours: break;
    }
}

int working_days(const Calendar& calendar, Date after, Date last) {
    int found = 0;
    for (Date date = after; date < last;) {
        date = days_later(date, 1);
        if (calendar.is_working(date)) ++found;
    }
    return found;
}

// The day of the suspension has been used, the day of going on has not.
Result<void> put_behind(Count& count, const Suspension& suspension, const Term& term) {
    const Date from = count.time.zone().date(suspension.from);
    const Date to = count.time.zone().date(suspension.to);
    count.say_suspension(suspension);
    if (term.kind == Term::Kind::working_days) {
        const int taken = working_days(count.time.calendar(), from, to);
        TRY_DO(to_working_day(count, taken));
        count.say_working_days_taken(taken, suspension);
        return {};
    }
    count.move_by_days_taken(days_between(from, to), suspension);
    return {};
}

Result<void> two_working_days(Count& count, Date event) {
    if (days_between(event, count.date) < 2) return {};
    const int found = working_days(count.time.calendar(), event, count.date);
    if (found >= 2) return {};
    TRY_DO(to_working_day(count, 2 - found));
    count.say("A period of two days or more has at least two working days; the second is {date}.", {{"date", count.date}}, kTwoDays);
    return {};
}

// Hours run by the clock, at night and on days off too; article 3(4) is not for them.
Result<DueDate> by_hours(Count& count, const Run& run) {
    const TimeZone& zone = count.time.zone();
    const auto local = zone.local(run.start);
    const Instant begin = run.start + (std::chrono::floor<hours>(local) + hours(1) - local);
    count.say("The event was on {date} at {time}; its hour is not counted.", {{"date", zone.date(run.start)}, {"time", time_text(zone, run.start)}},
              kEvent);
    Instant end = begin + hours(run.term.count);
    count.say("The term is {amount} from {time}.", {{"amount", amount_of(run.term.kind, run.term.count)}, {"time", time_text(zone, begin)}}, kEnd);
    for (const Extension& extension : run.extensions) {
        if (extension.term.kind != Term::Kind::hours) return fail(Code::invalid, "a term of hours is extended by hours");
        end += hours(extension.term.count);
        count.say_extension(extension);
    }
    for (const Suspension& suspension : run.suspensions) {
        end += std::max(suspension.to, begin) - std::max(suspension.from, begin);
        count.say_suspension(suspension);
    }
    count.say("The last hour ends on {date} at {time}.", {{"date", zone.date(end)}, {"time", time_text(zone, end)}}, kEnd);
    return count.due_at(run.start, end);
}

}  // namespace

Result<DueDate> reckon_eu(const WorkingTime& time, const Run& run) {
    Count count(time);
    count.say_what_sets(run.term);
    if (run.term.kind == Term::Kind::hours) return by_hours(count, run);
    const Date event = time.zone().date(run.start);
    count.date = event;
    count.say("The event was on {date}; its day is not counted.", {{"date", event}}, kEvent);
    TRY_DO(lengthen(count, run.term));
    say_term(count, run.term);
    for (const Extension& extension : run.extensions) {
        TRY_DO(lengthen(count, extension.term));
        count.say_extension(extension);
    }
    for (const Suspension& suspension : run.suspensions) TRY_DO(put_behind(count, suspension, run.term));
    const bool of_two_days = days_between(event, count.date) >= 2;
    if (!time.calendar().is_working(count.date)) {
        TRY_DO(to_working_day(count, 1));
        count.say("The last day is a day off, so the term ends on the next working day, {date}.", {{"date", count.date}}, kDayOff);
    }
    if (of_two_days) TRY_DO(two_working_days(count, event));
    count.say("The term ends with the last hour of that day.", {}, kEnd);
    return count.due_at(run.start, time.zone().instant(count.date, minutes(24 * 60)));
}

}  // namespace madang::government
