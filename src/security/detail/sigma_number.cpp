#include "security/detail/sigma_number.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>

#include "base/text.h"

namespace madang::security {
namespace {

std::optional<std::uint64_t> parse_digits(std::string_view digits, int base) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
}

std::optional<double> parse_real(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

}  // namespace

std::string spell_number(double number) {
    // A whole number is spelled without a point, as JSON writers do.
    if (std::abs(number) < 9223372036854775808.0 && std::trunc(number) == number) return format("{}", static_cast<std::int64_t>(number));
    return format("{}", number);
}

std::string spell_json_number(std::string_view text) {
    const std::size_t point = text.find('.');
    const bool has_exponent = text.find_first_of("eE") != std::string_view::npos;
    // A whole number with a fraction of zeros keeps all its digits, however many they are.
    if (!has_exponent && text.find_first_not_of('0', std::min(point, text.size() - 1) + 1) == std::string_view::npos) text = text.substr(0, point);
    if (text == "-0") return "0";
    if (!has_exponent && !text.contains('.')) return std::string(text);
    const auto value = parse_real(text);
    return value ? spell_number(*value) : std::string(text);
}

bool has_leading_zero(std::string_view number) {
    if (number.starts_with('-') || number.starts_with('+')) number.remove_prefix(1);
    return number.size() > 1 && number[0] == '0' && number[1] >= '0' && number[1] <= '9';
}

Result<SpelledNumber> parse_yaml_number(std::string_view text) {
    std::string_view digits = text;
    const bool negative = digits.starts_with('-');
    if (negative || digits.starts_with('+')) digits.remove_prefix(1);
    int base = 10;
    if (digits.starts_with("0x")) base = 16;
    if (digits.starts_with("0o")) base = 8;
    if (base != 10) digits.remove_prefix(2);
    if (has_leading_zero(text)) return fail(Code::invalid, format("put \"{}\" in quotes: what its leading zero means is not clear", text));
    if (digits.find_first_of(".eE") == std::string_view::npos || base == 16) {
        const auto value = parse_digits(digits, base);
        if (!value) return fail(Code::invalid, format("the number {} does not fit in 64 bits", text));
        const auto number = static_cast<long double>(*value);
        return SpelledNumber{negative ? -number : number, format("{}{}", negative && *value != 0 ? "-" : "", *value)};
    }
    const auto value = parse_real(text);
    if (!value) return fail(Code::invalid, format("the number {} is too large", text));
    return SpelledNumber{static_cast<long double>(*value), spell_number(*value)};
}

std::optional<long double> parse_event_number(std::string_view text) {
    if (text.empty() || text.size() > 64 || text.find_first_not_of("+-.0123456789eE") != std::string_view::npos) return std::nullopt;
    std::string_view digits = text;
    if (digits.starts_with('-')) digits.remove_prefix(1);
    if (const auto whole = parse_digits(digits, 10)) {
        const auto number = static_cast<long double>(*whole);
        return text.front() == '-' ? -number : number;
    }
    if (const auto real = parse_real(text)) return static_cast<long double>(*real);
    // Too large for a double is still larger than every number of a rule, and too small smaller.
    double unheld = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), unheld);
    if (error != std::errc::result_out_of_range || end != text.data() + text.size()) return std::nullopt;
    return std::strtold(std::string(text).c_str(), nullptr);
}

}  // namespace madang::security
