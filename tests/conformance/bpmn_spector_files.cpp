#include "conformance/bpmn_spector_files.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/text.h"
#include "conformance/suite.h"
#include "process/soundness.h"

namespace madang::conformance {
namespace {

using process::Violation;

process::Importer importer_from(const Path& dir) {
    const Path root = std::filesystem::weakly_canonical(dir);
    return [root](std::string_view location) -> Result<std::string> {
        const Path path = std::filesystem::weakly_canonical(root / location);
        if (location.find("://") != std::string_view::npos || !path.string().starts_with(root.string())) return fail(Code::denied, "not in the folder of the suite");
        return read_file(path);
    };
}

// "a.bpmn:26:5: …" or "a.bpmn:26: …"
std::size_t line_in(std::string_view message, std::string_view file) {
    if (!message.starts_with(file)) return 0;
    message.remove_prefix(std::min(file.size() + 1, message.size()));
    const auto line = parse_decimal(message.substr(0, message.find(':')));
    return line ? static_cast<std::size_t>(*line) : 0;
}

bool is_ours(const Violation& one, Case kind) {
    if (kind == Case::references) return one.rule == "REF.type" || one.rule == "REF.exists" || one.rule == "EXT.001";
    return one.rule.starts_with("EXT.");
}

enum class Promise { nothing, keeps, breaks };

// "mojo/invalid_….bpmn", "test-1-gruppe-c.bpmn", "test-19-referenz-6-korrekt.bpmn", "non-wellformed/….bpmn"
Promise promise_of(std::string_view file, std::string_view text) {
    const std::string_view name = file.substr(file.rfind('/') == std::string_view::npos ? 0 : file.rfind('/') + 1);
    if (file.starts_with("mojo/")) {
        if (name.starts_with("valid") || name.starts_with("warning")) return Promise::keeps;
        // A deadlock between two processes is none of the graph.
        return text.find("messageFlow") == std::string_view::npos ? Promise::breaks : Promise::nothing;
    }
    if (file.starts_with("non-wellformed/")) return Promise::breaks;
    if (file.find('/') != std::string_view::npos) return Promise::nothing;
    if (name.find("korrekt") != std::string_view::npos || name.find("teil-1") != std::string_view::npos) return Promise::keeps;
    return name.starts_with("test-") || name.starts_with("refCheck") ? Promise::breaks : Promise::nothing;
}

}  // namespace

Case case_of(std::string_view file, const std::string& rule) {
    if (file.starts_with("mojo/") || rule.starts_with("mojo")) return Case::soundness;
    const bool in_folder = file.find('/') != std::string_view::npos;
    return !in_folder || to_lower(rule).starts_with("ref") ? Case::references : Case::rules;
}

Result<std::vector<Violation>> violations_of(const Path& dir, const std::string& file, const std::string& text, Case kind) {
    if (kind == Case::soundness) {
        TRY(auto sound, process::check_soundness(text, file));
        return std::move(sound.warnings);
    }
    auto found = process::check_rules(text, file, importer_from(dir));
    if (!found && found.error().code == Code::invalid) {
        return std::vector<Violation>{{.rule = "XML", .clause = "15.3", .message = found.error().message, .file = file, .element = "definitions", .line = line_in(found.error().message, file)}};
    }
    if (found) std::erase_if(*found, [&](const Violation& one) { return !is_ours(one, kind); });
    return found;
}

bool judge_files(const Path& dir, const std::set<std::string>& cases) {
    std::set<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir)) {
        if (entry.path().extension() == ".bpmn") files.insert(std::filesystem::relative(entry.path(), dir).generic_string());
    }
    std::map<std::string_view, Tally> tallies;
    bool good = true;
    for (const std::string& file : files) {
        const auto text = read_file(dir / file);
        const Promise promise = text && !cases.contains(file) ? promise_of(file, *text) : Promise::nothing;
        if (promise == Promise::nothing) continue;
        const Case kind = case_of(file, {});
        const std::string_view group = kind == Case::soundness ? "soundness" : file.starts_with("non-wellformed/") ? "no XML" : "references";
        const auto found = violations_of(dir, file, *text, kind);
        const bool kept = found && found->empty() == (promise == Promise::keeps);
        tallies[group].expect(kept, file, found ? format("{} violations, and its name promises {}", found->size(), promise == Promise::keeps ? "none" : "one") : found.error().message);
        good = good && kept;
    }
    for (const auto& [group, tally] : tallies) {
        const std::string line = format("files without a case, {}: {} as their names promise, {} not", group, tally.passed(), tally.failed());
        std::printf("%s\n", line.c_str());
    }
    return good;
}

}  // namespace madang::conformance
