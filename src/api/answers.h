// The answers of a form as programs send them, and what is wrong with them.
#pragma once

#include <string>
#include <vector>

#include "api/api.h"
#include "base/json.h"
#include "catalogue/pack.h"
#include "form/form.h"
#include "http/response.h"

namespace madang::api {

// {"town": "Maladziečna", "channels": ["a", "b"], "agreed": true, "rooms": 3} as a person would have typed it.
Result<form::Answers> read_answers(const json::object& object);
// [{"page", "key", "text"}] in a language of the pack.
json::array problems_of(const catalogue::Pack& pack, const std::string& language, const std::vector<form::Problem>& problems);
// They as problem details (RFC 9457 clause 3, extension member "problems").
http::Response write_refused(const catalogue::Pack& pack, const std::string& language, const std::vector<form::Problem>& problems);
http::Response received(const casework::Receipt& receipt);
// Sends an application: 201 with its receipt, or what is wrong with its answers.
http::Response submitted(const Parts& parts, const casework::Submission& submission, const std::optional<casework::DraftId>& draft);

}  // namespace madang::api
