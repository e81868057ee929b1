#include "documents/code.h"

#include <cstddef>
#include <optional>

#include "base/text.h"

namespace madang::documents {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kDigits = 16;   // 80 bits, 5 a digit
constexpr std::size_t kGroup = 4;
constexpr std::size_t kMaxTyped = 64;
constexpr unsigned kBase = 32;

// ISO/IEC 7064 clause 9, the hybrid system with modulus 32 (MOD 33,32): finds every wrong digit and
// every two neighbours that changed places but two pairs.
unsigned check_digit(const std::array<unsigned, kDigits>& digits) {
    unsigned carry = kBase;
    for (const unsigned digit : digits) {
        unsigned sum = (carry + digit) % kBase;
        if (sum == 0) sum = kBase;
        carry = sum * 2 % (kBase + 1);
    }
    return (kBase + 1 - carry) % kBase;
}

// Crockford's base 32, "Decode": what people mistake for a digit is that digit.
std::optional<unsigned> digit_of(char c) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == 'O') c = '0';
    if (c == 'I' || c == 'L') c = '1';
    const std::size_t at = kAlphabet.find(c);
    if (at == std::string_view::npos) return std::nullopt;
    return static_cast<unsigned>(at);
}

std::array<unsigned, kDigits> digits_of(const CodeBytes& bytes) {
    std::array<unsigned, kDigits> digits{};
    for (std::size_t i = 0; i < kDigits; ++i) {
        const std::size_t bit = i * 5;
        const unsigned high = bytes[bit / 8];
        const unsigned low = bit / 8 + 1 < bytes.size() ? bytes[bit / 8 + 1] : 0U;
        digits[i] = ((high << 8U | low) >> (11 - bit % 8)) & 31U;
    }
    return digits;
}

Result<std::array<unsigned, kDigits>> read_digits(std::string_view typed) {
    if (typed.size() > kMaxTyped) return fail(Code::invalid, "a code has 17 characters in groups of four");
    std::array<unsigned, kDigits + 1> read{};
    std::size_t count = 0;
    for (const char c : typed) {
        if (c == ' ' || c == '-' || c == '\t' || c == '\r' || c == '\n') continue;
        const auto digit = digit_of(c);
        if (!digit) return fail(Code::invalid, "a code holds only digits and letters, without U");
        if (count == read.size()) return fail(Code::invalid, "the code is too long: it has 17 characters");
        read[count++] = *digit;
    }
    if (count < read.size()) return fail(Code::invalid, format("the code is too short: {} of 17 characters", count));
    std::array<unsigned, kDigits> digits{};
    for (std::size_t i = 0; i < kDigits; ++i) digits[i] = read[i];
    if (check_digit(digits) != read[kDigits]) {
        return fail(Code::invalid, "a character of the code is mistyped: the last one does not fit the others");
    }
    return digits;
}

}  // namespace

std::string make_code(Random& random) {
    CodeBytes bytes;
    random.fill(bytes);
    return format_code(bytes);
}

std::string format_code(const CodeBytes& bytes) {
    const auto digits = digits_of(bytes);
    std::string text;
    for (std::size_t i = 0; i < kDigits; ++i) {
        if (i != 0 && i % kGroup == 0) text += '-';
        text += kAlphabet[digits[i]];
    }
    text += '-';
    text += kAlphabet[check_digit(digits)];
    return text;
}

Result<CodeBytes> code_bytes(std::string_view typed) {
    TRY(const auto digits, read_digits(typed));
    CodeBytes bytes{};
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        const unsigned value = digits[bit / 5] >> (4 - bit % 5) & 1U;
        bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] | value << (7 - bit % 8));
    }
    return bytes;
}

Result<std::string> parse_code(std::string_view typed) {
    TRY(const CodeBytes bytes, code_bytes(typed));
    return format_code(bytes);
}

}  // namespace madang::documents
