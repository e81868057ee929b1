// Reading the schema of form-js (github.com/bpmn-io/form-js, schemaVersion 1 to 19).
#include "form/form.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/pattern.h"
#include "base/text.h"

namespace madang::form {
namespace {

constexpr std::int64_t kNewestSchema = 19;
constexpr std::size_t kMaxLabel = 2000;

const std::map<std::string_view, Kind>& kinds() {
    static const std::map<std::string_view, Kind> all{
        {"textfield", Kind::textfield}, {"textarea", Kind::textarea}, {"number", Kind::number}, {"checkbox", Kind::checkbox},
        {"checklist", Kind::checklist}, {"radio", Kind::radio}, {"select", Kind::select}, {"datetime", Kind::datetime}, {"text", Kind::text}};
    return all;
}

// Of form-js, and nothing that a page can show yet.
constexpr std::string_view kRefused[] = {"taglist", "image", "html", "dynamiclist", "table", "iframe", "filepicker", "documentPreview",
                                         "expression"};
// They lay a page out and hold nothing; buttons are the page's own.
constexpr std::string_view kIgnored[] = {"button", "separator", "spacer"};

bool has_options(Kind kind) { return kind == Kind::checklist || kind == Kind::radio || kind == Kind::select; }

class Reading {
public:
    explicit Reading(std::string_view name) : name_(name) {}

    Result<Form> form(const json::object& object);

private:
    Result<Page> page(const json::object& group, const std::string& where);
    Result<void> fields_into(Page& page, const json::array& components, const std::string& where, int depth);
    Result<Field> field(const json::object& object, Kind kind, const std::string& where);
    Result<void> rules_into(Field& field, const json::object& validate, const std::string& where);
    Result<void> options_into(Field& field, const json::object& object, const std::string& where);
    Result<std::optional<feel::Expression>> hide_of(const json::object& object, const std::string& where) const;
    Result<void> label_into(std::string& text, const json::object& object, std::string_view key, const std::string& where) const;
    std::unexpected<Error> failure(const std::string& where, std::string_view message) const {
        return fail(Code::invalid, format("{}: {}: {}", name_, where, message));
    }

    std::string name_;
    std::set<std::string> keys_;
    std::size_t count_ = 0;
};

Result<void> Reading::label_into(std::string& text, const json::object& object, std::string_view key, const std::string& where) const {
    text = string_or(object, key, "");
    if (text.size() > kMaxLabel) return failure(where, format("\"{}\" has at most {} bytes", key, kMaxLabel));
    if (text.starts_with("=")) return failure(where, format("\"{}\" is an expression; a page shows fixed words that can be translated", key));
    return {};
}

Result<std::optional<feel::Expression>> Reading::hide_of(const json::object& object, const std::string& where) const {
    const auto* conditional = object.if_contains("conditional");
    if (conditional == nullptr || conditional->is_null()) return std::optional<feel::Expression>();
    if (!conditional->is_object()) return failure(where, "\"conditional\" is an object");
    const std::string text = string_or(conditional->get_object(), "hide", "");
    if (text.empty()) return std::optional<feel::Expression>();
    auto parsed = feel::parse_expression(text);
    if (!parsed) return failure(where + ".conditional.hide", parsed.error().message);
    return std::optional(std::move(*parsed));
}

Result<void> Reading::rules_into(Field& field, const json::object& validate, const std::string& where) {
    Rules& rules = field.rules;
    rules.required = bool_or(validate, "required", false);
    const auto count = [&](std::string_view key) -> Result<std::optional<std::size_t>> {
        if (!validate.contains(key)) return std::optional<std::size_t>();
        const std::int64_t value = integer_or(validate, key, -1);
        if (value < 0 || value > 100'000) return failure(where, format("\"{}\" is a whole number up to 100000", key));
        return std::optional(static_cast<std::size_t>(value));
    };
    TRY(rules.min_length, count("minLength"));
    TRY(rules.max_length, count("maxLength"));
    for (const auto& [key, target] : {std::pair{"min", &rules.min}, std::pair{"max", &rules.max}}) {
        const auto* value = validate.if_contains(key);
        if (value == nullptr || value->is_null()) continue;
        const feel::Value number = value->is_string() ? feel::Value(feel::Number::parse(std::string(value->get_string())).value_or(feel::Number()))
                                                      : feel::from_json(*value);
        if (number.as<feel::Number>() == nullptr) return failure(where, format("\"{}\" is a number", key));
        *target = *number.as<feel::Number>();
    }
    rules.pattern = string_or(validate, "pattern", "");
    rules.pattern_message = string_or(validate, "patternErrorMessage", "");
    if (!rules.pattern.empty()) {
        const auto compiled = Pattern::compile(rules.pattern);
        if (!compiled) return failure(where + ".validate.pattern", compiled.error().message);
    }
    const std::string type = string_or(validate, "validationType", "");
    if (type == "email") rules.text = TextRule::email;
    else if (type == "phone") rules.text = TextRule::phone;
    else if (!type.empty() && type != "custom") return failure(where, format("the validationType \"{}\" is not known", type));
    return {};
}

Result<void> Reading::options_into(Field& field, const json::object& object, const std::string& where) {
    for (const auto* key : {"valuesKey", "valuesExpression"}) {
        if (object.contains(key)) return failure(where, format("choices by \"{}\" cannot be shown yet; list them as \"values\"", key));
    }
    TRY(const json::array values, array_at(object, "values", name_ + ": " + where));
    if (values.empty() || values.size() > kMaxOptions) return failure(where, format("there are 1 to {} choices", kMaxOptions));
    std::set<std::string> seen;
    for (const auto& item : values) {
        if (!item.is_object()) return failure(where, "a choice has a \"label\" and a \"value\"");
        Option option{string_or(item.get_object(), "label", ""), string_or(item.get_object(), "value", "")};
        if (option.label.empty() || option.value.empty()) return failure(where, "a choice has a \"label\" and a \"value\"");
        if (!seen.insert(option.value).second) return failure(where, format("the choice \"{}\" stands twice", option.value));
        field.options.push_back(std::move(option));
    }
    return {};
}

Result<Field> Reading::field(const json::object& object, Kind kind, const std::string& where) {
    Field made;
    made.kind = kind;
    made.line = where;
    made.id = string_or(object, "id", "");
    TRY_DO(label_into(made.label, object, "label", where));
    TRY_DO(label_into(made.description, object, "description", where));
    TRY(made.hide, hide_of(object, where));
    if (kind == Kind::text) {
        TRY_DO(label_into(made.text, object, "text", where));
        return made;
    }
    made.key = string_or(object, "key", "");
    if (made.key.empty() || made.key.size() > 100) return failure(where, "a field that takes an answer needs a \"key\" of 1 to 100 bytes");
    if (made.key.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != std::string::npos) {
        return failure(where, "a \"key\" is letters, digits and _; nested keys cannot be read yet");
    }
    if (!keys_.insert(made.key).second) return failure(where, format("the key \"{}\" stands twice", made.key));
    if (made.label.empty()) return failure(where, "a field needs a \"label\" that a person can read");
    if (const auto* validate = object.if_contains("validate"); validate != nullptr && validate->is_object()) {
        TRY_DO(rules_into(made, validate->get_object(), where));
    }
    if (has_options(kind)) TRY_DO(options_into(made, object, where));
    if (kind == Kind::datetime && string_or(object, "subtype", "date") != "date") return failure(where, "only dates can be asked for yet, not times");
    if (object.contains("decimalDigits")) {
        const std::int64_t digits = integer_or(object, "decimalDigits", -1);
        if (digits < 0 || digits > 15) return failure(where, "\"decimalDigits\" is 0 to 15");
        made.decimal_digits = static_cast<int>(digits);
    }
    if (const auto* properties = object.if_contains("properties"); properties != nullptr && properties->is_object()) {
        made.autocomplete = string_or(properties->get_object(), "autocomplete", "");
        made.prefill = string_or(properties->get_object(), "prefill", "");
    }
    return made;
}

Result<void> Reading::fields_into(Page& page, const json::array& components, const std::string& where, int depth) {
    if (depth > 3) return failure(where, "groups are nested deeper than 3");
    for (std::size_t i = 0; i < components.size(); ++i) {
        const auto* object = components[i].if_object();
        if (object == nullptr) return failure(format("{}[{}]", where, i), "a component is an object");
        const std::string type = string_or(*object, "type", "");
        const std::string key = string_or(*object, "key", "");
        const std::string place = format("{}[{}] ({}{})", where, i, type, key.empty() ? "" : format(" \"{}\"", key));
        if (std::ranges::find(kIgnored, type) != std::end(kIgnored)) continue;
        if (type == "group") {
            TRY(const json::array inner, array_at(*object, "components", name_ + ": " + place));
            TRY_DO(fields_into(page, inner, place + ".components", depth + 1));
            continue;
        }
        const auto kind = kinds().find(type);
        if (kind == kinds().end()) {
            const bool known = std::ranges::find(kRefused, type) != std::end(kRefused);
            return failure(place, known ? format("components of the type \"{}\" cannot be shown yet", type)
                                        : format("form-js has no component of the type \"{}\"", type));
        }
        if (++count_ > kMaxFields) return failure(place, format("a form has at most {} fields", kMaxFields));
        TRY(Field made, field(*object, kind->second, place));
        page.fields.push_back(std::move(made));
    }
    return {};
}

Result<Page> Reading::page(const json::object& group, const std::string& where) {
    Page made;
    made.id = string_or(group, "id", "");
    if (made.id.starts_with("Page_")) made.id.erase(0, 5);
    const bool plain = !made.id.empty() && made.id.size() <= 60 && std::ranges::all_of(made.id, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
    if (!plain) return failure(where, "a page's group needs an \"id\" of letters, digits, _ and -, since it stands in the address");
    TRY_DO(label_into(made.label, group, "label", where));
    TRY_DO(label_into(made.description, group, "description", where));
    if (made.label.empty()) return failure(where, "a page's group needs a \"label\", its heading");
    TRY(made.hide, hide_of(group, where));
    TRY(const json::array components, array_at(group, "components", name_ + ": " + where));
    TRY_DO(fields_into(made, components, where + ".components", 0));
    if (made.fields.empty()) return failure(where, "a page without fields asks nothing");
    return made;
}

Result<Form> Reading::form(const json::object& object) {
    if (string_or(object, "type", "default") != "default") return failure("type", "a form is of the type \"default\"");
    if (const std::int64_t version = integer_or(object, "schemaVersion", 1); version < 1 || version > kNewestSchema) {
        return failure("schemaVersion", format("the schema of version {} is not known; 1 to {} are", version, kNewestSchema));
    }
    Form made;
    made.id = string_or(object, "id", "");
    TRY(const json::array components, array_at(object, "components", name_));
    for (std::size_t i = 0; i < components.size(); ++i) {
        const std::string where = format("components[{}]", i);
        const auto* group = components[i].if_object();
        const std::string type = group == nullptr ? "" : string_or(*group, "type", "");
        if (type == "button") continue;
        if (type != "group") return failure(where, "at the top of a form stand groups, one for each page");
        if (made.pages.size() >= kMaxPages) return failure(where, format("a form has at most {} pages", kMaxPages));
        TRY(Page one, page(*group, where));
        if (made.find_page(one.id) != nullptr) return failure(where, format("the page \"{}\" stands twice", one.id));
        made.pages.push_back(std::move(one));
    }
    if (made.pages.empty()) return failure("components", "a form needs a page");
    return made;
}

}  // namespace

const Page* Form::find_page(std::string_view page_id) const {
    const auto found = std::ranges::find(pages, page_id, &Page::id);
    return found == pages.end() ? nullptr : &*found;
}

const Field* Form::find_field(std::string_view key) const {
    for (const Page& page : pages) {
        for (const Field& field : page.fields) {
            if (!field.key.empty() && field.key == key) return &field;
        }
    }
    return nullptr;
}

Result<Form> parse_form(std::string_view text, std::string_view name) {
    TRY(const json::value value, within(parse_json(text), name));
    if (!value.is_object()) return fail(Code::invalid, format("{}: a form is an object", name));
    Reading reading(name);
    return reading.form(value.get_object());
}

std::vector<std::string> words_of(const Form& form) {
    std::set<std::string> words;
    for (const Page& page : form.pages) {
        words.insert({page.label, page.description});
        for (const Field& field : page.fields) {
            words.insert({field.label, field.description, field.text, field.rules.pattern_message});
            for (const Option& option : field.options) words.insert(option.label);
        }
    }
    words.erase("");
    return {words.begin(), words.end()};
}

}  // namespace madang::form
