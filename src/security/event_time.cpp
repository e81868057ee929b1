#include "security/event_time.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace madang::security {
namespace {

using std::chrono::microseconds;
using std::chrono::minutes;

constexpr std::int64_t kLastSecond = 9'223'372'036;   // of what 64 bits of nanoseconds hold

// Reads digits from the start of a text and takes them away.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    std::optional<int> digits(std::size_t count) {
        if (rest_.size() < count) return std::nullopt;
        int value = 0;
        for (const char c : rest_.substr(0, count)) {
            if (!is_digit(c)) return std::nullopt;
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(count);
        return value;
    }
    bool skip(std::string_view any_of) {
        if (rest_.empty() || !any_of.contains(rest_.front())) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool next_is_digit() const { return !rest_.empty() && is_digit(rest_.front()); }
    // Behind a point; digits beyond the sixth are read and do not count.
    std::int64_t fraction() {
        std::int64_t value = 0;
        int places = 0;
        while (next_is_digit()) {
            if (places < 6) value = value * 10 + (rest_.front() - '0'), ++places;
            rest_.remove_prefix(1);
        }
        for (; places < 6; ++places) value *= 10;
        return value;
    }
    // "+03:00", "+0300", "+03", "Z", "UTC" or nothing, which is a success without a value.
    bool zone(std::optional<minutes>& east) {
        (void)skip(" ");
        if (rest_.empty()) return true;
        east = minutes(0);
        if (rest_ == "Z" || rest_ == "z" || rest_ == "UTC" || rest_ == "GMT") {
            rest_ = {};
            return true;
        }
        const bool is_east = rest_.front() == '+';
        if (!skip("+-")) return false;
        const auto hours = digits(2);
        (void)skip(":");
        const auto past = rest_.empty() ? std::optional(0) : digits(2);
        if (!hours || !past || *hours > 14 || *past > 59) return false;
        east = minutes((is_east ? 1 : -1) * (*hours * 60 + *past));
        return true;
    }
    bool month(unsigned& number) { return name_of({"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}, number); }
    bool weekday() {
        unsigned number = 0;
        return name_of({"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}, number);
    }
    // hh:mm:ss, perhaps with a fraction.
    bool clock(WrittenTime& time) {
        const auto hour = digits(2);
        if (!hour || !skip(":")) return false;
        const auto minute = digits(2);
        if (!minute || !skip(":")) return false;
        const auto second = digits(2);
        if (!second || *hour > 23 || *minute > 59 || *second > 60) return false;
        time.hour = *hour, time.minute = *minute;
        time.second = std::min(*second, 59);   // a leap second is the last one of its minute
        if (skip(".,")) time.microseconds = fraction();
        return true;
    }
    bool at_end() const { return rest_.empty(); }

private:
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }
    bool name_of(std::initializer_list<std::string_view> names, unsigned& number) {
        number = 0;
        for (const std::string_view name : names) {
            ++number;
            if (!rest_.starts_with(name)) continue;
            rest_.remove_prefix(3);
            return true;
        }
        return false;
    }

    std::string_view rest_;
};

bool is_whole(const WrittenTime& time) {
    // A year with a 29th of February stands for one that is not known.
    const std::chrono::year_month_day date{std::chrono::year(time.year.value_or(2000)), std::chrono::month(time.month), std::chrono::day(time.day)};
    return date.ok() && (!time.year || (*time.year >= 1970 && *time.year <= 2261));
}

std::optional<WrittenTime> read_iso(std::string_view text) {
    WrittenTime time;
    Reader in(text);
    const auto year = in.digits(4);
    const char between = text.size() > 4 ? text[4] : '\0';
    if (!year || (between != '-' && between != '/') || !in.skip("-/")) return std::nullopt;
    const auto month = in.digits(2);
    if (!month || text[7] != between || !in.skip("-/")) return std::nullopt;
    const auto day = in.digits(2);
    if (!day || !in.skip("Tt ") || !in.clock(time) || !in.zone(time.east) || !in.at_end()) return std::nullopt;
    time.year = *year, time.month = static_cast<unsigned>(*month), time.day = static_cast<unsigned>(*day);
    return time;
}

std::optional<WrittenTime> read_common_log(std::string_view text) {
    WrittenTime time;
    Reader in(text);
    const auto day = in.digits(2);
    if (!day || !in.skip("/") || !in.month(time.month) || !in.skip("/")) return std::nullopt;
    const auto year = in.digits(4);
    if (!year || !in.skip(":") || !in.clock(time) || !in.zone(time.east) || !in.at_end()) return std::nullopt;
    time.year = *year, time.day = static_cast<unsigned>(*day);
    return time;
}

// "Nov 24 10:00:00", "Nov 24 2026 10:00:00", "Tue Nov 24 10:00:00.123 2026"
std::optional<WrittenTime> read_month_first(std::string_view text) {
    WrittenTime time;
    Reader in(text);
    const bool named = in.weekday();
    if (named && !in.skip(" ")) return std::nullopt;
    if (!in.month(time.month) || !in.skip(" ")) return std::nullopt;
    (void)in.skip(" ");
    auto day = in.digits(2);
    if (!day) day = in.digits(1);
    if (!day || !in.skip(" ")) return std::nullopt;
    time.day = static_cast<unsigned>(*day);
    Reader with_year = in;
    if (const auto year = with_year.digits(4); year && with_year.skip(" ")) {
        in = with_year;
        time.year = *year;
    }
    if (!in.clock(time)) return std::nullopt;
    Reader year_last = in;
    if (!time.year && year_last.skip(" ")) {
        if (const auto year = year_last.digits(4)) {
            in = year_last;
            time.year = *year;
        }
    }
    if (!in.zone(time.east) || !in.at_end()) return std::nullopt;
    return time;
}

std::optional<WrittenTime> written(std::int64_t seconds, std::int64_t past) {
    if (seconds > kLastSecond) return std::nullopt;
    const std::chrono::sys_seconds at{std::chrono::seconds(seconds)};
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(at - day);
    return WrittenTime{static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                       static_cast<int>(clock.seconds().count()), past, minutes(0)};
}

// 9 or 10 digits are seconds, 12 or 13 thousandths, 15 or 16 millionths, 18 or 19 billionths; fewer are a number of something else.
std::optional<WrittenTime> read_since_1970(std::string_view text) {
    std::size_t at = 0;
    std::uint64_t value = 0;
    for (; at < text.size() && at < 19 && text[at] >= '0' && text[at] <= '9'; ++at) value = value * 10 + static_cast<std::uint64_t>(text[at] - '0');
    if (at < 9 || at == 11 || at == 14 || at == 17) return std::nullopt;
    Reader in(text.substr(at));
    const std::int64_t fraction = in.skip(".") ? in.fraction() : 0;
    if (!in.at_end()) return std::nullopt;
    const auto whole = static_cast<std::int64_t>(std::min<std::uint64_t>(value, INT64_MAX));
    if (at <= 10) return written(whole, fraction);
    if (at <= 13) return written(whole / 1000, whole % 1000 * 1000 + fraction / 1000);
    if (at <= 16) return written(whole / 1'000'000, whole % 1'000'000);
    return written(whole / 1'000'000'000, whole % 1'000'000'000 / 1000);
}

Instant moment(const WrittenTime& time, int year, minutes east, const TimeZone* zone) {
    if (zone != nullptr) {
        const Date day = std::chrono::year(year) / std::chrono::month(time.month) / std::chrono::day(time.day);
        return zone->instant(day, std::chrono::hours(time.hour) + minutes(time.minute)) + std::chrono::seconds(time.second) + microseconds(time.microseconds);
    }
    const auto day = std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(time.month) / std::chrono::day(time.day));
    return Instant(day + std::chrono::hours(time.hour) + minutes(time.minute) - east + std::chrono::seconds(time.second) + microseconds(time.microseconds));
}

}  // namespace

std::optional<WrittenTime> read_written_time(std::string_view text) {
    if (text.size() < 9 || text.size() > 48) return std::nullopt;
    if (text.starts_with("/Date(") && text.ends_with(")/")) text = text.substr(6, text.size() - 8);
    auto time = read_iso(text);
    if (!time) time = read_since_1970(text);
    if (!time) time = read_common_log(text);
    if (!time) time = read_month_first(text);
    return time && is_whole(*time) ? time : std::nullopt;
}

std::optional<Instant> parse_event_time(std::string_view text, const TimeHints& hints) {
    const auto time = read_written_time(text);
    if (!time) return std::nullopt;
    const minutes east = time->east.value_or(hints.east);
    const TimeZone* const zone = time->east ? nullptr : hints.zone;
    std::optional<Instant> at;
    if (time->year) {
        at = moment(*time, *time->year, east, zone);
    } else if (hints.near) {
        const std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(*hints.near + std::chrono::days(1)));
        // A 29th of February may be some years ago.
        for (int year = static_cast<int>(today.year()); !at && year > static_cast<int>(today.year()) - 9; --year) {
            if (!(std::chrono::year(year) / std::chrono::month(time->month) / std::chrono::day(time->day)).ok()) continue;
            const Instant then = moment(*time, year, east, zone);
            if (then <= *hints.near + std::chrono::days(1)) at = then;
        }
    }
    if (!at || *at < Instant() || *at > Instant(std::chrono::seconds(kLastSecond))) return std::nullopt;
    return at;
}

std::optional<minutes> parse_zone(std::string_view text) {
    std::optional<minutes> east;
    Reader in(text);
    return in.zone(east) && in.at_end() ? east : std::nullopt;
}

}  // namespace madang::security
