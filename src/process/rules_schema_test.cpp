// What BPMN20.xsd says of attributes and children, and the rules of the published list that no public case has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "process/rules.h"

namespace madang::process {
namespace {

using testing::HasSubstr;

std::string definitions(std::string_view inner) {
    return format("<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
                  "xmlns:b=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:x=\"urn:x\" targetNamespace=\"urn:a\">\n{}\n</definitions>", inner);
}
std::string process(std::string_view inner) { return format("<process id=\"p\" isExecutable=\"true\">\n{}\n</process>", inner); }

// start → a → end with the task as given.
std::string around(std::string_view task, std::string_view more = {}) {
    return process(format("<startEvent id=\"s\"/>{0}<endEvent id=\"e\"/><sequenceFlow id=\"f1\" sourceRef=\"s\" targetRef=\"a\"/>"
                          "<sequenceFlow id=\"f2\" sourceRef=\"a\" targetRef=\"e\"/>{1}", task, more));
}

// "XSD.attribute:4 EXT.104:5"
std::string found_in(std::string_view inner, std::string_view family) {
    const auto found = check_rules(definitions(inner), "m.bpmn");
    if (!found) return found.error().message;
    std::string text;
    for (const Violation& one : *found) {
        if (one.rule.starts_with(family)) text += format("{}{}:{}", text.empty() ? "" : " ", one.rule, one.line);
    }
    return text;
}
std::string schema_of(std::string_view inner) { return found_in(inner, "XSD"); }

TEST(CheckSchema, TakesWhatTheStandardKnows) {
    for (const std::string& good : {
             around("<task id=\"a\" x:role=\"clerk\"><documentation textFormat=\"text/html\"><p xmlns=\"urn:h\" class=\"c\">x</p></documentation>"
                    "<extensionElements><x:y z=\"1\"><task nonsense=\"1\"/></x:y></extensionElements></task>"),
             around("<userTask id=\"a\" name=\"n\" startQuantity=\" 1 \"><multiInstanceLoopCharacteristics isSequential=\"1\" behavior=\"One\">"
                    "<loopCardinality xsi:type=\"tFormalExpression\" language=\"urn:feel\">3</loopCardinality></multiInstanceLoopCharacteristics></userTask>"),
             around("<task id=\"a\"/>", "<textAnnotation id=\"t\"><text>x</text></textAnnotation>"),
             std::string("<collaboration id=\"c\"><participant id=\"q\" processRef=\"p\"><participantMultiplicity minimum=\"0\" maximum=\"+2\"/></participant></collaboration>")}) {
        EXPECT_EQ(schema_of(good), "") << good;
    }
}

TEST(CheckSchema, TellsWordsThatNobodyKnowsWithTheirLine) {
    EXPECT_EQ(schema_of(process("<task id=\"a\"/>\n<boundaryEvent id=\"b\" attachedToRef=\"a\" cancelActivty=\"false\"><timerEventDefinition/></boundaryEvent>")), "XSD.attribute:4");
    EXPECT_EQ(schema_of(process("<task id=\"a\"/>\n<task id=\"b\"/>\n<sequenceFlow id=\"f\" sourceRef=\"a\" targetRef=\"b\" isImediate=\"false\"/>")), "XSD.attribute:5");
    EXPECT_EQ(schema_of("<bogusRoot><task id=\"a\" nonsense=\"1\"/></bogusRoot>"), "XSD.element:2") << "told once";
    EXPECT_EQ(schema_of("<x:thing/>"), "XSD.element:1") << "what tools add stands in extensionElements";
    EXPECT_EQ(schema_of(process("<task id=\"a\"><x:thing/></task>")), "XSD.element:3");
    EXPECT_EQ(schema_of(process("<task id=\"a\"><extensionElements><task id=\"b\"/></extensionElements></task>")), "XSD.element:3");
    EXPECT_EQ(schema_of(process("<task id=\"a\" b:name=\"n\"/>")), "XSD.attribute:3");
    EXPECT_EQ(schema_of(process("<sequenceFlow id=\"f\" sourceRef=\"a\" targetRef=\"b\"><conditionExpression language=\"urn:feel\">x</conditionExpression></sequenceFlow>")),
              "XSD.attribute:3") << "only a formal expression has a language";
    const auto found = check_rules(definitions(process("<startEvent id=\"s\" isInterupting=\"false\"/>")), "m.bpmn");
    ASSERT_TRUE(found);
    EXPECT_THAT(to_text(found->back()), HasSubstr("m.bpmn:3: <startEvent s>: isInterupting is no attribute of startEvent; did you mean \"isInterrupting\"? (XSD.attribute"));
    EXPECT_FALSE(is_warning(found->back()));
}

TEST(CheckSchema, TellsValuesThatAreNone) {
    EXPECT_EQ(schema_of(process("<task id=\"1lane\"/>")), "XSD.value:3");
    EXPECT_EQ(schema_of(process("<task id=\"a b\"/>")), "XSD.value:3");
    EXPECT_EQ(schema_of(process("<task id=\"a\" isForCompensation=\"yes\"/>")), "XSD.value:3");
    EXPECT_EQ(schema_of(process("<task id=\"a\" startQuantity=\"1.5\"/>")), "XSD.value:3");
    EXPECT_EQ(schema_of(process("<adHocSubProcess id=\"a\" ordering=\"sequential\"/>")), "XSD.value:3");
    EXPECT_EQ(schema_of(process("<complexGateway id=\"a\" gatewayDirection=\"Both\"/>")), "XSD.value:3");
}

TEST(CheckSchema, WarnsOfOrderAndOfWhatIsMissing) {
    EXPECT_EQ(schema_of(process("<task id=\"a\"><ioSpecification><inputSet/><outputSet/></ioSpecification><ioSpecification><inputSet/><outputSet/></ioSpecification></task>")), "XSD.element:3");
    EXPECT_EQ(schema_of(process("<task id=\"a\"><incoming>f</incoming><documentation>x</documentation></task>")), "XSD.order:3");
    EXPECT_EQ(schema_of(process("<linkThrow/>")), "XSD.element:3");
    EXPECT_EQ(schema_of(process("<task id=\"a\"><dataInputAssociation/></task>")), "XSD.missing:3");
    const auto found = check_rules(definitions(around("<task id=\"a\"><dataInputAssociation><sourceRef>d</sourceRef></dataInputAssociation></task>", "<dataObject id=\"d\"/>")), "m.bpmn");
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 1U);
    EXPECT_TRUE(is_warning(found->front())) << "nothing is read wrongly for it";
}

struct Case {
    std::string_view number;
    std::string broken;
    std::string kept;
};

TEST(CheckRules, KnowsTheRulesThatNoPublicCaseHas) {
    const auto collaboration = [](std::string_view associations) {
        return format("<choreography id=\"ch\"><participant id=\"q1\"/><participant id=\"q2\"/><messageFlow id=\"m1\" sourceRef=\"q1\" targetRef=\"q2\"/></choreography>"
                      "<collaboration id=\"co\"><participant id=\"r1\"/><participant id=\"r2\"/><messageFlow id=\"m2\" sourceRef=\"r1\" targetRef=\"r2\"/>{}"
                      "<choreographyRef>ch</choreographyRef></collaboration>", associations);
    };
    const auto behavior = [](std::string_view event) {
        return around(format("<task id=\"a\"><multiInstanceLoopCharacteristics behavior=\"Complex\"><loopCardinality xsi:type=\"tFormalExpression\">2</loopCardinality>"
                             "<complexBehaviorDefinition><condition>x</condition>{}</complexBehaviorDefinition></multiInstanceLoopCharacteristics></task>", event));
    };
    const auto script = [](std::string_view attributes) { return format("<globalScriptTask id=\"g\" {}><script>1</script></globalScriptTask>", attributes); };
    const std::string sound = around("<task id=\"a\"/>");
    const std::vector<Case> cases{
        {"EXT.005", around("<task id=\"a\"><extensionElements><x:stamp id=\"z\"/></extensionElements></task>", "<sequenceFlow id=\"f3\" sourceRef=\"a\" targetRef=\"z\"/>"),
         around("<task id=\"a\"><extensionElements><x:stamp id=\"z\"/></extensionElements></task>", "<association id=\"o\" sourceRef=\"a\" targetRef=\"z\"/>")},
        {"EXT.015", around("<task id=\"a\"/>", "<choreographyTask id=\"c\"/>"), sound},
        {"EXT.016", "<choreography id=\"c\"><task id=\"t\"/></choreography>", "<choreography id=\"c\"><choreographyTask id=\"t\"/></choreography>"},
        {"EXT.016", "<choreography id=\"c\"><dataObject id=\"t\"/></choreography>", process("<dataObject id=\"t\"/>")},
        {"EXT.034", collaboration("<participantAssociation><innerParticipantRef>r1</innerParticipantRef><outerParticipantRef>r2</outerParticipantRef></participantAssociation>"),
         collaboration("<participantAssociation><innerParticipantRef>q1</innerParticipantRef><outerParticipantRef>r1</outerParticipantRef></participantAssociation>")},
        {"EXT.034", collaboration("<messageFlowAssociation innerMessageFlowRef=\"m2\" outerMessageFlowRef=\"m1\"/>"),
         collaboration("<messageFlowAssociation innerMessageFlowRef=\"m1\" outerMessageFlowRef=\"m2\"/>")},
        {"EXT.055", around("<adHocSubProcess id=\"a\"><standardLoopCharacteristics/><multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
                           "<task id=\"i\"/></adHocSubProcess>"),
         around("<adHocSubProcess id=\"a\"><standardLoopCharacteristics/><task id=\"i\"/></adHocSubProcess>")},
        {"EXT.065", "<message id=\"m\" itemRef=\"i1\"/><itemDefinition id=\"i1\" structureRef=\"A\"/><itemDefinition id=\"i2\" structureRef=\"B\"/><interface id=\"n\" name=\"n\"><operation id=\"o\" name=\"o\">"
                    "<inMessageRef>m</inMessageRef></operation></interface><globalTask id=\"g\"><supportedInterfaceRef>n</supportedInterfaceRef><ioSpecification><dataInput id=\"d\" itemSubjectRef=\"i2\"/>"
                    "<inputSet><dataInputRefs>d</dataInputRefs></inputSet><outputSet/></ioSpecification><ioBinding operationRef=\"o\" inputDataRef=\"d\"/></globalTask>",
         "<message id=\"m\" itemRef=\"i1\"/><itemDefinition id=\"i1\" structureRef=\"A\"/><interface id=\"n\" name=\"n\"><operation id=\"o\" name=\"o\"><inMessageRef>m</inMessageRef></operation></interface>"
         "<globalTask id=\"g\"><supportedInterfaceRef>n</supportedInterfaceRef><ioSpecification><dataInput id=\"d\" itemSubjectRef=\"i1\"/><inputSet><dataInputRefs>d</dataInputRefs></inputSet><outputSet/>"
         "</ioSpecification><ioBinding operationRef=\"o\" inputDataRef=\"d\"/></globalTask>"},
        {"EXT.066", script(""), script("scriptLanguage=\"application/feel\"")},
        {"EXT.066", script("scriptLanguage=\"feel\""), "<globalScriptTask id=\"g\"/>"},
        {"EXT.073", behavior("<event id=\"v\"/>"), behavior("")},
        {"EXT.073", behavior("<event id=\"v\"><timerEventDefinition/></event>"), behavior("<event id=\"v\"><signalEventDefinition/></event>")},
        {"EXT.074", "<collaboration id=\"c\"><dataObject id=\"d\"/></collaboration>", process("<dataObject id=\"d\"/>")},
        {"EXT.075", process("<dataObject id=\"d\"><dataState name=\"new\"/></dataObject>"),
         process("<dataObject id=\"d\" name=\"d\"/><dataObjectReference id=\"r\" name=\"d [new]\" dataObjectRef=\"d\"><dataState name=\"new\"/></dataObjectReference>")},
        {"EXT.075", "<itemDefinition id=\"i\"/>" + process("<dataObject id=\"d\"/><dataObjectReference id=\"r\" dataObjectRef=\"d\" itemSubjectRef=\"i\"/>"),
         "<itemDefinition id=\"i\"/>" + process("<dataObject id=\"d\" itemSubjectRef=\"i\"/><dataObjectReference id=\"r\" dataObjectRef=\"d\"/>")},
        {"EXT.145", around("<task id=\"a\"/>", "<task id=\"z\" isForCompensation=\"true\"/><sequenceFlow id=\"f3\" sourceRef=\"a\" targetRef=\"z\"/>"),
         around("<task id=\"a\"/>", "<task id=\"z\" isForCompensation=\"true\"/>")},
    };
    for (const Case& one : cases) {
        EXPECT_THAT(found_in(one.broken, "EXT"), HasSubstr(std::string(one.number))) << one.broken;
        EXPECT_EQ(found_in(one.kept, "EXT"), "") << one.kept;
    }
}

// Each reference of the class diagrams: to the right kind, to a wrong one and to nothing.
TEST(CheckRules, KnowsWhatEachReferenceMayName) {
    struct Reference {
        std::string text;        // with {} for the reference
        std::string_view right;  // an id below
    };
    const std::string world = "<message id=\"message\"/><itemDefinition id=\"item\"/><error id=\"error\"/><escalation id=\"escalation\"/><signal id=\"signal\"/><endPoint id=\"point\"/>"
                              "<category id=\"category\"><categoryValue id=\"value\"/></category><resource id=\"resource\" name=\"r\"><resourceParameter id=\"parameter\"/></resource>"
                              "<interface id=\"interface\" name=\"i\"><operation id=\"operation\" name=\"o\"><inMessageRef>message</inMessageRef></operation></interface><process id=\"process\"/>"
                              "<signalEventDefinition id=\"trigger\"/><dataStore id=\"store\"/><globalTask id=\"callable\"/>"
                              "<correlationProperty id=\"correlation\"><correlationPropertyRetrievalExpression messageRef=\"message\"><messagePath>x</messagePath></correlationPropertyRetrievalExpression></correlationProperty>"
                              "<collaboration id=\"collaboration\"><participant id=\"one\"/><participant id=\"two\"/><messageFlow id=\"flow\" sourceRef=\"one\" targetRef=\"two\"/>"
                              "<conversation id=\"talk\"/><correlationKey id=\"key\"/></collaboration>";
    const std::vector<Reference> references{
        {"<message id=\"z\" itemRef=\"{}\"/>", "item"},
        {"<error id=\"z\" structureRef=\"{}\"/>", "item"},
        {"<escalation id=\"z\" structureRef=\"{}\"/>", "item"},
        {"<correlationProperty id=\"z\" type=\"{}\"/>", "item"},
        {"<dataStore id=\"z\" itemSubjectRef=\"{}\"/>", "item"},
        {"<resource id=\"z\" name=\"z\"><resourceParameter type=\"{}\"/></resource>", "item"},
        {"<interface id=\"z\" name=\"z\"><operation id=\"y\" name=\"y\"><inMessageRef>{}</inMessageRef></operation></interface>", "message"},
        {"<interface id=\"z\" name=\"z\"><operation id=\"y\" name=\"y\"><inMessageRef>message</inMessageRef><outMessageRef>{}</outMessageRef></operation></interface>", "message"},
        {"<interface id=\"z\" name=\"z\"><operation id=\"y\" name=\"y\"><inMessageRef>message</inMessageRef><errorRef>{}</errorRef></operation></interface>", "error"},
        {"<collaboration id=\"z\"><participant id=\"y\" processRef=\"{}\"/></collaboration>", "process"},
        {"<collaboration id=\"z\"><participant id=\"y\"><interfaceRef>{}</interfaceRef></participant></collaboration>", "interface"},
        {"<collaboration id=\"z\"><participant id=\"y\"><endPointRef>{}</endPointRef></participant></collaboration>", "point"},
        {"<collaboration id=\"z\"><correlationKey id=\"y\"><correlationPropertyRef>{}</correlationPropertyRef></correlationKey></collaboration>", "correlation"},
        {"<collaboration id=\"z\"><messageFlowAssociation innerMessageFlowRef=\"{}\" outerMessageFlowRef=\"flow\"/></collaboration>", "flow"},
        {"<collaboration id=\"z\"><conversationLink sourceRef=\"one\" targetRef=\"{}\"/></collaboration>", "talk"},
        {"<partnerEntity id=\"z\"><participantRef>{}</participantRef></partnerEntity>", "one"},
        {"<partnerRole id=\"z\"><participantRef>{}</participantRef></partnerRole>", "one"},
        {"<process id=\"z\" definitionalCollaborationRef=\"{}\"/>", "collaboration"},
        {"<process id=\"z\"><supports>{}</supports></process>", "process"},
        {"<process id=\"z\"><supportedInterfaceRef>{}</supportedInterfaceRef></process>", "interface"},
        {"<process id=\"z\"><correlationSubscription correlationKeyRef=\"{}\"/></process>", "key"},
        {"<process id=\"z\"><performer><resourceRef>{}</resourceRef></performer></process>", "resource"},
        {"<process id=\"z\"><performer><resourceRef>resource</resourceRef><resourceParameterBinding parameterRef=\"{}\"/></performer></process>", "parameter"},
        {"<process id=\"z\"><group id=\"y\" categoryValueRef=\"{}\"/></process>", "value"},
        {"<process id=\"z\"><task id=\"y\"><categoryValueRef>{}</categoryValueRef></task></process>", "value"},
        {"<process id=\"z\"><serviceTask id=\"y\" operationRef=\"{}\"/></process>", "operation"},
        {"<process id=\"z\"><sendTask id=\"y\" messageRef=\"{}\"/></process>", "message"},
        {"<process id=\"z\"><callActivity id=\"y\" calledElement=\"{}\"/></process>", "callable"},
        {"<process id=\"z\"><dataStoreReference id=\"y\" dataStoreRef=\"{}\"/></process>", "store"},
        {"<process id=\"z\"><task id=\"y\"><multiInstanceLoopCharacteristics oneBehaviorEventRef=\"{}\"/></task></process>", "trigger"},
        {"<process id=\"z\"><startEvent id=\"y\"><eventDefinitionRef>{}</eventDefinitionRef></startEvent></process>", "trigger"},
        {"<process id=\"z\"><startEvent id=\"y\"><messageEventDefinition messageRef=\"{}\"/></startEvent></process>", "message"},
        {"<process id=\"z\"><startEvent id=\"y\"><signalEventDefinition signalRef=\"{}\"/></startEvent></process>", "signal"},
        {"<process id=\"z\"><endEvent id=\"y\"><errorEventDefinition errorRef=\"{}\"/></endEvent></process>", "error"},
        {"<process id=\"z\"><endEvent id=\"y\"><escalationEventDefinition escalationRef=\"{}\"/></endEvent></process>", "escalation"},
        {"<process id=\"z\"><sequenceFlow id=\"y\" sourceRef=\"a\" targetRef=\"a\"><conditionExpression xsi:type=\"tFormalExpression\" evaluatesToTypeRef=\"{}\">x</conditionExpression></sequenceFlow>"
         "<task id=\"a\"/></process>", "item"},
    };
    const auto references_in = [&](const Reference& one, std::string_view to) {
        std::string text = one.text;
        text.replace(text.find("{}"), 2, to);
        return found_in(world + text, "REF");
    };
    for (const Reference& one : references) {
        EXPECT_EQ(references_in(one, one.right), "") << one.text;
        EXPECT_EQ(references_in(one, "category"), "REF.type:2") << one.text;
        EXPECT_EQ(references_in(one, "nowhere"), "REF.exists:2") << one.text;
    }
    EXPECT_EQ(found_in(around("<task id=\"a\"/>", "<association id=\"o\" sourceRef=\"a\" targetRef=\"nowhere\"/>"), "REF"), "REF.exists:3");
    EXPECT_EQ(found_in(around("<task id=\"a\"/>", "<laneSet id=\"l\"><lane id=\"m\"><flowNodeRef>f1</flowNodeRef></lane></laneSet>"), "REF"), "REF.type:3");
}

}  // namespace
}  // namespace madang::process
