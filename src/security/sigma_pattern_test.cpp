#include "security/sigma_pattern.h"

#include <gtest/gtest.h>

namespace madang::security {
namespace {

// The five cases of "Escape Character", and their neighbours.
TEST(ParsePattern, EscapesByTheSpecification) {
    const std::pair<const char*, const char*> cases[] = {
        {R"(\a)", R"(text:\a)"},          {R"(\\a)", R"(text:\a)"},       {R"(\*)", "text:*"},
        {R"(\\*)", R"(text:\ *)"},        {R"(\\\*)", R"(text:\*)"},      {R"(\\\a)", R"(text:\\a)"},
        {R"(\\\\a)", R"(text:\\a)"},      {R"(a\)", R"(text:a\)"},        {R"(a\\)", R"(text:a\)"},
        {"a**b", "text:a * text:b"},      {"a?*?", "text:a ? * ?"},       {"", ""},
        {R"(\%a%)", R"(text:\%a%)"},      {"%a%", "text:%a%"},
    };
    for (const auto& [text, expected] : cases) {
        std::string shown;
        for (const Piece& piece : parse_pattern(text, Placeholders::are_text)) {
            shown += shown.empty() ? "" : " ";
            shown += piece.kind == PieceKind::text ? "text:" + piece.text : spell({piece});
        }
        EXPECT_EQ(shown, expected) << text;
    }
}

TEST(ParsePattern, ReadsPlaceholdersOnlyWhenAsked) {
    const Pattern expected{{PieceKind::text, "%plain"}, {PieceKind::placeholder, "name"}, {PieceKind::text, "%"}};
    EXPECT_EQ(parse_pattern(R"(\%plain%name%%)", Placeholders::are_read), expected);
    EXPECT_EQ(parse_pattern("100% sure % %%", Placeholders::are_read), plain_pattern("100% sure % %%"));
}

TEST(Matches, FollowsEveryPiece) {
    struct { const char* pattern; const char* text; bool expected; } const cases[] = {
        {"", "", true},           {"", "a", false},          {"a", "a", true},         {"a", "ab", false},
        {"*", "", true},          {"*", "anything", true},   {"a*", "abc", true},      {"*c", "abc", true},
        {"*b*", "abc", true},     {"*d*", "abc", false},     {"a*c", "abcc", true},    {"a*c", "abcd", false},
        {"?", "", false},         {"?", "a", true},          {"?", "\u044f", true},    {"?", "ab", false},
        {"a?c", "abc", true},     {"*a?b*a", "xxaabaxba", true}, {"*ab*ab", "abab", true}, {"*ab*ab", "aba", false},
        {"*ab?", "xabab1", true}, {"*?", "", false},         {"?*", "a", true},        {"*a*a*a*b", "aaaaaaaaaaaaac", false},
        {"a\\*", "a*", true},     {"a\\*", "ab", false},     {"\u044f*", "\u044f\u044e", true},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(matches(parse_pattern(c.pattern, Placeholders::are_text), c.text), c.expected) << c.pattern << " on " << c.text;
    }
}

TEST(Matches, PassesEachOfTheFiveDashes) {
    const Pattern pattern{{PieceKind::any_dash, ""}, {PieceKind::text, "f"}};
    for (const std::string_view dash : kDashes) EXPECT_TRUE(matches(pattern, std::string(dash) + "f")) << dash;
    EXPECT_FALSE(matches(pattern, "+f"));
    EXPECT_FALSE(matches(pattern, "f"));
}

TEST(Matches, TakesBytesThatAreNoTextOneByOne) {
    EXPECT_TRUE(matches(parse_pattern("a?b", Placeholders::are_text), "a\xff" "b"));
    EXPECT_TRUE(matches(parse_pattern("??", Placeholders::are_text), "\xe2\x80"));
}

TEST(Placed, PutsWildcardsAround) {
    const Pattern pattern = parse_pattern("*a?", Placeholders::are_text);
    EXPECT_EQ(spell(placed(pattern, Place::anywhere)), "*a?*");
    EXPECT_EQ(spell(placed(pattern, Place::start)), "*a?*");
    EXPECT_EQ(spell(placed(pattern, Place::end)), "*a?");
    EXPECT_EQ(spell(folded(plain_pattern("A\\B"))), "a\\\\b");
}

}  // namespace
}  // namespace madang::security
