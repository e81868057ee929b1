#include "security/sigma_reader.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "security/sigma_pattern.h"

namespace madang::security {
namespace {

// What is wrong with a rule whose detection is this, without the place; "" when nothing is.
std::string refusal(std::string_view detection) {
    const auto read = read_sigma(format("title: t\nlogsource: {{product: p}}\ndetection:\n{}", detection), "t.yml");
    if (read) return "";
    const std::string& message = read.error().message;
    EXPECT_TRUE(message.starts_with("t.yml:")) << message;
    return message.substr(message.find(": ") + 2);
}

std::string item_refusal(std::string_view map) { return refusal(format("  s: {}\n  condition: s\n", map)); }

std::string document_refusal(std::string_view text) {
    const auto read = read_sigma(text, "t.yml");
    return read ? "" : read.error().message;
}

TEST(ReadSigma, ReadsWhatARuleSaysOfItself) {
    const auto read = read_sigma(R"(title: A rule
id: 929a690e-bef0-4204-a928-ef5e620d6fcc
name: a_rule
related:
  - {id: 08fbc97d-0a2f-491c-ae21-8ffcfd3174e9, type: derived}
status: test
description: |
  Two
  lines
license: DRL-1.1
author: A, B
references: [https://example.org]
date: 2024-02-29
modified: 2025-01-01
tags: [attack.t1059.001, cve.2024-1]
logsource: {category: process_creation, product: windows, service: sysmon, definition: D}
detection:
  selection:
    Image|endswith: '\cmd.exe'
  condition: selection
fields: [Image]
falsepositives: Unknown
level: high
scope: [server]
custom: {x: y}
)", "dir/a.yml");
    ASSERT_TRUE(read) << read.error().message;
    const SigmaRule& rule = read->rules.at(0);
    const SigmaMetadata& m = rule.metadata;
    EXPECT_EQ(m.title + "|" + m.id + "|" + m.name + "|" + m.license + "|" + m.author + "|" + m.date + "|" + m.modified,
              "A rule|929a690e-bef0-4204-a928-ef5e620d6fcc|a_rule|DRL-1.1|A, B|2024-02-29|2025-01-01");
    EXPECT_EQ(m.description, "Two\nlines\n");
    EXPECT_EQ(m.status, SigmaStatus::test);
    EXPECT_EQ(m.level, SigmaLevel::high);
    EXPECT_EQ(m.related.at(0).type, "derived");
    EXPECT_EQ(m.references, std::vector<std::string>{"https://example.org"});
    EXPECT_EQ(m.tags, (std::vector<std::string>{"attack.t1059.001", "cve.2024-1"}));
    EXPECT_EQ(m.fields, std::vector<std::string>{"Image"});
    EXPECT_EQ(m.falsepositives, std::vector<std::string>{"Unknown"});
    EXPECT_EQ(m.scope, std::vector<std::string>{"server"});
    EXPECT_EQ(m.file, "dir/a.yml");
    EXPECT_EQ(rule.source.category + rule.source.product + rule.source.service + rule.source.definition, "process_creationwindowssysmonD");
    const SigmaItem& item = rule.detection.searches.at(0).any_of.at(0).at(0);
    EXPECT_EQ(item.line, 19U);
    EXPECT_EQ(spell(std::get<TextMatch>(item.values.at(0).any_of.at(0)).pattern), R"(*\\cmd.exe)");
}

TEST(ReadSigma, RefusesWhatTheHeadMayNotSay) {
    constexpr std::string_view rest = "logsource: {product: p}\ndetection: {s: {a: b}, condition: s}\n";
    const std::pair<std::string, std::string> cases[] = {
        {"id: x\n", "t.yml:1: a title is missing"},
        {"title: " + std::string(257, 'x') + "\n", "t.yml:1: the title has more than 256 characters"},
        {"title: [a]\n", "t.yml:1: title is a text"},
        {"title: t\nstatus: good\n", "t.yml:2: there is no status \"good\""},
        {"title: t\nlevel: High\n", "t.yml:2: there is no level \"High\""},
        {"title: t\ndate: 2024/13/01\n", "t.yml:2: date \"2024/13/01\" is not a day as YYYY-MM-DD"},
        {"title: t\nmodified: 2023-02-29\n", "t.yml:2: modified \"2023-02-29\" is not a day as YYYY-MM-DD"},
        {"title: t\ntags: [Attack.x]\n", "t.yml:2: \"Attack.x\" is no tag"},
        {"title: t\ntags: [attack]\n", "t.yml:2: \"attack\" is no tag"},
        {"title: t\ntags: attack.x\n", "t.yml:2: tags is a list"},
        {"title: t\nrelated: [{id: x, type: friend}]\n", "t.yml:2: there is no relation \"friend\""},
        {"title: t\nreferences: [[a]]\n", "t.yml:2: an entry of references is a text"},
        {"title: t\naction: global\n", "t.yml:1: action (a rule collection) is no longer Sigma"},
        {"title: t\nfilter: {}\n", "t.yml:1: a document is a rule, a filter or a correlation, not several of them"},
    };
    for (const auto& [head, expected] : cases) EXPECT_EQ(document_refusal(head + std::string(rest)), expected) << head;
    EXPECT_EQ(document_refusal(""), "t.yml:1: there is no document");
    EXPECT_EQ(document_refusal("- a"), "t.yml:1: a Sigma document is a map");
    EXPECT_EQ(document_refusal("title: t\nlogsource: {product: Windows}\ndetection: {}"),
              "t.yml:2: product \"Windows\" is not in lower case with _ for blanks");
    EXPECT_EQ(document_refusal("title: t\nlogsource: {definition: x}\ndetection: {}"), "t.yml:2: logsource names no category, product or service");
    EXPECT_EQ(document_refusal("title: t\ndetection: {s: {a: b}, condition: s}"), "t.yml:1: a logsource is missing");
    EXPECT_EQ(document_refusal("title: t\nlogsource: {product: p}"), "t.yml:1: a detection is missing");
}

TEST(ReadSigma, ReadsEveryModifier) {
    for (const char* map : {"{a|contains: x}", "{a|startswith: x}", "{a|endswith: x}", "{a|all: [x, y]}", "{a|base64: x}",
                            "{a|base64offset: xxx}", "{a|utf16: x}", "{a|utf16le: x}", "{a|utf16be: x}", "{a|wide: x}", "{a|windash: '-x'}",
                            "{a|re: x}", "{a|re|i: x}", "{a|re|m|s: x}", "{a|cidr: 1.0.0.0/8}", "{a|cased: x}", "{a|exists: true}",
                            "{a|expand: '%x%'}", "{a|fieldref: b}", "{a|gt: 1}", "{a|gte: 1.5}", "{a|lt: -1}", "{a|lte: [1, 2]}",
                            "{a|neq: x}", "{a|minute: 59}", "{a|hour: 0}", "{a|day: 31}", "{a|week: 52}", "{a|month: 1}", "{a|year: 1999}",
                            "{a|hour|gt: 20}", "{a|contains|all|windash: ['-x', y]}", "{a|wide|base64offset|contains: x}"}) {
        EXPECT_EQ(item_refusal(map), "") << map;
    }
}

TEST(ReadSigma, RefusesModifiersThatAreWrong) {
    const std::pair<const char*, const char*> cases[] = {
        {"{a|contain: x}", "there is no modifier \"contain\", did you mean \"contains\"?"},
        {"{a|: x}", "there is no modifier \"\""},
        {"{a|contains|contains: x}", "contains is there twice"},
        {"{a|contains|endswith: x}", "contains and endswith do not go together"},
        {"{a|wide|utf16: x}", "wide and utf16 do not go together"},
        {"{a|base64|base64offset: x}", "base64 and base64offset do not go together"},
        {"{a|re|contains: x}", "re and contains do not go together"},
        {"{a|re|cased: x}", "re and cased do not go together"},
        {"{a|re|windash: x}", "re and windash do not go together"},
        {"{a|i|re: x}", "i stands directly behind re"},
        {"{a|re|all|i: [x, y]}", "i stands directly behind re"},
        {"{a|i: x}", "i stands directly behind re"},
        {"{a|cidr|contains: 1.0.0.0/8}", "cidr and contains do not go together"},
        {"{a|exists|all: [true, false]}", "exists and all do not go together"},
        {"{a|exists|neq: true}", "exists and neq do not go together"},
        {"{a|gt|lt: 1}", "gt and lt do not go together"},
        {"{a|gt|neq: 1}", "gt and neq do not go together"},
        {"{a|gt|contains: 1}", "gt and contains do not go together"},
        {"{a|neq|all: [x, y]}", "neq and all do not go together"},
        {"{a|hour|contains: 1}", "contains is not for a part of a time"},
        {"{a|hour|day: 1}", "hour and day do not go together"},
        {"{'|startswith': [x, y]}", "startswith needs a field"},
        {"{'|cidr': [x, y]}", "cidr needs a field"},
        {"{'|neq': [x, y]}", "neq needs a field"},
    };
    for (const auto& [map, expected] : cases) EXPECT_EQ(item_refusal(map), expected) << map;
}

TEST(ReadSigma, RefusesValuesThatDoNotFit) {
    const std::pair<const char*, const char*> cases[] = {
        {"{a|all: x}", "all needs a list of values"},
        {"{a|all: [x]}", "all needs more than one value"},
        {"{a: []}", "a list of values is not empty"},
        {"{a: {b: c}}", "a field has a value or a list of values, not a map"},
        {"{a: [[x]]}", "a value is a text, a number, a truth value or null"},
        {"{a: ['', null]}", "null cannot be part of a list of values"},
        {"{a|contains: null}", "null is no text"},
        {"{a|windash: 5}", "windash needs a text, and \"5\" is none: put it in quotes"},
        {"{a|re: 5}", "re needs a text, and \"5\" is none: put it in quotes"},
        {"{a|re: '('}", "\"(\" is no expression: missing ): ("},
        {"{a|re: 'a(?=b)'}", "look-ahead in \"a(?=b)\" is outside the flavour of Sigma"},
        {"{a|re: '(?<!a)b'}", "look-behind in \"(?<!a)b\" is outside the flavour of Sigma"},
        {"{a|re: '(?>a)b'}", "an atomic group in \"(?>a)b\" is outside the flavour of Sigma"},
        {R"({a|re: '(a)\1'})", R"(a back-reference in "(a)\1" is outside the flavour of Sigma)"},
        {"{a|re: '[(?=]'}", ""},
        {R"({a|re: '\(?=x'})", ""},
        {"{a|cidr: 10.0.0.0}", "\"10.0.0.0\" is no network: its prefix is missing"},
        {"{a|cidr: 10.0.0.1/8}", "\"10.0.0.1/8\" is no network: there are bits behind its prefix"},
        {"{a|cidr: 10.0.0.0/33}", "\"10.0.0.0/33\" is no network: its prefix is not between 0 and 32"},
        {"{a|cidr: x/8}", "\"x/8\" is no network: its address is not one"},
        {"{a|exists: 1}", "exists is true or false"},
        {"{a|exists: [true]}", "exists has one value"},
        {"{a|fieldref: ''}", "fieldref needs the name of a field"},
        {"{a|gt: '1'}", "a comparison needs a number, and \"1\" is none"},
        {"{a|hour: 24}", "24 is not between 0 and 23"},
        {"{a|week: 53}", "53 is not between 1 and 52"},
        {"{a|day: 0}", "0 is not between 1 and 31"},
        {"{a|month: 1.5}", "a part of a time is a whole number"},
        {"{a|base64: 'x*'}", "base64: a wildcard or placeholder cannot be encoded"},
        {"{a|contains|base64: x}", "base64: a wildcard or placeholder cannot be encoded"},
        {"{a|wide: 'x?'}", "wide: a wildcard or placeholder cannot be encoded"},
        {"{a|expand|base64: '%x%*'}", "base64: a wildcard or placeholder cannot be encoded"},
        {"{a|windash|base64: '----'}", "base64: more than three dashes cannot be encoded"},
        {"{a|base64: ''}", "base64: the value is too short"},
        {"{a: 007}", "put \"007\" in quotes: what its leading zero means is not clear"},
        {"{a|contains: 007}", ""},
        {"{a: 99999999999999999999}", "the number 99999999999999999999 does not fit in 64 bits"},
        {"{a: 1e999}", "the number 1e999 is too large"},
        {"{'': x}", "a field needs a name"},
        {"[null]", "null is no keyword"},
        {"[[x]]", "a value is a text, a number, a truth value or null"},
        {"x", "s is neither a list nor a map"},
        {"{}", "a search identifier is not empty"},
        {"[]", "a search identifier is not empty"},
        {"[{}]", "a search identifier is not empty"},
    };
    for (const auto& [map, expected] : cases) EXPECT_EQ(item_refusal(map), expected) << map;
    EXPECT_EQ(item_refusal("{a: " + std::string(16 * 1024 + 1, 'x') + "}"), "a value has at most 16384 bytes");
    EXPECT_EQ(item_refusal("{a|re: " + std::string(4097, 'x') + "}"), "an expression has at most 4096 bytes");
    EXPECT_EQ(item_refusal("{a|re: '(((x{100}){100}){100})'}").substr(0, 10), "\"(((x{100}");
    EXPECT_EQ(item_refusal("{" + std::string(257, 'f') + ": x}"), "the name of the field is too long");
}

TEST(ReadSigma, RefusesConditionsThatAreWrong) {
    const std::pair<std::string, std::string> cases[] = {
        {"s and", "the condition ends too early"},
        {"(s", "a closing bracket is missing"},
        {"s)", "\")\" is not expected here"},
        {"s t", "\"t\" is not expected here"},
        {"t", "there is no search identifier \"t\""},
        {"2 of s*", "\"2 of\" is neither \"1 of\" nor \"all of\""},
        {"any of s*", "\"any of\" is neither \"1 of\" nor \"all of\""},
        {"1 of x*", "no search identifier fits \"x*\""},
        {"1 of", "a pattern is missing behind \"of\""},
        {"s | count() > 5", "an aggregation behind | is no longer Sigma: write a correlation"},
        {"5", "a condition is a text"},
        {"[]", "a list of conditions is not empty"},
        {"[s, x]", "there is no search identifier \"x\""},
        {std::string(34 * 4, ' ') + std::string(34, '(') + "s" + std::string(34, ')'), "more than 32 levels deep"},
    };
    for (const auto& [condition, expected] : cases) EXPECT_EQ(refusal("  s: {a: b}\n  condition: " + condition + "\n"), expected) << condition;
    std::string many = "s";
    for (int i = 0; i < 600; ++i) many += " or s";
    EXPECT_EQ(refusal("  s: {a: b}\n  condition: " + many + "\n"), "more than 1000 words");
    EXPECT_EQ(refusal("  s: {a: b}\n"), "a condition is missing");
    EXPECT_EQ(refusal("  condition: s\n"), "there is no search identifier");
    EXPECT_EQ(refusal("  s: {a: b}\n  timeframe: 5m\n  condition: s\n"), "timeframe is no longer Sigma: write a correlation");
}

TEST(ReadSigma, ReadsCorrelations) {
    const auto read = read_sigma(R"(title: many
name: many
correlation:
  type: value_count
  rules: [r1, r2]
  group-by: [ip, User]
  timespan: 90m
  aliases:
    ip: {r1: src, r2: dst}
  condition: {gte: 2, lt: 10, field: [User, Host]}
generate: true
level: high
---
title: order
correlation:
  type: temporal_ordered
  rules: [many, r3]
  group-by: [User]
  timespan: 1d
---
title: sum
correlation: {type: value_sum, rules: [r1], group-by: [u], timespan: 5s, condition: {field: bytes, gt: 0.5}}
)", "c.yml");
    ASSERT_TRUE(read) << read.error().message;
    const SigmaCorrelation& many = read->correlations.at(0);
    EXPECT_EQ(many.type, CorrelationType::value_count);
    EXPECT_EQ(many.timespan, std::chrono::minutes(90));
    EXPECT_EQ(many.aliases.at("ip").at("r2"), "dst");
    EXPECT_EQ(many.condition.size(), 2U);
    EXPECT_EQ(many.fields, (std::vector<std::string>{"User", "Host"}));
    EXPECT_TRUE(many.generate);
    EXPECT_EQ(many.metadata.level, SigmaLevel::high);
    EXPECT_EQ(read->correlations.at(1).type, CorrelationType::temporal_ordered);
    EXPECT_EQ(read->correlations.at(1).timespan, std::chrono::hours(24));
    EXPECT_FALSE(read->correlations.at(1).generate);
    EXPECT_EQ(read->correlations.at(2).condition.at(0).number, 0.5);
}

TEST(ReadSigma, RefusesCorrelationsThatAreWrong) {
    const std::pair<const char*, const char*> cases[] = {
        {"{type: sum}", "there is no type \"sum\""},
        {"{type: temporal}", "rules are missing"},
        {"{type: temporal, rules: [a, a]}", "rules name a rule twice"},
        {"{type: temporal, rules: a}", "rules is a list"},
        {"{type: temporal, rules: [a]}", "group-by is missing"},
        {"{type: temporal, rules: [a], group-by: [u, u]}", "group-by names a field twice"},
        {"{type: temporal, rules: [a], group-by: [u]}", "the timespan \"\" is not a number and one of s, m, h and d"},
        {"{type: temporal, rules: [a], group-by: [u], timespan: 1M}", "the timespan \"1M\" is not a number and one of s, m, h and d"},
        {"{type: temporal, rules: [a], group-by: [u], timespan: 0s}", "the timespan is empty"},
        {"{type: temporal, rules: [a], group-by: [u], timespan: 3661d}", "the timespan is longer than ten years"},
        {"{type: event_count, rules: [a], group-by: [u], timespan: 1m}", "a condition is missing"},
        {"{type: event_count, rules: [a], group-by: [u], timespan: 1m, condition: {}}", "the condition compares nothing"},
        {"{type: event_count, rules: [a], group-by: [u], timespan: 1m, condition: {ge: 1}}", "there is no comparison \"ge\""},
        {"{type: event_count, rules: [a], group-by: [u], timespan: 1m, condition: {gte: x}}", "gte needs a number"},
        {"{type: event_count, rules: [a], group-by: [u], timespan: 1m, condition: {gte: 1.5}}", "gte needs a number"},
        {"{type: event_count, rules: [a], group-by: [u], timespan: 1m, condition: {gte: -1}}", "a count is not below zero"},
        {"{type: event_count, rules: [a], group-by: [u], timespan: 1m, condition: {gte: 1, field: x}}", "this type looks at no field"},
        {"{type: value_count, rules: [a], group-by: [u], timespan: 1m, condition: {gte: 1}}", "the condition names no field"},
        {"{type: value_sum, rules: [a], group-by: [u], timespan: 1m, condition: {gte: 1, field: [x, y]}}", "this type looks at one field"},
        {"{type: temporal, rules: [a], group-by: [u], timespan: 1m, aliases: {x: {b: c}}}", "the rule \"b\" is not among those of the correlation"},
        {"{type: temporal, rules: [a], group-by: [u], timespan: 1m, aliases: {x: b}}", "an alias is a map from rules to fields"},
        {"{type: temporal, rules: [a], group-by: [u], timespan: 1m, generate: 1}", "generate is true or false"},
        {"[]", "correlation is a map"},
    };
    for (const auto& [map, expected] : cases) {
        const std::string message = document_refusal(format("title: t\ncorrelation: {}\n", map));
        EXPECT_EQ(message.substr(message.find(": ") + 2), expected) << map;
    }
    EXPECT_EQ(document_refusal("title: t\nlogsource: {product: p}\nfilter: {s: {a: b}, condition: s}"),
              "t.yml:3: a filter names the rules that it is for");
}

}  // namespace
}  // namespace madang::security
