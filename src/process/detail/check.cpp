#include "process/detail/check.h"

#include <vector>

#include "base/text.h"

namespace madang::process {
namespace {

enum class Direction { forward, backward };

// Every node on a way from those in `open`.
std::vector<bool> reach(const Definition& definition, std::vector<std::size_t> open, Direction direction) {
    std::vector<bool> reached(definition.nodes.size());
    for (const std::size_t place : open) reached[place] = true;
    while (!open.empty()) {
        const Node& node = definition.nodes[open.back()];
        open.pop_back();
        for (const std::size_t flow : direction == Direction::forward ? node.outgoing : node.incoming) {
            const std::size_t next = direction == Direction::forward ? definition.flows[flow].target : definition.flows[flow].source;
            if (reached[next]) continue;
            reached[next] = true;
            open.push_back(next);
        }
    }
    return reached;
}

bool is_gateway(NodeKind kind) {
    return kind == NodeKind::exclusive_gateway || kind == NodeKind::parallel_gateway || kind == NodeKind::inclusive_gateway;
}

// Clauses 10.6.2 and 10.6.3: a split that chooses asks a condition of every flow but the default.
Result<void> check_gateway(const Definition& definition, const Node& node, std::string_view name) {
    if (node.outgoing.empty()) return fail(Code::invalid, where(name, node) + ": no flow leaves the gateway");
    if (node.kind == NodeKind::parallel_gateway || node.outgoing.size() == 1) return {};
    for (const std::size_t flow : node.outgoing) {
        if (definition.flows[flow].condition || node.default_flow == flow) continue;
        return fail(Code::invalid, format("{}: the flow \"{}\" has no condition and is not the default", where(name, node),
                                          definition.flows[flow].id));
    }
    return {};
}

// Clause 10.5.2: one start without a trigger.
Result<std::size_t> find_start(const Definition& definition, std::string_view name) {
    std::optional<std::size_t> start;
    for (std::size_t place = 0; place < definition.nodes.size(); ++place) {
        if (definition.nodes[place].kind != NodeKind::start_event) continue;
        if (start) return fail(Code::invalid, where(name, definition.nodes[place]) + ": a second start event; a process has one");
        start = place;
    }
    if (!start) return fail(Code::invalid, format("{}: the process \"{}\" has no start event", name, definition.id));
    if (definition.nodes[*start].outgoing.empty()) {
        return fail(Code::invalid, where(name, definition.nodes[*start]) + ": no flow leaves the start event");
    }
    return *start;
}

}  // namespace

std::string where(std::string_view name, const Node& node) {
    return format("{}:{}: <{} id=\"{}\">", name, node.line, name_of(node.kind), node.id);
}

Result<void> check_graph(Definition& definition, std::string_view name) {
    TRY(definition.start, find_start(definition, name));
    std::vector<std::size_t> ends;   // an activity without a way out is one too: clause 13.3.2
    for (std::size_t place = 0; place < definition.nodes.size(); ++place) {
        const Node& node = definition.nodes[place];
        if (is_gateway(node.kind)) TRY_DO(check_gateway(definition, node, name));
        if (node.outgoing.empty()) ends.push_back(place);
    }
    const std::vector<bool> started = reach(definition, {definition.start}, Direction::forward);
    const std::vector<bool> ending = reach(definition, ends, Direction::backward);
    for (std::size_t place = 0; place < definition.nodes.size(); ++place) {
        const Node& node = definition.nodes[place];
        if (!started[place]) return fail(Code::invalid, where(name, node) + ": no way leads here from the start event");
        if (!ending[place]) return fail(Code::invalid, where(name, node) + ": no way leads from here to an end");
    }
    return {};
}

}  // namespace madang::process
