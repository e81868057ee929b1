#include "security/rule_tests.h"

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "security/detail/sigma_yaml.h"

namespace madang::security {
namespace {

constexpr std::size_t kMaxTests = 100'000;

Path log_of(const Path& folder, const std::string& path) {
    for (Path at = folder;; at = at.parent_path()) {
        std::error_code problem;
        if (std::filesystem::exists(at / path, problem)) return at / path;
        if (at == at.parent_path()) return folder / path;
    }
}

Result<void> read_info(const Path& file, const std::string& name, RuleTests& all) {
    TRY(const std::string text, read_file(file));
    TRY(const auto documents, parse_yaml(text, file.string()));
    if (documents.empty()) return fail(Code::invalid, format("{}:1: it is empty", file.string()));
    const YamlNode& info = documents.front();
    std::vector<std::string> ids;
    if (const YamlNode* rules = info.find("rule_metadata")) {
        for (const YamlNode& rule : rules->items) {
            if (const YamlNode* id = rule.find("id")) ids.push_back(id->text);
        }
    }
    if (ids.empty()) return fail(Code::invalid, format("{}:1: rule_metadata names no rule", file.string()));
    const YamlNode* tests = info.find("regression_tests_info");
    if (tests == nullptr) return {};
    for (const YamlNode& one : tests->items) {
        const YamlNode* path = one.find("path");
        if (path == nullptr || path->text.empty()) return fail(Code::invalid, format("{}:{}: a test names no path", file.string(), one.line));
        RuleTest test{.name = name, .log = log_of(std::filesystem::absolute(file).parent_path(), path->text), .ids = ids};
        if (const YamlNode* title = one.find("name")) test.name += ": " + title->text;
        if (const YamlNode* count = one.find("match_count")) {
            const auto number = parse_decimal(count->text);
            if (!number) return fail(Code::invalid, format("{}:{}: match_count is a whole number", file.string(), count->line));
            test.least = *number;
            test.stated = true;
        }
        if (const YamlNode* type = one.find("type")) test.raw = type->text == "raw";
        all.tests.push_back(std::move(test));
        if (all.tests.size() > kMaxTests) return fail(Code::exhausted, format("these are more than {} tests", kMaxTests));
    }
    return {};
}

}  // namespace

Result<RuleTests> load_rule_tests(const Path& folder) {
    std::error_code problem;
    std::vector<Path> files;
    for (std::filesystem::recursive_directory_iterator at(folder, problem), end; !problem && at != end; at.increment(problem)) {
        if (at->path().filename() == "info.yml") files.push_back(at->path());
    }
    if (problem) return fail(Code::not_found, format("{}: {}", folder.string(), problem.message()));
    std::ranges::sort(files);
    RuleTests all;
    for (const Path& file : files) {
        if (const auto read = read_info(file, std::filesystem::relative(file.parent_path(), folder, problem).string(), all); !read) {
            if (read.error().code == Code::exhausted) return std::unexpected(read.error());
            all.problems.push_back(read.error().message);
        }
    }
    return all;
}

Result<RuleTestOutcome> run_rule_test(const RuleTest& test, const SigmaProgram& program, Detector& detector) {
    RuleTestOutcome outcome;
    LogOrigin origin;
    for (const std::string& id : test.ids) {
        bool there = false;
        for (std::size_t i = 0; i < program.size() && !there; ++i) {
            there = program.rule(i).metadata.id == id;
            const LogSource& source = program.rule(i).source;
            if (there && test.raw) origin = {source.category, source.product, source.service};
        }
        if (!there) outcome.missing.push_back(id);
    }
    TRY(const LogCounts read, detector.read(test.log, origin, [&](const Detector::Found& one) {
            if (std::ranges::find(test.ids, one.rule.metadata.id) != test.ids.end()) ++outcome.found;
        }));
    outcome.events = read.events;
    outcome.passed = outcome.found >= test.least;
    return outcome;
}

}  // namespace madang::security
