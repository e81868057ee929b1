#include "process/detail/vocabulary.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace madang::process {
namespace {

constexpr std::array<std::pair<std::string_view, NodeKind>, 22> kNodes{{
    {"startEvent", NodeKind::start_event},
    {"intermediateCatchEvent", NodeKind::intermediate_catch_event},
    {"intermediateThrowEvent", NodeKind::intermediate_throw_event},
    {"boundaryEvent", NodeKind::boundary_event},
    {"endEvent", NodeKind::end_event},
    {"task", NodeKind::task},
    {"manualTask", NodeKind::manual_task},
    {"userTask", NodeKind::user_task},
    {"serviceTask", NodeKind::service_task},
    {"sendTask", NodeKind::send_task},
    {"receiveTask", NodeKind::receive_task},
    {"businessRuleTask", NodeKind::business_rule_task},
    {"scriptTask", NodeKind::script_task},
    {"exclusiveGateway", NodeKind::exclusive_gateway},
    {"inclusiveGateway", NodeKind::inclusive_gateway},
    {"parallelGateway", NodeKind::parallel_gateway},
    {"eventBasedGateway", NodeKind::event_based_gateway},
    {"complexGateway", NodeKind::complex_gateway},
    {"subProcess", NodeKind::sub_process},
    {"adHocSubProcess", NodeKind::ad_hoc_sub_process},
    {"transaction", NodeKind::transaction},
    {"callActivity", NodeKind::call_activity},
}};

// Children of a process or sub-process.
constexpr std::array<std::string_view, 14> kDrawings{
    "documentation", "extensionElements", "auditing",        "monitoring",  "dataStoreReference", "ioSpecification",
    "textAnnotation", "group",            "ioBinding",       "supports",    "supportedInterfaceRef", "correlationSubscription",
    "performer",      "resourceRole",
};

constexpr std::array<std::string_view, 32> kInNode{
    "documentation",       "extensionElements",     "auditing",         "monitoring",   "categoryValueRef",
    "incoming",            "outgoing",              "property",         "ioSpecification", "dataInputAssociation",
    "dataOutputAssociation", "dataInput",           "dataOutput",       "inputSet",     "outputSet",
    "rendering",           "potentialOwner",        "humanPerformer",   "performer",    "resourceRole",
    "standardLoopCharacteristics", "multiInstanceLoopCharacteristics",  "script",       "activationCondition",
    "completionCondition", "eventDefinitionRef",    "incomingConversation", "implementation", "resourceRef",
    "ioBinding",           "conditionExpression",   "supportedInterfaceRef",
};

bool is_bpmn(xml::Node node) { return is_element(node) && xml::namespace_of(node) == kBpmnNamespace; }

template <std::size_t N>
bool names(const std::array<std::string_view, N>& words, xml::Node node) {
    return is_bpmn(node) && std::ranges::find(words, xml::local_name(node)) != words.end();
}

}  // namespace

bool is_element(xml::Node node) { return node.type() == pugi::node_element; }

std::optional<NodeKind> kind_of(xml::Node node) {
    if (!is_bpmn(node)) return std::nullopt;
    for (const auto& [name, kind] : kNodes) {
        if (name == xml::local_name(node)) return kind;
    }
    return std::nullopt;
}

std::optional<NodeKind> global_kind_of(xml::Node node) {
    static constexpr std::array<std::pair<std::string_view, NodeKind>, 5> kGlobal{{
        {"globalTask", NodeKind::task},
        {"globalUserTask", NodeKind::user_task},
        {"globalManualTask", NodeKind::manual_task},
        {"globalScriptTask", NodeKind::script_task},
        {"globalBusinessRuleTask", NodeKind::business_rule_task},
    }};
    if (!is_bpmn(node)) return std::nullopt;
    const auto found = std::ranges::find(kGlobal, xml::local_name(node), [](const auto& one) { return one.first; });
    return found == kGlobal.end() ? std::nullopt : std::optional(found->second);
}

bool is_drawing(xml::Node node) { return names(kDrawings, node); }
bool is_known_in_node(xml::Node node) { return names(kInNode, node); }

std::string words_for(xml::Node node) {
    constexpr std::size_t kMaxShown = 200;
    const std::string_view name = xml::local_name(node);
    if (is_bpmn(node) && name.find("horeography") != std::string_view::npos) return "a choreography";
    if (is_bpmn(node) && name == "eventDefinition") return "an event without a kind";
    return format("<{}>", name.substr(0, kMaxShown));
}

bool is_feel(std::string_view language) {
    while (language.ends_with('/')) language.remove_suffix(1);
    return equal_ignoring_ascii_case(language, "feel") || (language.size() >= 5 && equal_ignoring_ascii_case(language.substr(language.size() - 5), "/feel")) ||
           language.starts_with("http://www.omg.org/spec/FEEL/");
}

// "PT5M", "-P1D", "R3/PT10S", "R/2027-01-01T00:00:00Z/P1D", "2027-01-01", "2027-01-01T09:00:00Z".
bool is_time_text(std::string_view text) {
    constexpr std::string_view kAllowed = "0123456789:-+./TZPYMDHSWR@_abcdefghijklmnopqrstuvwxyzACEFGIJKLNOQUVX";
    if (text.empty() || text.find_first_not_of(kAllowed) != std::string_view::npos) return false;
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.starts_with("R/") || (text.size() > 2 && text[0] == 'R' && digit(text[1]) && text.find('/') != std::string_view::npos)) return true;
    const std::string_view duration = text.starts_with('-') ? text.substr(1) : text;
    if (duration.size() > 2 && duration[0] == 'P' && (digit(duration[1]) || duration[1] == 'T')) return true;
    return text.size() >= 10 && digit(text[0]) && digit(text[3]) && text[4] == '-' && text[7] == '-' && digit(text[9]);
}

}  // namespace madang::process
