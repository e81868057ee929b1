#include "api/events.h"

#include <algorithm>
#include <array>

#include "api/problem.h"
#include "base/bytes.h"
#include "base/json.h"
#include "base/text.h"

namespace madang::api {
namespace {

using http::Request;
using http::Response;
using security::LineFormat;

constexpr std::size_t kMaxBody = 16U << 20;
constexpr std::array<std::pair<std::string_view, LineFormat>, 4> kFormats{
    {{"json", LineFormat::json}, {"syslog", LineFormat::syslog}, {"web_access", LineFormat::web_access}, {"audit", LineFormat::audit}}};

Response take(const EventParts& parts, const Request& request) {
    const std::string_view given = request.header("Authorization").value_or("");
    const bool bearer = given.size() > 7 && to_lower(given.substr(0, 7)) == "bearer ";
    if (!bearer || !equal_in_constant_time(as_bytes(given.substr(7)), as_bytes(parts.token))) {
        Response refused = problem({Code::denied, "events are sent with the token of this house: Authorization: Bearer …"}, 401);
        refused.headers.set("WWW-Authenticate", "Bearer");
        return refused;
    }
    const std::string name = request.query.value_or("format", "json");
    const auto* format_of = std::ranges::find(kFormats, name, &std::pair<std::string_view, LineFormat>::first);
    if (format_of == kFormats.end()) return problem({Code::invalid, "\"format\" is json, syslog, web_access or audit"});
    const auto taken = parts.intake.take(request.query.value_or("source", "http"), format_of->second, request.body);
    if (!taken) return problem(taken.error());
    return Response::json(json::serialize(json::value{{"received", taken->received}, {"stored", taken->stored}, {"refused", taken->refused}}));
}

}  // namespace

void add_event_routes(http::Router& router, const EventParts& parts) {
    router.add(http::Method::post, "/api/v1/events", [parts](const Request& request) { return take(parts, request); },
               {.body_limit = kMaxBody, .body = http::BodyKind::any, .origins = http::Origins::any});
}

}  // namespace madang::api
