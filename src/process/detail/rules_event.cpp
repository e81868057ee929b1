// Events by their place and trigger.
#include <algorithm>
#include <array>

#include "process/detail/rules_model.h"

namespace madang::process::rules {
namespace {

// How many of these kinds of definitions the event holds, each kind counted once.
int kinds_defined(const Model& model, const Element& event, std::initializer_list<std::string_view> kinds) {
    return static_cast<int>(std::ranges::count_if(kinds, [&](std::string_view kind) { return defines(model, event, kind); }));
}

int throws_without_code(const Model& model, const Element& event) {
    if (!is_executable(event)) return 0;
    for (const Element* one : event.children) {
        if (one->kind != "escalationEventDefinition") continue;
        const Element* escalation = model.find_attribute(*one, "escalationRef");
        if (escalation == nullptr || attribute(*escalation, "escalationCode").empty()) return 1;
    }
    return 0;
}

int starts_event_sub_process_with_nothing(const Model&, const Element& start) {
    return start.parent != nullptr && is_event_sub_process(*start.parent) && count_event_definitions(start) == 0 ? 1 : 0;
}
int starts_event_sub_process_wrongly(const Model& model, const Element& start) {
    if (start.parent == nullptr || !is_event_sub_process(*start.parent)) return 0;
    int breaches = kinds_defined(model, start, {"linkEventDefinition", "cancelEventDefinition", "terminateEventDefinition"});
    if (attribute(start, "isInterrupting") == "false") breaches += kinds_defined(model, start, {"compensateEventDefinition", "errorEventDefinition"});
    return breaches;
}

int is_referred_elsewhere(const Model& model, const Element& definition) {
    return definition.parent != nullptr && is_one_of(*definition.parent, "endEvent intermediateThrowEvent") &&
                   !model.referring("eventDefinitionRef", definition).empty() ? 1 : 0;
}

int has_incoming(const Model&, const Element& e) { return has(e, "incoming") ? 1 : 0; }
int has_no_incoming(const Model&, const Element& e) { return has(e, "incoming") ? 0 : 1; }
int has_outgoing(const Model&, const Element& e) { return has(e, "outgoing") ? 1 : 0; }
int has_no_outgoing(const Model&, const Element& e) { return has(e, "outgoing") ? 0 : 1; }
int has_no_start_beside(const Model&, const Element& e) { return e.parent != nullptr && has(*e.parent, "startEvent") ? 0 : 1; }
int has_no_end_beside(const Model&, const Element& e) { return e.parent != nullptr && has(*e.parent, "endEvent") ? 0 : 1; }

int starts_process_wrongly(const Model& model, const Element& start) {
    if (start.parent == nullptr || start.parent->kind != "process") return 0;
    return kinds_defined(model, start, {"linkEventDefinition", "escalationEventDefinition", "errorEventDefinition", "cancelEventDefinition",
                                        "compensateEventDefinition", "terminateEventDefinition"});
}

int cannot_be_called(const Model& model, const Element& process) {
    if (model.referring("callActivity", process).empty()) return 0;
    return std::ranges::any_of(process.children, [](const Element* one) { return one->kind == "startEvent" && count_event_definitions(*one) == 0; }) ? 0 : 1;
}

int starts_sub_process_with_trigger(const Model&, const Element& start) {
    return start.parent != nullptr && is_one_of(*start.parent, kSubProcesses) && !is_event_sub_process(*start.parent) &&
                   count_event_definitions(start) > 0 ? 1 : 0;
}

int receives_without_trigger(const Model& model, const Element& start) {
    return !model.flows_into("messageFlow", start).empty() && !defines(model, start, "messageEventDefinition") ? 1 : 0;
}
int sends_without_result(const Model& model, const Element& end) {
    return !model.flows("messageFlow", end).empty() && !defines(model, end, "messageEventDefinition") ? 1 : 0;
}

int cancels_no_transaction(const Model& model, const Element& end) {
    return defines(model, end, "cancelEventDefinition") && ancestor(end, "transaction") == nullptr ? 1 : 0;
}

int has_no_boundary_trigger(const Model&, const Element& boundary) { return count_event_definitions(boundary) == 0 ? 1 : 0; }
int has_wrong_boundary_trigger(const Model& model, const Element& boundary) {
    const bool cancels = attribute(boundary, "cancelActivity") != "false";
    if (defines(model, boundary, "terminateEventDefinition linkEventDefinition")) return 1;
    return !cancels && defines(model, boundary, "errorEventDefinition cancelEventDefinition compensateEventDefinition") ? 1 : 0;
}

int cancels_without_transaction(const Model& model, const Element& boundary) {
    if (!defines(model, boundary, "cancelEventDefinition")) return 0;
    const Element* host = model.find_attribute(boundary, "attachedToRef");
    return host != nullptr && host->kind == "transaction" ? 0 : 1;
}

int leads_nowhere(const Model& model, const Element& boundary) {
    return !has(boundary, "outgoing") && !defines(model, boundary, "compensateEventDefinition") ? 1 : 0;
}
int compensation_flows_on(const Model& model, const Element& boundary) {
    return has(boundary, "outgoing") && defines(model, boundary, "compensateEventDefinition") ? 1 : 0;
}

int is_not_reached(const Model& model, const Element& event) {
    if (has(event, "incoming")) return 0;
    return event.kind == "intermediateCatchEvent" && defines(model, event, "linkEventDefinition") ? 0 : 1;
}
int is_not_left(const Model& model, const Element& event) {
    if (has(event, "outgoing")) return 0;
    return event.kind == "intermediateThrowEvent" && defines(model, event, "linkEventDefinition") ? 0 : 1;
}
int link_has_both_sides(const Model& model, const Element& event) {
    if (!defines(model, event, "linkEventDefinition")) return 0;
    return has(event, event.kind == "intermediateThrowEvent" ? "outgoing" : "incoming") ? 1 : 0;
}

bool names(const Model& model, const Element& link, std::string_view list, const Element& other) {
    return std::ranges::any_of(link.children, [&](const Element* one) { return one->kind == list && model.find(*one, text_of(*one)) == &other; });
}

int link_target_does_not_answer(const Model& model, const Element& link) {
    const Element* name = child(link, "target");
    if (name == nullptr) return 0;
    const Element* target = model.find(*name, text_of(*name));
    return target != nullptr && target->kind == "linkEventDefinition" && names(model, *target, "source", link) ? 0 : 1;
}

bool stands_in(const Element& definition, std::string_view kind) { return definition.parent != nullptr && definition.parent->kind == kind; }

int link_leaves_its_level(const Model& model, const Element& link) {
    const Element* name = child(link, "target");
    if (name == nullptr || !stands_in(link, "intermediateThrowEvent")) return 0;
    for (const Element* other : model.of("linkEventDefinition")) {
        if (other->parent != nullptr && other->parent->parent == link.parent->parent && names(model, *other, "source", link)) return 0;
    }
    return 1;
}

int throw_receives(const Model& model, const Element& event) {
    return defines(model, event, "messageEventDefinition") && !model.flows_into("messageFlow", event).empty() ? 1 : 0;
}
int catch_sends(const Model& model, const Element& event) {
    return defines(model, event, "messageEventDefinition") && !model.flows("messageFlow", event).empty() ? 1 : 0;
}
int catches_compensation(const Model& model, const Element& event) { return defines(model, event, "compensateEventDefinition") ? 1 : 0; }

int condition_is_not_formal(const Model&, const Element& definition) {
    if (!is_executable(definition)) return 0;
    const Element* condition = child(definition, "condition");
    return condition != nullptr && is_formal(*condition) && !text_of(*condition).empty() ? 0 : 1;
}

int link_has_no_source(const Model&, const Element& link) { return stands_in(link, "intermediateCatchEvent") && !has(link, "source") ? 1 : 0; }
int link_has_no_target(const Model&, const Element& link) { return stands_in(link, "intermediateThrowEvent") && count(link, "target") != 1 ? 1 : 0; }

int has_no_message(const Model&, const Element& definition) {
    return is_executable(definition) && attribute(definition, "messageRef").empty() ? 1 : 0;
}
int has_no_operation(const Model&, const Element& definition) { return is_executable(definition) && !has(definition, "operationRef") ? 1 : 0; }

int has_several_times(const Model&, const Element& timer) {
    return count(timer, "timeDate") + count(timer, "timeDuration") + count(timer, "timeCycle") > 1 ? 1 : 0;
}

int has_no_handler(const Model& model, const Element& boundary) {
    return defines(model, boundary, "compensateEventDefinition") && model.flows("association", boundary).empty() ? 1 : 0;
}
int handler_is_not_for_compensation(const Model& model, const Element& boundary) {
    if (!defines(model, boundary, "compensateEventDefinition")) return 0;
    for (const Element* association : model.flows("association", boundary)) {
        const Element* handler = model.find_attribute(*association, "targetRef");
        if (handler != nullptr && is_true(*handler, "isForCompensation")) return 0;
    }
    return 1;
}

// Clause 10.7.1: what undoes an activity stands outside of the normal flow.
int compensation_is_in_the_flow(const Model& model, const Element& activity) {
    if (!is_true(activity, "isForCompensation")) return 0;
    return has(activity, "incoming") || has(activity, "outgoing") || !model.flows("sequenceFlow", activity).empty() || !model.flows_into("sequenceFlow", activity).empty() ? 1 : 0;
}

int ends_wrongly(const Model& model, const Element& end) {
    return kinds_defined(model, end, {"linkEventDefinition", "conditionalEventDefinition", "timerEventDefinition"});
}
int catches_wrongly(const Model& model, const Element& event) {
    return count_event_definitions(event) == 0 || defines(model, event, "escalationEventDefinition errorEventDefinition cancelEventDefinition "
                                                                        "compensateEventDefinition terminateEventDefinition") ? 1 : 0;
}
int throws_wrongly(const Model& model, const Element& event) {
    return defines(model, event, "timerEventDefinition errorEventDefinition cancelEventDefinition conditionalEventDefinition terminateEventDefinition") ? 1 : 0;
}

bool is_exempt(const Element& node) {
    return is_true(node, "isForCompensation") || is_event_sub_process(node) || is_true(node, "instantiate");
}
int is_not_reached_from_start(const Model& model, const Element& node) {
    if (node.parent == nullptr || !has(*node.parent, "startEvent") || has(node, "incoming") || is_exempt(node)) return 0;
    return node.kind == "intermediateCatchEvent" && defines(model, node, "linkEventDefinition") ? 0 : 1;
}
int does_not_lead_to_end(const Model& model, const Element& node) {
    if (node.parent == nullptr || !has(*node.parent, "endEvent") || has(node, "outgoing") || is_true(node, "isForCompensation") || is_event_sub_process(node)) return 0;
    return node.kind == "intermediateThrowEvent" && defines(model, node, "linkEventDefinition") ? 0 : 1;
}

constexpr std::string_view kIntermediate = "intermediateCatchEvent intermediateThrowEvent";

constexpr std::array kRules{
    Rule{"EXT.011", "8.4.5", "intermediateThrowEvent endEvent", "an escalation that is thrown needs an escalationCode", throws_without_code},
    Rule{"EXT.059", "10.5.2", "startEvent", "an event sub-process starts with a message, timer, error, escalation, compensation, condition or signal",
         starts_event_sub_process_wrongly},
    Rule{"EXT.059,EXT.129", "10.5.2", "startEvent", "an event sub-process does not start with nothing", starts_event_sub_process_with_nothing},
    Rule{"EXT.095", "10.5.1", kEventDefinitions, "an event definition inside a throwing event cannot be used elsewhere", is_referred_elsewhere},
    Rule{"EXT.096", "10.5.2", "startEvent", "a start event has no incoming sequence flow", has_incoming},
    Rule{"EXT.097", "10.5.3", "endEvent", "an end event needs a start event at the same level", has_no_start_beside},
    Rule{"EXT.098,EXT.121", "10.5.2", "startEvent", "a process starts with nothing, a message, a timer, a condition or a signal", starts_process_wrongly},
    Rule{"EXT.099", "10.3.6", "process", "a process that is called needs a start event without a trigger", cannot_be_called},
    Rule{"EXT.100", "10.5.2", "startEvent", "a start event of a sub-process has no trigger", starts_sub_process_with_trigger},
    Rule{"EXT.101", "10.5.2", "startEvent", "a start event has an outgoing sequence flow", has_no_outgoing},
    Rule{"EXT.103", "10.5.2", "startEvent", "a start event that receives a message flow needs a message trigger", receives_without_trigger},
    Rule{"EXT.104", "10.5.3", "endEvent", "an end event has no outgoing sequence flow", has_outgoing},
    Rule{"EXT.105", "10.5.2", "startEvent", "a start event needs an end event at the same level", has_no_end_beside},
    Rule{"EXT.106", "10.5.3", "endEvent", "a cancel end event stands only in a transaction", cancels_no_transaction},
    Rule{"EXT.107", "10.5.3", "endEvent", "an end event has an incoming sequence flow", has_no_incoming},
    Rule{"EXT.109", "10.5.3", "endEvent", "an end event that sends a message flow needs a message result", sends_without_result},
    Rule{"EXT.110,EXT.147", "10.5.4", "boundaryEvent", "this trigger cannot stand on the border of an activity in this way", has_wrong_boundary_trigger},
    Rule{"EXT.110,EXT.130,EXT.147", "10.5.4", "boundaryEvent", "an event on the border of an activity has a trigger", has_no_boundary_trigger},
    Rule{"EXT.111,EXT.120", "10.5.4", "boundaryEvent", "a cancel event stands only on the border of a transaction", cancels_without_transaction},
    Rule{"EXT.112", "10.5.4", "boundaryEvent", "a boundary event has no incoming sequence flow", has_incoming},
    Rule{"EXT.113", "10.5.4", "boundaryEvent", "a boundary event has an outgoing sequence flow", leads_nowhere},
    Rule{"EXT.114", "10.5.4", "boundaryEvent", "a compensation boundary event has no outgoing sequence flow", compensation_flows_on},
    Rule{"EXT.115", "10.5.4", kIntermediate, "an intermediate event has an incoming sequence flow", is_not_reached},
    Rule{"EXT.116", "10.5.4", kIntermediate, "an intermediate event has an outgoing sequence flow", is_not_left},
    Rule{"EXT.117", "10.5.4", kIntermediate, "a link event is the source of its flow or the target, not both", link_has_both_sides},
    Rule{"EXT.118", "10.5.4", "linkEventDefinition", "the target of a link does not name it as its source", link_target_does_not_answer},
    Rule{"EXT.119", "10.5.4", "intermediateThrowEvent", "a throwing message event cannot receive a message flow", throw_receives},
    Rule{"EXT.119", "10.5.4", "intermediateCatchEvent", "a catching message event cannot send a message flow", catch_sends},
    Rule{"EXT.122", "10.5.5", "intermediateCatchEvent", "compensation is not caught in the normal flow", catches_compensation},
    Rule{"EXT.123", "10.5.5", "conditionalEventDefinition", "an executable process needs a formal expression as condition", condition_is_not_formal},
    Rule{"EXT.124", "10.5.5", "linkEventDefinition", "a link that is caught names at least one source", link_has_no_source},
    Rule{"EXT.125", "10.5.5", "linkEventDefinition", "a link that is thrown names exactly one target", link_has_no_target},
    Rule{"EXT.126", "10.5.4", "linkEventDefinition", "a link leads to a target at the same level of the same process", link_leaves_its_level},
    Rule{"EXT.127", "10.5.5", "messageEventDefinition", "an executable process needs the message of a message event", has_no_message},
    Rule{"EXT.128", "10.5.5", "messageEventDefinition", "an executable process needs the operation of a message event", has_no_operation},
    Rule{"EXT.131", "10.5.5", "timerEventDefinition", "a timer has one of timeDate, timeDuration and timeCycle", has_several_times},
    Rule{"EXT.143", "10.7.1", "boundaryEvent", "a compensation boundary event is joined to its handler by an association", has_no_handler},
    Rule{"EXT.144", "10.7.1", "boundaryEvent", "the handler of a compensation event is marked isForCompensation", handler_is_not_for_compensation},
    Rule{"EXT.145", "10.7.1", kActivities, "an activity for compensation has no incoming or outgoing sequence flows", compensation_is_in_the_flow},
    Rule{"EXT.146", "10.5.3", "endEvent", "a process does not end with a link, a condition or a timer", ends_wrongly},
    Rule{"EXT.148", "10.5.4", "intermediateCatchEvent", "in the normal flow a message, timer, condition, link or signal is caught", catches_wrongly},
    Rule{"EXT.149", "10.5.4", "intermediateThrowEvent", "in the normal flow a message, escalation, compensation, link or signal is thrown", throws_wrongly},
    Rule{"EXT.150", "10.5.2", kActivities, "where there is a start event, every node has an incoming sequence flow", is_not_reached_from_start},
    Rule{"EXT.150", "10.5.2", kGateways, "where there is a start event, every node has an incoming sequence flow", is_not_reached_from_start},
    Rule{"EXT.150", "10.5.2", kIntermediate, "where there is a start event, every node has an incoming sequence flow", is_not_reached_from_start},
    Rule{"EXT.151", "10.5.3", kActivities, "where there is an end event, every node has an outgoing sequence flow", does_not_lead_to_end},
    Rule{"EXT.151", "10.5.3", kGateways, "where there is an end event, every node has an outgoing sequence flow", does_not_lead_to_end},
    Rule{"EXT.151", "10.5.3", kIntermediate, "where there is an end event, every node has an outgoing sequence flow", does_not_lead_to_end},
};

}  // namespace

std::span<const Rule> event_rules() { return kRules; }

}  // namespace madang::process::rules
