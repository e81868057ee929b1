// Logs of real attacks and what each rule is expected to find in them (sigma_expected.csv: rule, file, record): precision and
// recall for each rule. A rule passes when it finds exactly what is expected, or when each difference stands with its reason
// in sigma_events_known.txt.
//
//   conformance_sigma_events DIR [RULES]      DIR holds the logs and sigma_expected.csv; RULES is SigmaHQ's repository
#include <filesystem>
#include <set>

#include "base/csv.h"
#include "base/text.h"
#include "conformance/sigma.h"
#include "conformance/suite.h"

namespace madang::conformance {
namespace {

using Pairs = std::set<std::pair<std::string, std::uint64_t>>;   // file, record from 0

struct Judged {
    std::string path;
    Pairs expected, found;
};

Result<std::map<std::string, Judged>> expected_of(const Path& dir) {
    TRY(const std::string text, read_file(dir / "sigma_expected.csv"));
    TRY(const auto rows, parse_csv(text, "sigma_expected.csv", {.rows = 1'000'000}));
    std::map<std::string, Judged> rules;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        if (rows[i].size() < 5) return fail(Code::invalid, format("sigma_expected.csv:{}: seven columns are expected", i + 1));
        TRY(const std::uint64_t record, parse_decimal(rows[i][4]));
        rules[rows[i][0]].path = rows[i][1];
        rules[rows[i][0]].expected.emplace(rows[i][3], record);
    }
    return rules;
}

// "RULE_ID reason" of rules whose difference is known.
std::map<std::string, std::string> known_differences() {
    std::map<std::string, std::string> known;
    const auto text = read_file(MADANG_SIGMA_EVENTS_KNOWN);
    if (!text) return known;
    for (const std::string_view line : split(*text, '\n')) {
        const std::size_t blank = line.find(' ');
        if (line.empty() || line.starts_with('#') || blank == std::string_view::npos) continue;
        known[std::string(line.substr(0, blank))] = line.substr(blank + 1);
    }
    return known;
}

std::string some_of(const Pairs& pairs, const Pairs& others) {
    std::string text;
    int shown = 0;
    for (const auto& one : pairs) {
        if (others.contains(one)) continue;
        if (++shown > 3) return text + ", …";
        text += format("{}{} #{}", text.empty() ? "" : ", ", one.first, one.second);
    }
    return text;
}

std::size_t common(const Pairs& left, const Pairs& right) {
    std::size_t count = 0;
    for (const auto& one : left) count += right.contains(one) ? 1 : 0;
    return count;
}

int run(const Path& dir, const Path& rules_dir) {
    Tally tally;
    auto rules = expected_of(dir);
    const auto program = sigma_program(rules_dir);
    if (!rules || !program) {
        tally.expect(false, dir.string(), rules ? program.error().message : rules.error().message);
        return tally.finish();
    }
    security::Detector detector(**program);
    std::vector<Path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir)) {
        if (entry.path().extension() == ".evtx") files.push_back(entry.path());
    }
    std::ranges::sort(files);
    for (const Path& file : files) {
        const std::string name = std::filesystem::relative(file, dir).string();
        const auto read = detector.read(file, {}, [&](const security::Detector::Found& one) {
            Judged& rule = (*rules)[one.rule.metadata.id];
            if (rule.path.empty()) rule.path = std::filesystem::relative(one.rule.metadata.file, rules_dir).string();
            rule.found.emplace(name, one.record - 1);
        });
        tally.expect(read.has_value(), name, read ? std::string_view() : std::string_view(read.error().message));
    }
    const auto known = known_differences();
    std::size_t expected = 0;
    std::size_t found = 0;
    std::size_t both = 0;
    for (const auto& [id, rule] : *rules) {
        const std::size_t same = common(rule.expected, rule.found);
        expected += rule.expected.size();
        found += rule.found.size();
        both += same;
        const bool exact = same == rule.expected.size() && same == rule.found.size();
        if (exact) {
            tally.expect(true, rule.path);
        } else if (const auto reason = known.find(id); reason != known.end()) {
            tally.skip(rule.path, reason->second);
        } else {
            tally.expect(false, format("{} {}", id, rule.path), format("precision {}/{}, recall {}/{}; missing: {}; more: {}", same, rule.found.size(), same, rule.expected.size(),
                                                                       some_of(rule.expected, rule.found), some_of(rule.found, rule.expected)));
        }
    }
    std::printf("%zu files, %zu rules: %zu expected, %zu found, %zu of them expected\n", files.size(), rules->size(), expected, found, both);
    return tally.finish();
}

}  // namespace
}  // namespace madang::conformance

int main(int argc, char** argv) {
    if (argc != 2 && argc != 3) {
        std::fprintf(stderr, "usage: %s DIR [RULES]\n", argv[0]);
        return 2;
    }
    const madang::Path dir(argv[1]);
    madang::Path rules = argc == 3 ? madang::Path(argv[2]) : dir / ".." / "sigma";
    if (argc == 2 && !std::filesystem::is_directory(rules)) rules = madang::Path(MADANG_CORPORA) / "sigma";
    return madang::conformance::run(dir, rules);
}
