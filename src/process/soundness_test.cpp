#include "process/soundness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"

namespace madang::process {
namespace {

using testing::HasSubstr;

std::string model(std::string_view inner) {
    return format("<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" targetNamespace=\"urn:a\">"
                  "<process id=\"p\">{}</process></definitions>", inner);
}
// "s>a a>b" as flows, beside the nodes.
std::string flows(std::string_view list) {
    std::string text;
    int number = 0;
    for (const std::string_view one : split(list, ' ')) {
        const auto ends = split(one, '>');
        text += format("<sequenceFlow id=\"f{}\" sourceRef=\"{}\" targetRef=\"{}\"/>", ++number, ends[0], ends[1]);
    }
    return text;
}
// "deadlock j twice e"
std::string found(std::string_view nodes, std::string_view list) {
    const auto checked = check_soundness(model(std::string(nodes) + flows(list)), "m.bpmn");
    if (!checked) return checked.error().message;
    std::string text;
    for (const Violation& one : checked->warnings) {
        text += format("{}{} {}", text.empty() ? "" : " ", one.rule.substr(6), one.element.substr(one.element.find(' ') + 1));
        EXPECT_TRUE(is_warning(one));
    }
    for (const std::string& one : checked->not_judged) text += "not judged: " + one;
    return text;
}

std::string gateways(std::string_view split, std::string_view join) {
    return format("<startEvent id=\"s\"/><{0} id=\"g\"/><task id=\"a\"/><task id=\"b\"/><{1} id=\"j\"/><endEvent id=\"e\"/>", split, join);
}
constexpr std::string_view kDiamond = "s>g g>a g>b a>j b>j j>e";

TEST(CheckSoundness, JudgesEachPairOfSplitAndJoin) {
    EXPECT_EQ(found(gateways("exclusiveGateway", "exclusiveGateway"), kDiamond), "");
    EXPECT_EQ(found(gateways("parallelGateway", "parallelGateway"), kDiamond), "");
    EXPECT_EQ(found(gateways("inclusiveGateway", "inclusiveGateway"), kDiamond), "");
    EXPECT_EQ(found(gateways("parallelGateway", "inclusiveGateway"), kDiamond), "");
    EXPECT_EQ(found(gateways("exclusiveGateway", "inclusiveGateway"), kDiamond), "");
    EXPECT_EQ(found(gateways("exclusiveGateway", "parallelGateway"), kDiamond), "deadlock j");
    EXPECT_EQ(found(gateways("inclusiveGateway", "parallelGateway"), kDiamond), "deadlock j");
    EXPECT_EQ(found(gateways("parallelGateway", "exclusiveGateway"), kDiamond), "twice e");
    EXPECT_EQ(found(gateways("parallelGateway", "complexGateway"), kDiamond), "not judged: process p: it holds a complex gateway");
}

TEST(CheckSoundness, FollowsBordersLinksAndSubProcesses) {
    const std::string nodes = gateways("parallelGateway", "parallelGateway") + "<endEvent id=\"l\"/>";
    EXPECT_EQ(found(nodes + "<boundaryEvent id=\"x\" attachedToRef=\"a\"><timerEventDefinition/></boundaryEvent>", format("{} x>l", kDiamond)), "deadlock j")
        << "a branch that is cut off does not come to the join";
    EXPECT_EQ(found(nodes + "<boundaryEvent id=\"x\" attachedToRef=\"a\" cancelActivity=\"false\"><timerEventDefinition/></boundaryEvent>", format("{} x>l", kDiamond)), "");
    EXPECT_EQ(found("<startEvent id=\"s\"/><intermediateThrowEvent id=\"t\"><linkEventDefinition name=\"n\"/></intermediateThrowEvent>"
                    "<intermediateCatchEvent id=\"c\"><linkEventDefinition name=\"n\"/></intermediateCatchEvent><parallelGateway id=\"j\"/><task id=\"a\"/><endEvent id=\"e\"/>",
                    "s>t c>j a>j j>e"), "deadlock j") << "nothing leads to the other task";
    EXPECT_EQ(found("<startEvent id=\"o\"/><subProcess id=\"u\">" + gateways("exclusiveGateway", "parallelGateway") +
                    "<sequenceFlow id=\"i1\" sourceRef=\"s\" targetRef=\"g\"/><sequenceFlow id=\"i2\" sourceRef=\"g\" targetRef=\"j\"/>"
                    "<sequenceFlow id=\"i3\" sourceRef=\"g\" targetRef=\"j\"/></subProcess>", "o>u"), "deadlock j");
}

TEST(CheckSoundness, EndsOnWhatIsLarge) {
    std::string nodes = "<startEvent id=\"s\"/><parallelGateway id=\"g\"/>";
    std::string list = "s>g";
    for (int i = 0; i < 5; ++i) {
        for (int j = 0; j < 10; ++j) nodes += format("<task id=\"t{}_{}\"/>", i, j);
        list += format(" g>t{}_0", i);
        for (int j = 1; j < 10; ++j) list += format(" t{0}_{1}>t{0}_{2}", i, j - 1, j);
    }
    EXPECT_THAT(found(nodes, list), HasSubstr("not judged: process p: it has more than 20000 markings"));
    EXPECT_FALSE(check_soundness("<a/>", "m.bpmn"));
}

}  // namespace
}  // namespace madang::process
