#include "decision/decision.h"

#include <gmock/gmock.h>

#include "base/file.h"

namespace madang::decision {
namespace {

Decisions residence() {
    const auto text = read_file(Path(MADANG_SOURCE_DIR "/packs/by/services/certificate-of-residence/decision.dmn"), 1U << 20U);
    return *parse_dmn(*text, "decision.dmn");
}

std::string decide(std::string_view input) {
    const auto outcome = evaluate(residence(), "residence_certificate", parse_json(input)->as_object());
    return outcome ? feel::text_of(outcome->value) + "\n" + json::serialize(outcome->trace) : outcome.error().message;
}

constexpr std::string_view kStated = R"("stated": {"town": "маладзечна", "street": "Вуліца Прытыцкага", "house": "12", "flat": "45"})";

TEST(Residence, IssuesForTheRegisteredAddressInAnyLanguage) {
    const std::string answer = decide("{" + std::string(kStated) + R"(, "residence": {"towns": ["Maladziečna", "Маладзечна"],
        "streets": ["vulica Prytyckaha", "вуліца Прытыцкага"], "house": "12", "flat": "45"}})");
    EXPECT_THAT(answer, testing::StartsWith(R"({outcome: "issue", reason: "The population register confirms)"));
    EXPECT_THAT(answer, testing::HasSubstr(R"("rule":"rule_issue","article":"Decree No. 200, item 1.3.4")"));
}

TEST(Residence, SendsAnotherAddressToAnOfficer) {
    EXPECT_THAT(decide("{" + std::string(kStated) + R"(, "residence": {"towns": ["Мінск"], "streets": ["вуліца Прытыцкага"], "house": "12", "flat": null}})"),
                testing::StartsWith(R"({outcome: "officer", reason: "The population register holds another address)"));
}

TEST(Residence, SendsAPersonWithoutResidenceToAnOfficer) {
    EXPECT_THAT(decide("{" + std::string(kStated) + R"(, "residence": null})"),
                testing::StartsWith(R"({outcome: "officer", reason: "The population register holds no place)"));
}

// A file around one decision table over the input x.
std::string with_table(std::string_view attributes, std::string_view rules, std::string_view outputs = R"(<output id="o" name="y"/>)") {
    return R"(<definitions xmlns="https://www.omg.org/spec/DMN/20211108/MODEL/" id="d" name="d" namespace="n">
<inputData id="i" name="x"/><decision id="D" name="D"><informationRequirement><requiredInput href="#i"/></informationRequirement>
<decisionTable id="t" )" + std::string(attributes) + R"(><input><inputExpression><text>x</text></inputExpression></input>)" +
           std::string(outputs) + std::string(rules) + "</decisionTable></decision></definitions>";
}

std::string rule(std::string_view test, std::string_view value) {
    return "<rule id=\"r\"><inputEntry><text>" + std::string(test) + "</text></inputEntry><outputEntry><text>" + std::string(value) + "</text></outputEntry></rule>";
}

std::string value_of(const std::string& file, std::string_view input) {
    const auto decisions = parse_dmn(file, "t.dmn");
    if (!decisions) return decisions.error().message;
    const auto outcome = evaluate(*decisions, "D", parse_json(input)->as_object());
    if (!outcome) return outcome.error().message;
    return outcome->value.is_null() ? "null: " + std::string(outcome->value.reason()) : feel::text_of(outcome->value);
}

TEST(HitPolicy, DecidesWhichRuleAnswers) {
    const std::string rules = rule("&gt; 1", "10") + rule("&gt; 2", "20") + rule("&gt; 3", "20");
    EXPECT_EQ(value_of(with_table("", rules), R"({"x": 2})"), "10");
    EXPECT_EQ(value_of(with_table("", rules), R"({"x": 3})"), "null: 2 rules of the table \"t\" fit, and only one may");
    EXPECT_EQ(value_of(with_table("", rules), R"({"x": 0})"), "null: no rule of the table \"t\" fits");
    EXPECT_EQ(value_of(with_table("hitPolicy=\"FIRST\"", rules), R"({"x": 9})"), "10");
    EXPECT_EQ(value_of(with_table("hitPolicy=\"ANY\"", rules), R"({"x": 9})"), "null: rules of the table \"t\" fit that do not agree");
    EXPECT_EQ(value_of(with_table("hitPolicy=\"COLLECT\"", rules), R"({"x": 9})"), "[10, 20, 20]");
    EXPECT_EQ(value_of(with_table("hitPolicy=\"COLLECT\" aggregation=\"SUM\"", rules), R"({"x": 9})"), "50");
    EXPECT_EQ(value_of(with_table("hitPolicy=\"COLLECT\" aggregation=\"COUNT\"", rules), R"({"x": 0})"), "0");
    EXPECT_EQ(value_of(with_table("hitPolicy=\"RULE ORDER\"", rules), R"({"x": 3})"), "[10, 20]");
    const auto* ordered = R"(<output id="o" name="y"><outputValues><text>20, 10</text></outputValues></output>)";
    EXPECT_EQ(value_of(with_table("hitPolicy=\"PRIORITY\"", rules, ordered), R"({"x": 3})"), "20");
    EXPECT_EQ(value_of(with_table("hitPolicy=\"OUTPUT ORDER\"", rules, ordered), R"({"x": 3})"), "[20, 10]");
}

TEST(ParseDmn, SaysWhatIsWrongAndWhere) {
    EXPECT_THAT(value_of(with_table("hitPolicy=\"LAST\"", ""), "{}"), testing::HasSubstr("the hit policy \"LAST\" is not known"));
    EXPECT_THAT(value_of(with_table("", rule("&lt;", "1")), "{}"), testing::AllOf(testing::StartsWith("t.dmn:3: <inputEntry>"), testing::HasSubstr("line 1, column 2")));
    EXPECT_THAT(value_of("<definitions/>", "{}"), testing::HasSubstr("this is no DMN file of version 1.2 to 1.5"));
    EXPECT_THAT(value_of("<a><!DOCTYPE x></a>", "{}"), testing::Not(testing::IsEmpty()));
}

TEST(ParseDmn, RefusesADecisionThatRequiresItself) {
    const auto decisions = parse_dmn(R"(<definitions xmlns="https://www.omg.org/spec/DMN/20211108/MODEL/" id="d" name="d" namespace="n">
<decision id="A" name="A"><informationRequirement><requiredDecision href="#B"/></informationRequirement><literalExpression><text>B</text></literalExpression></decision>
<decision id="B" name="B"><informationRequirement><requiredDecision href="#A"/></informationRequirement><literalExpression><text>A</text></literalExpression></decision>
</definitions>)", "loop.dmn");
    ASSERT_FALSE(decisions);
    EXPECT_THAT(decisions.error().message, testing::HasSubstr("it requires itself by way of"));
}

TEST(Evaluate, SaysWhichDecisionIsNotThere) {
    EXPECT_EQ(evaluate(residence(), "nothing", json::object()).error().message, "decision.dmn has no decision \"nothing\"");
}

}  // namespace
}  // namespace madang::decision
