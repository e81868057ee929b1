// Applications, for programs: submit one, see one's own.
#include <algorithm>

#include "api/answers.h"
#include "api/problem.h"
#include "api/session.h"
#include "api/summary.h"
#include "base/text.h"
#include "base/time_text.h"

namespace madang::api {
namespace {

using http::Request;
using http::Response;

Response submit(const Parts& parts, const Request& request) {
    const auto session = changing_session_of(parts, request);
    if (!session) return not_signed_in(session.error());
    auto sent = sent_of(request);
    if (!sent) return problem(sent.error());
    const json::object* object = &sent->object;
    const auto* given = object->if_contains("answers");
    if (given == nullptr || !given->is_object()) return problem({Code::invalid, "an object with \"service\" and \"answers\" was expected"});
    casework::Submission submission;
    submission.channel = "api";
    submission.service = string_or(*object, "service", "");
    submission.language = string_or(*object, "language", parts.pack.languages.front());
    submission.exemption = string_or(*object, "exemption", "");
    submission.files = std::move(sent->files);
    submission.idempotency_key = request.header("Idempotency-Key").value_or("");
    std::optional<identity::PersonId> whom;
    if (const std::string person = string_or(*object, "person", ""); !person.empty()) {
        const auto id = identity::PersonId::parse(person);
        if (!id) return problem(id.error());
        whom = *id;
    }
    auto applicant = parts.casework.applicant_for(session->account, session->person, whom, submission.service);
    if (!applicant) return problem(applicant.error());
    submission.applicant = std::move(*applicant);
    auto answers = read_answers(given->get_object());
    if (!answers) return problem(answers.error());
    submission.answers = std::move(*answers);
    return submitted(parts, submission, std::nullopt);
}

Response list(const Parts& parts, const Request& request) {
    const auto session = session_of(parts, request);
    if (!session) return not_signed_in(session.error());
    const auto cases = parts.casework.cases_of({session->account, session->person});
    if (!cases) return problem(cases.error());
    json::array all;
    for (const auto& one : *cases) all.push_back(summary_of(one));
    return answer({{"applications", std::move(all)}});
}

Response show(const Parts& parts, const Request& request) {
    const auto session = session_of(parts, request);
    if (!session) return not_signed_in(session.error());
    const auto summary = parts.casework.find_case(request.parameter("receipt"), {session->account, session->person});
    // A receipt that cannot be one is not told from one that is not there.
    if (!summary) return problem(summary.error(), summary.error().code == Code::invalid ? 404 : status_of(summary.error().code));
    return answer(summary_of(*summary));
}

// One step of the applicant in a case of their own.
using Step = Result<json::object> (*)(const Parts&, const casework::CaseSummary&, const identity::AccountId&, const json::object&, const Request&);

Response take_step(const Parts& parts, const Request& request, Step step) {
    const auto session = changing_session_of(parts, request);
    if (!session) return not_signed_in(session.error());
    const auto object = object_of(request);
    if (!object) return problem(object.error());
    const auto summary = parts.casework.find_case(request.parameter("receipt"), {session->account, session->person});
    if (!summary) return problem(summary.error(), summary.error().code == Code::invalid ? 404 : status_of(summary.error().code));
    auto done = step(parts, *summary, session->account, *object, request);
    return done ? answer(std::move(*done)) : problem(done.error());
}

Result<json::object> withdraw(const Parts& parts, const casework::CaseSummary& summary, const identity::AccountId& account, const json::object&, const Request&) {
    TRY_DO(parts.casework.procedures().withdraw(summary, account));
    TRY(const auto now, parts.casework.find_case(summary.receipt, {account, summary.applicant.person}));
    return summary_of(now);
}

json::array versions_json(const casework::CaseSummary& summary, const casework::CaseContent& content) {
    json::array all;
    for (const auto& one : casework::versions_of(summary, content)) {
        json::array changed;
        for (const std::string& key : one.changed) changed.emplace_back(key);
        all.push_back(json::object{{"number", one.number}, {"since", format_instant(one.since)}, {"until", moment_or_null(one.until)}, {"answers", one.answers}, {"sha256", one.sha256}, {"changed", std::move(changed)}});
    }
    return all;
}

// The answers anew, all of them, to the version that the sender saw.
struct GivenAmendment {
    casework::Amendment amendment;
    std::string language;
};
Result<GivenAmendment> amendment_of(const Parts& parts, const json::object& object) {
    const auto* given = object.if_contains("answers");
    const std::int64_t version = integer_or(object, "version", 0);
    if (given == nullptr || !given->is_object() || version < 1 || version > 1000) {
        return fail(Code::invalid, "an object with \"version\", the number of the version that is changed, and all \"answers\" was expected");
    }
    TRY(auto answers, read_answers(given->get_object()));
    return GivenAmendment{{static_cast<int>(version), std::move(answers)}, string_or(object, "language", parts.pack.languages.front())};
}

Response amended(const Parts& parts, const GivenAmendment& given, const Result<casework::AmendmentOutcome>& outcome) {
    if (!outcome) return problem(outcome.error());
    return outcome->now ? answer(summary_of(*outcome->now)) : write_refused(parts.pack, given.language, outcome->problems);
}

// A case of one's own for a step that is no plain JSON.
std::expected<std::pair<casework::CaseSummary, identity::AccountId>, Response> own_case(const Parts& parts, const Request& request) {
    const auto session = changing_session_of(parts, request);
    if (!session) return std::unexpected(not_signed_in(session.error()));
    auto summary = parts.casework.find_case(request.parameter("receipt"), {session->account, session->person});
    if (!summary) return std::unexpected(problem(summary.error(), summary.error().code == Code::invalid ? 404 : status_of(summary.error().code)));
    return std::pair(std::move(*summary), session->account);
}

Response amend(const Parts& parts, const Request& request) {
    const auto session = changing_session_of(parts, request);
    if (!session) return not_signed_in(session.error());
    const auto own = own_case(parts, request);
    if (!own) return own.error();
    const auto object = object_of(request);
    if (!object) return problem(object.error());
    const auto given = amendment_of(parts, *object);
    if (!given) return problem(given.error());
    const auto& [summary, account] = *own;
    // The right to act for another may have ended since the application.
    if (const auto may = parts.casework.applicant_for(account, session->person, summary.applicant.person, summary.service); !may) return problem(may.error());
    return amended(parts, *given, parts.casework.amendments().amend(summary, account, given->amendment));
}

// What was answered in each version, and whether it may be amended once more.
Response versions(const Parts& parts, const Request& request) {
    const auto session = session_of(parts, request);
    if (!session) return not_signed_in(session.error());
    const auto summary = parts.casework.find_case(request.parameter("receipt"), {session->account, session->person});
    if (!summary) return problem(summary.error(), summary.error().code == Code::invalid ? 404 : status_of(summary.error().code));
    return versions_of(parts, *summary, {.who = session->account, .capacity = summary->applicant.capacity, .body = {}, .case_id = summary->id.text(), .legal_ground = summary->applicant.legal_ground});
}

Response appeal(const Parts& parts, const Request& request) {
    const auto own = own_case(parts, request);
    if (!own) return own.error();
    const auto object = object_of(request);
    if (!object) return problem(object.error());
    const auto made = parts.casework.procedures().appeal(own->first, own->second, string_or(*object, "text", ""), request.header("Idempotency-Key").value_or(""));
    if (!made) return problem(made.error());
    Response response = answer({{"receipt", made->receipt}, {"submitted_at", format_instant(made->submitted_at)}, {"due_at", format_instant(made->due_at)}}, 201);
    response.headers.set("Location", "/api/v1/applications/" + made->receipt);
    return response;
}

Response write_message(const Parts& parts, const Request& request) {
    const auto own = own_case(parts, request);
    if (!own) return own.error();
    const auto sent = sent_of(request);
    if (!sent) return problem(sent.error());
    const auto& [summary, account] = *own;
    auto& letters = parts.casework.letters();
    const std::string text = string_or(sent->object, "text", "");
    const auto written = summary.status == casework::Status::awaiting_applicant ? letters.answer_completion(summary, account, text, sent->files) : letters.write_to_body(summary, account, text, sent->files);
    return written ? answer({{"number", written->number}, {"at", format_instant(written->at)}, {"files", files_of(written->files)}}) : problem(written.error());
}

Response messages(const Parts& parts, const Request& request) {
    const auto session = session_of(parts, request);
    if (!session) return not_signed_in(session.error());
    const auto summary = parts.casework.find_case(request.parameter("receipt"), {session->account, session->person});
    if (!summary) return problem(summary.error(), summary.error().code == Code::invalid ? 404 : status_of(summary.error().code));
    const auto found = parts.casework.letters().messages(*summary, {.who = session->account, .capacity = summary->applicant.capacity, .body = {}, .case_id = summary->id.text(),
                                                                    .legal_ground = summary->applicant.legal_ground});
    if (!found) return problem(found.error());
    json::array all;
    for (const auto& one : *found) all.push_back(message_of(one));
    return answer({{"messages", std::move(all)}});
}

// How the due date was found, in the language asked for.
Response term(const Parts& parts, const Request& request) {
    const auto session = session_of(parts, request);
    if (!session) return not_signed_in(session.error());
    const auto summary = parts.casework.find_case(request.parameter("receipt"), {session->account, session->person});
    if (!summary) return problem(summary.error(), summary.error().code == Code::invalid ? 404 : status_of(summary.error().code));
    const auto due = parts.casework.terms().explain(*summary);
    if (!due) return problem(due.error());
    if (!*due) return problem({Code::not_found, "this case has no clock"});
    const auto language = language_of(parts, request);
    if (!language) return problem(language.error());
    json::array steps;
    for (const auto& step : (**due).steps) steps.emplace_back(government::in_words(step, parts.words_in(*language), *language, parts.pack.government));
    const auto extended = parts.casework.terms().extended(*summary);
    if (!extended) return problem(extended.error());
    json::array effects;
    for (const auto& one : (**due).at_end) effects.push_back(json::object{{"effect", government::name_of(one.effect)}, {"article", one.article}});
    return answer({{"due_at", format_instant((**due).at)}, {"suspended", (**due).suspended}, {"provisional", (**due).provisional}, {"promised_at", moment_or_null((**due).promised)}, {"extended", extended->times},
                   {"extensions_allowed", extended->most}, {"effects", std::move(effects)}, {"steps", std::move(steps)}});
}

}  // namespace

Result<form::Answers> answers_of(const json::object& object) { return read_answers(object); }
Response refused(const catalogue::Pack& pack, const std::string& language, const std::vector<form::Problem>& problems) { return write_refused(pack, language, problems); }

Response versions_of(const Parts& parts, const casework::CaseSummary& summary, const identity::Access& access) {
    const auto content = parts.casework.open_content(summary, access);
    if (!content) return problem(content.error());
    const auto possible = parts.casework.amendments().possible(summary);
    if (!possible) return problem(possible.error());
    return answer({{"amendable", possible->times}, {"article", text_or_null(possible->article)}, {"versions", versions_json(summary, *content)}});
}

Response amend_at_counter(const Parts& parts, const casework::CaseSummary& summary, const casework::Officer& helper, const json::object& object) {
    const auto given = amendment_of(parts, object);
    if (!given) return problem(given.error());
    return amended(parts, *given, parts.casework.amendments().amend_at_counter(summary, helper, given->amendment));
}

void add_application_routes(http::Router& router, const Parts& parts) {
    using http::Method;
    router.add(Method::post, "/api/v1/applications/{receipt}/amend", [parts](const Request& request) { return amend(parts, request); }, {.body_limit = 256U << 10, .body = http::BodyKind::json});
    router.add(Method::get, "/api/v1/applications/{receipt}/versions", [parts](const Request& request) { return versions(parts, request); });
    router.add(Method::post, "/api/v1/applications", [parts](const Request& request) { return submit(parts, request); },
               {.body_limit = kMaxSent, .body = http::BodyKind::any});
    router.add(Method::get, "/api/v1/applications", [parts](const Request& request) { return list(parts, request); });
    router.add(Method::get, "/api/v1/applications/{receipt}", [parts](const Request& request) { return show(parts, request); });
    const http::RouteOptions step{.body_limit = 64U << 10, .body = http::BodyKind::json};
    router.add(Method::post, "/api/v1/applications/{receipt}/withdraw", [parts](const Request& request) { return take_step(parts, request, withdraw); }, step);
    router.add(Method::post, "/api/v1/applications/{receipt}/appeal", [parts](const Request& request) { return appeal(parts, request); }, step);
    router.add(Method::post, "/api/v1/applications/{receipt}/messages", [parts](const Request& request) { return write_message(parts, request); },
               {.body_limit = kMaxSent, .body = http::BodyKind::any});
    router.add(Method::get, "/api/v1/applications/{receipt}/messages", [parts](const Request& request) { return messages(parts, request); });
    router.add(Method::get, "/api/v1/applications/{receipt}/term", [parts](const Request& request) { return term(parts, request); });
}

}  // namespace madang::api
