// madang pack validate, madang pack test.
#include "base/text.h"
#include "catalogue/pack.h"
#include "cli/scenario_runner.h"
#include "documents/certificate_template.h"

namespace madang::cli {
namespace {

// What the rooms above the catalogue find in the files of a pack that loads.
std::vector<std::string> problems_of(const catalogue::Pack& pack) {
    std::vector<std::string> problems = catalogue::missing_words(pack);
    for (const catalogue::Service& service : pack.services) {
        const auto certificate = documents::parse_certificate_template(service.certificate, service.id + "/certificate");
        if (!certificate) {
            problems.push_back(certificate.error().message);
            continue;
        }
        for (const std::string& source : documents::sources_of(*certificate)) {
            for (const std::string& language : certificate->languages) {
                const auto words = pack.words.find(language);
                if (words != pack.words.end() && !words->second.has(source)) {
                    problems.push_back(format("po/{}.po: no translation of \"{}\"", language, source));
                }
            }
        }
    }
    return problems;
}

std::string counted(std::size_t number, std::string_view noun) { return format("{} {}{}", number, noun, number == 1 ? "" : "s"); }

Result<int> validate(const Context& context, const Arguments& arguments) {
    TRY(const catalogue::Pack pack, catalogue::load_pack(arguments.one("folder")));
    const auto problems = problems_of(pack);
    if (context.json) {
        json::array list;
        for (const std::string& problem : problems) list.emplace_back(problem);
        context.print(json::value{{"pack", pack.id}, {"version", pack.version}, {"services", pack.services.size()}, {"problems", std::move(list)}});
    } else {
        for (const std::string& problem : problems) context.print(problem);
        context.print(format("{} {}: {}, {} bodies, {}", pack.id, pack.version, counted(pack.services.size(), "service"),
                             pack.government.bodies().size(), counted(problems.size(), "problem")));
    }
    return problems.empty() ? kOk : kCheckFailed;
}

Result<int> test(const Context& context, const Arguments& arguments) {
    const Path folder = arguments.one("folder");
    TRY(const catalogue::Pack pack, catalogue::load_pack(folder));
    TRY(const auto results, run_scenarios(context, pack, folder));
    std::size_t failed = 0;
    json::array list;
    for (const ScenarioResult& result : results) {
        if (!result.problem.empty()) ++failed;
        if (context.json) {
            list.push_back({{"service", result.service}, {"scenario", result.scenario}, {"line", result.line}, {"problem", result.problem}});
        } else if (result.problem.empty()) {
            context.print(format("ok    {}: {}", result.service, result.scenario));
        } else {
            context.print(format("FAIL  {}: {}\n      line {}: {}", result.service, result.scenario, result.line, result.problem));
        }
    }
    if (context.json) {
        context.print(json::value{{"pack", pack.id}, {"passed", results.size() - failed}, {"failed", failed}, {"scenarios", std::move(list)}});
    } else {
        context.print(format("{} passed, {} failed", results.size() - failed, failed));
    }
    return failed == 0 ? kOk : kCheckFailed;
}

}  // namespace

std::vector<Command> pack_commands() {
    return {{"pack validate", "checks every file of a pack", "madang pack validate packs/by",
             {{"folder", Argument::Kind::positional, true, "the pack's folder"}}, validate},
            {"pack test", "runs the scenarios that clerks wrote for each service", "madang pack test packs/by",
             {{"folder", Argument::Kind::positional, true, "the pack's folder"}}, test}};
}

}  // namespace madang::cli
