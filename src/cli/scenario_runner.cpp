#include "cli/scenario_runner.h"

#include <stdlib.h>

#include <algorithm>
#include <functional>
#include <map>

#include "base/text.h"
#include "cli/installation.h"

namespace madang::cli {
namespace {

constexpr int kMaxJobs = 100;
constexpr std::string_view kUsualDay = "2026-11-23 10:00";   // where a scenario names no day

// "2026-11-23 10:00" on the clocks of the country.
Result<Instant> parse_local(const TimeZone& zone, std::string_view text) {
    const std::size_t blank = text.find(' ');
    TRY(const Date date, parse_date(text.substr(0, blank)));
    if (blank == std::string_view::npos) return zone.instant(date, std::chrono::minutes(0));
    const std::string_view time = text.substr(blank + 1);
    if (time.size() != 5 || time[2] != ':') return fail(Code::invalid, "a moment is written like 2026-11-23 10:00");
    const auto two = [&](std::size_t at) { return (time[at] - '0') * 10 + (time[at + 1] - '0'); };
    if (two(0) < 0 || two(0) > 23 || two(3) < 0 || two(3) > 59) return fail(Code::invalid, "a moment is written like 2026-11-23 10:00");
    return zone.instant(date, std::chrono::minutes(two(0) * 60 + two(3)));
}

std::string local_text(const TimeZone& zone, Instant moment) {
    const auto local = std::chrono::floor<std::chrono::minutes>(zone.local(moment));
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const auto minutes = (local - day).count();
    return format("{} {:02}:{:02}", format_date(Date(day)), minutes / 60, minutes % 60);
}

// A folder that goes with the object.
class ScratchFolder {
public:
    ScratchFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "madang-scenario-XXXXXX").string();
        if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
    }
    ~ScratchFolder() {
        std::error_code error;
        if (!path_.empty()) std::filesystem::remove_all(path_, error);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    const Path& path() const { return path_; }

private:
    Path path_;
};

class Run {
public:
    Run(Installation& house, ManualClock& clock, const catalogue::Service& service, const catalogue::Populated& populated, Random& random)
        : house_(house), clock_(clock), service_(service), populated_(populated), random_(random) {}

    Result<void> step(const catalogue::Step& step);

private:
    using Texts = std::vector<std::string>;
    Result<void> today(const Texts& texts);
    Result<void> ask(const Texts& texts, const catalogue::Step& step);
    Result<void> decide(const Texts& texts, catalogue::Ground::Outcome outcome);
    // An officer of the body, a person of their own.
    casework::Officer somebody();
    Result<void> pay();
    Result<void> is_given_back(const Texts& texts);
    Result<void> wait_until(const Texts& texts);
    Result<void> has_status(casework::Status wanted, bool by_rule);
    Result<void> has_problem(const Texts& texts);
    Result<void> expect(std::string_view what, std::string_view actual, std::string_view wanted) const {
        if (actual == wanted) return {};
        return fail(Code::conflict, format("{} is \"{}\"", what, actual));
    }
    Result<void> work();
    Result<void> refresh();
    Result<form::Answers> answers_of(const catalogue::Step& step) const;

    Installation& house_;
    ManualClock& clock_;
    const catalogue::Service& service_;
    const catalogue::Populated& populated_;
    Random& random_;
    casework::SubmissionOutcome outcome_;
    bool asked_ = false;
    std::string exemption_;
    casework::CaseSummary summary_;
    casework::CaseContent content_;
};

Result<void> Run::today(const Texts& texts) {
    TRY(const Instant moment, parse_local(house_.pack().government.time_zone(), texts[0]));
    clock_.set(moment);
    return {};
}

Result<form::Answers> Run::answers_of(const catalogue::Step& step) const {
    form::Answers answers;
    for (const auto& row : step.table) {
        if (row.size() != 2) return fail(Code::invalid, "a row is a question and its answer");
        const form::Field* field = nullptr;
        for (const auto& page : service_.form.pages) {
            for (const auto& one : page.fields) {
                if (one.label == row[0]) field = &one;
            }
        }
        if (field == nullptr) return fail(Code::invalid, format("the form has no question \"{}\"", row[0]));
        std::string value = row[1];
        for (const auto& option : field->options) {
            if (option.label == row[1]) value = option.value;
        }
        answers[field->key] = {value};
    }
    return answers;
}

Result<void> Run::ask(const Texts& texts, const catalogue::Step& step) {
    const auto& people = *house_.pack().people;
    const auto* who = people.find_by_name(texts[0]);
    const auto* whose = texts.size() > 1 ? people.find_by_name(texts[1]) : who;
    if (who == nullptr || whose == nullptr) return fail(Code::invalid, format("people.json knows nobody called \"{}\"", who == nullptr ? texts[0] : texts[1]));
    if (whose != who && std::ranges::find(who->children, whose->key) == who->children.end()) return fail(Code::denied, format("\"{}\" may not act for \"{}\"", texts[0], texts[1]));
    casework::Submission submission;
    submission.service = service_.id;
    submission.applicant = {make_id<identity::AccountId>(clock_, random_), populated_.persons.find(whose->key)->second,
                            whose == who ? "self" : "parent", service_.article};
    submission.language = "en";
    submission.idempotency_key = "scenario";
    submission.exemption = exemption_;
    TRY(submission.answers, answers_of(step));
    TRY(outcome_, house_.casework().submit(submission));
    asked_ = true;
    if (!outcome_.receipt) return {};
    TRY(summary_, house_.casework().find_case(outcome_.receipt->receipt, {submission.applicant.account}));
    return work();
}

Result<void> Run::work() {
    for (int i = 0; i < kMaxJobs; ++i) {
        TRY(const bool worked, house_.casework().work_once());
        if (!worked) return refresh();
    }
    return fail(Code::conflict, "the house does not come to rest");
}

Result<void> Run::refresh() {
    TRY(summary_, house_.casework().find_case(summary_.receipt, {summary_.applicant.account}));
    TRY(content_, house_.casework().open_content(summary_, {.who = summary_.applicant.account, .capacity = "self", .body = {}, .case_id = {},
                                                            .legal_ground = service_.article}));
    return {};
}

Result<void> Run::decide(const Texts& texts, catalogue::Ground::Outcome outcome) {
    TRY_DO(house_.casework().decide(summary_.id, somebody(), {outcome, texts[0], texts[1]}));
    if (service_.four_eyes) {
        TRY_DO(refresh());
        TRY_DO(house_.casework().desk().confirm(summary_.id, somebody(), casework::proposal_hash(content_)));
    }
    return work();
}

casework::Officer Run::somebody() {
    return {make_id<identity::AccountId>(clock_, random_), summary_.body, make_id<identity::PersonId>(clock_, random_)};
}

Result<void> Run::pay() {
    TRY_DO(house_.casework().fees().pay_at_desk(summary_.receipt, somebody(), "scenario"));
    return work();
}

Result<void> Run::is_given_back(const Texts& texts) {
    TRY(const auto payments, house_.casework().fees().of_case(summary_));
    const auto refund = std::ranges::find(payments, casework::Payment::Kind::refund, &casework::Payment::kind);
    if (refund == payments.end()) return fail(Code::conflict, "no fee is given back");
    return expect("the article", refund->article, texts[0]);
}

Result<void> Run::wait_until(const Texts& texts) {
    TRY_DO(today(texts));
    return work();
}

Result<void> Run::has_status(casework::Status wanted, bool by_rule) {
    if (!outcome_.receipt) return fail(Code::conflict, "nothing was submitted");
    TRY_DO(expect("the case", casework::name_of(summary_.status), casework::name_of(wanted)));
    if (by_rule && !summary_.decided_by.starts_with("rule:")) return fail(Code::conflict, "an officer decided it, not the rule");
    return {};
}

Result<void> Run::has_problem(const Texts& texts) {
    for (const auto& problem : outcome_.problems) {
        const form::Field* field = service_.form.find_field(problem.key);
        if (field != nullptr && field->label == texts[0]) return expect(format("the problem of \"{}\"", texts[0]), problem.message, texts[1]);
    }
    return fail(Code::conflict, format("\"{}\" has no problem", texts[0]));
}

Result<void> Run::step(const catalogue::Step& step) {
    const auto [phrase, texts] = catalogue::split_quotes(step.text);
    const TimeZone& zone = house_.pack().government.time_zone();
    if (phrase == "today is \"\"") return today(texts);
    if (phrase == "the applicant claims the exemption \"\"") {
        exemption_ = texts[0];
        return {};
    }
    if (phrase == "\"\" asks for it" || phrase == "\"\" asks for it for \"\"") return ask(texts, step);
    if (phrase == "\"\" asks for the certificate" || phrase == "\"\" asks for the certificate for \"\"") return ask(texts, step);
    if (!asked_) return fail(Code::invalid, "nobody has asked for anything yet");
    if (phrase == "the officer grants it by \"\" because \"\"") return decide(texts, catalogue::Ground::Outcome::grant);
    if (phrase == "the officer refuses it by \"\" because \"\"") return decide(texts, catalogue::Ground::Outcome::refuse);
    if (phrase == "the fee is paid at the desk") return pay();
    if (phrase == "the fee is given back by \"\"") return is_given_back(texts);
    if (phrase == "it is \"\"") return wait_until(texts);
    if (phrase == "the case waits for the fee") return has_status(casework::Status::awaiting_fee, false);
    if (phrase == "the case is closed without a decision") return has_status(casework::Status::lapsed, false);
    if (phrase == "the certificate is issued at once") return has_status(casework::Status::issued, true);
    if (phrase == "the certificate is issued") return has_status(casework::Status::issued, false);
    if (phrase == "the case goes to an officer") return has_status(casework::Status::with_officer, false);
    if (phrase == "the application is refused") return has_status(casework::Status::refused, false);
    if (phrase == "the reason is \"\"") return expect("the reason", string_or(content_.outcome, "reason", ""), texts[0]);
    if (phrase == "the article is \"\"") return expect("the article", summary_.article, texts[0]);
    if (phrase == "the answer is due by \"\"") return expect("the due time", local_text(zone, summary_.due_at), texts[0]);
    if (phrase == "the certificate is valid until \"\"") {
        TRY(const auto facts, house_.store().read<std::optional<documents::PublicFacts>>(
                                  [&](store::Reader& reader) { return house_.certificates().find(reader, summary_.certificate_code); }));
        return expect("the last day", facts && facts->valid_until ? format_date(*facts->valid_until) : "none", texts[0]);
    }
    if (phrase == "\"\" has the problem \"\"") return has_problem(texts);
    if (phrase == "nothing was submitted") return outcome_.receipt ? fail(Code::conflict, "an application was submitted") : Result<void>();
    return fail(Code::invalid, format("no such step is known: {}", step.text));
}

Result<ScenarioResult> run_one(const Context& context, const Path& pack_folder, const catalogue::Service& service, const catalogue::Scenario& scenario) {
    const ScratchFolder folder;
    if (folder.path().empty()) return fail(Code::unavailable, "no scratch folder can be made");
    const auto nothing = [](const std::string&) -> std::optional<std::string> { return std::nullopt; };
    TRY(const Settings settings, Settings::load({{"data", (folder.path() / "data").string()}, {"pack", pack_folder.string()}}, nothing, "", false));
    ManualClock clock(context.clock.now());
    const Context inner{settings, clock, context.random, false, true};
    TRY_DO(Installation::create(inner, pack_folder));
    TRY(const auto house, Installation::open(inner));
    TRY(const Instant usual, parse_local(house->pack().government.time_zone(), kUsualDay));
    clock.set(usual);
    const catalogue::Populated populated = catalogue::populate(*house->pack().people, clock, context.random);
    const identity::Access by{.who = {}, .capacity = "system", .body = service.provider, .case_id = {}, .legal_ground = "scenario"};
    TRY_DO(house->store().write([&](store::Tx& tx) {
        return house->population().load(tx, populated.data, Date{std::chrono::year(1950), std::chrono::January, std::chrono::day(1)}, by);
    }));
    ScenarioResult result{service.id, scenario.name, scenario.line, {}};
    Run run(*house, clock, service, populated, context.random);
    for (const auto& step : scenario.steps) {
        const auto done = run.step(step);
        if (done) continue;
        result.line = step.line;
        result.problem = done.error().message;
        break;
    }
    return result;
}

}  // namespace

Result<std::vector<ScenarioResult>> run_scenarios(const Context& context, const catalogue::Pack& pack, const Path& pack_folder) {
    if (!pack.people) return fail(Code::invalid, "the pack has no people.json; scenarios need fictional people");
    std::size_t total = 0;
    for (const auto& service : pack.services) total += service.scenarios.scenarios.size();
    Progress progress = context.progress("running scenarios", "scenarios", total);
    std::vector<ScenarioResult> results;
    for (const auto& service : pack.services) {
        for (const auto& scenario : service.scenarios.scenarios) {
            TRY(ScenarioResult result, run_one(context, pack_folder, service, scenario));
            results.push_back(std::move(result));
            progress.at(results.size(), total);
        }
    }
    return results;
}

}  // namespace madang::cli
