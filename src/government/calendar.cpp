#include "government/calendar.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/json.h"
#include "base/time_text.h"
#include "crypto/hash.h"

namespace madang::government {
namespace {

constexpr int kMaxDaysAhead = 3660;
constexpr std::size_t kYearsForFixedDays = 3;

using std::chrono::days;
using std::chrono::sys_days;

json::array dates_of(const std::set<Date>& dates) {
    json::array list;
    for (const Date date : dates) list.emplace_back(format_date(date));
    return list;
}

std::string hash_of_text(const std::string& text) { return hex(crypto::sha256(as_bytes(text))); }

}  // namespace

std::string hash_of(const Edition& edition) {
    json::array years;
    for (const int year : edition.years) years.emplace_back(year);
    json::array moved;
    for (const auto& [date, instead] : edition.moved_working_days) moved.push_back(json::array{format_date(date), instead ? format_date(*instead) : std::string()});
    json::array shorter;
    for (const auto& [date, cut] : edition.short_days) shorter.push_back(json::array{format_date(date), cut.count()});
    return hash_of_text(json::serialize(json::array{edition.source, edition.published ? format_date(*edition.published) : std::string(), std::move(years), edition.complete,
                                                    dates_of(edition.holidays), dates_of(edition.days_off), std::move(moved), std::move(shorter)}));
}

unsigned weekday_index(Date date) { return std::chrono::weekday(sys_days(date)).iso_encoding() - 1; }

Calendar::Calendar(Parts parts) : parts_(std::move(parts)) {
    // Of two editions of one day the later in the file wins.
    std::vector<Edition> sorted;
    for (Edition& edition : parts_.editions) {
        sorted.insert(std::ranges::upper_bound(sorted, edition.published, {}, &Edition::published), std::move(edition));
    }
    parts_.editions = std::move(sorted);
    for (const Edition& edition : parts_.editions) lay_over(edition);
    find_fixed_days();
}

void Calendar::find_fixed_days() {
    const std::size_t looked_at = std::min(years_.size(), kYearsForFixedDays);
    if (looked_at < 2) return;
    std::map<std::chrono::month_day, std::size_t> times;
    const std::set<int> last(std::prev(years_.end(), static_cast<std::ptrdiff_t>(looked_at)), years_.end());
    for (const Date date : holidays_) {
        if (last.contains(static_cast<int>(date.year()))) ++times[date.month() / date.day()];
    }
    for (const auto& [day, count] : times) {
        if (count == looked_at) fixed_.insert(day);
    }
}

bool Calendar::is_holiday(Date date) const {
    if (holidays_.contains(date)) return true;
    return !told_.empty() && static_cast<int>(date.year()) > *told_.rbegin() && fixed_.contains(date.month() / date.day());
}

void Calendar::lay_over(const Edition& edition) {
    const auto replaced = [&](Date date) { return edition.years.contains(static_cast<int>(date.year())); };
    const auto replaced_day = [&](const auto& day) { return replaced(day.first); };
    std::erase_if(holidays_, replaced);
    std::erase_if(days_off_, replaced);
    std::erase_if(moved_, replaced_day);
    std::erase_if(short_, replaced_day);
    told_.insert(edition.years.begin(), edition.years.end());
    for (const int year : edition.years) {
        if (edition.complete) years_.insert(year);
        else years_.erase(year);
    }
    holidays_.insert(edition.holidays.begin(), edition.holidays.end());
    days_off_.insert(edition.days_off.begin(), edition.days_off.end());
    moved_.insert(edition.moved_working_days.begin(), edition.moved_working_days.end());
    short_.insert(edition.short_days.begin(), edition.short_days.end());
}

Calendar Calendar::as_of(Date day) const {
    Parts known = parts_;
    std::erase_if(known.editions, [&](const Edition& edition) { return edition.published && *edition.published > day; });
    return Calendar(std::move(known));
}

std::string Calendar::hash() const {
    json::array week;
    for (const bool off : parts_.weekend) week.emplace_back(off);
    json::array editions;
    for (const Edition& edition : parts_.editions) editions.emplace_back(hash_of(edition));
    return hash_of_text(json::serialize(json::array{std::move(week), parts_.short_eve.count(), std::move(editions)}));
}

bool Calendar::is_working(Date date) const {
    if (moved_.contains(date)) return true;
    return !parts_.weekend[weekday_index(date)] && !is_holiday(date) && !days_off_.contains(date);
}

bool Calendar::is_day_of_weekend(Date date) const { return parts_.weekend[weekday_index(date)]; }

std::chrono::minutes Calendar::shortened_by(Date date) const {
    if (!is_working(date)) return std::chrono::minutes(0);
    if (const auto own = short_.find(date); own != short_.end()) return own->second;
    return is_holiday(Date(sys_days(date) + days(1))) ? parts_.short_eve : std::chrono::minutes(0);
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
    const auto moved = moved_.find(date);
    if (moved != moved_.end() && moved->second) return weekday_index(*moved->second);
    return weekday_index(date);
}

bool Calendar::has_no_own_hours(Date date) const {
    const auto moved = moved_.find(date);
    return moved != moved_.end() && !moved->second;
}

}  // namespace madang::government
