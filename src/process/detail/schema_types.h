// The vocabulary of BPMN20.xsd (BPMN 2.0.2, clause 15.3): which attributes and children each element may have.
#pragma once

#include <cstddef>
#include <map>
#include <string_view>
#include <vector>

namespace madang::process::schema {

// How an attribute's text reads; an enumeration names its words.
struct AttributeRule {
    std::string_view name;
    std::string_view type;   // "text", "boolean", "integer", "id" or the words "None|One|Both"
    bool required = false;
};

struct ChildRule {
    std::string_view element;
    std::string_view type;     // of its content; "text": no attributes and no children
    std::size_t place = 0;     // in the sequence of the parent
    bool many = false;
    bool required = false;
};

struct Type {
    std::map<std::string_view, AttributeRule> attributes;
    std::map<std::string_view, ChildRule> children;
    bool takes_anything = false;        // documentation, text, script: mixed content of any kind
    bool takes_foreign_children = false;   // extensionElements
};

// Nullptr where no element of BPMN has that type.
const Type* find_type(std::string_view name);

}  // namespace madang::process::schema
