#include "base/time_text.h"

#include <unicode/smpdtfmt.h>
#include <unicode/timezone.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "base/check.h"
#include "base/text.h"

namespace madang {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;

Result<unsigned> digits(std::string_view text, std::size_t at, std::size_t count) {
    unsigned number = 0;
    if (at + count > text.size()) return fail(Code::invalid, "the time is cut short");
    for (const char c : text.substr(at, count)) {
        if (c < '0' || c > '9') return fail(Code::invalid, "a digit was expected in the time");
        number = number * 10 + static_cast<unsigned>(c - '0');
    }
    return number;
}

// ICU zones are costly to make: one each, kept for the life of the process, immutable.
const icu::TimeZone* icu_zone(const std::string& name) {
    static std::mutex mutex;
    static std::map<std::string, std::unique_ptr<icu::TimeZone>> zones;
    const std::lock_guard lock(mutex);
    auto& zone = zones[name];
    if (!zone) zone.reset(icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(name)));
    return zone.get();
}

milliseconds offset(const icu::TimeZone& zone, double utc_milliseconds, UBool local) {
    std::int32_t raw = 0;
    std::int32_t dst = 0;
    UErrorCode status = U_ZERO_ERROR;
    zone.getOffset(utc_milliseconds, local, raw, dst, status);
    MADANG_CHECK(U_SUCCESS(status));
    return milliseconds(raw + dst);
}

// ICU's formatters are costly to make and not to be shared by threads: each thread keeps the few that it needs, and what
// each wrote last, since the days of today's letters are few.
struct Formatter {
    std::unique_ptr<icu::DateFormat> format;
    std::optional<double> last;
    std::string text;
};

Formatter& formatter_of(const std::string& zone, std::string_view language, icu::DateFormat::EStyle time_style) {
    constexpr std::size_t kMax = 64;
    thread_local std::map<std::string, Formatter> all;
    if (all.size() >= kMax) all.clear();
    Formatter& one = all[format("{}\n{}\n{}", zone, language, static_cast<int>(time_style))];
    if (one.format) return one;
    const icu::Locale locale = language == "en" ? icu::Locale::getUK() : icu::Locale(std::string(language).c_str());
    one.format.reset(time_style == icu::DateFormat::kNone ? icu::DateFormat::createDateInstance(icu::DateFormat::kLong, locale)
                                                          : icu::DateFormat::createDateTimeInstance(icu::DateFormat::kLong, time_style, locale));
    MADANG_CHECK(one.format != nullptr);
    one.format->setTimeZone(zone.empty() ? *icu::TimeZone::getGMT() : *icu_zone(zone));
    return one;
}

// An empty zone is Greenwich's.
std::string by_pattern(double utc_milliseconds, const std::string& zone, std::string_view language, icu::DateFormat::EStyle time_style) {
    Formatter& formatter = formatter_of(zone, language, time_style);
    if (formatter.last != utc_milliseconds) {
        icu::UnicodeString text;
        formatter.format->format(utc_milliseconds, text);
        formatter.text.clear();
        text.toUTF8String(formatter.text);
        formatter.last = utc_milliseconds;
    }
    return formatter.text;
}

}  // namespace

std::string format_instant(Instant moment) {
    const auto day = std::chrono::floor<std::chrono::days>(moment);
    const Date date(day);
    const std::chrono::hh_mm_ss time(moment - day);
    return format("{}T{:02}:{:02}:{:02}.{:06}Z", format_date(date), time.hours().count(), time.minutes().count(),
                  time.seconds().count(), time.subseconds().count());
}

Result<Instant> parse_instant(std::string_view text) {
    TRY(const Date date, parse_date(text.substr(0, 10)));
    if (text.size() < 20 || (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':') {
        return fail(Code::invalid, "a time has the form 2026-11-23T09:05:00Z");
    }
    TRY(const unsigned hour, digits(text, 11, 2));
    TRY(const unsigned minute, digits(text, 14, 2));
    TRY(const unsigned second, digits(text, 17, 2));
    if (hour > 23 || minute > 59 || second > 59) return fail(Code::invalid, "no clock shows this time");
    std::size_t at = 19;
    std::uint64_t fraction = 0;
    if (text[at] == '.') {
        std::uint64_t scale = 100'000;
        const std::size_t first = ++at;
        for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10) {
            fraction += static_cast<std::uint64_t>(text[at] - '0') * scale;
        }
        if (at == first) return fail(Code::invalid, "digits are missing after the point");
    }
    auto moment = Instant(std::chrono::sys_days(date)) + std::chrono::hours(hour) + minutes(minute) +
                  std::chrono::seconds(second) + microseconds(fraction);
    const std::string_view zone = text.substr(at);
    if (zone == "Z" || zone == "z") return moment;
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') {
        return fail(Code::invalid, "the time needs Z or an offset such as +03:00");
    }
    TRY(const unsigned hours, digits(zone, 1, 2));
    TRY(const unsigned rest, digits(zone, 4, 2));
    if (hours > 23 || rest > 59) return fail(Code::invalid, "no zone has this offset");
    const auto shift = std::chrono::hours(hours) + minutes(rest);
    return zone[0] == '+' ? moment - shift : moment + shift;
}

std::string format_date(Date date) {
    return format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()));
}

Result<Date> parse_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') {
        return fail(Code::invalid, "a date has the form 2026-11-23");
    }
    TRY(const unsigned year, digits(text, 0, 4));
    TRY(const unsigned month, digits(text, 5, 2));
    TRY(const unsigned day, digits(text, 8, 2));
    const Date date{std::chrono::year(static_cast<int>(year)), std::chrono::month(month), std::chrono::day(day)};
    if (!date.ok()) return fail(Code::invalid, "the calendar has no such day");
    return date;
}

Result<TimeZone> TimeZone::find(std::string_view iana_name) {
    const icu::UnicodeString wanted =
        icu::UnicodeString::fromUTF8(icu::StringPiece(iana_name.data(), static_cast<std::int32_t>(iana_name.size())));
    const std::unique_ptr<icu::TimeZone> zone(icu::TimeZone::createTimeZone(wanted));
    if (*zone == icu::TimeZone::getUnknown() && iana_name != "Etc/Unknown") {
        return fail(Code::not_found, format("there is no time zone \"{}\"", iana_name));
    }
    TimeZone found;
    found.name_ = std::string(iana_name);
    return found;
}

std::chrono::local_time<microseconds> TimeZone::local(Instant moment) const {
    const auto utc = std::chrono::floor<milliseconds>(moment).time_since_epoch().count();
    const auto shifted = moment + offset(*icu_zone(name_), static_cast<double>(utc), 0);
    return std::chrono::local_time<microseconds>(shifted.time_since_epoch());
}

Date TimeZone::date(Instant moment) const { return Date(std::chrono::floor<std::chrono::days>(local(moment))); }

Instant TimeZone::instant(Date date, minutes since_midnight) const {
    const Instant wall = Instant(std::chrono::sys_days(date)) + since_midnight;
    const auto as_local = std::chrono::floor<milliseconds>(wall).time_since_epoch().count();
    return wall - offset(*icu_zone(name_), static_cast<double>(as_local), 1);
}

std::string long_date(Date date, std::string_view language) {
    const auto utc = std::chrono::sys_time<milliseconds>(std::chrono::sys_days(date)).time_since_epoch().count();
    return by_pattern(static_cast<double>(utc), "", language, icu::DateFormat::kNone);
}

std::string long_date_time(Instant moment, const TimeZone& zone, std::string_view language) {
    const auto utc = std::chrono::floor<milliseconds>(moment).time_since_epoch().count();
    return by_pattern(static_cast<double>(utc), zone.name(), language, icu::DateFormat::kShort);
}

}  // namespace madang
