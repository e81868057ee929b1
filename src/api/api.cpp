#include "api/api.h"

#include "api/problem.h"
#include "base/text.h"
#include "base/time_text.h"

namespace madang::api {
namespace {

using http::Method;
using http::Request;
using http::Response;

constexpr std::size_t kMaxDocument = 32U << 20;
constexpr std::string_view kOctets = "application/octet-stream";

Response answer(const json::value& value, int status = 200) { return Response::json(json::serialize(value) + "\n", status); }

// Tiles never change under their name; the checkpoint does.
Response tile(ledger::Ledger& ledger, const Request& request) {
    auto found = ledger.tile("tile/" + request.parameter("path"));
    if (!found) return problem(found.error());
    Response response = Response::bytes(std::move(*found), kOctets);
    response.headers.set("Cache-Control", "public, max-age=31536000, immutable");
    return response;
}

json::value facts_of(const documents::PublicFacts& facts) {
    json::object title(json::object{});
    for (const auto& [language, text] : facts.title) title[language] = text;
    json::object body(json::object{});
    for (const auto& [language, text] : facts.issuing_body) body[language] = text;
    return {{"code", facts.code},
            {"number", facts.number},
            {"service", facts.service},
            {"title", std::move(title)},
            {"issuing_body", std::move(body)},
            {"issued_on", format_date(facts.issued_on)},
            {"valid_until", facts.valid_until ? json::value(format_date(*facts.valid_until)) : json::value(nullptr)},
            {"revoked_on", facts.revoked_on ? json::value(format_date(*facts.revoked_on)) : json::value(nullptr)}};
}

std::string_view name_of(documents::CheckResult result) {
    switch (result) {
        case documents::CheckResult::ok: return "ok";
        case documents::CheckResult::failed: return "failed";
        case documents::CheckResult::not_done: return "not_done";
    }
    return "not_done";
}

Response verdict(const Result<documents::Verdict>& found) {
    if (!found) return problem(found.error());
    json::array checks;
    for (const auto& check : found->checks) {
        checks.push_back({{"id", check.id}, {"result", name_of(check.result)}, {"text", check.text}, {"found", check.found}});
    }
    return answer({{"standing", documents::name_of(found->standing)},
                   {"issuer", found->issuer},
                   {"certificate", found->facts ? facts_of(*found->facts) : json::value(nullptr)},
                   {"checks", std::move(checks)}});
}

Response sign_in(const Parts& parts, const Request& request) {
    const auto value = parse_json(request.body, {.bytes = 16U << 10, .depth = 4});
    if (!value) return problem(value.error());
    if (!value->is_object()) return problem({Code::invalid, "an object with name and password was expected"});
    const json::object& object = value->get_object();
    const auto done = parts.accounts.sign_in({string_or(object, "name", ""), string_or(object, "password", ""),
                                              string_or(object, "code", ""), request.client});
    if (!done) return problem(done.error());
    using Outcome = identity::SignIn::Outcome;
    if (done->outcome == Outcome::slowed_down) {
        Response response = problem({Code::exhausted, "too many tries; wait before the next one"}, 429);
        response.headers.set("Retry-After", std::to_string(done->retry_after.count()));
        return response;
    }
    if (done->outcome != Outcome::signed_in) {
        // An enrolment needs a screen: a program cannot do it.
        return problem({Code::denied, done->outcome == Outcome::refused ? "the name, the password or the code is wrong"
                                                                        : "a one-time code is needed: send it as \"code\""}, 401);
    }
    Response response = answer({{"account", done->session.account.text()}, {"csrf_token", parts.csrf.make(done->session.id)}});
    response.set_cookie({std::string(kSessionCookie), done->token, std::nullopt, http::SameSite::lax});
    return response;
}

// The session that the cookie opens, if it is signed in to the end.
Result<identity::Session> session_of(const Parts& parts, const Request& request) {
    const auto cookie = request.cookie(kSessionCookie);
    if (!cookie) return fail(Code::denied, "sign in first: POST /api/v1/session");
    TRY(const auto session, parts.accounts.find_session(*cookie));
    if (!session || session->state != identity::SessionState::active) return fail(Code::denied, "the session is over; sign in again");
    return *session;
}

Response who_am_i(const Parts& parts, const Request& request) {
    const auto session = session_of(parts, request);
    if (!session) return problem(session.error(), 401);
    json::array roles;
    for (const auto& role : session->roles) roles.push_back({{"body", role.body}, {"role", role.role}});
    return answer({{"account", session->account.text()},
                   {"roles", std::move(roles)},
                   {"expires_at", format_instant(session->expires_at)},
                   {"csrf_token", parts.csrf.make(session->id)}});
}

Response sign_out(const Parts& parts, const Request& request) {
    const auto session = session_of(parts, request);
    if (!session) return problem(session.error(), 401);
    if (!parts.csrf.check(session->id, request.header("X-CSRF-Token").value_or(""))) {
        return problem({Code::denied, "the header X-CSRF-Token must carry the session's token"}, 403);
    }
    const auto done = parts.accounts.sign_out(*request.cookie(kSessionCookie));
    if (!done) return problem(done.error());
    Response response = answer(json::object{{"signed_out", true}});
    response.forget_cookie(kSessionCookie);
    return response;
}

Response services(const catalogue::Pack& pack, const Request& request) {
    const std::string language = choose_language(request.query.value_or("lang", request.header("Accept-Language").value_or("")), pack.languages);
    const Catalogue& words = pack.words.at(language);
    const auto said = [&](const std::vector<std::string>& sources) {
        json::array list;
        for (const std::string& source : sources) list.emplace_back(words.text(source));
        return list;
    };
    json::array list;
    for (const catalogue::Service& service : pack.services) {
        list.push_back({{"id", service.id},
                        {"number", service.number},
                        {"name", words.text(service.name)},
                        {"summary", words.text(service.summary)},
                        {"legal_basis", format("{}, {}", words.text(service.act), service.article)},
                        {"provider", service.provider},
                        {"fee", format("{} {}", service.fee_amount, service.fee_currency)},
                        {"you_bring", said(service.citizen_brings)},
                        {"we_ask_for", said(service.body_asks)}});
    }
    return answer({{"language", language}, {"services", std::move(list)}});
}

}  // namespace

void add_routes(http::Router& router, const Parts& parts) {
    using http::BodyKind;
    using http::Origins;
    router.add(Method::get, "/ledger/checkpoint", [parts](const Request&) {
        auto note = parts.ledger.checkpoint();
        if (!note) return problem(note.error());
        Response response = Response::text(std::move(*note));
        response.headers.set("Cache-Control", "no-cache");
        return response;
    });
    router.add(Method::get, "/ledger/tile/{path...}", [parts](const Request& request) { return tile(parts.ledger, request); });
    router.add(Method::get, "/trust.json", [parts](const Request&) { return Response::json(documents::format_trust(parts.certificates.trust())); });
    router.add(Method::get, "/revocations.txt", [parts](const Request&) {
        auto list = parts.certificates.revocation_list();
        return list ? Response::text(std::move(*list)) : problem(list.error());
    });
    router.add(Method::get, "/api/v1/certificates/{code}",
               [parts](const Request& request) { return verdict(parts.certificates.verify_code(request.parameter("code"))); },
               {.rate_class = "verify"});
    router.add(Method::post, "/api/v1/verify",
               [parts](const Request& request) { return verdict(parts.certificates.verify_bytes(as_bytes(request.body))); },
               {.body_limit = kMaxDocument, .body = BodyKind::any, .origins = Origins::any, .rate_class = "verify"});
    router.add(Method::post, "/api/v1/session", [parts](const Request& request) { return sign_in(parts, request); },
               {.body_limit = 16U << 10, .body = BodyKind::json, .rate_class = "sign_in"});
    router.add(Method::get, "/api/v1/session", [parts](const Request& request) { return who_am_i(parts, request); });
    router.add(Method::post, "/api/v1/session/end", [parts](const Request& request) { return sign_out(parts, request); },
               {.body_limit = 1024, .body = BodyKind::any});
    router.add(Method::get, "/api/v1/services", [parts](const Request& request) { return services(parts.pack, request); });
    router.add(Method::get, "/openapi.json", [](const Request& request) {
        return answer(openapi(format("{}://{}", request.scheme == http::Scheme::https ? "https" : "http", request.host)));
    });
}

}  // namespace madang::api
