// One command on one instance, in memory: tokens move from node to node until each waits or has ended,
// then what changed is written. After BPMN 2.0.2 chapter 13; each part is named in the file that does it.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feel/value.h"
#include "process/detail/inclusive_join.h"
#include "process/detail/state.h"
#include "process/process_repository.h"

namespace madang::process {

inline constexpr std::size_t kMaxMoves = 10'000;               // in one command
inline constexpr std::size_t kMaxTokens = 10'000;              // of one instance, with what they wait for

// What goes out of a command to other instances; rows of the same transaction, delivered after it.
struct Effect {
    enum class Kind { message, signal, call, cancel, answer, escalation };
    Kind kind = Kind::message;
    std::string name = {};              // of the message, signal or called process; of the error that a called process ended with
    std::string key = {};               // correlation key
    json::object payload = {};
    std::string instance = {};          // call, cancel: the called; answer, escalation: the caller
    std::int64_t token = 0;        // answer, call: of the caller
    int version = 0;               // call: 0 is the newest
    bool failed = false;           // answer: by an error
};

class Run {
public:
    Run(const Definition& definition, InstanceRow instance, Host& host, const Clock& clock, Random& random);

    Result<void> load(store::Reader& reader);
    // At the none start event, or by the trigger of `start` with its payload.
    Result<void> begin(store::Tx& tx, std::optional<std::size_t> start, const json::object& payload);
    // The node's work is done and gave `result`; the token goes on.
    Result<void> complete(store::Tx& tx, std::int64_t token, const json::object& result);
    Result<void> fail_with(store::Tx& tx, std::int64_t token, const BpmnError& error);
    // What a subscription waited for came. Nothing happens where it is not there any more.
    Result<void> fire(store::Tx& tx, std::int64_t subscription, const json::object& payload);
    // A process that the token called escalates.
    Result<void> escalate(store::Tx& tx, std::int64_t token, const std::string& code, const json::object& payload);
    Result<void> end_from_outside();
    // What was dismissed does not come: an event with all that it needs, a called process's answer to the token that the work names.
    void give_up_event(std::int64_t subscription);
    void give_up_call(const json::object& work);
    // A person's repair: goes on as if the node were done, or begins at another one.
    Result<void> skip(store::Tx& tx, std::int64_t token);
    Result<void> change(store::Tx& tx, const json::object& variables, const std::vector<std::int64_t>& cancelled, const std::vector<std::size_t>& begun);
    // The state has come from another version: what waits takes over what this one says. What keeps it from
    // doing so, such as a timer that is another one now.
    std::vector<std::string> take_over(const Definition& from, const NodeMap& nodes);
    Result<void> go_on(store::Tx& tx) { return run(tx); }
    Result<void> save(store::Tx& tx);

    const State& state() const { return state_; }

private:
    struct Move {
        std::size_t node = 0;
        std::int64_t scope = 0;
        std::optional<std::size_t> flow = {};   // nothing where no flow leads
        std::int64_t job = 0;
        std::int64_t outer = 0;            // the next instance of this multi-instance or loop
    };
    // Which activity instance is meant, while it is being done.
    struct Activity {
        std::size_t node = 0;
        std::int64_t scope = 0;
        std::int64_t outer = 0;
        std::int64_t job = 0;
        json::object local = {};
    };

    // run.cpp
    Result<void> run(store::Tx& tx);
    Result<bool> turn(store::Tx& tx);
    Result<void> count_move();
    Result<void> enter(store::Tx& tx, const Move& move);
    Result<void> leave(const Node& node, std::int64_t scope, const json::object& local = {});
    Result<void> leave_by(const Node& node, std::int64_t scope, const std::vector<std::size_t>& flows);
    Result<void> push(Move move);
    Result<std::size_t> add_token(Token token);
    void remove_token(std::int64_t number);
    void count_live(std::int64_t scope, int by);
    Token* token_of(std::int64_t number);
    ScopeState* scope_of(std::int64_t number);
    ScopeState* scope_at(std::int64_t token);
    const Node& node(std::size_t place) const { return definition_.nodes[place]; }
    void note(const Node& node, std::string_view what);
    std::string where(const Node& node) const;
    std::int64_t next_number() { return state_.next_number++; }

    // gateway.cpp, and a file for each kind: exclusive_gateway.cpp, inclusive_gateway.cpp, …
    Result<std::vector<std::size_t>> first_true(const Node& node, std::int64_t scope);
    Result<std::vector<std::size_t>> every_true(const Node& node, std::int64_t scope, const json::object& local = {});
    json::object complex_counts(const Node& node, std::int64_t scope, bool waiting_for_start) const;
    Result<bool> holds(const Node& node, std::size_t flow, const feel::Context& context);
    Result<void> arrive_at_join(const Move& move);
    Result<bool> join_inclusive();
    Result<void> arrive_at_complex(const Move& move);
    Result<bool> reset_complex();
    Result<bool> is_activated_now(const Node& node, std::int64_t scope);
    Result<void> activate_complex(const Node& node, std::int64_t scope);
    Result<void> leave_reset(const Node& node, std::int64_t scope, const json::object& counts);
    void take_one_of_each(const Node& node, std::int64_t scope);
    std::vector<bool> held_flows(std::int64_t scope) const;
    Marking marking(std::int64_t scope) const;
    std::string stuck() const;
    std::string waits_in_vain() const;

    // activity.cpp, script_task.cpp, sub_process.cpp, call_activity.cpp, loop.cpp
    Result<void> enter_activity(store::Tx& tx, const Move& move);
    Result<void> perform(store::Tx& tx, Activity activity);
    Result<void> perform_at_once(store::Tx& tx, const Activity& activity);
    Result<Outcome> work(store::Tx& tx, const Node& node, const json::object& variables);
    Result<json::object> evaluate_script(const Node& node, const json::object& variables);
    Result<void> wait_for_task(const Activity& activity, Token::At waits);
    Result<void> watch_boundaries(const Activity& activity, std::int64_t token);
    Result<void> call_process(const Activity& activity);
    Result<void> begin_sub_process(const Activity& activity);
    Result<void> finish(store::Tx& tx, const Activity& activity, const json::object& result);
    Result<void> finish_token(store::Tx& tx, Token token, const json::object& result);
    Result<void> leave_activity(store::Tx& tx, const Activity& activity);
    Result<void> begin_loop(store::Tx& tx, const Activity& activity);
    Result<std::int64_t> count_instances(const Node& node, std::int64_t scope, json::array& items);
    Result<void> push_instance(const Token& body);
    Result<void> begin_instance(store::Tx& tx, std::int64_t body);
    Result<void> instance_done(store::Tx& tx, const Activity& activity, const json::object& result);
    Result<bool> is_complete(const Node& node, const Token& body, const json::object& local);
    Result<void> throw_behavior(const Token& body, const json::object& local);
    json::object numbers_of(const Token& body) const;
    Result<void> finish_body(store::Tx& tx, std::int64_t body);
    Result<bool> repeats(const Token& body);

    // scope.cpp
    Result<std::int64_t> open_scope(std::size_t scope, std::int64_t parent, std::int64_t token, json::object variables);
    Result<void> enter_scope(std::int64_t number);
    Result<void> after_ad_hoc(std::int64_t scope);
    Result<bool> close_scope(store::Tx& tx);
    Result<bool> close_one(store::Tx& tx, std::int64_t number);
    bool stays_open(const ScopeState& scope) const;
    void cancel_token(std::int64_t number);
    void cancel_scope(std::int64_t number);
    void cancel_contents(std::int64_t scope);

    // event.cpp, and a file for each kind: intermediate_event.cpp, boundary_event.cpp, …
    Result<void> catch_event(const Move& move);
    Result<void> wait_for_events(const Node& gateway, std::int64_t scope);
    Result<void> subscribe(std::size_t event, std::int64_t token, std::int64_t scope, std::size_t first_trigger = 0);
    Result<void> subscribe_to(const Trigger& trigger, Subscription subscription);
    Result<std::string> key_of(const Trigger& trigger, const Node& node, std::int64_t scope);
    void unsubscribe(std::int64_t token);
    void unsubscribe_scope(std::int64_t scope);
    Result<void> trigger(store::Tx& tx, Subscription subscription, const json::object& payload);
    Result<void> trigger_catch(store::Tx& tx, const Subscription& subscription, const json::object& payload);
    Result<void> trigger_boundary(store::Tx& tx, const Subscription& subscription, const json::object& payload);
    Result<void> trigger_start(const Subscription& subscription, const json::object& payload);
    Result<void> begin_event_sub_process(std::size_t start, std::int64_t scope, std::int64_t job, const json::object& payload);
    Result<void> leave_boundary(std::size_t event, std::int64_t scope, const json::object& payload);
    Result<void> react(store::Tx& tx, const Subscription& subscription, const json::object& payload);
    std::optional<json::object> all_came(const Subscription& subscription, const json::object& payload);
    Result<void> wait_again(const Subscription& subscription);
    // Whether a timer goes on with its next firing, or anything else that fires more than once.
    Result<bool> stays(const Subscription& subscription);
    void drop(std::int64_t subscription);
    Result<bool> check_conditions(store::Tx& tx);
    Result<void> throw_event(store::Tx& tx, const Move& move);
    static bool ends_scope(const Node& node);
    Result<void> end_by_event(store::Tx& tx, const Node& node, std::int64_t scope);
    Result<void> throw_signal(store::Tx& tx, const std::string& name, const json::object& payload);
    Result<void> throw_message(const Node& node, const Trigger& trigger, std::int64_t scope);

    // migration.cpp
    using Before = std::function<const Node*(const Node&)>;   // the node as the old version had it, or nothing
    Result<void> renew(const Node& old, const Subscription& subscription);
    Result<void> add_events_of_activities(const Definition& from, const Before& before);
    Result<void> add_events_of_scopes(const Before& before);

    // error.cpp, compensation.cpp
    Result<void> throw_error(const BpmnError& error, std::size_t thrower, std::int64_t scope, std::int64_t token);
    Result<void> escalate_to_caller(const std::string& code, const json::object& payload);
    Result<bool> escalates_at(const Token& activity, const std::string& code, const json::object& payload);
    Result<void> throw_escalation(const std::string& code, std::int64_t scope, const json::object& payload);
    std::optional<std::size_t> boundary_for(const Node& activity, TriggerKind kind, std::string_view code) const;
    std::optional<std::size_t> start_for(std::size_t scope, TriggerKind kind, std::string_view code) const;
    Result<void> terminate(const Node& node, std::int64_t scope);
    Result<void> cancel_transaction(store::Tx& tx, const Node& node, std::int64_t scope);
    Result<void> compensate(store::Tx& tx, const Node& node, const Move& move);
    Result<void> begin_compensation(store::Tx& tx, Token job);
    std::optional<std::size_t> handler_of(const Node& activity) const;
    Result<void> compensate_next(store::Tx& tx, std::int64_t job);
    Result<void> compensate_one(store::Tx& tx, std::int64_t job, std::int64_t scope, Compensable one);
    Result<void> finish_compensation(store::Tx& tx, std::int64_t job);
    void remember(std::size_t activity, std::int64_t scope, json::object variables, std::vector<Compensable> inner);

    // data.cpp
    json::object visible(std::int64_t scope, const json::object& local) const;
    Result<feel::Context> context(std::int64_t scope, const json::object& local);
    Result<feel::Value> evaluate(const feel::Expression& expression, const feel::Context& context, const Node& node, std::string_view what);
    Result<bool> is_true(const feel::Expression& expression, const feel::Context& context, const Node& node, std::string_view what);
    Result<json::object> map_inputs(const Node& node, std::int64_t scope, const json::object& local);
    // The first missing input of an activity that cannot be active yet; empty where an input set is there.
    Result<std::string> missing_input(const Node& node, std::int64_t scope, const json::object& local);
    Result<void> check_outputs(const Node& node, const json::object& local, const json::object& result) const;
    Result<bool> begin_with_data(store::Tx& tx);
    Result<void> take_result(const Node& node, std::int64_t scope, json::object* local, const json::object& result);
    Result<void> set_variables(const Node& node, std::int64_t scope, json::object* local, const json::object& values);
    Result<void> check_size(const Node& node) const;

    const Definition& definition_;
    InstanceRow instance_;
    Host& host_;
    const Clock& clock_;
    Random& random_;
    State state_;
    std::vector<Move> moving_;             // the last goes on first
    std::deque<Move> throwing_;            // events that are thrown once all else has come to rest
    std::vector<TaskRow> new_tasks_;
    std::vector<std::int64_t> withdrawn_;  // tokens whose task goes
    std::vector<Effect> effects_;
    std::vector<StepRow> steps_;
    std::vector<KeptWait> loaded_subscriptions_;
    std::optional<feel::Context> root_;    // of the process's variables as they are
    std::shared_ptr<feel::Spent> spent_;
    std::size_t moves_ = 0;
    bool changed_ = false;                 // variables, since conditions were asked
    std::optional<std::int64_t> thrower_;  // the scope in which an event is being thrown, until that is cancelled
    bool ended_ = false;
    bool terminated_ = false;
    std::optional<BpmnError> error_;       // that nothing caught
};

}  // namespace madang::process
