#include "base/text.h"
#include "feel/detail/evaluation.h"

namespace madang::feel {
namespace {

using Operation = NodeKind;

Value number_or_null(const std::optional<Number>& number, std::string_view what) {
    return number ? Value(*number) : Value::null(madang::format("{} has no result", what));
}

Value not_defined(NodeKind operation, const Value& a, const Value& b) {
    const std::string_view sign = operation == NodeKind::add        ? "+"
                                  : operation == NodeKind::subtract ? "-"
                                  : operation == NodeKind::multiply ? "*"
                                  : operation == NodeKind::divide   ? "/"
                                                                    : "**";
    return Value::null(madang::format("\"{}\" is not defined for {} and {}", sign, type_name(a), type_name(b)));
}

template <class T>
Value held(const std::optional<T>& value, std::string_view what) {
    return value ? Value(Value::Held(*value)) : Value::null(madang::format("{} is out of range", what));
}

Value numbers(NodeKind operation, const Number& a, const Number& b) {
    switch (operation) {
        case NodeKind::add: return number_or_null(add(a, b), "the sum");
        case NodeKind::subtract: return number_or_null(subtract(a, b), "the difference");
        case NodeKind::multiply: return number_or_null(multiply(a, b), "the product");
        case NodeKind::divide: return b.is_zero() ? Value::null("a division by zero") : number_or_null(divide(a, b), "the quotient");
        default: return number_or_null(power(a, b), "the power");
    }
}

Nanoseconds nanoseconds_of(const SecondsDuration& duration) {
    return static_cast<Nanoseconds>(duration.seconds) * 1'000'000'000 + duration.nanoseconds;
}

std::optional<Number> number_of(Nanoseconds value) {
    const bool negative = value < 0;
    auto rest = negative ? -value : value;
    std::string digits;
    do {
        digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
        rest /= 10;
    } while (rest != 0);
    return Number::parse((negative ? "-" : "") + digits);
}

std::optional<SecondsDuration> duration_of(const Number& nanoseconds) {
    const auto whole = round(nanoseconds, 0, Rounding::down);
    if (!whole || *whole > *Number::parse("1e30") || whole->negated() > *Number::parse("1e30")) return std::nullopt;
    Nanoseconds value = 0;
    const std::string text = whole->text();
    for (const char c : text) {
        if (c != '-') value = value * 10 + (c - '0');
    }
    return seconds_duration(text.starts_with('-') ? -value : value);
}

Value scaled(const SecondsDuration& duration, NodeKind operation, const Number& by) {
    const auto amount = number_of(nanoseconds_of(duration));
    const auto result = operation == NodeKind::multiply ? multiply(*amount, by) : divide(*amount, by);
    if (!result) return Value::null("the duration has no such part");
    return held(duration_of(*result), "the duration");
}

Value scaled(const MonthsDuration& duration, NodeKind operation, const Number& by) {
    const Number amount(duration.months);
    const auto result = operation == NodeKind::multiply ? multiply(amount, by) : divide(amount, by);
    const auto whole = result ? round(*result, 0, Rounding::down) : std::nullopt;
    const auto months = whole ? whole->integer() : std::nullopt;
    if (!months) return Value::null("the duration has no such part");
    return Value(Value::Held(MonthsDuration{*months}));
}

DateTime midnight(const CalendarDate& date) { return {date, TimeOfDay{0, 0, {}}}; }

std::optional<DateTime> moment_of(const Value& value) {
    if (const auto* moment = value.as<DateTime>()) return *moment;
    if (const auto* date = value.as<CalendarDate>()) return midnight(*date);
    return std::nullopt;
}

// Temporal ± duration. `sign` is 1 or -1.
std::optional<Value> moved(const Value& a, const Value& b, int sign) {
    const auto* months = b.as<MonthsDuration>();
    const auto* seconds = b.as<SecondsDuration>();
    if (months == nullptr && seconds == nullptr) return std::nullopt;
    const SecondsDuration by = seconds == nullptr ? SecondsDuration{} : SecondsDuration{sign * seconds->seconds, sign * seconds->nanoseconds};
    if (const auto* date = a.as<CalendarDate>()) {
        if (months != nullptr) return held(add_months(*date, sign * months->months), "the date");
        const auto sum = add(midnight(*date), by);
        return sum ? Value(Value::Held(sum->date)) : Value::null("the date is out of range");
    }
    if (const auto* moment = a.as<DateTime>()) {
        if (months == nullptr) return held(add(*moment, by), "the date and time");
        const auto date = add_months(moment->date, sign * months->months);
        return date ? Value(Value::Held(DateTime{*date, moment->time})) : Value::null("the date and time is out of range");
    }
    if (const auto* time = a.as<TimeOfDay>(); time != nullptr && months == nullptr) return Value(Value::Held(add(*time, by)));
    if (const auto* other = a.as<MonthsDuration>(); other != nullptr && months != nullptr) {
        return Value(Value::Held(MonthsDuration{other->months + sign * months->months}));
    }
    if (const auto* other = a.as<SecondsDuration>(); other != nullptr && seconds != nullptr) {
        return held(seconds_duration(nanoseconds_of(*other) + nanoseconds_of(by)), "the duration");
    }
    return std::nullopt;
}

std::optional<Value> difference(const Value& a, const Value& b) {
    Point from;
    Point to;
    if (const auto left = moment_of(a)) {
        const auto right = moment_of(b);
        if (!right) return std::nullopt;
        // A date stands for its midnight in UTC, and a local moment has no place on that line.
        from = point_of(*right);
        to = point_of(*left);
    } else if (a.as<TimeOfDay>() != nullptr && b.as<TimeOfDay>() != nullptr) {
        from = point_of(*b.as<TimeOfDay>());
        to = point_of(*a.as<TimeOfDay>());
    } else {
        return std::nullopt;
    }
    if (from.local != to.local) return Value::null("one of the two has a time zone and the other has none");
    return Value(Value::Held(between(from, to)));
}

}  // namespace

Value arithmetic(NodeKind operation, const Value& a, const Value& b) {
    const auto* left = a.as<Number>();
    const auto* right = b.as<Number>();
    if (left != nullptr && right != nullptr) return numbers(operation, *left, *right);
    if (operation == NodeKind::add) {
        const auto* text = a.as<std::string>();
        const auto* more = b.as<std::string>();
        if (text != nullptr && more != nullptr) return Value(*text + *more);
        if (auto sum = moved(a, b, 1)) return *sum;
        if (auto sum = moved(b, a, 1)) return *sum;
    }
    if (operation == NodeKind::subtract) {
        if (auto rest = difference(a, b)) return *rest;
        if (auto rest = moved(a, b, -1)) return *rest;
    }
    if (operation == NodeKind::multiply || operation == NodeKind::divide) {
        const auto* months = a.as<MonthsDuration>();
        const auto* seconds = a.as<SecondsDuration>();
        if (right != nullptr && months != nullptr) return scaled(*months, operation, *right);
        if (right != nullptr && seconds != nullptr) return scaled(*seconds, operation, *right);
        if (operation == NodeKind::multiply && left != nullptr && b.as<MonthsDuration>() != nullptr) return arithmetic(operation, b, a);
        if (operation == NodeKind::multiply && left != nullptr && b.as<SecondsDuration>() != nullptr) return arithmetic(operation, b, a);
        if (operation == NodeKind::divide && months != nullptr && b.as<MonthsDuration>() != nullptr) {
            return number_or_null(divide(Number(months->months), Number(b.as<MonthsDuration>()->months)), "the quotient");
        }
        if (operation == NodeKind::divide && seconds != nullptr && b.as<SecondsDuration>() != nullptr) {
            return number_or_null(divide(*number_of(nanoseconds_of(*seconds)), *number_of(nanoseconds_of(*b.as<SecondsDuration>()))), "the quotient");
        }
    }
    return not_defined(operation, a, b);
}

Value negate(const Value& a) {
    if (const auto* number = a.as<Number>()) return Value(number->negated());
    if (const auto* months = a.as<MonthsDuration>()) return Value(Value::Held(MonthsDuration{-months->months}));
    if (const auto* seconds = a.as<SecondsDuration>()) return Value(Value::Held(SecondsDuration{-seconds->seconds, -seconds->nanoseconds}));
    return Value::null(madang::format("\"-\" is not defined for {}", type_name(a)));
}

Value comparison(NodeKind operation, const Value& a, const Value& b) {
    if (operation == NodeKind::equal || operation == NodeKind::not_equal) {
        const auto same_value = equal(a, b);
        if (!same_value) return Value::null(madang::format("{} and {} cannot be compared", type_name(a), type_name(b)));
        return Value(*same_value == (operation == NodeKind::equal));
    }
    const auto order = compare(a, b);
    if (!order) return Value::null(madang::format("{} and {} cannot be compared", type_name(a), type_name(b)));
    switch (operation) {
        case NodeKind::less: return Value(*order < 0);
        case NodeKind::less_or_equal: return Value(*order <= 0);
        case NodeKind::greater: return Value(*order > 0);
        default: return Value(*order >= 0);
    }
}

Value contains(const Range& range, const Value& point) {
    bool inside = true;
    if (!range.start.is_null()) {
        const auto order = compare(range.start, point);
        if (!order) return Value::null(madang::format("{} cannot lie in a range of {}", type_name(point), type_name(range.start)));
        inside = *order < 0 || (*order == 0 && range.start_included);
    }
    if (!range.end.is_null()) {
        const auto order = compare(point, range.end);
        if (!order) return Value::null(madang::format("{} cannot lie in a range of {}", type_name(point), type_name(range.end)));
        inside = inside && (*order < 0 || (*order == 0 && range.end_included));
    }
    return Value(inside);
}

}  // namespace madang::feel
