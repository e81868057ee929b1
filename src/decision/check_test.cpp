#include "decision/check.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/text.h"

namespace madang::decision {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// "kind element: message {example}"
std::vector<std::string> findings_of(const std::string& xml) {
    const auto decisions = parse_dmn(xml, "m.dmn");
    if (!decisions) return {decisions.error().message};
    std::vector<std::string> lines;
    for (const Finding& finding : check(*decisions)) {
        EXPECT_TRUE(finding.where.starts_with("m.dmn:")) << finding.where;
        lines.push_back(format("{} {}{}", finding.kind, finding.element, finding.example.empty() ? "" : " " + json::serialize(finding.example)));
    }
    return lines;
}

std::string model(const std::string& inside) {
    return "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" name=\"m\" namespace=\"urn:m\">\n" + inside + "</definitions>";
}

constexpr const char* kInputs =
    "<inputData id=\"n\" name=\"n\"><variable name=\"n\" typeRef=\"number\"/></inputData><inputData id=\"s\" name=\"s\"><variable name=\"s\"/></inputData>\n";

// A table over n and s; a rule is "cell|cell|answer".
std::string table(const std::string& policy, const std::vector<std::string>& rules, const std::string& output = "<output/>") {
    std::string xml = "<decision id=\"d\" name=\"d\"><variable name=\"d\"/><informationRequirement><requiredInput href=\"#n\"/></informationRequirement>"
                      "<informationRequirement><requiredInput href=\"#s\"/></informationRequirement><decisionTable hitPolicy=\"" + policy + "\">"
                      "<input><inputExpression><text>n</text></inputExpression></input><input label=\"kind\"><inputExpression><text>s</text></inputExpression></input>" + output;
    for (const std::string& rule : rules) {
        const auto cells = split(rule, '|');
        xml += "<rule>";
        for (std::size_t i = 0; i < 2; ++i) xml += "<inputEntry><text>" + std::string(cells[i]) + "</text></inputEntry>";
        xml += "<outputEntry><text>" + std::string(cells[2]) + "</text></outputEntry></rule>";
    }
    return model(kInputs + xml + "</decisionTable></decision>");
}

TEST(CheckTable, FindsGapsWithAnExample) {
    EXPECT_THAT(findings_of(table("UNIQUE", {"&lt; 10|-|1", "&gt;= 10|-|2"})), IsEmpty());
    EXPECT_THAT(findings_of(table("UNIQUE", {"&lt; 10|-|1", "&gt; 10|-|2"})), ElementsAre(R"(gap d {"n":"10"})"));
    EXPECT_THAT(findings_of(table("UNIQUE", {"[0..10]|\"a\"|1", "[0..10]|not(\"a\")|2", "&gt; 10|-|3"})), ElementsAre(R"(gap d {"n":"-1"})"));
    EXPECT_THAT(findings_of(table("UNIQUE", {"-|\"a\"|1", "-|\"b\"|2"})), ElementsAre(R"(gap d {"kind":"\"other\""})"));
    EXPECT_THAT(findings_of(table("UNIQUE", {"-|date(\"2026-01-01\")|1", "-|&lt; date(\"2026-01-01\")|2"})), ElementsAre(R"(gap d {"kind":"2026-01-02"})"));
    // A default, or a policy that answers with a list, leaves no gap.
    EXPECT_THAT(findings_of(table("COLLECT", {"&lt; 10|-|1"})), IsEmpty());
    EXPECT_THAT(findings_of(table("UNIQUE", {"&lt; 10|-|1"}, "<output><defaultOutputEntry><text>0</text></defaultOutputEntry></output>")), IsEmpty());
    // A cell that is no constant may close it.
    EXPECT_THAT(findings_of(table("UNIQUE", {"&lt; 10|-|1", "? &gt;= abs(-10)|-|2"})), IsEmpty());
}

TEST(CheckTable, FindsOverlapsWithAnExample) {
    EXPECT_THAT(findings_of(table("UNIQUE", {"&lt;= 10|-|1", "&gt;= 10|-|2"})), ElementsAre(R"(overlap d, rules 1 and 2 {"n":"10"})"));
    EXPECT_THAT(findings_of(table("ANY", {"&lt;= 10|-|1", "&gt;= 10|-|1"})), IsEmpty());
    EXPECT_THAT(findings_of(table("ANY", {"&lt;= 10|-|1", "&gt;= 10|-|2"})), ElementsAre(R"(overlap d, rules 1 and 2 {"n":"10"})"));
    EXPECT_THAT(findings_of(table("FIRST", {"&lt;= 10|-|1", "-|-|2"})), IsEmpty());
    EXPECT_THAT(findings_of(table("UNIQUE", {"-|-|1", "-|\"a\"|2"})), ElementsAre(R"(overlap d, rules 1 and 2 {"kind":"\"a\""})"));
}

TEST(CheckTable, FindsRulesThatNeverAnswer) {
    EXPECT_THAT(findings_of(table("FIRST", {"-|-|1", "5|\"a\"|2"})), ElementsAre("unreachable_rule d, rule 2"));
    EXPECT_THAT(findings_of(table("COLLECT", {"&gt; 5|-|1", "[5..3]|-|2"})), ElementsAre("unreachable_rule d, rule 2"));
    EXPECT_THAT(findings_of(table("FIRST", {"&lt; 5|-|1", "&lt; 9|-|2", "-|-|3"})), IsEmpty());
}

TEST(CheckTable, IsDoneSoonWhateverTheTable) {
    std::vector<std::string> rules;
    for (int i = 0; i < 1'000; ++i) rules.push_back(format("[{}..{})|\"{}\"|{}", i * 7 % 500, i * 7 % 500 + 40, i % 90, i));
    const auto findings = findings_of(table("UNIQUE", rules));
    EXPECT_THAT(findings, testing::Not(IsEmpty()));
    EXPECT_LE(findings.size(), kMaxFindings);
}

TEST(Check, FindsNamesThatNothingBrings) {
    const auto literal = [](const std::string& text) {
        return model(std::string(kInputs) + "<decision id=\"d\" name=\"d\"><variable name=\"d\"/><informationRequirement><requiredInput href=\"#n\"/></informationRequirement>"
                     "<literalExpression><text>" + text + "</text></literalExpression></decision>");
    };
    EXPECT_THAT(findings_of(literal("n + s")), ElementsAre("unknown_name d"));
    for (const char* good : {"n + 1", "for x in [n] return x + count(partial)", "{a: n, b: a}.b", "[{p: 1}][p = n]", "some x in [1] satisfies x = n",
                             "(function(y) y + n)(1)", "sum([n])", "n in (&lt; 5, ? = 3)", "max(n, abs(n))"}) {
        EXPECT_THAT(findings_of(literal(good)), IsEmpty()) << good;
    }
}

TEST(Check, FindsTypesAndMissingLogic) {
    EXPECT_THAT(findings_of(model("<inputData id=\"n\" name=\"n\"><variable name=\"n\" typeRef=\"tAge\"/></inputData>")), ElementsAre("unknown_type n"));
    EXPECT_THAT(findings_of(model("<decision id=\"d\" name=\"d\"><variable name=\"d\"/></decision>")), ElementsAre("no_logic d"));
    EXPECT_THAT(findings_of(table("COLLECT", {"\"a\"|-|1", "1|-|2"})), Contains(HasSubstr("wrong_type d, rule 1, column 1")));
}

TEST(Check, FindsNothingWrongWithTheServiceOfThePack) {
    const auto text = read_file(Path(MADANG_SOURCE_DIR) / "packs/by/services/certificate-of-residence/decision.dmn");
    ASSERT_TRUE(text);
    EXPECT_THAT(findings_of([&] {
                    std::string copy = *text;
                    return copy;
                }()), IsEmpty());
}

}  // namespace
}  // namespace madang::decision
