// Reading the schema of form-js (github.com/bpmn-io/form-js, schemaVersion 1 to 19) as pages.
#include "form/form.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "form/detail/field.h"

namespace madang::form {
namespace {

constexpr std::int64_t kNewestSchema = 19;
constexpr std::size_t kMaxJsonDepth = 32;
constexpr int kMaxGroupDepth = 3;              // of groups within a page
constexpr std::size_t kMaxId = 60;

// They lay a page out and hold nothing; buttons are the page's own.
constexpr std::array<std::string_view, 3> kIgnored{"button", "separator", "spacer"};

bool is_ignored(std::string_view type) { return std::ranges::find(kIgnored, type) != kIgnored.end(); }

class Reading {
public:
    explicit Reading(std::string_view name) : name_(name) {}
    Result<Form> read(const json::object& root);

private:
    Result<Page> page(const json::object& group, const Place& place);
    Result<void> fields_into(Page& page, const json::object& group, const Place& place, int depth);
    Result<void> group_into(Page& page, const json::object& group, const Place& place, int depth);
    Result<void> add(Page& page, Field field, const Place& place);
    Result<void> check_condition(const std::optional<feel::Expression>& hide, std::string_view own_key, const Place& place) const;
    Result<void> check_conditions(const Form& form) const;

    std::string name_;
    std::set<std::string, std::less<>> keys_;
    std::size_t count_ = 0;
};

Result<const json::array*> components_of(const json::object& object, const Place& place) {
    const auto* value = object.if_contains("components");
    const auto* list = value == nullptr ? nullptr : value->if_array();
    if (list == nullptr) return wrong_at(place, "a list \"components\" is expected");
    return list;
}

Result<const json::object*> component_at(const json::array& list, std::size_t i, Place& place) {
    place.where += format("{}components[{}]", place.where.ends_with(' ') ? "" : ".", i);
    const auto* object = list[i].if_object();
    if (object == nullptr) return wrong_at(place, "a component is an object");
    return object;
}

Result<void> Reading::add(Page& page, Field field, const Place& place) {
    if (++count_ > kMaxFields) return wrong_at(place, format("a form has at most {} fields", kMaxFields));
    if (!field.key.empty() && !keys_.insert(field.key).second) return wrong_at(place, format("the key \"{}\" stands twice", field.key));
    page.fields.push_back(std::move(field));
    return {};
}

// A group within a page has no box of its own: its heading becomes a text, its condition that of its fields.
Result<void> Reading::group_into(Page& page, const json::object& group, const Place& place, int depth) {
    if (depth >= kMaxGroupDepth) return wrong_at(place, format("groups within a page are at most {} deep", kMaxGroupDepth));
    TRY_DO(check_component_keys(group, place));
    Field heading;
    heading.kind = Kind::text;
    heading.id = string_or(group, "id", "");
    heading.line = place.where;
    TRY(heading.text, words_at(group, "label", place));
    TRY(heading.description, words_at(group, "description", place));
    TRY(heading.hide, parse_hide(group, place));
    if (heading.text.empty()) std::swap(heading.text, heading.description);
    if (!heading.text.empty()) TRY_DO(add(page, std::move(heading), place));
    TRY(std::string hide, hide_text(group, place));
    return fields_into(page, group, {place.where, std::move(hide)}, depth + 1);
}

Result<void> Reading::fields_into(Page& page, const json::object& group, const Place& place, int depth) {
    TRY(const json::array* const components, components_of(group, place));
    for (std::size_t i = 0; i < components->size(); ++i) {
        Place inner = place;
        TRY(const json::object* const component, component_at(*components, i, inner));
        const std::string type = string_or(*component, "type", "");
        const std::string key = string_or(*component, "key", "");
        if (is_ignored(type)) continue;
        if (type == "group") {
            TRY_DO(group_into(page, *component, inner, depth));
            continue;
        }
        if (!type.empty()) inner.where += key.empty() ? format(" ({})", type) : format(" ({} \"{}\")", type, key);
        TRY(const Kind kind, kind_of(type, inner));
        TRY(Field field, parse_field(*component, kind, inner));
        TRY_DO(add(page, std::move(field), inner));
    }
    return {};
}

Result<Page> Reading::page(const json::object& group, const Place& place) {
    TRY_DO(check_component_keys(group, place));
    Page made;
    made.id = string_or(group, "id", "");
    if (made.id.starts_with("Page_")) made.id.erase(0, 5);
    const bool plain = !made.id.empty() && made.id.size() <= kMaxId && std::ranges::all_of(made.id, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
    if (!plain) return wrong_at(place, "a page's group needs an \"id\" of letters A to Z, digits, _ and -, since it stands in the address");
    TRY(made.label, words_at(group, "label", place));
    TRY(made.description, words_at(group, "description", place));
    if (made.label.empty()) return wrong_at(place, "a page's group needs a \"label\", its heading");
    TRY(made.hide, parse_hide(group, place));
    TRY_DO(fields_into(made, group, place, 0));
    if (made.fields.empty()) return wrong_at(place, "a page without fields asks nothing");
    return made;
}

Result<void> Reading::check_condition(const std::optional<feel::Expression>& hide, std::string_view own_key, const Place& place) const {
    if (!hide) return {};
    for (const std::string& name : feel::free_names(*hide)) {
        if (!own_key.empty() && name == own_key) return wrong_at(place, "a field cannot be hidden by its own answer");
        if (keys_.contains(name)) continue;
        const auto near = nearest(name, {keys_.begin(), keys_.end()});
        return wrong_at(place, format("the condition asks for \"{}\", which no field has as its key{}", name,
                                      near ? format("; did you mean \"{}\"?", *near) : ""));
    }
    return {};
}

Result<void> Reading::check_conditions(const Form& form) const {
    for (const Page& page : form.pages) {
        TRY_DO(check_condition(page.hide, "", {format("{}: page \"{}\"", name_, page.id), ""}));
        for (const Field& field : page.fields) TRY_DO(check_condition(field.hide, field.key, {field.line, ""}));
    }
    return {};
}

Result<Form> Reading::read(const json::object& root) {
    const Place place{name_ + ": ", ""};
    const Place top{name_, ""};
    if (const std::string type = string_or(root, "type", "default"); type != "default") {
        return wrong_at(top, format("a form is of the type \"default\", not \"{}\"", type));
    }
    if (const std::int64_t version = integer_or(root, "schemaVersion", 1); version < 1 || version > kNewestSchema) {
        return wrong_at(top, format("schemaVersion {} is not known; 1 to {} are", version, kNewestSchema));
    }
    Form made;
    made.id = string_or(root, "id", "");
    TRY(const json::array* const components, components_of(root, top));
    for (std::size_t i = 0; i < components->size(); ++i) {
        Place inner = place;
        TRY(const json::object* const group, component_at(*components, i, inner));
        const std::string type = string_or(*group, "type", "");
        if (is_ignored(type)) continue;
        if (type != "group") {
            TRY_DO(kind_of(type, inner));
            return wrong_at(inner, format("at the top of a form stand groups, one for each page, not a {}", type));
        }
        if (made.pages.size() >= kMaxPages) return wrong_at(inner, format("a form has at most {} pages", kMaxPages));
        TRY(Page one, page(*group, inner));
        if (made.find_page(one.id) != nullptr) return wrong_at(inner, format("the page \"{}\" stands twice", one.id));
        made.pages.push_back(std::move(one));
    }
    if (made.pages.empty()) return wrong_at(top, "a form needs a page, a group at its top");
    TRY_DO(check_conditions(made));
    return made;
}

}  // namespace

const Page* Form::find_page(std::string_view page_id) const {
    const auto found = std::ranges::find(pages, page_id, &Page::id);
    return found == pages.end() ? nullptr : &*found;
}

const Field* Form::find_field(std::string_view key) const {
    if (key.empty()) return nullptr;
    for (const Page& page : pages) {
        const auto found = std::ranges::find(page.fields, key, &Field::key);
        if (found != page.fields.end()) return &*found;
    }
    return nullptr;
}

Result<Form> parse_form(std::string_view json_text, std::string_view name) {
    TRY(const json::value value, within(parse_json(json_text, {.bytes = kMaxFormBytes, .depth = kMaxJsonDepth}), name));
    if (!value.is_object()) return fail(Code::invalid, format("{}: a form is an object", name));
    return Reading(name).read(value.get_object());
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
