// What BPMN20.xsd says of each element (clause 15.3): its attributes, its children and how they read. Words that nobody
// knows are refused: a misspelt attribute would otherwise be its default, silently.
#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "base/text.h"
#include "process/detail/rules_model.h"
#include "process/detail/schema_types.h"
#include "process/detail/vocabulary.h"

namespace madang::process::rules {
namespace {

using schema::AttributeRule;
using schema::ChildRule;
using schema::Type;

constexpr std::string_view kDiagrams = "http://www.omg.org/spec/BPMN/20100524/DI";
constexpr std::size_t kMaxShown = 100;

constexpr Rule kAttribute{.number = "XSD.attribute", .clause = "15.3", .kinds = "*", .text = {}, .breaches = nullptr};
constexpr Rule kElement{.number = "XSD.element", .clause = "15.3", .kinds = "*", .text = {}, .breaches = nullptr};
constexpr Rule kValue{.number = "XSD.value", .clause = "15.3", .kinds = "*", .text = {}, .breaches = nullptr};
constexpr Rule kMissing{.number = "XSD.missing", .clause = "15.3", .kinds = "*", .text = {}, .breaches = nullptr};
constexpr Rule kOrder{.number = "XSD.order", .clause = "15.3", .kinds = "*", .text = {}, .breaches = nullptr};

std::string shown(std::string_view word) { return std::string(word.substr(0, kMaxShown)); }

template <typename Map>
std::string suggestion(std::string_view word, const Map& known) {
    std::vector<std::string> words;
    for (const auto& [name, rule] : known) words.emplace_back(name);
    const auto near = nearest(word, words);
    return near ? format("; did you mean \"{}\"?", *near) : std::string();
}

// Namespaces in XML 1.0: a name without a colon. Letters beyond ASCII are taken as they come.
bool is_ncname(std::string_view text) {
    const auto begins = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) > 0x7F; };
    const auto goes_on = [&](char c) { return begins(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
    return !text.empty() && begins(text.front()) && std::ranges::all_of(text, goes_on);
}

bool is_integer(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_listed(std::string_view words, std::string_view word) {
    const auto all = split(words, '|');
    return std::ranges::find(all, word) != all.end();
}

// What is wrong with the value, or nothing. xsd:boolean and the like ignore blanks around.
std::optional<std::string> wrong_value(const AttributeRule& rule, std::string_view raw) {
    const std::string_view value = trim(raw);
    if (rule.type == "text") return std::nullopt;
    if (rule.type == "boolean") return is_listed("true|false|1|0", value) ? std::nullopt : std::optional(std::string("is true or false"));
    if (rule.type == "integer") return is_integer(value) ? std::nullopt : std::optional(std::string("is a whole number"));
    if (rule.type == "id") {
        return is_ncname(value) ? std::nullopt : std::optional(std::string("begins with a letter or \"_\" and holds letters, digits, \".\", \"-\" and \"_\""));
    }
    if (is_listed(rule.type, value)) return std::nullopt;
    std::string words;
    for (const std::string_view word : split(rule.type, '|')) words += (words.empty() ? "" : ", ") + std::string(word);
    return format("is one of {}", words);
}

// A formal expression is one by its name or by its xsi:type (clause 8.4.6).
std::string_view type_of(const ChildRule& rule, const Element& child) {
    return rule.type == "expression" && is_formal(child) ? std::string_view("formalExpression") : rule.type;
}

class Schema {
public:
    Schema(const Model& model, std::vector<Violation>& violations) : model_(model), violations_(violations) {}

    void judge(const Element& root) {
        // By type, from above: what stands at a wrong place is told once, without all that is in it.
        std::vector<std::pair<const Element*, std::string_view>> open{{&root, "definitions"}};
        while (!open.empty()) {
            const auto [element, name] = open.back();
            open.pop_back();
            const Type* type = schema::find_type(name);
            if (type == nullptr) continue;
            judge_attributes(*element, *type);
            if (type->takes_anything) continue;
            judge_foreign(*element, *type);
            judge_children(*element, *type, open);
        }
    }

private:
    void tell(const Element& element, const Rule& rule, std::string message) {
        violations_.push_back(violation_at(model_, element, rule));
        violations_.back().message = std::move(message);
    }

    void judge_attributes(const Element& element, const Type& type) {
        for (const xml::Attribute one : element.node.attributes()) {
            const std::string_view name = one.name();
            if (name == "xmlns" || name.starts_with("xmlns:") || name.starts_with("xml:")) continue;
            if (name.contains(':')) {
                if (xml::namespace_of(element.node, one) == kBpmnNamespace) tell(element, kAttribute, format("attributes of BPMN have no prefix: {}", shown(name)));
                continue;
            }
            const auto rule = type.attributes.find(name);
            if (rule == type.attributes.end()) {
                tell(element, kAttribute, format("{} is no attribute of {}{}", shown(name), element.kind, suggestion(name, type.attributes)));
            } else if (const auto wrong = wrong_value(rule->second, one.value())) {
                tell(element, kValue, format("{} {}, and not \"{}\"", name, *wrong, shown(one.value())));
            }
        }
        for (const auto& [name, rule] : type.attributes) {
            if (rule.required && !element.node.attribute(std::string(name).c_str())) tell(element, kMissing, format("{} needs the attribute {}", element.kind, name));
        }
    }

    // Elements of other namespaces stand below extensionElements, pictures below definitions.
    void judge_foreign(const Element& element, const Type& type) {
        for (const xml::Node inner : element.node.children()) {
            if (!is_element(inner) || xml::namespace_of(inner) == kBpmnNamespace || type.takes_foreign_children) continue;
            if (element.kind == "definitions" && xml::namespace_of(inner) == kDiagrams) continue;
            tell(element, kElement, format("{} in it is no element of BPMN: what is added stands in extensionElements", shown(inner.name())));
        }
    }

    void judge_children(const Element& element, const Type& type, std::vector<std::pair<const Element*, std::string_view>>& open) {
        std::map<std::size_t, const ChildRule*> seen;   // by place in the sequence
        std::size_t furthest = 0;
        bool told_order = false;
        for (const Element* one : element.children) {
            if (is_derived(*one)) continue;
            const auto found = type.children.find(one->kind);
            if (found == type.children.end()) {
                tell(*one, kElement, format("{} has no place in {}{}", shown(one->kind), element.kind, suggestion(one->kind, type.children)));
                continue;
            }
            const ChildRule& rule = found->second;
            if (!seen.emplace(rule.place, &rule).second && !rule.many) tell(*one, kElement, format("{} holds {} once at most", element.kind, one->kind));
            if (rule.place < furthest && !told_order) {
                told_order = true;
                tell(*one, kOrder, format("{} stands too late in {}", one->kind, element.kind));
            }
            furthest = std::max(furthest, rule.place);
            open.emplace_back(one, type_of(rule, *one));
        }
        for (const auto& [name, rule] : type.children) {
            if (rule.required && !seen.contains(rule.place)) tell(element, kMissing, format("{} needs a {}", element.kind, name));
        }
    }

    const Model& model_;
    std::vector<Violation>& violations_;
};

}  // namespace

void check_schema(const Model& model, std::vector<Violation>& violations) {
    Schema schema(model, violations);
    for (const Element& element : model.elements()) {
        if (element.parent == nullptr) schema.judge(element);
    }
}

}  // namespace madang::process::rules
