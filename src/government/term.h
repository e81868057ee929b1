// The statutory term of a service and the due date that it gives, with the words that explain how the
// date was found, for the person and for a court.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/language.h"
#include "base/result.h"

namespace madang::government {

// Whose law counts: Belarus, Regulation 1182/71 of the European Union, Korea.
enum class Rule { by, eu, kr };
std::string_view name_of(Rule rule);
Result<Rule> parse_rule(std::string_view word, std::string_view where);

// What the law lets happen when a term ends without an answer.
enum class Effect { escalation, deemed_grant, deemed_refusal, fee_refund };
std::string_view name_of(Effect effect);

struct AtEnd {
    Effect effect = Effect::escalation;
    std::string article;  // of the law that says so
    friend bool operator==(const AtEnd&, const AtEnd&) = default;
};

struct Term {
    enum class Kind { day_of_request, at_once, hours, working_days, calendar_days, weeks, months, years };
    // How often and by how much in all a term may be extended.
    struct Extensions {
        int count = 0;          // 1 to 10
        Kind kind = Kind::working_days;
        int total = 0;          // of that kind, all extensions together
        friend bool operator==(const Extensions&, const Extensions&) = default;
    };

    // How often an applicant may amend an application, so that the term runs anew.
    struct Restarts {
        int count = 1;          // 1 to 10
        std::string article;    // of the law that says so
        friend bool operator==(const Restarts&, const Restarts&) = default;
    };

    Kind kind = Kind::day_of_request;
    int count = 0;  // 0 for day_of_request and at_once, else 1 to 1,000 (weeks 500, months 120, years 10)
    std::optional<Rule> rule{};               // absent: the government's
    std::string article{};                    // what sets the term; stands in the steps
    std::optional<Extensions> extensions{};   // absent: none is allowed
    std::optional<Restarts> restarts{};       // absent: an application cannot be amended
    std::vector<AtEnd> at_end{};
    friend bool operator==(const Term&, const Term&) = default;
};

std::string_view name_of(Term::Kind kind);

// {"kind": "working_days", "count": 3, "rule": "kr", "article": "…", "extensions": {"count": 1, "total":
// {"kind": "working_days", "count": 3}}, "restarts": {"count": 1, "article": "…"}, "at_end": [{"effect": "deemed_grant", "article": "…"}]}; all but the
// first two may be absent. Code::invalid on another key, kind or count; `where` names the place.
Result<Term> parse_term(const json::object& object, std::string_view where);
json::object to_json(const Term& term);
// How a person writes one: "3wd", "5d", "10h", "2w", "1mo", "1y", "at-once", "day". Code::invalid.
Result<Term> parse_short_term(std::string_view text);

// So many of something, which a language counts in its own forms: source texts with {n} for one and for many.
struct Amount {
    std::string one, many;
    std::int64_t count = 0;
};
// "3 working days"; for `at_once` and `day_of_request` it has no words.
Amount amount_of(Term::Kind kind, std::int64_t count);
std::string in_words(const Amount& amount, const Catalogue& words);

// One step of the count: a source text for the catalogues with {names}, their values and the article of law.
struct Step {
    std::string source;
    std::map<std::string, std::variant<Date, std::int64_t, std::string, Amount>, std::less<>> values;
    std::string article{};  // source text too; empty where the step states a fact
};
// The step in a language: translated, dates in long form, the article in brackets.
std::string in_words(const Step& step, const Catalogue& words, std::string_view language);

// For whom a suspended clock waits.
enum class WaitingFor { applicant, body };

// Since when and why a clock stands. Where another body is waited for the reason is its code, or codes with ", " between.
struct Standing {
    Instant since;
    WaitingFor waiting_for = WaitingFor::applicant;
    std::string reason;
    std::string article;
};

struct DueDate {
    Instant at;               // the last moment of the term
    Date date;                // the day of it, in the body's zone
    std::vector<Step> steps;  // how it was found, in order
    bool provisional = false; // a year in the count has no published calendar yet
    // An earlier date that was told before a newly declared holiday moved it: to be kept where it can be.
    std::optional<Instant> promised{};
    bool suspended = false;   // the clock stands; `at` is what it would be if it went on at the moment asked for
    std::optional<Standing> standing{};
    std::optional<Instant> stopped{};  // when the answer was given
    std::vector<AtEnd> at_end{};       // what the law lets happen where it ends without an answer
};

}  // namespace madang::government
