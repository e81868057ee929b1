// madang case …: the work of a body from the command line.
#include <algorithm>

#include "base/text.h"
#include "base/time_text.h"
#include "cli/installation.h"

namespace madang::cli {
namespace {

using casework::CaseSummary;

constexpr std::int64_t kPage = 500;
constexpr std::size_t kMaxCsv = 20U << 20;

Result<std::string> body_of(Installation& house, const Arguments& arguments) {
    const std::string body = arguments.one("body");
    if (house.pack().government.find(body) == nullptr) return fail(Code::not_found, format("the pack has no body \"{}\"", body));
    return body;
}

json::object json_of(const CaseSummary& one) {
    json::object object{{"receipt", one.receipt}, {"case", one.id.text()}, {"body", one.body}, {"kind", casework::name_of(one.kind)}, {"service", one.service}, {"status", casework::name_of(one.status)}, {"channel", one.channel},
                        {"submitted_at", format_instant(one.submitted_at)}, {"due_at", format_instant(one.due_at)}};
    if (!one.assignee.empty()) object["assignee"] = one.assignee;
    if (one.decided_at) object["decided_at"] = format_instant(*one.decided_at);
    if (!one.article.empty()) object["article"] = one.article;
    return object;
}

Result<int> list(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const std::string body, body_of(*house, arguments));
    casework::CaseFilter filter{.service = arguments.one_or("service", ""), .role = arguments.one_or("role", ""), .overdue = arguments.has("overdue"), .receipt = arguments.one_or("receipt", "")};
    TRY_DO(within(casework::set_state(filter, arguments.one_or("state", arguments.has("all") ? "all" : "")), "--state"));
    TRY(const std::uint64_t page, within(parse_decimal(arguments.one_or("page", "1")), "--page"));
    if (page < 1 || page > 1'000'000) return fail(Code::invalid, "--page: a number from 1");
    TRY(const auto found, house->casework().search(body, filter, (static_cast<std::int64_t>(page) - 1) * kPage, kPage));
    const auto& cases = found.cases;
    json::array all;
    for (const CaseSummary& one : cases) {
        if (context.json) all.push_back(json_of(one));
        else context.print(format("{}  {}  {}  due {}{}", one.receipt, one.service, casework::name_of(one.status), format_instant(one.due_at), casework::is_overdue(one, context.clock.now()) ? "  overdue" : ""));
    }
    if (context.json) context.print(json::value(std::move(all)));
    else if (cases.empty()) context.print(filter.status || filter.which != casework::CaseFilter::Which::waiting ? "nothing was found" : "nothing waits");
    const std::int64_t end = found.first + std::ssize(cases);
    // Beside the data, so that no program takes a page for everything.
    if (found.total > std::ssize(cases)) {
        const std::string next = end < found.total ? format("; the next with --page {}", page + 1) : std::string();
        const std::string part = cases.empty() ? format("none of {}", found.total) : format("{} to {} of {}", found.first + 1, end, found.total);
        std::fprintf(stderr, "%s%s\n", part.c_str(), next.c_str());
    }
    return kOk;
}

std::string link_text(const casework::Link& link) {
    const std::string& other = link.other.receipt;
    if (link.kind == casework::Link::Kind::appeal_of) return link.from_here ? "an appeal against the decision of " + other : "its decision is appealed by " + other;
    return link.from_here ? "joined with " + other + ", which goes on" : other + " was joined with this case";
}

Result<int> show(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const std::string body, body_of(*house, arguments));
    TRY(const CaseSummary one, house->casework().find_for_officer(arguments.one("receipt"), {identity::AccountId{}, body}));
    TRY(const auto acts, house->casework().history(one));
    TRY(const auto due, house->casework().terms().explain(one));
    TRY(const auto links, house->casework().procedures().links_of(one));
    TRY(const auto payments, house->casework().fees().of_case(one));
    json::array told;
    json::array steps;
    json::array kin;
    json::array paid;
    for (const auto& act : acts) told.push_back(json::object{{"at", format_instant(act.at)}, {"kind", act.kind}, {"actor", act.actor}});
    if (due) {
        for (const auto& step : due->steps) steps.emplace_back(government::in_words(step, Catalogue(), "en", house->pack().government));
    }
    for (const auto& link : links) kin.push_back(json::object{{"kind", casework::name_of(link.kind)}, {"receipt", link.other.receipt}, {"from_here", link.from_here}});
    for (const auto& payment : payments) {
        paid.push_back(json::object{{"kind", casework::name_of(payment.kind)}, {"state", casework::name_of(payment.state)}, {"amount", payment.amount}, {"currency", payment.currency}});
    }
    if (context.json) {
        json::object object = json_of(one);
        object["acts"] = std::move(told);
        object["term"] = std::move(steps);
        object["links"] = std::move(kin);
        object["payments"] = std::move(paid);
        context.print(json::value(std::move(object)));
        return kOk;
    }
    context.print(format("{}  {}  {}  {}", one.receipt, casework::name_of(one.kind), one.service, casework::name_of(one.status)));
    context.print(format("received {} by {}, due {}", format_instant(one.submitted_at), one.channel, format_instant(one.due_at)));
    for (const json::value& step : steps) context.print("    " + std::string(step.as_string()));
    for (const auto& link : links) context.print(link_text(link));
    for (const auto& payment : payments) context.print(format("{} {} {}: {}", casework::name_of(payment.kind), payment.amount, payment.currency, casework::name_of(payment.state)));
    for (const auto& act : acts) context.print(format("{}  {}  by {}", format_instant(act.at), act.kind, act.actor));
    return kOk;
}

Result<int> escalated(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const std::string body, body_of(*house, arguments));
    TRY(const auto cases, house->casework().escalations().to(body));
    json::array all;
    for (const auto& one : cases) {
        json::object object = json_of(one.summary);
        object["term_ended_at"] = format_instant(one.at);
        object["escalated_by"] = one.article;
        if (!context.json) context.print(format("{}  {}  {}  {}  term ended {}", one.summary.receipt, one.summary.body, one.summary.service, casework::name_of(one.summary.status), format_instant(one.at)));
        all.push_back(std::move(object));
    }
    if (context.json) context.print(json::value(std::move(all)));
    else if (cases.empty()) context.print("nothing stands before this body");
    return kOk;
}

Result<int> workload(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const std::string body, body_of(*house, arguments));
    TRY(const auto found, house->casework().workloads().of(body));
    if (context.json) {
        json::array days;
        for (const auto& day : found.days) days.push_back(json::object{{"date", format_date(day.date)}, {"due", day.due}, {"late", day.breaches}});
        context.print(json::value{{"body", found.body}, {"open", found.open}, {"unassigned", found.unassigned}, {"half_used", found.half_used}, {"most_used", found.most_used}, {"overdue", found.overdue}, {"waiting", found.waiting},
                                  {"received_30", found.received_30}, {"decided_30", found.decided_30}, {"decided_late_30", found.decided_late_30}, {"pace", found.pace},
                                  {"expected_late", found.breaches}, {"days", std::move(days)}});
        return kOk;
    }
    context.print(format("{} open, {} with nobody, {} overdue, {} wait for somebody else", found.open, found.unassigned, found.overdue, found.waiting));
    context.print(format("of the others {} have used half of their term, {} four fifths", found.half_used, found.most_used));
    context.print(format("in 30 days {} came, {} were decided, {} of them late: {:.1f} a working day", found.received_30, found.decided_30, found.decided_late_30, found.pace));
    context.print(format("at this pace {} will be late in the next 20 working days\n", found.breaches));
    context.print(casework::plot_text(found));
    return kOk;
}

Result<int> export_csv(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const std::string body, body_of(*house, arguments));
    TRY(const casework::CsvRange range, casework::csv_range(house->pack().government, arguments.one_or("from", ""), arguments.one_or("until", "")));
    TRY(const std::string csv, house->casework().workloads().csv(body, range, [&](const identity::AccountId& id) {
        const auto account = house->accounts().find_account(id);
        return account && *account ? (**account).name : std::string();
    }));
    if (!arguments.has("out")) {
        std::fwrite(csv.data(), 1, csv.size(), stdout);
        return kOk;
    }
    TRY_DO(write_file_whole(arguments.one("out"), csv));
    return kOk;
}

Result<int> import_csv(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    const std::string file = arguments.one("file");
    TRY(const std::string csv, read_file(file, kMaxCsv));
    TRY(const auto account, house->accounts().find_by_name(arguments.one("as")));
    if (!account || account->disabled) return fail(Code::not_found, format("there is no account \"{}\"", arguments.one("as")));
    const auto role = std::ranges::find_if(account->roles, [](const identity::Role& one) { return one.role == "helper" || one.role == "officer"; });
    if (role == account->roles.end()) return fail(Code::denied, "applications are taken in by a helper or an officer of a body");
    auto progress = context.progress("taking in", "applications");
    TRY(const auto report, house->casework().intake().from_csv(csv, file, arguments.one("service"), arguments.one_or("language", house->pack().languages.front()), {account->id, role->body},
                                                               [&](std::size_t done, std::size_t all) { progress.at(done, all); }));
    json::array rows;
    std::size_t refused = 0;
    for (const auto& one : report) {
        refused += std::size_t{one.receipt.empty()};
        json::array problems;
        for (const auto& text : one.problems) problems.emplace_back(text);
        if (!context.json) context.print(one.receipt.empty() ? format("{}:{}: {}", file, one.line, join(one.problems, "; ")) : format("{}:{}: {}", file, one.line, one.receipt));
        rows.push_back(json::object{{"line", one.line}, {"receipt", one.receipt.empty() ? json::value(nullptr) : json::value(one.receipt)}, {"problems", std::move(problems)}});
    }
    if (context.json) context.print(json::value(std::move(rows)));
    else context.print(format("{} taken in, {} sent back", report.size() - refused, refused));
    return refused == 0 ? kOk : kInvalid;
}

Result<int> recompute(const Context& context, const Arguments&) {
    TRY(const auto house, Installation::open(context));
    TRY(const std::int64_t moved, house->casework().terms().recompute());
    if (context.json) context.print(json::value{{"moved", moved}});
    else context.print(format("{} running terms have another date now", moved));
    return kOk;
}

Result<int> absent(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const std::string body, body_of(*house, arguments));
    const auto find = [&](std::string_view name) -> Result<identity::AccountId> {
        TRY(const auto account, house->accounts().find_by_name(name));
        if (!account || !account->has_role(body, "officer")) return fail(Code::not_found, format("\"{}\" is no officer of {}", name, body));
        return account->id;
    };
    TRY(const auto who, find(arguments.one("officer")));
    TRY(const auto substitute, find(arguments.one("substitute")));
    const auto from = parse_date(arguments.one("from"));
    const auto until = parse_date(arguments.one("until"));
    if (!from || !until) return fail(Code::invalid, "--from and --until: days, as 2026-12-01");
    const auto& zone = house->pack().government.time_zone();
    const Date after = Date(std::chrono::sys_days(*until) + std::chrono::days(1));
    TRY_DO(house->casework().desk().set_absence(body, {who, substitute, zone.instant(*from, std::chrono::minutes(0)), zone.instant(after, std::chrono::minutes(0))},
                                                     {.account = {}, .capacity = casework::AbsenceBy::Capacity::house}));
    context.print("noted");
    return kOk;
}

Result<int> back(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const std::string body, body_of(*house, arguments));
    TRY(const auto account, house->accounts().find_by_name(arguments.one("officer")));
    if (!account) return fail(Code::not_found, format("there is no account \"{}\"", arguments.one("officer")));
    TRY(const auto absences, house->casework().desk().absences(body));
    std::int64_t ended = 0;
    for (const auto& one : absences) {
        if (one.account != account->id || one.until <= context.clock.now()) continue;
        TRY_DO(house->casework().desk().end_absence(body, one.account, one.from, {.account = {}, .capacity = casework::AbsenceBy::Capacity::house}));
        ++ended;
    }
    if (ended == 0) return fail(Code::not_found, format("\"{}\" is not away", account->name));
    context.print(context.json ? json::serialize(json::value{{"ended", ended}}) : format("{} ended", ended));
    return kOk;
}

Result<int> refunds(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const std::string body, body_of(*house, arguments));
    TRY(const auto due, house->casework().fees().refunds_at_desk(body));
    json::array all;
    for (const auto& [summary, payment] : due) {
        if (context.json) all.push_back(json::object{{"receipt", summary.receipt}, {"amount", payment.amount}, {"currency", payment.currency}, {"why", payment.why}, {"article", payment.article}});
        else context.print(format("{}  {} {}  {}  {}", summary.receipt, payment.amount, payment.currency, payment.why, payment.article));
    }
    if (context.json) context.print(json::value(std::move(all)));
    else if (due.empty()) context.print("nothing is to be given back");
    return kOk;
}

Result<int> refund(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const std::string body, body_of(*house, arguments));
    TRY(const auto account, house->accounts().find_by_name(arguments.one("as")));
    if (!account || account->disabled || !account->has_role(body, "officer")) return fail(Code::not_found, format("\"{}\" is no officer of {}", arguments.one("as"), body));
    TRY_DO(house->casework().fees().pay_out_at_desk(arguments.one("receipt"), {account->id, body, account->staff_person}, arguments.one("voucher")));
    context.print("given back");
    return kOk;
}

Result<int> package(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const std::string body, body_of(*house, arguments));
    TRY(const CaseSummary one, house->casework().find_for_officer(arguments.one("receipt"), {identity::AccountId{}, body}));
    const auto* service = house->pack().find_service(one.service);
    const std::string ground = service == nullptr ? one.applicant.legal_ground : service->retention ? service->retention->article : service->legal_ground();
    // Every act of the case needs its place in the ledger; where a server of this house is doing it, it is done in a moment.
    if (const auto integrated = house->ledger().integrate(); !integrated && integrated.error().code != Code::conflict) return std::unexpected(integrated.error());
    TRY(const auto made, house->casework().packages().write(one, {.who = {}, .capacity = "system", .body = body, .case_id = one.id.text(), .legal_ground = ground}, arguments.one("out")));
    if (context.json) {
        context.print(json::value{{"receipt", one.receipt}, {"folder", arguments.one("out")}, {"files", made.files}, {"bytes", made.bytes}, {"manifest_sha256", made.manifest_sha256},
                                  {"retention_stated", service != nullptr && service->retention.has_value()}});
        return kOk;
    }
    context.print(format("{}: {} files, {} bytes; SHA-256 of the manifest {}", arguments.one("out"), made.files, made.bytes, made.manifest_sha256));
    if (service == nullptr || !service->retention) context.print(format("the service {} does not state how long its cases are kept (\"retention\" in service.json)", one.service));
    return kOk;
}

}  // namespace

std::vector<Command> case_commands() {
    using Kind = Argument::Kind;
    const Argument body{"--body", Kind::option, true, "code of the body, as government.json has it"};
    return {
        {"case list", "cases of a body: those that wait, by due date, or any others", "madang case list --body BY-MI-MLD-RSC --state closed --page 2",
         {body, {"--all", Kind::flag, false, "closed ones too"}, {"--state", Kind::option, false, "waiting (default), open, closed, all, or a status such as refused"},
          {"--service", Kind::option, false, "id of a service"}, {"--role", Kind::option, false, "with an open task for the role"}, {"--receipt", Kind::option, false, "the receipt number or its beginning"},
          {"--overdue", Kind::flag, false, "past their date"}, {"--page", Kind::option, false, "of 500 cases each (default: 1)"}}, list},
        {"case show", "how a case stands, how its date was found and what was done", "madang case show 7K2M-Q9XD-4TRB-VHN3-W --body BY-MI-MLD-RSC",
         {{"receipt", Kind::positional, true, "the receipt number"}, body}, show},
        {"case escalated", "cases of bodies below that the law put before this body, since they were not answered in time", "madang case escalated --body BY-MI-MLD", {body}, escalated},
        {"case workload", "what is open, late, and will be late at the present pace", "madang case workload --body BY-MI-MLD-RSC", {body}, workload},
        {"case export", "the cases of a body as CSV, without personal data", "madang case export --body BY-MI-MLD-RSC --out cases.csv",
         {body, {"--from", Kind::option, false, "first day of receipt (default: all)"}, {"--until", Kind::option, false, "last day of receipt (default: all)"}, {"--out", Kind::option, false, "file (default: standard output)"}}, export_csv},
        {"case import", "take in many applications from a CSV file", "madang case import many.csv --service certificate-of-residence --as Nina",
         {{"file", Kind::positional, true, "columns: personal_number, the fields of the form, exemption"},
          {"--service", Kind::option, true, "id of the service"},
          {"--as", Kind::option, true, "sign-in name of the helper or officer who takes them in"},
          {"--language", Kind::option, false, "of the applicants (default: the pack's first)"}}, import_csv},
        {"case recompute", "count the running terms again by the calendars as the pack has them today", "madang case recompute", {}, recompute},
        {"case absent", "an officer is away and another works in their stead", "madang case absent --body BY-MI-MLD-RSC --officer Nina --substitute Anna --from 2026-12-01 --until 2026-12-14",
         {body, {"--officer", Kind::option, true, "sign-in name"}, {"--substitute", Kind::option, true, "sign-in name"}, {"--from", Kind::option, true, "first day"},
          {"--until", Kind::option, true, "last day"}}, absent},
        {"case refunds", "fees that a body has to give back at its cash desk", "madang case refunds --body BY-MI-MLD-RSC", {body}, refunds},
        {"case refund", "a fee was given back at the cash desk", "madang case refund 7K2M-Q9XD-4TRB-VHN3-W --body BY-MI-MLD-RSC --voucher 114 --as Nina",
         {{"receipt", Kind::positional, true, "the receipt number"}, body, {"--voucher", Kind::option, true, "number of the cash voucher"},
          {"--as", Kind::option, true, "sign-in name of the officer who paid it out"}}, refund},
        {"case package", "a closed case as one folder for an archive (BagIt)", "madang case package 7K2M-Q9XD-4TRB-VHN3-W --body BY-MI-MLD-RSC --out 7K2M-Q9XD-4TRB-VHN3-W",
         {{"receipt", Kind::positional, true, "the receipt number"}, body, {"--out", Kind::option, true, "folder to make; must not be there"}}, package},
        {"case back", "an officer is back: ends what is entered of their absence now and later", "madang case back --body BY-MI-MLD-RSC --officer Nina",
         {body, {"--officer", Kind::option, true, "sign-in name"}}, back},
    };
}

}  // namespace madang::cli
