// Every active rule of the public collection is read, or refused for a reason that is listed here.
#include <gtest/gtest.h>

#include <iostream>

#include "base/file.h"
#include "base/text.h"
#include "security/sigma_reader.h"

namespace madang::security {
namespace {

TEST(SigmaCorpus, EveryActiveRuleIsRead) {
    const Path root = Path(MADANG_CORPORA) / "sigma";
    if (!std::filesystem::exists(root)) GTEST_SKIP() << "the folder " << root << " is not here";
    std::size_t files = 0;
    std::size_t rules = 0;
    std::vector<std::string> refusals;
    for (const char* folder : {"rules", "rules-compliance", "rules-dfir", "rules-emerging-threats", "rules-placeholder", "rules-threat-hunting"}) {
        const auto names = list_files(root / folder);
        ASSERT_TRUE(names) << folder;
        for (const std::string& name : *names) {
            if (!name.ends_with(".yml")) continue;
            ++files;
            const auto text = read_file(root / folder / name);
            ASSERT_TRUE(text) << name;
            const auto read = read_sigma(*text, name);
            if (read) {
                rules += read->rules.size();
            } else {
                refusals.push_back(read.error().message);
            }
        }
    }
    std::cout << files << " files, " << rules << " rules read, " << refusals.size() << " files refused\n";
    EXPECT_GT(rules, 3000U);
    for (const std::string& refusal : refusals) std::cout << refusal << "\n";
}

}  // namespace
}  // namespace madang::security
