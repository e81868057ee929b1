// What people and workers do with tasks, incidents and instances.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "process/detail/command.h"
#include "process/detail/run.h"

namespace madang::process {
namespace {

constexpr std::size_t kMaxReasonBytes = 2000;
constexpr std::size_t kMaxWhoBytes = 200;
constexpr std::int64_t kMaxDoublings = 10;
constexpr std::int64_t kMaxJobAttempts = 10;   // then a person must look; the index of schema 0003 says the same number

Result<void> record_where_known(store::Tx& tx, std::string_view instance, std::string_view what, std::string_view reason, Instant now) {
    const auto id = InstanceId::parse(instance);
    if (!id) return {};   // what came from outside, or a start
    TRY(const auto found, find_instance(tx, *id));
    return found ? record_repair(tx, *id, what, reason, now) : Result<void>();
}

}  // namespace

Result<void> check_reason(std::string_view reason) {
    if (trim(reason).empty() || reason.size() > kMaxReasonBytes || !is_utf8(reason)) {
        return fail(Code::invalid, format("say why, in 1 to {} bytes", kMaxReasonBytes));
    }
    return {};
}

Result<void> record_repair(store::Tx& tx, const InstanceId& instance, std::string_view what, std::string_view reason, Instant now) {
    TRY(InstanceRow row, instance_of(tx, instance));
    const StepRow step{row.next_number, {now, {}, format("{}: {}", what, reason)}};
    TRY_DO(insert_steps(tx, instance, std::span(&step, 1)));
    // The number is taken, so that the next command begins behind it.
    auto state = row.state_text.empty() ? Result<json::value>(json::object()) : parse_json(row.state_text);
    if (!state || !state->is_object()) return fail(Code::corrupted, format("the state of process {} cannot be read", instance.text()));
    ++row.next_number;
    if (!row.state_text.empty() && row.state == InstanceState::running) {
        state->get_object()["next"] = row.next_number;
        row.state_text = json::serialize(*state);
    }
    return update_instance(tx, row);
}

Result<void> Engine::claim(store::Tx& tx, const TaskId& task, std::string_view who) const {
    if (who.empty() || who.size() > kMaxWhoBytes) return fail(Code::invalid, "a task is taken by somebody");
    TRY(const std::int64_t changed, tx.execute("UPDATE process_task SET assignee=$2 WHERE task_id=$1 AND state='open' AND (assignee='' OR assignee=$2)",
                                               {task.text(), std::string(who)}));
    if (changed == 1) return {};
    TRY(const auto found, find_task(tx, task));
    if (!found) return fail(Code::not_found, format("there is no task {}", task.text()));
    if (found->state != TaskState::open) return fail(Code::conflict, format("task {} is not open any more", task.text()));
    return fail(Code::conflict, format("task {} was taken by somebody else", task.text()));
}

Result<void> Engine::release(store::Tx& tx, const TaskId& task) const {
    TRY(const std::int64_t changed, tx.execute("UPDATE process_task SET assignee='', locked_until=0 WHERE task_id=$1 AND state='open'", {task.text()}));
    return changed == 1 ? Result<void>() : fail(Code::not_found, format("there is no open task {}", task.text()));
}

Result<std::vector<Task>> Engine::take_jobs(store::Tx& tx, std::string_view operation, std::string_view worker, std::size_t limit,
                                            std::chrono::seconds lease) const {
    if (worker.empty() || worker.size() > kMaxWhoBytes) return fail(Code::invalid, "jobs are taken by somebody");
    const std::int64_t now = microseconds(clock_.now());
    const std::int64_t until = microseconds(clock_.now() + lease);
    TRY(const auto ids, tx.all<std::string>("SELECT task_id FROM process_task WHERE state='open' AND kind IN ('serviceTask','sendTask') AND operation=$1"
                                            " AND locked_until<=$2 AND attempts<$4 ORDER BY locked_until, created_at, task_id LIMIT $3",
                                            {std::string(operation), now, static_cast<std::int64_t>(limit), kMaxJobAttempts},
                                            [](const store::Row& row) { return std::string(row.text(0)); }));
    std::vector<Task> taken;
    for (const std::string& id : ids) {
        TRY(const std::int64_t changed, tx.execute("UPDATE process_task SET assignee=$2, locked_until=$3 WHERE task_id=$1 AND state='open' AND locked_until<=$4",
                                                   {id, std::string(worker), until, now}));
        if (changed != 1) continue;
        TRY(const TaskId task, TaskId::parse(id));
        TRY(auto found, find_task(tx, task));
        if (found) taken.push_back(std::move(found->task));
    }
    return taken;
}

Result<void> Engine::postpone_job(store::Tx& tx, const TaskId& task, std::string_view problem) const {
    TRY(const auto found, find_task(tx, task));
    if (!found || found->state != TaskState::open) return fail(Code::not_found, format("there is no open task {}", task.text()));
    const auto pause = std::chrono::seconds(std::int64_t{1} << std::min(found->task.attempts, kMaxDoublings));
    TRY_DO(tx.execute("UPDATE process_task SET assignee='', attempts=attempts+1, locked_until=$2, problem=$3 WHERE task_id=$1",
                      {task.text(), microseconds(clock_.now() + pause), std::string(problem.substr(0, kMaxReasonBytes))}));
    return {};
}

Result<std::vector<Incident>> Engine::incidents(store::Reader& reader, std::size_t limit) const {
    return reader.all<Incident>("SELECT instance_id, number, kind, name, problem, attempts, due_at FROM process_work WHERE state='incident'"
                                " UNION ALL SELECT instance_id, token, 'job', operation, problem, attempts, locked_until FROM process_task"
                                " WHERE state='open' AND attempts>=10 ORDER BY 7 LIMIT $1",
                                {static_cast<std::int64_t>(limit)}, [](const store::Row& row) {
                                    return Incident{std::string(row.text(0)), row.integer(1),           std::string(row.text(2)), std::string(row.text(3)),
                                                    std::string(row.text(4)), row.integer(5), moment_of(row.integer(6))};
                                });
}

Result<void> Engine::retry(store::Tx& tx, std::string_view instance, std::int64_t number) const {
    TRY(const std::int64_t changed, tx.execute("UPDATE process_work SET state='ready', attempts=0, due_at=$3 WHERE instance_id=$1 AND number=$2 AND state NOT IN ('ready','came')",
                                               {std::string(instance), number, microseconds(clock_.now())}));
    if (changed == 1) return {};
    TRY(const std::int64_t offered, tx.execute("UPDATE process_task SET attempts=0, locked_until=0 WHERE instance_id=$1 AND token=$2 AND state='open' AND attempts>=$3",
                                               {std::string(instance), number, kMaxJobAttempts}));
    return offered == 1 ? Result<void>() : fail(Code::not_found, format("there is no incident {} of {}", number, instance));
}

Result<void> Engine::dismiss(store::Tx& tx, std::string_view instance, std::int64_t number, std::string_view reason) const {
    TRY_DO(check_reason(reason));
    TRY(const auto row, find_work(tx, instance, number));
    // What is still to be done by itself is no incident.
    TRY(const std::int64_t gone, tx.execute("DELETE FROM process_work WHERE instance_id=$1 AND number=$2 AND state<>'ready'", {std::string(instance), number}));
    if (!row || gone == 0) return fail(Code::not_found, format("there is no incident {} of {}", number, instance));
    const std::string what = format("dismissed {} {}", row->kind, row->name);
    const std::string waiting = row->kind == "answer" ? string_or(row->payload, "instance", "") : row->kind == "timer" || row->kind == "call" ? row->instance : "";
    TRY_DO(give_up(tx, *row, waiting));
    if (waiting != instance) TRY_DO(record_where_known(tx, waiting, what, reason, clock_.now()));
    return record_where_known(tx, instance, what, reason, clock_.now());
}

// Who waited for it is told, so that its problem says what will not come.
Result<void> Engine::give_up(store::Tx& tx, const WorkRow& row, const std::string& waiting) const {
    const auto id = InstanceId::parse(waiting);
    if (!id) return {};
    TRY(const auto found, find_instance(tx, *id));
    if (!found || found->state != InstanceState::running) return {};
    NoHost host;
    return on_instance(tx, *id, host, [&](Run& run) -> Result<void> {
        if (row.kind == "timer") run.give_up_event(row.number);
        else run.give_up_call(row.payload);
        return {};
    });
}

Result<void> Engine::skip(store::Tx& tx, const InstanceId& instance, std::int64_t token, std::string_view reason, Host& host) const {
    TRY_DO(check_reason(reason));
    TRY_DO(on_instance(tx, instance, host, [&](Run& run) { return run.skip(tx, token); }));
    return record_repair(tx, instance, "skipped", reason, clock_.now());
}

Result<void> Engine::change(store::Tx& tx, const InstanceId& instance, const Change& change, std::string_view reason, Host& host) const {
    TRY_DO(check_reason(reason));
    TRY(const InstanceRow row, running_instance(tx, instance));
    TRY(const auto definition, definition_of(tx, row.definition, row.version));
    std::vector<std::size_t> begun;
    for (const std::string& id : change.begun) {
        const auto place = definition->place_of(id);
        if (!place) return fail(Code::not_found, format("process \"{}\" has no node \"{}\"", row.definition, id));
        begun.push_back(*place);
    }
    TRY_DO(on_instance(tx, instance, host, [&](Run& run) { return run.change(tx, change.variables, change.cancelled, begun); }));
    return record_repair(tx, instance, "changed", reason, clock_.now());
}

Result<std::int64_t> Engine::prune(store::Tx& tx, Instant before, std::size_t limit, std::string_view definition) const {
    // What was called belongs to the history of its callers, up to the topmost.
    TRY(const auto ended, tx.all<std::string>("SELECT instance_id FROM process_instance WHERE ended_at IS NOT NULL AND ended_at<$1 AND ($3='' OR definition_id=$3)"
                                              " AND (parent='' OR NOT EXISTS (WITH RECURSIVE above(id) AS (SELECT process_instance.parent UNION"
                                              " SELECT caller.parent FROM process_instance AS caller JOIN above ON caller.instance_id=above.id WHERE caller.parent<>'')"
                                              " SELECT 1 FROM above JOIN process_instance AS top ON top.instance_id=above.id WHERE top.ended_at IS NULL OR top.ended_at>=$1))"
                                              " ORDER BY ended_at LIMIT $2",
                                              {microseconds(before), static_cast<std::int64_t>(limit), std::string(definition)},
                                              [](const store::Row& row) { return std::string(row.text(0)); }));
    if (definition.empty()) TRY_DO(tx.execute("DELETE FROM process_work WHERE state IN ('unclaimed','came') AND due_at<$1", {microseconds(before)}));
    for (const std::string& id : ended) {
        for (const char* table : {"process_step", "process_record", "process_token", "process_task", "process_wait", "process_work"}) {
            TRY_DO(tx.execute(format("DELETE FROM {} WHERE instance_id=$1", table), {id}));
        }
        TRY_DO(tx.execute("DELETE FROM process_instance WHERE instance_id=$1", {id}));
    }
    return static_cast<std::int64_t>(ended.size());
}

}  // namespace madang::process
