// How a body stands with its work: counts and a forecast, the cases as CSV, the plot.
#include "api/problem.h"
#include "api/session.h"
#include "api/summary.h"
#include "base/text.h"
#include "base/time_text.h"

namespace madang::api {
namespace {

using http::Request;
using http::Response;

json::object counts(const std::map<std::string, std::int64_t, std::less<>>& by) {
    json::object all(json::object{});
    for (const auto& [name, count] : by) all[name] = count;
    return all;
}

Response show(const Parts& parts, const Request& request) {
    const auto officer = head_reading(parts, request);
    if (!officer) return officer.error();
    const auto found = parts.casework.workloads().of(officer->body);
    if (!found) return problem(found.error());
    json::array days;
    for (const auto& day : found->days) days.push_back(json::object{{"date", format_date(day.date)}, {"due", day.due}, {"done", day.done}, {"late", day.breaches}});
    json::array ages;
    for (const std::int64_t count : found->ages) ages.emplace_back(count);
    return answer({{"body", found->body}, {"at", format_instant(found->at)}, {"open", found->open}, {"unassigned", found->unassigned}, {"half_used", found->half_used}, {"most_used", found->most_used}, {"overdue", found->overdue}, {"waiting", found->waiting},
                   {"received_30", found->received_30}, {"decided_30", found->decided_30}, {"decided_late_30", found->decided_late_30}, {"pace", found->pace},
                   {"by_service", counts(found->by_service)}, {"by_status", counts(found->by_status)}, {"by_officer", counts(found->by_officer)}, {"ages", std::move(ages)}, {"days", std::move(days)},
                   {"expected_late", found->breaches}});
}

Response csv(const Parts& parts, const Request& request) {
    const auto officer = head_reading(parts, request);
    if (!officer) return officer.error();
    const auto range = casework::csv_range(parts.pack.government, trim(request.query.value_or("from", "")), trim(request.query.value_or("until", "")));
    if (!range) return problem(range.error());
    auto text = parts.casework.workloads().csv(officer->body, *range, [&](const identity::AccountId& id) {
        const auto account = parts.accounts.find_account(id);
        return account && *account ? (**account).name : std::string();
    });
    return text ? Response::download(std::move(*text), "text/csv; charset=utf-8", "cases.csv") : problem(text.error());
}

Response plot(const Parts& parts, const Request& request) {
    const auto officer = head_reading(parts, request);
    if (!officer) return officer.error();
    const auto found = parts.casework.workloads().of(officer->body);
    if (!found) return problem(found.error());
    const auto language = language_of(parts, request);
    if (!language) return problem(language.error());
    const Catalogue& words = parts.words_in(*language);
    casework::PlotWords said{std::string(words.text("What is due, and what will be late at this pace")), std::string(words.text("Due")), std::string(words.text("Will be late")), {}};
    for (const auto& day : found->days) said.days.push_back(long_date(day.date, *language));
    return Response::bytes(casework::plot_svg(*found, said), "image/svg+xml");
}

}  // namespace

void add_workload_routes(http::Router& router, const Parts& parts) {
    using http::Method;
    router.add(Method::get, "/api/v1/office/workload", [parts](const Request& request) { return show(parts, request); });
    router.add(Method::get, "/api/v1/office/workload.csv", [parts](const Request& request) { return csv(parts, request); });
    router.add(Method::get, "/api/v1/office/workload.svg", [parts](const Request& request) { return plot(parts, request); });
}

}  // namespace madang::api
