#include "government/detail/reckon.h"

#include <utility>

#include "base/text.h"

namespace madang::government {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::sys_days;

constexpr minutes kDayEnd{24 * 60};

bool is_provisional(const Calendar& calendar, Date first, Date last) {
    for (auto year = first.year(); year <= last.year(); ++year) {
        if (!calendar.knows(year)) return true;
    }
    return false;
}

}  // namespace

bool counts_hours(Rule rule, const Term& term) {
    constexpr int kMostDaysInHours = 5;  // Korea: Enforcement Decree art. 18(1)
    switch (term.kind) {
        case Term::Kind::at_once: return rule == Rule::kr;
        case Term::Kind::hours: return rule != Rule::by;
        case Term::Kind::working_days:
        case Term::Kind::calendar_days: return rule == Rule::kr && term.count <= kMostDaysInHours;
        case Term::Kind::day_of_request:
        case Term::Kind::weeks:
        case Term::Kind::months:
        case Term::Kind::years: return false;
    }
    return false;
}

Result<DueDate> reckon(Rule rule, const WorkingTime& time, const Run& run) {
    switch (rule) {
        case Rule::by: return reckon_by(time, run);
        case Rule::eu: return reckon_eu(time, run);
        case Rule::kr: return reckon_kr(time, run);
    }
    return fail(Code::invalid, "no such rule");
}

void Count::say(std::string_view source, Values values, std::string_view article) {
    steps.push_back({std::string(source), std::move(values), std::string(article)});
}

void Count::say_what_sets(const Term& term) {
    if (!term.article.empty()) say("The law sets the term.", {}, term.article);
}

void Count::say_start(const Run& run, std::string_view article) {
    const std::string_view source = run.from == Run::From::receipt ? "Received on {date} at {time}." : "The term begins on {date} at {time}.";
    say(source, {{"date", time.zone().date(run.start)}, {"time", time_text(time.zone(), run.start)}}, article);
}

Result<void> Count::receive(const Run& run, std::string_view article) {
    const Instant moment = run.start;
    const bool anew = run.from == Run::From::anew;
    const auto local = time.zone().local(moment);
    const auto midnight = std::chrono::floor<days>(local);
    date = Date(midnight);
    const std::string shown = time_text(time.zone(), moment);
    const auto hours = time.hours_on(date);
    if (hours.empty()) {
        say(anew ? "The term begins on {date}, a day off." : "Received on {date}, a day off.", {{"date", date}}, article);
    } else if (local - midnight >= hours.back().to) {
        say(anew ? "The term begins on {date} at {time}, after the end of the working day at {end}."
                 : "Received on {date} at {time}, after the end of the working day at {end}.",
            {{"date", date}, {"time", shown}, {"end", clock_text(hours.back().to)}}, article);
    } else {
        say_start(run, article);
        return {};
    }
    TRY(date, time.working_day_after(date));
    say(anew ? "It counts from the next working day, {date}." : "It counts as received on the next working day, {date}.", {{"date", date}}, article);
    return {};
}

void Count::say_extension(const Extension& extension) {
    say("The term was extended by {amount}: {reason}", {{"amount", amount_of(extension.term.kind, extension.term.count)}, {"reason", extension.reason}}, extension.article);
}

void Count::say_working_days_taken(int taken, const Suspension& suspension) { say_taken(amount_of(Term::Kind::working_days, taken), suspension); }

void Count::move_by_days_taken(int taken, const Suspension& suspension) {
    date = days_later(date, taken);
    say_taken(amount_of(Term::Kind::calendar_days, taken), suspension);
}

void Count::say_taken(const Amount& taken, const Suspension& suspension) {
    if (suspension.open && taken.count == 0) return;
    say(suspension.open ? "That took {amount} so far; if it went on today, the last day would be {date}." : "That took {amount}; the last day is now {date}.",
        {{"amount", taken}, {"date", date}}, suspension.article);
}

void Count::say_suspension(const Suspension& suspension) {
    if (suspension.open) {
        say(suspension.waiting_for == WaitingFor::applicant ? "The clock has been standing since {from}, waiting for the applicant: {reason}"
                                                            : "The clock has been standing since {from}, waiting for another body: {reason}",
            {{"from", time.zone().date(suspension.from)}, {"reason", suspension.reason}}, suspension.article);
        return;
    }
    const std::string_view source = suspension.waiting_for == WaitingFor::applicant
                                        ? "The clock stood from {from} to {to}, waiting for the applicant: {reason}"
                                        : "The clock stood from {from} to {to}, waiting for another body: {reason}";
    say(source, {{"from", time.zone().date(suspension.from)}, {"to", time.zone().date(suspension.to)}, {"reason", suspension.reason}},
        suspension.article);
}

Result<void> Count::off_a_day_off(std::string_view article) {
    if (time.works_on(date)) return {};
    TRY(date, time.working_day_after(date));
    say("The last day is a day off, so the term ends on the next working day, {date}.", {{"date", date}}, article);
    return {};
}

Result<DueDate> Count::due_at_close(Instant start, std::string_view article) {
    TRY(const Instant end, time.end_of(date));
    const auto closing = time.hours_on(date).back().to;
    if (closing < kDayEnd) say("The working day ends at {time}.", {{"time", clock_text(closing)}}, article);
    return due_at(start, end);
}

DueDate Count::due_at(Instant start, Instant moment) {
    DueDate due;
    due.at = moment;
    due.date = end_date(time.zone(), moment);
    due.provisional = is_provisional(time.calendar(), time.zone().date(start), due.date);
    if (due.provisional) say("The days off of one of these years are not published yet, so the date may move.", {}, "");
    due.steps = std::move(steps);
    return due;
}

Later months_later(Date date, int count) {
    const Date same_day = date + std::chrono::months(count);
    if (same_day.ok()) return {same_day};
    return {same_day.year() / same_day.month() / std::chrono::last, true};
}

Date days_later(Date date, int count) { return Date(sys_days(date) + days(count)); }

int days_between(Date from, Date to) { return static_cast<int>((sys_days(to) - sys_days(from)).count()); }

std::string clock_text(minutes since_midnight) {
    return format("{:02}:{:02}", since_midnight.count() / 60, since_midnight.count() % 60);
}

std::string time_text(const TimeZone& zone, Instant moment) {
    const auto local = zone.local(moment);
    return clock_text(std::chrono::floor<minutes>(local - std::chrono::floor<days>(local)));
}

Date end_date(const TimeZone& zone, Instant moment) { return zone.date(moment - std::chrono::microseconds(1)); }

}  // namespace madang::government
