// How long a person may do something after it was given to them, and the names of bodies in what explains a date.
#include "base/text.h"
#include "government/detail/reckon.h"
#include "government/government.h"

namespace madang::government {
namespace {

std::string_view article_on_days_off(Rule rule) {
    switch (rule) {
        case Rule::by: return "Civil Code of Belarus, art. 194";
        case Rule::eu: return "Regulation 1182/71, art. 3(4)";
        case Rule::kr: return "Civil Petitions Decree of Korea, art. 18(4)";
    }
    return {};
}

std::string name_in(const Body& body, std::string_view language) {
    const auto found = body.name.find(language);
    if (found != body.name.end()) return found->second;
    return body.name.empty() ? body.code : body.name.begin()->second;
}

}  // namespace

Result<DueDate> Government::last_day_within(std::string_view body, Instant given, int days) const {
    TRY(const WorkingTime time, working_time(body));
    Count count(time);
    const Date from = zone_.date(given);
    count.date = days_later(from, days);
    count.say("It is counted from the day after {from}: {amount}; the last is {date}.",
              {{"from", from}, {"amount", amount_of(Term::Kind::calendar_days, days)}, {"date", count.date}}, "");
    const auto working = time.calendar().this_or_next_working_day(count.date);
    if (!working) return fail(Code::conflict, "there is no working day within ten years");
    if (*working != count.date) {
        count.date = *working;
        count.say("The last day is a day off, so the term ends on the next working day, {date}.", {{"date", count.date}}, article_on_days_off(rule_));
    }
    return count.due_at(given, zone_.instant(count.date, std::chrono::minutes(24 * 60)));
}

std::string names_of_bodies(std::string_view codes, std::string_view language, const Government& government) {
    std::vector<std::string> names;
    for (std::size_t from = 0; from <= codes.size();) {
        const std::size_t end = std::min(codes.find(", ", from), codes.size());
        const Body* body = government.find(codes.substr(from, end - from));
        if (body == nullptr) return std::string(codes);
        names.push_back(name_in(*body, language));
        from = end + 2;
    }
    return join(names, ", ");
}

std::string in_words(const Step& step, const Catalogue& words, std::string_view language, const Government& government) {
    const auto reason = step.values.find("reason");
    if (reason == step.values.end() || !std::holds_alternative<std::string>(reason->second)) return in_words(step, words, language);
    Step named = step;
    named.values["reason"] = names_of_bodies(std::get<std::string>(reason->second), language, government);
    return in_words(named, words, language);
}

}  // namespace madang::government
