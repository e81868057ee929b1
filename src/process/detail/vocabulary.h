// The words of BPMN 2.0.2: which elements are nodes, which only draw or describe, and how the rest is
// called when it is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/xml.h"
#include "process/definition.h"

namespace madang::process {

inline constexpr std::string_view kBpmnNamespace = "http://www.omg.org/spec/BPMN/20100524/MODEL";

bool is_element(xml::Node node);   // else text, a comment or an instruction
std::optional<NodeKind> kind_of(xml::Node node);
std::optional<NodeKind> global_kind_of(xml::Node node);   // of a global task
// Without effect on a run: artifacts, documentation, resources.
bool is_drawing(xml::Node node);
// What may stand in a node, read elsewhere or without effect.
bool is_known_in_node(xml::Node node);
// In words what is not supported: "choreography", "<foo>".
std::string words_for(xml::Node node);
bool is_feel(std::string_view language);
// Whether a text is a date, a duration or a repeating interval of ISO 8601 as it stands.
bool is_time_text(std::string_view text);

}  // namespace madang::process
