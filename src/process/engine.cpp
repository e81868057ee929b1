// Tokens after BPMN 2.0.2 chapter 13: each move is written where it happens, in the caller's transaction.
#include "process/engine.h"

#include <algorithm>
#include <deque>

#include "base/text.h"
#include "process/detail/check.h"
#include "process/process_repository.h"

namespace madang::process {
namespace {

constexpr std::size_t kMaxMoves = 10'000;
constexpr std::size_t kMaxVariables = 1U << 20;   // bytes of JSON

// One command on one instance.
class Run {
public:
    Run(store::Tx& tx, const Definition& definition, InstanceRow& instance, Host& host, const Clock& clock, Random& random)
        : tx_(tx), definition_(definition), instance_(instance), host_(host), clock_(clock), random_(random) {}

    Result<void> begin();
    Result<void> leave_task(const Token& token);
    Result<void> load();
    Result<void> merge(const json::object& more);

private:
    struct Arrival {
        std::size_t node = 0;
        std::optional<std::size_t> flow;
    };

    Result<void> move_all();
    Result<void> enter(const Arrival& arrival);
    Result<void> leave(std::size_t node);
    Result<void> wait(std::size_t node);
    Result<void> join_parallel(const Arrival& arrival);
    Result<void> arrive_inclusive(const Arrival& arrival);
    Result<bool> fire_inclusive();
    Result<std::vector<std::size_t>> chosen(std::size_t node, bool first_only) const;
    Result<bool> holds(const Flow& flow) const;
    Result<void> take(const std::vector<std::size_t>& flows);
    Result<void> terminate();
    Result<void> finish();
    Result<void> note(std::size_t node, std::string_view what);
    std::size_t place_of(std::string_view node) const { return static_cast<std::size_t>(definition_.find(node) - definition_.nodes.data()); }
    std::string where(const Node& node) const { return format("process {}, {} \"{}\"", definition_.id, name_of(node.kind), node.id); }

    store::Tx& tx_;
    const Definition& definition_;
    InstanceRow& instance_;
    Host& host_;
    const Clock& clock_;
    Random& random_;
    std::deque<Arrival> arriving_;
    std::vector<Token> waiting_;     // tokens at rest, as in the store
    std::int64_t steps_ = 0;
    std::size_t moves_ = 0;
    bool ended_ = false;
};

Result<void> Run::load() {
    TRY(waiting_, tokens_of(tx_, instance_.id));
    TRY(steps_, count_steps(tx_, instance_.id));
    return {};
}

Result<void> Run::note(std::size_t node, std::string_view what) {
    return insert_step(tx_, instance_.id, steps_++, {clock_.now(), definition_.nodes[node].id, std::string(what)});
}

Result<void> Run::merge(const json::object& more) {
    for (const auto& member : more) instance_.variables[member.key()] = member.value();
    if (json::serialize(instance_.variables).size() > kMaxVariables) return fail(Code::exhausted, "the variables of a process are at most 1 MB");
    return {};
}

Result<void> Run::begin() {
    arriving_.push_back({definition_.start, std::nullopt});
    return move_all();
}

Result<void> Run::leave_task(const Token& token) {
    const std::size_t node = place_of(token.node);
    TRY_DO(remove_token(tx_, token.id));
    std::erase_if(waiting_, [&](const Token& one) { return one.id == token.id; });
    TRY_DO(note(node, "completed"));
    TRY_DO(leave(node));
    return move_all();
}

Result<void> Run::move_all() {
    for (;;) {
        while (!arriving_.empty() && !ended_) {
            if (++moves_ > kMaxMoves) return fail(Code::invalid, format("process {} makes more than {} moves without waiting", definition_.id, kMaxMoves));
            const Arrival arrival = arriving_.front();
            arriving_.pop_front();
            TRY_DO(enter(arrival));
        }
        if (ended_) return {};
        TRY(const bool fired, fire_inclusive());
        if (!fired) break;
    }
    return waiting_.empty() ? finish() : Result<void>();
}

Result<void> Run::enter(const Arrival& arrival) {
    const Node& node = definition_.nodes[arrival.node];
    switch (node.kind) {
        case NodeKind::start_event: case NodeKind::task: case NodeKind::exclusive_gateway:
            TRY_DO(note(arrival.node, "entered"));
            return leave(arrival.node);
        case NodeKind::end_event: return note(arrival.node, "ended");            // the token is consumed, 13.5.6
        case NodeKind::terminate_end_event: TRY_DO(note(arrival.node, "ended")); return terminate();
        case NodeKind::user_task: return wait(arrival.node);
        case NodeKind::service_task: {
            if (node.external) return wait(arrival.node);
            TRY_DO(note(arrival.node, "entered"));
            TRY(const json::object result, within(host_.run_service(tx_, node.operation, instance_.variables), where(node)));
            TRY_DO(merge(result));
            return leave(arrival.node);
        }
        case NodeKind::business_rule_task: {
            TRY_DO(note(arrival.node, "entered"));
            TRY(const json::object result, within(host_.decide(node.decision, instance_.variables), where(node)));
            TRY_DO(merge(result));
            return leave(arrival.node);
        }
        case NodeKind::parallel_gateway: return join_parallel(arrival);
        case NodeKind::inclusive_gateway: return arrive_inclusive(arrival);
    }
    return {};
}

Result<void> Run::wait(std::size_t node) {
    const Node& at = definition_.nodes[node];
    const Token token{make_id<TokenId>(clock_, random_), at.id, ""};
    TRY_DO(insert_token(tx_, instance_.id, token));
    waiting_.push_back(token);
    TaskRow row;
    row.token = token.id;
    row.task = {make_id<TaskId>(clock_, random_), instance_.id, at.id, at.name, at.kind, at.role, at.form_key, at.operation, clock_.now()};
    TRY_DO(insert_task(tx_, row));
    return note(node, "waits");
}

// Clause 13.4.1: one token by each incoming flow, then one by each outgoing.
Result<void> Run::join_parallel(const Arrival& arrival) {
    const Node& node = definition_.nodes[arrival.node];
    std::vector<TokenId> used;
    for (const std::size_t place : node.incoming) {
        if (arrival.flow == place) continue;
        const std::string& flow = definition_.flows[place].id;
        const auto found = std::ranges::find_if(waiting_, [&](const Token& token) { return token.node == node.id && token.flow == flow; });
        if (found == waiting_.end()) {
            const Token token{make_id<TokenId>(clock_, random_), node.id, definition_.flows[*arrival.flow].id};
            waiting_.push_back(token);
            TRY_DO(note(arrival.node, "waits"));
            return insert_token(tx_, instance_.id, token);
        }
        used.push_back(found->id);
    }
    for (const TokenId& id : used) {
        TRY_DO(remove_token(tx_, id));
        std::erase_if(waiting_, [&](const Token& token) { return token.id == id; });
    }
    TRY_DO(note(arrival.node, "entered"));
    return leave(arrival.node);
}

// Clause 13.4.3: a token rests here until no other can still come; fire_inclusive() sends it on.
Result<void> Run::arrive_inclusive(const Arrival& arrival) {
    const Node& node = definition_.nodes[arrival.node];
    if (node.incoming.size() < 2) {
        TRY_DO(note(arrival.node, "entered"));
        return leave(arrival.node);
    }
    const Token token{make_id<TokenId>(clock_, random_), node.id, definition_.flows[*arrival.flow].id};
    waiting_.push_back(token);
    TRY_DO(note(arrival.node, "waits"));
    return insert_token(tx_, instance_.id, token);
}

Result<bool> Run::fire_inclusive() {
    for (const Token& token : waiting_) {
        const std::size_t node = place_of(token.node);
        if (definition_.nodes[node].kind != NodeKind::inclusive_gateway) continue;
        const bool more_may_come = std::ranges::any_of(waiting_, [&](const Token& other) {
            return other.node != token.node && reachable_from(definition_, place_of(other.node))[node];
        });
        if (more_may_come) continue;
        const std::string id = token.node;
        for (const Token& used : waiting_) {
            if (used.node == id) TRY_DO(remove_token(tx_, used.id));
        }
        std::erase_if(waiting_, [&](const Token& one) { return one.node == id; });
        TRY_DO(note(node, "entered"));
        TRY_DO(leave(node));
        return true;
    }
    return false;
}

Result<bool> Run::holds(const Flow& flow) const {
    if (!flow.condition) return true;
    const feel::Value variables = feel::from_json(json::value(instance_.variables));
    const feel::Value answer = feel::evaluate(*flow.condition, *variables.context());
    const bool* truth = answer.as<bool>();
    if (truth == nullptr) {
        return fail(Code::invalid, format("process {}, flow \"{}\": its condition is neither true nor false{}{}", definition_.id, flow.id,
                                          answer.reason().empty() ? "" : ": ", answer.reason()));
    }
    return *truth;
}

// The flows whose condition holds, in order; the default flow where none does.
Result<std::vector<std::size_t>> Run::chosen(std::size_t node, bool first_only) const {
    const Node& at = definition_.nodes[node];
    std::vector<std::size_t> flows;
    for (const std::size_t place : at.outgoing) {
        if (at.default_flow == place) continue;
        TRY(const bool good, holds(definition_.flows[place]));
        if (good) flows.push_back(place);
        if (good && first_only) break;
    }
    if (flows.empty() && at.default_flow) flows.push_back(*at.default_flow);
    if (flows.empty()) return fail(Code::invalid, format("{}: no flow holds and there is no default", where(at)));
    return flows;
}

// Clauses 13.4.2 (exclusive: the first), 13.4.3 (inclusive: all that hold) and 13.3.1 (activities: all).
Result<void> Run::leave(std::size_t node) {
    const Node& at = definition_.nodes[node];
    if (at.kind == NodeKind::parallel_gateway) return take(at.outgoing);
    TRY(const auto flows, chosen(node, at.kind == NodeKind::exclusive_gateway));
    return take(flows);
}

Result<void> Run::take(const std::vector<std::size_t>& flows) {
    for (const std::size_t place : flows) arriving_.push_back({definition_.flows[place].target, place});
    return {};
}

Result<void> Run::terminate() {
    TRY_DO(remove_tokens(tx_, instance_.id));
    TRY_DO(close_tasks(tx_, instance_.id, "dropped"));
    waiting_.clear();
    arriving_.clear();
    ended_ = true;
    instance_.state = InstanceState::completed;
    return update_instance(tx_, instance_, clock_.now());
}

Result<void> Run::finish() {
    instance_.state = InstanceState::completed;
    ended_ = true;
    return update_instance(tx_, instance_, clock_.now());
}

Result<InstanceRow> instance_at(store::Reader& reader, const InstanceId& id) {
    TRY(auto row, find_instance(reader, id));
    if (!row) return fail(Code::not_found, format("there is no process instance {}", id.text()));
    return std::move(*row);
}

}  // namespace

Result<InstanceId> Engine::start(store::Tx& tx, const Definition& definition, const json::object& variables,
                                 std::string_view business_key, Host& host) const {
    InstanceRow instance;
    instance.id = make_id<InstanceId>(clock_, random_);
    instance.process_id = definition.id;
    instance.business_key = business_key;
    TRY_DO(insert_instance(tx, instance, clock_.now()));
    Run run(tx, definition, instance, host, clock_, random_);
    TRY_DO(run.merge(variables));
    TRY_DO(run.begin());
    if (instance.state == InstanceState::running) TRY_DO(update_instance(tx, instance, std::nullopt));
    return instance.id;
}

Result<void> Engine::complete_task(store::Tx& tx, const Definition& definition, const TaskId& task, const json::object& result, Host& host) const {
    TRY(const auto row, find_task(tx, task));
    if (!row) return fail(Code::not_found, format("there is no task {}", task.text()));
    if (!row->open) return fail(Code::conflict, format("the task {} is not open any more", task.text()));
    TRY(InstanceRow instance, instance_at(tx, row->task.instance));
    if (instance.process_id != definition.id || definition.find(row->task.node) == nullptr) {
        return fail(Code::conflict, format("the task {} belongs to another process than {}", task.text(), definition.id));
    }
    TRY_DO(close_task(tx, task, "completed"));
    Run run(tx, definition, instance, host, clock_, random_);
    TRY_DO(run.load());
    TRY_DO(run.merge(result));
    TRY_DO(run.leave_task({row->token, row->task.node, ""}));
    if (instance.state == InstanceState::running) TRY_DO(update_instance(tx, instance, std::nullopt));
    return {};
}

Result<void> Engine::terminate(store::Tx& tx, const InstanceId& id) const {
    TRY(InstanceRow instance, instance_at(tx, id));
    if (instance.state != InstanceState::running) return fail(Code::conflict, format("the process instance {} has ended", id.text()));
    TRY_DO(remove_tokens(tx, id));
    TRY_DO(close_tasks(tx, id, "dropped"));
    instance.state = InstanceState::terminated;
    return update_instance(tx, instance, clock_.now());
}

Result<std::vector<Task>> Engine::open_tasks(store::Reader& reader, const TaskFilter& filter) const { return find_open_tasks(reader, filter); }

Result<InstanceState> Engine::state(store::Reader& reader, const InstanceId& id) const {
    TRY(const InstanceRow instance, instance_at(reader, id));
    return instance.state;
}

Result<json::object> Engine::variables(store::Reader& reader, const InstanceId& id) const {
    TRY(InstanceRow instance, instance_at(reader, id));
    return std::move(instance.variables);
}

Result<std::vector<Step>> Engine::history(store::Reader& reader, const InstanceId& id) const { return steps_of(reader, id); }

}  // namespace madang::process
