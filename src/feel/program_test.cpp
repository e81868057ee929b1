// Programs against the walk of the tree, on generated expressions; laws of numbers, ranges and time.
#include <gtest/gtest.h>

#include <random>

#include "base/text.h"
#include "feel/testing_walk.h"

namespace madang::feel {
namespace {

// Texts of the grammar, one rule after the other, more and more often the short ones.
class Generator {
public:
    explicit Generator(std::uint32_t seed) : dice_(seed) {}

    std::string expression(int room) {
        switch (room <= 0 ? below(4) : below(22)) {
            case 0: return number();
            case 1: return name();
            case 2: return pick({"true", "false", "null", "\"a\"", "\"b\"", "\"\"", "date(\"2026-11-23\")", "@\"P1D\"", "-3"});
            case 3: return pick({"2 ** 3", "[1, 2, 3]", "list", "ctx", "people", "[]", "{}"});
            case 4: case 5: return binary(room, {" + ", " - ", " * ", " / "});
            case 6: case 7: return binary(room, {" = ", " != ", " < ", " <= ", " > ", " >= "});
            case 8: return binary(room, {" and ", " or "});
            case 9: return "if " + expression(room - 2) + " then " + expression(room - 2) + " else " + expression(room - 2);
            case 10: return "(" + expression(room - 2) + ") between " + number() + " and (" + expression(room - 3) + ")";
            case 11: return "(" + expression(room - 2) + ") in " + tests(room - 2);
            case 12: return "for x in " + domain(room - 2) + (below(3) == 0 ? ", y in " + domain(room - 3) : std::string()) + " return " + body(room - 2);
            case 13: return pick({"some", "every"}) + " x in " + domain(room - 2) + " satisfies " + body(room - 2);
            case 14: return "(" + expression(room - 2) + ")[" + pick({"1", "-1", "item > 1", "age >= 18", "item = 2", "true", body(room - 3)}) + "]";
            case 15: return pick({"ctx.a", "ctx.b.c", "people.age", "(" + expression(room - 2) + ").a"});
            case 16: return "{a: " + expression(room - 2) + ", b: " + expression(room - 3) + ", c: a}" + pick({"", ".c"});
            case 17: return "(function(x, y: number) " + body(room - 3) + ")(" + expression(room - 3) + ", " + expression(room - 3) + ")";
            case 18: return pick({"sum", "count", "max", "reverse", "not", "string", "abs", "flatten", "is defined", "number"}) + "(" + expression(room - 2) + ")";
            case 19: return "(" + expression(room - 2) + ") instance of " + pick({"number", "string", "list<number>", "context<a: number>", "boolean", "Any"});
            case 20: return pick({"[", "(", "]"}) + number() + ".." + pick({number(), "(" + expression(room - 3) + ")"}) + pick({"]", ")", "["});
            default: return "-(" + expression(room - 1) + ")";
        }
    }
    std::string tests(int room) {
        switch (below(6)) {
            case 0: return "(< " + number() + ")";
            case 1: return "[" + number() + ".." + number() + ")";
            case 2: return "(" + number() + ", >= " + number() + ", " + expression(room - 2) + ")";
            case 3: return "(? " + pick({"> ", "= ", "< "}) + number() + ")";
            case 4: return "(" + expression(room - 2) + ")";
            default: return pick({"(\"a\", \"b\")", "(not(?))", "(null)", "[1, 2, 3]", "(count([?]) = 1)"});
        }
    }
    std::string cell(int room) {
        const std::string one = tests(room);
        switch (below(5)) {
            case 0: return "-";
            case 1: return "not(" + number() + ", < " + number() + ")";
            case 2: return "< " + number() + ", [" + number() + ".." + number() + "]";
            case 3: return pick({"\"a\"", "\"a\", \"b\"", "true", "null", "> 2", "!= 3", "? > 2 and ? < 7"});
            default: return one;
        }
    }
    std::string number() { return pick({"0", "1", "2", "3", "10", "0.5", "1.25", "100", "0.1", "12345678901234567890", "1e20"}); }

private:
    std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(dice_); }
    std::string pick(const std::vector<std::string>& all) { return all[below(all.size())]; }
    std::string name() { return pick({"a", "b", "c", "s", "flag", "list", "ctx", "people", "nothing", "unheard"}); }
    std::string binary(int room, const std::vector<std::string>& signs) { return "(" + expression(room - 2) + ")" + pick(signs) + "(" + expression(room - 2) + ")"; }
    std::string domain(int room) { return pick({"list", "[1, 2, 3]", "1..3", "people", "[1..3]", "(" + expression(room - 2) + ")"}); }
    std::string body(int room) { return pick({"x", "x + 1", "x * a", "x > 1", "x.age", "partial", "y", "count(partial) + x", "(" + expression(room - 1) + ")"}); }

    std::mt19937 dice_;
};

Context variables() {
    const auto value = [](std::string_view text) { return evaluate(*parse_expression(text), {}); };
    Context all;
    all.set("a", value("3"));
    all.set("b", value("2.5"));
    all.set("c", value("-7"));
    all.set("s", value("\"a\""));
    all.set("flag", value("true"));
    all.set("list", value("[1, 2, 3, null, \"a\"]"));
    all.set("ctx", value("{a: 1, b: {c: \"x\"}}"));
    all.set("people", value("[{age: 17, name: \"A\"}, {age: 40, name: \"B\"}]"));
    all.set("nothing", Value());
    return all;
}

Walk::Names as_names(const Context& context) {
    Walk::Names names;
    for (const auto& [name, value] : context.entries()) names.emplace_back(name, value);
    return names;
}

TEST(Program, AgreesWithTheWalkOfTheTree) {
    const Context names = variables();
    Generator generator(20'261'123);
    std::size_t nulls = 0;
    std::size_t read = 0;
    for (int i = 0; i < 6'000; ++i) {
        const std::string text = generator.expression(7);
        const auto expression = parse_expression(text);
        if (!expression) continue;   // such as a name that no rule lets stand there
        ++read;
        Evaluation run{Budget{}};
        const std::string walked = text_of(Walk(run).evaluate(expression->root(), as_names(names)));
        const std::string ran = text_of(evaluate(*expression, names));
        ASSERT_EQ(ran, walked) << text;
        nulls += ran == "null" ? 1 : 0;
    }
    EXPECT_GT(read, 5'000U);
    EXPECT_LT(nulls, read * 3 / 4) << "most expressions should have a value";
}

TEST(Program, AgreesWithTheWalkOnCells) {
    const Context names = variables();
    Generator generator(7);
    const std::vector<Value> inputs{Value(Number(2)), Value(Number(5)), Value("a"), Value("z"), Value(true), Value(), Value(List{Value(Number(1))}),
                                    evaluate(*parse_expression("date(\"2026-11-23\")"), {})};
    for (int i = 0; i < 5'000; ++i) {
        const std::string text = generator.cell(4);
        const auto tests = parse_unary_tests(text);
        if (!tests) continue;
        for (const Value& input : inputs) {
            Evaluation run{Budget{}};
            const std::string walked = text_of(Walk(run).test(tests->root(), input, as_names(names)));
            ASSERT_EQ(text_of(matches(*tests, input, names)), walked) << text << " on " << text_of(input);
        }
    }
}

// Up to 14 digits, so that products and sums of products have at most the 34 of a FEEL number.
std::string random_number(std::mt19937& dice) {
    std::uniform_int_distribution<int> digit(0, 9);
    std::string text = digit(dice) < 4 ? "-" : "";
    const int whole = 1 + digit(dice) * 7 / 9;
    for (int i = 0; i < whole; ++i) text += static_cast<char>('0' + digit(dice));
    if (digit(dice) < 6) {
        text += '.';
        const int places = 1 + digit(dice) * 5 / 9;
        for (int i = 0; i < places; ++i) text += static_cast<char>('0' + digit(dice));
    }
    return text;
}

// What is counted in 128 bits is what 256 bits give: a factor of 10^20 leads the same digits the long way.
TEST(Number, CountsTheSameTheShortWayAndTheLongWay) {
    std::mt19937 dice(1);
    const Number far = *Number::parse("100000000000000000001");   // 21 digits: never short
    for (int i = 0; i < 20'000; ++i) {
        const Number a = *Number::parse(random_number(dice));
        const Number b = *Number::parse(random_number(dice));
        const Number long_sum = *subtract(*add(*add(a, far), b), far);
        EXPECT_EQ(*add(a, b), long_sum) << a.text() << " " << b.text();
        EXPECT_EQ(*add(a, b), *add(b, a));
        EXPECT_EQ(*multiply(a, b), *multiply(b, a));
        EXPECT_EQ(*subtract(*add(a, b), b), a);
        EXPECT_EQ(a <=> b, *add(a, far) <=> *add(b, far)) << a.text() << " " << b.text();
        EXPECT_EQ(a == b, !(a < b) && !(b < a));
        EXPECT_EQ(*Number::parse(a.text()), a);
        if (!b.is_zero()) {
            const Number product = *multiply(a, b);
            EXPECT_EQ(*divide(product, b), a) << a.text() << " " << b.text();
        }
        const Number c = *Number::parse(random_number(dice));
        EXPECT_EQ(*multiply(a, *add(b, c)), *add(*multiply(a, b), *multiply(a, c))) << a.text() << " " << b.text() << " " << c.text();
    }
}

std::string said(const std::string& text) { return text_of(evaluate(*parse_expression(text), {})); }

// Clause 10.3.4.9: each relation of two ranges has one that says the same from the other side.
TEST(Ranges, KeepTheirLaws) {
    std::mt19937 dice(2);
    std::uniform_int_distribution<int> point(0, 6);
    const auto range = [&] {
        const int low = point(dice);
        const int high = low + point(dice);
        return madang::format("{}{}..{}{}", point(dice) % 2 == 0 ? "[" : "(", low, high, point(dice) % 2 == 0 ? "]" : ")");
    };
    const auto both = [](const char* one, const char* other, const std::string& a, const std::string& b) {
        EXPECT_EQ(said(madang::format("{}({}, {})", one, a, b)), said(madang::format("{}({}, {})", other, b, a))) << one << " " << a << " " << b;
    };
    for (int i = 0; i < 500; ++i) {
        const std::string a = range();
        const std::string b = range();
        both("before", "after", a, b);
        both("meets", "met by", a, b);
        both("includes", "during", a, b);
        both("starts", "started by", a, b);
        both("finishes", "finished by", a, b);
        both("overlaps", "overlaps", a, b);
        const std::string p = std::to_string(point(dice));
        EXPECT_EQ(said(madang::format("{} in {}", p, a)), said(madang::format("includes({}, {})", a, p))) << p << " " << a;
        both("before", "after", a, p);
    }
}

TEST(Time, KeepsItsLaws) {
    std::mt19937 dice(3);
    std::uniform_int_distribution<int> days(-200'000, 200'000);
    std::uniform_int_distribution<int> months(-5'000, 5'000);
    const auto date = [&] { return madang::format("(date(\"2000-01-01\") + duration(\"P1D\") * {})", days(dice)); };
    for (int i = 0; i < 500; ++i) {
        const std::string a = date();
        const std::string b = date();
        EXPECT_EQ(said(a + " + (" + b + " - " + a + ") = " + b), "true") << a << b;
        EXPECT_EQ(said("(" + a + " < " + b + ") = ((" + b + " - " + a + ") > duration(\"PT0S\"))"), "true") << a << b;
        EXPECT_EQ(said("date(string(" + a + ")) = " + a), "true") << a;
        // A month later is never more than 31 days later, and never less than 28.
        EXPECT_EQ(said("((" + a + " + duration(\"P1M\")) - " + a + ") in [duration(\"P28D\")..duration(\"P31D\")]"), "true") << a;
        const std::string years = madang::format("duration(\"P1M\") * {}", months(dice));
        EXPECT_EQ(said("years and months duration(date(\"2000-01-01\"), date(\"2000-01-01\") + " + years + ") = " + years), "true") << years;
    }
}

}  // namespace
}  // namespace madang::feel
