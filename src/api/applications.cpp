// Applications, for programs: submit one, see one's own.
#include "api/problem.h"
#include "api/session.h"
#include "base/text.h"
#include "base/time_text.h"

namespace madang::api {
namespace {

using http::Request;
using http::Response;

constexpr std::size_t kMaxApplication = 256U << 10;

Response answer(const json::value& value, int status = 200) { return Response::json(json::serialize(value) + "\n", status); }

int status_of_session(const Error& error) { return error.code == Code::denied ? 401 : 403; }

// {"town": "Maladziečna", "channels": ["a", "b"], "agreed": true, "rooms": 3} as a person would have typed it.
Result<form::Answers> answers_of(const json::object& object) {
    form::Answers answers;
    for (const auto& member : object) {
        auto& texts = answers[std::string(member.key())];
        const json::value& value = member.value();
        if (value.is_null()) continue;
        if (value.is_object()) return fail(Code::invalid, format("the answer \"{}\" cannot be an object", std::string_view(member.key())));
        const json::array items = value.is_array() ? value.get_array() : json::array{value};
        for (const auto& item : items) {
            if (item.is_bool()) {
                if (item.get_bool()) texts.emplace_back("true");
            } else if (item.is_string() || item.is_number()) {
                texts.push_back(feel::text_of(feel::from_json(item)));
            } else {
                return fail(Code::invalid, format("the answer \"{}\" is nested too deep", std::string_view(member.key())));
            }
        }
    }
    return answers;
}

json::value summary_of(const casework::CaseSummary& summary) {
    return {{"receipt", summary.receipt},
            {"service", summary.service},
            {"body", summary.body},
            {"status", casework::name_of(summary.status)},
            {"submitted_at", format_instant(summary.submitted_at)},
            {"due_at", format_instant(summary.due_at)},
            {"decided_at", summary.decided_at ? json::value(format_instant(*summary.decided_at)) : json::value(nullptr)},
            {"article", summary.article.empty() ? json::value(nullptr) : json::value(summary.article)},
            {"certificate", summary.certificate_code.empty() ? json::value(nullptr) : json::value(summary.certificate_code)}};
}

// Problems of a form as problem details (RFC 9457 clause 3, extension member "problems").
Response refused(const catalogue::Pack& pack, const std::string& language, const std::vector<form::Problem>& problems) {
    const Catalogue& words = pack.words_in(language);
    json::array list;
    for (const form::Problem& one : problems) {
        std::map<std::string, std::string, std::less<>> values(one.values.begin(), one.values.end());
        if (values.contains("label")) values["label"] = words.text(values["label"]);
        list.push_back({{"page", one.page}, {"key", one.key}, {"text", fill_in(words.text(one.message), values)}});
    }
    Response response = Response::json(json::serialize(json::value{{"type", "about:blank"}, {"title", "Unprocessable Content"}, {"status", 422},
                                                                   {"detail", "some answers are missing or cannot be read"}, {"problems", std::move(list)}}) + "\n", 422);
    response.headers.set("Content-Type", "application/problem+json");
    return response;
}

Response submit(const Parts& parts, const Request& request) {
    const auto session = changing_session_of(parts, request);
    if (!session) return problem(session.error(), status_of_session(session.error()));
    const auto value = parse_json(request.body, {.bytes = kMaxApplication, .depth = 8});
    if (!value) return problem(value.error());
    const auto* object = value->if_object();
    const auto* given = object == nullptr ? nullptr : object->if_contains("answers");
    if (given == nullptr || !given->is_object()) return problem({Code::invalid, "an object with \"service\" and \"answers\" was expected"});
    casework::Submission submission;
    submission.service = string_or(*object, "service", "");
    submission.language = string_or(*object, "language", parts.pack.languages.front());
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
    auto answers = answers_of(given->get_object());
    if (!answers) return problem(answers.error());
    submission.answers = std::move(*answers);
    const auto outcome = parts.casework.submit(submission);
    if (!outcome) return problem(outcome.error());
    if (!outcome->receipt) return refused(parts.pack, submission.language, outcome->problems);
    Response response = answer({{"receipt", outcome->receipt->receipt},
                                {"submitted_at", format_instant(outcome->receipt->submitted_at)},
                                {"due_at", format_instant(outcome->receipt->due_at)}}, 201);
    response.headers.set("Location", "/api/v1/applications/" + outcome->receipt->receipt);
    return response;
}

Response list(const Parts& parts, const Request& request) {
    const auto session = session_of(parts, request);
    if (!session) return problem(session.error(), 401);
    const auto cases = parts.casework.cases_of(session->account);
    if (!cases) return problem(cases.error());
    json::array all;
    for (const auto& one : *cases) all.push_back(summary_of(one));
    return answer({{"applications", std::move(all)}});
}

Response show(const Parts& parts, const Request& request) {
    const auto session = session_of(parts, request);
    if (!session) return problem(session.error(), 401);
    const auto summary = parts.casework.find_case(request.parameter("receipt"), session->account);
    // A receipt that cannot be one is not told from one that is not there.
    if (!summary) return problem(summary.error(), summary.error().code == Code::invalid ? 404 : status_of(summary.error().code));
    return answer(summary_of(*summary));
}

}  // namespace

void add_application_routes(http::Router& router, const Parts& parts) {
    using http::Method;
    router.add(Method::post, "/api/v1/applications", [parts](const Request& request) { return submit(parts, request); },
               {.body_limit = kMaxApplication, .body = http::BodyKind::json});
    router.add(Method::get, "/api/v1/applications", [parts](const Request& request) { return list(parts, request); });
    router.add(Method::get, "/api/v1/applications/{receipt}", [parts](const Request& request) { return show(parts, request); });
}

}  // namespace madang::api
