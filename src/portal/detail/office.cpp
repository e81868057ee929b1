// The officer's desk: what waits for a decision, one case, and the decision by an article of law.
#include "portal/detail/house.h"

namespace madang::portal {
namespace {

using House = Portal::House;
using catalogue::Ground;
using casework::CaseSummary;

struct Desk {
    casework::Officer officer;
    CaseSummary summary;
};

std::expected<casework::Officer, Response> officer_of(const House& house, const Visit& visit) {
    const auto* session = visit.signed_in();
    if (session == nullptr) return std::unexpected(house.sign_in_first(visit));
    const auto body = session->body_as("officer");
    if (!body) return std::unexpected(house.failure(visit, {Code::denied, ""}));
    return casework::Officer{session->account, *body};
}

std::expected<Desk, Response> desk_of(const House& house, const Visit& visit) {
    auto officer = officer_of(house, visit);
    if (!officer) return std::unexpected(officer.error());
    auto summary = house.parts.casework.find_for_officer(visit.request.parameter("receipt"), *officer);
    if (!summary) {
        const bool absent = summary.error().code == Code::invalid || summary.error().code == Code::not_found;
        return std::unexpected(house.failure(visit, absent ? Error{Code::not_found, ""} : summary.error()));
    }
    return Desk{std::move(*officer), std::move(*summary)};
}

Response inbox(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto officer = officer_of(house, visit);
    if (!officer) return officer.error();
    const auto cases = house.parts.casework.inbox(officer->body);
    if (!cases) return house.failure(visit, cases.error());
    json::array rows;
    for (const auto& one : *cases) {
        rows.push_back({{"c_url", "/office/case/" + one.receipt}, {"c_receipt", one.receipt}, {"c_service", house.service_name(visit, one.service)},
                        {"c_submitted", house.moment(visit, one.submitted_at)}, {"c_due", house.moment(visit, one.due_at)},
                        {"c_overdue", one.due_at < house.parts.clock.now()}});
    }
    const bool none = rows.empty();
    return house.page(visit, "office_inbox", visit.text("Applications to decide"),
                      {{"body_name", house.body_name(visit, officer->body)}, {"cases", std::move(rows)}, {"none", none}, {"some", !none}});
}

std::string in_language(const Visit& visit, const json::object& facts, std::string_view key) {
    const auto* texts = facts.if_contains(key);
    if (texts == nullptr || !texts->is_object()) return "–";
    const auto& object = texts->get_object();
    if (const auto* found = object.if_contains(visit.language); found != nullptr && found->is_string()) return std::string(found->get_string());
    return object.empty() ? std::string("–") : std::string(object.begin()->value().as_string());
}

json::array fact_rows(const Visit& visit, const json::object& facts) {
    const auto* residence = facts.if_contains("residence");
    if (residence == nullptr || !residence->is_object()) return {row(visit.text("Place of residence"), visit.text("None is registered."))};
    const json::object& found = residence->get_object();
    json::array rows{row(visit.text("Town or village"), in_language(visit, found, "town")), row(visit.text("Street"), in_language(visit, found, "street")),
                     row(visit.text("House"), string_or(found, "house", "–"))};
    if (const std::string flat = string_or(found, "flat", ""); !flat.empty()) rows.push_back(row(visit.text("Flat"), flat));
    if (const auto since = parse_date(string_or(found, "since", ""))) rows.push_back(row(visit.text("Registered since"), long_date(*since, visit.language)));
    return rows;
}

json::array answer_rows(const Visit& visit, const catalogue::Service& service, const json::object& answers) {
    json::array rows;
    for (const auto& page : service.form.pages) {
        for (const auto& field : page.fields) {
            if (!field.key.empty() && answers.contains(field.key)) rows.push_back(row(visit.text(field.label), answer_text(visit, field, answers)));
        }
    }
    return rows;
}

Result<json::array> person_rows(const House& house, const Visit& visit, const Desk& desk, const identity::Access& access) {
    const Date today = house.parts.pack.government.time_zone().date(house.parts.clock.now());
    TRY(const auto person, house.parts.store.write<std::optional<registers::Person>>(
                               [&](store::Tx& tx) { return house.parts.population.person(tx, desk.summary.applicant.person, today, access); }));
    json::array rows;
    if (!person) return rows;
    rows.push_back(row(visit.text("Name"), person->full_name(visit.language)));
    rows.push_back(row(visit.text("Born"), long_date(person->born, visit.language)));
    rows.push_back(row(visit.text("Personal number"), person->personal_number));
    const std::string& capacity = desk.summary.applicant.capacity;
    rows.push_back(row(visit.text("Applied by"), visit.text(capacity == "self" ? "The person" : (capacity == "parent" ? "A parent" : "A representative"))));
    return rows;
}

// What a grant would enter in the population register, in the register's own spelling; nothing where the
// address register does not hold what the applicant stated.
Result<std::optional<registers::Address>> stated_place(const House& house, const casework::CaseContent& content) {
    const Date today = house.parts.pack.government.time_zone().date(house.parts.clock.now());
    return house.parts.store.write<std::optional<registers::Address>>(
        [&](store::Tx& tx) { return house.parts.population.find_address(tx, casework::stated_address(content), today); });
}

std::string place_line(const Visit& visit, const registers::Address& place) {
    std::vector<std::string> parts{visit.in_language(place.town), visit.in_language(place.street), visit.text("house {house}", {{"house", place.house}})};
    if (!place.flat.empty()) parts.push_back(visit.text("flat {flat}", {{"flat", place.flat}}));
    std::erase(parts, std::string());
    return join(parts, ", ");
}

// What the officer typed, to fill the form again, and what is wrong with it.
struct Typed {
    std::string outcome, ground, reason;
    std::vector<House::Mistake> mistakes;
};

Response case_page(const House& house, const Visit& visit, const Desk& desk, const Typed& typed) {
    const CaseSummary& summary = desk.summary;
    const auto* service = house.parts.pack.find_service(summary.service);
    if (service == nullptr) return house.failure(visit, {Code::not_found, ""});
    const identity::Access access{.who = desk.officer.account, .capacity = "officer", .body = desk.officer.body, .case_id = summary.id.text(), .legal_ground = service->legal_ground()};
    const auto content = house.parts.casework.open_content(summary, access);
    if (!content) return house.failure(visit, content.error());
    // What a register told of the person is read here as well, though it stands in the case.
    if (const auto* residence = content->facts.if_contains("residence"); residence != nullptr && residence->is_object()) {
        const auto noted = house.parts.store.write([&](store::Tx& tx) { return house.parts.access_log.record(tx, access, summary.applicant.person, "population.residence"); });
        if (!noted) return house.failure(visit, noted.error());
    }
    auto person = person_rows(house, visit, desk, access);
    if (!person) return house.failure(visit, person.error());
    json::array grounds;
    for (const Ground& ground : service->grounds) {
        const std::string sense = visit.text(ground.outcome == Ground::Outcome::grant ? "To grant" : "To refuse");
        grounds.push_back({{"g_id", grounds.empty() ? std::string("ground") : format("ground-{}", grounds.size() + 1)}, {"g_value", ground.id},
                           {"g_text", sense + ": " + visit.text(ground.text)}, {"g_checked", typed.ground == ground.id}});
    }
    const bool open = summary.status == casework::Status::with_officer;
    std::string would_enter;
    if (open) {
        const auto place = stated_place(house, *content);
        if (!place) return house.failure(visit, place.error());
        if (*place) would_enter = place_line(visit, **place);
    }
    json::array decision;
    if (!open) {
        decision.push_back(row(visit.text("Status"), status_text(visit, summary.status)));
        if (summary.decided_at) decision.push_back(row(visit.text("Decided"), house.moment(visit, *summary.decided_at)));
        if (!summary.article.empty()) decision.push_back(row(visit.text("Article of law"), visit.text(summary.article)));
        if (!content->reason.empty()) decision.push_back(row(visit.text("Reason"), content->reason));
    }
    const std::string title = house.service_name(visit, summary.service);
    const std::string article = content->trace.is_object() ? string_or(content->trace.get_object(), "article", "") : std::string();
    json::array how = House::explanation(visit, content->trace);
    const bool has_how = !how.empty();
    json::object data{{"how", std::move(how)}, {"has_how", has_how}, {"receipt", summary.receipt}, {"service_title", title}, {"tag_class", status_tag(summary.status)}, {"status_text", status_text(visit, summary.status)},
                      {"due", house.moment(visit, summary.due_at)}, {"why", visit.text(string_or(content->outcome, "reason", ""))}, {"why_article", article.empty() ? std::string() : visit.text(article)},
                      {"person_rows", std::move(*person)}, {"answer_rows", answer_rows(visit, *service, content->answers)}, {"fact_rows", fact_rows(visit, content->facts)},
                      {"open", open}, {"would_enter", would_enter}, {"cannot_enter", open && would_enter.empty()}, {"decided", !open}, {"decision_rows", std::move(decision)}, {"grounds", std::move(grounds)},
                      {"action", "/office/case/" + summary.receipt + "/decide"}, {"chose_grant", typed.outcome == "grant"}, {"chose_refuse", typed.outcome == "refuse"}, {"reason_typed", typed.reason}};
    for (const auto& mistake : typed.mistakes) data[mistake.id + "_error"] = mistake.text;
    House::add_mistakes(data, typed.mistakes);
    return house.page(visit, "office_case", title, std::move(data), 200, "/office");
}

Response decide(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto desk = desk_of(house, visit);
    if (!desk) return desk.error();
    const auto fields = request.form();
    if (!fields) return house.failure(visit, fields.error());
    if (!house.has_token(visit, *fields)) return house.expired(visit);
    Typed typed{fields->value_or("outcome", ""), fields->value_or("ground", ""), fields->value_or("reason", ""), {}};
    const auto* service = house.parts.pack.find_service(desk->summary.service);
    const Ground* ground = service == nullptr ? nullptr : service->find_ground(typed.ground);
    const auto outcome = typed.outcome == "grant" ? Ground::Outcome::grant : Ground::Outcome::refuse;
    if (typed.outcome != "grant" && typed.outcome != "refuse") typed.mistakes.push_back({"outcome", visit.text("Choose whether you grant or refuse")});
    if (ground == nullptr) typed.mistakes.push_back({"ground", visit.text("Choose the article of law")});
    else if (typed.mistakes.empty() && ground->outcome != outcome) typed.mistakes.push_back({"ground", visit.text("Choose an article that fits the decision")});
    const auto reason = tidy_lines(typed.reason);
    if (!reason || reason->empty()) typed.mistakes.push_back({"reason", visit.text("Enter the reason")});
    else if (count_code_points(*reason) > 2000) typed.mistakes.push_back({"reason", visit.text("The reason must be 2000 characters or fewer")});
    if (!typed.mistakes.empty()) return case_page(house, visit, *desk, typed);
    const auto decided = house.parts.casework.decide(desk->summary.id, desk->officer, {outcome, typed.ground, *reason});
    if (!decided && decided.error().code == Code::invalid && outcome == Ground::Outcome::grant) {
        typed.mistakes.push_back({"outcome", visit.text("You cannot grant this: the address register does not hold the stated address")});
        return case_page(house, visit, *desk, typed);
    }
    if (!decided) return house.failure(visit, decided.error());
    house.parts.casework.wait_for(desk->summary.id, std::chrono::milliseconds(1500));
    return Response::redirect("/office/case/" + desk->summary.receipt);
}

}  // namespace

void Portal::House::add_office_routes(http::Router& router) const {
    using http::Method;
    router.add(Method::get, "/office", [this](const Request& request) { return inbox(*this, request); });
    router.add(Method::get, "/office/case/{receipt}", [this](const Request& request) {
        const Visit visit = this->visit(request);
        const auto desk = desk_of(*this, visit);
        return desk ? case_page(*this, visit, *desk, {}) : desk.error();
    });
    // Loaded again after a mistake, the page of the decision is the page of the case.
    router.add(Method::get, "/office/case/{receipt}/decide", [](const Request& request) { return Response::redirect("/office/case/" + request.parameter("receipt")); });
    router.add(Method::post, "/office/case/{receipt}/decide", [this](const Request& request) { return decide(*this, request); }, {.body_limit = 64U << 10});
}

}  // namespace madang::portal
