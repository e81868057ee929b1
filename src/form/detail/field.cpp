#include "form/detail/field.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"

namespace madang::form {
namespace {

constexpr std::size_t kMaxWords = 2000;           // bytes of a label or a text
constexpr std::size_t kMaxKey = 100;
constexpr std::size_t kMaxValue = 200;            // bytes of a choice's value
constexpr std::int64_t kMaxLength = 100'000;      // of minLength and maxLength
constexpr std::int64_t kMaxDecimalDigits = 15;

struct NamedKind {
    std::string_view type;
    Kind kind;
};
constexpr std::array kKinds{
    NamedKind{"textfield", Kind::textfield}, NamedKind{"textarea", Kind::textarea}, NamedKind{"number", Kind::number},
    NamedKind{"checkbox", Kind::checkbox},   NamedKind{"checklist", Kind::checklist}, NamedKind{"radio", Kind::radio},
    NamedKind{"select", Kind::select},       NamedKind{"datetime", Kind::datetime},  NamedKind{"text", Kind::text}};

// NOT YET: form-js components that no page can show.
constexpr std::array<std::string_view, 10> kRefusedTypes{"taglist", "html",   "image",      "dynamiclist",     "table",
                                                         "iframe",  "filepicker", "documentPreview", "expression", "fieldset"};

constexpr std::array<std::string_view, 18> kKnownKeys{
    "type",  "id",        "key",        "label",         "description", "text",        "conditional", "validate",         "values",
    "subtype", "dateLabel", "decimalDigits", "properties", "layout",      "components", "showOutline", "verticalAlignment", "searchable"};

// NOT YET: properties of form-js that would change what a person sees or what an answer means. Their
// empty values (false, "", null) change nothing.
constexpr std::array<std::string_view, 17> kRefusedKeys{
    "valuesKey", "valuesExpression", "defaultValue", "disabled",     "readonly",              "appearance",
    "increment", "serializeToString", "path",        "isRepeating",  "allowAddRemove",        "defaultRepetitions",
    "disallowPassedDates", "timeLabel", "timeInterval", "use24h",    "timeSerializingFormat"};

constexpr std::array<std::string_view, 8> kRuleKeys{"required", "minLength", "maxLength", "min", "max", "pattern", "patternErrorMessage",
                                                    "validationType"};

bool is_empty(const json::value& value) {
    if (value.is_null()) return true;
    if (value.is_bool()) return !value.get_bool();
    return value.is_string() && value.get_string().empty();
}

template <class Words>
Result<void> refuse_unknown(std::string_view key, const Words& known, const Place& place) {
    if (std::ranges::find(known, key) != known.end()) return {};
    const auto near = nearest(key, std::vector<std::string>(known.begin(), known.end()));
    if (near) return wrong_at(place, format("there is no \"{}\"; did you mean \"{}\"?", key, *near));
    return wrong_at(place, format("there is no \"{}\"", key));
}

Result<const json::object*> part_of(const json::object& component, std::string_view key, const Place& place) {
    const auto* value = component.if_contains(key);
    if (value == nullptr || value->is_null()) return nullptr;
    if (!value->is_object()) return wrong_at(place, format("\"{}\" is an object", key));
    return &value->get_object();
}

Result<bool> flag_at(const json::object& object, std::string_view key, const Place& place) {
    const auto* value = object.if_contains(key);
    if (value == nullptr || value->is_null()) return false;
    if (!value->is_bool()) return wrong_at(place, format("\"{}\" is true or false; an expression cannot be followed yet", key));
    return value->get_bool();
}

Result<std::optional<std::int64_t>> count_at(const json::object& object, std::string_view key, std::int64_t most, const Place& place) {
    const auto* value = object.if_contains(key);
    if (value == nullptr || value->is_null()) return std::optional<std::int64_t>();
    const auto* count = value->if_int64();
    if (count == nullptr || *count < 0 || *count > most) return wrong_at(place, format("\"{}\" is a whole number from 0 to {}", key, most));
    return std::optional(*count);
}

// Of a number or, as some editors write it, of its text.
Result<std::optional<feel::Number>> number_at(const json::object& object, std::string_view key, const Place& place) {
    const auto* value = object.if_contains(key);
    if (value == nullptr || is_empty(*value)) return std::optional<feel::Number>();
    if (value->is_string()) {
        const auto number = feel::Number::parse(std::string_view(value->get_string()));
        if (number) return number;
    } else if (value->is_number()) {
        const feel::Value number = feel::from_json(*value);
        if (number.as<feel::Number>() != nullptr) return std::optional(*number.as<feel::Number>());
    }
    return wrong_at(place, format("\"{}\" is a number", key));
}

Result<void> parse_text_rules(Rules& rules, const json::object& validate, const Place& place) {
    TRY(const auto least, count_at(validate, "minLength", kMaxLength, place));
    TRY(const auto most, count_at(validate, "maxLength", kMaxLength, place));
    if (least && most && *least > *most) return wrong_at(place, "\"minLength\" is above \"maxLength\"");
    if (least) rules.min_length = static_cast<std::size_t>(*least);
    if (most) rules.max_length = static_cast<std::size_t>(*most);
    rules.pattern = string_or(validate, "pattern", "");
    TRY(rules.pattern_message, words_at(validate, "patternErrorMessage", place));
    if (!rules.pattern.empty()) {
        TRY(rules.compiled, within(Pattern::compile(rules.pattern), place.where + ".pattern"));
    } else if (!rules.pattern_message.empty()) {
        return wrong_at(place, "a \"patternErrorMessage\" stands beside a \"pattern\"");
    }
    const std::string type = string_or(validate, "validationType", "");
    if (type == "email") {
        rules.text = TextRule::email;
    } else if (type == "phone") {
        rules.text = TextRule::phone;
    } else if (!type.empty() && type != "custom") {
        return wrong_at(place, format("the validationType \"{}\" is not known; \"email\", \"phone\" and \"custom\" are", type));
    }
    return {};
}

Result<Rules> parse_rules(const json::object& validate, Kind kind, const Place& component) {
    const Place place{component.where + ".validate", ""};
    const bool textual = kind == Kind::textfield || kind == Kind::textarea;
    for (const auto& member : validate) {
        const std::string_view key = member.key();
        TRY_DO(refuse_unknown(key, kRuleKeys, place));
        const bool of_numbers = key == "min" || key == "max";
        const bool fits = key == "required" || (of_numbers ? kind == Kind::number : textual);
        if (!fits && !is_empty(member.value())) {
            return wrong_at(place, format("\"{}\" is a rule of {}", key, of_numbers ? "numbers" : "texts"));
        }
    }
    Rules rules;
    TRY(rules.required, flag_at(validate, "required", place));
    if (textual) TRY_DO(parse_text_rules(rules, validate, place));
    if (kind != Kind::number) return rules;
    TRY(rules.min, number_at(validate, "min", place));
    TRY(rules.max, number_at(validate, "max", place));
    if (rules.min && rules.max && *rules.min > *rules.max) return wrong_at(place, "\"min\" is above \"max\"");
    return rules;
}

Result<std::vector<Option>> parse_options(const json::object& component, const Place& place) {
    const auto* values = component.if_contains("values");
    const auto* list = values == nullptr ? nullptr : values->if_array();
    if (list == nullptr || list->empty() || list->size() > kMaxOptions) {
        return wrong_at(place, format("a list \"values\" of 1 to {} choices is expected", kMaxOptions));
    }
    std::vector<Option> options;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < list->size(); ++i) {
        const Place at{format("{}.values[{}]", place.where, i), ""};
        const auto* item = (*list)[i].if_object();
        if (item == nullptr) return wrong_at(at, "a choice is an object with a \"label\" and a \"value\"");
        Option option;
        TRY(option.label, words_at(*item, "label", at));
        option.value = string_or(*item, "value", "");
        if (option.label.empty() || option.value.empty()) return wrong_at(at, "a choice has a \"label\" and a \"value\", both texts");
        const auto tidy = tidy_line(option.value);
        if (!tidy || *tidy != option.value || option.value.size() > kMaxValue) {
            return wrong_at(at, format("a \"value\" is one line of at most {} bytes without blanks at its ends", kMaxValue));
        }
        if (!seen.insert(option.value).second) return wrong_at(at, format("the choice \"{}\" stands twice", option.value));
        options.push_back(std::move(option));
    }
    return options;
}

Result<std::string> parse_key(const json::object& component, const Place& place) {
    std::string key = string_or(component, "key", "");
    const bool plain = !key.empty() && key.size() <= kMaxKey && (key[0] < '0' || key[0] > '9') && std::ranges::all_of(key, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
    if (plain) return key;
    return wrong_at(place, format("a field needs a \"key\" of 1 to {} letters A to Z, digits and _, a letter first; nested keys cannot be "
                                  "read yet", kMaxKey));
}

// Small words for machines: "address-line1", "residence.town".
Result<std::string> token_at(const json::object& properties, std::string_view key, const Place& place) {
    std::string token = string_or(properties, key, "");
    const bool plain = token.size() <= kMaxKey && std::ranges::all_of(token, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == ' ';
    });
    if (!plain) return wrong_at(place, format("properties.{} has at most {} small letters, digits, - _ and .", key, kMaxKey));
    return token;
}

Result<void> parse_answer(Field& field, const json::object& component, const Place& place) {
    TRY(field.key, parse_key(component, place));
    TRY(const json::object* const validate, part_of(component, "validate", place));
    if (validate != nullptr) {
        TRY(field.rules, parse_rules(*validate, field.kind, place));
    }
    if (field.kind == Kind::checklist || field.kind == Kind::radio || field.kind == Kind::select) {
        TRY(field.options, parse_options(component, place));
    } else if (component.contains("values")) {
        return wrong_at(place, "\"values\" stand in a radio, select or checklist");
    }
    TRY(const auto digits, count_at(component, "decimalDigits", kMaxDecimalDigits, place));
    if (digits && field.kind != Kind::number) return wrong_at(place, "\"decimalDigits\" stands in a number");
    if (digits) field.decimal_digits = static_cast<int>(*digits);
    TRY(const json::object* const properties, part_of(component, "properties", place));
    if (properties != nullptr) {
        TRY(field.autocomplete, token_at(*properties, "autocomplete", place));
        TRY(field.prefill, token_at(*properties, "prefill", place));
    }
    return {};
}

std::string without_equals(std::string_view text) {
    text = trim(text);
    if (text.starts_with('=')) text.remove_prefix(1);
    return std::string(text);
}

}  // namespace

std::unexpected<Error> wrong_at(const Place& place, std::string_view what) {
    return fail(Code::invalid, format("{}: {}", place.where, what));
}

Result<Kind> kind_of(std::string_view type, const Place& place) {
    const auto found = std::ranges::find(kKinds, type, &NamedKind::type);
    if (found != kKinds.end()) return found->kind;
    if (type.empty()) return wrong_at(place, "a component has a \"type\"");
    if (std::ranges::find(kRefusedTypes, type) != kRefusedTypes.end()) {
        return wrong_at(place, format("components of the type \"{}\" cannot be shown yet", type));
    }
    std::vector<std::string> names;
    for (const NamedKind& kind : kKinds) names.emplace_back(kind.type);
    const auto near = nearest(type, names);
    return wrong_at(place, format("form-js has no component of the type \"{}\"{}", type, near ? format("; did you mean \"{}\"?", *near) : ""));
}

Result<std::string> words_at(const json::object& object, std::string_view key, const Place& place) {
    const auto* value = object.if_contains(key);
    if (value == nullptr || value->is_null()) return std::string();
    if (!value->is_string()) return wrong_at(place, format("\"{}\" is a text", key));
    std::string text(value->get_string());
    if (text.size() > kMaxWords) return wrong_at(place, format("\"{}\" has at most {} bytes", key, kMaxWords));
    if (text.starts_with('=')) return wrong_at(place, format("\"{}\" is an expression; a page shows fixed words that can be translated", key));
    if (text.find("{{") != std::string::npos) return wrong_at(place, format("\"{}\" is a template; a page shows fixed words that can be translated", key));
    return text;
}

Result<std::string> hide_text(const json::object& component, const Place& place) {
    TRY(const json::object* const conditional, part_of(component, "conditional", place));
    if (conditional == nullptr) return place.hide;
    const Place at{place.where + ".conditional", ""};
    for (const auto& member : *conditional) {
        TRY_DO(refuse_unknown(member.key(), std::array<std::string_view, 1>{"hide"}, at));
        if (!member.value().is_string()) return wrong_at(at, "\"hide\" is a FEEL expression, as \"=age < 18\"");
    }
    const std::string own = without_equals(string_or(*conditional, "hide", ""));
    if (own.empty()) return place.hide;
    TRY_DO(within(feel::parse_expression(own), at.where + ".hide"));
    // On lines of their own, so that a comment at the end of a condition swallows nothing.
    return place.hide.empty() ? own : format("({}\n) or ({}\n)", place.hide, own);
}

Result<std::optional<feel::Expression>> parse_hide(const json::object& component, const Place& place) {
    TRY(const std::string text, hide_text(component, place));
    if (text.empty()) return std::optional<feel::Expression>();
    TRY(feel::Expression parsed, within(feel::parse_expression(text), place.where + ".conditional.hide"));
    return std::optional(std::move(parsed));
}

Result<void> check_component_keys(const json::object& object, const Place& place) {
    for (const auto& member : object) {
        const std::string_view key = member.key();
        if (std::ranges::find(kRefusedKeys, key) == kRefusedKeys.end()) {
            TRY_DO(refuse_unknown(key, kKnownKeys, place));
        } else if (!is_empty(member.value())) {
            const bool choices = key == "valuesKey" || key == "valuesExpression";
            return wrong_at(place, choices ? format("choices by \"{}\" cannot be shown yet; list them as \"values\"", key)
                                           : format("\"{}\" of form-js cannot be followed yet", key));
        }
    }
    return {};
}

Result<Field> parse_field(const json::object& component, Kind kind, const Place& place) {
    TRY_DO(check_component_keys(component, place));
    Field field;
    field.kind = kind;
    field.line = place.where;
    field.id = string_or(component, "id", "");
    TRY(field.label, words_at(component, "label", place));
    TRY(field.description, words_at(component, "description", place));
    TRY(field.hide, parse_hide(component, place));
    if (kind == Kind::text) {
        TRY(field.text, words_at(component, "text", place));
        if (field.text.empty()) return wrong_at(place, "a component of the type \"text\" has a \"text\"");
        return field;
    }
    if (kind == Kind::datetime) {
        const std::string subtype = string_or(component, "subtype", "date");
        if (subtype != "date") return wrong_at(place, format("only a date can be asked for yet, not the subtype \"{}\"", subtype));
        if (field.label.empty()) {
            TRY(field.label, words_at(component, "dateLabel", place));
        }
    }
    if (field.label.empty()) return wrong_at(place, "a field needs a \"label\" that a person can read");
    TRY_DO(parse_answer(field, component, place));
    return field;
}

}  // namespace madang::form
