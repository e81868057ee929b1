// Sigma rules themselves: which there are, which can be run, whether they find what they shall, and how they get into a folder.
#include <algorithm>

#include "base/text.h"
#include "cli/command.h"
#include "cli/spool_options.h"
#include "cli/timeline.h"
#include "security/detector.h"
#include "security/rule_import.h"
#include "security/rule_set.h"
#include "security/rule_tests.h"
#include "security/sigma_correlator.h"

namespace madang::cli {
namespace {

using security::Detector;
using security::Leftovers;
using security::LogSources;
using security::RuleSet;
using security::SigmaCorrelator;
using security::SigmaLevel;
using security::SigmaProgram;

constexpr std::size_t kNamed = 20;   // files of an import on the terminal, of each kind

Result<int> check_rules(const Context& context, const Arguments& arguments) {
    TRY(const LogSources sources, sources_of(context, arguments));
    TRY(const auto placeholders, security::load_placeholders(arguments.one_or("placeholders", "")));
    TRY(RuleSet set, security::load_rules(paths_of(arguments, "rules"), placeholders));
    std::size_t good = 0;
    for (const auto& rule : set.rules) {
        const auto compiled = SigmaProgram::compile({rule}, sources);
        if (compiled) ++good;
        else set.problems.push_back(compiled.error().message);
    }
    std::size_t correlations = 0;
    if (!set.correlations.empty()) {
        std::erase_if(set.rules, [&](const auto& rule) { return !SigmaProgram::compile({rule}, sources).has_value(); });
        TRY(const auto program, SigmaProgram::compile(std::move(set.rules), sources));
        auto compiled = SigmaCorrelator::compile(std::move(set.correlations), *program);
        correlations = compiled.correlator->size();
        std::ranges::move(compiled.problems, std::back_inserter(set.problems));
    }
    if (context.json) {
        json::array problems;
        for (const std::string& one : set.problems) problems.emplace_back(one);
        json::array warnings;
        for (const std::string& one : set.warnings) warnings.emplace_back(one);
        context.print(json::value{{"files", set.files}, {"rules", good}, {"correlations", correlations}, {"problems", std::move(problems)}, {"warnings", std::move(warnings)}});
    } else {
        for (const std::string& one : set.problems) context.print(one);
        for (const std::string& one : set.warnings) context.print(one);
        context.print(format("{} files, {} rules can be run, {} correlations, {} refused", set.files, good, correlations, set.problems.size()));
    }
    return set.problems.empty() ? kOk : kCheckFailed;
}

std::string source_of(const security::LogSource& source) {
    std::string text;
    for (const std::string* word : {&source.category, &source.product, &source.service}) text += format("{}{}", text.empty() ? "" : "/", word->empty() ? "*" : *word);
    return text;
}

// What `list` is asked for; what is not asked for is all right.
struct Wanted {
    SigmaLevel least = SigmaLevel::none;
    std::vector<std::string> tags, products;

    bool fits(const security::SigmaMetadata& one) const {
        // attack.t1059 means attack.t1059.001 too.
        const auto tagged = [&](const std::string& tag) {
            return std::ranges::any_of(one.tags, [&](const std::string& have) { return starts_with_ignoring_case(have, tag) && (have.size() == tag.size() || have[tag.size()] == '.'); });
        };
        return one.level >= least && (tags.empty() || std::ranges::any_of(tags, tagged));
    }
    bool fits(const security::LogSource& source) const { return products.empty() || std::ranges::find(products, source.product) != products.end(); }

    static bool starts_with_ignoring_case(std::string_view text, std::string_view start) { return text.size() >= start.size() && equal_ignoring_ascii_case(text.substr(0, start.size()), start); }
};

Result<Wanted> wanted_of(const Arguments& arguments) {
    Wanted wanted;
    if (arguments.has("level")) {
        TRY(wanted.least, within(security::parse_level(arguments.one("level")), "--level"));
    }
    if (arguments.has("tag")) wanted.tags = arguments.all("tag");
    if (arguments.has("product")) wanted.products = arguments.all("product");
    return wanted;
}

struct Listed {
    std::string_view kind;                       // rule, correlation or filter
    const security::SigmaMetadata* about;
    const security::LogSource* source;           // none of a correlation
    const std::vector<std::string>* rules;       // that it refers to
};

bool names(const std::vector<std::string>& rules, const security::SigmaMetadata& one) {
    return std::ranges::any_of(rules, [&](const std::string& name) { return !name.empty() && (name == one.id || name == one.name); });
}

std::vector<Listed> listed_of(const RuleSet& set, const Wanted& wanted) {
    std::vector<Listed> all;
    for (const auto& one : set.rules) {
        if (wanted.fits(one.metadata) && wanted.fits(one.source)) all.push_back({"rule", &one.metadata, &one.source, nullptr});
    }
    for (const auto& one : set.correlations) {
        // It is of the products of the rules that it looks at.
        const bool of_product = wanted.products.empty() || std::ranges::any_of(set.rules, [&](const auto& rule) { return wanted.fits(rule.source) && names(one.rules, rule.metadata); });
        if (wanted.fits(one.metadata) && of_product) all.push_back({"correlation", &one.metadata, nullptr, &one.rules});
    }
    for (const auto& one : set.filters) {
        if (wanted.fits(one.metadata) && wanted.fits(one.source)) all.push_back({"filter", &one.metadata, &one.source, &one.rules});
    }
    return all;
}

json::object to_json(const Listed& one) {
    const security::SigmaMetadata& m = *one.about;
    json::object made{{"kind", one.kind}, {"id", m.id}, {"name", m.name}, {"title", m.title}, {"level", cli::name_of(m.level)}, {"status", security::name_of(m.status)}, {"author", m.author},
                      {"licence", m.license}, {"tags", texts_of(m.tags)}, {"file", m.file}, {"line", m.line}};
    if (one.source != nullptr) {
        made["category"] = one.source->category;
        made["product"] = one.source->product;
        made["service"] = one.source->service;
    }
    if (one.rules != nullptr) made["rules"] = texts_of(*one.rules);
    return made;
}

Result<int> list_rules(const Context& context, const Arguments& arguments) {
    TRY(const auto placeholders, security::load_placeholders(arguments.one_or("placeholders", "")));
    TRY(const Wanted wanted, wanted_of(arguments));
    TRY(const RuleSet set, security::load_rules(paths_of(arguments, "rules"), placeholders));
    const std::vector<Listed> listed = listed_of(set, wanted);
    json::array all;
    for (const Listed& one : listed) {
        if (context.json) {
            all.emplace_back(to_json(one));
            continue;
        }
        const security::SigmaMetadata& m = *one.about;
        const std::string source = one.source != nullptr ? source_of(*one.source) : format("{} of {} rules", one.kind, one.rules->size());
        context.print(shown(format("{:<13} {:<12} {:<36} {:<40} {}{}", m.level == SigmaLevel::none ? "-" : cli::name_of(m.level), m.status == security::SigmaStatus::none ? "-" : security::name_of(m.status),
                                   m.id.empty() ? "-" : m.id, source, one.kind == "filter" ? "(a filter) " : "", m.title)));
        context.print(shown(format("{:<13} by {}, {}", "", m.author.empty() ? "nobody named" : m.author, m.license.empty() ? "no licence named" : m.license)));
    }
    if (context.json) context.print(json::value(std::move(all)));
    std::fprintf(stderr, "%zu of %zu rules, correlations and filters%s\n", listed.size(), set.rules.size() + set.correlations.size() + set.filters.size(),
                 set.problems.empty() ? "" : format("; {} more cannot be run, \"madang security rules check\" says why", set.problems.size()).c_str());
    return kOk;
}

Result<int> test_rules(const Context& context, const Arguments& arguments) {
    TRY(const LogSources sources, sources_of(context, arguments));
    TRY(const auto placeholders, security::load_placeholders(arguments.one_or("placeholders", "")));
    TRY(RuleSet set, security::load_rules(paths_of(arguments, "rules"), placeholders));
    TRY(const auto program, SigmaProgram::compile(std::move(set.rules), sources));
    TRY(const auto all, security::load_rule_tests(arguments.one("with")));
    Detector detector(*program);
    std::size_t passed = 0;
    std::size_t without_rule = 0;
    json::array results;
    Progress progress = context.progress("Testing", "logs", all.tests.size());
    for (const security::RuleTest& test : all.tests) {
        const auto outcome = security::run_rule_test(test, *program, detector);
        std::string why;
        if (!outcome) why = outcome.error().message;
        else if (outcome->missing.size() == test.ids.size()) why = "the rule is not there";
        else if (!outcome->passed) why = format("{} events of {} are found, {} at least are expected", outcome->found, outcome->events, test.least);
        const bool skipped = outcome && outcome->missing.size() == test.ids.size();
        if (skipped) ++without_rule;
        else if (why.empty()) ++passed;
        if (context.json) results.push_back({{"test", test.name}, {"log", test.log.string()}, {"passed", why.empty()}, {"skipped", skipped}, {"reason", why}, {"found", outcome ? outcome->found : 0}, {"expected", test.least}});
        else if (!why.empty() && !skipped) context.print(format("{}: {}", test.name, why));
        progress.at(passed, all.tests.size());
    }
    for (const std::string& problem : all.problems) std::fprintf(stderr, "%s\n", problem.c_str());
    const std::size_t failed = all.tests.size() - passed - without_rule + all.problems.size();
    if (context.json) context.print(json::value{{"passed", passed}, {"failed", failed}, {"without_rule", without_rule}, {"tests", std::move(results)}});
    else context.print(format("{} passed, {} failed, {} of rules that are not among these", passed, failed, without_rule));
    return failed == 0 && passed > 0 ? kOk : kCheckFailed;
}

// Of each kind the first by name; --json has all of them.
void print_import(const Context& context, const security::RuleImport& plan, Leftovers leftovers) {
    const auto some = [&](std::string_view word, const auto& files, const auto& name_of_file) {
        for (std::size_t i = 0; i < std::min(kNamed, files.size()); ++i) context.print(shown(format("{:<8} {}", word, name_of_file(files[i]))));
        if (files.size() > kNamed) context.print(format("{:<8} … and {} more", word, files.size() - kNamed));
    };
    const auto of_file = [](const security::RuleImport::File& one) { return one.name.string(); };
    some("new", plan.added, of_file);
    some("changed", plan.changed, of_file);
    if (leftovers == Leftovers::go) some("removed", plan.only_there, [](const Path& one) { return one.string(); });
    for (const std::string& one : plan.problems) context.print(shown(format("refused  {}", one)));
    for (const std::string& one : plan.warnings) context.print(shown(format("warning  {}", one)));
}

json::object import_in_json(const security::RuleImport& plan, Leftovers leftovers) {
    json::array files;
    const auto add = [&](std::string_view what, const Path& name) { files.push_back(json::object{{"file", name.string()}, {"change", what}}); };
    for (const auto& one : plan.added) add("new", one.name);
    for (const auto& one : plan.changed) add("changed", one.name);
    for (const Path& one : plan.only_there) add(leftovers == Leftovers::go ? "removed" : "only there", one);
    json::array refused, warnings;
    for (const std::string& one : plan.problems) refused.emplace_back(one);
    for (const std::string& one : plan.warnings) warnings.emplace_back(one);
    return {{"new", plan.added.size()}, {"changed", plan.changed.size()}, {"unchanged", plan.unchanged.size()}, {"removed", leftovers == Leftovers::go ? plan.only_there.size() : 0},
            {"only_there", plan.only_there.size()}, {"files", std::move(files)}, {"refused", std::move(refused)}, {"warnings", std::move(warnings)}};
}

Result<int> import_rules(const Context& context, const Arguments& arguments) {
    TRY(const LogSources sources, sources_of(context, arguments));
    TRY(const auto placeholders, security::load_placeholders(arguments.one_or("placeholders", "")));
    const Path to = arguments.one_or("to", (Path(context.settings.text("data")) / "rules").string());
    const Leftovers leftovers = arguments.has("remove") ? Leftovers::go : Leftovers::stay;
    TRY(const auto plan, security::plan_import(paths_of(arguments, "rules"), to, leftovers, sources, placeholders));
    const bool held_back = arguments.has("all-or-nothing") && !plan.problems.empty();
    const bool writes = !arguments.has("dry-run") && !held_back;
    if (writes) TRY_DO(security::write_import(plan, to, leftovers));
    if (context.json) {
        json::object answer = import_in_json(plan, leftovers);
        answer["folder"] = to.string();
        answer["written"] = writes;
        answer["dry_run"] = arguments.has("dry-run");
        context.print(json::value(std::move(answer)));
    } else {
        print_import(context, plan, leftovers);
        const std::string rest = leftovers == Leftovers::go ? format("{} removed", plan.only_there.size()) : format("{} only there, which --remove takes out", plan.only_there.size());
        context.print(format("{}{} new, {} changed, {} unchanged, {} refused; {}; folder {}", writes ? "" : "nothing is written: ", plan.added.size(), plan.changed.size(), plan.unchanged.size(),
                             plan.problems.size(), rest, to.string()));
    }
    return plan.problems.empty() ? kOk : kCheckFailed;
}

}  // namespace

std::vector<Command> rules_commands() {
    using Kind = Argument::Kind;
    const Argument rules{"rules", Kind::positional_many, true, "files, folders or zip archives of Sigma rules"};
    const Argument sources{"--log-sources", Kind::option, false, "a file that says where log sources stand, instead of the program's own"};
    const Argument placeholders{"--placeholders", Kind::option, false, "a YAML file with the values of placeholders, as domain_controller_hostnames: [dc1, dc2]"};
    return {
        {"security rules check", "which rules can be run, and of the others why not", "madang security rules check sigma/rules", {rules, sources, placeholders}, check_rules},
        {"security rules test", "whether rules find what logs with stated counts hold (SigmaHQ's regression data)", "madang security rules test sigma/rules --with sigma/regression_data",
         {rules, {"--with", Kind::option, true, "a folder of info.yml files and the logs that they name"}, sources, placeholders}, test_rules},
        {"security rules import", "brings rules that can be run into a folder in one step, says what changes, and lists the others with the reason", "madang security rules import sigma_core.zip --to /etc/madang/rules",
         {rules, {"--to", Kind::option, false, "the folder (default: \"rules\" in the data folder)"}, 
          {"--remove", Kind::flag, false, "take out the rules of the folder that are not among these"},
          {"--all-or-nothing", Kind::flag, false, "write nothing where a file is refused"},
          {"--dry-run", Kind::flag, false, "say what would change, write nothing"}, sources, placeholders}, import_rules},
        {"security rules list", "rules, correlations and filters with level, status, id, log source, title, author and licence", "madang security rules list sigma/rules --level high --tag attack.t1059 --product windows",
         {rules, {"--level", Kind::option, false, "only from this level on: informational, low, medium, high, critical"},
          {"--tag", Kind::option_many, false, "only those with this tag, or one below it: attack.t1059 is attack.t1059.001 too"},
          {"--product", Kind::option_many, false, "only those of this product: windows, linux, aws, …"}, placeholders}, list_rules},
    };
}

}  // namespace madang::cli
