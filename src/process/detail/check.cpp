#include "process/detail/check.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace madang::process {
namespace {

enum class Direction { forward, backward };

// Where a token may go from a node, or come from: a boundary event is reached through its activity.
std::vector<std::size_t> beside(const Definition& definition, std::size_t place, Direction direction) {
    const Node& node = definition.nodes[place];
    std::vector<std::size_t> found;
    if (direction == Direction::forward) {
        for (const std::size_t flow : node.outgoing) found.push_back(definition.flows[flow].target);
        found.insert(found.end(), node.boundaries.begin(), node.boundaries.end());
        if (node.handler) found.push_back(*node.handler);
    } else {
        for (const std::size_t flow : node.incoming) found.push_back(definition.flows[flow].source);
        if (node.attached_to) found.push_back(*node.attached_to);
    }
    return found;
}

std::vector<bool> reach(const Definition& definition, std::vector<std::size_t> open, Direction direction) {
    std::vector<bool> reached(definition.nodes.size());
    for (const std::size_t place : open) reached[place] = true;
    while (!open.empty()) {
        const std::size_t place = open.back();
        open.pop_back();
        for (const std::size_t next : beside(definition, place, direction)) {
            if (reached[next]) continue;
            reached[next] = true;
            open.push_back(next);
        }
    }
    return reached;
}

// Clauses 10.6.2 and 10.6.3: a split that chooses asks a condition of every flow but the default.
Result<void> check_gateway(const Definition& definition, const Node& node, std::string_view name) {
    if (node.outgoing.empty()) return fail(Code::invalid, where(name, node) + ": no flow leaves the gateway");
    if (node.kind == NodeKind::event_based_gateway) {
        // Clause 10.6.6: several events and receive tasks follow, and nothing else leads to them.
        if (node.outgoing.size() < 2) return fail(Code::invalid, where(name, node) + ": it chooses between two events or more");
        for (const std::size_t flow : node.outgoing) {
            const Node& target = definition.nodes[definition.flows[flow].target];
            const bool catches = target.kind == NodeKind::intermediate_catch_event || target.kind == NodeKind::receive_task;
            if (!catches || target.incoming.size() != 1) {
                return fail(Code::invalid, format("{}: after it comes an event or receive task of its own, not \"{}\"", where(name, node), target.id));
            }
        }
        return {};
    }
    if ((node.kind != NodeKind::exclusive_gateway && node.kind != NodeKind::inclusive_gateway) || node.outgoing.size() == 1) return {};
    for (const std::size_t flow : node.outgoing) {
        if (definition.flows[flow].condition || node.default_flow == flow) continue;
        return fail(Code::invalid, format("{}: the flow \"{}\" has no condition and is not the default", where(name, node), definition.flows[flow].id));
    }
    return {};
}

// Clauses 10.3.5 and 10.5.2: how a process, a sub-process and an event sub-process begin.
Result<void> check_start(const Definition& definition, const Scope& scope, std::string_view name) {
    std::size_t plain = 0;
    std::size_t triggered = 0;
    for (const std::size_t place : scope.nodes) {
        const Node& node = definition.nodes[place];
        if (node.kind != NodeKind::start_event) continue;
        if (node.outgoing.empty()) return fail(Code::invalid, where(name, node) + ": no flow leaves the start event");
        ++(node.triggers.empty() ? plain : triggered);
        if (scope.node && node.triggers.empty() && plain > 1) return fail(Code::invalid, where(name, node) + ": a second start event; a sub-process has one");
    }
    if (!scope.node) return {};
    const Node& container = definition.nodes[*scope.node];
    if (container.kind == NodeKind::event_sub_process && (plain != 0 || triggered != 1)) {
        return fail(Code::invalid, where(name, container) + ": an event sub-process has one start event with a trigger");
    }
    if (container.kind == NodeKind::ad_hoc_sub_process && plain + triggered != 0) {
        return fail(Code::invalid, where(name, container) + ": an ad-hoc sub-process has no start event");
    }
    return {};
}

// Clause 10.5.3: where there is a start event there is an end event, and the other way round.
Result<void> check_ends(const Definition& definition, const Scope& scope, std::string_view name) {
    const Node* start = nullptr;
    const Node* end = nullptr;
    bool has_activity = false;
    for (const std::size_t place : scope.nodes) {
        const Node& node = definition.nodes[place];
        if (node.kind == NodeKind::start_event) start = &node;
        if (node.kind == NodeKind::end_event) end = &node;
        has_activity = has_activity || is_activity(node.kind);
    }
    if (start != nullptr && end == nullptr) return fail(Code::invalid, where(name, *start) + ": with a start event there is an end event beside it");
    if (end != nullptr && start == nullptr) return fail(Code::invalid, where(name, *end) + ": with an end event there is a start event beside it");
    // Clause 10.3.5: an ad-hoc sub-process holds an activity.
    const bool ad_hoc = scope.node && definition.nodes[*scope.node].kind == NodeKind::ad_hoc_sub_process;
    if (ad_hoc && !has_activity) return fail(Code::invalid, where(name, definition.nodes[*scope.node]) + ": an ad-hoc sub-process holds an activity");
    return {};
}

bool has_trigger(const Node& node, TriggerKind kind) {
    return std::ranges::any_of(node.triggers, [&](const Trigger& trigger) { return trigger.kind == kind; });
}

// Clauses 10.5.3, 10.5.4 and 10.5.6: what an event is connected with, and where it may stand.
Result<void> check_event(const Definition& definition, const Node& node, std::string_view name) {
    const auto refuse = [&](std::string_view why) { return fail(Code::invalid, format("{}: {}", where(name, node), why)); };
    const bool link = has_trigger(node, TriggerKind::link);
    const bool catches = node.kind == NodeKind::intermediate_catch_event;
    const bool throws = node.kind == NodeKind::intermediate_throw_event;
    if ((catches || throws) && node.incoming.empty()) return refuse("no flow leads into the event");
    if ((catches || throws) && node.outgoing.empty()) return refuse("no flow leaves the event");
    if (link && catches && std::ranges::any_of(node.incoming, [&](std::size_t flow) { return !definition.flows[flow].id.starts_with("link:"); })) {
        return refuse("a catching link event has no sequence flow in");
    }
    if (node.kind == NodeKind::boundary_event && !has_trigger(node, TriggerKind::compensation) && node.outgoing.empty()) return refuse("no flow leaves the event");
    if (has_trigger(node, TriggerKind::cancel)) {
        const auto& around = definition.scopes[node.scope].node;
        const bool of_transaction = node.kind == NodeKind::boundary_event ? definition.nodes[*node.attached_to].kind == NodeKind::transaction
                                                                          : around && definition.nodes[*around].kind == NodeKind::transaction;
        if (!of_transaction) return refuse("only a transaction is cancelled");
    }
    if ((throws || node.kind == NodeKind::end_event) && has_trigger(node, TriggerKind::escalation)) {
        for (const Trigger& trigger : node.triggers) {
            if (trigger.kind == TriggerKind::escalation && trigger.name.empty()) return refuse("it must name the code of its escalation");
        }
    }
    return {};
}

// Where tokens may begin in a scope, with and without a trigger.
std::vector<std::size_t> beginnings(const Definition& definition, const Scope& scope) {
    std::vector<std::size_t> found = scope.entries;
    for (const std::size_t place : scope.nodes) {
        const Node& node = definition.nodes[place];
        if (node.kind == NodeKind::start_event || node.kind == NodeKind::event_sub_process || node.for_compensation || node.instantiates) found.push_back(place);
    }
    return found;
}

Result<void> check_scope(const Definition& definition, const Scope& scope, std::string_view name) {
    TRY_DO(check_start(definition, scope, name));
    std::vector<std::size_t> ends;   // an activity without a way out is one too: clause 13.3.2
    for (const std::size_t place : scope.nodes) {
        const Node& node = definition.nodes[place];
        if (is_gateway(node.kind)) TRY_DO(check_gateway(definition, node, name));
        if (is_event(node.kind)) TRY_DO(check_event(definition, node, name));
        if (node.outgoing.empty()) ends.push_back(place);
        const bool compensates = node.kind == NodeKind::boundary_event && node.triggers[0].kind == TriggerKind::compensation;
        if (compensates && !node.handler) return fail(Code::invalid, where(name, node) + ": no association leads to the activity that compensates");
        if (compensates && !node.outgoing.empty()) return fail(Code::invalid, where(name, node) + ": a compensation event has no sequence flow; an association leads to its handler");
    }
    const std::vector<bool> started = reach(definition, beginnings(definition, scope), Direction::forward);
    const std::vector<bool> ending = reach(definition, ends, Direction::backward);
    for (const std::size_t place : scope.nodes) {
        const Node& node = definition.nodes[place];
        if (!started[place]) return fail(Code::invalid, where(name, node) + ": no way leads here from the start event");
        if (!ending[place]) return fail(Code::invalid, where(name, node) + ": no way leads from here to an end");
    }
    return check_ends(definition, scope, name);
}

}  // namespace

std::string where(std::string_view name, const Node& node) {
    return format("{}:{}: <{} id=\"{}\">", name, node.line, name_of(node.kind), node.id);
}

Result<void> check_graph(const Definition& definition, std::string_view name) {
    if (definition.nodes.empty()) return fail(Code::invalid, format("{}: the process \"{}\" is empty", name, definition.id));
    for (const Scope& scope : definition.scopes) TRY_DO(check_scope(definition, scope, name));
    const Scope& process = definition.scopes.front();
    if (beginnings(definition, process).empty()) return fail(Code::invalid, format("{}: the process \"{}\" has no start", name, definition.id));
    return {};
}

}  // namespace madang::process
