// One evaluation of a model: results of decisions are kept, so that each is evaluated once.
#pragma once

#include <array>
#include <memory>
#include <set>
#include <vector>

#include "base/json.h"
#include "decision/decision.h"
#include "decision/detail/model.h"
#include "feel/detail/evaluation.h"

namespace madang::decision {

// A rule that answered, and what its table was asked.
struct Fired {
    std::size_t place = 0;              // of the decision
    const Table* table = nullptr;
    std::size_t rule = 0;
    std::vector<feel::Value> inputs;    // of the columns
};

class Run {
public:
    // `input` outlives the run; what functions of the model need outlives it by itself.
    Run(std::shared_ptr<const Model> model, const feel::Context& input, const feel::Budget& budget, Traced traced);

    const feel::Value& decide(std::size_t place);
    // What the service at a place gives for its inputs, by their places in it; absent ones are null.
    feel::Value serve(std::size_t place, const feel::List& arguments);
    // {"decision": …, "rules": […], "required": […]}
    json::value trace_of(std::size_t place) const;

    // A value of the scope or of the model, or `out`.
    const feel::Value& evaluate(const Boxed& boxed, const feel::Scope& scope, feel::Value& out);
    feel::Value evaluate(const Boxed& boxed, const feel::Scope& scope);
    void stand_at(std::size_t place) { current_ = place; }
    const feel::Value& fit(const feel::Value& value, std::string_view type, feel::Value& out) const { return conform(home(), value, type, out); }

private:
    json::value trace_of(std::size_t place, std::set<std::size_t>& told) const;
    json::array rules_of(std::size_t place) const;
    const feel::Value& value_of(const GraphNode& node, std::size_t place, feel::Value& out);
    const feel::Value& logic_of(const GraphNode& node, std::size_t place, feel::Value& out);
    const feel::Value& input_value(const GraphNode& node, feel::Value& out) const;
    feel::Context names_of(const GraphNode& node);
    feel::Value& keep();
    // The model whose types the node being decided names.
    const Model& home() const;
    feel::Value service(std::size_t place);
    feel::Value context(const Boxed& boxed, const feel::Scope& scope);
    feel::Value invocation(const Boxed& boxed, const feel::Scope& scope);
    feel::Value function(const Boxed& boxed, const feel::Scope& scope);
    feel::Value relation(const Boxed& boxed, const feel::Scope& scope);
    feel::Value conditional(const Boxed& boxed, const feel::Scope& scope);
    feel::Value filter(const Boxed& boxed, const feel::Scope& scope);
    feel::Value iteration(const Boxed& boxed, const feel::Scope& scope);
    feel::Value table(const Table& table, const feel::Scope& scope);
    std::vector<feel::Value> answers_of(const Table& table, std::size_t rule, const feel::Scope& scope);
    feel::Value fallback(const Table& table, const feel::Scope& scope);
    void note(const Table& table, std::size_t rule, const std::vector<const feel::Value*>& inputs);

    static constexpr std::size_t kSlab = 12;
    using Slab = std::array<feel::Value, kSlab>;

    std::shared_ptr<const Model> model_;
    const feel::Context& input_;
    feel::Budget budget_;
    feel::Evaluation evaluation_;
    Traced traced_;
    std::vector<const feel::Value*> known_;      // of each node, null while it is not known
    std::vector<std::unique_ptr<Slab>> slabs_;   // where values are kept that stand nowhere else
    std::size_t kept_ = 0;
    std::vector<Fired> fired_;
    std::size_t current_ = 0;
};

// What fired, as values of the outputs, in the table's order. Clause 8.2.10.
feel::Value by_hit_policy(const Table& table, const std::vector<std::vector<feel::Value>>& hits);

}  // namespace madang::decision
