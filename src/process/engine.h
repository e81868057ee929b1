// Runs processes inside the store transaction of the caller: tokens, variables and open tasks are rows
// (process_*), so a crash leaves an instance exactly where its last commit put it.
#pragma once

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

using InstanceId = Id<struct InstanceIdTag>;
using TaskId = Id<struct TaskIdTag>;

// completed: the last token is gone. terminated: by a terminate end event, or from outside.
enum class InstanceState { running, completed, terminated };

struct Task {
    TaskId id;
    InstanceId instance;
    std::string node;          // id in the BPMN file
    std::string name;
    NodeKind kind = NodeKind::user_task;   // user_task, or service_task where it is external
    std::string role, form_key, operation;
    Instant created_at;
};

struct TaskFilter {
    std::optional<InstanceId> instance;
    std::string role;                      // empty: any
    std::size_t limit = 500;
};

// What happened in an instance, oldest first.
struct Step {
    Instant at;
    std::string node;
    std::string what;          // "entered", "left", "waits", "completed", "ended"
};

// What the house does for a process. Called inside the transaction; a failure fails the command.
class Host {
public:
    virtual ~Host() = default;
    // The result's members become variables of the process.
    virtual Result<json::object> run_service(store::Tx& tx, std::string_view operation, const json::object& variables) = 0;
    virtual Result<json::object> decide(std::string_view decision, const json::object& variables) = 0;
};

class Engine {
public:
    Engine(const Clock& clock, Random& random) : clock_(clock), random_(random) {}

    // Starts an instance and moves its tokens until each waits or has ended. At most 10,000 moves, so a
    // loop without a wait is Code::exhausted. Where no token can ever go on, it is Code::invalid.
    Result<InstanceId> start(store::Tx& tx, const Definition& definition, const json::object& variables,
                             std::string_view business_key, Host& host) const;
    // Code::not_found for a task that is not there, Code::conflict for one that was completed before.
    Result<void> complete_task(store::Tx& tx, const Definition& definition, const TaskId& task,
                               const json::object& result, Host& host) const;
    // Ends an instance from outside (the application was withdrawn); its open tasks go.
    Result<void> terminate(store::Tx& tx, const InstanceId& instance) const;

    Result<std::vector<Task>> open_tasks(store::Reader& reader, const TaskFilter& filter) const;
    Result<InstanceState> state(store::Reader& reader, const InstanceId& instance) const;
    Result<json::object> variables(store::Reader& reader, const InstanceId& instance) const;
    Result<std::vector<Step>> history(store::Reader& reader, const InstanceId& instance) const;

private:
    const Clock& clock_;
    Random& random_;
};

}  // namespace madang::process
