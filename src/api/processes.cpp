// Procedures of the whole installation, for its administrators: what the operator's pages show and do.
#include <limits>

#include "api/problem.h"
#include "api/session.h"
#include "api/summary.h"
#include "base/text.h"
#include "base/time_text.h"
#include "process/model_check.h"

namespace madang::api {
namespace {

using casework::Move;
using http::Request;
using http::Response;
using process::InstanceId;

constexpr std::size_t kMovesAtOnce = 100;
constexpr std::size_t kMaxModelName = 200;
constexpr std::size_t kMaxModelBody = 6U << 20;

json::object process_of(const casework::SeenProcess& seen) {
    const process::Instance& one = seen.instance;
    return {{"id", one.id.text()}, {"process", one.definition}, {"version", one.version}, {"case", text_or_null(one.business_key)}, {"receipt", text_or_null(seen.receipt)},
            {"state", process::name_of(one.state)}, {"problem", text_or_null(one.problem)}, {"started_at", format_instant(one.started_at)}, {"ended_at", moment_or_null(one.ended_at)},
            {"called_by", text_or_null(one.parent)}};
}

json::array incidents_of(const std::vector<process::Incident>& incidents) {
    json::array all;
    for (const auto& one : incidents) {
        all.push_back(json::object{{"instance", one.instance}, {"number", one.number}, {"kind", one.kind}, {"name", one.name}, {"problem", one.problem}, {"attempts", one.attempts}, {"since", format_instant(one.since)}});
    }
    return all;
}

Result<json::object> list(const Parts& parts, const Request& request) {
    TRY(const Paging paging, paging_of(request));
    const casework::ProcessFilter filter{std::string(request.query.value_or("process", "")), std::string(request.query.value_or("state", "")), std::string(request.query.value_or("q", ""))};
    TRY(const auto page, parts.casework.processes().find(filter, paging.first, paging.count));
    json::array all;
    for (const auto& one : page.processes) all.push_back(process_of(one));
    return json::object{{"total", page.total}, {"first", page.first}, {"processes", std::move(all)}};
}

Result<InstanceId> id_of(const Request& request) {
    const auto id = InstanceId::parse(request.parameter("id"));
    return id ? Result<InstanceId>(*id) : fail(Code::not_found, "there is no such process");
}

Result<json::object> show(const Parts& parts, const Request& request) {
    TRY(const InstanceId id, id_of(request));
    TRY(const Paging paging, paging_of(request));
    TRY(const auto detail, parts.casework.processes().look_at(id, paging.first, paging.count));
    json::array tokens, variables, steps;
    for (const auto& one : detail.standing) tokens.push_back(json::object{{"token", one.token}, {"node", one.node}, {"waits", one.waits}});
    for (const auto& one : detail.variables) variables.push_back(json::object{{"name", one.name}, {"kind", one.kind}});
    for (const auto& one : detail.steps) steps.push_back(json::object{{"at", format_instant(one.at)}, {"node", one.node}, {"what", one.what}});
    return json::object{{"process", process_of(detail.seen)}, {"tokens", std::move(tokens)}, {"variables", std::move(variables)}, {"incidents", incidents_of(detail.incidents)},
                        {"history", json::object{{"total", detail.all_steps}, {"first", detail.first_step}, {"steps", std::move(steps)}}}};
}

Result<json::object> incidents(const Parts& parts, const Request& request) {
    TRY(const Paging paging, paging_of(request));
    TRY(const auto page, parts.casework.processes().incidents(paging.first, paging.count));
    return json::object{{"total", page.total}, {"first", page.first}, {"incidents", incidents_of(page.incidents)}};
}

// What an administrator changes: the path, the object of the body, who.
struct Asked {
    const Request& request;
    const json::object& object;
    std::string actor;
};

json::object repaired(std::string_view instance, std::string_view what) { return {{"instance", instance}, {"done", what}}; }

Result<json::object> skip(const Parts& parts, const Asked& asked) {
    TRY(const InstanceId id, id_of(asked.request));
    TRY(const std::int64_t token, integer_at(asked.object, "token", "body"));
    TRY_DO(parts.casework.skip_step(id, token, string_or(asked.object, "reason", ""), asked.actor));
    return repaired(id.text(), "skipped");
}

Result<json::object> repair(const Parts& parts, const Asked& asked) {
    TRY(const InstanceId id, id_of(asked.request));
    TRY(const json::object variables, object_at(asked.object, "variables", "body"));
    TRY_DO(parts.casework.processes().repair(id, variables, string_or(asked.object, "reason", ""), asked.actor));
    return repaired(id.text(), "repaired");
}

Result<std::int64_t> number_of(const Asked& asked) {
    const auto number = parse_decimal(asked.request.parameter("number"));
    if (!number || *number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return fail(Code::not_found, "there is no such incident");
    return static_cast<std::int64_t>(*number);
}

Result<json::object> retry(const Parts& parts, const Asked& asked) {
    TRY(const std::int64_t number, number_of(asked));
    TRY_DO(parts.casework.retry_step(asked.request.parameter("instance"), number, asked.actor));
    return repaired(asked.request.parameter("instance"), "due_now");
}

Result<json::object> dismiss(const Parts& parts, const Asked& asked) {
    TRY(const std::int64_t number, number_of(asked));
    TRY_DO(parts.casework.dismiss_step(asked.request.parameter("instance"), number, string_or(asked.object, "reason", ""), asked.actor));
    return repaired(asked.request.parameter("instance"), "taken_away");
}

Result<casework::MoveOrder> order_of(const Asked& asked) {
    casework::MoveOrder order{.version = 0, .nodes = {}, .dry_run = bool_or(asked.object, "dry_run", false), .reason = string_or(asked.object, "reason", ""), .actor = asked.actor};
    TRY(const std::int64_t version, integer_at(asked.object, "version", "body"));
    if (version < 1 || version > 1'000'000) return fail(Code::invalid, "\"version\" is a number from 1");
    order.version = static_cast<int>(version);
    const auto* nodes = asked.object.if_contains("nodes");
    if (nodes == nullptr) return order;
    if (!nodes->is_object() || nodes->get_object().size() > process::kMaxNodes) return fail(Code::invalid, "\"nodes\" names the new id of each node that changed it");
    for (const auto& pair : nodes->get_object()) {
        if (!pair.value().is_string()) return fail(Code::invalid, "\"nodes\" names the new id of each node that changed it");
        order.nodes[std::string(pair.key())] = pair.value().get_string();
    }
    return order;
}

json::object move_of(const Move& move) {
    json::array problems;
    for (const std::string& problem : move.problems) problems.emplace_back(problem);
    return {{"id", move.id.text()}, {"version", move.version}, {"can_move", move.problems.empty()}, {"moved", move.moved}, {"problems", std::move(problems)}};
}

Result<json::object> migrate(const Parts& parts, const Asked& asked) {
    TRY(const InstanceId id, id_of(asked.request));
    TRY(const auto order, order_of(asked));
    TRY(const Move move, parts.casework.processes().move(id, order));
    return move_of(move);
}

Result<json::object> migrate_some(const Parts& parts, const Asked& asked) {
    TRY(const auto order, order_of(asked));
    TRY(const auto moves, parts.casework.processes().move_some(string_or(asked.object, "process", ""), order, string_or(asked.object, "after", ""), kMovesAtOnce));
    json::array all;
    for (const Move& move : moves.moves) all.push_back(move_of(move));
    return json::object{{"migrations", std::move(all)}, {"next", text_or_null(moves.next)}};
}

// A BPMN signal to all procedures that wait for it.
Result<json::object> signal(const Parts& parts, const Asked& asked) {
    TRY(const std::string name, string_at(asked.object, "signal", "body"));
    json::object variables;
    if (asked.object.contains("variables")) {
        TRY(variables, object_at(asked.object, "variables", "body"));
    }
    TRY(const std::size_t services, parts.casework.signal_processes(name, variables));
    return json::object{{"signal", name}, {"services", services}};
}

Result<json::object> prune(const Parts& parts, const Asked& asked) {
    std::optional<Instant> before;
    if (asked.object.contains("before")) {
        TRY(const std::string day, string_at(asked.object, "before", "body"));
        TRY(const Date date, within(parse_date(day), "\"before\""));
        before = Instant(std::chrono::sys_days(date));
    }
    TRY(const auto pruned, parts.casework.processes().prune(before, asked.actor));
    return casework::Processes::told(pruned);
}

// Files that it imports are not there to be asked, and nothing is fetched.
Result<json::object> check(const Parts&, const Asked& asked) {
    TRY(const std::string text, string_at(asked.object, "bpmn", "body"));
    TRY(const auto model, process::check_model(text, string_or(asked.object, "name", "model.bpmn").substr(0, kMaxModelName)));
    return process::to_json(model);
}

Result<json::object> recompute(const Parts& parts, const Asked&) {
    TRY(const std::int64_t moved, parts.casework.terms().recompute());
    return json::object{{"moved", moved}};
}

using Show = Result<json::object> (*)(const Parts&, const Request&);
using Change = Result<json::object> (*)(const Parts&, const Asked&);

Response shown(const Parts& parts, const Request& request, Show show) {
    if (const auto who = operator_of(parts, request, Purpose::reads); !who) return who.error();
    auto found = show(parts, request);
    return found ? answer(std::move(*found)) : problem(found.error());
}

Response changed(const Parts& parts, const Request& request, Change change) {
    const auto who = operator_of(parts, request, Purpose::changes);
    if (!who) return who.error();
    const auto object = object_of(request);
    if (!object) return problem(object.error());
    auto done = change(parts, {request, *object, who->text()});
    return done ? answer(std::move(*done)) : problem(done.error());
}

}  // namespace

void add_process_routes(http::Router& router, const Parts& parts) {
    using http::Method;
    const std::pair<const char*, Show> shows[] = {{"/api/v1/processes", list}, {"/api/v1/processes/{id}", show}, {"/api/v1/incidents", incidents}};
    for (const auto& [path, show_one] : shows) {
        const Show asked = show_one;
        router.add(Method::get, path, [parts, asked](const Request& request) { return shown(parts, request, asked); });
    }
    const std::pair<const char*, Change> changes[] = {{"/api/v1/processes/{id}/skip", skip}, {"/api/v1/processes/{id}/repair", repair}, {"/api/v1/processes/{id}/migrate", migrate},
                                                      {"/api/v1/migrations", migrate_some}, {"/api/v1/incidents/{instance}/{number}/retry", retry}, {"/api/v1/incidents/{instance}/{number}/dismiss", dismiss},
                                                      {"/api/v1/signals", signal}, {"/api/v1/processes/prune", prune}, {"/api/v1/terms/recompute", recompute}};
    for (const auto& [path, change] : changes) {
        const Change made = change;
        router.add(Method::post, path, [parts, made](const Request& request) { return changed(parts, request, made); }, {.body_limit = 128U << 10, .body = http::BodyKind::json});
    }
    router.add(Method::post, "/api/v1/models/check", [parts](const Request& request) { return changed(parts, request, check); }, {.body_limit = kMaxModelBody, .body = http::BodyKind::json});
}

}  // namespace madang::api
