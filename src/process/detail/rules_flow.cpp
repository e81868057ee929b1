// Sequence flows, message flows and artifacts.
#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "process/detail/rules_model.h"
#include "process/detail/vocabulary.h"

namespace madang::process::rules {
namespace {

template <const char* End>
int ends_at_artifact(const Model& model, const Element& flow) {
    const Element* end = model.find_attribute(flow, End);
    return end != nullptr && is_one_of(*end, kArtifacts) ? 1 : 0;
}
constexpr char kSource[] = "sourceRef";
constexpr char kTarget[] = "targetRef";

bool may_carry_flow(const Element& node) {
    return (is_one_of(node, kActivities) || is_one_of(node, kGateways) || is_one_of(node, kEvents)) && !is_event_sub_process(node);
}

int is_no_source(const Model& model, const Element& node) {
    return !model.flows("sequenceFlow", node).empty() && ancestor(node, "process") != nullptr && !may_carry_flow(node) ? 1 : 0;
}

int is_no_target(const Model& model, const Element& node) {
    return !model.flows_into("sequenceFlow", node).empty() && ancestor(node, "process") != nullptr && !may_carry_flow(node) ? 1 : 0;
}

// Which node names it is the business of REF.ends.
int is_named_by_no_node(const Model& model, const Element& flow) {
    const auto named = [&](const char* end, std::string_view list) {
        const Element* node = model.find_attribute(flow, end);
        if (node == nullptr) return true;   // REF.exists tells it
        const bool derived = std::ranges::any_of(node->children, [&](const Element* one) { return one->kind == list && one->node == flow.node; });
        return derived || !model.referring(list, flow).empty();
    };
    return (named("targetRef", "incoming") ? 0 : 1) + (named("sourceRef", "outgoing") ? 0 : 1);
}

int waits_in_executable(const Model&, const Element& flow) { return attribute(flow, "isImmediate") == "false" && is_executable(flow) ? 1 : 0; }

int is_lonely_conditional(const Model& model, const Element& flow) {
    if (!has(flow, "conditionExpression")) return 0;
    const Element* source = model.find_attribute(flow, "sourceRef");
    if (source == nullptr || is_one_of(*source, kGateways)) return 0;
    return is_one_of(*source, kActivities) && count(*source, "outgoing") > 1 ? 0 : 1;
}

int default_is_another_s(const Model& model, const Element& node) {
    if (attribute(node, "default").empty()) return 0;
    const Element* flow = model.find_attribute(node, "default");
    if (flow == nullptr || flow->kind != "sequenceFlow") return 1;
    return model.find_attribute(*flow, "sourceRef") == &node ? 0 : 1;
}

int crosses_a_border(const Model& model, const Element& flow) {
    const Element* source = model.find_attribute(flow, "sourceRef");
    const Element* target = model.find_attribute(flow, "targetRef");
    return source != nullptr && target != nullptr && source->parent != target->parent ? 1 : 0;
}

// The process in which an interaction node stands, or which a participant is.
const Element* pool_of(const Model& model, const Element& node) {
    if (node.kind == "participant") return model.find_attribute(node, "processRef");
    return ancestor(node, "process");
}

int stays_in_a_pool(const Model& model, const Element& flow) {
    const Element* source = model.find_attribute(flow, "sourceRef");
    const Element* target = model.find_attribute(flow, "targetRef");
    if (source == nullptr || target == nullptr) return 0;
    const bool same_pool = pool_of(model, *source) != nullptr && pool_of(model, *source) == pool_of(model, *target);
    if (source == target) return source->kind == "participant" ? 1 : 2;
    return same_pool ? 1 : 0;
}

int leaves_start(const Model& model, const Element& flow) {
    const Element* source = model.find_attribute(flow, "sourceRef");
    return source != nullptr && source->kind == "startEvent" ? 1 : 0;
}

int reaches_end(const Model& model, const Element& flow) {
    const Element* target = model.find_attribute(flow, "targetRef");
    return target != nullptr && target->kind == "endEvent" ? 1 : 0;
}

constexpr std::array kRules{
    Rule{"EXT.006", "8.4.1", "sequenceFlow", "an artifact cannot be the target of a sequence flow", ends_at_artifact<kTarget>},
    Rule{"EXT.007", "8.4.1", "sequenceFlow", "an artifact cannot be the source of a sequence flow", ends_at_artifact<kSource>},
    Rule{"EXT.008", "8.4.1", "messageFlow", "an artifact cannot be the target of a message flow", ends_at_artifact<kTarget>},
    Rule{"EXT.009", "8.4.1", "messageFlow", "an artifact cannot be the source of a message flow", ends_at_artifact<kSource>},
    Rule{"EXT.021", "8.4.13", "*", "only activities, gateways and events are sources of sequence flows, and no event sub-process", is_no_source},
    Rule{"EXT.022", "8.4.13", "*", "only activities, gateways and events are targets of sequence flows, and no event sub-process", is_no_target},
    Rule{"EXT.023", "8.4.13", "sequenceFlow", "no node names this flow as incoming, or none as outgoing", is_named_by_no_node},
    Rule{"EXT.024", "8.4.13", "sequenceFlow", "isImmediate cannot be false in an executable process", waits_in_executable},
    Rule{"EXT.025", "8.4.13", "sequenceFlow", "a flow with a condition leaves a gateway, or an activity that has another outgoing flow as well", is_lonely_conditional},
    Rule{"EXT.026", "8.4.13", kActivities, "the default flow does not begin here", default_is_another_s},
    Rule{"EXT.026", "8.4.13", kGateways, "the default flow does not begin here", default_is_another_s},
    Rule{"EXT.028,EXT.152", "7.6.1", "sequenceFlow", "a sequence flow cannot cross the border of a pool or sub-process", crosses_a_border},
    Rule{"EXT.031", "9.4", "messageFlow", "a message flow joins two different pools", stays_in_a_pool},
    Rule{"EXT.102", "10.5.2", "messageFlow", "a start event cannot send a message", leaves_start},
    Rule{"EXT.108", "10.5.3", "messageFlow", "an end event cannot receive a message", reaches_end},
};

}  // namespace

std::span<const Rule> flow_rules() { return kRules; }

namespace {

constexpr Rule kForeignEnd{.number = "EXT.005", .clause = "8.4.1", .kinds = "*", .text = {}, .breaches = nullptr};

// The ids of what tools have added; pictures have ids as well, and are no artifacts.
std::set<std::string_view> foreign_ids(const Model& model) {
    std::set<std::string_view> ids;
    for (std::size_t file = 0; file < model.file_count(); ++file) {
        std::vector<xml::Node> open{model.root(file)};
        while (!open.empty()) {
            const xml::Node node = open.back();
            open.pop_back();
            const std::string_view space = xml::namespace_of(node);
            if (space.starts_with("http://www.omg.org/spec/") && space != kBpmnNamespace) continue;
            if (space != kBpmnNamespace && !xml::attribute(node, "id").empty()) ids.insert(xml::attribute(node, "id"));
            for (const xml::Node inner : node.children()) {
                if (is_element(inner)) open.push_back(inner);
            }
        }
    }
    return ids;
}

}  // namespace

void check_foreign_ends(const Model& model, std::vector<Violation>& violations) {
    std::set<std::string_view> ids;
    bool looked = false;
    for (const std::string_view kind : {"sequenceFlow", "messageFlow"}) {
        for (const Element* flow : model.of(kind)) {
            for (const char* end : {"sourceRef", "targetRef"}) {
                const std::string_view id = attribute(*flow, end);
                if (id.empty() || model.find(*flow, id) != nullptr) continue;
                if (!looked) ids = foreign_ids(model);
                looked = true;
                if (!ids.contains(id)) continue;
                violations.push_back(violation_at(model, *flow, kForeignEnd));
                violations.back().message = format("{} is \"{}\", which is no element of BPMN: a flow does not join it", end, id);
            }
        }
    }
}

}  // namespace madang::process::rules
