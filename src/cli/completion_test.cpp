#include "cli/completion.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>

#include "base/file.h"

namespace madang::cli {
namespace {

const std::vector<CompletionNode> kNodes{
    {"", "the program", {"pack", "verify"}, {{"--data", "folder"}}},
    {"pack", "packs", {"test", "validate"}, {}},
    {"pack test", "runs the scenarios of a pack's services", {}, {{"--json", "for programs"}}},
    {"verify", "checks a document", {}, {}},
};

// Completes a command line in a real bash.
std::string complete_in_bash(const std::string& words, int cursor) {
    const Path script = testing::TempDir() + "madang-completion.bash";
    EXPECT_TRUE(write_file_whole(script, *completion_script("bash", kNodes) + "COMP_WORDS=(" + words +
                                             ")\nCOMP_CWORD=" + std::to_string(cursor) +
                                             "\n_madang\necho \"${COMPREPLY[@]}\"\n"));
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(("bash " + script.string()).c_str(), "r"), ::pclose);
    char line[256] = {};
    EXPECT_NE(std::fgets(line, sizeof line, pipe.get()), nullptr);
    std::string text(line);
    if (text.ends_with('\n')) text.pop_back();
    return text;
}

TEST(CompletionScript, CompletesInBash) {
    EXPECT_EQ(complete_in_bash("madang pa", 1), "pack");
    EXPECT_EQ(complete_in_bash("madang pack ''", 2), "test validate");
    EXPECT_EQ(complete_in_bash("madang --data x pack test --j", 5), "--json");
}

TEST(CompletionScript, ServesThreeShellsAndNoOther) {
    EXPECT_TRUE(completion_script("zsh", kNodes)->starts_with("#compdef madang"));
    EXPECT_NE(completion_script("fish", kNodes)->find("-a pack -d 'packs'"), std::string::npos);
    EXPECT_FALSE(completion_script("tcsh", kNodes));
}

}  // namespace
}  // namespace madang::cli
