// BPMNspector's other files: references (test-N-…, in the folder itself), soundness (mojo/) and files that are no XML.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "process/rules.h"

namespace madang::conformance {

enum class Case { rules, references, soundness };

// What a case is about, by the rule that it names and by where its file lies.
Case case_of(std::string_view file, const std::string& rule);

// What counts there: EXT of rules, REF of references, SOUND of soundness. A file that is no XML is one violation, at its line.
Result<std::vector<process::Violation>> violations_of(const Path& dir, const std::string& file, const std::string& text, Case kind);

// Judges the files that no case names, by what their own names promise, and prints how many keep it; false if one does not.
bool judge_files(const Path& dir, const std::set<std::string>& cases);

}  // namespace madang::conformance
