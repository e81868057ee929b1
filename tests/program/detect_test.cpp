// Sigma rules on logs at the command line: detect; security rules check, test, import and list.
#include "base/csv.h"
#include "base/json.h"
#include "program/commands.h"

namespace madang {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kRule = R"(title: Encoded <shell>
id: 929a690e-bef0-4204-a928-ef5e620d6fcc
author: A. Author
license: DRL-1.1
level: high
tags: [attack.t1059.001]
logsource: {category: process_creation, product: windows}
detection:
  selection:
    Image|endswith: '\shell.exe'
    CommandLine|contains: ' -enc '
  condition: selection
)";
constexpr std::string_view kWebRule = R"(title: A path that climbs
level: low
logsource: {category: webserver}
detection:
  keywords: ['../../']
  condition: keywords
)";
constexpr std::string_view kLog =
    R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Image":"C:\\SHELL.exe","CommandLine":"=shell -enc <x>","Computer":"one","SystemTime":"2026-11-24T10:20:30.5Z"}
not json
{"Channel":"Security","EventID":4688,"NewProcessName":"C:\\shell.exe","CommandLine":"shell -ENC x"}
{"Channel":"Security","EventID":4689,"NewProcessName":"C:\\shell.exe","CommandLine":"shell -enc x"}
)";
constexpr std::string_view kWeb = "10.0.0.1 - - [24/Nov/2026:10:00:00 +0300] \"GET /a/../../etc/passwd HTTP/1.1\" 404 12\n";

class DetectCommands : public Commands {
protected:
    std::string rules() const {
        std::filesystem::create_directory(folder_ / "rules");
        file("rules/shell.yml", kRule);
        file("rules/web.yml", kWebRule);
        return (folder_ / "rules").string();
    }
};

TEST_F(DetectCommands, FindsEachEventThatARuleDescribesWhateverItsLogCallsTheFields) {
    const Ran ran = run(format("detect --rules '{}' --json '{}' '{}'", rules(), file("log.jsonl", kLog), file("access.log", kWeb)));
    ASSERT_EQ(ran.code, 0) << ran.errors;
    std::vector<json::object> found;
    for (const std::string_view line : split(ran.out, '\n')) {
        if (!line.empty()) found.push_back(parse_json(line)->as_object());
    }
    ASSERT_EQ(found.size(), 3U) << ran.out;
    EXPECT_EQ(found.front().at("time"), "") << "what states no time comes first";
    EXPECT_EQ(found[1].at("time"), "2026-11-24T07:00:00.000000Z") << "of the web server, which writes local time";
    EXPECT_EQ(found.back().at("time"), "2026-11-24T10:20:30.500000Z");
    EXPECT_EQ(found.back().at("record"), 1);
    EXPECT_EQ(found.back().at("author"), "A. Author");
    EXPECT_EQ(found.back().at("licence"), "DRL-1.1");
    EXPECT_EQ(found.back().at("fields").at("CommandLine"), "=shell -enc <x>");
    EXPECT_THAT(ran.out, HasSubstr(R"("NewProcessName":"C:\\shell.exe")")) << "what Sigma calls Image is called otherwise in 4688";
    EXPECT_THAT(ran.out, HasSubstr("A path that climbs"));
    EXPECT_THAT(ran.errors, HasSubstr("3 detections in 4 events of 2 files by 2 rules; 1 damaged"));
    EXPECT_THAT(ran.errors, HasSubstr("line 2")) << "what was passed over has its place";
}

TEST_F(DetectCommands, WritesForPeopleAndForSpreadsheets) {
    const std::string log = file("log.jsonl", kLog);
    const std::string folder = rules();
    const Ran table = run(format("detect --rules '{}' --level high '{}'", folder, log));
    EXPECT_THAT(table.out, HasSubstr("high          Encoded <shell>"));
    EXPECT_THAT(table.errors, HasSubstr("by 1 rules")) << "only those of this level and above";
    const Ran csv = run(format("detect --rules '{}' --format csv '{}'", folder, log));
    const auto rows = parse_csv(csv.out, "out", {});
    ASSERT_TRUE(rows) << rows.error().message;
    ASSERT_EQ(rows->size(), 3U);
    EXPECT_EQ(rows->front().front(), "time");
    const Ran page = run(format("detect --rules '{}' --format html --out '{}/t.html' '{}'", folder, folder_.string(), log));
    EXPECT_EQ(page.code, 0);
    const std::string html = *read_file(folder_ / "t.html");
    EXPECT_THAT(html, HasSubstr("Encoded &lt;shell&gt;"));
    EXPECT_THAT(html, Not(HasSubstr("-enc <x>")));
    for (const char* outside : {"http://", "https://", "src=", "url("}) EXPECT_THAT(html, Not(HasSubstr(outside))) << "it loads nothing";
}

TEST_F(DetectCommands, WholeValuesAndNothingThatATerminalObeys) {
    const std::string command = "shell -enc \\u001b]0;mine\\u0007\\r" + std::string(500, 'x') + "end";
    const std::string log = file("log.jsonl", R"({"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"pc\u009b","Image":"C:\\shell.exe","CommandLine":")" + command + "\"}\n");
    const std::string folder = rules();
    const Ran table = run(format("detect --rules '{}' '{}'", folder, log));
    const Ran csv = run(format("detect --rules '{}' --format csv '{}'", folder, log));
    const Ran page = run(format("detect --rules '{}' --format html '{}'", folder, log));
    for (const Ran* one : {&table, &csv, &page}) {
        EXPECT_THAT(one->out, HasSubstr("-enc"));
        for (const char* bad : {"\x1b", "\x07", "\xc2\x9b"}) EXPECT_THAT(one->out, Not(HasSubstr(bad)));
        // Lines of CSV end with both (RFC 4180).
        EXPECT_EQ(std::ranges::count(one->out, '\r'), one == &csv ? std::ranges::count(one->out, '\n') : 0);
    }
    EXPECT_THAT(csv.out, HasSubstr("xxend")) << "whole";
    EXPECT_THAT(page.out, HasSubstr("<details><summary>"));
    EXPECT_THAT(page.out, HasSubstr("xxend</details>"));
}

TEST_F(DetectCommands, SaysWhichRulesCannotBeRunAndWhy) {
    const std::string folder = rules();
    file("rules/bad.yml", "title: t\nlogsource: {product: p}\ndetection:\n  s: {a|re: '(?=x)'}\n  condition: s\n");
    const Ran checked = run(format("security rules check '{}'", folder));
    EXPECT_EQ(checked.code, 1);
    EXPECT_THAT(checked.out, HasSubstr("bad.yml:4"));
    EXPECT_THAT(checked.out, HasSubstr("3 files, 2 rules can be run, 0 correlations, 1 refused"));
    const auto as_json = parse_json(run(format("security rules check '{}' --json", folder)).out);
    ASSERT_TRUE(as_json);
    EXPECT_EQ(as_json->at("rules"), 2);
    EXPECT_THAT(run(format("security rules list '{}'", folder)).out, HasSubstr("929a690e-bef0-4204-a928-ef5e620d6fcc"));
}

TEST_F(DetectCommands, RefusesWhatIsNotThere) {
    const std::string folder = rules();
    EXPECT_EQ(run(format("detect --rules '{}' '{}/none.evtx'", folder, folder_.string())).code, 4);
    EXPECT_EQ(run(format("detect --rules '{}/none' '{}'", folder_.string(), file("log", kLog))).code, 4);
    EXPECT_EQ(run(format("detect --rules '{}' --level loud '{}'", folder, file("log", kLog))).code, 3);
    EXPECT_EQ(run(format("detect --rules '{}' --format pdf '{}'", folder, file("log", kLog))).code, 3);
    EXPECT_EQ(run(format("detect --rules '{}' '{}'", folder, file("empty", ""))).code, 0);
}

TEST_F(DetectCommands, CorrelationsCountAcrossFilesThatMayBePacked) {
    std::filesystem::create_directory(folder_ / "rules");
    file("rules/many.yml", R"(title: Many failures
level: high
correlation: {type: event_count, rules: [failed], group-by: [user], timespan: 1m, condition: {gte: 3}}
---
title: One failure
name: failed
level: low
logsource: {product: shop}
detection: {s: {kind: failed}, condition: s}
)");
    const auto line = [](int second, std::string_view user) { return format("{{\"kind\":\"failed\",\"user\":\"{}\",\"timestamp\":\"2026-11-24T10:00:{:02}Z\"}}\n", user, second); };
    const std::string late = file("a.jsonl", line(50, "eve") + line(10, "bob") + "{\"kind\":\"failed\",\"user\":\"bob\"}\n");
    const std::string early = file("b.jsonl", line(1, "eve") + line(20, "eve") + line(30, "bob"));
    ASSERT_EQ(std::system(format("gzip -f '{}'", early).c_str()), 0);
    const Ran ran = run(format("detect --rules '{}' --product shop --json '{}' '{}.gz'", (folder_ / "rules").string(), late, early));
    ASSERT_EQ(ran.code, 0) << ran.errors;
    EXPECT_THAT(ran.errors, HasSubstr("1 detections in 6 events of 2 files by 2 rules"));
    EXPECT_THAT(ran.errors, HasSubstr("1 events that rules of correlations met state no time"));
    const json::object found = parse_json(tidy_line(ran.out).value())->as_object();
    EXPECT_EQ(found.at("title"), "Many failures");
    EXPECT_THAT(json::serialize(found), HasSubstr("b.jsonl.gz:1, b.jsonl.gz:2, a.jsonl:1"));
}

TEST_F(DetectCommands, EventsAreKeptHuntedAndGivenToNewRules) {
    const std::string spool = format(" --spool '{}' ", (folder_ / "events").string());
    const Ran kept = run(format("security collect {} '{}' '{}'", spool, file("log.jsonl", kLog), file("access.log", kWeb)));
    ASSERT_EQ(kept.code, 0) << kept.errors;
    EXPECT_THAT(kept.out, HasSubstr("5 events stored, 0 refused"));
    const Ran found = run(format("security hunt 'contains(lower case(CommandLine), \"-enc\") and EventID = 4688' {} --svg '{}'", spool, (folder_ / "h.svg").string()));
    ASSERT_EQ(found.code, 0) << found.errors;
    EXPECT_THAT(found.out, HasSubstr("shell -ENC x"));
    EXPECT_THAT(found.out, Not(HasSubstr("<x>")));
    EXPECT_THAT(found.errors, HasSubstr("1 of 5 events"));
    EXPECT_THAT(*read_file(folder_ / "h.svg"), HasSubstr("<svg"));
    EXPECT_EQ(run(format("security hunt 'EventID = ' {}", spool)).code, 3);
    EXPECT_THAT(run(format("security hunt 'NoSuchField = 1 and EventID = 4688' {}", spool)).errors, HasSubstr("has the field NoSuchField"));
    EXPECT_THAT(run(format("security hunt 'EventID = 99' {}", spool)).errors, Not(HasSubstr("has the field")));
    const Ran many = run(format("security hunt 'EventID >= 4688' {} --count", spool));
    EXPECT_TRUE(many.out.starts_with("2\n")) << many.out;
    EXPECT_THAT(many.out, HasSubstr("█")) << "when, too";
    const auto counted = parse_json(tidy_line(run(format("security hunt 'EventID >= 1' {} --count-by EventID --json", spool)).out).value());
    ASSERT_TRUE(counted);
    EXPECT_EQ(json::serialize(counted->at("values")), R"([{"value":"1","count":1},{"value":"4688","count":1},{"value":"4689","count":1}])");
    EXPECT_EQ(counted->at("histogram").as_array().size(), 2U) << "one states its time, the others came now";
    const Ran by = run(format("security hunt 'EventID >= 1' {} --count-by Image", spool));
    EXPECT_THAT(by.out, HasSubstr("1  C:\\SHELL.exe\n"));
    EXPECT_THAT(by.out, HasSubstr("2  of events without Image\n"));
    const Ran table = run(format("security hunt 'EventID = 4688' {} --table 'EventID, CommandLine,process.executable'", spool));
    EXPECT_THAT(table.out, testing::ContainsRegex("time +EventID  CommandLine   process.executable\n.+  4688     shell -ENC x  C:.shell.exe\n"));
    const Ran cells = run(format("security hunt 'EventID = 4688' {} --table EventID,None --json", spool));
    EXPECT_THAT(cells.out, HasSubstr(R"("fields":{"EventID":"4688","None":""})"));
    EXPECT_EQ(run(format("security hunt 'EventID = 4688' {} --table EventID --count", spool)).code, 3) << "one of them";
    EXPECT_EQ(run(format("security hunt 'EventID = 4688' {} --table EventID,,x", spool)).code, 3);
    const Ran tried = run(format("security backtest --json --rules '{}' {}", rules(), spool));
    ASSERT_EQ(tried.code, 0) << tried.errors;
    EXPECT_EQ(parse_json(tidy_line(tried.out).value())->as_array().size(), 2U) << tried.out;
    const Ran all = run(format("security spool export {} --contains GET", spool));
    EXPECT_EQ(all.out, kWeb);
    EXPECT_EQ(parse_json(tidy_line(run(format("security spool list --json {}", spool)).out).value())->as_array().size(), 1U);
}

TEST_F(DetectCommands, AModelIsTrainedJudgedApprovedAndTakenBack) {
    const std::string models = format(" --models '{}' ", (folder_ / "models").string());
    const std::string plan = file("plan.json", R"({"name": "tiny", "columns": [{"name": "size"}, {"name": "rate"}, {"name": "label", "kind": "label"}],
 "candidates": [{"name": "plain", "rounds": 5, "depth": 2}], "folds": 2, "seed": 3, "false_alarms": 0.05})");
    std::string data;
    for (int i = 0; i < 300; ++i) data += i % 3 == 0 ? format("{},0.9,flood\n", 10 + i % 7) : i % 3 == 1 ? format("{},0.1,theft\n", 5000 + i) : format("{},0.1,normal\n", 20 + i % 50);
    const std::string records = file("records.csv", data);
    const Ran trained = run(format("security train {} --protocol '{}' '{}'", models, plan, records));
    ASSERT_EQ(trained.code, 0) << trained.errors;
    EXPECT_THAT(trained.out, HasSubstr("tiny 1 is kept: plain"));
    const Ran judged = run(format("security evaluate {} --model tiny --explain --json '{}'", models, records));
    ASSERT_EQ(judged.code, 0) << judged.errors;
    const json::object report = parse_json(tidy_line(judged.out).value())->as_object();
    EXPECT_EQ(report.at("rows").to_number<int>(), 300);
    EXPECT_GT(report.at("accuracy").to_number<double>(), 0.9);
    const json::object first = report.at("explained").as_array().at(0).as_object();
    EXPECT_EQ(first.at("record").to_number<int>(), 1);
    EXPECT_EQ(first.at("line").as_string(), "10,0.9,flood") << "so that it can be labelled";
    EXPECT_EQ(run(format("security rollback tiny {} --by 'A. Kim'", models)).code, 5);
    EXPECT_EQ(run(format("security approve tiny --version 1 {} --by 'A. Kim'", models)).code, 0);
    EXPECT_EQ(run(format("security approve tiny --version 2 {} --by 'A. Kim'", models)).code, 4);
    EXPECT_THAT(run(format("security models {}", models)).out, HasSubstr("counts"));
}

TEST_F(DetectCommands, TestsRulesAgainstLogsWithStatedCounts) {
    const std::string all = rules();
    std::filesystem::create_directories(folder_ / "data" / "a");
    file("data/a/log.jsonl", kLog);
    constexpr std::string_view info = R"(rule_metadata:
  - id: 929a690e-bef0-4204-a928-ef5e620d6fcc
regression_tests_info:
  - name: Positive
    path: a/log.jsonl
    match_count: COUNT
)";
    const auto with = [&](std::string_view count) {
        std::string text(info);
        file("data/a/info.yml", text.replace(text.find("COUNT"), 5, count));
        return run(format("security rules test '{}' --with '{}'", all, (folder_ / "data").string()));
    };
    const Ran good = with("2");
    EXPECT_EQ(good.code, 0) << good.errors;
    EXPECT_THAT(good.out, HasSubstr("1 passed, 0 failed"));
    const Ran bad = with("3");
    EXPECT_EQ(bad.code, 1);
    EXPECT_THAT(bad.out, HasSubstr("a: Positive: 2 events of 3 are found, 3 at least are expected"));
    EXPECT_THAT(with("many").errors, HasSubstr("info.yml:6: match_count is a whole number"));
}

TEST_F(DetectCommands, ImportsRulesThatCanBeRunAndSaysWhyOthersCannot) {
    const std::string all = rules();
    file("rules/broken.yml", "title: [\n");
    const std::string to = (folder_ / "kept").string();
    const Ran dry = run(format("security rules import '{}' --to '{}' --dry-run", all, to));
    EXPECT_THAT(dry.out, HasSubstr("2 new"));
    EXPECT_FALSE(std::filesystem::exists(to));
    const Ran ran = run(format("security rules import '{}' --to '{}'", all, to));
    EXPECT_EQ(ran.code, 1) << "one is refused";
    EXPECT_THAT(ran.out, HasSubstr("broken.yml:"));
    EXPECT_THAT(ran.out, HasSubstr("2 new, 0 changed, 0 unchanged, 1 refused"));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "kept" / "broken.yml"));
    std::filesystem::remove(folder_ / "rules" / "broken.yml");
    std::string other(kWebRule);
    file("rules/web.yml", other.replace(other.find("low"), 3, "high"));
    const Ran again = run(format("security rules import '{}' --to '{}' --json", all, to));
    EXPECT_EQ(again.code, 0);
    EXPECT_EQ(parse_json(again.out)->at("changed"), 1);
    EXPECT_EQ(parse_json(again.out)->at("unchanged"), 1);
    EXPECT_EQ(json::serialize(parse_json(again.out)->at("files")), R"([{"file":"web.yml","change":"changed"}])");
}

TEST_F(DetectCommands, AFileOfWhichNothingWasReadIsNamedAndMakesTheExitCode) {
    const std::string all = rules();
    const auto detect = [&](const std::string& log) { return run(format("detect --rules '{}' '{}'", all, log)); };
    std::string stub = "ElfFile";
    stub.resize(3000, '\0');
    const Ran cut = detect(file("stub.evtx", stub));
    EXPECT_EQ(cut.code, 1);
    EXPECT_THAT(cut.errors, HasSubstr("offset 3000: the file ends within its header"));
    EXPECT_EQ(detect(file("zeros.log", std::string(5000, '\0'))).code, 1);
    EXPECT_EQ(detect(file("empty.log", "")).code, 0) << "nothing was written there";
    EXPECT_EQ(detect(file("good.json", "{\"EventID\":1}\n")).code, 0);
}

TEST_F(DetectCommands, WhatIsCollectedIsTextOrAnEventLog) {
    std::filesystem::create_directories(folder_ / "logs/inner");
    file("logs/a.json", "{\"EventID\":1}\n");
    file("logs/inner/b.json", "{\"EventID\":2}\n{\"EventID\":3}\n");
    file("logs/zeros.bin", std::string(5000, '\0'));
    const Ran ran = run(format("security collect '{0}/logs' --spool '{0}/spool'", folder_.string()));
    EXPECT_EQ(ran.code, 1) << "one is neither";
    EXPECT_THAT(ran.errors, HasSubstr("zeros.bin: it is no text, and no event log"));
    EXPECT_THAT(ran.out, HasSubstr("3 events stored"));
    const Ran none = run(format("security collect '{0}/nowhere' --spool '{0}/spool'", folder_.string()));
    EXPECT_EQ(none.code, 4);
    EXPECT_THAT(run(format("detect --rules '{}' '{}/logs/a.json' --limit abc", rules(), folder_.string())).errors, HasSubstr("--limit: "));
}

TEST_F(DetectCommands, AnImportBringsTheLicenceOfItsRules) {
    std::filesystem::create_directories(folder_ / "sigma/rules/windows/own");
    std::filesystem::create_directories(folder_ / "other");
    file("sigma/LICENSE.Detection.Rules.md", "Detection Rule License (DRL) 1.1");
    file("sigma/LICENSE", "of the programs");
    file("sigma/rules/windows/own/shell.yml", kWebRule);
    const auto licence = [&](const std::string& place) { return std::string(parse_json(run(format("security rules list '{}' --json", place)).out)->at(0).at("licence").as_string()); };
    EXPECT_EQ(licence((folder_ / "sigma/rules/windows/own").string()), "DRL-1.1") << "it stands further up";
    const std::string to = (folder_ / "kept").string();
    EXPECT_EQ(run(format("security rules import '{}' --to '{}'", (folder_ / "sigma/rules/windows").string(), to)).code, 0);
    EXPECT_EQ(licence(to), "DRL-1.1");
    EXPECT_TRUE(std::filesystem::exists(folder_ / "kept" / "LICENSE.Detection.Rules.md"));
    file("other/LICENSE.Detection.Rules.md", "ours alone");
    file("other/web.yml", kWebRule);
    EXPECT_THAT(run(format("security rules import '{}' --to '{}'", (folder_ / "other").string(), to)).out, HasSubstr("is another than that of"));
}

TEST_F(DetectCommands, AnImportChangesTheFolderInOneStepOrNotAtAll) {
    const std::string all = rules();
    const std::string to = (folder_ / "kept").string();
    std::filesystem::create_directory(to);
    file("kept/own.yml", "title: own\nname: own\nlogsource: {product: p}\ndetection: {s: {a: b}, condition: s}\n");
    file("kept/README", "ours");
    // A correlation and a filter find their rules in the folder or beside them, or are refused by line.
    file("rules/good.yml", "title: g\ncorrelation: {type: event_count, rules: [own], group-by: [u], timespan: 1m, condition: {gte: 3}}\n");
    file("rules/lost.yml", "title: l\n\ncorrelation: {type: event_count, rules: [nobody], group-by: [u], timespan: 1m, condition: {gte: 3}}\n");
    file("rules/void.yml", "title: v\nlogsource: {product: p}\nfilter: {rules: [nobody], s: {a: b}, condition: not s}\n");
    const Ran none = run(format("security rules import '{}' --to '{}' --all-or-nothing", all, to));
    EXPECT_EQ(none.code, 1);
    EXPECT_THAT(none.out, HasSubstr("nothing is written: 3 new"));
    EXPECT_THAT(none.out, HasSubstr("lost.yml:1:"));
    EXPECT_THAT(none.out, HasSubstr("void.yml:1: the filter changes nothing"));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "kept" / "shell.yml"));
    EXPECT_THAT(run(format("security rules import '{}' --to '{}'", all, to)).out, HasSubstr("3 new, 0 changed, 0 unchanged, 2 refused; 1 only there"));
    EXPECT_EQ(*read_file(folder_ / "kept" / "README"), "ours");
    EXPECT_TRUE(std::filesystem::exists(folder_ / "kept" / "own.yml"));
    // A file that cannot be written leaves everything as it was: "shell.yml" of the folder is a folder here.
    std::filesystem::remove(folder_ / "kept" / "shell.yml");
    std::filesystem::create_directories(folder_ / "kept" / "shell.yml" / "x");
    std::filesystem::remove(folder_ / "kept" / "good.yml");
    const Ran failed = run(format("security rules import '{}' --to '{}'", all, to));
    EXPECT_NE(failed.code, 0);
    EXPECT_THAT(failed.errors, HasSubstr("shell.yml"));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "kept" / "good.yml")) << "nothing half";
    EXPECT_FALSE(std::filesystem::exists(folder_ / ".kept.import"));
    std::filesystem::remove_all(folder_ / "kept" / "shell.yml");
    // What is no longer among them goes when asked, and with it what needs it is refused.
    const Ran removed = run(format("security rules import '{}' --to '{}' --remove --json", all, to));
    EXPECT_THAT(removed.out, HasSubstr(R"({"file":"own.yml","change":"removed"})"));
    EXPECT_THAT(removed.out, HasSubstr("good.yml:1:"));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "kept" / "own.yml"));
    EXPECT_TRUE(std::filesystem::exists(folder_ / "kept" / "web.yml"));
    EXPECT_EQ(*read_file(folder_ / "kept" / "README"), "ours") << "no rule";
}

TEST_F(DetectCommands, ListsRulesCorrelationsAndFiltersByLevelTagAndProduct) {
    const std::string all = rules();
    file("rules/more.yml", "title: Many\nid: c1\nlevel: critical\nstatus: test\ncorrelation: {type: event_count, rules: [929a690e-bef0-4204-a928-ef5e620d6fcc], group-by: [u], timespan: 1m, condition: {gte: 3}}\n"
                           "---\ntitle: Not us\nlogsource: {product: windows}\nfilter: {rules: [929a690e-bef0-4204-a928-ef5e620d6fcc], s: {User: us}, condition: not s}\n");
    const auto titles = [&](const std::string& asked) {
        std::string text;
        const Ran ran = run(format("security rules list '{}' --json {}", all, asked));
        for (const json::value& one : parse_json(tidy_line(ran.out).value())->as_array()) text += format("{}:{};", std::string(one.at("kind").as_string()), std::string(one.at("title").as_string()));
        return text;
    };
    EXPECT_EQ(titles(""), "rule:Encoded <shell>;rule:A path that climbs;correlation:Many;filter:Not us;");
    EXPECT_EQ(titles("--level high"), "rule:Encoded <shell>;correlation:Many;");
    EXPECT_EQ(titles("--tag ATTACK.T1059"), "rule:Encoded <shell>;");
    EXPECT_EQ(titles("--tag attack.t10"), "");
    EXPECT_EQ(titles("--product windows"), "rule:Encoded <shell>;correlation:Many;filter:Not us;");
    EXPECT_EQ(titles("--product linux"), "");
    const Ran shown = run(format("security rules list '{}'", all));
    EXPECT_THAT(shown.out, HasSubstr("process_creation/windows/*"));
    EXPECT_THAT(shown.out, HasSubstr("by A. Author, DRL-1.1"));
    EXPECT_THAT(shown.out, HasSubstr("correlation of 1 rules"));
    EXPECT_THAT(shown.errors, HasSubstr("4 of 4 rules, correlations and filters"));
    EXPECT_EQ(run(format("security rules list '{}' --level loud", all)).code, 3);
}

TEST_F(DetectCommands, NamesThatAProgramDrewAndUnusualHoursAreFoundInKeptEvents) {
    std::string log;
    for (int day = 2; day <= 13; ++day) {
        for (int hour = 9; hour < 13; ++hour) {
            const int count = day == 12 && hour == 11 ? 50 : 1 + hour % 2;
            for (int i = 0; i < count; ++i) {
                log += format("{{\"@timestamp\":\"2026-11-{:02}T{:02}:{:02}:00Z\",\"EventID\":22,\"Channel\":\"Sysmon\",\"User\":\"kim\",\"QueryName\":\"{}\"}}\n", day, hour, i, count == 50 ? "xjqzkwvpqkd.net" : "mail.gov.by");
            }
        }
    }
    const std::string spool = (folder_ / "kept").string();
    ASSERT_EQ(run(format("security collect '{}' --spool '{}'", file("dns.jsonl", log), spool)).code, 0);
    const Ran hours = run(format("security unusual --by user.name --spool '{}' --json", spool));
    ASSERT_EQ(hours.code, 0) << hours.errors;
    EXPECT_EQ(parse_json(trim(hours.out))->at("hour"), "2026-11-12T11:00:00.000000Z") << hours.out;
    EXPECT_EQ(parse_json(trim(hours.out))->at("seen").as_double(), 50);
    const Ran names = run(format("security domains --field dns.question.name --spool '{}' --json", spool));
    ASSERT_EQ(names.code, 0) << names.errors;
    EXPECT_EQ(parse_json(trim(names.out))->at("name"), "xjqzkwvpqkd.net") << names.out;
    EXPECT_EQ(parse_json(trim(names.out))->at("count"), 50);
    EXPECT_EQ(run(format("security domains --spool '{}'", spool)).code, 3) << "nothing to judge";
    const Ran exported = run(format("security spool export --as-ecs --spool '{}'", spool));
    EXPECT_THAT(exported.out, HasSubstr("\"user.name\":\"kim\""));
    EXPECT_THAT(run(format("security hunt '`dns.question.name` = \"mail.gov.by\"' --spool '{}' --limit 1", spool)).out, HasSubstr("mail.gov.by"));
}

}  // namespace
}  // namespace madang
