// The start page, a service's own page, help, cookies and the files that pages load.
#include "portal/detail/house.h"

namespace madang::portal {
namespace {

json::array list_of(const Visit& visit, const std::vector<std::string>& sources, std::string_view key) {
    json::array list;
    for (const std::string& source : sources) list.push_back(json::object{{key, visit.text(source)}});
    return list;
}

}  // namespace

std::string term_text(const Visit& visit, const government::Term& term) {
    const auto count = static_cast<std::uint64_t>(term.count);
    const auto said = [&](std::string_view one, std::string_view many) {
        return fill_in(visit.words->plural(one, many, count), {{"n", std::to_string(count)}});
    };
    switch (term.kind) {
        case government::Term::Kind::day_of_request: return visit.text("on the day you ask");
        case government::Term::Kind::at_once: return visit.text("at once");
        case government::Term::Kind::hours: return said("within {n} hour", "within {n} hours");
        case government::Term::Kind::working_days: return said("within {n} working day", "within {n} working days");
        case government::Term::Kind::calendar_days: return said("within {n} day", "within {n} days");
        case government::Term::Kind::weeks: return said("within {n} week", "within {n} weeks");
        case government::Term::Kind::months: return said("within {n} month", "within {n} months");
        case government::Term::Kind::years: return said("within {n} year", "within {n} years");
    }
    return {};
}

namespace {

std::string fee_text(const Visit& visit, const catalogue::Service& service) {
    const auto amount = feel::Number::parse(service.fee_amount);
    if (amount && amount->is_zero()) return visit.text("free of charge");
    return service.fee_amount + " " + service.fee_currency;
}

std::string months_text(const Visit& visit, int months) {
    return fill_in(visit.words->plural("{n} month", "{n} months", static_cast<std::uint64_t>(months)), {{"n", std::to_string(months)}});
}

Response home(const Portal::House& house, const Request& request) {
    const Visit visit = house.visit(request);
    // In the order of the pack, one heading a life event.
    json::array groups;
    std::vector<std::string> events;
    for (const auto& service : house.parts.pack.services) {
        if (std::ranges::find(events, service.life_event) == events.end()) events.push_back(service.life_event);
    }
    for (const std::string& event : events) {
        json::array services;
        for (const auto& service : house.parts.pack.services) {
            if (service.life_event != event) continue;
            services.push_back({{"service_url", "/services/" + service.id}, {"service_name", visit.text(service.name)}, {"service_summary", visit.text(service.summary)},
                                {"service_facts", visit.text("No. {number}", {{"number", service.number}}) + " · " + fee_text(visit, service) + " · " + term_text(visit, service.term)}});
        }
        groups.push_back({{"group_name", visit.text(event)}, {"services", std::move(services)}});
    }
    const std::string title = visit.text("Public services");
    return house.page(visit, "home", title, {{"heading", title}, {"groups", std::move(groups)}});
}

json::array exempt_of(const Visit& visit, const catalogue::Service& service) {
    json::array list;
    for (const auto& one : service.exemptions) list.push_back(json::object{{"exempt_text", visit.text("Exempt: {whom}", {{"whom", visit.text(one.text)}})}});
    return list;
}

Response service_page(const Portal::House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto* service = house.parts.pack.find_service(request.parameter("id"));
    if (service == nullptr) return house.failure(visit, {Code::not_found, ""});
    const auto* body = house.parts.pack.government.find(service->provider);
    std::vector<std::string> ways;
    for (const std::string& channel : service->other_channels) {
        if (channel == "counter") ways.push_back(visit.text("At the counter: {address}.", {{"address", visit.in_language(body->address)}}));
        if (channel == "phone") ways.push_back(visit.text("By telephone: {phone}.", {{"phone", body->phone}}));
    }
    const std::string title = visit.text(service->name);
    json::object data{{"heading", title},
                      {"summary", visit.text(service->summary)},
                      {"term", term_text(visit, service->term)},
                      {"fee", fee_text(visit, *service)},
                      {"exempt", exempt_of(visit, *service)},
                      {"validity", service->validity_months ? months_text(visit, *service->validity_months) : std::string()},
                      {"provider", visit.in_language(body->name)},
                      {"provider_phone", body->phone},
                      {"legal_basis", visit.text(service->act) + ", " + visit.text(service->article)},
                      {"frame", service->frame.empty() ? std::string() : visit.text(service->frame)},
                      {"who", list_of(visit, service->who_can_apply, "who_text")},
                      {"brings", list_of(visit, service->citizen_brings, "bring_text")},
                      {"asks", list_of(visit, service->body_asks, "ask_text")},
                      {"minutes", fill_in(visit.words->plural("It takes about {n} minute.", "It takes about {n} minutes.", static_cast<std::uint64_t>(service->minutes_to_apply)),
                                          {{"n", std::to_string(service->minutes_to_apply)}})},
                      {"start_url", "/apply/" + service->id},
                      {"other_ways", join(ways, " ")}};
    return house.page(visit, "service", title, std::move(data), 200, "/");
}

}  // namespace

void Portal::House::add_home_routes(http::Router& router) const {
    using http::Method;
    router.add(Method::get, "/", [this](const Request& request) { return home(*this, request); });
    router.add(Method::get, "/services/{id}", [this](const Request& request) { return service_page(*this, request); });
    router.add(Method::get, style_path, [this](const Request&) { return Response::from(style); }, {.dispatch = http::Dispatch::inline_});
    router.add(Method::get, "/favicon.svg", [this](const Request&) { return Response::from(icon); }, {.dispatch = http::Dispatch::inline_});
    router.add(Method::get, "/favicon.ico", [this](const Request&) { return Response::from(icon); }, {.dispatch = http::Dispatch::inline_});
    router.add(Method::get, "/help", [this](const Request& request) {
        const Visit who = visit(request);
        return message(who, 200, who.text("Help"),
                       {who.text("Choose a service on the start page. It says what you bring, what it costs and when you get an answer."),
                        who.text("You need a sign-in name and a password. Without them, ask at the counter of the body."),
                        who.text("Every application has a receipt number and a day by which it must be answered. If it is late, or you do not agree, you can appeal."),
                        who.text("The pages work with a keyboard, with a screen reader and without JavaScript. If something does not work for you, tell the counter.")},
                       "/", who.text("See the services"));
    });
    router.add(Method::get, "/cookies", [this](const Request& request) {
        const Visit who = visit(request);
        return message(who, 200, who.text("Cookies"),
                       {who.text("We keep two cookies, both needed: one while you are signed in, and one for the language you chose. Nobody else gets them."),
                        who.text("There is no tracking and no advertising.")});
    });
}

}  // namespace madang::portal
