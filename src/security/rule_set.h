// Rules, correlations and filters of folders and archives, joined to what is run.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "security/sigma_reader.h"

namespace madang::security {

// What a folder of rules holds. A file that cannot be read or a rule that cannot be run is a problem, and the others stay.
struct RuleSet {
    std::vector<SigmaRule> rules;               // filters joined, placeholders filled
    std::vector<SigmaCorrelation> correlations;
    std::vector<SigmaFilter> filters;           // as they were read
    std::vector<std::string> problems;          // "FILE:LINE: why"
    std::vector<std::string> warnings;          // likewise, of rules that are there
    std::size_t files = 0;
};

inline constexpr std::size_t kMaxRules = 100'000;

// The files that load_rules reads, in the order of their names.
Result<std::vector<Path>> rule_files(const std::vector<Path>& paths);

// One of them, or one file in an archive of them.
struct RuleText {
    std::string place;             // "FILE", or "FILE.zip/rules/a.yml"
    Path name;                     // within its archive; of a file its own
    Result<std::string> text;
    std::string licence = {};      // of rules that name none: what the file LICENSE of their archive or folder says
};

// The file that says under what licence the rules of a folder, a file or an archive are; nothing where there is none.
struct RuleLicence {
    Path file;                     // within its archive its name there
    std::string text;
    std::string name;              // "DRL-1.1", else "see FILE"
};
// Of a folder or a file: in the folder itself or the one above it, of the Detection Rule License also further up.
std::optional<RuleLicence> licence_beside(const Path& path);

struct RuleFile {
    std::vector<RuleText> texts;
    std::optional<RuleLicence> licence;   // that stands in the archive
};
RuleFile read_rule_file(const Path& file);

// The values of placeholders in a file; none for a name that is empty.
Result<PlaceholderValues> load_placeholders(const Path& file);

// Files ending in .yml or .yaml, zip archives of them, and folders of both, by name. Code::not_found for a path that is not there;
// Code::exhausted beyond kMaxRules. A rule that names no licence has that of a file LICENSE in the path or the folder above it, or
// of the Detection Rule License further up.
Result<RuleSet> load_rules(const std::vector<Path>& paths, const PlaceholderValues& values = {});
// The same of texts that are there already.
Result<RuleSet> join_rules(const std::vector<RuleText>& texts, const PlaceholderValues& values = {});

}  // namespace madang::security
