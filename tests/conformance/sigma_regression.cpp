// SigmaHQ's regression data: each rule finds in its log at least as many events as stated, or one where nothing is stated;
// the exact counts are compared as well and printed where they differ.
//
//   conformance_sigma_regression DIR      DIR holds the rules and regression_data
#include "base/text.h"
#include "conformance/sigma.h"
#include "conformance/suite.h"
#include "security/rule_tests.h"

namespace madang::conformance {
namespace {

int run(const Path& dir) {
    Tally tally;
    const auto program = sigma_program(dir);
    const auto all = security::load_rule_tests(dir / "regression_data");
    if (!program || !all) {
        tally.expect(false, dir.string(), program ? all.error().message : program.error().message);
        return tally.finish();
    }
    for (const std::string& problem : all->problems) tally.expect(false, dir.string(), problem);
    security::Detector detector(**program);
    int exact = 0;
    int stated = 0;
    for (const security::RuleTest& test : all->tests) {
        const auto outcome = security::run_rule_test(test, **program, detector);
        if (!outcome) {
            tally.expect(false, test.name, outcome.error().message);
            continue;
        }
        tally.expect(outcome->passed, test.name, format("{} events of {} are found, {} at least are expected", outcome->found, outcome->events, test.least));
        if (!test.stated) continue;
        ++stated;
        if (outcome->found == test.least) ++exact;
        else std::printf("note %s: %llu found, %llu stated\n", test.name.c_str(), static_cast<unsigned long long>(outcome->found), static_cast<unsigned long long>(test.least));
    }
    std::printf("%d of %d stated counts are exact\n", exact, stated);
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
