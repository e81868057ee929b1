// Numbers (clause 10.3.4.5).
#include "feel/detail/builtins.h"

namespace madang::feel {
namespace {

Value made(const std::optional<Number>& number, std::string_view function) {
    return number ? Value(*number) : Value::null(format("{}() has no result", function));
}

const Number* number_at(const List& arguments, std::size_t place) { return scalar_at<Number>(arguments, place); }

Value rounded(const List& arguments, Rounding rounding, std::string_view name, bool scale_needed) {
    const auto* number = number_at(arguments, 0);
    const auto* given = number_at(arguments, 1);
    if (number == nullptr || (given == nullptr && (scale_needed || arguments.size() > 1))) return wrong(name, "a number and a scale");
    const auto scale = given == nullptr ? std::optional<std::int64_t>(0) : round(*given, 0, Rounding::down)->integer();
    if (!scale || *scale < -6111 || *scale > 6176) return wrong(name, "a scale of -6111 to 6176");
    return made(round(*number, static_cast<int>(*scale), rounding), name);
}

Value decimal(const List& a, Evaluation&) { return rounded(a, Rounding::half_even, "decimal", true); }
Value floor(const List& a, Evaluation&) { return rounded(a, Rounding::floor, "floor", false); }
Value ceiling(const List& a, Evaluation&) { return rounded(a, Rounding::ceiling, "ceiling", false); }
Value round_up(const List& a, Evaluation&) { return rounded(a, Rounding::up, "round up", true); }
Value round_down(const List& a, Evaluation&) { return rounded(a, Rounding::down, "round down", true); }
Value round_half_up(const List& a, Evaluation&) { return rounded(a, Rounding::half_up, "round half up", true); }
Value round_half_down(const List& a, Evaluation&) { return rounded(a, Rounding::half_down, "round half down", true); }

Value absolute(const List& arguments, Evaluation&) {
    const Value& value = argument(arguments, 0);
    if (const auto* number = value.as<Number>()) return Value(number->absolute());
    if (const auto* months = value.as<MonthsDuration>()) return months->months < 0 ? negate(value) : value;
    if (const auto* seconds = value.as<SecondsDuration>()) return *seconds < SecondsDuration{} ? negate(value) : value;
    return wrong("abs", "a number or a duration");
}

Value modulo_of(const List& arguments, Evaluation&) {
    const auto* a = number_at(arguments, 0);
    const auto* b = number_at(arguments, 1);
    if (a == nullptr || b == nullptr) return wrong("modulo", "two numbers");
    return b->is_zero() ? Value::null("a division by zero") : made(modulo(*a, *b), "modulo");
}

Value sqrt(const List& arguments, Evaluation&) {
    const auto* a = number_at(arguments, 0);
    return a == nullptr ? wrong("sqrt", "a number") : made(square_root(*a), "sqrt");
}
Value log(const List& arguments, Evaluation& evaluation) {
    const auto* a = number_at(arguments, 0);
    if (!evaluation.spend(kRealSteps)) return Value::null(std::string(kSpent));
    return a == nullptr ? wrong("log", "a number") : made(natural_logarithm(*a), "log");
}
Value exp(const List& arguments, Evaluation& evaluation) {
    const auto* a = number_at(arguments, 0);
    if (!evaluation.spend(kRealSteps)) return Value::null(std::string(kSpent));
    return a == nullptr ? wrong("exp", "a number") : made(exponential(*a), "exp");
}

Value parity(const List& arguments, std::string_view name, bool wanted_even) {
    const auto* a = number_at(arguments, 0);
    if (a == nullptr) return wrong(name, "a number");
    const auto rest = modulo(*a, Number(2));
    if (!a->is_integer() || !rest) return Value(false);
    return Value(rest->is_zero() == wanted_even);
}
Value odd(const List& arguments, Evaluation&) { return parity(arguments, "odd", false); }
Value even(const List& arguments, Evaluation&) { return parity(arguments, "even", true); }

}  // namespace

std::span<const Builtin> number_builtins() {
    static const std::vector<Builtin> all{
        {"decimal", {{"n", "scale"}}, 2, 2, decimal},
        {"floor", {{"n", "scale"}}, 1, 2, floor},
        {"ceiling", {{"n", "scale"}}, 1, 2, ceiling},
        {"round up", {{"n", "scale"}}, 2, 2, round_up},
        {"round down", {{"n", "scale"}}, 2, 2, round_down},
        {"round half up", {{"n", "scale"}}, 2, 2, round_half_up},
        {"round half down", {{"n", "scale"}}, 2, 2, round_half_down},
        {"abs", {{"n"}}, 1, 1, absolute},
        {"modulo", {{"dividend", "divisor"}}, 2, 2, modulo_of},
        {"sqrt", {{"number"}}, 1, 1, sqrt},
        {"log", {{"number"}}, 1, 1, log},
        {"exp", {{"number"}}, 1, 1, exp},
        {"odd", {{"number"}}, 1, 1, odd},
        {"even", {{"number"}}, 1, 1, even},
    };
    return all;
}

}  // namespace madang::feel
