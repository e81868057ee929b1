#include "portal/detail/house.h"

#include <algorithm>

#include "decision/explain.h"

namespace madang::portal {
namespace {

std::string language_of(const Request& request, const std::vector<std::string>& known, bool& chosen) {
    if (const auto asked = request.query.find("lang"); asked && std::ranges::find(known, *asked) != known.end()) {
        chosen = true;
        return std::string(*asked);
    }
    if (const auto kept = request.cookie(kLanguageCookie); kept && std::ranges::find(known, *kept) != known.end()) return std::string(*kept);
    return choose_language(request.header("Accept-Language").value_or(""), known);
}

std::string own_name(std::string_view language) {
    if (language == "be") return "Беларуская";
    if (language == "ru") return "Русский";
    if (language == "en") return "English";
    return std::string(language);
}

// The same page in another language. A page that answered a form goes back to where the form is shown.
std::string in_other_language(const Request& request, std::string_view language) {
    std::string url = request.path + "?lang=" + std::string(language);
    for (const auto& [name, value] : request.query) {
        if (name != "lang") url += "&" + http::percent_encode(name) + "=" + http::percent_encode(value);
    }
    return url;
}

}  // namespace

std::string Visit::in_language(const std::map<std::string, std::string, std::less<>>& texts) const {
    const auto found = texts.find(language);
    if (found != texts.end()) return found->second;
    return texts.empty() ? std::string() : texts.begin()->second;
}

Visit Portal::House::visit(const Request& request) const {
    Visit made{request, {}, false, nullptr, {}, std::nullopt};
    made.language = language_of(request, parts.pack.languages, made.language_chosen);
    made.words = &words.find(made.language)->second;
    if (const auto cookie = request.cookie(identity::kSessionCookie)) {
        made.token = std::string(*cookie);
        auto session = parts.accounts.find_session(made.token);
        if (session) made.session = std::move(*session);
    }
    return made;
}

Response Portal::House::page(const Visit& visit, std::string_view name, std::string_view title, json::object data, int status,
                             std::string_view back) const {
    data["lang"] = visit.language;
    data["title"] = title;
    data["site_name"] = visit.text(parts.pack.site_name);
    data["stylesheet"] = style_path;
    data["demo"] = parts.pack.demo;
    data["back"] = back;
    json::array languages;
    for (const std::string& language : parts.pack.languages) {
        const bool current = language == visit.language;
        languages.push_back({{"language_code", language}, {"language_name", own_name(language)}, {"language_current", current},
                             {"language_other", !current}, {"language_url", in_other_language(visit.request, language)}});
    }
    data["languages"] = std::move(languages);
    json::array nav;
    const auto link = [&](std::string_view url, std::string_view text) {
        nav.push_back({{"nav_url", url}, {"nav_text", visit.text(text)}, {"nav_current", visit.request.path == url}});
    };
    link("/", "Services");
    if (const auto* session = visit.signed_in()) {
        if (session->person) {
            link("/cases", "My applications");
            link("/my-data", "Who looked at my data");
        }
        if (session->body_as("officer")) link("/office", "Office");
        if (session->body_as("officer") || session->body_as("helper")) link("/counter", "Counter");
        if (session->body_as("head")) link("/office/workload", "How the work stands");
        if (session->has_role("", "administrator")) link("/operator", "Procedures");
        data["signed_in"] = true;
        data["csrf"] = parts.csrf.make(session->id);
    } else {
        link("/sign-in", "Sign in");
        if (visit.session) data["csrf"] = parts.csrf.make(visit.session->id);
    }
    data["nav"] = std::move(nav);
    Response response = Response::html(view->render(name, visit.language, data), status);
    response.headers.set("Content-Language", visit.language);
    if (visit.language_chosen) {
        response.set_cookie({std::string(kLanguageCookie), visit.language, std::chrono::hours(24 * 365), http::SameSite::lax});
    }
    return response;
}

void Portal::House::add_mistakes(json::object& data, const std::vector<Mistake>& mistakes) {
    if (mistakes.empty()) return;
    json::array list;
    for (const Mistake& mistake : mistakes) list.push_back({{"error_href", "#" + mistake.id}, {"error_text", mistake.text}});
    data["errors"] = std::move(list);
    data["has_errors"] = true;
    data["error_prefix"] = true;
}

Response Portal::House::message(const Visit& visit, int status, std::string_view title, const std::vector<std::string>& lines,
                                std::string_view link, std::string_view link_text) const {
    json::array list;
    for (const std::string& line : lines) list.push_back(json::object{{"line", line}});
    return page(visit, "message", title,
                {{"heading", title}, {"lines", std::move(list)}, {"link", link}, {"link_text", link_text},
                 {"request", status >= 400 ? visit.request.request_id : std::string()}}, status);
}

Response Portal::House::failure(const Visit& visit, const Error& error) const {
    switch (error.code) {
        case Code::not_found:
            return message(visit, 404, visit.text("Page not found"), {visit.text("It may have been moved, or it may not be yours to see.")}, "/", visit.text("See the services"));
        case Code::denied:
            return message(visit, 403, visit.text("You may not do this"), {visit.text("Your account has no right to this page.")}, "/", visit.text("See the services"));
        case Code::conflict:
            return message(visit, 409, visit.text("This was changed in the meantime"), {visit.text("Load the page again and look at how it stands now.")}, visit.request.path, visit.text("Load the page again"));
        case Code::invalid:
            return message(visit, 400, visit.text("This cannot be read"), {visit.text("Go back and try again.")});
        case Code::exhausted:
            parts.log.error("a limit or a disk is full", {{"reason", error.message}, {"request", visit.request.request_id}});
            return message(visit, 503, visit.text("We cannot save anything right now"),
                           {visit.text("Our storage is full. Nothing that you sent was kept. We know of it; try again in a few minutes.")});
        case Code::corrupted: case Code::unavailable: break;
    }
    parts.log.error("a page failed", {{"reason", error.message}, {"request", visit.request.request_id}});
    return message(visit, 503, visit.text("Something does not work here"), {visit.text("Nothing that you sent was kept. Try again in a few minutes.")});
}

Response Portal::House::sign_in_first(const Visit& visit) const {
    std::string next = visit.request.method == http::Method::get ? visit.request.target : "/";
    if (visit.session && visit.session->state == identity::SessionState::awaiting_code) return Response::redirect("/sign-in/code?next=" + http::percent_encode(next));
    if (visit.session && visit.session->state == identity::SessionState::enrolling) return Response::redirect("/sign-in/enrol?next=" + http::percent_encode(next));
    return Response::redirect("/sign-in?next=" + http::percent_encode(next));
}

bool Portal::House::has_token(const Visit& visit, const http::Fields& form) const {
    return visit.session && parts.csrf.check(visit.session->id, form.value_or("csrf", ""));
}

Response Portal::House::expired(const Visit& visit) const {
    return message(visit, 403, visit.text("This page was open too long"), {visit.text("Go back, load the page again and send it once more.")}, "/", visit.text("See the services"));
}

std::string Portal::House::service_name(const Visit& visit, std::string_view id) const {
    const auto* service = parts.pack.find_service(id);
    return service == nullptr ? std::string(id) : visit.text(service->name);
}

std::string Portal::House::body_name(const Visit& visit, std::string_view code) const {
    const auto* body = parts.pack.government.find(code);
    return body == nullptr ? std::string(code) : visit.in_language(body->name);
}

std::string Portal::House::legal_ground(const Visit& visit, std::string_view ground) const {
    for (const auto& service : parts.pack.services) {
        if (service.legal_ground() == ground) return visit.text(service.act) + ", " + visit.text(service.article);
    }
    return visit.text(ground);
}

json::array Portal::House::explanation(const Visit& visit, const json::value& trace) {
    json::array sentences;
    for (const std::string& sentence : decision::explain(trace, *visit.words, visit.language)) sentences.push_back(json::object{{"how_text", sentence}});
    return sentences;
}

json::object row(std::string_view label, std::string_view value) { return {{"row_label", label}, {"row_value", value}}; }

std::string status_text(const Visit& visit, casework::Status status) {
    switch (status) {
        case casework::Status::received: return visit.text("Received");
        case casework::Status::with_officer: return visit.text("With an officer");
        case casework::Status::granted: return visit.text("Granted, the certificate is being made");
        case casework::Status::issued: return visit.text("Certificate issued");
        case casework::Status::refused: return visit.text("Refused");
        case casework::Status::awaiting_fee: return visit.text("Waits for the fee");
        case casework::Status::awaiting_applicant: return visit.text("Waits for the applicant");
        case casework::Status::with_second_officer: return visit.text("Waits for a second officer");
        case casework::Status::withdrawn: return visit.text("Withdrawn");
        case casework::Status::merged: return visit.text("Joined with another case");
        case casework::Status::allowed: return visit.text("Appeal allowed");
        case casework::Status::lapsed: return visit.text("Closed without an answer of the applicant");
    }
    return {};
}

std::string status_tag(casework::Status status) {
    switch (status) {
        case casework::Status::issued: case casework::Status::granted: case casework::Status::allowed: return "govuk-tag--green";
        case casework::Status::refused: return "govuk-tag--red";
        case casework::Status::with_officer: case casework::Status::with_second_officer: return "govuk-tag--yellow";
        case casework::Status::awaiting_applicant: case casework::Status::awaiting_fee: return "govuk-tag--orange";
        case casework::Status::received: case casework::Status::withdrawn: case casework::Status::merged: case casework::Status::lapsed: return "govuk-tag--grey";
    }
    return {};
}

std::string answer_text(const Visit& visit, const form::Field& field, const json::object& data) {
    const auto* value = data.if_contains(field.key);
    if (value == nullptr || value->is_null()) return "–";
    const auto label = [&](std::string_view chosen) {
        for (const auto& option : field.options) {
            if (option.value == chosen) return visit.text(option.label);
        }
        return std::string(chosen);
    };
    if (value->is_bool()) return visit.text(value->get_bool() ? "Yes" : "No");
    if (const auto* list = value->if_array()) {
        std::vector<std::string> all;
        for (const auto& item : *list) all.push_back(label(feel::text_of(feel::from_json(item))));
        return join(all, ", ");
    }
    const std::string text = feel::text_of(feel::from_json(*value));
    if (field.kind == form::Kind::datetime) {
        if (const auto date = parse_date(text)) return long_date(*date, visit.language);
    }
    return label(text);
}

std::string problem_text(const Visit& visit, const form::Problem& problem) {
    std::map<std::string, std::string, std::less<>> values(problem.values.begin(), problem.values.end());
    if (values.contains("label")) values["label"] = visit.text(values["label"]);
    return visit.text(problem.message, values);
}

}  // namespace madang::portal
