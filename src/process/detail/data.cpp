// Variables: what an expression sees, and where a result goes. BPMN 2.0.2 clause 10.4.
#include <algorithm>

#include "base/text.h"
#include "process/detail/run.h"
#include "process/detail/variables.h"

namespace madang::process {
namespace {

constexpr std::size_t kMaxSteps = 5'000'000;   // of FEEL, in one command

}  // namespace

// Those of the token, of its sub-process, of the one around it, of the process: the nearest counts.
json::object Run::visible(std::int64_t scope, const json::object& local) const {
    json::object seen = local;
    for (std::int64_t at = scope;;) {
        const auto found = std::find_if(state_.scopes.begin(), state_.scopes.end(), [&](const ScopeState& one) { return one.number == at; });
        if (found == state_.scopes.end()) return seen;
        for (const auto& [name, value] : found->variables) {
            if (!seen.contains(name)) seen[name] = value;
        }
        if (found->number == 0) return seen;
        at = found->parent;
    }
}

Result<feel::Context> Run::context(std::int64_t scope, const json::object& local) {
    const auto made = [](const json::object& variables) {
        feel::Context context;
        for (const auto& [key, value] : variables) context.set(std::string(key), feel::from_json(value));
        return context;
    };
    if (scope != 0 || !local.empty()) return made(visible(scope, local));
    if (!root_) root_ = made(state_.scopes.front().variables);
    return *root_;
}

Result<feel::Value> Run::evaluate(const feel::Expression& expression, const feel::Context& variables, const Node& at, std::string_view what) {
    feel::Budget budget;
    budget.clock = &clock_;
    budget.steps = kMaxSteps;
    budget.spent = spent_;
    feel::Value value = feel::evaluate(expression, variables, budget);
    if (value.is_null() && !value.reason().empty()) return fail(Code::invalid, format("{}: {}: {}", where(at), what, value.reason()));
    return value;
}

Result<bool> Run::is_true(const feel::Expression& expression, const feel::Context& variables, const Node& at, std::string_view what) {
    feel::Budget budget;
    budget.clock = &clock_;
    budget.steps = kMaxSteps;
    budget.spent = spent_;
    const feel::Value value = feel::evaluate(expression, variables, budget);
    if (const bool* truth = value.as<bool>()) return *truth;
    const std::string_view reason = value.reason();
    return fail(Code::invalid, format("{}: {} gives {}, not true or false{}{}", where(at), what, feel::type_name(value), reason.empty() ? "" : ": ", reason));
}

// What an activity gets besides what it sees.
Result<json::object> Run::map_inputs(const Node& at, std::int64_t scope, const json::object& local) {
    json::object inputs = local;
    if (at.inputs.empty()) return inputs;
    const json::object seen = visible(scope, local);
    TRY(const feel::Context variables, context(scope, local));
    for (const Mapping& mapping : at.inputs) {
        if (!mapping.value) {
            const json::value* value = seen.if_contains(mapping.source);
            inputs[mapping.target] = value == nullptr ? json::value(nullptr) : *value;
            continue;
        }
        TRY(const feel::Value value, evaluate(*mapping.value, variables, at, format("the input \"{}\"", mapping.target)));
        inputs[mapping.target] = feel::to_json(value);
    }
    return inputs;
}

// Clauses 13.3.2 and 10.4.2: input sets are asked in their order; one whose data is there lets the activity begin.
Result<std::string> Run::missing_input(const Node& at, std::int64_t scope, const json::object& local) {
    if (std::ranges::any_of(at.input_sets, &std::vector<std::string>::empty) || at.input_sets.empty()) return std::string();
    const json::object seen = visible(scope, local);
    TRY(const feel::Context variables, context(scope, local));
    const auto is_there = [&](const std::string& name) {
        return std::ranges::any_of(at.inputs, [&](const Mapping& mapping) {
            if (mapping.target != name) return false;
            if (!mapping.value) {
                const json::value* value = seen.if_contains(mapping.source);
                return value != nullptr && !value->is_null();
            }
            feel::Budget budget;
            budget.clock = &clock_;
            budget.steps = kMaxSteps;
            budget.spent = spent_;
            return !feel::evaluate(*mapping.value, variables, budget).is_null();
        });
    };
    std::string missing;
    for (const std::vector<std::string>& set : at.input_sets) {
        TRY_DO(count_move());
        const auto absent = std::ranges::find_if_not(set, is_there);
        if (absent == set.end()) return std::string();
        if (missing.empty()) missing = *absent;
    }
    return missing;
}

// Clause 10.4.2: an activity that is done has all of one output set. What nobody works on gives nothing.
Result<void> Run::check_outputs(const Node& at, const json::object& local, const json::object& result) const {
    if (at.kind == NodeKind::task || at.kind == NodeKind::manual_task) return {};
    const auto is_there = [&](const std::string& name) {
        const json::value* value = result.if_contains(name);
        if (value == nullptr) value = local.if_contains(name);
        return value != nullptr && !value->is_null();
    };
    std::string missing;
    for (const std::vector<std::string>& set : at.output_sets) {
        const auto absent = std::ranges::find_if_not(set, is_there);
        if (absent == set.end()) return {};
        if (missing.empty()) missing = *absent;
    }
    return missing.empty() ? Result<void>() : fail(Code::invalid, format("{}: it is done without its output \"{}\"", where(at), missing));
}

// What waits for its data, asked when variables have changed.
Result<bool> Run::begin_with_data(store::Tx& tx) {
    for (const Token& one : state_.tokens) {
        if (one.at != Token::At::data) continue;
        TRY(const std::string missing, missing_input(node(one.node), one.scope, one.local));
        if (!missing.empty()) continue;
        const Token token = one;
        remove_token(token.number);
        TRY_DO(perform(tx, {.node = token.node, .scope = token.scope, .outer = token.outer, .job = token.job, .local = token.local}));
        return true;
    }
    return false;
}

// Where outputs are mapped, they alone are taken; else every member of the result becomes a variable.
Result<void> Run::take_result(const Node& at, std::int64_t scope, json::object* local, const json::object& result) {
    if (at.outputs.empty()) return result.empty() ? Result<void>() : set_variables(at, scope, local, result);
    json::object mapped;
    json::object seen = result;
    if (local != nullptr) {
        for (const auto& [name, value] : *local) seen.emplace(name, value);
    }
    TRY(const feel::Context variables, context(scope, seen));
    for (const Mapping& mapping : at.outputs) {
        if (!mapping.value) {
            const json::value* value = seen.if_contains(mapping.source);
            mapped[mapping.target] = value == nullptr ? json::value(nullptr) : *value;
            continue;
        }
        TRY(const feel::Value value, evaluate(*mapping.value, variables, at, format("the output \"{}\"", mapping.target)));
        mapped[mapping.target] = feel::to_json(value);
    }
    return set_variables(at, scope, local, mapped);
}

Result<void> Run::set_variables(const Node& at, std::int64_t scope, json::object* local, const json::object& values) {
    for (const auto& [name, value] : values) {
        if (local != nullptr && local->contains(name)) {
            (*local)[name] = value;
            continue;
        }
        ScopeState* inside = scope_of(scope);
        while (inside != nullptr && inside->number != 0 && !inside->variables.contains(name)) inside = scope_of(inside->parent);
        (inside == nullptr ? state_.scopes.front() : *inside).variables[name] = value;
    }
    root_.reset();
    changed_ = true;
    return check_size(at);
}

Result<void> Run::check_size(const Node& at) const {
    for (const ScopeState& scope : state_.scopes) TRY_DO(within(check_variables(scope.variables), where(at)));
    return {};
}

}  // namespace madang::process
