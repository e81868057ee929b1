// What is due: timers, and what instances send each other. Each is done in a transaction of its own, which
// also takes it away, so that it is done once whatever crashes.
#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/text.h"
#include "process/detail/command.h"
#include "process/detail/run.h"
#include "process/detail/schedule.h"

namespace madang::process {
namespace {

constexpr std::int64_t kMaxAttempts = 3;
constexpr auto kFirstPause = std::chrono::seconds(1);   // and four times as long after each failure
constexpr std::size_t kReachedAtOnce = 200;             // by a signal, in one transaction

struct Waiting {
    std::string instance;
    std::int64_t number = 0;
};
Waiting waiting_of(const store::Row& row) { return {std::string(row.text(0)), row.integer(1)}; }

constexpr std::size_t kMaxCame = 1000;   // to one start event, before all its triggers have come
constexpr const char* kCame =
    "SELECT instance_id, payload FROM process_work WHERE state='came' AND name=$1 AND work_key=$2 ORDER BY due_at, instance_id LIMIT $3";

// A trigger of a parallel multiple start event that waits for the others.
struct Came {
    std::string id;
    json::object payload;
};
Result<Came> came_of(const store::Row& row) {
    TRY(const json::value payload, parse_json(row.text(1)));
    if (!payload.is_object()) return fail(Code::corrupted, "the payload of a message cannot be read");
    return Came{std::string(row.text(0)), payload.get_object()};
}

json::object variables_of(const json::object& payload) {
    const json::value* variables = payload.if_contains("variables");
    return variables != nullptr && variables->is_object() ? variables->get_object() : json::object();
}
std::int64_t integer_of(const json::object& payload, std::string_view key) {
    const json::value* value = payload.if_contains(key);
    return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

}  // namespace

// One thing that is due, in the transaction `tx`.
class Worker {
public:
    Worker(const Engine& engine, store::Tx& tx, Hosts& hosts, WorkRow row) : engine_(engine), tx_(tx), hosts_(hosts), row_(std::move(row)) {}

    Result<void> work() {
        using Do = Result<void> (Worker::*)();
        static constexpr std::array<std::pair<std::string_view, Do>, 9> kDo{{
            {"timer", &Worker::fire_timer}, {"deliver", &Worker::deliver}, {"message", &Worker::message}, {"signal", &Worker::signal},
            {"call", &Worker::call},        {"cancel", &Worker::cancel},   {"answer", &Worker::answer},   {"start", &Worker::start},
            {"escalation", &Worker::escalation},
        }};
        for (const auto& [kind, action] : kDo) {
            if (kind == row_.kind) return (this->*action)();
        }
        return fail(Code::corrupted, format("\"{}\" is no work of a process", row_.kind));
    }

private:
    // Runs a command on an instance with its host; nothing happens where it has ended meanwhile.
    Result<void> on(const std::string& instance, const std::function<Result<void>(Run&)>& action) {
        TRY(const InstanceId id, InstanceId::parse(instance));
        TRY(auto row, find_instance(tx_, id));
        if (!row || row->state != InstanceState::running) return {};
        return hosts_.with_host(tx_, summary_of(*row), [&](Host& host) { return engine_.on_instance(tx_, id, host, action); });
    }
    Result<void> done() { return delete_work(tx_, row_.instance, row_.number); }

    // The row goes, or moves on, with the subscription.
    Result<void> fire_timer() {
        TRY(const InstanceId id, InstanceId::parse(row_.instance));
        TRY(const auto row, find_instance(tx_, id));
        if (!row || row->state != InstanceState::running) return done();
        TRY_DO(on(row_.instance, [&](Run& run) { return run.fire(tx_, row_.number, {}); }));
        // One that stays as it is would be due for ever, and nothing else would be done.
        TRY(const auto left, find_work(tx_, row_.instance, row_.number));
        if (left && left->due == row_.due) return fail(Code::corrupted, format("process {}: nothing waits for timer {}", row_.instance, row_.number));
        return {};
    }

    Result<void> deliver() {
        TRY_DO(on(string_or(row_.payload, "instance", ""),
                  [&](Run& run) { return run.fire(tx_, integer_of(row_.payload, "subscription"), variables_of(row_.payload)); }));
        return done();
    }

    // To the one that has waited longest, else to a process that it starts; else it waits to be claimed.
    Result<void> message() {
        TRY(const auto waiting, tx_.first<Waiting>("SELECT instance_id, number FROM process_wait WHERE kind='message' AND name=$1"
                                                   " AND (correlation_key=$2 OR correlation_key='') ORDER BY created_at, instance_id, number LIMIT 1",
                                                   {row_.name, row_.key}, waiting_of));
        if (waiting) {
            TRY_DO(on(waiting->instance, [&](Run& run) { return run.fire(tx_, waiting->number, variables_of(row_.payload)); }));
            return done();
        }
        TRY(const auto starts, starts_of("message"));
        if (starts.empty()) return postpone_work(tx_, row_, row_.due, "unclaimed", {});
        TRY_DO(arrive(starts.front(), format("message {}", row_.name), row_.key));
        return done();
    }

    Result<std::vector<StartRow>> starts_of(const std::string& kind) {
        return tx_.all<StartRow>("SELECT definition_id, version, node FROM process_start WHERE kind=$1 AND name=$2 ORDER BY definition_id, node", {kind, row_.name},
                                 [](const store::Row& row) { return StartRow{std::string(row.text(0)), static_cast<int>(row.integer(1)), std::string(row.text(2))}; });
    }

    // To all that waited when it was sent, some at a time; each gets it in a transaction of its own.
    Result<void> signal() {
        const std::int64_t sent = row_.payload.contains("sent") ? integer_of(row_.payload, "sent") : microseconds(row_.due);
        const std::string after = string_or(row_.payload, "after", "");
        TRY(const auto reached, tx_.all<Waiting>("SELECT instance_id, number FROM process_wait WHERE kind='signal' AND name=$1 AND created_at<=$2"
                                                 " AND instance_id<>$3 AND instance_id>$4 ORDER BY instance_id, number LIMIT $5",
                                                 {row_.name, sent, row_.instance, after, static_cast<std::int64_t>(kReachedAtOnce)}, waiting_of));
        const bool all = reached.size() < kReachedAtOnce;
        std::int64_t number = -1;
        for (const Waiting& one : reached) {
            if (!all && one.instance == reached.back().instance) break;   // the next page begins with it
            WorkRow row{fresh(), number--, "deliver", row_.name, {}, {}, engine_.clock_.now(), 0};
            row.payload["instance"] = one.instance;
            row.payload["subscription"] = one.number;
            row.payload["variables"] = variables_of(row_.payload);
            TRY_DO(insert_work(tx_, row));
        }
        if (after.empty()) TRY_DO(start_by_signal());
        TRY_DO(done());
        if (all) return {};
        WorkRow rest = row_;
        rest.payload["sent"] = sent;
        rest.payload["after"] = last_before(reached);
        rest.due = engine_.clock_.now();
        return insert_work(tx_, rest);
    }

    static std::string last_before(const std::vector<Waiting>& reached) {
        for (auto one = reached.rbegin(); one != reached.rend(); ++one) {
            if (one->instance != reached.back().instance) return one->instance;
        }
        return reached.back().instance;   // one instance with more subscriptions than a page: it got what it could
    }

    Result<void> start_by_signal() {
        TRY(const auto starts, starts_of("signal"));
        for (const StartRow& one : starts) {
            WorkRow row{fresh(), 0, "start", one.definition, one.node, {}, engine_.clock_.now(), 0};
            row.payload["version"] = one.version;
            row.payload["variables"] = variables_of(row_.payload);
            row.payload["trigger"] = format("signal {}", row_.name);
            TRY_DO(insert_work(tx_, row));
        }
        return {};
    }

    std::string fresh() const { return make_id<InstanceId>(engine_.clock_, engine_.random_).text(); }

    Result<void> call() {
        TRY(const InstanceId id, InstanceId::parse(string_or(row_.payload, "instance", "")));
        TRY(const InstanceId caller, InstanceId::parse(row_.instance));
        TRY(const auto parent, find_instance(tx_, caller));
        if (!parent || parent->state != InstanceState::running) return done();
        TRY(const auto definition, called_by(*parent));
        NewInstance instance{.id = id, .version = definition->version, .variables = variables_of(row_.payload), .business_key = parent->business_key,
                             .parent = row_.instance, .parent_token = integer_of(row_.payload, "token"), .start = std::nullopt, .payload = {}};
        TRY_DO(start_with_host(*definition, std::move(instance)));
        return done();
    }

    // What was deployed, else what stands beside the caller in its own file: clause 10.3.6.
    Result<std::shared_ptr<const Definition>> called_by(const InstanceRow& caller) {
        const int version = static_cast<int>(integer_of(row_.payload, "version"));
        TRY(auto found, engine_.find_definition(tx_, row_.name, version));
        if (!found && version == 0) {
            TRY(const auto calls, engine_.definition_of(tx_, caller.definition, caller.version));
            TRY(const auto file, read_bpmn(*calls->source, caller.definition, {.foreign_scripts = true}));
            const auto beside = std::ranges::find(file, row_.name, &Definition::id);
            if (beside != file.end()) TRY_DO(engine_.deploy(tx_, *beside));
        }
        return engine_.definition_of(tx_, row_.name, version);
    }

    Result<void> start_with_host(const Definition& definition, NewInstance instance) {
        Instance summary;
        summary.id = instance.id;
        summary.definition = definition.id;
        summary.version = definition.version;
        summary.business_key = instance.business_key;
        summary.parent = instance.parent;
        summary.started_at = engine_.clock_.now();
        return hosts_.with_host(tx_, summary, [&](Host& host) { return start_instance(tx_, definition, std::move(instance), host, engine_.clock_, engine_.random_); });
    }

    Result<void> cancel() {
        TRY_DO(on(string_or(row_.payload, "instance", ""), [](Run& run) { return run.end_from_outside(); }));
        return done();
    }

    // The called process ended: its variables come back, or its error.
    Result<void> answer() {
        const std::int64_t token = integer_of(row_.payload, "token");
        const bool failed = row_.payload.contains("failed");
        TRY_DO(on(string_or(row_.payload, "instance", ""), [&](Run& run) -> Result<void> {
            const bool waits = std::ranges::any_of(run.state().tokens, [&](const Token& one) { return one.number == token && one.at == Token::At::call; });
            if (!waits) return {};
            if (failed) return run.fail_with(tx_, token, {row_.name, {}, variables_of(row_.payload)});
            return run.complete(tx_, token, variables_of(row_.payload));
        }));
        return done();
    }

    Result<void> escalation() {
        TRY_DO(on(string_or(row_.payload, "instance", ""),
                  [&](Run& run) { return run.escalate(tx_, integer_of(row_.payload, "token"), row_.name, variables_of(row_.payload)); }));
        return done();
    }

    // A timer or signal starts a process; a cycle stays for its next time.
    Result<void> start() {
        TRY_DO(arrive({row_.name, static_cast<int>(integer_of(row_.payload, "version")), row_.key}, string_or(row_.payload, "trigger", ""), {}));
        const std::string interval = string_or(row_.payload, "interval", "");
        const std::int64_t repeats = integer_of(row_.payload, "repeats");
        TRY_DO(done());
        if (interval.empty() || repeats == 0) return {};
        WorkRow next = row_;
        TRY(next.due, later(row_.due, interval));
        next.payload["repeats"] = repeats > 0 ? repeats - 1 : repeats;
        return insert_work(tx_, next);
    }

    // Clause 10.5.2: a parallel multiple start event begins when all its triggers have come. What came is kept until then;
    // messages with a key belong together by it, what has none belongs to any.
    Result<void> arrive(const StartRow& start, const std::string& trigger, const std::string& key) {
        TRY(const auto definition, engine_.definition_of(tx_, start.definition, start.version));
        const Node* event = definition->find(start.node);
        if (event == nullptr || !event->parallel_multiple) return begin(start.definition, start.version, start.node, variables_of(row_.payload));
        TRY(auto came, tx_.all<Came>(kCame, {start.definition, start.node, static_cast<std::int64_t>(kMaxCame)}, came_of));
        // A signal or timer that came before the others has come; messages are kept each.
        const auto same = [&](const Came& one) { return string_or(one.payload, "trigger", "") == trigger; };
        if (!trigger.starts_with("message ") && std::ranges::any_of(came, same)) return {};
        if (came.size() >= kMaxCame) return fail(Code::exhausted, format("\"{}\" keeps more than {} triggers that wait for the others", start.node, kMaxCame));
        WorkRow row{fresh(), 0, "came", start.definition, start.node, {}, engine_.clock_.now(), 0};
        row.payload["trigger"] = trigger;
        row.payload["key"] = key;
        row.payload["variables"] = variables_of(row_.payload);
        TRY_DO(insert_work(tx_, row));
        TRY_DO(postpone_work(tx_, row, row.due, "came", {}));
        came.push_back({row.instance, row.payload});
        return begin_complete(start, *event, came);
    }

    Result<void> begin_complete(const StartRow& start, const Node& event, const std::vector<Came>& came) {
        std::set<std::string> keys{""};
        for (const Came& one : came) keys.insert(string_or(one.payload, "key", ""));
        for (const std::string& key : keys) {
            json::object variables;
            std::vector<std::string> used;
            if (!all_came(event, came, key, variables, used)) continue;
            for (const std::string& id : used) TRY_DO(delete_work(tx_, id, 0));
            return begin(start.definition, start.version, start.node, variables);
        }
        return {};
    }

    // The oldest of each; the conditions are asked of what they brought together.
    bool all_came(const Node& event, const std::vector<Came>& came, const std::string& key, json::object& variables, std::vector<std::string>& used) {
        for (std::size_t i = 0; i < event.triggers.size(); ++i) {
            if (event.triggers[i].kind == TriggerKind::conditional) continue;
            const auto fits = [&](const Came& one) {
                const std::string of = string_or(one.payload, "key", "");
                return (of.empty() || of == key) && string_or(one.payload, "trigger", "") == trigger_text(event, i) && std::ranges::find(used, one.id) == used.end();
            };
            const auto found = std::ranges::find_if(came, fits);
            if (found == came.end()) return false;
            used.push_back(found->id);
            for (const auto& [name, value] : variables_of(found->payload)) variables[name] = value;
        }
        feel::Context context;
        for (const auto& [name, value] : variables) context.set(std::string(name), feel::from_json(value));
        feel::Budget budget;
        budget.clock = &engine_.clock_;
        return std::ranges::all_of(event.triggers, [&](const Trigger& trigger) {
            if (trigger.kind != TriggerKind::conditional) return true;
            const feel::Value value = feel::evaluate(*trigger.expression, context, budget);
            const bool* holds = value.as<bool>();
            return holds != nullptr && *holds;
        });
    }

    Result<void> begin(const std::string& id, int version, const std::string& node, const json::object& payload) {
        TRY(const auto definition, engine_.definition_of(tx_, id, version));
        const auto start = definition->place_of(node);
        if (!start) return fail(Code::corrupted, format("process \"{}\" has no start \"{}\"", id, node));
        NewInstance instance{.id = make_id<InstanceId>(engine_.clock_, engine_.random_), .version = definition->version, .variables = {}, .business_key = {},
                             .parent = {}, .parent_token = 0, .start = start, .payload = payload};
        return start_with_host(*definition, std::move(instance));
    }

    const Engine& engine_;
    store::Tx& tx_;
    Hosts& hosts_;
    WorkRow row_;
};

Result<bool> Engine::work_once(store::Store& store, Hosts& hosts) const {
    const Instant now = clock_.now();
    TRY(const auto due, store.read<std::vector<WorkRow>>([&](store::Reader& reader) { return list_due(reader, now, 1); }));
    if (due.empty()) return false;
    WorkRow row = due.front();
    const auto worked = store.write([&](store::Tx& tx) -> Result<void> {
        TRY(auto current, find_work(tx, row.instance, row.number));
        if (!current || current->due > now) return {};   // another node was faster
        return Worker(*this, tx, hosts, std::move(*current)).work();
    });
    if (worked) return true;
    // Another hand was at the same instance: again, without counting it.
    if (worked.error().code == Code::conflict && row.attempts == 0 && worked.error().message.ends_with("was changed meanwhile")) return true;
    // A store that fails also fails to write this down, and nothing is counted.
    ++row.attempts;
    const bool gives_up = row.attempts >= kMaxAttempts;
    const auto pause = kFirstPause * (std::int64_t{1} << (2 * (row.attempts - 1)));
    TRY_DO(store.write([&](store::Tx& tx) { return postpone_work(tx, row, now + pause, gives_up ? "incident" : "ready", worked.error().message); }));
    return true;
}

Result<std::optional<Instant>> Engine::next_due(store::Reader& reader) const {
    return reader.first<Instant>("SELECT due_at FROM process_work WHERE state='ready' ORDER BY due_at LIMIT 1", {},
                                 [](const store::Row& row) { return moment_of(row.integer(0)); });
}

}  // namespace madang::process
