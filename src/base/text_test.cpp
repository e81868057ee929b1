#include "base/text.h"

#include <gtest/gtest.h>

namespace madang {
namespace {

TEST(TidyLine, KeepsWhatAPersonMeant) {
    const std::pair<const char*, const char*> cases[] = {
        {"  Алена   Каваленка \t", "Алена Каваленка"},
        {"a\xE2\x80\x8B" "b\xC2\xAD" "c", "abc"},                  // zero width space, soft hyphen
        {"и\xCC\x86", "й"},                                         // и + combining breve
        {"У\xCC\x86", "Ў"},
        {"one\r\ntwo", "one two"},
        {"\xC2\xA0x\xC2\xA0", "x"},                                 // no-break spaces
        {"", ""},
    };
    for (const auto& [given, expected] : cases) EXPECT_EQ(*tidy_line(given), expected);
}

TEST(TidyLine, RefusesControlsAndBadBytes) {
    for (const char* text : {"a\x01", "a\x1b[31m", "\xff", "\xC3", "\xED\xA0\x80"}) EXPECT_FALSE(tidy_line(text));
}

TEST(TidyLines, KeepsLinesButNotMoreThanOneEmptyOne) {
    EXPECT_EQ(*tidy_lines("a \r\n b\n\n\n\nc\n"), "a\nb\n\nc");
}

TEST(ParseDecimal, TakesOneSpelling) {
    EXPECT_EQ(*parse_decimal("0"), 0U);
    EXPECT_EQ(*parse_decimal("18446744073709551615"), UINT64_MAX);
    for (const char* text : {"", "00", "01", "+1", "-1", " 1", "1 ", "18446744073709551616", "1a"}) {
        EXPECT_FALSE(parse_decimal(text)) << text;
    }
}

TEST(PositionIn, CountsLinesAndCodePoints) {
    const TextPosition at = position_in("aб\nвг", std::string("aб\nв").size());
    EXPECT_EQ(at.line, 2U);
    EXPECT_EQ(at.column, 2U);
}

TEST(Nearest, OffersWhatWasProbablyMeant) {
    EXPECT_EQ(nearest("listn", {"port", "listen", "store"}), "listen");
    EXPECT_EQ(nearest("zzz", {"port", "listen"}), std::nullopt);
}

TEST(CountCodePoints, CountsLettersNotBytes) { EXPECT_EQ(count_code_points("Ў€😀a"), 4U); }

TEST(FoldCase, FoldsEachCharacterForItself) {
    EXPECT_EQ(fold_case("CMD.exe"), "cmd.exe");
    EXPECT_EQ(fold_case("\u041f\u0420\u0418"), "\u043f\u0440\u0438");
    EXPECT_EQ(fold_case("\u03a3\u03c2"), "\u03c3\u03c3") << "also at the end of a word";
    EXPECT_EQ(fold_case("A\xff" "B\xc3"), "a\xff" "b\xc3") << "what is no UTF-8 stays";
}

}  // namespace
}  // namespace madang
