#include "portal/detail/questions.h"

#include <algorithm>

namespace madang::portal {
namespace {

std::string_view input_type(const form::Field& field) {
    if (field.kind == form::Kind::datetime) return "date";
    if (field.rules.text == form::TextRule::email) return "email";
    if (field.rules.text == form::TextRule::phone) return "tel";
    return "text";
}

json::array options_of(const Visit& visit, const form::Field& field, const std::vector<std::string>& chosen) {
    json::array options;
    for (const auto& option : field.options) {
        options.push_back({{"o_id", options.empty() ? field.key : format("{}-{}", field.key, options.size() + 1)}, {"o_value", option.value},
                           {"o_label", visit.text(option.label)}, {"o_checked", std::ranges::find(chosen, option.value) != chosen.end()}});
    }
    return options;
}

}  // namespace

json::object question_of(const Visit& visit, const form::Page& page, const form::Field& field, const form::Answers& answers, const std::string& error) {
    using form::Kind;
    const auto typed = answers.find(field.key);
    const std::vector<std::string> texts = typed == answers.end() ? std::vector<std::string>() : typed->second;
    const std::string hint = field.description.empty() ? std::string() : visit.text(field.description);
    std::vector<std::string> described;
    if (!hint.empty()) described.push_back(field.key + "-hint");
    if (!error.empty()) described.push_back(field.key + "-error");
    const bool heading = field.kind == Kind::radio && field.label == page.label;
    const bool choice = field.kind == Kind::radio || field.kind == Kind::checklist || field.kind == Kind::checkbox;
    json::object data{{"f_id", field.key}, {"f_name", field.key}, {"f_label", visit.text(field.kind == Kind::text ? field.text : field.label)}, {"f_hint", hint},
                      {"f_error", error}, {"f_value", texts.empty() ? std::string() : texts.front()}, {"f_type", input_type(field)},
                      {"f_inputmode", field.kind == Kind::number ? "decimal" : ""}, {"f_autocomplete", field.autocomplete},
                      {"f_optional", !field.rules.required && field.kind != Kind::checkbox}, {"f_described", join(described, " ")},
                      {"f_short", field.rules.max_length.value_or(100) <= 12 || field.kind == Kind::number},
                      {"f_is_heading", heading}, {"f_is_label", !heading},
                      {"is_text", field.kind == Kind::text}, {"is_textarea", field.kind == Kind::textarea}, {"is_select", field.kind == Kind::select},
                      {"is_choice", choice}, {"is_radios", field.kind == Kind::radio}, {"is_boxes", choice && field.kind != Kind::radio}};
    data["is_input"] = field.kind == Kind::textfield || field.kind == Kind::number || field.kind == Kind::datetime;
    if (field.kind == Kind::checkbox) {
        data["options"] = json::array{json::object{{"o_id", field.key}, {"o_value", "true"}, {"o_label", visit.text(field.label)}, {"o_checked", !texts.empty() && !texts.front().empty()}}};
    } else {
        data["options"] = options_of(visit, field, texts);
    }
    return data;
}

json::object line_question(std::string_view name, std::string_view label, std::string_view hint, std::string_view typed, std::string_view error) {
    std::vector<std::string> described;
    if (!hint.empty()) described.push_back(std::string(name) + "-hint");
    if (!error.empty()) described.push_back(std::string(name) + "-error");
    return {{"f_id", name}, {"f_name", name}, {"f_label", label}, {"f_hint", hint}, {"f_error", error}, {"f_value", typed}, {"f_type", "text"}, {"f_inputmode", ""},
            {"f_autocomplete", "off"}, {"f_optional", false}, {"f_described", join(described, " ")}, {"f_short", false}, {"f_is_heading", false}, {"f_is_label", true},
            {"is_text", false}, {"is_textarea", false}, {"is_select", false}, {"is_choice", false}, {"is_radios", false}, {"is_boxes", false}, {"is_input", true},
            {"options", json::array()}};
}

}  // namespace madang::portal
