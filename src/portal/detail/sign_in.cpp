// Signing in and out, the second factor, and the first administrator.
#include "portal/detail/house.h"

namespace madang::portal {
namespace {

using Outcome = identity::SignIn::Outcome;

// Where to go after signing in: a path of this site, or the visitor's own start.
std::string next_of(std::string_view wanted, const identity::Session& session) {
    if (!wanted.empty() && wanted != "/" && http::is_local_path(wanted)) return std::string(wanted);
    if (session.body_as("officer")) return "/office";
    if (session.body_as("helper")) return "/counter";
    if (session.body_as("head")) return "/office/workload";
    if (session.has_role("", "administrator")) return "/operator";
    return session.person ? "/cases" : "/";
}

std::string safe_next(std::string_view wanted) { return http::is_local_path(wanted) ? std::string(wanted) : "/"; }

void set_session(Response& response, const std::string& token) {
    response.set_cookie({std::string(identity::kSessionCookie), token, std::nullopt, http::SameSite::lax});
}

Response name_page(const Portal::House& house, const Visit& visit, std::string_view next, std::string_view name, std::string_view refused, int status = 200) {
    json::object data{{"next", next}, {"name", name}};
    if (!refused.empty()) {
        data["refused"] = true;
        data["refused_text"] = refused;
        Portal::House::add_mistakes(data, {{"name", std::string(refused)}});
    }
    return house.page(visit, "sign_in", visit.text("Sign in"), std::move(data), status);
}

Response code_page(const Portal::House& house, const Visit& visit, std::string_view next, std::string_view refused, bool enrol) {
    json::object data{{"next", next}, {"action", enrol ? "/sign-in/enrol" : "/sign-in/code"}};
    if (enrol) {
        const auto enrolment = house.parts.accounts.begin_enrolment(visit.token);
        if (!enrolment) return house.failure(visit, enrolment.error());
        data["enrol"] = true;
        data["secret"] = enrolment->secret;
        // ctemplate lets only web addresses into href, so this one is escaped here: the one place where that is so.
        data["otpauth"] = escape_markup(enrolment->address);
    }
    if (!refused.empty()) {
        data["refused"] = true;
        data["refused_text"] = refused;
        Portal::House::add_mistakes(data, {{"code", std::string(refused)}});
    }
    return house.page(visit, "sign_in_code", visit.text("Enter the code from your authenticator app"), std::move(data));
}

std::string slowed(const Visit& visit, const identity::SignIn& done) {
    return visit.text("Too many tries. Wait {seconds} seconds, then try again.", {{"seconds", std::to_string(done.retry_after.count())}});
}

// What an answer of the accounts means for the browser.
Response go_on(const identity::SignIn& done, std::string_view next) {
    const std::string query = "?next=" + http::percent_encode(safe_next(next));
    Response response = done.outcome == Outcome::code_needed        ? Response::redirect("/sign-in/code" + query)
                        : done.outcome == Outcome::enrolment_needed ? Response::redirect("/sign-in/enrol" + query)
                                                                    : Response::redirect(next_of(next, done.session));
    set_session(response, done.token);
    return response;
}

Response sign_in(const Portal::House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto form = request.form();
    if (!form) return house.failure(visit, form.error());
    const std::string next = form->value_or("next", "/");
    const std::string name = form->value_or("name", "");
    const std::string password = form->value_or("password", "");
    if (trim(name).empty() || password.empty()) return name_page(house, visit, next, name, visit.text("Enter your sign-in name and your password"));
    const auto done = house.parts.accounts.sign_in({name, password, {}, request.client});
    if (!done) return done.error().code == Code::invalid ? name_page(house, visit, next, name, visit.text("The name or the password is wrong")) : house.failure(visit, done.error());
    if (done->outcome == Outcome::slowed_down) return name_page(house, visit, next, name, slowed(visit, *done), 429);
    if (done->outcome == Outcome::refused) return name_page(house, visit, next, name, visit.text("The name or the password is wrong"));
    return go_on(*done, next);
}

Response confirm(const Portal::House& house, const Request& request, bool enrol) {
    const Visit visit = house.visit(request);
    const auto form = request.form();
    if (!form) return house.failure(visit, form.error());
    if (!visit.session) return Response::redirect("/sign-in");
    if (!house.has_token(visit, *form)) return house.expired(visit);
    const std::string next = form->value_or("next", "/");
    std::string code = form->value_or("code", "");
    std::erase(code, ' ');
    const auto done = enrol ? house.parts.accounts.confirm_enrolment(visit.token, code, request.client)
                            : house.parts.accounts.confirm_code(visit.token, code, request.client);
    if (!done) return done.error().code == Code::denied ? Response::redirect("/sign-in") : house.failure(visit, done.error());
    if (done->outcome == Outcome::slowed_down) return code_page(house, visit, next, slowed(visit, *done), enrol);
    if (done->outcome == Outcome::signed_in) return go_on(*done, next);
    return code_page(house, visit, next, visit.text("The code is wrong or was used already. Wait for the next one."), enrol);
}

Response show_code(const Portal::House& house, const Request& request, bool enrol) {
    const Visit visit = house.visit(request);
    const auto wanted = enrol ? identity::SessionState::enrolling : identity::SessionState::awaiting_code;
    if (!visit.session || visit.session->state != wanted) return Response::redirect("/sign-in");
    return code_page(house, visit, safe_next(request.query.value_or("next", "/")), "", enrol);
}

Response sign_out(const Portal::House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto form = request.form();
    if (!form) return house.failure(visit, form.error());
    if (visit.session && !house.has_token(visit, *form)) return house.expired(visit);
    if (!visit.token.empty()) {
        const auto done = house.parts.accounts.sign_out(visit.token);
        if (!done && done.error().code != Code::not_found) return house.failure(visit, done.error());
    }
    return Response::redirect("/").forget_cookie(identity::kSessionCookie);
}

Response installer_page(const Portal::House& house, const Visit& visit, std::string_view link, json::object data) {
    const auto kind = house.parts.accounts.find_link(link);
    if (!kind) return house.failure(visit, kind.error());
    if (!*kind || **kind != identity::LinkKind::installer) {
        return house.message(visit, 404, visit.text("This link does not work any more"),
                             {visit.text("It works once and for 24 hours. A new one is printed when the program starts, as long as there is no administrator.")});
    }
    data["link"] = link;
    return house.page(visit, "installer", visit.text("Make the first administrator"), std::move(data));
}

Response install(const Portal::House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto form = request.form();
    if (!form) return house.failure(visit, form.error());
    const std::string link = form->value_or("link", "");
    const std::string name = form->value_or("name", "");
    const std::string password = form->value_or("password", "");
    json::object data{{"name", name}};
    std::vector<Portal::House::Mistake> mistakes;
    if (count_code_points(name) < 3 || count_code_points(name) > 100) {
        data["name_error"] = visit.text("Enter a sign-in name of 3 to 100 characters");
        mistakes.push_back({"name", visit.text("Enter a sign-in name of 3 to 100 characters")});
    }
    if (const auto problem = identity::problem_with_password(password, name)) {
        data["password_error"] = visit.text(*problem);
        mistakes.push_back({"password", visit.text(*problem)});
    }
    if (!mistakes.empty()) {
        Portal::House::add_mistakes(data, mistakes);
        return installer_page(house, visit, link, std::move(data));
    }
    const auto made = house.parts.accounts.use_installer_link(link, name, password);
    if (!made) return made.error().code == Code::not_found || made.error().code == Code::denied ? installer_page(house, visit, link, std::move(data)) : house.failure(visit, made.error());
    return house.message(visit, 200, visit.text("The administrator is there"), {visit.text("Sign in now; you will be asked for an authenticator app.")}, "/sign-in", visit.text("Sign in"));
}

}  // namespace

void Portal::House::add_sign_in_routes(http::Router& router) const {
    using http::Method;
    const http::RouteOptions limited{.body_limit = 16U << 10, .rate_class = "sign_in"};
    router.add(Method::get, "/sign-in", [this](const Request& request) {
        return name_page(*this, visit(request), safe_next(request.query.value_or("next", "/")), "", "");
    });
    router.add(Method::post, "/sign-in", [this](const Request& request) { return sign_in(*this, request); }, limited);
    router.add(Method::get, "/sign-in/code", [this](const Request& request) { return show_code(*this, request, false); });
    router.add(Method::post, "/sign-in/code", [this](const Request& request) { return confirm(*this, request, false); }, limited);
    router.add(Method::get, "/sign-in/enrol", [this](const Request& request) { return show_code(*this, request, true); });
    router.add(Method::post, "/sign-in/enrol", [this](const Request& request) { return confirm(*this, request, true); }, limited);
    router.add(Method::post, "/sign-out", [this](const Request& request) { return sign_out(*this, request); }, {.body_limit = 4096});
    router.add(Method::get, "/installer", [this](const Request& request) {
        return installer_page(*this, visit(request), request.query.value_or("link", ""), {});
    });
    router.add(Method::post, "/installer", [this](const Request& request) { return install(*this, request); }, limited);
}

}  // namespace madang::portal
