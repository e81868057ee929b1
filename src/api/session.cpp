// Signing in and out, for programs.
#include "api/session.h"

#include <algorithm>

#include "api/problem.h"
#include "base/text.h"
#include "base/time_text.h"

namespace madang::api {
namespace {

using http::Request;
using http::Response;

Response answer(const json::value& value, int status = 200) { return Response::json(json::serialize(value) + "\n", status); }

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
    response.set_cookie({std::string(identity::kSessionCookie), done->token, std::nullopt, http::SameSite::lax});
    return response;
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
    const auto session = changing_session_of(parts, request);
    if (!session) return not_signed_in(session.error());
    const auto done = parts.accounts.sign_out(*request.cookie(identity::kSessionCookie));
    if (!done) return problem(done.error());
    Response response = answer(json::object{{"signed_out", true}});
    response.forget_cookie(identity::kSessionCookie);
    return response;
}

}  // namespace

Result<identity::Session> session_of(const Parts& parts, const Request& request) {
    const auto cookie = request.cookie(identity::kSessionCookie);
    if (!cookie) return fail(Code::denied, "sign in first: POST /api/v1/session");
    TRY(const auto session, parts.accounts.find_session(*cookie));
    if (!session || session->state != identity::SessionState::active) return fail(Code::denied, "the session is over; sign in again");
    return *session;
}

Result<identity::Session> changing_session_of(const Parts& parts, const Request& request) {
    TRY(identity::Session session, session_of(parts, request));
    if (!parts.csrf.check(session.id, request.header("X-CSRF-Token").value_or(""))) {
        return fail(Code::invalid, "the header X-CSRF-Token must carry the session's token");
    }
    return session;
}

Response not_signed_in(const Error& error) {
    return problem(error, error.code == Code::denied ? 401 : error.code == Code::invalid ? 403 : status_of(error.code));
}

Result<std::string> language_of(const Parts& parts, const Request& request) {
    const std::string asked(request.query.value_or("lang", ""));
    if (asked.empty()) return choose_language(request.header("Accept-Language").value_or(""), parts.pack.languages);
    if (std::ranges::find(parts.pack.languages, asked) == parts.pack.languages.end()) return fail(Code::invalid, "\"lang\" is none of the languages of this house");
    return asked;
}

std::expected<identity::AccountId, Response> operator_of(const Parts& parts, const Request& request, Purpose purpose) {
    const auto session = purpose == Purpose::changes ? changing_session_of(parts, request) : session_of(parts, request);
    if (!session) return std::unexpected(not_signed_in(session.error()));
    if (!session->has_role("", "administrator")) return std::unexpected(problem({Code::denied, "this is for administrators of the whole installation"}));
    return session->account;
}

void add_session_routes(http::Router& router, const Parts& parts) {
    using http::BodyKind;
    using http::Method;
    router.add(Method::post, "/api/v1/session", [parts](const Request& request) { return sign_in(parts, request); },
               {.body_limit = 16U << 10, .body = BodyKind::json, .rate_class = "sign_in"});
    router.add(Method::get, "/api/v1/session", [parts](const Request& request) { return who_am_i(parts, request); });
    router.add(Method::post, "/api/v1/session/end", [parts](const Request& request) { return sign_out(parts, request); },
               {.body_limit = 1024, .body = BodyKind::any});
}

}  // namespace madang::api
