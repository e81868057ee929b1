#include "process/detail/vocabulary.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace madang::process {
namespace {

using Word = std::pair<std::string_view, std::string_view>;

constexpr std::array<std::pair<std::string_view, NodeKind>, 10> kNodes{{
    {"startEvent", NodeKind::start_event},
    {"endEvent", NodeKind::end_event},
    {"task", NodeKind::task},
    {"manualTask", NodeKind::task},
    {"userTask", NodeKind::user_task},
    {"serviceTask", NodeKind::service_task},
    {"businessRuleTask", NodeKind::business_rule_task},
    {"exclusiveGateway", NodeKind::exclusive_gateway},
    {"parallelGateway", NodeKind::parallel_gateway},
    {"inclusiveGateway", NodeKind::inclusive_gateway},
}};

// Children of a process or a collaboration.
constexpr std::array<std::string_view, 13> kDrawings{
    "documentation", "extensionElements", "auditing", "monitoring", "laneSet", "dataObject", "dataObjectReference",
    "dataStoreReference", "property", "ioSpecification", "textAnnotation", "group", "association",
};

constexpr std::array<std::string_view, 14> kIgnoredInNode{
    "documentation", "extensionElements", "auditing", "monitoring", "categoryValueRef", "incoming", "outgoing", "property",
    "ioSpecification", "dataInputAssociation", "dataOutputAssociation", "dataInput", "dataOutput", "inputSet",
};

constexpr std::array<Word, 26> kUnsupported{{
    {"timerEventDefinition", "timer events"},
    {"messageEventDefinition", "message events"},
    {"signalEventDefinition", "signal events"},
    {"errorEventDefinition", "error events"},
    {"escalationEventDefinition", "escalation events"},
    {"cancelEventDefinition", "cancel events"},
    {"compensateEventDefinition", "compensation events"},
    {"conditionalEventDefinition", "conditional events"},
    {"linkEventDefinition", "link events"},
    {"terminateEventDefinition", "terminate events other than ends"},
    {"eventDefinitionRef", "shared event definitions"},
    {"subProcess", "sub-processes"},
    {"transaction", "transactions"},
    {"adHocSubProcess", "ad-hoc sub-processes"},
    {"callActivity", "call activities"},
    {"scriptTask", "script tasks"},
    {"sendTask", "send tasks"},
    {"receiveTask", "receive tasks"},
    {"eventBasedGateway", "event-based gateways"},
    {"complexGateway", "complex gateways"},
    {"standardLoopCharacteristics", "loop markers"},
    {"multiInstanceLoopCharacteristics", "multi-instance markers"},
    {"messageFlow", "message flows"},
    {"potentialOwner", "potential owners"},
    {"humanPerformer", "human performers"},
    {"performer", "performers"},
}};

constexpr std::array<Word, 4> kEvents{{
    {"intermediateCatchEvent", "intermediate events"},
    {"intermediateThrowEvent", "intermediate events"},
    {"boundaryEvent", "boundary events"},
    {"implicitThrowEvent", "implicit events"},
}};

template <std::size_t N>
std::string_view look_up(const std::array<Word, N>& words, std::string_view word) {
    for (const auto& [name, meaning] : words) {
        if (name == word) return meaning;
    }
    return {};
}

bool is_bpmn(xml::Node node) { return is_element(node) && xml::namespace_of(node) == kBpmnNamespace; }

}  // namespace

bool is_element(xml::Node node) { return node.type() == pugi::node_element; }

std::optional<NodeKind> kind_of(xml::Node node) {
    if (!is_bpmn(node)) return std::nullopt;
    for (const auto& [name, kind] : kNodes) {
        if (name == xml::local_name(node)) return kind;
    }
    return std::nullopt;
}

bool is_drawing(xml::Node node) { return is_bpmn(node) && std::ranges::find(kDrawings, xml::local_name(node)) != kDrawings.end(); }

bool is_ignored_in_node(xml::Node node) {
    const std::string_view name = xml::local_name(node);
    return is_bpmn(node) && (name == "outputSet" || std::ranges::find(kIgnoredInNode, name) != kIgnoredInNode.end());
}

std::string words_for(xml::Node node) {
    constexpr std::size_t kMaxShown = 200;
    const std::string_view name = xml::local_name(node);
    if (const std::string_view event = look_up(kEvents, name); !event.empty()) {
        // An event is called by what it waits for.
        for (xml::Node below = node.first_child(); below; below = below.next_sibling()) {
            const std::string_view kind = look_up(kUnsupported, xml::local_name(below));
            if (!kind.empty()) return std::string(name == "boundaryEvent" ? event : kind);
        }
        return std::string(event);
    }
    if (const std::string_view words = look_up(kUnsupported, name); !words.empty()) return std::string(words);
    return format("<{}>", name.substr(0, kMaxShown));
}

bool is_feel(std::string_view language) {
    while (language.ends_with('/')) language.remove_suffix(1);
    return equal_ignoring_ascii_case(language, "feel") || language.ends_with("/FEEL") ||
           language.starts_with("http://www.omg.org/spec/FEEL/");
}

}  // namespace madang::process
