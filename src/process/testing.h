// Short BPMN texts for tests:
//
//   bpmn(R"(<startEvent id="s"/><task id="a"/>)" + flow("f1", "s", "a"))
#pragma once

#include <string>
#include <string_view>

#include "base/text.h"

namespace madang::process {

// A file with one process; the body begins on line 4.
inline std::string bpmn(std::string_view body) {
    return format(
        "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:madang=\"https://madang.example/ns/bpmn\"\n"
        "  id=\"file\" targetNamespace=\"https://madang.example/test\">\n"
        "<process id=\"p\" isExecutable=\"true\">\n{}\n</process>\n</definitions>\n",
        body);
}

// `condition` in FEEL, in a CDATA section; none where it is empty.
inline std::string flow(std::string_view id, std::string_view source, std::string_view target, std::string_view condition = {}) {
    std::string inner;
    if (!condition.empty()) inner = format("<conditionExpression><![CDATA[{}]]></conditionExpression>", condition);
    return format("<sequenceFlow id=\"{}\" sourceRef=\"{}\" targetRef=\"{}\">{}</sequenceFlow>\n", id, source, target, inner);
}

}  // namespace madang::process
