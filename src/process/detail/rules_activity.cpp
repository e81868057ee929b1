// Activities: tasks with their operations and messages, sub-processes, calls, loops.
#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "process/detail/rules_model.h"

namespace madang::process::rules {
namespace {

// Below ioSpecification.
Elements parts(const Element& activity, std::string_view kind) {
    Elements found;
    const Element* specification = child(activity, "ioSpecification");
    if (specification == nullptr) return found;
    std::ranges::copy_if(specification->children, std::back_inserter(found), [&](const Element* one) { return one->kind == kind; });
    return found;
}
int count_parts(const Element& activity, std::string_view kind) { return static_cast<int>(parts(activity, kind).size()); }

int has_choreography(const Model&, const Element& scope) {
    return std::ranges::any_of(scope.children, [](const Element* one) { return is_one_of(*one, kChoreographyActivities); }) ? 1 : 0;
}

template <const char* Name>
int is_below_one(const Model&, const Element& activity) {
    const std::string_view value = attribute(activity, Name);
    if (value.empty()) return 0;
    long number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    return error == std::errc() && end == value.data() + value.size() && number >= 1 ? 0 : 1;
}
constexpr char kStartQuantity[] = "startQuantity";
constexpr char kCompletionQuantity[] = "completionQuantity";

int assigns_in_two_ways(const Model&, const Element& role) { return has(role, "resourceRef") && has(role, "resourceAssignmentExpression") ? 1 : 0; }
int binds_without_resource(const Model&, const Element& role) { return !has(role, "resourceRef") && has(role, "resourceParameterBinding") ? 1 : 0; }
int has_two_loops(const Model&, const Element& activity) {
    return has(activity, "standardLoopCharacteristics") && has(activity, "multiInstanceLoopCharacteristics") ? 1 : 0;
}

bool has_operation(const Element& task) { return !attribute(task, "operationRef").empty(); }
bool has_message(const Element& task) { return !attribute(task, "messageRef").empty(); }
int inputs_not_one(const Model&, const Element& task) { return has_operation(task) && count_parts(task, "inputSet") != 1 ? 1 : 0; }
int outputs_above_one(const Model&, const Element& task) { return has_operation(task) && count_parts(task, "outputSet") > 1 ? 1 : 0; }

// Whether a part carries the item that the message carries: the same definition or the same structure.
bool carries(const Model& model, const Elements& parts, const Element* message) {
    if (message == nullptr) return true;   // REF.exists tells it
    const Element* item = model.find_attribute(*message, "itemRef");
    const std::string structure = structure_of(model, message);
    return std::ranges::any_of(parts, [&](const Element* part) {
        const bool same = item != nullptr && model.find_attribute(*part, "itemSubjectRef") == item;
        return same || (!structure.empty() && structure_of(model, part) == structure);
    });
}

int input_is_not_the_message(const Model& model, const Element& task) {
    const Element* operation = model.find_attribute(task, "operationRef");
    const Elements inputs = parts(task, "dataInput");
    if (operation == nullptr || inputs.empty()) return 0;
    return carries(model, inputs, model.find_child(*operation, "inMessageRef")) ? 0 : 1;
}
int output_is_not_the_message(const Model& model, const Element& task) {
    const Element* operation = model.find_attribute(task, "operationRef");
    if (operation == nullptr || !has(*operation, "outMessageRef")) return 0;
    return carries(model, parts(task, "dataOutput"), model.find_child(*operation, "outMessageRef")) ? 0 : 1;
}

int message_inputs_above_one(const Model&, const Element& task) { return has_message(task) && count_parts(task, "inputSet") > 1 ? 1 : 0; }
int message_data_above_one(const Model&, const Element& task) { return has_message(task) && count_parts(task, "dataInput") > 1 ? 1 : 0; }
int message_outputs_above_one(const Model&, const Element& task) { return has_message(task) && count_parts(task, "outputSet") > 1 ? 1 : 0; }
int message_results_above_one(const Model&, const Element& task) { return has_message(task) && count_parts(task, "dataOutput") > 1 ? 1 : 0; }

int sends_another_item(const Model& model, const Element& task) {
    const Elements inputs = parts(task, "dataInput");
    if (inputs.empty() || !has_message(task)) return 0;
    return carries(model, inputs, model.find_attribute(task, "messageRef")) ? 0 : 1;
}
int receives_another_item(const Model& model, const Element& task) {
    const Elements outputs = parts(task, "dataOutput");
    if (outputs.empty() || !has_message(task)) return 0;
    return carries(model, outputs, model.find_attribute(task, "messageRef")) ? 0 : 1;
}
int instantiates_with_incoming(const Model&, const Element& task) { return is_true(task, "instantiate") && has(task, "incoming") ? 1 : 0; }
int script_has_no_format(const Model&, const Element& task) { return has(task, "script") && attribute(task, "scriptFormat").empty() ? 1 : 0; }
// Clause 10.3.7: the language is a media type.
int script_has_no_language(const Model&, const Element& task) {
    const std::string_view language = attribute(task, "scriptLanguage");
    return language.empty() ? (has(task, "script") ? 1 : 0) : (is_media_type(language) ? 0 : 1);
}

int event_sub_process_flows(const Model&, const Element& sub) {
    return is_event_sub_process(sub) && (has(sub, "incoming") || has(sub, "outgoing")) ? 1 : 0;
}
int event_sub_process_starts(const Model&, const Element& sub) { return is_event_sub_process(sub) && count(sub, "startEvent") != 1 ? 1 : 0; }
int ad_hoc_is_empty(const Model&, const Element& sub) {
    return std::ranges::any_of(sub.children, [](const Element* one) { return is_one_of(*one, kActivities); }) ? 0 : 1;
}
int ad_hoc_has_more(const Model&, const Element& sub) {
    return std::ranges::any_of(sub.children, [](const Element* one) { return is_one_of(*one, "startEvent endEvent") || is_one_of(*one, kChoreographyActivities); }) ? 1 : 0;
}

// Clause 10.3.6: what the call hands over is exactly what the called element asks for.
std::multiset<std::string> structures(const Model& model, const Elements& list) {
    std::multiset<std::string> found;
    for (const Element* one : list) found.insert(structure_of(model, one));
    return found;
}

struct Called {
    const Element* call = nullptr;
    const Element* callable = nullptr;
};
Called called_by(const Model& model, const Element& part) {
    const Element* call = ancestor(part, "callActivity");
    return {.call = call, .callable = call == nullptr ? nullptr : model.find_attribute(*call, "calledElement")};
}

int part_does_not_match(const Model& model, const Element& part) {
    const auto [call, callable] = called_by(model, part);
    if (callable == nullptr) return 0;
    return structures(model, parts(*callable, part.kind)).contains(structure_of(model, &part)) ? 0 : 1;
}

int set_does_not_match(const Model& model, const Element& set) {
    const auto [call, callable] = called_by(model, set);
    if (callable == nullptr || set.children.empty()) return 0;
    const std::string_view list = set.kind == "inputSet" ? "dataInputRefs" : "dataOutputRefs";
    const auto wanted = [&](const Element& one) {
        std::set<std::string> found;
        for (const Element* reference : one.children) {
            if (reference->kind == list) found.insert(structure_of(model, model.find(*reference, text_of(*reference))));
        }
        return found;
    };
    const std::set<std::string> own = wanted(set);
    for (const Element* other : parts(*callable, set.kind)) {
        for (const std::string& structure : wanted(*other)) {
            if (own.contains(structure)) return 0;
        }
    }
    return 1;
}

int call_has_other_counts(const Model& model, const Element& call) {
    const Element* callable = model.find_attribute(call, "calledElement");
    if (callable == nullptr) return 0;
    const auto count_below = [](const Element& one, std::string_view set, std::string_view list) {
        int sum = 0;
        for (const Element* each : parts(one, set)) sum += count(*each, list);
        return sum;
    };
    for (const std::string_view kind : {"dataInput", "dataOutput", "inputSet", "outputSet"}) {
        if (count_parts(call, kind) != count_parts(*callable, kind)) return 1;
    }
    return count_below(call, "inputSet", "dataInputRefs") != count_below(*callable, "inputSet", "dataInputRefs") ||
                   count_below(call, "outputSet", "dataOutputRefs") != count_below(*callable, "outputSet", "dataOutputRefs") ? 1 : 0;
}

int service_has_no_binding(const Model&, const Element& callable) { return has(callable, "supportedInterfaceRef") && !has(callable, "ioBinding") ? 1 : 0; }
int binding_does_not_match(const Model& model, const Element& callable) {
    if (!has(callable, "supportedInterfaceRef")) return 0;
    int breaches = 0;
    for (const auto& [data, message] : {std::pair{"inputDataRef", "inMessageRef"}, std::pair{"outputDataRef", "outMessageRef"}}) {
        bool any = false;
        bool good = false;
        for (const Element* binding : callable.children) {
            if (binding->kind != "ioBinding") continue;
            const Element* operation = model.find_attribute(*binding, "operationRef");
            const Element* bound = model.find_attribute(*binding, data);
            if (operation == nullptr || !has(*operation, message)) continue;
            any = true;
            good = good || (bound != nullptr && structure_of(model, bound) == structure_of(model, model.find_child(*operation, message)));
        }
        breaches += any && !good ? 1 : 0;
    }
    return breaches;
}

int loop_has_no_size(const Model&, const Element& loop) {
    return is_executable(loop) && !has(loop, "loopCardinality") && !has(loop, "loopDataInputRef") ? 1 : 0;
}
int loop_data_is_no_input(const Model& model, const Element& loop) {
    if (!is_executable(loop) || !has(loop, "loopDataInputRef") || loop.parent == nullptr || is_one_of(*loop.parent, kSubProcesses)) return 0;
    const Element* data = model.find_child(loop, "loopDataInputRef");
    const Elements inputs = parts(*loop.parent, "dataInput");
    return std::ranges::find(inputs, data) != inputs.end() ? 0 : 1;
}
int item_is_not_the_scalar(const Model& model, const Element& loop, std::string_view collection, std::string_view item) {
    const Element* one = child(loop, item);
    if (!is_executable(loop) || !has(loop, collection) || one == nullptr) return 0;
    const Element* definition = model.find_attribute(*one, "itemSubjectRef");
    const std::string structure = structure_of(model, model.find_child(loop, collection));
    return definition != nullptr && !is_true(*definition, "isCollection") && !structure.empty() && structure_of(model, definition) == structure ? 0 : 1;
}
int output_is_not_the_scalar(const Model& model, const Element& loop) { return item_is_not_the_scalar(model, loop, "loopDataOutputRef", "outputDataItem"); }
int input_is_not_the_scalar(const Model& model, const Element& loop) { return item_is_not_the_scalar(model, loop, "loopDataInputRef", "inputDataItem"); }

// A condition that is a number or a string can never be a yes or no.
bool is_no_condition(const Element* condition) {
    if (condition == nullptr) return false;
    const std::string text = text_of(*condition);
    if (text.empty()) return false;
    const bool number = std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.' || c == '-'; });
    return number || (text.front() == '"' && text.find('"', 1) == text.size() - 1);
}
// Clause 10.3.8, Table 10.31: what is thrown is caught on the border of the activity.
int behavior_throws_wrongly(const Model& model, const Element& behavior) {
    const Element* event = child(behavior, "event");
    if (event == nullptr) return 0;
    const Elements definitions = event_definitions(model, *event);
    return !definitions.empty() && std::ranges::all_of(definitions, [](const Element* one) {
        return is_one_of(*one, "messageEventDefinition escalationEventDefinition errorEventDefinition signalEventDefinition compensateEventDefinition");
    }) ? 0 : 1;
}
int completion_is_no_condition(const Model&, const Element& loop) { return is_no_condition(child(loop, "completionCondition")) ? 1 : 0; }
int behavior_is_no_condition(const Model&, const Element& behavior) { return is_no_condition(child(behavior, "condition")) ? 1 : 0; }

constexpr std::array kRules{
    Rule{"EXT.015,EXT.036", "8.4.8", "process", "a process holds no choreography activities", has_choreography},
    Rule{"EXT.037", "10.3", kActivities, "startQuantity is at least 1", is_below_one<kStartQuantity>},
    Rule{"EXT.038", "10.3", kActivities, "completionQuantity is at least 1", is_below_one<kCompletionQuantity>},
    Rule{"EXT.039", "10.3.1", "performer resourceRole humanPerformer potentialOwner", "a role has a resource or an expression, not both", assigns_in_two_ways},
    Rule{"EXT.040", "10.3.1", "performer resourceRole humanPerformer potentialOwner", "parameters are bound only where there is a resource",
         binds_without_resource},
    Rule{"EXT.041", "10.3.3", kTasks, "a task has one kind of loop", has_two_loops},
    Rule{"EXT.042", "10.3.3", "serviceTask", "a service task with an operation has exactly one input set", inputs_not_one},
    Rule{"EXT.043", "10.3.3", "serviceTask", "a service task with an operation has at most one output set", outputs_above_one},
    Rule{"EXT.044", "10.3.3", "serviceTask", "the data input is not the item of the operation's message", input_is_not_the_message},
    Rule{"EXT.045", "10.3.3", "serviceTask", "the data output is not the item of the operation's answer", output_is_not_the_message},
    Rule{"EXT.046", "10.3.3", "sendTask", "a send task with a message has at most one input set", message_inputs_above_one},
    Rule{"EXT.047", "10.3.3", "sendTask", "a send task with a message has at most one data input", message_data_above_one},
    Rule{"EXT.048", "10.3.3", "sendTask", "the data input is not the item of the message", sends_another_item},
    Rule{"EXT.049", "10.3.3", "receiveTask", "an instantiating receive task has no incoming sequence flow", instantiates_with_incoming},
    Rule{"EXT.050", "10.3.3", "receiveTask", "a receive task with a message has at most one output set", message_outputs_above_one},
    Rule{"EXT.051", "10.3.3", "receiveTask", "a receive task with a message has at most one data output", message_results_above_one},
    Rule{"EXT.052", "10.3.3", "receiveTask", "the data output is not the item of the message", receives_another_item},
    Rule{"EXT.053", "10.3.3", "scriptTask", "a script needs its scriptFormat", script_has_no_format},
    Rule{"EXT.054,EXT.055", "10.3.5", kSubProcesses, "a sub-process has one kind of loop", has_two_loops},
    Rule{"EXT.056", "10.3.5", kSubProcesses, "a sub-process holds no choreography activities", has_choreography},
    Rule{"EXT.057", "10.3.5", "subProcess", "an event sub-process has no incoming or outgoing sequence flows", event_sub_process_flows},
    Rule{"EXT.058", "10.3.5", "subProcess", "an event sub-process has exactly one start event", event_sub_process_starts},
    Rule{"EXT.061", "10.3.5", "adHocSubProcess", "an ad-hoc sub-process holds at least one activity", ad_hoc_is_empty},
    Rule{"EXT.062", "10.3.5", "adHocSubProcess", "an ad-hoc sub-process holds no start events, end events and choreography activities", ad_hoc_has_more},
    Rule{"EXT.063", "10.3.6", "inputSet outputSet", "the called element asks for other data", set_does_not_match},
    Rule{"EXT.063", "10.3.6", "dataInput dataOutput", "the called element asks for other data", part_does_not_match},
    Rule{"EXT.063", "10.3.6", "callActivity", "the call has other inputs and outputs than the called element", call_has_other_counts},
    Rule{"EXT.064", "10.3.6", "*", "what is offered as a service needs at least one ioBinding", service_has_no_binding},
    Rule{"EXT.065", "10.3.6", "*", "the ioBinding does not join this data to the operation's messages", binding_does_not_match},
    Rule{"EXT.066", "10.3.7", "globalScriptTask", "a script needs its scriptLanguage, a media type", script_has_no_language},
    Rule{"EXT.067", "10.3.8", "multiInstanceLoopCharacteristics", "an executable multi-instance needs a loopCardinality or a loopDataInputRef", loop_has_no_size},
    Rule{"EXT.068", "10.3.8", "multiInstanceLoopCharacteristics", "loopDataInputRef names a data input of this activity", loop_data_is_no_input},
    Rule{"EXT.069", "10.3.8", "multiInstanceLoopCharacteristics", "outputDataItem is not one item of the collection", output_is_not_the_scalar},
    Rule{"EXT.070", "10.3.8", "multiInstanceLoopCharacteristics", "inputDataItem is not one item of the collection", input_is_not_the_scalar},
    Rule{"EXT.071", "10.3.8", "multiInstanceLoopCharacteristics", "completionCondition must be true or false", completion_is_no_condition},
    Rule{"EXT.072", "10.3.8", "complexBehaviorDefinition", "the condition must be true or false", behavior_is_no_condition},
    Rule{"EXT.073", "10.3.8", "complexBehaviorDefinition", "the event throws a message, escalation, error, signal or compensation", behavior_throws_wrongly},
};

}  // namespace

std::span<const Rule> activity_rules() { return kRules; }

}  // namespace madang::process::rules
