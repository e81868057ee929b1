// Data objects, inputs, outputs and their associations.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "process/detail/rules_model.h"

namespace madang::process::rules {
namespace {

int collection_differs(const Model& model, const Element& data) {
    const Element* item = model.find_attribute(data, "itemSubjectRef");
    return item != nullptr && is_true(data, "isCollection") != is_true(*item, "isCollection") ? 1 : 0;
}

int name_breaks_the_convention(const Model& model, const Element& reference) {
    const std::string_view name = attribute(reference, "name");
    if (name.empty()) return 0;
    const Element* object = model.find_attribute(reference, "dataObjectRef");
    const Element* state = child(reference, "dataState");
    if (object == nullptr) return 1;
    return name == format("{} [{}]", attribute(*object, "name"), state == nullptr ? std::string_view{} : attribute(*state, "name")) ? 0 : 1;
}

// Clause 10.4.1: a data object has its place in a process, and a state only where it is referred to.
int object_stands_in_choreography(const Model&, const Element& object) { return object.parent != nullptr && is_one_of(*object.parent, kChoreographies) ? 1 : 0; }
int object_stands_elsewhere(const Model&, const Element& object) {
    return object.parent != nullptr && (object.parent->kind == "process" || is_one_of(*object.parent, kSubProcesses) || is_one_of(*object.parent, kChoreographies)) ? 0 : 1;
}
int object_has_a_state(const Model&, const Element& object) { return has(object, "dataState") ? 1 : 0; }
int reference_has_an_item(const Model&, const Element& reference) { return attribute(reference, "itemSubjectRef").empty() ? 0 : 1; }

int property_stands_elsewhere(const Model&, const Element& property) {
    return property.parent != nullptr &&
                   (property.parent->kind == "process" || is_one_of(*property.parent, kActivities) || is_one_of(*property.parent, kEvents)) ? 0 : 1;
}

int sub_process_has_data(const Model&, const Element& sub) { return has(sub, "ioSpecification") ? 1 : 0; }

// The ends of an association by its child sourceRef or targetRef.
Elements ends(const Model& model, const Element& association, std::string_view end) {
    Elements found;
    for (const Element* one : association.children) {
        if (one->kind != end) continue;
        if (const Element* to = model.find(*one, text_of(*one))) found.push_back(to);
    }
    return found;
}

// Clause 10.4.1: the data input of a process is only read, its data output is only written.
bool belongs_to_callable(const Element& data) {
    return data.parent != nullptr && data.parent->kind == "ioSpecification" && data.parent->parent != nullptr &&
           !is_one_of(*data.parent->parent, kActivities);
}
int writes_an_input(const Model& model, const Element& association) {
    const Elements targets = ends(model, association, "targetRef");
    return std::ranges::any_of(targets, [](const Element* one) { return one->kind == "dataInput" && belongs_to_callable(*one); }) ? 1 : 0;
}
int reads_an_output(const Model& model, const Element& association) {
    const Elements sources = ends(model, association, "sourceRef");
    return std::ranges::any_of(sources, [](const Element* one) { return one->kind == "dataOutput" && belongs_to_callable(*one); }) ? 1 : 0;
}

int input_is_in_no_set(const Model& model, const Element& input) {
    return std::ranges::any_of(model.referring("dataInputRefs", input), [](const Element* one) { return one->parent->kind == "inputSet"; }) ? 0 : 1;
}
int output_is_in_no_set(const Model& model, const Element& output) {
    return std::ranges::any_of(model.referring("dataOutputRefs", output), [](const Element* one) { return one->parent->kind == "outputSet"; }) ? 0 : 1;
}

// Whether every name of one list stands in the other list of the set.
int is_not_listed(const Element& set, std::string_view some, std::string_view all) {
    for (const Element* one : set.children) {
        if (one->kind != some) continue;
        const std::string name = text_of(*one);
        if (!std::ranges::any_of(set.children, [&](const Element* other) { return other->kind == all && text_of(*other) == name; })) return 1;
    }
    return 0;
}
int optional_input_is_not_listed(const Model&, const Element& set) { return is_not_listed(set, "optionalInputRefs", "dataInputRefs"); }
int running_input_is_not_listed(const Model&, const Element& set) { return is_not_listed(set, "whileExecutingInputRefs", "dataInputRefs"); }
int optional_output_is_not_listed(const Model&, const Element& set) { return is_not_listed(set, "optionalOutputRefs", "dataOutputRefs"); }
int running_output_is_not_listed(const Model&, const Element& set) { return is_not_listed(set, "whileExecutingOutputRefs", "dataOutputRefs"); }

int set_is_not_answered(const Model& model, const Element& set) {
    const std::string_view there = set.kind == "inputSet" ? "outputSetRefs" : "inputSetRefs";
    const std::string_view back = set.kind == "inputSet" ? "inputSetRefs" : "outputSetRefs";
    for (const Element* one : set.children) {
        if (one->kind != there) continue;
        const Element* other = model.find(*one, text_of(*one));
        const bool answered = other != nullptr && std::ranges::any_of(other->children, [&](const Element* name) {
            return name->kind == back && model.find(*name, text_of(*name)) == &set;
        });
        if (!answered) return 1;
    }
    return 0;
}

int carries_another_structure(const Model& model, const Element& association) {
    if (has(association, "transformation")) return 0;
    const Elements sources = ends(model, association, "sourceRef");
    const Elements targets = ends(model, association, "targetRef");
    if (sources.empty() || targets.empty()) return 0;
    for (const Element* source : sources) {
        for (const Element* target : targets) {
            const std::string from = structure_of(model, source);
            const std::string to = structure_of(model, target);
            if (from.empty() || to.empty() || from == to) return 0;
        }
    }
    return 1;
}
int has_not_one_source(const Model&, const Element& association) {
    return !has(association, "transformation") && count(association, "sourceRef") != 1 ? 1 : 0;
}

std::string_view data_of(const Element& event) { return is_one_of(event, "endEvent intermediateThrowEvent") ? "dataInput" : "dataOutput"; }
int data_is_not_one_a_trigger(const Model&, const Element& event) {
    const int data = count(event, data_of(event));
    return data > 0 && data != count_event_definitions(event) ? 1 : 0;
}

constexpr std::string_view kCarrying = "messageEventDefinition errorEventDefinition escalationEventDefinition signalEventDefinition";

// The n-th definition that carries data goes with the n-th data of the event.
int data_differs_from_trigger(const Model& model, const Element& definition) {
    const Element* event = definition.parent;
    if (event == nullptr || !is_one_of(*event, kEvents)) return 0;
    std::size_t place = 0;
    Elements data;
    for (const Element* one : event->children) {
        if (one->kind == data_of(*event)) data.push_back(one);
    }
    for (const Element* one : event->children) {
        if (one == &definition) break;
        if (is_one_of(*one, kCarrying)) ++place;
    }
    if (data.empty() || place >= data.size()) return 0;
    const char* reference = definition.kind == "messageEventDefinition" ? "messageRef" : definition.kind == "errorEventDefinition" ? "errorRef"
                          : definition.kind == "signalEventDefinition" ? "signalRef" : "escalationRef";
    const std::string wanted = structure_of(model, model.find_attribute(definition, reference));
    return !wanted.empty() && structure_of(model, data[place]) == wanted ? 0 : 1;
}

constexpr std::array kRules{
    Rule{"EXT.020,EXT.077,EXT.081,EXT.083", "10.4.1", "dataObject dataInput dataOutput", "isCollection differs from the item definition", collection_differs},
    Rule{"EXT.016,EXT.074", "8.4.8", "dataObject", "a data object stands in a process or sub-process, not in a choreography", object_stands_in_choreography},
    Rule{"EXT.074", "10.4.1", "dataObject", "a data object stands in a process or sub-process", object_stands_elsewhere},
    Rule{"EXT.075", "10.4.1", "dataObject", "a data object has no state: its references have one", object_has_a_state},
    Rule{"EXT.075", "10.4.1", "dataObjectReference", "the item definition is the data object's, not the reference's", reference_has_an_item},
    Rule{"EXT.076", "10.4.1", "dataObjectReference", "the name follows \"object [state]\"", name_breaks_the_convention},
    Rule{"EXT.078", "10.4.1", "property", "only processes, activities and events have properties", property_stands_elsewhere},
    Rule{"EXT.079", "10.4.1", kSubProcesses, "a sub-process has no inputs and outputs of its own", sub_process_has_data},
    Rule{"EXT.080", "10.4.1", "dataInputAssociation dataOutputAssociation", "a data input of the process cannot be written", writes_an_input},
    Rule{"EXT.082", "10.4.1", "dataInputAssociation dataOutputAssociation", "a data output of the process cannot be read", reads_an_output},
    Rule{"EXT.084", "10.4.1", "dataInput", "no input set names this data input", input_is_in_no_set},
    Rule{"EXT.085", "10.4.1", "inputSet", "an optional input is not among the inputs of the set", optional_input_is_not_listed},
    Rule{"EXT.086", "10.4.1", "inputSet", "an input while executing is not among the inputs of the set", running_input_is_not_listed},
    Rule{"EXT.087", "10.4.1", "inputSet outputSet", "the input set and the output set do not name each other", set_is_not_answered},
    Rule{"EXT.088", "10.4.1", "dataOutput", "no output set names this data output", output_is_in_no_set},
    Rule{"EXT.089", "10.4.1", "outputSet", "an optional output is not among the outputs of the set", optional_output_is_not_listed},
    Rule{"EXT.090", "10.4.1", "outputSet", "an output while executing is not among the outputs of the set", running_output_is_not_listed},
    Rule{"EXT.091", "10.4.2", "dataInputAssociation dataOutputAssociation", "source and target hold different structures and nothing transforms one into the other",
         carries_another_structure},
    Rule{"EXT.092", "10.4.2", "dataInputAssociation dataOutputAssociation", "without a transformation there is exactly one source", has_not_one_source},
    Rule{"EXT.093", "10.5.1", kEvents, "an event with data has one for each of its triggers", data_is_not_one_a_trigger},
    Rule{"EXT.094", "10.5.1", kCarrying, "the data of the event is not what the trigger carries", data_differs_from_trigger},
};

}  // namespace

std::span<const Rule> data_rules() { return kRules; }

}  // namespace madang::process::rules
