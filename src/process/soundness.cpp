#include "process/soundness.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/text.h"
#include "process/detail/rules_model.h"

namespace madang::process {
namespace {

using namespace rules;

constexpr std::size_t kMaxMarkings = 20'000;
constexpr std::size_t kMaxChoices = 6;   // flows of one choice: 63 ways

constexpr Rule kDeadlock{.number = "SOUND.deadlock", .clause = "13.4", .kinds = "*", .text = "a token may wait here for others that cannot come any more", .breaches = nullptr};
constexpr Rule kTwice{.number = "SOUND.twice", .clause = "13.4", .kinds = "*", .text = "two tokens may come here where branches are not joined", .breaches = nullptr};

using Flows = std::vector<std::size_t>;
using Marking = std::vector<std::size_t>;   // the flows that hold a token, sorted; twice where two do

struct Place {
    const Element* node = nullptr;
    Flows in, out;
    std::vector<Flows> ways;   // what one token may become, where that is no matter of joining
};

// One process or sub-process as a net of its sequence flows.
class Net {
public:
    Net(const Model& model, const Element& scope) : model_(model), scope_(scope) {}

    // Why it is not judged, or nothing.
    std::string build() {
        for (const Element* one : scope_.children) {
            if (one->kind == "complexGateway") return "it holds a complex gateway";
            if (counts_tokens(*one)) return "it counts tokens";
            if (takes_part(*one)) places_.push_back({.node = one, .in = {}, .out = {}, .ways = {}});
        }
        for (std::size_t i = 0; i < places_.size(); ++i) index_.emplace(places_[i].node, i);
        for (const Element* one : scope_.children) {
            if (one->kind == "sequenceFlow") add_flow(*one);
        }
        for (Place& place : places_) {
            if (place.out.size() > kMaxChoices) return "a choice of it has too many ways";
            place.ways = ways_of(place);
        }
        return {};
    }

    // Where it may begin: each start of a process by itself, all of a sub-process together.
    std::vector<Marking> begin() {
        std::vector<Marking> all;
        Marking together;
        bool starts = false;
        for (const Place& place : places_) {
            if (place.node->kind != "startEvent" && !is_true(*place.node, "instantiate")) continue;
            starts = true;
            const Marking one = place.node->kind == "startEvent" ? place.out : Marking{entry_into(place)};
            together.insert(together.end(), one.begin(), one.end());
            all.push_back(one);
        }
        if (!starts) {
            for (const Place& place : places_) {
                if (place.in.empty() && is_entry(*place.node)) together.push_back(entry_into(place));
            }
        }
        if (!starts || scope_.kind != "process") all = {together};
        for (Marking& one : all) std::ranges::sort(one);
        return all;
    }

    // Every marking that one move leads to.
    std::vector<Marking> moves(const Marking& marking) const {
        std::vector<Marking> next;
        for (const Place& place : places_) {
            const bool waits = place.node->kind == "parallelGateway" || place.node->kind == "inclusiveGateway";
            if (waits && place.in.size() > 1) join(place, marking, next);
            else pass(place, marking, next);
        }
        return next;
    }

    const Element* target(std::size_t flow) const { return places_[targets_[flow]].node; }

private:
    bool takes_part(const Element& node) const {
        return (is_one_of(node, kActivities) || is_one_of(node, kGateways) || is_one_of(node, kEvents)) && !is_event_sub_process(node) && !is_true(node, "isForCompensation");
    }
    static bool counts_tokens(const Element& node) {
        const auto is_one = [&](const char* name) { return attribute(node, name).empty() || attribute(node, name) == "1"; };
        return !is_one("startQuantity") || !is_one("completionQuantity");
    }
    bool is_entry(const Element& node) const {
        return node.kind != "boundaryEvent" && !(node.kind == "intermediateCatchEvent" && defines(model_, node, "linkEventDefinition"));
    }
    std::size_t place_of(const Element* node) const {
        const auto found = index_.find(node);
        return found == index_.end() ? places_.size() : found->second;
    }

    void add_flow(const Element& flow) {
        const std::size_t from = place_of(model_.find_attribute(flow, "sourceRef"));
        const std::size_t to = place_of(model_.find_attribute(flow, "targetRef"));
        if (from == places_.size() || to == places_.size()) return;
        places_[from].out.push_back(targets_.size());
        places_[to].in.push_back(targets_.size());
        conditional_.push_back(has(flow, "conditionExpression"));
        default_.push_back(attribute(*places_[from].node, "default") == flow.id && !flow.id.empty());
        sources_.push_back(from);
        targets_.push_back(to);
    }
    // A flow of ours, for what begins without one.
    std::size_t entry_into(const Place& place) {
        sources_.push_back(places_.size());
        targets_.push_back(place_of(place.node));
        places_[targets_.back()].in.push_back(targets_.size() - 1);
        conditional_.push_back(false);
        default_.push_back(false);
        return targets_.size() - 1;
    }

    // Each choice of some of the flows, with those that are always taken.
    static std::vector<Flows> subsets(const Flows& always, const Flows& some, bool none_too) {
        std::vector<Flows> all;
        for (std::size_t mask = none_too ? 0 : 1; mask < (std::size_t{1} << some.size()); ++mask) {
            Flows one = always;
            for (std::size_t i = 0; i < some.size(); ++i) {
                if ((mask >> i & 1U) != 0) one.push_back(some[i]);
            }
            all.push_back(std::move(one));
        }
        return all;
    }

    std::vector<Flows> ways_of(const Place& place) const {
        const std::string_view kind = place.node->kind;
        if (kind == "exclusiveGateway" || kind == "eventBasedGateway") {
            std::vector<Flows> ways;
            for (const std::size_t flow : place.out) ways.push_back({flow});
            return ways.empty() ? std::vector<Flows>{{}} : ways;
        }
        if (kind == "inclusiveGateway" && place.out.size() > 1) return subsets({}, place.out, false);
        if (kind == "intermediateThrowEvent" && place.out.empty()) return {link_of(*place.node)};
        Flows always, some, otherwise;
        for (const std::size_t flow : place.out) (default_[flow] ? otherwise : conditional_[flow] ? some : always).push_back(flow);
        std::vector<Flows> ways = is_one_of(*place.node, kActivities) ? subsets(always, some, true) : std::vector<Flows>{place.out};
        if (!some.empty()) {
            for (const std::size_t flow : otherwise) ways.front().push_back(flow);   // where no condition holds
            if (ways.front().empty()) ways.erase(ways.begin());                      // the engine would fail there, not wait
        } else if (is_one_of(*place.node, kActivities)) {
            ways.front().insert(ways.front().end(), otherwise.begin(), otherwise.end());
        }
        if (is_one_of(*place.node, kActivities)) add_borders(*place.node, ways);
        return ways;
    }
    void add_borders(const Element& activity, std::vector<Flows>& ways) const {
        const std::vector<Flows> plain = ways;
        for (const Element* event : model_.referring("boundaryEvent", activity)) {
            const std::size_t place = place_of(event);
            if (place == places_.size() || defines(model_, *event, "compensateEventDefinition")) continue;
            if (attribute(*event, "cancelActivity") != "false") {
                ways.push_back(places_[place].out);
                continue;
            }
            for (Flows both : plain) {
                both.insert(both.end(), places_[place].out.begin(), places_[place].out.end());
                ways.push_back(std::move(both));
            }
        }
    }
    Flows link_of(const Element& thrower) const {
        const auto name_of = [](const Element& event) {
            const Element* link = child(event, "linkEventDefinition");
            return link == nullptr ? std::string_view{} : attribute(*link, "name");
        };
        const std::string_view name = name_of(thrower);
        for (const Place& place : places_) {
            if (!name.empty() && place.node->kind == "intermediateCatchEvent" && name_of(*place.node) == name) return place.out;
        }
        return {};
    }

    static Marking without(Marking marking, std::size_t flow) {
        marking.erase(std::ranges::find(marking, flow));
        return marking;
    }
    static void put(Marking marking, const Flows& flows, std::vector<Marking>& next) {
        marking.insert(marking.end(), flows.begin(), flows.end());
        std::ranges::sort(marking);
        next.push_back(std::move(marking));
    }

    void pass(const Place& place, const Marking& marking, std::vector<Marking>& next) const {
        for (const std::size_t flow : place.in) {
            if (!std::ranges::binary_search(marking, flow)) continue;
            if (place.node->kind == "endEvent" && defines(model_, *place.node, "terminateEventDefinition errorEventDefinition cancelEventDefinition")) {
                next.emplace_back();
                continue;
            }
            for (const Flows& way : place.ways) put(without(marking, flow), way, next);
        }
    }

    void join(const Place& place, const Marking& marking, std::vector<Marking>& next) const {
        Flows held, empty;
        for (const std::size_t flow : place.in) (std::ranges::binary_search(marking, flow) ? held : empty).push_back(flow);
        if (held.empty()) return;
        if (!empty.empty() && (place.node->kind == "parallelGateway" || may_still_come(place, marking, held, empty))) return;
        Marking rest = marking;
        for (const std::size_t flow : held) rest = without(rest, flow);
        for (const Flows& way : place.ways) put(rest, way, next);
    }

    // Clause 13.4.3: a token that can come to an empty flow, and not to one that holds a token.
    bool may_still_come(const Place& join, const Marking& marking, const Flows& held, const Flows& empty) const {
        const std::set<std::size_t> to_empty = ways_to(join, empty);
        const std::set<std::size_t> to_held = ways_to(join, held);
        return std::ranges::any_of(marking, [&](std::size_t flow) { return to_empty.contains(flow) && !to_held.contains(flow); });
    }
    std::set<std::size_t> ways_to(const Place& join, Flows ends) const {
        std::set<std::size_t> leads(ends.begin(), ends.end());
        while (!ends.empty()) {
            std::size_t source = sources_[ends.back()];
            ends.pop_back();
            if (source == places_.size() || places_[source].node == join.node) continue;
            if (places_[source].node->kind == "boundaryEvent") source = place_of(model_.find_attribute(*places_[source].node, "attachedToRef"));
            if (source == places_.size()) continue;
            for (const std::size_t before : places_[source].in) {
                if (leads.insert(before).second) ends.push_back(before);
            }
        }
        return leads;
    }

    const Model& model_;
    const Element& scope_;
    std::vector<Place> places_;
    std::map<const Element*, std::size_t> index_;
    std::vector<std::size_t> sources_, targets_;
    std::vector<bool> conditional_, default_;
};

struct Found {
    std::set<const Element*> stuck, twice;
    bool whole = true;
};

Found explore(const Net& net, std::vector<Marking> open) {
    Found found;
    std::set<Marking> seen(open.begin(), open.end());
    while (!open.empty()) {
        const Marking marking = std::move(open.back());
        open.pop_back();
        if (const auto two = std::ranges::adjacent_find(marking); two != marking.end()) {
            found.twice.insert(net.target(*two));
            continue;   // what comes of it is told by this
        }
        const std::vector<Marking> next = net.moves(marking);
        if (next.empty()) {
            for (const std::size_t flow : marking) found.stuck.insert(net.target(flow));
        }
        for (const Marking& one : next) {
            if (!seen.insert(one).second) continue;
            if (seen.size() > kMaxMarkings) return {.stuck = {}, .twice = {}, .whole = false};
            open.push_back(one);
        }
    }
    return found;
}

}  // namespace

Result<Soundness> check_soundness(std::string_view xml, std::string_view name) {
    std::vector<Violation> of_imports;
    TRY(const Model model, Model::read(xml, name, {}, of_imports));
    Soundness soundness;
    for (const std::string_view kind : {"process", "subProcess", "transaction"}) {
        for (const Element* scope : model.of(kind)) {
            Net net(model, *scope);
            std::string reason = net.build();
            const Found found = reason.empty() ? explore(net, net.begin()) : Found{};
            if (!found.whole) reason = format("it has more than {} markings", kMaxMarkings);
            if (!reason.empty()) soundness.not_judged.push_back(format("{} {}: {}", scope->kind, scope->id, reason));
            for (const Element* one : found.stuck) soundness.warnings.push_back(violation_at(model, *one, kDeadlock));
            for (const Element* one : found.twice) soundness.warnings.push_back(violation_at(model, *one, kTwice));
        }
    }
    std::ranges::sort(soundness.warnings, {}, [](const Violation& one) { return std::tuple(one.line, std::string_view(one.element), std::string_view(one.rule)); });
    return soundness;
}

}  // namespace madang::process
