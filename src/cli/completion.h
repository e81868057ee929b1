// Completion scripts for bash, zsh and fish, made from the same table of commands as --help.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace madang::cli {

struct CompletionOption {
    std::string name;         // "--data"
    std::string description;
};

// One command path: "" is the program itself, "pack test" a verb of a noun.
struct CompletionNode {
    std::string path;
    std::string description;
    std::vector<std::string> children;     // the next words
    std::vector<CompletionOption> options;
};

// `shell` is bash, zsh or fish; anything else fails with Code::invalid.
Result<std::string> completion_script(std::string_view shell, const std::vector<CompletionNode>& nodes);

}  // namespace madang::cli
