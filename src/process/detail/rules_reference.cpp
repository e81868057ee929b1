// Identity, and references as the class diagrams of the standard type them.
#include <array>
#include <map>

#include "base/text.h"
#include "process/detail/rules_model.h"

namespace madang::process::rules {
namespace {

constexpr Rule kTwice{.number = "EXT.002", .clause = "15.3.2", .kinds = "*", .text = "this id stands twice", .breaches = nullptr};
constexpr Rule kMissing{.number = "EXT.003", .clause = "8.3.1", .kinds = "*", .text = "a flow, node or process needs an id", .breaches = nullptr};
constexpr Rule kExists{.number = "REF.exists", .clause = "15.3.2", .kinds = "*", .text = {}, .breaches = nullptr};
constexpr Rule kType{.number = "REF.type", .clause = "15.3.2", .kinds = "*", .text = {}, .breaches = nullptr};

constexpr Rule kEnds{.number = "REF.ends", .clause = "8.4.13", .kinds = "*", .text = {}, .breaches = nullptr};

constexpr std::string_view kFlowNodes =
    "task sendTask receiveTask serviceTask userTask manualTask scriptTask businessRuleTask callActivity subProcess transaction adHocSubProcess "
    "exclusiveGateway parallelGateway inclusiveGateway complexGateway eventBasedGateway "
    "startEvent boundaryEvent intermediateCatchEvent intermediateThrowEvent endEvent implicitThrowEvent choreographyTask subChoreography callChoreography";
constexpr std::string_view kInteractionNodes =
    "participant conversation subConversation callConversation task sendTask receiveTask serviceTask userTask manualTask scriptTask businessRuleTask "
    "callActivity subProcess transaction adHocSubProcess startEvent boundaryEvent intermediateCatchEvent intermediateThrowEvent endEvent";
constexpr std::string_view kCallable = "process globalTask globalUserTask globalManualTask globalScriptTask globalBusinessRuleTask";
constexpr std::string_view kItemAware = "dataObject dataObjectReference dataStore dataStoreReference property dataInput dataOutput inputDataItem outputDataItem";

constexpr std::string_view kEventDefinition =
    "messageEventDefinition timerEventDefinition escalationEventDefinition conditionalEventDefinition linkEventDefinition errorEventDefinition "
    "cancelEventDefinition compensateEventDefinition signalEventDefinition terminateEventDefinition";
constexpr std::string_view kConversations = "conversation subConversation callConversation";

struct Reference {
    std::string_view holder;   // kinds, "*": any
    const char* name;          // of the attribute, or of the child element
    bool is_element;
    std::string_view target;   // kinds, "*": any
};

constexpr std::array kReferences{
    Reference{"sequenceFlow", "sourceRef", false, kFlowNodes},
    Reference{"sequenceFlow", "targetRef", false, kFlowNodes},
    Reference{"messageFlow", "sourceRef", false, kInteractionNodes},
    Reference{"messageFlow", "targetRef", false, kInteractionNodes},
    Reference{"messageFlow sendTask receiveTask messageEventDefinition correlationPropertyRetrievalExpression", "messageRef", false, "message"},
    Reference{"participant", "processRef", false, "process"},
    Reference{"callActivity", "calledElement", false, kCallable},
    Reference{"message", "itemRef", false, "itemDefinition"},
    Reference{"*", "itemSubjectRef", false, "itemDefinition"},
    Reference{"error escalation signal", "structureRef", false, "itemDefinition"},
    Reference{"*", "default", false, "sequenceFlow"},
    Reference{"boundaryEvent", "attachedToRef", false, kActivities},
    Reference{"serviceTask sendTask receiveTask ioBinding", "operationRef", false, "operation"},
    Reference{"errorEventDefinition", "errorRef", false, "error"},
    Reference{"escalationEventDefinition", "escalationRef", false, "escalation"},
    Reference{"signalEventDefinition", "signalRef", false, "signal"},
    Reference{"compensateEventDefinition", "activityRef", false, kActivities},
    Reference{"dataObjectReference", "dataObjectRef", false, "dataObject"},
    Reference{"dataStoreReference", "dataStoreRef", false, "dataStore"},
    Reference{"group", "categoryValueRef", false, "categoryValue"},
    Reference{"process", "definitionalCollaborationRef", false, "collaboration choreography globalConversation"},
    Reference{"resourceParameterBinding", "parameterRef", false, "resourceParameter"},
    Reference{"ioBinding", "inputDataRef", false, "dataInput inputSet"},
    Reference{"ioBinding", "outputDataRef", false, "dataOutput outputSet"},
    Reference{"correlationSubscription", "correlationKeyRef", false, "correlationKey"},
    Reference{"correlationPropertyBinding", "correlationPropertyRef", false, "correlationProperty"},
    Reference{"*", "incoming", true, "sequenceFlow"},
    Reference{"*", "outgoing", true, "sequenceFlow"},
    Reference{"lane", "flowNodeRef", true, kFlowNodes},
    Reference{"inputSet", "dataInputRefs", true, "dataInput"},
    Reference{"inputSet", "optionalInputRefs", true, "dataInput"},
    Reference{"inputSet", "whileExecutingInputRefs", true, "dataInput"},
    Reference{"inputSet", "outputSetRefs", true, "outputSet"},
    Reference{"outputSet", "dataOutputRefs", true, "dataOutput"},
    Reference{"outputSet", "optionalOutputRefs", true, "dataOutput"},
    Reference{"outputSet", "whileExecutingOutputRefs", true, "dataOutput"},
    Reference{"outputSet", "inputSetRefs", true, "inputSet"},
    Reference{kEvents, "eventDefinitionRef", true,
              kEventDefinition},
    Reference{"participant", "interfaceRef", true, "interface"},
    Reference{"process globalTask globalUserTask globalManualTask globalScriptTask globalBusinessRuleTask", "supportedInterfaceRef", true, "interface"},
    Reference{"*", "participantRef", true, "participant"},
    Reference{"*", "innerParticipantRef", true, "participant"},
    Reference{"*", "outerParticipantRef", true, "participant"},
    Reference{"operation", "inMessageRef", true, "message"},
    Reference{"operation", "outMessageRef", true, "message"},
    Reference{"operation", "errorRef", true, "error"},
    Reference{"messageEventDefinition", "operationRef", true, "operation"},
    Reference{"linkEventDefinition", "source", true, "linkEventDefinition"},
    Reference{"linkEventDefinition", "target", true, "linkEventDefinition"},
    Reference{"dataInputAssociation dataOutputAssociation", "sourceRef", true, kItemAware},
    Reference{"dataInputAssociation dataOutputAssociation", "targetRef", true, kItemAware},
    Reference{"multiInstanceLoopCharacteristics", "loopDataInputRef", true, kItemAware},
    Reference{"multiInstanceLoopCharacteristics", "loopDataOutputRef", true, kItemAware},
    Reference{"performer resourceRole humanPerformer potentialOwner", "resourceRef", true, "resource"},
    Reference{"correlationKey", "correlationPropertyRef", true, "correlationProperty"},
    Reference{"collaboration choreography globalConversation globalChoreographyTask", "choreographyRef", true, "choreography globalChoreographyTask"},
    Reference{"association", "sourceRef", false, "*"},
    Reference{"association", "targetRef", false, "*"},
    Reference{"*", "evaluatesToTypeRef", false, "itemDefinition"},
    Reference{"*", "categoryValueRef", true, "categoryValue"},
    Reference{"resourceParameter correlationProperty", "type", false, "itemDefinition"},
    Reference{"participant", "endPointRef", true, "endPoint"},
    Reference{"process", "supports", true, "process"},
    Reference{"multiInstanceLoopCharacteristics", "oneBehaviorEventRef", false, kEventDefinition},
    Reference{"multiInstanceLoopCharacteristics", "noneBehaviorEventRef", false, kEventDefinition},
    Reference{"lane", "partitionElementRef", false, "*"},
    Reference{"callConversation", "calledCollaborationRef", false, "collaboration globalConversation"},
    Reference{"callChoreography", "calledChoreographyRef", false, "choreography globalChoreographyTask"},
    Reference{"choreographyTask subChoreography callChoreography globalChoreographyTask", "initiatingParticipantRef", false, "participant"},
    Reference{"choreographyTask conversation subConversation callConversation", "messageFlowRef", true, "messageFlow"},
    Reference{"messageFlowAssociation", "innerMessageFlowRef", false, "messageFlow"},
    Reference{"messageFlowAssociation", "outerMessageFlowRef", false, "messageFlow"},
    Reference{"conversationAssociation", "innerConversationNodeRef", false, kConversations},
    Reference{"conversationAssociation", "outerConversationNodeRef", false, kConversations},
    Reference{"conversationLink", "sourceRef", false, kInteractionNodes},
    Reference{"conversationLink", "targetRef", false, kInteractionNodes},
};

// `place` is where the reference is written.
void judge(const Model& model, const Element& place, std::string_view name, std::string_view value, std::string_view kinds, std::vector<Violation>& violations) {
    if (value.empty()) return;
    const Element* target = model.find(place, value);
    if (target == nullptr) {
        if (model.refers_to_imports(place, value)) return;   // to a schema, a WSDL file or a file that EXT.001 names
        violations.push_back(violation_at(model, place, kExists));
        violations.back().message = format("{} refers to \"{}\", which is not there", name, value);
    } else if (kinds != "*" && !is_one_of(*target, kinds)) {
        violations.push_back(violation_at(model, place, kType));
        violations.back().message = format("{} refers to \"{}\", which is a {}", name, value, target->kind);
    }
}

// Clause 8.4.13: what a node names as incoming ends there, what it names as outgoing begins there.
void judge_ends(const Model& model, const Element& name, std::vector<Violation>& violations) {
    const Element* flow = model.find(name, text_of(name));
    if (flow == nullptr || flow->kind != "sequenceFlow" || is_derived(name)) return;
    const bool incoming = name.kind == "incoming";
    if (model.find_attribute(*flow, incoming ? "targetRef" : "sourceRef") == name.parent) return;
    violations.push_back(violation_at(model, name, kEnds));
    violations.back().message = format("{} names the flow \"{}\", which {} elsewhere", name.kind, flow->id, incoming ? "ends" : "begins");
}

bool needs_id(const Element& element) { return is_one_of(element, kFlowNodes) || is_one_of(element, "sequenceFlow process participant messageFlow"); }

}  // namespace

void check_ids(const Model& model, std::vector<Violation>& violations) {
    std::map<std::pair<std::string_view, std::string_view>, const Element*> first;   // by namespace and id
    for (const Element& element : model.elements()) {
        if (element.id.empty()) {
            if (needs_id(element)) violations.push_back(violation_at(model, element, kMissing));
            continue;
        }
        const auto [found, added] = first.try_emplace({model.target_namespace(element.file), element.id}, &element);
        if (added) continue;
        violations.push_back(violation_at(model, *found->second, kTwice));
        violations.push_back(violation_at(model, element, kTwice));
    }
}

void check_references(const Model& model, std::vector<Violation>& violations) {
    for (const Element& element : model.elements()) {
        if (is_one_of(element, "incoming outgoing")) judge_ends(model, element, violations);
        if (is_derived(element)) continue;
        for (const Reference& reference : kReferences) {
            if (reference.holder != "*" && !is_one_of(element, reference.holder)) continue;
            if (!reference.is_element) {
                judge(model, element, reference.name, attribute(element, reference.name), reference.target, violations);
                continue;
            }
            for (const Element* one : element.children) {
                if (one->kind == reference.name && !is_derived(*one)) judge(model, *one, reference.name, text_of(*one), reference.target, violations);
            }
        }
    }
}

}  // namespace madang::process::rules
