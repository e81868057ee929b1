#include "catalogue/scenario.h"

#include <gtest/gtest.h>

namespace madang::catalogue {
namespace {

TEST(ParseFeature, ReadsBackgroundStepsAndTables) {
    const auto feature = parse_feature(R"(# comment
Feature: Certificate
  A line of description.

  Background:
    Given the pack's people
  Scenario: At once
    When "A" asks
      | Town | Minsk |
      | Flat |       |
    And waits
    Then it is issued
)", "s.feature");
    ASSERT_TRUE(feature) << feature.error().message;
    ASSERT_EQ(feature->scenarios.size(), 1U);
    const auto& steps = feature->scenarios[0].steps;
    ASSERT_EQ(steps.size(), 4U);
    EXPECT_EQ(steps[0].text, "the pack's people");
    EXPECT_EQ(steps[1].table, (std::vector<std::vector<std::string>>{{"Town", "Minsk"}, {"Flat", ""}}));
    EXPECT_EQ(steps[2].kind, StepKind::when);
    EXPECT_EQ(steps[3].line, 12U);
}

TEST(ParseFeature, RefusesByNameAndLine) {
    const std::pair<const char*, const char*> cases[] = {
        {"Scenario: x\n", "s:1: a scenario file begins with"},
        {"Feature: a\nScenario Outline: b\n", "s:2: \"Scenario Outline:\" is not supported"},
        {"Feature: a\nScenario: b\n  And c\n", "s:3: the first step"},
        {"Feature: a\nScenario: b\n  Given c\n | 1 | 2 |\n | 1 |\n", "s:5: this row has 1 cells"},
        {"Feature: a\nScenario: b\n", "has no step"},
        {"Feature: a\n", "there is no scenario"},
        {"Feature: a\nScenario: b\nnonsense\n", "s:3: a line begins with"},
    };
    for (const auto& [text, expected] : cases) {
        const auto feature = parse_feature(text, "s");
        ASSERT_FALSE(feature) << text;
        EXPECT_NE(feature.error().message.find(expected), std::string::npos) << feature.error().message;
    }
}

TEST(SplitQuotes, TakesTheTextsOut) {
    const auto [pattern, texts] = split_quotes(R"("Alena" asks for "A b" now)");
    EXPECT_EQ(pattern, R"("" asks for "" now)");
    EXPECT_EQ(texts, (std::vector<std::string>{"Alena", "A b"}));
    EXPECT_EQ(split_quotes("one \" quote").second.size(), 0U);
}

}  // namespace
}  // namespace madang::catalogue
