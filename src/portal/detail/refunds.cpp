// What a body gives back at its cash desk: fees of cases that were withdrawn, refused, late or joined.
#include "portal/detail/access.h"
#include "portal/detail/correspondence.h"

namespace madang::portal {
namespace {

Response show(const Portal::House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto officer = officer_of(house, visit);
    if (!officer) return officer.error();
    const auto due = house.parts.casework.fees().refunds_at_desk(officer->body);
    if (!due) return house.failure(visit, due.error());
    json::array rows;
    for (const auto& [summary, payment] : *due) {
        rows.push_back({{"r_url", "/office/case/" + summary.receipt}, {"r_receipt", summary.receipt}, {"r_id", format("voucher-{}", rows.size() + 1)},
                        {"r_amount", format("{} {}", payment.amount, payment.currency)}, {"r_since", house.moment(visit, payment.at)}, {"r_article", visit.text(payment.article)}});
    }
    const bool none = rows.empty();
    return house.page(visit, "office_refunds", visit.text("Fees to give back"), {{"body_name", house.body_name(visit, officer->body)}, {"refunds", std::move(rows)}, {"none", none}}, 200, "/office");
}

}  // namespace

void Portal::House::add_refund_routes(http::Router& router) const {
    router.add(http::Method::get, "/office/refunds", [this](const Request& request) { return show(*this, request); });
}

}  // namespace madang::portal
