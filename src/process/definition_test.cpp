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
    EXPECT_EQ(read->nodes[read->scopes[0].entries.at(0)].id, "Start");

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
    <b:sequenceFlow id="f1" sourceRef="s" targetRef="a"/><b:endEvent id="e"/><b:sequenceFlow id="f2" sourceRef="a" targetRef="e"/>
    <b:textAnnotation id="n"><b:text>Note</b:text></b:textAnnotation>
    <b:association id="as" sourceRef="a" targetRef="n"/><b:group id="g"/>
    <!-- a comment -->
  </b:process>
</b:definitions>)";
    const auto read = parse_bpmn(text, "x.bpmn");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->nodes.size(), 3U);
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
    const std::pair<std::string, std::string> elements[] = {
        {"<choreographyTask id=\"x\"/>", "a choreography is not supported"},
        {"<z:task xmlns:z=\"urn:z\" id=\"x\"/>", "<task> is not supported"},
        {"<task id=\"x\"><zzz/></task>", "<zzz> is not supported"},
        {"<intermediateCatchEvent id=\"x\"><timerEventDefinition/></intermediateCatchEvent>", "a timer has one of timeDate, timeDuration and timeCycle"},
        {"<intermediateCatchEvent id=\"x\"/>", "it must say what it waits for"},
        {"<intermediateCatchEvent id=\"x\"><terminateEventDefinition/></intermediateCatchEvent>",
         "a intermediateCatchEvent here has no trigger \"terminate\""},
        {"<intermediateCatchEvent id=\"x\"><signalEventDefinition/></intermediateCatchEvent>", "it must name its signal"},
        {"<intermediateThrowEvent id=\"x\"><messageEventDefinition messageRef=\"nobody\"/></intermediateThrowEvent>",
         "its messageRef \"nobody\" is not in the file"},
        {"<scriptTask id=\"x\"/>", "it has no script"},
        {"<scriptTask id=\"x\" scriptFormat=\"python\"><script>a</script></scriptTask>", "a script in python is not supported; it is FEEL here"},
        {"<callActivity id=\"x\"/>", "calledElement must name the process"},
        {"<receiveTask id=\"x\"/>", "messageRef must name its message"},
        {"<eventBasedGateway id=\"x\"/>", "it chooses between two events or more"},
        {"<task id=\"x\"/><boundaryEvent id=\"b\" attachedToRef=\"x\" cancelActivity=\"false\"><errorEventDefinition/></boundaryEvent>", "what waits for an error interrupts"},
        {"<task id=\"x\"><ioSpecification><dataInput id=\"i\"/></ioSpecification><dataInputAssociation><sourceRef>a</sourceRef><sourceRef>b</sourceRef><targetRef>i</targetRef>"
         "</dataInputAssociation></task>",
         "several sources need a transformation"},
        {"<task id=\"x\" startQuantity=\"0\"/>", "startQuantity is a whole number from 1 to 10000"},
        {"<task id=\"x\"><standardLoopCharacteristics/></task>", "a loop has a loopCondition or a loopMaximum"},
        {"<task id=\"x\"><multiInstanceLoopCharacteristics/></task>", "it has a loopCardinality or a loopDataInputRef"},
        {"<task id=\"x\" isForCompensation=\"true\"/>", "an activity for compensation has no sequence flow"},
        {"<boundaryEvent id=\"x\" attachedToRef=\"y\"><errorEventDefinition/></boundaryEvent>", "it leads into a boundary event"},
        {"<adHocSubProcess id=\"x\"/>", "an ad-hoc sub-process holds an activity"},
        {"<parallelGateway id=\"x\" gatewayDirection=\"Diverging\"/>", "a diverging gateway has one flow in and several out"},
        {"<task id=\"x\"/><intermediateThrowEvent id=\"y\"/>", "no flow leads into the event"},
        {"<task id=\"x\"/><boundaryEvent id=\"b\" attachedToRef=\"x\"><errorEventDefinition/></boundaryEvent>", "no flow leaves the event"},
        {"<task id=\"x\"/><boundaryEvent id=\"b\" attachedToRef=\"x\"><cancelEventDefinition/></boundaryEvent><endEvent id=\"y\"/>" + flow("z", "b", "y"),
         "only a transaction is cancelled"},
        {"<intermediateThrowEvent id=\"x\"><escalationEventDefinition/></intermediateThrowEvent>", "it must name the code of its escalation"},
        {"<subProcess id=\"x\"><startEvent id=\"i\"/><task id=\"j\"/>" + flow("k", "i", "j") + "</subProcess>", "with a start event there is an end event beside it"},
    };
    for (const auto& [element, what] : elements) {
        const std::string message = refused(element);
        EXPECT_TRUE(message.starts_with("x.bpmn:") && message.ends_with(": " + what)) << element << "\n" << message;
    }
    EXPECT_EQ(message_of(bpmn("<endEvent id=\"e\"><errorEventDefinition/></endEvent>")), "x.bpmn:4: <endEvent id=\"e\">: it must name its error");
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
        {file("<process id=\"p\"><task id=\"a\"/></process>\n<process id=\"q\"><task id=\"b\"/></process>"),
         "x.bpmn: there are 2 executable processes in the file; it has one"},
        {file("<process id=\"p\"/>\n<process id=\"p\"/>"), "x.bpmn:3: <process id=\"p\">: the id stands twice in the file"},
        {file("<process/>"), "x.bpmn:2: <process>: it has no id"},
    };
    for (const auto& [text, message] : cases) {
        if (text.empty()) {
            EXPECT_NE(message_of(text), "read");
        } else {
            EXPECT_EQ(message_of(text), message);
        }
    }
}

TEST(ParseBpmn, RefusesMessageFlowsThatNobodySendsOrAwaits) {
    const auto file = [](std::string_view source, std::string_view target) {
        return format("<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\"><collaboration>\n<messageFlow id=\"m\" sourceRef=\"{}\" targetRef=\"{}\"/></collaboration>"
                      "<process id=\"p\"><startEvent id=\"s\"/><task id=\"a\"/><endEvent id=\"e\"/>{}{}</process>"
                      "<process id=\"q\"><task id=\"b\"/></process></definitions>",
                      source, target, flow("f", "s", "a"), flow("g", "a", "e"));
    };
    const auto said = [&](std::string_view source, std::string_view target) {
        const auto read = read_bpmn(file(source, target), "x.bpmn");
        return read ? "read" : read.error().message;
    };
    EXPECT_EQ(said("a", "b"), "read");
    EXPECT_EQ(said("a", "pool"), "read");
    EXPECT_EQ(said("s", "pool"), "x.bpmn:2: <messageFlow id=\"m\">: \"s\" sends no message");
    EXPECT_EQ(said("pool", "e"), "x.bpmn:2: <messageFlow id=\"m\">: \"e\" waits for no message");
    EXPECT_EQ(said("a", "a"), "x.bpmn:2: <messageFlow id=\"m\">: a message flow does not stay within one process");
}

TEST(ParseBpmn, RefusesGraphsThatNoRunCouldMakeGood) {
    const std::string task = "<task id=\"a\"/>\n";
    const auto gateway = [](std::string_view kind) { return format("<{} id=\"g\"/>\n", kind); };
    const std::pair<std::string, std::string> cases[] = {
        {"", "x.bpmn: the process \"p\" is empty"},
        {kEnd, "x.bpmn:4: <endEvent id=\"e\">: with an end event there is a start event beside it"},
        {kStart, "x.bpmn:4: <startEvent id=\"s\">: no flow leaves the start event"},
        {kStart + "<subProcess id=\"b\">" + "<startEvent id=\"t\"/>\n<startEvent id=\"u\"/>" + kEnd + flow("f", "t", "e") + flow("g", "u", "e") +
             "</subProcess><endEvent id=\"z\"/>" + flow("h", "s", "b") + flow("i", "b", "z"),
         "x.bpmn:6: <startEvent id=\"u\">: a second start event; a sub-process has one"},
        {kStart + "<subProcess id=\"b\">" + kEnd + "</subProcess>" + flow("h", "s", "e"),
         "x.bpmn:6: <sequenceFlow id=\"h\">: a sequence flow does not cross the border of a sub-process"},
        {kStart + kEnd + task + flow("f", "s", "e"), "x.bpmn:6: <task id=\"a\">: no way leads here from the start event"},
        {kStart + task + "<task id=\"b\"/>\n" + flow("f", "s", "a") + flow("g", "a", "b") + flow("h", "b", "a"),
         "x.bpmn:4: <startEvent id=\"s\">: no way leads from here to an end"},
        {kStart + gateway("exclusiveGateway") + flow("f", "s", "g"), "x.bpmn:5: <exclusiveGateway id=\"g\">: no flow leaves the gateway"},
        {kStart + kEnd + gateway("exclusiveGateway") + flow("f", "s", "g") + flow("h", "g", "e", "a") + flow("i", "g", "e"),
         "x.bpmn:6: <exclusiveGateway id=\"g\">: the flow \"i\" has no condition and is not the default"},
        {kStart + kEnd + gateway("inclusiveGateway") + flow("f", "s", "g") + flow("h", "g", "e") + flow("i", "g", "e"),
         "x.bpmn:6: <inclusiveGateway id=\"g\">: the flow \"h\" has no condition and is not the default"},
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
        {"<userTask id=\"x\"/>", "madang:role, a potential owner or a lane must say who may do the task"},
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
              "x.bpmn:8: <conditionExpression>: an expression in http://www.w3.org/1999/XPath is not supported; it is FEEL here");
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
