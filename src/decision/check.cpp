#include "decision/check.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "decision/detail/check_table.h"
#include "feel/detail/evaluation.h"
#include "feel/detail/program.h"

namespace madang::decision {
namespace {

using Kind = GraphNode::Kind;
// The names in scope, each with its typeRef, which may be empty.
using Names = std::map<std::string, std::string, std::less<>>;

constexpr int kMaxDepth = 200;
constexpr int kMaxLargeTables = 3;  // of a model; the tables behind them are not looked through
constexpr int kMaxTypeSteps = 20;   // of types that name types

// "file.dmn:12: <decision id=…>" → "file.dmn:12"
std::string place_of(std::string_view where) {
    const std::size_t end = where.find(": ");
    return std::string(end == std::string_view::npos ? where : where.substr(0, end));
}

// "feel:string" stands in older files.
std::string plain(std::string_view type) {
    const std::size_t colon = type.find(':');
    if (colon != std::string_view::npos) type.remove_prefix(colon + 1);
    if (type == "dateTime") return "date and time";
    if (type == "dayTimeDuration" || type == "day time duration") return "days and time duration";
    if (type == "yearMonthDuration" || type == "year month duration") return "years and months duration";
    return std::string(type);
}

bool is_simple(std::string_view type) {
    static constexpr std::array<std::string_view, 8> kAll{"number", "string", "boolean", "date", "time", "date and time", "days and time duration",
                                                          "years and months duration"};
    return std::ranges::find(kAll, type) != kAll.end();
}

bool is_built_in(std::string_view name) {
    static constexpr std::array<std::string_view, 6> kOthers{"Any", "Null", "list", "context", "range", "function"};
    const std::string type = plain(name);
    // "list<number>" is written by some editors.
    return is_simple(type) || std::ranges::find(kOthers, std::string_view(type).substr(0, type.find('<'))) != kOthers.end();
}

// Whether no value of the type is of the constant's kind. A date is also taken for a moment.
bool differs(const feel::Value& constant, std::string_view base) {
    const std::string_view kind = feel::type_name(constant);
    const bool both_dates = kind.starts_with("date") && base.starts_with("date");
    return is_simple(base) && is_simple(kind) && kind != base && !both_dates;
}

class Checking {
public:
    explicit Checking(const Model& model) : model_(model) {}

    std::vector<Finding> check() {
        for (const auto& [name, type] : model_.types) {
            if (!is_imported(name)) check_item_type(type, name, 0);
        }
        for (const GraphNode& node : model_.nodes) {
            if (node.part == 0 && findings_.size() < kMaxFindings) check_node(node);
        }
        if (findings_.size() > kMaxFindings) findings_.resize(kMaxFindings);
        return std::move(findings_);
    }

private:
    void add(Severity severity, std::string kind, const std::string& where, std::string element, std::string message) {
        // The same thing twice within one cell or text is told once.
        if (!findings_.empty() && findings_.back().kind == kind && findings_.back().element == element && findings_.back().message == message) return;
        if (findings_.size() < kMaxFindings) findings_.push_back({severity, std::move(kind), place_of(where), std::move(element), std::move(message), {}});
    }

    void check_type(std::string_view type, const std::string& where, const std::string& element) {
        if (type.empty() || is_built_in(type) || model_.types.contains(type)) return;
        add(Severity::error, "unknown_type", where, element, madang::format("there is no type \"{}\"", type));
    }

    bool is_imported(std::string_view type) const {
        return std::ranges::any_of(model_.parts, [&](const Part& part) { return !part.alias.empty() && type.starts_with(part.alias + "."); });
    }
    // Item definitions are kept without their lines.
    void check_item_type(const ItemType& type, const std::string& element, int depth) {
        check_type(type.base, model_.file, element);
        if (depth > kMaxTypeSteps) return;
        for (const ItemType& component : type.components) check_item_type(component, element + "." + component.name, depth + 1);
    }

    void check_node(const GraphNode& node) {
        node_ = &node;
        check_type(node.type, node.where, node.name);
        const bool has_logic = node.kind == Kind::decision || node.kind == Kind::knowledge;
        if (has_logic && !node.body) return add(Severity::warning, "no_logic", node.where, node.name, "it has no logic, so its value is null");
        if (!node.body) return;
        Names names;
        for (const auto* places : {&node.requires_information, &node.requires_knowledge}) {
            for (const std::size_t place : *places) {
                const GraphNode& required = model_.nodes[place];
                const std::string& alias = model_.parts[required.part].alias;
                const bool own = required.part == node.part;
                names.emplace(own || alias.empty() ? required.name : alias, own ? required.type : "");
            }
        }
        if (node.kind == Kind::knowledge) names.emplace(node.name, "");
        if (node.body->kind == Boxed::Kind::literal && node.body->type.empty()) check_constant(*node.body->expression, node.type, node.body->where, node.name);
        check_boxed(*node.body, names, 0);
    }

    // --- names ---

    void check_names(const feel::Expression& expression, const Names& names, const std::string& where, const std::string& element) {
        std::vector<std::string> bound;
        look(expression.root(), names, bound, where, element, 0);
    }

    void look(const feel::Node& node, const Names& names, std::vector<std::string>& bound, const std::string& where, const std::string& element, int depth) {
        using feel::NodeKind;
        if (depth > kMaxDepth) return;
        if (node.kind == NodeKind::name) {
            const std::string first = node.text.substr(0, node.text.find('.'));
            const bool known = node.text == "?" || names.contains(node.text) || names.contains(first) || std::ranges::find(bound, node.text) != bound.end() ||
                               feel::find_builtin(node.text) != nullptr;
            if (!known) add(Severity::error, "unknown_name", where, element, madang::format("nothing brings the name \"{}\" here: is a requirement missing?", node.text));
            return;
        }
        const std::size_t before = bound.size();
        const bool binds = node.kind == NodeKind::for_in || node.kind == NodeKind::some || node.kind == NodeKind::every || node.kind == NodeKind::function || node.kind == NodeKind::context;
        if (binds) bound.insert(bound.end(), node.names.begin(), node.names.end());
        if (node.kind == NodeKind::for_in) bound.emplace_back("partial");
        for (std::size_t i = 0; i < node.children.size(); ++i) {
            // Within a filter stand the names of the items' entries, which are known only then.
            if (node.kind == NodeKind::filter && i == 1) continue;
            look(*node.children[i], names, bound, where, element, depth + 1);
        }
        bound.resize(before);
    }

    // --- boxed expressions ---

    void check_boxed(const Boxed& boxed, const Names& names, int depth) {
        if (depth > kMaxDepth || findings_.size() >= kMaxFindings) return;
        check_type(boxed.type, boxed.where, node_->name);
        if (boxed.expression) check_names(*boxed.expression, names, boxed.where, node_->name);
        if (boxed.kind == Boxed::Kind::literal) check_constant(*boxed.expression, boxed.type, boxed.where, node_->name);
        if (boxed.table) return check_table_in(*boxed.table, names, boxed.where);
        Names inner = names;
        if (boxed.kind == Boxed::Kind::function) {
            // Parameters stand first: their types without a value.
            for (std::size_t i = 0; i < boxed.names.size(); ++i) {
                const std::string& type = boxed.parts[i].first;
                check_type(type, boxed.where, node_->name);
                inner.insert_or_assign(boxed.names[i], type);
            }
        }
        const bool iterates = boxed.kind == Boxed::Kind::for_in || boxed.kind == Boxed::Kind::every || boxed.kind == Boxed::Kind::some;
        for (std::size_t i = 0; i < boxed.parts.size(); ++i) {
            const auto& [name, part] = boxed.parts[i];
            if (!part || (boxed.kind == Boxed::Kind::filter && i == 1)) continue;
            if (iterates && i == 1) {
                for (const std::string& name_of_item : boxed.names) inner.insert_or_assign(name_of_item, "");
                inner.emplace("partial", "");
            }
            check_boxed(*part, inner, depth + 1);
            if (boxed.kind == Boxed::Kind::context && !name.empty()) inner.insert_or_assign(name, part->type);
        }
    }

    // --- types ---

    // What a type's values are: followed down to a built-in type, with the tests on the way.
    ColumnType followed(const ItemType* item, std::string name) const {
        ColumnType made;
        made.name = name;
        for (int i = 0; i < kMaxTypeSteps; ++i) {
            if (item == nullptr) {
                const auto found = model_.types.find(name);
                if (found == model_.types.end()) break;
                item = &found->second;
            }
            if (item->is_collection || item->is_function || !item->components.empty()) return {};
            if (item->allowed) made.tests.push_back(*item->allowed);
            if (item->constraint) made.tests.push_back(*item->constraint);
            name = item->base;
            item = nullptr;
        }
        name = plain(name);
        if (is_simple(name)) made.base = std::move(name);
        return made;
    }

    // The item definition of NAME or NAME.COMPONENT, or none.
    const ItemType* item_of(const feel::Node& node, const Names& names, int depth) const {
        std::string type;
        if (node.kind == feel::NodeKind::name) {
            const auto found = names.find(node.text);
            if (found != names.end()) type = found->second;
        } else if (node.kind == feel::NodeKind::path && depth < kMaxTypeSteps) {
            const ItemType* whole = item_of(*node.children[0], names, depth + 1);
            for (int i = 0; whole != nullptr && whole->components.empty() && i < kMaxTypeSteps; ++i) whole = find_type(whole->base);
            if (whole == nullptr || whole->is_collection) return nullptr;
            const auto part = std::ranges::find(whole->components, node.text, &ItemType::name);
            return part == whole->components.end() ? nullptr : &*part;
        }
        return find_type(type);
    }
    const ItemType* find_type(std::string_view name) const {
        const auto found = model_.types.find(name);
        return found == model_.types.end() ? nullptr : &found->second;
    }

    ColumnType type_of(const Input& input, const Names& names) const {
        const feel::Node& root = input.expression.root();
        if (const ItemType* item = item_of(root, names, 0)) return followed(item, item->name);
        if (root.kind != feel::NodeKind::name) return {};
        const auto found = names.find(root.text);
        return found == names.end() || found->second.empty() ? ColumnType() : followed(nullptr, found->second);
    }

    // --- tables ---

    void check_table_in(const Table& table, const Names& names, const std::string& where) {
        std::vector<ColumnType> types;
        for (const Input& input : table.inputs) {
            check_names(input.expression, names, where, node_->name);
            types.push_back(type_of(input, names));
        }
        for (const Output& output : table.outputs) {
            check_type(output.type, where, node_->name);
            if (output.fallback) check_names(*output.fallback, names, where, node_->name);
            if (output.fallback) check_constant(*output.fallback, output.type, where, node_->name);
        }
        for (std::size_t i = 0; i < table.rules.size() && findings_.size() < kMaxFindings; ++i) {
            const std::string element = madang::format("{}, rule {}", node_->name, i + 1);
            for (std::size_t column = 0; column < table.inputs.size(); ++column) {
                check_names(table.rules[i].tests[column], names, where, element);
                check_cell(table.rules[i].tests[column], types[column], where, madang::format("{}, column {}", element, column + 1));
            }
            for (std::size_t column = 0; column < table.outputs.size(); ++column) {
                check_names(table.rules[i].entries[column], names, where, element);
                check_constant(table.rules[i].entries[column], table.outputs[column].type, where, element);
            }
        }
        if (large_tables_ >= kMaxLargeTables) {
            return add(Severity::warning, "too_large", where, node_->name, "it was not looked through for gaps and overlaps: the tables before it took too long");
        }
        for (Finding& finding : check_table(table, types)) {
            if (finding.kind == "too_large") ++large_tables_;
            finding.where = place_of(where);
            finding.element = finding.element.empty() ? node_->name : node_->name + ", " + finding.element;
            if (findings_.size() < kMaxFindings) findings_.push_back(std::move(finding));
        }
    }

    // Constants of a cell that no value of the column's type can equal.
    void check_cell(const feel::Expression& tests, const ColumnType& type, const std::string& where, const std::string& element) {
        if (type.base.empty()) return;
        std::vector<feel::Value> constants;
        constants_of(tests.program().tree, constants);   // those that can be told
        const auto wrong = std::ranges::find_if(constants, [&](const feel::Value& constant) { return differs(constant, type.base); });
        if (wrong == constants.end()) return;
        add(Severity::error, "wrong_type", where, element,
            madang::format("it compares with the {} {}, and the column holds \"{}\"", feel::type_name(*wrong), feel::text_of(*wrong), type.name));
    }

    // A constant that is to be of a type and is not.
    void check_constant(const feel::Expression& expression, const std::string& type, const std::string& where, const std::string& element) {
        const feel::Node& root = expression.root();
        if (type.empty() || root.kind != feel::NodeKind::literal || !differs(root.value, followed(nullptr, type).base)) return;
        add(Severity::error, "wrong_type", where, element,
            madang::format("it gives the {} {}, and \"{}\" is asked for", feel::type_name(root.value), feel::text_of(root.value), type));
    }

    const Model& model_;
    const GraphNode* node_ = nullptr;
    int large_tables_ = 0;
    std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check(const Decisions& decisions) { return Checking(decisions.model()).check(); }

}  // namespace madang::decision
