// Cases of bodies below that the law put before this one: which they are, how they stand, what was done. What is sealed in them
// stays with the body that owes the answer.
#include "portal/detail/access.h"
#include "portal/detail/correspondence.h"

namespace madang::portal {
namespace {

using House = Portal::House;

Response list(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto officer = officer_of(house, visit);
    if (!officer) return officer.error();
    const auto cases = house.parts.casework.escalations().to(officer->body);
    if (!cases) return house.failure(visit, cases.error());
    json::array rows;
    for (const auto& one : *cases) {
        rows.push_back({{"c_url", "/office/escalated/" + one.summary.receipt}, {"c_receipt", one.summary.receipt}, {"c_body", house.body_name(visit, one.summary.body)},
                        {"c_service", house.service_name(visit, one.summary.service)}, {"c_ended", house.moment(visit, one.at)}, {"c_status", status_text(visit, one.summary.status)},
                        {"c_tag", status_tag(one.summary.status)}});
    }
    const bool none = rows.empty();
    return house.page(visit, "office_escalated", visit.text("Not answered in time by other bodies"),
                      {{"body_name", house.body_name(visit, officer->body)}, {"cases", std::move(rows)}, {"none", none}, {"some", !none}}, 200, "/office");
}

Response show(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto officer = officer_of(house, visit);
    if (!officer) return officer.error();
    const auto found = house.parts.casework.escalations().find(officer->body, request.parameter("receipt"));
    if (!found) return house.failure(visit, {Code::not_found, ""});
    const auto& summary = found->summary;
    json::array rows{row(visit.text("Receipt number"), summary.receipt), row(visit.text("Body"), house.body_name(visit, summary.body)), row(visit.text("Received"), house.moment(visit, summary.submitted_at)),
                     row(visit.text("Term ended"), house.moment(visit, found->at)), row(visit.text("Article of law"), visit.text(found->article))};
    if (summary.decided_at) rows.push_back(row(visit.text("Decided"), house.moment(visit, *summary.decided_at)));
    const std::string title = house.service_name(visit, summary.service);
    json::object data{{"service_title", title}, {"tag_class", status_tag(summary.status)}, {"status_text", status_text(visit, summary.status)}, {"rows", std::move(rows)}};
    if (auto more = add_clock(house, visit, summary, data); !more) return house.failure(visit, more.error());
    if (auto more = add_acts(house, visit, summary, data); !more) return house.failure(visit, more.error());
    return house.page(visit, "office_escalated_case", title, std::move(data), 200, "/office/escalated");
}

}  // namespace

void Portal::House::add_escalation_routes(http::Router& router) const {
    router.add(http::Method::get, "/office/escalated", [this](const Request& request) { return list(*this, request); });
    router.add(http::Method::get, "/office/escalated/{receipt}", [this](const Request& request) { return show(*this, request); });
}

}  // namespace madang::portal
