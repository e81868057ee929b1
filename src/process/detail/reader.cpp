#include "process/detail/reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "process/detail/vocabulary.h"

namespace madang::process {
namespace {

constexpr std::size_t kMaxFlows = 4 * kMaxNodes;
constexpr std::size_t kMaxAttributes = 100;   // of one element: prefixes are resolved by looking through them
constexpr std::size_t kMaxIdBytes = 200;
constexpr std::size_t kMaxNameBytes = 2000;

// A text of the file in a message.
std::string_view shown(std::string_view text) { return text.substr(0, kMaxIdBytes); }

// References within BPMN are qualified names (XML Schema's QName); the ids they name have no prefix.
std::string_view without_prefix(std::string_view name) {
    const std::size_t colon = name.find(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}


}  // namespace

Reader::Reader(const xml::Document& document, std::string_view text, std::string_view name)
    : document_(document), name_(name), line_starts_{0} {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
        line_starts_.push_back(at + 1);
    }
}

Result<Definition> Reader::read() {
    TRY(const xml::Node process, find_process());
    TRY(definition_.id, id_of(process));
    definition_.name = std::string(xml::attribute(process, "name"));
    TRY_DO(read_process(process));
    for (std::size_t place = 0; place < elements_.size(); ++place) {
        TRY_DO(link_node(elements_[place], definition_.nodes[place]));
    }
    return std::move(definition_);
}

// Clause 10.2 (Process) and 9.2 (Collaboration): the one process that is to be run.
Result<xml::Node> Reader::find_process() const {
    const xml::Node root = document_.root();
    TRY_DO(check_element(root));
    if (!xml::is(root, kBpmnNamespace, "definitions")) {
        return refuse(root, format("a BPMN 2.0 file begins with <definitions> of {}", kBpmnNamespace));
    }
    xml::Node process;
    for (xml::Node node = root.first_child(); node; node = node.next_sibling()) {
        if (!is_element(node)) continue;
        TRY_DO(check_element(node));
        if (xml::is(node, kBpmnNamespace, "collaboration")) TRY_DO(check_collaboration(node));
        if (!xml::is(node, kBpmnNamespace, "process")) continue;
        if (process) return unsupported(node, "a second process in one file");
        process = node;
    }
    if (!process) return refuse(root, "there is no process in the file");
    const std::string_view executable = xml::attribute(process, "isExecutable");
    if (executable == "false" || executable == "0") {
        return refuse(process, "the process is a drawing: isExecutable=\"false\"");
    }
    return process;
}

Result<void> Reader::check_collaboration(xml::Node collaboration) const {
    bool has_pool = false;
    for (xml::Node node = collaboration.first_child(); node; node = node.next_sibling()) {
        if (!is_element(node)) continue;
        TRY_DO(check_element(node));
        if (xml::is(node, kBpmnNamespace, "participant")) {
            if (has_pool) return unsupported(node, "a second pool");
            has_pool = true;
            if (xml::child(node, kBpmnNamespace, "participantMultiplicity")) return unsupported(node, "a pool with a multiplicity");
        } else if (!is_drawing(node)) {
            return unsupported(node, words_for(node));
        }
    }
    return {};
}

Result<void> Reader::read_process(xml::Node process) {
    std::vector<xml::Node> flows;
    for (xml::Node node = process.first_child(); node; node = node.next_sibling()) {
        if (!is_element(node)) continue;
        TRY_DO(check_element(node));
        if (xml::is(node, kBpmnNamespace, "sequenceFlow")) {
            flows.push_back(node);
        } else if (const auto kind = kind_of(node)) {
            TRY_DO(read_node(node, *kind));
        } else if (!is_drawing(node)) {
            return unsupported(node, words_for(node));
        }
    }
    if (flows.size() > kMaxFlows) return fail(Code::exhausted, format("{}: more than {} sequence flows", name_, kMaxFlows));
    for (const xml::Node flow : flows) TRY_DO(read_flow(flow));
    return {};
}

Result<void> Reader::read_node(xml::Node element, NodeKind kind) {
    if (definition_.nodes.size() >= kMaxNodes) {
        return fail(Code::exhausted, format("{}:{}: more than {} nodes", name_, line_of(element), kMaxNodes));
    }
    Node node;
    TRY(node.id, id_of(element));
    node.name = std::string(xml::attribute(element, "name"));
    node.line = line_of(element);
    TRY(node.kind, read_children(element, kind));
    TRY_DO(check_activity(element));
    TRY_DO(read_extensions(element, node));
    if (!places_.emplace(node.id, definition_.nodes.size()).second) return refuse(element, "the id stands twice in the file");
    definition_.nodes.push_back(std::move(node));
    elements_.push_back(element);
    return {};
}

// Clause 10.3 (Activities), Table 10.3: attributes that change how often an activity runs.
Result<void> Reader::check_activity(xml::Node element) const {
    if (xml::attribute(element, "isForCompensation") == "true") return unsupported(element, "compensation");
    for (const std::string_view quantity : {"startQuantity", "completionQuantity"}) {
        const std::string_view value = xml::attribute(element, quantity);
        if (!value.empty() && value != "1") return unsupported(element, format("{} other than 1", quantity));
    }
    return {};
}

// The kind of the node may depend on what stands in it: an end event that terminates.
Result<NodeKind> Reader::read_children(xml::Node element, NodeKind kind) const {
    for (xml::Node node = element.first_child(); node; node = node.next_sibling()) {
        if (!is_element(node)) continue;
        TRY_DO(check_element(node));
        if (kind == NodeKind::end_event && xml::is(node, kBpmnNamespace, "terminateEventDefinition")) {
            kind = NodeKind::terminate_end_event;
        } else if (!is_ignored_in_node(node)) {
            return unsupported(element, words_for(node));
        }
    }
    return kind;
}

Result<void> Reader::read_extensions(xml::Node element, Node& node) const {
    for (xml::Attribute a = element.first_attribute(); a; a = a.next_attribute()) {
        if (xml::namespace_of(element, a) != kExtensionNamespace) continue;
        TRY_DO(take_extension(element, node, xml::local_name(a), a.value()));
    }
    if (node.kind == NodeKind::user_task && node.role.empty()) return refuse(element, "madang:role must say who may do the task");
    if (node.kind == NodeKind::service_task && node.operation.empty()) {
        return refuse(element, "madang:operation must say what the service does");
    }
    if (node.kind == NodeKind::business_rule_task && node.decision.empty()) {
        return refuse(element, "madang:decisionRef must name the decision");
    }
    return {};
}

Result<void> Reader::take_extension(xml::Node element, Node& node, std::string_view name, std::string_view value) const {
    struct Place {
        std::string_view name;
        NodeKind kind;
        std::string Node::* member;
    };
    static constexpr std::array kPlaces{
        Place{"operation", NodeKind::service_task, &Node::operation},
        Place{"decisionRef", NodeKind::business_rule_task, &Node::decision},
        Place{"role", NodeKind::user_task, &Node::role},
        Place{"formKey", NodeKind::user_task, &Node::form_key},
    };
    if (value.empty() || value.size() > kMaxIdBytes) {
        return refuse(element, format("madang:{} has 1 to {} bytes", shown(name), kMaxIdBytes));
    }
    if (name == "external" && node.kind == NodeKind::service_task) {
        if (value != "true" && value != "false") return refuse(element, "madang:external is \"true\" or \"false\"");
        node.external = value == "true";
        return {};
    }
    for (const Place& place : kPlaces) {
        if (place.name != name || place.kind != node.kind) continue;
        node.*place.member = std::string(value);
        return {};
    }
    return refuse(element, format("madang:{} means nothing here", shown(name)));
}

// Clause 8.4.13 (Sequence Flow).
Result<void> Reader::read_flow(xml::Node element) {
    Flow flow;
    TRY(flow.id, id_of(element));
    flow.name = std::string(xml::attribute(element, "name"));
    TRY(flow.source, place_of(element, "sourceRef"));
    TRY(flow.target, place_of(element, "targetRef"));
    Node& source = definition_.nodes[flow.source];
    Node& target = definition_.nodes[flow.target];
    // Clauses 10.5.2 and 10.5.3: a start has no way in, an end none out.
    if (target.kind == NodeKind::start_event) return refuse(element, "it leads into a start event");
    if (source.kind == NodeKind::end_event || source.kind == NodeKind::terminate_end_event) {
        return refuse(element, "it leaves an end event");
    }
    TRY_DO(read_condition(element, flow));
    if (flow.condition && (source.kind == NodeKind::parallel_gateway || source.kind == NodeKind::start_event)) {
        return refuse(element, format("a flow out of a {} has no condition", name_of(source.kind)));
    }
    const std::size_t place = definition_.flows.size();
    if (places_.contains(flow.id) || !flows_.emplace(flow.id, place).second) return refuse(element, "the id stands twice in the file");
    source.outgoing.push_back(place);
    target.incoming.push_back(place);
    definition_.flows.push_back(std::move(flow));
    return {};
}

Result<void> Reader::read_condition(xml::Node element, Flow& flow) const {
    for (xml::Node node = element.first_child(); node; node = node.next_sibling()) {
        if (!is_element(node)) continue;
        TRY_DO(check_element(node));
        if (!xml::is(node, kBpmnNamespace, "conditionExpression")) {
            if (is_ignored_in_node(node)) continue;
            return unsupported(element, words_for(node));
        }
        if (flow.condition) return refuse(element, "it has two conditions");
        TRY_DO(check_language(node));
        auto condition = feel::parse_expression(xml::text_of(node));
        if (!condition) return refuse(element, format("its condition: {}", condition.error().message));
        flow.condition = std::move(*condition);
    }
    return {};
}

// Clause 8.4.7 (Formal Expression): its own language, else that of the file. Where none is named it is FEEL.
Result<void> Reader::check_language(xml::Node condition) const {
    std::string_view language = xml::attribute(condition, "language");
    if (language.empty()) language = xml::attribute(document_.root(), "expressionLanguage");
    if (language.empty() || is_feel(language)) return {};
    return refuse(condition, format("a condition in {} is not supported; it is FEEL here", shown(language)));
}

// The references of a node to flows: the default, and the order in which conditions are asked.
Result<void> Reader::link_node(xml::Node element, Node& node) {
    TRY_DO(order_outgoing(element, node));
    const std::string_view reference = xml::attribute(element, "default");
    if (reference.empty()) return {};
    if (node.kind == NodeKind::parallel_gateway || node.kind == NodeKind::start_event) {
        return refuse(element, format("a {} has no default flow", name_of(node.kind)));
    }
    const auto found = flows_.find(reference);
    if (found == flows_.end() || std::ranges::find(node.outgoing, found->second) == node.outgoing.end()) {
        return refuse(element, format("its default flow \"{}\" does not leave it", shown(reference)));
    }
    node.default_flow = found->second;
    // Clause 10.3, Table 10.3: a condition of the default flow is ignored.
    definition_.flows[found->second].condition.reset();
    return {};
}

// Clause 8.4.9 (Flow Node): `outgoing` is an ordered list; a file may leave it out.
Result<void> Reader::order_outgoing(xml::Node element, Node& node) const {
    std::map<std::size_t, std::size_t> rank;
    for (xml::Node listed = element.first_child(); listed; listed = listed.next_sibling()) {
        const bool out = xml::is(listed, kBpmnNamespace, "outgoing");
        if (!out && !xml::is(listed, kBpmnNamespace, "incoming")) continue;
        const std::string reference = xml::text_of(listed);
        const auto found = flows_.find(without_prefix(reference));
        if (found == flows_.end()) return refuse(element, format("there is no flow \"{}\"", shown(reference)));
        const Flow& flow = definition_.flows[found->second];
        const Node& end = definition_.nodes[out ? flow.source : flow.target];
        if (&end != &node) return refuse(element, format("the flow \"{}\" does not {} it", flow.id, out ? "leave" : "reach"));
        if (out) rank.emplace(found->second, rank.size());
    }
    const auto rank_of = [&](std::size_t flow) {
        const auto found = rank.find(flow);
        return std::pair(found == rank.end() ? rank.size() : found->second, flow);
    };
    std::ranges::sort(node.outgoing, {}, rank_of);
    return {};
}

Result<void> Reader::check_element(xml::Node element) const {
    std::size_t count = 0;
    for (xml::Attribute a = element.first_attribute(); a; a = a.next_attribute()) {
        if (++count > kMaxAttributes) return fail(Code::exhausted, format("{}:{}: more than {} attributes", name_, line_of(element), kMaxAttributes));
    }
    if (xml::attribute(element, "name").size() > kMaxNameBytes) {
        return fail(Code::exhausted, format("{}:{}: a name of more than {} bytes", name_, line_of(element), kMaxNameBytes));
    }
    return {};
}

Result<std::string> Reader::id_of(xml::Node element) const {
    const std::string_view id = xml::attribute(element, "id");
    if (id.empty()) return refuse(element, "it has no id");
    if (id.size() > kMaxIdBytes) return fail(Code::exhausted, format("{}:{}: an id of more than {} bytes", name_, line_of(element), kMaxIdBytes));
    return std::string(id);
}

Result<std::size_t> Reader::place_of(xml::Node element, std::string_view reference) const {
    const std::string_view id = xml::attribute(element, reference);
    if (const auto found = places_.find(id); found != places_.end()) return found->second;
    return refuse(element, format("its {} \"{}\" is no node of this process", reference, shown(id)));
}

std::size_t Reader::line_of(xml::Node element) const {
    const std::ptrdiff_t offset = element.offset_debug();
    if (offset < 0) return 1;
    const auto after = std::ranges::upper_bound(line_starts_, static_cast<std::size_t>(offset));
    return static_cast<std::size_t>(after - line_starts_.begin());
}

std::unexpected<Error> Reader::refuse(xml::Node element, std::string_view why) const {
    std::string id(shown(xml::attribute(element, "id")));
    if (!id.empty()) id = format(" id=\"{}\"", id);
    return fail(Code::invalid, format("{}:{}: <{}{}>: {}", name_, line_of(element), shown(xml::local_name(element)), id, why));
}

std::unexpected<Error> Reader::unsupported(xml::Node element, std::string_view what) const {
    const bool several = what.ends_with('s');
    return refuse(element, format("{} {} not supported yet", what, several ? "are" : "is"));
}

}  // namespace madang::process
