// Answers as a person typed them become typed data, or problems that say where and what to do.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "form/form.h"

namespace madang::form {

// As they came, by key. A checklist gives several texts; a date field gives one text "2026-11-23".
using Answers = std::map<std::string, std::vector<std::string>, std::less<>>;

struct Problem {
    std::string page;                              // page id
    std::string key;                               // field key
    // Source text with the names of `values` in braces, e.g. "Enter {label}". The value "label" is itself
    // a source text and is translated before it is put in.
    std::string message;
    std::map<std::string, std::string> values;
};

struct Checked {
    // Only answers of fields that are shown, typed: text, number, bool, list of texts; an empty optional
    // answer is absent. Texts are tidy (base/text.h).
    json::object data;
    std::vector<Problem> problems;                 // in the order of the form
};

// Which pages and fields are shown depends on the answers so far (FEEL conditions over the typed data).
std::vector<const Page*> shown_pages(const Form& form, const Answers& answers);
std::vector<const Field*> shown_fields(const Page& page, const Answers& answers, const Form& form);

// The whole form, or the problems of one page of it with the other pages' answers as they are; the data
// is that of the whole form.
Checked check(const Form& form, const Answers& answers);
Checked check_page(const Form& form, const Page& page, const Answers& answers);

// Typed data back to what a person would have typed, to fill a page again.
Answers answers_of(const Form& form, const json::object& data);

// Every message that check() may give besides a form's own (words_of), for the catalogues.
std::vector<std::string> problem_messages();

}  // namespace madang::form
