// Questions of other bodies to one's own, and those of a case to others.
#include "api/problem.h"
#include "api/session.h"
#include "api/summary.h"
#include "base/text.h"
#include "base/time_text.h"

namespace madang::api {
namespace {

using casework::Consultation;
using http::Request;
using http::Response;

json::object question_of(const Consultation& one) {
    json::object object{{"body", one.body},
                        {"case", one.case_id.text()},
                        {"number", one.number},
                        {"asked_body", one.asked_body},
                        {"asked_at", format_instant(one.asked_at)},
                        {"due_at", format_instant(one.due_at)},
                        {"closed_at", moment_or_null(one.closed_at)},
                        {"question", one.question},
                        {"answer", text_or_null(one.answer)},
                        {"position", text_or_null(one.position)}};
    json::array files;
    for (const auto& file : one.files) {
        files.push_back(json::object{{"message", file.ref.message}, {"place", file.ref.place}, {"name", file.about.name}, {"media_type", file.about.media_type}, {"sha256", file.about.sha256}, {"size", file.about.size}});
    }
    object["files"] = std::move(files);
    if (!one.receipt.empty()) object["receipt"] = one.receipt;
    if (!one.service.empty()) object["service"] = one.service;
    return object;
}

json::array questions_of(const std::vector<Consultation>& all) {
    json::array list;
    for (const Consultation& one : all) list.push_back(question_of(one));
    return list;
}

Response asked(const Parts& parts, const Request& request) {
    const auto officer = officer_reading(parts, request);
    if (!officer) return officer.error();
    const auto total = parts.casework.consultations().asked_of(officer->body);
    if (!total) return problem(total.error());
    const auto found = parts.casework.consultations().inbox(*officer);
    if (!found) return problem(found.error());
    return answer({{"total", *total}, {"questions", questions_of(*found)}});
}

Response of_case(const Parts& parts, const Request& request) {
    const auto officer = officer_reading(parts, request);
    if (!officer) return officer.error();
    const auto summary = parts.casework.find_for_officer(request.parameter("receipt"), *officer);
    if (!summary) return problem(summary.error(), summary.error().code == Code::invalid ? 404 : status_of(summary.error().code));
    const auto* service = parts.pack.find_service(summary->service);
    const identity::Access access{.who = officer->account, .capacity = "officer", .body = officer->body, .case_id = summary->id.text(),
                                  .legal_ground = service == nullptr ? summary->applicant.legal_ground : service->legal_ground()};
    const auto found = parts.casework.consultations().of_case(*summary, access);
    return found ? answer({{"questions", questions_of(*found)}}) : problem(found.error());
}

// A file that came with a question, for the body that is asked.
Response shared_file(const Parts& parts, const Request& request) {
    const auto officer = officer_reading(parts, request);
    if (!officer) return officer.error();
    const auto id = casework::CaseId::parse(request.parameter("case"));
    const auto number = parse_decimal(request.parameter("number"));
    const auto ref = casework::parse_file_ref(request.parameter("message") + "/" + request.parameter("place"));
    if (!id || !number || *number > 1'000'000 || !ref) return problem({Code::not_found, "there is no such file"});
    const auto found = parts.casework.consultations().file(request.parameter("body"), *id, static_cast<std::int64_t>(*number), *ref, *officer);
    return found ? Response::download(std::string(as_text(found->bytes)), found->about.media_type, found->about.name) : problem(found.error());
}

Response give_answer(const Parts& parts, const Request& request) {
    const auto session = changing_session_of(parts, request);
    if (!session) return not_signed_in(session.error());
    const auto officer = officer_of(*session, "officer");
    if (!officer) return problem(officer.error());
    const auto object = object_of(request);
    if (!object) return problem(object.error());
    const auto id = casework::CaseId::parse(request.parameter("case"));
    const auto number = parse_decimal(request.parameter("number"));
    if (!id || !number || *number > 1'000'000) return problem({Code::not_found, "there is no such question"});
    const std::string position = string_or(*object, "position", "");
    const auto done = parts.casework.consultations().answer(request.parameter("body"), *id, static_cast<std::int64_t>(*number), *officer, position, string_or(*object, "text", ""));
    if (!done) return problem(done.error());
    return answer({{"body", request.parameter("body")}, {"case", id->text()}, {"number", *number}, {"position", position}});
}

}  // namespace

void add_question_routes(http::Router& router, const Parts& parts) {
    using http::Method;
    router.add(Method::get, "/api/v1/office/questions", [parts](const Request& request) { return asked(parts, request); });
    router.add(Method::get, "/api/v1/office/questions/{body}/{case}/{number}/files/{message}/{place}", [parts](const Request& request) { return shared_file(parts, request); });
    router.add(Method::get, "/api/v1/office/cases/{receipt}/consultations", [parts](const Request& request) { return of_case(parts, request); });
    router.add(Method::post, "/api/v1/office/questions/{body}/{case}/{number}", [parts](const Request& request) { return give_answer(parts, request); },
               {.body_limit = 64U << 10, .body = http::BodyKind::json});
}

}  // namespace madang::api
