#include "security/event_time.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>

#include "base/time_text.h"

namespace madang::security {
namespace {

using std::chrono::microseconds;

constexpr std::int64_t kLastSecond = 9'223'372'036;   // of what 64 bits of nanoseconds hold

// Reads digits from the start of a text and takes them away.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    std::optional<int> digits(std::size_t count) {
        if (rest_.size() < count) return std::nullopt;
        int value = 0;
        for (const char c : rest_.substr(0, count)) {
            if (c < '0' || c > '9') return std::nullopt;
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
    // Behind a point; digits beyond the sixth are read and do not count.
    std::int64_t fraction() {
        std::int64_t value = 0;
        int places = 0;
        while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
            if (places < 6) value = value * 10 + (rest_.front() - '0'), ++places;
            rest_.remove_prefix(1);
        }
        for (; places < 6; ++places) value *= 10;
        return value;
    }
    // "+03:00", "+0300", "Z" or nothing; minutes east of UTC.
    std::optional<int> zone() {
        (void)skip(" ");
        if (rest_.empty() || skip("Zz")) return 0;
        const bool east = rest_.front() == '+';
        if (!skip("+-")) return std::nullopt;
        const auto hours = digits(2);
        (void)skip(":");
        const auto minutes = digits(2);
        if (!hours || !minutes || *hours > 14 || *minutes > 59) return std::nullopt;
        return (east ? 1 : -1) * (*hours * 60 + *minutes);
    }
    std::optional<unsigned> month() {
        constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        for (unsigned i = 0; i < kMonths.size(); ++i) {
            if (!rest_.starts_with(kMonths[i])) continue;
            rest_.remove_prefix(3);
            return i + 1;
        }
        return std::nullopt;
    }
    bool at_end() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

std::optional<Instant> moment(int year, unsigned month, int day, int hour, int minute, int second, int east) {
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(static_cast<unsigned>(day))};
    // A leap second is the last one of its minute.
    if (!date.ok() || hour > 23 || minute > 59 || second > 60 || year < 1970 || year > 2261) return std::nullopt;
    const auto at = std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute - east) + std::chrono::seconds(std::min(second, 59));
    return Instant(at);
}

// RFC 3339; logs put a blank for the T and leave the zone away as well.
std::optional<Instant> parse_iso(std::string_view text) {
    if (text.size() < 19 || text.size() > 40 || text[4] != '-') return std::nullopt;
    std::string iso(text);
    if (iso[10] == ' ') iso[10] = 'T';
    auto at = parse_instant(iso);
    if (!at) at = parse_instant(iso + "Z");
    if (!at || *at < Instant() || *at > Instant(std::chrono::seconds(kLastSecond))) return std::nullopt;
    return *at;
}

std::optional<Instant> parse_common_log(std::string_view text) {
    Reader in(text);
    const auto day = in.digits(2);
    if (!day || !in.skip("/")) return std::nullopt;
    const auto month = in.month();
    if (!month || !in.skip("/")) return std::nullopt;
    const auto year = in.digits(4);
    if (!year || !in.skip(":")) return std::nullopt;
    const auto hour = in.digits(2);
    if (!hour || !in.skip(":")) return std::nullopt;
    const auto minute = in.digits(2);
    if (!minute || !in.skip(":")) return std::nullopt;
    const auto second = in.digits(2);
    const auto east = second ? in.zone() : std::nullopt;
    if (!east || !in.at_end()) return std::nullopt;
    return moment(*year, *month, *day, *hour, *minute, *second, *east);
}

std::optional<Instant> parse_seconds(std::string_view text) {
    std::int64_t seconds = 0;
    std::size_t at = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
        seconds = seconds * 10 + (text[at] - '0');
        if (seconds > kLastSecond) return std::nullopt;
    }
    // Fewer digits are a number of something else.
    if (at < 9) return std::nullopt;
    Reader in(text.substr(at));
    const std::int64_t fraction = in.skip(".") ? in.fraction() : 0;
    if (!in.at_end()) return std::nullopt;
    return Instant(std::chrono::seconds(seconds) + microseconds(fraction));
}

}  // namespace

std::optional<Instant> parse_event_time(std::string_view text) {
    if (const auto iso = parse_iso(text)) return iso;
    if (const auto common = parse_common_log(text)) return common;
    return parse_seconds(text);
}

std::optional<Instant> time_of(const Event& event) {
    for (const char* name : {"TimeCreated_SystemTime", "SystemTime", "UtcTime", "@timestamp", "timestamp", "ts", "date", "time"}) {
        const auto field = event.find(name);
        if (!field || field->null) continue;
        if (const auto at = parse_event_time(field->value)) return at;
    }
    return std::nullopt;
}

}  // namespace madang::security
