// A citizen's applications: the list, one case from receipt to certificate, the downloads.
#include <array>

#include "portal/detail/access.h"
#include "portal/detail/correspondence.h"

namespace madang::portal {

std::string act_text(const Visit& visit, const ledger::Act& act) {
    // Source texts by the kind of the act.
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 49> kTexts{{
        {"application.submitted", "Application received"},
        {"application.sent_to_officer", "Sent to an officer"},
        {"application.amended", "Changed by you"},
        {"application.withdrawn", "Withdrawn by you"},
        {"residence.entered", "Place of residence entered in the population register"},
        {"certificate.issued", "Certificate issued"},
        {"certificate.revoked", "Certificate revoked"},
        {"work.retried", "An operator had work on the case tried again"},
        {"work.skipped", "An operator left work on the case out"},
        {"process.repaired", "The procedure was helped on"},
        {"process.told", "News from another system came to the procedure"},
        {"term.started", "The term began"},
        {"term.suspended", "The clock stands"},
        {"term.resumed", "The clock goes on"},
        {"term.extended", "The term was extended"},
        {"term.restarted", "The term runs anew"},
        {"term.recomputed", "New days off moved the date"},
        {"term.stopped", "The clock stopped"},
        {"term.ended", "The term ended without an answer"},
        {"completion.requested", "A letter names what is missing"},
        {"completion.unanswered", "The time for your answer is over"},
        {"completion.supplied", "You supplied what was missing"},
        {"message.sent", "A message to you"},
        {"message.received", "Your message received"},
        {"consultation.asked", "Another body was asked"},
        {"consultation.unanswered", "The other body did not answer in time"},
        {"consultation.withdrawn", "The other body need not answer any more"},
        {"consultation.answered", "The other body answered"},
        {"case.claimed", "An officer took the case"},
        {"case.released", "The officer gave the case back"},
        {"case.delegated", "The case was given to another officer"},
        {"task.claimed", "An officer took a task"},
        {"task.released", "An officer gave a task back"},
        {"task.completed", "A task of the procedure was done"},
        {"case.packaged", "The closed case was packed for an archive"},
        {"case.merged", "Joined with another case"},
        {"case.reopened", "The case was opened again"},
        {"decision.proposed", "A decision was proposed"},
        {"decision.confirmed", "A second officer confirmed the decision"},
        {"decision.given_back", "A second officer gave the decision back"},
        {"decision.appealed", "You appealed"},
        {"fee.charged", "A fee is to be paid"},
        {"fee.exempted", "No fee is owed"},
        {"fee.paid", "The fee was paid"},
        {"fee.refund_ordered", "The fee is given back"},
        {"fee.refunded", "The fee was given back"},
        {"fee.exemption_refused", "The exemption from the fee was refused"},
        {"fee.unpaid", "The case ended, since the fee was not paid"},
        {"fee.refund_cancelled", "The fee is not given back after all"},
    }};
    if (act.kind == "application.granted") return visit.text(act.actor.starts_with("rule:") ? "Granted by rule" : act.actor == "law" ? "Granted by law, since nobody answered in time" : "Granted by an officer");
    if (act.kind == "application.refused") return visit.text(act.actor == "law" ? "Refused by law, since nobody answered in time" : "Refused by an officer");
    if (act.kind == "appeal.submitted") return visit.text("Appeal received");
    if (act.kind == "appeal.allowed") return visit.text("Appeal allowed");
    if (act.kind == "appeal.dismissed") return visit.text("Appeal dismissed");
    for (const auto& [kind, text] : kTexts) {
        if (act.kind == kind) return visit.text(text);
    }
    return act.kind;
}

namespace {

using House = Portal::House;
using casework::CaseSummary;
using casework::Status;

std::string next_text(const Visit& visit, const CaseSummary& summary, const std::string& body) {
    switch (summary.status) {
        case Status::received: return visit.text("The rule is being applied. Load this page again in a moment.");
        case Status::with_officer: return visit.text("An officer of {body} decides by the time above. You need to do nothing.", {{"body", body}});
        case Status::granted: return visit.text("Your certificate is being made. Load this page again in a moment.");
        case Status::issued: return visit.text("Nothing more. The certificate stays here for you.");
        case Status::refused: return visit.text("The application is closed. You may apply again when the facts have changed.");
        case Status::awaiting_fee: return visit.text("Pay the fee; work begins when it has come.");
        case Status::awaiting_applicant: return visit.text("Supply what the letter below names. The clock stands until you answer.");
        case Status::with_second_officer: return visit.text("A second officer of {body} looks at the decision. You need to do nothing.", {{"body", body}});
        case Status::withdrawn: return visit.text("Nothing more. You withdrew the application and may apply again at any time.");
        case Status::merged: return visit.text("Nothing here. It goes on in your other application for the same.");
        case Status::lapsed: return visit.text("The application is closed, because the fee or what the letter named did not come in time. You may apply again at any time.");
        case Status::allowed: return visit.text("The first decision fell. Your application is worked on again.");
    }
    return {};
}

std::string decider(const Visit& visit, const CaseSummary& summary, const std::string& body) {
    if (summary.decided_by.starts_with("rule:")) return visit.text("By rule, without a person, for {body}", {{"body", body}});
    if (!summary.decided_by.empty()) return visit.text("An officer of {body}", {{"body", body}});
    return body;
}

json::array due_steps(const House& house, const Visit& visit, const CaseSummary& summary) {
    json::array steps;
    if (casework::is_closed(summary.status) || summary.status == Status::granted) return steps;   // it was answered
    const auto due = house.parts.casework.terms().explain(summary);
    if (!due || !*due) return steps;
    for (const auto& step : (**due).steps) steps.push_back(json::object{{"step_text", government::in_words(step, *visit.words, visit.language, house.parts.pack.government)}});
    return steps;
}

// A certificate that was taken back, or nothing.
Result<std::optional<documents::PublicFacts>> revoked_paper(const House& house, const CaseSummary& summary) {
    if (summary.certificate_code.empty()) return std::optional<documents::PublicFacts>();
    TRY(auto facts, house.parts.store.read<std::optional<documents::PublicFacts>>(
                        [&](store::Reader& reader) { return house.parts.certificates.find(reader, summary.certificate_code); }));
    if (facts && !facts->revoked_on) facts.reset();
    return facts;
}

// Letters, fees, kin, and what the applicant may do now.
Result<void> add_steps(const House& house, const Visit& visit, const OwnCase& own, const casework::CaseContent& content, json::object& data) {
    const CaseSummary& summary = own.summary;
    auto& casework = house.parts.casework;
    const std::string path = "/case/" + summary.receipt;
    TRY(const auto messages, casework.letters().messages(summary, own.access()));
    TRY(const auto links, casework.procedures().links_of(summary));
    TRY(json::array course, course_steps(house, visit, summary));
    data["has_course"] = !course.empty();
    data["course"] = std::move(course);
    data["course_url"] = "/case/" + summary.receipt + "/course.svg";
    data["messages"] = message_rows(house, visit, messages, casework::Message::Side::applicant, path);
    data["has_messages"] = !messages.empty();
    data["links"] = link_rows(visit, links, "/case/");
    TRY(const auto payments, casework.fees().of_case(summary));
    data["payment_rows"] = payment_rows(house, visit, payments);
    const bool asked = summary.status == Status::awaiting_applicant;
    data["write"] = !casework::is_closed(summary.status);
    data["write_url"] = path + (asked ? "/answer" : "/message");
    data["write_label"] = visit.text(asked ? "Your answer to the letter" : "Write to the body");
    data["has_letter"] = summary.decided_at.has_value();
    data["can_withdraw"] = !casework::is_closed(summary.status) && !summary.decided_at;
    TRY(const auto amendable, casework.amendments().possible(summary));
    data["can_amend"] = amendable.times > 0;
    add_versions(house, visit, summary, content, data);
    const auto until = casework.procedures().appeal_until(summary);
    TRY(const bool appealed, casework.procedures().is_appealed(summary));
    data["can_appeal"] = until && house.parts.clock.now() < *until && !appealed;
    if (until) data["appeal_until"] = last_day(house, visit, *until);
    if (summary.status == Status::awaiting_fee) {
        TRY(const auto address, casework.fees().pay_address(summary));
        data["pay_url"] = address.value_or("");
        if (address && address->empty()) data["pay_line"] = visit.text("Pay at the cash desk of the body and name the receipt number.");
    }
    return {};
}

Response show_case(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto own = own_case(house, visit);
    if (!own) return own.error();
    const CaseSummary* summary = &own->summary;
    const auto content = house.parts.casework.open_content(*summary, own->access());
    if (!content) return house.failure(visit, content.error());
    const auto acts = house.parts.casework.history(*summary);
    if (!acts) return house.failure(visit, acts.error());
    const auto revoked = revoked_paper(house, *summary);
    if (!revoked) return house.failure(visit, revoked.error());
    const std::string body = house.body_name(visit, summary->body);
    json::array told;
    for (const auto& act : *acts) told.push_back({{"act_text", act_text(visit, act)}, {"act_at", house.moment(visit, act.at)}});
    const auto extended = house.parts.casework.terms().extended(*summary);
    if (!extended) return house.failure(visit, extended.error());
    const bool fresh = request.query.has("new");
    const std::string reason = !content->reason.empty() ? content->reason : visit.text(string_or(content->outcome, "reason", ""));
    const std::string title = house.service_name(visit, summary->service);
    json::array how = House::explanation(visit, content->trace);
    const bool has_how = !how.empty();
    json::object data{{"effects", effect_rows(house, visit, *acts)}, {"extended", extended_text(visit, *extended)}, {"how", std::move(how)}, {"has_how", has_how}, {"fresh", fresh}, {"not_fresh", !fresh}, {"receipt", summary->receipt}, {"service_title", title},
                      {"tag_class", *revoked ? std::string("govuk-tag--red") : status_tag(summary->status)},
                      {"status_text", *revoked ? visit.text("Certificate revoked") : status_text(visit, summary->status)},
                      {"revoked", *revoked ? visit.text("This certificate was revoked on {date}: {ground}", {{"date", long_date(*(**revoked).revoked_on, visit.language)}, {"ground", (**revoked).revocation_ground}}) : std::string()},
                      {"for", summary->applicant.capacity == "self" ? std::string() : visit.text(summary->applicant.capacity == "parent" ? "Your child" : "A person whom you represent")},
                      {"submitted", house.moment(visit, summary->submitted_at)}, {"due", house.moment(visit, summary->due_at)},
                      {"due_steps", due_steps(house, visit, *summary)}, {"decider", decider(visit, *summary, body)},
                      {"decider_label", visit.text(summary->decided_by.empty() ? "Who decides" : "Decided by")},
                      {"article", summary->article.empty() ? std::string() : visit.text(summary->article)}, {"reason", reason},
                      {"has_certificate", summary->status == Status::issued && !*revoked}, {"case_url", "/case/" + summary->receipt},
                      {"next_text", *revoked ? visit.text("It does not count any more. You may apply for a new one.") : next_text(visit, *summary, body)},
                      {"appeal", summary->status == Status::refused || *revoked}, {"acts", std::move(told)}};
    if (auto more = add_steps(house, visit, *own, *content, data); !more) return house.failure(visit, more.error());
    return house.page(visit, "case", fresh ? visit.text("Application received") : title, std::move(data), 200, fresh ? "" : "/cases");
}

Response list_cases(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto* session = visit.signed_in();
    if (session == nullptr) return house.sign_in_first(visit);
    const auto cases = house.parts.casework.cases_of({session->account, session->person});
    if (!cases) return house.failure(visit, cases.error());
    json::array rows;
    for (const auto& one : *cases) {
        const auto revoked = revoked_paper(house, one);
        if (!revoked) return house.failure(visit, revoked.error());
        rows.push_back({{"c_url", "/case/" + one.receipt}, {"c_service", house.service_name(visit, one.service)}, {"c_receipt", one.receipt},
                        {"c_tag", *revoked ? std::string("govuk-tag--red") : status_tag(one.status)},
                        {"c_status", *revoked ? visit.text("Certificate revoked") : status_text(visit, one.status)},
                        {"c_submitted", house.moment(visit, one.submitted_at)}, {"c_due", house.moment(visit, one.due_at)}});
    }
    const bool none = rows.empty();
    return house.page(visit, "cases", visit.text("My applications"), {{"cases", std::move(rows)}, {"none", none}, {"some", !none}});
}

Response certificate_page(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto own = own_case(house, visit);
    if (!own) return own.error();
    const CaseSummary* summary = &own->summary;
    if (summary->certificate_code.empty()) return house.failure(visit, {Code::not_found, ""});
    const auto facts = house.parts.store.read<std::optional<documents::PublicFacts>>(
        [&](store::Reader& reader) { return house.parts.certificates.find(reader, summary->certificate_code); });
    if (!facts) return house.failure(visit, facts.error());
    if (!*facts) return house.failure(visit, {Code::not_found, ""});
    const documents::PublicFacts& paper = **facts;
    json::array rows{row(visit.text("Number"), paper.number), row(visit.text("Code of the certificate"), paper.code),
                     row(visit.text("Issued by"), visit.in_language(paper.issuing_body)), row(visit.text("Issued on"), long_date(paper.issued_on, visit.language))};
    if (paper.valid_until) rows.push_back(row(visit.text("Valid until"), long_date(*paper.valid_until, visit.language)));
    const std::string revoked = paper.revoked_on ? visit.text("This certificate was revoked on {date}: {ground}", {{"date", long_date(*paper.revoked_on, visit.language)}, {"ground", paper.revocation_ground}}) : std::string();
    const std::string title = house.service_name(visit, summary->service);
    return house.page(visit, "certificate", title, {{"heading", title}, {"revoked", revoked}, {"rows", std::move(rows)}, {"case_url", "/case/" + summary->receipt}, {"verify_url", "/verify/" + paper.code}},
                      200, "/case/" + summary->receipt);
}

// The acts of the case with their proofs, for `madang verify`.
Response history_file(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto own = own_case(house, visit);
    if (!own) return own.error();
    const CaseSummary* summary = &own->summary;
    auto history = house.parts.casework.provable_history(*summary);
    if (!history) return house.failure(visit, history.error());
    return Response::download(std::move(*history), "application/json", summary->receipt + "-history.json");
}

enum class Form { pdf, bundle };

Response download(const House& house, const Request& request, Form form) {
    const Visit visit = house.visit(request);
    const auto own = own_case(house, visit);
    if (!own) return own.error();
    const CaseSummary* summary = &own->summary;
    if (summary->certificate_code.empty()) return house.failure(visit, {Code::not_found, ""});
    const auto bytes = form == Form::pdf ? house.parts.certificates.open_pdf(summary->certificate_code, own->access())
                                         : house.parts.certificates.open_bundle(summary->certificate_code, own->access());
    if (!bytes) {
        // The proof is there once the ledger has taken the act in, a tenth of a second after the certificate.
        if (form == Form::bundle && bytes.error().code == Code::unavailable) return Response::unavailable(1);
        return house.failure(visit, bytes.error());
    }
    return Response::download(std::string(as_text(*bytes)), form == Form::pdf ? "application/pdf" : "application/vnd.etsi.asic-s+zip",
                              summary->certificate_code + (form == Form::pdf ? ".pdf" : ".asics"));
}

}  // namespace

void Portal::House::add_case_routes(http::Router& router) const {
    using http::Method;
    router.add(Method::get, "/cases", [this](const Request& request) { return list_cases(*this, request); });
    router.add(Method::get, "/case/{receipt}", [this](const Request& request) { return show_case(*this, request); });
    router.add(Method::get, "/case/{receipt}/certificate", [this](const Request& request) { return certificate_page(*this, request); });
    router.add(Method::get, "/case/{receipt}/certificate.pdf", [this](const Request& request) { return download(*this, request, Form::pdf); });
    router.add(Method::get, "/case/{receipt}/history.json", [this](const Request& request) { return history_file(*this, request); });
    router.add(Method::get, "/case/{receipt}/certificate.asics", [this](const Request& request) { return download(*this, request, Form::bundle); });
}

}  // namespace madang::portal
