// Who makes a request, as every route needs to know it.
#pragma once

#include <expected>

#include "api/api.h"
#include "http/request.h"
#include "identity/account.h"

namespace madang::api {

enum class Purpose { reads, changes };

// The session that the cookie opens, if it is signed in to the end; Code::denied otherwise.
Result<identity::Session> session_of(const Parts& parts, const http::Request& request);
// The same for a request that changes something: the header X-CSRF-Token must carry the session's token.
Result<identity::Session> changing_session_of(const Parts& parts, const http::Request& request);

// What is answered where one of these fails: 401 where nobody is signed in, 403 for a change without its token.
http::Response not_signed_in(const Error& error);
// The language of ?lang=, which must be one of the house (Code::invalid), else the best of Accept-Language.
Result<std::string> language_of(const Parts& parts, const http::Request& request);
// The session of an administrator of the whole installation, or what is answered instead.
std::expected<identity::AccountId, http::Response> operator_of(const Parts& parts, const http::Request& request, Purpose purpose);

void add_session_routes(http::Router& router, const Parts& parts);
void add_application_routes(http::Router& router, const Parts& parts);
void add_draft_routes(http::Router& router, const Parts& parts);
void add_case_file_routes(http::Router& router, const Parts& parts);
// The officer behind a session, in the body where the session has that role; Code::denied where it has it in none.
Result<casework::Officer> officer_of(const identity::Session& session, std::string_view role);

// The officer who reads, or the head of a body, or what is answered instead.
std::expected<casework::Officer, http::Response> head_reading(const Parts& parts, const http::Request& request);
std::expected<casework::Officer, http::Response> officer_reading(const Parts& parts, const http::Request& request);

void add_office_routes(http::Router& router, const Parts& parts);
void add_task_routes(http::Router& router, const Parts& parts);
void add_payment_routes(http::Router& router, const Parts& parts);
void add_case_incident_routes(http::Router& router, const Parts& parts);
void add_absence_routes(http::Router& router, const Parts& parts);
void add_question_routes(http::Router& router, const Parts& parts);
void add_process_routes(http::Router& router, const Parts& parts);
void add_calendar_routes(http::Router& router, const Parts& parts);
void add_escalation_routes(http::Router& router, const Parts& parts);
void add_workload_routes(http::Router& router, const Parts& parts);

// {"town": "Maladziečna", "agreed": true} as a person would have typed it, and the answer to what cannot be read.
Result<form::Answers> answers_of(const json::object& object);
// The versions of an application's answers, and whether it may be amended once more.
http::Response versions_of(const Parts& parts, const casework::CaseSummary& summary, const identity::Access& access);
http::Response amend_at_counter(const Parts& parts, const casework::CaseSummary& summary, const casework::Officer& helper, const json::object& object);
http::Response refused(const catalogue::Pack& pack, const std::string& language, const std::vector<form::Problem>& problems);

}  // namespace madang::api
