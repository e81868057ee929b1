#include "api/events.h"

#include <algorithm>
#include <optional>

#include "api/problem.h"
#include "base/bytes.h"
#include "base/json.h"
#include "base/text.h"
#include "security/finding.h"
#include "security/source_origins.h"

namespace madang::api {
namespace {

using http::Request;
using http::Response;

constexpr std::size_t kMaxBody = 16U << 20;

constexpr std::size_t kFindingsAtOnce = 1000;     // about: whole blocks are answered
constexpr std::size_t kAnswerBytes = 8U << 20;    // about, likewise
constexpr std::size_t kFieldBytes = 16384;        // of one text; what is longer ends with an ellipsis
constexpr JsonLimits kFindingRead{.bytes = 16U << 20};

// RFC 6750: nothing where the token is the right one.
std::optional<Response> refused_without(std::string_view token, const Request& request, std::string_view reason) {
    const std::string_view given = request.header("Authorization").value_or("");
    const bool bearer = given.size() > 7 && to_lower(given.substr(0, 7)) == "bearer ";
    if (bearer && equal_in_constant_time(as_bytes(given.substr(7)), as_bytes(token))) return std::nullopt;
    Response refused = problem({Code::denied, std::string(reason)}, 401);
    refused.headers.set("WWW-Authenticate", "Bearer");
    return refused;
}

// Texts that are longer than an answer has room for, cut between characters.
void shorten(json::value& value) {
    if (auto* text = value.if_string()) {
        if (text->size() <= kFieldBytes) return;
        std::size_t end = kFieldBytes;
        while (end > 0 && (static_cast<unsigned char>((*text)[end]) & 0xC0U) == 0x80U) --end;
        *text = std::string(std::string_view(*text).substr(0, end)) + "…";
    } else if (auto* list = value.if_array()) {
        for (json::value& one : *list) shorten(one);
    } else if (auto* object = value.if_object()) {
        for (auto& [name, one] : *object) shorten(one);
    }
}

Response find(const FindingParts& parts, const Request& request) {
    if (auto refused = refused_without(parts.token, request, "detections are read with their own token: Authorization: Bearer …")) return std::move(*refused);
    const auto after = security::parse_place(request.query.value_or("after", "0:0"));
    if (!after) return problem({Code::invalid, "\"after\" is what an answer calls \"next\""});
    const auto least = security::parse_level(request.query.value_or("level", "none"));
    if (!least) return problem(least.error());
    json::array found;
    std::uint64_t bytes = 0;
    std::uint64_t unreadable = 0;
    security::SpoolPlace at = *after;
    while (found.size() < kFindingsAtOnce && bytes < kAnswerBytes) {
        const auto next = parts.findings.read_behind(at, [&](const security::SpoolRecord& record, security::SpoolPlace, std::uint32_t) {
            auto one = parse_json(record.line, kFindingRead);
            if (!one || !one->is_object()) {
                ++unreadable;
                return;
            }
            const auto* level = one->as_object().if_contains("level");
            const auto of = level != nullptr && level->is_string() ? security::parse_level(std::string_view(level->as_string())) : security::SigmaLevel::none;
            if (of.value_or(security::SigmaLevel::none) < *least) return;
            shorten(*one);
            bytes += std::min(record.line.size(), kFindingRead.bytes);
            found.push_back(std::move(*one));
        });
        if (!next) return problem(next.error());
        if (!*next) break;
        at = **next;
    }
    return Response::json(json::serialize(json::value{{"detections", std::move(found)}, {"next", security::to_text(at)}, {"unreadable", unreadable}}));
}

Response take(const EventParts& parts, const Request& request) {
    if (auto refused = refused_without(parts.token, request, "events are sent with the token of this house: Authorization: Bearer …")) return std::move(*refused);
    const auto format_of = security::parse_line_format(request.query.value_or("format", "json"));
    if (!format_of) return problem(format_of.error());
    security::LogOrigin origin;
    const std::string stated = format("{}/{}/{}", request.query.value_or("category", ""), request.query.value_or("product", ""), request.query.value_or("service", ""));
    if (stated != "//") {
        const auto parsed = security::parse_origin(stated);
        if (!parsed) return problem(parsed.error());
        origin = *parsed;
    }
    security::RefusedLines refused;
    const auto taken = parts.intake.take_whole(security::source_with(request.query.value_or("source", "http"), origin), *format_of, request.body, refused);
    if (!taken) return problem(taken.error());
    json::array lines;
    for (const std::string& line : refused.first) lines.emplace_back(line);
    return Response::json(json::serialize(json::value{{"received", taken->received}, {"stored", taken->stored}, {"refused", taken->refused},
                                                      {"refused_lines", std::move(lines)}, {"more_refused_lines", refused.more}}));
}

}  // namespace

void add_finding_routes(http::Router& router, const FindingParts& parts) {
    router.add(http::Method::get, "/api/v1/detections", [parts](const Request& request) { return find(parts, request); });
}

void add_event_routes(http::Router& router, const EventParts& parts) {
    router.add(http::Method::post, "/api/v1/events", [parts](const Request& request) { return take(parts, request); },
               {.body_limit = kMaxBody, .body = http::BodyKind::any, .origins = http::Origins::any});
}

}  // namespace madang::api
