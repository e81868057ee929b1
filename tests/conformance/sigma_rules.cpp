// Every active rule of SigmaHQ compiles, or is refused for a reason that the specification supports: placeholders that
// nobody gave values for.
//
//   conformance_sigma_rules DIR      DIR holds rules, rules-emerging-threats, …
#include <filesystem>

#include "base/text.h"
#include "conformance/sigma.h"
#include "conformance/suite.h"

namespace madang::conformance {
namespace {

int run(const Path& dir) {
    Tally tally;
    std::vector<Path> folders = sigma_folders(dir);
    if (folders.empty()) folders.push_back(dir);
    const auto set = security::load_rules(folders);
    if (!set) {
        tally.expect(false, dir.string(), set.error().message);
        return tally.finish();
    }
    for (const std::string& problem : set->problems) {
        // "If the tool isn't able to handle placeholders, it must reject the rule."
        if (problem.find("placeholder") != std::string::npos) tally.skip("a rule with placeholders", problem);
        else tally.expect(false, "a file of rules", problem);
    }
    const auto sources = security::LogSources::shipped();
    for (const auto& rule : set->rules) {
        const auto program = sources ? security::SigmaProgram::compile({rule}, *sources) : Result<std::unique_ptr<const security::SigmaProgram>>(std::unexpected(sources.error()));
        tally.expect(program.has_value(), rule.metadata.file, program ? std::string_view() : std::string_view(program.error().message));
    }
    const auto whole = sources ? security::SigmaProgram::compile(set->rules, *sources) : Result<std::unique_ptr<const security::SigmaProgram>>(std::unexpected(sources.error()));
    tally.expect(whole.has_value(), "all rules as one program", whole ? std::string_view() : std::string_view(whole.error().message));
    if (whole) {
        const auto facts = (**whole).facts();
        std::printf("%zu rules, %zu predicates, %zu literals, %zu rules that every event of their log source meets\n", facts.rules, facts.predicates, facts.literals, facts.always);
    }
    return tally.finish();
}

}  // namespace
}  // namespace madang::conformance

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s DIR\n", argv[0]);
        return 2;
    }
    return madang::conformance::run(argv[1]);
}
