// Boxed expressions, evaluated. Clause 10.2.
#include <algorithm>

#include "base/text.h"
#include "decision/detail/run.h"

namespace madang::decision {
namespace {

constexpr int kWeight = 5;   // they nest as nodes of FEEL do, and take more of the stack

const bool* truth(const feel::Value& value) { return value.as<bool>(); }

}  // namespace

feel::Value Run::evaluate(const Boxed& boxed, const feel::Scope& scope) {
    feel::Value out;
    const feel::Value& found = evaluate(boxed, scope, out);
    return &found == &out ? std::move(out) : found;
}

const feel::Value& Run::evaluate(const Boxed& boxed, const feel::Scope& scope, feel::Value& out) {
    const feel::Evaluation::Level level(evaluation_, kWeight);
    if (level.too_deep()) return out = feel::Value::null("expressions are nested too deep");
    if (boxed.kind == Boxed::Kind::literal) {
        feel::Value made;
        const feel::Value& value = evaluation_.evaluate(boxed.expression->program(), scope, made);
        // A function's typeRef may be that of its result.
        const feel::Value& fitted = value.function() != nullptr ? value : fit(value, boxed.type, out);
        return &fitted == &made ? out = std::move(made) : fitted;
    }
    feel::Value value;
    switch (boxed.kind) {
        case Boxed::Kind::literal: break;
        case Boxed::Kind::table: value = table(*boxed.table, scope); break;
        case Boxed::Kind::context: value = context(boxed, scope); break;
        case Boxed::Kind::invocation: value = invocation(boxed, scope); break;
        case Boxed::Kind::function: value = function(boxed, scope); break;
        case Boxed::Kind::list: {
            feel::List items;
            for (const auto& [name, part] : boxed.parts) items.push_back(evaluate(*part, scope));
            value = feel::Value(std::move(items));
            break;
        }
        case Boxed::Kind::relation: value = relation(boxed, scope); break;
        case Boxed::Kind::conditional: value = conditional(boxed, scope); break;
        case Boxed::Kind::filter: value = filter(boxed, scope); break;
        case Boxed::Kind::for_in: case Boxed::Kind::every: case Boxed::Kind::some: value = iteration(boxed, scope); break;
    }
    if (value.function() != nullptr) return out = std::move(value);
    const feel::Value& fitted = fit(value, boxed.type, out);
    return &fitted == &value ? out = std::move(value) : fitted;
}

feel::Value Run::conditional(const Boxed& boxed, const feel::Scope& scope) {
    const feel::Value condition = evaluate(*boxed.parts[0].second, scope);
    if (truth(condition) == nullptr && !condition.is_null()) {
        return feel::Value::null(madang::format("{}: the condition is neither true nor false", boxed.where));
    }
    return evaluate(*boxed.parts[truth(condition) != nullptr && *truth(condition) ? 1 : 2].second, scope);
}

// Clause 10.2.1.4: an entry sees those before it; an entry without a name is the result.
feel::Value Run::context(const Boxed& boxed, const feel::Scope& scope) {
    std::vector<feel::Value> values(boxed.parts.size());
    std::vector<feel::Binding> names;
    names.reserve(boxed.parts.size());
    feel::Context made;
    for (std::size_t i = 0; i < boxed.parts.size(); ++i) {
        const auto& [name, part] = boxed.parts[i];
        values[i] = evaluate(*part, feel::Scope{&scope, nullptr, names});
        if (name.empty()) return values[i];
        names.push_back({name, &values[i]});
        made.set(name, values[i]);
    }
    return feel::Value(std::move(made));
}

feel::Value Run::invocation(const Boxed& boxed, const feel::Scope& scope) {
    const feel::Value target = evaluation_.evaluate(boxed.expression->program(), scope);
    const feel::Function* function = target.function();
    if (function == nullptr) return feel::Value::null(madang::format("{}: what is invoked is no function", boxed.where));
    feel::List arguments(function->parameters.size());
    for (const auto& [name, part] : boxed.parts) {
        const auto place = std::ranges::find(function->parameters, name);
        if (place == function->parameters.end()) return feel::Value::null(madang::format("{}: there is no parameter \"{}\"", boxed.where, name));
        if (part) arguments[static_cast<std::size_t>(place - function->parameters.begin())] = evaluate(*part, scope);
    }
    return evaluation_.call(*function, arguments);
}

// Clause 10.2.1.8; also of a business knowledge model, which may call itself by its name.
feel::Value Run::function(const Boxed& boxed, const feel::Scope& scope) {
    auto made = std::make_shared<feel::Function>();
    const GraphNode& node = model_->nodes[current_];
    const bool of_model = node.kind == GraphNode::Kind::knowledge && node.body.get() == &boxed;
    made->name = "function";
    made->parameters = boxed.names;
    made->call = [self = std::weak_ptr<const feel::Function>(made), own_name = of_model ? node.name : std::string(), model = model_, at = current_,
                  budget = budget_, body = boxed.parts.back().second, parameters = boxed.parts, parameter_names = boxed.names,
                  captured = feel::flatten(scope)](const feel::List& arguments, feel::Evaluation& evaluation) -> feel::Value {
        if (!evaluation.spend(1)) return feel::Value::null(std::string(feel::kSpent));
        const feel::Context nothing;
        const auto run = std::make_unique<Run>(model, nothing, budget, Traced::no);
        run->stand_at(at);
        std::vector<feel::Value> values(parameter_names.size() + 1);
        std::vector<feel::Binding> names;
        names.reserve(values.size());
        if (const auto here = self.lock(); here && !own_name.empty()) {
            values.back() = feel::Value(feel::Value::Held(here));
            names.push_back({own_name, &values.back()});
        }
        for (std::size_t i = 0; i < parameter_names.size(); ++i) {
            const feel::Value given = i < arguments.size() ? arguments[i] : feel::Value();
            const feel::Value& fitted = run->fit(given, parameters[i].first, values[i]);
            if (&fitted != &values[i]) values[i] = fitted;
            if (values[i].is_null() && !given.is_null()) return values[i];
            names.push_back({parameter_names[i], &values[i]});
        }
        return run->evaluate(*body, feel::Scope{nullptr, &captured, names});
    };
    return feel::Value(feel::Value::Held(std::shared_ptr<const feel::Function>(std::move(made))));
}

feel::Value Run::relation(const Boxed& boxed, const feel::Scope& scope) {
    feel::List rows;
    for (const auto& [unused, row] : boxed.parts) {
        feel::Context made;
        for (std::size_t i = 0; i < row->parts.size(); ++i) made.set(boxed.names[i], evaluate(*row->parts[i].second, scope));
        rows.emplace_back(std::move(made));
    }
    return feel::Value(std::move(rows));
}

// DMN 1.4 clause 10.2.1.10.
feel::Value Run::filter(const Boxed& boxed, const feel::Scope& scope) {
    const feel::Value domain = evaluate(*boxed.parts[0].second, scope);
    if (domain.is_null()) return domain;
    const feel::List single = domain.list() == nullptr ? feel::List{domain} : feel::List();
    feel::List kept;
    for (const feel::Value& item : domain.list() == nullptr ? single : *domain.list()) {
        const feel::Binding binding{"item", &item};
        const bool named = item.context() == nullptr || item.context()->find("item") == nullptr;
        const feel::Scope inner{&scope, item.context(), named ? std::span(&binding, 1) : std::span<const feel::Binding>()};
        const feel::Value keep = evaluate(*boxed.parts[1].second, inner);
        if (truth(keep) == nullptr && !keep.is_null()) return feel::Value::null(madang::format("{}: the condition is neither true nor false", boxed.where));
        if (truth(keep) != nullptr && *truth(keep)) kept.push_back(item);
    }
    return feel::Value(std::move(kept));
}

// DMN 1.4 clause 10.2.1.11.
feel::Value Run::iteration(const Boxed& boxed, const feel::Scope& scope) {
    const feel::Value domain = evaluate(*boxed.parts[0].second, scope);
    if (domain.list() == nullptr) return feel::Value::null(madang::format("{}: an iteration needs a list", boxed.where));
    const bool collects = boxed.kind == Boxed::Kind::for_in;
    feel::List results;
    bool unknown = false;
    for (const feel::Value& item : *domain.list()) {
        const feel::Value before = collects ? feel::Value(results) : feel::Value();
        const std::array<feel::Binding, 2> names{{{"partial", &before}, {boxed.names.front(), &item}}};
        const feel::Scope inner{&scope, nullptr, std::span(names).subspan(collects ? 0 : 1)};
        feel::Value turn = evaluate(*boxed.parts[1].second, inner);
        if (!evaluation_.spend(collects ? results.size() + 1 : 1)) return feel::Value::null(std::string(feel::kSpent));
        if (!collects) {
            const bool* held = truth(turn);
            if (held != nullptr && *held == (boxed.kind == Boxed::Kind::some)) return feel::Value(*held);
            unknown = unknown || held == nullptr;
            continue;
        }
        results.push_back(std::move(turn));
    }
    if (collects) return feel::Value(std::move(results));
    return unknown ? feel::Value::null("a condition is neither true nor false") : feel::Value(boxed.kind == Boxed::Kind::every);
}

}  // namespace madang::decision
