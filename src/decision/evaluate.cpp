#include <algorithm>

#include "base/text.h"
#include "decision/decision.h"
#include "decision/detail/run.h"

namespace madang::decision {
namespace {

using Kind = GraphNode::Kind;
// Decisions and boxed expressions nest as nodes of FEEL do, and take more of the stack.
constexpr int kWeight = 5;

class Level {
public:
    explicit Level(feel::Spent& spent) : spent_(spent) { spent_.nesting += kWeight; }
    ~Level() { spent_.nesting -= kWeight; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    bool too_deep() const { return spent_.nesting > feel::kMaxNesting; }

private:
    feel::Spent& spent_;
};

const bool* truth(const feel::Value& value) { return value.as<bool>(); }

}  // namespace

feel::Value Run::literal(const feel::Expression& expression, const feel::Context& names) const {
    return feel::evaluate(expression, names, budget_);
}

const Model& Run::home() const {
    const Part& part = model_->parts[model_->nodes[current_].part];
    return part.types ? *part.types : *model_;
}

// An input that was not given is null (clause 6.3.11); one of another type too, with the reason. Inputs of
// an imported file stand in contexts named as its imports.
feel::Value Run::input_value(const GraphNode& node) const {
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
    if (given == nullptr) return feel::Value::null(madang::format("the input \"{}\" was not given", node.name));
    return fit(*given, node.type);
}

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

feel::Value Run::decide(std::size_t place) {
    if (const auto known = known_.find(place); known != known_.end()) return known->second;
    const Level level(*budget_.spent);
    if (level.too_deep()) return feel::Value::null("decisions require each other too deep");
    const std::size_t outer = std::exchange(current_, place);
    feel::Value value = value_of(model_->nodes[place], place);
    current_ = outer;
    known_[place] = value;
    return value;
}

feel::Value Run::value_of(const GraphNode& node, std::size_t place) {
    if (node.kind == Kind::input_data) return input_value(node);
    if (node.kind == Kind::service) return service(place);
    if (!node.body) return feel::Value::null(madang::format("\"{}\" has no logic", node.name));
    feel::Context names = names_of(node);
    current_ = place;
    feel::Value value = evaluate(*node.body, names);
    return node.kind == Kind::decision ? fit(value, node.type) : value;
}

// A decision service is a function of its inputs (clause 10.4).
feel::Value Run::service(std::size_t place) {
    const GraphNode& node = model_->nodes[place];
    feel::Function made;
    made.name = node.name;
    for (const std::size_t input : node.inputs) made.parameters.push_back(model_->nodes[input].name);
    made.call = [model = model_, budget = budget_, place](const feel::List& arguments, feel::Evaluation&) -> feel::Value {
        return std::make_shared<Run>(model, feel::Context(), budget)->serve(place, arguments);
    };
    return feel::Value(feel::Value::Held(std::make_shared<const feel::Function>(std::move(made))));
}

feel::Value Run::serve(std::size_t place, const feel::List& arguments) {
    const GraphNode& called = model_->nodes[place];
    current_ = place;
    for (std::size_t i = 0; i < called.inputs.size() && i < arguments.size(); ++i) {
        feel::Value fitted = fit(arguments[i], model_->nodes[called.inputs[i]].type);
        if (fitted.is_null() && !arguments[i].is_null()) return fitted;
        known_[called.inputs[i]] = std::move(fitted);
    }
    feel::Context all;
    for (const std::size_t output : called.outputs) {
        feel::Value value = decide(output);
        if (called.outputs.size() == 1) return fit(value, called.type);
        all.set(model_->nodes[output].name, std::move(value));
    }
    return fit(feel::Value(std::move(all)), called.type);
}

feel::Value Run::evaluate(const Boxed& boxed, const feel::Context& names) {
    const Level level(*budget_.spent);
    if (level.too_deep()) return feel::Value::null("expressions are nested too deep");
    feel::Value value;
    switch (boxed.kind) {
        case Boxed::Kind::literal: value = literal(*boxed.expression, names); break;
        case Boxed::Kind::table: value = table(*boxed.table, names); break;
        case Boxed::Kind::context: value = context(boxed, names); break;
        case Boxed::Kind::invocation: value = invocation(boxed, names); break;
        case Boxed::Kind::function: value = function(boxed, names); break;
        case Boxed::Kind::list: {
            feel::List items;
            for (const auto& [name, part] : boxed.parts) items.push_back(evaluate(*part, names));
            value = feel::Value(std::move(items));
            break;
        }
        case Boxed::Kind::relation: value = relation(boxed, names); break;
        case Boxed::Kind::conditional: {
            const feel::Value condition = evaluate(*boxed.parts[0].second, names);
            if (truth(condition) == nullptr && !condition.is_null()) {
                value = feel::Value::null(madang::format("{}: the condition is neither true nor false", boxed.where));
                break;
            }
            value = evaluate(*boxed.parts[truth(condition) != nullptr && *truth(condition) ? 1 : 2].second, names);
            break;
        }
        case Boxed::Kind::filter: value = filter(boxed, names); break;
        case Boxed::Kind::for_in: case Boxed::Kind::every: case Boxed::Kind::some: value = iteration(boxed, names); break;
    }
    // A function's typeRef may be that of its result.
    return value.function() != nullptr ? value : fit(value, boxed.type);
}

// Clause 10.2.1.4: an entry sees those before it; an entry without a name is the result.
feel::Value Run::context(const Boxed& boxed, const feel::Context& names) {
    feel::Context inner = names;
    feel::Context made;
    for (const auto& [name, part] : boxed.parts) {
        feel::Value value = evaluate(*part, inner);
        if (name.empty()) return value;
        inner.set(name, value);
        made.set(name, std::move(value));
    }
    return feel::Value(std::move(made));
}

feel::Value Run::invocation(const Boxed& boxed, const feel::Context& names) {
    const feel::Value target = literal(*boxed.expression, names);
    const feel::Function* function = target.function();
    if (function == nullptr) return feel::Value::null(madang::format("{}: what is invoked is no function", boxed.where));
    feel::List arguments(function->parameters.size());
    for (const auto& [name, part] : boxed.parts) {
        const auto place = std::ranges::find(function->parameters, name);
        if (place == function->parameters.end()) return feel::Value::null(madang::format("{}: there is no parameter \"{}\"", boxed.where, name));
        if (part) arguments[static_cast<std::size_t>(place - function->parameters.begin())] = evaluate(*part, names);
    }
    feel::Evaluation evaluation(budget_);
    return evaluation.call(*function, arguments);
}

// Clause 10.2.1.8; also of a business knowledge model, which may call itself by its name.
feel::Value Run::function(const Boxed& boxed, const feel::Context& names) {
    auto made = std::make_shared<feel::Function>();
    const GraphNode& node = model_->nodes[current_];
    const bool of_model = node.kind == Kind::knowledge && node.body.get() == &boxed;
    made->name = "function";
    made->parameters = boxed.names;
    made->call = [self = std::weak_ptr<const feel::Function>(made), own_name = of_model ? node.name : std::string(),
                  model = model_, at = current_, budget = budget_, body = boxed.parts.back().second, parameters = boxed.parts,
                  parameter_names = boxed.names,
                  captured = names](const feel::List& arguments, feel::Evaluation& evaluation) -> feel::Value {
        if (!evaluation.spend(1)) return feel::Value::null("the expression costs more than it may");
        feel::Context inner = captured;
        if (const auto here = self.lock(); here && !own_name.empty()) inner.set(own_name, feel::Value(feel::Value::Held(here)));
        auto run = std::make_shared<Run>(model, feel::Context(), budget);
        run->current_ = at;
        for (std::size_t i = 0; i < parameter_names.size(); ++i) {
            const feel::Value given = i < arguments.size() ? arguments[i] : feel::Value();
            feel::Value fitted = run->fit(given, parameters[i].first);
            if (fitted.is_null() && !given.is_null()) return fitted;
            inner.set(parameter_names[i], std::move(fitted));
        }
        return run->evaluate(*body, inner);
    };
    return feel::Value(feel::Value::Held(std::shared_ptr<const feel::Function>(std::move(made))));
}

feel::Value Run::relation(const Boxed& boxed, const feel::Context& names) {
    feel::List rows;
    for (const auto& [unused, row] : boxed.parts) {
        feel::Context made;
        for (std::size_t i = 0; i < row->parts.size(); ++i) made.set(boxed.names[i], evaluate(*row->parts[i].second, names));
        rows.emplace_back(std::move(made));
    }
    return feel::Value(std::move(rows));
}

// DMN 1.4 clause 10.2.1.10.
feel::Value Run::filter(const Boxed& boxed, const feel::Context& names) {
    const feel::Value domain = evaluate(*boxed.parts[0].second, names);
    if (domain.is_null()) return domain;
    feel::List kept;
    for (const feel::Value& item : domain.list() == nullptr ? feel::List{domain} : *domain.list()) {
        feel::Context inner = names;
        if (item.context() != nullptr) {
            for (const auto& [name, value] : item.context()->entries()) inner.set(name, value);
        }
        if (item.context() == nullptr || item.context()->find("item") == nullptr) inner.set("item", item);
        const feel::Value keep = evaluate(*boxed.parts[1].second, inner);
        if (truth(keep) == nullptr && !keep.is_null()) return feel::Value::null(madang::format("{}: the condition is neither true nor false", boxed.where));
        if (truth(keep) != nullptr && *truth(keep)) kept.push_back(item);
    }
    return feel::Value(std::move(kept));
}

// DMN 1.4 clause 10.2.1.11.
feel::Value Run::iteration(const Boxed& boxed, const feel::Context& names) {
    const feel::Value domain = evaluate(*boxed.parts[0].second, names);
    if (domain.list() == nullptr) return feel::Value::null(madang::format("{}: an iteration needs a list", boxed.where));
    feel::List results;
    bool unknown = false;
    for (const feel::Value& item : *domain.list()) {
        feel::Context inner = names;
        inner.set(boxed.names.front(), item);
        if (boxed.kind == Boxed::Kind::for_in) inner.set("partial", feel::Value(results));
        feel::Value turn = evaluate(*boxed.parts[1].second, inner);
        if (boxed.kind != Boxed::Kind::for_in) {
            const bool* held = truth(turn);
            if (held != nullptr && *held == (boxed.kind == Boxed::Kind::some)) return feel::Value(*held);
            unknown = unknown || held == nullptr;
        }
        results.push_back(std::move(turn));
    }
    if (boxed.kind == Boxed::Kind::for_in) return feel::Value(std::move(results));
    return unknown ? feel::Value::null("a condition is neither true nor false") : feel::Value(boxed.kind == Boxed::Kind::every);
}

feel::Value Run::table(const Table& table, const feel::Context& names) {
    feel::List inputs;
    for (const Input& input : table.inputs) {
        feel::Value value = literal(input.expression, names);
        if (input.values && !value.is_null()) {
            const feel::Value allowed = feel::matches(*input.values, value, names, budget_);
            if (truth(allowed) == nullptr || !*truth(allowed)) {
                return feel::Value::null(madang::format("the input \"{}\" of the table \"{}\" has a value that is not allowed", input.label, table.id));
            }
        }
        inputs.push_back(std::move(value));
    }
    std::vector<std::vector<feel::Value>> hits;
    for (const Rule& rule : table.rules) {
        bool fits = true;
        for (std::size_t i = 0; fits && i < inputs.size(); ++i) {
            const feel::Value passed = feel::matches(rule.tests[i], inputs[i], names, budget_);
            fits = truth(passed) != nullptr && *truth(passed);
        }
        if (!fits) continue;
        std::vector<feel::Value> values;
        for (std::size_t i = 0; i < rule.entries.size(); ++i) {
            values.push_back(fit(literal(rule.entries[i], names), table.outputs[i].type));
        }
        hits.push_back(std::move(values));
        json::object fired{{"table", table.id}, {"rule", rule.id}};
        if (!rule.article.empty()) fired["article"] = rule.article;
        rules_[current_].push_back(std::move(fired));
        if (table.hit_policy == HitPolicy::first) break;
    }
    if (!hits.empty()) return by_hit_policy(table, hits);
    const bool has_fallback = std::ranges::any_of(table.outputs, [](const Output& output) { return output.fallback.has_value(); });
    if (has_fallback) {
        feel::Context all;
        for (const Output& output : table.outputs) {
            feel::Value value = output.fallback ? literal(*output.fallback, names) : feel::Value();
            if (table.outputs.size() == 1) return value;
            all.set(output.name, std::move(value));
        }
        return feel::Value(std::move(all));
    }
    if (table.hit_policy == HitPolicy::collect && table.aggregation == Aggregation::count) return feel::Value(feel::Number(0));
    const bool lists = table.hit_policy == HitPolicy::rule_order || table.hit_policy == HitPolicy::output_order ||
                       (table.hit_policy == HitPolicy::collect && table.aggregation == Aggregation::none);
    return lists ? feel::Value(feel::List()) : feel::Value::null(madang::format("no rule of the table \"{}\" fits", table.id));
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
    const auto known = known_.find(place);
    if (known != known_.end()) {
        trace["value"] = feel::to_json(known->second);
        if (!known->second.reason().empty()) trace["reason"] = std::string(known->second.reason());
    }
    if (const auto rules = rules_.find(place); rules != rules_.end()) {
        trace["rules"] = rules->second;
        for (const auto& rule : rules->second) {
            if (rule.as_object().contains("article") && !trace.contains("article")) trace["article"] = rule.at("article");
        }
    }
    json::array required;
    for (const std::size_t below : node.requires_information) {
        if (model_->nodes[below].kind == Kind::decision) required.push_back(trace_of(below, told));
    }
    if (!required.empty()) trace["required"] = std::move(required);
    return trace;
}

Result<Outcome> evaluate(const Decisions& decisions, std::string_view decision, const feel::Context& input, const feel::Budget& budget) {
    const Model& model = decisions.model();
    const GraphNode* node = model.find(decision, Kind::decision);
    if (node == nullptr) return fail(Code::not_found, madang::format("{} has no decision \"{}\"", model.file, decision));
    const auto place = static_cast<std::size_t>(node - model.nodes.data());
    const auto run = std::make_shared<Run>(decisions.shared_model(), input, budget);
    Outcome outcome;
    outcome.value = run->decide(place);
    outcome.trace = run->trace_of(place);
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
    Run run(decisions.shared_model(), input, budget);
    Outcome outcome;
    outcome.value = run.serve(static_cast<std::size_t>(node - model.nodes.data()), arguments);
    json::array required;
    for (const std::size_t output : node->outputs) required.push_back(run.trace_of(output));
    outcome.trace = json::object{{"service", node->name}, {"value", feel::to_json(outcome.value)}, {"required", std::move(required)}};
    return outcome;
}

Result<Outcome> evaluate(const Decisions& decisions, std::string_view decision, const json::object& input, const feel::Budget& budget) {
    const feel::Value value = feel::from_json(json::value(input));
    return evaluate(decisions, decision, *value.context(), budget);
}

}  // namespace madang::decision
