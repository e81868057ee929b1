// The tree that the parser makes and the evaluator walks. One node kind is one rule of the grammar
// (DMN 1.5 clause 10.3.1.2).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "feel/value.h"

namespace madang::feel {

enum class NodeKind : std::uint8_t {
    literal,          // value
    name,             // text
    path,             // children[0] . text
    filter,           // children[0] [ children[1] ]
    call,             // children[0] ( the rest ); names: of named arguments, else empty
    negate, add, subtract, multiply, divide, power,
    equal, not_equal, less, less_or_equal, greater, greater_or_equal,
    logical_and, logical_or,
    between,          // children: value, low, high
    in,               // children[0] in the tests that follow
    instance_of,      // children[0], type
    if_then_else,     // children: condition, then, else
    for_in,           // names; children: domains, then the result; a domain of two nodes is a `range_of`
    some, every,      // names; children: domains, then the condition
    range_of,         // of an iteration: children: from, to
    function,         // names: parameters; children[0]: body
    list,             // children
    context,          // names; children
    range,            // start_included, end_included; children: start, end
    test,             // a unary test by an operator: operation, children[0]
    tests,            // children; any of them
    not_tests,        // children; none of them
    any_test,         // "-"
};

struct Type {
    std::string name;             // "number", "list", "context", "function", "range", "Any", …
    std::vector<std::string> fields;
    std::vector<Type> parts;      // of list and range: one; of context: by fields; of function: parameters, result last
};

// Types of a model by their names.
struct Types {
    std::map<std::string, Type, std::less<>> by_name;
};

struct Node {
    NodeKind kind = NodeKind::literal;
    NodeKind operation = NodeKind::equal;
    bool start_included = false;
    bool end_included = false;
    bool uses_input = false;            // `?` stands somewhere below
    std::string text;
    Value value;
    std::vector<std::string> names;
    std::vector<std::shared_ptr<const Node>> children;
    std::shared_ptr<const Type> type;   // instance_of; of a function its parts are the types of its parameters; else null
};
using NodePointer = std::shared_ptr<const Node>;

}  // namespace madang::feel
