#include "process/engine.h"

#include "base/text.h"
#include "process/detail/run.h"
#include "process/detail/variables.h"
#include "process/process_repository.h"

namespace madang::process {
namespace {

constexpr std::size_t kMaxBusinessKeyBytes = 500;

Result<InstanceRow> instance_of(store::Reader& reader, const InstanceId& id) {
    TRY(auto found, find_instance(reader, id));
    if (!found) return fail(Code::not_found, format("there is no process {}", id.text()));
    return std::move(*found);
}

Result<InstanceRow> running(store::Reader& reader, const InstanceId& id) {
    TRY(InstanceRow found, instance_of(reader, id));
    if (found.state != InstanceState::running) return fail(Code::conflict, format("process {} has ended", id.text()));
    return found;
}

}  // namespace

Result<InstanceId> Engine::start(store::Tx& tx, const Definition& definition, const json::object& variables,
                                 std::string_view business_key, Host& host) const {
    if (business_key.size() > kMaxBusinessKeyBytes) {
        return fail(Code::invalid, format("a business key has at most {} bytes", kMaxBusinessKeyBytes));
    }
    TRY_DO(check_variables(variables));
    InstanceRow row;
    row.id = make_id<InstanceId>(clock_, random_);
    row.definition = definition.id;
    row.business_key = std::string(business_key);
    row.variables = variables;
    row.started_at = clock_.now();
    TRY_DO(insert_instance(tx, row));   // before the first service, which may keep rows of its own about it
    const InstanceId id = row.id;
    Run run(definition, std::move(row), host, clock_, random_);
    TRY_DO(run.begin(tx));
    TRY_DO(run.save(tx));
    return id;
}

Result<void> Engine::complete_task(store::Tx& tx, const Definition& definition, const TaskId& task,
                                   const json::object& result, Host& host) const {
    TRY(const auto found, find_task(tx, task));
    if (!found) return fail(Code::not_found, format("there is no task {}", task.text()));
    if (found->state != TaskState::open) {
        return fail(Code::conflict, format("task {} was {} before", task.text(), found->state == TaskState::completed ? "completed" : "withdrawn"));
    }
    TRY(InstanceRow row, running(tx, found->task.instance));
    if (row.definition != definition.id) {
        return fail(Code::conflict, format("process {} runs \"{}\", not \"{}\"", row.id.text(), row.definition, definition.id));
    }
    TRY_DO(check_variables(result));
    TRY_DO(complete_task_row(tx, task, clock_.now()));
    Run run(definition, std::move(row), host, clock_, random_);
    TRY_DO(run.load_tokens(tx));
    TRY_DO(run.complete(tx, found->token, result));
    return run.save(tx);
}

Result<void> Engine::terminate(store::Tx& tx, const InstanceId& instance) const {
    TRY(InstanceRow row, running(tx, instance));
    TRY(const auto tokens, list_tokens(tx, instance));
    const Instant now = clock_.now();
    std::vector<StepRow> steps;
    steps.reserve(tokens.size());
    for (const TokenRow& token : tokens) steps.push_back({row.next_number++, {now, token.node, "ended"}});
    row.state = InstanceState::terminated;
    row.ended_at = now;
    TRY_DO(update_instance(tx, row));
    TRY_DO(replace_tokens(tx, instance, {}));
    TRY_DO(withdraw_open_tasks(tx, instance, now));
    return insert_steps(tx, instance, steps);
}

Result<std::vector<Task>> Engine::open_tasks(store::Reader& reader, const TaskFilter& filter) const {
    return list_open_tasks(reader, filter);
}

Result<InstanceState> Engine::state(store::Reader& reader, const InstanceId& instance) const {
    TRY(const InstanceRow row, instance_of(reader, instance));
    return row.state;
}

Result<json::object> Engine::variables(store::Reader& reader, const InstanceId& instance) const {
    TRY(InstanceRow row, instance_of(reader, instance));
    return std::move(row.variables);
}

Result<std::vector<Step>> Engine::history(store::Reader& reader, const InstanceId& instance) const {
    TRY_DO(instance_of(reader, instance));
    return list_steps(reader, instance);
}

}  // namespace madang::process
