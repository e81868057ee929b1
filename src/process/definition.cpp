#include "process/definition.h"

#include <array>

#include "base/check.h"
#include "base/text.h"
#include "base/xml.h"
#include "base/xml_encoding.h"
#include "process/detail/check.h"
#include "process/detail/reader.h"

namespace madang::process {

std::string_view name_of(NodeKind kind) {
    switch (kind) {
        case NodeKind::start_event: return "startEvent";
        case NodeKind::intermediate_catch_event: return "intermediateCatchEvent";
        case NodeKind::intermediate_throw_event: return "intermediateThrowEvent";
        case NodeKind::boundary_event: return "boundaryEvent";
        case NodeKind::end_event: return "endEvent";
        case NodeKind::task: return "task";
        case NodeKind::manual_task: return "manualTask";
        case NodeKind::user_task: return "userTask";
        case NodeKind::service_task: return "serviceTask";
        case NodeKind::send_task: return "sendTask";
        case NodeKind::receive_task: return "receiveTask";
        case NodeKind::business_rule_task: return "businessRuleTask";
        case NodeKind::script_task: return "scriptTask";
        case NodeKind::exclusive_gateway: return "exclusiveGateway";
        case NodeKind::inclusive_gateway: return "inclusiveGateway";
        case NodeKind::parallel_gateway: return "parallelGateway";
        case NodeKind::event_based_gateway: return "eventBasedGateway";
        case NodeKind::complex_gateway: return "complexGateway";
        case NodeKind::sub_process:
        case NodeKind::event_sub_process: return "subProcess";
        case NodeKind::ad_hoc_sub_process: return "adHocSubProcess";
        case NodeKind::transaction: return "transaction";
        case NodeKind::call_activity: return "callActivity";
    }
    MADANG_CHECK(false);
}

std::string_view name_of(TriggerKind kind) {
    static constexpr std::array<std::string_view, 10> kNames{"message", "timer",        "signal", "conditional", "error",
                                                             "escalation", "compensation", "cancel", "link",        "terminate"};
    return kNames.at(static_cast<std::size_t>(kind));
}

bool is_event(NodeKind kind) { return kind <= NodeKind::end_event; }
bool is_gateway(NodeKind kind) { return kind >= NodeKind::exclusive_gateway && kind <= NodeKind::complex_gateway; }
bool is_activity(NodeKind kind) { return !is_event(kind) && !is_gateway(kind); }
bool is_sub_process(NodeKind kind) { return kind >= NodeKind::sub_process && kind != NodeKind::call_activity; }

std::optional<std::size_t> Definition::place_of(std::string_view node_id) const {
    const auto found = places.find(node_id);
    return found == places.end() ? std::nullopt : std::optional(found->second);
}

const Node* Definition::find(std::string_view node_id) const {
    const auto place = place_of(node_id);
    return place ? &nodes[*place] : nullptr;
}

namespace {

// Clause 10.3.7: it is its one node.
bool is_global_task(const Definition& definition) { return definition.nodes.size() == 1 && definition.nodes.front().id == definition.id; }

}  // namespace

Result<std::vector<Definition>> read_bpmn(std::string_view file, std::string_view name, const ReadOptions& options) {
    TRY(const xml::Document document, xml::parse(file, name));
    Reader reader(document, name, options);
    TRY(std::vector<Definition> definitions, reader.read());
    TRY(std::string text, xml::in_utf8(file, name));
    const auto source = std::make_shared<const std::string>(std::move(text));
    for (Definition& definition : definitions) {
        TRY_DO(check_graph(definition, name));
        definition.source = source;
    }
    return definitions;
}

Result<Definition> parse_bpmn(std::string_view xml, std::string_view name) {
    TRY(std::vector<Definition> definitions, read_bpmn(xml, name));
    std::erase_if(definitions, is_global_task);
    if (definitions.size() != 1) {
        return fail(Code::invalid, format("{}: there are {} executable processes in the file; it has one", name, definitions.size()));
    }
    return std::move(definitions.front());
}

}  // namespace madang::process
