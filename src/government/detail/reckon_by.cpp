// Terms of Belarus: the Civil Code, chapter 11, on periods. The day after receipt is the first (art. 192), years,
// months and weeks end on the same day (art. 193), a last day that is off moves on (art. 194), and what is done
// in an office is done while it is open (art. 195). Days taken by a suspension are put behind the end.
#include "base/text.h"
#include "government/detail/reckon.h"

namespace madang::government {
namespace {

constexpr std::string_view kBegin = "Civil Code of Belarus, art. 192";
constexpr std::string_view kEnd = "Civil Code of Belarus, art. 193";
constexpr std::string_view kDayOff = "Civil Code of Belarus, art. 194";
constexpr std::string_view kOffice = "Civil Code of Belarus, art. 195";

// Moves the end by one term: the statutory one or an extension.
Result<void> lengthen(Count& count, const Term& term) {
    switch (term.kind) {
        case Term::Kind::day_of_request: return {};
        case Term::Kind::working_days: {
            TRY(count.date, count.time.working_day_after(count.date, term.count));
            return {};
        }
        case Term::Kind::calendar_days: count.date = days_later(count.date, term.count); return {};
        case Term::Kind::weeks: count.date = days_later(count.date, 7 * term.count); return {};
        case Term::Kind::months: count.date = months_later(count.date, term.count).date; return {};
        case Term::Kind::years: count.date = months_later(count.date, 12 * term.count).date; return {};
        case Term::Kind::at_once:
        case Term::Kind::hours: break;
    }
    return fail(Code::invalid, format("the rule of Belarus has no term {}", name_of(term.kind)));
}

void say_term(Count& count, const Term& term) {
    const Count::Values values{{"amount", amount_of(term.kind, term.count)}, {"date", count.date}};
    switch (term.kind) {
        case Term::Kind::day_of_request: count.say("The law asks for an answer on the day of the request.", {}, term.article); break;
        case Term::Kind::working_days:
            count.say("The term is {amount} from the day after receipt; the last is {date}.", values, kBegin);
            break;
        case Term::Kind::calendar_days:
            count.say("The term is {amount} from the day after receipt; the last is {date}.", values, kBegin);
            break;
        case Term::Kind::weeks: count.say("The term is {amount}; it ends on {date}.", values, kEnd); break;
        case Term::Kind::months: count.say("The term is {amount}; it ends on {date}.", values, kEnd); break;
        case Term::Kind::years: count.say("The term is {amount}; it ends on {date}.", values, kEnd); break;
        case Term::Kind::at_once:
        case Term::Kind::hours: break;
    }
}

// The day of the suspension has been used, the day of going on has not: days after `from` up to and with `to`.
Result<void> put_behind(Count& count, const Suspension& suspension, const Term& term, Date received) {
    const TimeZone& zone = count.time.zone();
    const Date from = std::max(zone.date(suspension.from), received);
    const Date to = std::max(zone.date(suspension.to), from);
    count.say_suspension(suspension);
    if (term.kind == Term::Kind::working_days) {
        const int taken = count.time.working_days(from, to);
        TRY(count.date, count.time.working_day_after(count.date, taken));
        count.say_working_days_taken(taken, suspension);
        return {};
    }
    count.move_by_days_taken(days_between(from, to), suspension);
    return {};
}

}  // namespace

Result<DueDate> reckon_by(const WorkingTime& time, const Run& run) {
    Count count(time);
    count.say_what_sets(run.term);
    TRY_DO(count.receive(run, kOffice));
    const Date received = count.date;
    TRY_DO(lengthen(count, run.term));
    say_term(count, run.term);
    for (const Extension& extension : run.extensions) {
        TRY_DO(lengthen(count, extension.term));
        count.say_extension(extension);
    }
    for (const Suspension& suspension : run.suspensions) TRY_DO(put_behind(count, suspension, run.term, received));
    TRY_DO(count.off_a_day_off(kDayOff));
    return count.due_at_close(run.start, kOffice);
}

}  // namespace madang::government
