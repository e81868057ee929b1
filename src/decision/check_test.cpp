#include "decision/check.h"

#include <gmock/gmock.h>

#include <array>
#include <chrono>
#include <tuple>

#include "base/file.h"
#include "base/text.h"

namespace madang::decision {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// "kind element {example}", an error with a "!" before it
std::vector<std::string> findings_of(const std::string& xml) {
    const auto decisions = parse_dmn(xml, "m.dmn");
    if (!decisions) return {decisions.error().message};
    std::vector<std::string> lines;
    for (const Finding& finding : check(*decisions)) {
        EXPECT_TRUE(finding.where.starts_with("m.dmn")) << finding.where;
        lines.push_back(format("{}{} {}{}", finding.severity == Severity::error ? "!" : "", finding.kind, finding.element, finding.example.empty() ? "" : " " + json::serialize(finding.example)));
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
    EXPECT_THAT(findings_of(table("UNIQUE", {"[0..10]|\"a\"|1", "[0..10]|not(\"a\")|2", "&gt; 10|-|3"})), ElementsAre(R"(gap d {"n":"-1","kind":"\"a\""})"));
    EXPECT_THAT(findings_of(table("UNIQUE", {"-|\"a\"|1", "-|\"b\"|2"})), ElementsAre(R"(gap d {"n":"0","kind":"\"other\""})"));
    EXPECT_THAT(findings_of(table("UNIQUE", {"-|date(\"2026-01-01\")|1", "-|&lt; date(\"2026-01-01\")|2"})), ElementsAre(R"x(gap d {"n":"0","kind":"date(\"2026-01-02\")"})x"));
    EXPECT_THAT(findings_of(table("UNIQUE", {R"(-|not("a\"b")|1)"})), ElementsAre(R"(gap d {"n":"0","kind":"\"a\\\"b\""})"));
    // Neighbouring segments are one gap.
    EXPECT_THAT(findings_of(table("UNIQUE", {"&lt; 1|\"a\"|1", "1|\"a\"|2", "(1..2)|\"a\"|3", "&gt;= 2|\"a\"|4"})),
                ElementsAre(R"(gap d {"n":"0","kind":"\"other\""})"));
    // A default, or a policy that answers with a list, leaves no gap.
    EXPECT_THAT(findings_of(table("COLLECT", {"&lt; 10|-|1"})), IsEmpty());
    EXPECT_THAT(findings_of(table("UNIQUE", {"&lt; 10|-|1"}, "<output><defaultOutputEntry><text>0</text></defaultOutputEntry></output>")), IsEmpty());
    // A cell that is no constant may close it.
    EXPECT_THAT(findings_of(table("UNIQUE", {"&lt; 10|-|1", "? &gt;= abs(-10)|-|2"})), IsEmpty());
}

TEST(CheckTable, FindsOverlapsWithAnExample) {
    EXPECT_THAT(findings_of(table("UNIQUE", {"&lt;= 10|-|1", "&gt;= 10|-|2"})), ElementsAre(R"(!overlap d, rules 1 and 2 {"n":"10"})"));
    EXPECT_THAT(findings_of(table("ANY", {"&lt;= 10|-|1", "&gt;= 10|-|1"})), IsEmpty());
    EXPECT_THAT(findings_of(table("ANY", {"&lt;= 10|-|1", "&gt;= 10|-|2"})), ElementsAre(R"(!overlap d, rules 1 and 2 {"n":"10"})"));
    EXPECT_THAT(findings_of(table("FIRST", {"&lt;= 10|-|1", "-|-|2"})), IsEmpty());
    EXPECT_THAT(findings_of(table("UNIQUE", {"-|-|1", "-|\"a\"|2"})), ElementsAre(R"(!overlap d, rules 1 and 2 {"n":"0","kind":"\"a\""})", "unreachable_rule d, rule 2"));
    // Rules that agree are only told of.
    EXPECT_THAT(findings_of(table("UNIQUE", {"&lt;= 10|-|1", "&gt;= 10|-|1"})), ElementsAre(R"(overlap d, rules 1 and 2 {"n":"10"})"));
}

TEST(CheckTable, FindsRulesThatNeverAnswer) {
    EXPECT_THAT(findings_of(table("FIRST", {"-|-|1", "5|\"a\"|2"})), ElementsAre("unreachable_rule d, rule 2"));
    EXPECT_THAT(findings_of(table("COLLECT", {"&gt; 5|-|1", "[5..3]|-|2"})), ElementsAre("unreachable_rule d, rule 2"));
    EXPECT_THAT(findings_of(table("PRIORITY", {"&lt; 5|-|1", "-|-|2"}, "<output><outputValues><text>2, 1</text></outputValues></output>")),
                ElementsAre("unreachable_rule d, rule 1"));
    EXPECT_THAT(findings_of(table("PRIORITY", {"&lt; 5|-|1", "-|-|2"}, "<output><outputValues><text>1, 2</text></outputValues></output>")), IsEmpty());
    EXPECT_THAT(findings_of(table("FIRST", {"&lt; 5|-|1", "&lt; 9|-|2", "-|-|3"})), IsEmpty());
}

// A table over one input x of a type.
std::string one_column(const std::string& type, const std::string& values, const std::vector<std::string>& cells, const std::string& types = "") {
    std::string xml = types + "<inputData id=\"x\" name=\"x\"><variable name=\"x\" typeRef=\"" + type + "\"/></inputData>"
                      "<decision id=\"d\" name=\"d\"><variable name=\"d\"/><informationRequirement><requiredInput href=\"#x\"/></informationRequirement>"
                      "<decisionTable><input><inputExpression><text>x</text></inputExpression>" +
                      (values.empty() ? "" : "<inputValues><text>" + values + "</text></inputValues>") + "</input><output/>";
    for (const std::string& cell : cells) xml += "<rule><inputEntry><text>" + cell + "</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>";
    return model(xml + "</decisionTable></decision>");
}

TEST(CheckTable, CutsEveryTypeOfColumn) {
    const std::vector<std::tuple<std::string, std::string, std::string, std::string>> cases{
        {"date", "&lt; date(\"2026-01-01\")", "&gt; date(\"2026-01-01\")", "date(\"2026-01-01\")"},
        {"time", "&lt; time(\"10:00:00\")", "&gt; @\"10:00:00\"", "time(\"10:00:00\")"},
        {"date and time", "&lt; date and time(\"2026-01-01T00:00:00\")", "&gt; @\"2026-01-01T00:00:00\"", "date and time(\"2026-01-01T00:00:00\")"},
        {"days and time duration", "&lt; duration(\"P1D\")", "&gt; duration(\"P1D\")", "duration(\"P1D\")"},
        {"years and months duration", "&lt; @\"P1Y\"", "&gt; @\"P1Y\"", "duration(\"P1Y\")"},
        {"number", "&lt; -1.5", "&gt; -1.5", "-1.5"},
        {"boolean", "true", "[true]", "false"},
    };
    for (const auto& [type, low, high, gap] : cases) {
        const auto findings = findings_of(one_column(type, "", {low, high}));
        json::object example;
        example["x"] = gap;
        EXPECT_THAT(findings, Contains("gap d " + json::serialize(example))) << type;
    }
}

TEST(CheckTable, KnowsTheValuesThatMayCome) {
    const auto type = [](const std::string& base, const std::string& values) {
        return "<itemDefinition name=\"t\"><typeRef>" + base + "</typeRef><allowedValues><text>" + values + "</text></allowedValues></itemDefinition>\n";
    };
    const std::vector<std::string> cells{"\"a\"", "\"b\""};
    EXPECT_THAT(findings_of(one_column("string", "\"a\", \"b\"", cells)), IsEmpty());
    EXPECT_THAT(findings_of(one_column("string", "\"a\", \"b\", \"c\"", cells)), ElementsAre(R"(gap d {"x":"\"c\""})"));
    EXPECT_THAT(findings_of(one_column("t", "", cells, type("string", "\"a\", \"b\""))), IsEmpty());
    EXPECT_THAT(findings_of(one_column("t", "", cells, type("string", "\"a\", \"b\", \"c\""))), ElementsAre(R"(gap d {"x":"\"c\""})"));
    EXPECT_THAT(findings_of(one_column("t", "", {"&lt; 5", "[5..10]"}, type("number", "[0..10]"))), IsEmpty());
    EXPECT_THAT(findings_of(one_column("t", "", {"&lt; 5", "[5..10]"}, type("number", "[0..20]"))), ElementsAre(R"(gap d {"x":"15"})"));
    EXPECT_THAT(findings_of(one_column("t", "", {"&lt; 5", "[5..10]", "&gt; 11"}, type("number", "[0..10]"))), ElementsAre("unreachable_rule d, rule 3"));
}

// Small tables, compared with what asking them on a grid gives.
TEST(CheckTable, AgreesWithAskingTheTable) {
    std::uint32_t state = 7;
    const auto pick = [&](std::uint32_t count) {
        state = state * 1664525U + 1013904223U;
        return (state >> 16U) % count;
    };
    const auto number_cell = [&]() -> std::string {
        const std::uint32_t low = pick(4);
        const std::uint32_t high = low + pick(3);
        switch (pick(6)) {
            case 0: return "-";
            case 1: return format("&lt; {}", high);
            case 2: return format("&gt;= {}", low);
            case 3: return format("({}..{}]", low, high);
            case 4: return format("not({}, [{}..{}))", high + 1, low, high);
            default: return format("{}, &gt; {}", low, high);
        }
    };
    constexpr std::array<const char*, 5> kTexts{"-", "\"a\"", "\"b\", \"c\"", "not(\"a\")", "not(\"b\", \"c\")"};
    int gaps = 0;
    int overlaps = 0;
    for (int turn = 0; turn < 300; ++turn) {
        std::vector<std::string> rules;
        for (std::uint32_t i = 0, count = 1 + pick(5); i < count; ++i) rules.push_back(format("{}|{}|{}", number_cell(), kTexts[pick(5)], i));
        const std::string xml = table("UNIQUE", rules);
        const Decisions decisions = *parse_dmn(xml, "m.dmn");
        const auto reason_of = [&](const std::string& n, const std::string& s) {
            json::object input;
            input["n"] = parse_json(n).value();
            input["s"] = s;
            return std::string(evaluate(decisions, "d", input, {}, Traced::no)->value.reason());
        };
        bool has_gap = false;
        bool has_overlap = false;
        for (int half = -2; half < 20; ++half) {
            for (const char* text : {"a", "b", "c", "z"}) {
                const std::string reason = reason_of(format("{}", half / 2.0), text);
                has_gap = has_gap || reason.contains("no rule");
                has_overlap = has_overlap || reason.contains("only one may");
            }
        }
        bool told_gap = false;
        bool told_overlap = false;
        for (const Finding& finding : check(decisions)) {
            if (finding.kind != "gap" && finding.kind != "overlap") continue;
            if (finding.example.empty()) continue;
            (finding.kind == "gap" ? told_gap : told_overlap) = true;
            const auto value = [&](const char* name) { return std::string(finding.example.at(name).as_string()); };
            const std::string text = finding.example.contains("kind") ? value("kind") : "\"a\"";
            EXPECT_THAT(reason_of(value("n"), text.substr(1, text.size() - 2)), HasSubstr(finding.kind == "gap" ? "no rule" : "only one may")) << xml;
        }
        EXPECT_EQ(told_gap, has_gap) << xml;
        EXPECT_EQ(told_overlap, has_overlap) << xml;
        gaps += has_gap ? 1 : 0;
        overlaps += has_overlap ? 1 : 0;
    }
    EXPECT_GT(gaps, 50);
    EXPECT_GT(overlaps, 50);
}

TEST(CheckTable, IsDoneSoonWhateverTheTable) {
    std::vector<std::string> rules;
    for (int i = 0; i < 1'000; ++i) rules.push_back(format("[{}..{})|\"{}\"|{}", i * 7 % 500, i * 7 % 500 + 40, i % 90, i));
    EXPECT_THAT(findings_of(table("UNIQUE", rules)), Contains("overlap d"));
    // 1,000 rules over 30 columns, each with constants of its own.
    std::string xml = "<decision id=\"d\" name=\"d\"><variable name=\"d\"/>";
    std::string inputs;
    for (int i = 0; i < 30; ++i) {
        inputs += format("<inputData id=\"i{0}\" name=\"i{0}\"/>", i);
        xml += format("<informationRequirement><requiredInput href=\"#i{}\"/></informationRequirement>", i);
    }
    xml += "<decisionTable>";
    for (int i = 0; i < 30; ++i) xml += format("<input><inputExpression><text>i{}</text></inputExpression></input>", i);
    xml += "<output/>";
    for (int rule = 0; rule < 1'000; ++rule) {
        xml += "<rule>";
        for (int i = 0; i < 30; ++i) xml += format("<inputEntry><text>[{}..{}]</text></inputEntry>", rule * 31 % 977 + i, rule * 17 % 991 + 400 + i);
        xml += "<outputEntry><text>1</text></outputEntry></rule>";
    }
    const auto start = std::chrono::steady_clock::now();
    EXPECT_THAT(findings_of(model(inputs + xml + "</decisionTable></decision>")), Contains("too_large d"));
    // Each combination differs from every other.
    std::vector<std::string> corners;
    for (int rule = 0; rule < 60; ++rule) {
        std::string cells;
        for (int i = 0; i < 30; ++i) cells += std::string("<inputEntry><text>") + (i == rule % 30 ? "not(1)" : "-") + "</text></inputEntry>";
        corners.push_back("<rule>" + cells + "<outputEntry><text>1</text></outputEntry></rule>");
    }
    const std::string head = xml.substr(0, xml.find("<rule>"));
    std::string all = inputs;
    for (int i = 0; i < 7; ++i) {
        std::string one = head;
        const std::string name = format("\"d{}\"", i);
        for (std::size_t at = one.find("\"d\""); at != std::string::npos; at = one.find("\"d\"")) one.replace(at, 3, name);
        all += one + join(corners, "") + "</decisionTable></decision>";
    }
    EXPECT_THAT(findings_of(model(all)), testing::AllOf(Contains("too_large d0"), Contains("too_large d6")));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));   // a few on a busy machine, without optimisation
}

TEST(Check, FindsNamesThatNothingBrings) {
    const auto literal = [](const std::string& text) {
        return model(std::string(kInputs) + "<decision id=\"d\" name=\"d\"><variable name=\"d\"/><informationRequirement><requiredInput href=\"#n\"/></informationRequirement>"
                     "<literalExpression><text>" + text + "</text></literalExpression></decision>");
    };
    EXPECT_THAT(findings_of(literal("n + s")), ElementsAre("!unknown_name d"));
    for (const char* good : {"n + 1", "for x in [n] return x + count(partial)", "{a: n, b: a}.b", "[{p: 1}][p = n]", "some x in [1] satisfies x = n",
                             "(function(y) y + n)(1)", "sum([n])", "n in (&lt; 5, ? = 3)", "max(n, abs(n))"}) {
        EXPECT_THAT(findings_of(literal(good)), IsEmpty()) << good;
    }
    EXPECT_THAT(findings_of(literal("s + s")), ElementsAre("!unknown_name d"));
    EXPECT_THAT(findings_of(literal("s[item &gt; 1]")), ElementsAre("!unknown_name d"));
    EXPECT_THAT(findings_of(table("UNIQUE", {"-|-|1"}, "<output><defaultOutputEntry><text>nothing</text></defaultOutputEntry></output>")), ElementsAre("!unknown_name d"));
    EXPECT_THAT(findings_of(table("UNIQUE", {"&lt; m|-|1", "-|-|n"})), Contains("!unknown_name d, rule 1"));
    // An entry of a context is known to those behind it.
    const auto entry = [](const std::string& name, const std::string& text) {
        return "<contextEntry><variable name=\"" + name + "\"/><literalExpression><text>" + text + "</text></literalExpression></contextEntry>";
    };
    const auto context = [&](const std::string& entries) { return model("<decision id=\"d\" name=\"d\"><variable name=\"d\"/><context>" + entries + "</context></decision>"); };
    EXPECT_THAT(findings_of(context(entry("a", "1") + entry("b", "a"))), IsEmpty());
    EXPECT_THAT(findings_of(context(entry("a", "b") + entry("b", "1"))), ElementsAre("!unknown_name d"));
}

TEST(Check, FindsTypesAndMissingLogic) {
    EXPECT_THAT(findings_of(model("<inputData id=\"n\" name=\"n\"><variable name=\"n\" typeRef=\"tAge\"/></inputData>")), ElementsAre("!unknown_type n"));
    EXPECT_THAT(findings_of(model("<itemDefinition name=\"t\"><itemComponent name=\"c\"><typeRef>tNone</typeRef></itemComponent></itemDefinition>")), ElementsAre("!unknown_type t.c"));
    EXPECT_THAT(findings_of(model("<decision id=\"d\" name=\"d\"><variable name=\"d\"/></decision>")), ElementsAre("no_logic d"));
    EXPECT_THAT(findings_of(table("COLLECT", {"\"a\"|-|1", "1|-|2"})), Contains("!wrong_type d, rule 1, column 1"));
    EXPECT_THAT(findings_of(one_column("string", "", {"[1..5]", "-"})), Contains("!wrong_type d, rule 1, column 1"));
    EXPECT_THAT(findings_of(table("COLLECT", {"1|-|1", "2|-|\"a\""}, "<output typeRef=\"number\"/>")), ElementsAre("!wrong_type d, rule 2"));
    // Of a component, through the item definition.
    EXPECT_THAT(findings_of(model(R"(<itemDefinition name="tPerson"><itemComponent name="age"><typeRef>number</typeRef></itemComponent></itemDefinition>
<inputData id="p" name="p"><variable name="p" typeRef="tPerson"/></inputData><decision id="d" name="d"><variable name="d"/>
<informationRequirement><requiredInput href="#p"/></informationRequirement><decisionTable hitPolicy="COLLECT">
<input><inputExpression><text>p.age</text></inputExpression></input><output/>
<rule><inputEntry><text>"old"</text></inputEntry><outputEntry><text>1</text></outputEntry></rule></decisionTable></decision>)")),
                Contains("!wrong_type d, rule 1, column 1"));
}

TEST(Check, FindsNothingWrongWithTheServiceOfThePack) {
    const auto text = read_file(Path(MADANG_SOURCE_DIR) / "packs/by/services/certificate-of-residence/decision.dmn");
    ASSERT_TRUE(text);
    EXPECT_THAT(findings_of(*text), IsEmpty());
}

}  // namespace
}  // namespace madang::decision
