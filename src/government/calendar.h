// Which days are worked: the week, public holidays and days moved by decision. Immutable.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/clock.h"

namespace madang::government {

class Calendar {
public:
    struct Parts {
        std::string source;                   // the act that the days come from
        std::array<bool, 7> weekend{};        // Monday first
        std::set<Date> holidays;
        // Days off by the week that are worked, and the day whose office hours they take.
        std::map<Date, std::optional<Date>> moved_working_days;
    };
    Calendar() = default;                     // every day is worked
    explicit Calendar(Parts parts);

    const std::string& source() const { return parts_.source; }
    bool is_working(Date date) const;
    // The first working day after `date`, and the n-th (n >= 1). Nothing where there is none within
    // ten years.
    std::optional<Date> next_working_day(Date date) const;
    std::optional<Date> add_working_days(Date date, int count) const;
    // `date`, or the first working day after it.
    std::optional<Date> this_or_next_working_day(Date date) const;
    // True where the calendar names a holiday of that year, so that its days are known.
    bool knows(std::chrono::year year) const;
    // The day of the week (0 is Monday) whose office hours hold on a working day.
    unsigned hours_like(Date date) const;
    // True for a moved working day of which nobody said like which day it is worked.
    bool has_no_own_hours(Date date) const;

private:
    Parts parts_;
    std::set<int> years_;
};

// 0 is Monday.
unsigned weekday_index(Date date);

}  // namespace madang::government
