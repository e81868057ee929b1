// The requirements graph: what a decision stands on, each evaluated once. Clause 6.
#include <algorithm>

#include "base/text.h"
#include "decision/decision.h"
#include "decision/detail/run.h"

namespace madang::decision {
namespace {

using Kind = GraphNode::Kind;
constexpr int kWeight = 5;   // decisions nest as nodes of FEEL do, and take more of the stack

// All that one run evaluates counts together, also what its functions do.
feel::Budget shared(feel::Budget budget) {
    if (!budget.spent) budget.spent = std::make_shared<feel::Spent>();
    return budget;
}

}  // namespace

Run::Run(std::shared_ptr<const Model> model, const feel::Context& input, const feel::Budget& budget, Traced traced)
    : model_(std::move(model)), input_(input), budget_(shared(budget)), evaluation_(budget_), traced_(traced), known_(model_->nodes.size(), nullptr) {}

const Model& Run::home() const {
    const Part& part = model_->parts[model_->nodes[current_].part];
    return part.types ? *part.types : *model_;
}

feel::Value& Run::keep() {
    if (kept_ % kSlab == 0) slabs_.push_back(std::make_unique<Slab>());
    return (*slabs_.back())[kept_++ % kSlab];
}

// An input that was not given is null (clause 6.3.11); one of another type too, with the reason. Inputs of
// an imported file stand in contexts named as its imports.
const feel::Value& Run::input_value(const GraphNode& node, feel::Value& out) const {
    std::vector<std::string_view> way;
    for (std::size_t part = node.part; part != 0; part = model_->parts[part].importer) {
        if (!model_->parts[part].alias.empty()) way.insert(way.begin(), model_->parts[part].alias);
    }
    const feel::Context* around = &input_;
    for (const std::string_view alias : way) {
        const feel::Value* found = around == nullptr ? nullptr : around->find(alias);
        around = found == nullptr ? nullptr : found->context();
    }
    const feel::Value* given = around == nullptr ? nullptr : around->find(node.name);
    if (given == nullptr) return out = feel::Value::null(madang::format("the input \"{}\" was not given", node.name));
    return fit(*given, node.type, out);
}

// What the node requires, where some of it is called by the name of an import.
feel::Context Run::names_of(const GraphNode& node) {
    feel::Context names;
    for (const auto* places : {&node.requires_information, &node.requires_knowledge}) {
        for (const std::size_t place : *places) {
            const GraphNode& required = model_->nodes[place];
            if (&required == &node) continue;   // a knowledge model finds itself when it is called
            const std::string& alias = model_->parts[required.part].alias;
            if (required.part == node.part || alias.empty()) {
                names.set(required.name, decide(place));
                continue;
            }
            const feel::Value* group = names.find(alias);
            feel::Context inner = group == nullptr || group->context() == nullptr ? feel::Context() : *group->context();
            inner.set(required.name, decide(place));
            names.set(alias, feel::Value(std::move(inner)));
        }
    }
    return names;
}

const feel::Value& Run::decide(std::size_t place) {
    if (known_[place] != nullptr) return *known_[place];
    const feel::Evaluation::Level level(evaluation_, kWeight);
    feel::Value& out = keep();
    if (level.too_deep()) return out = feel::Value::null("decisions require each other too deep");
    const std::size_t outer = std::exchange(current_, place);
    const feel::Value& value = value_of(model_->nodes[place], place, out);
    current_ = outer;
    known_[place] = &value;
    return value;
}

const feel::Value& Run::value_of(const GraphNode& node, std::size_t place, feel::Value& out) {
    if (node.kind == Kind::input_data) return input_value(node, out);
    if (node.kind == Kind::service) return out = service(place);
    if (!node.body) return out = feel::Value::null(madang::format("\"{}\" has no logic", node.name));
    if (node.kind != Kind::decision) return logic_of(node, place, out);
    feel::Value made;
    const feel::Value& value = logic_of(node, place, made);
    const feel::Value& fitted = fit(value, node.type, out);
    // What was made here is gone when this returns.
    return &fitted == &made ? out = std::move(made) : fitted;
}

const feel::Value& Run::logic_of(const GraphNode& node, std::size_t place, feel::Value& out) {
    if (!node.is_flat) {
        const feel::Context names = names_of(node);
        current_ = place;
        feel::Value made = evaluate(*node.body, feel::Scope{nullptr, &names, {}});
        return out = std::move(made);
    }
    std::vector<feel::Binding> names;
    names.reserve(node.requires_information.size() + node.requires_knowledge.size());
    for (const auto* places : {&node.requires_information, &node.requires_knowledge}) {
        for (const std::size_t required : *places) {
            // A knowledge model finds itself when it is called.
            if (required != place) names.push_back({model_->nodes[required].name, &decide(required)});
        }
    }
    current_ = place;
    return evaluate(*node.body, feel::Scope{nullptr, nullptr, names}, out);
}

// A decision service is a function of its inputs (clause 10.4).
feel::Value Run::service(std::size_t place) {
    const GraphNode& node = model_->nodes[place];
    feel::Function made;
    made.name = node.name;
    for (const std::size_t input : node.inputs) made.parameters.push_back(model_->nodes[input].name);
    made.call = [model = model_, budget = budget_, place](const feel::List& arguments, feel::Evaluation&) -> feel::Value {
        const feel::Context nothing;
        return std::make_unique<Run>(model, nothing, budget, Traced::no)->serve(place, arguments);
    };
    return feel::Value(feel::Value::Held(std::make_shared<const feel::Function>(std::move(made))));
}

feel::Value Run::serve(std::size_t place, const feel::List& arguments) {
    const GraphNode& called = model_->nodes[place];
    current_ = place;
    for (std::size_t i = 0; i < called.inputs.size() && i < arguments.size(); ++i) {
        feel::Value& fitted = keep();
        const feel::Value& found = fit(arguments[i], model_->nodes[called.inputs[i]].type, fitted);
        if (&found != &fitted) fitted = found;
        if (fitted.is_null() && !arguments[i].is_null()) return fitted;
        known_[called.inputs[i]] = &fitted;
    }
    feel::Value out;
    feel::Context all;
    for (const std::size_t output : called.outputs) {
        const feel::Value& value = decide(output);
        current_ = place;
        if (called.outputs.size() == 1) return fit(value, called.type, out);
        all.set(model_->nodes[output].name, value);
    }
    const feel::Value made(std::move(all));
    return fit(made, called.type, out);
}

Result<Outcome> evaluate(const Decisions& decisions, std::string_view decision, const feel::Context& input, const feel::Budget& budget, Traced traced) {
    const Model& model = decisions.model();
    const GraphNode* node = model.find(decision, Kind::decision);
    if (node == nullptr) return fail(Code::not_found, madang::format("{} has no decision \"{}\"", model.file, decision));
    const auto place = static_cast<std::size_t>(node - model.nodes.data());
    Run run(decisions.shared_model(), input, budget, traced);
    Outcome outcome;
    outcome.value = run.decide(place);
    if (traced == Traced::yes) outcome.trace = run.trace_of(place);
    return outcome;
}

Result<Outcome> evaluate_service(const Decisions& decisions, std::string_view service, const feel::Context& input, const feel::Budget& budget) {
    const Model& model = decisions.model();
    const GraphNode* node = model.find(service, Kind::service);
    if (node == nullptr) return fail(Code::not_found, madang::format("{} has no decision service \"{}\"", model.file, service));
    feel::List arguments;
    for (const std::size_t place : node->inputs) {
        const feel::Value* given = input.find(model.nodes[place].name);
        arguments.push_back(given == nullptr ? feel::Value::null(madang::format("the input \"{}\" was not given", model.nodes[place].name)) : *given);
    }
    Run run(decisions.shared_model(), input, budget, Traced::yes);
    Outcome outcome;
    outcome.value = run.serve(static_cast<std::size_t>(node - model.nodes.data()), arguments);
    json::array required;
    for (const std::size_t output : node->outputs) required.push_back(run.trace_of(output));
    outcome.trace = json::object{{"service", node->name}, {"value", feel::to_json(outcome.value)}, {"required", std::move(required)}};
    return outcome;
}

Result<Outcome> evaluate(const Decisions& decisions, std::string_view decision, const json::object& input, const feel::Budget& budget, Traced traced) {
    const feel::Value value = feel::from_json(json::value(input));
    return evaluate(decisions, decision, *value.context(), budget, traced);
}

}  // namespace madang::decision
