// BPMN 2.0 processes as the engine runs them, read from the XML that public editors write. A model that
// breaks a rule of the standard, or asks for what the engine does not do, is refused with the element's
// id and line.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "feel/expression.h"

namespace madang::process {

// Our attributes and elements in BPMN files, as extensions.
inline constexpr std::string_view kExtensionNamespace = "https://madang.example/ns/bpmn";

enum class NodeKind {
    start_event, intermediate_catch_event, intermediate_throw_event, boundary_event, end_event,
    task, manual_task,     // nothing to do by itself: passes on
    user_task, service_task, send_task, receive_task, business_rule_task, script_task,
    exclusive_gateway, inclusive_gateway, parallel_gateway, event_based_gateway, complex_gateway,
    sub_process, event_sub_process, ad_hoc_sub_process, transaction, call_activity,
};
std::string_view name_of(NodeKind kind);   // "userTask", …; both sub-processes are "subProcess"

enum class TriggerKind { message, timer, signal, conditional, error, escalation, compensation, cancel, link, terminate };
std::string_view name_of(TriggerKind kind);   // "message", …

// Clause 10.5.5: an event definition of an event, own or referred to.
struct Trigger {
    enum class Time { date, duration, cycle };
    TriggerKind kind = TriggerKind::message;
    std::string id;                               // of the event definition, may be empty
    std::string name;                             // of the message, signal or link; code of the error or escalation; empty: any
    Time time = Time::duration;
    std::optional<feel::Expression> expression;   // when of a timer, what of a condition
    std::optional<feel::Expression> correlation;  // madang:correlationKey of a message
    std::optional<std::size_t> activity;          // compensation of this node alone
    bool waits = true;                            // compensation: waitForCompletion
};

// What becomes of a value on its way into an activity or out of it. Clause 10.4.2 (Data Associations),
// and madang:input and madang:output.
struct Mapping {
    std::string target;
    std::optional<feel::Expression> value;        // without it the name itself is carried over
    std::string source;
};

// Clause 10.3.9 (Loop Characteristics).
struct Loop {
    enum class Behavior { all, none, one, complex };
    bool multiple = false;                        // a multi-instance, else a standard loop
    bool sequential = false;
    bool test_before = false;
    std::optional<std::int64_t> maximum;          // loopMaximum
    std::optional<feel::Expression> condition;    // loopCondition, or completionCondition
    std::optional<feel::Expression> cardinality;
    std::string collection, item;                 // loopDataInputRef, inputDataItem
    std::string results, result;                  // loopDataOutputRef, outputDataItem
    Behavior behavior = Behavior::all;
    struct Thrown {
        std::optional<feel::Expression> when;     // of complexBehaviorDefinition
        Trigger trigger;
    };
    std::vector<Thrown> thrown;                   // by behaviors none, one and complex
};

struct Flow {
    std::string id, name;
    std::size_t source = 0, target = 0;            // places in Definition::nodes
    std::optional<feel::Expression> condition;
};

struct Node {
    std::string id, name;
    NodeKind kind = NodeKind::task;
    std::size_t line = 0;
    std::size_t scope = 0;                         // place in Definition::scopes: where it stands
    std::optional<std::size_t> inner;              // of a sub-process: what stands in it
    std::vector<std::size_t> incoming, outgoing;   // places in Definition::flows, in the file's order
    std::optional<std::size_t> default_flow;

    std::vector<Trigger> triggers;                 // of events
    bool parallel_multiple = false;                // all triggers are needed
    bool interrupting = true;                      // cancelActivity, isInterrupting
    bool instantiates = false;                     // of a receive task or event-based gateway
    bool parallel_events = false;                  // eventGatewayType="Parallel"
    std::vector<std::size_t> boundaries;           // of an activity: events on its border
    std::optional<std::size_t> attached_to;        // of a boundary event
    std::optional<std::size_t> handler;            // of a compensation boundary event
    bool for_compensation = false;

    std::optional<Loop> loop;
    std::int64_t start_quantity = 1, completion_quantity = 1;
    std::vector<Mapping> inputs, outputs;
    // Clause 10.4.2: what each input set needs before the activity is active, and what each output set needs when it is
    // done; one that is all there is enough. Of data inputs and outputs that an association fills or reads.
    std::vector<std::vector<std::string>> input_sets, output_sets;

    std::string operation;     // madang:operation of a service or send task
    bool external = false;     // madang:external="true": waits as a task until somebody completes it
    bool by_hand = false;      // madang:byHand="true" in an ad-hoc sub-process: begins when somebody asks
    std::string decision;      // madang:decisionRef of a business rule task
    std::string role;          // who does a user task: madang:role, a potential owner, or the lane
    std::string form_key;      // madang:formKey of a user task
    bool decides = false;      // madang:decision="true" of a user task: what the application comes to is decided here
    std::vector<std::string> outcomes;             // madang:outcomes="agree disagree" of a user task: how it may end
    std::string script_format, script;             // in another language than FEEL: the host runs it
    std::optional<feel::Expression> expression;    // script in FEEL, activation condition, ad-hoc completion condition
    std::string result_variable;                   // madang:resultVariable of a script that gives no context
    std::string called;        // of a call activity: the process, by id
    std::optional<int> called_version;             // madang:version; else the newest
    bool sequential = false, cancels_rest = true;  // ad-hoc: ordering, cancelRemainingInstances
};

// What a process or sub-process contains.
struct Scope {
    std::optional<std::size_t> node;               // the sub-process; nothing for the process itself
    std::vector<std::size_t> nodes;
    std::vector<std::size_t> entries;              // where a token begins without a trigger
    std::vector<std::size_t> event_sub_processes;
    std::vector<std::string> data;                 // data objects and properties that live in it
};

struct Definition {
    std::string id, name;
    int version = 0;           // 0 until it is deployed
    std::vector<Node> nodes;
    std::vector<Flow> flows;
    std::vector<Scope> scopes; // the first is the process
    std::shared_ptr<const std::string> source;     // the file

    const Node* find(std::string_view node_id) const;
    std::optional<std::size_t> place_of(std::string_view node_id) const;
    std::map<std::string, std::size_t, std::less<>> places;   // of nodes by id
};

inline constexpr std::size_t kMaxNodes = 2000;
inline constexpr std::size_t kMaxProcesses = 50;   // in one file

struct ReadOptions {
    bool foreign_scripts = false;   // scripts in other languages than FEEL are left to the host
};

// Every executable process of a file, in the file's order, then every global task (clause 10.3.6) as a process of one node,
// so that a call activity may name it. Fails with Code::invalid and
// "NAME:12: <userTask id=\"…\">: …".
Result<std::vector<Definition>> read_bpmn(std::string_view xml, std::string_view name, const ReadOptions& options = {});
// The one executable process of a file.
Result<Definition> parse_bpmn(std::string_view xml, std::string_view name);

bool is_activity(NodeKind kind);
bool is_gateway(NodeKind kind);
bool is_event(NodeKind kind);
bool is_sub_process(NodeKind kind);   // with an inside: not a call activity

}  // namespace madang::process
