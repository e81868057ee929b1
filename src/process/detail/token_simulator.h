// For tests: a slow token simulator written from the standard (BPMN 2.0.2, clause 13), over a graph of its own. It keeps
// every marking that some order of the inner moves can lead to, and shares nothing with the engine.
#pragma once

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"

namespace madang::process::simulated {

enum class Kind { start, end, terminate, task, exclusive, parallel, inclusive, event_gateway, catch_event, sub_process, boundary, event_sub, event_start };

struct Node {
    Kind kind = Kind::task;
    std::string id = {};
    int scope = -1;             // the sub-process that it is in; -1 the process
    int times = 1;              // of a task: a loop or multi-instance
    bool at_once = false;       // and all instances begin together
    int attached = -1;          // of a boundary event: the activity
    bool interrupting = true;   // of a boundary event or the start of an event sub-process
    int otherwise = -1;         // the default flow
    std::vector<int> in = {}, out = {};
};
struct Flow {
    int from = 0;
    int to = 0;
    int condition = -1;         // -1 none; 2n: variable n is true; 2n+1: it is false
};
struct Graph {
    std::vector<Node> nodes;
    std::vector<Flow> flows;
    std::array<bool, 3> variables{};
};

// On a flow, or waiting at a node that it came to by that flow. `scope` numbers the instance of the sub-process.
struct Token {
    int flow = -1;
    int at = -1;
    int scope = 0;
    int child = 0;              // of a sub-process: the instance within; at an event sub-process 0: it is waited for
    int left = 0;               // of a task: how often it is still to be done
    auto operator<=>(const Token&) const = default;
};
struct Marking {
    std::vector<Token> tokens;
    int scopes = 1;             // instances so far
    bool terminated = false;

    std::string key() const {
        std::vector<Token> sorted = tokens;
        std::ranges::sort(sorted);
        std::string text = terminated ? "x" : "";
        for (const Token& one : sorted) text += format("{}.{}.{}.{}.{} ", one.flow, one.at, one.scope, one.child, one.left);
        return text;
    }
};

class Simulator {
public:
    explicit Simulator(const Graph& graph) : graph_(graph) {}

    std::vector<Marking> begin() {
        Marking marking;
        enter(marking, -1, 0);
        return settle({marking});
    }
    // Where the markings lead when a task is done, or the message of an event comes.
    std::vector<Marking> after(const std::vector<Marking>& markings, int node) {
        std::vector<Marking> next;
        for (const Marking& one : markings) {
            for (std::size_t t = 0; t < one.tokens.size(); ++t) act(one, t, node, next);
        }
        return settle(std::move(next));
    }
    // "a b !m running": open tasks, messages that are waited for, and how the process stands.
    std::string stand(const Marking& marking) const {
        std::vector<std::string> words;
        for (const Token& one : marking.tokens) {
            if (one.at < 0) continue;
            const Node& node = graph_.nodes[static_cast<std::size_t>(one.at)];
            if (node.kind == Kind::task) words.insert(words.end(), node.at_once ? static_cast<std::size_t>(one.left) : 1U, node.id);
            if (node.kind == Kind::event_sub && one.child == 0) words.push_back("!" + start_of(one.at).id);
            if (node.kind == Kind::catch_event) words.push_back("!" + node.id);
            if (node.kind == Kind::event_gateway) {
                for (const int flow : node.out) words.push_back("!" + graph_.nodes[target(flow)].id);
            }
            for (const Node& other : graph_.nodes) {
                if (other.attached == one.at) words.push_back("!" + other.id);
            }
        }
        std::ranges::sort(words);
        words.emplace_back(marking.terminated ? "terminated" : marking.tokens.empty() ? "completed" : "running");
        return join(words, " ");
    }
    bool too_many() const { return too_many_; }

private:
    static constexpr std::size_t kTokens = 10;
    static constexpr std::size_t kMarkings = 3000;

    std::size_t target(int flow) const { return static_cast<std::size_t>(graph_.flows[static_cast<std::size_t>(flow)].to); }
    static void put(Marking& marking, const std::vector<int>& flows, int scope) {
        for (const int flow : flows) marking.tokens.push_back({flow, -1, scope, 0, 0});
    }
    const Node& start_of(int event_sub) const {
        return *std::ranges::find_if(graph_.nodes, [&](const Node& node) { return node.kind == Kind::event_start && node.scope == event_sub; });
    }
    bool is_waited_for(const Token& one) const { return one.at >= 0 && one.child == 0 && graph_.nodes[static_cast<std::size_t>(one.at)].kind == Kind::event_sub; }
    // 13.3.4: a token at the start; from now on the starts of the event sub-processes are waited for (13.5.4).
    void enter(Marking& marking, int container, int scope) const {
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
            const Node& node = graph_.nodes[i];
            if (node.scope != container) continue;
            if (node.kind == Kind::start) put(marking, node.out, scope);
            if (node.kind == Kind::event_sub) marking.tokens.push_back({-1, static_cast<int>(i), scope, 0, 0});
        }
    }
    static void take(Marking& marking, std::size_t token) { marking.tokens.erase(marking.tokens.begin() + static_cast<std::ptrdiff_t>(token)); }
    bool is_true(int condition) const { return condition < 0 || graph_.variables.at(static_cast<std::size_t>(condition / 2)) == (condition % 2 == 0); }

    void act(const Marking& marking, std::size_t token, int node, std::vector<Marking>& next) {
        const Token one = marking.tokens[token];
        if (one.at < 0) return;
        const Node& here = graph_.nodes[static_cast<std::size_t>(one.at)];
        const Node& acted = graph_.nodes[static_cast<std::size_t>(node)];
        if (acted.kind == Kind::event_start) {   // 13.5.4: one that interrupts ends all else in its scope, and what else is waited for
            if (one.at != acted.scope || !is_waited_for(one)) return;
            Marking moved = marking;
            if (acted.interrupting) leave(moved, one.scope);
            const int within = moved.scopes++;
            moved.tokens.push_back({-1, one.at, one.scope, within, 0});
            enter(moved, one.at, within);   // it may have event sub-processes of its own
            put(moved, acted.out, within);
            next.push_back(std::move(moved));
            return;
        }
        const bool chosen = here.kind == Kind::event_gateway && std::ranges::any_of(here.out, [&](int flow) { return target(flow) == static_cast<std::size_t>(node); });
        if (acted.attached >= 0 && acted.attached == one.at) {   // 13.5.3 boundary events
            Marking moved = marking;
            if (acted.interrupting) {
                take(moved, token);   // one of several that may be equal
                if (here.kind == Kind::sub_process) leave(moved, one.child);
            }
            put(moved, acted.out, one.scope);
            next.push_back(std::move(moved));
        } else if ((one.at == node && (here.kind == Kind::task || here.kind == Kind::catch_event)) || chosen) {
            Marking moved = marking;
            if (one.left > 1) {   // 13.3.6, 13.3.7: not the last time
                --moved.tokens[token].left;
                next.push_back(std::move(moved));
                return;
            }
            take(moved, token);
            put(moved, acted.out, one.scope);   // 13.3.2: a token on every outgoing flow
            next.push_back(std::move(moved));
        }
    }
    static void leave(Marking& marking, int scope) {
        std::vector<int> inner;
        for (const Token& one : marking.tokens) {
            if (one.scope == scope && one.child != 0) inner.push_back(one.child);
        }
        std::erase_if(marking.tokens, [&](const Token& one) { return one.scope == scope; });
        for (const int one : inner) leave(marking, one);
    }

    std::vector<Marking> settle(std::vector<Marking> open) {
        std::set<std::string> seen;
        std::vector<Marking> rest;
        while (!open.empty()) {
            const Marking marking = std::move(open.back());
            open.pop_back();
            if (!seen.insert(marking.key()).second) continue;
            if (marking.tokens.size() > kTokens || seen.size() > kMarkings) too_many_ = true;
            if (too_many_) return {};
            const std::size_t before = open.size();
            for (std::size_t t = 0; t < marking.tokens.size(); ++t) move(marking, t, open);
            if (open.size() == before) rest.push_back(marking);
        }
        return rest;
    }
    // What this token can do by itself.
    void move(const Marking& marking, std::size_t token, std::vector<Marking>& next) const {
        const Token one = marking.tokens[token];
        Marking moved = marking;
        if (one.at >= 0) {
            const Node& sub = graph_.nodes[static_cast<std::size_t>(one.at)];
            if (is_waited_for(one)) {   // no longer, where nothing else is left
                if (std::ranges::any_of(marking.tokens, [&](const Token& other) { return other.scope == one.scope && !is_waited_for(other); })) return;
                take(moved, token);
                next.push_back(std::move(moved));
                return;
            }
            if ((sub.kind != Kind::sub_process && sub.kind != Kind::event_sub) || std::ranges::any_of(marking.tokens, [&](const Token& other) { return other.scope == one.child; })) return;
            take(moved, token);   // 13.3.4: it ends when no token is left within
            put(moved, sub.out, one.scope);
            next.push_back(std::move(moved));
            return;
        }
        const Node& to = graph_.nodes[target(one.flow)];
        const int index = static_cast<int>(target(one.flow));
        switch (to.kind) {
            case Kind::task:
                moved.tokens[token].at = index;
                moved.tokens[token].left = to.times;
                break;
            case Kind::catch_event:
            case Kind::event_gateway: moved.tokens[token].at = index; break;
            case Kind::sub_process:
                moved.tokens[token].at = index;
                moved.tokens[token].child = moved.scopes;
                enter(moved, index, moved.scopes++);
                break;
            case Kind::end: take(moved, token); break;
            case Kind::terminate:   // 10.5.3: the process ends at once
                moved.tokens.clear();
                moved.terminated = true;
                break;
            case Kind::exclusive: {   // 13.4.2: the first condition that holds, else the default
                take(moved, token);
                int chosen = to.otherwise >= 0 ? to.otherwise : to.out.front();
                for (const int flow : to.out) {
                    if (flow != to.otherwise && is_true(graph_.flows[static_cast<std::size_t>(flow)].condition)) {
                        chosen = flow;
                        break;
                    }
                }
                put(moved, {chosen}, one.scope);
                break;
            }
            case Kind::parallel:
                if (!consume(moved, to, one.scope, true)) return;
                put(moved, to.out, one.scope);
                break;
            case Kind::inclusive:
                if (!may_join(marking, index, one.scope)) return;
                consume(moved, to, one.scope, false);
                put_inclusive(moved, to, one.scope);
                break;
            case Kind::start:
            case Kind::boundary:
            case Kind::event_sub:
            case Kind::event_start: return;   // nothing flows into them
        }
        next.push_back(std::move(moved));
    }
    // 13.4.1: one token from each incoming flow; the inclusive gateway takes one from each that has one (13.4.3).
    static bool consume(Marking& marking, const Node& gateway, int scope, bool all) {
        for (const int flow : gateway.in) {
            const auto found = std::ranges::find_if(marking.tokens, [&](const Token& one) { return one.flow == flow && one.at < 0 && one.scope == scope; });
            if (found == marking.tokens.end()) {
                if (all) return false;
                continue;
            }
            marking.tokens.erase(found);
        }
        return true;
    }
    void put_inclusive(Marking& marking, const Node& gateway, int scope) const {
        bool any = false;
        for (const int flow : gateway.out) {
            if (flow == gateway.otherwise || !is_true(graph_.flows[static_cast<std::size_t>(flow)].condition)) continue;
            put(marking, {flow}, scope);
            any = true;
        }
        if (!any) put(marking, {gateway.otherwise >= 0 ? gateway.otherwise : gateway.out.front()}, scope);
    }
    // 13.4.3: for every path from a flow with a token to an empty incoming flow that does not visit the gateway, there is
    // one from that flow to an incoming flow that has a token.
    bool may_join(const Marking& marking, int gateway, int scope) const {
        std::set<int> marked;   // incoming flows that have a token
        for (const Token& one : marking.tokens) {
            if (one.at < 0 && one.scope == scope && static_cast<int>(target(one.flow)) == gateway) marked.insert(one.flow);
        }
        for (const Token& one : marking.tokens) {
            if (one.scope != scope || one.flow < 0 || (one.at < 0 && static_cast<int>(target(one.flow)) == gateway)) continue;
            bool to_empty = false;
            bool to_marked = false;
            for (const int flow : reachable(one.flow, gateway)) {
                if (static_cast<int>(target(flow)) != gateway) continue;
                (marked.contains(flow) ? to_marked : to_empty) = true;
            }
            if (to_empty && !to_marked) return false;
        }
        return true;
    }
    // The flows on paths that begin with this one and do not go through the gateway; an activity's token counts as being
    // on the flow that it came by.
    std::set<int> reachable(int from, int gateway) const {
        std::set<int> found{from};
        std::vector<int> open{from};
        while (!open.empty()) {
            const int flow = open.back();
            open.pop_back();
            if (static_cast<int>(target(flow)) == gateway) continue;
            for (const int next : graph_.nodes[target(flow)].out) {
                if (found.insert(next).second) open.push_back(next);
            }
        }
        return found;
    }

    const Graph& graph_;
    bool too_many_ = false;
};

}  // namespace madang::process::simulated
