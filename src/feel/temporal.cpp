#include "feel/temporal.h"

#include <array>

#include "base/text.h"
#include "base/time_text.h"

namespace madang::feel {
namespace {

constexpr std::int64_t kMaxYear = 999'999'999;
constexpr std::int64_t kNano = 1'000'000'000;
constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kMaxMonths = 12 * 2 * kMaxYear;
constexpr std::int64_t kMaxSeconds = std::int64_t{1} << 56U;

// Reads a text from the left; each step is true when it took something.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}
    bool take(char c) {
        if (text_.empty() || text_.front() != c) return false;
        text_.remove_prefix(1);
        return true;
    }
    bool done() const { return text_.empty(); }
    char front() const { return text_.empty() ? '\0' : text_.front(); }
    // Between `least` and `most` digits.
    std::optional<std::int64_t> digits(std::size_t least, std::size_t most) {
        std::int64_t value = 0;
        std::size_t count = 0;
        while (count < text_.size() && count < most && text_[count] >= '0' && text_[count] <= '9') {
            value = value * 10 + (text_[count] - '0');
            ++count;
        }
        if (count < least) return std::nullopt;
        text_.remove_prefix(count);
        taken_ = count;
        return value;
    }
    std::size_t taken() const { return taken_; }
    std::string_view rest() const { return text_; }
    void finish() { text_ = {}; }

private:
    std::string_view text_;
    std::size_t taken_ = 0;
};

std::optional<CalendarDate> scan_date(Scanner& scanner) {
    const bool negative = scanner.take('-');
    const bool leading_zero = scanner.front() == '0';
    const auto year = scanner.digits(4, 9);
    if (!year || (leading_zero && scanner.taken() > 4) || !scanner.take('-')) return std::nullopt;
    const auto month = scanner.digits(2, 2);
    if (!month || !scanner.take('-')) return std::nullopt;
    const auto day = scanner.digits(2, 2);
    if (!day) return std::nullopt;
    const CalendarDate date{negative ? -*year : *year, static_cast<int>(*month), static_cast<int>(*day)};
    return is_valid(date) ? std::optional(date) : std::nullopt;
}

// A fraction of a second as nanoseconds; further digits are cut off.
std::optional<std::int64_t> scan_fraction(Scanner& scanner) {
    std::int64_t nanoseconds = 0;
    std::int64_t unit = kNano / 10;
    bool any = false;
    while (scanner.front() >= '0' && scanner.front() <= '9') {
        nanoseconds += (scanner.front() - '0') * unit;
        unit /= 10;
        any = true;
        scanner.take(scanner.front());
    }
    return any ? std::optional(nanoseconds) : std::nullopt;
}

bool scan_zone(Scanner& scanner, TimeOfDay& time) {
    if (scanner.done()) return true;
    if (scanner.take('Z') || scanner.take('z')) {
        time.offset = 0;
        return scanner.done();
    }
    if (scanner.take('@')) {
        const auto zone = TimeZone::find(scanner.rest());
        if (!zone) return false;
        time.zone = std::string(scanner.rest());
        if (time.zone == "Etc/UTC" || time.zone == "UTC") {
            time.offset = 0;
        }
        scanner.finish();
        return true;
    }
    const bool west = scanner.front() == '-';
    if (!scanner.take('+') && !scanner.take('-')) return false;
    const auto hours = scanner.digits(2, 2);
    if (!hours || !scanner.take(':')) return false;
    const auto minutes = scanner.digits(2, 2);
    if (!minutes) return false;
    std::int64_t seconds = 0;
    if (scanner.take(':')) {
        const auto given = scanner.digits(2, 2);
        if (!given) return false;
        seconds = *given;
    }
    if (!scanner.done() || *hours > 14 || *minutes > 59 || seconds > 59 || (*hours == 14 && (*minutes > 0 || seconds > 0))) return false;
    const std::int64_t offset = *hours * 3600 + *minutes * 60 + seconds;
    time.offset = static_cast<std::int32_t>(west ? -offset : offset);
    return true;
}

// hh:mm:ss with an optional fraction and zone. `midnight` is set for 24:00:00.
std::optional<TimeOfDay> scan_time(Scanner& scanner, bool& midnight) {
    const auto hours = scanner.digits(2, 2);
    if (!hours || !scanner.take(':')) return std::nullopt;
    const auto minutes = scanner.digits(2, 2);
    if (!minutes || !scanner.take(':')) return std::nullopt;
    const auto seconds = scanner.digits(2, 2);
    if (!seconds) return std::nullopt;
    std::int64_t nanoseconds = 0;
    if (scanner.take('.')) {
        const auto fraction = scan_fraction(scanner);
        if (!fraction) return std::nullopt;
        nanoseconds = *fraction;
    }
    midnight = *hours == 24 && *minutes == 0 && *seconds == 0 && nanoseconds == 0;
    if ((*hours > 23 && !midnight) || *minutes > 59 || *seconds > 59) return std::nullopt;
    TimeOfDay time;
    time.nanoseconds = midnight ? 0 : ((*hours * 60 + *minutes) * 60 + *seconds) * kNano + nanoseconds;
    if (!scan_zone(scanner, time)) return std::nullopt;
    return time;
}

std::string offset_text(std::int32_t offset) {
    if (offset == 0) return "Z";
    const std::int32_t size = offset < 0 ? -offset : offset;
    std::string text = madang::format("{}{:02}:{:02}", offset < 0 ? '-' : '+', size / 3600, size / 60 % 60);
    if (size % 60 != 0) text += madang::format(":{:02}", size % 60);
    return text;
}

std::string fraction_text(std::int64_t nanoseconds) {
    if (nanoseconds == 0) return "";
    std::string text = madang::format(".{:09}", nanoseconds);
    text.erase(text.find_last_not_of('0') + 1);
    return text;
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
    const std::int64_t quotient = a / b;
    return a % b != 0 && ((a < 0) != (b < 0)) ? quotient - 1 : quotient;
}

Point normal(std::int64_t seconds, std::int64_t nanoseconds, bool local) {
    const std::int64_t carry = floor_divide(nanoseconds, kNano);
    return {seconds + carry, static_cast<std::int32_t>(nanoseconds - carry * kNano), local};
}

}  // namespace

int days_in_month(std::int64_t year, int month) {
    static constexpr std::array<int, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : kDays.at(static_cast<std::size_t>(month - 1));
}

bool is_valid(const CalendarDate& date) {
    return date.year >= -kMaxYear && date.year <= kMaxYear && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
           date.day <= days_in_month(date.year, date.month);
}

// Howard Hinnant's days_from_civil, in 64 bits.
std::int64_t days_since_epoch(const CalendarDate& date) {
    const std::int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    const std::int64_t era = floor_divide(year, 400);
    const std::int64_t of_era = year - era * 400;
    const std::int64_t of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}

std::optional<CalendarDate> date_of_days(std::int64_t days) {
    if (days > 366 * kMaxYear || days < -366 * kMaxYear) return std::nullopt;
    const std::int64_t shifted = days + 719'468;
    const std::int64_t era = floor_divide(shifted, 146'097);
    const std::int64_t of_era = shifted - era * 146'097;
    const std::int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
    const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t part = (5 * of_year + 2) / 153;
    CalendarDate date;
    date.day = static_cast<int>(of_year - (153 * part + 2) / 5 + 1);
    date.month = static_cast<int>(part < 10 ? part + 3 : part - 9);
    date.year = year_of_era + era * 400 + (date.month <= 2 ? 1 : 0);
    return is_valid(date) ? std::optional(date) : std::nullopt;
}

int iso_weekday(const CalendarDate& date) {
    const std::int64_t days = days_since_epoch(date) + 3;   // 1970-01-01 was a Thursday
    return static_cast<int>(days - floor_divide(days, 7) * 7) + 1;
}

int day_of_year(const CalendarDate& date) {
    return static_cast<int>(days_since_epoch(date) - days_since_epoch({date.year, 1, 1})) + 1;
}

// ISO 8601: the week of a year that holds its Thursday.
int iso_week(const CalendarDate& date) {
    const auto thursday = date_of_days(days_since_epoch(date) + 4 - iso_weekday(date));
    return thursday ? (day_of_year(*thursday) - 1) / 7 + 1 : 1;
}

std::optional<CalendarDate> parse_calendar_date(std::string_view text) {
    Scanner scanner(text);
    const auto date = scan_date(scanner);
    return scanner.done() ? date : std::nullopt;
}

std::optional<TimeOfDay> parse_time_of_day(std::string_view text) {
    Scanner scanner(text);
    if (scanner.front() == 'T') scanner.take('T');
    bool midnight = false;
    const auto time = scan_time(scanner, midnight);
    return scanner.done() && !midnight ? time : std::nullopt;
}

std::optional<DateTime> parse_date_time(std::string_view text) {
    Scanner scanner(text);
    const auto date = scan_date(scanner);
    if (!date || !scanner.take('T')) return std::nullopt;
    bool midnight = false;
    const auto time = scan_time(scanner, midnight);
    if (!time || !scanner.done()) return std::nullopt;
    if (!midnight) return DateTime{*date, *time};
    const auto next = date_of_days(days_since_epoch(*date) + 1);
    return next ? std::optional(DateTime{*next, *time}) : std::nullopt;
}

// XML Schema part 2, 3.4.26 (yearMonthDuration): -PnYnM, at least one part.
std::optional<MonthsDuration> parse_months_duration(std::string_view text) {
    Scanner scanner(text);
    const bool negative = scanner.take('-');
    if (!scanner.take('P')) return std::nullopt;
    std::int64_t months = 0;
    bool any = false;
    bool years_may = true;
    while (!scanner.done()) {
        const auto count = scanner.digits(1, 10);
        if (!count) return std::nullopt;
        if (years_may && scanner.take('Y')) {
            months += *count * 12;
            years_may = false;
        } else if (scanner.take('M')) {
            months += *count;
            any = true;
            if (!scanner.done()) return std::nullopt;
        } else {
            return std::nullopt;
        }
        any = true;
    }
    if (!any || months > kMaxMonths) return std::nullopt;
    return MonthsDuration{negative ? -months : months};
}

// XML Schema part 2, 3.4.27 (dayTimeDuration): -PnDTnHnMn.nS, at least one part, parts in that order.
std::optional<SecondsDuration> parse_seconds_duration(std::string_view text) {
    Scanner scanner(text);
    const bool negative = scanner.take('-');
    if (!scanner.take('P')) return std::nullopt;
    Nanoseconds total = 0;
    bool any = false;
    bool in_time = false;
    int last = -1;
    while (!scanner.done()) {
        if (!in_time && scanner.take('T')) {
            in_time = true;
            if (scanner.done()) return std::nullopt;
            continue;
        }
        const auto count = scanner.digits(1, 16);
        if (!count) return std::nullopt;
        std::int64_t fraction = 0;
        bool has_fraction = false;
        if (in_time && scanner.take('.')) {
            const auto scanned = scan_fraction(scanner);
            if (!scanned) return std::nullopt;
            fraction = *scanned;
            has_fraction = true;
        }
        int place = -1;
        std::int64_t unit = 0;
        if (!in_time && scanner.take('D')) { place = 0; unit = kDay; }
        else if (in_time && !has_fraction && scanner.take('H')) { place = 1; unit = 3600; }
        else if (in_time && !has_fraction && scanner.take('M')) { place = 2; unit = 60; }
        else if (in_time && scanner.take('S')) { place = 3; unit = 1; }
        if (place <= last) return std::nullopt;
        last = place;
        any = true;
        total += static_cast<Nanoseconds>(*count) * unit * kNano + fraction;
    }
    if (!any) return std::nullopt;
    return seconds_duration(negative ? -total : total);
}

std::optional<SecondsDuration> seconds_duration(Nanoseconds nanoseconds) {
    const auto seconds = nanoseconds / kNano;
    if (seconds > kMaxSeconds || seconds < -kMaxSeconds) return std::nullopt;
    return SecondsDuration{static_cast<std::int64_t>(seconds), static_cast<std::int32_t>(nanoseconds % kNano)};
}

std::string text_of(const CalendarDate& date) {
    return madang::format("{}{:04}-{:02}-{:02}", date.year < 0 ? "-" : "", date.year < 0 ? -date.year : date.year, date.month, date.day);
}

std::string text_of(const TimeOfDay& time) {
    const std::int64_t seconds = time.nanoseconds / kNano;
    std::string text = madang::format("{:02}:{:02}:{:02}{}", seconds / 3600, seconds / 60 % 60, seconds % 60, fraction_text(time.nanoseconds % kNano));
    if (!time.zone.empty()) return text + "@" + time.zone;
    return time.offset ? text + offset_text(*time.offset) : text;
}

std::string text_of(const DateTime& moment) { return text_of(moment.date) + "T" + text_of(moment.time); }

std::string text_of(const MonthsDuration& duration) {
    const std::int64_t size = duration.months < 0 ? -duration.months : duration.months;
    std::string text = duration.months < 0 ? "-P" : "P";
    if (size / 12 != 0) text += madang::format("{}Y", size / 12);
    if (size % 12 != 0 || size == 0) text += madang::format("{}M", size % 12);
    return text;
}

std::string text_of(const SecondsDuration& duration) {
    const bool negative = duration.seconds < 0 || duration.nanoseconds < 0;
    const std::int64_t seconds = duration.seconds < 0 ? -duration.seconds : duration.seconds;
    const std::int64_t nanoseconds = duration.nanoseconds < 0 ? -duration.nanoseconds : duration.nanoseconds;
    if (seconds == 0 && nanoseconds == 0) return "PT0S";
    std::string text = negative ? "-P" : "P";
    if (seconds / kDay != 0) text += madang::format("{}D", seconds / kDay);
    const std::int64_t rest = seconds % kDay;
    if (rest == 0 && nanoseconds == 0) return text;
    text += "T";
    if (rest / 3600 != 0) text += madang::format("{}H", rest / 3600);
    if (rest / 60 % 60 != 0) text += madang::format("{}M", rest / 60 % 60);
    if (rest % 60 != 0 || nanoseconds != 0) text += madang::format("{}{}S", rest % 60, fraction_text(nanoseconds));
    return text;
}

std::optional<std::int32_t> offset_at(const CalendarDate& date, const TimeOfDay& time) {
    if (time.offset) return time.offset;
    if (time.zone.empty()) return std::nullopt;
    const auto zone = TimeZone::find(time.zone);
    if (!zone || date.year < -9999 || date.year > 9999) return 0;
    const Date day{std::chrono::year(static_cast<int>(date.year)), std::chrono::month(static_cast<unsigned>(date.month)),
                   std::chrono::day(static_cast<unsigned>(date.day))};
    const Instant moment = zone->instant(day, std::chrono::minutes(time.nanoseconds / kNano / 60));
    return static_cast<std::int32_t>(
        std::chrono::duration_cast<std::chrono::seconds>(zone->local(moment).time_since_epoch() - moment.time_since_epoch()).count());
}

Point point_of(const DateTime& moment) {
    const auto offset = offset_at(moment.date, moment.time);
    const std::int64_t seconds = days_since_epoch(moment.date) * kDay + moment.time.nanoseconds / kNano;
    return {seconds - offset.value_or(0), static_cast<std::int32_t>(moment.time.nanoseconds % kNano), !offset};
}

Point point_of(const TimeOfDay& time) {
    const auto offset = offset_at({1970, 1, 1}, time);
    return {time.nanoseconds / kNano - offset.value_or(0), static_cast<std::int32_t>(time.nanoseconds % kNano), !offset};
}

std::optional<CalendarDate> add_months(const CalendarDate& date, std::int64_t months) {
    if (months > kMaxMonths || months < -kMaxMonths) return std::nullopt;
    const std::int64_t all = date.year * 12 + (date.month - 1) + months;
    CalendarDate moved{floor_divide(all, 12), 1, 1};
    moved.month = static_cast<int>(all - moved.year * 12) + 1;
    moved.day = std::min(date.day, days_in_month(moved.year, moved.month));
    return is_valid(moved) ? std::optional(moved) : std::nullopt;
}

std::optional<DateTime> add(const DateTime& moment, const SecondsDuration& duration) {
    const Point sum = normal(days_since_epoch(moment.date) * kDay + moment.time.nanoseconds / kNano + duration.seconds,
                             moment.time.nanoseconds % kNano + duration.nanoseconds, true);
    const std::int64_t days = floor_divide(sum.seconds, kDay);
    const auto date = date_of_days(days);
    if (!date) return std::nullopt;
    DateTime moved{*date, moment.time};
    moved.time.nanoseconds = (sum.seconds - days * kDay) * kNano + sum.nanoseconds;
    return moved;
}

TimeOfDay add(const TimeOfDay& time, const SecondsDuration& duration) {
    const auto moved = add(DateTime{{1970, 1, 1}, time}, {duration.seconds % kDay, duration.nanoseconds});
    return moved ? moved->time : time;
}

SecondsDuration between(const Point& from, const Point& to) {
    const Nanoseconds nanoseconds = static_cast<Nanoseconds>(to.seconds - from.seconds) * kNano + (to.nanoseconds - from.nanoseconds);
    return {static_cast<std::int64_t>(nanoseconds / kNano), static_cast<std::int32_t>(nanoseconds % kNano)};
}

}  // namespace madang::feel
