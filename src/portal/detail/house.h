// What every page of the portal needs: the visitor, their language and session, and the frame of a page.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "base/time_text.h"
#include "http/asset.h"
#include "portal/portal.h"
#include "portal/view.h"

namespace madang::portal {

using http::Request;
using http::Response;

inline constexpr std::string_view kLanguageCookie = "__Host-lang";

// One request, with who made it and in which language they read.
struct Visit {
    const Request& request;
    std::string language;
    bool language_chosen = false;                 // by ?lang=, to be kept in a cookie
    const Catalogue* words = nullptr;
    std::string token;                            // of the session cookie, may be empty
    std::optional<identity::Session> session;     // also one that is not signed in to the end

    std::string text(std::string_view source) const { return std::string(words->text(source)); }
    std::string text(std::string_view source, const std::map<std::string, std::string, std::less<>>& values) const {
        return fill_in(words->text(source), values);
    }
    // The session where it may do anything, else null.
    const identity::Session* signed_in() const {
        return session && session->state == identity::SessionState::active ? &*session : nullptr;
    }
    std::string in_language(const std::map<std::string, std::string, std::less<>>& texts) const;
};

struct Portal::House {
    Parts parts;
    Words words;
    std::unique_ptr<View> view;
    std::shared_ptr<const http::Asset> style, icon;
    std::string style_path;

    Visit visit(const Request& request) const;
    // A page with its frame. `title` is in the visitor's language; `back` is a local path or empty.
    Response page(const Visit& visit, std::string_view name, std::string_view title, json::object data, int status = 200,
                  std::string_view back = {}) const;
    // A page with an error summary: the problems by the id of their field.
    struct Mistake {
        std::string id, text;
    };
    static void add_mistakes(json::object& data, const std::vector<Mistake>& mistakes);
    Response message(const Visit& visit, int status, std::string_view title, const std::vector<std::string>& lines, std::string_view link = {},
                     std::string_view link_text = {}) const;
    // What went wrong, as a page: codes become HTTP here.
    Response failure(const Visit& visit, const Error& error) const;
    Response sign_in_first(const Visit& visit) const;
    // Whether the form carries the session's token.
    bool has_token(const Visit& visit, const http::Fields& form) const;
    Response expired(const Visit& visit) const;

    std::string moment(const Visit& visit, Instant at) const { return long_date_time(at, parts.pack.government.time_zone(), visit.language); }
    std::string service_name(const Visit& visit, std::string_view service) const;
    std::string body_name(const Visit& visit, std::string_view body) const;
    std::string legal_ground(const Visit& visit, std::string_view ground) const;
    // How the rule decided, sentence by sentence, as a list for a template.
    static json::array explanation(const Visit& visit, const json::value& trace);

    void add_home_routes(http::Router& router) const;
    void add_sign_in_routes(http::Router& router) const;
    void add_apply_routes(http::Router& router) const;
    void add_case_routes(http::Router& router) const;
    void add_case_step_routes(http::Router& router) const;
    void add_my_data_routes(http::Router& router) const;
    void add_office_routes(http::Router& router) const;
    void add_office_step_routes(http::Router& router) const;
    void add_escalation_routes(http::Router& router) const;
    void add_absence_routes(http::Router& router) const;
    void add_refund_routes(http::Router& router) const;
    void add_counter_routes(http::Router& router) const;
    void add_operator_routes(http::Router& router) const;
    void add_operator_move_routes(http::Router& router) const;
    void add_case_trouble_routes(http::Router& router) const;
    void add_verify_routes(http::Router& router) const;
};

// {"row_label": …, "row_value": …}
json::object row(std::string_view label, std::string_view value);
std::string status_text(const Visit& visit, casework::Status status);
std::string status_tag(casework::Status status);

// "within 3 working days"
std::string term_text(const Visit& visit, const government::Term& term);

// How pages speak of the answers to a form.
std::string answer_text(const Visit& visit, const form::Field& field, const json::object& data);
std::string problem_text(const Visit& visit, const form::Problem& problem);

}  // namespace madang::portal
