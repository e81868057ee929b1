// The rows of process_*. Only this room uses it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "process/engine.h"

namespace madang::process {

struct State;
struct Subscription;
struct Effect;

inline constexpr std::size_t kMaxStateBytes = 16U << 20;

struct InstanceRow {
    InstanceId id = {};
    std::string definition = {};
    int version = 0;
    std::string business_key = {};
    InstanceState state = InstanceState::running;
    std::int64_t revision = 0;       // counts the writes, so that two hands at once are seen
    std::int64_t next_number = 1;    // of a token or step, of an instance from before the state had a text
    json::object variables = {};
    std::string state_text = {};
    std::string problem = {};
    std::string parent = {};
    std::int64_t parent_token = 0;
    Instant started_at{};
    std::optional<Instant> ended_at = {};
};

enum class TaskState { open, completed, withdrawn };

struct TaskRow {
    Task task;
    std::int64_t token = 0;
    TaskState state = TaskState::open;
};

struct StepRow {
    std::int64_t number = 0;
    Step step;
};

struct WorkRow {
    std::string instance = {};
    std::int64_t number = 0;
    std::string kind = {}, name = {}, key = {};
    json::object payload = {};
    Instant due = {};
    std::int64_t attempts = 0;
};

struct StartRow {
    std::string definition = {};
    int version = 0;
    std::string node = {};
};

Result<void> insert_instance(store::Tx& tx, const InstanceRow& row);
// Raises the revision; Code::conflict where the stored one is not row.revision.
Result<void> update_instance(store::Tx& tx, const InstanceRow& row);
// The model and the state of an instance alone; Code::not_found.
struct Followed {
    std::string definition;
    int version = 0;
    InstanceState state = InstanceState::running;
};
Result<Followed> followed_by(store::Reader& reader, const InstanceId& id);
Result<std::optional<InstanceRow>> find_instance(store::Reader& reader, const InstanceId& id);
Result<std::vector<InstanceRow>> list_instances(store::Reader& reader, std::string_view definition, std::size_t limit);
// What a condition "WHERE … ORDER BY …" of the caller finds, with bound values.
Result<std::vector<InstanceRow>> list_instances_where(store::Reader& reader, const std::string& where, const store::Values& values);
Instance summary_of(const InstanceRow& row);

// An instance that was last written before its state had a text.
Result<State> load_tokens(store::Reader& reader, const InstanceRow& instance, const Definition& definition);

Result<void> insert_tasks(store::Tx& tx, std::span<const TaskRow> rows);
Result<std::optional<TaskRow>> find_task(store::Reader& reader, const TaskId& id);
Result<std::vector<Task>> list_open_tasks(store::Reader& reader, const TaskFilter& filter);
// Code::conflict where the task is not open.
Result<void> complete_task_row(store::Tx& tx, const TaskId& id, Instant now);
Result<void> withdraw_tasks(store::Tx& tx, const InstanceId& instance, std::span<const std::int64_t> tokens, Instant now);

// What an instance waited for before a command. What is held has come: it has no row.
struct KeptWait {
    std::int64_t number = 0;
    bool held = false;
};
// Brings process_wait and the timers of process_work to what the instance waits for now.
Result<void> save_waits(store::Tx& tx, const InstanceId& instance, std::span<const Subscription> now, std::span<const KeptWait> before, Instant moment);
// What a command sends, numbered on from the instance's own numbers.
Result<void> insert_effects(store::Tx& tx, const InstanceRow& instance, std::span<const Effect> effects, std::int64_t first_number, Instant now);

Result<void> insert_work(store::Tx& tx, const WorkRow& row);
Result<std::vector<WorkRow>> list_due(store::Reader& reader, Instant now, std::size_t limit);
Result<std::optional<WorkRow>> find_work(store::Reader& reader, std::string_view instance, std::int64_t number);
Result<void> delete_work(store::Tx& tx, std::string_view instance, std::int64_t number);
Result<void> postpone_work(store::Tx& tx, const WorkRow& row, Instant due, std::string_view state, std::string_view problem);

Result<void> insert_steps(store::Tx& tx, const InstanceId& instance, std::span<const StepRow> rows);
Result<std::vector<Step>> list_steps(store::Reader& reader, const InstanceId& instance);

std::int64_t microseconds(Instant moment);
Instant moment_of(std::int64_t count);

}  // namespace madang::process
