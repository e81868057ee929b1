#include "feel/number.h"

#include <boost/multiprecision/cpp_dec_float.hpp>
#include <boost/multiprecision/cpp_int.hpp>
#include <array>
#include <cctype>
#include <limits>

namespace madang::feel {
namespace {

using Wide = boost::multiprecision::uint256_t;
using Real = boost::multiprecision::number<boost::multiprecision::cpp_dec_float<60>>;

constexpr std::uint64_t kSmall = 1'000'000'000'000'000'000U;   // 10^18: of up to 18 digits
constexpr auto kPowers = [] {
    std::array<std::uint64_t, 19> all{1};
    for (std::size_t i = 1; i < all.size(); ++i) all[i] = all[i - 1] * 10;
    return all;
}();
constexpr std::size_t kMaxLiteral = 1000;
constexpr int kPlainDigits = 40;   // text() writes no exponent up to here

Wide power_of_ten(int exponent) {
    static const auto powers = [] {
        std::array<Wide, 78> all;
        all[0] = 1;
        for (std::size_t i = 1; i < all.size(); ++i) all[i] = all[i - 1] * 10U;
        return all;
    }();
    return powers.at(static_cast<std::size_t>(exponent));
}

int count_digits(const Wide& value) {
    int digits = 0;
    while (digits < 77 && value >= power_of_ten(digits)) ++digits;
    return digits;
}

// Whether a quotient whose remainder compares so to one half is raised by one.
bool rounds_up(Rounding rounding, bool negative, bool odd, int against_half, bool inexact) {
    switch (rounding) {
        case Rounding::up: return inexact;
        case Rounding::down: return false;
        case Rounding::floor: return inexact && negative;
        case Rounding::ceiling: return inexact && !negative;
        case Rounding::half_up: return against_half >= 0;
        case Rounding::half_down: return against_half > 0;
        case Rounding::half_even: return against_half > 0 || (against_half == 0 && odd);
    }
    return false;
}

// value / 10^drop, rounded; `sticky` says that something below the digits of value was cut off.
Wide shorten(const Wide& value, int drop, bool negative, bool sticky, Rounding rounding) {
    if (drop > 77) return rounds_up(rounding, negative, false, -1, value != 0 || sticky) ? 1 : 0;
    const Wide divisor = power_of_ten(drop);
    Wide quotient = value / divisor;
    const Wide rest = value % divisor;
    const Wide half = divisor / 2U;
    int against_half = rest < half ? -1 : (rest > half ? 1 : 0);
    if (drop == 0) against_half = -1;
    if (against_half == 0 && sticky) against_half = 1;
    const bool odd = (quotient & 1U) != 0;
    if (rounds_up(rounding, negative, odd, against_half, rest != 0 || sticky)) quotient += 1U;
    return quotient;
}

Real real_of(const Number& number) { return Real(number.text()); }

std::optional<Number> number_of(const Real& real) {
    if (!boost::multiprecision::isfinite(real)) return std::nullopt;
    return Number::parse(real.str(50, std::ios_base::scientific));
}

}  // namespace

// The arithmetic proper, a friend so that the header needs no wide integers. Most numbers of real life have
// fewer than 19 digits: their sums, products and comparisons are done in 128 bits, the others in 256.
struct Arithmetic {
    using Coefficient = Number::Coefficient;

    static bool is_small(const Number& number) { return number.coefficient_ < kSmall; }
    static Coefficient limit() { return static_cast<Coefficient>(kSmall) * 10'000'000'000'000'000U; }   // 10^34

    // What has fewer than 34 digits needs no rounding.
    static Number normal(bool negative, Coefficient coefficient, int exponent) {
        Number made;
        if (coefficient == 0) return made;
        while (static_cast<std::uint64_t>(coefficient >> 64U) != 0 && coefficient % 10U == 0) {
            coefficient /= 10U;
            ++exponent;
        }
        if (static_cast<std::uint64_t>(coefficient >> 64U) == 0) {
            auto rest = static_cast<std::uint64_t>(coefficient);
            while (rest % 10U == 0) {
                rest /= 10U;
                ++exponent;
            }
            coefficient = rest;
        }
        made.negative_ = negative;
        made.coefficient_ = coefficient;
        made.exponent_ = exponent;
        return made;
    }
    static bool is_plain(int exponent) { return exponent > -1000 && exponent < 1000; }

    // Both numbers of one exponent, in 128 bits; false where they do not fit.
    static bool align(const Number& a, const Number& b, Coefficient& left, Coefficient& right, int& exponent) {
        if (!is_small(a) || !is_small(b)) return false;
        const int gap = a.exponent_ - b.exponent_;
        if (gap > 18 || gap < -18) return false;
        left = a.coefficient_ * (gap > 0 ? kPowers[static_cast<std::size_t>(gap)] : 1U);
        right = b.coefficient_ * (gap < 0 ? kPowers[static_cast<std::size_t>(-gap)] : 1U);
        exponent = gap > 0 ? b.exponent_ : a.exponent_;
        return true;
    }

    static Wide wide(const Number& number) {
        const auto coefficient = number.coefficient_;
        return (Wide(static_cast<std::uint64_t>(coefficient >> 64U)) << 64U) | Wide(static_cast<std::uint64_t>(coefficient));
    }

    // Rounds to 34 digits and takes trailing zeros off; nothing where decimal128 would be infinite.
    static std::optional<Number> make(bool negative, Wide coefficient, std::int64_t exponent, bool sticky) {
        for (int digits = count_digits(coefficient); digits > Number::kDigits; digits = count_digits(coefficient)) {
            coefficient = shorten(coefficient, digits - Number::kDigits, negative, sticky, Rounding::half_even);
            exponent += digits - Number::kDigits;
            sticky = false;
        }
        if (exponent < Number::kMinExponent) {
            const std::int64_t drop = Number::kMinExponent - exponent;
            coefficient = shorten(coefficient, static_cast<int>(std::min<std::int64_t>(drop, 78)), negative, sticky, Rounding::half_even);
            exponent = Number::kMinExponent;
        }
        if (coefficient == 0) return Number();
        while (coefficient % 10U == 0) {
            coefficient /= 10U;
            ++exponent;
        }
        if (exponent + count_digits(coefficient) > Number::kMaxExponent + Number::kDigits) return std::nullopt;
        Number made;
        made.negative_ = negative;
        made.coefficient_ = (static_cast<Number::Coefficient>(static_cast<std::uint64_t>(coefficient >> 64U)) << 64U) |
                            static_cast<std::uint64_t>(coefficient & std::numeric_limits<std::uint64_t>::max());
        made.exponent_ = static_cast<int>(exponent);
        return made;
    }

    static std::optional<Number> sum(const Number& a, const Number& b) {
        if (a.is_zero()) return b;
        if (b.is_zero()) return a;
        Coefficient left = 0;
        Coefficient right = 0;
        int exponent_of_both = 0;
        if (align(a, b, left, right, exponent_of_both) && is_plain(exponent_of_both)) {
            const bool alike = a.negative_ == b.negative_;
            const Coefficient total = alike ? left + right : (left >= right ? left - right : right - left);
            if (total < limit()) return normal(alike || left >= right ? a.negative_ : b.negative_, total, exponent_of_both);
        }
        const Number& high = a.exponent_ >= b.exponent_ ? a : b;
        const Number& low = a.exponent_ >= b.exponent_ ? b : a;
        // The higher one gets room for 36 digits more; what then still lies below is only a trace.
        const int digits = count_digits(wide(high));
        const int shift = std::min(high.exponent_ - low.exponent_, 72 - digits);
        const Wide raised = wide(high) * power_of_ten(shift);
        const int exponent = high.exponent_ - shift;
        Wide other = wide(low);
        bool sticky = false;
        if (const int gap = exponent - low.exponent_; gap > 0) {
            const Wide kept = gap > 77 ? Wide(0) : Wide(other / power_of_ten(gap));
            sticky = gap > 77 || kept * power_of_ten(gap) != other;
            other = kept;
        }
        if (high.negative_ == low.negative_) return make(high.negative_, raised + other, exponent, sticky);
        if (raised >= other) {
            // A trace below makes the difference a little smaller: one less, and a trace.
            return make(high.negative_, sticky ? Wide(raised - other - 1U) : Wide(raised - other), exponent, sticky);
        }
        return make(low.negative_, other - raised, exponent, sticky);
    }

    static std::optional<Number> product(const Number& a, const Number& b) {
        if (is_small(a) && is_small(b)) {
            const Coefficient exact = a.coefficient_ * b.coefficient_;
            const int exponent = a.exponent_ + b.exponent_;
            if (exact < limit() && is_plain(exponent)) return normal(a.negative_ != b.negative_, exact, exponent);
        }
        return make(a.negative_ != b.negative_, wide(a) * wide(b), std::int64_t{a.exponent_} + b.exponent_, false);
    }

    static std::optional<Number> quotient(const Number& a, const Number& b) {
        if (b.is_zero()) return std::nullopt;
        if (is_small(a) && is_small(b) && is_plain(a.exponent_) && is_plain(b.exponent_)) {
            // A quotient that ends within 18 digits more.
            const Coefficient raised = a.coefficient_ * kPowers[18];
            const Coefficient exact = raised / b.coefficient_;
            if (exact * b.coefficient_ == raised && exact < limit()) return normal(a.negative_ != b.negative_, exact, a.exponent_ - b.exponent_ - 18);
        }
        const int shift = std::max(0, Number::kDigits + 2 + count_digits(wide(b)) - count_digits(wide(a)));
        const Wide raised = wide(a) * power_of_ten(shift);
        const Wide divisor = wide(b);
        return make(a.negative_ != b.negative_, raised / divisor, std::int64_t{a.exponent_} - b.exponent_ - shift,
                    raised % divisor != 0);
    }

    static std::optional<Number> rounded(const Number& a, int scale, Rounding rounding) {
        const std::int64_t drop = -std::int64_t{scale} - a.exponent_;
        if (a.is_zero() || drop <= 0) return a;
        const Wide kept = shorten(wide(a), static_cast<int>(std::min<std::int64_t>(drop, 78)), a.negative_, false, rounding);
        return make(a.negative_, kept, -std::int64_t{scale}, false);
    }

    static std::strong_ordering order(const Number& a, const Number& b) {
        const int sign_a = a.is_zero() ? 0 : (a.negative_ ? -1 : 1);
        const int sign_b = b.is_zero() ? 0 : (b.negative_ ? -1 : 1);
        if (sign_a != sign_b || sign_a == 0) return sign_a <=> sign_b;
        Coefficient fast_left = 0;
        Coefficient fast_right = 0;
        int exponent_of_both = 0;
        if (align(a, b, fast_left, fast_right, exponent_of_both)) {
            const auto order = fast_left < fast_right ? std::strong_ordering::less : (fast_left > fast_right ? std::strong_ordering::greater : std::strong_ordering::equal);
            return sign_a > 0 ? order : 0 <=> order;
        }
        const int size_a = count_digits(wide(a)) + a.exponent_;
        const int size_b = count_digits(wide(b)) + b.exponent_;
        std::strong_ordering by_size = size_a <=> size_b;
        if (by_size == 0) {
            const int common = std::min(a.exponent_, b.exponent_);
            const Wide left = wide(a) * power_of_ten(a.exponent_ - common);
            const Wide right = wide(b) * power_of_ten(b.exponent_ - common);
            by_size = left < right ? std::strong_ordering::less
                                   : (left > right ? std::strong_ordering::greater : std::strong_ordering::equal);
        }
        return sign_a > 0 ? by_size : 0 <=> by_size;
    }

    static std::string digits(const Number& a) {
        return is_small(a) ? std::to_string(static_cast<std::uint64_t>(a.coefficient_)) : wide(a).str();
    }
    static int exponent(const Number& a) { return a.exponent_; }
};

Number::Number(std::int64_t whole) {
    const auto magnitude = whole < 0 ? 0U - static_cast<std::uint64_t>(whole) : static_cast<std::uint64_t>(whole);
    *this = Arithmetic::normal(whole < 0, magnitude, 0);
}

namespace {

// Up to 18 digits with at most one point between them.
struct Short {
    std::uint64_t coefficient = 0;
    int exponent = 0;
};

std::optional<Short> parse_short(std::string_view text) {
    if (text.empty() || text.size() > 19) return std::nullopt;
    Short made;
    int digits = 0;
    bool point = false;
    for (const char c : text) {
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9' || ++digits > 18) return std::nullopt;
        made.coefficient = made.coefficient * 10 + static_cast<unsigned>(c - '0');
        if (point) --made.exponent;
    }
    return digits == 0 || text.back() == '.' ? std::nullopt : std::optional(made);
}

}  // namespace

std::optional<Number> Number::parse(std::string_view text) {
    if (text.empty() || text.size() > kMaxLiteral) return std::nullopt;
    if (const auto plain = parse_short(text.front() == '-' ? text.substr(1) : text)) {
        return Arithmetic::normal(text.front() == '-', plain->coefficient, plain->exponent);
    }
    std::size_t at = 0;
    bool negative = false;
    if (text[at] == '-' || text[at] == '+') negative = text[at++] == '-';
    Wide coefficient = 0;
    std::int64_t exponent = 0;
    bool sticky = false;
    bool any = false;
    bool point = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '.' && !point) {
            if (at + 1 >= text.size() || text[at + 1] < '0' || text[at + 1] > '9') return std::nullopt;
            point = true;
            continue;
        }
        if (c < '0' || c > '9') break;
        any = true;
        if (count_digits(coefficient) < 60) {
            coefficient = coefficient * 10U + static_cast<unsigned>(c - '0');
            if (point) --exponent;
        } else {
            sticky = sticky || c != '0';
            if (!point) ++exponent;
        }
    }
    if (!any) return std::nullopt;
    if (at < text.size()) {
        if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
        ++at;
        bool below = false;
        if (at < text.size() && (text[at] == '-' || text[at] == '+')) below = text[at++] == '-';
        if (at == text.size()) return std::nullopt;
        std::int64_t power = 0;
        for (; at < text.size(); ++at) {
            if (text[at] < '0' || text[at] > '9') return std::nullopt;
            power = std::min<std::int64_t>(power * 10 + (text[at] - '0'), 1'000'000);
        }
        exponent += below ? -power : power;
    }
    return Arithmetic::make(negative, coefficient, exponent, sticky);
}

std::optional<std::int64_t> Number::integer() const {
    if (!is_integer() || exponent_ > 18) return std::nullopt;
    if (exponent_ == 0 && Arithmetic::is_small(*this)) {
        const auto small = static_cast<std::int64_t>(coefficient_);
        return negative_ ? -small : small;
    }
    const Wide value = Arithmetic::wide(*this) * power_of_ten(exponent_);
    const Wide limit = Wide(std::numeric_limits<std::int64_t>::max()) + (negative_ ? 1U : 0U);
    if (value > limit) return std::nullopt;
    const auto bits = static_cast<std::uint64_t>(value);
    return static_cast<std::int64_t>(negative_ ? 0U - bits : bits);
}

double Number::real() const { return std::strtod(text().c_str(), nullptr); }

std::string Number::text() const {
    if (is_zero()) return "0";
    std::string digits = Arithmetic::digits(*this);
    const int size = static_cast<int>(digits.size());
    const std::string sign = negative_ ? "-" : "";
    if (exponent_ >= 0 && size + exponent_ <= kPlainDigits) {
        return sign + digits + std::string(static_cast<std::size_t>(exponent_), '0');
    }
    if (exponent_ < 0 && -exponent_ <= kPlainDigits) {
        if (size <= -exponent_) digits.insert(0, static_cast<std::size_t>(-exponent_ - size + 1), '0');
        digits.insert(digits.size() - static_cast<std::size_t>(-exponent_), ".");
        return sign + digits;
    }
    const int scientific = exponent_ + size - 1;
    if (size > 1) digits.insert(1, ".");
    return sign + digits + (scientific < 0 ? "E-" : "E+") + std::to_string(scientific < 0 ? -scientific : scientific);
}

Number Number::negated() const {
    Number other = *this;
    if (!is_zero()) other.negative_ = !negative_;
    return other;
}

Number Number::absolute() const {
    Number other = *this;
    other.negative_ = false;
    return other;
}

std::optional<Number> add(const Number& a, const Number& b) { return Arithmetic::sum(a, b); }
std::optional<Number> subtract(const Number& a, const Number& b) { return Arithmetic::sum(a, b.negated()); }
std::optional<Number> multiply(const Number& a, const Number& b) { return Arithmetic::product(a, b); }
std::optional<Number> divide(const Number& a, const Number& b) { return Arithmetic::quotient(a, b); }
std::optional<Number> round(const Number& a, int scale, Rounding rounding) { return Arithmetic::rounded(a, scale, rounding); }

std::optional<Number> modulo(const Number& a, const Number& b) {
    const auto ratio = divide(a, b);
    if (!ratio) return std::nullopt;
    const auto floor = round(*ratio, 0, Rounding::floor);
    const auto whole = multiply(b, *floor);
    return whole ? subtract(a, *whole) : std::nullopt;
}

std::optional<Number> power(const Number& base, const Number& exponent) {
    if (exponent.is_zero()) return Number(1);
    if (base.is_zero()) return exponent.is_negative() ? std::nullopt : std::optional(Number());
    if (const auto times = exponent.integer()) {
        // By squaring in 60 digits; beyond 10^6 steps of the exponent decimal128 is infinite or one.
        if (*times > 1'000'000'000 || *times < -1'000'000'000) return std::nullopt;
        return number_of(boost::multiprecision::pow(real_of(base), static_cast<int>(*times)));
    }
    if (base.is_negative()) return std::nullopt;
    return number_of(boost::multiprecision::pow(real_of(base), real_of(exponent)));
}

std::optional<Number> square_root(const Number& a) {
    if (a.is_negative()) return std::nullopt;
    return number_of(boost::multiprecision::sqrt(real_of(a)));
}

std::optional<Number> natural_logarithm(const Number& a) {
    if (a.is_negative() || a.is_zero()) return std::nullopt;
    return number_of(boost::multiprecision::log(real_of(a)));
}

std::optional<Number> exponential(const Number& a) {
    if (a.real() > 20'000) return std::nullopt;
    if (a.real() < -20'000) return Number();
    return number_of(boost::multiprecision::exp(real_of(a)));
}

std::strong_ordering operator<=>(const Number& a, const Number& b) { return Arithmetic::order(a, b); }

}  // namespace madang::feel
