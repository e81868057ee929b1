// When an answer is due and why, and which days a body works: for anyone, since the law is the same for all.
#include "api/problem.h"
#include "api/session.h"
#include "api/summary.h"
#include "base/text.h"
#include "base/time_text.h"

namespace madang::api {
namespace {

using government::Government;
using http::Request;
using http::Response;

constexpr int kFirstYear = 1900;
constexpr int kLastYear = 2200;

// "2026-11-27" (ten in the morning) or "2026-11-27T16:30" on the clocks of the country.
Result<Instant> received_at(const Government& government, std::string_view text) {
    const std::size_t mark = text.find('T');
    TRY(const Date day, within(parse_date(text.substr(0, mark)), "\"received\""));
    std::chrono::minutes time = std::chrono::hours(10);
    if (mark != std::string_view::npos) {
        const std::string_view clock = text.substr(mark + 1);
        const auto hour = parse_decimal(clock.substr(0, 2));
        const auto minute = clock.size() == 5 && clock[2] == ':' ? parse_decimal(clock.substr(3)) : Result<std::uint64_t>(fail(Code::invalid, ""));
        if (!hour || !minute || *hour > 23 || *minute > 59) return fail(Code::invalid, "\"received\" is a day and a time as 2026-11-27T16:30");
        time = std::chrono::minutes(*hour * 60 + *minute);
    }
    return government.time_zone().instant(day, time);
}

Result<std::string> body_of(const Government& government, std::string_view asked) {
    if (!asked.empty()) {
        if (government.find(asked) == nullptr) return fail(Code::not_found, format("there is no government body \"{}\"", asked.substr(0, 80)));
        return std::string(asked);
    }
    for (const government::Body& body : government.bodies()) {
        if (body.office_hours) return body.code;
    }
    return government.bodies().empty() ? Result<std::string>(fail(Code::not_found, "this house has no bodies")) : government.bodies().front().code;
}

Result<json::object> explained(const Parts& parts, const Request& request) {
    const Government& government = parts.pack.government;
    TRY(const std::string language, language_of(parts, request));
    TRY(const std::string body, body_of(government, request.query.value_or("body", "")));
    TRY(const Instant received, received_at(government, request.query.value_or("received", "")));
    TRY(government::Term term, within(government::parse_short_term(request.query.value_or("term", "")), "\"term\""));
    if (const std::string rule = request.query.value_or("rule", ""); !rule.empty()) {
        TRY(term.rule, government::parse_rule(rule, "\"rule\""));
    }
    TRY(const government::DueDate due, government.due_at(body, received, term));
    const Catalogue& words = parts.words_in(language);
    json::array steps;
    for (const government::Step& step : due.steps) steps.push_back(json::object{{"text", government::in_words(step, words, language)}, {"article", words.text(step.article)}});
    return json::object{{"body", body}, {"rule", government::name_of(term.rule.value_or(government.rule()))}, {"due_at", format_instant(due.at)}, {"date", format_date(due.date)},
                        {"provisional", due.provisional}, {"steps", std::move(steps)}};
}

std::string_view kind_of(const government::Calendar& calendar, Date date) {
    if (calendar.is_working(date)) {
        if (calendar.shortened_by(date) > std::chrono::minutes(0)) return "short";
        return calendar.is_day_of_weekend(date) ? "moved_working" : "working";
    }
    return calendar.is_holiday(date) ? "holiday" : "off";
}

Result<json::object> year_of(const Parts& parts, const Request& request) {
    const Government& government = parts.pack.government;
    TRY(const std::string body, body_of(government, request.parameter("body")));
    const auto year = parse_decimal(request.parameter("year"));
    if (!year || *year < kFirstYear || *year > kLastYear) return fail(Code::not_found, format("a year is one from {} to {}", kFirstYear, kLastYear));
    const std::chrono::year number(static_cast<int>(*year));
    const government::Calendar& calendar = government.calendar_of(body);
    json::array sources;
    for (const government::Edition& edition : calendar.editions()) {
        if (edition.years.contains(static_cast<int>(number)) && !edition.source.empty()) sources.emplace_back(edition.source);
    }
    json::array days;
    const std::chrono::sys_days end(number / std::chrono::December / 31);
    for (std::chrono::sys_days day(number / std::chrono::January / 1); day <= end; day += std::chrono::days(1)) {
        const Date date(day);
        json::object one{{"date", format_date(date)}, {"kind", kind_of(calendar, date)}};
        if (const auto cut = calendar.shortened_by(date); cut > std::chrono::minutes(0)) one["shorter_by_minutes"] = cut.count();
        days.push_back(std::move(one));
    }
    return json::object{{"body", body}, {"year", *year}, {"published", calendar.knows(number)}, {"sources", std::move(sources)}, {"days", std::move(days)}};
}

Result<json::object> bodies(const Parts& parts, const Request& request) {
    TRY(const std::string language, language_of(parts, request));
    json::array all;
    for (const government::Body& body : parts.pack.government.bodies()) {
        const auto name = body.name.find(language);
        all.push_back(json::object{{"code", body.code}, {"name", name == body.name.end() ? body.code : name->second}, {"parent", text_or_null(body.parent)}});
    }
    return json::object{{"bodies", std::move(all)}};
}

using Ask = Result<json::object> (*)(const Parts&, const Request&);

}  // namespace

void add_calendar_routes(http::Router& router, const Parts& parts) {
    const std::pair<const char*, Ask> routes[] = {{"/api/v1/bodies", bodies}, {"/api/v1/calendar/explain", explained}, {"/api/v1/calendar/{body}/{year}", year_of}};
    for (const auto& [path, ask] : routes) {
        const Ask asked = ask;
        router.add(http::Method::get, path, [parts, asked](const Request& request) {
            auto found = asked(parts, request);
            return found ? answer(std::move(*found)) : problem(found.error());
        });
    }
}

}  // namespace madang::api
