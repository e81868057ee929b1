// A FEEL number: decimal, 34 significant digits, rounded half to even (DMN 1.5 clause 10.3.2.3.1,
// IEEE 754-2008 decimal128 without its infinities and NaN: an operation that would give one gives nothing).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace madang::feel {

enum class Rounding { up, down, half_up, half_down, half_even, floor, ceiling };

// Value = (-1)^negative * coefficient * 10^exponent, without trailing zeros in the coefficient.
class Number {
public:
    static constexpr int kDigits = 34;
    static constexpr int kMaxExponent = 6111;    // of decimal128
    static constexpr int kMinExponent = -6176;

    Number() = default;
    explicit Number(std::int64_t whole);
    // Digits with an optional sign, fraction and exponent: "-12.50", ".5", "1.2e3". At most 1,000 characters.
    static std::optional<Number> parse(std::string_view text);

    bool is_zero() const { return coefficient_ == 0; }
    bool is_negative() const { return negative_; }
    bool is_integer() const { return exponent_ >= 0; }
    // The value if it is a whole number of 64 bits.
    std::optional<std::int64_t> integer() const;
    double real() const;
    // Plain digits ("0.05"); with an exponent only beyond 40 digits.
    std::string text() const;

    friend std::optional<Number> add(const Number& a, const Number& b);
    friend std::optional<Number> subtract(const Number& a, const Number& b);
    friend std::optional<Number> multiply(const Number& a, const Number& b);
    friend std::optional<Number> divide(const Number& a, const Number& b);   // nothing for b = 0
    // a - b * floor(a / b), as FEEL's modulo.
    friend std::optional<Number> modulo(const Number& a, const Number& b);
    friend std::optional<Number> power(const Number& base, const Number& exponent);
    friend std::optional<Number> square_root(const Number& a);
    friend std::optional<Number> natural_logarithm(const Number& a);
    friend std::optional<Number> exponential(const Number& a);
    // To `scale` digits after the point; a negative scale rounds tens, hundreds, …
    friend std::optional<Number> round(const Number& a, int scale, Rounding rounding);
    Number negated() const;
    Number absolute() const;

    friend std::strong_ordering operator<=>(const Number& a, const Number& b);
    friend bool operator==(const Number& a, const Number& b) = default;

private:
    friend struct Arithmetic;   // number.cpp
    __extension__ typedef unsigned __int128 Coefficient;

    Coefficient coefficient_ = 0;   // first: 32 bytes in all
    int exponent_ = 0;
    bool negative_ = false;
};

std::optional<Number> add(const Number& a, const Number& b);
std::optional<Number> subtract(const Number& a, const Number& b);
std::optional<Number> multiply(const Number& a, const Number& b);
std::optional<Number> divide(const Number& a, const Number& b);
std::optional<Number> modulo(const Number& a, const Number& b);
std::optional<Number> power(const Number& base, const Number& exponent);
std::optional<Number> square_root(const Number& a);
std::optional<Number> natural_logarithm(const Number& a);
std::optional<Number> exponential(const Number& a);
std::optional<Number> round(const Number& a, int scale, Rounding rounding);

}  // namespace madang::feel
