// The words of BPMN 2.0.2: which elements are nodes, which only draw or describe, and how the rest is
// called when it is refused.
#pragma once

#include <optional>
#include <string_view>

#include "base/xml.h"
#include "process/definition.h"

namespace madang::process {

inline constexpr std::string_view kBpmnNamespace = "http://www.omg.org/spec/BPMN/20100524/MODEL";

bool is_element(xml::Node node);   // else text, a comment or an instruction
std::optional<NodeKind> kind_of(xml::Node node);
// Without effect on a run: lanes, data objects, annotations, groups, associations, documentation.
bool is_drawing(xml::Node node);
bool is_ignored_in_node(xml::Node node);
// In words what is not supported: "timer events", "sub-processes", "<foo>".
std::string words_for(xml::Node node);
bool is_feel(std::string_view language);

}  // namespace madang::process
