#include "security/detail/regex_length.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "security/detail/sigma_regex.h"

namespace madang::security {
namespace {

TEST(RegexLength, SaysTheLeastThatATextMustHold) {
    const std::pair<const char*, std::size_t> cases[] = {
        {"", 0}, {"abc", 3}, {".{1000,}", 1000}, {"a|bcd", 1}, {"(?:ab|cd)+x?", 2}, {"(?i)[a-z]{3,5}\\d", 4}, {"^\\s*$", 0}, {"[]a]b", 2}, {"[^]]{2}", 2}, {"[[:alpha:]]x", 2},
        {"ў{3}", 3}, {"\\x{1F600}\\x41\\pL\\p{Greek}", 4}, {"(?P<name>ab){2}", 4}, {"(?s:.)", 1}, {"a{,3}", 5}, {"a{x}", 4}, {"(a{3}){4}", 12}, {"\\.exe\\b", 4}, {"a**", 0}, {"a+?b", 2}};
    for (const auto& [expression, least] : cases) EXPECT_EQ(least_length(expression), least) << expression;
}

// What it does not read it leaves to RE2.
TEST(RegexLength, SaysNothingOfWhatItDoesNotRead) {
    for (const char* expression : {"\\Qa.b\\E", "\\C", "\\07", "(", "[a", "a)b"}) EXPECT_EQ(least_length(expression), 0U) << expression;
}

TEST(RegexLength, NoTextThatIsShorterIsFoundByRe2) {
    constexpr std::string_view parts[] = {"a", "b", ".", "[ab]", "(a|bb)", "(?:", ")", "|", "*", "+", "?", "{2}", "{1,}", "{0,2}", "\\d", "^", "$", "(?i)", "ў", "\\x61", "\\b"};
    SeededRandom dice(3);
    std::size_t found = 0;
    for (int i = 0; i < 4000; ++i) {
        std::string expression;
        for (std::uint64_t left = 1 + dice.below(7); left > 0; --left) expression += parts[dice.below(std::size(parts))];
        const auto compiled = compile_regex({.source = expression});
        if (!compiled) continue;
        for (int k = 0; k < 20; ++k) {
            std::string text;
            for (std::uint64_t left = dice.below(8); left > 0; --left) text += "abў1"[dice.below(5)];
            if (!re2::RE2::PartialMatch(text, **compiled)) continue;
            ++found;
            ASSERT_GE(text.size(), least_length(expression)) << expression << " in " << text;
        }
    }
    EXPECT_GT(found, 5000U);
}

}  // namespace
}  // namespace madang::security
