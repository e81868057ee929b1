// Loops and multi-instances: BPMN 2.0.2 clauses 13.3.6 and 13.3.7. One token, the body, stands for the
// whole; each instance is an activity that names it as its `outer`.
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "process/detail/run.h"

namespace madang::process {

Result<void> Run::begin_loop(store::Tx& tx, const Activity& activity) {
    const Node& at = node(activity.node);
    Token body{.node = activity.node, .scope = activity.scope, .at = Token::At::body, .job = activity.job, .flow = std::nullopt};
    body.total = -1;
    if (at.loop->multiple) {
        TRY(body.total, count_instances(at, activity.scope, body.items));
    }
    const std::int64_t total = body.total;
    TRY(const std::size_t place, add_token(std::move(body)));
    const Token made = state_.tokens[place];
    TRY_DO(watch_boundaries(activity, made.number));
    if (total == 0) return finish_body(tx, made.number);
    if (!at.loop->multiple && at.loop->test_before) {
        TRY(const bool begins, repeats(made));
        if (!begins) return finish_body(tx, made.number);
    }
    const std::int64_t at_once = at.loop->multiple && !at.loop->sequential ? total : 1;
    for (std::int64_t i = 0; i < at_once; ++i) TRY_DO(push_instance(made));
    return {};
}

// loopCardinality, or one instance for each item of a collection.
Result<std::int64_t> Run::count_instances(const Node& at, std::int64_t scope, json::array& items) {
    const Loop& loop = *at.loop;
    constexpr std::int64_t kMost = 5000;
    if (loop.cardinality) {
        TRY(const feel::Context variables, context(scope, {}));
        TRY(const feel::Value value, evaluate(*loop.cardinality, variables, at, "its cardinality"));
        const json::value number = feel::to_json(value);
        const std::int64_t* count = number.if_int64();
        if (count == nullptr || *count < 0 || *count > kMost) {
            return fail(Code::invalid, format("{}: its cardinality is {}, not a whole number from 0 to {}", where(at), feel::text_of(value), kMost));
        }
        return *count;
    }
    const json::object seen = visible(scope, {});
    const json::value* collection = seen.if_contains(loop.collection);
    const json::array* list = collection == nullptr ? nullptr : collection->if_array();
    if (list == nullptr) return fail(Code::invalid, format("{}: its collection \"{}\" is no list", where(at), loop.collection));
    if (list->size() > static_cast<std::size_t>(kMost)) return fail(Code::exhausted, format("{}: its collection has more than {} items", where(at), kMost));
    items = *list;
    return static_cast<std::int64_t>(items.size());
}

// Instances begin as moves, so that a thousand of them in turn do not nest.
Result<void> Run::push_instance(const Token& body) {
    return push({.node = body.node, .scope = body.scope, .flow = std::nullopt, .job = 0, .outer = body.number});
}

Result<void> Run::begin_instance(store::Tx& tx, std::int64_t number) {
    Token* body = token_of(number);
    if (body == nullptr) return {};
    const Loop& loop = *node(body->node).loop;
    const std::int64_t index = body->started++;
    json::object local;
    local["loopCounter"] = index + 1;
    if (!loop.item.empty()) local[loop.item] = static_cast<std::size_t>(index) < body->items.size() ? body->items[static_cast<std::size_t>(index)] : json::value(nullptr);
    if (!loop.result.empty() && !local.contains(loop.result)) local[loop.result] = nullptr;
    return perform(tx, {.node = body->node, .scope = body->scope, .outer = number, .job = 0, .local = std::move(local)});
}

Result<void> Run::instance_done(store::Tx& tx, const Activity& activity, const json::object& result) {
    Token* body = token_of(activity.outer);
    if (body == nullptr) return {};
    const Node& at = node(activity.node);
    const Loop& loop = *at.loop;
    ++body->completed;
    if (!loop.results.empty()) {
        const json::value* made = activity.local.if_contains(loop.result);
        if (made == nullptr) made = result.if_contains(loop.result);
        const json::value* counter = activity.local.if_contains("loopCounter");
        const auto index = counter != nullptr && counter->is_int64() ? static_cast<std::size_t>(counter->get_int64() - 1) : body->results.size();
        if (body->results.size() <= index) body->results.resize(index + 1);
        body->results[index] = made == nullptr ? json::value(nullptr) : *made;
    }
    const Token now = *body;
    TRY(const bool complete, is_complete(at, now, activity.local));
    bool goes_on = false;
    if (!complete && !loop.multiple) {
        TRY(goes_on, repeats(now));
    } else if (!complete) {
        goes_on = now.completed < now.total;
    }
    const bool begins = goes_on && (loop.sequential || !loop.multiple);
    if (begins) TRY_DO(push_instance(now));
    TRY_DO(throw_behavior(now, activity.local));
    return goes_on ? Result<void>() : finish_body(tx, now.number);
}

json::object Run::numbers_of(const Token& body) const {
    json::object numbers;
    numbers["numberOfInstances"] = node(body.node).loop->sequential ? body.started : std::max<std::int64_t>(body.total, 0);
    numbers["numberOfActiveInstances"] = body.started - body.completed;
    numbers["numberOfCompletedInstances"] = body.completed;
    numbers["numberOfTerminatedInstances"] = body.terminated;
    return numbers;
}

// The completion condition of a multi-instance, asked each time an instance has completed.
Result<bool> Run::is_complete(const Node& at, const Token& body, const json::object& local) {
    const Loop& loop = *at.loop;
    if (!loop.multiple || !loop.condition) return false;
    json::object seen = numbers_of(body);
    for (const auto& [name, value] : local) seen[name] = value;
    TRY(const feel::Context variables, context(body.scope, seen));
    return is_true(*loop.condition, variables, at, "its completion condition");
}

// Clause 10.3.9, Table 10.30: events that completing instances throw to the border of the activity. They do
// not interrupt it: with behavior "None" each instance is to throw one.
Result<void> Run::throw_behavior(const Token& body, const json::object& local) {
    const Node& at = node(body.node);
    const Loop& loop = *at.loop;
    if (loop.behavior == Loop::Behavior::all || (loop.behavior == Loop::Behavior::one && body.completed != 1)) return {};
    for (const Loop::Thrown& thrown : loop.thrown) {
        if (thrown.when) {
            json::object seen = numbers_of(body);
            for (const auto& [name, value] : local) seen[name] = value;
            TRY(const feel::Context variables, context(body.scope, seen));
            TRY(const bool holds, is_true(*thrown.when, variables, at, "the condition of its behavior"));
            if (!holds) continue;
        }
        if (const auto event = boundary_for(at, thrown.trigger.kind, thrown.trigger.name)) TRY_DO(leave_boundary(*event, body.scope, {}));
    }
    return {};
}

Result<void> Run::finish_body(store::Tx& tx, std::int64_t number) {
    const Token body = *token_of(number);
    const Node& at = node(body.node);
    cancel_token(number);   // with the instances that its completion condition ends
    if (!at.loop->results.empty()) TRY_DO(set_variables(at, body.scope, nullptr, json::object{{at.loop->results, body.results}}));
    return leave_activity(tx, {.node = body.node, .scope = body.scope, .outer = 0, .job = body.job, .local = {}});
}

// Clause 13.3.6 (Loop): whether it is done once more.
Result<bool> Run::repeats(const Token& body) {
    const Node& at = node(body.node);
    const Loop& loop = *at.loop;
    if (loop.maximum && body.completed >= *loop.maximum) return false;
    if (!loop.condition) return true;
    json::object local;
    local["loopCounter"] = body.completed;
    TRY(const feel::Context variables, context(body.scope, local));
    return is_true(*loop.condition, variables, at, "its loop condition");
}

}  // namespace madang::process
