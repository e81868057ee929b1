#include "base/json.h"

#include <gtest/gtest.h>

#include "base/file.h"

namespace madang {
namespace {

TEST(ParseJson, SaysWhereItStopped) {
    const std::pair<const char*, const char*> cases[] = {
        {"{\n  \"a\": nope\n}", "line 2, column 8"},
        {"[1,2", "line 1, column 5"},
        {"{} {}", "line 1, column 4: there is more after the end"},
        {"{\"a\":1,\n\"b\":2,\n\"a\":3}", "line 3, column 1: the object has this key twice"},
        {"{\"a\":1,\"\\u0061\":2}", "the object has this key twice"},
        {"\"\xff\"", "line 1"},
        {"", "line 1, column 1"},
    };
    for (const auto& [text, expected] : cases) {
        const auto parsed = parse_json(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, Code::invalid);
        EXPECT_NE(parsed.error().message.find(expected), std::string::npos) << parsed.error().message;
    }
}

TEST(ParseJson, LetsEqualKeysStandInDifferentObjects) {
    EXPECT_TRUE(parse_json(R"({"a":{"a":1},"b":[{"a":2},{"a":3}],"c":"a"})"));
}

TEST(ParseJson, KeepsItsLimits) {
    EXPECT_TRUE(parse_json(std::string(64, '[') + std::string(64, ']')));
    EXPECT_FALSE(parse_json(std::string(65, '[') + std::string(65, ']')));
    EXPECT_FALSE(parse_json(std::string(1'000'000, '[')));
    EXPECT_EQ(parse_json("[1,2,3]", {.bytes = 6}).error().code, Code::exhausted);
}

// RFC 8785 3.2.2 and 3.2.3, and numbers from its appendix B.
TEST(CanonicalJson, FollowsTheStandardsExamples) {
    const auto value = *parse_json(R"({
      "numbers": [1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]})");
    EXPECT_EQ(canonical_json(value),
              R"({"literals":[null,true,false],"numbers":[1e+30,4.5,0.002,1e-27],)"
              R"("string":"€$\u000f\nA'B\"\\\\\"/"})");
}

TEST(CanonicalJson, SortsKeysByUtf16CodeUnits) {
    // RFC 8785 3.2.3: U+1F600 is written with surrogates (D83D…) and so stands before U+FB33.
    const auto value = *parse_json(R"({"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7})");
    EXPECT_EQ(canonical_json(value), "{\"\\r\":2,\"1\":4,\"\xC2\x80\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\xEF\xAC\xB3\":3}");
}

TEST(CanonicalJson, PrintsNumbersAsEcmaScriptDoes) {
    const std::pair<double, const char*> cases[] = {
        {0.0, "0"}, {-0.0, "0"}, {5e-324, "5e-324"}, {1.7976931348623157e308, "1.7976931348623157e+308"},
        {9007199254740992.0, "9007199254740992"}, {295147905179352830000.0, "295147905179352830000"},
        {1e21, "1e+21"}, {999999999999999900000.0, "999999999999999900000"}, {1e23, "1e+23"},
        {9.999999999999997e22, "9.999999999999997e+22"}, {0.000001, "0.000001"}, {1e-7, "1e-7"}, {-333.25, "-333.25"}};
    for (const auto& [number, expected] : cases) EXPECT_EQ(canonical_json(json::value(number)), expected);
}

TEST(PrettyJson, ReadsBackAsTheSameValue) {
    const auto value = *parse_json(R"({"a":[1,{"b":[]},{}],"c":{"d":null}})");
    EXPECT_EQ(*parse_json(pretty_json(value)), value);
}

TEST(StringAt, NamesTheKeyAndThePlace) {
    const auto object = parse_json(R"({"a":1})")->as_object();
    EXPECT_EQ(string_at(object, "a", "pack.json").error().message, "pack.json: \"a\" must be a text");
    EXPECT_EQ(*integer_at(object, "a", "pack.json"), 1);
    EXPECT_EQ(string_or(object, "b", "x"), "x");
}

}  // namespace
}  // namespace madang
