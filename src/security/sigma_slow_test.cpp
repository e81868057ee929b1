#include "security/sigma_slow.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "security/detail/sigma_fake_event.h"
#include "security/sigma_reader.h"

namespace madang::security {
namespace {

SigmaRule rule_of(std::string_view detection) {
    const std::string text = format("title: t\nlogsource:\n  product: windows\ndetection:\n{}", detection);
    auto read = read_sigma(text, "t.yml");
    EXPECT_TRUE(read) << read.error().message << "\n" << text;
    return read && read->rules.size() == 1 ? read->rules.front() : SigmaRule{};
}

// A rule of one map, whose lines are in YAML's flow style.
bool finds(std::string_view map, std::string_view event) {
    return meets(rule_of(format("  selection: {}\n  condition: selection\n", map)), FakeEvent(event));
}

struct Case3 {
    const char* map;
    const char* event;
    bool expected;
};

void check_all(std::span<const Case3> cases) {
    for (const auto& c : cases) EXPECT_EQ(finds(c.map, c.event), c.expected) << c.map << " on " << c.event;
}

TEST(Meets, ComparesTextsWithoutCaseUnlessCased) {
    const Case3 cases[] = {
        {"{a: CMD.exe}", R"({"a":"cmd.EXE"})", true},
        {"{a: cmd}", R"({"a":"cmd.exe"})", false},
        {"{a: cmd}", R"({"A":"cmd"})", false},
        {"{a: '{0CCE9217-69AE}'}", R"({"a":"{0cce9217-69ae}"})", true},
        {"{a: '{0CCE9217-69AE}'}", R"({"a":"0CCE9217-69AE"})", false},
        {"{a|cased: CMD}", R"({"a":"cmd"})", false},
        {"{a|cased: CMD}", R"({"a":"CMD"})", true},
        {"{a|contains|cased: M}", R"({"a":"CMD"})", true},
        {"{a|contains: \"\\u0448\"}", "{\"a\":\"\u0428\u0418\"}", true},
        {"{a: 'x*z'}", R"({"a":"xyyz"})", true},
        {"{a: 'x?z'}", R"({"a":"xyyz"})", false},
        {R"({a: 'x\*z'})", R"({"a":"xyz"})", false},
        {R"({a: 'x\*z'})", R"({"a":"X*Z"})", true},
        {R"({a|endswith: '\cmd.exe'})", R"({"a":"C:\\Windows\\cmd.exe"})", true},
        {R"({a|startswith: 'C:\\*\'})", R"({"a":"C:\\x\\y"})", true},
        {"{a|contains|all: [x, y]}", R"({"a":"-y-x-"})", true},
        {"{a|contains|all: [x, y]}", R"({"a":"-x-"})", false},
        {"{a: [x, y]}", R"({"a":"y"})", true},
        {"{a: x, b: y}", R"({"a":"x","b":"z"})", false},
        {"[{a: x}, {b: y}]", R"({"a":"z","b":"y"})", true},
    };
    check_all(cases);
}

TEST(Meets, ComparesNumbersTruthNullAndExistence) {
    const Case3 cases[] = {
        {"{a: 1}", R"({"a":1})", true},
        {"{a: 1}", R"({"a":"1"})", true},
        {"{a: '1'}", R"({"a":1})", true},
        {"{a: 1}", R"({"a":1.0})", true},
        {"{a: 1}", R"({"a":"01"})", false},
        {"{a: 1}", R"({"a":1e0})", true},
        {"{a: 1}", R"({"a":"1.0"})", false},
        {"{a: '1'}", R"({"a":1.0})", true},
        {"{a: '1.0'}", R"({"a":1.0})", false},
        {"{a: 0}", R"({"a":-0})", true},
        {"{a: 1.5}", R"({"a":1.50})", true},
        {"{a: 10000000000000000}", R"({"a":1e16})", true},
        {"{a: 0x10}", R"({"a":16})", true},
        {"{a: 18446744073709551615}", R"({"a":18446744073709551615})", true},
        {"{a: 18446744073709551615}", R"({"a":18446744073709551614})", false},
        {"{a|startswith: 46}", R"({"a":4625})", true},
        {"{a|gt: 5}", R"({"a":6})", true},
        {"{a|gt: 5}", R"({"a":5})", false},
        {"{a|gt: 5}", R"({"a":"1e400"})", true},
        {"{a|lt: 5}", R"({"a":"-1e400"})", true},
        {"{a|gt: 0}", R"({"a":"1e400x"})", false},
        {"{a|gte: 5}", R"({"a":"5"})", true},
        {"{a|lt: -1.5}", R"({"a":-2})", true},
        {"{a|lte: 5}", R"({"a":"five"})", false},
        {"{a|lt: 5}", R"({})", false},
        {"{a: true}", R"({"a":true})", true},
        {"{a: true}", R"({"a":"True"})", true},
        {"{a: false}", R"({"a":true})", false},
        {"{a: null}", R"({"a":null})", true},
        {"{a: null}", R"({})", true},
        {"{a: null}", R"({"a":""})", false},
        {"{a: ''}", R"({"a":""})", true},
        {"{a: ''}", R"({"a":null})", false},
        {"{a: ''}", R"({})", false},
        {"{a: '*'}", R"({"a":null})", false},
        {"{a|exists: true}", R"({"a":null})", true},
        {"{a|exists: false}", R"({"a":""})", false},
        {"{a|exists: false}", R"({})", true},
    };
    check_all(cases);
}

TEST(Meets, NegatesAndLooksIntoArrays) {
    const Case3 cases[] = {
        {"{a|neq: x}", R"({"a":"x"})", false},
        {"{a|neq: x}", R"({"a":"y"})", true},
        {"{a|neq: x}", R"({})", true},
        {"{a|neq: [x, y]}", R"({"a":"y"})", false},
        {"{a|contains|neq: x}", R"({"a":"-x-"})", false},
        {"{a|neq: 5}", R"({"a":6})", true},
        {"{a: x}", R"({"a":["y","X"]})", true},
        {"{a|neq: x}", R"({"a":["y","x"]})", false},
        {"{a: 2}", R"({"a":[1,2]})", true},
        {"{a: null}", R"({"a":[]})", false},
        {"{a|contains|all: [x, y]}", R"({"a":["x","y"]})", true},
    };
    check_all(cases);
}

TEST(Meets, SearchesWithExpressions) {
    const Case3 cases[] = {
        {"{a|re: 'c[mn]d'}", R"({"a":"xcmdx"})", true},
        {"{a|re: '^c.d$'}", R"({"a":"CMD"})", false},
        {"{a|re|i: '^c.d$'}", R"({"a":"CMD"})", true},
        {"{a|re: 'a.b'}", R"({"a":"a\nb"})", false},
        {"{a|re|s: 'a.b'}", R"({"a":"a\nb"})", true},
        {"{a|re: '^b$'}", R"({"a":"a\nb"})", false},
        {"{a|re|m: '^b$'}", R"({"a":"a\nb"})", true},
        {"{a|re|i|m|s: '^B.c$'}", R"({"a":"a\nb\nc"})", true},
        {"{a|re|all: [x, y]}", R"({"a":"yx"})", true},
        {"{a|re: '1'}", R"({"a":210})", true},
    };
    check_all(cases);
}

TEST(Meets, FindsAddressesInNetworks) {
    const Case3 cases[] = {
        {"{a|cidr: 10.0.0.0/8}", R"({"a":"10.255.1.2"})", true},
        {"{a|cidr: 10.0.0.0/8}", R"({"a":"11.0.0.1"})", false},
        {"{a|cidr: 10.0.0.0/8}", R"({"a":"10.1"})", false},
        {"{a|cidr: 10.0.0.0/8}", R"({"a":"::ffff:10.1.2.3"})", true},
        {"{a|cidr: 192.168.1.128/25}", R"({"a":"192.168.1.127"})", false},
        {"{a|cidr: 'fe80::/10'}", R"({"a":"febf::1"})", true},
        {"{a|cidr: 'fe80::/10'}", R"({"a":"fec0::1"})", false},
        {"{a|cidr: 0.0.0.0/0}", R"({"a":"::1"})", false},
        {"{a|cidr: '::/0'}", R"({"a":"::1"})", true},
        {"{a|cidr: ['1.1.1.1/32', '2.2.2.2/32']}", R"({"a":"2.2.2.2"})", true},
    };
    check_all(cases);
}

TEST(Meets, ComparesFieldsWithFields) {
    const Case3 cases[] = {
        {"{a|fieldref: b}", R"({"a":"X","b":"x"})", true},
        {"{a|fieldref|cased: b}", R"({"a":"X","b":"x"})", false},
        {"{a|fieldref|endswith: b}", R"({"a":"wx","b":"X"})", true},
        {"{a|fieldref|neq: b}", R"({"a":"x","b":"y"})", true},
        {"{a|fieldref|neq: b}", R"({"a":"x","b":"x"})", false},
        {"{a|fieldref: b}", R"({"a":"x"})", false},
        {"{a|fieldref: b}", R"({"a":"ab","b":"a*"})", false},
        {"{a|fieldref: b}", R"({"a":5,"b":"5"})", true},
    };
    check_all(cases);
}

TEST(Meets, TakesPartsOfTimes) {
    const Case3 cases[] = {
        {"{a|hour: 3}", R"({"a":"2024-12-30T03:59:00Z"})", true},
        {"{a|hour|gte: 22}", R"({"a":"2024-12-30 22:00:00+09:00"})", true},
        {"{a|minute: 59}", R"({"a":"2024-12-30T03:59:00Z"})", true},
        {"{a|day: 30}", R"({"a":"2024-12-30"})", true},
        {"{a|week: 1}", R"({"a":"2024-12-30"})", true},
        {"{a|week: 52}", R"({"a":"2023-01-01"})", true},
        {"{a|month: 12}", R"({"a":"2024-12-30"})", true},
        {"{a|year|lt: 2025}", R"({"a":"2024-12-30"})", true},
        {"{a|year: 2024}", R"({"a":"2024-13-30"})", false},
        {"{a|hour: 3}", R"({"a":"Oct 11 03:14:15"})", true},
        {"{a|month: 10}", R"({"a":"Oct 11 03:14:15"})", true},
        {"{a|year: 2026}", R"({"a":"Oct 11 03:14:15"})", false},
        {"{a|hour: 10}", R"({"a":"24/Nov/2026:10:00:00 +0300"})", true},
        {"{a|week: 48}", R"({"a":"24/Nov/2026:10:00:00 +0300"})", true},
        {"{a|hour: 22}", R"({"a":"1764022830250"})", true},
        {"{a|hour: 3}", R"({"a":"2024-12-30"})", false},
        {"{a|hour: 3}", R"({"a":"2024-12-30T0"})", false},
    };
    check_all(cases);
}

TEST(Meets, KnowsEncodedTexts) {
    const Case3 cases[] = {
        {"{a|base64: foobar}", R"({"a":"Zm9vYmFy"})", true},
        {"{a|base64|contains: foo}", R"({"a":"xxZm9vxx"})", true},
        {"{a|base64offset|contains: /bin/bash}", R"({"a":"eC9iaW4vYmFzaA=="})", true},    // x/bin/bash
        {"{a|base64offset|contains: /bin/bash}", R"({"a":"eHgvYmluL2Jhc2g="})", true},    // xx/bin/bash
        {"{a|base64offset|contains: /bin/bash}", R"({"a":"eHh4L2Jpbi9iYXNo"})", true},    // xxx/bin/bash
        {"{a|base64offset|contains: /bin/bash}", R"({"a":"L2Jpbi9zaA=="})", false},
        {"{a|wide|base64|contains: cm}", R"({"a":"YwBtAGQA"})", false},
        {"{a|wide|base64: cmd}", R"({"a":"YwBtAGQA"})", true},
        {"{a|utf16le|base64: cmd}", R"({"a":"YwBtAGQA"})", true},
        {"{a|utf16be|base64: cmd}", R"({"a":"AGMAbQBk"})", true},
        {"{a|utf16|base64: cmd}", R"({"a":"//5jAG0AZAA="})", true},
        {"{a|utf16le: cmd}", R"({"a":"c\u0000m\u0000d\u0000"})", true},
        {"{a|windash|contains: ' -f'}", R"({"a":"x /F"})", true},
        {"{a|windash|contains: ' -f'}", "{\"a\":\"x \u2015f\"}", true},
        {"{a|windash|contains: ' -f'}", R"({"a":"x +f"})", false},
        {"{a|contains|windash: '/a -b'}", R"({"a":"-a /b"})", true},
        {"{a|windash|base64: '-a'}", R"({"a":"L2E="})", true},
    };
    check_all(cases);
}

TEST(Meets, FindsKeywordsAnywhere) {
    const Case3 cases[] = {
        {"[evil, worse]", R"({"a":"x","b":"so EVIL!"})", true},
        {"[evil]", R"({"evil":"x"})", false},
        {"['e*l']", R"({"a":"an evening long"})", true},
        {"{'|all': [a1, b1]}", R"({"x":"a1","y":"b1"})", true},
        {"{'|all': [a1, b1]}", R"({"x":"a1","y":"c1"})", false},
        {"[4625]", R"({"a":4625})", true},
        {"{'|re': '^so'}", R"({"a":"not so","b":"so it is"})", true},
        {"[evil, {a: x}]", R"({"a":"X"})", true},
    };
    check_all(cases);
}

TEST(Meets, FollowsTheCondition) {
    constexpr std::string_view searches =
        "  s1:\n    a: 1\n  s2:\n    a: 2\n  _s3:\n    b: 1\n  f:\n    c: 1\n  condition: {}\n";
    struct { const char* condition; const char* event; bool expected; } const cases[] = {
        {"s1 or s2 and f", R"({"a":1})", true},
        {"(s1 or s2) and f", R"({"a":1})", false},
        {"not s1 and f", R"({"a":2,"c":1})", true},
        {"not (s1 and f)", R"({"a":1})", true},
        {"not not s1", R"({"a":1})", true},
        {"1 of s* and not 1 of f*", R"({"a":2})", true},
        {"all of s*", R"({"a":2})", false},
        {"1 of them", R"({"b":1})", false},
        {"1 of _*", R"({"b":1})", true},
        {"[s1 and f, s2]", R"({"a":2})", true},
        {"NOT s1 AND 1 OF THEM", R"({"a":2})", true},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(meets(rule_of(fmt::format(fmt::runtime(searches), c.condition)), FakeEvent(c.event)), c.expected) << c.condition;
    }
}

TEST(FillPlaceholders, PutsEveryValueIn) {
    SigmaRule rule = rule_of("  s:\n    a|expand: '%x%-%y%\\%'\n  condition: s\n");
    EXPECT_FALSE(meets(rule, FakeEvent(R"({"a":"%x%-%y%%"})"))) << "an unfilled placeholder matches nothing";
    const auto missing = fill_placeholders(rule, {{"x", {"1"}}});
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, Code::not_found);
    EXPECT_EQ(missing.error().message, "t.yml:6: the placeholder %y% has no values");
    const auto filled = fill_placeholders(rule, {{"x", {"1", "srv*"}}, {"y", {"2"}}});
    ASSERT_TRUE(filled);
    EXPECT_TRUE(meets(*filled, FakeEvent(R"({"a":"SRV9-2%"})")));
    EXPECT_TRUE(meets(*filled, FakeEvent(R"({"a":"1-2%"})")));
    EXPECT_FALSE(meets(*filled, FakeEvent(R"({"a":"2-2%"})")));
    const std::vector<std::string> many(101, "v");
    EXPECT_EQ(fill_placeholders(rule, {{"x", many}, {"y", many}}).error().code, Code::exhausted);
}

// "The value modifiers are applied in the given order": an encoding behind expand is one of each value.
TEST(FillPlaceholders, EncodesTheValuesWhereAnEncodingFollows) {
    const PlaceholderValues values{{"x", {"cmd", "foobar"}}};
    const struct { const char* item; const char* event; bool expected; } cases[] = {
        {"a|expand|base64: '%x%'", R"({"a":"Zm9vYmFy"})", true},
        {"a|expand|base64: '%x%'", R"({"a":"Zm9vYmF6"})", false},
        {"a|expand|base64: 'x%x%'", R"({"a":"eGZvb2Jhcg=="})", true},
        {"a|expand|wide|base64: '%x%'", R"({"a":"YwBtAGQA"})", true},
        {"a|expand|wide|base64offset|contains: '%x%'", R"({"a":"--YwBtAGQA--"})", true},
        {"a|expand|windash|base64: '-%x%'", R"({"a":"L2NtZA=="})", true},
        {"a|expand|base64|cased: '%x%'", R"({"a":"zM9vYmFy"})", false},
    };
    for (const auto& one : cases) {
        const SigmaRule rule = rule_of(format("  s:\n    {}\n  condition: s\n", one.item));
        EXPECT_FALSE(meets(rule, FakeEvent(one.event))) << one.item << " without values";
        const auto filled = fill_placeholders(rule, values);
        ASSERT_TRUE(filled) << filled.error().message;
        EXPECT_EQ(meets(*filled, FakeEvent(one.event)), one.expected) << one.item << " on " << one.event;
    }
    const SigmaRule keywords = rule_of("  s:\n    '|expand|base64': '%x%'\n  condition: s\n");
    const auto filled = fill_placeholders(keywords, values);
    ASSERT_TRUE(filled) << filled.error().message;
    EXPECT_TRUE(meets(*filled, FakeEvent(R"({"b":"so Y21k it is"})")));
    const auto wild = fill_placeholders(rule_of("  s:\n    a|expand|base64: '%x%'\n  condition: s\n"), {{"x", {"a*"}}});
    ASSERT_FALSE(wild);
    EXPECT_EQ(wild.error().message, "t.yml:6: base64: a wildcard or placeholder cannot be encoded");
}

TEST(WithFilter, JoinsItsConditionToTheRules) {
    const auto read = read_sigma(R"(title: rule
id: r1
logsource: {product: windows, category: process_creation}
detection:
  selection: {a: 1}
  condition: selection
---
title: filter
logsource: {product: windows}
filter:
  rules: [r1]
  selection: {User|startswith: adm_}
  condition: not selection
---
title: other
logsource: {product: linux}
filter:
  rules: [r1]
  selection: {User|startswith: adm_}
  condition: not selection
)", "f.yml");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_TRUE(applies_to(read->filters.at(0), read->rules.at(0)));
    EXPECT_FALSE(applies_to(read->filters.at(1), read->rules.at(0)));
    const SigmaRule rule = with_filter(read->rules.at(0), read->filters.at(0));
    EXPECT_TRUE(meets(rule, FakeEvent(R"({"a":1,"User":"eve"})")));
    EXPECT_FALSE(meets(rule, FakeEvent(R"({"a":1,"User":"ADM_eve"})")));
    EXPECT_FALSE(meets(rule, FakeEvent(R"({"a":2,"User":"eve"})")));
}

}  // namespace
}  // namespace madang::security
