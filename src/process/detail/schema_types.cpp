#include "process/detail/schema_types.h"

#include <algorithm>
#include <array>

namespace madang::process::schema {
namespace {

// A type is written as its base, its own attributes ("name:type", "!" where required) and its own children in order:
// "*" any number, "+" at least one, "?" at most one, nothing: exactly one; "=type" where the name is not the type.
// A child "$group" stands for any element of the group.
struct Line {
    std::string_view name;
    std::string_view base;
    std::string_view attributes;
    std::string_view children;
};

struct Group {
    std::string_view name;
    std::string_view members;
};

constexpr std::array kGroups{
    Group{"$eventDefinition", "messageEventDefinition timerEventDefinition escalationEventDefinition conditionalEventDefinition linkEventDefinition "
                              "errorEventDefinition cancelEventDefinition compensateEventDefinition signalEventDefinition terminateEventDefinition"},
    Group{"$artifact", "association group textAnnotation"},
    Group{"$loopCharacteristics", "standardLoopCharacteristics multiInstanceLoopCharacteristics"},
    Group{"$resourceRole", "resourceRole performer humanPerformer potentialOwner"},
    Group{"$conversationNode", "conversation subConversation callConversation"},
    Group{"$expression", "expression formalExpression"},
    Group{"$flowElement", "task sendTask receiveTask serviceTask userTask manualTask scriptTask businessRuleTask callActivity subProcess transaction adHocSubProcess "
                          "exclusiveGateway parallelGateway inclusiveGateway complexGateway eventBasedGateway startEvent boundaryEvent intermediateCatchEvent "
                          "intermediateThrowEvent implicitThrowEvent endEvent sequenceFlow dataObject dataObjectReference dataStoreReference "
                          "choreographyTask subChoreography callChoreography"},
    Group{"$rootElement", "category collaboration choreography globalChoreographyTask globalConversation correlationProperty dataStore endPoint error escalation "
                          "messageEventDefinition timerEventDefinition escalationEventDefinition conditionalEventDefinition linkEventDefinition "
                          "errorEventDefinition cancelEventDefinition compensateEventDefinition signalEventDefinition terminateEventDefinition globalTask "
                          "globalBusinessRuleTask globalManualTask globalScriptTask globalUserTask interface itemDefinition message partnerEntity partnerRole "
                          "process resource signal"},
};

constexpr std::array kLines{
    Line{"text", "", "", ""},
    Line{"baseElement", "", "id:id", "documentation* extensionElements?"},
    Line{"documentation", "", "id:id textFormat", "#any"},
    Line{"extensionElements", "", "", "#foreign"},
    Line{"#mixed", "", "", "#any"},
    Line{"textOfAnnotation", "#mixed", "", ""},
    Line{"script", "#mixed", "", ""},
    Line{"definitions", "baseElement", "name targetNamespace! expressionLanguage typeLanguage exporter exporterVersion",
         "import* extension* $rootElement* relationship*"},
    Line{"import", "", "namespace! location! importType!", ""},
    Line{"extension", "", "definition mustUnderstand:boolean", "documentation*"},
    Line{"relationship", "baseElement", "type! direction:None|Forward|Backward|Both", "source+=text target+=text"},

    // Flow elements.
    Line{"flowElement", "baseElement", "name", "auditing? monitoring? categoryValueRef*=text"},
    Line{"auditing", "baseElement", "", ""},
    Line{"monitoring", "baseElement", "", ""},
    Line{"flowNode", "flowElement", "", "incoming*=text outgoing*=text"},
    Line{"sequenceFlow", "flowElement", "sourceRef! targetRef! isImmediate:boolean", "conditionExpression?=expression"},
    Line{"activity", "flowNode", "isForCompensation:boolean startQuantity:integer completionQuantity:integer default",
         "ioSpecification? property* dataInputAssociation* dataOutputAssociation* $resourceRole* $loopCharacteristics?"},
    Line{"task", "activity", "", ""},
    Line{"manualTask", "task", "", ""},
    Line{"sendTask", "task", "implementation messageRef operationRef", ""},
    Line{"receiveTask", "task", "implementation instantiate:boolean messageRef operationRef", ""},
    Line{"serviceTask", "task", "implementation operationRef", ""},
    Line{"userTask", "task", "implementation", "rendering*"},
    Line{"scriptTask", "task", "scriptFormat", "script?"},
    Line{"businessRuleTask", "task", "implementation", ""},
    Line{"rendering", "baseElement", "", ""},
    Line{"callActivity", "activity", "calledElement", ""},
    Line{"subProcess", "activity", "triggeredByEvent:boolean", "laneSet* $flowElement* $artifact*"},
    Line{"transaction", "subProcess", "method", ""},
    Line{"adHocSubProcess", "subProcess", "cancelRemainingInstances:boolean ordering:Parallel|Sequential", "completionCondition?=expression"},
    Line{"gateway", "flowNode", "gatewayDirection:Unspecified|Converging|Diverging|Mixed", ""},
    Line{"parallelGateway", "gateway", "", ""},
    Line{"exclusiveGateway", "gateway", "default", ""},
    Line{"inclusiveGateway", "gateway", "default", ""},
    Line{"complexGateway", "gateway", "default", "activationCondition?=expression"},
    Line{"eventBasedGateway", "gateway", "instantiate:boolean eventGatewayType:Exclusive|Parallel", ""},
    Line{"event", "flowNode", "", "property*"},
    Line{"catchEvent", "event", "parallelMultiple:boolean", "dataOutput* dataOutputAssociation* outputSet? $eventDefinition* eventDefinitionRef*=text"},
    Line{"throwEvent", "event", "", "dataInput* dataInputAssociation* inputSet? $eventDefinition* eventDefinitionRef*=text"},
    Line{"startEvent", "catchEvent", "isInterrupting:boolean", ""},
    Line{"intermediateCatchEvent", "catchEvent", "", ""},
    Line{"boundaryEvent", "catchEvent", "cancelActivity:boolean attachedToRef!", ""},
    Line{"intermediateThrowEvent", "throwEvent", "", ""},
    Line{"implicitThrowEvent", "throwEvent", "", ""},
    Line{"endEvent", "throwEvent", "", ""},

    // Event definitions, and what they refer to.
    Line{"eventDefinition", "baseElement", "", ""},
    Line{"cancelEventDefinition", "eventDefinition", "", ""},
    Line{"terminateEventDefinition", "eventDefinition", "", ""},
    Line{"compensateEventDefinition", "eventDefinition", "waitForCompletion:boolean activityRef", ""},
    Line{"conditionalEventDefinition", "eventDefinition", "", "condition=expression"},
    Line{"errorEventDefinition", "eventDefinition", "errorRef", ""},
    Line{"escalationEventDefinition", "eventDefinition", "escalationRef", ""},
    Line{"linkEventDefinition", "eventDefinition", "name!", "source*=text target?=text"},
    Line{"messageEventDefinition", "eventDefinition", "messageRef", "operationRef?=text"},
    Line{"signalEventDefinition", "eventDefinition", "signalRef", ""},
    Line{"timerEventDefinition", "eventDefinition", "", "timeDate?=expression timeDuration?=expression timeCycle?=expression"},
    Line{"error", "baseElement", "name errorCode structureRef", ""},
    Line{"escalation", "baseElement", "name escalationCode structureRef", ""},
    Line{"signal", "baseElement", "name structureRef", ""},
    Line{"message", "baseElement", "name itemRef", ""},
    Line{"itemDefinition", "baseElement", "structureRef isCollection:boolean itemKind:Information|Physical", ""},

    // Data.
    Line{"dataObject", "flowElement", "itemSubjectRef isCollection:boolean", "dataState?"},
    Line{"dataObjectReference", "flowElement", "itemSubjectRef dataObjectRef", "dataState?"},
    Line{"dataStoreReference", "flowElement", "itemSubjectRef dataStoreRef", "dataState?"},
    Line{"dataStore", "baseElement", "name capacity:integer isUnlimited:boolean itemSubjectRef", "dataState?"},
    Line{"dataState", "baseElement", "name", ""},
    Line{"dataInput", "baseElement", "name isCollection:boolean itemSubjectRef", "dataState?"},
    Line{"dataOutput", "baseElement", "name isCollection:boolean itemSubjectRef", "dataState?"},
    Line{"property", "baseElement", "name itemSubjectRef", "dataState?"},
    Line{"ioSpecification", "baseElement", "", "dataInput* dataOutput* inputSet+ outputSet+"},
    Line{"inputSet", "baseElement", "name", "dataInputRefs*=text optionalInputRefs*=text whileExecutingInputRefs*=text outputSetRefs*=text"},
    Line{"outputSet", "baseElement", "name", "dataOutputRefs*=text optionalOutputRefs*=text whileExecutingOutputRefs*=text inputSetRefs*=text"},
    Line{"ioBinding", "baseElement", "operationRef! inputDataRef! outputDataRef!", ""},
    Line{"dataAssociation", "baseElement", "", "sourceRef*=text targetRef=text transformation?=formalExpression assignment*"},
    Line{"dataInputAssociation", "dataAssociation", "", ""},
    Line{"dataOutputAssociation", "dataAssociation", "", ""},
    Line{"assignment", "baseElement", "", "from=expression to=expression"},
    Line{"expression", "baseElement", "", ""},
    Line{"formalExpression", "expression", "language evaluatesToTypeRef", ""},

    // Loops.
    Line{"standardLoopCharacteristics", "baseElement", "testBefore:boolean loopMaximum:integer", "loopCondition?=expression"},
    Line{"multiInstanceLoopCharacteristics", "baseElement",
         "isSequential:boolean behavior:None|One|All|Complex oneBehaviorEventRef noneBehaviorEventRef",
         "loopCardinality?=expression loopDataInputRef?=text loopDataOutputRef?=text inputDataItem?=dataInput outputDataItem?=dataOutput "
         "complexBehaviorDefinition* completionCondition?=expression"},
    Line{"complexBehaviorDefinition", "baseElement", "", "condition=formalExpression event?=implicitThrowEvent"},

    // Processes and what can be called.
    Line{"callableElement", "baseElement", "name", "supportedInterfaceRef*=text ioSpecification? ioBinding*"},
    Line{"process", "callableElement", "processType:None|Public|Private isClosed:boolean isExecutable:boolean definitionalCollaborationRef",
         "auditing? monitoring? property* laneSet* $flowElement* $artifact* $resourceRole* correlationSubscription* supports*=text"},
    Line{"globalTask", "callableElement", "", "$resourceRole*"},
    Line{"globalManualTask", "globalTask", "", ""},
    Line{"globalUserTask", "globalTask", "implementation", "rendering*"},
    Line{"globalScriptTask", "globalTask", "scriptLanguage", "script?"},
    Line{"globalBusinessRuleTask", "globalTask", "implementation", ""},
    Line{"laneSet", "baseElement", "name", "lane*"},
    Line{"lane", "baseElement", "name partitionElementRef", "partitionElement?=baseElement flowNodeRef*=text childLaneSet?=laneSet"},
    Line{"interface", "baseElement", "name! implementationRef", "operation+"},
    Line{"operation", "baseElement", "name! implementationRef", "inMessageRef=text outMessageRef?=text errorRef*=text"},
    Line{"endPoint", "baseElement", "", ""},
    Line{"resource", "baseElement", "name!", "resourceParameter*"},
    Line{"resourceParameter", "baseElement", "name type isRequired:boolean", ""},
    Line{"resourceRole", "baseElement", "name", "resourceRef?=text resourceParameterBinding* resourceAssignmentExpression?"},
    Line{"performer", "resourceRole", "", ""},
    Line{"humanPerformer", "resourceRole", "", ""},
    Line{"potentialOwner", "resourceRole", "", ""},
    Line{"resourceParameterBinding", "baseElement", "parameterRef!", "$expression"},
    Line{"resourceAssignmentExpression", "baseElement", "", "$expression"},

    // Artifacts.
    Line{"association", "baseElement", "sourceRef! targetRef! associationDirection:None|One|Both", ""},
    Line{"group", "baseElement", "categoryValueRef", ""},
    Line{"textAnnotation", "baseElement", "textFormat", "text?=textOfAnnotation"},
    Line{"category", "baseElement", "name", "categoryValue*"},
    Line{"categoryValue", "baseElement", "value", ""},

    // Collaborations, conversations and choreographies.
    Line{"collaboration", "baseElement", "name isClosed:boolean",
         "participant* messageFlow* $artifact* $conversationNode* conversationAssociation* participantAssociation* messageFlowAssociation* correlationKey* "
         "choreographyRef*=text conversationLink*"},
    Line{"globalConversation", "collaboration", "", ""},
    Line{"choreography", "collaboration", "", "$flowElement*"},
    Line{"globalChoreographyTask", "choreography", "initiatingParticipantRef", ""},
    Line{"participant", "baseElement", "name processRef", "interfaceRef*=text endPointRef*=text participantMultiplicity?"},
    Line{"participantMultiplicity", "baseElement", "minimum:integer maximum:integer", ""},
    Line{"participantAssociation", "baseElement", "", "innerParticipantRef=text outerParticipantRef=text"},
    Line{"partnerEntity", "baseElement", "name", "participantRef*=text"},
    Line{"partnerRole", "baseElement", "name", "participantRef*=text"},
    Line{"messageFlow", "baseElement", "name sourceRef! targetRef! messageRef", ""},
    Line{"messageFlowAssociation", "baseElement", "innerMessageFlowRef! outerMessageFlowRef!", ""},
    Line{"conversationNode", "baseElement", "name", "participantRef*=text messageFlowRef*=text correlationKey*"},
    Line{"conversation", "conversationNode", "", ""},
    Line{"subConversation", "conversationNode", "", "$conversationNode*"},
    Line{"callConversation", "conversationNode", "calledCollaborationRef", "participantAssociation*"},
    Line{"conversationAssociation", "baseElement", "innerConversationNodeRef! outerConversationNodeRef!", ""},
    Line{"conversationLink", "baseElement", "name sourceRef! targetRef!", ""},
    Line{"correlationKey", "baseElement", "name", "correlationPropertyRef*=text"},
    Line{"correlationProperty", "baseElement", "name type", "correlationPropertyRetrievalExpression+"},
    Line{"correlationPropertyRetrievalExpression", "baseElement", "messageRef!", "messagePath=formalExpression"},
    Line{"correlationSubscription", "baseElement", "correlationKeyRef!", "correlationPropertyBinding*"},
    Line{"correlationPropertyBinding", "baseElement", "correlationPropertyRef!", "dataPath=formalExpression"},
    Line{"choreographyActivity", "flowNode", "initiatingParticipantRef! loopType:None|Standard|MultiInstanceSequential|MultiInstanceParallel",
         "participantRef+=text correlationKey*"},
    Line{"choreographyTask", "choreographyActivity", "", "messageFlowRef+=text"},
    Line{"subChoreography", "choreographyActivity", "", "$flowElement* $artifact*"},
    Line{"callChoreography", "choreographyActivity", "calledChoreographyRef", "participantAssociation*"},
};

template <typename Take>
void each_word(std::string_view text, Take take) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        take(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

const Line* find_line(std::string_view name) {
    const auto found = std::ranges::find(kLines, name, &Line::name);
    return found == kLines.end() ? nullptr : &*found;
}

void add_attribute(Type& type, std::string_view word) {
    AttributeRule rule{.name = word, .type = "text"};
    if (const std::size_t colon = word.find(':'); colon != std::string_view::npos) {
        rule.name = word.substr(0, colon);
        rule.type = word.substr(colon + 1);
    }
    rule.required = rule.name.ends_with('!');
    if (rule.required) rule.name.remove_suffix(1);
    type.attributes.insert_or_assign(rule.name, rule);
}

void add_child(Type& type, std::string_view word, std::size_t place) {
    if (word == "#any") {
        type.takes_anything = true;
        return;
    }
    if (word == "#foreign") {
        type.takes_foreign_children = true;
        return;
    }
    std::string_view content;
    if (const std::size_t equals = word.find('='); equals != std::string_view::npos) {
        content = word.substr(equals + 1);
        word = word.substr(0, equals);
    }
    const char count = std::string_view("*+?").contains(word.back()) ? word.back() : ' ';
    if (count != ' ') word.remove_suffix(1);
    const ChildRule rule{.element = word, .type = content.empty() ? word : content, .place = place, .many = count == '*' || count == '+',
                         .required = count == '+' || count == ' '};
    const auto group = std::ranges::find(kGroups, word, &Group::name);
    if (group == kGroups.end()) {
        type.children.try_emplace(word, rule);
        return;
    }
    each_word(group->members, [&](std::string_view member) {
        ChildRule one = rule;
        one.element = one.type = member;
        one.required = false;
        type.children.try_emplace(member, one);
    });
}

Type type_of(const Line& line) {
    std::vector<const Line*> lines{&line};
    while (!lines.back()->base.empty()) lines.push_back(find_line(lines.back()->base));
    Type type;
    std::size_t place = 0;
    for (auto one = lines.rbegin(); one != lines.rend(); ++one) {
        each_word((*one)->attributes, [&](std::string_view word) { add_attribute(type, word); });
        each_word((*one)->children, [&](std::string_view word) { add_child(type, word, ++place); });
    }
    return type;
}

std::map<std::string_view, Type> all_types() {
    std::map<std::string_view, Type> types;
    for (const Line& line : kLines) types.emplace(line.name, type_of(line));
    return types;
}

}  // namespace

const Type* find_type(std::string_view name) {
    static const std::map<std::string_view, Type> kTypes = all_types();
    const auto found = kTypes.find(name);
    return found == kTypes.end() ? nullptr : &found->second;
}

}  // namespace madang::process::schema
