// madang dmn check: what is wrong with rules. madang dmn replay: what a new version of them would decide otherwise.
#include <map>

#include "base/text.h"
#include "cli/case_reader.h"
#include "cli/command.h"
#include "cli/decision_model.h"
#include "decision/check.h"

namespace madang::cli {
namespace {

constexpr std::size_t kMaxListed = 10'000;    // differences that one JSON answer holds
constexpr int kMaxTraceDepth = 200;

std::string shown(const feel::Value& value) {
    const std::string text = value.as<std::string>() != nullptr ? json::serialize(json::value(*value.as<std::string>())) : feel::text_of(value);
    return value.reason().empty() ? text : format("{} ({})", text, value.reason());
}

// One decision of a trace: its value, and "rule 2 (Decree …)".
struct Step {
    std::string name;
    json::value value;
    std::string rules;
};

std::string rules_of(const json::object& trace) {
    std::vector<std::string> rules;
    if (!trace.contains("rules")) return "";
    for (const json::value& one : trace.at("rules").as_array()) {
        const json::object& rule = one.as_object();
        const std::string article = string_or(rule, "article", "");
        const std::string number = rule.contains("number") ? json::serialize(rule.at("number")) : string_or(rule, "rule", "");
        rules.push_back(format("rule {}{}", number, article.empty() ? "" : format(" ({})", article)));
    }
    return join(rules, ", ");
}

// The decisions of a trace, the innermost first.
void steps_into(const json::value& trace, std::vector<Step>& steps, int depth = 0) {
    const json::object* object = trace.if_object();
    if (object == nullptr || object->size() < 2 || depth > kMaxTraceDepth) return;
    if (object->contains("required")) {
        for (const json::value& one : object->at("required").as_array()) steps_into(one, steps, depth + 1);
    }
    const json::value* value = object->if_contains("value");
    steps.push_back({string_or(*object, "decision", ""), value == nullptr ? json::value() : *value, rules_of(*object)});
}

// The two versions of the rules.
class Replay {
public:
    Replay(const DecisionModel& before, const DecisionModel& after, std::string old_name, std::string new_name)
        : before_(before), after_(after), old_name_(std::move(old_name)), new_name_(std::move(new_name)) {}

    // Nothing where both decide alike, else what is different. Both see the same moment.
    Result<std::optional<json::object>> difference(const Case& one, const Clock& clock) const {
        if (!one.input) return std::unexpected(one.input.error());
        const ManualClock moment(clock.now());
        TRY(const auto old_value, decided(before_, old_name_, *one.input, moment, decision::Traced::no));
        TRY(const auto new_value, decided(after_, new_name_, *one.input, moment, decision::Traced::no));
        if (feel::same(old_value.value, new_value.value)) return std::optional<json::object>();
        TRY(const auto old_told, decided(before_, old_name_, *one.input, moment, decision::Traced::yes));
        TRY(const auto new_told, decided(after_, new_name_, *one.input, moment, decision::Traced::yes));
        json::object told{{"case", one.number}};
        if (!one.id.empty()) told["id"] = one.id;
        told["before"] = side(old_told);
        told["after"] = side(new_told);
        told["changed"] = changed(old_told.trace, new_told.trace);
        return std::optional<json::object>(std::move(told));
    }

private:
    static Result<decision::Outcome> decided(const DecisionModel& model, const std::string& name, const json::object& input, const Clock& clock,
                                             decision::Traced traced) {
        feel::Budget budget;
        budget.clock = &clock;
        return decision::evaluate(model.decisions, name, model.input_of(input), budget, traced);
    }

    static json::object side(const decision::Outcome& outcome) {
        json::object told{{"value", feel::to_json(outcome.value)}, {"text", shown(outcome.value)}};
        const json::object& trace = outcome.trace.as_object();
        if (!outcome.value.reason().empty()) told["reason"] = outcome.value.reason();
        if (trace.contains("rules")) told["rules"] = trace.at("rules");
        if (trace.contains("article")) told["article"] = trace.at("article");
        if (std::string by = rules_of(trace); !by.empty()) told["by"] = std::move(by);
        return told;
    }

    // The decisions below the one asked for that came out otherwise, or are in one version only.
    static json::array changed(const json::value& old_trace, const json::value& new_trace) {
        std::vector<Step> old_steps;
        std::vector<Step> new_steps;
        steps_into(old_trace, old_steps);
        steps_into(new_trace, new_steps);
        if (!old_steps.empty()) old_steps.pop_back();
        if (!new_steps.empty()) new_steps.pop_back();
        std::map<std::string, const Step*> old_by_name;
        for (const Step& step : old_steps) old_by_name[step.name] = &step;
        json::array list;
        for (const Step& step : new_steps) {
            const auto found = old_by_name.find(step.name);
            const Step* old = found == old_by_name.end() ? nullptr : found->second;
            if (old != nullptr && old->value == step.value && old->rules == step.rules) continue;
            json::object one{{"decision", step.name}};
            if (old != nullptr) one["before"] = json::object{{"value", old->value}, {"by", old->rules}};
            one["after"] = json::object{{"value", step.value}, {"by", step.rules}};
            list.push_back(std::move(one));
        }
        return list;
    }

    const DecisionModel& before_;
    const DecisionModel& after_;
    const std::string old_name_;
    const std::string new_name_;
};

std::string by_of(const json::object& side) {
    const std::string by = string_or(side, "by", "");
    return by.empty() ? "" : ", by " + by;
}

void print_difference(const Context& context, const std::string& where, const json::object& told) {
    const std::string id = string_or(told, "id", "");
    context.print(format("{}{}", where, id.empty() ? "" : format(" ({})", id)));
    for (const json::value& one : told.at("changed").as_array()) {
        const json::object& step = one.as_object();
        const auto tell = [&](std::string_view key) {
            if (!step.contains(key)) return std::string("not decided");
            const json::object& side = step.at(key).as_object();
            return json::serialize(side.at("value")) + by_of(side);
        };
        context.print(format("  \"{}\": {} -> {}", string_or(step, "decision", ""), tell("before"), tell("after")));
    }
    for (const char* key : {"before", "after"}) {
        const json::object& side = told.at(key).as_object();
        context.print(format("  {}: {}{}", key, string_or(side, "text", ""), by_of(side)));
    }
}

Result<int> replay(const Context& context, const Arguments& arguments) {
    TRY(const DecisionModel before, load_decision_model(arguments.one("old"), decision::Mistakes::refuse));
    TRY(const DecisionModel after, load_decision_model(arguments.one("new"), decision::Mistakes::refuse));
    const std::string asked = arguments.one_or("decision", "");
    TRY(const std::string old_name, before.choose(asked));
    TRY(const std::string new_name, after.choose(asked.empty() && after.decisions.has(old_name) ? old_name : asked));
    const Replay both(before, after, old_name, new_name);
    TRY(CaseReader cases, CaseReader::open(arguments.one("cases")));
    std::uint64_t done = 0;
    std::uint64_t different = 0;
    json::array failures;
    json::array differences;
    std::uint64_t failed = 0;
    {
        Progress progress = context.progress("Replaying", "cases");
        for (;;) {
            TRY(const std::optional<Case> one, cases.next());
            if (!one) break;
            auto told = both.difference(*one, context.clock);
            if (!told) {
                std::fprintf(stderr, "madang: %s: %s\n", cases.where(*one).c_str(), told.error().message.c_str());
                if (++failed <= kMaxListed) failures.push_back(json::object{{"case", one->number}, {"error", told.error().message}});
            } else if (*told) {
                if (++different <= kMaxListed && context.json) differences.push_back(std::move(**told));
                else if (!context.json) print_difference(context, cases.where(*one), **told);
            }
            progress.at(++done, 0);
        }
    }
    if (context.json) {
        context.print(json::value{{"decision", old_name}, {"cases", done}, {"different", different}, {"failed", failed},
                                  {"differences", std::move(differences)}, {"failures", std::move(failures)}});
    } else {
        context.print(format("{} cases, {} would be decided otherwise{}", done, different, failed == 0 ? "" : format(", {} failed", failed)));
    }
    return failed == 0 ? kOk : kCheckFailed;
}

// What is wrong with one file; a file that cannot be read as a model is one error.
std::vector<decision::Finding> findings_of(const std::string& file) {
    const auto model = load_decision_model(file, decision::Mistakes::refuse);
    if (model) return decision::check(model->decisions);
    decision::Finding finding;
    finding.severity = decision::Severity::error;
    finding.kind = "unreadable";
    finding.message = model.error().message;   // begins with the file and the line
    return {finding};
}

std::string text_of(const decision::Finding& finding) {
    std::string text;
    if (!finding.where.empty()) text += finding.where + ": ";
    text += finding.severity == decision::Severity::error ? "error: " : "warning: ";
    if (!finding.element.empty()) text += finding.element + ": ";
    text += finding.message;
    std::vector<std::string> parts;
    for (const auto& [column, value] : finding.example) {
        parts.push_back(format("{} = {}", std::string_view(column), value.is_string() ? std::string(value.get_string()) : json::serialize(value)));
    }
    return parts.empty() ? text : format("{} (such as {})", text, join(parts, ", "));
}

Result<int> check(const Context& context, const Arguments& arguments) {
    json::array list;
    std::size_t errors = 0;
    std::size_t warnings = 0;
    for (const std::string& file : arguments.all("file")) {
        for (const decision::Finding& finding : findings_of(file)) {
            const bool error = finding.severity == decision::Severity::error;
            ++(error ? errors : warnings);
            if (!context.json) context.print(text_of(finding));
            else list.push_back(json::object{{"file", file}, {"severity", error ? "error" : "warning"}, {"kind", finding.kind}, {"where", finding.where},
                                             {"element", finding.element}, {"message", finding.message}, {"example", finding.example}});
        }
    }
    if (context.json) context.print(json::value{{"errors", errors}, {"warnings", warnings}, {"findings", std::move(list)}});
    else context.print(format("{} files, {} errors, {} warnings", arguments.all("file").size(), errors, warnings));
    return errors == 0 ? kOk : kCheckFailed;
}

}  // namespace

std::vector<Command> dmn_commands() {
    using Kind = Argument::Kind;
    return {
        {"dmn check", "tells what is wrong with rules before anybody asks them: gaps, overlaps, rows that nothing meets",
         "madang dmn check packs/by/services/certificate-of-residence/decision.dmn",
         {{"file", Kind::positional_many, true, "DMN files; what they import is looked for beside them"}},
         check},
        {"dmn replay", "decides recorded cases by two versions of the rules and tells which come out otherwise, and why",
         "madang dmn replay rules-2026.dmn rules-2027.dmn --cases cases.jsonl",
         {{"old", Kind::positional, true, "the DMN file in force"},
          {"new", Kind::positional, true, "the DMN file that is to follow it"},
          {"--cases", Kind::option, true, "inputs as JSON, one object a line, or {\"id\": …, \"input\": {…}}; - is standard input"},
          {"--decision", Kind::option, false, "name or id (default: the one that no other decision requires)"}},
         replay},
    };
}

}  // namespace madang::cli
