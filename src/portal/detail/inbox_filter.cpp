#include "portal/detail/inbox_filter.h"

#include <algorithm>

namespace madang::portal {
namespace {

constexpr std::size_t kMaxTyped = 80;

json::object option(std::string value, std::string text, const std::string& chosen) {
    const bool checked = value == chosen;
    return {{"o_value", std::move(value)}, {"o_text", std::move(text)}, {"o_checked", checked}};
}

std::string address(const InboxFilter& asked, std::int64_t first) {
    std::string text = format("/office?first={}&state={}", first, http::percent_encode(asked.state));
    const auto add = [&](std::string_view name, const std::string& value) {
        if (!value.empty()) text += format("&{}={}", name, http::percent_encode(value));
    };
    add("receipt", asked.filter.receipt);
    add("service", asked.filter.service);
    add("role", asked.filter.role);
    add("who", asked.who);
    add("overdue", asked.filter.overdue ? "yes" : "");
    return text;
}

}  // namespace

InboxFilter read_inbox_filter(const http::Request& request, const casework::Officer& officer) {
    const auto typed = [&](std::string_view name) {
        std::string value = request.query.value_or(name, "");
        return value.size() > kMaxTyped ? std::string() : value;
    };
    InboxFilter asked;
    asked.filter.service = typed("service");
    asked.filter.role = typed("role");
    asked.filter.receipt = typed("receipt");
    asked.filter.overdue = typed("overdue") == "yes";
    asked.who = typed("who");
    if (asked.who == "mine") asked.filter.assignee = officer.account.text();
    asked.filter.nobodys = asked.who == "nobody";
    // Who searches by a receipt means that case, closed or not.
    if (const std::string state = typed("state"); !state.empty() && casework::set_state(asked.filter, state)) asked.state = state;
    else if (!asked.filter.receipt.empty() && casework::set_state(asked.filter, "all")) asked.state = "all";
    const auto first = parse_decimal(typed("first"));
    if (first && *first < 1'000'000'000) asked.first = static_cast<std::int64_t>(*first);
    return asked;
}

void add_inbox_filter(const Portal::House& house, const Visit& visit, const InboxFilter& asked, const casework::CasePage& page, json::object& data) {
    json::array services{option("", visit.text("All services"), asked.filter.service)};
    for (const auto& one : house.parts.pack.services) services.push_back(option(one.id, house.service_name(visit, one.id), asked.filter.service));
    json::array states{option("waiting", visit.text("Waiting for an answer"), asked.state), option("open", visit.text("All open"), asked.state), option("closed", visit.text("Closed"), asked.state),
                       option("all", visit.text("All cases"), asked.state)};
    for (const auto status : {casework::Status::with_officer, casework::Status::with_second_officer, casework::Status::awaiting_applicant, casework::Status::awaiting_fee, casework::Status::refused,
                              casework::Status::issued, casework::Status::withdrawn, casework::Status::lapsed}) {
        states.push_back(option(std::string(casework::name_of(status)), status_text(visit, status), asked.state));
    }
    json::array whose{option("", visit.text("Anybody's"), asked.who), option("mine", visit.text("Mine"), asked.who), option("nobody", visit.text("Nobody's"), asked.who)};
    json::array roles;
    if (!house.parts.pack.roles.empty()) {
        roles = {option("", visit.text("All tasks"), asked.filter.role), option("officer", visit.text("Officer"), asked.filter.role)};
        for (const std::string& role : house.parts.pack.roles) roles.push_back(option(role, visit.text(role), asked.filter.role));
    }
    data["has_roles"] = !roles.empty();
    data["roles"] = std::move(roles);
    data["services"] = std::move(services);
    data["states"] = std::move(states);
    data["whose"] = std::move(whose);
    // At first the cases come first; who searched sees what for.
    data["filtered"] = asked.state != "waiting" || !asked.who.empty() || !asked.filter.service.empty() || !asked.filter.role.empty() || asked.filter.overdue;
    data["receipt_typed"] = asked.filter.receipt;
    data["overdue_checked"] = asked.filter.overdue;
    const std::int64_t end = page.first + std::ssize(page.cases);
    data["shown"] = page.total == 0 ? std::string() : visit.text("{from} to {to} of {all}", {{"from", std::to_string(page.first + 1)}, {"to", std::to_string(end)}, {"all", std::to_string(page.total)}});
    data["before_url"] = page.first > 0 ? address(asked, std::max<std::int64_t>(0, page.first - InboxFilter::kPage)) : std::string();
    data["after_url"] = end < page.total ? address(asked, end) : std::string();
}

}  // namespace madang::portal
