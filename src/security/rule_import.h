// Rules brought into a folder: all of them are looked at before anything is written, and whoever reads the folder meanwhile sees it as
// it was or as it will be.
#pragma once

#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "security/log_sources.h"
#include "security/rule_set.h"

namespace madang::security {

struct RuleImport {
    struct File {
        Path name;                        // below the folder
        std::string text;
    };
    std::vector<File> added, changed;
    std::vector<File> licences;           // of sources whose rules name none: go in beside them
    std::vector<Path> unchanged;
    std::vector<Path> only_there;         // rules of the folder that are not among what comes
    std::vector<std::string> problems;    // "FILE:LINE: why", of files that stay out
    std::vector<std::string> warnings;    // of files that go in
};

enum class Leftovers { stay, go };        // what is only in the folder

// What importing files, folders or zip archives would do. A file goes in whole or not at all: each of its rules must be one that can
// be run, its correlations and filters must find the rules that they name, among what comes or in the folder. Code::not_found for a
// source that is not there.
Result<RuleImport> plan_import(const std::vector<Path>& sources, const Path& folder, Leftovers leftovers, const LogSources& log_sources, const PlaceholderValues& values);

// Makes the new folder beside the old one, on disk, and exchanges them in one step. On a failure or a crash the folder is as it was.
// Code::conflict while another process imports into it.
Result<void> write_import(const RuleImport& plan, const Path& folder, Leftovers leftovers);

}  // namespace madang::security
