// Reading one component of form-js: its words, rules, choices and condition.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "form/form.h"

namespace madang::form {

// What stands around a component.
struct Place {
    std::string where;      // "form.json: components[0].components[2] (textfield \"town\")"
    std::string hide;       // the condition of the groups around it, FEEL without "=", may be empty
};

// A component's kind; fails by name on what no page can show.
Result<Kind> kind_of(std::string_view type, const Place& place);

// `where` of the field stays without the file's name.
Result<Field> parse_field(const json::object& component, Kind kind, const Place& place);

// Words that a person reads: at most 2,000 bytes of UTF-8, no expression, no template.
Result<std::string> words_at(const json::object& object, std::string_view key, const Place& place);

// conditional.hide as FEEL without its "=", joined with the condition around by "or"; empty where there is none.
Result<std::string> hide_text(const json::object& component, const Place& place);
Result<std::optional<feel::Expression>> parse_hide(const json::object& component, const Place& place);

// Every key of `object` is known; those that form-js has and this room does not follow are refused by name.
Result<void> check_component_keys(const json::object& object, const Place& place);

std::unexpected<Error> wrong_at(const Place& place, std::string_view what);

}  // namespace madang::form
