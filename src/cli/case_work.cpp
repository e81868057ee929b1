// madang case claim, decide, ask, reopen and the like: an officer's steps from the command line, each in the name of an
// officer's account. Whoever can run this holds the house's keys, so no password is asked.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "base/time_text.h"
#include "cli/installation.h"

namespace madang::cli {
namespace {

using casework::CaseSummary;
using casework::Officer;

// The case of a receipt and the officer who takes the step.
struct Place {
    Officer officer;
    CaseSummary summary;
};

Result<Place> place_of(Installation& house, const Arguments& arguments) {
    const std::string body = arguments.one("body");
    if (house.pack().government.find(body) == nullptr) return fail(Code::not_found, format("the pack has no body \"{}\"", body));
    const std::string name = arguments.one("as");
    TRY(const auto account, house.accounts().find_by_name(name));
    if (!account || account->disabled || !account->has_role(body, "officer")) return fail(Code::not_found, format("\"{}\" is no officer of {}", name, body));
    Officer officer{account->id, body, account->staff_person, identity::roles_in(account->roles, body)};
    TRY(CaseSummary summary, house.casework().find_for_officer(arguments.one("receipt"), officer));
    return Place{std::move(officer), std::move(summary)};
}

// What the case is now, after the step and what follows from it by itself.
Result<int> tell(const Context& context, Installation& house, const Place& place) {
    TRY(const CaseSummary now, house.casework().find_for_officer(place.summary.receipt, place.officer));
    if (context.json) context.print(json::value{{"receipt", now.receipt}, {"case", now.id.text()}, {"status", casework::name_of(now.status)}, {"due_at", format_instant(now.due_at)}});
    else context.print(format("{}  {}  due {}", now.receipt, casework::name_of(now.status), format_instant(now.due_at)));
    return kOk;
}

Result<int> tasks(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const Place place, place_of(*house, arguments));
    TRY(const auto open, house->casework().tasks().of_case(place.summary));
    json::array all;
    for (const casework::CaseTask& one : open) {
        if (!context.json) {
            context.print(format("{}  {}  for {}{}{}", one.id.text(), one.name.empty() ? one.node : one.name, one.role, one.holder.empty() ? "" : ", taken",
                                 one.decides ? ", decides" : format(", ends with: {}", join(one.outcomes, ", "))));
            continue;
        }
        json::array outcomes;
        for (const std::string& outcome : one.outcomes) outcomes.emplace_back(outcome);
        all.push_back(json::object{{"id", one.id.text()}, {"node", one.node}, {"name", one.name}, {"role", one.role}, {"holder", one.holder}, {"decides", one.decides}, {"outcomes", std::move(outcomes)}});
    }
    if (context.json) context.print(json::value(std::move(all)));
    else if (open.empty()) context.print("no task is open");
    return kOk;
}

Result<int> claim(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const Place place, place_of(*house, arguments));
    if (!arguments.has("task")) {
        TRY_DO(house->casework().desk().claim(place.summary.id, place.officer));
    } else {
        TRY(const auto task, within(process::TaskId::parse(arguments.one("task")), "--task"));
        TRY_DO(house->casework().tasks().claim(place.summary.id, task, place.officer));
    }
    return tell(context, *house, place);
}

Result<int> complete(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const Place place, place_of(*house, arguments));
    TRY(const auto task, within(process::TaskId::parse(arguments.one("task")), "--task"));
    TRY_DO(house->casework().tasks().complete(place.summary.id, task, place.officer, arguments.one_or("outcome", "done"), arguments.one_or("remark", "")));
    return tell(context, *house, place);
}

Result<int> decide(const Context& context, const Arguments& arguments) {
    using Outcome = catalogue::Ground::Outcome;
    TRY(const auto house, Installation::open(context));
    TRY(const Place place, place_of(*house, arguments));
    const std::string outcome = arguments.one("outcome");
    if (outcome != "grant" && outcome != "refuse") return fail(Code::invalid, "--outcome is \"grant\" or \"refuse\"");
    TRY(const auto decided, house->casework().decide(place.summary.id, place.officer, {outcome == "grant" ? Outcome::grant : Outcome::refuse, arguments.one("ground"), arguments.one("reason")}));
    return tell(context, *house, place);
}

Result<int> proposal(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const Place place, place_of(*house, arguments));
    const auto* service = house->pack().find_service(place.summary.service);
    if (service == nullptr) return fail(Code::not_found, "the pack has this service no more");
    if (place.summary.status != casework::Status::with_second_officer) return fail(Code::conflict, "no decision waits for a second person");
    TRY(const auto content, house->casework().open_content(place.summary, {.who = place.officer.account, .capacity = "officer", .body = place.officer.body, .case_id = place.summary.id.text(),
                                                                           .legal_ground = service->legal_ground()}));
    const json::object shown = casework::proposal_of(content);
    if (context.json) context.print(json::value(shown));
    else context.print(format("{} by ground {}: {}\nsha256 {}", string_or(shown, "outcome", ""), string_or(shown, "ground", ""), string_or(shown, "reason", ""), string_or(shown, "sha256", "")));
    return kOk;
}

Result<int> extend(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const Place place, place_of(*house, arguments));
    TRY(const auto by, within(government::parse_short_term(arguments.one("by")), "--by"));
    TRY_DO(house->casework().terms().extend(place.summary.id, place.officer, by, arguments.one("reason"), arguments.one("article")));
    return tell(context, *house, place);
}

Result<int> ask(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const Place place, place_of(*house, arguments));
    TRY(const auto term, within(government::parse_short_term(arguments.one_or("term", "5wd")), "--term"));
    std::vector<casework::FileRef> files;
    if (arguments.has("file")) {
        for (const std::string& text : arguments.all("file")) {
            TRY(const auto ref, within(casework::parse_file_ref(text), "--file"));
            files.push_back(ref);
        }
    }
    TRY_DO(house->casework().consultations().ask(place.summary.id, place.officer, arguments.all("ask-body"), arguments.one("question"), term, files));
    return tell(context, *house, place);
}

Result<int> withdraw_question(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const Place place, place_of(*house, arguments));
    TRY(const std::uint64_t number, within(parse_decimal(arguments.one("number")), "--number"));
    if (number > 100'000) return fail(Code::invalid, "--number: the number of the question in the case, from 1");
    TRY_DO(house->casework().consultations().withdraw(place.summary.id, static_cast<std::int64_t>(number), place.officer));
    return tell(context, *house, place);
}

Result<int> questions(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const Place place, place_of(*house, arguments));
    const auto* service = house->pack().find_service(place.summary.service);
    TRY(const auto all, house->casework().consultations().of_case(place.summary, {.who = place.officer.account, .capacity = "officer", .body = place.officer.body, .case_id = place.summary.id.text(),
                                                                                  .legal_ground = service == nullptr ? place.summary.applicant.legal_ground : service->legal_ground()}));
    json::array list;
    for (const casework::Consultation& one : all) {
        list.push_back(json::object{{"number", one.number}, {"body", one.asked_body}, {"question", one.question}, {"due_at", format_instant(one.due_at)}, {"position", one.position}, {"answer", one.answer}});
        if (!context.json) context.print(format("{}  {}  due {}  {}", one.number, one.asked_body, format_instant(one.due_at), one.closed_at ? one.position : "open"));
    }
    if (context.json) context.print(json::value(std::move(list)));
    else if (all.empty()) context.print("nobody was asked");
    return kOk;
}

// The answers as they are, with some of them put anew.
Result<form::Answers> answers_with(const casework::CaseContent& content, const form::Form& form, const std::vector<std::string>& changes) {
    form::Answers answers = form::answers_of(form, content.answers);
    std::set<std::string, std::less<>> seen;
    for (const std::string& change : changes) {
        const std::size_t at = change.find('=');
        if (at == std::string::npos) return fail(Code::invalid, format("--set {}: FIELD=VALUE was expected", change));
        const std::string key = change.substr(0, at);
        if (form.find_field(key) == nullptr) return fail(Code::invalid, format("--set {}: the form has no field \"{}\"", change, key));
        if (seen.insert(key).second) answers[key].clear();   // a checklist is given value by value
        if (at + 1 < change.size()) answers[key].push_back(change.substr(at + 1));
    }
    return answers;
}

Result<int> amend(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    const std::string body = arguments.one("body");
    const std::string name = arguments.one("as");
    TRY(const auto account, house->accounts().find_by_name(name));
    if (!account || account->disabled || (!account->has_role(body, "helper") && !account->has_role(body, "officer"))) return fail(Code::not_found, format("\"{}\" takes in no applications for {}", name, body));
    const Place place{{account->id, body, account->staff_person, identity::roles_in(account->roles, body)}, {}};
    TRY(const CaseSummary summary, house->casework().find_for_officer(arguments.one("receipt"), place.officer));
    const auto* service = house->pack().find_service(summary.service);
    if (service == nullptr) return fail(Code::not_found, "the pack has this service no more");
    TRY(const auto content, house->casework().open_content(summary, {.who = account->id, .capacity = "helper", .body = body, .case_id = summary.id.text(), .legal_ground = service->legal_ground()}));
    TRY(auto answers, answers_with(content, service->form, arguments.all("set")));
    TRY(const auto outcome, house->casework().amendments().amend_at_counter(summary, place.officer, {static_cast<int>(content.earlier.size()) + 1, std::move(answers)}));
    if (!outcome.now) {
        std::vector<std::string> problems;
        for (const auto& one : outcome.problems) problems.push_back(format("{}: {}", one.key, fill_in(one.message, {one.values.begin(), one.values.end()})));
        return fail(Code::invalid, join(problems, "; "));
    }
    return tell(context, *house, {place.officer, *outcome.now});
}

Result<int> letter(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const Place place, place_of(*house, arguments));
    if (arguments.has("missing")) TRY_DO(house->casework().letters().request_completion(place.summary.id, place.officer, arguments.all("missing"), arguments.one_or("text", "")));
    else TRY_DO(house->casework().letters().write_to_applicant(place.summary.id, place.officer, arguments.one_or("text", ""), {}));
    return tell(context, *house, place);
}

using Step = Result<void> (*)(Installation&, const Place&, const Arguments&);

// A step that is one call, and the case as it is then.
template <Step kStep>
Result<int> step(const Context& context, const Arguments& arguments) {
    TRY(const auto house, Installation::open(context));
    TRY(const Place place, place_of(*house, arguments));
    TRY_DO(kStep(*house, place, arguments));
    return tell(context, *house, place);
}

Result<void> release(Installation& house, const Place& place, const Arguments&) { return house.casework().desk().release(place.summary.id, place.officer); }
Result<void> confirm(Installation& house, const Place& place, const Arguments& arguments) { return house.casework().desk().confirm(place.summary.id, place.officer, arguments.one("seen")); }
Result<void> give_back(Installation& house, const Place& place, const Arguments& arguments) {
    return house.casework().desk().give_back(place.summary.id, place.officer, arguments.one("reason"));
}
Result<void> delegate(Installation& house, const Place& place, const Arguments& arguments) {
    TRY(const auto to, house.accounts().find_by_name(arguments.one("to")));
    if (!to || to->disabled || !to->has_role(place.officer.body, "officer")) return fail(Code::not_found, format("\"{}\" is no officer of {}", arguments.one("to"), place.officer.body));
    return house.casework().desk().delegate(place.summary.id, place.officer, to->id);
}
Result<void> reopen(Installation& house, const Place& place, const Arguments& arguments) {
    return house.casework().procedures().reopen(place.summary.id, place.officer, arguments.one("reason"), arguments.one("article"));
}
Result<void> merge(Installation& house, const Place& place, const Arguments& arguments) {
    TRY(const CaseSummary into, within(house.casework().find_for_officer(arguments.one("into"), place.officer), "--into"));
    return house.casework().procedures().merge(place.summary.id, into.id, place.officer);
}
Result<void> decide_appeal(Installation& house, const Place& place, const Arguments& arguments) {
    const std::string outcome = arguments.one("outcome");
    if (outcome != "allow" && outcome != "dismiss") return fail(Code::invalid, "--outcome is \"allow\" or \"dismiss\"");
    return house.casework().procedures().decide_appeal(place.summary.id, place.officer, outcome == "allow", arguments.one("reason"));
}

}  // namespace

std::vector<Command> case_work_commands() {
    using Kind = Argument::Kind;
    const Argument receipt{"receipt", Kind::positional, true, "the receipt number"};
    const Argument body{"--body", Kind::option, true, "code of the body, as government.json has it"};
    const Argument as{"--as", Kind::option, true, "sign-in name of the officer who takes the step"};
    const auto option = [](const char* name, const char* help, bool required = true) { return Argument{name, Kind::option, required, help}; };
    const std::string place = " 7K2M-Q9XD-4TRB-VHN3-W --body BY-MI-MLD-RSC --as Nina";
    return {
        {"case tasks", "the open tasks of a case: for whom, who has them, how they may end", "madang case tasks" + place, {receipt, body, as}, tasks},
        {"case claim", "takes a case, or one task of it", "madang case claim" + place, {receipt, body, as, option("--task", "id of a task, as \"case tasks\" shows it", false)}, claim},
        {"case task", "a task that is not the decision is done", "madang case task" + place + " --task 01980d2e-…  --outcome agree",
         {receipt, body, as, option("--task", "id of the task, as \"case tasks\" shows it"), option("--outcome", "one of the task's outcomes (default: done)", false), option("--remark", "for who decides", false)}, complete},
        {"case decide", "decides by an article of law, or proposes where a second person must confirm", "madang case decide" + place + " --outcome refuse --ground 25 --reason 'No document shows it.'",
         {receipt, body, as, option("--outcome", "grant or refuse"), option("--ground", "id of a ground of the service"), option("--reason", "in words that the applicant understands")}, decide},
        {"case release", "gives a case back", "madang case release" + place, {receipt, body, as}, step<release>},
        {"case delegate", "gives a case to another officer", "madang case delegate" + place + " --to Anna", {receipt, body, as, option("--to", "sign-in name of the other officer")}, step<delegate>},
        {"case proposal", "the decision that waits for a second person, and what the reader confirms with; the applicant sees who read it", "madang case proposal" + place, {receipt, body, as}, proposal},
        {"case confirm", "confirms the decision that another person proposed", "madang case confirm" + place + " --seen 5f3a…", {receipt, body, as, option("--seen", "the sha256 of the proposal, as \"case proposal\" showed it")}, step<confirm>},
        {"case give-back", "gives another person's proposed decision back", "madang case give-back" + place + " --reason 'The lease was not read.'", {receipt, body, as, option("--reason", "for the first officer")}, step<give_back>},
        {"case reopen", "opens a closed case again", "madang case reopen" + place + " --reason 'The lease was found.' --article 'Law, article 4'",
         {receipt, body, as, option("--reason", "the applicant reads it"), option("--article", "of law")}, step<reopen>},
        {"case merge", "joins a duplicate with another open case of the applicant", "madang case merge" + place + " --into 57V3-NHAM-M4SE-NCV0-F", {receipt, body, as, option("--into", "receipt number of the case that goes on")}, step<merge>},
        {"case decide-appeal", "decides an appeal: allowed, the first case is opened again", "madang case decide-appeal 7K2M-Q9XD-4TRB-VHN3-W --body BY-MI-MLD --as Anna --outcome allow --reason 'The lease is signed.'",
         {receipt, body, as, option("--outcome", "allow or dismiss"), option("--reason", "in words that the applicant understands")}, step<decide_appeal>},
        {"case extend", "extends the term as far as the service allows", "madang case extend" + place + " --by 2wd --reason 'The archive answers late.' --article 'Law, article 15'",
         {receipt, body, as, option("--by", "like 2wd, as the term is written"), option("--reason", "the applicant reads it"), option("--article", "of law")}, extend},
        {"case ask", "asks other bodies", "madang case ask" + place + " --ask-body BY-MI-MLD --question 'Is the house in use?' --term 5wd",
         {receipt, body, as, Argument{"--ask-body", Kind::option_many, true, "code of a body that is asked; may be given again"}, option("--question", "what is asked"), option("--term", "until when, like 5wd (default: 5wd)", false),
          Argument{"--file", Kind::option_many, false, "MESSAGE/PLACE of a file of the case that they may read, such as 1/0; may be given again"}}, ask},
        {"case questions", "what was asked of other bodies, and what came of it", "madang case questions" + place, {receipt, body, as}, questions},
        {"case withdraw-question", "the answer of another body is needed no more; the clock goes on with the last question", "madang case withdraw-question" + place + " --number 1",
         {receipt, body, as, option("--number", "of the question in the case, as \"case questions\" shows it")}, withdraw_question},
        {"case amend", "the applicant, who is at the counter, changes the application: the term runs anew", "madang case amend" + place + " --set house=12 --set flat=45",
         {receipt, body, Argument{"--as", Kind::option, true, "sign-in name of the helper or officer who takes the change in"},
          Argument{"--set", Kind::option_many, true, "FIELD=VALUE by the keys of the form, the rest stays; may be given again"}}, amend},
        {"case letter", "writes to the applicant, or sends the one letter that names what is missing", "madang case letter" + place + " --missing 'Contract of lease' --missing 'Consent of the owner'",
         {receipt, body, as, option("--text", "what the applicant should know", false), Argument{"--missing", Kind::option_many, false, "one thing that is missing; may be given again"}}, letter},
    };
}

}  // namespace madang::cli
