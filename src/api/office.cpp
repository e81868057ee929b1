// Casework for programs of a body: the inbox, the steps of an officer, intake at the counter and of many, the workload.
#include <algorithm>

#include "api/problem.h"
#include "api/session.h"
#include "api/summary.h"
#include "base/text.h"
#include "base/time_text.h"

namespace madang::api {
namespace {

using casework::CaseSummary;
using casework::Officer;
using http::Request;
using http::Response;

constexpr std::size_t kMaxCsv = 20U << 20;


Response inbox(const Parts& parts, const Request& request) {
    const auto officer = officer_reading(parts, request);
    if (!officer) return officer.error();
    casework::CaseFilter filter{.service = request.query.value_or("service", ""), .role = request.query.value_or("role", ""), .receipt = request.query.value_or("receipt", "")};
    if (const auto set = casework::set_state(filter, request.query.value_or("state", "")); !set) return problem(set.error());
    if (request.query.value_or("mine", "") == "true") filter.assignee = officer->account.text();
    filter.overdue = request.query.value_or("overdue", "") == "true";
    const auto first = parse_decimal(request.query.value_or("first", "0"));
    const auto count = parse_decimal(request.query.value_or("count", "500"));
    if (!first || !count || *first > 1'000'000'000 || *count > 500) return problem({Code::invalid, "\"first\" is a place from 0, \"count\" 1 to 500"});
    const auto cases = parts.casework.search(officer->body, filter, static_cast<std::int64_t>(*first), static_cast<std::int64_t>(*count));
    if (!cases) return problem(cases.error());
    const auto absent = parts.casework.desk().stood_in_for(*officer);
    if (!absent) return problem(absent.error());
    json::array all;
    for (const CaseSummary& one : cases->cases) {
        json::object summary = summary_of(one);
        summary["term_used"] = parts.casework.used_up(one);
        summary["assignee"] = one.assignee.empty() ? json::value(nullptr) : json::value(one.assignee);
        summary["acting_for"] = std::ranges::any_of(*absent, [&](const identity::AccountId& id) { return id.text() == one.assignee; }) ? json::value(one.assignee) : json::value(nullptr);
        all.push_back(std::move(summary));
    }
    return answer({{"total", cases->total}, {"first", cases->first}, {"cases", std::move(all)}});
}

using Step = Result<void> (*)(const Parts&, const Officer&, const CaseSummary&, const json::object&);

Result<CaseSummary> then_read(const Parts& parts, const Officer& officer, const CaseSummary& one, const json::object& object, Step step) {
    TRY_DO(step(parts, officer, one, object));
    return parts.casework.find_for_officer(one.receipt, officer);
}

template <class Take>
Response take_step(const Parts& parts, const Request& request, const Take& take) {
    const auto session = changing_session_of(parts, request);
    if (!session) return not_signed_in(session.error());
    const auto officer = officer_of(*session, "officer");
    if (!officer) return problem(officer.error());
    const auto object = object_of(request);
    if (!object) return problem(object.error());
    const auto summary = parts.casework.find_for_officer(request.parameter("receipt"), *officer);
    if (!summary) return problem(summary.error(), summary.error().code == Code::invalid ? 404 : status_of(summary.error().code));
    const Result<CaseSummary> now = take(*officer, *summary, *object);
    return now ? answer(summary_of(*now)) : problem(now.error());
}

Result<void> claim(const Parts& parts, const Officer& officer, const CaseSummary& one, const json::object&) { return parts.casework.desk().claim(one.id, officer); }
Result<void> release(const Parts& parts, const Officer& officer, const CaseSummary& one, const json::object&) { return parts.casework.desk().release(one.id, officer); }
Result<void> confirm(const Parts& parts, const Officer& officer, const CaseSummary& one, const json::object& object) {
    TRY(const std::string seen, string_at(object, "seen", "body"));
    return parts.casework.desk().confirm(one.id, officer, seen);
}

Result<void> delegate(const Parts& parts, const Officer& officer, const CaseSummary& one, const json::object& object) {
    TRY(const std::string name, string_at(object, "to", "body"));
    TRY(const auto account, parts.accounts.find_by_name(name));
    if (!account || account->disabled || !account->has_role(officer.body, "officer")) return fail(Code::not_found, format("\"{}\" is no officer of this body", name));
    return parts.casework.desk().delegate(one.id, officer, account->id);
}
Result<void> give_back(const Parts& parts, const Officer& officer, const CaseSummary& one, const json::object& object) {
    return parts.casework.desk().give_back(one.id, officer, string_or(object, "reason", ""));
}
Result<CaseSummary> decide(const Parts& parts, const Officer& officer, const CaseSummary& one, const json::object& object) {
    const std::string outcome = string_or(object, "outcome", "");
    if (outcome != "grant" && outcome != "refuse") return fail(Code::invalid, "\"outcome\" is \"grant\" or \"refuse\"");
    using Outcome = catalogue::Ground::Outcome;
    return parts.casework.decide(one.id, officer, {outcome == "grant" ? Outcome::grant : Outcome::refuse, string_or(object, "ground", ""), string_or(object, "reason", "")});
}
Result<void> completion(const Parts& parts, const Officer& officer, const CaseSummary& one, const json::object& object) {
    TRY(const auto items, texts_of(object, "items"));
    TRY_DO(parts.casework.letters().request_completion(one.id, officer, items, string_or(object, "text", "")));
    return {};
}
Result<void> consult(const Parts& parts, const Officer& officer, const CaseSummary& one, const json::object& object) {
    TRY(const auto bodies, texts_of(object, "bodies"));
    TRY(const auto term, government::parse_short_term(string_or(object, "term", "5wd")));
    std::vector<casework::FileRef> files;
    if (object.contains("files")) {
        TRY(const auto named, texts_of(object, "files"));
        for (const std::string& text : named) {
            TRY(const auto ref, within(casework::parse_file_ref(text), "\"files\""));
            files.push_back(ref);
        }
    }
    return parts.casework.consultations().ask(one.id, officer, bodies, string_or(object, "question", ""), term, files);
}
Result<void> withdraw_question(const Parts& parts, const Officer& officer, const CaseSummary& one, const json::object& object) {
    const auto number = parse_decimal(string_or(object, "number", ""));
    if (!number || *number > 100'000) return fail(Code::invalid, "\"number\" is the number of the question in the case, as text: \"1\"");
    return parts.casework.consultations().withdraw(one.id, static_cast<std::int64_t>(*number), officer);
}
Result<void> extend(const Parts& parts, const Officer& officer, const CaseSummary& one, const json::object& object) {
    TRY(const auto by, government::parse_short_term(string_or(object, "by", "")));
    return parts.casework.terms().extend(one.id, officer, by, string_or(object, "reason", ""), string_or(object, "article", ""));
}
Result<void> reopen(const Parts& parts, const Officer& officer, const CaseSummary& one, const json::object& object) {
    return parts.casework.procedures().reopen(one.id, officer, string_or(object, "reason", ""), string_or(object, "article", ""));
}
Result<void> merge(const Parts& parts, const Officer& officer, const CaseSummary& one, const json::object& object) {
    TRY(const CaseSummary kept, parts.casework.find_for_officer(string_or(object, "into", ""), officer));
    return parts.casework.procedures().merge(one.id, kept.id, officer);
}
Result<void> decide_appeal(const Parts& parts, const Officer& officer, const CaseSummary& one, const json::object& object) {
    const auto* allowed = object.if_contains("allowed");
    if (allowed == nullptr || !allowed->is_bool()) return fail(Code::invalid, "\"allowed\" is true or false");
    return parts.casework.procedures().decide_appeal(one.id, officer, allowed->get_bool(), string_or(object, "reason", ""));
}
Result<void> pay_at_desk(const Parts& parts, const Officer& officer, const CaseSummary& one, const json::object& object) {
    return parts.casework.fees().pay_at_desk(one.receipt, officer, string_or(object, "cash_receipt", ""));
}
Result<void> pay_out(const Parts& parts, const Officer& officer, const CaseSummary& one, const json::object& object) {
    return parts.casework.fees().pay_out_at_desk(one.receipt, officer, string_or(object, "cash_voucher", ""));
}
Result<void> refuse_exemption(const Parts& parts, const Officer& officer, const CaseSummary& one, const json::object& object) {
    return parts.casework.fees().refuse_exemption(one.id, officer, string_or(object, "reason", ""));
}

Response write_message(const Parts& parts, const Request& request) {
    const auto session = changing_session_of(parts, request);
    if (!session) return not_signed_in(session.error());
    const auto officer = officer_of(*session, "officer");
    if (!officer) return problem(officer.error());
    const auto summary = parts.casework.find_for_officer(request.parameter("receipt"), *officer);
    if (!summary) return problem(summary.error(), summary.error().code == Code::invalid ? 404 : status_of(summary.error().code));
    const auto sent = sent_of(request);
    if (!sent) return problem(sent.error());
    const auto written = parts.casework.letters().write_to_applicant(summary->id, *officer, string_or(sent->object, "text", ""), sent->files);
    return written ? answer({{"number", written->number}, {"at", format_instant(written->at)}, {"files", files_of(written->files)}}) : problem(written.error());
}

// A BPMN message for the process of a case, by whoever administers the body: another system has done its part.
Response tell_process(const Parts& parts, const Request& request) {
    const auto session = changing_session_of(parts, request);
    if (!session) return not_signed_in(session.error());
    const auto administrator = officer_of(*session, "administrator");
    if (!administrator) return problem(administrator.error());
    const auto object = object_of(request);
    if (!object) return problem(object.error());
    const auto* given = object->if_contains("variables");
    if (given != nullptr && !given->is_object()) return problem({Code::invalid, "\"variables\" was expected as an object"});
    const auto told = parts.casework.tell_process(administrator->body, request.parameter("receipt"), string_or(*object, "message", ""), given == nullptr ? json::object() : given->get_object(), administrator->account.text());
    return told ? answer({{"receipt", request.parameter("receipt")}, {"message", string_or(*object, "message", "")}}, 202) : problem(told.error());
}

// An employee at the counter: a helper, or an officer.
std::expected<Officer, Response> helper_of(const Parts& parts, const Request& request) {
    const auto session = changing_session_of(parts, request);
    if (!session) return std::unexpected(not_signed_in(session.error()));
    auto helper = officer_of(*session, "helper");
    if (!helper) helper = officer_of(*session, "officer");
    if (!helper) return std::unexpected(problem(helper.error()));
    return std::move(*helper);
}

Response at_counter(const Parts& parts, const Request& request) {
    const auto helper = helper_of(parts, request);
    if (!helper) return helper.error();
    const auto object = object_of(request);
    if (!object) return problem(object.error());
    const auto* given = object->if_contains("answers");
    if (given == nullptr || !given->is_object()) return problem({Code::invalid, "\"answers\" was expected as an object"});
    auto answers = answers_of(given->get_object());
    if (!answers) return problem(answers.error());
    const std::string language = string_or(*object, "language", parts.pack.languages.front());
    const auto outcome = parts.casework.intake().at_counter({string_or(*object, "service", ""), string_or(*object, "personal_number", ""), language,
                                                             std::string(request.header("Idempotency-Key").value_or("")), string_or(*object, "exemption", ""), std::move(*answers)}, *helper);
    if (!outcome) return problem(outcome.error());
    if (!outcome->receipt) return refused(parts.pack, language, outcome->problems);
    Response response = answer({{"receipt", outcome->receipt->receipt}, {"submitted_at", format_instant(outcome->receipt->submitted_at)}, {"due_at", format_instant(outcome->receipt->due_at)}}, 201);
    response.headers.set("Location", "/api/v1/office/cases/" + outcome->receipt->receipt);
    return response;
}

Response amend(const Parts& parts, const Request& request) {
    const auto helper = helper_of(parts, request);
    if (!helper) return helper.error();
    const auto object = object_of(request);
    if (!object) return problem(object.error());
    const auto summary = parts.casework.find_for_officer(request.parameter("receipt"), *helper);
    if (!summary) return problem(summary.error(), summary.error().code == Code::invalid ? 404 : status_of(summary.error().code));
    return amend_at_counter(parts, *summary, *helper, *object);
}

Response in_bulk(const Parts& parts, const Request& request) {
    const auto helper = helper_of(parts, request);
    if (!helper) return helper.error();
    const auto report = parts.casework.intake().from_csv(request.body, "body", request.query.value_or("service", ""),
                                                         request.query.value_or("lang", parts.pack.languages.front()), *helper);
    if (!report) return problem(report.error());
    json::array rows;
    for (const auto& one : *report) {
        json::array problems;
        for (const auto& text : one.problems) problems.emplace_back(text);
        rows.push_back(json::object{{"line", one.line}, {"receipt", one.receipt.empty() ? json::value(nullptr) : json::value(one.receipt)}, {"problems", std::move(problems)}});
    }
    return answer({{"rows", std::move(rows)}});
}

Response refunds(const Parts& parts, const Request& request) {
    const auto officer = officer_reading(parts, request);
    if (!officer) return officer.error();
    const auto due = parts.casework.fees().refunds_at_desk(officer->body);
    if (!due) return problem(due.error());
    json::array all;
    for (const auto& [summary, payment] : *due) {
        all.push_back(json::object{{"receipt", summary.receipt}, {"amount", payment.amount}, {"currency", payment.currency}, {"ordered_at", format_instant(payment.at)},
                                   {"why", payment.why}, {"article", payment.article}});
    }
    return answer({{"refunds", std::move(all)}});
}

}  // namespace

Result<Officer> officer_of(const identity::Session& session, std::string_view role) {
    const auto body = session.body_as(role);
    if (!body) return fail(Code::denied, format("this account is no {} of a body", role));
    return Officer{session.account, *body, session.staff_person, identity::roles_in(session.roles, *body)};
}

std::expected<Officer, Response> officer_reading(const Parts& parts, const Request& request) {
    const auto session = session_of(parts, request);
    if (!session) return std::unexpected(not_signed_in(session.error()));
    auto officer = officer_of(*session, "officer");
    if (!officer) return std::unexpected(problem(officer.error()));
    return std::move(*officer);
}

std::expected<Officer, Response> head_reading(const Parts& parts, const Request& request) {
    const auto session = session_of(parts, request);
    if (!session) return std::unexpected(not_signed_in(session.error()));
    auto head = officer_of(*session, "head");
    if (!head) return std::unexpected(problem(head.error()));
    return std::move(*head);
}

void add_office_routes(http::Router& router, const Parts& parts) {
    using http::Method;
    router.add(Method::get, "/api/v1/office/cases", [parts](const Request& request) { return inbox(parts, request); });
    router.add(Method::get, "/api/v1/office/refunds", [parts](const Request& request) { return refunds(parts, request); });
    router.add(Method::post, "/api/v1/office/applications", [parts](const Request& request) { return at_counter(parts, request); }, {.body_limit = 256U << 10, .body = http::BodyKind::json});
    router.add(Method::post, "/api/v1/office/cases/{receipt}/amend", [parts](const Request& request) { return amend(parts, request); }, {.body_limit = 256U << 10, .body = http::BodyKind::json});
    router.add(Method::post, "/api/v1/office/applications/bulk", [parts](const Request& request) { return in_bulk(parts, request); }, {.body_limit = kMaxCsv, .body = http::BodyKind::any});
    const std::vector<std::pair<const char*, Step>> steps{{"claim", claim}, {"release", release}, {"delegate", delegate}, {"confirm", confirm}, {"give-back", give_back},
                                                          {"completion", completion}, {"consultations", consult}, {"question-withdrawal", withdraw_question}, {"extend", extend}, {"reopen", reopen},
                                                          {"merge", merge}, {"appeal-decision", decide_appeal}, {"payment", pay_at_desk}, {"refund", pay_out}, {"refuse-exemption", refuse_exemption}};
    for (const auto& [name, step] : steps) {
        const Step taken = step;
        router.add(Method::post, format("/api/v1/office/cases/{{receipt}}/{}", name), [parts, taken](const Request& request) {
            return take_step(parts, request, [&](const Officer& officer, const CaseSummary& one, const json::object& object) { return then_read(parts, officer, one, object, taken); });
        },
                   {.body_limit = 64U << 10, .body = http::BodyKind::json});
    }
    router.add(Method::post, "/api/v1/office/cases/{receipt}/messages", [parts](const Request& request) { return write_message(parts, request); }, {.body_limit = kMaxSent, .body = http::BodyKind::any});
    router.add(Method::post, "/api/v1/office/cases/{receipt}/process-messages", [parts](const Request& request) { return tell_process(parts, request); }, {.body_limit = 128U << 10, .body = http::BodyKind::json});
    router.add(Method::post, "/api/v1/office/cases/{receipt}/decide", [parts](const Request& request) {
        return take_step(parts, request, [&](const Officer& officer, const CaseSummary& one, const json::object& object) { return decide(parts, officer, one, object); });
    }, {.body_limit = 64U << 10, .body = http::BodyKind::json});
}

}  // namespace madang::api
