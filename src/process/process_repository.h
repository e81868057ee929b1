// The rows of process_*. Only this room uses it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "process/engine.h"

namespace madang::process {

struct InstanceRow {
    InstanceId id;
    std::string definition;
    std::string business_key;
    InstanceState state = InstanceState::running;
    std::int64_t revision = 0;       // counts the writes, so that two hands at once are seen
    std::int64_t next_number = 1;    // of a token or step
    json::object variables;
    Instant started_at{};
    std::optional<Instant> ended_at;
};

struct TokenRow {
    std::int64_t number = 0;
    std::string node;
    std::string flow;                // of a join: by which it came; empty at a task
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

Result<void> insert_instance(store::Tx& tx, const InstanceRow& row);
// Raises the revision; Code::conflict where the stored one is not row.revision.
Result<void> update_instance(store::Tx& tx, const InstanceRow& row);
Result<std::optional<InstanceRow>> find_instance(store::Reader& reader, const InstanceId& id);

Result<void> replace_tokens(store::Tx& tx, const InstanceId& instance, std::span<const TokenRow> rows);
Result<std::vector<TokenRow>> list_tokens(store::Reader& reader, const InstanceId& instance);

Result<void> insert_tasks(store::Tx& tx, std::span<const TaskRow> rows);
Result<std::optional<TaskRow>> find_task(store::Reader& reader, const TaskId& id);
Result<std::vector<Task>> list_open_tasks(store::Reader& reader, const TaskFilter& filter);
// Code::conflict where the task is not open.
Result<void> complete_task_row(store::Tx& tx, const TaskId& id, Instant now);
Result<void> withdraw_open_tasks(store::Tx& tx, const InstanceId& instance, Instant now);

Result<void> insert_steps(store::Tx& tx, const InstanceId& instance, std::span<const StepRow> rows);
Result<std::vector<Step>> list_steps(store::Reader& reader, const InstanceId& instance);

}  // namespace madang::process
