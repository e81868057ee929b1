// What an officer does in a case beside deciding it, the questions of other bodies, and how the work of a body stands.
#include <array>

#include "portal/detail/access.h"
#include "portal/detail/correspondence.h"
#include "portal/detail/decision_letter.h"

namespace madang::portal {
namespace {

using House = Portal::House;
using casework::CaseSummary;

struct Place {
    casework::Officer officer;
    CaseSummary summary;
    http::Fields fields;
    std::string back;
};

// One step: the case of the path, the form with its token, the step, and back to the case.
using Step = Result<void> (*)(const House&, const Place&);

Response take_step(const House& house, const Request& request, Step step) {
    const Visit visit = house.visit(request);
    auto officer = officer_of(house, visit);
    if (!officer) return officer.error();
    auto summary = office_case(house, visit, *officer);
    if (!summary) return summary.error();
    auto fields = read_fields(house, visit);
    if (!fields) return fields.error();
    const Place place{std::move(*officer), std::move(*summary), std::move(*fields), "/office/case/" + request.parameter("receipt")};
    const auto done = step(house, place);
    return done ? Response::redirect("/office/case/" + place.summary.receipt) : not_done(house, visit, done.error(), place.back);
}

Result<void> claim(const House& house, const Place& place) { return house.parts.casework.desk().claim(place.summary.id, place.officer); }
Result<void> release(const House& house, const Place& place) { return house.parts.casework.desk().release(place.summary.id, place.officer); }
Result<void> confirm(const House& house, const Place& place) {
    return house.parts.casework.desk().confirm(place.summary.id, place.officer, place.fields.value_or("seen", ""));
}
Result<void> give_back(const House& house, const Place& place) {
    return house.parts.casework.desk().give_back(place.summary.id, place.officer, place.fields.value_or("reason", ""));
}
Result<void> refuse_exemption(const House& house, const Place& place) { return house.parts.casework.fees().refuse_exemption(place.summary.id, place.officer, place.fields.value_or("reason", "")); }
Result<void> pay_out(const House& house, const Place& place) {
    return house.parts.casework.fees().pay_out_at_desk(place.summary.receipt, place.officer, place.fields.value_or("proof", ""));
}
Result<void> cash(const House& house, const Place& place) {
    return house.parts.casework.fees().pay_at_desk(place.summary.receipt, place.officer, place.fields.value_or("proof", ""));
}
Result<void> reopen(const House& house, const Place& place) {
    return house.parts.casework.procedures().reopen(place.summary.id, place.officer, place.fields.value_or("reason", ""), trim(place.fields.value_or("article", "")));
}
Result<void> merge(const House& house, const Place& place) {
    TRY(const CaseSummary other, house.parts.casework.find_for_officer(place.fields.value_or("other", ""), place.officer));
    // The later goes on in the earlier, on whose page ever it was said.
    const bool this_is_first = place.summary.submitted_at <= other.submitted_at;
    return house.parts.casework.procedures().merge(this_is_first ? other.id : place.summary.id, this_is_first ? place.summary.id : other.id, place.officer);
}
Result<void> decide_appeal(const House& house, const Place& place) {
    const std::string allowed = place.fields.value_or("allowed", "");
    if (allowed != "yes" && allowed != "no") return fail(Code::invalid, "the appeal is allowed or dismissed");
    return house.parts.casework.procedures().decide_appeal(place.summary.id, place.officer, allowed == "yes", place.fields.value_or("reason", ""));
}
Result<void> completion(const House& house, const Place& place) {
    TRY(const std::string lines, tidy_lines(place.fields.value_or("items", "")));
    std::vector<std::string> items;
    for (const std::string_view line : split(lines, '\n')) {
        if (!trim(line).empty()) items.emplace_back(trim(line));
    }
    TRY_DO(house.parts.casework.letters().request_completion(place.summary.id, place.officer, items, place.fields.value_or("text", "")));
    return {};
}
Result<void> consult(const House& house, const Place& place) {
    TRY(const std::uint64_t days, parse_decimal(trim(place.fields.value_or("days", ""))));
    if (days < 1 || days > 60) return fail(Code::invalid, "1 to 60 working days");
    government::Term term;
    term.kind = government::Term::Kind::working_days;
    term.count = static_cast<int>(days);
    std::vector<casework::FileRef> files;
    for (const std::string& one : place.fields.all("file")) {
        TRY(const auto ref, casework::parse_file_ref(one));
        files.push_back(ref);
    }
    return house.parts.casework.consultations().ask(place.summary.id, place.officer, place.fields.all("body"), place.fields.value_or("question", ""), term, files);
}

// The form of a task carries which task it is.
Result<process::TaskId> task_of(const Place& place) {
    const auto id = process::TaskId::parse(place.fields.value_or("task", ""));
    return id ? Result<process::TaskId>(*id) : fail(Code::not_found, "there is no such task");
}
Result<void> claim_task(const House& house, const Place& place) {
    TRY(const auto task, task_of(place));
    TRY_DO(house.parts.casework.tasks().claim(place.summary.id, task, place.officer));
    return {};
}
Result<void> release_task(const House& house, const Place& place) {
    TRY(const auto task, task_of(place));
    TRY_DO(house.parts.casework.tasks().release(place.summary.id, task, place.officer));
    return {};
}
Result<void> complete_task(const House& house, const Place& place) {
    TRY(const auto task, task_of(place));
    TRY_DO(house.parts.casework.tasks().complete(place.summary.id, task, place.officer, place.fields.value_or("outcome", ""), place.fields.value_or("remark", "")));
    return {};
}

Result<void> delegate(const House& house, const Place& place) {
    TRY(const auto to, identity::AccountId::parse(place.fields.value_or("to", "")));
    TRY(const auto account, house.parts.accounts.find_account(to));
    if (!account || account->disabled || !account->has_role(place.officer.body, "officer")) return fail(Code::not_found, "that is no officer of this body");
    return house.parts.casework.desk().delegate(place.summary.id, place.officer, to);
}
Result<void> extend(const House& house, const Place& place) {
    const auto* service = house.parts.pack.find_service(place.summary.service);
    if (service == nullptr || !service->term.extensions) return fail(Code::invalid, "the term of this service cannot be extended");
    TRY(const std::uint64_t by, parse_decimal(trim(place.fields.value_or("by", ""))));
    const auto most = static_cast<std::uint64_t>(service->term.extensions->total);
    if (by < 1 || by > most) return fail(Code::invalid, format("1 to {}", most));
    government::Term term;
    term.kind = service->term.extensions->kind;
    term.count = static_cast<int>(by);
    return house.parts.casework.terms().extend(place.summary.id, place.officer, term, trim(place.fields.value_or("reason", "")),
                                               trim(place.fields.value_or("article", "")));
}

Response write_message(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto officer = officer_of(house, visit);
    if (!officer) return officer.error();
    const auto summary = office_case(house, visit, *officer);
    if (!summary) return summary.error();
    auto written = read_written(house, visit);
    if (!written) return written.error();
    const std::string back = "/office/case/" + summary->receipt;
    const auto sent = house.parts.casework.letters().write_to_applicant(summary->id, *officer, written->text, written->files);
    return sent ? Response::redirect(back) : not_done(house, visit, sent.error(), back);
}

// The case that the path names, and in what capacity what is sealed in it is read.
struct Reading {
    CaseSummary summary;
    identity::Access access;
};
std::expected<Reading, Response> reading_of(const House& house, const Visit& visit) {
    const auto officer = officer_of(house, visit);
    if (!officer) return std::unexpected(officer.error());
    auto summary = office_case(house, visit, *officer);
    if (!summary) return std::unexpected(summary.error());
    const auto* service = house.parts.pack.find_service(summary->service);
    identity::Access access{.who = officer->account, .capacity = "officer", .body = officer->body, .case_id = summary->id.text(),
                            .legal_ground = service == nullptr ? summary->applicant.legal_ground : service->legal_ground()};
    return Reading{std::move(*summary), std::move(access)};
}

Response open_file(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto reading = reading_of(house, visit);
    return reading ? file_of(house, visit, reading->summary, reading->access) : reading.error();
}

Response open_letter(const House& house, const Request& request, std::string_view file) {
    const Visit visit = house.visit(request);
    const auto reading = reading_of(house, visit);
    return reading ? letter_of(house, visit, reading->summary, reading->access, file) : reading.error();
}

Result<void> withdraw_question(const House& house, const Place& place) {
    const auto number = parse_decimal(place.fields.value_or("number", ""));
    if (!number || *number > 100'000) return fail(Code::invalid, "which question?");
    return house.parts.casework.consultations().withdraw(place.summary.id, static_cast<std::int64_t>(*number), place.officer);
}

Response consultations(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto officer = officer_of(house, visit);
    if (!officer) return officer.error();
    const auto asked = house.parts.casework.consultations().inbox(*officer);
    if (!asked) return house.failure(visit, asked.error());
    json::array rows;
    for (const auto& one : *asked) {
        json::array files;
        for (const auto& file : one.files) {
            files.push_back({{"f_url", format("/office/question/{}/{}/{}/file/{}/{}", one.body, one.case_id.text(), one.number, file.ref.message, file.ref.place)}, {"f_name", file.about.name},
                             {"f_size", size_text(file.about.size)}, {"f_hash", file.about.sha256.substr(0, 16) + "…"}});
        }
        rows.push_back({{"q_files", std::move(files)}, {"q_body", house.body_name(visit, one.body)}, {"q_code", one.body}, {"q_case", one.case_id.text()}, {"q_number", one.number}, {"q_id", format("q{}", rows.size() + 1)},
                        {"q_due", house.moment(visit, one.due_at)}, {"q_overdue", one.due_at < house.parts.clock.now()}, {"q_text", one.question},
                        {"q_service", house.service_name(visit, one.service)}, {"q_receipt", one.receipt}});
    }
    const bool none = rows.empty();
    return house.page(visit, "office_consultations", visit.text("Questions of other bodies"), {{"asked", std::move(rows)}, {"none", none}}, 200, "/office");
}

// A file that came with a question, for the body that is asked.
Response shared_file(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto officer = officer_of(house, visit);
    if (!officer) return officer.error();
    const auto id = casework::CaseId::parse(request.parameter("case"));
    const auto number = parse_decimal(request.parameter("number"));
    const auto ref = casework::parse_file_ref(request.parameter("message") + "/" + request.parameter("place"));
    if (!id || !number || *number > 1'000'000 || !ref) return house.failure(visit, {Code::not_found, ""});
    const auto found = house.parts.casework.consultations().file(request.parameter("body"), *id, static_cast<std::int64_t>(*number), *ref, *officer);
    return found ? Response::download(std::string(as_text(found->bytes)), found->about.media_type, found->about.name) : house.failure(visit, found.error());
}

Response answer(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto officer = officer_of(house, visit);
    if (!officer) return officer.error();
    const auto fields = read_fields(house, visit);
    if (!fields) return fields.error();
    const std::string back = "/office/consultations";
    const auto id = casework::CaseId::parse(fields->value_or("case", ""));
    const auto number = parse_decimal(fields->value_or("number", ""));
    if (!id || !number || *number > 1'000'000) return not_done(house, visit, {Code::invalid, ""}, back);
    const auto done = house.parts.casework.consultations().answer(fields->value_or("body", ""), *id, static_cast<std::int64_t>(*number), *officer, fields->value_or("position", ""),
                                                                  fields->value_or("text", ""));
    return done ? Response::redirect(back) : not_done(house, visit, done.error(), back);
}

Response workload(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto officer = head_of(house, visit);
    if (!officer) return officer.error();
    const auto found = house.parts.casework.workloads().of(officer->body);
    if (!found) return house.failure(visit, found.error());
    const auto number = [](std::int64_t n) { return std::to_string(n); };
    const double tenths = found->pace * 10 + 0.5;
    json::array rows{row(visit.text("Open cases"), number(found->open)), row(visit.text("Nobody has them"), number(found->unassigned)),
                     row(visit.text("Half of the term is used"), number(found->half_used)), row(visit.text("Four fifths of the term are used"), number(found->most_used)), row(visit.text("Overdue"), number(found->overdue)),
                     row(visit.text("Wait for the applicant"), number(found->waiting)), row(visit.text("Received in 30 days"), number(found->received_30)),
                     row(visit.text("Decided in 30 days"), number(found->decided_30)), row(visit.text("Of them late"), number(found->decided_late_30)),
                     row(visit.text("Decided a working day"), format("{}.{}", static_cast<std::int64_t>(tenths) / 10, static_cast<std::int64_t>(tenths) % 10)),
                     row(visit.text("Will be late in the next 20 working days"), number(found->breaches))};
    constexpr std::array<std::string_view, 5> kAges{"0–1", "2–5", "6–10", "11–20", "more than 20"};
    json::array ages, services, officers;
    for (std::size_t i = 0; i < kAges.size(); ++i) ages.push_back({{"k_name", visit.text(kAges[i])}, {"k_count", number(found->ages[i])}});
    for (const auto& [service, count] : found->by_service) services.push_back({{"k_name", house.service_name(visit, service)}, {"k_count", number(count)}});
    for (const auto& [id, count] : found->by_officer) {
        const auto account = identity::AccountId::parse(id);
        const auto known = account ? house.parts.accounts.find_account(*account) : Result<std::optional<identity::Account>>(std::optional<identity::Account>());
        const std::string unknown = visit.text(id.empty() ? "Nobody has them" : "Another officer");
        officers.push_back({{"k_name", known && *known ? (**known).name : unknown}, {"k_count", number(count)}});
    }
    const bool any = found->open > 0;
    json::array days;
    for (const auto& day : found->days) days.push_back({{"w_day", long_date(day.date, visit.language)}, {"w_due", number(day.due)}, {"w_late", number(day.breaches)}});
    return house.page(visit, "office_workload", visit.text("How the work stands"),
                      {{"body_name", house.body_name(visit, officer->body)}, {"rows", std::move(rows)}, {"days", std::move(days)}, {"any", any},
                       {"ages", std::move(ages)}, {"services", std::move(services)}, {"officers", std::move(officers)}}, 200, visit.signed_in()->body_as("officer") ? "/office" : "");
}

Response workload_file(const House& house, const Request& request, bool plot) {
    const Visit visit = house.visit(request);
    const auto officer = head_of(house, visit);
    if (!officer) return officer.error();
    if (!plot) {
        const auto range = casework::csv_range(house.parts.pack.government, trim(request.query.value_or("from", "")), trim(request.query.value_or("until", "")));
        if (!range) return house.message(visit, 422, visit.text("This was not done"), {visit.text("Enter days as 2026-12-31, the last not before the first.")}, "/office/workload", visit.text("How the work stands"));
        auto csv = house.parts.casework.workloads().csv(officer->body, *range, [&](const identity::AccountId& id) {
            const auto account = house.parts.accounts.find_account(id);
            return account && *account ? (**account).name : std::string();
        });
        return csv ? Response::download(std::move(*csv), "text/csv; charset=utf-8", "cases.csv") : house.failure(visit, csv.error());
    }
    const auto found = house.parts.casework.workloads().of(officer->body);
    if (!found) return house.failure(visit, found.error());
    casework::PlotWords words{visit.text("What is due, and what will be late at this pace"), visit.text("Due"), visit.text("Will be late"), {}};
    for (const auto& day : found->days) words.days.push_back(long_date(day.date, visit.language));
    return Response::bytes(casework::plot_svg(*found, words), "image/svg+xml");
}

}  // namespace

void Portal::House::add_office_step_routes(http::Router& router) const {
    using http::Method;
    const std::vector<std::pair<const char*, Step>> steps{{"claim", claim}, {"withdraw-question", withdraw_question}, {"release", release}, {"confirm", confirm}, {"give-back", give_back}, {"refuse-exemption", refuse_exemption},
                                                          {"cash", cash}, {"pay-out", pay_out}, {"reopen", reopen}, {"merge", merge}, {"decide-appeal", decide_appeal}, {"completion", completion}, {"consult", consult},
                                                          {"delegate", delegate}, {"extend", extend}, {"claim-task", claim_task}, {"release-task", release_task}, {"complete-task", complete_task}};
    for (const auto& [name, step] : steps) {
        const Step taken = step;
        router.add(Method::post, format("/office/case/{{receipt}}/{}", name), [this, taken](const Request& request) { return take_step(*this, request, taken); }, {.body_limit = 64U << 10});
    }
    router.add(Method::post, "/office/case/{receipt}/message", [this](const Request& request) { return write_message(*this, request); },
               {.body_limit = kMaxLetterBody, .body = http::BodyKind::multipart});
    router.add(Method::get, "/office/case/{receipt}/file/{number}/{place}", [this](const Request& request) { return open_file(*this, request); });
    router.add(Method::get, "/office/case/{receipt}/course.svg", [this](const Request& request) {
        const Visit visit = this->visit(request);
        const auto officer = officer_of(*this, visit);
        if (!officer) return officer.error();
        const auto summary = office_case(*this, visit, *officer);
        return summary ? picture_of(*this, visit, *summary) : summary.error();
    });
    for (const std::string_view file : {"letter", "letter.pdf", "letter.p7s", "letter.json"}) {
        router.add(Method::get, format("/office/case/{{receipt}}/{}", file), [this, file](const Request& request) { return open_letter(*this, request, file); });
    }
    router.add(Method::get, "/office/question/{body}/{case}/{number}/file/{message}/{place}", [this](const Request& request) { return shared_file(*this, request); });
    router.add(Method::get, "/office/consultations", [this](const Request& request) { return consultations(*this, request); });
    router.add(Method::post, "/office/consultations", [this](const Request& request) { return answer(*this, request); }, {.body_limit = 64U << 10});
    router.add(Method::get, "/office/workload", [this](const Request& request) { return workload(*this, request); });
    router.add(Method::get, "/office/workload.svg", [this](const Request& request) { return workload_file(*this, request, true); });
    router.add(Method::get, "/office/workload.csv", [this](const Request& request) { return workload_file(*this, request, false); });
}

}  // namespace madang::portal
