// Logs that show whether rules find what they shall: SigmaHQ's regression data. A file info.yml names rules (rule_metadata: id) and
// tests (regression_tests_info: path, match_count), each a log in which one of these rules finds so many events.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "security/detector.h"

namespace madang::security {

struct RuleTest {
    std::string name;                    // "windows/…/proc_creation_win_whoami: Positive Detection Test"
    Path log;
    std::vector<std::string> ids;        // of the rules that shall find something
    std::uint64_t least = 1;             // events
    bool stated = false;                 // `least` is from the file, and could be exact
    bool raw = false;                    // lines as a device wrote them: only the rule says of which log
};

struct RuleTests {
    std::vector<RuleTest> tests;
    std::vector<std::string> problems;   // "FILE:LINE: why"
};

// All files info.yml below a folder, in the order of their names. The path of a log is from the folder of its info.yml or from one
// above it. Code::not_found for a folder that is not there.
Result<RuleTests> load_rule_tests(const Path& folder);

struct RuleTestOutcome {
    std::uint64_t found = 0, events = 0;
    std::vector<std::string> missing;    // ids of rules that the program does not hold
    bool passed = false;
};
Result<RuleTestOutcome> run_rule_test(const RuleTest& test, const SigmaProgram& program, Detector& detector);

}  // namespace madang::security
