// From "start now" to the receipt: for whom, one thing per page, check answers, send.
#include <algorithm>

#include "portal/detail/correspondence.h"
#include "portal/detail/questions.h"

namespace madang::portal {
namespace {

using House = Portal::House;

std::string draft_path(const casework::DraftId& id, std::string_view page) { return "/draft/" + id.text() + "/" + std::string(page); }

// Whom the visitor may apply for besides themselves, with their names. The reading is written down.
struct Represented {
    identity::Mandate mandate;
    std::string name;
};

Result<std::vector<Represented>> represented_by(const House& house, const Visit& visit, const identity::Session& session, const catalogue::Service& service) {
    const Instant now = house.parts.clock.now();
    const Date today = house.parts.pack.government.time_zone().date(now);
    return house.parts.store.write<std::vector<Represented>>([&](store::Tx& tx) -> Result<std::vector<Represented>> {
        TRY(const auto mandates, house.parts.mandates.who_may_act_for(tx, session.account, now));
        std::vector<Represented> all;
        for (const auto& mandate : mandates) {
            const std::string_view capacity = identity::capacity_of(mandate.kind);
            if (!mandate.covers(service.id, now) || std::ranges::find(service.applicants, capacity) == service.applicants.end()) continue;
            TRY(const auto person, house.parts.population.person(tx, mandate.represented, today,
                                                                 {.who = session.account, .capacity = std::string(capacity), .body = {}, .case_id = {}, .legal_ground = mandate.legal_ground}));
            if (person) all.push_back({mandate, person->full_name(visit.language)});
        }
        return all;
    });
}

Response begin_for(const House& house, const Visit& visit, const catalogue::Service& service, const std::optional<identity::PersonId>& whom) {
    const identity::Session& session = *visit.signed_in();
    const auto applicant = house.parts.casework.applicant_for(session.account, session.person, whom, service.id);
    if (!applicant) return house.failure(visit, applicant.error());
    const auto answers = house.parts.casework.prefill(service.id, *applicant, visit.language);
    if (!answers) return house.failure(visit, answers.error());
    const auto draft = house.parts.casework.begin_draft(service.id, *applicant, *answers);
    if (!draft) return house.failure(visit, draft.error());
    const auto pages = form::shown_pages(service.form, *answers);
    return Response::redirect(pages.empty() ? draft_path(*draft, "check") : draft_path(*draft, pages.front()->id));
}

Response whom_page(const House& house, const Visit& visit, const catalogue::Service& service, const std::vector<Represented>& represented, bool missing) {
    json::array applicants{json::object{{"applicant_id", "applicant"}, {"applicant_value", "self"}, {"applicant_name", visit.text("For me")}}};
    for (const auto& one : represented) {
        applicants.push_back({{"applicant_id", format("applicant-{}", applicants.size() + 1)}, {"applicant_value", one.mandate.represented.text()}, {"applicant_name", one.name},
                              {"applicant_hint", visit.text(one.mandate.kind == identity::MandateKind::parent ? "Your child" : "You represent this person")}});
    }
    json::object data{{"action", "/apply/" + service.id}, {"applicants", std::move(applicants)}};
    if (missing) {
        const std::string text = visit.text("Choose who the certificate is for");
        data["applicant_error"] = text;
        House::add_mistakes(data, {{"applicant", text}});
    }
    return house.page(visit, "for_whom", visit.text("Who is the certificate for?"), std::move(data), 200, "/services/" + service.id);
}

Response start(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto* service = house.parts.pack.find_service(request.parameter("service"));
    if (service == nullptr) return house.failure(visit, {Code::not_found, ""});
    if (visit.signed_in() == nullptr) return house.sign_in_first(visit);
    if (!visit.signed_in()->person) {
        return house.message(visit, 403, visit.text("Apply with your own account"), {visit.text("An account of staff decides applications; it cannot make one.")});
    }
    const auto represented = represented_by(house, visit, *visit.signed_in(), *service);
    if (!represented) return house.failure(visit, represented.error());
    // Showing the page makes nothing: a draft begins with the answer, also where there is one choice only.
    return whom_page(house, visit, *service, *represented, false);
}

Response choose_whom(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto* service = house.parts.pack.find_service(request.parameter("service"));
    if (service == nullptr) return house.failure(visit, {Code::not_found, ""});
    if (visit.signed_in() == nullptr) return house.sign_in_first(visit);
    const auto fields = request.form();
    if (!fields) return house.failure(visit, fields.error());
    if (!house.has_token(visit, *fields)) return house.expired(visit);
    const std::string chosen = fields->value_or("applicant", "");
    if (chosen == "self") return begin_for(house, visit, *service, std::nullopt);
    const auto whom = identity::PersonId::parse(chosen);
    if (whom) return begin_for(house, visit, *service, *whom);
    const auto represented = represented_by(house, visit, *visit.signed_in(), *service);
    if (!represented) return house.failure(visit, represented.error());
    return whom_page(house, visit, *service, *represented, true);
}

// A draft of the visitor with its service, or the page to show instead.
struct Opened {
    casework::Draft draft;
    const catalogue::Service* service = nullptr;
};

std::expected<Opened, Response> open_draft(const House& house, const Visit& visit) {
    if (visit.signed_in() == nullptr) return std::unexpected(house.sign_in_first(visit));
    const auto id = casework::DraftId::parse(visit.request.parameter("id"));
    if (!id) return std::unexpected(house.failure(visit, {Code::not_found, ""}));
    auto draft = house.parts.casework.find_draft(visit.signed_in()->account, *id);
    if (!draft) {
        // Sent already, most likely: by the back button or a second tab.
        if (draft.error().code == Code::not_found) {
            return std::unexpected(house.message(visit, 404, visit.text("This application is not open any more"),
                                                 {visit.text("It was sent already. You find it among your applications.")}, "/cases", visit.text("My applications")));
        }
        return std::unexpected(house.failure(visit, draft.error()));
    }
    const auto* service = house.parts.pack.find_service(draft->service);
    if (service == nullptr) return std::unexpected(house.failure(visit, {Code::not_found, ""}));
    return Opened{std::move(*draft), service};
}

Response question(const House& house, const Visit& visit, const Opened& opened, const form::Page& page, const std::vector<form::Problem>& problems) {
    const auto pages = form::shown_pages(opened.service->form, opened.draft.answers);
    const auto place = std::ranges::find(pages, &page) - pages.begin();
    json::array fields;
    std::vector<House::Mistake> mistakes;
    bool headed = false;
    for (const auto* field : form::shown_fields(page, opened.draft.answers, opened.service->form)) {
        std::string error;
        for (const auto& problem : problems) {
            if (problem.key == field->key) error = problem_text(visit, problem);
        }
        if (!error.empty()) mistakes.push_back({field->key, error});
        json::object data = question_of(visit, page, *field, opened.draft.answers, error);
        headed = headed || data["f_is_heading"].as_bool();
        fields.push_back(std::move(data));
    }
    const std::string title = visit.text(page.label);
    const bool changing = visit.request.query.has("change");
    std::string action = draft_path(opened.draft.id, page.id);
    if (changing) action += "?change=1";
    json::object data{{"caption", house.service_name(visit, opened.service->id)}, {"heading", headed ? std::string() : title},
                      {"description", page.description.empty() ? std::string() : visit.text(page.description)}, {"action", action}, {"fields", std::move(fields)}};
    House::add_mistakes(data, mistakes);
    const std::string back = changing || place == 0 ? (changing || !opened.draft.amends.empty() ? draft_path(opened.draft.id, "check") : "/apply/" + opened.service->id)
                                                    : draft_path(opened.draft.id, pages[static_cast<std::size_t>(place) - 1]->id);
    return house.page(visit, "question", title, std::move(data), 200, back);
}

Response show_question(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto opened = open_draft(house, visit);
    if (!opened) return opened.error();
    const auto* page = opened->service->form.find_page(request.parameter("page"));
    if (page == nullptr) return house.failure(visit, {Code::not_found, ""});
    return question(house, visit, *opened, *page, {});
}

Response answer_question(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    auto opened = open_draft(house, visit);
    if (!opened) return opened.error();
    const auto* page = opened->service->form.find_page(request.parameter("page"));
    if (page == nullptr) return house.failure(visit, {Code::not_found, ""});
    const auto fields = request.form();
    if (!fields) return house.failure(visit, fields.error());
    if (!house.has_token(visit, *fields)) return house.expired(visit);
    const form::Form& form = opened->service->form;
    form::Answers& answers = opened->draft.answers;
    for (const auto& field : page->fields) {
        if (field.key.empty()) continue;
        // A box that is not ticked is not sent: what is absent is no answer.
        answers.erase(field.key);
        if (auto texts = fields->all(field.key); !texts.empty()) answers[field.key] = std::move(texts);
    }
    // What was typed is kept even where it is wrong: nothing has to be typed twice.
    const auto saved = house.parts.casework.save_draft(opened->draft);
    if (!saved) return house.failure(visit, saved.error());
    const form::Checked checked = form::check_page(form, *page, answers);
    if (!checked.problems.empty()) return question(house, visit, *opened, *page, checked.problems);
    if (request.query.has("change")) return Response::redirect(draft_path(opened->draft.id, "check"));
    const auto pages = form::shown_pages(form, answers);
    const auto at = std::ranges::find(pages, page);
    const bool last = at == pages.end() || at + 1 == pages.end();
    return Response::redirect(last ? draft_path(opened->draft.id, "check") : draft_path(opened->draft.id, (*(at + 1))->id));
}

// What is to pay, and by what articles it is not.
void add_fee(const Visit& visit, const catalogue::Service& service, json::object& data) {
    if (service.is_free()) return;
    json::array exemptions;
    for (const auto& one : service.exemptions) {
        exemptions.push_back({{"e_id", format("exemption-{}", exemptions.size() + 2)}, {"e_value", one.id}, {"e_label", visit.text(one.text)}, {"e_article", visit.text(one.article)}});
    }
    data["fee"] = format("{} {}", service.fee_amount, service.fee_currency);
    data["can_claim"] = !exemptions.empty();
    data["exemptions"] = std::move(exemptions);
}

Response check_answers(const House& house, const Visit& visit, const Opened& opened, const std::vector<form::Problem>& problems) {
    const form::Form& form = opened.service->form;
    const form::Checked checked = form::check(form, opened.draft.answers);
    json::array groups;
    for (const auto* page : form::shown_pages(form, opened.draft.answers)) {
        json::array rows;
        const std::string url = draft_path(opened.draft.id, page->id) + "?change=1";
        for (const auto* field : form::shown_fields(*page, opened.draft.answers, form)) {
            if (field->key.empty()) continue;
            json::object one = row(visit.text(field->label), answer_text(visit, *field, checked.data));
            one["row_url"] = url + "#" + field->key;
            rows.push_back(std::move(one));
        }
        groups.push_back({{"group_heading", visit.text(page->label)}, {"rows", std::move(rows)}});
    }
    const bool self = opened.draft.applicant.capacity == "self";
    json::object data{{"groups", std::move(groups)}, {"action", draft_path(opened.draft.id, "submit")},
                      {"for_whom", visit.text(self ? "You apply for yourself." : "You apply for another person, as the law allows you.")}};
    const bool amends = !opened.draft.amends.empty();
    data["amends"] = amends;
    data["applies"] = !amends;
    if (!amends) add_fee(visit, *opened.service, data);
    json::array list;
    for (const auto& problem : problems) {
        list.push_back({{"error_href", draft_path(opened.draft.id, problem.page) + "?change=1#" + problem.key}, {"error_text", problem_text(visit, problem)}});
    }
    if (!list.empty()) {
        data["errors"] = std::move(list);
        data["has_errors"] = true;
        data["error_prefix"] = true;
    }
    const auto pages = form::shown_pages(form, opened.draft.answers);
    if (amends) return house.page(visit, "check_answers", visit.text("Check your answers"), std::move(data), 200, "/case/" + opened.draft.amends);
    return house.page(visit, "check_answers", visit.text("Check your answers"), std::move(data), 200, pages.empty() ? "/" : draft_path(opened.draft.id, pages.back()->id));
}

Response show_check(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto opened = open_draft(house, visit);
    if (!opened) return opened.error();
    return check_answers(house, visit, *opened, {});
}

// The changed answers of an application that was sent before.
Response amend(const House& house, const Visit& visit, const Opened& opened) {
    const auto& session = *visit.signed_in();
    const std::string back = "/case/" + opened.draft.amends;
    const auto summary = house.parts.casework.find_case(opened.draft.amends, {session.account, session.person});
    if (!summary) return house.failure(visit, summary.error());
    const auto outcome = house.parts.casework.amendments().amend(*summary, session.account, {opened.draft.version, opened.draft.answers}, opened.draft.id);
    if (!outcome && outcome.error().code == Code::invalid) {
        return house.message(visit, 422, visit.text("No answer was changed"), {visit.text("Change an answer, or leave your application as it is.")}, draft_path(opened.draft.id, "check"), visit.text("Check your answers"));
    }
    if (!outcome) return not_done(house, visit, outcome.error(), back);
    if (!outcome->now) return check_answers(house, visit, opened, outcome->problems);
    house.parts.casework.wait_for(summary->id, std::chrono::milliseconds(1500));
    return Response::redirect(back);
}

Response submit(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto opened = open_draft(house, visit);
    if (!opened) return opened.error();
    const auto fields = request.form();
    if (!fields) return house.failure(visit, fields.error());
    if (!house.has_token(visit, *fields)) return house.expired(visit);
    // The right to act for another may have ended since the draft began.
    const auto& session = *visit.signed_in();
    const auto applicant = house.parts.casework.applicant_for(session.account, session.person, opened->draft.applicant.person, opened->draft.service);
    if (!applicant) return house.failure(visit, applicant.error());
    if (!opened->draft.amends.empty()) return amend(house, visit, *opened);
    // The draft's id makes the button safe to press twice: the same draft is one application.
    const casework::Submission submission{opened->draft.service, *applicant, visit.language, opened->draft.id.text(), opened->draft.answers, "portal",
                                           fields->value_or("exemption", "")};
    const auto outcome = house.parts.casework.submit(submission, opened->draft.id);
    if (!outcome) return house.failure(visit, outcome.error());
    if (!outcome->receipt) return check_answers(house, visit, *opened, outcome->problems);
    // A rule answers within a moment: the next page then shows the certificate at once.
    house.parts.casework.wait_for(outcome->receipt->case_id, std::chrono::milliseconds(1500));
    return Response::redirect("/case/" + outcome->receipt->receipt + "?new=1");
}

}  // namespace

void Portal::House::add_apply_routes(http::Router& router) const {
    using http::Method;
    router.add(Method::get, "/apply/{service}", [this](const Request& request) { return start(*this, request); });
    router.add(Method::post, "/apply/{service}", [this](const Request& request) { return choose_whom(*this, request); }, {.body_limit = 16U << 10});
    router.add(Method::get, "/draft/{id}/check", [this](const Request& request) { return show_check(*this, request); });
    router.add(Method::post, "/draft/{id}/submit", [this](const Request& request) { return submit(*this, request); }, {.body_limit = 4096});
    // Where the answer to the button is loaded again, in another language for example.
    router.add(Method::get, "/draft/{id}/submit", [](const Request& request) { return Response::redirect("/draft/" + request.parameter("id") + "/check"); });
    router.add(Method::get, "/draft/{id}/{page}", [this](const Request& request) { return show_question(*this, request); });
    router.add(Method::post, "/draft/{id}/{page}", [this](const Request& request) { return answer_question(*this, request); }, {.body_limit = 512U << 10});
}

}  // namespace madang::portal
