#include "process/detail/run.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "process/detail/variables.h"

namespace madang::process {

Result<void> Run::load_tokens(store::Reader& reader) {
    TRY(const auto rows, list_tokens(reader, instance_.id));
    const auto changed = [&](std::string_view what, std::string_view id) {
        return fail(Code::conflict, format("process {} stands at {} \"{}\", which its definition does not have any more",
                                           instance_.id.text(), what, id));
    };
    for (const TokenRow& row : rows) {
        const Node* node = definition_.find(row.node);
        if (node == nullptr) return changed("node", row.node);
        Token token{row.number, static_cast<std::size_t>(node - definition_.nodes.data()), std::nullopt};
        if (!row.flow.empty()) {
            const auto flow = std::ranges::find_if(node->incoming, [&](std::size_t at) { return definition_.flows[at].id == row.flow; });
            if (flow == node->incoming.end()) return changed("flow", row.flow);
            token.flow = *flow;
        }
        tokens_.push_back(token);
    }
    return {};
}

// Clause 13.2: a process is instantiated by its start event.
Result<void> Run::begin(store::Tx& tx) {
    moving_.push_back({definition_.start, std::nullopt});
    return run(tx);
}

Result<void> Run::complete(store::Tx& tx, std::int64_t token, const json::object& result) {
    const auto found = std::ranges::find(tokens_, token, &Token::number);
    if (found == tokens_.end() || found->flow) {
        return fail(Code::corrupted, format("process {} has no token {} at a task", instance_.id.text(), token));
    }
    const Node& node = definition_.nodes[found->node];
    tokens_.erase(found);
    note(node, "completed");
    TRY_DO(merge(node, result));
    TRY_DO(leave(node));
    return run(tx);
}

Result<void> Run::run(store::Tx& tx) {
    for (bool goes_on = true; goes_on;) {
        while (!moving_.empty()) {
            const Arrival arrival = moving_.back();
            moving_.pop_back();
            TRY_DO(count_move());
            TRY_DO(enter(tx, arrival));
        }
        TRY(goes_on, join_inclusive());
    }
    return check_not_stuck();
}

Result<void> Run::count_move() {
    if (++moves_ <= kMaxMoves) return {};
    return fail(Code::exhausted, format("process \"{}\": more than {} moves without a wait; it turns in a circle", definition_.id, kMaxMoves));
}

Result<void> Run::enter(store::Tx& tx, const Arrival& arrival) {
    const Node& node = definition_.nodes[arrival.node];
    note(node, "entered");
    switch (node.kind) {
        case NodeKind::start_event:
        case NodeKind::task:
        case NodeKind::exclusive_gateway: return leave(node);
        case NodeKind::end_event: note(node, "ended"); return {};
        case NodeKind::terminate_end_event: terminate(node); return {};
        case NodeKind::user_task: wait_for_task(arrival.node); return {};
        // Clause 13.3.3 (Service Task), (Business Rule Task): invoked when entered.
        case NodeKind::service_task:
            if (node.external) {
                wait_for_task(arrival.node);
                return {};
            }
            TRY_DO(merge(node, host_.run_service(tx, node.operation, instance_.variables)));
            return leave(node);
        case NodeKind::business_rule_task:
            TRY_DO(merge(node, host_.decide(node.decision, instance_.variables)));
            return leave(node);
        case NodeKind::parallel_gateway:
        case NodeKind::inclusive_gateway: return arrive_at_join(arrival);
    }
    return {};
}

// Clause 13.5.6: every other token goes, whatever it waits for.
void Run::terminate(const Node& node) {
    note(node, "ended");
    for (const Token& token : tokens_) note(definition_.nodes[token.node], "ended");
    tokens_.clear();
    moving_.clear();
    new_tasks_.clear();
    terminated_ = true;
}

void Run::wait_for_task(std::size_t place) {
    const Node& node = definition_.nodes[place];
    note(node, "waits");
    tokens_.push_back({next_number(), place, std::nullopt});
    TaskRow row;
    row.token = tokens_.back().number;
    row.task = {make_id<TaskId>(clock_, random_), instance_.id, node.id,       node.name,    node.kind,
                node.role,                        node.form_key, node.operation, clock_.now()};
    new_tasks_.push_back(std::move(row));
}

Result<void> Run::merge(const Node& node, const Result<json::object>& result) {
    if (!result) return fail(result.error().code, format("{}: {}", where(node), result.error().message));
    if (result->empty()) return {};
    for (const auto& [key, value] : *result) instance_.variables[key] = value;
    context_.reset();
    return within(check_variables(instance_.variables), where(node));
}

Result<void> Run::leave(const Node& node) {
    // Clause 13.3.2: an activity without a way out ends its path.
    if (node.outgoing.empty()) {
        note(node, "ended");
        return {};
    }
    if (node.kind == NodeKind::parallel_gateway) return leave_by(node, node.outgoing);
    TRY(const auto flows, node.kind == NodeKind::exclusive_gateway ? first_true(node) : every_true(node));
    return leave_by(node, flows);
}

Result<void> Run::leave_by(const Node& node, const std::vector<std::size_t>& flows) {
    note(node, "left");
    if (tokens_.size() + moving_.size() + flows.size() > kMaxTokens) {
        return fail(Code::exhausted, format("{}: more than {} tokens", where(node), kMaxTokens));
    }
    for (auto flow = flows.rbegin(); flow != flows.rend(); ++flow) moving_.push_back({definition_.flows[*flow].target, *flow});
    return {};
}

// Clause 13.4.2 (Exclusive Gateway): the first condition that holds, in the order of the flows; else the default.
Result<std::vector<std::size_t>> Run::first_true(const Node& node) {
    for (const std::size_t flow : node.outgoing) {
        if (flow == node.default_flow) continue;
        TRY(const bool taken, holds(node, flow));
        if (taken) return std::vector{flow};
    }
    if (node.default_flow) return std::vector{*node.default_flow};
    return fail(Code::invalid, where(node) + ": no condition holds and there is no default flow");
}

// Clauses 13.4.3 (Inclusive Gateway) and 13.3.2 (Activity): all whose condition holds; the default where
// no condition does.
Result<std::vector<std::size_t>> Run::every_true(const Node& node) {
    std::vector<std::size_t> taken;
    bool chosen = false;
    for (const std::size_t flow : node.outgoing) {
        if (flow == node.default_flow) continue;
        TRY(const bool take, holds(node, flow));
        if (take) taken.push_back(flow);
        chosen = chosen || (take && definition_.flows[flow].condition);
    }
    if (!chosen && node.default_flow) taken.push_back(*node.default_flow);
    if (taken.empty()) return fail(Code::invalid, where(node) + ": no condition holds and there is no default flow");
    return taken;
}

// A flow without a condition is always taken. What is neither true nor false is an error, not a no.
Result<bool> Run::holds(const Node& node, std::size_t flow) {
    const auto& condition = definition_.flows[flow].condition;
    if (!condition) return true;
    if (!context_) {
        context_.emplace();
        for (const auto& [key, value] : instance_.variables) context_->set(std::string(key), feel::from_json(value));
    }
    feel::Budget budget;
    budget.clock = &clock_;
    const feel::Value value = feel::evaluate(*condition, *context_, budget);
    if (const bool* truth = value.as<bool>()) return *truth;
    const std::string_view reason = value.reason();
    return fail(Code::invalid, format("{}: the condition of flow \"{}\" gives {}, not true or false{}{}", where(node),
                                      definition_.flows[flow].id, feel::type_name(value), reason.empty() ? "" : ": ", reason));
}

void Run::note(const Node& node, std::string_view what) {
    steps_.push_back({next_number(), {clock_.now(), node.id, std::string(what)}});
}

std::string Run::where(const Node& node) const {
    return format("process \"{}\": <{} id=\"{}\">", definition_.id, name_of(node.kind), node.id);
}

Result<void> Run::save(store::Tx& tx) {
    const Instant now = clock_.now();
    if (tokens_.empty()) {
        instance_.state = terminated_ ? InstanceState::terminated : InstanceState::completed;
        instance_.ended_at = now;
    }
    std::vector<TokenRow> rows;
    rows.reserve(tokens_.size());
    for (const Token& token : tokens_) {
        rows.push_back({token.number, definition_.nodes[token.node].id, token.flow ? definition_.flows[*token.flow].id : std::string()});
    }
    TRY_DO(update_instance(tx, instance_));
    TRY_DO(replace_tokens(tx, instance_.id, rows));
    if (terminated_) TRY_DO(withdraw_open_tasks(tx, instance_.id, now));
    TRY_DO(insert_tasks(tx, new_tasks_));
    return insert_steps(tx, instance_.id, steps_);
}

}  // namespace madang::process
