#include <cstdlib>

#include "base/text.h"
#include "feel/detail/evaluation.h"

namespace madang::feel {
namespace {

Value whole(std::int64_t number) { return Value(Number(number)); }

std::optional<Value> date_property(const CalendarDate& date, std::string_view name) {
    if (name == "year") return whole(date.year);
    if (name == "month") return whole(date.month);
    if (name == "day") return whole(date.day);
    if (name == "weekday") return whole(iso_weekday(date));
    return std::nullopt;
}

std::optional<Value> time_property(const TimeOfDay& time, const CalendarDate& date, std::string_view name) {
    const std::int64_t seconds = time.nanoseconds / 1'000'000'000;
    if (name == "hour") return whole(seconds / 3600);
    if (name == "minute") return whole(seconds / 60 % 60);
    if (name == "second") return whole(seconds % 60);
    if (name == "time offset") {
        const auto offset = offset_at(date, time);
        return offset ? Value(Value::Held(SecondsDuration{*offset, 0})) : Value();
    }
    if (name == "timezone") return time.zone.empty() ? Value() : Value(time.zone);
    return std::nullopt;
}

std::optional<Value> range_property(const Range& range, std::string_view name) {
    if (name == "start") return range.start;
    if (name == "end") return range.end;
    if (name == "start included") return Value(range.start_included);
    if (name == "end included") return Value(range.end_included);
    return std::nullopt;
}

std::optional<Value> own_property(const Value& value, std::string_view name) {
    if (const auto* context = value.context()) {
        const Value* found = context->find(name);
        return found == nullptr ? std::nullopt : std::optional(*found);
    }
    if (const auto* date = value.as<CalendarDate>()) return date_property(*date, name);
    if (const auto* time = value.as<TimeOfDay>()) return time_property(*time, {1970, 1, 1}, name);
    if (const auto* moment = value.as<DateTime>()) {
        if (auto found = date_property(moment->date, name)) return found;
        return time_property(moment->time, moment->date, name);
    }
    if (const auto* months = value.as<MonthsDuration>()) {
        if (name == "years") return whole(months->months / 12);
        if (name == "months") return whole(months->months % 12);
    }
    if (const auto* seconds = value.as<SecondsDuration>()) {
        if (name == "days") return whole(seconds->seconds / 86'400);
        if (name == "hours") return whole(seconds->seconds / 3600 % 24);
        if (name == "minutes") return whole(seconds->seconds / 60 % 60);
        if (name == "seconds") return whole(seconds->seconds % 60);
    }
    if (const auto* range = value.range()) return range_property(*range, name);
    return std::nullopt;
}

bool parts_match(const Value& value, const Type& type) {
    if (const auto* list = value.list()) {
        if (type.parts.empty()) return true;
        for (const Value& item : *list) {
            if (!is_instance(item, type.parts[0])) return false;
        }
        return true;
    }
    if (const auto* context = value.context()) {
        for (std::size_t i = 0; i < type.fields.size(); ++i) {
            const Value* field = context->find(type.fields[i]);
            if (field == nullptr || !is_instance(*field, type.parts[i])) return false;
        }
        return true;
    }
    if (const auto* range = value.range()) {
        if (type.parts.empty()) return true;
        return (range->start.is_null() || is_instance(range->start, type.parts[0])) &&
               (range->end.is_null() || is_instance(range->end, type.parts[0]));
    }
    // NOT YET: clause 10.3.2.9.2, the types of the parameters and of the result of a function.
    if (const auto* function = value.function()) return type.parts.empty() || type.parts.size() - 1 == function->parameters.size();
    return true;
}

}  // namespace

Value property(const Value& value, std::string_view name) {
    if (value.is_null()) return value.reason().empty() ? Value::null(madang::format("null has no \"{}\"", name)) : value;
    if (const auto* list = value.list()) {   // clause 10.3.2.5.3: over every item
        List all;
        for (const Value& item : *list) all.push_back(property(item, name));
        return Value(std::move(all));
    }
    if (auto found = own_property(value, name)) return *found;
    return Value::null(madang::format("{} has no \"{}\"", type_name(value), name));
}

// Clause 10.3.2.9: null is an instance of nothing but Any's absence, "Null".
bool is_instance(const Value& value, const Type& type) {
    if (type.name == "Null") return value.is_null();
    if (value.is_null()) return false;
    if (type.name == "Any") return true;
    const std::string_view actual = type_name(value);
    const bool named = type.name == actual || (type.name == "day time duration" && actual == "days and time duration") ||
                       (type.name == "year month duration" && actual == "years and months duration");
    return named && parts_match(value, type);
}

Value coerce(const Value& value, const Type& type) {
    if (value.is_null() || type.name.empty() || is_instance(value, type)) return value;
    if (const List* list = value.list(); list != nullptr && list->size() == 1 && is_instance(list->front(), type)) return list->front();
    if (type.name == "list" && (type.parts.empty() || is_instance(value, type.parts[0]))) return Value(List{value});
    if (type.name == "date and time" && value.as<CalendarDate>() != nullptr) {
        return Value(Value::Held(DateTime{*value.as<CalendarDate>(), TimeOfDay{0, 0, {}}}));
    }
    return Value::null(madang::format("{} where {} is asked for", type_name(value), type.name));
}

}  // namespace madang::feel
