#include "process/detail/reader.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "process/detail/vocabulary.h"

namespace madang::process {
namespace {

constexpr std::size_t kMaxFlows = 4 * kMaxNodes;
constexpr int kMaxScopeDepth = 20;

}  // namespace

Result<Definition> ProcessReader::read(xml::Node process) {
    TRY(definition_.id, place_.id_of(process));
    definition_.name = std::string(xml::attribute(process, "name"));
    definition_.scopes.emplace_back();
    TRY_DO(read_scope(process, 0, 0));
    TRY_DO(link());
    return std::move(definition_);
}

// As a process of this one node.
Result<Definition> ProcessReader::read_global_task(xml::Node task, NodeKind kind) {
    TRY(definition_.id, place_.id_of(task));
    definition_.name = std::string(xml::attribute(task, "name"));
    definition_.scopes.emplace_back();
    TRY_DO(add_node(task, kind, 0, 0));
    TRY_DO(link());
    return std::move(definition_);
}

Result<void> ProcessReader::read_scope(xml::Node container, std::size_t scope, int depth) {
    if (depth > kMaxScopeDepth) return place_.too_many(container, format("{} sub-processes within each other", kMaxScopeDepth));
    for (xml::Node node = container.first_child(); node; node = node.next_sibling()) {
        if (!is_element(node)) continue;
        TRY_DO(place_.check_element(node));
        TRY_DO(read_member(node, scope, depth));
    }
    return {};
}

Result<void> ProcessReader::read_member(xml::Node element, std::size_t scope, int depth) {
    const std::string_view name = xml::namespace_of(element) == kBpmnNamespace ? xml::local_name(element) : std::string_view();
    if (name == "sequenceFlow") {
        if (flow_elements_.size() >= kMaxFlows) return place_.too_many(element, format("{} sequence flows", kMaxFlows));
        flow_elements_.emplace_back(element, scope);
        return {};
    }
    if (name == "association") {
        associations_.push_back(element);
        return {};
    }
    if (name == "laneSet") return read_lanes(element, 0);
    if (name == "dataObject" || name == "property" || name == "dataObjectReference") return read_data(element, scope);
    if (const auto kind = kind_of(element)) return add_node(element, *kind, scope, depth);
    if (is_drawing(element) || (scope != 0 && is_known_in_node(element))) return {};
    return place_.unsupported(element, words_for(element));
}

// Clause 10.8 (Lanes): the innermost lane that holds a node says who does it, where nothing nearer does.
Result<void> ProcessReader::read_lanes(xml::Node lanes, int depth) {
    if (depth > kMaxScopeDepth) return place_.too_many(lanes, format("{} lanes within each other", kMaxScopeDepth));
    for (xml::Node lane = lanes.first_child(); lane; lane = lane.next_sibling()) {
        if (!xml::is(lane, kBpmnNamespace, "lane")) continue;
        TRY_DO(place_.check_element(lane));
        const std::string_view name = xml::attribute(lane, "name");
        for (xml::Node below = lane.first_child(); below; below = below.next_sibling()) {
            if (xml::is(below, kBpmnNamespace, "flowNodeRef")) {
                lanes_[std::string(without_prefix(xml::text_of(below)))] = std::string(name.empty() ? xml::attribute(lane, "id") : name);
            }
        }
        if (const xml::Node inner = xml::child(lane, kBpmnNamespace, "childLaneSet")) TRY_DO(read_lanes(inner, depth + 1));
    }
    return {};
}

Result<void> ProcessReader::add_node(xml::Node element, NodeKind kind, std::size_t scope, int depth) {
    if (definition_.nodes.size() >= kMaxNodes) return place_.too_many(element, format("{} nodes", kMaxNodes));
    Node node;
    TRY(node.id, place_.id_of(element));
    node.name = std::string(xml::attribute(element, "name"));
    node.line = place_.line_of(element);
    node.scope = scope;
    node.kind = kind;
    if (kind == NodeKind::sub_process) {
        TRY(const bool by_event, place_.truth(element, "triggeredByEvent", false));
        if (by_event) node.kind = NodeKind::event_sub_process;
    }
    const std::size_t place = definition_.nodes.size();
    if (!definition_.places.emplace(node.id, place).second) return place_.refuse(element, "the id stands twice in the file");
    definition_.nodes.push_back(std::move(node));
    definition_.scopes[scope].nodes.push_back(place);
    elements_.push_back(element);
    if (!is_sub_process(kind)) return {};
    const std::size_t inner = definition_.scopes.size();
    definition_.scopes.emplace_back().node = place;
    definition_.nodes[place].inner = inner;
    return read_scope(element, inner, depth + 1);
}

// Clause 10.4.1 (Item-Aware Elements): a variable by the element's name, else by its id.
Result<void> ProcessReader::read_data(xml::Node element, std::size_t scope) {
    const std::string_view id = xml::attribute(element, "id");
    if (xml::local_name(element) == "dataObjectReference") {
        data_[std::string(id)] = '\0' + std::string(without_prefix(xml::attribute(element, "dataObjectRef")));   // found when all are read
        return {};
    }
    const std::string_view name = xml::attribute(element, "name");
    const std::string variable(name.empty() ? id : name);
    if (variable.empty()) return place_.refuse(element, "it has neither a name nor an id");
    data_[std::string(id)] = variable;
    definition_.scopes[scope].data.push_back(variable);
    return {};
}

// What refers to other elements, once all are known.
Result<void> ProcessReader::link() {
    for (auto& [id, variable] : data_) {
        if (!variable.starts_with('\0')) continue;
        const auto target = data_.find(std::string_view(variable).substr(1));
        variable = target == data_.end() || target->second.starts_with('\0') ? id : target->second;
    }
    for (std::size_t place = 0; place < elements_.size(); ++place) {
        Node& node = definition_.nodes[place];
        const xml::Node element = elements_[place];
        TRY_DO(read_extensions(element, node));
        if (is_event(node.kind)) TRY_DO(read_event(element, node));
        if (is_activity(node.kind)) TRY_DO(read_activity(element, node));
        if (is_gateway(node.kind)) TRY_DO(read_gateway(element, node));
    }
    for (const auto& [element, scope] : flow_elements_) TRY_DO(read_flow(element, scope));
    TRY_DO(join_links());
    for (std::size_t place = 0; place < elements_.size(); ++place) TRY_DO(link_node(elements_[place], place));
    for (const xml::Node association : associations_) TRY_DO(read_association(association));
    find_entries();
    return {};
}

// Clause 8.4.13 (Sequence Flow).
Result<void> ProcessReader::read_flow(xml::Node element, std::size_t scope) {
    Flow flow;
    TRY(flow.id, place_.id_of(element));
    flow.name = std::string(xml::attribute(element, "name"));
    TRY(flow.source, end_of(element, "sourceRef"));
    TRY(flow.target, end_of(element, "targetRef"));
    Node& source = definition_.nodes[flow.source];
    Node& target = definition_.nodes[flow.target];
    if (source.scope != scope || target.scope != scope) return place_.refuse(element, "a sequence flow does not cross the border of a sub-process");
    // Clauses 10.5.2 to 10.5.4: a start and a boundary event have no way in, an end none out.
    if (target.kind == NodeKind::start_event || target.kind == NodeKind::boundary_event) {
        return place_.refuse(element, format("it leads into a {}", target.kind == NodeKind::start_event ? "start event" : "boundary event"));
    }
    if (source.kind == NodeKind::end_event) return place_.refuse(element, "it leaves an end event");
    for (const Node* end : {&source, &target}) {
        if (end->kind == NodeKind::event_sub_process) return place_.refuse(element, "an event sub-process has no sequence flow");
        if (end->for_compensation) return place_.refuse(element, "an activity for compensation has no sequence flow");
    }
    TRY_DO(read_condition(element, flow));
    // Clause 8.4.13, Table 8.60: an executable process has no flow on which something may come between.
    TRY(const bool immediate, place_.truth(element, "isImmediate", true));
    if (!immediate) return place_.refuse(element, "a flow that is not immediate cannot be run");
    const std::size_t place = definition_.flows.size();
    if (definition_.places.contains(flow.id) || !flows_.emplace(flow.id, place).second) return place_.refuse(element, "the id stands twice in the file");
    source.outgoing.push_back(place);
    target.incoming.push_back(place);
    definition_.flows.push_back(std::move(flow));
    return {};
}

Result<void> ProcessReader::read_condition(xml::Node element, Flow& flow) const {
    for (xml::Node node = element.first_child(); node; node = node.next_sibling()) {
        if (!is_element(node)) continue;
        TRY_DO(place_.check_element(node));
        if (!xml::is(node, kBpmnNamespace, "conditionExpression")) {
            if (is_known_in_node(node)) continue;
            return place_.unsupported(element, words_for(node));
        }
        if (flow.condition) return place_.refuse(element, "it has two conditions");
        TRY(flow.condition, place_.expression(node, "its condition"));
    }
    const NodeKind kind = definition_.nodes[flow.source].kind;
    // Clause 8.4.13: conditions stand after activities, exclusive, inclusive and complex gateways.
    if (flow.condition && (is_event(kind) || kind == NodeKind::event_based_gateway)) {
        return place_.refuse(element, format("a flow out of a {} has no condition", name_of(kind)));
    }
    // Clause 13.4.1: a parallel gateway takes every way; a condition there says nothing.
    if (kind == NodeKind::parallel_gateway) flow.condition.reset();
    return {};
}

// Clause 10.5.5 (Link Event): a throwing link goes on at the catching one of its name, in the same scope.
Result<void> ProcessReader::join_links() {
    const auto link_name = [](const Node& node) -> const std::string* {
        if (node.triggers.size() != 1 || node.triggers[0].kind != TriggerKind::link) return nullptr;
        return &node.triggers[0].name;
    };
    for (std::size_t place = 0; place < definition_.nodes.size(); ++place) {
        const Node& thrower = definition_.nodes[place];
        const std::string* name = thrower.kind == NodeKind::intermediate_throw_event ? link_name(thrower) : nullptr;
        if (name == nullptr) continue;
        std::optional<std::size_t> target;
        for (const std::size_t other : definition_.scopes[thrower.scope].nodes) {
            const Node& catcher = definition_.nodes[other];
            const std::string* caught = catcher.kind == NodeKind::intermediate_catch_event ? link_name(catcher) : nullptr;
            if (caught == nullptr || *caught != *name) continue;
            if (target) return place_.refuse(elements_[other], format("a second catching link event \"{}\" in one scope", shown(*name)));
            target = other;
        }
        if (!target) return place_.refuse(elements_[place], format("no link event of its scope catches \"{}\"", shown(*name)));
        if (!thrower.outgoing.empty()) return place_.refuse(elements_[place], "a throwing link event has no sequence flow out");
        const std::size_t flow = definition_.flows.size();
        definition_.flows.push_back({"link:" + thrower.id, *name, place, *target, std::nullopt});
        definition_.nodes[place].outgoing.push_back(flow);
        definition_.nodes[*target].incoming.push_back(flow);
    }
    return {};
}

Result<void> ProcessReader::link_node(xml::Node element, std::size_t place) {
    Node& node = definition_.nodes[place];
    TRY_DO(order_outgoing(element, node));
    TRY_DO(link_default(element, node));
    if (is_gateway(node.kind)) TRY_DO(check_direction(element, node));
    if (node.kind == NodeKind::boundary_event) TRY_DO(link_boundary(element, place));
    for (std::size_t at = 0; at < node.triggers.size(); ++at) {
        Trigger& trigger = node.triggers[at];
        if (trigger.kind != TriggerKind::compensation || trigger.name.empty()) continue;
        trigger.activity = definition_.place_of(trigger.name);
        if (!trigger.activity || !is_activity(definition_.nodes[*trigger.activity].kind)) {
            return place_.refuse(element, format("its activityRef \"{}\" is no activity of this process", shown(trigger.name)));
        }
    }
    return {};
}

// Clause 10.6.1, Table 10.98.
Result<void> ProcessReader::check_direction(xml::Node element, const Node& node) const {
    const std::string_view direction = xml::attribute(element, "gatewayDirection");
    const bool many_in = node.incoming.size() > 1;
    const bool many_out = node.outgoing.size() > 1;
    if (direction.empty() || direction == "Unspecified") return {};
    if (direction == "Converging" && (!many_in || many_out)) return place_.refuse(element, "a converging gateway has several flows in and one out");
    if (direction == "Diverging" && (many_in || !many_out)) return place_.refuse(element, "a diverging gateway has one flow in and several out");
    if (direction == "Mixed" && (!many_in || !many_out)) return place_.refuse(element, "a mixed gateway has several flows in and several out");
    return {};
}

Result<void> ProcessReader::link_default(xml::Node element, Node& node) {
    const std::string_view reference = without_prefix(xml::attribute(element, "default"));
    if (reference.empty()) return {};
    if (is_event(node.kind) || node.kind == NodeKind::parallel_gateway || node.kind == NodeKind::event_based_gateway) {
        return place_.refuse(element, format("a {} has no default flow", name_of(node.kind)));
    }
    const auto found = flows_.find(reference);
    if (found == flows_.end() || std::ranges::find(node.outgoing, found->second) == node.outgoing.end()) {
        return place_.refuse(element, format("its default flow \"{}\" does not leave it", shown(reference)));
    }
    node.default_flow = found->second;
    // Clause 10.3, Table 10.3: a condition of the default flow is ignored.
    definition_.flows[found->second].condition.reset();
    return {};
}

Result<void> ProcessReader::link_boundary(xml::Node element, std::size_t place) {
    const std::string_view reference = without_prefix(xml::attribute(element, "attachedToRef"));
    const auto found = definition_.place_of(reference);
    Node& node = definition_.nodes[place];
    if (!found || !is_activity(definition_.nodes[*found].kind) || definition_.nodes[*found].scope != node.scope) {
        return place_.refuse(element, format("its attachedToRef \"{}\" is no activity beside it", shown(reference)));
    }
    node.attached_to = *found;
    definition_.nodes[*found].boundaries.push_back(place);
    return {};
}

// Clause 10.7 (Compensation): an association leads from a compensation boundary event to its handler.
Result<void> ProcessReader::read_association(xml::Node element) {
    const auto source = definition_.place_of(without_prefix(xml::attribute(element, "sourceRef")));
    const auto target = definition_.place_of(without_prefix(xml::attribute(element, "targetRef")));
    if (!source || !target) return {};
    Node& event = definition_.nodes[*source];
    if (event.kind != NodeKind::boundary_event || event.triggers.empty() || event.triggers[0].kind != TriggerKind::compensation) return {};
    if (!definition_.nodes[*target].for_compensation) return place_.refuse(element, "it leads from a compensation event to an activity that is not for compensation");
    event.handler = *target;
    return {};
}

// Clause 8.4.9 (Flow Node): `outgoing` is an ordered list; a file may leave it out.
Result<void> ProcessReader::order_outgoing(xml::Node element, Node& node) const {
    std::map<std::size_t, std::size_t> rank;
    for (xml::Node listed = element.first_child(); listed; listed = listed.next_sibling()) {
        const bool out = xml::is(listed, kBpmnNamespace, "outgoing");
        if (!out && !xml::is(listed, kBpmnNamespace, "incoming")) continue;
        const std::string reference = xml::text_of(listed);
        const auto found = flows_.find(without_prefix(reference));
        if (found == flows_.end()) return place_.refuse(element, format("there is no flow \"{}\"", shown(reference)));
        const Flow& flow = definition_.flows[found->second];
        const Node& end = definition_.nodes[out ? flow.source : flow.target];
        if (&end != &node) return place_.refuse(element, format("the flow \"{}\" does not {} it", flow.id, out ? "leave" : "reach"));
        if (out) rank.emplace(found->second, rank.size());
    }
    const auto rank_of = [&](std::size_t flow) {
        const auto found = rank.find(flow);
        return std::pair(found == rank.end() ? rank.size() : found->second, flow);
    };
    std::ranges::sort(node.outgoing, {}, rank_of);
    return {};
}

Result<std::size_t> ProcessReader::end_of(xml::Node element, std::string_view reference) const {
    const std::string_view id = xml::attribute(element, reference);
    if (const auto found = definition_.place_of(without_prefix(id))) return *found;
    return place_.refuse(element, format("its {} \"{}\" is no node of this process", reference, shown(id)));
}

// Clauses 10.2 and 13.2: where there is a start event, tokens begin there; else at each node that no flow leads to.
void ProcessReader::find_entries() {
    for (Scope& scope : definition_.scopes) {
        const bool ad_hoc = scope.node && definition_.nodes[*scope.node].kind == NodeKind::ad_hoc_sub_process;
        const bool has_start = std::ranges::any_of(scope.nodes, [&](std::size_t at) { return definition_.nodes[at].kind == NodeKind::start_event; });
        for (const std::size_t place : scope.nodes) {
            const Node& node = definition_.nodes[place];
            if (node.kind == NodeKind::event_sub_process) scope.event_sub_processes.push_back(place);
            const bool begins = has_start && !ad_hoc ? node.kind == NodeKind::start_event && node.triggers.empty()
                                                     : node.incoming.empty() && node.kind != NodeKind::boundary_event &&
                                                           node.kind != NodeKind::event_sub_process && !node.for_compensation && !node.instantiates;
            if (begins) scope.entries.push_back(place);
        }
    }
}

}  // namespace madang::process
