#include "casework/processes.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "casework/casework.h"
#include "documents/code.h"

namespace madang::casework {
namespace {

constexpr std::size_t kMostMoves = 100;
constexpr std::size_t kPrunedAtOnce = 500;
constexpr std::string_view kAsked = "the operator asked for it, whatever the services keep";
constexpr const char* kKeysOfReceipt = "SELECT body, case_id FROM casework_case WHERE receipt=$1 LIMIT 100";
constexpr const char* kVersions = "SELECT version FROM process_definition WHERE definition_id=$1 ORDER BY version DESC LIMIT 500";

Result<process::InstanceFilter> engine_filter(const ProcessFilter& asked) {
    process::InstanceFilter filter{.definition = asked.process, .state = {}, .stands = asked.state == "stands", .text = std::string(trim(asked.text)), .business_keys = {}};
    if (asked.state.empty() || filter.stands) return filter;
    using process::InstanceState;
    for (const InstanceState state : {InstanceState::running, InstanceState::completed, InstanceState::terminated, InstanceState::failed}) {
        if (process::name_of(state) == asked.state) filter.state = state;
    }
    if (!filter.state) return fail(Code::invalid, format("\"{}\" is no state; there are running, stands, completed, terminated and failed", asked.state.substr(0, 40)));
    return filter;
}

// What decides which way a procedure goes, and what its tasks give, is not an operator's to say.
std::set<std::string, std::less<>> kept_from_repair(const process::Definition& model) {
    std::set<std::string, std::less<>> names;
    for (const process::Flow& flow : model.flows) {
        if (!flow.condition) continue;
        for (std::string& name : feel::free_names(*flow.condition)) names.insert(std::move(name));
    }
    for (const process::Node& node : model.nodes) {
        names.insert(node.id);
        for (const process::Trigger& trigger : node.triggers) {
            if (trigger.kind != process::TriggerKind::conditional || !trigger.expression) continue;
            for (std::string& name : feel::free_names(*trigger.expression)) names.insert(std::move(name));
        }
    }
    return names;
}

}  // namespace

Result<Processes::Pruned> Processes::prune_some(const std::string& process, Instant before, std::string_view why, std::string_view actor) {
    const Parts& parts = casework_.parts_;
    Pruned pruned{process, before, 0};
    for (std::int64_t some = -1; some != 0; pruned.gone += some) {
        TRY(some, parts.store.write<std::int64_t>([&](store::Tx& tx) -> Result<std::int64_t> {
            TRY(const std::int64_t gone, parts.engine.prune(tx, before, kPrunedAtOnce, process));
            if (gone == 0) return gone;
            ledger::Act act;
            act.id = make_id<ledger::ActId>(parts.clock, parts.random);
            act.kind = "process.pruned";
            act.at = parts.clock.now();
            act.actor = actor;
            act.capacity = "operator";
            act.body = parts.pack.government.bodies().front().code;
            act.subject = process.empty() ? std::string("all") : process;
            act.legal_ground = why;
            act.details = {{"before", format_instant(before)}, {"procedures", gone}};
            TRY_DO(parts.ledger.append(tx, act));
            return gone;
        }));
    }
    return pruned;
}

Result<std::vector<Processes::Pruned>> Processes::prune(std::optional<Instant> before, std::string_view actor) {
    std::vector<Pruned> all;
    const auto some = [&](const std::string& process, Instant moment, std::string_view why) -> Result<void> {
        TRY(Pruned pruned, prune_some(process, moment, why, actor));
        if (pruned.gone > 0) all.push_back(std::move(pruned));
        return {};
    };
    if (before) {
        TRY_DO(some("", *before, kAsked));
        return all;
    }
    const Instant now = casework_.parts_.clock.now();
    for (const catalogue::Service& service : casework_.parts_.pack.services) {
        if (!service.retention || !service.retention->years) continue;   // for ever, or nobody said
        // Archives count the years from the first of January after the end.
        const TimeZone& zone = casework_.parts_.pack.government.time_zone();
        const Instant moment = zone.instant(Date(zone.date(now).year() - std::chrono::years(*service.retention->years), std::chrono::January, std::chrono::day(1)), std::chrono::minutes(0));
        const std::string& why = service.retention->article;
        TRY_DO(some(service.process.id, moment, why));
        for (const process::Definition& called : service.called) TRY_DO(some(called.id, moment, why));
    }
    return all;
}

json::object Processes::told(const std::vector<Pruned>& all) {
    std::int64_t gone = 0;
    json::array by_model;
    for (const Pruned& one : all) {
        gone += one.gone;
        by_model.push_back(json::object{{"process", one.process.empty() ? json::value(nullptr) : json::value(one.process)}, {"before", format_instant(one.before)}, {"forgotten", one.gone}});
    }
    return {{"forgotten", gone}, {"by_model", std::move(by_model)}};
}

Result<SeenProcess> Processes::seen(store::Reader& reader, process::Instance instance) {
    TRY(std::string receipt, casework_.receipt_of(reader, instance.business_key));
    if (instance.problem.empty() && instance.state == process::InstanceState::running) {
        TRY(const auto incident, casework_.parts_.engine.oldest_incident(reader, instance.id));
        if (incident) instance.problem = incident->problem;
    }
    return SeenProcess{std::move(instance), std::move(receipt)};
}

Result<ProcessPage> Processes::find(const ProcessFilter& asked, std::int64_t first, std::int64_t count) {
    TRY(process::InstanceFilter filter, engine_filter(asked));
    return casework_.parts_.store.read<ProcessPage>([&](store::Reader& reader) -> Result<ProcessPage> {
        if (const auto receipt = documents::parse_code(filter.text); receipt) {
            TRY(filter.business_keys, reader.all<std::string>(kKeysOfReceipt, {*receipt}, [](const store::Row& row) { return format("{}/{}", row.text(0), row.text(1)); }));
        }
        TRY(auto found, casework_.parts_.engine.find_instances(reader, filter, first, count));
        ProcessPage page{.processes = {}, .total = found.total, .first = found.first};
        for (process::Instance& one : found.instances) {
            TRY(auto shown, seen(reader, std::move(one)));
            page.processes.push_back(std::move(shown));
        }
        return page;
    });
}

Result<ProcessDetail> Processes::look_at(const process::InstanceId& id, std::int64_t first_step, std::int64_t count) {
    if (first_step < 0 || count < 1 || count > process::kMaxFound) return fail(Code::invalid, format("a page begins at 0 or later and has 1 to {}", process::kMaxFound));
    const process::Engine& engine = casework_.parts_.engine;
    return casework_.parts_.store.read<ProcessDetail>([&](store::Reader& reader) -> Result<ProcessDetail> {
        ProcessDetail detail;
        TRY(process::Instance instance, engine.instance(reader, id));
        TRY(detail.seen, seen(reader, std::move(instance)));
        TRY(detail.standing, engine.standing(reader, id));
        TRY(const process::Course course, engine.course(reader, id));
        for (const process::Node& node : course.model->nodes) {
            if (!node.name.empty()) detail.names[node.id] = node.name;
        }
        for (const process::Standing& one : detail.standing) {
            if (one.of_person) detail.of_persons.insert(one.node);
        }
        TRY(detail.tasks, engine.open_tasks(reader, {.instance = id, .role = {}}));
        TRY(auto incidents, engine.find_incidents(reader, id.text(), 0, process::kMaxFound));
        detail.incidents = std::move(incidents.incidents);
        TRY(const json::object variables, engine.variables(reader, id));
        for (const auto& member : variables) detail.variables.push_back({std::string(member.key()), std::string(json::to_string(member.value().kind()))});
        TRY(auto steps, engine.history(reader, id));
        detail.all_steps = std::ssize(steps);
        detail.first_step = std::min(first_step, detail.all_steps);
        const auto begin = steps.begin() + detail.first_step;
        detail.steps.assign(std::make_move_iterator(begin), std::make_move_iterator(begin + std::min(count, detail.all_steps - detail.first_step)));
        return detail;
    });
}

Result<process::IncidentPage> Processes::incidents(std::int64_t first, std::int64_t count) {
    return casework_.parts_.store.read<process::IncidentPage>([&](store::Reader& reader) { return casework_.parts_.engine.find_incidents(reader, {}, first, count); });
}

Result<std::vector<int>> Processes::versions(std::string_view process) {
    return casework_.parts_.store.read<std::vector<int>>([&](store::Reader& reader) {
        return reader.all<int>(kVersions, {std::string(process)}, [](const store::Row& row) { return static_cast<int>(row.integer(0)); });
    });
}

Result<Move> Processes::move(const process::InstanceId& id, const MoveOrder& order) {
    if (!order.dry_run && trim(order.reason).empty()) return fail(Code::invalid, "say why it moves, or ask for a dry run");
    const process::Engine& engine = casework_.parts_.engine;
    TRY(Move move, casework_.parts_.store.read<Move>([&](store::Reader& reader) -> Result<Move> {
        TRY(const process::Instance instance, engine.instance(reader, id));
        TRY(auto problems, engine.plan_migration(reader, id, order.version, order.nodes));
        return Move{.id = id, .version = instance.version, .problems = std::move(problems), .moved = false};
    }));
    if (!move.problems.empty() || order.dry_run) return move;
    const auto moved = casework_.migrate_process(id, order.version, order.nodes, order.reason, order.actor);
    if (!moved && moved.error().code == Code::conflict) {
        move.problems.push_back(moved.error().message);   // it went on in the meantime
        return move;
    }
    if (!moved) return std::unexpected(moved.error());
    move.moved = true;
    move.version = order.version;
    return move;
}

Result<Processes::Moves> Processes::move_some(std::string_view process, const MoveOrder& order, std::string_view after, std::size_t count) {
    if (count < 1 || count > kMostMoves) return fail(Code::invalid, format("1 to {} move at once", kMostMoves));
    const process::Engine& engine = casework_.parts_.engine;
    TRY(const auto page, casework_.parts_.store.read<std::vector<process::Instance>>([&](store::Reader& reader) -> Result<std::vector<process::Instance>> {
        TRY(const auto there, engine.find_definition(reader, process, order.version));
        if (!there || there->version != order.version) return fail(Code::not_found, format("there is no process \"{}\" in version {}", process.substr(0, 80), order.version));
        return engine.behind_version(reader, process, order.version, after, count);
    }));
    Moves moves;
    for (const process::Instance& one : page) {
        TRY(auto moved, move(one.id, order));
        moves.moves.push_back(std::move(moved));
    }
    if (page.size() == count) moves.next = page.back().id.text();
    return moves;
}

Result<void> Processes::repair(const process::InstanceId& id, const json::object& variables, std::string_view reason, std::string_view actor) {
    if (variables.empty()) return fail(Code::invalid, "name the variables that are set");
    const Parts& parts = casework_.parts_;
    return parts.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(const process::Instance found, parts.engine.instance(tx, id));
        TRY(const auto incident, parts.engine.oldest_incident(tx, id));
        if (found.problem.empty() && !incident) return fail(Code::conflict, "this procedure can go on by itself: nothing of it is repaired");
        TRY(const auto model, parts.engine.find_definition(tx, found.definition, found.version));
        if (!model) return fail(Code::corrupted, format("the model of process {} is not there", id.text()));
        const auto kept = kept_from_repair(*model);
        std::vector<std::string> names;
        for (const auto& member : variables) {
            if (kept.contains(member.key())) return fail(Code::denied, format("\"{}\" says which way the procedure goes; that is for its rules and its officers", std::string_view(member.key())));
            names.emplace_back(member.key());
        }
        TRY_DO(casework_.change_variables(tx, found, variables, reason));
        return casework_.record_repair(tx, found.business_key, format("set {}", join(names, ", ")), reason, actor);
    });
}

}  // namespace madang::casework
