// The officer's desk: what waits for a decision, one case, and the decision by an article of law.
#include <algorithm>

#include "portal/detail/access.h"
#include "portal/detail/correspondence.h"
#include "portal/detail/inbox_filter.h"

namespace madang::portal {
namespace {

using House = Portal::House;
using catalogue::Ground;
using casework::CaseSummary;

struct Desk {
    casework::Officer officer;
    CaseSummary summary;
};

std::expected<Desk, Response> desk_of(const House& house, const Visit& visit) {
    auto officer = officer_of(house, visit);
    if (!officer) return std::unexpected(officer.error());
    auto summary = office_case(house, visit, *officer);
    if (!summary) return std::unexpected(summary.error());
    return Desk{std::move(*officer), std::move(*summary)};
}

std::string account_name(const House& house, const Visit& visit, const std::string& text) {
    const auto id = identity::AccountId::parse(text);
    const auto account = id ? house.parts.accounts.find_account(*id) : Result<std::optional<identity::Account>>(std::optional<identity::Account>());
    return account && *account ? (**account).name : visit.text("Another officer");
}

// Who decided, who confirmed, and for whom of the absent.
json::array decider_rows(const House& house, const Visit& visit, const CaseSummary& summary, const std::vector<casework::Decider>& deciders) {
    json::array rows;
    std::size_t first = deciders.size();
    while (first > 0 && deciders[first - 1].account != summary.decided_by) --first;
    if (first == 0) return rows;
    for (std::size_t i = first - 1; i < deciders.size(); ++i) {
        std::string who = account_name(house, visit, deciders[i].account);
        if (!deciders[i].acting_for.empty()) who = visit.text("{who}, for {absent}", {{"who", who}, {"absent", account_name(house, visit, deciders[i].acting_for)}});
        rows.push_back(row(visit.text(i + 1 == first ? "Decided by" : "Confirmed by"), who));
    }
    return rows;
}

std::string holder_name(const House& house, const Visit& visit, const CaseSummary& summary, const casework::Officer& officer, const std::vector<identity::AccountId>& stood_in_for) {
    if (summary.assignee.empty()) return visit.text("Nobody has it yet");
    if (summary.assignee == officer.account.text()) return visit.text("You have it");
    const std::string name = account_name(house, visit, summary.assignee);
    const bool for_absent = std::ranges::any_of(stood_in_for, [&](const identity::AccountId& one) { return one.text() == summary.assignee; });
    return for_absent ? visit.text("You, for {absent}", {{"absent", name}}) : name;
}

Response inbox(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto officer = officer_of(house, visit);
    if (!officer) return officer.error();
    const InboxFilter wanted = read_inbox_filter(request, *officer);
    const auto cases = page_at(wanted.first, InboxFilter::kPage, [&](std::int64_t first) { return house.parts.casework.search(officer->body, wanted.filter, first, InboxFilter::kPage); });
    if (!cases) return house.failure(visit, cases.error());
    const auto stood_in_for = house.parts.casework.desk().stood_in_for(*officer);
    if (!stood_in_for) return house.failure(visit, stood_in_for.error());
    json::array rows;
    for (const auto& one : cases->cases) {
        rows.push_back({{"c_url", "/office/case/" + one.receipt}, {"c_receipt", one.receipt}, {"c_service", house.service_name(visit, one.service)},
                        {"c_submitted", house.moment(visit, one.submitted_at)}, {"c_due", house.moment(visit, one.due_at)},
                        {"c_overdue", is_overdue(one, house.parts.clock.now())}, {"c_used", used_text(visit, casework::used_up(one, house.parts.clock.now()))}, {"c_holder", holder_name(house, visit, one, *officer, *stood_in_for)},
                        {"c_status", status_text(visit, one.status)}, {"c_tag", status_tag(one.status)}});
    }
    const bool none = rows.empty();
    const auto asked = house.parts.casework.consultations().asked_of(officer->body);
    if (!asked) return house.failure(visit, asked.error());
    const auto refunds = house.parts.casework.fees().refunds_at_desk(officer->body);
    if (!refunds) return house.failure(visit, refunds.error());
    const auto escalated = house.parts.casework.escalations().open_at(officer->body);
    if (!escalated) return house.failure(visit, escalated.error());
    json::object data{{"escalated", *escalated == 0 ? std::string() : std::to_string(*escalated)}, {"heads", visit.signed_in()->has_role(officer->body, "head")}, {"refunds", refunds->empty() ? std::string() : std::to_string(refunds->size())}, {"asked", *asked == 0 ? std::string() : std::to_string(*asked)}, {"body_name", house.body_name(visit, officer->body)}, {"cases", std::move(rows)}, {"none", none}, {"some", !none}};
    add_inbox_filter(house, visit, wanted, *cases, data);
    return house.page(visit, "office_inbox", visit.text("Applications"), std::move(data));
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
    if (residence == nullptr) return {row(visit.text("Place of residence"), visit.text("The register was not asked yet."))};
    if (!residence->is_object()) return {row(visit.text("Place of residence"), visit.text("None is registered."))};
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

std::string_view state_of_question(std::string_view position) {
    if (position == "agree") return "We agree";
    if (position == "disagree") return "We do not agree";
    if (position == "unanswered") return "Not answered in time";
    return position == "withdrawn" ? "Not needed any more" : "No remarks";
}

std::string shared_names(const casework::Consultation& one) {
    std::vector<std::string> names;
    for (const auto& file : one.files) names.push_back(file.about.name);
    return join(names, ", ");
}

// Which bodies must still answer before it can be decided.
std::string waits_for_answer(const House& house, const Visit& visit, const std::vector<casework::Consultation>& all) {
    std::vector<std::string> names;
    for (const auto& one : all) {
        if (!one.closed_at) names.push_back(house.body_name(visit, one.asked_body));
    }
    if (names.empty()) return {};
    return visit.text("You can decide once the body that was asked has answered, or you withdraw the question above. Not answered yet: {bodies}.", {{"bodies", join(names, ", ")}});
}

json::array file_choices(const House& house, const Visit& visit, const std::vector<casework::Message>& messages) {
    json::array rows;
    for (const auto& message : messages) {
        for (std::size_t i = 0; i < message.files.size(); ++i) {
            rows.push_back({{"f_id", format("share-{}", rows.size() + 1)}, {"f_ref", format("{}/{}", message.number, i)}, {"f_name", message.files[i].name}, {"f_at", house.moment(visit, message.at)}});
        }
    }
    return rows;
}

json::array consultation_rows(const House& house, const Visit& visit, const std::vector<casework::Consultation>& all) {
    json::array rows;
    for (const auto& one : all) {
        std::string state = visit.text("Answer due by") + " " + house.moment(visit, one.due_at);
        if (one.closed_at) state = visit.text(state_of_question(one.position)) + ", " + house.moment(visit, *one.closed_at);
        rows.push_back({{"a_body", house.body_name(visit, one.asked_body)}, {"a_state", state}, {"a_question", one.question}, {"a_answer", one.answer}, {"a_files", shared_names(one)}, {"a_open", !one.closed_at}, {"a_number", std::to_string(one.number)}});
    }
    return rows;
}

// The open tasks of the model, what this officer may do with each, and what came of those that are done.
Result<void> add_tasks(const House& house, const Visit& visit, const Desk& desk, const casework::CaseContent& content, json::object& data) {
    using casework::Tasks;
    TRY(const auto open, house.parts.casework.tasks().of_case(desk.summary));
    TRY(const auto absent, house.parts.casework.desk().stood_in_for(desk.officer));
    const std::string own = desk.officer.account.text();
    json::array rows;
    bool can_decide = open.empty();   // an appeal has no process
    for (const casework::CaseTask& task : open) {
        const bool stands_in = std::ranges::any_of(absent, [&](const identity::AccountId& one) { return one.text() == task.holder; });
        const bool mine = Tasks::has_role(desk.officer, task.role) && (task.holder.empty() || task.holder == own || stands_in);
        can_decide = can_decide || (task.decides && mine);
        json::array outcomes;
        for (const std::string& outcome : task.outcomes) outcomes.push_back({{"o_id", format("task-{}-{}", rows.size() + 1, outcomes.size() + 1)}, {"o_value", outcome}, {"o_text", visit.text(outcome == "done" ? "Done" : outcome)}});
        const std::string holder = task.holder.empty() ? visit.text("Nobody has it yet") : task.holder == own ? visit.text("You have it") : account_name(house, visit, task.holder);
        rows.push_back({{"t_id", task.id.text()}, {"t_remark", format("task-remark-{}", rows.size() + 1)}, {"t_name", visit.text(task.name.empty() ? task.node : task.name)}, {"t_role", visit.text(task.role == "officer" ? "Officer" : task.role)},
                        {"t_holder", holder}, {"t_can_claim", mine && task.holder != own}, {"t_can_release", mine && task.holder == own}, {"t_can_complete", mine && !task.decides},
                        {"t_outcomes", std::move(outcomes)}, {"t_decides", task.decides}});
    }
    json::array done;
    for (const casework::TaskDone& one : content.tasks) {
        std::string who = account_name(house, visit, one.account);
        if (!one.acting_for.empty()) who = visit.text("{who}, for {absent}", {{"who", who}, {"absent", account_name(house, visit, one.acting_for)}});
        const auto at = parse_instant(one.at);
        done.push_back({{"n_name", visit.text(one.name.empty() ? one.node : one.name)}, {"n_outcome", visit.text(one.outcome == "done" ? "Done" : one.outcome)}, {"n_who", who},
                        {"n_at", at ? house.moment(visit, *at) : std::string()}, {"n_remark", one.remark}});
    }
    // Where the decision is all there is to do, the page says it by its form.
    const bool plain = done.empty() && open.size() == 1 && open.front().decides && open.front().role == "officer";
    data["has_tasks"] = !plain && (!rows.empty() || !done.empty());
    data["tasks"] = std::move(rows);
    data["done_tasks"] = std::move(done);
    data["open"] = bool_or(data, "open", false) && can_decide && !desk.summary.decided_at;
    const bool waits = !string_or(data, "waits_for_answer", "").empty();
    data["can_decide"] = bool_or(data, "open", false) && !waits;
    if (!bool_or(data, "open", false)) data["waits_for_answer"] = "";
    return {};
}

// What a second person must look at, in the words of the first.
json::array proposal_rows(const Visit& visit, const catalogue::Service& service, const json::object& proposal) {
    const Ground* ground = service.find_ground(string_or(proposal, "ground", ""));
    return {row(visit.text("Decision"), visit.text(bool_or(proposal, "granted", false) ? "Grant" : "Refuse")),
            row(visit.text("Article of law"), ground == nullptr ? std::string() : visit.text(ground->text)), row(visit.text("Reason"), string_or(proposal, "reason", ""))};
}

// Letters, questions, fees, kin, and what this officer may do now.
Result<void> add_steps(const House& house, const Visit& visit, const Desk& desk, const catalogue::Service& service, const casework::CaseContent& content,
                       const identity::Access& access, json::object& data) {
    using casework::Payment;
    using casework::Status;
    const CaseSummary& summary = desk.summary;
    auto& casework = house.parts.casework;
    const bool closed = casework::is_closed(summary.status);
    TRY(const auto messages, casework.letters().messages(summary, access));
    TRY(const auto consultations, casework.consultations().of_case(summary, access));
    TRY(const auto links, casework.procedures().links_of(summary));
    TRY(const auto payments, casework.fees().of_case(summary));
    data["case_url"] = "/office/case/" + summary.receipt;
    data["has_letter"] = summary.decided_at.has_value();
    TRY(json::array course, course_steps(house, visit, summary));
    data["has_course"] = !course.empty();
    data["course"] = std::move(course);
    data["course_url"] = "/office/case/" + summary.receipt + "/course.svg";
    data["messages"] = message_rows(house, visit, messages, casework::Message::Side::body, "/office/case/" + summary.receipt);
    data["has_messages"] = !messages.empty();
    data["consultations"] = consultation_rows(house, visit, consultations);
    data["waits_for_answer"] = waits_for_answer(house, visit, consultations);
    json::array choices = file_choices(house, visit, messages);
    data["has_case_files"] = !choices.empty();
    data["case_files"] = std::move(choices);
    data["links"] = link_rows(visit, links, "/office/case/");
    data["payment_rows"] = payment_rows(house, visit, payments);
    const auto any = [&](Payment::State state) { return std::ranges::any_of(payments, [&](const Payment& one) { return one.kind == Payment::Kind::fee && one.state == state; }); };
    data["can_cash"] = !closed && any(Payment::State::due) && casework.provider().name() == "desk";
    data["can_pay_out"] = std::ranges::any_of(payments, [&](const Payment& one) { return one.kind == Payment::Kind::refund && one.state == Payment::State::due && casework.fees().given_at_desk(one); });
    data["can_refuse_exemption"] = summary.status == Status::with_officer && any(Payment::State::exempt);
    TRY(const auto stood_in_for, casework.desk().stood_in_for(desk.officer));
    data["holder"] = closed ? std::string() : holder_name(house, visit, summary, desk.officer, stood_in_for);
    data["can_claim"] = !closed && summary.assignee.empty();
    data["can_release"] = !closed && summary.assignee == desk.officer.account.text();
    data["active"] = !closed;
    data["second"] = summary.status == Status::with_second_officer;
    data["given_back"] = closed ? std::string() : string_or(content.proposal, "given_back", "");
    if (summary.status == Status::with_second_officer) data["proposal_hash"] = casework::proposal_hash(content);
    data["proposal_rows"] = proposal_rows(visit, service, content.proposal);
    data["is_appeal"] = summary.kind == casework::CaseKind::appeal && !closed;
    data["can_reopen"] = summary.kind == casework::CaseKind::application && (summary.status == Status::refused || summary.status == Status::withdrawn || summary.status == Status::lapsed);
    json::array duplicates;
    if (!closed) {
        TRY(const auto found, casework.procedures().duplicates_of(summary));
        for (const auto& one : found) duplicates.push_back({{"d_receipt", one.receipt}, {"d_action", "/office/case/" + summary.receipt + "/merge"}});
    }
    data["duplicates"] = std::move(duplicates);
    json::array colleagues;
    if (!closed) {
        TRY(const auto staff, house.parts.accounts.staff_of(desk.officer.body));
        for (const auto& one : staff) {
            if (!one.disabled && one.has_role(desk.officer.body, "officer") && one.id.text() != summary.assignee) colleagues.push_back({{"k_value", one.id.text()}, {"k_name", one.name}});
        }
    }
    data["can_delegate"] = !colleagues.empty();
    data["colleagues"] = std::move(colleagues);
    const auto& extensions = service.term.extensions;
    data["can_extend"] = !closed && summary.kind == casework::CaseKind::application && extensions.has_value();
    if (extensions) data["most"] = term_text(visit, {.kind = extensions->kind, .count = extensions->total});
    json::array bodies;
    for (const auto& body : house.parts.pack.government.bodies()) {
        if (body.code != desk.officer.body && bodies.size() < 100) bodies.push_back({{"b_id", format("body-{}", bodies.size() + 1)}, {"b_code", body.code}, {"b_name", visit.in_language(body.name)}});
    }
    data["bodies"] = std::move(bodies);
    return {};
}

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
    const bool open = summary.status == casework::Status::with_officer && summary.kind == casework::CaseKind::application;
    std::string would_enter;
    if (open) {
        const auto place = stated_place(house, *content);
        if (!place) return house.failure(visit, place.error());
        if (*place) would_enter = place_line(visit, **place);
    }
    json::array decision;
    const bool decided = casework::is_closed(summary.status) || summary.decided_at.has_value();
    if (decided) {
        decision.push_back(row(visit.text("Status"), status_text(visit, summary.status)));
        if (summary.decided_at) decision.push_back(row(visit.text("Decided"), house.moment(visit, *summary.decided_at)));
        if (!summary.article.empty()) decision.push_back(row(visit.text("Article of law"), visit.text(summary.article)));
        if (!content->reason.empty()) decision.push_back(row(visit.text("Reason"), content->reason));
        for (auto& one : decider_rows(house, visit, summary, content->deciders)) decision.push_back(std::move(one));
    }
    const std::string title = house.service_name(visit, summary.service);
    const std::string article = content->trace.is_object() ? string_or(content->trace.get_object(), "article", "") : std::string();
    json::array how = House::explanation(visit, content->trace);
    const bool has_how = !how.empty();
    json::object data{{"how", std::move(how)}, {"has_how", has_how}, {"receipt", summary.receipt}, {"service_title", title}, {"tag_class", status_tag(summary.status)}, {"status_text", status_text(visit, summary.status)},
                      {"due", house.moment(visit, summary.due_at)}, {"why", visit.text(string_or(content->outcome, "reason", ""))}, {"why_article", article.empty() ? std::string() : visit.text(article)},
                      {"person_rows", std::move(*person)}, {"answer_rows", summary.kind == casework::CaseKind::appeal ? json::array{row(visit.text("What is wrong with the decision"), string_or(content->answers, "grounds", ""))} : answer_rows(visit, *service, content->answers)}, {"fact_rows", fact_rows(visit, content->facts)},
                      {"open", open}, {"would_enter", would_enter}, {"cannot_enter", open && would_enter.empty()}, {"decided", decided}, {"decision_rows", std::move(decision)}, {"grounds", std::move(grounds)},
                      {"action", "/office/case/" + summary.receipt + "/decide"}, {"chose_grant", typed.outcome == "grant"}, {"chose_refuse", typed.outcome == "refuse"}, {"reason_typed", typed.reason}};
    if (auto more = add_steps(house, visit, desk, *service, *content, access, data); !more) return house.failure(visit, more.error());
    add_versions(house, visit, summary, *content, data);
    if (auto more = add_clock(house, visit, summary, data); !more) return house.failure(visit, more.error());
    if (auto more = add_acts(house, visit, summary, data); !more) return house.failure(visit, more.error());
    if (auto more = add_tasks(house, visit, desk, *content, data); !more) return house.failure(visit, more.error());
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
    if (!decided) return not_done(house, visit, decided.error(), "/office/case/" + desk->summary.receipt);
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
