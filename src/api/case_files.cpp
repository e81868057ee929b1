// What stands in a case, for its applicant and for the officers of its body: letters, files, the decision, the acts, the term.
#include "api/problem.h"
#include "api/session.h"
#include "api/summary.h"
#include "base/text.h"
#include "base/time_text.h"

namespace madang::api {
namespace {

using casework::CaseSummary;
using http::Request;
using http::Response;

// A case and in what capacity it is read.
struct Reading {
    CaseSummary summary;
    identity::Access access;
};
using Read = std::expected<Reading, Response>;

Response not_there(const Error& error) { return problem(error, error.code == Code::invalid ? 404 : status_of(error.code)); }

Read of_applicant(const Parts& parts, const Request& request) {
    const auto session = session_of(parts, request);
    if (!session) return std::unexpected(problem(session.error(), 401));
    auto summary = parts.casework.find_case(request.parameter("receipt"), {session->account, session->person});
    if (!summary) return std::unexpected(not_there(summary.error()));
    identity::Access access{.who = session->account, .capacity = summary->applicant.capacity, .body = {}, .case_id = summary->id.text(),
                            .legal_ground = summary->applicant.legal_ground};
    return Reading{std::move(*summary), std::move(access)};
}

Read of_officer(const Parts& parts, const Request& request) {
    const auto session = session_of(parts, request);
    if (!session) return std::unexpected(problem(session.error(), 401));
    const auto body = session->body_as("officer");
    if (!body) return std::unexpected(problem({Code::denied, "this account is no officer of a body"}));
    auto summary = parts.casework.find_for_officer(request.parameter("receipt"), {session->account, *body, session->staff_person});
    if (!summary) return std::unexpected(not_there(summary.error()));
    const auto* service = parts.pack.find_service(summary->service);
    identity::Access access{.who = session->account, .capacity = "officer", .body = *body, .case_id = summary->id.text(),
                            .legal_ground = service == nullptr ? summary->applicant.legal_ground : service->legal_ground()};
    return Reading{std::move(*summary), std::move(access)};
}

Response letter(const Parts& parts, const Reading& one, const Request&) {
    const auto found = parts.casework.decisions().find(one.summary, one.access);
    if (!found) return problem(found.error());
    if (!*found) return problem({Code::not_found, "this case has no letter of a decision"});
    return answer({{"sha256", (**found).sha256},
                   {"pdf_sha256", (**found).pdf_sha256.empty() ? json::value(nullptr) : json::value((**found).pdf_sha256)},
                   {"letter", casework::to_json((**found).letter)}});
}

Response letter_file(const Parts& parts, const Reading& one, bool signature) {
    const auto paper = parts.casework.decisions().open_signed(one.summary, one.access);
    if (!paper) return problem(paper.error());
    const std::string name = format("decision-{}.pdf", one.summary.receipt);
    return signature ? Response::download(std::string(as_text(paper->signature)), "application/pkcs7-signature", name + ".p7s")
                     : Response::download(std::string(as_text(paper->pdf)), "application/pdf", name);
}
Response letter_pdf(const Parts& parts, const Reading& one, const Request&) { return letter_file(parts, one, false); }
Response letter_signature(const Parts& parts, const Reading& one, const Request&) { return letter_file(parts, one, true); }

Response history(const Parts& parts, const Reading& one, const Request&) {
    auto proved = parts.casework.provable_history(one.summary);
    return proved ? Response::bytes(std::move(*proved), "application/json") : problem(proved.error());
}

Response messages(const Parts& parts, const Reading& one, const Request&) {
    const auto found = parts.casework.letters().messages(one.summary, one.access);
    if (!found) return problem(found.error());
    json::array all;
    for (const auto& message : *found) {
        json::array items;
        for (const auto& item : message.items) items.emplace_back(item);
        json::array files;
        for (const auto& file : message.files) files.push_back(json::object{{"name", file.name}, {"media_type", file.media_type}, {"sha256", file.sha256}, {"size", file.size}});
        all.push_back(json::object{{"number", message.number}, {"at", format_instant(message.at)}, {"side", casework::name_of(message.side)}, {"kind", casework::name_of(message.kind)},
                                   {"text", message.text}, {"items", std::move(items)}, {"files", std::move(files)}});
    }
    return answer({{"messages", std::move(all)}});
}

Response file(const Parts& parts, const Reading& one, const Request& request) {
    const auto number = parse_decimal(request.parameter("number"));
    const auto place = parse_decimal(request.parameter("place"));
    if (!number || !place || *number > 1'000'000 || *place > casework::kMaxFilesOfMessage) return problem({Code::not_found, "there is no such file"});
    const auto found = parts.casework.letters().file(one.summary, static_cast<std::int64_t>(*number), *place, one.access);
    return found ? Response::download(std::string(as_text(found->bytes)), found->about.media_type, found->about.name) : problem(found.error());
}

// The officer's case: what the register and the rule found, too.
Response office_case(const Parts& parts, const Reading& one, const Request&) {
    const auto content = parts.casework.open_content(one.summary, one.access);
    if (!content) return problem(content.error());
    json::object object = summary_of(one.summary);
    object["channel"] = one.summary.channel;
    object["assignee"] = one.summary.assignee.empty() ? json::value(nullptr) : json::value(one.summary.assignee);
    object["answers"] = content->answers;
    object["facts"] = content->facts;
    object["outcome"] = content->outcome;
    object["trace"] = content->trace;
    object["reason"] = content->reason;
    return answer(object);
}

Response duplicates(const Parts& parts, const Reading& one, const Request&) {
    const auto found = parts.casework.procedures().duplicates_of(one.summary);
    if (!found) return problem(found.error());
    json::array all;
    for (const CaseSummary& other : *found) all.push_back(summary_of(other));
    return answer({{"cases", std::move(all)}});
}

using Show = Response (*)(const Parts&, const Reading&, const Request&);

}  // namespace

void add_case_file_routes(http::Router& router, const Parts& parts) {
    using Who = Read (*)(const Parts&, const Request&);
    const auto add = [&](const std::string& path, Who who, Show show) {
        router.add(http::Method::get, path, [parts, who, show](const Request& request) {
            const Read one = who(parts, request);
            return one ? show(parts, *one, request) : one.error();
        });
    };
    const std::pair<std::string, Who> sides[] = {{"/api/v1/applications/{receipt}", of_applicant}, {"/api/v1/office/cases/{receipt}", of_officer}};
    for (const auto& [base, who] : sides) {
        add(base + "/letter", who, letter);
        add(base + "/letter.pdf", who, letter_pdf);
        add(base + "/letter.p7s", who, letter_signature);
        add(base + "/history", who, history);
        add(base + "/files/{number}/{place}", who, file);
    }
    add("/api/v1/office/cases/{receipt}", of_officer, office_case);
    add("/api/v1/office/cases/{receipt}/messages", of_officer, messages);
    add("/api/v1/office/cases/{receipt}/duplicates", of_officer, duplicates);
}

}  // namespace madang::api
