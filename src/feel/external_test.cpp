// Functions that are named for Java.
#include <gmock/gmock.h>

#include "base/text.h"
#include "feel/expression.h"

namespace madang::feel {
namespace {

std::string call(std::string_view class_name, std::string_view signature, std::string_view parameters, std::string_view arguments) {
    const auto expression = parse_expression(format(R"((function({}) external {{java: {{class: "{}", method signature: "{}"}}}})({}))", parameters, class_name, signature, arguments));
    if (!expression) return expression.error().message;
    const Value value = evaluate(*expression, {});
    return value.is_null() ? "null: " + std::string(value.reason()) : text_of(value);
}

TEST(External, DoesWhatJavaDoes) {
    EXPECT_EQ(call("java.lang.Math", "max(double, double)", "a, b", "1.5, 456.78"), "456.78");
    EXPECT_EQ(call("java.lang.Math", "max(int,int)", "a, b", "b: 7, a: 456"), "456");
    EXPECT_EQ(call("java.lang.Math", "min(long,long)", "a, b", "-3, 4"), "-3");
    EXPECT_EQ(call("java.lang.Math", "abs(double)", "a", "-0.1"), "0.1");
    EXPECT_THAT(call("java.lang.Math", "cos(double)", "a", "123"), testing::StartsWith("-0.887968"));
    EXPECT_EQ(call("java.lang.Math", "pow(double,double)", "a, b", "2, 10"), "1024");
    EXPECT_EQ(call("java.lang.Math", "round(double)", "a", "-2.5"), "-2");
    EXPECT_EQ(call("java.lang.Integer", "valueOf(java.lang.String)", "a", "\"123\""), "123");
    EXPECT_EQ(call("java.lang.Double", "parseDouble(java.lang.String)", "a", "\"1234.56\""), "1234.56");
    EXPECT_EQ(call("java.lang.String", "valueOf(char)", "a", "\"a\""), "a");
    EXPECT_EQ(call("java.lang.String", "format(java.lang.String, [Ljava.lang.Object;)", "s, n", "\"foo %s\", \"bar\""), "foo bar");
    EXPECT_EQ(call("java.lang.String", "format(java.lang.String, [Ljava.lang.Object;)", "s, n", "\"%.2f of %d%%\", [1.005, 7]"), "1.01 of 7%");
}

TEST(External, RunsNothingElse) {
    EXPECT_EQ(call("java.lang.Math", "foo(double)", "a", "1"), "null: the method java.lang.Math.foo(double) of Java is not among those that are known here");
    EXPECT_EQ(call("java.lang.Runtime", "exec(java.lang.String)", "a", "\"ls\""), "null: the method java.lang.Runtime.exec(java.lang.String) of Java is not among those that are known here");
    EXPECT_EQ(call("java.lang.Math", "max(double,double)", "a", "1"), "null: the method java.lang.Math.max(double,double) of Java is not among those that are known here");
    EXPECT_EQ(call("java.lang.Math", "max(java.lang.String,java.lang.String)", "a, b", "\"a\", \"b\""), "null: the method java.lang.Math.max(java.lang.String,java.lang.String) of Java is not among those that are known here");
    EXPECT_EQ(call("java.lang.Short", "valueOf(short)", "a", "40000"), "null: 40000 is no short");
    EXPECT_EQ(call("java.lang.Math", "max(int,int)", "a, b", "1.5, 2"), "null: 1.5 is no int");
    EXPECT_EQ(call("java.lang.Math", "sqrt(double)", "a", "-1"), "null: the result is no finite number");
    EXPECT_EQ(call("java.lang.String", "valueOf(char)", "a", "\"abc\""), "null: a char is a text of one character");
    EXPECT_EQ(call("java.lang.String", "format(java.lang.String, [Ljava.lang.Object;)", "s, n", "\"%s %s\", \"bar\""), "null: the format asks for more values than there are");
    for (const char* bad : {"max", "max(", "(double)", "max()", "max(double,", "valueOf(what)"}) {
        EXPECT_THAT(call("java.lang.Math", bad, "a", "1"), testing::StartsWith("null: ")) << bad;
    }
    EXPECT_THAT(parse_expression("function(a) external {pmml: {document: \"x\", model: \"y\"}}").error().message, testing::HasSubstr("only functions with a class"));
    EXPECT_FALSE(parse_expression("function(a) external a + 1"));
}

}  // namespace
}  // namespace madang::feel
