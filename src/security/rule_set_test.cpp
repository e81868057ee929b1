// What load_rules makes of files in which not all is well, and what findings say of the rules that found them.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/text.h"
#include "base/zip.h"
#include "security/detector.h"
#include "security/finding.h"
#include "security/rule_set.h"
#include "security/testing.h"

namespace madang::security {
namespace {

class RuleSets : public testing::Test {
protected:
    RuleSet load(std::string_view text, const PlaceholderValues& values = {}) {
        EXPECT_TRUE(write_file_whole(folder_ / "r.yml", text));
        auto set = load_rules({folder_}, values);
        EXPECT_TRUE(set);
        for (auto* problems : {&set->problems, &set->warnings}) {
            for (std::string& one : *problems) one = one.substr(one.find("r.yml"));
        }
        return std::move(*set);
    }
    static std::string rule(std::string_view title, std::string_view more, std::string_view detection = "{s: {a: b}, condition: s}") {
        return format("title: {}\nlogsource: {{product: p}}\n{}detection: {}\n", title, more, detection);
    }

    const TestFolder own_;
    const Path& folder_ = own_.path();
};

TEST_F(RuleSets, OneBadDocumentLeavesTheOthers) {
    const RuleSet set = load(rule("good", "") + "---\n" + rule("bad", "level: High\n") + "---\n" + rule("worse", "", "{s: {a: b}}") + "---\n" + rule("old", "date: 2024/01/02\n"));
    ASSERT_EQ(set.rules.size(), 2U);
    EXPECT_EQ(set.rules[1].metadata.date, "2024-01-02");
    ASSERT_EQ(set.problems.size(), 2U);
    EXPECT_EQ(set.problems[0], "r.yml:7: there is no level \"High\"");
    EXPECT_EQ(set.problems[1], "r.yml:12: a condition is missing");
}

TEST_F(RuleSets, SayWhatWouldNeverMatch) {
    const RuleSet set = load(rule("one", "id: i1\n") + "---\n" + rule("two", "id: i1\n") + "---\n" + rule("ecs", "taxonomy: ecs\n") +
                             "---\ntitle: f\nlogsource: {product: p}\nfilter: {rules: [i2], s: {a: b}, condition: not s}\n"
                             "---\ntitle: g\nlogsource: {product: q}\nfilter: {rules: [i1], s: {a: b}, condition: not s}\n");
    EXPECT_EQ(set.rules.size(), 2U);
    ASSERT_EQ(set.problems.size(), 3U);
    EXPECT_EQ(set.problems[0], "r.yml:11: the taxonomy is \"ecs\"; rules are run whose fields have the names of Sigma's own");
    EXPECT_EQ(set.problems[1], "r.yml:16: the filter changes nothing: none of the rules that it names is here");
    EXPECT_EQ(set.problems[2], "r.yml:20: the filter changes nothing: its log source is not that of the rules that it names");
    ASSERT_EQ(set.warnings.size(), 1U);
}

TEST_F(RuleSets, AFilterOfAnyRuleIsForAllOfItsLogSource) {
    const RuleSet set = load(rule("one", "") + "---\n" + rule("two", "id: i2\n") + "---\ntitle: other\nlogsource: {product: q}\ndetection: {s: {a: b}, condition: s}\n" +
                             "---\ntitle: f\nlogsource: {product: p}\nfilter: {rules: any, s: {u: x}, condition: not s}\n---\ntitle: g\nlogsource: {product: z}\nfilter: {rules: ANY, s: {u: x}, condition: not s}\n");
    ASSERT_EQ(set.rules.size(), 3U);
    EXPECT_EQ(set.rules[0].detection.searches.size(), 2U);
    EXPECT_EQ(set.rules[1].detection.searches.size(), 2U);
    EXPECT_EQ(set.rules[2].detection.searches.size(), 1U);
    EXPECT_EQ(set.filters.size(), 2U);
    ASSERT_EQ(set.problems.size(), 1U);
    EXPECT_TRUE(set.problems[0].ends_with("the filter changes nothing: no rule has its log source")) << set.problems[0];
}

TEST_F(RuleSets, WithoutALicenceOfTheirOwnHaveThatOfTheirFolderOrArchive) {
    std::filesystem::create_directories(folder_ / "rules");
    EXPECT_TRUE(write_file_whole(folder_ / "rules" / "a.yml", rule("none", "") + "---\n" + rule("own", "license: MIT\n")));
    const auto licences = [&](const Path& from) {
        std::string text;
        for (const SigmaRule& one : load_rules({from})->rules) text += one.metadata.license + ";";
        return text;
    };
    EXPECT_EQ(licences(folder_ / "rules"), ";MIT;");
    EXPECT_TRUE(write_file_whole(folder_ / "LICENSE", "The rules are released under the [Detection Rule License (DRL) 1.1](…)"));
    EXPECT_EQ(licences(folder_ / "rules"), "DRL-1.1;MIT;") << "SigmaHQ's stands above its rules";
    EXPECT_EQ(licences(folder_ / "rules" / "a.yml"), "DRL-1.1;MIT;");
    EXPECT_TRUE(write_file_whole(folder_ / "rules" / "LICENSE.txt", "do as you like"));
    EXPECT_EQ(licences(folder_ / "rules"), format("see {};MIT;", std::filesystem::weakly_canonical(folder_ / "rules" / "LICENSE.txt").string()));
    const auto bytes_of = [](std::string_view text) { return Bytes(as_bytes(text).begin(), as_bytes(text).end()); };
    const auto zip = write_zip({{"LICENSE", bytes_of("Detection Rule License (DRL) 1.1")}, {"r/b.yml", bytes_of(rule("packed", ""))}}, Instant(std::chrono::hours(500'000)));
    ASSERT_TRUE(zip);
    EXPECT_TRUE(write_file_whole(folder_ / "all.zip", as_text(*zip)));
    EXPECT_EQ(licences(folder_ / "all.zip"), "DRL-1.1;");
}

TEST_F(RuleSets, FillPlaceholdersInExpressionsAndNetworks) {
    const auto values = read_placeholders("hosts: [dc1.x, dc2]\nnets: 10.0.0.0/8\n", "p.yml");
    ASSERT_TRUE(values) << values.error().message;
    const std::string rules = rule("re", "", "{s: {h|re|expand: '^%hosts%$'}, condition: s}") + "---\n" + rule("cidr", "", "{s: {ip|cidr|expand: '%nets%'}, condition: s}");
    RuleSet set = load(rules, *values);
    ASSERT_EQ(set.rules.size(), 2U) << set.problems.front();
    const auto program = SigmaProgram::compile(std::move(set.rules), LogSources());
    ASSERT_TRUE(program);
    SigmaProgram::Run run(**program);
    const auto met = [&](std::string_view field, std::string_view value) {
        Event event;
        event.add(field, value);
        return run.matches(event, {}).size();
    };
    EXPECT_EQ(met("h", "dc1.x"), 1U);
    EXPECT_EQ(met("h", "dc1yx"), 0U);
    EXPECT_EQ(met("h", "dc2"), 1U);
    EXPECT_EQ(met("ip", "10.9.9.9"), 1U);
    EXPECT_EQ(met("ip", "11.9.9.9"), 0U);
    const RuleSet without = load(rules);
    EXPECT_TRUE(without.rules.empty());
    ASSERT_EQ(without.problems.size(), 2U);
    EXPECT_EQ(without.problems[0], "r.yml:3: the placeholder %hosts% has no values");
    for (const char* text : {"[a]", "a: {b: c}", "a: []", "a: [[b]]"}) EXPECT_FALSE(read_placeholders(text, "p.yml")) << text;
}

TEST_F(RuleSets, FindingsNameAllFieldsThatARuleLookedAt) {
    RuleSet set = load(rule("many", "", "{s: {A|contains: x}, condition: s}") + "---\n" + rule("ref", "", "{s: {B|fieldref: C}, condition: s}") + "---\n" + rule("neq", "", "{s: {D|neq: z}, condition: s}"));
    const auto program = SigmaProgram::compile(std::move(set.rules), LogSources());
    ASSERT_TRUE(program);
    SigmaProgram::Run run(**program);
    Event event;
    for (const auto& [name, value] : {std::pair{"A", "x1"}, {"A", "x2"}, {"B", "same"}, {"C", "same"}, {"D", "y"}}) event.add(name, value);
    std::string text;
    const auto found = run.matches(event, {.category = {}, .product = "p", .service = {}});
    for (const std::uint32_t one : found) text += json::serialize(to_json(finding_of((*program)->rule(one), event, run.fields_of(one))).at("fields")) + "\n";
    EXPECT_EQ(text, "{\"A\":[\"x1\",\"x2\"]}\n{\"B\":\"same\",\"C\":\"same\"}\n{\"D\":\"y\"}\n");
}

TEST(WebErrorLines, AreReadAsBothServersWriteThem) {
    const auto shown = [](std::string_view line) {
        Event event;
        EXPECT_TRUE(parse_web_error_line(line, event));
        std::string text;
        for (std::size_t i = 0; i < event.size(); ++i) text += format("{}={}|", event.at(i).name, event.at(i).value);
        return text;
    };
    const std::string_view nginx = R"(2024/01/02 10:11:12 [crit] 12#34: *5 open() failed, client: 10.0.0.1, server: a.by, request: "GET / HTTP/1.1", host: "a.by")";
    const std::string_view apache = "[Wed Oct 11 14:32:52.123456 2023] [core:error] [pid 1:tid 2] [client 10.0.0.1:1234] AH00126: Invalid URI";
    EXPECT_TRUE(shown(nginx).starts_with("timestamp=2024/01/02 10:11:12|level=crit|procid=12|message=open() failed, client"));
    EXPECT_TRUE(shown(nginx).ends_with("|c-ip=10.0.0.1|s-computername=a.by|cs-request=GET / HTTP/1.1|cs-host=a.by|"));
    EXPECT_EQ(shown(apache), "timestamp=Wed Oct 11 14:32:52.123456 2023|level=error|procid=1|c-ip=10.0.0.1|message=AH00126: Invalid URI|");
    EXPECT_EQ(form_of(nginx), LogForm::web_error);
    EXPECT_EQ(form_of(apache), LogForm::web_error);
    Event event;
    ASSERT_TRUE(parse_web_error_line(apache, event));
    EXPECT_EQ(origin_of(event, LineFormat::web_error, {}).service, "apache");
}

}  // namespace
}  // namespace madang::security
