#include "base/xpath_pattern.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace madang {
namespace {

std::string found(std::string_view pattern, std::string_view text, std::string_view flags = {}) {
    const auto compiled = XpathPattern::compile(pattern, flags);
    if (!compiled) return "wrong";
    const auto answer = compiled->found_in(text);
    return !answer ? "refused" : (*answer ? "yes" : "no");
}

TEST(XpathPattern, MatchesAsXpathDoes) {
    struct Case {
        std::string_view pattern, text, flags, answer;
    };
    const Case cases[] = {
        {"bra", "abracadabra", "", "yes"},
        {"^bra", "abracadabra", "", "no"},
        {"a$", "abracadabra\n", "", "no"},            // ICU alone would take the line end
        {"a$", "abracadabra\nx", "m", "yes"},
        {"a.b", "a\nb", "", "no"},
        {"a.b", "a\nb", "s", "yes"},
        {"[a-z-[aeiou]]", "e", "", "no"},
        {"[A-Z-[OI]]", "x", "i", "yes"},
        {"[^Q]", "q", "i", "no"},
        {"a b", "ab", "x", "yes"},
        {"a[ ]b", "a b", "x", "yes"},
        {"a.b", "axb", "q", "no"},
        {"a.b", "a.b", "q", "yes"},
        {R"(\p{IsBasicLatin}+)", "abc", "", "yes"},
        {R"(^\i\c*$)", "xsl:name", "", "yes"},
        {R"(^\w+$)", "дом", "", "yes"},
        {R"((a)(b)\2)", "abb", "", "yes"},
        {R"((a)\12)", "aa2", "", "yes"},              // group 1, then a 2
        {R"((a\1))", "aa", "", "wrong"},
        {R"([asd\0])", "a", "", "wrong"},
        {"[0-9-.]", "1", "", "wrong"},
        {"a**", "a", "", "wrong"},
        {"a{2,1}", "a", "", "wrong"},
        {"(?=a)", "a", "", "wrong"},
        {R"(\b)", "a", "", "wrong"},
        {R"(\p{ Lu})", "A", "", "wrong"},
        {"a", "a", "z", "wrong"},
        {"(a", "a", "", "wrong"},
        {"(a*)*(a*)*(a*)*(a*)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "", "refused"},
    };
    for (const Case& one : cases) EXPECT_EQ(found(one.pattern, one.text, one.flags), one.answer) << one.pattern << " on " << one.text;
}

TEST(XpathPattern, ReplacesGroupsByNumber) {
    const auto replaced = [](std::string_view pattern, std::string_view text, std::string_view by) {
        const auto compiled = XpathPattern::compile(pattern);
        const auto made = compiled ? compiled->replace(text, by) : Result<std::string>(std::unexpected(compiled.error()));
        return made ? *made : std::string("refused");
    };
    EXPECT_EQ(replaced("(ab)|(a)", "abcd", "[1=$1][2=$2]"), "[1=ab][2=]cd");
    EXPECT_EQ(replaced("a(.)", "abracadabra", "a$1$1"), "abbraccaddabbra");
    EXPECT_EQ(replaced("a", "abc", R"(\$\\)"), R"($\bc)");
    EXPECT_EQ(replaced("a", "abc", "$12"), "2bc");   // there is no group 1: nothing, then a 2
    EXPECT_EQ(replaced("a", "abc", "$"), "refused");
    EXPECT_EQ(replaced("a", "abc", R"(\n)"), "refused");
    EXPECT_EQ(replaced("a*", "abc", "x"), "refused");
}

TEST(XpathPattern, SplitsWithEmptyPartsKept) {
    const auto pattern = XpathPattern::compile(";");
    ASSERT_TRUE(pattern);
    EXPECT_EQ(*pattern->split("a;b;;"), (std::vector<std::string>{"a", "b", "", ""}));
    EXPECT_EQ(*pattern->split(""), (std::vector<std::string>{""}));
}

TEST(XpathPattern, RefusesWhatIsTooLong) {
    EXPECT_FALSE(XpathPattern::compile(std::string(kMaxXpathPattern + 1, 'a')));
    const auto pattern = XpathPattern::compile("a");
    ASSERT_TRUE(pattern);
    EXPECT_FALSE(pattern->found_in(std::string(kMaxXpathSubject + 1, 'a')));
    EXPECT_FALSE(pattern->replace(std::string(kMaxXpathMatches + 1, 'a'), "b"));
}

}  // namespace
}  // namespace madang
