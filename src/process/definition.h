// A BPMN 2.0 process as the engine runs it, read from the XML that public editors write. What the
// engine cannot do yet is refused by name, with the element's id and line.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "feel/expression.h"

namespace madang::process {

// Our attributes in BPMN files, as extension attributes of an activity.
inline constexpr std::string_view kExtensionNamespace = "https://madang.example/ns/bpmn";

enum class NodeKind {
    start_event, end_event, terminate_end_event,
    task,                  // abstract and manual tasks: nothing to do by itself, passes on
    user_task, service_task, business_rule_task,
    exclusive_gateway, parallel_gateway, inclusive_gateway,
};
std::string_view name_of(NodeKind kind);   // "userTask", …

struct Flow {
    std::string id, name;
    std::size_t source = 0, target = 0;            // places in Definition::nodes
    std::optional<feel::Expression> condition;
};

struct Node {
    std::string id, name;
    NodeKind kind = NodeKind::task;
    std::size_t line = 0;
    std::vector<std::size_t> incoming, outgoing;   // places in Definition::flows, in the file's order
    std::optional<std::size_t> default_flow;
    std::string operation;     // madang:operation of a service task
    bool external = false;     // madang:external="true": waits as a task until somebody completes it
    std::string decision;      // madang:decisionRef of a business rule task
    std::string role;          // madang:role of a user task
    std::string form_key;      // madang:formKey of a user task
};

struct Definition {
    std::string id, name;
    std::vector<Node> nodes;
    std::vector<Flow> flows;
    std::size_t start = 0;     // the one none start event

    const Node* find(std::string_view node_id) const;
};

inline constexpr std::size_t kMaxNodes = 2000;

// Fails with Code::invalid and "NAME:12: <userTask id=\"…\">: …": not one executable process, not exactly
// one none start event, a flow to nowhere, a node that cannot be reached or that cannot reach an end, a
// gateway without a way out (exclusive without default and without conditions), an unknown element.
Result<Definition> parse_bpmn(std::string_view xml, std::string_view name);

}  // namespace madang::process
