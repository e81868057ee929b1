// The fields of a form as the template "question" shows them.
#pragma once

#include "portal/detail/house.h"

namespace madang::portal {

// With what was typed, and what is wrong with it; `error` is in the visitor's language or empty.
json::object question_of(const Visit& visit, const form::Page& page, const form::Field& field, const form::Answers& answers, const std::string& error);
// A line of text that no form holds.
json::object line_question(std::string_view name, std::string_view label, std::string_view hint, std::string_view typed, std::string_view error);

}  // namespace madang::portal
