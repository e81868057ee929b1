// Applications that are not sent yet, for programs: begun, filled in over days, looked at, sent or thrown away.
#include "api/answers.h"
#include "api/problem.h"
#include "api/session.h"
#include "api/summary.h"
#include "base/text.h"
#include "base/time_text.h"

namespace madang::api {
namespace {

using casework::Draft;
using casework::DraftId;
using http::Request;
using http::Response;

constexpr std::size_t kBodyLimit = 512U << 10;

Result<Draft> draft_of(const Parts& parts, const Request& request, const identity::Session& session) {
    const auto id = DraftId::parse(request.parameter("id"));
    if (!id) return fail(Code::not_found, "there is no such draft");
    return parts.casework.find_draft(session.account, *id);
}

// With what is missing or cannot be read as the answers stand: it can be sent where nothing is.
Result<json::object> told(const Parts& parts, const Draft& draft, const std::string& language) {
    const auto* service = parts.pack.find_service(draft.service);
    if (service == nullptr) return fail(Code::conflict, "the pack has this service no more");
    json::object answers;
    for (const auto& [key, texts] : draft.answers) {
        json::array list;
        for (const std::string& text : texts) list.emplace_back(text);
        answers[key] = std::move(list);
    }
    return json::object{{"id", draft.id.text()}, {"service", draft.service}, {"saved_at", format_instant(draft.updated_at)}, {"changes", text_or_null(draft.amends)},
                        {"answers", std::move(answers)}, {"problems", problems_of(parts.pack, language, form::check(service->form, draft.answers).problems)}};
}

std::string language_in(const Parts& parts, const json::object& object) { return string_or(object, "language", parts.pack.languages.front()); }

Response shown(const Parts& parts, const identity::AccountId& account, const DraftId& id, const std::string& language, int status = 200) {
    const auto draft = parts.casework.find_draft(account, id);
    if (!draft) return problem(draft.error());
    auto object = told(parts, *draft, language);
    if (!object) return problem(object.error());
    Response response = answer(std::move(*object), status);
    if (status == 201) response.headers.set("Location", "/api/v1/drafts/" + id.text());
    return response;
}

Response begin(const Parts& parts, const Request&, const identity::Session& session, const json::object& object) {
    const std::string service = string_or(object, "service", "");
    std::optional<identity::PersonId> whom;
    if (const std::string person = string_or(object, "person", ""); !person.empty()) {
        const auto id = identity::PersonId::parse(person);
        if (!id) return problem(id.error());
        whom = *id;
    }
    const auto applicant = parts.casework.applicant_for(session.account, session.person, whom, service);
    if (!applicant) return problem(applicant.error());
    const std::string language = language_in(parts, object);
    // What the register knows of the applicant stands in it already, as on the page; what is sent goes over it.
    auto answers = parts.casework.prefill(service, *applicant, language);
    if (!answers) return problem(answers.error());
    if (const auto* given = object.if_contains("answers"); given != nullptr) {
        if (!given->is_object()) return problem({Code::invalid, "\"answers\" is an object by the keys of the form"});
        auto read = read_answers(given->get_object());
        if (!read) return problem(read.error());
        for (auto& [key, texts] : *read) (*answers)[key] = std::move(texts);
    }
    const auto made = parts.casework.begin_draft(service, *applicant, *answers);
    return made ? shown(parts, session.account, *made, language, 201) : problem(made.error());
}

// The answers that are named are others now; null takes one away.
Response save(const Parts& parts, const Request& request, const identity::Session& session, const json::object& object) {
    auto draft = draft_of(parts, request, session);
    if (!draft) return problem(draft.error());
    const auto* given = object.if_contains("answers");
    if (given == nullptr || !given->is_object()) return problem({Code::invalid, "\"answers\" is an object by the keys of the form"});
    auto read = read_answers(given->get_object());
    if (!read) return problem(read.error());
    for (auto& [key, texts] : *read) {
        if (texts.empty()) draft->answers.erase(key);
        else draft->answers[key] = std::move(texts);
    }
    if (const auto saved = parts.casework.save_draft(*draft); !saved) return problem(saved.error());
    return shown(parts, session.account, draft->id, language_in(parts, object));
}

// The draft's id makes it safe to send twice: one draft is one application.
Response send(const Parts& parts, const Request& request, const identity::Session& session, const json::object& object) {
    const auto draft = draft_of(parts, request, session);
    if (!draft) {
        const auto sent = parts.casework.sent_with(session.account, request.parameter("id"));
        if (!sent) return problem(sent.error());
        return *sent ? received(**sent) : problem(draft.error());
    }
    if (!draft->amends.empty()) return problem({Code::conflict, format("this draft changes the application {}: send its answers to /api/v1/applications/{}/amend", draft->amends, draft->amends)});
    const auto applicant = parts.casework.applicant_for(session.account, session.person, draft->applicant.person, draft->service);
    if (!applicant) return problem(applicant.error());   // the right to act for another may have ended since
    const casework::Submission submission{.service = draft->service, .applicant = *applicant, .language = language_in(parts, object), .idempotency_key = draft->id.text(),
                                          .answers = draft->answers, .channel = "api", .exemption = string_or(object, "exemption", "")};
    return submitted(parts, submission, draft->id);
}

Response discard(const Parts& parts, const Request& request, const identity::Session& session, const json::object&) {
    const auto draft = draft_of(parts, request, session);
    if (!draft) return problem(draft.error());
    const auto gone = parts.casework.discard_draft(session.account, draft->id);
    return gone ? answer({{"id", draft->id.text()}, {"done", "discarded"}}) : problem(gone.error());
}

Response list(const Parts& parts, const identity::Session& session) {
    const auto ids = parts.casework.drafts_of(session.account);
    if (!ids) return problem(ids.error());
    json::array all;
    for (const DraftId& id : *ids) {
        const auto draft = parts.casework.find_draft(session.account, id);
        if (!draft && draft.error().code == Code::not_found) continue;   // sent in the meantime
        if (!draft) return problem(draft.error());
        all.push_back(json::object{{"id", id.text()}, {"service", draft->service}, {"saved_at", format_instant(draft->updated_at)}, {"changes", text_or_null(draft->amends)}});
    }
    return answer({{"drafts", std::move(all)}});
}

}  // namespace

void add_draft_routes(http::Router& router, const Parts& parts) {
    using http::Method;
    router.add(Method::get, "/api/v1/drafts", [parts](const Request& request) {
        const auto session = session_of(parts, request);
        return session ? list(parts, *session) : not_signed_in(session.error());
    });
    router.add(Method::get, "/api/v1/drafts/{id}", [parts](const Request& request) {
        const auto session = session_of(parts, request);
        if (!session) return not_signed_in(session.error());
        const auto language = language_of(parts, request);
        if (!language) return problem(language.error());
        const auto draft = draft_of(parts, request, *session);
        return draft ? shown(parts, session->account, draft->id, *language) : problem(draft.error());
    });
    using Change = Response (*)(const Parts&, const Request&, const identity::Session&, const json::object&);
    const std::pair<const char*, Change> changes[] = {{"/api/v1/drafts", begin}, {"/api/v1/drafts/{id}", save}, {"/api/v1/drafts/{id}/submit", send}, {"/api/v1/drafts/{id}/discard", discard}};
    for (const auto& [path, change] : changes) {
        const Change made = change;
        router.add(Method::post, path, [parts, made](const Request& request) {
            const auto session = changing_session_of(parts, request);
            if (!session) return not_signed_in(session.error());
            const auto object = object_of(request);
            return object ? made(parts, request, *session, *object) : problem(object.error());
        }, {.body_limit = kBodyLimit, .body = http::BodyKind::json});
    }
}

}  // namespace madang::api
