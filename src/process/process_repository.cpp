#include "process/process_repository.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "process/detail/run.h"

namespace madang::process {
namespace {

using store::Row;
using store::Value;
using store::Values;

constexpr const char* kInsertInstance =
    "INSERT INTO process_instance (instance_id, definition_id, version, business_key, state, revision, next_number, variables, standing, problem,"
    " parent, parent_token, started_at, ended_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)";
constexpr const char* kUpdateInstance =
    "UPDATE process_instance SET state=$3, revision=revision+1, next_number=$4, variables=$5, standing=$6, problem=$7, ended_at=$8, version=$9"
    " WHERE instance_id=$1 AND revision=$2";
constexpr const char* kInstanceColumns =
    "SELECT instance_id, definition_id, business_key, state, revision, next_number, variables, started_at, ended_at, version, standing, problem,"
    " parent, parent_token FROM process_instance ";
constexpr const char* kFollowed = "SELECT definition_id, version, state FROM process_instance WHERE instance_id=$1";
constexpr const char* kListTokens = "SELECT number, node, flow FROM process_token WHERE instance_id=$1 ORDER BY number";
constexpr const char* kInsertTask =
    "INSERT INTO process_task (task_id, instance_id, token, node, name, kind, role, form_key, operation, created_at, state, closed_at)"
    " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,'open',NULL)";
constexpr const char* kTaskColumns =
    "SELECT task_id, instance_id, node, name, kind, role, form_key, operation, created_at, token, state, assignee, attempts, problem FROM process_task ";
constexpr const char* kTaskById = "WHERE task_id=$1";
constexpr const char* kOpenTasks = "WHERE state='open' ORDER BY created_at, instance_id, token LIMIT $1";
constexpr const char* kOpenTasksOfRole = "WHERE state='open' AND role=$2 ORDER BY created_at, instance_id, token LIMIT $1";
constexpr const char* kOpenTasksOfInstance = "WHERE state='open' AND instance_id=$2 ORDER BY created_at, instance_id, token LIMIT $1";
constexpr const char* kOpenTasksOfBoth =
    "WHERE state='open' AND instance_id=$2 AND role=$3 ORDER BY created_at, instance_id, token LIMIT $1";
constexpr const char* kCompleteTask = "UPDATE process_task SET state='completed', closed_at=$2 WHERE task_id=$1 AND state='open'";
constexpr const char* kWithdrawTask = "UPDATE process_task SET state='withdrawn', closed_at=$3 WHERE instance_id=$1 AND token=$2 AND state='open'";
constexpr const char* kInsertWait =
    "INSERT INTO process_wait (instance_id, number, kind, name, correlation_key, created_at) VALUES ($1,$2,$3,$4,$5,$6)";
constexpr const char* kDeleteWait = "DELETE FROM process_wait WHERE instance_id=$1 AND number=$2";
constexpr const char* kWakeMessages =
    "UPDATE process_work SET state='ready', due_at=$3 WHERE state='unclaimed' AND name=$1 AND (work_key=$2 OR $2='')";
constexpr const char* kInsertWork =
    "INSERT INTO process_work (instance_id, number, kind, name, work_key, payload, due_at, attempts, state, problem)"
    " VALUES ($1,$2,$3,$4,$5,$6,$7,0,'ready','')";
constexpr const char* kMoveTimer = "UPDATE process_work SET due_at=$3, attempts=0 WHERE instance_id=$1 AND number=$2 AND due_at<>$3";
constexpr const char* kWorkColumns = "SELECT instance_id, number, kind, name, work_key, payload, due_at, attempts FROM process_work ";
constexpr const char* kDeleteWork = "DELETE FROM process_work WHERE instance_id=$1 AND number=$2";
constexpr const char* kPostponeWork = "UPDATE process_work SET due_at=$3, attempts=$4, state=$5, problem=$6 WHERE instance_id=$1 AND number=$2";
constexpr const char* kInsertRecord = "INSERT INTO process_record (instance_id, number, at, steps) VALUES ($1,$2,$3,$4)";
constexpr const char* kListSteps = "SELECT at, node, what FROM process_step WHERE instance_id=$1 ORDER BY number";
constexpr const char* kListRecords = "SELECT at, steps FROM process_record WHERE instance_id=$1 ORDER BY number";

constexpr std::array<std::pair<TaskState, std::string_view>, 3> kTaskStates{{
    {TaskState::open, "open"}, {TaskState::completed, "completed"}, {TaskState::withdrawn, "withdrawn"}}};
constexpr std::array kInstanceStates{InstanceState::running, InstanceState::completed, InstanceState::terminated, InstanceState::failed};

Result<InstanceState> instance_state_of(std::string_view text) {
    for (const InstanceState state : kInstanceStates) {
        if (name_of(state) == text) return state;
    }
    return fail(Code::corrupted, format("\"{}\" is no state of a process", text));
}

Result<TaskState> task_state_of(std::string_view text) {
    for (const auto& [value, word] : kTaskStates) {
        if (word == text) return value;
    }
    return fail(Code::corrupted, format("\"{}\" is no state of a task", text));
}

Result<json::object> object_in(std::string_view text, std::string_view what) {
    auto value = parse_json(text);
    if (!value || !value->is_object()) return fail(Code::corrupted, format("{} cannot be read", what));
    return std::move(value->get_object());
}

Result<InstanceRow> instance_row(const Row& row) {
    InstanceRow found;
    TRY(found.id, InstanceId::parse(row.text(0)));
    found.definition = row.text(1);
    found.business_key = row.text(2);
    TRY(found.state, instance_state_of(row.text(3)));
    found.revision = row.integer(4);
    found.next_number = row.integer(5);
    TRY(found.variables, object_in(row.text(6), format("the variables of process {}", found.id.text())));
    found.started_at = moment_of(row.integer(7));
    if (const auto ended = row.integer_if(8)) found.ended_at = moment_of(*ended);
    found.version = static_cast<int>(row.integer(9));
    found.state_text = row.text(10);
    found.problem = row.text(11);
    found.parent = row.text(12);
    found.parent_token = row.integer(13);
    return found;
}

// Tasks wait of kinds that do; others never have a row.
NodeKind task_kind_of(std::string_view name) {
    for (const NodeKind kind : {NodeKind::service_task, NodeKind::send_task, NodeKind::script_task, NodeKind::business_rule_task}) {
        if (name == name_of(kind)) return kind;
    }
    return NodeKind::user_task;
}

Result<TaskRow> task_row(const Row& row) {
    TaskRow found;
    Task& task = found.task;
    TRY(task.id, TaskId::parse(row.text(0)));
    TRY(task.instance, InstanceId::parse(row.text(1)));
    task.node = row.text(2);
    task.name = row.text(3);
    task.kind = task_kind_of(row.text(4));
    task.role = row.text(5);
    task.form_key = row.text(6);
    task.operation = row.text(7);
    task.created_at = moment_of(row.integer(8));
    found.token = row.integer(9);
    TRY(found.state, task_state_of(row.text(10)));
    task.assignee = row.text(11);
    task.attempts = row.integer(12);
    task.problem = row.text(13);
    return found;
}

Result<WorkRow> work_row(const Row& row) {
    WorkRow found;
    found.instance = row.text(0);
    found.number = row.integer(1);
    found.kind = row.text(2);
    found.name = row.text(3);
    found.key = row.text(4);
    TRY(found.payload, object_in(row.text(5), "the payload of a message"));
    found.due = moment_of(row.integer(6));
    found.attempts = row.integer(7);
    return found;
}

bool is_condition(const Subscription& one) { return !one.due && one.name.empty(); }

Values work_values(const WorkRow& row) {
    return {row.instance, row.number, row.kind, row.name, row.key, json::serialize(row.payload), microseconds(row.due)};
}

}  // namespace

std::int64_t microseconds(Instant moment) { return moment.time_since_epoch().count(); }
Instant moment_of(std::int64_t count) { return Instant(std::chrono::microseconds(count)); }

Result<void> insert_instance(store::Tx& tx, const InstanceRow& row) {
    const Value ended = row.ended_at ? Value(microseconds(*row.ended_at)) : Value();
    TRY_DO(tx.execute(kInsertInstance, {row.id.text(), row.definition, std::int64_t{row.version}, row.business_key, std::string(name_of(row.state)),
                                        row.revision, row.next_number, canonical_json(row.variables), row.state_text, row.problem, row.parent,
                                        row.parent_token, microseconds(row.started_at), ended}));
    return {};
}

Result<void> update_instance(store::Tx& tx, const InstanceRow& row) {
    const Value ended = row.ended_at ? Value(microseconds(*row.ended_at)) : Value();
    TRY(const std::int64_t changed, tx.execute(kUpdateInstance, {row.id.text(), row.revision, std::string(name_of(row.state)), row.next_number,
                                                                 canonical_json(row.variables), row.state_text, row.problem, ended, std::int64_t{row.version}}));
    if (changed != 1) return fail(Code::conflict, format("process {} was changed meanwhile", row.id.text()));
    return {};
}

Result<std::optional<InstanceRow>> find_instance(store::Reader& reader, const InstanceId& id) {
    return reader.first<InstanceRow>(std::string(kInstanceColumns) + "WHERE instance_id=$1", {id.text()}, instance_row);
}

Result<Followed> followed_by(store::Reader& reader, const InstanceId& id) {
    TRY(auto found, reader.first<Followed>(kFollowed, {id.text()}, [](const Row& row) -> Result<Followed> {
        TRY(const InstanceState state, instance_state_of(row.text(2)));
        return Followed{std::string(row.text(0)), static_cast<int>(row.integer(1)), state};
    }));
    if (!found) return fail(Code::not_found, format("there is no process {}", id.text()));
    return std::move(*found);
}

Result<std::vector<InstanceRow>> list_instances(store::Reader& reader, std::string_view definition, std::size_t limit) {
    const std::string rows = definition.empty() ? "ORDER BY started_at DESC LIMIT $1" : "WHERE definition_id=$2 ORDER BY started_at DESC LIMIT $1";
    Values values{static_cast<std::int64_t>(limit)};
    if (!definition.empty()) values.emplace_back(std::string(definition));
    return reader.all<InstanceRow>(kInstanceColumns + rows, values, instance_row);
}

Result<std::vector<InstanceRow>> list_instances_where(store::Reader& reader, const std::string& where, const store::Values& values) {
    return reader.all<InstanceRow>(kInstanceColumns + where, values, instance_row);
}

Instance summary_of(const InstanceRow& row) {
    return {row.id, row.definition, row.version, row.business_key, row.state, row.problem, row.started_at, row.ended_at, row.parent};
}

Result<State> load_tokens(store::Reader& reader, const InstanceRow& instance, const Definition& definition) {
    State state;
    state.scopes.emplace_back();
    state.next_number = instance.next_number;
    TRY_DO(reader.query(kListTokens, {instance.id.text()}, [&](const Row& row) -> Result<void> {
        const auto place = definition.place_of(row.text(1));
        if (!place) return fail(Code::conflict, format("process {} stands at node \"{}\", which its definition does not have any more", instance.id.text(), row.text(1)));
        Token token{.number = row.integer(0), .node = *place, .at = Token::At::task, .flow = std::nullopt};
        if (!row.text(2).empty()) {
            const auto& incoming = definition.nodes[*place].incoming;
            const auto flow = std::ranges::find_if(incoming, [&](std::size_t at) { return definition.flows[at].id == row.text(2); });
            if (flow == incoming.end()) return fail(Code::conflict, format("process {} waits on flow \"{}\", which its definition does not have any more", instance.id.text(), row.text(2)));
            token.flow = *flow;
            token.at = Token::At::join;
        }
        state.tokens.push_back(std::move(token));
        return {};
    }));
    return state;
}

Result<void> insert_tasks(store::Tx& tx, std::span<const TaskRow> rows) {
    if (rows.empty()) return {};
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

Result<void> withdraw_tasks(store::Tx& tx, const InstanceId& instance, std::span<const std::int64_t> tokens, Instant now) {
    for (const std::int64_t token : tokens) TRY_DO(tx.execute(kWithdrawTask, {instance.text(), token, microseconds(now)}));
    return {};
}

Result<void> save_waits(store::Tx& tx, const InstanceId& instance, std::span<const Subscription> now, std::span<const KeptWait> before, Instant moment) {
    for (const KeptWait& one : before) {
        const auto found = std::ranges::find(now, one.number, &Subscription::number);
        if (found != now.end() && (!found->held || is_condition(*found))) continue;
        TRY(const std::int64_t waits, tx.execute(kDeleteWait, {instance.text(), one.number}));
        if (waits == 0) TRY_DO(delete_work(tx, instance.text(), one.number));
    }
    for (const Subscription& one : now) {
        if (one.held) continue;
        const bool known = std::ranges::any_of(before, [&](const KeptWait& was) { return was.number == one.number && !was.held; });
        if (one.due) {
            if (known) TRY_DO(tx.execute(kMoveTimer, {instance.text(), one.number, microseconds(*one.due)}));
            else TRY_DO(insert_work(tx, {instance.text(), one.number, "timer", {}, {}, {}, *one.due, 0}));
        } else if (!known && !one.name.empty()) {
            TRY_DO(tx.execute(kInsertWait, {instance.text(), one.number, std::string(one.is_signal ? "signal" : "message"), one.name, one.key, microseconds(moment)}));
            if (!one.is_signal) TRY_DO(tx.execute(kWakeMessages, {one.name, one.key, microseconds(moment)}));
        }
    }
    return {};
}

Result<void> insert_effects(store::Tx& tx, const InstanceRow& instance, std::span<const Effect> effects, std::int64_t first_number, Instant now) {
    static constexpr std::array<std::string_view, 6> kKinds{"message", "signal", "call", "cancel", "answer", "escalation"};
    for (const Effect& effect : effects) {
        WorkRow row{instance.id.text(), first_number++, std::string(kKinds.at(static_cast<std::size_t>(effect.kind))), effect.name, effect.key, {}, now, 0};
        row.payload["variables"] = effect.payload;
        if (!effect.instance.empty()) row.payload["instance"] = effect.instance;
        if (effect.token != 0) row.payload["token"] = effect.token;
        if (effect.version != 0) row.payload["version"] = effect.version;
        if (effect.failed) row.payload["failed"] = true;
        TRY_DO(insert_work(tx, row));
    }
    return {};
}

Result<void> insert_work(store::Tx& tx, const WorkRow& row) {
    TRY_DO(tx.execute(kInsertWork, work_values(row)));
    return {};
}

Result<std::vector<WorkRow>> list_due(store::Reader& reader, Instant now, std::size_t limit) {
    return reader.all<WorkRow>(std::string(kWorkColumns) + "WHERE state='ready' AND due_at<=$1 ORDER BY due_at, instance_id, number LIMIT $2",
                               {microseconds(now), static_cast<std::int64_t>(limit)}, work_row);
}

Result<std::optional<WorkRow>> find_work(store::Reader& reader, std::string_view instance, std::int64_t number) {
    return reader.first<WorkRow>(std::string(kWorkColumns) + "WHERE instance_id=$1 AND number=$2", {std::string(instance), number}, work_row);
}

Result<void> delete_work(store::Tx& tx, std::string_view instance, std::int64_t number) {
    TRY_DO(tx.execute(kDeleteWork, {std::string(instance), number}));
    return {};
}

Result<void> postpone_work(store::Tx& tx, const WorkRow& row, Instant due, std::string_view state, std::string_view problem) {
    TRY_DO(tx.execute(kPostponeWork, {row.instance, row.number, microseconds(due), row.attempts, std::string(state), std::string(problem)}));
    return {};
}

Result<void> insert_steps(store::Tx& tx, const InstanceId& instance, std::span<const StepRow> rows) {
    if (rows.empty()) return {};
    json::array steps;
    for (const StepRow& row : rows) steps.push_back(json::array{row.step.node, row.step.what});
    TRY_DO(tx.execute(kInsertRecord, {instance.text(), rows.front().number, microseconds(rows.front().step.at), json::serialize(steps)}));
    return {};
}

Result<std::vector<Step>> list_steps(store::Reader& reader, const InstanceId& instance) {
    TRY(std::vector<Step> steps, reader.all<Step>(kListSteps, {instance.text()}, [](const Row& row) {
        return Step{moment_of(row.integer(0)), std::string(row.text(1)), std::string(row.text(2))};
    }));
    TRY_DO(reader.query(kListRecords, {instance.text()}, [&](const Row& row) -> Result<void> {
        TRY(const json::value value, parse_json(row.text(1)));
        const json::array* list = value.if_array();
        if (list == nullptr) return fail(Code::corrupted, "the history of a process cannot be read");
        for (const json::value& one : *list) {
            const json::array* step = one.if_array();
            if (step == nullptr || step->size() != 2 || !(*step)[0].is_string() || !(*step)[1].is_string()) return fail(Code::corrupted, "the history of a process cannot be read");
            steps.push_back({moment_of(row.integer(0)), std::string((*step)[0].get_string()), std::string((*step)[1].get_string())});
        }
        return {};
    }));
    return steps;
}

}  // namespace madang::process
