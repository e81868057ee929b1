// Who of a body is away and who works in their stead: an officer enters their own absence, an administrator of the body
// anybody's.
#include "api/problem.h"
#include "api/session.h"
#include "api/summary.h"
#include "base/text.h"
#include "base/time_text.h"

namespace madang::api {
namespace {

using casework::AbsenceBy;
using http::Request;
using http::Response;

struct Seat {
    std::string body;
    AbsenceBy by;
};

Result<Seat> seat_of(const identity::Session& session) {
    if (const auto body = session.body_as("officer")) {
        return Seat{*body, {session.account, session.has_role(*body, "head") || session.has_role(*body, "administrator") ? AbsenceBy::Capacity::head : AbsenceBy::Capacity::officer}};
    }
    auto headed = session.body_as("head");
    if (!headed) headed = session.body_as("administrator");
    if (!headed || headed->empty()) return fail(Code::denied, "this account is no officer, head or administrator of a body");
    return Seat{*headed, {session.account, AbsenceBy::Capacity::head}};
}

// An officer of the body by sign-in name; the one who asks where none is named.
Result<identity::AccountId> officer_at(const Parts& parts, const Seat& seat, const json::object& object, std::string_view key) {
    const std::string name = string_or(object, key, "");
    if (name.empty() && key == "who") return seat.by.account;
    TRY(const auto account, parts.accounts.find_by_name(name));
    if (!account || account->disabled || !account->has_role(seat.body, "officer")) return fail(Code::not_found, format("\"{}\" is no officer of this body", name));
    return account->id;
}

Result<Instant> day_at(const Parts& parts, const json::object& object, std::string_view key, int days_later) {
    TRY(const Date day, within(parse_date(string_or(object, key, "")), format("\"{}\"", key)));
    return parts.pack.government.time_zone().instant(Date(std::chrono::sys_days(day) + std::chrono::days(days_later)), std::chrono::minutes(0));
}

Response list(const Parts& parts, const Request& request) {
    const auto session = session_of(parts, request);
    if (!session) return not_signed_in(session.error());
    const auto seat = seat_of(*session);
    if (!seat) return problem(seat.error());
    const auto absences = parts.casework.desk().absences(seat->body);
    if (!absences) return problem(absences.error());
    json::array all;
    for (const auto& one : *absences) {
        all.push_back(json::object{{"account", one.account.text()}, {"substitute", one.substitute.text()}, {"from", format_instant(one.from)}, {"until", format_instant(one.until)}});
    }
    return answer({{"absences", std::move(all)}});
}

Result<json::object> enter(const Parts& parts, const Seat& seat, const json::object& object) {
    casework::Absence absence;
    TRY(absence.account, officer_at(parts, seat, object, "who"));
    TRY(absence.substitute, officer_at(parts, seat, object, "substitute"));
    TRY(absence.from, day_at(parts, object, "from", 0));
    TRY(absence.until, day_at(parts, object, "until", 1));
    TRY_DO(parts.casework.desk().set_absence(seat.body, absence, seat.by));
    return json::object{{"account", absence.account.text()}, {"substitute", absence.substitute.text()}, {"from", format_instant(absence.from)}, {"until", format_instant(absence.until)}};
}

Result<json::object> end(const Parts& parts, const Seat& seat, const json::object& object) {
    TRY(const auto who, officer_at(parts, seat, object, "who"));
    TRY(const Instant from, day_at(parts, object, "from", 0));
    TRY_DO(parts.casework.desk().end_absence(seat.body, who, from, seat.by));
    return json::object{{"account", who.text()}, {"from", format_instant(from)}, {"ended", true}};
}

using Change = Result<json::object> (*)(const Parts&, const Seat&, const json::object&);

Response change(const Parts& parts, const Request& request, Change made) {
    const auto session = changing_session_of(parts, request);
    if (!session) return not_signed_in(session.error());
    const auto seat = seat_of(*session);
    if (!seat) return problem(seat.error());
    const auto object = object_of(request);
    if (!object) return problem(object.error());
    auto done = made(parts, *seat, *object);
    return done ? answer(std::move(*done)) : problem(done.error());
}

}  // namespace

void add_absence_routes(http::Router& router, const Parts& parts) {
    using http::Method;
    const http::RouteOptions small{.body_limit = 16U << 10, .body = http::BodyKind::json};
    router.add(Method::get, "/api/v1/office/absences", [parts](const Request& request) { return list(parts, request); });
    router.add(Method::post, "/api/v1/office/absences", [parts](const Request& request) { return change(parts, request, enter); }, small);
    router.add(Method::post, "/api/v1/office/absences/end", [parts](const Request& request) { return change(parts, request, end); }, small);
}

}  // namespace madang::api
