// Events: BPMN 2.0.2 clause 10.5.
#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "process/detail/reader.h"
#include "process/detail/schedule.h"
#include "process/detail/vocabulary.h"

namespace madang::process {
namespace {

constexpr std::size_t kMaxTriggers = 50;

constexpr std::array<std::pair<std::string_view, TriggerKind>, 10> kTriggers{{
    {"messageEventDefinition", TriggerKind::message},
    {"timerEventDefinition", TriggerKind::timer},
    {"signalEventDefinition", TriggerKind::signal},
    {"conditionalEventDefinition", TriggerKind::conditional},
    {"errorEventDefinition", TriggerKind::error},
    {"escalationEventDefinition", TriggerKind::escalation},
    {"compensateEventDefinition", TriggerKind::compensation},
    {"cancelEventDefinition", TriggerKind::cancel},
    {"linkEventDefinition", TriggerKind::link},
    {"terminateEventDefinition", TriggerKind::terminate},
}};

// Tables 10.85 to 10.92: which triggers an event may have. A process starts by what comes from outside,
// an event sub-process by whatever its scope may meet.
bool may_have(const Definition& definition, const Node& node, TriggerKind kind) {
    using enum TriggerKind;
    const auto one_of = [&](std::initializer_list<TriggerKind> kinds) { return std::ranges::find(kinds, kind) != kinds.end(); };
    const std::optional<std::size_t> container = definition.scopes[node.scope].node;
    const bool by_event = container && definition.nodes[*container].kind == NodeKind::event_sub_process;
    switch (node.kind) {
        case NodeKind::start_event:
            if (by_event) return one_of({message, timer, signal, conditional, error, escalation, compensation});
            return !container && one_of({message, timer, signal, conditional});
        case NodeKind::intermediate_catch_event: return one_of({message, timer, signal, conditional, link});
        case NodeKind::intermediate_throw_event: return one_of({message, signal, escalation, compensation, link});
        case NodeKind::boundary_event: return one_of({message, timer, signal, conditional, error, escalation, compensation, cancel});
        case NodeKind::end_event: return one_of({message, signal, error, escalation, compensation, cancel, terminate});
        default: return false;
    }
}

}  // namespace

Result<void> ProcessReader::read_event(xml::Node element, Node& node) const {
    for (xml::Node below = element.first_child(); below; below = below.next_sibling()) {
        if (!is_element(below) || xml::namespace_of(below) != kBpmnNamespace) continue;
        TRY_DO(place_.check_element(below));
        const std::string_view name = xml::local_name(below);
        xml::Node definition = below;
        if (name == "eventDefinitionRef") {
            const auto found = shared_.definitions.find(without_prefix(xml::text_of(below)));
            if (found == shared_.definitions.end()) return place_.refuse(element, format("there is no event definition \"{}\"", shown(xml::text_of(below))));
            definition = found->second;
        } else if (!name.ends_with("EventDefinition")) {
            if (is_known_in_node(below)) continue;
            return place_.unsupported(element, words_for(below));
        }
        if (node.triggers.size() >= kMaxTriggers) return place_.too_many(element, format("{} triggers", kMaxTriggers));
        TRY(Trigger trigger, read_trigger(definition));
        node.triggers.push_back(std::move(trigger));
    }
    TRY(node.parallel_multiple, place_.truth(element, "parallelMultiple", false));
    TRY(node.interrupting, place_.truth(element, node.kind == NodeKind::boundary_event ? "cancelActivity" : "isInterrupting", true));
    TRY_DO(check_triggers(element, node));
    return read_data_associations(element, node);
}

Result<Trigger> ProcessReader::read_trigger(xml::Node definition) const {
    const auto found = std::ranges::find(kTriggers, xml::local_name(definition), &std::pair<std::string_view, TriggerKind>::first);
    if (found == kTriggers.end()) return place_.unsupported(definition.parent(), words_for(definition));
    Trigger trigger;
    trigger.kind = found->second;
    trigger.id = std::string(xml::attribute(definition, "id"));
    TRY_DO(read_names(definition, trigger));
    TRY_DO(read_correlation(definition, trigger));
    if (trigger.kind == TriggerKind::timer) TRY_DO(read_timer(definition, trigger));
    if (trigger.kind == TriggerKind::conditional) {
        const xml::Node condition = xml::child(definition, kBpmnNamespace, "condition");
        if (!condition) return place_.refuse(definition, "it has no condition");
        TRY(trigger.expression, place_.expression(condition, "its condition"));
    }
    if (trigger.kind == TriggerKind::compensation) {
        TRY(trigger.waits, place_.truth(definition, "waitForCompletion", true));
    }
    return trigger;
}

// madang:correlationKey of a message event or of a send or receive task.
Result<void> ProcessReader::read_correlation(xml::Node element, Trigger& trigger) const {
    for (xml::Attribute a = element.first_attribute(); a; a = a.next_attribute()) {
        if (xml::namespace_of(element, a) != kExtensionNamespace || xml::local_name(a) != "correlationKey") continue;
        auto key = feel::parse_expression(a.value());
        if (!key) return place_.refuse(element, format("madang:correlationKey: {}", key.error().message));
        trigger.correlation = std::move(*key);
    }
    return {};
}

Result<void> ProcessReader::read_names(xml::Node definition, Trigger& trigger) const {
    static constexpr std::array<std::pair<TriggerKind, std::string_view>, 5> kReferences{{
        {TriggerKind::message, "messageRef"},
        {TriggerKind::signal, "signalRef"},
        {TriggerKind::error, "errorRef"},
        {TriggerKind::escalation, "escalationRef"},
        {TriggerKind::compensation, "activityRef"},
    }};
    if (trigger.kind == TriggerKind::link) {
        trigger.name = std::string(xml::attribute(definition, "name"));
        if (trigger.name.empty()) return place_.refuse(definition, "a link has a name");
        return {};
    }
    for (const auto& [kind, attribute] : kReferences) {
        if (kind != trigger.kind) continue;
        const std::string_view id = without_prefix(xml::attribute(definition, attribute));
        if (id.empty()) return {};
        trigger.name = kind == TriggerKind::compensation ? std::string(id) : shared_name(id);
        if (trigger.name.empty()) return place_.refuse(definition, format("its {} \"{}\" is not in the file", attribute, shown(id)));
    }
    return {};
}

std::string ProcessReader::shared_name(std::string_view id) const {
    const auto found = shared_.names.find(id);
    return found == shared_.names.end() ? std::string() : found->second;
}

// Clause 10.5.5 (Timer): one of a date, a duration or a cycle; a text of ISO 8601 as it stands, or FEEL.
Result<void> ProcessReader::read_timer(xml::Node definition, Trigger& trigger) const {
    static constexpr std::array<std::pair<std::string_view, Trigger::Time>, 3> kTimes{{
        {"timeDate", Trigger::Time::date}, {"timeDuration", Trigger::Time::duration}, {"timeCycle", Trigger::Time::cycle}}};
    for (const auto& [name, time] : kTimes) {
        const xml::Node element = xml::child(definition, kBpmnNamespace, name);
        if (!element) continue;
        if (trigger.expression) return place_.refuse(definition, "a timer has one of timeDate, timeDuration and timeCycle");
        trigger.time = time;
        const std::string text = xml::text_of(element);
        if (is_time_text(text)) {
            const auto schedule = schedule_of(time, feel::Value(text), Instant());
            if (!schedule) return place_.refuse(definition, schedule.error().message);
            TRY(trigger.expression, feel::parse_expression(format("\"{}\"", text)));
        } else {
            TRY(trigger.expression, place_.expression(element, "its time"));
        }
    }
    if (!trigger.expression) return place_.refuse(definition, "a timer has one of timeDate, timeDuration and timeCycle");
    return {};
}

Result<void> ProcessReader::check_triggers(xml::Node element, const Node& node) const {
    for (const Trigger& trigger : node.triggers) {
        if (!may_have(definition_, node, trigger.kind)) {
            return place_.refuse(element, format("a {} here has no trigger \"{}\"", name_of(node.kind), name_of(trigger.kind)));
        }
        const bool refers = trigger.kind == TriggerKind::message || trigger.kind == TriggerKind::signal;
        if (refers && trigger.name.empty()) return place_.refuse(element, format("it must name its {}", name_of(trigger.kind)));
        const bool throws = node.kind == NodeKind::end_event || node.kind == NodeKind::intermediate_throw_event;
        if (throws && trigger.kind == TriggerKind::error && trigger.name.empty()) return place_.refuse(element, "it must name its error");
    }
    // Clauses 10.5.2 and 10.5.6: an error, cancel or compensation always interrupts.
    for (const Trigger& trigger : node.triggers) {
        const bool always = trigger.kind == TriggerKind::error || trigger.kind == TriggerKind::cancel || trigger.kind == TriggerKind::compensation;
        if (always && !node.interrupting) return place_.refuse(element, format("what waits for {} {} interrupts", trigger.kind == TriggerKind::error ? "an" : "a", name_of(trigger.kind)));
    }
    const bool catches = node.kind == NodeKind::intermediate_catch_event || node.kind == NodeKind::boundary_event;
    if (catches && node.triggers.empty()) return place_.refuse(element, "it must say what it waits for");
    return {};
}

}  // namespace madang::process
