#include "portal/detail/access.h"

namespace madang::portal {
namespace {

// Of a case that is another's, or of a receipt that cannot be one, nothing is told.
std::unexpected<Response> no_case(const Portal::House& house, const Visit& visit, const Error& error) {
    const bool absent = error.code == Code::invalid || error.code == Code::not_found;
    return std::unexpected(house.failure(visit, absent ? Error{Code::not_found, ""} : error));
}

}  // namespace

std::expected<casework::Officer, Response> officer_of(const Portal::House& house, const Visit& visit, bool helper) {
    const auto* session = visit.signed_in();
    if (session == nullptr) return std::unexpected(house.sign_in_first(visit));
    auto body = helper ? session->body_as("helper") : std::nullopt;
    if (!body) body = session->body_as("officer");
    if (!body) return std::unexpected(house.failure(visit, {Code::denied, ""}));
    return casework::Officer{session->account, *body, session->staff_person, identity::roles_in(session->roles, *body)};
}

std::expected<casework::Officer, Response> head_of(const Portal::House& house, const Visit& visit) {
    const auto* session = visit.signed_in();
    if (session == nullptr) return std::unexpected(house.sign_in_first(visit));
    const auto body = session->body_as("head");
    if (!body) return std::unexpected(house.failure(visit, {Code::denied, ""}));
    return casework::Officer{session->account, *body, session->staff_person, identity::roles_in(session->roles, *body)};
}

std::expected<casework::CaseSummary, Response> office_case(const Portal::House& house, const Visit& visit, const casework::Officer& officer) {
    auto summary = house.parts.casework.find_for_officer(visit.request.parameter("receipt"), officer);
    if (!summary) return no_case(house, visit, summary.error());
    return std::move(*summary);
}

identity::Access OwnCase::access() const {
    return {.who = account, .capacity = summary.applicant.capacity, .body = {}, .case_id = summary.id.text(), .legal_ground = summary.applicant.legal_ground};
}

std::expected<OwnCase, Response> own_case(const Portal::House& house, const Visit& visit) {
    const auto* session = visit.signed_in();
    if (session == nullptr) return std::unexpected(house.sign_in_first(visit));
    auto summary = house.parts.casework.find_case(visit.request.parameter("receipt"), {session->account, session->person});
    if (!summary) return no_case(house, visit, summary.error());
    return OwnCase{std::move(*summary), session->account};
}

std::expected<identity::AccountId, Response> operator_of(const Portal::House& house, const Visit& visit) {
    const auto* session = visit.signed_in();
    if (session == nullptr) return std::unexpected(house.sign_in_first(visit));
    if (!session->has_role("", "administrator")) return std::unexpected(house.failure(visit, {Code::denied, ""}));
    return session->account;
}

}  // namespace madang::portal
