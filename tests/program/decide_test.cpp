// Rules at the command line: decide, feel, dmn check, dmn replay, run on the rules of the Belarus pack and on
// small ones of the test's own.
#include "base/json.h"
#include "program/commands.h"

namespace madang {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::string kRules = std::string(MADANG_SOURCE_DIR) + "/packs/by/services/certificate-of-residence/decision.dmn";
constexpr std::string_view kElsewhere =
    R"({"stated": {"town": "A", "street": "x", "house": "1", "flat": null}, "residence": {"towns": ["B"], "streets": ["x"], "house": "1", "flat": null}})";

using Rules = Commands;

// A model of one table over the number x and the date of birth.
std::string model(std::string_view rules, std::string_view space = "n", std::string_view more = "") {
    return format(R"(<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" xmlns:m="https://madang.example/ns/dmn" id="d" name="d" namespace="{}">
{}<inputData id="i" name="x"><variable name="x" typeRef="number"/></inputData>
<decision id="D" name="Benefit"><variable name="Benefit"/><informationRequirement><requiredInput href="#i"/></informationRequirement>
<decisionTable id="t"><input label="x"><inputExpression typeRef="number"><text>x</text></inputExpression></input><output name="y"/>{}</decisionTable></decision>
</definitions>)", space, more, rules);
}

std::string rule(std::string_view test, std::string_view value, std::string_view article) {
    return format(R"(<rule id="r" m:article="{}"><inputEntry><text>{}</text></inputEntry><outputEntry><text>{}</text></outputEntry></rule>)",
                  article, test, value);
}

TEST_F(Rules, EveryCommandSaysWhatItDoesWithAnExample) {
    for (const char* command : {"decide", "feel", "dmn check", "dmn replay"}) {
        const Ran help = run(std::string(command) + " --help");
        EXPECT_EQ(help.code, 0) << command;
        EXPECT_THAT(help.out, HasSubstr("Example:\n  madang " + std::string(command)));
    }
}

TEST_F(Rules, DecideAnswersOneCaseAndExplainsIt) {
    const std::string input = file("one.json", kElsewhere);
    const Ran plain = run(format("decide '{}' --input '{}'", kRules, input));
    EXPECT_EQ(plain.code, 0) << plain.errors;
    EXPECT_EQ(plain.out, "{outcome: \"officer\", reason: \"The population register holds another address for this person.\"}\n");
    const Ran english = run(format("decide '{}' --decision 'Residence certificate' --input - --explain en", kRules), kElsewhere);
    EXPECT_THAT(english.out, HasSubstr("(Decree No. 200, item 1.3.4)."));
    const Ran russian = run(format("decide '{}' --input '{}' --explain ru --json", kRules, input));
    const auto told = parse_json(russian.out);
    ASSERT_TRUE(told) << russian.out;
    EXPECT_EQ(told->at("value").at("outcome"), "officer");
    EXPECT_FALSE(told->at("explanation").as_array().empty());
    EXPECT_FALSE(told->as_object().contains("trace"));
    const Ran traced = run(format("decide '{}' --input '{}' --trace --json", kRules, input));
    EXPECT_EQ(parse_json(traced.out)->at("trace").at("rules").at(0).at("rule"), "rule_other_address");
}

TEST_F(Rules, DecideReadsAnObjectOverSeveralLinesAnArrayAndLines) {
    const std::string rules = file("m.dmn", model(rule("&lt; 10", "\"low\"", "A 1") + rule("&gt;= 10", "\"high\"", "A 2")));
    EXPECT_EQ(run(format("decide '{}' --input -", rules), "{\n  \"x\":\n  3\n}\n").out, "\"low\"\n");
    EXPECT_EQ(run(format("decide '{}' --input -", rules), "\xEF\xBB\xBF{\"x\": 30}").out, "\"high\"\n");
    EXPECT_EQ(run(format("decide '{}' --input -", rules), "[{\"x\": 3},\n {\"x\": 30}]").out, "{\"case\":1,\"value\":\"low\"}\n{\"case\":2,\"value\":\"high\"}\n");
    const Ran lines = run(format("decide '{}' --input -", rules), "{\"x\": 3}\n\n{\"id\": \"B-7\", \"input\": {\"x\": 30}}\n");
    EXPECT_EQ(lines.code, 0);
    EXPECT_EQ(lines.out, "{\"case\":1,\"value\":\"low\"}\n{\"case\":3,\"id\":\"B-7\",\"value\":\"high\"}\n");
    EXPECT_EQ(run(format("decide '{}' --input -", rules), "").code, 3);
    EXPECT_EQ(run(format("decide '{}' --input -", rules), "{\n \"x\": }").code, 3);
    EXPECT_EQ(run(format("decide '{}' --input /nowhere.json", rules)).code, 4);
}

TEST_F(Rules, ABadLineIsToldWithItsNumberAndTheOthersGoOn) {
    const std::string rules = file("m.dmn", model(rule("&lt; 10", "\"low\"", "A 1")));
    const std::string cases = file("cases.jsonl", "{\"x\":\n{\"x\": 3}\n7\n{\"x\": \"" + std::string(1U << 20, 'y') + "\"}\n{\"x\": 4}\n");
    const Ran ran = run(format("decide '{}' --input '{}'", rules, cases));
    EXPECT_EQ(ran.code, 1);
    EXPECT_THAT(ran.out, StartsWith("{\"case\":1,\"error\":"));
    EXPECT_THAT(ran.out, HasSubstr("{\"case\":2,\"value\":\"low\"}\n{\"case\":3,\"error\":\"it is not an object of inputs\"}\n"
                                   "{\"case\":4,\"error\":\"the line is longer than 1048576 bytes\"}\n{\"case\":5,\"value\":\"low\"}\n"));
    EXPECT_THAT(ran.errors, HasSubstr("cases.jsonl:3: it is not an object of inputs\n"));
    EXPECT_THAT(ran.errors, HasSubstr("5 cases, 3 failed\n"));
}

TEST_F(Rules, DecideListsDecisionsWhenItCannotTellWhich) {
    const std::string more = R"(<decision id="E" name="Other"><variable name="Other"/><literalExpression><text>1</text></literalExpression></decision>)";
    const std::string rules = file("m.dmn", model(rule("-", "1", "A"), "n", more));
    const Ran unclear = run(format("decide '{}' --input -", rules), "{\"x\": 1}");
    EXPECT_EQ(unclear.code, 3);
    EXPECT_THAT(unclear.errors, HasSubstr("Other, Benefit"));
    const Ran wrong = run(format("decide '{}' --decision Benefits --input -", rules), "{\"x\": 1}");
    EXPECT_EQ(wrong.code, 4);
    EXPECT_THAT(wrong.errors, HasSubstr("did you mean \"Benefit\"?"));
    EXPECT_EQ(run(format("decide '{}' --decision E --input -", rules), "{\"x\": 1}").out, "1\n");
    EXPECT_EQ(run(format("decide '{}' --decision E --input - --explain ../po", rules), "{\"x\": 1}").code, 3);
}

TEST_F(Rules, DatesOfAModelAreReadFromTextsOfJson) {
    const std::string rules = file("m.dmn", R"(<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="d" name="d" namespace="n">
<itemDefinition name="tPerson"><itemComponent name="born"><typeRef>date</typeRef></itemComponent></itemDefinition>
<itemDefinition name="tPeople" isCollection="true"><typeRef>tPerson</typeRef></itemDefinition>
<inputData id="i" name="people"><variable name="people" typeRef="tPeople"/></inputData>
<decision id="D" name="Years"><variable name="Years"/><informationRequirement><requiredInput href="#i"/></informationRequirement>
<literalExpression><text>for p in people return p.born.year</text></literalExpression></decision></definitions>)");
    EXPECT_EQ(run(format("decide '{}' --input -", rules), R"({"people": [{"born": "1990-05-06"}, {"born": "2001-01-01"}]})").out, "[1990, 2001]\n");
}

TEST_F(Rules, ImportsAreFoundBesideTheModel) {
    file("base.dmn", model(rule("-", "\"from the base\"", "A"), "base"));
    file("broken.dmn", "<definitions");
    const std::string rules = file("m.dmn", R"(<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="d" name="d" namespace="n">
<import name="Base" namespace="base" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>
<decision id="D" name="Answer"><variable name="Answer"/><informationRequirement><requiredDecision href="base#D"/></informationRequirement>
<literalExpression><text>Base.Benefit</text></literalExpression></decision></definitions>)");
    const Ran ran = run(format("decide '{}' --decision Answer --input -", rules), R"({"Base": {"x": 1}})");
    EXPECT_EQ(ran.out, "\"from the base\"\n") << ran.errors;
}

TEST_F(Rules, FeelPrintsAValueOrTheReasonOfANull) {
    EXPECT_EQ(run("feel '1 + 0.5'").out, "1.5\n");
    EXPECT_EQ(run("feel '\"a\" + \"b\"'").out, "\"ab\"\n");
    EXPECT_EQ(run("feel 'date of birth + duration(\"P1D\")' --context -", R"({"date of birth": 1})").code, 0);
    EXPECT_EQ(run("feel 'person.full name' --context -", R"({"person": {"full name": "x"}})").out, "\"x\"\n");
    const Ran none = run("feel '1/0'");
    EXPECT_EQ(none.code, 0);
    EXPECT_THAT(none.out, StartsWith("null ("));
    EXPECT_EQ(parse_json(run("feel 'date(\"2026-11-23\")' --json").out)->at("type"), "date");
    const Ran wrong = run("feel '1 +' --json");
    EXPECT_EQ(wrong.code, 1);
    EXPECT_THAT(wrong.errors, HasSubstr("line 1, column"));
    EXPECT_TRUE(parse_json(wrong.out)->as_object().contains("error"));
    EXPECT_EQ(run("feel 'x' --context -", "[1]").code, 3);
}

TEST_F(Rules, CheckTellsFileAndLine) {
    const Ran good = run(format("dmn check '{}'", kRules));
    EXPECT_EQ(good.code, 0) << good.out;
    EXPECT_THAT(good.out, HasSubstr("1 files, 0 errors"));
    const std::string gap = file("gap.dmn", model(rule("&lt; 10", "1", "A") + rule("&gt; 10", "2", "A")));
    const Ran found = run(format("dmn check '{}' --json", gap));
    EXPECT_EQ(found.code, 0) << found.out;
    EXPECT_THAT(found.out, HasSubstr("gap.dmn:"));
    EXPECT_THAT(found.out, HasSubstr("\"kind\":\"gap\""));
    const std::string broken = file("broken.dmn", model(rule("&lt; ", "1", "A")));
    const Ran refused = run(format("dmn check '{}' '{}'", kRules, broken));
    EXPECT_EQ(refused.code, 1);
    EXPECT_THAT(refused.out, HasSubstr("error: " + broken + ":"));
}

TEST_F(Rules, ReplayTellsWhichCasesComeOutOtherwiseAndWhy) {
    const std::string before = file("old.dmn", model(rule("&lt; 10", "\"low\"", "A 1") + rule("&gt;= 10", "\"high\"", "A 2")));
    const std::string after = file("new.dmn", model(rule("&lt; 20", "\"low\"", "B 1") + rule("&gt;= 20", "\"high\"", "B 2")));
    const std::string cases = file("cases.jsonl", "{\"x\": 5}\n{\"id\": \"C-15\", \"input\": {\"x\": 15}}\n{\"x\": 25}\n");
    const Ran ran = run(format("dmn replay '{}' '{}' --cases '{}'", before, after, cases));
    EXPECT_EQ(ran.code, 0) << ran.errors;
    EXPECT_EQ(ran.out, cases + ":2 (C-15)\n  before: \"high\", by rule 2 (A 2)\n  after: \"low\", by rule 1 (B 1)\n3 cases, 1 would be decided otherwise\n");
    const auto told = parse_json(run(format("dmn replay '{}' '{}' --cases '{}' --decision Benefit --json", before, after, cases)).out);
    ASSERT_TRUE(told);
    EXPECT_EQ(told->at("different"), 1);
    EXPECT_EQ(told->at("differences").at(0).at("after").at("article"), "B 1");
    const Ran bad = run(format("dmn replay '{}' '{}' --cases -", before, after), "{\"x\": 5}\nno\n");
    EXPECT_EQ(bad.code, 1);
    EXPECT_THAT(bad.out, HasSubstr("2 cases, 0 would be decided otherwise, 1 failed"));
    EXPECT_EQ(run(format("dmn replay '{}' '{}' --cases '{}' --decision No", before, after, cases)).code, 4);
}

TEST_F(Rules, ReplayOfTheResidenceRulesNamesTheInnerDecisionThatChanged) {
    std::string text = *read_file(kRules);
    const std::string_view towns = "(some name in residence.towns satisfies lower case(name) = lower case(stated.town))";
    text.replace(text.find(towns), towns.size(), "true");
    const std::string after = file("new.dmn", text);
    const Ran ran = run(format("dmn replay '{}' '{}' --cases -", kRules, after), kElsewhere);
    EXPECT_EQ(ran.code, 0) << ran.errors;
    EXPECT_THAT(ran.out, HasSubstr("  \"same address\": false -> true\n"));
    EXPECT_THAT(ran.out, HasSubstr("by rule 1 (Decree No. 200, item 1.3.4)\n1 cases, 1 would be decided otherwise\n"));
}

}  // namespace
}  // namespace madang
