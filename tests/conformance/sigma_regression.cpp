// SigmaHQ's regression data: each rule finds in its log at least as many events as stated, or one where nothing is stated;
// the exact counts are compared as well and printed where they differ.
//
//   conformance_sigma_regression DIR      DIR holds the rules and regression_data
#include <filesystem>

#include "base/text.h"
#include "conformance/sigma.h"
#include "conformance/suite.h"
#include "security/detail/sigma_yaml.h"

namespace madang::conformance {
namespace {

using security::YamlNode;

void judge_one(const Path& dir, const YamlNode& test, const std::vector<std::string>& ids, const std::string& name, security::Detector& detector, Tally& tally, int& exact, int& stated) {
    const YamlNode* path = test.find("path");
    if (path == nullptr) return tally.expect(false, name, "it names no file");
    const Path file = dir / path->text;
    std::uint64_t found = 0;
    const auto read = detector.read(file, {}, [&](const security::Detector::Found& one) {
        if (std::ranges::find(ids, one.rule.metadata.id) != ids.end()) ++found;
    });
    if (!read) return tally.expect(false, name, read.error().message);
    const YamlNode* count = test.find("match_count");
    const std::uint64_t least = count == nullptr ? 1 : std::strtoull(count->text.c_str(), nullptr, 10);
    tally.expect(found >= least, name, format("{} events of {} are found, {} at least are expected", found, read->events, least));
    if (count == nullptr) return;
    ++stated;
    if (found == least) ++exact;
    else std::printf("note %s: %llu found, %llu stated\n", name.c_str(), static_cast<unsigned long long>(found), static_cast<unsigned long long>(least));
}

int run(const Path& dir) {
    Tally tally;
    const auto program = sigma_program(dir);
    if (!program) {
        tally.expect(false, dir.string(), program.error().message);
        return tally.finish();
    }
    security::Detector detector(**program);
    std::vector<Path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir / "regression_data")) {
        if (entry.path().filename() == "info.yml") files.push_back(entry.path());
    }
    std::ranges::sort(files);
    int exact = 0;
    int stated = 0;
    for (const Path& file : files) {
        const std::string name = std::filesystem::relative(file.parent_path(), dir / "regression_data").string();
        const auto text = read_file(file);
        const auto info = text ? security::parse_yaml(*text, name) : Result<std::vector<YamlNode>>(std::unexpected(text.error()));
        if (!info || info->empty()) {
            tally.expect(false, name, info ? "it is empty" : info.error().message);
            continue;
        }
        std::vector<std::string> ids;
        if (const YamlNode* rules = info->front().find("rule_metadata")) {
            for (const YamlNode& rule : rules->items) {
                if (const YamlNode* id = rule.find("id")) ids.push_back(id->text);
            }
        }
        const YamlNode* tests = info->front().find("regression_tests_info");
        if (tests == nullptr) continue;
        for (const YamlNode& test : tests->items) judge_one(dir, test, ids, name, detector, tally, exact, stated);
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
