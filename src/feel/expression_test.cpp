#include "feel/expression.h"

#include <gmock/gmock.h>

#include <array>

#include "base/text.h"

namespace madang::feel {
namespace {

// What the expression gives, as text; a null tells its reason.
std::string run(std::string_view text, const Context& variables = {}, const std::vector<std::string>& names = {}) {
    const auto expression = parse_expression(text, names);
    if (!expression) return "error: " + expression.error().message;
    const Value value = evaluate(*expression, variables);
    if (value.is_null() && !value.reason().empty()) return "null: " + std::string(value.reason());
    return text_of(value);
}

Context person() {
    return *from_json(*parse_json(R"({"name": "Alena", "age": 34, "residence": null, "full name": "Alena K",
        "children": [{"name": "Maksim", "age": 7}, {"name": "Vera", "age": 3}]})")).context();
}

struct Case {
    std::string_view expression;
    std::string_view answer;
};

TEST(Feel, Computes) {
    const Case cases[] = {
        {"1 + 2 * 3", "7"},
        {"= (1 + 2) * 3", "9"},
        {"0.1 + 0.2", "0.3"},
        {"1 / 3", "0.3333333333333333333333333333333333"},
        {"2 / 3", "0.6666666666666666666666666666666667"},
        {"10 / 0", "null: a division by zero"},
        {"2 ** 10", "1024"},
        {"-2 ** 2", "4"},
        {"-(3 - 5)", "2"},
        {"1e-40 + 1", "1"},
        {"9999999999999999999999999999999999 + 1", "10000000000000000000000000000000000"},
        {"1.10", "1.1"},
        {"\"a\" + \"b\"", "ab"},
        {"\"a\" + 1", "null: \"+\" is not defined for string and number"},
        {"1 < 2 and 2 < 3", "true"},
        {"null and false", "false"},
        {"true or null", "true"},
        {"null = null", "true"},
        {"1 = null", "false"},
        {"5 between 1 and 5", "true"},
        {"5 in (1, 2, > 4)", "true"},
        {"5 in [1..5)", "false"},
        {"5 in ]4..5]", "true"},
        {"\"a\" in (\"b\", \"c\")", "false"},
        {"if 1 > 2 then \"yes\" else \"no\"", "no"},
        {"for x in [1, 2, 3] return x * x", "[1, 4, 9]"},
        {"for x in 1..3, y in [10, 20] return x + y", "[11, 21, 12, 22, 13, 23]"},
        {"for i in 0..4 return if i = 0 then 1 else i * partial[-1]", "[1, 1, 2, 6, 24]"},
        {"some x in [1, 2] satisfies x > 1", "true"},
        {"every x in [1, 2] satisfies x > 1", "false"},
        {"[1, 2, 3][item > 1]", "[2, 3]"},
        {"[1, 2, 3][-1]", "3"},
        {"[1, 2, 3][4]", "null: the list has no item 4"},
        {"{a: 1, b: a + 1}.b", "2"},
        {"{full name: \"x\"}.full name", "x"},
        {"[{a: 1}, {a: 2}].a", "[1, 2]"},
        {"[{a: 1}, {a: 2}][a = 2].a", "[2]"},
        {"(function(x, y) x + y)(1, 2)", "3"},
        {"{f: function(n) n * 2, r: f(21)}.r", "42"},
        {"1 instance of number", "true"},
        {"[1, \"a\"] instance of list<number>", "false"},
        {"null instance of Any", "false"},
        {"date(\"2026-02-29\")", "null: this is no date"},
        {"date(\"2026-11-23\") + duration(\"P6M\")", "2027-05-23"},
        {"date(\"2026-08-31\") + duration(\"P6M\")", "2027-02-28"},
        {"@\"2026-11-23\" - @\"2026-11-01\"", "P22D"},
        {"@\"2026-11-23\".weekday", "1"},
        {"date and time(\"2026-11-23T10:00:00@Europe/Minsk\") = date and time(\"2026-11-23T07:00:00Z\")", "true"},
        {"date and time(\"2026-11-23T24:00:00\")", "2026-11-24T00:00:00"},
        {"time(\"10:00:00\") + duration(\"PT15H\")", "01:00:00"},
        {"years and months duration(@\"2026-01-31\", @\"2027-02-28\")", "P1Y"},
        {"duration(\"P1Y\") / duration(\"P6M\")", "2"},
        {"week of year(@\"2021-01-01\")", "53"},
        {"\"\\u041c\\u0456\\u043d\\u0441\\u043a\"", "Мінск"},
        {"// a comment\n1 /* and another */ + 1", "2"},
        {"unknown", "null: there is no \"unknown\" here"},
        {"unknown(1)", "null: there is no function \"unknown\""},
    };
    for (const auto& [expression, answer] : cases) EXPECT_EQ(run(expression), answer) << expression;
}

TEST(Feel, CallsItsBuiltIns) {
    const Case cases[] = {
        {"lower case(\"МАЛАДЗЕЧНА\")", "маладзечна"},
        {"upper case(\"straße\")", "STRASSE"},
        {"string length(\"Маладзечна\")", "10"},
        {"substring(\"foobar\", 3)", "obar"},
        {"substring(\"foobar\", -2, 1)", "a"},
        {"substring(string: \"foobar\", start position: 3, length: 2)", "ob"},
        {"substring before(\"foobar\", \"bar\")", "foo"},
        {"substring after(\"foobar\", \"o\")", "obar"},
        {"contains(\"foobar\", \"ob\")", "true"},
        {"starts with(\"foobar\", \"fo\")", "true"},
        {"string join([\"a\", null, \"b\"], \"-\")", "a-b"},
        {"number(\"1 000,5\", \" \", \",\")", "1000.5"},
        {"number(\"x\")", "null: this text is no number"},
        {"string(1.50)", "1.5"},
        {"string([1, \"a\", {b: null}])", "[1, \"a\", {b: null}]"},
        {"decimal(2.5, 0)", "2"},
        {"round half up(-2.5, 0)", "-3"},
        {"floor(-1.5)", "-2"},
        {"modulo(-12, 5)", "3"},
        {"sqrt(16)", "4"},
        {"exp(1)", "2.718281828459045235360287471352662"},
        {"log(10)", "2.302585092994045684017991454684364"},
        {"odd(5)", "true"},
        {"count([1, 2])", "2"},
        {"min(3, 1, 2)", "1"},
        {"sum([0.1, 0.2])", "0.3"},
        {"mean([1, 2, 4])", "2.333333333333333333333333333333333"},
        {"median([8, 2, 5, 3, 4])", "4"},
        {"stddev(2, 4, 7, 5)", "2.081665999466132735282297706979931"},
        {"mode([6, 1, 9, 6, 1])", "[1, 6]"},
        {"list contains([1, null], null)", "true"},
        {"append([1], 2, 3)", "[1, 2, 3]"},
        {"concatenate([1], [2, 3])", "[1, 2, 3]"},
        {"insert before([1, 3], 2, 2)", "[1, 2, 3]"},
        {"remove([1, 2, 3], 2)", "[1, 3]"},
        {"distinct values([1, 2, 1])", "[1, 2]"},
        {"flatten([[1, [2]], 3])", "[1, 2, 3]"},
        {"sort([3, 1, 2], function(x, y) x < y)", "[1, 2, 3]"},
        {"index of([1, 2, 1], 1)", "[1, 3]"},
        {"sublist([1, 2, 3], 2, 1)", "[2]"},
        {"list replace([1, 2], 2, 9)", "[1, 9]"},
        {"get value({a: 1}, \"a\")", "1"},
        {"context put({a: 1}, \"b\", 2)", "{a: 1, b: 2}"},
        {"context merge([{a: 1}, {a: 2, b: 3}])", "{a: 2, b: 3}"},
        {"get entries({a: 1})", "[{key: \"a\", value: 1}]"},
        {"before([1..5), 5)", "true"},
        {"during(3, [1..5])", "true"},
        {"meets([1..5], [5..9])", "true"},
        {"overlaps([1..5], [5..9])", "true"},
        {"coincides([1..5], [1..5])", "true"},
        {"is(@\"10:00:00Z\", @\"10:00:00+00:00\")", "true"},
        {"day of week(@\"2026-11-23\")", "Monday"},
        {"month of year(@\"2026-11-23\")", "November"},
        {"not(true)", "false"},
        {"any([false, true])", "true"},
        {"all([true, null])", "null: all() needs true and false values"},
        {"today()", "null: today() has no clock here"},
    };
    for (const auto& [expression, answer] : cases) EXPECT_EQ(run(expression), answer) << expression;
}

TEST(Feel, RunsPatternsOfXpath) {
    const Case cases[] = {
        {R"(matches("foobar", "^fo*b"))", "true"},
        {R"(matches("FOO", "foo", "i"))", "true"},
        {R"(matches(input: "a b", pattern: "a[ ]b", flags: "x"))", "true"},
        {R"(matches("a", "[b"))", "null: the pattern is wrong at character 3: a \"[\" is not closed"},
        {R"x(replace("abcd", "(ab)|(a)", "[1=$1][2=$2]"))x", "[1=ab][2=]cd"},
        {R"(replace("abc", "x*", "-"))", "null: a pattern that matches the empty text cannot be replaced"},
        {R"(split("John Doe", "\s"))", R"(["John", "Doe"])"},
    };
    for (const Case& one : cases) EXPECT_EQ(run(one.expression), one.answer) << one.expression;
}

TEST(Feel, MakesRangesOfTexts) {
    const Case cases[] = {
        {R"x(range("[18..21)"))x", "[18..21)"},
        {R"x(range("]date(\"2020-01-01\")..@\"2020-02-01\"]"))x", "(2020-01-01..2020-02-01]"},
        {R"(5 in range("(..10]"))", "true"},
        {R"(range("[..10]"))", "null: an end that is not there is not included"},
        {R"(range("[1..x]"))", "null: the ends of a range are literals"},
        {R"(range("[3..1]"))", "null: the ends of a range are of one kind, the first not after the last"},
        {"[1..null]", "null: an end of the range is null"},
        {"11 between null and 10", "false"},
        {"2 between null and 10", "null: \"between\" compares values that cannot be compared"},
        {"for i in [2..1] return i", "null: a range ends before it starts"},
        {"for i in 2..1 return i", "[2, 1]"},
    };
    for (const Case& one : cases) EXPECT_EQ(run(one.expression), one.answer) << one.expression;
}

TEST(Feel, FitsArgumentsToTheTypesOfParameters) {
    const Case cases[] = {
        {"(function(x: number) x)([1])", "1"},
        {"(function(x: list<number>) x)(1)", "[1]"},
        {"(function(x: number) x)(\"a\")", "null: string where number is asked for"},
        {"upper case([\"a\"])", "A"},
        {"upper case([\"a\", \"b\"])", "null: upper case() needs a text"},
        {"[{item: 1}, {item: 2}][item > 1]", "[{item: 2}]"},
        {"{f: sqrt, r: f(4, 2)}.r", "null: \"sqrt\" cannot take 2 arguments"},
    };
    for (const Case& one : cases) EXPECT_EQ(run(one.expression), one.answer) << one.expression;
}

TEST(Feel, ReadsVariables) {
    EXPECT_EQ(run("age >= 18 and residence = null", person()), "true");
    EXPECT_EQ(run("children[age < 5].name", person()), "[\"Vera\"]");
    EXPECT_EQ(run("full name + \"!\"", person(), {"full name"}), "Alena K!");
    EXPECT_EQ(run("residence.town", person()), "null: null has no \"town\"");
    EXPECT_EQ(run("count(children)-1", person()), "1");
}

TEST(Feel, SaysWhereATextIsWrong) {
    const Case cases[] = {
        {"1 +", "error: line 1, column 4: the expression ends too early"},
        {"(1", "error: line 1, column 3: the closing \")\" is missing"},
        {"1\n  2", "error: line 2, column 3: the expression should end here; an operator, a comma or a bracket may be missing"},
        {"if a then b", "error: line 1, column 12: \"if\" needs \"else\""},
        {"\"abc", "error: line 1, column 1: this string has no closing quote"},
        {"{a: 1, a: 2}", "error: line 1, column 12: the context has two entries called \"a\""},
        {"function(x) external {}", "error: line 1, column 22: only functions with a class and a method signature of Java are known here"},
        {"@\"soon\"", "error: line 1, column 1: this is no date, time, date and time or duration"},
    };
    for (const auto& [expression, answer] : cases) EXPECT_EQ(run(expression), answer) << expression;
    EXPECT_THAT(run(std::string(500, '(') + "1"), testing::HasSubstr("nested deeper than 60"));
    EXPECT_THAT(run(std::string(500, '-') + "1"), testing::HasSubstr("nested deeper than 60"));
    EXPECT_EQ(run(std::string(70'000, ' ')), "error: an expression has at most 65536 bytes");
}

TEST(Feel, StopsWhenItsBudgetIsSpent) {
    EXPECT_EQ(run("for a in 1..1000, b in 1..1000, c in 1..1000 return a"), "null: the expression costs more than it may");
    EXPECT_EQ(run("{f: function(n) f(n), r: f(1)}.r"), "null: there is no function \"f\"");
    EXPECT_EQ(run("(function(f) f(f))(function(f) f(f))"), "null: calls are nested too deep");
    EXPECT_EQ(run("for x in 1..99999999999 return x"), "null: the expression costs more than it may");
}

// Texts and lists that double with every call are small for a while, and then endless.
TEST(Feel, DoesNotGrowBeyondItsBudget) {
    const auto doubling = [](std::string_view twice, std::string_view first, int times, std::string_view use) {
        return madang::format("{{f: function(g, s, n) if n = 0 then s else g(g, {}, n - 1), r: f(f, {}, {}), answer: {}}}.answer", twice, first, times, use);
    };
    EXPECT_EQ(run(doubling("s + s", "\"ab\"", 10, "string length(r)")), "2048");
    EXPECT_EQ(run(doubling("[s, s]", "[1]", 8, "count(flatten(r))")), "256");
    for (const auto& [twice, first, use] : {std::array{"s + s", "\"0123456789\"", "string length(r)"}, std::array{"[s, s]", "[1]", "string(r)"},
                                            std::array{"[s, s]", "[1]", "count(flatten(r))"}, std::array{"[s, s]", "[1]", "r = [r, r]"},
                                            std::array{"[s, s]", "[1]", "r in (r, [1])"}, std::array{"{a: s, b: s}", "1", "r"}, std::array{"[s, s]", "[1]", "r"},
                                            std::array{"concatenate(s, s)", "[1, 2]", "count(r)"}}) {
        EXPECT_THAT(run(doubling(twice, first, 60, use)), testing::StartsWith("null: ")) << twice << " " << use;
    }
    // A long text that is copied many times, and a list that is nested as deep as the budget lets it.
    Context names;
    names.set("s", Value(std::string(1U << 20, 'x')));
    EXPECT_THAT(run("for i in 1..100000 return s", names), testing::StartsWith("null: "));
    EXPECT_THAT(run("count(for i in 1..5000 return [partial[-1]])"), testing::StartsWith("null: "));
    EXPECT_THAT(run(doubling("[[[[[[[[[[s]]]]]]]]]]", "1", 150, "r")), testing::StartsWith("null: "));
}

TEST(Feel, IsNotReadInEndlesslyManyWays) {
    for (const char* level : {"x in (", "(x in (", "x in (1, x in (", "not(x in (", "[1..x["}) {
        std::string open;
        for (int i = 0; i < 25; ++i) open += level;
        for (const char* inner : {"1", "1..2", "1 + ", ""}) {
            std::string closed = open + inner;
            for (int i = 0; i < 25; ++i) closed += "..3)";
            EXPECT_FALSE(parse_expression(open + inner)) << open;
            (void)parse_expression(closed);
            (void)parse_unary_tests(closed);
        }
    }
    // Plain texts are long before they are entangled.
    std::string many = "1";
    for (int i = 0; i < 1500; ++i) many += " + (if x in (1..5) then 2 else 3)";
    EXPECT_TRUE(parse_expression(many)) << parse_expression(many).error().message;
}

TEST(Feel, TellsTheTimeOnlyByTheClockItIsGiven) {
    const ManualClock clock(std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + std::chrono::hours(7));
    Budget budget;
    budget.clock = &clock;
    EXPECT_EQ(text_of(evaluate(*parse_expression("now()"), {}, budget)), "2026-11-23T07:00:00Z");
    EXPECT_EQ(text_of(evaluate(*parse_expression("today()"), {}, budget)), "2026-11-23");
}

std::string passes(std::string_view tests, const Value& input) {
    const auto parsed = parse_unary_tests(tests);
    return parsed ? text_of(matches(*parsed, input, {})) : "error: " + parsed.error().message;
}

TEST(UnaryTests, JudgeAnInput) {
    EXPECT_EQ(passes("-", Value()), "true");
    EXPECT_EQ(passes("< 5", Value(Number(4))), "true");
    EXPECT_EQ(passes("[1..3], 7", Value(Number(7))), "true");
    EXPECT_EQ(passes("not(\"a\", \"b\")", Value("c")), "true");
    EXPECT_EQ(passes("not(\"a\", \"b\")", Value("a")), "false");
    EXPECT_EQ(passes("true", Value(true)), "true");
    EXPECT_EQ(passes("false", Value(false)), "true");
    EXPECT_EQ(passes("\"x\"", Value("y")), "false");
    EXPECT_EQ(passes("? > 3 and ? < 5", Value(Number(4))), "true");
    EXPECT_EQ(passes("contains(?, \"b\")", Value("abc")), "true");
    EXPECT_EQ(passes("null", Value()), "true");
    EXPECT_EQ(passes("> @\"2026-01-01\"", Value(Value::Held(CalendarDate{2026, 2, 1}))), "true");
    EXPECT_EQ(passes("< 5", Value("x")), "null");
    EXPECT_EQ(passes("<", Value("x")), "error: line 1, column 2: the expression ends too early");
}

TEST(FreeNames, AreThoseThatComeFromOutside) {
    EXPECT_THAT(free_names(*parse_expression("for x in list return x + rate * count(other)")), testing::ElementsAre("list", "rate", "other"));
}

TEST(Json, KeepsDecimals) {
    EXPECT_EQ(text_of(from_json(*parse_json("0.1"))), "0.1");
    EXPECT_EQ(to_json(Value(Number(5))), json::value(5));
    EXPECT_EQ(run("a + 0.2 = 0.3", *from_json(*parse_json(R"({"a": 0.1})")).context()), "true");
}

}  // namespace
}  // namespace madang::feel
