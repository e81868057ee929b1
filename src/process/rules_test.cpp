#include "process/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/text.h"

namespace madang::process {
namespace {

std::string definitions(std::string_view inner, std::string_view name = "a") {
    return format("<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:b=\"urn:b\" "
                  "targetNamespace=\"urn:{}\">\n{}\n</definitions>", name, inner);
}

// The rules that a model breaks, in the order of the list: "EXT.096 EXT.104". The models are too small for the schema,
// which rules_schema_test.cpp looks at.
std::string broken(std::string_view inner, const Importer& importer = {}) {
    const auto found = check_rules(definitions(inner), "m.bpmn", importer);
    if (!found) return found.error().message;
    std::string text;
    for (const Violation& one : *found) {
        if (!one.rule.starts_with("XSD.")) text += (text.empty() ? "" : " ") + one.rule;
    }
    return text;
}

std::string process(std::string_view inner, std::string_view attributes = "isExecutable=\"true\"") {
    return format("<process id=\"p\" {}>{}</process>", attributes, inner);
}
// start → a → end, with `inner` in the task, and `more` beside.
std::string line(std::string_view task, std::string_view inner = {}, std::string_view more = {}, std::string_view attributes = {}) {
    return process(format("<startEvent id=\"s\"/><{0} id=\"a\" {3}>{1}</{0}><endEvent id=\"e\"/><sequenceFlow id=\"f1\" sourceRef=\"s\" targetRef=\"a\"/>"
                          "<sequenceFlow id=\"f2\" sourceRef=\"a\" targetRef=\"e\"/>{2}", task, inner, more, attributes));
}

struct Case {
    std::string model;
    std::string rules;
};

TEST(CheckRules, FindsNothingWhereAllIsKept) {
    for (const std::string& model : {line("task"), line("userTask"), line("scriptTask", "<script>1</script>", {}, "scriptFormat=\"application/feel\""),
                                     line("subProcess", "<startEvent id=\"i\"/><endEvent id=\"j\"/><sequenceFlow id=\"k\" sourceRef=\"i\" targetRef=\"j\"/>"),
                                     process("", "isExecutable=\"false\"")}) {
        EXPECT_EQ(broken(model), "") << model;
    }
}

TEST(CheckRules, JudgesArtifactsAndFlows) {
    const std::string note = "<textAnnotation id=\"t\"><text>x</text></textAnnotation>";
    const std::vector<Case> cases{
        {line("task", {}, note + "<sequenceFlow id=\"x\" sourceRef=\"a\" targetRef=\"t\"/>"), "EXT.006 EXT.022 REF.type"},
        {line("task", {}, note + "<sequenceFlow id=\"x\" sourceRef=\"t\" targetRef=\"a\"/>"), "EXT.007 EXT.021 REF.type"},
        {"<collaboration id=\"c\"><messageFlow id=\"x\" sourceRef=\"a\" targetRef=\"t\"/></collaboration>" + line("task", {}, note), "EXT.008 EXT.031 REF.type"},
        {"<collaboration id=\"c\"><messageFlow id=\"x\" sourceRef=\"t\" targetRef=\"a\"/></collaboration>" + line("task", {}, note), "EXT.009 EXT.031 REF.type"},
        {line("task", {}, "<subProcess id=\"h\" triggeredByEvent=\"true\"><startEvent id=\"i\"><signalEventDefinition/></startEvent><endEvent id=\"j\"/>"
                          "<sequenceFlow id=\"k\" sourceRef=\"i\" targetRef=\"j\"/></subProcess><sequenceFlow id=\"x\" sourceRef=\"a\" targetRef=\"h\"/>"),
         "EXT.022 EXT.057"},
        {line("task", "<outgoing>f2</outgoing>"), "EXT.023 EXT.023 EXT.023 EXT.101 EXT.107 EXT.150"},
        {line("task", {}, "<sequenceFlow id=\"x\" sourceRef=\"a\" targetRef=\"e\" isImmediate=\"false\"/>"), "EXT.024"},
        {line("subProcess", "<startEvent id=\"i\"/><endEvent id=\"j\"/><sequenceFlow id=\"k\" sourceRef=\"i\" targetRef=\"j\"/>"
                            "<sequenceFlow id=\"x\" sourceRef=\"i\" targetRef=\"e\"/>"), "EXT.028,EXT.152"},
        {line("task", {}, {}, "default=\"f1\""), "EXT.026"},
        {process("<startEvent id=\"s\"><outgoing>f</outgoing></startEvent><endEvent id=\"e\"><incoming>f</incoming><incoming>f</incoming></endEvent>"
                 "<task id=\"a\"><incoming>f</incoming><outgoing>f</outgoing></task><sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"e\"/>"), "REF.ends REF.ends"},
    };
    for (const Case& one : cases) EXPECT_EQ(broken(one.model), one.rules) << one.model;
}

TEST(CheckRules, JudgesGateways) {
    const std::string more = "<task id=\"b\"/><sequenceFlow id=\"g1\" sourceRef=\"a\" targetRef=\"b\"/><sequenceFlow id=\"g2\" sourceRef=\"b\" targetRef=\"e\"/>";
    const auto catching = [](std::string_view id, std::string_view trigger) {
        return format("<intermediateCatchEvent id=\"{0}\"><{1}/></intermediateCatchEvent><sequenceFlow id=\"in{0}\" sourceRef=\"a\" targetRef=\"{0}\"/>"
                      "<sequenceFlow id=\"out{0}\" sourceRef=\"{0}\" targetRef=\"e\"/>", id, trigger);
    };
    const auto event_gateway = [&](std::string_view inner, std::string_view attributes = {}) {
        return process(format("<startEvent id=\"s\"/><eventBasedGateway id=\"a\" {1}/><endEvent id=\"e\"/><sequenceFlow id=\"f1\" sourceRef=\"s\" targetRef=\"a\"/>{0}", inner, attributes));
    };
    const std::vector<Case> cases{
        {line("exclusiveGateway", {}, more), ""},
        {line("exclusiveGateway"), "EXT.135"},
        {line("exclusiveGateway", {}, more, "gatewayDirection=\"Converging\""), "EXT.017"},
        {line("exclusiveGateway", {}, more, "gatewayDirection=\"Mixed\""), "EXT.019"},
        {event_gateway(catching("x", "signalEventDefinition") + catching("y", "signalEventDefinition")), ""},
        {event_gateway(catching("x", "signalEventDefinition")), "EXT.135 EXT.136"},
        {event_gateway(catching("x", "signalEventDefinition") + catching("y", "signalEventDefinition"), "instantiate=\"true\""), "EXT.142"},
        {event_gateway(catching("x", "signalEventDefinition") + catching("y", "signalEventDefinition") + "<task id=\"b\"/><sequenceFlow id=\"g1\" sourceRef=\"a\" targetRef=\"b\"/>"
                       "<sequenceFlow id=\"g2\" sourceRef=\"b\" targetRef=\"e\"/>"), "EXT.138"},
        {event_gateway(catching("x", "signalEventDefinition") + catching("y", "signalEventDefinition") + "<sequenceFlow id=\"g2\" sourceRef=\"a\" targetRef=\"z\">"
                       "<conditionExpression xsi:type=\"tFormalExpression\">true</conditionExpression></sequenceFlow><receiveTask id=\"z\"/>"
                       "<sequenceFlow id=\"g3\" sourceRef=\"z\" targetRef=\"e\"/>"), "EXT.137"},
        {event_gateway(catching("x", "signalEventDefinition") + catching("y", "signalEventDefinition") + "<sequenceFlow id=\"g2\" sourceRef=\"x\" targetRef=\"y\"/>"), "EXT.141"},
    };
    for (const Case& one : cases) EXPECT_EQ(broken(one.model), one.rules) << one.model;
}

TEST(CheckRules, JudgesEventsByTheirPlace) {
    const auto boundary = [](std::string_view trigger, std::string_view attributes = {}) {
        return format("<boundaryEvent id=\"x\" attachedToRef=\"a\" {1}>{0}</boundaryEvent><sequenceFlow id=\"g\" sourceRef=\"x\" targetRef=\"e\"/>", trigger, attributes);
    };
    const auto caught = [](std::string_view trigger) { return process(format("<startEvent id=\"s\"/><intermediateCatchEvent id=\"a\">{}</intermediateCatchEvent>"
        "<endEvent id=\"e\"/><sequenceFlow id=\"f1\" sourceRef=\"s\" targetRef=\"a\"/><sequenceFlow id=\"f2\" sourceRef=\"a\" targetRef=\"e\"/>", trigger)); };
    const auto handled = [](std::string_view start, std::string_view attributes = {}) {
        return line("task", {}, format("<subProcess id=\"h\" triggeredByEvent=\"true\"><startEvent id=\"i\" {1}>{0}</startEvent><endEvent id=\"j\"/>"
                                       "<sequenceFlow id=\"k\" sourceRef=\"i\" targetRef=\"j\"/></subProcess>", start, attributes));
    };
    const std::vector<Case> cases{
        {process("<task id=\"a\"/><endEvent id=\"e\"/><sequenceFlow id=\"f\" sourceRef=\"a\" targetRef=\"e\"/>"), "EXT.097"},
        {process("<startEvent id=\"s\"/><task id=\"a\"/><sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"a\"/>"), "EXT.105"},
        {process("<startEvent id=\"s\"/><endEvent id=\"e\"/>"), "EXT.101 EXT.107"},
        {line("task", {}, "<sequenceFlow id=\"x\" sourceRef=\"e\" targetRef=\"a\"/>"), "EXT.104"},
        {line("task", {}, "<sequenceFlow id=\"x\" sourceRef=\"a\" targetRef=\"s\"/>"), "EXT.096"},
        {line("task", {}, "<task id=\"z\"/>"), "EXT.150 EXT.151"},
        {line("task", {}, "<task id=\"z\" isForCompensation=\"true\"/>"), ""},
        {line("task", {}, boundary("<timerEventDefinition/>")), ""},
        {line("task", {}, boundary("")), "EXT.110,EXT.130,EXT.147"},
        {line("task", {}, boundary("<terminateEventDefinition/>")), "EXT.110,EXT.147"},
        {line("task", {}, boundary("<errorEventDefinition/>", "cancelActivity=\"false\"")), "EXT.110,EXT.147"},
        {line("task", {}, boundary("<cancelEventDefinition/>")), "EXT.111,EXT.120"},
        {line("task", {}, "<boundaryEvent id=\"x\" attachedToRef=\"a\"><timerEventDefinition/></boundaryEvent>"), "EXT.113"},
        {line("task", {}, "<boundaryEvent id=\"x\" attachedToRef=\"a\"><compensateEventDefinition/></boundaryEvent>"), "EXT.143 EXT.144"},
        {line("task", {}, "<boundaryEvent id=\"x\" attachedToRef=\"a\"><compensateEventDefinition/></boundaryEvent><task id=\"z\" isForCompensation=\"true\"/>"
                          "<association id=\"o\" sourceRef=\"x\" targetRef=\"z\"/>"), ""},
        {line("task", {}, "<boundaryEvent id=\"x\" attachedToRef=\"a\"><compensateEventDefinition/></boundaryEvent><association id=\"o\" sourceRef=\"x\" targetRef=\"a\"/>"), "EXT.144"},
        {caught("<signalEventDefinition/>"), ""},
        {caught(""), "EXT.148"},
        {caught("<compensateEventDefinition/>"), "EXT.122 EXT.148"},
        {caught("<conditionalEventDefinition><condition>x</condition></conditionalEventDefinition>"), "EXT.123"},
        {caught("<conditionalEventDefinition><condition xsi:type=\"tFormalExpression\">x</condition></conditionalEventDefinition>"), ""},
        {caught("<timerEventDefinition><timeDate xsi:type=\"tFormalExpression\">x</timeDate><timeCycle xsi:type=\"tFormalExpression\">y</timeCycle></timerEventDefinition>"), "EXT.131"},
        {handled("<signalEventDefinition/>"), ""},
        {handled(""), "EXT.059,EXT.129"},
        {handled("<linkEventDefinition/>"), "EXT.059"},
        {handled("<errorEventDefinition/>", "isInterrupting=\"false\""), "EXT.059"},
        {line("task", {}, "<subProcess id=\"h\" triggeredByEvent=\"true\"/>"), "EXT.058"},
        {"<signal id=\"g\"/>" + process("<startEvent id=\"s\"/><intermediateThrowEvent id=\"a\"><signalEventDefinition id=\"d\" signalRef=\"g\"/></intermediateThrowEvent>"
                                        "<endEvent id=\"e\"><eventDefinitionRef>d</eventDefinitionRef></endEvent><sequenceFlow id=\"f1\" sourceRef=\"s\" targetRef=\"a\"/>"
                                        "<sequenceFlow id=\"f2\" sourceRef=\"a\" targetRef=\"e\"/>"), "EXT.095"},
        {process("<startEvent id=\"s\"/><endEvent id=\"e\"/><intermediateThrowEvent id=\"x\"><linkEventDefinition id=\"l1\"><target>l2</target></linkEventDefinition></intermediateThrowEvent>"
                 "<intermediateCatchEvent id=\"y\"><linkEventDefinition id=\"l2\"><source>l3</source></linkEventDefinition></intermediateCatchEvent>"
                 "<intermediateThrowEvent id=\"z\"><linkEventDefinition id=\"l3\"><target>l2</target></linkEventDefinition></intermediateThrowEvent><parallelGateway id=\"p1\"/>"
                 "<sequenceFlow id=\"f1\" sourceRef=\"s\" targetRef=\"p1\"/><sequenceFlow id=\"f2\" sourceRef=\"p1\" targetRef=\"x\"/><sequenceFlow id=\"f3\" sourceRef=\"p1\" targetRef=\"z\"/>"
                 "<sequenceFlow id=\"f4\" sourceRef=\"y\" targetRef=\"e\"/>"), "EXT.118 EXT.126"},
    };
    for (const Case& one : cases) EXPECT_EQ(broken(one.model), one.rules) << one.model;
}

TEST(CheckRules, JudgesActivitiesDataAndExpressions) {
    const auto with_sets = [&](std::string_view input, std::string_view output) {
        return line("task", format("<ioSpecification><dataInput id=\"i\"/><inputSet id=\"is\"><dataInputRefs>i</dataInputRefs>{}</inputSet><outputSet id=\"os\">{}</outputSet></ioSpecification>", input, output));
    };
    const std::vector<Case> cases{
        {line("task", {}, {}, "completionQuantity=\"0\""), "EXT.038"},
        {line("task", {}, {}, "startQuantity=\"x\""), "EXT.037"},
        {line("receiveTask", {}, {}, "instantiate=\"true\""), "EXT.049"},
        {process("<choreographyTask id=\"c\"/>"), "EXT.015,EXT.036"},
        {line("subProcess", "<choreographyTask id=\"c\"/>"), "EXT.056"},
        {line("subProcess", "<ioSpecification><inputSet/><outputSet/></ioSpecification>"), "EXT.079"},
        {with_sets("", ""), ""},
        {with_sets("<optionalInputRefs>i</optionalInputRefs>", ""), ""},
        {with_sets("<optionalInputRefs>j</optionalInputRefs>", ""), "EXT.085 REF.exists"},
        {with_sets("<outputSetRefs>os</outputSetRefs>", ""), "EXT.087"},
        {with_sets("<outputSetRefs>os</outputSetRefs>", "<inputSetRefs>is</inputSetRefs>"), ""},
        {line("adHocSubProcess"), "EXT.061"},
        {process("", "processType=\"Public\" isExecutable=\"true\""), "EXT.035"},
        {"<globalConversation id=\"g\"><group id=\"x\"/></globalConversation>", "EXT.032"},
        {line("task", "<standardLoopCharacteristics><loopCondition>x</loopCondition></standardLoopCharacteristics>"), "EXT.012"},
        {line("task", "<standardLoopCharacteristics><loopCondition xsi:type=\"tFormalExpression\"/></standardLoopCharacteristics>"), "EXT.013"},
        {line("task", "<multiInstanceLoopCharacteristics/>"), "EXT.067"},
        {line("task", {}, "<textAnnotation id=\"t\" textFormat=\"html\"/>"), "EXT.010"},
        {line("task", {}, "<textAnnotation id=\"t\" textFormat=\"text/html\"/>"), ""},
        {line("callActivity", {}, {}, "calledElement=\"q\"") + "<process id=\"q\"><startEvent id=\"s2\"><signalEventDefinition/></startEvent><endEvent id=\"e2\"/>"
                                                                "<sequenceFlow id=\"f9\" sourceRef=\"s2\" targetRef=\"e2\"/></process>", "EXT.099"},
        {line("task") + "<process id=\"p\"/>", "EXT.002 EXT.002"},
        {line("serviceTask", "<ioSpecification><inputSet/><outputSet/><outputSet/></ioSpecification>", {}, "operationRef=\"o\"") +
             "<interface id=\"if\"><operation id=\"o\"><inMessageRef>m</inMessageRef></operation></interface><message id=\"m\"/>", "EXT.043"},
    };
    for (const Case& one : cases) EXPECT_EQ(broken(one.model), one.rules) << one.model;
}

TEST(CheckRules, JudgesTextsWithAFormat) {
    const auto timer = [](std::string_view kind, std::string_view text) {
        return process(format("<startEvent id=\"s\"/><intermediateCatchEvent id=\"a\"><timerEventDefinition><{0} xsi:type=\"tFormalExpression\">{1}</{0}></timerEventDefinition>"
                              "</intermediateCatchEvent><endEvent id=\"e\"/><sequenceFlow id=\"f1\" sourceRef=\"s\" targetRef=\"a\"/><sequenceFlow id=\"f2\" sourceRef=\"a\" targetRef=\"e\"/>",
                              kind, text));
    };
    const auto rules_of = [&](std::string_view kind, std::string_view text) { return broken(timer(kind, text)); };
    for (const char* good : {"2027-01-01", "2027-01-01T09:00:00Z", "2027-01-01T09:00:00+02:00", "20270101T090000Z", "2027-W03-2", "=due", "due", "date(\"2027-01-01\") + d"}) {
        EXPECT_EQ(rules_of("timeDate", good), "") << good;
    }
    for (const char* bad : {"31.12.2020", "INVALID", "2027-13-45", "10 June"}) EXPECT_EQ(rules_of("timeDate", bad), "EXT.132") << bad;
    for (const char* good : {"PT1S", "P1Y2M3DT4H5M6.5S", "P2W", "-P1D", "wait", "duration(\"PT1S\")"}) EXPECT_EQ(rules_of("timeDuration", good), "") << good;
    for (const char* bad : {"10 seconds", "1H", "P", "PT", "P1S", "INVALID"}) EXPECT_EQ(rules_of("timeDuration", bad), "EXT.134") << bad;
    for (const char* good : {"R4/PT1S", "R/2027-01-01T00:00:00Z/P1D", "R2/2027-01-01/2027-02-01", "PT1S", "cycle"}) EXPECT_EQ(rules_of("timeCycle", good), "") << good;
    for (const char* bad : {"0 0/5 * * * ?", "every day", "R3/10S", "INVALID", "*/5"}) EXPECT_EQ(rules_of("timeCycle", bad), "EXT.133") << bad;
    EXPECT_EQ(broken(line("task", "<documentation textFormat=\"html\">x</documentation>")), "EXT.004");
    EXPECT_EQ(broken(line("task", "<documentation textFormat=\"text/html\">x</documentation>")), "");
    const auto transaction = [&](std::string_view method) {
        return broken(line("transaction", "<startEvent id=\"i\"/><endEvent id=\"j\"/><sequenceFlow id=\"k\" sourceRef=\"i\" targetRef=\"j\"/>", {}, format("method=\"{}\"", method)));
    };
    for (const char* good : {"##Compensate", "##Store", "##Image", "http://example.org/tx", "urn:tx"}) EXPECT_EQ(transaction(good), "") << good;
    for (const char* bad : {"##Undo", "not a uri %%", "word"}) EXPECT_EQ(transaction(bad), "EXT.060") << bad;
}

TEST(CheckRules, FollowsImportsByNamespace) {
    const std::string import = "<import importType=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" location=\"b.bpmn\" namespace=\"urn:b\"/>";
    const std::map<std::string, std::string, std::less<>> files{
        {"b.bpmn", definitions("<process id=\"p\"><startEvent id=\"s\"><signalEventDefinition/></startEvent><endEvent id=\"e\"/>"
                               "<sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"e\"/></process>", "b")}};
    const Importer importer = [&](std::string_view location) -> Result<std::string> {
        const auto found = files.find(location);
        return found == files.end() ? Result<std::string>(fail(Code::not_found, "no such file")) : found->second;
    };
    const std::string calling = line("callActivity", {}, {}, "calledElement=\"b:p\"");
    const auto found = check_rules(definitions(import + calling), "m.bpmn", importer);
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->size(), 1U);
    EXPECT_EQ(to_text(found->front()), "b.bpmn:2: <process p>: a process that is called needs a start event without a trigger (EXT.099, clause 10.3.6)");
    EXPECT_EQ(broken(import + calling), "EXT.001") << "without a folder the import is not followed";
    EXPECT_EQ(broken("<import importType=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" location=\"c.bpmn\" namespace=\"urn:c\"/>", importer), "EXT.001");
}

TEST(CheckRules, RefusesWhatIsNoModel) {
    EXPECT_THAT(check_rules("<a/>", "m.bpmn").error().message, testing::HasSubstr("m.bpmn:1"));
    EXPECT_FALSE(check_rules("", "m.bpmn"));
}

}  // namespace
}  // namespace madang::process
