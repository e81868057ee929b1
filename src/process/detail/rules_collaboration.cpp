// Participants, conversations, choreographies and processes as a whole.
#include <algorithm>
#include <array>
#include <charconv>

#include "process/detail/rules_model.h"

namespace madang::process::rules {
namespace {

int refers_to_choreography(const Model&, const Element& element) { return has(element, "choreographyRef") ? 1 : 0; }

long number(const Element& element, const char* name, long missing) {
    const std::string_view text = attribute(element, name);
    long value = missing;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}
int minimum_is_negative(const Model&, const Element& multiplicity) { return number(multiplicity, "minimum", 0) < 0 ? 1 : 0; }

// Table 9.6: minimum is 0 and maximum is 1 where they are not told.
int maximum_is_too_small(const Model&, const Element& multiplicity) {
    const long maximum = number(multiplicity, "maximum", 1);
    return maximum < 1 || maximum < number(multiplicity, "minimum", 0) ? 1 : 0;
}

int global_conversation_holds_more(const Model&, const Element& conversation) {
    return std::ranges::any_of(conversation.children, [](const Element* one) {
        return is_one_of(*one, "conversationNode conversation subConversation callConversation participantAssociation messageFlowAssociation "
                               "conversationAssociation association group textAnnotation");
    }) ? 1 : 0;
}

int closed_differs(const Model& model, const Element& collaboration) {
    const Element* choreography = model.find_child(collaboration, "choreographyRef");
    return choreography != nullptr && is_true(collaboration, "isClosed") != is_true(*choreography, "isClosed") ? 1 : 0;
}

// Clause 9.6: where a collaboration shows a choreography, the participants and message flows of the one are joined to those of the other.
bool belongs_to(const Model& model, const Element* part, const Element& collaboration, bool inner) {
    if (part == nullptr) return true;   // REF.exists tells it
    if (!inner) return part->parent == &collaboration;
    return std::ranges::any_of(collaboration.children, [&](const Element* one) { return one->kind == "choreographyRef" && model.find(*one, text_of(*one)) == part->parent; });
}
int joins_strangers(const Model& model, const Element& association) {
    const Element* collaboration = association.parent;
    if (collaboration == nullptr || collaboration->kind != "collaboration" || !has(*collaboration, "choreographyRef")) return 0;
    const bool flows = association.kind == "messageFlowAssociation";
    const Element* inner = flows ? model.find_attribute(association, "innerMessageFlowRef") : model.find_child(association, "innerParticipantRef");
    const Element* outer = flows ? model.find_attribute(association, "outerMessageFlowRef") : model.find_child(association, "outerParticipantRef");
    return belongs_to(model, inner, *collaboration, true) && belongs_to(model, outer, *collaboration, false) ? 0 : 1;
}

// Clause 8.4.8: what a choreography cannot hold; data objects are told by themselves (EXT.074).
int choreography_holds_activities(const Model&, const Element& choreography) {
    return std::ranges::any_of(choreography.children, [](const Element* one) {
        return is_one_of(*one, kActivities) || is_one_of(*one, "dataObjectReference dataStoreReference dataInputAssociation dataOutputAssociation");
    }) ? 1 : 0;
}

int is_public_and_executable(const Model&, const Element& process) {
    return attribute(process, "processType") == "Public" && is_true(process, "isExecutable") ? 1 : 0;
}

constexpr std::array kRules{
    Rule{"EXT.027", "9.5", "choreography globalConversation", "a choreography or a global conversation does not refer to a choreography", refers_to_choreography},
    Rule{"EXT.029", "9.3.1", "participantMultiplicity", "minimum cannot be negative", minimum_is_negative},
    Rule{"EXT.030", "9.3.1", "participantMultiplicity", "maximum is at least 1 and not below minimum", maximum_is_too_small},
    Rule{"EXT.032", "9.5.5", "globalConversation", "a global conversation holds no conversations, associations and artifacts", global_conversation_holds_more},
    Rule{"EXT.033", "9.2", "collaboration", "isClosed differs from the choreography's", closed_differs},
    Rule{"EXT.034", "9.6", "participantAssociation messageFlowAssociation", "this does not join a part of the choreography to one of the collaboration", joins_strangers},
    Rule{"EXT.016", "8.4.8", kChoreographies, "a choreography holds no activities and no data", choreography_holds_activities},
    Rule{"EXT.035", "10.2", "process", "a public process is not executable", is_public_and_executable},
};

}  // namespace

std::span<const Rule> collaboration_rules() { return kRules; }

}  // namespace madang::process::rules
