// The tasks of a case for programs of a body: which are open, taking one, and what came of it.
#include "api/problem.h"
#include "api/session.h"
#include "api/summary.h"
#include "base/text.h"
#include "base/time_text.h"

namespace madang::api {
namespace {

using casework::CaseSummary;
using casework::Officer;
using http::Request;
using http::Response;

Result<CaseSummary> case_of(const Parts& parts, const Request& request, const Officer& officer) {
    auto found = parts.casework.find_for_officer(request.parameter("receipt"), officer);
    if (!found && found.error().code == Code::invalid) return fail(Code::not_found, "there is no such case");
    return found;
}

Response list(const Officer& officer, const CaseSummary& one, const std::vector<casework::CaseTask>& tasks) {
    json::array all;
    for (const casework::CaseTask& task : tasks) {
        json::array outcomes;
        for (const std::string& outcome : task.outcomes) outcomes.emplace_back(outcome);
        all.push_back(json::object{{"id", task.id.text()}, {"node", task.node}, {"name", task.name}, {"role", task.role}, {"since", format_instant(task.since)}, {"decides", task.decides},
                                   {"holder", task.holder.empty() ? json::value(nullptr) : json::value(task.holder)}, {"outcomes", std::move(outcomes)}, {"form", text_or_null(task.form)},
                                   {"for_you", casework::Tasks::has_role(officer, task.role)}});
    }
    return answer({{"receipt", one.receipt}, {"status", casework::name_of(one.status)}, {"tasks", std::move(all)}});
}

Response show(const Parts& parts, const Request& request) {
    const auto session = session_of(parts, request);
    if (!session) return not_signed_in(session.error());
    const auto officer = officer_of(*session, "officer");
    if (!officer) return problem(officer.error());
    const auto one = case_of(parts, request, *officer);
    if (!one) return problem(one.error());
    const auto tasks = parts.casework.tasks().of_case(*one);
    return tasks ? list(*officer, *one, *tasks) : problem(tasks.error());
}

enum class What { claim, release, complete };

Response take(const Parts& parts, const Request& request, What what) {
    const auto session = changing_session_of(parts, request);
    if (!session) return not_signed_in(session.error());
    const auto officer = officer_of(*session, "officer");
    if (!officer) return problem(officer.error());
    const auto object = object_of(request);
    if (!object) return problem(object.error());
    const auto one = case_of(parts, request, *officer);
    if (!one) return problem(one.error());
    const auto id = process::TaskId::parse(request.parameter("task"));
    if (!id) return problem({Code::not_found, "there is no such task"});
    auto& tasks = parts.casework.tasks();
    const auto done = what == What::claim     ? tasks.claim(one->id, *id, *officer)
                      : what == What::release ? tasks.release(one->id, *id, *officer)
                                              : tasks.complete(one->id, *id, *officer, string_or(*object, "outcome", "done"), string_or(*object, "remark", ""));
    return done ? list(*officer, done->summary, done->tasks) : problem(done.error());
}

}  // namespace

void add_task_routes(http::Router& router, const Parts& parts) {
    using http::Method;
    router.add(Method::get, "/api/v1/office/cases/{receipt}/tasks", [parts](const Request& request) { return show(parts, request); });
    for (const auto& [name, step] : {std::pair{"claim", What::claim}, std::pair{"release", What::release}, std::pair{"complete", What::complete}}) {
        const What what = step;
        router.add(Method::post, format("/api/v1/office/cases/{{receipt}}/tasks/{{task}}/{}", name), [parts, what](const Request& request) { return take(parts, request, what); },
                   {.body_limit = 64U << 10, .body = http::BodyKind::json});
    }
}

}  // namespace madang::api
