#include "process/process_repository.h"

#include <array>
#include <utility>

#include "base/check.h"
#include "base/text.h"

namespace madang::process {
namespace {

using store::Row;
using store::Value;
using store::Values;

constexpr const char* kInsertInstance =
    "INSERT INTO process_instance (instance_id, definition_id, business_key, state, revision, next_number, variables, started_at, ended_at)"
    " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)";
constexpr const char* kUpdateInstance =
    "UPDATE process_instance SET state=$3, revision=revision+1, next_number=$4, variables=$5, ended_at=$6"
    " WHERE instance_id=$1 AND revision=$2";
constexpr const char* kFindInstance =
    "SELECT instance_id, definition_id, business_key, state, revision, next_number, variables, started_at, ended_at"
    " FROM process_instance WHERE instance_id=$1";
constexpr const char* kDeleteTokens = "DELETE FROM process_token WHERE instance_id=$1";
constexpr const char* kInsertToken = "INSERT INTO process_token (instance_id, number, node, flow) VALUES ($1,$2,$3,$4)";
constexpr const char* kListTokens = "SELECT number, node, flow FROM process_token WHERE instance_id=$1 ORDER BY number";
constexpr const char* kInsertTask =
    "INSERT INTO process_task (task_id, instance_id, token, node, name, kind, role, form_key, operation, created_at, state, closed_at)"
    " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,'open',NULL)";
constexpr const char* kTaskColumns =
    "SELECT task_id, instance_id, node, name, kind, role, form_key, operation, created_at, token, state FROM process_task ";
constexpr const char* kTaskById = "WHERE task_id=$1";
constexpr const char* kOpenTasks = "WHERE state='open' ORDER BY created_at, instance_id, token LIMIT $1";
constexpr const char* kOpenTasksOfRole = "WHERE state='open' AND role=$2 ORDER BY created_at, instance_id, token LIMIT $1";
constexpr const char* kOpenTasksOfInstance = "WHERE state='open' AND instance_id=$2 ORDER BY created_at, instance_id, token LIMIT $1";
constexpr const char* kOpenTasksOfBoth =
    "WHERE state='open' AND instance_id=$2 AND role=$3 ORDER BY created_at, instance_id, token LIMIT $1";
constexpr const char* kCompleteTask = "UPDATE process_task SET state='completed', closed_at=$2 WHERE task_id=$1 AND state='open'";
constexpr const char* kWithdrawTasks = "UPDATE process_task SET state='withdrawn', closed_at=$2 WHERE instance_id=$1 AND state='open'";
constexpr const char* kInsertStep = "INSERT INTO process_step (instance_id, number, at, node, what) VALUES ($1,$2,$3,$4,$5)";
constexpr const char* kListSteps = "SELECT at, node, what FROM process_step WHERE instance_id=$1 ORDER BY number";

constexpr std::array<std::pair<InstanceState, std::string_view>, 3> kInstanceStates{{
    {InstanceState::running, "running"}, {InstanceState::completed, "completed"}, {InstanceState::terminated, "terminated"}}};
constexpr std::array<std::pair<TaskState, std::string_view>, 3> kTaskStates{{
    {TaskState::open, "open"}, {TaskState::completed, "completed"}, {TaskState::withdrawn, "withdrawn"}}};

template <class State, std::size_t N>
std::string text_of(const std::array<std::pair<State, std::string_view>, N>& words, State state) {
    for (const auto& [value, word] : words) {
        if (value == state) return std::string(word);
    }
    MADANG_CHECK(false);
}

template <class State, std::size_t N>
Result<State> state_of(const std::array<std::pair<State, std::string_view>, N>& words, std::string_view text) {
    for (const auto& [value, word] : words) {
        if (word == text) return value;
    }
    return fail(Code::corrupted, format("\"{}\" is no state of a process or task", text));
}

std::int64_t microseconds(Instant moment) { return moment.time_since_epoch().count(); }
Instant moment_of(std::int64_t count) { return Instant(std::chrono::microseconds(count)); }

Result<InstanceRow> instance_row(const Row& row) {
    InstanceRow found;
    TRY(found.id, InstanceId::parse(row.text(0)));
    found.definition = row.text(1);
    found.business_key = row.text(2);
    TRY(found.state, state_of(kInstanceStates, row.text(3)));
    found.revision = row.integer(4);
    found.next_number = row.integer(5);
    auto variables = parse_json(row.text(6));
    if (!variables || !variables->is_object()) {
        return fail(Code::corrupted, format("the variables of process {} cannot be read", found.id.text()));
    }
    found.variables = std::move(variables->get_object());
    found.started_at = moment_of(row.integer(7));
    if (const auto ended = row.integer_if(8)) found.ended_at = moment_of(*ended);
    return found;
}

Result<TaskRow> task_row(const Row& row) {
    TaskRow found;
    Task& task = found.task;
    TRY(task.id, TaskId::parse(row.text(0)));
    TRY(task.instance, InstanceId::parse(row.text(1)));
    task.node = row.text(2);
    task.name = row.text(3);
    task.kind = row.text(4) == name_of(NodeKind::service_task) ? NodeKind::service_task : NodeKind::user_task;
    task.role = row.text(5);
    task.form_key = row.text(6);
    task.operation = row.text(7);
    task.created_at = moment_of(row.integer(8));
    found.token = row.integer(9);
    TRY(found.state, state_of(kTaskStates, row.text(10)));
    return found;
}

}  // namespace

Result<void> insert_instance(store::Tx& tx, const InstanceRow& row) {
    const Value ended = row.ended_at ? Value(microseconds(*row.ended_at)) : Value();
    TRY_DO(tx.execute(kInsertInstance, {row.id.text(), row.definition, row.business_key, text_of(kInstanceStates, row.state), row.revision,
                                        row.next_number, canonical_json(row.variables), microseconds(row.started_at), ended}));
    return {};
}

Result<void> update_instance(store::Tx& tx, const InstanceRow& row) {
    const Value ended = row.ended_at ? Value(microseconds(*row.ended_at)) : Value();
    TRY(const std::int64_t changed, tx.execute(kUpdateInstance, {row.id.text(), row.revision, text_of(kInstanceStates, row.state),
                                                                 row.next_number, canonical_json(row.variables), ended}));
    if (changed != 1) return fail(Code::conflict, format("process {} was changed meanwhile", row.id.text()));
    return {};
}

Result<std::optional<InstanceRow>> find_instance(store::Reader& reader, const InstanceId& id) {
    return reader.first<InstanceRow>(kFindInstance, {id.text()}, instance_row);
}

Result<void> replace_tokens(store::Tx& tx, const InstanceId& instance, std::span<const TokenRow> rows) {
    TRY_DO(tx.execute(kDeleteTokens, {instance.text()}));
    std::vector<Values> values;
    values.reserve(rows.size());
    for (const TokenRow& row : rows) values.push_back({instance.text(), row.number, row.node, row.flow});
    return tx.execute_many(kInsertToken, values);
}

Result<std::vector<TokenRow>> list_tokens(store::Reader& reader, const InstanceId& instance) {
    return reader.all<TokenRow>(kListTokens, {instance.text()}, [](const Row& row) {
        return TokenRow{row.integer(0), std::string(row.text(1)), std::string(row.text(2))};
    });
}

Result<void> insert_tasks(store::Tx& tx, std::span<const TaskRow> rows) {
    std::vector<Values> values;
    values.reserve(rows.size());
    for (const TaskRow& row : rows) {
        const Task& task = row.task;
        values.push_back({task.id.text(), task.instance.text(), row.token, task.node, task.name, std::string(name_of(task.kind)), task.role,
                          task.form_key, task.operation, microseconds(task.created_at)});
    }
    return tx.execute_many(kInsertTask, values);
}

Result<std::optional<TaskRow>> find_task(store::Reader& reader, const TaskId& id) {
    return reader.first<TaskRow>(std::string(kTaskColumns) + kTaskById, {id.text()}, task_row);
}

Result<std::vector<Task>> list_open_tasks(store::Reader& reader, const TaskFilter& filter) {
    Values values{static_cast<std::int64_t>(filter.limit)};
    const char* rows = filter.instance ? (filter.role.empty() ? kOpenTasksOfInstance : kOpenTasksOfBoth)
                                       : (filter.role.empty() ? kOpenTasks : kOpenTasksOfRole);
    if (filter.instance) values.push_back(filter.instance->text());
    if (!filter.role.empty()) values.push_back(filter.role);
    return reader.all<Task>(std::string(kTaskColumns) + rows, values, [](const Row& row) -> Result<Task> {
        TRY(TaskRow found, task_row(row));
        return std::move(found.task);
    });
}

Result<void> complete_task_row(store::Tx& tx, const TaskId& id, Instant now) {
    TRY(const std::int64_t changed, tx.execute(kCompleteTask, {id.text(), microseconds(now)}));
    if (changed != 1) return fail(Code::conflict, format("task {} is not open any more", id.text()));
    return {};
}

Result<void> withdraw_open_tasks(store::Tx& tx, const InstanceId& instance, Instant now) {
    TRY_DO(tx.execute(kWithdrawTasks, {instance.text(), microseconds(now)}));
    return {};
}

Result<void> insert_steps(store::Tx& tx, const InstanceId& instance, std::span<const StepRow> rows) {
    std::vector<Values> values;
    values.reserve(rows.size());
    for (const StepRow& row : rows) {
        values.push_back({instance.text(), row.number, microseconds(row.step.at), row.step.node, row.step.what});
    }
    return tx.execute_many(kInsertStep, values);
}

Result<std::vector<Step>> list_steps(store::Reader& reader, const InstanceId& instance) {
    return reader.all<Step>(kListSteps, {instance.text()}, [](const Row& row) {
        return Step{moment_of(row.integer(0)), std::string(row.text(1)), std::string(row.text(2))};
    });
}

}  // namespace madang::process
