#include "form/check.h"

#include <algorithm>

#include "base/pattern.h"
#include "base/text.h"
#include "base/time_text.h"

namespace madang::form {
namespace {

constexpr std::size_t kMaxAnswer = 100'000;       // bytes of one text
constexpr std::size_t kDefaultMaxLength = 4000;   // characters, where a form names no limit
constexpr std::size_t kMaxExactDigits = 15;       // that a JSON number keeps

using Values = std::map<std::string, std::string>;

// One answer on its way to typed data: the value, or what is wrong with it.
struct Judged {
    std::optional<json::value> value;
    std::string problem;     // source text, empty where there is none
    Values values;
};

Judged wrong(std::string message, const Field& field, Values values = {}) {
    values["label"] = field.label;
    return {std::nullopt, std::move(message), std::move(values)};
}

std::string first_text(const Answers& answers, const std::string& key) {
    const auto found = answers.find(key);
    return found == answers.end() || found->second.empty() ? std::string() : found->second.front();
}

std::string missing_message(const Field& field) {
    switch (field.kind) {
        case Kind::radio: case Kind::select: return "Choose {label}";
        case Kind::checklist: return "Choose at least one: {label}";
        case Kind::checkbox: return "Tick the box: {label}";
        default: return "Enter {label}";
    }
}

bool is_email(std::string_view text) {
    const std::size_t at = text.find('@');
    if (at == std::string_view::npos || at == 0 || text.find('@', at + 1) != std::string_view::npos || text.size() > 254) return false;
    const std::string_view host = text.substr(at + 1);
    const std::size_t point = host.rfind('.');
    return point != std::string_view::npos && point > 0 && point + 2 < host.size() + 1 && point + 1 < host.size() &&
           text.find_first_of(" \t<>()[]\\,;:\"") == std::string_view::npos;
}

// Digits with the marks that people write between them; ITU-T E.164 allows 15 digits.
bool is_phone(std::string_view text) {
    std::size_t digits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c >= '0' && c <= '9') ++digits;
        else if (!(c == '+' && i == 0) && c != ' ' && c != '-' && c != '(' && c != ')' && c != '.') return false;
    }
    return digits >= 5 && digits <= 15;
}

Judged judge_text(const Field& field, const std::string& text) {
    const std::size_t length = count_code_points(text);
    const std::size_t most = field.rules.max_length.value_or(kDefaultMaxLength);
    if (length > most) return wrong("{label} must be {count} characters or fewer", field, {{"count", std::to_string(most)}});
    if (field.rules.min_length && length < *field.rules.min_length) {
        return wrong("{label} must be {count} characters or more", field, {{"count", std::to_string(*field.rules.min_length)}});
    }
    if (field.rules.text == TextRule::email && !is_email(text)) return wrong("Enter an email address, like name@example.com", field);
    if (field.rules.text == TextRule::phone && !is_phone(text)) return wrong("Enter a telephone number, like +375 29 123 45 67", field);
    if (!field.rules.pattern.empty() && !Pattern::compile(field.rules.pattern)->matches_whole(text)) {
        return wrong(field.rules.pattern_message.empty() ? "{label} is not in the right form" : field.rules.pattern_message, field);
    }
    return {json::value(text), {}, {}};
}

Judged judge_number(const Field& field, std::string text) {
    std::erase(text, ' ');
    std::ranges::replace(text, ',', '.');
    const auto number = feel::Number::parse(text);
    if (!number) return wrong("{label} must be a number", field);
    const int digits = field.decimal_digits.value_or(15);
    if (*feel::round(*number, digits, feel::Rounding::down) != *number) {
        return digits == 0 ? wrong("{label} must be a whole number", field)
                           : wrong("{label} must have {count} digits after the point or fewer", field, {{"count", std::to_string(digits)}});
    }
    if (field.rules.min && *number < *field.rules.min) return wrong("{label} must be {least} or more", field, {{"least", field.rules.min->text()}});
    if (field.rules.max && *number > *field.rules.max) return wrong("{label} must be {most} or less", field, {{"most", field.rules.max->text()}});
    if (const auto whole = number->integer()) return {json::value(*whole), {}, {}};
    const auto significant = std::ranges::count_if(number->text(), [](char c) { return c >= '0' && c <= '9'; });
    if (static_cast<std::size_t>(significant) > kMaxExactDigits) return wrong("{label} has too many digits", field);
    return {json::value(number->real()), {}, {}};
}

Judged judge_choice(const Field& field, const std::string& text) {
    const bool known = std::ranges::any_of(field.options, [&](const Option& option) { return option.value == text; });
    return known ? Judged{json::value(text), {}, {}} : wrong("Choose one of the answers to: {label}", field);
}

Judged judge_list(const Field& field, const std::vector<std::string>& texts) {
    json::array chosen;
    for (const Option& option : field.options) {   // in the order of the form, each once
        if (std::ranges::find(texts, option.value) != texts.end()) chosen.emplace_back(option.value);
    }
    for (const std::string& text : texts) {
        if (!judge_choice(field, text).value) return judge_choice(field, text);
    }
    return {json::value(std::move(chosen)), {}, {}};
}

// Absent answers give no value and no problem unless they are required.
Judged judge(const Field& field, const Answers& answers) {
    if (field.kind == Kind::checkbox) {
        const bool ticked = !first_text(answers, field.key).empty();
        if (!ticked && field.rules.required) return wrong(missing_message(field), field);
        return {json::value(ticked), {}, {}};
    }
    if (field.kind == Kind::checklist) {
        const auto found = answers.find(field.key);
        std::vector<std::string> texts;
        if (found != answers.end()) std::ranges::copy_if(found->second, std::back_inserter(texts), [](const auto& text) { return !text.empty(); });
        if (!texts.empty()) return judge_list(field, texts);
        return field.rules.required ? wrong(missing_message(field), field) : Judged{};
    }
    const std::string raw = first_text(answers, field.key);
    if (raw.size() > kMaxAnswer) return wrong("{label} is too long", field);
    const auto tidy = field.kind == Kind::textarea ? tidy_lines(raw) : tidy_line(raw);
    if (!tidy) return wrong("{label} has characters that cannot be read", field);
    if (tidy->empty()) return field.rules.required ? wrong(missing_message(field), field) : Judged{};
    switch (field.kind) {
        case Kind::number: return judge_number(field, *tidy);
        case Kind::radio: case Kind::select: return judge_choice(field, *tidy);
        case Kind::datetime:
            if (const auto date = parse_date(*tidy)) return {json::value(format_date(*date)), {}, {}};
            return wrong("{label} must be a date that exists, like 2026-11-23", field);
        default: return judge_text(field, *tidy);
    }
}

bool holds(const std::optional<feel::Expression>& condition, const feel::Context& data) {
    if (!condition) return false;
    const feel::Value answer = feel::evaluate(*condition, data);
    return answer.as<bool>() != nullptr && *answer.as<bool>();
}

// Which fields are hidden depends on answers, and a hidden field has none: the round that changes nothing
// ends it. A form whose conditions chase each other stops after as many rounds as it has fields.
struct Shown {
    std::map<std::string, Judged, std::less<>> judged;     // by key, of every field that is shown
    std::vector<const Page*> pages;
    std::map<const Page*, std::vector<const Field*>> fields;
    json::object data;
};

Shown round_of(const Form& form, const Answers& answers, const json::object& known) {
    Shown shown;
    feel::Context data = *feel::from_json(json::value(known)).context();
    for (const Page& page : form.pages) {   // a field without an answer is null in a condition, not unknown
        for (const Field& field : page.fields) {
            if (!field.key.empty() && data.find(field.key) == nullptr) data.set(field.key, feel::Value());
        }
    }
    for (const Page& page : form.pages) {
        if (holds(page.hide, data)) continue;
        std::vector<const Field*> fields;
        for (const Field& field : page.fields) {
            if (holds(field.hide, data)) continue;
            fields.push_back(&field);
            if (field.key.empty()) continue;
            Judged judged = judge(field, answers);
            if (judged.value) shown.data[field.key] = *judged.value;
            shown.judged[field.key] = std::move(judged);
        }
        if (std::ranges::all_of(fields, [](const Field* field) { return field->key.empty(); })) continue;
        shown.pages.push_back(&page);
        shown.fields[&page] = std::move(fields);
    }
    return shown;
}

Shown settle(const Form& form, const Answers& answers) {
    Shown shown = round_of(form, answers, {});
    for (std::size_t i = 0; i < kMaxFields; ++i) {
        Shown next = round_of(form, answers, shown.data);
        const bool settled = next.data == shown.data;
        shown = std::move(next);
        if (settled) break;
    }
    return shown;
}

void problems_into(Checked& checked, const Shown& shown, const Page& page) {
    const auto fields = shown.fields.find(&page);
    if (fields == shown.fields.end()) return;
    for (const Field* field : fields->second) {
        const auto judged = shown.judged.find(field->key);
        if (judged == shown.judged.end() || judged->second.problem.empty()) continue;
        checked.problems.push_back({page.id, field->key, judged->second.problem, judged->second.values});
    }
}

}  // namespace

std::vector<const Page*> shown_pages(const Form& form, const Answers& answers) { return settle(form, answers).pages; }

std::vector<const Field*> shown_fields(const Page& page, const Answers& answers, const Form& form) {
    Shown shown = settle(form, answers);
    const auto found = shown.fields.find(&page);
    return found == shown.fields.end() ? std::vector<const Field*>() : std::move(found->second);
}

Checked check(const Form& form, const Answers& answers) {
    Shown shown = settle(form, answers);
    Checked checked;
    for (const Page* page : shown.pages) problems_into(checked, shown, *page);
    checked.data = std::move(shown.data);
    return checked;
}

Checked check_page(const Form& form, const Page& page, const Answers& answers) {
    Shown shown = settle(form, answers);
    Checked checked;
    problems_into(checked, shown, page);
    checked.data = std::move(shown.data);
    return checked;
}

Answers answers_of(const Form& form, const json::object& data) {
    Answers answers;
    for (const Page& page : form.pages) {
        for (const Field& field : page.fields) {
            const auto* value = field.key.empty() ? nullptr : data.if_contains(field.key);
            if (value == nullptr || value->is_null()) continue;
            auto& texts = answers[field.key];
            if (const auto* list = value->if_array()) {
                for (const auto& item : *list) texts.push_back(feel::text_of(feel::from_json(item)));
            } else if (value->is_bool()) {
                if (value->get_bool()) texts.emplace_back("true");
            } else {
                texts.push_back(feel::text_of(feel::from_json(*value)));
            }
        }
    }
    return answers;
}

std::vector<std::string> problem_messages() {
    return {"Choose {label}", "Choose at least one: {label}", "Tick the box: {label}", "Enter {label}",
            "{label} must be {count} characters or fewer", "{label} must be {count} characters or more",
            "Enter an email address, like name@example.com", "Enter a telephone number, like +375 29 123 45 67",
            "{label} is not in the right form", "{label} must be a number", "{label} must be a whole number",
            "{label} must have {count} digits after the point or fewer", "{label} must be {least} or more", "{label} must be {most} or less",
            "{label} has too many digits", "Choose one of the answers to: {label}", "{label} is too long",
            "{label} has characters that cannot be read", "{label} must be a date that exists, like 2026-11-23"};
}

}  // namespace madang::form
