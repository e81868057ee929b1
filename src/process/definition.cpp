#include "process/definition.h"

#include "base/check.h"
#include "base/xml.h"
#include "process/detail/check.h"
#include "process/detail/reader.h"

namespace madang::process {

std::string_view name_of(NodeKind kind) {
    switch (kind) {
        case NodeKind::start_event: return "startEvent";
        case NodeKind::end_event:
        case NodeKind::terminate_end_event: return "endEvent";
        case NodeKind::task: return "task";
        case NodeKind::user_task: return "userTask";
        case NodeKind::service_task: return "serviceTask";
        case NodeKind::business_rule_task: return "businessRuleTask";
        case NodeKind::exclusive_gateway: return "exclusiveGateway";
        case NodeKind::parallel_gateway: return "parallelGateway";
        case NodeKind::inclusive_gateway: return "inclusiveGateway";
    }
    MADANG_CHECK(false);
}

const Node* Definition::find(std::string_view node_id) const {
    for (const Node& node : nodes) {
        if (node.id == node_id) return &node;
    }
    return nullptr;
}

Result<Definition> parse_bpmn(std::string_view xml, std::string_view name) {
    TRY(const xml::Document document, xml::parse(xml, name));
    Reader reader(document, xml, name);
    TRY(Definition definition, reader.read());
    TRY_DO(check_graph(definition, name));
    return definition;
}

}  // namespace madang::process
