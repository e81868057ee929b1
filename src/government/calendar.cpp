#include "government/calendar.h"

#include <utility>

namespace madang::government {
namespace {

constexpr int kMaxDaysAhead = 3660;

using std::chrono::days;
using std::chrono::sys_days;

}  // namespace

unsigned weekday_index(Date date) { return std::chrono::weekday(sys_days(date)).iso_encoding() - 1; }

Calendar::Calendar(Parts parts) : parts_(std::move(parts)) {
    for (const Date& date : parts_.holidays) years_.insert(static_cast<int>(date.year()));
}

bool Calendar::is_working(Date date) const {
    if (parts_.moved_working_days.contains(date)) return true;
    return !parts_.weekend[weekday_index(date)] && !parts_.holidays.contains(date);
}

std::optional<Date> Calendar::next_working_day(Date date) const { return add_working_days(date, 1); }

std::optional<Date> Calendar::add_working_days(Date date, int count) const {
    // Bounded so that a calendar without any working day ends the search too.
    sys_days day(date);
    for (int ahead = 0; ahead < kMaxDaysAhead; ++ahead) {
        if (count <= 0) return Date(day);
        day += days(1);
        if (is_working(Date(day))) --count;
    }
    return count <= 0 ? std::optional<Date>(Date(day)) : std::nullopt;
}

std::optional<Date> Calendar::this_or_next_working_day(Date date) const {
    return is_working(date) ? std::optional<Date>(date) : next_working_day(date);
}

bool Calendar::knows(std::chrono::year year) const { return years_.contains(static_cast<int>(year)); }

unsigned Calendar::hours_like(Date date) const {
    const auto moved = parts_.moved_working_days.find(date);
    if (moved != parts_.moved_working_days.end() && moved->second) return weekday_index(*moved->second);
    return weekday_index(date);
}

bool Calendar::has_no_own_hours(Date date) const {
    const auto moved = parts_.moved_working_days.find(date);
    return moved != parts_.moved_working_days.end() && !moved->second;
}

}  // namespace madang::government
