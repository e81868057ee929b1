// How a running instance moves to another version of its process.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "process/detail/command.h"
#include "process/detail/run.h"

namespace madang::process {
namespace {

// The state's text with the ids that a version changed.
void rename(json::value& value, const NodeMap& nodes) {
    if (json::array* list = value.if_array()) {
        for (json::value& one : *list) rename(one, nodes);
        return;
    }
    json::object* object = value.if_object();
    if (object == nullptr) return;
    for (auto& [key, member] : *object) {
        if (key == "node" && member.is_string()) {
            const auto found = nodes.find(std::string_view(member.get_string().data(), member.get_string().size()));
            if (found != nodes.end()) member = found->second;
        } else if (key == "pending") {
            if (json::array* list = member.if_array()) {
                for (json::value& one : *list) {
                    if (!one.is_string()) continue;
                    const auto found = nodes.find(std::string_view(one.get_string().data(), one.get_string().size()));
                    if (found != nodes.end()) one = found->second;
                }
            }
        } else if (key != "variables" && key != "local" && key != "items" && key != "results") {
            rename(member, nodes);
        }
    }
}

// Every token at a node of the same kind, in the same surroundings.
void compare(const Definition& from, const Definition& to, const State& state, const NodeMap& nodes, std::vector<std::string>& problems) {
    std::set<std::size_t> asked;
    const auto ask = [&](std::size_t place) {
        if (!asked.insert(place).second) return;
        const Node& old = from.nodes[place];
        const auto renamed = nodes.find(old.id);
        const std::string& id = renamed == nodes.end() ? old.id : renamed->second;
        const Node* now = to.find(id);
        if (now == nullptr) {
            problems.push_back(format("it stands at \"{}\", which version {} does not have", old.id, to.version));
            return;
        }
        if (now->kind != old.kind) problems.push_back(format("\"{}\" is a {} in version {}, not a {}", id, name_of(now->kind), to.version, name_of(old.kind)));
        if (now->external != old.external) problems.push_back(format("\"{}\" waits for a worker in one version only", id));
        if (now->loop.has_value() != old.loop.has_value()) problems.push_back(format("\"{}\" repeats in one version only", id));
        const auto around = [](const Definition& definition, const Node& node) {
            const auto& outer = definition.scopes[node.scope].node;
            return outer ? definition.nodes[*outer].id : std::string();
        };
        const std::string before = around(from, old);
        if (old.attached_to && now->attached_to) {
            const std::string& host = from.nodes[*old.attached_to].id;
            const auto other = nodes.find(host);
            if (to.nodes[*now->attached_to].id != (other == nodes.end() ? host : other->second)) problems.push_back(format("\"{}\" stands at another activity in version {}", id, to.version));
        }
        const auto moved = nodes.find(before);
        if (around(to, *now) != (moved == nodes.end() ? before : moved->second)) problems.push_back(format("\"{}\" stands in another sub-process in version {}", id, to.version));
    };
    for (const Token& token : state.tokens) {
        ask(token.node);
        if (!token.flow) continue;
        const std::string& flow = from.flows[*token.flow].id;
        if (std::ranges::find(to.flows, flow, &Flow::id) == to.flows.end()) problems.push_back(format("it waits on flow \"{}\", which version {} does not have", flow, to.version));
    }
    for (const Subscription& one : state.subscriptions) ask(one.node);
}

constexpr const char* kBehind =
    "SELECT instance_id FROM process_instance WHERE definition_id=$1 AND state='running' AND version<>$2 AND instance_id>$3 ORDER BY instance_id LIMIT $4";
// Who had taken a task or a job has it no more where it is somebody else's now.
constexpr const char* kMoveTask =
    "UPDATE process_task SET node=$2, name=$3, role=$4, form_key=$5, operation=$6, assignee=CASE WHEN role=$4 AND operation=$6 THEN assignee ELSE '' END,"
    " locked_until=CASE WHEN operation=$6 THEN locked_until ELSE 0 END WHERE task_id=$1 AND state='open'";

struct Moving {
    InstanceRow row;                       // as it would be on the new version
    std::vector<std::string> problems;
};

Result<Moving> moving(store::Reader& reader, InstanceRow row, const Definition& from, const Definition& to, const NodeMap& nodes) {
    State state;
    if (row.state_text.empty()) {
        TRY(state, load_tokens(reader, row, from));
    } else {
        TRY(const json::value stored, parse_json(row.state_text));
        if (!stored.is_object()) return fail(Code::corrupted, format("the state of process {} cannot be read", row.id.text()));
        TRY(state, state_from_json(stored.get_object(), from));
    }
    Moving moving;
    compare(from, to, state, nodes, moving.problems);
    json::value moved = to_json(state, from);
    rename(moved, nodes);
    row.state_text = json::serialize(moved);
    row.version = to.version;
    if (moving.problems.empty()) {
        if (const auto read = state_from_json(moved.as_object(), to); !read) moving.problems.push_back(read.error().message);
    }
    moving.row = std::move(row);
    return moving;
}

Result<void> move_tasks(store::Tx& tx, const InstanceId& instance, const Definition& to, const NodeMap& nodes) {
    TRY(const auto tasks, list_open_tasks(tx, {.instance = instance, .role = {}, .limit = kMaxTokens}));
    for (const Task& task : tasks) {
        const auto renamed = nodes.find(task.node);
        const Node* now = to.find(renamed == nodes.end() ? task.node : renamed->second);
        if (now == nullptr) return fail(Code::conflict, format("task {} stands at \"{}\", which version {} does not have", task.id.text(), task.node, to.version));
        TRY_DO(tx.execute(kMoveTask, {task.id.text(), now->id, now->name, now->role, now->form_key, now->operation}));
    }
    return {};
}

}  // namespace

Result<std::vector<std::string>> Engine::plan_migration(store::Reader& reader, const InstanceId& instance, int version, const NodeMap& nodes) const {
    TRY(const InstanceRow row, running_instance(reader, instance));
    TRY(const auto from, definition_of(reader, row.definition, row.version));
    TRY(const auto to, definition_of(reader, row.definition, version));
    TRY(Moving plan, moving(reader, row, *from, *to, nodes));
    if (!plan.problems.empty()) return plan.problems;
    NoHost host;
    Run run(*to, std::move(plan.row), host, clock_, random_);
    TRY_DO(run.load(reader));
    return run.take_over(*from, nodes);
}

Result<void> Engine::migrate(store::Tx& tx, const InstanceId& instance, int version, const NodeMap& nodes, std::string_view reason, Host& host) const {
    TRY_DO(check_reason(reason));
    TRY(const InstanceRow row, running_instance(tx, instance));
    TRY(const auto from, definition_of(tx, row.definition, row.version));
    TRY(const auto to, definition_of(tx, row.definition, version));
    TRY(Moving plan, moving(tx, row, *from, *to, nodes));
    const auto refuse = [&] { return fail(Code::conflict, format("process {} cannot move: {}", instance.text(), join(plan.problems, "; "))); };
    if (!plan.problems.empty()) return refuse();
    Run run(*to, std::move(plan.row), host, clock_, random_);
    TRY_DO(run.load(tx));
    plan.problems = run.take_over(*from, nodes);
    if (!plan.problems.empty()) return refuse();
    TRY_DO(move_tasks(tx, instance, *to, nodes));
    TRY_DO(run.go_on(tx));
    TRY_DO(run.save(tx));
    return record_repair(tx, instance, format("moved to version {}", version), reason, clock_.now());
}

Result<std::vector<Instance>> Engine::behind_version(store::Reader& reader, std::string_view definition, int version, std::string_view after, std::size_t limit) const {
    TRY(const auto ids, reader.all<std::string>(kBehind, {std::string(definition), std::int64_t{version}, std::string(after), static_cast<std::int64_t>(limit)},
                                                [](const store::Row& row) { return std::string(row.text(0)); }));
    std::vector<Instance> found;
    for (const std::string& id : ids) {
        TRY(const InstanceId instance, InstanceId::parse(id));
        TRY(const InstanceRow row, instance_of(reader, instance));
        found.push_back(summary_of(row));
    }
    return found;
}

}  // namespace madang::process
