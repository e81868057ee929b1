#include "process/engine.h"

#include <algorithm>
#include <set>

#include "base/check.h"
#include "base/text.h"
#include "process/detail/command.h"
#include "process/detail/run.h"
#include "process/detail/schedule.h"
#include "process/detail/variables.h"
#include "process/process_repository.h"

namespace madang::process {
namespace {

constexpr std::size_t kMaxBusinessKeyBytes = 500;
constexpr std::size_t kMaxKnown = 10'000;   // sources of which the version is known without asking the store
constexpr const char* kNewestVersion = "SELECT version, source FROM process_definition WHERE definition_id=$1 ORDER BY version DESC LIMIT 1";
constexpr const char* kOneVersion = "SELECT version, source FROM process_definition WHERE definition_id=$1 AND version=$2";
constexpr const char* kInsertDefinition =
    "INSERT INTO process_definition (definition_id, version, name, source, deployed_at) VALUES ($1,$2,$3,$4,$5)";
constexpr const char* kDeleteStarts = "DELETE FROM process_start WHERE definition_id=$1";
constexpr const char* kInsertStart =
    "INSERT INTO process_start (kind, name, definition_id, version, node) VALUES ($1,$2,$3,$4,$5) ON CONFLICT DO NOTHING";
constexpr const char* kDeleteStartTimers = "DELETE FROM process_work WHERE instance_id=$1";

struct Kept {
    int version = 0;
    std::string source;
};
Kept kept_of(const store::Row& row) { return {static_cast<int>(row.integer(0)), std::string(row.text(1))}; }

}  // namespace

std::string_view name_of(InstanceState state) {
    switch (state) {
        case InstanceState::running: return "running";
        case InstanceState::completed: return "completed";
        case InstanceState::terminated: return "terminated";
        case InstanceState::failed: return "failed";
    }
    MADANG_CHECK(false);
}

Result<Outcome> Host::run_script(store::Tx&, std::string_view format_name, std::string_view, const json::object&) {
    return fail(Code::invalid, format("nobody here runs scripts in \"{}\"", format_name));
}

Result<InstanceRow> instance_of(store::Reader& reader, const InstanceId& id) {
    TRY(auto found, find_instance(reader, id));
    if (!found) return fail(Code::not_found, format("there is no process {}", id.text()));
    return std::move(*found);
}

Result<InstanceRow> running_instance(store::Reader& reader, const InstanceId& id) {
    TRY(InstanceRow found, instance_of(reader, id));
    if (found.state != InstanceState::running) return fail(Code::conflict, format("process {} has ended", id.text()));
    return found;
}

Result<int> Engine::deploy(store::Tx& tx, const Definition& definition) const {
    const auto key = std::pair(definition.id, definition.source);
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = deployed_.find(key); found != deployed_.end()) return found->second;
    }
    TRY(const auto newest, tx.first<Kept>(kNewestVersion, {definition.id}, kept_of));
    int version = newest ? newest->version : 0;
    if (!newest || newest->source != *definition.source) {
        ++version;
        TRY_DO(tx.execute(kInsertDefinition, {definition.id, std::int64_t{version}, definition.name, *definition.source, microseconds(clock_.now())}));
        TRY_DO(deploy_starts(tx, definition, version));
    }
    auto kept = std::make_shared<Definition>(definition);
    kept->version = version;
    tx.after_commit([this, key, version, kept = std::shared_ptr<const Definition>(std::move(kept))] {
        const std::lock_guard lock(mutex_);
        if (deployed_.size() >= kMaxKnown) deployed_.clear();
        deployed_[key] = version;
        definitions_[{key.first, version}] = kept;
    });
    return version;
}

// "message Paid", "timer 1": which of a start event's triggers, also for the next version.
std::string trigger_text(const Node& node, std::size_t trigger) {
    const Trigger& one = node.triggers[trigger];
    return one.kind == TriggerKind::timer ? format("timer {}", trigger) : format("{} {}", name_of(one.kind), one.name);
}

// What starts the newest version from outside: clause 13.2.
Result<int> Engine::deploy_starts(store::Tx& tx, const Definition& definition, int version) const {
    const std::string timers = "start:" + definition.id;
    TRY_DO(tx.execute(kDeleteStarts, {definition.id}));
    TRY_DO(tx.execute(kDeleteStartTimers, {timers}));
    const Scope& process = definition.scopes.front();
    std::int64_t number = 0;
    for (const std::size_t place : process.nodes) {
        const Node& node = definition.nodes[place];
        bool begins = node.kind == NodeKind::start_event || (node.kind == NodeKind::receive_task && node.instantiates && node.incoming.empty());
        for (const std::size_t flow : node.incoming) {
            const Node& before = definition.nodes[definition.flows[flow].source];
            begins = begins || (before.kind == NodeKind::event_based_gateway && before.instantiates && before.incoming.empty());
        }
        if (!begins) continue;
        for (std::size_t i = 0; i < node.triggers.size(); ++i) {
            const Trigger& trigger = node.triggers[i];
            if (trigger.kind == TriggerKind::timer) {
                feel::Budget budget;
                budget.clock = &clock_;
                TRY(const Schedule schedule, within(schedule_of(trigger.time, feel::evaluate(*trigger.expression, {}, budget), clock_.now()), node.id));
                WorkRow row{timers, number++, "start", definition.id, node.id, {}, schedule.first, 0};
                row.payload["trigger"] = trigger_text(node, i);
                row.payload["version"] = version;
                if (!schedule.interval.empty()) row.payload["interval"] = schedule.interval;
                row.payload["repeats"] = schedule.repeats;
                TRY_DO(insert_work(tx, row));
                continue;
            }
            TRY_DO(tx.execute(kInsertStart, {std::string(name_of(trigger.kind)), trigger.name, definition.id, std::int64_t{version}, node.id}));
        }
    }
    return version;
}

Result<std::shared_ptr<const Definition>> Engine::find_definition(store::Reader& reader, std::string_view id, int version) const {
    if (version != 0) {
        const std::lock_guard lock(mutex_);
        if (const auto found = definitions_.find({std::string(id), version}); found != definitions_.end()) return found->second;
    }
    const store::Values values = version == 0 ? store::Values{std::string(id)} : store::Values{std::string(id), std::int64_t{version}};
    TRY(const auto kept, reader.first<Kept>(version == 0 ? kNewestVersion : kOneVersion, values, kept_of));
    if (!kept) return std::shared_ptr<const Definition>();
    if (version == 0) return find_definition(reader, id, kept->version);
    // What was deployed once was read then; a program of today reads it as well, or says why not.
    TRY(std::vector<Definition> read, read_bpmn(kept->source, format("{} version {}", id, version), {.foreign_scripts = true}));
    const auto found = std::ranges::find(read, id, &Definition::id);
    if (found == read.end()) return fail(Code::corrupted, format("version {} of \"{}\" holds another process", version, id));
    found->version = version;
    auto definition = std::make_shared<const Definition>(std::move(*found));
    const std::lock_guard lock(mutex_);
    return definitions_.try_emplace({std::string(id), version}, std::move(definition)).first->second;
}

Result<std::shared_ptr<const Definition>> Engine::definition_of(store::Reader& reader, std::string_view id, int version) const {
    TRY(auto found, find_definition(reader, id, version));
    if (!found) return fail(Code::not_found, format("there is no process \"{}\"{}", id, version == 0 ? "" : format(" in version {}", version)));
    return found;
}

Result<InstanceId> Engine::start(store::Tx& tx, const Definition& definition, const json::object& variables,
                                 std::string_view business_key, Host& host) const {
    TRY(const int version, deploy(tx, definition));
    NewInstance instance{.id = make_id<InstanceId>(clock_, random_), .version = version, .variables = variables, .business_key = std::string(business_key)};
    const InstanceId id = instance.id;
    TRY_DO(start_instance(tx, definition, std::move(instance), host, clock_, random_));
    return id;
}

// Clause 10.5.2: a conditional start begins where its condition holds for what it is given.
Result<std::optional<std::size_t>> conditional_start(const Definition& definition, const json::object& variables, const Clock& clock) {
    feel::Context context;
    for (const auto& [name, value] : variables) context.set(std::string(name), feel::from_json(value));
    feel::Budget budget;
    budget.clock = &clock;
    for (const std::size_t place : definition.scopes.front().nodes) {
        const Node& node = definition.nodes[place];
        if (node.kind != NodeKind::start_event) continue;
        std::size_t held = 0;
        for (const Trigger& trigger : node.triggers) {
            if (trigger.kind != TriggerKind::conditional) continue;
            const feel::Value value = feel::evaluate(*trigger.expression, context, budget);
            const bool* holds = value.as<bool>();
            held += holds != nullptr && *holds ? 1 : 0;
        }
        if (held > 0 && (!node.parallel_multiple || held == node.triggers.size())) return std::optional(place);
    }
    return std::optional<std::size_t>();
}

Result<void> start_instance(store::Tx& tx, const Definition& definition, NewInstance instance, Host& host, const Clock& clock, Random& random) {
    if (instance.business_key.size() > kMaxBusinessKeyBytes) return fail(Code::invalid, format("a business key has at most {} bytes", kMaxBusinessKeyBytes));
    TRY_DO(check_variables(instance.variables));
    if (!instance.start && definition.scopes.front().entries.empty()) {
        TRY(instance.start, conditional_start(definition, instance.variables, clock));
    }
    InstanceRow row;
    row.id = instance.id;
    row.definition = definition.id;
    row.version = instance.version;
    row.business_key = std::move(instance.business_key);
    row.variables = std::move(instance.variables);
    row.parent = std::move(instance.parent);
    row.parent_token = instance.parent_token;
    row.started_at = clock.now();
    TRY_DO(insert_instance(tx, row));   // before the first service, which may keep rows of its own about it
    Run run(definition, std::move(row), host, clock, random);
    TRY_DO(run.begin(tx, instance.start, instance.payload));
    return run.save(tx);
}

Result<void> Engine::complete_task(store::Tx& tx, const TaskId& task, const json::object& result, Host& host) const {
    TRY_DO(check_variables(result));
    return on_task(tx, task, host, [&](Run& run, std::int64_t token) { return run.complete(tx, token, result); });
}

Result<void> Engine::fail_task(store::Tx& tx, const TaskId& task, const BpmnError& error, Host& host) const {
    TRY_DO(check_variables(error.variables));
    return on_task(tx, task, host, [&](Run& run, std::int64_t token) { return run.fail_with(tx, token, error); });
}

Result<void> Engine::on_task(store::Tx& tx, const TaskId& task, Host& host, const std::function<Result<void>(Run&, std::int64_t)>& action) const {
    TRY(const auto found, find_task(tx, task));
    if (!found) return fail(Code::not_found, format("there is no task {}", task.text()));
    if (found->state != TaskState::open) {
        return fail(Code::conflict, format("task {} was {} before", task.text(), found->state == TaskState::completed ? "completed" : "withdrawn"));
    }
    TRY_DO(complete_task_row(tx, task, clock_.now()));
    return on_instance(tx, found->task.instance, host, [&](Run& run) { return action(run, found->token); });
}

Result<void> Engine::on_instance(store::Tx& tx, const InstanceId& instance, Host& host, const std::function<Result<void>(Run&)>& action) const {
    TRY(InstanceRow row, running_instance(tx, instance));
    TRY(const auto definition, definition_of(tx, row.definition, row.version));
    row.version = definition->version;
    Run run(*definition, std::move(row), host, clock_, random_);
    TRY_DO(run.load(tx));
    TRY_DO(action(run));
    return run.save(tx);
}

Result<void> Engine::terminate(store::Tx& tx, const InstanceId& instance) const {
    NoHost host;
    return on_instance(tx, instance, host, [](Run& run) { return run.end_from_outside(); });
}

Result<void> Engine::send_message(store::Tx& tx, std::string_view name, std::string_view key, const json::object& payload) const {
    return send(tx, "message", name, key, payload);
}

Result<void> Engine::send_signal(store::Tx& tx, std::string_view name, const json::object& payload) const { return send(tx, "signal", name, {}, payload); }

Result<void> Engine::send(store::Tx& tx, std::string_view kind, std::string_view name, std::string_view key, const json::object& payload) const {
    if (name.empty() || name.size() > kMaxBusinessKeyBytes || key.size() > kMaxBusinessKeyBytes) {
        return fail(Code::invalid, format("the name and the key of a {} have at most {} bytes", kind, kMaxBusinessKeyBytes));
    }
    TRY_DO(check_variables(payload));
    WorkRow row{make_id<InstanceId>(clock_, random_).text(), 0, std::string(kind), std::string(name), std::string(key), {}, clock_.now(), 0};
    row.payload["variables"] = payload;
    return insert_work(tx, row);
}

Result<std::vector<Task>> Engine::open_tasks(store::Reader& reader, const TaskFilter& filter) const {
    return list_open_tasks(reader, filter);
}

Result<Instance> Engine::instance(store::Reader& reader, const InstanceId& instance) const {
    TRY(const InstanceRow row, instance_of(reader, instance));
    return summary_of(row);
}

Result<std::vector<Instance>> Engine::instances(store::Reader& reader, std::string_view definition, std::size_t limit) const {
    TRY(const auto rows, list_instances(reader, definition, limit));
    std::vector<Instance> found;
    found.reserve(rows.size());
    for (const InstanceRow& row : rows) found.push_back(summary_of(row));
    return found;
}

Result<std::vector<Standing>> Engine::standing(store::Reader& reader, const InstanceId& instance) const {
    static constexpr std::array<std::string_view, 8> kWaits{"join", "task", "event", "scope", "call", "body", "compensation", "data"};
    TRY(InstanceRow row, instance_of(reader, instance));
    std::vector<Standing> found;
    if (row.state != InstanceState::running) return found;
    TRY(const auto definition, definition_of(reader, row.definition, row.version));
    NoHost host;
    Run run(*definition, std::move(row), host, clock_, random_);
    TRY_DO(run.load(reader));
    std::vector<std::int64_t> persons = at_user_tasks(run.state(), *definition);
    for (const Token& token : run.state().tokens) {
        if (token.at != Token::At::call) continue;
        TRY(const bool asks, asks_person(reader, token.child));
        if (asks) persons.push_back(token.number);
    }
    const std::set<std::int64_t> hold = holders_of(run.state(), std::move(persons));
    for (const Token& token : run.state().tokens) {
        found.push_back({token.number, definition->nodes[token.node].id, std::string(kWaits.at(static_cast<std::size_t>(token.at))), hold.contains(token.number)});
    }
    return found;
}

// Whether a person is asked in a called process, or in what that called. More of them than one looks at may ask one.
Result<bool> Engine::asks_person(store::Reader& reader, const std::string& called) const {
    constexpr std::size_t kMostCalled = 1000;
    std::vector<std::string> calls{called};
    for (std::size_t i = 0; i < calls.size(); ++i) {
        if (i >= kMostCalled) return true;
        const auto id = InstanceId::parse(calls[i]);
        if (!id) continue;
        TRY(auto row, find_instance(reader, *id));
        if (!row || row->state != InstanceState::running) continue;
        TRY(const auto definition, definition_of(reader, row->definition, row->version));
        NoHost host;
        Run run(*definition, std::move(*row), host, clock_, random_);
        TRY_DO(run.load(reader));
        if (!at_user_tasks(run.state(), *definition).empty()) return true;
        for (const Token& token : run.state().tokens) {
            if (token.at == Token::At::call) calls.push_back(token.child);
        }
    }
    return false;
}

Result<InstanceState> Engine::state(store::Reader& reader, const InstanceId& instance) const {
    TRY(const Followed followed, followed_by(reader, instance));
    return followed.state;
}

Result<Course> Engine::course(store::Reader& reader, const InstanceId& instance) const {
    TRY(const Followed followed, followed_by(reader, instance));
    TRY(auto model, find_definition(reader, followed.definition, followed.version));
    if (model == nullptr) return fail(Code::corrupted, format("the model of process {} is not there", instance.text()));
    return Course{std::move(model), followed.state};
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
