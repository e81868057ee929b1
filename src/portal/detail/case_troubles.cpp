// The operator's list of work that failed for cases until a person must look: why, how often, since when; tried again or left out.
#include "portal/detail/case_troubles.h"

#include "portal/detail/access.h"
#include "portal/detail/correspondence.h"

namespace madang::portal {
namespace {

using House = Portal::House;
using casework::Trouble;
using casework::Troubles;
using casework::Work;

constexpr std::int64_t kPage = 50;

// What happens instead where it is left out.
std::string means(const Visit& visit, Work work) {
    switch (work) {
        case Work::job: return visit.text("The procedure of the service is left out: an officer decides by hand, or what was granted is certified from what the registers hold.");
        case Work::term: return visit.text("Nothing follows from the end of the term by itself; the officers decide.");
        case Work::reply: return visit.text("The answer of the applicant is waited for no longer; the case is with an officer.");
        case Work::consultation: return visit.text("The question to the other body is closed without an answer.");
        case Work::fee: return visit.text("The fee stays owed, and the case does not end by itself.");
        case Work::letter: return visit.text("The letter stands as it was written; its paper is drawn when somebody asks for it.");
        case Work::calendar: return visit.text("The date of the case stays as it was.");
    }
    return {};
}

Response list(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto who = operator_of(house, visit);
    if (!who) return who.error();
    const auto page = parse_decimal(request.query.value_or("page", "1"));
    if (!page || *page < 1 || *page > 1'000'000) return house.failure(visit, {Code::not_found, ""});
    const auto number = static_cast<std::int64_t>(*page);
    const std::int64_t first = (number - 1) * kPage;
    const auto found = house.parts.casework.troubles().list(Troubles::Which::incidents, first, kPage);
    if (!found) return house.failure(visit, found.error());
    json::array rows;
    for (const Trouble& one : found->troubles) {
        rows.push_back({{"w_title", work_text(visit, one.work)}, {"w_service", house.service_name(visit, one.service)}, {"w_receipt", one.receipt}, {"w_body", house.body_name(visit, one.body)},
                        {"w_problem", one.problem}, {"w_attempts", std::to_string(one.attempts)}, {"w_since", house.moment(visit, one.since)}, {"w_last", house.moment(visit, one.last_at)},
                        {"w_reference", one.reference()}, {"w_id", format("reason-{}", rows.size() + 1)}, {"w_means", means(visit, one.work)}, {"w_can_skip", one.can_skip}});
    }
    const auto to_page = [](std::int64_t to) { return format("/operator/cases?page={}", to); };
    const bool calm = found->total == 0;
    std::string shown;
    if (found->total > kPage) {
        shown = visit.text("{first} to {last} of {total}", {{"first", std::to_string(first + 1)}, {"last", std::to_string(first + std::ssize(found->troubles))}, {"total", std::to_string(found->total)}});
    }
    return house.page(visit, "operator_cases", visit.text("Cases that cannot go on"),
                      {{"troubles", std::move(rows)}, {"calm", calm}, {"shown", std::move(shown)}, {"before_url", number > 1 ? to_page(number - 1) : std::string()},
                       {"after_url", first + kPage < found->total ? to_page(number + 1) : std::string()}}, 200, "/operator");
}

Response repair(const House& house, const Request& request, bool leave_out) {
    const Visit visit = house.visit(request);
    const auto who = operator_of(house, visit);
    if (!who) return who.error();
    const auto fields = read_fields(house, visit);
    if (!fields) return fields.error();
    auto& troubles = house.parts.casework.troubles();
    const std::string reference = fields->value_or("reference", "");
    const auto done = leave_out ? troubles.skip(reference, fields->value_or("reason", ""), who->text()) : troubles.retry(reference, who->text());
    if (done) return Response::redirect("/operator/cases");
    const std::string back = visit.text("Cases that cannot go on");
    if (done.error().code == Code::invalid) return house.message(visit, 422, visit.text("This was not done"), {visit.text("Enter the reason")}, "/operator/cases", back);
    if (done.error().code == Code::denied) return house.message(visit, 403, visit.text("This was not done"), {visit.text("A certificate that was granted is owed. Mend what is wrong and have it tried again.")}, "/operator/cases", back);
    return house.failure(visit, done.error());
}

}  // namespace

std::string work_text(const Visit& visit, Work work) {
    switch (work) {
        case Work::job: return visit.text("The next step of the case");
        case Work::term: return visit.text("What the law says at the end of the term");
        case Work::reply: return visit.text("The end of the time for the applicant's answer");
        case Work::consultation: return visit.text("The end of the time for another body's answer");
        case Work::fee: return visit.text("The end of the time to pay the fee");
        case Work::letter: return visit.text("The paper of the decision");
        case Work::calendar: return visit.text("Counting the term again by a new calendar");
    }
    return {};
}

void Portal::House::add_case_trouble_routes(http::Router& router) const {
    using http::Method;
    router.add(Method::get, "/operator/cases", [this](const Request& request) { return list(*this, request); });
    router.add(Method::post, "/operator/cases/retry", [this](const Request& request) { return repair(*this, request, false); }, {.body_limit = 16U << 10});
    router.add(Method::post, "/operator/cases/skip", [this](const Request& request) { return repair(*this, request, true); }, {.body_limit = 16U << 10});
}

}  // namespace madang::portal
