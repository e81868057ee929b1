// Which days are worked: the week, public holidays, days moved by decision and shortened days, as the official
// editions of each year say. Immutable. Format: docs/formats/government.md.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"

namespace madang::government {

// The days of some years, as one act publishes them. It replaces what earlier editions said of these years.
struct Edition {
    std::string source;                   // the act that the days come from
    std::optional<Date> published;        // absent: known before all others
    std::set<int> years;
    bool complete = true;                 // false: the days moved in these years are not published yet
    std::set<Date> holidays;              // public holidays
    std::set<Date> days_off;              // other days off: made free by moving work to another day
    // Days off by the week that are worked, and the day whose office hours they take.
    std::map<Date, std::optional<Date>> moved_working_days;
    std::map<Date, std::chrono::minutes> short_days;  // by how much the working day ends earlier
};

// SHA-256 over what an edition says, in hexadecimal digits: how acts name it, dated or not.
std::string hash_of(const Edition& edition);

class Calendar {
public:
    struct Parts {
        std::array<bool, 7> weekend{};        // Monday first
        std::chrono::minutes short_eve{0};    // by how much a working day before a holiday ends earlier
        std::vector<Edition> editions;        // in any order
    };
    Calendar() = default;                     // every day is worked
    explicit Calendar(Parts parts);

    // The calendar as it was known at the end of that day: without the editions published later.
    Calendar as_of(Date day) const;
    const std::vector<Edition>& editions() const { return parts_.editions; }  // the earliest first

    // SHA-256 over the week and all editions: two calendars that say the same have the same.
    std::string hash() const;

    bool is_working(Date date) const;
    bool is_day_of_weekend(Date date) const;
    // Of a year after all that are published it is a day that was a holiday in each of the last ones: new year does not move.
    bool is_holiday(Date date) const;
    // By how much the working day is shorter than the office hours say; zero on most days.
    std::chrono::minutes shortened_by(Date date) const;
    // The first working day after `date`, and the n-th (n >= 1). Nothing where there is none within
    // ten years.
    std::optional<Date> next_working_day(Date date) const;
    std::optional<Date> add_working_days(Date date, int count) const;
    // `date`, or the first working day after it.
    std::optional<Date> this_or_next_working_day(Date date) const;
    // True where a complete edition is for that year, so that its days are known.
    bool knows(std::chrono::year year) const;
    // The day of the week (0 is Monday) whose office hours hold on a working day.
    unsigned hours_like(Date date) const;
    // True for a moved working day of which nobody said like which day it is worked.
    bool has_no_own_hours(Date date) const;

private:
    void lay_over(const Edition& edition);
    void find_fixed_days();

    Parts parts_;
    std::set<int> years_;
    std::set<int> told_;                      // years of which an edition says anything
    std::set<std::chrono::month_day> fixed_;  // holidays of every year
    std::set<Date> holidays_;
    std::set<Date> days_off_;
    std::map<Date, std::optional<Date>> moved_;
    std::map<Date, std::chrono::minutes> short_;
};

// 0 is Monday.
unsigned weekday_index(Date date);

}  // namespace madang::government
