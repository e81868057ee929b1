#include "process/detail/inclusive_join.h"

#include <utility>

namespace madang::process {
namespace {

// The flows that begin a way which ends with one of `ends` and does not pass the gateway.
std::vector<bool> ways_to(const Definition& definition, std::size_t gateway, std::vector<std::size_t> ends) {
    std::vector<bool> leads(definition.flows.size());
    for (const std::size_t flow : ends) leads[flow] = true;
    while (!ends.empty()) {
        const std::size_t source = definition.flows[ends.back()].source;
        ends.pop_back();
        if (source == gateway) continue;
        // A way that begins on the border of an activity begins with what leads into the activity.
        const std::size_t entered = definition.nodes[source].attached_to.value_or(source);
        for (const std::size_t before : definition.nodes[entered].incoming) {
            if (leads[before]) continue;
            leads[before] = true;
            ends.push_back(before);
        }
    }
    return leads;
}

// Of a node at work: its own, and those of the events on its border.
std::vector<std::size_t> ways_out(const Definition& definition, std::size_t node) {
    std::vector<std::size_t> out = definition.nodes[node].outgoing;
    for (const std::size_t event : definition.nodes[node].boundaries) {
        const auto& more = definition.nodes[event].outgoing;
        out.insert(out.end(), more.begin(), more.end());
    }
    return out;
}

bool one_of(const std::vector<bool>& leads, const std::vector<std::size_t>& flows) {
    for (const std::size_t flow : flows) {
        if (leads[flow]) return true;
    }
    return false;
}

}  // namespace

bool is_activated(const Definition& definition, std::size_t gateway, const Marking& marking) {
    std::vector<std::size_t> empty;
    std::vector<std::size_t> held;
    for (const std::size_t flow : definition.nodes[gateway].incoming) (marking.flows[flow] ? held : empty).push_back(flow);
    if (held.empty()) return false;
    const std::vector<bool> to_empty = ways_to(definition, gateway, std::move(empty));
    const std::vector<bool> to_held = ways_to(definition, gateway, std::move(held));
    for (std::size_t flow = 0; flow < definition.flows.size(); ++flow) {
        if (marking.flows[flow] && to_empty[flow] && !to_held[flow]) return false;
    }
    for (std::size_t node = 0; node < definition.nodes.size(); ++node) {
        if (!marking.nodes[node] || node == gateway) continue;
        const std::vector<std::size_t> out = ways_out(definition, node);
        if (one_of(to_empty, out) && !one_of(to_held, out)) return false;
    }
    return true;
}

}  // namespace madang::process
