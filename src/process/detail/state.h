// What one instance is between two commands: tokens, the scopes they stand in, and what they wait for.
// Kept as one JSON text by the ids of nodes, so that a command reads and writes one row and a running
// instance can be moved to another version of its definition.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "process/definition.h"

namespace madang::process {

// A completed activity that can be compensated (clause 13.5.5).
struct Compensable {
    std::size_t node = 0;
    json::object variables = {};                // of a sub-process, as they were
    std::vector<Compensable> inner = {};        // of a sub-process
};

// An activity instance or a token that waits (clause 13.3).
struct Token {
    enum class At {
        join,           // at a gateway, or for more tokens of startQuantity
        task,           // an open task, or a job of the outbox
        event,          // an event, event-based gateway or receive task: subscriptions tell for what
        scope,          // a sub-process: a scope with this token runs
        call,           // a process that it called
        body,           // a multi-instance: inner tokens name it as their `outer`
        compensation,   // compensates; then goes on
        data,           // an activity none of whose input sets is there yet
    };
    std::int64_t number = 0;
    std::size_t node = 0;
    std::int64_t scope = 0;                // in which it stands
    At at = At::task;
    std::int64_t outer = 0;                // body that it is an instance of
    std::int64_t job = 0;                  // compensation that it is done for
    std::optional<std::size_t> flow = {};       // at a join: by which it came
    json::object local = {};                    // loopCounter, the item, inputs
    std::string child = {};                     // of a call: the called instance; empty where its answer was dismissed
    // Of a body.
    std::int64_t total = 0, started = 0, completed = 0, terminated = 0;
    json::array items = {}, results = {};
    // Of a compensation: what is left to do, the last first.
    std::vector<Compensable> left = {};
    std::int64_t target = 0;               // scope in which it is done
    bool cancels = false;                  // the transaction was cancelled
    bool leaves = true;                    // the thrower waits for it and goes on afterwards
};

struct ScopeState {
    std::int64_t number = 0;
    std::size_t scope = 0;                 // place in Definition::scopes
    std::int64_t parent = 0;               // scope state around it
    std::int64_t token = 0;                // at the sub-process; 0: the process itself, or for a compensation
    std::int64_t job = 0;                  // compensation that brought it back
    json::object variables = {};
    std::vector<Compensable> completed = {};    // in the order of completion
    std::vector<std::size_t> pending = {};      // ad-hoc, sequential: what is still to be begun
    bool done = false;                     // ad-hoc: its completion condition held
    struct Reset {                         // complex gateways that wait for the rest: clause 13.4.5
        std::size_t node = 0;
        std::vector<std::size_t> taken = {};    // flows
    };
    std::vector<Reset> resets = {};
    std::size_t live = 0;                  // tokens and moves in it; counted, not kept
};

struct Subscription {
    std::int64_t number = 0;
    std::int64_t token = 0;                // whose it is; 0: of the scope (start of an event sub-process)
    std::int64_t scope = 0;
    std::size_t node = 0;                  // the event
    std::size_t trigger = 0;               // of Node::triggers
    std::string name = {}, key = {};                 // of a message or signal
    bool is_signal = false;                // told by the trigger; not kept
    std::optional<Instant> due = {};            // of a timer
    std::int64_t repeats = 0;              // of a cycle: how often still; -1: without end
    std::string interval = {};                  // of a cycle: its duration
    // Of a condition: how it was; it fires when it becomes true. Of a parallel multiple event: it came, and has no row any more.
    bool held = false;
    bool spent = false;                    // a condition of a parallel multiple event that fired and still holds
    json::object payload = {};             // of a parallel multiple event: what came with it
};

// Whether both are triggers of one event that is waited for.
inline bool of_one_event(const Subscription& one, const Subscription& other) {
    return one.token == other.token && one.scope == other.scope && one.node == other.node;
}

struct State {
    std::vector<Token> tokens = {};
    std::vector<ScopeState> scopes = {};        // the first is the process
    std::vector<Subscription> subscriptions = {};
    std::int64_t next_number = 1;          // of all of them
};

// The tokens that stand at user tasks.
std::vector<std::int64_t> at_user_tasks(const State& state, const Definition& definition);
// With those of what they are in: whoever cancels one of these cancels one of `tokens`.
std::set<std::int64_t> holders_of(const State& state, std::vector<std::int64_t> tokens);

json::object to_json(const State& state, const Definition& definition);
// Code::conflict with the id of the node that `definition` does not have.
Result<State> state_from_json(const json::object& object, const Definition& definition);

}  // namespace madang::process
