// What the suites of Sigma share: the rules of a folder as one program.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "security/detector.h"
#include "security/rule_set.h"

namespace madang::conformance {

// The folders of active rules in SigmaHQ's repository.
inline constexpr const char* kSigmaFolders[] = {"rules", "rules-emerging-threats", "rules-threat-hunting", "rules-compliance", "rules-dfir", "rules-placeholder"};

inline std::vector<Path> sigma_folders(const Path& dir) {
    std::vector<Path> found;
    for (const char* name : kSigmaFolders) {
        if (std::filesystem::is_directory(dir / name)) found.push_back(dir / name);
    }
    return found;
}

inline Result<std::unique_ptr<const security::SigmaProgram>> sigma_program(const Path& dir) {
    TRY(auto set, security::load_rules(sigma_folders(dir)));
    TRY(const auto sources, security::LogSources::shipped());
    return security::SigmaProgram::compile(std::move(set.rules), sources);
}

}  // namespace madang::conformance
