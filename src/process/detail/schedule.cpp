#include "process/detail/schedule.h"

#include <algorithm>

#include "base/text.h"

namespace madang::process {
namespace {

constexpr std::int64_t kMicroseconds = 1'000'000;
// Years 1 to 9999, so that no sum leaves the range of an Instant.
constexpr std::int64_t kFirst = -62'135'596'800;
constexpr std::int64_t kLast = 253'402'300'799;

Result<Instant> instant_of(std::int64_t seconds, std::int64_t nanoseconds) {
    if (seconds < kFirst || seconds > kLast) return fail(Code::invalid, "the moment is beyond the years 1 to 9999");
    return Instant(std::chrono::microseconds(seconds * kMicroseconds + nanoseconds / 1000));
}

Result<Instant> moment_of(const feel::DateTime& moment) {
    const feel::Point point = feel::point_of(moment);
    return instant_of(point.seconds, point.nanoseconds);
}

Result<Instant> moment_of(std::string_view text) {
    if (const auto moment = feel::parse_date_time(text)) return moment_of(*moment);
    if (const auto date = feel::parse_calendar_date(text)) return moment_of(feel::DateTime{*date, {}});
    return fail(Code::invalid, format("\"{}\" is no date or date and time", text));
}

// "P2W" is ISO 8601 too, though not XML Schema's.
std::optional<feel::SecondsDuration> weeks_of(std::string_view text) {
    constexpr std::uint64_t kMostWeeks = 520'000;
    if (!text.starts_with('P') || !text.ends_with('W') || text.size() < 3) return std::nullopt;
    const auto weeks = parse_decimal(text.substr(1, text.size() - 2));
    if (!weeks || *weeks > kMostWeeks) return std::nullopt;
    return feel::SecondsDuration{static_cast<std::int64_t>(*weeks) * 7 * 86'400, 0};
}

constexpr std::uint64_t kMostRepeats = 1'000'000;

// So many intervals later, or earlier.
Result<Instant> moved(Instant from, std::string_view interval, std::int64_t times) {
    const std::int64_t count = from.time_since_epoch().count();
    const std::int64_t seconds = count >= 0 ? count / kMicroseconds : -((-count + kMicroseconds - 1) / kMicroseconds);
    const std::int64_t rest = count - seconds * kMicroseconds;
    auto duration = feel::parse_seconds_duration(interval);
    if (!duration) duration = weeks_of(interval);
    if (duration) {
        if (duration->seconds > kLast || duration->seconds < kFirst) return fail(Code::invalid, format("\"{}\" is too long", interval));
        return instant_of(seconds + duration->seconds * times, rest * 1000 + duration->nanoseconds * times);
    }
    const auto months = feel::parse_months_duration(interval);
    if (!months) return fail(Code::invalid, format("\"{}\" is no duration", interval));
    constexpr std::int64_t kDay = 86'400;
    constexpr std::int64_t kMostMonths = 120'000;
    const std::int64_t days = seconds >= 0 ? seconds / kDay : -((-seconds + kDay - 1) / kDay);
    const auto date = feel::date_of_days(days);
    const bool near = months->months <= kMostMonths && months->months >= -kMostMonths;
    const auto moment = date && near ? feel::add_months(*date, months->months * times) : std::nullopt;
    if (!moment) return fail(Code::invalid, format("\"{}\" is too long", interval));
    return instant_of(feel::days_since_epoch(*moment) * kDay + (seconds - days * kDay), rest * 1000);
}

// How often an interval without a number of its own repeats until its end: the moments that are still to come.
Result<std::int64_t> repeats_until(Instant end, std::string_view interval, Instant now) {
    const auto is_past = [&](std::int64_t times) {
        const auto moment = moved(end, interval, -times);
        return !moment || *moment <= now;
    };
    std::int64_t low = 0;
    std::int64_t high = kMostRepeats;
    if (!is_past(high)) return fail(Code::invalid, format("until its end it repeats more than {} times", kMostRepeats));
    while (low < high) {
        const std::int64_t middle = (low + high) / 2;
        (is_past(middle) ? high : low) = is_past(middle) ? middle : middle + 1;
    }
    return std::max<std::int64_t>(low - 1, 0);
}

// "2027-01-01/2027-02-01": as long as the first one is.
Result<std::string> interval_between(std::string_view from, std::string_view to) {
    TRY(const Instant start, moment_of(from));
    TRY(const Instant end, moment_of(to));
    const std::int64_t count = (end - start).count();
    return feel::text_of(feel::SecondsDuration{count / kMicroseconds, static_cast<std::int32_t>(count % kMicroseconds * 1000)});
}

// ISO 8601:2004 clauses 4.4.4 and 4.5: "R3/PT10S", "R/2027-01-01T00:00:00Z/P1D" from its start, "R/2027-01-01/2027-01-02"
// with the first one, "R3/PT1H/2027-01-01T00:00:00Z" with the last one, at whose end it fires last.
Result<Schedule> cycle_of(std::string_view text, Instant now) {
    const auto parts = split(text, '/');
    if (parts.size() < 2 || parts.size() > 3 || !parts[0].starts_with('R')) {
        return fail(Code::invalid, format("\"{}\" is no repeating interval, such as R3/PT10S", text));
    }
    Schedule schedule;
    schedule.repeats = -1;
    if (parts[0].size() > 1) {
        const auto repeats = parse_decimal(parts[0].substr(1));
        if (!repeats || *repeats < 1 || *repeats > kMostRepeats) return fail(Code::invalid, format("\"{}\": it repeats 1 to {} times", text, kMostRepeats));
        schedule.repeats = static_cast<std::int64_t>(*repeats) - 1;
    }
    const bool ends = parts.size() == 3 && (parts[1].starts_with('P') || parts[1].starts_with("-P"));
    schedule.interval = std::string(ends ? parts[1] : parts.back());
    if (parts.size() == 3 && !ends && !parts[2].starts_with('P') && !parts[2].starts_with("-P")) {
        TRY(schedule.interval, interval_between(parts[1], parts[2]));
    }
    TRY(schedule.first, later(now, schedule.interval));
    if (schedule.first <= now) return fail(Code::invalid, format("\"{}\": the interval is not longer than nothing", text));
    if (parts.size() == 2) return schedule;
    TRY(schedule.first, moment_of(parts[ends ? 2 : 1]));
    if (!ends) return schedule;
    if (schedule.repeats < 0) {
        TRY(schedule.repeats, within(repeats_until(schedule.first, schedule.interval, now), std::string(text)));
    }
    TRY(schedule.first, moved(schedule.first, schedule.interval, -schedule.repeats));
    return schedule;
}

}  // namespace

Result<Instant> later(Instant from, std::string_view interval) { return moved(from, interval, 1); }

Result<Schedule> schedule_of(Trigger::Time time, const feel::Value& value, Instant now) {
    if (const auto* moment = value.as<feel::DateTime>()) {
        TRY(const Instant first, moment_of(*moment));
        return Schedule{first, {}, 0};
    }
    std::string text;
    if (const auto* given = value.as<std::string>()) text = *given;
    else if (const auto* date = value.as<feel::CalendarDate>()) text = feel::text_of(*date);
    else if (const auto* seconds = value.as<feel::SecondsDuration>()) text = feel::text_of(*seconds);
    else if (const auto* months = value.as<feel::MonthsDuration>()) text = feel::text_of(*months);
    else return fail(Code::invalid, format("the time is a {}, not a date or duration{}{}", feel::type_name(value), value.reason().empty() ? "" : ": ", value.reason()));
    if (text.starts_with('R')) {
        if (time != Trigger::Time::cycle) return fail(Code::invalid, format("\"{}\" repeats; it stands in a timeCycle", text));
        return cycle_of(text, now);
    }
    if (text.starts_with('P') || text.starts_with("-P")) {
        if (time == Trigger::Time::cycle) return cycle_of("R/" + text, now);
        TRY(const Instant first, later(now, text));
        return Schedule{first, {}, 0};
    }
    TRY(const Instant first, moment_of(text));
    return Schedule{first, {}, 0};
}

}  // namespace madang::process
