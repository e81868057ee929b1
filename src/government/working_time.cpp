#include "government/working_time.h"

#include <algorithm>

#include "base/text.h"

namespace madang::government {
namespace {

using std::chrono::days;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::sys_days;

constexpr minutes kMidnight{0};
constexpr minutes kDayEnd{24 * 60};
constexpr int kMaxDaysAhead = 3660;

Date next(Date date) { return Date(sys_days(date) + days(1)); }

// The hours of a working day before it is shortened.
std::vector<Opening> full_hours(const Calendar& calendar, const OfficeHours* hours, Date date) {
    if (hours == nullptr) return {{kMidnight, kDayEnd}};
    const auto& of_day = (*hours)[calendar.hours_like(date)];
    if (!of_day.empty() || !calendar.has_no_own_hours(date)) return of_day;
    // A day off by the week that is worked, and nobody said like which day: like the first day with hours.
    const auto any = std::find_if(hours->begin(), hours->end(), [](const auto& of_one) { return !of_one.empty(); });
    return any == hours->end() ? std::vector<Opening>() : *any;
}

}  // namespace

std::vector<Opening> openings(const Calendar& calendar, const OfficeHours* hours, Date date) {
    if (!calendar.is_working(date)) return {};
    std::vector<Opening> found = full_hours(calendar, hours, date);
    minutes cut = calendar.shortened_by(date);
    while (!found.empty() && cut > minutes(0)) {
        const minutes length = found.back().to - found.back().from;
        if (length > cut) {
            found.back().to -= cut;
            break;
        }
        cut -= length;
        found.pop_back();
    }
    return found;
}

Result<Date> WorkingTime::working_day_after(Date date, int count) const {
    for (int ahead = 0; ahead < kMaxDaysAhead; ++ahead) {
        if (count <= 0) return date;
        date = next(date);
        if (works_on(date)) --count;
    }
    if (count <= 0) return date;
    return fail(Code::conflict, "there are not so many working days within ten years");
}

int WorkingTime::working_days(Date after, Date last) const {
    int count = 0;
    while (sys_days(after) < sys_days(last)) {
        after = next(after);
        if (works_on(after)) ++count;
    }
    return count;
}

Result<Instant> WorkingTime::end_of(Date date) const {
    const auto hours = hours_on(date);
    if (hours.empty()) return fail(Code::conflict, format("{} is a day off", format_date(date)));
    return zone_.instant(date, hours.back().to);
}

microseconds WorkingTime::between(Instant from, Instant to) const {
    microseconds sum{0};
    if (to <= from) return sum;
    const sys_days last(zone_.date(to));
    for (Date date = zone_.date(from); sys_days(date) <= last; date = next(date)) {
        for (const Opening& opening : hours_on(date)) {
            const Instant begin = std::max(from, zone_.instant(date, opening.from));
            const Instant end = std::min(to, zone_.instant(date, opening.to));
            if (end > begin) sum += end - begin;
        }
    }
    return sum;
}

Result<Instant> WorkingTime::add(Instant from, microseconds amount) const {
    if (amount <= microseconds(0)) return from;
    Date date = zone_.date(from);
    for (int ahead = 0; ahead < kMaxDaysAhead; ++ahead, date = next(date)) {
        for (const Opening& opening : hours_on(date)) {
            const Instant begin = std::max(from, zone_.instant(date, opening.from));
            const Instant end = zone_.instant(date, opening.to);
            if (end <= begin) continue;
            if (end - begin >= amount) return begin + amount;
            amount -= end - begin;
        }
    }
    return fail(Code::conflict, "there is not so much working time within ten years");
}

}  // namespace madang::government
