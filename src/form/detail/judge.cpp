#include "form/detail/judge.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/time_text.h"

namespace madang::form {
namespace {

// Source texts, one for each mistake; problem_messages() is this list.
constexpr std::string_view kEnter = "Enter {label}";
constexpr std::string_view kChoose = "Choose {label}";
constexpr std::string_view kTick = "Tick {label}";
constexpr std::string_view kTooLong = "{label} must be {max} characters or fewer";
constexpr std::string_view kTooShort = "{label} must be {min} characters or more";
constexpr std::string_view kFarTooLong = "{label} is too long";
constexpr std::string_view kUnreadable = "{label} has characters that cannot be read";
constexpr std::string_view kWrongForm = "{label} is not in the right form";
constexpr std::string_view kEmail = "Enter an email address like name@example.com";
constexpr std::string_view kPhone = "Enter a telephone number like +375 29 123 45 67";
constexpr std::string_view kNumber = "{label} must be a number";
constexpr std::string_view kWhole = "{label} must be a whole number";
constexpr std::string_view kFraction = "{label} must have {max} digits after the point or fewer";
constexpr std::string_view kDigits = "{label} must have 15 digits or fewer";
constexpr std::string_view kTooLittle = "{label} must be {min} or more";
constexpr std::string_view kTooMuch = "{label} must be {max} or less";
constexpr std::string_view kDate = "{label} must be a date that exists, like 2026-11-23";
constexpr std::string_view kNoChoice = "{label} is not one of the choices";
constexpr std::array kMessages{kEnter,  kChoose, kTick,   kTooLong,  kTooShort, kFarTooLong, kUnreadable, kWrongForm, kEmail,
                               kPhone,  kNumber, kWhole,  kFraction, kDigits,   kTooLittle,  kTooMuch,    kDate,      kNoChoice};

constexpr std::ptrdiff_t kMaxDigits = 15;          // that a JSON number keeps whatever it is
constexpr std::size_t kMaxNumber = 60;             // bytes as typed, with blanks
constexpr std::size_t kMaxEmail = 254;             // RFC 5321 4.5.3.1.3 without < and >
constexpr std::size_t kMinPhone = 5, kMaxPhone = 15;   // digits; ITU-T E.164 allows 15

Judged wrong(std::string_view message, const Field& field, std::map<std::string, std::string> values = {}) {
    values["label"] = field.label;
    return {std::nullopt, std::string(message), std::move(values)};
}

Judged right(json::value value) { return {std::move(value), {}, {}}; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// One @ with a name before it and a host of two labels or more behind it; letters of any script (RFC 6531).
bool is_email(std::string_view text) {
    const std::size_t at = text.find('@');
    if (at == std::string_view::npos || at == 0 || at > 64 || text.size() > kMaxEmail) return false;
    if (text.find_first_of(" ()<>[]\\,;:\"") != std::string_view::npos) return false;
    const auto dotted = [](std::string_view part) {
        return !part.starts_with('.') && !part.ends_with('.') && part.find("..") == std::string_view::npos;
    };
    const std::string_view host = text.substr(at + 1);
    return dotted(text.substr(0, at)) && dotted(host) && host.find('.') != std::string_view::npos && host.find('@') == std::string_view::npos &&
           !host.starts_with('-') && !host.ends_with('-');
}

// Digits with the marks that people write between them, a plus only before them.
bool is_phone(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    if (text.find_first_not_of("0123456789 -().") != std::string_view::npos) return false;
    const auto digits = static_cast<std::size_t>(std::ranges::count_if(text, is_digit));
    return digits >= kMinPhone && digits <= kMaxPhone;
}

Judged judge_text(const Field& field, const std::string& text) {
    const Rules& rules = field.rules;
    const std::size_t length = count_code_points(text);
    if (rules.max_length && length > *rules.max_length) return wrong(kTooLong, field, {{"max", std::to_string(*rules.max_length)}});
    if (rules.min_length && length < *rules.min_length) return wrong(kTooShort, field, {{"min", std::to_string(*rules.min_length)}});
    if (rules.text == TextRule::email && !is_email(text)) return wrong(kEmail, field);
    if (rules.text == TextRule::phone && !is_phone(text)) return wrong(kPhone, field);
    if (rules.compiled && !rules.compiled->matches_whole(text)) {
        return wrong(rules.pattern_message.empty() ? kWrongForm : std::string_view(rules.pattern_message), field);
    }
    return right(json::value(text));
}

// "1 234,50" and "−5" as people write them; no exponent.
std::optional<feel::Number> number_of(std::string text) {
    if (text.size() > kMaxNumber) return std::nullopt;
    if (text.starts_with("\u2212")) text.replace(0, std::string_view("\u2212").size(), "-");
    std::erase(text, ' ');
    std::ranges::replace(text, ',', '.');
    if (text.find_first_not_of("+-.0123456789") != std::string::npos) return std::nullopt;
    return feel::Number::parse(text);
}

// The number that the data gives back once it was written to JSON and read again.
bool survives(const json::value& value, const feel::Number& number) {
    const auto read = parse_json(json::serialize(value));
    if (!read) return false;
    const feel::Value back = feel::from_json(*read);
    return back.as<feel::Number>() != nullptr && *back.as<feel::Number>() == number;
}

Judged judge_number(const Field& field, const std::string& text) {
    const auto number = number_of(text);
    if (!number) return wrong(kNumber, field);
    if (field.decimal_digits) {
        const auto rounded = feel::round(*number, *field.decimal_digits, feel::Rounding::down);
        if (rounded != number && *field.decimal_digits == 0) return wrong(kWhole, field);
        if (rounded != number) return wrong(kFraction, field, {{"max", std::to_string(*field.decimal_digits)}});
    }
    if (field.rules.min && *number < *field.rules.min) return wrong(kTooLittle, field, {{"min", field.rules.min->text()}});
    if (field.rules.max && *number > *field.rules.max) return wrong(kTooMuch, field, {{"max", field.rules.max->text()}});
    if (const auto whole = number->integer()) return right(json::value(*whole));
    std::string digits = number->absolute().text();
    digits.erase(0, digits.find_first_not_of("0."));
    if (std::ranges::count_if(digits, is_digit) > kMaxDigits) return wrong(kDigits, field);
    json::value value(number->real());
    return survives(value, *number) ? right(std::move(value)) : wrong(kDigits, field);
}

bool is_choice(const Field& field, std::string_view text) {
    return std::ranges::find(field.options, text, &Option::value) != field.options.end();
}

Judged judge_list(const Field& field, const std::vector<std::string>& texts) {
    if (texts.size() > kMaxOptions) return wrong(kNoChoice, field);
    const bool all_known = std::ranges::all_of(texts, [&](const std::string& text) { return text.empty() || is_choice(field, text); });
    if (!all_known) return wrong(kNoChoice, field);
    json::array chosen;   // in the order of the form, each once
    for (const Option& option : field.options) {
        if (std::ranges::find(texts, option.value) != texts.end()) chosen.emplace_back(option.value);
    }
    if (!chosen.empty()) return right(std::move(chosen));
    return field.rules.required ? wrong(kChoose, field) : Judged{};
}

// What browsers and programs send for a box; an empty one is an answer too: no.
Judged judge_box(const Field& field, std::string_view text) {
    constexpr std::array<std::string_view, 4> ticked{"true", "on", "yes", "1"};
    constexpr std::array<std::string_view, 5> empty{"", "false", "off", "no", "0"};
    if (std::ranges::find(ticked, text) != ticked.end()) return right(true);
    if (std::ranges::find(empty, text) == empty.end()) return wrong(kNoChoice, field);
    return field.rules.required ? wrong(kTick, field) : right(false);
}

}  // namespace

Judged judge(const Field& field, const Answers& answers) {
    static const std::vector<std::string> none;
    const auto found = answers.find(field.key);
    const std::vector<std::string>& texts = found == answers.end() ? none : found->second;
    if (field.kind == Kind::checklist) return judge_list(field, texts);
    const std::string_view raw = texts.empty() ? std::string_view() : std::string_view(texts.front());
    if (raw.size() > kMaxAnswer) return wrong(kFarTooLong, field);
    const auto tidy = field.kind == Kind::textarea ? tidy_lines(raw) : tidy_line(raw);
    if (!tidy) return wrong(kUnreadable, field);
    if (field.kind == Kind::checkbox) return judge_box(field, *tidy);
    const bool choice = field.kind == Kind::radio || field.kind == Kind::select;
    if (tidy->empty()) return field.rules.required ? wrong(choice ? kChoose : kEnter, field) : Judged{};
    if (choice) return is_choice(field, *tidy) ? right(json::value(*tidy)) : wrong(kNoChoice, field);
    if (field.kind == Kind::number) return judge_number(field, *tidy);
    if (field.kind != Kind::datetime) return judge_text(field, *tidy);
    const auto date = parse_date(*tidy);
    return date ? right(json::value(format_date(*date))) : wrong(kDate, field);
}

std::vector<std::string> problem_messages() { return {kMessages.begin(), kMessages.end()}; }

}  // namespace madang::form
