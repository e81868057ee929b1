// When one body works: its calendar, its office hours and the zone of its clocks, with sums over working time.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/time_text.h"
#include "government/body.h"

namespace madang::government {

// The openings of one day, shortened as the calendar says; none on a day off. No hours: midnight to midnight.
std::vector<Opening> openings(const Calendar& calendar, const OfficeHours* hours, Date date);

class WorkingTime {
public:
    WorkingTime(TimeZone zone, Calendar calendar, std::optional<OfficeHours> hours)
        : zone_(std::move(zone)), calendar_(std::move(calendar)), hours_(std::move(hours)) {}

    const TimeZone& zone() const { return zone_; }
    const Calendar& calendar() const { return calendar_; }

    std::vector<Opening> hours_on(Date date) const { return openings(calendar_, hours_ ? &*hours_ : nullptr, date); }
    bool works_on(Date date) const { return !hours_on(date).empty(); }
    // The n-th working day after `date`. Code::conflict where there is none within ten years.
    Result<Date> working_day_after(Date date, int count = 1) const;
    // How many of the days after `after`, up to and with `last`, are worked.
    int working_days(Date after, Date last) const;
    // Code::conflict on a day off.
    Result<Instant> end_of(Date date) const;

    // The working time between two moments; zero where they stand the other way round.
    std::chrono::microseconds between(Instant from, Instant to) const;
    // The moment at which so much working time has passed since `from`. Code::conflict where ten years have less.
    Result<Instant> add(Instant from, std::chrono::microseconds amount) const;

private:
    TimeZone zone_;
    Calendar calendar_;
    std::optional<OfficeHours> hours_;
};

}  // namespace madang::government
