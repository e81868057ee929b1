// Cases of bodies below that the law put before this one, since their own did not answer in time.
#include "api/problem.h"
#include "api/session.h"
#include "api/summary.h"
#include "base/text.h"
#include "base/time_text.h"

namespace madang::api {
namespace {

using http::Request;
using http::Response;

json::object escalated_of(const casework::Escalated& one) {
    json::object object = summary_of(one.summary);
    object["term_ended_at"] = format_instant(one.at);
    object["escalated_by"] = one.article;
    return object;
}

Response list(const Parts& parts, const Request& request) {
    const auto officer = officer_reading(parts, request);
    if (!officer) return officer.error();
    const auto open = parts.casework.escalations().open_at(officer->body);
    if (!open) return problem(open.error());
    const auto found = parts.casework.escalations().to(officer->body);
    if (!found) return problem(found.error());
    json::array all;
    for (const auto& one : *found) all.push_back(escalated_of(one));
    return answer({{"open", *open}, {"cases", std::move(all)}});
}

// What is sealed in the case is not told; what was done in it is.
Response show(const Parts& parts, const Request& request) {
    const auto officer = officer_reading(parts, request);
    if (!officer) return officer.error();
    const auto found = parts.casework.escalations().find(officer->body, request.parameter("receipt"));
    if (!found) return problem(found.error(), found.error().code == Code::invalid ? 404 : status_of(found.error().code));
    const auto history = parts.casework.history(found->summary);
    if (!history) return problem(history.error());
    json::array acts;
    for (const ledger::Act& act : *history) {
        acts.push_back(json::object{{"id", act.id.text()}, {"at", format_instant(act.at)}, {"kind", act.kind}, {"actor", act.actor}, {"capacity", act.capacity}, {"legal_ground", act.legal_ground}, {"details", act.details}});
    }
    json::object object = escalated_of(*found);
    object["acts"] = std::move(acts);
    return answer(object);
}

}  // namespace

void add_escalation_routes(http::Router& router, const Parts& parts) {
    router.add(http::Method::get, "/api/v1/office/escalated", [parts](const Request& request) { return list(parts, request); });
    router.add(http::Method::get, "/api/v1/office/escalated/{receipt}", [parts](const Request& request) { return show(parts, request); });
}

}  // namespace madang::api
