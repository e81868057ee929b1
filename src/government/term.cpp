#include "government/term.h"

#include <array>
#include <utility>

#include "base/text.h"
#include "base/time_text.h"

namespace madang::government {
namespace {

constexpr std::int64_t kMaxDays = 1000;
constexpr std::int64_t kMaxMonths = 120;

constexpr std::array<std::pair<Term::Kind, std::string_view>, 4> kKinds{{{Term::Kind::day_of_request, "day_of_request"},
                                                                        {Term::Kind::working_days, "working_days"},
                                                                        {Term::Kind::calendar_days, "calendar_days"},
                                                                        {Term::Kind::months, "months"}}};

}  // namespace

Result<Term> parse_term(const json::object& object, std::string_view where) {
    TRY(const std::string word, string_at(object, "kind", where));
    Term term;
    bool known = false;
    for (const auto& [kind, name] : kKinds) {
        if (name != word) continue;
        term.kind = kind;
        known = true;
    }
    if (!known) {
        return fail(Code::invalid, format("{}: \"kind\" is one of day_of_request, working_days, calendar_days, months", where));
    }
    for (const auto& member : object) {
        if (member.key() != "kind" && member.key() != "count") {
            return fail(Code::invalid, format("{}: there is no key \"{}\" in a term", where, std::string_view(member.key())));
        }
    }
    if (term.kind == Term::Kind::day_of_request) {
        if (object.contains("count")) return fail(Code::invalid, format("{}: the day of the request has no \"count\"", where));
        return term;
    }
    TRY(const std::int64_t count, integer_at(object, "count", where));
    const std::int64_t most = term.kind == Term::Kind::months ? kMaxMonths : kMaxDays;
    if (count < 1 || count > most) return fail(Code::invalid, format("{}: \"count\" is 1 to {}", where, most));
    term.count = static_cast<int>(count);
    return term;
}

std::string in_words(const Step& step, const Catalogue& words, std::string_view language) {
    std::map<std::string, std::string, std::less<>> values;
    for (const auto& [name, value] : step.values) {
        if (const auto* date = std::get_if<Date>(&value)) {
            values[name] = long_date(*date, language);
        } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
            values[name] = std::to_string(*number);
        } else {
            values[name] = std::get<std::string>(value);
        }
    }
    return fill_in(words.text(step.source), values);
}

}  // namespace madang::government
