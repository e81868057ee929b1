// Conversions and what they read from the clock (clauses 10.3.4.1 and 10.3.4.12).
#include <algorithm>

#include "feel/detail/builtins.h"

namespace madang::feel {
namespace {

std::optional<std::int64_t> whole(const Value& value) {
    const auto* number = value.as<Number>();
    return number == nullptr ? std::nullopt : number->integer();
}

Value to_number(const List& arguments, Evaluation&) {
    if (const auto* number = argument(arguments, 0).as<Number>(); number != nullptr && arguments.size() == 1) return Value(*number);
    const auto* from = argument(arguments, 0).as<std::string>();
    if (from == nullptr) return wrong("number", "a string");
    const Value& grouping = argument(arguments, 1);
    const Value& decimal = argument(arguments, 2);
    std::string text = *from;
    if (!grouping.is_null()) {
        const auto* separator = grouping.as<std::string>();
        if (separator == nullptr || (*separator != " " && *separator != "," && *separator != ".")) return wrong("number", "a grouping separator of \" \", \",\" or \".\"");
        std::erase(text, separator->front());
    }
    if (!decimal.is_null()) {
        const auto* separator = decimal.as<std::string>();
        if (separator == nullptr || (*separator != "," && *separator != ".")) return wrong("number", "a decimal separator of \",\" or \".\"");
        if (!grouping.is_null() && *grouping.as<std::string>() == *separator) return wrong("number", "two different separators");
        std::ranges::replace(text, separator->front(), '.');
    }
    const auto number = Number::parse(text);
    return number ? Value(*number) : Value::null("this text is no number");
}

Value to_string(const List& arguments, Evaluation&) {
    if (argument(arguments, 0).is_null()) return Value::null("string(null)");
    return Value(text_of(arguments[0]));
}

Value to_date(const List& arguments, Evaluation&) {
    if (arguments.size() == 3) {
        const auto year = whole(arguments[0]);
        const auto month = whole(arguments[1]);
        const auto day = whole(arguments[2]);
        if (!year || !month || !day || *month < 1 || *month > 12 || *day < 1 || *day > 31) return Value::null("there is no such date");
        const CalendarDate date{*year, static_cast<int>(*month), static_cast<int>(*day)};
        return is_valid(date) ? Value(Value::Held(date)) : Value::null("there is no such date");
    }
    const Value& from = argument(arguments, 0);
    if (arguments.size() != 1) return wrong("date", "one argument or three");
    if (const auto* text = from.as<std::string>()) return temporal(parse_calendar_date(*text), "date");
    if (const auto* moment = from.as<DateTime>()) return Value(Value::Held(moment->date));
    if (from.as<CalendarDate>() != nullptr) return from;
    return wrong("date", "a text, a date, or a year, month and day");
}

Value time_of_parts(const List& arguments) {
    const auto hour = whole(arguments[0]);
    const auto minute = whole(arguments[1]);
    const auto* second = arguments[2].as<Number>();
    if (!hour || !minute || second == nullptr || *hour < 0 || *hour > 23 || *minute < 0 || *minute > 59) return Value::null("there is no such time");
    const auto nanoseconds = multiply(*second, Number(1'000'000'000));
    const auto below = nanoseconds ? round(*nanoseconds, 0, Rounding::down)->integer() : std::nullopt;
    if (!below || *below < 0 || *below >= 60'000'000'000) return Value::null("there is no such time");
    TimeOfDay time{(*hour * 60 + *minute) * 60'000'000'000 + *below, std::nullopt, {}};
    if (const Value& offset = argument(arguments, 3); !offset.is_null()) {
        const auto* duration = offset.as<SecondsDuration>();
        if (duration == nullptr || duration->seconds > 14 * 3600 || duration->seconds < -14 * 3600) return wrong("time", "an offset of at most 14 hours");
        time.offset = static_cast<std::int32_t>(duration->seconds);
    }
    return Value(Value::Held(time));
}

Value to_time(const List& arguments, Evaluation&) {
    if (arguments.size() >= 3) return time_of_parts(arguments);
    if (arguments.size() != 1) return wrong("time", "one argument, three or four");
    const Value& from = arguments[0];
    if (const auto* text = from.as<std::string>()) return temporal(parse_time_of_day(*text), "time");
    if (const auto* moment = from.as<DateTime>()) return Value(Value::Held(moment->time));
    if (from.as<CalendarDate>() != nullptr) return Value(Value::Held(TimeOfDay{0, 0, {}}));
    if (from.as<TimeOfDay>() != nullptr) return from;
    return wrong("time", "a text, a time, or an hour, minute and second");
}

Value to_date_and_time(const List& arguments, Evaluation&) {
    const Value& from = argument(arguments, 0);
    if (arguments.size() == 1) {
        if (const auto* text = from.as<std::string>()) {
            if (const auto moment = parse_date_time(*text)) return Value(Value::Held(*moment));
            const auto date = parse_calendar_date(*text);
            return date ? Value(Value::Held(DateTime{*date, {}})) : Value::null("this is no date and time");
        }
        return from.as<DateTime>() != nullptr ? from : wrong("date and time", "a text");
    }
    const auto* time = arguments[1].as<TimeOfDay>();
    const auto* date = from.as<CalendarDate>();
    const auto* moment = from.as<DateTime>();
    if (time == nullptr || (date == nullptr && moment == nullptr)) return wrong("date and time", "a date and a time");
    return Value(Value::Held(DateTime{date != nullptr ? *date : moment->date, *time}));
}

Value to_duration(const List& arguments, Evaluation&) {
    const Value& from = argument(arguments, 0);
    if (from.as<MonthsDuration>() != nullptr || from.as<SecondsDuration>() != nullptr) return from;
    const auto* text = from.as<std::string>();
    if (text == nullptr) return wrong("duration", "a text");
    if (const auto months = parse_months_duration(*text)) return Value(Value::Held(*months));
    return temporal(parse_seconds_duration(*text), "duration");
}

Value months_between(const List& arguments, Evaluation&) {
    const auto date_of = [](const Value& value) -> std::optional<CalendarDate> {
        if (const auto* date = value.as<CalendarDate>()) return *date;
        if (const auto* moment = value.as<DateTime>()) return moment->date;
        return std::nullopt;
    };
    const auto from = date_of(arguments[0]);
    const auto to = date_of(arguments[1]);
    if (!from || !to) return wrong("years and months duration", "two dates");
    std::int64_t months = (to->year - from->year) * 12 + to->month - from->month;
    // Only whole months count, in either direction.
    if (months > 0 && to->day < from->day) --months;
    if (months < 0 && to->day > from->day) ++months;
    return Value(Value::Held(MonthsDuration{months}));
}

Value now(const List&, Evaluation& evaluation) {
    if (evaluation.clock() == nullptr) return Value::null("now() has no clock here");
    const auto moment = evaluation.clock()->now();
    const auto day = std::chrono::floor<std::chrono::days>(moment);
    const auto date = date_of_days(day.time_since_epoch().count());
    return Value(Value::Held(DateTime{*date, {std::chrono::duration_cast<std::chrono::nanoseconds>(moment - day).count(), 0, {}}}));
}

Value today(const List&, Evaluation& evaluation) {
    if (evaluation.clock() == nullptr) return Value::null("today() has no clock here");
    return Value(Value::Held(*date_of_days(std::chrono::floor<std::chrono::days>(evaluation.clock()->now()).time_since_epoch().count())));
}

std::optional<CalendarDate> day_given(const List& arguments) {
    if (const auto* date = argument(arguments, 0).as<CalendarDate>()) return *date;
    if (const auto* moment = argument(arguments, 0).as<DateTime>()) return moment->date;
    return std::nullopt;
}

Value of_year(const List& arguments, Evaluation&) {
    const auto date = day_given(arguments);
    return date ? Value(Number(day_of_year(*date))) : wrong("day of year", "a date");
}
Value of_week(const List& arguments, Evaluation&) {
    static constexpr const char* kDays[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
    const auto date = day_given(arguments);
    return date ? Value(kDays[iso_weekday(*date) - 1]) : wrong("day of week", "a date");
}
Value month_of(const List& arguments, Evaluation&) {
    static constexpr const char* kMonths[] = {"January", "February", "March", "April", "May", "June", "July",
                                              "August", "September", "October", "November", "December"};
    const auto date = day_given(arguments);
    return date ? Value(kMonths[date->month - 1]) : wrong("month of year", "a date");
}
Value week_of(const List& arguments, Evaluation&) {
    const auto date = day_given(arguments);
    return date ? Value(Number(iso_week(*date))) : wrong("week of year", "a date");
}

// Clause 10.3.4.1.1: whether two values are the same in the semantic domain, time zone included.
Value is(const List& arguments, Evaluation&) {
    const Value& a = argument(arguments, 0);
    const Value& b = argument(arguments, 1);
    if (a.held().index() != b.held().index()) return Value(false);
    if (a.as<TimeOfDay>() != nullptr || a.as<DateTime>() != nullptr) return Value(text_of(a) == text_of(b));
    return Value(same(a, b));
}

}  // namespace

std::span<const Builtin> conversion_builtins() {
    static const std::vector<Builtin> all{
        {"number", {{"from", "grouping separator", "decimal separator"}}, 1, 3, to_number},
        {"string", {{"from"}}, 1, 1, to_string},
        {"date", {{"from"}, {"year", "month", "day"}}, 1, 3, to_date},
        {"time", {{"from"}, {"hour", "minute", "second", "offset"}}, 1, 4, to_time},
        {"date and time", {{"from"}, {"date", "time"}}, 1, 2, to_date_and_time},
        {"duration", {{"from"}}, 1, 1, to_duration},
        {"years and months duration", {{"from", "to"}}, 2, 2, months_between},
        {"now", {{}}, 0, 0, now},
        {"today", {{}}, 0, 0, today},
        {"day of year", {{"date"}}, 1, 1, of_year},
        {"day of week", {{"date"}}, 1, 1, of_week},
        {"month of year", {{"date"}}, 1, 1, month_of},
        {"week of year", {{"date"}}, 1, 1, week_of},
        {"is", {{"value1", "value2"}}, 1, 2, is},
    };
    return all;
}

}  // namespace madang::feel
