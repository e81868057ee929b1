#include "conformance/bpmn_betsy_refusals.h"

#include <map>

#include "base/json.h"
#include "base/text.h"
#include "process/definition.h"

namespace madang::conformance {
namespace {

using Known = std::map<std::string, std::string, std::less<>>;

// "EXT011 reason" a line; "#" begins a remark.
Known known_rules() {
    Known known;
    const auto text = read_file(MADANG_BPMN_BETSY_KNOWN);
    if (!text) return known;
    for (const std::string_view line : split(*text, '\n')) {
        const std::size_t space = line.find(' ');
        if (line.starts_with('#') || space == std::string_view::npos) continue;
        known.emplace(line.substr(0, space), trim(line.substr(space)));
    }
    return known;
}

// bpmn_constraints/EXT011/EXT011_1_failure.bpmn: the rule is the folder.
std::string rule_of(std::string_view file) {
    const auto parts = split(file, '/');
    return parts.size() < 2 ? std::string() : std::string(parts[parts.size() - 2]);
}

}  // namespace

void judge_refusals(const Path& dir, Tally& tally) {
    const auto text = read_file(dir / "expected.json");
    if (!text) return tally.expect(false, "expected.json", text.error().message);
    const auto expected = parse_json(*text);
    if (!expected) return tally.expect(false, "expected.json", expected.error().message);
    const Known known = known_rules();
    std::size_t refused = 0;
    std::size_t all = 0;
    for (const json::value& one : expected->at("deployment_rejection_tests").as_array()) {
        const std::string file(one.as_string());
        const auto model = read_file(dir / file);
        if (!model) {
            tally.expect(false, file, model.error().message);
            continue;
        }
        ++all;
        const bool is_refused = !process::read_bpmn(*model, file, {.foreign_scripts = true});
        refused += std::size_t{is_refused};
        const auto reason = known.find(rule_of(file));
        if (is_refused || reason == known.end()) tally.expect(is_refused, file, "it was to be refused");
        else tally.skip(file, reason->second);
    }
    std::printf("%zu of %zu models are refused\n", refused, all);
}

}  // namespace madang::conformance
