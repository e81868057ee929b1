// Work that failed for cases until an operator looks: the list, and its two repairs.
#include "api/problem.h"
#include "api/session.h"
#include "api/summary.h"
#include "base/text.h"
#include "base/time_text.h"

namespace madang::api {
namespace {

using casework::Trouble;
using casework::Troubles;
using http::Request;
using http::Response;

constexpr std::int64_t kMost = 500;

Result<void> require_operator(const identity::Session& session) {
    return session.has_role("", "administrator") ? Result<void>() : fail(Code::denied, "this is for administrators of the installation");
}

json::object json_of(const Trouble& one) {
    return {{"reference", one.reference()}, {"body", one.body}, {"receipt", one.receipt}, {"service", one.service}, {"work", casework::name_of(one.work)}, {"number", one.number},
            {"state", one.incident ? "incident" : "tried_again"}, {"problem", one.problem}, {"attempts", one.attempts}, {"since", format_instant(one.since)}, {"last_at", format_instant(one.last_at)},
            {"next_at", one.incident ? json::value(nullptr) : json::value(format_instant(one.next_at))}, {"can_skip", one.can_skip}};
}

Response list(const Parts& parts, const Request& request) {
    const auto session = session_of(parts, request);
    if (!session) return problem(session.error(), 401);
    if (const auto may = require_operator(*session); !may) return problem(may.error());
    const auto first = parse_decimal(request.query.value_or("first", "0"));
    const auto count = parse_decimal(request.query.value_or("count", "100"));
    const std::string state = request.query.value_or("state", "incident");
    if (!first || !count || *first > 1'000'000'000 || *count < 1 || *count > kMost) return problem({Code::invalid, format("\"first\" is a place from 0, \"count\" 1 to {}", kMost)});
    if (state != "incident" && state != "all") return problem({Code::invalid, "\"state\" is incident or all"});
    const auto found = parts.casework.troubles().list(state == "all" ? Troubles::Which::all : Troubles::Which::incidents, static_cast<std::int64_t>(*first), static_cast<std::int64_t>(*count));
    if (!found) return problem(found.error());
    json::array all;
    for (const Trouble& one : found->troubles) all.push_back(json_of(one));
    return answer({{"total", found->total}, {"first", static_cast<std::int64_t>(*first)}, {"incidents", std::move(all)}});
}

Response repair(const Parts& parts, const Request& request, bool leave_out) {
    const auto session = changing_session_of(parts, request);
    if (!session) return problem(session.error());
    if (const auto may = require_operator(*session); !may) return problem(may.error());
    const auto object = object_of(request);
    if (!object) return problem(object.error());
    const std::string reference = request.parameter("reference");
    auto& troubles = parts.casework.troubles();
    const auto done = leave_out ? troubles.skip(reference, string_or(*object, "reason", ""), session->account.text()) : troubles.retry(reference, session->account.text());
    return done ? answer({{"reference", reference}, {"done", leave_out ? "skipped" : "due"}}) : problem(done.error());
}

}  // namespace

void add_case_incident_routes(http::Router& router, const Parts& parts) {
    using http::Method;
    const http::RouteOptions step{.body_limit = 16U << 10, .body = http::BodyKind::json};
    router.add(Method::get, "/api/v1/operator/case-incidents", [parts](const Request& request) { return list(parts, request); });
    router.add(Method::post, "/api/v1/operator/case-incidents/{reference}/retry", [parts](const Request& request) { return repair(parts, request, false); }, step);
    router.add(Method::post, "/api/v1/operator/case-incidents/{reference}/skip", [parts](const Request& request) { return repair(parts, request, true); }, step);
}

}  // namespace madang::api
