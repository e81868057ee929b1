#include "base/csv.h"

#include <gtest/gtest.h>

namespace madang {
namespace {

TEST(ParseCsv, ReadsWhatRfc4180Writes) {
    const auto rows = parse_csv("\xEF\xBB\xBF" "a,b\r\n1,\"x, \"\"y\"\"\nz\"\r\n\r\n,\n", "f.csv");
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_EQ(*rows, (std::vector<CsvRow>{{"a", "b"}, {"1", "x, \"y\"\nz"}, {"", ""}}));
    EXPECT_TRUE(parse_csv("", "f.csv")->empty());
}

TEST(ParseCsv, SaysWhereItIsWrong) {
    EXPECT_EQ(parse_csv("a,b\n1\n", "f.csv").error().message, "f.csv:2: 1 columns, where the first row has 2");
    EXPECT_EQ(parse_csv("a\n\"1\n", "f.csv").error().message, "f.csv:2: this quote is never closed");
    EXPECT_EQ(parse_csv("a\n\"1\"2\n", "f.csv").error().message, "f.csv:2: text stands after a closing quote");
    EXPECT_EQ(parse_csv("a\nb\nc\n", "f.csv", {.rows = 2}).error().code, Code::exhausted);
    EXPECT_EQ(parse_csv("a,b,c", "f.csv", {.columns = 2}).error().code, Code::exhausted);
    EXPECT_EQ(parse_csv("\xff", "f.csv").error().code, Code::invalid);
}

TEST(CsvLine, NeverWritesAFormula) {
    EXPECT_EQ(csv_line({"=cmd|' /C calc'!A0", "+1", "-1", "@x", "\tx", "a\"b", "plain", ""}),
              "\"'=cmd|' /C calc'!A0\",\"'+1\",\"'-1\",\"'@x\",\"'\tx\",\"a\"\"b\",plain,\r\n");
    EXPECT_EQ(csv_line({"", "a"}), ",a\r\n");
}

TEST(CsvLine, IsReadBack) {
    const CsvRow row{"a,b", "c\"d", "e\nf", "g"};
    EXPECT_EQ(parse_csv(csv_line(row), "f.csv")->front(), row);
}

}  // namespace
}  // namespace madang
