// madang decide, madang feel.
#include "base/text.h"
#include "cli/case_reader.h"
#include "cli/command.h"
#include "cli/decision_model.h"
#include "decision/explain.h"

namespace madang::cli {
namespace {

constexpr std::size_t kMaxContextBytes = 16U << 20;
constexpr int kMaxNameDepth = 10;
constexpr std::size_t kMaxNames = 10'000;

std::string shown(const feel::Value& value) {
    const std::string text = value.as<std::string>() != nullptr ? json::serialize(json::value(*value.as<std::string>())) : feel::text_of(value);
    return value.reason().empty() ? text : format("{} ({})", text, value.reason());
}

// What is asked of each case.
struct Question {
    const DecisionModel& model;
    std::string decision;
    bool trace = false;
    std::string language;             // of the explanation; "" for none
    Catalogue words;
    feel::Budget budget;

    decision::Traced traced() const { return trace || !language.empty() ? decision::Traced::yes : decision::Traced::no; }
};

Result<decision::Outcome> answer_to(const Question& question, const Case& one) {
    if (!one.input) return std::unexpected(one.input.error());
    return decision::evaluate(question.model.decisions, question.decision, question.model.input_of(*one.input), question.budget, question.traced());
}

json::object as_json(const Question& question, const decision::Outcome& outcome) {
    json::object told{{"value", feel::to_json(outcome.value)}};
    if (!outcome.value.reason().empty()) told["reason"] = outcome.value.reason();
    if (question.trace) told["trace"] = outcome.trace;
    if (!question.language.empty()) {
        json::array sentences;
        for (const std::string& one : decision::explain(outcome.trace, question.words, question.language)) sentences.emplace_back(one);
        told["explanation"] = std::move(sentences);
    }
    return told;
}

void print_single(const Context& context, const Question& question, const decision::Outcome& outcome) {
    if (context.json) {
        json::object told{{"decision", question.decision}};
        for (auto& [key, value] : as_json(question, outcome)) told[key] = value;
        return context.print(json::value(std::move(told)));
    }
    context.print(shown(outcome.value));
    if (!question.language.empty()) {
        for (const std::string& one : decision::explain(outcome.trace, question.words, question.language)) context.print(one);
    }
    if (question.trace) context.print(pretty_json(outcome.trace));
}

// One JSON answer a line, in the order of the cases; a bad case has its error there and is told on standard error.
Result<int> decide_batch(const Context& context, const Question& question, CaseReader& cases, std::optional<Case> one) {
    Progress progress = context.progress("Deciding", "cases");
    std::uint64_t done = 0;
    std::uint64_t failed = 0;
    while (one) {
        json::object told{{"case", one->number}};
        if (!one->id.empty()) told["id"] = one->id;
        const auto outcome = answer_to(question, *one);
        if (outcome) {
            for (auto& [key, value] : as_json(question, *outcome)) told[key] = value;
        } else {
            ++failed;
            told["error"] = outcome.error().message;
            std::fprintf(stderr, "madang: %s: %s\n", cases.where(*one).c_str(), outcome.error().message.c_str());
        }
        context.print(json::value(std::move(told)));
        progress.at(++done, 0);
        TRY(one, cases.next());
    }
    if (!context.quiet) std::fprintf(stderr, "%s\n", format("{} cases, {} failed", done, failed).c_str());
    return failed == 0 ? kOk : kCheckFailed;
}

Result<int> decide(const Context& context, const Arguments& arguments) {
    TRY(const DecisionModel model, load_decision_model(arguments.one("model"), decision::Mistakes::refuse));
    Question question{model, "", arguments.has("trace"), arguments.one_or("explain", ""), {}, {}};
    TRY(question.decision, model.choose(arguments.one_or("decision", "")));
    if (!question.language.empty()) {
        TRY(question.words, words_beside(arguments.one("model"), question.language));
    }
    question.budget.clock = &context.clock;
    TRY(CaseReader cases, CaseReader::open(arguments.one("input")));
    TRY(std::optional<Case> first, cases.next());
    if (!first || !cases.is_single()) return decide_batch(context, question, cases, std::move(first));
    TRY(const decision::Outcome outcome, within(answer_to(question, *first), cases.name()));
    print_single(context, question, outcome);
    return kOk;
}

// Names of more than one word stand in paths too: applicant.date of birth.
void names_into(const feel::Value& value, feel::NameSet& names, std::size_t& count, int depth) {
    if (depth > kMaxNameDepth) return;
    if (const auto* list = value.list()) {
        for (const feel::Value& one : *list) names_into(one, names, count, depth + 1);
    }
    const feel::Context* context = value.context();
    if (context == nullptr) return;
    for (const auto& [name, one] : context->entries()) {
        if (++count > kMaxNames) return;
        if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") != std::string::npos) names.add(name);
        names_into(one, names, count, depth + 1);
    }
}

// A file, standard input, or what stands on the command line itself.
Result<std::string> content_of(const std::string& file) {
    if (file.starts_with('{')) return file;
    if (file != "-") return read_file(file, kMaxContextBytes);
    std::string content;
    char bytes[16384];
    for (std::size_t got = 0; (got = std::fread(bytes, 1, sizeof bytes, stdin)) > 0;) {
        content.append(bytes, got);
        if (content.size() > kMaxContextBytes) return fail(Code::exhausted, format("the context is larger than {} bytes", kMaxContextBytes));
    }
    return content;
}

Result<int> evaluate_feel(const Context& context, const Arguments& arguments) {
    feel::Value variables{feel::Context()};
    if (const std::string file = arguments.one_or("context", ""); !file.empty()) {
        TRY(const std::string content, content_of(file));
        TRY(const json::value given, within(parse_json(content, {.bytes = kMaxContextBytes}), file == "-" ? "standard input" : file));
        if (!given.is_object()) return fail(Code::invalid, "--context: it is a JSON object of variables");
        variables = feel::from_json(given);
    }
    feel::NameSet names;
    std::size_t count = 0;
    names_into(variables, names, count, 0);
    const auto expression = feel::parse_expression(arguments.one("expression"), names);
    if (!expression) {
        if (context.json) context.print(json::value{{"error", {{"code", "invalid"}, {"message", expression.error().message}}}});
        std::fprintf(stderr, "madang: %s\n", expression.error().message.c_str());
        return kCheckFailed;
    }
    feel::Budget budget;
    budget.clock = &context.clock;
    const feel::Value value = feel::evaluate(*expression, *variables.context(), budget);
    if (context.json) {
        json::object told{{"value", feel::to_json(value)}, {"type", feel::type_name(value)}, {"text", feel::text_of(value)}};
        if (!value.reason().empty()) told["reason"] = value.reason();
        context.print(json::value(std::move(told)));
    } else {
        context.print(shown(value));
    }
    return kOk;
}

}  // namespace

std::vector<Command> decide_commands() {
    using Kind = Argument::Kind;
    return {
        {"decide", "decides cases by the published rules of a DMN file",
         "madang decide packs/by/services/certificate-of-residence/decision.dmn --input case.json --explain en",
         {{"model", Kind::positional, true, "the DMN file; what it imports is looked for beside it"},
          {"--decision", Kind::option, false, "name or id (default: the one that no other decision requires)"},
          {"--input", Kind::option, true, "a file of inputs as JSON: one object, an array of them, or one a line; - is standard input"},
          {"--trace", Kind::flag, false, "also how it came about, as JSON"},
          {"--explain", Kind::option, false, "also how it came about, in sentences: be, ru or en"}},
         decide},
        {"feel", "evaluates an expression of FEEL, the language of the rules",
         "madang feel 'date(\"2026-11-23\") + duration(\"P30D\")'",
         {{"expression", Kind::positional, true, "the expression"},
          {"--context", Kind::option, false, "variables: a JSON object as it is, or a file that holds one; - is standard input"}},
         evaluate_feel},
    };
}

}  // namespace madang::cli
