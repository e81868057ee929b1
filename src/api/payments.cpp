// Where a payment provider tells what was paid, and fetches what it has to give back. Both are signed with the shared secret.
#include "api/problem.h"
#include "api/session.h"
#include "api/summary.h"
#include "base/text.h"
#include "base/time_text.h"

namespace madang::api {
namespace {

using http::Request;
using http::Response;

constexpr std::string_view kSignature = "X-Madang-Signature";

Response notice(const Parts& parts, const Request& request) {
    const auto read = parts.casework.provider().read_notice(request.body, request.header(kSignature).value_or(""));
    if (!read) return problem(read.error());
    const auto& provider = parts.casework.provider();
    const auto settled = parts.casework.fees().settle(*read, provider.name(), provider.name());
    return settled ? answer({{"reference", read->reference}, {"settled", true}}) : problem(settled.error());
}

// The body of this request is a notice that asks: {"reference": "refunds", "state": "refunded", …}; its signature shows who asks.
Response refunds(const Parts& parts, const Request& request) {
    const auto read = parts.casework.provider().read_notice(request.body, request.header(kSignature).value_or(""));
    if (!read) return problem(read.error());
    if (read->reference != "refunds") return problem({Code::invalid, "\"reference\" must be \"refunds\""});
    const auto due = parts.casework.fees().refunds_due(parts.casework.provider().name());
    if (!due) return problem(due.error());
    json::array all;
    for (const auto& one : *due) all.push_back(json::object{{"reference", one.reference}, {"amount", one.amount}, {"currency", one.currency}, {"ordered_at", format_instant(one.at)}});
    return answer({{"refunds", std::move(all)}});
}

}  // namespace

void add_payment_routes(http::Router& router, const Parts& parts) {
    using http::Method;
    // The signature says who sends it; the origin says nothing.
    const http::RouteOptions signed_body{.body_limit = 4096, .body = http::BodyKind::json, .origins = http::Origins::any};
    router.add(Method::post, "/api/v1/payments/notices", [parts](const Request& request) { return notice(parts, request); }, signed_body);
    router.add(Method::post, "/api/v1/payments/refunds", [parts](const Request& request) { return refunds(parts, request); }, signed_body);
}

}  // namespace madang::api
