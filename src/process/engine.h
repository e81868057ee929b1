// Runs processes inside the store transaction of the caller: what an instance is and what follows from a
// command commit together, so a crash leaves an instance exactly where its last commit put it.
//
// Timers, messages, signals and called processes are rows that work_once() takes one by one, each in a
// transaction of its own: one instance that fails never holds up another.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/random.h"
#include "process/definition.h"
#include "store/store.h"

namespace madang::process {

class Run;
class Worker;
struct WorkRow;

using InstanceId = Id<struct InstanceIdTag>;
using TaskId = Id<struct TaskIdTag>;

// completed: the last token is gone. terminated: by a terminate end event, or from outside. failed: by an
// error event that nothing caught.
enum class InstanceState { running, completed, terminated, failed };
std::string_view name_of(InstanceState state);

struct Task {
    TaskId id = {};                 // of a job of the outbox also its idempotency key
    InstanceId instance = {};
    std::string node = {};          // id in the BPMN file
    std::string name = {};
    NodeKind kind = NodeKind::user_task;   // or service_task, … where it waits for somebody outside
    std::string role = {}, form_key = {}, operation = {};
    Instant created_at = {};
    std::string assignee = {};      // who has taken it
    std::int64_t attempts = 0; // of a job: how often it failed
    std::string problem = {};       // and why
};

struct TaskFilter {
    std::optional<InstanceId> instance = {};
    std::string role = {};                      // empty: any
    std::size_t limit = 500;
};

// What happened in an instance, oldest first.
struct Step {
    Instant at = {};
    std::string node = {};
    std::string what = {};          // "entered", "left", "waits", "completed", "ended", "interrupted", …
};

// Clause 10.5.5 (Error): for the events that catch `code`; not a failure of the machine.
struct BpmnError {
    std::string code = {};
    std::string message = {};
    json::object variables = {};
};

// What a service gave.
struct Outcome {
    Outcome(json::object given) : variables(std::move(given)) {}
    explicit Outcome(BpmnError thrown) : error(std::move(thrown)) {}
    static Outcome later() {
        Outcome outcome{json::object()};
        outcome.pending = true;
        return outcome;
    }
    json::object variables = {};            // become variables of the process
    std::optional<BpmnError> error = {};
    bool pending = false;              // waits as a task; complete_task() goes on
};

// What the house does for a process. Called inside the transaction; a failure fails the command.
class Host {
public:
    virtual ~Host() = default;
    virtual Result<Outcome> run_service(store::Tx& tx, std::string_view operation, const json::object& variables) = 0;
    virtual Result<Outcome> decide(std::string_view decision, const json::object& variables) = 0;
    // Scripts in other languages than FEEL, where the definition was read with foreign_scripts.
    virtual Result<Outcome> run_script(store::Tx& tx, std::string_view format, std::string_view script, const json::object& variables);
};

// An instance as a whole.
struct Instance {
    InstanceId id = {};
    std::string definition = {};
    int version = 0;
    std::string business_key = {};
    InstanceState state = InstanceState::running;
    std::string problem = {};               // why it cannot go on; empty: it can
    Instant started_at = {};
    std::optional<Instant> ended_at = {};
    std::string parent = {};                // that called it, or empty
};

// The model that an instance follows, and whether it still does.
struct Course {
    std::shared_ptr<const Definition> model;
    InstanceState state = InstanceState::running;
};

// Lends the host of an instance for the time of one command, and sees what became of it.
class Hosts {
public:
    virtual ~Hosts() = default;
    using Use = std::function<Result<void>(Host&)>;
    virtual Result<void> with_host(store::Tx& tx, const Instance& instance, const Use& use) = 0;
};

// Something due that failed until a person must look.
struct Incident {
    std::string instance = {};              // whose timer it is, or who sent it
    std::int64_t number = 0;
    std::string kind = {};                  // timer, message, signal, call, cancel, answer, escalation, deliver, start; job: of the outbox
    std::string name = {};
    std::string problem = {};
    std::int64_t attempts = 0;
    Instant since = {};
};

// Where a token stands, for people.
struct Standing {
    std::int64_t token = 0;
    std::string node = {};
    std::string waits = {};                 // "task", "event", "join", "scope", "call", "body", "compensation", "data"
    bool of_person = false;                 // it stands at a user task, or one stands in what it runs or called
};

// Which instances are looked for. What is empty lets all through.
struct InstanceFilter {
    std::string definition = {};
    std::optional<InstanceState> state = {};
    bool stands = false;                         // running, and it cannot go on
    std::string text = {};                       // an id, or the beginning of a business key
    std::vector<std::string> business_keys = {}; // with a text: or one of these
};
// Some of what was found, from place `first` of `total`.
struct InstancePage {
    std::vector<Instance> instances = {};
    std::int64_t total = 0, first = 0;
};
struct IncidentPage {
    std::vector<Incident> incidents = {};
    std::int64_t total = 0, first = 0;
};
inline constexpr std::int64_t kMaxFound = 500;   // on one page

// How instances move to another version: nodes that changed their id, by their old id.
using NodeMap = std::map<std::string, std::string, std::less<>>;

class Engine {
public:
    Engine(const Clock& clock, Random& random) : clock_(clock), random_(random) {}

    // Keeps this version of a process and makes it the one that new instances run; the version's number.
    // What is kept already stays as it is. Timers, messages and signals start the newest version.
    Result<int> deploy(store::Tx& tx, const Definition& definition) const;
    // Nothing where there is none; without a version the newest.
    Result<std::shared_ptr<const Definition>> find_definition(store::Reader& reader, std::string_view id, int version = 0) const;

    // Starts an instance and moves its tokens until each waits or has ended. At most 10,000 moves, so a
    // loop without a wait is Code::exhausted. Deploys the definition where it is not yet.
    Result<InstanceId> start(store::Tx& tx, const Definition& definition, const json::object& variables,
                             std::string_view business_key, Host& host) const;
    // Code::not_found for a task that is not there, Code::conflict for one that was completed before.
    Result<void> complete_task(store::Tx& tx, const TaskId& task, const json::object& result, Host& host) const;
    // The work of the task ended with an error that the process may catch.
    Result<void> fail_task(store::Tx& tx, const TaskId& task, const BpmnError& error, Host& host) const;
    // A message goes to the instance that waits for it longest, else starts a process; a signal goes to all.
    // Both are delivered by work_once(). A message waits until it is claimed.
    Result<void> send_message(store::Tx& tx, std::string_view name, std::string_view key, const json::object& payload) const;
    Result<void> send_signal(store::Tx& tx, std::string_view name, const json::object& payload) const;
    // Ends an instance from outside (the application was withdrawn); its open tasks go, and what it called.
    Result<void> terminate(store::Tx& tx, const InstanceId& instance) const;

    // Does one thing that is due. False where nothing is. What fails is tried again later, three times in all; then it is an incident.
    Result<bool> work_once(store::Store& store, Hosts& hosts) const;
    // When the next thing is due, if there is any.
    Result<std::optional<Instant>> next_due(store::Reader& reader) const;

    // Tasks. Code::conflict where somebody else has taken it.
    Result<void> claim(store::Tx& tx, const TaskId& task, std::string_view who) const;
    Result<void> release(store::Tx& tx, const TaskId& task) const;
    // Jobs of the outbox for a worker: nobody else gets them until the lease ends.
    Result<std::vector<Task>> take_jobs(store::Tx& tx, std::string_view operation, std::string_view worker, std::size_t limit,
                                        std::chrono::seconds lease) const;
    // The work failed; it is offered again after a pause that doubles, ten times in all; then it is an incident of kind job.
    Result<void> postpone_job(store::Tx& tx, const TaskId& task, std::string_view problem) const;

    // Repair, with a reason that stays in the history.
    Result<std::vector<Incident>> incidents(store::Reader& reader, std::size_t limit) const;
    Result<void> retry(store::Tx& tx, std::string_view instance, std::int64_t number) const;
    // It will not come: an instance that waits for nothing else says so as its problem, and its token can be skipped.
    Result<void> dismiss(store::Tx& tx, std::string_view instance, std::int64_t number, std::string_view reason) const;
    // Goes on as if what the token stands at were done.
    Result<void> skip(store::Tx& tx, const InstanceId& instance, std::int64_t token, std::string_view reason, Host& host) const;
    struct Change {
        json::object variables = {};                // set
        std::vector<std::int64_t> cancelled = {};   // tokens
        std::vector<std::string> begun = {};        // nodes
    };
    Result<void> change(store::Tx& tx, const InstanceId& instance, const Change& change, std::string_view reason, Host& host) const;
    // What keeps an instance from moving to a version: one text for each thing; empty where it can.
    Result<std::vector<std::string>> plan_migration(store::Reader& reader, const InstanceId& instance, int version, const NodeMap& nodes) const;
    // What waits takes over what the version says of it: names, roles, forms and operations of open tasks (who had taken one
    // whose role is another has it no more), names and keys of messages and signals. Events that are new at an activity or
    // in a scope are waited for from now. A changed timer is a problem of the plan, since no deadline moves unseen.
    Result<void> migrate(store::Tx& tx, const InstanceId& instance, int version, const NodeMap& nodes, std::string_view reason, Host& host) const;
    // Running instances of a process that are on another version than this one, by id, behind `after`.
    Result<std::vector<Instance>> behind_version(store::Reader& reader, std::string_view definition, int version, std::string_view after, std::size_t limit) const;
    // Forgets instances that ended before a moment, with their history, and messages that nobody claimed since. What is
    // running stays, and so does what it called. Of one model where one is named. How many instances went.
    Result<std::int64_t> prune(store::Tx& tx, Instant before, std::size_t limit, std::string_view definition = {}) const;

    Result<std::vector<Task>> open_tasks(store::Reader& reader, const TaskFilter& filter) const;
    Result<Instance> instance(store::Reader& reader, const InstanceId& instance) const;
    Result<std::vector<Instance>> instances(store::Reader& reader, std::string_view definition, std::size_t limit) const;
    // The newest first; a page beyond the end is the last one. Code::invalid for a count that is not 1 to kMaxFound.
    Result<InstancePage> find_instances(store::Reader& reader, const InstanceFilter& filter, std::int64_t first, std::int64_t count) const;
    // The oldest first, of one instance where one is given.
    Result<IncidentPage> find_incidents(store::Reader& reader, std::string_view instance, std::int64_t first, std::int64_t count) const;
    // The oldest of one instance; nothing where it has none.
    Result<std::optional<Incident>> oldest_incident(store::Reader& reader, const InstanceId& instance) const;
    Result<std::vector<Standing>> standing(store::Reader& reader, const InstanceId& instance) const;
    Result<InstanceState> state(store::Reader& reader, const InstanceId& instance) const;
    // Whether it runs and by which model, without what it knows.
    Result<Course> course(store::Reader& reader, const InstanceId& instance) const;
    Result<json::object> variables(store::Reader& reader, const InstanceId& instance) const;
    Result<std::vector<Step>> history(store::Reader& reader, const InstanceId& instance) const;

private:
    friend class Worker;
    Result<void> on_instance(store::Tx& tx, const InstanceId& instance, Host& host, const std::function<Result<void>(Run&)>& action) const;
    Result<void> on_task(store::Tx& tx, const TaskId& task, Host& host, const std::function<Result<void>(Run&, std::int64_t)>& action) const;
    Result<void> send(store::Tx& tx, std::string_view kind, std::string_view name, std::string_view key, const json::object& payload) const;
    Result<void> give_up(store::Tx& tx, const WorkRow& row, const std::string& waiting) const;
    Result<bool> asks_person(store::Reader& reader, const std::string& called) const;
    Result<std::shared_ptr<const Definition>> definition_of(store::Reader& reader, std::string_view id, int version) const;
    Result<int> deploy_starts(store::Tx& tx, const Definition& definition, int version) const;

    const Clock& clock_;
    Random& random_;
    mutable std::mutex mutex_;
    mutable std::map<std::pair<std::string, int>, std::shared_ptr<const Definition>> definitions_;
    mutable std::map<std::pair<std::string, std::shared_ptr<const std::string>>, int> deployed_;   // by id and source, which it keeps
};

}  // namespace madang::process
