// BPMNspector's suite: models that keep or break one static rule of BPMN 2.0, with the number of violations
// and their lines. conformance_bpmn_spector DIR, where DIR/expected.json lists the cases. Files without a case are judged by what
// their names promise (bpmn_spector_files.h).
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "conformance/bpmn_spector_files.h"
#include "conformance/suite.h"
#include "process/rules.h"

namespace madang::conformance {
namespace {

using process::Violation;

std::string told(const std::vector<Violation>& violations) {
    std::string text;
    for (const Violation& one : violations) text += format("\n    {}", process::to_text(one));
    return text;
}

// The suite lists a line for each violation that it looks at, not for all of them.
bool has_lines(const std::vector<Violation>& violations, const json::array& lines) {
    std::map<std::int64_t, int> left;
    for (const Violation& one : violations) ++left[static_cast<std::int64_t>(one.line)];
    return std::ranges::all_of(lines, [&](const json::value& line) { return left[line.as_int64()]-- > 0; });
}

// "file reason" a line; "#" begins a remark.
std::string known_reason(std::string_view file) {
    const auto text = read_file(MADANG_BPMN_SPECTOR_KNOWN);
    if (!text) return {};
    for (const std::string_view line : split(*text, '\n')) {
        if (line.starts_with(format("{} ", file))) return std::string(trim(line.substr(file.size())));
    }
    return {};
}

void judge(const Path& dir, const json::object& test, Tally& tally) {
    const std::string file(test.at("file").as_string());
    const std::string name = format("{} ({})", file, std::string_view(test.at("test").as_string()));
    const auto text = read_file(dir / file);
    if (!text) return tally.expect(false, name, text.error().message);
    if (text->find("location=\"http") != std::string::npos) return tally.skip(name, "imports over HTTP");
    const Case kind = case_of(file, test.contains("rule") ? std::string(test.at("rule").as_string()) : std::string());
    auto found = violations_of(dir, file, *text, kind);
    if (!found) return tally.expect(false, name, found.error().message);
    // Soundness is told yes or no: which node names a deadlock is everybody's own choice.
    if (kind == Case::soundness) return tally.expect(found->empty() == test.at("valid").as_bool(), name, told(*found));
    const auto expected = static_cast<std::size_t>(test.at("violations").to_number<std::int64_t>());
    const bool valid = test.at("valid").as_bool();
    const std::string wrong = format("expected {} violations at {}, found {}:{}", expected, json::serialize(test.at("lines")), found->size(), told(*found));
    const bool good = found->empty() == valid && found->size() == expected && has_lines(*found, test.at("lines").as_array());
    const std::string reason = known_reason(file);
    if (good || reason.empty()) tally.expect(good, name, wrong);
    else tally.skip(name, reason);
}

int run(const Path& dir) {
    Tally tally;
    const auto text = read_file(dir / "expected.json");
    const auto expected = text ? parse_json(*text) : Result<json::value>(std::unexpected(text.error()));
    if (!expected) tally.expect(false, "expected.json", expected.error().message);
    else for (const json::value& test : expected->at("tests").as_array()) judge(dir, test.as_object(), tally);
    std::set<std::string> cases;
    if (expected) {
        for (const json::value& test : expected->at("tests").as_array()) cases.emplace(test.at("file").as_string());
    }
    const bool promised = judge_files(dir, cases);
    const int code = tally.finish();
    return promised ? code : 1;
}

}  // namespace
}  // namespace madang::conformance

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: conformance_bpmn_spector DIR\n");
        return 2;
    }
    return madang::conformance::run(argv[1]);
}
