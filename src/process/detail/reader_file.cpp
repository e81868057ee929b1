// What a file holds beside the insides of its processes: BPMN 2.0.2 clauses 8.1, 9.4, 10.2 and 10.3.7.
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "process/detail/reader.h"
#include "process/detail/vocabulary.h"

namespace madang::process {
namespace {

constexpr std::size_t kMaxShared = 5000;

}  // namespace

Reader::Reader(const xml::Document& document, std::string_view name, const ReadOptions& options)
    : document_(document), name_(name), place_(document, name), options_(options) {}

// Clause 8.1 (Definitions) and 10.2 (Process). A process of a file that says isExecutable="false" is a drawing.
Result<std::vector<Definition>> Reader::read() {
    const xml::Node root = document_.root();
    TRY_DO(place_.check_element(root));
    if (!xml::is(root, kBpmnNamespace, "definitions")) {
        return place_.refuse(root, format("a BPMN 2.0 file begins with <definitions> of {}", kBpmnNamespace));
    }
    TRY_DO(read_shared(root));
    std::vector<Definition> definitions;
    xml::Node drawing;
    for (xml::Node node = root.first_child(); node; node = node.next_sibling()) {
        if (!xml::is(node, kBpmnNamespace, "process")) continue;
        TRY_DO(place_.check_element(node));
        TRY(const bool executable, place_.truth(node, "isExecutable", true));
        if (!executable) {
            drawing = node;
            continue;
        }
        if (definitions.size() >= kMaxProcesses) return place_.too_many(node, format("{} processes", kMaxProcesses));
        ProcessReader reader(place_, shared_, options_);
        TRY(Definition definition, reader.read(node));
        for (const Definition& other : definitions) {
            if (other.id == definition.id) return place_.refuse(node, "the id stands twice in the file");
        }
        definitions.push_back(std::move(definition));
    }
    if (!definitions.empty() || !drawing) TRY_DO(read_global_tasks(root, definitions));
    if (!definitions.empty()) {
        TRY_DO(check_message_flows(root, definitions));
        return definitions;
    }
    if (drawing) return place_.refuse(drawing, "the process is a drawing: isExecutable=\"false\"");
    return place_.refuse(root, "there is no process in the file");
}

// Clause 10.3.7 (Global Task): a task that stands for itself, to be called; after the processes of the file.
Result<void> Reader::read_global_tasks(xml::Node root, std::vector<Definition>& definitions) const {
    for (xml::Node node = root.first_child(); node; node = node.next_sibling()) {
        const auto kind = global_kind_of(node);
        if (!kind) continue;
        TRY_DO(place_.check_element(node));
        if (definitions.size() >= kMaxProcesses) return place_.too_many(node, format("{} processes and global tasks", kMaxProcesses));
        ProcessReader reader(place_, shared_, options_);
        TRY(Definition definition, reader.read_global_task(node, *kind));
        if (std::ranges::find(definitions, definition.id, &Definition::id) != definitions.end()) return place_.refuse(node, "the id stands twice in the file");
        definitions.push_back(std::move(definition));
    }
    return {};
}

// Clause 9.4 (Message Flow): from a pool, an activity or an event that throws a message to a pool, an activity
// or an event that catches one, and never within one process.
Result<void> Reader::check_message_flows(xml::Node root, const std::vector<Definition>& definitions) const {
    struct End {
        const Definition* process = nullptr;
        const Node* node = nullptr;
    };
    const auto end_of = [&](xml::Node flow, std::string_view attribute) {
        const std::string_view id = without_prefix(xml::attribute(flow, attribute));
        for (const Definition& one : definitions) {
            if (const Node* node = one.find(id)) return End{&one, node};
        }
        return End{};
    };
    const auto has_message = [](const Node& node) {
        return is_activity(node.kind) || std::ranges::any_of(node.triggers, [](const Trigger& trigger) { return trigger.kind == TriggerKind::message; });
    };
    const auto throws = [&](const Node& node) {
        return has_message(node) && (is_activity(node.kind) || node.kind == NodeKind::end_event || node.kind == NodeKind::intermediate_throw_event);
    };
    const auto catches = [&](const Node& node) {
        return has_message(node) && (is_activity(node.kind) || node.kind == NodeKind::start_event || node.kind == NodeKind::intermediate_catch_event || node.kind == NodeKind::boundary_event);
    };
    for (xml::Node collaboration = root.first_child(); collaboration; collaboration = collaboration.next_sibling()) {
        if (!xml::is(collaboration, kBpmnNamespace, "collaboration")) continue;
        for (xml::Node flow = collaboration.first_child(); flow; flow = flow.next_sibling()) {
            if (!xml::is(flow, kBpmnNamespace, "messageFlow")) continue;
            TRY_DO(place_.check_element(flow));
            const End source = end_of(flow, "sourceRef");
            const End target = end_of(flow, "targetRef");
            if (source.node != nullptr && !throws(*source.node)) return place_.refuse(flow, format("\"{}\" sends no message", source.node->id));
            if (target.node != nullptr && !catches(*target.node)) return place_.refuse(flow, format("\"{}\" waits for no message", target.node->id));
            if (source.node != nullptr && source.process == target.process) return place_.refuse(flow, "a message flow does not stay within one process");
        }
    }
    return {};
}

Result<void> Reader::read_shared(xml::Node root) {
    std::size_t count = 0;
    for (xml::Node node = root.first_child(); node; node = node.next_sibling()) {
        if (!is_element(node) || xml::namespace_of(node) != kBpmnNamespace) continue;
        const std::string_view name = xml::local_name(node);
        const bool is_definition = name.ends_with("EventDefinition");
        if (!is_definition && name != "message" && name != "signal" && name != "error" && name != "escalation") continue;
        TRY_DO(place_.check_element(node));
        TRY(const std::string id, place_.id_of(node));
        if (++count > kMaxShared) return place_.too_many(node, format("{} messages, signals and codes", kMaxShared));
        if (is_definition) {
            shared_.definitions.emplace(id, node);
            continue;
        }
        // Clauses 8.4.3, 8.4.11, 10.5.5: what a thrown and a caught one are told by.
        const std::string_view code = name == "error" ? "errorCode" : name == "escalation" ? "escalationCode" : "name";
        const std::string_view value = xml::attribute(node, code);
        if (value.empty() && name == "escalation") continue;   // named by nothing: who throws it is refused
        shared_.names.emplace(id, value.empty() ? id : std::string(value));
    }
    return {};
}

}  // namespace madang::process
