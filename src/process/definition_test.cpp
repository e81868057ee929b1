#include "process/definition.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "process/testing.h"

namespace madang::process {
namespace {

const std::string kStart = "<startEvent id=\"s\"/>\n";
const std::string kEnd = "<endEvent id=\"e\"/>\n";

std::string message_of(std::string_view text) {
    const auto read = parse_bpmn(text, "x.bpmn");
    return read ? "read" : read.error().message;
}

// A process s → the element → e; the element stands on line 6.
std::string around(std::string_view element) {
    return bpmn(kStart + kEnd + std::string(element) + "\n" + flow("f1", "s", "x") + flow("f2", "x", "e"));
}

TEST(ParseBpmn, ReadsTheCertificateOfResidence) {
    const auto text = read_file(Path(MADANG_SOURCE_DIR) / "packs/by/services/certificate-of-residence/process.bpmn");
    ASSERT_TRUE(text);
    const auto read = parse_bpmn(*text, "process.bpmn");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->id, "certificate_of_residence");
    EXPECT_EQ(read->name, "Certificate of residence");
    EXPECT_EQ(read->nodes.size(), 11U);
    EXPECT_EQ(read->flows.size(), 11U);
    EXPECT_EQ(read->nodes[read->start].id, "Start");

    const Node* ask = read->find("Ask_register");
    ASSERT_NE(ask, nullptr);
    EXPECT_EQ(ask->operation, "register.residence");
    EXPECT_FALSE(ask->external);
    EXPECT_EQ(ask->line, 13U);
    EXPECT_EQ(read->find("Decide")->decision, "residence_certificate");
    EXPECT_EQ(read->find("Officer_decides")->role, "officer");
    EXPECT_TRUE(read->find("Issue")->external);
    const Node* by_rule = read->find("By_rule");
    ASSERT_TRUE(by_rule->default_flow);
    EXPECT_EQ(read->flows[*by_rule->default_flow].id, "Flow_5");
    EXPECT_TRUE(read->flows[by_rule->outgoing[0]].condition);
    EXPECT_EQ(read->find("Nobody"), nullptr);
}

TEST(ParseBpmn, ReadsWhatOnlyDrawsAndLeavesItOut) {
    const std::string text = R"(<?xml version="1.0"?>
<b:definitions xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
    xmlns:t="urn:t" targetNamespace="urn:t" expressionLanguage="https://www.omg.org/spec/DMN/20191111/FEEL/">
  <b:collaboration id="c"><b:participant id="pool" name="Office" processRef="t:p"/></b:collaboration>
  <b:process id="p" zeebe:versionTag="1">
    <b:documentation>What it is for</b:documentation>
    <b:extensionElements><zeebe:properties/></b:extensionElements>
    <b:laneSet id="lanes"><b:lane id="lane"><b:flowNodeRef>s</b:flowNodeRef></b:lane></b:laneSet>
    <b:startEvent id="s"><b:outgoing>t:f1</b:outgoing></b:startEvent>
    <b:dataObject id="d"/><b:dataObjectReference id="r" dataObjectRef="d"/>
    <b:manualTask id="a"><b:extensionElements><zeebe:anything/></b:extensionElements></b:manualTask>
    <b:sequenceFlow id="f1" sourceRef="s" targetRef="a"/>
    <b:textAnnotation id="n"><b:text>Note</b:text></b:textAnnotation>
    <b:association id="as" sourceRef="a" targetRef="n"/><b:group id="g"/>
    <!-- a comment -->
  </b:process>
</b:definitions>)";
    const auto read = parse_bpmn(text, "x.bpmn");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->nodes.size(), 2U);
}

TEST(ParseBpmn, AsksConditionsInTheOrderInWhichTheGatewayListsItsFlows) {
    const std::string gateway =
        "<exclusiveGateway id=\"x\" default=\"d\"><outgoing>second</outgoing><outgoing>first</outgoing></exclusiveGateway>\n";
    const std::string rest = flow("f1", "s", "x") + flow("d", "x", "e", "true") + flow("first", "x", "e", "a = 1") + flow("second", "x", "e", "a = 2");
    const auto read = parse_bpmn(bpmn(kStart + kEnd + gateway + rest), "x.bpmn");
    ASSERT_TRUE(read) << read.error().message;
    std::string order;
    for (const std::size_t at : read->find("x")->outgoing) order += read->flows[at].id + (read->flows[at].condition ? "? " : " ");
    EXPECT_EQ(order, "second? first? d ");   // the default's own condition is left out
}

TEST(ParseBpmn, SaysWhatIsNotSupportedAndWhereItStands) {
    const auto refused = [](std::string_view element) { return message_of(around(element)); };
    EXPECT_EQ(refused("<intermediateCatchEvent id=\"x\"><timerEventDefinition/></intermediateCatchEvent>"),
              "x.bpmn:6: <intermediateCatchEvent id=\"x\">: timer events are not supported yet");
    const std::pair<std::string, std::string> elements[] = {
        {"<intermediateThrowEvent id=\"x\"/>", "intermediate events are"},
        {"<intermediateThrowEvent id=\"x\"><signalEventDefinition/></intermediateThrowEvent>", "signal events are"},
        {"<boundaryEvent id=\"x\" attachedToRef=\"y\"><errorEventDefinition/></boundaryEvent>", "boundary events are"},
        {"<subProcess id=\"x\"/>", "sub-processes are"},
        {"<transaction id=\"x\"/>", "transactions are"},
        {"<adHocSubProcess id=\"x\"/>", "ad-hoc sub-processes are"},
        {"<callActivity id=\"x\"/>", "call activities are"},
        {"<scriptTask id=\"x\"/>", "script tasks are"},
        {"<sendTask id=\"x\"/>", "send tasks are"},
        {"<receiveTask id=\"x\"/>", "receive tasks are"},
        {"<eventBasedGateway id=\"x\"/>", "event-based gateways are"},
        {"<complexGateway id=\"x\"/>", "complex gateways are"},
        {"<task id=\"x\" isForCompensation=\"true\"/>", "compensation is"},
        {"<task id=\"x\" startQuantity=\"2\"/>", "startQuantity other than 1 is"},
        {"<choreographyTask id=\"x\"/>", "<choreographyTask> is"},
        {"<z:task xmlns:z=\"urn:z\" id=\"x\"/>", "<task> is"},
    };
    for (const auto& [element, what] : elements) {
        const std::string message = refused(element);
        EXPECT_TRUE(message.starts_with("x.bpmn:6: <") && message.ends_with(" id=\"x\">: " + what + " not supported yet")) << message;
    }
    const std::pair<std::string, std::string> children[] = {
        {"<task id=\"x\">\n<standardLoopCharacteristics/></task>", "x.bpmn:6: <task id=\"x\">: loop markers are not supported yet"},
        {"<task id=\"x\"><multiInstanceLoopCharacteristics id=\"m\"/></task>",
         "x.bpmn:6: <task id=\"x\">: multi-instance markers are not supported yet"},
        {"<userTask id=\"x\"><potentialOwner/></userTask>", "x.bpmn:6: <userTask id=\"x\">: potential owners are not supported yet"},
        {"<task id=\"x\"><zzz/></task>", "x.bpmn:6: <task id=\"x\">: <zzz> is not supported yet"},
    };
    for (const auto& [element, message] : children) EXPECT_EQ(refused(element), message);
    EXPECT_EQ(message_of(bpmn("<startEvent id=\"s\"><messageEventDefinition id=\"m\"/></startEvent>")),
              "x.bpmn:4: <startEvent id=\"s\">: message events are not supported yet");
    EXPECT_EQ(message_of(bpmn("<endEvent id=\"e\"><errorEventDefinition/></endEvent>")),
              "x.bpmn:4: <endEvent id=\"e\">: error events are not supported yet");
}

TEST(ParseBpmn, RefusesFilesThatAreNotOneExecutableProcess) {
    const auto file = [](std::string_view inner) {
        return format("<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\">\n{}\n</definitions>", inner);
    };
    const std::pair<std::string, std::string> cases[] = {
        {"", "x.bpmn: there is no element"},
        {"<definitions/>", "x.bpmn:1: <definitions>: a BPMN 2.0 file begins with <definitions> of http://www.omg.org/spec/BPMN/20100524/MODEL"},
        {file(""), "x.bpmn:1: <definitions>: there is no process in the file"},
        {file("<process id=\"p\" isExecutable=\"false\"/>"), "x.bpmn:2: <process id=\"p\">: the process is a drawing: isExecutable=\"false\""},
        {file("<process id=\"p\"/>\n<process id=\"q\"/>"), "x.bpmn:3: <process id=\"q\">: a second process in one file is not supported yet"},
        {file("<process/>"), "x.bpmn:2: <process>: it has no id"},
        {file("<collaboration><participant id=\"a\"/><participant id=\"b\"/></collaboration>"),
         "x.bpmn:2: <participant id=\"b\">: a second pool is not supported yet"},
        {file("<collaboration><messageFlow id=\"m\"/></collaboration>"), "x.bpmn:2: <messageFlow id=\"m\">: message flows are not supported yet"},
    };
    for (const auto& [text, message] : cases) {
        if (text.empty()) {
            EXPECT_NE(message_of(text), "read");
        } else {
            EXPECT_EQ(message_of(text), message);
        }
    }
}

TEST(ParseBpmn, RefusesGraphsThatNoRunCouldMakeGood) {
    const std::string task = "<task id=\"a\"/>\n";
    const auto gateway = [](std::string_view kind) { return format("<{} id=\"g\"/>\n", kind); };
    const std::pair<std::string, std::string> cases[] = {
        {kEnd, "x.bpmn: the process \"p\" has no start event"},
        {kStart, "x.bpmn:4: <startEvent id=\"s\">: no flow leaves the start event"},
        {kStart + "<startEvent id=\"t\"/>" + kEnd + flow("f", "s", "e"), "x.bpmn:5: <startEvent id=\"t\">: a second start event; a process has one"},
        {kStart + kEnd + task + flow("f", "s", "e"), "x.bpmn:6: <task id=\"a\">: no way leads here from the start event"},
        {kStart + task + "<task id=\"b\"/>\n" + flow("f", "s", "a") + flow("g", "a", "b") + flow("h", "b", "a"),
         "x.bpmn:4: <startEvent id=\"s\">: no way leads from here to an end"},
        {kStart + gateway("exclusiveGateway") + flow("f", "s", "g"), "x.bpmn:5: <exclusiveGateway id=\"g\">: no flow leaves the gateway"},
        {kStart + kEnd + gateway("exclusiveGateway") + flow("f", "s", "g") + flow("h", "g", "e", "a") + flow("i", "g", "e"),
         "x.bpmn:6: <exclusiveGateway id=\"g\">: the flow \"i\" has no condition and is not the default"},
        {kStart + kEnd + gateway("inclusiveGateway") + flow("f", "s", "g") + flow("h", "g", "e") + flow("i", "g", "e"),
         "x.bpmn:6: <inclusiveGateway id=\"g\">: the flow \"h\" has no condition and is not the default"},
        {kStart + kEnd + gateway("parallelGateway") + flow("f", "s", "g") + flow("h", "g", "e", "a"),
         "x.bpmn:8: <sequenceFlow id=\"h\">: a flow out of a parallelGateway has no condition"},
        {kStart + kEnd + flow("f", "s", "e", "true"), "x.bpmn:6: <sequenceFlow id=\"f\">: a flow out of a startEvent has no condition"},
        {kStart + kEnd + flow("f", "s", "nobody"), "x.bpmn:6: <sequenceFlow id=\"f\">: its targetRef \"nobody\" is no node of this process"},
        {kStart + kEnd + flow("f", "e", "s"), "x.bpmn:6: <sequenceFlow id=\"f\">: it leads into a start event"},
        {kStart + kEnd + task + flow("f", "e", "a"), "x.bpmn:7: <sequenceFlow id=\"f\">: it leaves an end event"},
        {kStart + kEnd + "<task id=\"s\"/>", "x.bpmn:6: <task id=\"s\">: the id stands twice in the file"},
        {kStart + kEnd + flow("s", "s", "e"), "x.bpmn:6: <sequenceFlow id=\"s\">: the id stands twice in the file"},
        {kStart + kEnd + flow("f", "s", "e") + flow("f", "s", "e"), "x.bpmn:7: <sequenceFlow id=\"f\">: the id stands twice in the file"},
        {"<startEvent id=\"s\"><outgoing>z</outgoing></startEvent>\n" + kEnd + flow("f", "s", "e"), "x.bpmn:4: <startEvent id=\"s\">: there is no flow \"z\""},
        {kStart + "<endEvent id=\"e\"><outgoing>f</outgoing></endEvent>\n" + flow("f", "s", "e"),
         "x.bpmn:5: <endEvent id=\"e\">: the flow \"f\" does not leave it"},
        {kStart + kEnd + "<task id=\"a\" default=\"f\"/>\n" + flow("f", "s", "a") + flow("g", "a", "e"),
         "x.bpmn:6: <task id=\"a\">: its default flow \"f\" does not leave it"},
        {kStart + kEnd + "<task/>", "x.bpmn:6: <task>: it has no id"},
    };
    for (const auto& [body, message] : cases) EXPECT_EQ(message_of(bpmn(body)), message);
}

TEST(ParseBpmn, RefusesConditionsAndExtensionsThatMeanNothing) {
    const std::pair<std::string, std::string> elements[] = {
        {"<userTask id=\"x\"/>", "madang:role must say who may do the task"},
        {"<serviceTask id=\"x\"/>", "madang:operation must say what the service does"},
        {"<businessRuleTask id=\"x\"/>", "madang:decisionRef must name the decision"},
        {"<userTask id=\"x\" madang:rolle=\"officer\"/>", "madang:rolle means nothing here"},
        {"<task id=\"x\" madang:role=\"officer\"/>", "madang:role means nothing here"},
        {"<userTask id=\"x\" madang:role=\"\"/>", "madang:role has 1 to 200 bytes"},
        {"<serviceTask id=\"x\" madang:operation=\"o\" madang:external=\"yes\"/>", "madang:external is \"true\" or \"false\""},
    };
    for (const auto& [element, what] : elements) {
        const std::string message = message_of(around(element));
        EXPECT_TRUE(message.starts_with("x.bpmn:6: ") && message.ends_with(" id=\"x\">: " + what)) << message;
    }
    const auto condition = [](std::string_view inner) {
        return message_of(bpmn(kStart + kEnd + "<task id=\"a\"/>\n" + flow("f", "s", "a") + "<sequenceFlow id=\"g\" sourceRef=\"a\" targetRef=\"e\">" +
                               std::string(inner) + "</sequenceFlow>"));
    };
    EXPECT_TRUE(condition("<conditionExpression>1 +</conditionExpression>").starts_with("x.bpmn:8: <sequenceFlow id=\"g\">: its condition: line 1, column "));
    EXPECT_NE(condition("<conditionExpression/>"), "read");
    EXPECT_EQ(condition("<conditionExpression language=\"http://www.w3.org/1999/XPath\">a</conditionExpression>"),
              "x.bpmn:8: <conditionExpression>: a condition in http://www.w3.org/1999/XPath is not supported; it is FEEL here");
    EXPECT_EQ(condition("<conditionExpression language=\"feel\">=a</conditionExpression>"), "read");
    EXPECT_EQ(condition("<conditionExpression>a</conditionExpression><conditionExpression>b</conditionExpression>"),
              "x.bpmn:8: <sequenceFlow id=\"g\">: it has two conditions");
}

TEST(ParseBpmn, KeepsItsLimits) {
    std::string many = kStart + kEnd;
    for (std::size_t i = 0; i <= kMaxNodes; ++i) many += format("<task id=\"t{}\"/>\n", i);
    const auto nodes = parse_bpmn(bpmn(many), "x.bpmn");
    ASSERT_FALSE(nodes);
    EXPECT_EQ(nodes.error().code, Code::exhausted);
    EXPECT_EQ(nodes.error().message, "x.bpmn:2004: more than 2000 nodes");

    std::string flows = kStart + kEnd;
    for (std::size_t i = 0; i <= 4 * kMaxNodes; ++i) flows += flow(format("f{}", i), "s", "e");
    EXPECT_EQ(parse_bpmn(bpmn(flows), "x.bpmn").error().code, Code::exhausted);
    EXPECT_EQ(parse_bpmn(bpmn(format("<task id=\"{}\"/>", std::string(201, 'a'))), "x.bpmn").error().code, Code::exhausted);
}

// Models by others: each is read, or refused in words that say where.
class PublicModels : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Suites, PublicModels, testing::Values("bpmn-miwg", "bpmn-betsy", "bpmn-spector"),
                         [](const auto& suite) { return suite.param.substr(5); });

std::string declared_executable(std::string text) {
    constexpr std::string_view kDrawing = "isExecutable=\"false\"";
    for (std::size_t at = 0; (at = text.find(kDrawing, at)) != std::string::npos;) text.replace(at, kDrawing.size(), "isExecutable=\"true\"");
    return text;
}

TEST_P(PublicModels, AreReadOrRefusedInWords) {
    const char* given = std::getenv("MADANG_CORPORA");
    const Path folder = (given != nullptr ? Path(given) : Path(MADANG_SOURCE_DIR) / "../shared/corpora") / GetParam();
    std::error_code absent;
    if (!std::filesystem::is_directory(folder, absent)) GTEST_SKIP() << "the public suite " << GetParam() << " is missing";
    std::size_t files = 0;
    std::size_t readable = 0;
    std::size_t readable_if_declared = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.path().extension() != ".bpmn") continue;
        const auto text = read_file(entry.path());
        ASSERT_TRUE(text) << entry.path();
        const std::string name = entry.path().filename().string();
        const auto read = parse_bpmn(*text, name);
        const auto declared = parse_bpmn(declared_executable(*text), name);   // so that the elements themselves are judged
        for (const auto* result : {&read, &declared}) {
            if (!*result) EXPECT_TRUE(result->error().message.starts_with(name + ":")) << result->error().message;
        }
        ++files;
        readable += read ? 1U : 0U;
        readable_if_declared += declared ? 1U : 0U;
    }
    std::printf("%s: %zu of %zu models are read, %zu with isExecutable=\"true\"\n", GetParam().c_str(), readable, files, readable_if_declared);
    EXPECT_GT(files, 0U);
}

}  // namespace
}  // namespace madang::process
