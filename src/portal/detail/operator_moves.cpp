// Running procedures on their way to another version of their model: first what keeps each, then the move of those that can.
#include "base/text.h"
#include "portal/detail/access.h"
#include "portal/detail/correspondence.h"

namespace madang::portal {
namespace {

using House = Portal::House;

constexpr std::size_t kAtOnce = 100;
constexpr std::size_t kMaxId = 200;
constexpr std::size_t kMaxPairs = 500;

// What the form says; what cannot be read is named by its field.
struct Form {
    std::string process, version, nodes, reason, after;
    casework::MoveOrder order;
    std::vector<House::Mistake> mistakes;
};

// "Old=New", one a line.
void read_nodes(const Visit& visit, Form& form) {
    for (const std::string_view line : split(form.nodes, '\n')) {
        const std::string_view pair = trim(line);
        if (pair.empty()) continue;
        const auto ends = split(pair, '=');
        if (ends.size() != 2 || trim(ends[0]).empty() || trim(ends[1]).empty() || pair.size() > 2 * kMaxId || form.order.nodes.size() >= kMaxPairs) {
            form.mistakes.push_back({"nodes", visit.text("Write each step that changed its id on a line of its own, as Old=New.")});
            return;
        }
        form.order.nodes[std::string(trim(ends[0]))] = std::string(trim(ends[1]));
    }
}

Form read_form(const Visit& visit, const http::Fields& fields) {
    Form form{.process = fields.value_or("process", ""), .version = fields.value_or("version", ""), .nodes = fields.value_or("nodes", ""), .reason = fields.value_or("reason", ""),
              .after = fields.value_or("after", ""), .order = {}, .mistakes = {}};
    if (form.process.size() > kMaxId) form.process.clear();
    if (form.after.size() > kMaxId) form.after.clear();
    const auto version = parse_decimal(form.version);
    if (version && *version >= 1 && *version <= 1'000'000) form.order.version = static_cast<int>(*version);
    read_nodes(visit, form);
    form.order.reason = form.reason;
    return form;
}

json::object option(std::string value, std::string label, const std::string& chosen) {
    const bool checked = value == chosen;
    return {{"o_value", std::move(value)}, {"o_label", std::move(label)}, {"o_checked", checked}};
}

json::array move_rows(const Visit& visit, const std::vector<casework::Move>& moves) {
    json::array rows;
    for (const casework::Move& one : moves) {
        const bool kept = !one.problems.empty();
        rows.push_back({{"m_url", "/operator/process/" + one.id.text()}, {"m_id", one.id.text()}, {"m_version", std::to_string(one.version)},
                        {"m_verdict", one.moved ? visit.text("It has moved") : kept ? visit.text("It cannot move") : visit.text("It can move")},
                        {"m_tag", kept ? "govuk-tag--red" : "govuk-tag--green"}, {"m_problems", join(one.problems, "\n")}});
    }
    return rows;
}

// The page: which process, to which version; where both are known, what was found.
Response shown(const House& house, const Visit& visit, const Form& form, const casework::Processes::Moves* found) {
    json::array kinds{option("", visit.text("Choose"), form.process)};
    bool listed = form.process.empty();
    for (const auto& service : house.parts.pack.services) {
        if (service.process.id.empty()) continue;
        listed = listed || service.process.id == form.process;
        kinds.push_back(option(service.process.id, visit.text(service.name), form.process));
    }
    if (!listed) kinds.push_back(option(form.process, form.process, form.process));
    json::array versions;
    if (!form.process.empty()) {
        const auto kept = house.parts.casework.processes().versions(form.process);
        if (!kept) return house.failure(visit, kept.error());
        if (kept->empty()) return house.failure(visit, {Code::not_found, ""});
        for (const int version : *kept) versions.push_back(option(std::to_string(version), std::to_string(version), form.version));
    }
    json::object data{{"kinds", std::move(kinds)}, {"has_versions", !versions.empty()}, {"versions", std::move(versions)}, {"nodes_typed", form.nodes}, {"reason_typed", form.reason},
                      {"process_typed", form.process}, {"version_typed", form.version}, {"after_typed", form.after}, {"asked", found != nullptr}};
    House::add_mistakes(data, form.mistakes);
    for (const auto& one : form.mistakes) data[one.id + "_error"] = one.text;
    if (found != nullptr) {
        const auto can = std::ranges::count_if(found->moves, [](const casework::Move& one) { return one.problems.empty() && !one.moved; });
        data["moves"] = move_rows(visit, found->moves);
        data["none"] = found->moves.empty();
        data["can_move"] = can != 0;
        data["next_url"] = found->next.empty() ? std::string() : format("/operator/move?process={}&version={}&nodes={}&after={}", http::percent_encode(form.process), http::percent_encode(form.version),
                                                                         http::percent_encode(form.nodes), http::percent_encode(found->next));
    }
    return house.page(visit, "operator_move", visit.text("Move procedures to another version"), std::move(data), form.mistakes.empty() ? 200 : 422, "/operator");
}

// A dry run: nothing changes by looking.
Response look(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto who = operator_of(house, visit);
    if (!who) return who.error();
    Form form = read_form(visit, request.query);
    if (form.process.empty() || form.order.version == 0 || !form.mistakes.empty()) return shown(house, visit, form, nullptr);
    form.order.dry_run = true;
    form.order.actor = who->text();
    const auto found = house.parts.casework.processes().move_some(form.process, form.order, form.after, kAtOnce);
    return found ? shown(house, visit, form, &*found) : house.failure(visit, found.error());
}

Response move(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto who = operator_of(house, visit);
    if (!who) return who.error();
    const auto fields = read_fields(house, visit);
    if (!fields) return fields.error();
    Form form = read_form(visit, *fields);
    if (form.process.empty() || form.order.version == 0) return house.failure(visit, {Code::not_found, ""});
    if (trim(form.reason).empty()) form.mistakes.push_back({"reason", visit.text("Enter the reason")});
    form.order.actor = who->text();
    form.order.dry_run = !form.mistakes.empty();   // then the page shows again what would be
    const auto found = house.parts.casework.processes().move_some(form.process, form.order, form.after, kAtOnce);
    return found ? shown(house, visit, form, &*found) : house.failure(visit, found.error());
}

}  // namespace

void Portal::House::add_operator_move_routes(http::Router& router) const {
    using http::Method;
    router.add(Method::get, "/operator/move", [this](const Request& request) { return look(*this, request); });
    router.add(Method::post, "/operator/move", [this](const Request& request) { return move(*this, request); }, {.body_limit = 64U << 10});
}

}  // namespace madang::portal
