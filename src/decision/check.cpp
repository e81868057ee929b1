#include "decision/check.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "decision/detail/check_table.h"
#include "feel/detail/evaluation.h"

namespace madang::decision {
namespace {

using Kind = GraphNode::Kind;
using Names = std::set<std::string, std::less<>>;

constexpr int kMaxDepth = 200;

// "file.dmn:12: <decision id=…>" → "file.dmn:12"
std::string place_of(std::string_view where) {
    const std::size_t end = where.find(": ");
    return std::string(end == std::string_view::npos ? where : where.substr(0, end));
}

bool is_built_in_type(std::string_view type) {
    static constexpr std::array<std::string_view, 18> kAll{"Any", "Null", "number", "string", "boolean", "date", "time", "date and time", "dateTime",
                                                           "days and time duration", "dayTimeDuration", "day time duration", "years and months duration",
                                                           "yearMonthDuration", "year month duration", "list", "context", "range"};
    const std::size_t colon = type.find(':');
    if (colon != std::string_view::npos) type.remove_prefix(colon + 1);
    return type == "function" || std::ranges::find(kAll, type) != kAll.end();
}

class Checking {
public:
    explicit Checking(const Model& model) : model_(model) {}

    std::vector<Finding> check() {
        for (const GraphNode& node : model_.nodes) {
            if (node.part == 0 && findings_.size() < kMaxFindings) check_node(node);
        }
        if (findings_.size() > kMaxFindings) findings_.resize(kMaxFindings);
        return std::move(findings_);
    }

private:
    void add(Severity severity, std::string kind, const std::string& where, std::string element, std::string message) {
        if (findings_.size() < kMaxFindings) findings_.push_back({severity, std::move(kind), place_of(where), std::move(element), std::move(message), {}});
    }

    void check_type(std::string_view type, const std::string& where, const std::string& element) {
        if (type.empty() || is_built_in_type(type) || model_.types.contains(type)) return;
        add(Severity::error, "unknown_type", where, element, madang::format("there is no type \"{}\"", type));
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
                names.insert(required.part == node.part || alias.empty() ? required.name : alias);
            }
        }
        if (node.kind == Kind::knowledge) names.insert(node.name);
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
        if (boxed.table) return check_table_in(*boxed.table, names, boxed.where);
        Names inner = names;
        if (boxed.kind == Boxed::Kind::function) {
            inner.insert(boxed.names.begin(), boxed.names.end());
            for (const auto& [type, part] : boxed.parts) {
                if (!part) check_type(type, boxed.where, node_->name);
            }
        }
        const bool iterates = boxed.kind == Boxed::Kind::for_in || boxed.kind == Boxed::Kind::every || boxed.kind == Boxed::Kind::some;
        for (std::size_t i = 0; i < boxed.parts.size(); ++i) {
            const auto& [name, part] = boxed.parts[i];
            if (!part || (boxed.kind == Boxed::Kind::filter && i == 1)) continue;
            if (iterates && i == 1) {
                inner.insert(boxed.names.begin(), boxed.names.end());
                inner.insert("partial");
            }
            check_boxed(*part, inner, depth + 1);
            if (boxed.kind == Boxed::Kind::context && !name.empty()) inner.insert(name);
        }
    }

    // The type of the input that a column reads by its name.
    std::string type_of(const Input& input) const {
        const feel::Node& root = input.expression.root();
        if (root.kind != feel::NodeKind::name) return {};
        for (const std::size_t place : node_->requires_information) {
            const GraphNode& required = model_.nodes[place];
            if (required.part == 0 && required.name == root.text) return required.type;
        }
        return {};
    }

    void check_table_in(const Table& table, const Names& names, const std::string& where) {
        std::vector<std::string> types;
        for (const Input& input : table.inputs) {
            check_names(input.expression, names, where, node_->name);
            types.push_back(type_of(input));
        }
        Names with_input = names;
        with_input.insert("item");
        for (std::size_t i = 0; i < table.rules.size() && findings_.size() < kMaxFindings; ++i) {
            const std::string element = madang::format("{}, rule {}", node_->name, i + 1);
            for (std::size_t column = 0; column < table.inputs.size(); ++column) {
                check_names(table.rules[i].tests[column], with_input, where, element);
                check_cell_type(table.rules[i].tests[column], types[column], where, madang::format("{}, column {}", element, column + 1));
            }
            for (const feel::Expression& entry : table.rules[i].entries) check_names(entry, names, where, element);
        }
        for (const Output& output : table.outputs) check_type(output.type, where, node_->name);
        const MayCome may_come = [&](std::size_t column, const feel::Value& sample) {
            return types[column].empty() || !conform(model_, sample, types[column]).is_null();
        };
        for (Finding& finding : check_table(table, may_come)) {
            finding.where = place_of(where);
            finding.element = finding.element.empty() ? node_->name : node_->name + ", " + finding.element;
            if (findings_.size() < kMaxFindings) findings_.push_back(std::move(finding));
        }
    }

    // A constant of a cell that no value of the column's type can equal.
    void check_cell_type(const feel::Expression& tests, const std::string& type, const std::string& where, const std::string& element) {
        if (type.empty()) return;
        const feel::Node& root = tests.root();
        for (const feel::NodePointer& child : root.children) {
            const feel::Node& constant = child->kind == feel::NodeKind::test ? *child->children[0] : *child;
            if (constant.kind != feel::NodeKind::literal || constant.value.is_null()) continue;
            const feel::Value fitted = conform(model_, constant.value, type);
            if (fitted.is_null() && base_differs(constant.value, type)) {
                add(Severity::error, "wrong_type", where, element, madang::format("it compares with the {} {}, and the column holds \"{}\"",
                                                                                  feel::type_name(constant.value), feel::text_of(constant.value), type));
            }
        }
    }
    // Not only a value that the type does not allow: another kind of value.
    bool base_differs(const feel::Value& value, std::string type) const {
        for (int i = 0; i < 20; ++i) {
            const auto found = model_.types.find(type);
            if (found == model_.types.end()) break;
            if (found->second.is_collection || !found->second.components.empty() || found->second.base.empty()) return false;
            type = found->second.base;
        }
        const std::size_t colon = type.find(':');
        if (colon != std::string::npos) type = type.substr(colon + 1);
        static constexpr std::array<std::string_view, 4> kSimple{"number", "string", "boolean", "date"};
        return std::ranges::find(kSimple, type) != kSimple.end() && feel::type_name(value) != type;
    }

    const Model& model_;
    const GraphNode* node_ = nullptr;
    std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check(const Decisions& decisions) { return Checking(decisions.model()).check(); }

}  // namespace madang::decision
