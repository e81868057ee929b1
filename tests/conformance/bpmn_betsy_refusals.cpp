#include "conformance/bpmn_betsy_refusals.h"

#include <algorithm>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "process/definition.h"
#include "process/rules.h"

namespace madang::conformance {
namespace {

// What stands before the reason: a rule, or a file and a rule.
std::set<std::string> known_breaches() {
    std::set<std::string> known;
    const auto text = read_file(MADANG_BPMN_BETSY_KNOWN);
    if (!text) return known;
    for (const std::string_view line : split(*text, '\n')) {
        const auto words = split(line, ' ');
        if (line.starts_with('#') || words.size() < 2) continue;
        known.insert(words[0].ends_with(".bpmn") ? format("{} {}", words[0], words[1]) : std::string(words[0]));
    }
    return known;
}

// bpmn_constraints/EXT011/EXT011_1_failure.bpmn: the rule is the folder.
std::string rule_of(std::string_view file) {
    const auto parts = split(file, '/');
    return parts.size() < 2 ? std::string() : std::string(parts[parts.size() - 2]);
}

}  // namespace

namespace {

// The folder REF holds models with a reference of a wrong type; in one the flows only begin elsewhere.
bool breaks(const std::vector<process::Violation>& found, std::string_view rule) {
    return std::ranges::any_of(found, [&](const process::Violation& one) {
        if (rule == "REF") return one.rule.starts_with("REF.");
        const std::string dotted = format("EXT.{}", rule.substr(3));
        return one.rule.find(dotted) != std::string::npos;
    });
}

std::string told(const std::vector<process::Violation>& found) {
    std::string text;
    for (const process::Violation& one : found) text += "\n    " + process::to_text(one);
    return text;
}

}  // namespace

void judge_refusals(const Path& dir, Tally& tally) {
    const auto text = read_file(dir / "expected.json");
    if (!text) return tally.expect(false, "expected.json", text.error().message);
    const auto expected = parse_json(*text);
    if (!expected) return tally.expect(false, "expected.json", expected.error().message);
    std::size_t by_reader = 0;
    std::size_t all = 0;
    for (const json::value& one : expected->at("deployment_rejection_tests").as_array()) {
        const std::string file(one.as_string());
        const auto model = read_file(dir / file);
        if (!model) {
            tally.expect(false, file, model.error().message);
            continue;
        }
        ++all;
        by_reader += std::size_t{!process::read_bpmn(*model, file, {.foreign_scripts = true})};
        const auto found = process::check_rules(*model, file);
        if (!found) tally.expect(false, file, found.error().message);
        else tally.expect(breaks(*found, rule_of(file)), file, format("{} was to be found, and this was:{}", rule_of(file), told(*found)));
    }
    std::printf("%zu of %zu models are refused by the engine's own reader as well\n", by_reader, all);
}

void judge_true_negatives(const Path& dir, Tally& tally) {
    const auto text = read_file(dir / "expected.json");
    const auto expected = text ? parse_json(*text) : Result<json::value>(std::unexpected(text.error()));
    if (!expected) return tally.expect(false, "expected.json", expected.error().message);
    const std::set<std::string> known = known_breaches();
    std::set<std::string> seen;
    for (const json::value& one : expected->at("runtime_tests").as_array()) {
        const std::string file(one.at("file").as_string());
        const auto model = read_file(dir / file);
        if (!seen.insert(file).second || !model) continue;
        auto found = process::check_rules(*model, file);
        if (!found) {
            tally.expect(false, file, found.error().message);
            continue;
        }
        std::erase_if(*found, [&](const process::Violation& violation) { return process::is_warning(violation) || known.contains(violation.rule) || known.contains(format("{} {}", file, violation.rule)); });
        tally.expect(found->empty(), file, format("a model that runs breaks no rule:{}", told(*found)));
    }
}

}  // namespace madang::conformance
