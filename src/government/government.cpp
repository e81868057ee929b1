#include "government/government.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"

namespace madang::government {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::sys_days;

constexpr minutes kMidnight{0};
constexpr minutes kDayEnd{24 * 60};
constexpr std::size_t kMaxLevels = 20;

std::string clock_text(minutes since_midnight) {
    return format("{:02}:{:02}", since_midnight.count() / 60, since_midnight.count() % 60);
}

}  // namespace

Government::Government() {
    auto utc = TimeZone::find("Etc/UTC");
    MADANG_CHECK(utc.has_value());
    zone_ = std::move(*utc);
}

const Body* Government::find(std::string_view code) const {
    const auto found = std::find_if(bodies_.begin(), bodies_.end(), [&](const Body& body) { return body.code == code; });
    return found == bodies_.end() ? nullptr : &*found;
}

std::vector<const Body*> Government::children(std::string_view code) const {
    std::vector<const Body*> found;
    for (const Body& body : bodies_) {
        if (!body.parent.empty() && body.parent == code) found.push_back(&body);
    }
    return found;
}

bool Government::is_within(std::string_view code, std::string_view ancestor) const {
    const Body* body = find(code);
    for (std::size_t level = 0; body != nullptr && level <= kMaxLevels; ++level) {
        if (body->code == ancestor) return true;
        body = body->parent.empty() ? nullptr : find(body->parent);
    }
    return false;
}

const OfficeHours* Government::office_hours(const Body& body) const {
    const Body* one = &body;
    for (std::size_t level = 0; one != nullptr && level <= kMaxLevels; ++level) {
        if (one->office_hours) return &*one->office_hours;
        one = one->parent.empty() ? nullptr : find(one->parent);
    }
    return nullptr;
}

std::vector<Opening> Government::hours_on(std::string_view body, Date date) const {
    const Body* found = find(body);
    if (found == nullptr || !calendar_.is_working(date)) return {};
    const OfficeHours* hours = office_hours(*found);
    if (hours == nullptr) return {{kMidnight, kDayEnd}};
    const auto& of_day = (*hours)[calendar_.hours_like(date)];
    if (!of_day.empty() || !calendar_.has_no_own_hours(date)) return of_day;
    // A day off by the week that is worked, and nobody said like which day: like the first day with hours.
    const auto any = std::find_if(hours->begin(), hours->end(), [](const auto& openings) { return !openings.empty(); });
    return any == hours->end() ? std::vector<Opening>() : *any;
}

Result<Instant> Government::end_of_working_day(std::string_view body, Date date) const {
    if (find(body) == nullptr) return fail(Code::not_found, format("there is no government body {}", body));
    const auto hours = hours_on(body, date);
    if (hours.empty()) return fail(Code::conflict, format("{} is closed on {}", body, format_date(date)));
    return zone_.instant(date, hours.back().to);
}

// The count of one term: where it stands and the words for how it came there.
struct Government::Count {
    const Government& government;
    std::string body;
    Date date;
    std::vector<Step> steps;
    bool provisional = false;

    // A day on which this body works; the tree's calendar and its own hours.
    bool works_on(Date day) const { return !government.hours_on(body, day).empty(); }

    Result<void> to_next_working_day() {
        for (int ahead = 0; ahead < kMaxDaysAhead; ++ahead) {
            date = Date(sys_days(date) + days(1));
            if (works_on(date)) return {};
        }
        return fail(Code::conflict, format("{} has no working day within ten years", body));
    }

    // Sets `date` to the day on which the request counts as received.
    Result<void> receive(std::chrono::local_time<std::chrono::microseconds> local) {
        const auto midnight = std::chrono::floor<days>(local);
        date = Date(midnight);
        const auto time = std::chrono::floor<minutes>(local - midnight);
        const auto hours = government.hours_on(body, date);
        if (hours.empty()) {
            steps.push_back({"Received on {date}, a day off.", {{"date", date}}});
        } else if (local - midnight >= hours.back().to) {
            steps.push_back({"Received on {date} at {time}, after the end of the working day at {end}.",
                             {{"date", date}, {"time", clock_text(time)}, {"end", clock_text(hours.back().to)}}});
        } else {
            steps.push_back({"Received on {date} at {time}.", {{"date", date}, {"time", clock_text(time)}}});
            return {};
        }
        TRY_DO(to_next_working_day());
        steps.push_back({"It counts as received on the next working day, {date}.", {{"date", date}}});
        return {};
    }

    Result<void> add_working_days(int count) {
        for (int i = 0; i < count; ++i) TRY_DO(to_next_working_day());
        steps.push_back({"The term is {count} working days from the day after receipt; the last is {date}.",
                         {{"count", std::int64_t{count}}, {"date", date}}});
        return {};
    }

    void add_calendar_days(int count) {
        date = Date(sys_days(date) + days(count));
        steps.push_back({"The term is {count} calendar days from the day after receipt; the last is {date}.",
                         {{"count", std::int64_t{count}}, {"date", date}}});
    }

    void add_months(int count) {
        Date same_day = date + std::chrono::months(count);
        if (!same_day.ok()) same_day = same_day.year() / same_day.month() / std::chrono::last;
        date = same_day;
        steps.push_back({"The term is {count} months; it ends on {date}.", {{"count", std::int64_t{count}}, {"date", date}}});
    }

    Result<void> off_a_day_off() {
        if (works_on(date)) return {};
        TRY_DO(to_next_working_day());
        steps.push_back({"The last day is a day off, so the term ends on the next working day, {date}.", {{"date", date}}});
        return {};
    }

    static constexpr int kMaxDaysAhead = 3660;
};

Result<DueDate> Government::due_at(std::string_view body, Instant received, const Term& term) const {
    if (find(body) == nullptr) return fail(Code::not_found, format("there is no government body {}", body));
    Count count{*this, std::string(body), {}, {}, false};
    const Date first = zone_.date(received);
    TRY_DO(count.receive(zone_.local(received)));
    switch (term.kind) {
        case Term::Kind::day_of_request:
            count.steps.push_back({"The law asks for an answer on the day of the request.", {}});
            break;
        case Term::Kind::working_days: TRY_DO(count.add_working_days(term.count)); break;
        case Term::Kind::calendar_days: count.add_calendar_days(term.count); break;
        case Term::Kind::months: count.add_months(term.count); break;
    }
    TRY_DO(count.off_a_day_off());
    DueDate due;
    due.date = count.date;
    TRY(due.at, end_of_working_day(body, due.date));
    const minutes end = std::chrono::floor<minutes>(zone_.local(due.at) - std::chrono::local_days(due.date));
    if (end < kDayEnd) {
        count.steps.push_back({"The working day ends at {time}.", {{"time", clock_text(end)}}});
    }
    for (auto year = first.year(); year <= due.date.year(); ++year) due.provisional = due.provisional || !calendar_.knows(year);
    if (due.provisional) {
        count.steps.push_back({"The days off of one of these years are not published yet, so the date may move.", {}});
    }
    due.steps = std::move(count.steps);
    return due;
}

}  // namespace madang::government
