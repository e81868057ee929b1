// Who makes a request, as every route needs to know it.
#pragma once

#include "api/api.h"
#include "http/request.h"
#include "identity/account.h"

namespace madang::api {

// The session that the cookie opens, if it is signed in to the end; Code::denied otherwise.
Result<identity::Session> session_of(const Parts& parts, const http::Request& request);
// The same for a request that changes something: the header X-CSRF-Token must carry the session's token.
Result<identity::Session> changing_session_of(const Parts& parts, const http::Request& request);

void add_session_routes(http::Router& router, const Parts& parts);
void add_application_routes(http::Router& router, const Parts& parts);
void add_case_file_routes(http::Router& router, const Parts& parts);
// The officer behind a session, in the body where the session has that role; Code::denied where it has it in none.
Result<casework::Officer> officer_of(const identity::Session& session, std::string_view role);

void add_office_routes(http::Router& router, const Parts& parts);
void add_task_routes(http::Router& router, const Parts& parts);
void add_payment_routes(http::Router& router, const Parts& parts);
void add_absence_routes(http::Router& router, const Parts& parts);

// {"town": "Maladziečna", "agreed": true} as a person would have typed it, and the answer to what cannot be read.
Result<form::Answers> answers_of(const json::object& object);
http::Response refused(const catalogue::Pack& pack, const std::string& language, const std::vector<form::Problem>& problems);

}  // namespace madang::api
