// Who of a body is away and who does their work meanwhile.
#include <algorithm>

#include "base/time_text.h"
#include "portal/detail/access.h"
#include "portal/detail/correspondence.h"

namespace madang::portal {
namespace {

using House = Portal::House;

struct Typed {
    std::string who, substitute, from, until;
    std::vector<House::Mistake> mistakes;
};

json::array officer_options(const std::vector<identity::Account>& staff, const std::string& chosen) {
    json::array options;
    for (const auto& one : staff) options.push_back({{"o_value", one.id.text()}, {"o_label", one.name}, {"o_checked", one.id.text() == chosen}});
    return options;
}

Result<std::vector<identity::Account>> officers_of(const House& house, const std::string& body) {
    TRY(auto staff, house.parts.accounts.staff_of(body));
    std::erase_if(staff, [&](const identity::Account& one) { return one.disabled || !one.has_role(body, "officer"); });
    return staff;
}

// An officer of the body, who enters their own absence, or its head or administrator, who enters anybody's.
struct Seat {
    std::string body;
    casework::AbsenceBy by;

    bool may_enter_for(const identity::AccountId& account) const { return by.capacity == casework::AbsenceBy::Capacity::head || by.account == account; }
};

std::expected<Seat, Response> seat_of(const House& house, const Visit& visit) {
    using Capacity = casework::AbsenceBy::Capacity;
    const auto* session = visit.signed_in();
    if (session == nullptr) return std::unexpected(house.sign_in_first(visit));
    const auto body = session->body_as("officer");
    if (body) return Seat{*body, {session->account, session->has_role(*body, "head") || session->has_role(*body, "administrator") ? Capacity::head : Capacity::officer}};
    auto headed = session->body_as("head");
    if (!headed) headed = session->body_as("administrator");
    if (!headed || headed->empty()) return std::unexpected(house.failure(visit, {Code::denied, ""}));
    return Seat{*headed, {session->account, Capacity::head}};
}

Response page(const House& house, const Visit& visit, const Seat& seat, const Typed& typed) {
    const auto staff = officers_of(house, seat.body);
    if (!staff) return house.failure(visit, staff.error());
    const auto absences = house.parts.casework.desk().absences(seat.body);
    if (!absences) return house.failure(visit, absences.error());
    const auto name_of = [&](const identity::AccountId& id) {
        const auto found = std::ranges::find(*staff, id, &identity::Account::id);
        return found == staff->end() ? visit.text("Another officer") : found->name;
    };
    const auto& zone = house.parts.pack.government.time_zone();
    json::array rows;
    for (const auto& one : *absences) {
        if (one.until <= house.parts.clock.now()) continue;
        rows.push_back({{"x_who", name_of(one.account)}, {"x_from", long_date(zone.date(one.from), visit.language)}, {"x_until", last_day(house, visit, one.until)},
                        {"x_substitute", name_of(one.substitute)}, {"x_can_end", seat.may_enter_for(one.account)}, {"x_account", one.account.text()}, {"x_begin", format_instant(one.from)}});
    }
    const bool some = !rows.empty();
    std::vector<identity::Account> who = *staff;
    std::erase_if(who, [&](const identity::Account& one) { return !seat.may_enter_for(one.id); });
    json::object data{{"body_name", house.body_name(visit, seat.body)}, {"rows", std::move(rows)}, {"some", some}, {"none", !some},
                      {"who", officer_options(who, typed.who.empty() ? seat.by.account.text() : typed.who)}, {"substitutes", officer_options(*staff, typed.substitute)},
                      {"from", typed.from}, {"until", typed.until}};
    for (const auto& mistake : typed.mistakes) data[mistake.id + "_error"] = mistake.text;
    House::add_mistakes(data, typed.mistakes);
    return house.page(visit, "office_absences", visit.text("Absences"), std::move(data), 200, "/office");
}

Response show(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto seat = seat_of(house, visit);
    return seat ? page(house, visit, *seat, {}) : seat.error();
}

Response enter(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto seat = seat_of(house, visit);
    if (!seat) return seat.error();
    const auto fields = read_fields(house, visit);
    if (!fields) return fields.error();
    Typed typed{fields->value_or("who", ""), fields->value_or("substitute", ""), fields->value_or("from", ""), fields->value_or("until", ""), {}};
    const auto staff = officers_of(house, seat->body);
    if (!staff) return house.failure(visit, staff.error());
    const auto account = [&](const std::string& id) { return std::ranges::find(*staff, id, [](const identity::Account& one) { return one.id.text(); }); };
    const auto who = account(typed.who);
    const auto substitute = account(typed.substitute);
    const auto from = parse_date(typed.from);
    const auto until = parse_date(typed.until);
    if (who == staff->end() || !seat->may_enter_for(who->id)) typed.mistakes.push_back({"who", visit.text("Choose who is away")});
    if (substitute == staff->end() || substitute == who) typed.mistakes.push_back({"substitute", visit.text("Choose another officer")});
    if (!from) typed.mistakes.push_back({"from", visit.text("Enter the first day")});
    if (!until || (from && *until < *from)) typed.mistakes.push_back({"until", visit.text("Enter the last day, not before the first")});
    if (!typed.mistakes.empty()) return page(house, visit, *seat, typed);
    const auto& zone = house.parts.pack.government.time_zone();
    const auto entered = house.parts.casework.desk().set_absence(
        seat->body, {who->id, substitute->id, zone.instant(*from, std::chrono::minutes(0)), zone.instant(Date(std::chrono::sys_days(*until) + std::chrono::days(1)), std::chrono::minutes(0))},
        seat->by);
    return entered ? Response::redirect("/office/absences") : not_done(house, visit, entered.error(), "/office/absences");
}

Response end(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto seat = seat_of(house, visit);
    if (!seat) return seat.error();
    const auto fields = read_fields(house, visit);
    if (!fields) return fields.error();
    const auto who = identity::AccountId::parse(fields->value_or("who", ""));
    const auto from = parse_instant(fields->value_or("from", ""));
    if (!who || !from) return not_done(house, visit, {Code::invalid, ""}, "/office/absences");
    const auto ended = house.parts.casework.desk().end_absence(seat->body, *who, *from, seat->by);
    return ended ? Response::redirect("/office/absences") : not_done(house, visit, ended.error(), "/office/absences");
}

}  // namespace

void Portal::House::add_absence_routes(http::Router& router) const {
    using http::Method;
    router.add(Method::get, "/office/absences", [this](const Request& request) { return show(*this, request); });
    router.add(Method::post, "/office/absences", [this](const Request& request) { return enter(*this, request); }, {.body_limit = 16U << 10});
    router.add(Method::post, "/office/absences/end", [this](const Request& request) { return end(*this, request); }, {.body_limit = 16U << 10});
}

}  // namespace madang::portal
