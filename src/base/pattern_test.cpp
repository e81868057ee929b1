#include "base/pattern.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace madang {
namespace {

TEST(Pattern, MatchesTheWholeTextAsJavaScriptWould) {
    struct Case {
        std::string_view pattern, text;
        bool matches;
    };
    const Case cases[] = {
        {R"([0-9]{1,4}[\p{L}]?([/-][0-9]{1,4})?)", "12А", true},
        {R"([0-9]{1,4}[\p{L}]?([/-][0-9]{1,4})?)", "12/3", true},
        {R"([0-9]{1,4}[\p{L}]?([/-][0-9]{1,4})?)", "Number 12", false},
        {R"(\d{3})", "123", true},
        {R"(\d{3})", "١٢٣", false},              // digits of another script are not \d in JavaScript
        {R"([\d-]+)", "1-2", true},
        {R"(\w+)", "дом", false},
        {R"([^\W]+)", "a_1", true},
        {R"(\D*)", "дом", true},
        {R"(a|b)", "b", true},
        {R"(a|ab)", "ab", true},                 // the whole text decides, not the first branch
        {R"(^a$)", "a", true},
        {R"((?:ab)+(?=c)c)", "ababc", true},
        {R"((?<year>[0-9]{4})-\k<year>)", "2026-2026", true},
        {R"(\u0430\/\.)", "а/.", true},
        {R"(.)", "𐍈", true},                     // one character, though two UTF-16 units
        {R"(.*)", "", true},
        {R"(a*?)", "aaa", true},
    };
    for (const Case& one : cases) {
        const auto pattern = Pattern::compile(one.pattern);
        ASSERT_TRUE(pattern) << one.pattern << ": " << pattern.error().message;
        EXPECT_EQ(pattern->matches_whole(one.text), one.matches) << one.pattern << " on " << one.text;
    }
}

TEST(Pattern, RefusesWhatTheDialectsReadDifferently) {
    for (const std::string_view text : {R"(a++)", R"(a{2}+)", R"((?i)a)", R"((?>a))", R"([a[bc]])", R"([a-z&&b])", R"([a--b])", R"(\Qa\E)",
                                        R"(\v)", R"(\h)", R"(\0)", R"(\u{1F600})", R"([])", R"(a)" "\\"}) {
        EXPECT_FALSE(Pattern::compile(text)) << text;
    }
}

TEST(Pattern, SaysWhereItCannotBeRead) {
    EXPECT_EQ(Pattern::compile("ab\\q").error().message, "the pattern is wrong at character 3: \\q is not known here");
    EXPECT_FALSE(Pattern::compile("(a"));
    EXPECT_FALSE(Pattern::compile("*"));
    EXPECT_FALSE(Pattern::compile("\xff"));
    EXPECT_FALSE(Pattern::compile(std::string(kMaxPattern + 1, 'a')));
}

TEST(Pattern, GivesUpOnTextThatTakesTooLong) {
    const auto pattern = Pattern::compile("(a+)+b");
    ASSERT_TRUE(pattern);
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE(pattern->matches_whole(std::string(5000, 'a')));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
    EXPECT_FALSE(pattern->matches_whole(std::string(kMaxPatternSubject + 1, 'a')));
    EXPECT_FALSE(pattern->matches_whole("\xff"));
}

}  // namespace
}  // namespace madang
