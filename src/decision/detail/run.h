// One evaluation of a model: results of decisions are kept, so that each is evaluated once.
#pragma once

#include <map>
#include <memory>
#include <set>

#include "base/json.h"
#include "decision/detail/model.h"
#include "feel/detail/evaluation.h"

namespace madang::decision {

class Run {
public:
    Run(std::shared_ptr<const Model> model, feel::Context input, const feel::Budget& budget)
        : model_(std::move(model)), input_(std::move(input)), budget_(budget) {
        // All that one run evaluates counts together, also what its functions do.
        if (!budget_.spent) budget_.spent = std::make_shared<feel::Spent>();
    }

    feel::Value decide(std::size_t place);
    // What the service at a place gives for its inputs, by their places in it; absent ones are null.
    feel::Value serve(std::size_t place, const feel::List& arguments);
    // {"decision": …, "rules": […], "required": […]}
    json::value trace_of(std::size_t place) const;

    feel::Value evaluate(const Boxed& boxed, const feel::Context& names);

private:
    json::value trace_of(std::size_t place, std::set<std::size_t>& told) const;
    feel::Value value_of(const GraphNode& node, std::size_t place);
    feel::Value input_value(const GraphNode& node) const;
    feel::Context names_of(const GraphNode& node);
    // The model whose types the node being decided names.
    const Model& home() const;
    feel::Value fit(const feel::Value& value, std::string_view type) const { return conform(home(), value, type); }
    feel::Value service(std::size_t place);
    feel::Value literal(const feel::Expression& expression, const feel::Context& names) const;
    feel::Value context(const Boxed& boxed, const feel::Context& names);
    feel::Value invocation(const Boxed& boxed, const feel::Context& names);
    feel::Value function(const Boxed& boxed, const feel::Context& names);
    feel::Value relation(const Boxed& boxed, const feel::Context& names);
    feel::Value filter(const Boxed& boxed, const feel::Context& names);
    feel::Value iteration(const Boxed& boxed, const feel::Context& names);
    feel::Value table(const Table& table, const feel::Context& names);

    std::shared_ptr<const Model> model_;
    feel::Context input_;
    feel::Budget budget_;
    std::map<std::size_t, feel::Value> known_;
    std::map<std::size_t, json::array> rules_;   // those that fired, by decision
    std::size_t current_ = 0;
};

// What fired, as values of the outputs, in the table's order. Clause 8.2.10.
feel::Value by_hit_policy(const Table& table, const std::vector<std::vector<feel::Value>>& hits);

}  // namespace madang::decision
