#include "api/api.h"

#include "api/problem.h"
#include "api/session.h"
#include "api/summary.h"
#include "base/text.h"
#include "base/time_text.h"

namespace madang::api {
namespace {

using http::Method;
using http::Request;
using http::Response;

constexpr std::size_t kMaxDocument = 32U << 20;
constexpr std::string_view kOctets = "application/octet-stream";

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
        json::array exemptions;
        for (const catalogue::Exemption& one : service.exemptions) {
            exemptions.push_back(json::object{{"id", one.id}, {"text", words.text(one.text)}, {"article", words.text(one.article)}});
        }
        list.push_back({{"id", service.id},
                        {"number", service.number},
                        {"name", words.text(service.name)},
                        {"summary", words.text(service.summary)},
                        {"legal_basis", format("{}, {}", words.text(service.act), words.text(service.article))},
                        {"provider", service.provider},
                        {"fee", format("{} {}", service.fee_amount, service.fee_currency)},
                        {"exemptions", std::move(exemptions)},
                        {"you_bring", said(service.citizen_brings)},
                        {"we_ask_for", said(service.body_asks)}});
    }
    return answer({{"language", language}, {"services", std::move(list)}});
}

}  // namespace

const Catalogue& Parts::words_in(std::string_view language) const {
    if (words != nullptr) {
        if (const auto found = words->find(language); found != words->end()) return found->second;
    }
    return pack.words_in(language);
}

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
    add_session_routes(router, parts);
    add_application_routes(router, parts);
    add_draft_routes(router, parts);
    add_case_file_routes(router, parts);
    add_office_routes(router, parts);
    add_task_routes(router, parts);
    add_payment_routes(router, parts);
    add_absence_routes(router, parts);
    add_question_routes(router, parts);
    add_process_routes(router, parts);
    add_calendar_routes(router, parts);
    add_workload_routes(router, parts);
    add_escalation_routes(router, parts);
    add_case_incident_routes(router, parts);
    router.add(Method::get, "/api/v1/services", [parts](const Request& request) { return services(parts.pack, request); });
    router.add(Method::get, "/openapi.json", [](const Request& request) {
        return answer(openapi(format("{}://{}", request.scheme == http::Scheme::https ? "https" : "http", request.host)));
    });
}

}  // namespace madang::api
