// How a decision came to be, as data for pages and records.
#include "decision/detail/run.h"

namespace madang::decision {
namespace {

// What a column is called: its label, or the name that it reads.
std::string name_of(const Input& input) {
    if (!input.label.empty()) return input.label;
    const feel::Node& root = input.expression.root();
    return root.kind == feel::NodeKind::name ? root.text : std::string();
}

}  // namespace

json::array Run::rules_of(std::size_t place) const {
    json::array rules;
    for (const Fired& fired : fired_) {
        if (fired.place != place) continue;
        const Rule& rule = fired.table->rules[fired.rule];
        json::object told{{"table", fired.table->id}, {"rule", rule.id}, {"number", fired.rule + 1}};
        if (!rule.article.empty()) told["article"] = rule.article;
        json::array inputs;
        for (std::size_t i = 0; i < fired.inputs.size(); ++i) {
            inputs.push_back({{"name", name_of(fired.table->inputs[i])}, {"value", feel::to_json(fired.inputs[i])}});
        }
        told["inputs"] = std::move(inputs);
        rules.push_back(std::move(told));
    }
    return rules;
}

json::value Run::trace_of(std::size_t place) const {
    std::set<std::size_t> told;
    return trace_of(place, told);
}

// A decision that several others require is told in full once.
json::value Run::trace_of(std::size_t place, std::set<std::size_t>& told) const {
    const GraphNode& node = model_->nodes[place];
    json::object trace{{"decision", node.name}};
    if (!told.insert(place).second) return trace;
    if (const feel::Value* known = known_[place]) {
        trace["value"] = feel::to_json(*known);
        if (!known->reason().empty()) trace["reason"] = std::string(known->reason());
    }
    if (json::array rules = rules_of(place); !rules.empty()) {
        for (const auto& rule : rules) {
            if (rule.as_object().contains("article") && !trace.contains("article")) trace["article"] = rule.at("article");
        }
        trace["rules"] = std::move(rules);
    }
    json::array required;
    for (const std::size_t below : node.requires_information) {
        if (model_->nodes[below].kind == GraphNode::Kind::decision) required.push_back(trace_of(below, told));
    }
    if (!required.empty()) trace["required"] = std::move(required);
    return trace;
}

}  // namespace madang::decision
