#include "base/language.h"

#include <gtest/gtest.h>

namespace madang {
namespace {

constexpr const char* kBelarusian = R"(# A comment
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\n"

msgid "Sign in"
msgstr "Увайсці"

msgctxt "noun"
msgid "Order"
msgstr "Загад"

msgid "{n} day"
msgid_plural "{n} days"
msgstr[0] "{n} дзень"
msgstr[1] "{n} дні"
msgstr[2] "{n} дзён"

#, fuzzy
msgid "Doubtful"
msgstr "Сумнеўна"

#~ msgid "Gone"
#~ msgstr "Няма"
)";

TEST(ParsePo, ReadsWordsContextsAndPlurals) {
    const auto catalogue = parse_po(kBelarusian, "be.po");
    ASSERT_TRUE(catalogue) << catalogue.error().message;
    EXPECT_EQ(catalogue->text("Sign in"), "Увайсці");
    EXPECT_EQ(catalogue->text("Order", "noun"), "Загад");
    EXPECT_EQ(catalogue->text("Order"), "Order");
    EXPECT_EQ(catalogue->text("Doubtful"), "Doubtful");
    const std::pair<unsigned, const char*> plurals[] = {{1, "1 дзень"}, {2, "2 дні"}, {5, "5 дзён"}, {11, "11 дзён"},
                                                        {21, "21 дзень"}, {22, "22 дні"}, {112, "112 дзён"}};
    for (const auto& [n, expected] : plurals) EXPECT_EQ(catalogue->plural("{n} day", "{n} days", n), expected);
    EXPECT_EQ(catalogue->plural("{n} hour", "{n} hours", 1), "1 hour");
}

TEST(ParsePo, NamesTheLineOfAFault) {
    const std::pair<const char*, const char*> cases[] = {
        {"msgid \"a\"\nmsgstr \"b\nmsgid \"c\"\n", "x.po:2:"},
        {"msgid \"a\"\nmsgstr \"b\"\n\nmsgid \"a\"\nmsgstr \"c\"\n\n", "x.po:6: this msgid stands here twice"},
        {"msgstr \"b\"\n", "x.po:1: msgstr without msgid"},
        {"\"text\"\n", "x.po:1:"},
        {"nonsense \"a\"\n", "x.po:1: the keyword \"nonsense\" is not known here"},
        {"msgid \"\"\nmsgstr \"Plural-Forms: nplurals=2; plural=(n;\\n\"\n\n", "the plural rule lacks a ')'"},
    };
    for (const auto& [text, expected] : cases) {
        const auto parsed = parse_po(text, "x.po");
        ASSERT_FALSE(parsed) << text;
        EXPECT_NE(parsed.error().message.find(expected), std::string::npos) << parsed.error().message;
    }
}

TEST(ParsePo, LimitsTheDepthOfAPluralRule) {
    const std::string rule(10'000, '(');
    const auto parsed = parse_po("msgid \"\"\nmsgstr \"Plural-Forms: nplurals=2; plural=" + rule + ";\\n\"\n\n", "x.po");
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code, Code::exhausted);
}

TEST(FillIn, LeavesUnknownNamesInPlace) {
    EXPECT_EQ(fill_in("Enter {label} by {date} {", {{"label", "{date}"}}), "Enter {date} by {date} {");
}

TEST(ChooseLanguage, WeighsTheHeader) {
    const std::vector<std::string> available{"be", "ru", "en"};
    EXPECT_EQ(choose_language("en-GB,en;q=0.9,ru;q=0.8", available), "en");
    EXPECT_EQ(choose_language("fr, ru;q=0.3, en;q=0.5", available), "en");
    EXPECT_EQ(choose_language("fr", available), "be");
    EXPECT_EQ(choose_language("", available), "be");
    EXPECT_EQ(choose_language("ru;q=0", available), "be");
}

}  // namespace
}  // namespace madang
