// The statutory term of a service and the due date that it gives, with the words that explain how the
// date was found, for the person and for a court.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/language.h"
#include "base/result.h"

namespace madang::government {

struct Term {
    enum class Kind { day_of_request, working_days, calendar_days, months };
    Kind kind = Kind::day_of_request;
    int count = 0;  // 0 for day_of_request, else 1 to 1,000 (months: 1 to 120)
    friend bool operator==(const Term&, const Term&) = default;
};

// {"kind": "working_days", "count": 3}. Code::invalid on another kind or count; `where` names the place.
Result<Term> parse_term(const json::object& object, std::string_view where);

// One step of the count: a source text for the catalogues with {names}, and their values.
struct Step {
    std::string source;
    std::map<std::string, std::variant<Date, std::int64_t, std::string>, std::less<>> values;
};
// The step in a language: translated, dates in long form.
std::string in_words(const Step& step, const Catalogue& words, std::string_view language);

struct DueDate {
    Instant at;               // the last moment of the term
    Date date;                // the day of it, in the body's zone
    std::vector<Step> steps;  // how it was found, in order
    bool provisional = false; // a year in the count has no published calendar yet
};

}  // namespace madang::government
