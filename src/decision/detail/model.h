// A DMN file as it is evaluated: every FEEL text parsed, every reference resolved to a place.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "decision/detail/table_index.h"
#include "feel/detail/syntax.h"
#include "feel/expression.h"
#include "feel/value.h"

namespace madang::decision {

// An item definition (clause 7.3.3) or a built-in type by its name.
struct ItemType {
    std::string name;                                  // of the definition or component
    std::string base;                                  // typeRef: "string", "number", another definition
    bool is_collection = false;
    bool is_function = false;
    std::optional<feel::Expression> allowed;           // unary tests, of each item of a collection
    std::optional<feel::Expression> constraint;        // unary tests of the whole value
    std::vector<ItemType> components;
};

enum class HitPolicy { unique, any, priority, first, collect, rule_order, output_order };
enum class Aggregation { none, sum, count, min, max };

struct Input {
    std::string label;
    feel::Expression expression;
    std::optional<feel::Expression> values;            // unary tests of allowed values
};

struct Output {
    std::string name;
    std::optional<feel::Expression> values;            // unary tests
    std::vector<feel::Value> order;                    // the values in their order, for PRIORITY and OUTPUT ORDER
    std::optional<feel::Expression> fallback;          // defaultOutputEntry
    std::string type;
};

struct Rule {
    std::string id;
    std::string article;                               // madang:article
    std::vector<feel::Expression> tests;               // one an input
    std::vector<feel::Expression> entries;             // one an output
};

// Clause 8.
struct Table {
    std::string id;
    HitPolicy hit_policy = HitPolicy::unique;
    Aggregation aggregation = Aggregation::none;
    std::vector<Input> inputs;
    std::vector<Output> outputs;
    std::vector<Rule> rules;
    std::shared_ptr<const TableIndex> index = std::make_shared<const TableIndex>();
};

// A boxed expression (clause 10.2).
struct Boxed {
    enum class Kind { literal, table, context, invocation, function, list, relation, conditional, filter, for_in, every, some };
    Kind kind = Kind::literal;
    std::string where;                                 // "file.dmn:12: <context id=…>", for messages
    std::string type;                                  // typeRef of the value, may be empty
    std::optional<feel::Expression> expression;        // literal; invocation: the function
    std::optional<Table> table;
    // context: entries (an empty name is the result); invocation: bindings; function: parameters without
    // values, then the body; relation: rows of a list; conditional: if, then, else; filter: in, match;
    // iteration: in, return.
    std::vector<std::pair<std::string, std::shared_ptr<const Boxed>>> parts;
    std::vector<std::string> names;                    // parameters; columns; the iterator
};
using BoxedPointer = std::shared_ptr<const Boxed>;

// Clause 6: what a node of the requirements graph needs, by places in Model::nodes.
struct GraphNode {
    enum class Kind { input_data, decision, knowledge, service };
    Kind kind = Kind::decision;
    std::string id, name, where;
    std::string type;                                  // of its variable
    BoxedPointer body;                                 // decision, knowledge (a function); absent for the others
    std::vector<std::size_t> requires_information;     // decisions and inputs
    std::vector<std::size_t> requires_knowledge;       // knowledge models and services
    std::vector<std::size_t> outputs, inputs;          // of a service: its decisions, its parameters in order
    std::size_t part = 0;                              // of the model: 0 is the file itself
    bool is_flat = true;                               // what it requires is called by its own name, not ALIAS.NAME
};

struct Model;

// A file within a model: the model's own, or one drawn in by an <import> (clause 6.3.2). The same file
// imported on two ways is two parts, since its inputs differ.
struct Part {
    std::string space;                                 // its XML namespace
    std::string alias;                                 // the name of the import
    std::size_t importer = 0;                          // the part that imports it
    std::shared_ptr<const Model> types;                // whose types its typeRefs name; null: this model's own
};

struct Model {
    std::string id, name, file;
    std::vector<Part> parts = std::vector<Part>(1);    // the file itself first
    std::vector<GraphNode> nodes;
    std::vector<std::string> names;                    // every name in the file, for texts that import it
    std::map<std::string, ItemType, std::less<>> types;

    // Of the file itself.
    const GraphNode* find(std::string_view id_or_name, GraphNode::Kind kind) const;
};

// The value as the type asks (one item for a list of one and the other way round), or a null that says
// why it does not fit. An unknown or empty type fits everything. Clauses 7.3.3 and 10.3.2.9.4.
feel::Value conform(const Model& model, const feel::Value& value, std::string_view type);
// The same without a copy where the value is of the type already: `value`, or `out`.
const feel::Value& conform(const Model& model, const feel::Value& value, std::string_view type, feel::Value& out);
// The model's types as FEEL texts may name them.
feel::Types types_of(const Model& model);

}  // namespace madang::decision
