#include "process/diagram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"

namespace madang::process {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string model(std::string_view inner) {
    return format("<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:di=\"http://www.omg.org/spec/BPMN/20100524/DI\" "
                  "xmlns:dc=\"http://www.omg.org/spec/DD/20100524/DC\" xmlns:dd=\"http://www.omg.org/spec/DD/20100524/DI\">{}</definitions>", inner);
}

const std::string kPlain = "<process id=\"p\"><startEvent id=\"s\"/><userTask id=\"a\" name=\"Look &lt;here&gt;\"/><boundaryEvent id=\"b\" attachedToRef=\"a\" cancelActivity=\"false\"><timerEventDefinition/></boundaryEvent>"
                           "<subProcess id=\"u\" name=\"Inside\"><task id=\"i\" name=\"Inner\"/></subProcess><endEvent id=\"e\"/>"
                           "<sequenceFlow id=\"f1\" sourceRef=\"s\" targetRef=\"a\"/><sequenceFlow id=\"f2\" sourceRef=\"a\" targetRef=\"u\"/><sequenceFlow id=\"f3\" sourceRef=\"u\" targetRef=\"e\"/>"
                           "<sequenceFlow id=\"f4\" sourceRef=\"b\" targetRef=\"e\"/><sequenceFlow id=\"f5\" sourceRef=\"u\" targetRef=\"a\"/></process>";

const Shape& shape(const Diagram& diagram, std::string_view element) {
    return *std::ranges::find(diagram.shapes, element, [](const Shape& one) { return std::string_view(one.element); });
}

TEST(ReadDiagram, LaysOutAModelThatCarriesNone) {
    const auto diagram = read_diagram(model(kPlain), "m.bpmn");
    ASSERT_TRUE(diagram) << diagram.error().message;
    EXPECT_TRUE(diagram->laid_out);
    EXPECT_EQ(diagram->shapes.size(), 6U);
    EXPECT_EQ(diagram->edges.size(), 5U);
    EXPECT_LT(shape(*diagram, "s").x, shape(*diagram, "a").x);
    EXPECT_LT(shape(*diagram, "a").x, shape(*diagram, "u").x);
    EXPECT_LT(shape(*diagram, "u").x, shape(*diagram, "e").x);
    const Shape& outer = shape(*diagram, "u");
    const Shape& inner = shape(*diagram, "i");
    EXPECT_GT(inner.x, outer.x);
    EXPECT_LT(inner.y + inner.height, outer.y + outer.height);
    EXPECT_TRUE(shape(*diagram, "b").dashed);
    for (const Edge& edge : diagram->edges) EXPECT_GE(edge.waypoints.size(), 2U) << edge.element;
}

TEST(ReadDiagram, RefusesPlacesThatAreNone) {
    const std::string drawn = "<process id=\"p\"><task id=\"a\"/></process><di:BPMNDiagram><di:BPMNPlane><di:BPMNShape id=\"x\" bpmnElement=\"a\"><dc:Bounds x=\"{}\" y=\"0\" width=\"10\" height=\"10\"/>"
                              "</di:BPMNShape></di:BPMNPlane></di:BPMNDiagram>";
    for (const char* bad : {"1e7", "nan", "inf", "", "12px", "0x10"}) {
        std::string text = drawn;
        text.replace(text.find("{}"), 2, bad);
        EXPECT_EQ(read_diagram(model(text), "m.bpmn").error().code, Code::invalid) << bad;
    }
    EXPECT_FALSE(read_diagram("<a/>", "m.bpmn"));
}

TEST(DrawSvg, ShowsTheTokenAndEscapesNames) {
    const auto diagram = read_diagram(model(kPlain), "m.bpmn");
    const std::string svg = draw_svg(*diagram, {.here = {"a"}, .passed = {"s"}, .trouble = {"i"}}, {"A \"title\" <x>", "what it shows"});
    EXPECT_THAT(svg, HasSubstr("<title>A &quot;title&quot; &lt;x&gt;</title>"));
    EXPECT_THAT(svg, HasSubstr("class=\"bpmn-here bpmn-userTask\""));
    EXPECT_THAT(svg, HasSubstr("class=\"bpmn-passed bpmn-startEvent\""));
    EXPECT_THAT(svg, HasSubstr("class=\"bpmn-trouble bpmn-task\""));
    EXPECT_THAT(svg, HasSubstr("Look &lt;here&gt;"));
    EXPECT_THAT(svg, HasSubstr("bpmn-token"));
    for (const char* never : {"style=", "<script", "onload", "nan", "inf"}) EXPECT_THAT(svg, Not(HasSubstr(never)));
    EXPECT_EQ(svg, draw_svg(*diagram, {.here = {"a"}, .passed = {"s"}, .trouble = {"i"}}, {"A \"title\" <x>", "what it shows"}));
}

TEST(ListSteps, ReadsFromLeftToRight) {
    const auto lines = list_steps(*read_diagram(model(kPlain), "m.bpmn"), {.here = {"a"}, .passed = {"s"}, .trouble = {}});
    std::string text;
    for (const StepLine& line : lines) text += format("{} {} {}\n", line.kind, line.name, static_cast<int>(line.state));
    EXPECT_EQ(text, "startEvent s 1\nboundaryEvent b 0\nuserTask Look <here> 2\nsubProcess Inside 0\ntask Inner 0\nendEvent e 0\n");
    Progress over{.here = {}, .passed = {"s", "a"}, .trouble = {}, .over = true};
    for (const StepLine& line : list_steps(*read_diagram(model(kPlain), "m.bpmn"), over)) {
        const bool passed = line.name == "s" || line.name == "Look <here>";
        EXPECT_EQ(line.state, passed ? StepLine::State::passed : StepLine::State::not_taken) << line.name;
    }
}

}  // namespace
}  // namespace madang::process
