// Gateways.
#include <algorithm>
#include <array>

#include "process/detail/rules_model.h"

namespace madang::process::rules {
namespace {

constexpr std::string_view kAfterEventGateway = "messageEventDefinition signalEventDefinition timerEventDefinition conditionalEventDefinition";

int converging_parts(const Model&, const Element& e) { return attribute(e, "gatewayDirection") == "Converging" && count(e, "outgoing") > 1 ? 1 : 0; }
int diverging_joins(const Model&, const Element& e) { return attribute(e, "gatewayDirection") == "Diverging" && count(e, "incoming") > 1 ? 1 : 0; }
int mixed_is_not(const Model&, const Element& e) {
    return attribute(e, "gatewayDirection") == "Mixed" && (count(e, "incoming") < 2 || count(e, "outgoing") < 2) ? 1 : 0;
}
int decides_nothing(const Model&, const Element& e) { return count(e, "incoming") > 1 || count(e, "outgoing") > 1 ? 0 : 1; }
int has_no_choice(const Model&, const Element& e) { return count(e, "outgoing") < 2 ? 1 : 0; }
int instantiates_with_incoming(const Model&, const Element& e) { return is_true(e, "instantiate") && has(e, "incoming") ? 1 : 0; }

const Element* event_gateway_before(const Model& model, const Element& flow) {
    const Element* source = model.find_attribute(flow, "sourceRef");
    return source != nullptr && source->kind == "eventBasedGateway" ? source : nullptr;
}

int is_condition_after_event_gateway(const Model& model, const Element& flow) {
    return event_gateway_before(model, flow) != nullptr && has(flow, "conditionExpression") ? 1 : 0;
}

int leads_to_no_event(const Model& model, const Element& flow) {
    if (event_gateway_before(model, flow) == nullptr) return 0;
    const Element* target = model.find_attribute(flow, "targetRef");
    if (target == nullptr || target->kind == "receiveTask") return 0;
    if (target->kind != "intermediateCatchEvent") return 1;
    const Elements definitions = event_definitions(model, *target);
    return !definitions.empty() && std::ranges::all_of(definitions, [](const Element* one) { return is_one_of(*one, kAfterEventGateway); }) ? 0 : 1;
}

// The nodes that an event-based gateway waits for.
Elements configuration(const Model& model, const Element& gateway) {
    Elements targets;
    for (const Element* flow : model.flows("sequenceFlow", gateway)) {
        if (const Element* target = model.find_attribute(*flow, "targetRef")) targets.push_back(target);
    }
    return targets;
}

int mixes_tasks_and_messages(const Model& model, const Element& gateway) {
    const Elements targets = configuration(model, gateway);
    const bool receives = std::ranges::any_of(targets, [](const Element* one) { return one->kind == "receiveTask"; });
    const bool catches = std::ranges::any_of(
        targets, [&](const Element* one) { return one->kind == "intermediateCatchEvent" && defines(model, *one, "messageEventDefinition"); });
    return receives && catches ? 1 : 0;
}

bool follows_event_gateway(const Model& model, const Element& node) {
    return std::ranges::any_of(model.flows_into("sequenceFlow", node),
                               [&](const Element* flow) { return event_gateway_before(model, *flow) != nullptr; });
}

int has_boundary_after_event_gateway(const Model& model, const Element& task) {
    return follows_event_gateway(model, task) && !model.referring("boundaryEvent", task).empty() ? 1 : 0;
}

int has_other_ways_in(const Model& model, const Element& node) {
    return follows_event_gateway(model, node) && count(node, "incoming") > 1 ? 1 : 0;
}

constexpr std::array kRules{
    Rule{"EXT.017", "8.4.9", kGateways, "a converging gateway has one outgoing sequence flow", converging_parts},
    Rule{"EXT.018", "8.4.9", kGateways, "a diverging gateway has one incoming sequence flow", diverging_joins},
    Rule{"EXT.019", "8.4.9", kGateways, "a mixed gateway has several incoming and several outgoing sequence flows", mixed_is_not},
    Rule{"EXT.135", "10.6", kGateways, "a gateway has several incoming or several outgoing sequence flows", decides_nothing},
    Rule{"EXT.136", "10.6.6", "eventBasedGateway", "an event-based gateway has at least two outgoing sequence flows", has_no_choice},
    Rule{"EXT.137", "10.6.6", "sequenceFlow", "a flow out of an event-based gateway has no condition", is_condition_after_event_gateway},
    Rule{"EXT.138", "10.6.6", "sequenceFlow",
         "an event-based gateway leads to receive tasks or to events that catch a message, signal, timer or condition", leads_to_no_event},
    Rule{"EXT.139", "10.6.6", "eventBasedGateway", "an event-based gateway waits with message events or with receive tasks, not with both",
         mixes_tasks_and_messages},
    Rule{"EXT.140", "10.6.6", "receiveTask", "a receive task behind an event-based gateway has no boundary events", has_boundary_after_event_gateway},
    Rule{"EXT.141", "10.6.6", "*", "what stands behind an event-based gateway has no other incoming sequence flow", has_other_ways_in},
    Rule{"EXT.142", "10.6.6", "eventBasedGateway", "an instantiating event-based gateway has no incoming sequence flow", instantiates_with_incoming},
};

}  // namespace

std::span<const Rule> gateway_rules() { return kRules; }

}  // namespace madang::process::rules
