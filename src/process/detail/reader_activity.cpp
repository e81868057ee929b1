// Activities, gateways and their extensions: BPMN 2.0.2 clauses 10.3, 10.4 and 10.6.
#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "process/detail/reader.h"
#include "process/detail/vocabulary.h"

namespace madang::process {
namespace {

constexpr std::size_t kMaxValueBytes = 200;        // of an extension
constexpr std::size_t kMaxMappings = 200;
constexpr std::size_t kMaxOutcomes = 10;           // of a user task
constexpr std::size_t kMaxScriptBytes = 64U << 10;

}  // namespace

// Clause 10.3, Table 10.3.
Result<void> ProcessReader::read_activity(xml::Node element, Node& node) const {
    TRY(node.for_compensation, place_.truth(element, "isForCompensation", false));
    if (node.kind == NodeKind::event_sub_process) node.for_compensation = false;   // its start event says what it is for
    TRY(node.start_quantity, place_.count(element, "startQuantity", 1));
    TRY(node.completion_quantity, place_.count(element, "completionQuantity", 1));
    TRY_DO(check_members(element));
    for (xml::Node below = element.first_child(); below; below = below.next_sibling()) {
        if (!xml::is(below, kBpmnNamespace, "standardLoopCharacteristics") && !xml::is(below, kBpmnNamespace, "multiInstanceLoopCharacteristics")) continue;
        if (node.loop) return place_.refuse(element, "it has two loop characteristics");
        node.loop.emplace();
        TRY_DO(read_loop(below, *node.loop));
    }
    TRY_DO(read_data_associations(element, node));
    return read_kind(element, node);
}

Result<void> ProcessReader::read_kind(xml::Node element, Node& node) const {
    switch (node.kind) {
        case NodeKind::user_task: return read_performers(element, node);
        case NodeKind::service_task:
            if (node.operation.empty()) return place_.refuse(element, "madang:operation must say what the service does");
            return {};
        case NodeKind::business_rule_task:
            if (node.decision.empty()) return place_.refuse(element, "madang:decisionRef must name the decision");
            return {};
        case NodeKind::script_task: return read_script(element, node);
        case NodeKind::send_task:
        case NodeKind::receive_task: {
            TRY(node.instantiates, place_.truth(element, "instantiate", false));
            Trigger trigger;
            trigger.name = shared_name(without_prefix(xml::attribute(element, "messageRef")));
            if (trigger.name.empty() && node.operation.empty()) return place_.refuse(element, "messageRef must name its message");
            TRY_DO(read_correlation(element, trigger));
            node.triggers.push_back(std::move(trigger));
            return {};
        }
        case NodeKind::call_activity: return read_call(element, node);
        case NodeKind::ad_hoc_sub_process: return read_ad_hoc(element, node);
        default: return {};
    }
}

// What may stand in an activity; the inside of a sub-process is read by read_scope.
Result<void> ProcessReader::check_members(xml::Node element) const {
    const auto kind = kind_of(element);
    if (kind && is_sub_process(*kind)) return {};
    for (xml::Node below = element.first_child(); below; below = below.next_sibling()) {
        if (!is_element(below)) continue;
        TRY_DO(place_.check_element(below));
        if (!is_known_in_node(below)) return place_.unsupported(element, words_for(below));
    }
    return {};
}

// Clauses 10.6.2 to 10.6.6.
Result<void> ProcessReader::read_gateway(xml::Node element, Node& node) const {
    TRY_DO(check_members(element));
    if (node.kind == NodeKind::event_based_gateway) {
        TRY(node.instantiates, place_.truth(element, "instantiate", false));
        const std::string_view type = xml::attribute(element, "eventGatewayType");
        if (!type.empty() && type != "Exclusive" && type != "Parallel") return place_.refuse(element, "eventGatewayType is \"Exclusive\" or \"Parallel\"");
        node.parallel_events = type == "Parallel";
        if (node.parallel_events && !node.instantiates) return place_.refuse(element, "a parallel event-based gateway starts its process: instantiate=\"true\"");
    }
    if (node.kind == NodeKind::complex_gateway) {
        if (const xml::Node condition = xml::child(element, kBpmnNamespace, "activationCondition")) {
            TRY(node.expression, place_.expression(condition, "its activation condition"));
        }
    }
    return {};
}

// Clause 10.3.3 (Script Task): FEEL gives a context, whose entries become variables, or the value of
// madang:resultVariable.
Result<void> ProcessReader::read_script(xml::Node element, Node& node) const {
    const xml::Node script = xml::child(element, kBpmnNamespace, "script");
    if (!script) return place_.refuse(element, "it has no script");
    node.script_format = std::string(xml::attribute(element, global_kind_of(element) ? "scriptLanguage" : "scriptFormat"));
    node.script = xml::text_of(script);
    if (node.script.size() > kMaxScriptBytes) return place_.too_many(element, format("{} bytes of script", kMaxScriptBytes));
    const bool own = node.script_format.empty() ? !options_.foreign_scripts : is_feel(node.script_format);
    if (!own) {
        if (options_.foreign_scripts) return {};
        return place_.refuse(element, format("a script in {} is not supported; it is FEEL here", shown(node.script_format)));
    }
    auto read = feel::parse_expression(node.script);
    if (!read) return place_.refuse(element, format("its script: {}", read.error().message));
    node.expression = std::move(*read);
    return {};
}

// Clause 10.3.5 (Ad-Hoc Sub-Process).
Result<void> ProcessReader::read_ad_hoc(xml::Node element, Node& node) const {
    const std::string_view ordering = xml::attribute(element, "ordering");
    if (!ordering.empty() && ordering != "Sequential" && ordering != "Parallel") return place_.refuse(element, "ordering is \"Sequential\" or \"Parallel\"");
    node.sequential = ordering == "Sequential";
    TRY(node.cancels_rest, place_.truth(element, "cancelRemainingInstances", true));
    if (const xml::Node condition = xml::child(element, kBpmnNamespace, "completionCondition")) {
        TRY(node.expression, place_.expression(condition, "its completion condition"));
    }
    return {};
}

// Clause 10.3.6 (Call Activity).
Result<void> ProcessReader::read_call(xml::Node element, Node& node) const {
    node.called = std::string(without_prefix(xml::attribute(element, "calledElement")));
    if (node.called.empty()) return place_.refuse(element, "calledElement must name the process");
    return {};
}

// Clause 10.3.4 and 10.4.1 of resources: who does it is said by madang:role, a performer, or the lane.
Result<void> ProcessReader::read_performers(xml::Node element, Node& node) const {
    if (!node.role.empty()) return {};
    for (const std::string_view kind : {"potentialOwner", "humanPerformer", "performer"}) {
        const xml::Node performer = xml::child(element, kBpmnNamespace, kind);
        if (!performer) continue;
        const xml::Node reference = xml::child(performer, kBpmnNamespace, "resourceRef");
        if (reference && xml::child(performer, kBpmnNamespace, "resourceAssignmentExpression")) {
            return place_.refuse(element, "a performer is named or found by an expression, not both");
        }
        node.role = reference ? std::string(without_prefix(xml::text_of(reference))) : std::string(xml::attribute(performer, "name"));
        if (!node.role.empty()) return {};
    }
    const auto lane = lanes_.find(node.id);
    if (lane == lanes_.end() || lane->second.empty()) return place_.refuse(element, "madang:role, a potential owner or a lane must say who may do the task");
    node.role = lane->second;
    return {};
}

// Clause 10.3.9.
Result<void> ProcessReader::read_loop(xml::Node element, Loop& loop) const {
    loop.multiple = xml::local_name(element) == "multiInstanceLoopCharacteristics";
    if (loop.multiple) return read_multiple(element, loop);
    TRY(loop.test_before, place_.truth(element, "testBefore", false));
    if (!xml::attribute(element, "loopMaximum").empty()) {
        TRY(loop.maximum, place_.count(element, "loopMaximum", 1));
    }
    if (const xml::Node condition = xml::child(element, kBpmnNamespace, "loopCondition")) {
        TRY(loop.condition, place_.expression(condition, "its loop condition"));
    }
    if (!loop.condition && !loop.maximum) return place_.refuse(element, "a loop has a loopCondition or a loopMaximum");
    return {};
}

Result<void> ProcessReader::read_multiple(xml::Node element, Loop& loop) const {
    TRY(loop.sequential, place_.truth(element, "isSequential", false));
    if (const xml::Node node = xml::child(element, kBpmnNamespace, "loopCardinality")) {
        TRY(loop.cardinality, place_.expression(node, "its cardinality"));
    }
    if (const xml::Node node = xml::child(element, kBpmnNamespace, "completionCondition")) {
        TRY(loop.condition, place_.expression(node, "its completion condition"));
    }
    const auto named = [&](std::string_view name) {
        const xml::Node node = xml::child(element, kBpmnNamespace, name);
        if (!node) return std::string();
        if (name == "loopDataInputRef" || name == "loopDataOutputRef") return variable_of(without_prefix(xml::text_of(node)), {});
        const std::string_view given = xml::attribute(node, "name");
        return std::string(given.empty() ? xml::attribute(node, "id") : given);
    };
    loop.collection = named("loopDataInputRef");
    loop.item = named("inputDataItem");
    loop.results = named("loopDataOutputRef");
    loop.result = named("outputDataItem");
    if (!loop.cardinality && loop.collection.empty()) return place_.refuse(element, "it has a loopCardinality or a loopDataInputRef");
    // Clause 10.3.9, Table 10.30: which events are thrown as instances complete.
    const std::string_view behavior = xml::attribute(element, "behavior");
    static constexpr std::array<std::string_view, 4> kBehaviors{"All", "None", "One", "Complex"};
    const auto found = std::ranges::find(kBehaviors, behavior.empty() ? "All" : behavior);
    if (found == kBehaviors.end()) return place_.refuse(element, "behavior is \"All\", \"None\", \"One\" or \"Complex\"");
    loop.behavior = static_cast<Loop::Behavior>(found - kBehaviors.begin());
    const auto thrown = [&](xml::Node definition, xml::Node when) -> Result<void> {
        if (loop.thrown.size() >= kMaxMappings) return place_.too_many(element, format("{} events of its behavior", kMaxMappings));
        TRY(Trigger trigger, read_trigger(definition));
        Loop::Thrown event{std::nullopt, std::move(trigger)};
        if (when) {
            TRY(event.when, place_.expression(when, "its condition"));
        }
        loop.thrown.push_back(std::move(event));
        return {};
    };
    const auto shared = [&](std::string_view id) -> Result<xml::Node> {
        const auto definition = shared_.definitions.find(without_prefix(id));
        if (definition == shared_.definitions.end()) return place_.refuse(element, format("there is no event definition \"{}\"", shown(id)));
        return definition->second;
    };
    const std::string_view reference = xml::attribute(element, loop.behavior == Loop::Behavior::none ? "noneBehaviorEventRef" : "oneBehaviorEventRef");
    if ((loop.behavior == Loop::Behavior::none || loop.behavior == Loop::Behavior::one) && !reference.empty()) {
        TRY(const xml::Node definition, shared(reference));
        TRY_DO(thrown(definition, {}));
    }
    for (xml::Node complex = element.first_child(); complex && loop.behavior == Loop::Behavior::complex; complex = complex.next_sibling()) {
        if (!xml::is(complex, kBpmnNamespace, "complexBehaviorDefinition")) continue;
        const xml::Node when = xml::child(complex, kBpmnNamespace, "condition");
        const xml::Node event = xml::child(complex, kBpmnNamespace, "event");
        // An ImplicitThrowEvent holds its definitions, or refers to them.
        for (xml::Node below = event.first_child(); below; below = below.next_sibling()) {
            if (xml::is(below, kBpmnNamespace, "eventDefinitionRef")) {
                TRY(const xml::Node definition, shared(xml::text_of(below)));
                TRY_DO(thrown(definition, when));
            } else if (xml::namespace_of(below) == kBpmnNamespace && xml::local_name(below).ends_with("EventDefinition")) {
                TRY_DO(thrown(below, when));
            }
        }
    }
    return {};
}

Result<void> ProcessReader::read_extensions(xml::Node element, Node& node) const {
    for (xml::Attribute a = element.first_attribute(); a; a = a.next_attribute()) {
        if (xml::namespace_of(element, a) != kExtensionNamespace) continue;
        TRY_DO(take_extension(element, node, xml::local_name(a), a.value()));
    }
    return read_mappings(element, node);
}

Result<void> ProcessReader::take_extension(xml::Node element, Node& node, std::string_view name, std::string_view value) const {
    struct Known {
        std::string_view name;
        NodeKind kind;
        std::string Node::* member;
    };
    static constexpr std::array kKnown{
        Known{"operation", NodeKind::service_task, &Node::operation},   Known{"operation", NodeKind::send_task, &Node::operation},
        Known{"decisionRef", NodeKind::business_rule_task, &Node::decision}, Known{"role", NodeKind::user_task, &Node::role},
        Known{"formKey", NodeKind::user_task, &Node::form_key},         Known{"resultVariable", NodeKind::script_task, &Node::result_variable},
    };
    if (value.empty() || value.size() > kMaxValueBytes) return place_.refuse(element, format("madang:{} has 1 to {} bytes", shown(name), kMaxValueBytes));
    const bool may_wait = node.kind == NodeKind::service_task || node.kind == NodeKind::send_task;
    if ((name == "external" && may_wait) || (name == "byHand" && is_activity(node.kind))) {
        if (value != "true" && value != "false") return place_.refuse(element, format("madang:{} is \"true\" or \"false\"", name));
        (name == "external" ? node.external : node.by_hand) = value == "true";
        return {};
    }
    // Read with the message that it is for.
    if (name == "correlationKey" && (node.kind == NodeKind::receive_task || node.kind == NodeKind::send_task)) return {};
    if (name == "decision" && node.kind == NodeKind::user_task) {
        if (value != "true" && value != "false") return place_.refuse(element, "madang:decision is \"true\" or \"false\"");
        node.decides = value == "true";
        return {};
    }
    if (name == "outcomes" && node.kind == NodeKind::user_task) {
        for (const std::string_view word : split(value, ' ')) {
            if (!word.empty()) node.outcomes.emplace_back(word);
        }
        if (node.outcomes.empty() || node.outcomes.size() > kMaxOutcomes) return place_.refuse(element, format("madang:outcomes names 1 to {} outcomes, with a space between", kMaxOutcomes));
        return {};
    }
    if (name == "version" && node.kind == NodeKind::call_activity) {
        const auto version = parse_decimal(value);
        if (!version || *version < 1 || *version > 1'000'000) return place_.refuse(element, "madang:version is a whole number from 1");
        node.called_version = static_cast<int>(*version);
        return {};
    }
    for (const Known& known : kKnown) {
        if (known.name != name || known.kind != node.kind) continue;
        node.*known.member = std::string(value);
        return {};
    }
    return place_.refuse(element, format("madang:{} means nothing here", shown(name)));
}

// <madang:input name="…" value="FEEL"/> and <madang:output …/> in the extension elements.
Result<void> ProcessReader::read_mappings(xml::Node element, Node& node) const {
    const xml::Node extensions = xml::child(element, kBpmnNamespace, "extensionElements");
    for (xml::Node below = extensions.first_child(); below; below = below.next_sibling()) {
        if (!is_element(below) || xml::namespace_of(below) != kExtensionNamespace) continue;
        TRY_DO(place_.check_element(below));
        const std::string_view name = xml::local_name(below);
        if (name != "input" && name != "output") return place_.refuse(below, "it means nothing here");
        std::vector<Mapping>& mappings = name == "input" ? node.inputs : node.outputs;
        TRY_DO(read_mapping(below, mappings));
    }
    return {};
}

Result<void> ProcessReader::read_mapping(xml::Node element, std::vector<Mapping>& mappings) const {
    if (mappings.size() >= kMaxMappings) return place_.too_many(element, format("{} mappings", kMaxMappings));
    Mapping mapping;
    mapping.target = std::string(xml::attribute(element, "name"));
    if (mapping.target.empty()) return place_.refuse(element, "it has no name");
    auto value = feel::parse_expression(xml::attribute(element, "value"));
    if (!value) return place_.refuse(element, format("its value: {}", value.error().message));
    mapping.value = std::move(*value);
    mappings.push_back(std::move(mapping));
    return {};
}

std::string ProcessReader::variable_of(std::string_view id, const Names& own) const {
    if (const auto found = own.find(id); found != own.end()) return found->second;
    if (const auto found = data_.find(id); found != data_.end()) return found->second;
    return std::string(id);
}

// Clause 10.4.2: what stands in the activity's ioSpecification or in the event itself, and how it is filled.
Result<void> ProcessReader::read_data_associations(xml::Node element, Node& node) const {
    Names own;
    const auto collect = [&](xml::Node parent) {
        for (xml::Node below = parent.first_child(); below; below = below.next_sibling()) {
            if (!xml::is(below, kBpmnNamespace, "dataInput") && !xml::is(below, kBpmnNamespace, "dataOutput") && !xml::is(below, kBpmnNamespace, "property")) continue;
            const std::string_view name = xml::attribute(below, "name");
            own[std::string(xml::attribute(below, "id"))] = std::string(name.empty() ? xml::attribute(below, "id") : name);
        }
    };
    collect(element);
    if (const xml::Node specification = xml::child(element, kBpmnNamespace, "ioSpecification")) collect(specification);
    for (xml::Node below = element.first_child(); below; below = below.next_sibling()) {
        if (xml::is(below, kBpmnNamespace, "dataInputAssociation")) TRY_DO(read_data_association(below, own, node.inputs));
        if (xml::is(below, kBpmnNamespace, "dataOutputAssociation")) TRY_DO(read_data_association(below, own, node.outputs));
    }
    if (const xml::Node specification = xml::child(element, kBpmnNamespace, "ioSpecification"); specification && is_activity(node.kind)) return read_data_sets(specification, own, node);
    return {};
}

// Clause 10.4.2 (Input Sets and Output Sets): what is optional, or may come while the activity runs, is not waited for.
Result<void> ProcessReader::read_data_sets(xml::Node specification, const Names& own, Node& node) const {
    const auto needed = [&](xml::Node set, std::string_view refs, std::string_view optional, std::string_view executing, const auto& is_joined) {
        std::vector<std::string> names;
        for (xml::Node one = set.first_child(); one; one = one.next_sibling()) {
            if (!xml::is(one, kBpmnNamespace, refs)) continue;
            const std::string id = xml::text_of(one);
            const bool spared = std::ranges::any_of(set.children(), [&](xml::Node other) {
                return (xml::is(other, kBpmnNamespace, optional) || xml::is(other, kBpmnNamespace, executing)) && xml::text_of(other) == id;
            });
            std::string name = variable_of(without_prefix(id), own);
            if (!spared && is_joined(name)) names.push_back(std::move(name));
        }
        return names;
    };
    const auto is_filled = [&](const std::string& name) { return std::ranges::find(node.inputs, name, &Mapping::target) != node.inputs.end(); };
    const auto is_read = [&](const std::string& name) { return std::ranges::find(node.outputs, name, &Mapping::source) != node.outputs.end(); };
    for (xml::Node set = specification.first_child(); set; set = set.next_sibling()) {
        const bool in = xml::is(set, kBpmnNamespace, "inputSet");
        if (!in && !xml::is(set, kBpmnNamespace, "outputSet")) continue;
        if (node.input_sets.size() + node.output_sets.size() >= kMaxMappings) return place_.too_many(specification, format("{} input and output sets", kMaxMappings));
        if (in) node.input_sets.push_back(needed(set, "dataInputRefs", "optionalInputRefs", "whileExecutingInputRefs", is_filled));
        else node.output_sets.push_back(needed(set, "dataOutputRefs", "optionalOutputRefs", "whileExecutingOutputRefs", is_read));
    }
    return {};
}

Result<void> ProcessReader::read_data_association(xml::Node element, const Names& own, std::vector<Mapping>& mappings) const {
    TRY_DO(place_.check_element(element));
    if (mappings.size() >= kMaxMappings) return place_.too_many(element, format("{} mappings", kMaxMappings));
    const auto named = [&](xml::Node node) { return variable_of(without_prefix(xml::text_of(node)), own); };
    const xml::Node source = xml::child(element, kBpmnNamespace, "sourceRef");
    const xml::Node target = xml::child(element, kBpmnNamespace, "targetRef");
    bool assigned = false;
    for (xml::Node below = element.first_child(); below; below = below.next_sibling()) {
        if (!xml::is(below, kBpmnNamespace, "assignment")) continue;
        const xml::Node from = xml::child(below, kBpmnNamespace, "from");
        const xml::Node to = xml::child(below, kBpmnNamespace, "to");
        if (!from || !to) return place_.refuse(element, "an assignment has <from> and <to>");
        Mapping mapping{variable_of(without_prefix(xml::text_of(to)), own), std::nullopt, {}};
        TRY(mapping.value, place_.expression(from, "its assignment"));
        mappings.push_back(std::move(mapping));
        assigned = true;
    }
    if (assigned) return {};
    const auto sources = std::ranges::count_if(element.children(), [](xml::Node below) { return xml::is(below, kBpmnNamespace, "sourceRef"); });
    if (sources > 1 && !xml::child(element, kBpmnNamespace, "transformation")) return place_.refuse(element, "several sources need a transformation");
    if (!target) return place_.refuse(element, "it has no targetRef");
    Mapping mapping{named(target), std::nullopt, source ? named(source) : std::string()};
    if (const xml::Node transformation = xml::child(element, kBpmnNamespace, "transformation")) {
        TRY(mapping.value, place_.expression(transformation, "its transformation"));
    } else if (!source) {
        return place_.refuse(element, "it has neither a sourceRef nor a transformation");
    }
    mappings.push_back(std::move(mapping));
    return {};
}

}  // namespace madang::process
