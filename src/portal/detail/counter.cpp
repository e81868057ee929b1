// Intake at the counter: an employee types for a person who stands there. One page holds the whole form, since whoever
// does this all day wants no page for each question.
#include <algorithm>

#include "portal/detail/access.h"
#include "portal/detail/correspondence.h"
#include "portal/detail/questions.h"

namespace madang::portal {
namespace {

using House = Portal::House;
using catalogue::Service;

constexpr std::size_t kTakenInShown = 20;
constexpr std::string_view kPersonalNumber = "personal_number";
constexpr std::string_view kExemption = "exemption";

bool takes_in(const House& house, const Service& service, const std::string& body) {
    const auto& government = house.parts.pack.government;
    return government.is_within(service.provider, body) || government.is_within(body, service.provider);
}

Response counter(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto helper = officer_of(house, visit, true);
    if (!helper) return helper.error();
    const auto taken = house.parts.casework.intake().taken_in_by(helper->account, kTakenInShown);
    if (!taken) return house.failure(visit, taken.error());
    json::array services;
    for (const Service& service : house.parts.pack.services) {
        // A new key for each page that is shown: the button pressed twice is one application.
        if (takes_in(house, service, helper->body)) {
            services.push_back({{"service_url", "/counter/" + service.id + "?key=" + make_id<casework::DraftId>(house.parts.clock, house.parts.random).text()},
                                {"service_name", visit.text(service.name)}});
        }
    }
    json::array rows;
    for (const auto& one : *taken) {
        rows.push_back({{"c_receipt", one.receipt}, {"c_service", house.service_name(visit, one.service)}, {"c_submitted", house.moment(visit, one.submitted_at)},
                        {"c_due", house.moment(visit, one.due_at)}});
    }
    const std::string received = request.query.value_or("received", "");
    const auto fresh = std::ranges::find(*taken, received, &casework::CaseSummary::receipt);
    const bool some = !rows.empty();
    json::object data{{"body_name", house.body_name(visit, helper->body)}, {"services", std::move(services)}, {"cases", std::move(rows)}, {"some", some},
                      {"received", fresh == taken->end() ? std::string() : received}, {"not_received", fresh == taken->end()}, {"due", fresh == taken->end() ? std::string() : house.moment(visit, fresh->due_at)}};
    return house.page(visit, "counter", visit.text("Counter"), std::move(data));
}

struct Filled {
    form::Answers answers;
    std::string personal_number, exemption;
    std::vector<form::Problem> problems;
    std::string unknown_person;      // why, in the visitor's language
};

// The reasons for which nothing is to pay, with "none" first.
json::object exemption_question(const Visit& visit, const Service& service, const std::string& chosen) {
    json::object data = line_question(kExemption, visit.text("Exempt from the fee"), "", "", "");
    json::array options;
    for (const auto& exemption : service.exemptions) {
        options.push_back({{"o_id", exemption.id}, {"o_value", exemption.id}, {"o_label", visit.text(exemption.text)}, {"o_checked", exemption.id == chosen}});
    }
    data["is_input"] = false;
    data["is_select"] = true;
    data["f_optional"] = true;
    data["options"] = std::move(options);
    return data;
}

Response form_page(const House& house, const Visit& visit, const Service& service, const std::string& key, const Filled& filled) {
    std::vector<House::Mistake> mistakes;
    if (!filled.unknown_person.empty()) mistakes.push_back({std::string(kPersonalNumber), filled.unknown_person});
    json::array fields{line_question(kPersonalNumber, visit.text("Personal number"), visit.text("As it stands in the passport of the person at the counter."),
                                     filled.personal_number, filled.unknown_person)};
    for (const auto* page : form::shown_pages(service.form, filled.answers)) {
        for (const auto* field : form::shown_fields(*page, filled.answers, service.form)) {
            const auto problem = std::ranges::find(filled.problems, field->key, &form::Problem::key);
            const std::string error = field->key.empty() || problem == filled.problems.end() ? std::string() : problem_text(visit, *problem);
            if (!error.empty()) mistakes.push_back({field->key, error});
            json::object one = question_of(visit, *page, *field, filled.answers, error);
            one["f_is_heading"] = false;   // the page has a heading of its own
            one["f_is_label"] = true;
            fields.push_back(std::move(one));
        }
    }
    if (!service.exemptions.empty()) fields.push_back(exemption_question(visit, service, filled.exemption));
    const std::string heading = visit.text("Application at the counter");
    json::object data{{"caption", house.service_name(visit, service.id)}, {"heading", heading},
                      {"description", visit.text("Ask the person and type what they say. The receipt number is theirs to take away.")},
                      {"action", "/counter/" + service.id + "?key=" + key}, {"fields", std::move(fields)}};
    House::add_mistakes(data, mistakes);
    return house.page(visit, "question", heading, std::move(data), 200, "/counter");
}

struct Asked {
    casework::Officer helper;
    const Service* service = nullptr;
    std::string key;
};

std::expected<Asked, Response> asked_of(const House& house, const Visit& visit) {
    auto helper = officer_of(house, visit, true);
    if (!helper) return std::unexpected(helper.error());
    const auto* service = house.parts.pack.find_service(visit.request.parameter("service"));
    if (service == nullptr || !takes_in(house, *service, helper->body)) return std::unexpected(house.failure(visit, {Code::not_found, ""}));
    const auto key = casework::DraftId::parse(visit.request.query.value_or("key", ""));
    if (!key) return std::unexpected(Response::redirect("/counter"));
    return Asked{std::move(*helper), service, key->text()};
}

Response show_form(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto asked = asked_of(house, visit);
    return asked ? form_page(house, visit, *asked->service, asked->key, {}) : asked.error();
}

Response take_in(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto asked = asked_of(house, visit);
    if (!asked) return asked.error();
    const auto fields = read_fields(house, visit);
    if (!fields) return fields.error();
    Filled filled;
    filled.personal_number = trim(fields->value_or(kPersonalNumber, ""));
    filled.exemption = fields->value_or(kExemption, "");
    for (const auto& page : asked->service->form.pages) {
        for (const auto& field : page.fields) {
            if (auto texts = fields->all(field.key); !field.key.empty() && !texts.empty()) filled.answers[field.key] = std::move(texts);
        }
    }
    if (filled.personal_number.empty()) {
        filled.unknown_person = visit.text("Enter the personal number");
        filled.problems = form::check(asked->service->form, filled.answers).problems;
        return form_page(house, visit, *asked->service, asked->key, filled);
    }
    const auto outcome = house.parts.casework.intake().at_counter({asked->service->id, filled.personal_number, visit.language, asked->key, filled.exemption, filled.answers}, asked->helper);
    if (outcome && outcome->receipt) return Response::redirect("/counter?received=" + outcome->receipt->receipt);
    if (outcome) filled.problems = outcome->problems;
    else if (outcome.error().code == Code::not_found) filled.unknown_person = visit.text("The population register knows nobody with this personal number");
    else return not_done(house, visit, outcome.error(), "/counter");
    return form_page(house, visit, *asked->service, asked->key, filled);
}

}  // namespace

void Portal::House::add_counter_routes(http::Router& router) const {
    using http::Method;
    router.add(Method::get, "/counter", [this](const Request& request) { return counter(*this, request); });
    router.add(Method::get, "/counter/{service}", [this](const Request& request) { return show_form(*this, request); });
    router.add(Method::post, "/counter/{service}", [this](const Request& request) { return take_in(*this, request); }, {.body_limit = 512U << 10});
}

}  // namespace madang::portal
