#include "decision/decision.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/text.h"

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
    EXPECT_THAT(answer, testing::HasSubstr(R"("rule":"rule_issue","number":1,"article":"Decree No. 200, item 1.3.4")"));
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

std::string dmn(std::string_view space, std::string_view inside) {
    return std::string(R"(<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" id="m" namespace=")") + std::string(space) + "\">" +
           std::string(inside) + "</definitions>";
}

constexpr std::string_view kType = "https://www.omg.org/spec/DMN/20230324/MODEL/";

std::string import_of(std::string_view space, std::string_view alias) {
    return madang::format(R"(<import namespace="{}" name="{}" importType="{}"/>)", space, alias, kType);
}

// Two files that import the same third one: its input is asked for on each way.
TEST(ParseDmn, ReadsImportsAsPartsWithTheirOwnInputs) {
    const std::string base = dmn("base", R"(
        <itemDefinition name="tName"><typeRef>string</typeRef></itemDefinition>
        <inputData id="n" name="the name"><variable name="the name" typeRef="tName"/></inputData>
        <businessKnowledgeModel id="g" name="greet"><encapsulatedLogic><formalParameter name="who" typeRef="tName"/>
          <literalExpression><text>"Hello, " + who</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>
        <decision id="d" name="greeting"><variable name="greeting" typeRef="tName"/>
          <informationRequirement><requiredInput href="#n"/></informationRequirement>
          <knowledgeRequirement><requiredKnowledge href="#g"/></knowledgeRequirement>
          <literalExpression><text>greet(the name)</text></literalExpression></decision>)");
    const auto between = [](std::string_view space) {
        return dmn(space, import_of("base", "the base") + R"(<decision id="d" name="twice">
          <informationRequirement><requiredDecision href="base#d"/></informationRequirement>
          <literalExpression><text>the base.greeting + "; " + the base.greeting</text></literalExpression></decision>)");
    };
    const Importer importer = [&](std::string_view space, std::string_view) -> Result<ImportedFile> {
        if (space == "base") return ImportedFile{base, "base.dmn"};
        return ImportedFile{between(space), "between.dmn"};
    };
    const std::string top = dmn("top", import_of("left", "L") + import_of("right", "R") + R"(<decision id="d" name="all">
        <informationRequirement><requiredDecision href="left#d"/></informationRequirement>
        <informationRequirement><requiredDecision href="right#d"/></informationRequirement>
        <literalExpression><text>[L.twice, R.twice, "a" instance of L.the base.tName]</text></literalExpression></decision>)");
    const auto model = parse_dmn(top, "top.dmn", Mistakes::refuse, importer);
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ(model->names(), std::vector<std::string>{"all"});
    const auto input = json::parse(R"({"L": {"the base": {"the name": "Ann"}}, "R": {"the base": {"the name": "Bo"}}})");
    const auto outcome = evaluate(*model, "all", input.as_object());
    ASSERT_TRUE(outcome);
    EXPECT_EQ(feel::text_of(outcome->value), R"(["Hello, Ann; Hello, Ann", "Hello, Bo; Hello, Bo", true])");
}

TEST(ParseDmn, RefusesImportsByNameWhereItMust) {
    const std::string text = dmn("top", import_of("base", "B"));
    EXPECT_NE(parse_dmn(text, "a.dmn").error().message.find("may not import"), std::string::npos);
    // A file that imports itself by way of another never ends.
    const Importer endless = [&](std::string_view space, std::string_view) -> Result<ImportedFile> {
        return ImportedFile{dmn(space, import_of(space == "base" ? "top" : "base", "B")), "b.dmn"};
    };
    EXPECT_NE(parse_dmn(text, "a.dmn", Mistakes::refuse, endless).error().message.find("deeper"), std::string::npos);
}

// Allowed values are those of each item, a constraint is one on the whole (clause 7.3.3, DMN 1.5).
TEST(ItemDefinition, ConstrainsItemsAndTheWhole) {
    const std::string text = dmn("top", R"(
        <itemDefinition name="tSizes" isCollection="true"><typeRef>number</typeRef>
          <allowedValues><text>[0..9]</text></allowedValues><typeConstraint><text>count(?) &lt; 3</text></typeConstraint></itemDefinition>
        <inputData id="n" name="n"><variable name="n" typeRef="tSizes"/></inputData>
        <decision id="d" name="d"><informationRequirement><requiredInput href="#n"/></informationRequirement>
          <literalExpression><text>n</text></literalExpression></decision>)");
    const auto model = parse_dmn(text, "a.dmn");
    ASSERT_TRUE(model) << model.error().message;
    const auto answer = [&](std::string_view input) { return feel::text_of(evaluate(*model, "d", json::parse(input).as_object())->value); };
    EXPECT_EQ(answer(R"({"n": [1, 2]})"), "[1, 2]");
    EXPECT_EQ(answer(R"({"n": 5})"), "[5]");
    EXPECT_EQ(answer(R"({"n": [1, 10]})"), "null");
    EXPECT_EQ(answer(R"({"n": [1, 2, 3]})"), "null");
}

// A knowledge model may call itself, but not without end, nor twice in each call without end.
TEST(Evaluate, EndsWhereARuleCallsItself) {
    for (const std::string_view body : {"f(x + 1)", "-(-(-(-(-(-(-(-(-(-(-(-(-(f(x + 1))))))))))))))", "f(x + 1) + f(x + 2)", "[1, 2, 3][f(x + item) = 1]"}) {
        const std::string text = dmn("top", madang::format(R"(
            <businessKnowledgeModel id="f" name="f"><encapsulatedLogic><formalParameter name="x"/>
              <literalExpression><text>{}</text></literalExpression></encapsulatedLogic>
              <knowledgeRequirement><requiredKnowledge href="#f"/></knowledgeRequirement></businessKnowledgeModel>
            <decision id="d" name="d"><knowledgeRequirement><requiredKnowledge href="#f"/></knowledgeRequirement>
              <literalExpression><text>f(0)</text></literalExpression></decision>)", body));
        const auto model = parse_dmn(text, "a.dmn");
        ASSERT_TRUE(model) << model.error().message;
        const auto value = evaluate(*model, "d", feel::Context())->value;
        EXPECT_TRUE(value.is_null() || value.list() != nullptr) << body;
    }
}

TEST(EvaluateService, TakesItsInputsByName) {
    const std::string text = dmn("top", R"(
        <inputData id="n" name="n"><variable name="n" typeRef="number"/></inputData>
        <decision id="d" name="double"><informationRequirement><requiredInput href="#n"/></informationRequirement>
          <literalExpression><text>n * 2</text></literalExpression></decision>
        <decisionService id="s" name="s"><outputDecision href="#d"/><inputData href="#n"/></decisionService>)");
    const auto model = parse_dmn(text, "a.dmn");
    ASSERT_TRUE(model) << model.error().message;
    feel::Context input;
    input.set("n", feel::Value(feel::Number(21)));
    EXPECT_EQ(feel::text_of(evaluate_service(*model, "s", input)->value), "42");
    EXPECT_FALSE(evaluate_service(*model, "d", input));
}

TEST(ParseDmn, KeepsAMistakeAsANullWhereAsked) {
    const std::string text = dmn("top", R"(<decision id="d" name="d"><literalExpression><text>1 +</text></literalExpression></decision>)");
    EXPECT_FALSE(parse_dmn(text, "a.dmn"));
    const auto model = parse_dmn(text, "a.dmn", Mistakes::give_null);
    ASSERT_TRUE(model);
    EXPECT_NE(evaluate(*model, "d", feel::Context())->value.reason().find("a.dmn:1"), std::string_view::npos);
}

}  // namespace
}  // namespace madang::decision
