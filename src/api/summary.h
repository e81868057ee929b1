// A case as JSON, the same for applicants and officers.
#pragma once

#include "base/json.h"
#include "casework/case.h"
#include "http/request.h"
#include "http/response.h"

namespace madang::api {

json::object summary_of(const casework::CaseSummary& summary);
http::Response answer(const json::value& value, int status = 200);
// The object of a JSON body; Code::invalid for anything else.
Result<json::object> object_of(const http::Request& request);
Result<std::vector<std::string>> texts_of(const json::object& object, std::string_view key);

}  // namespace madang::api
