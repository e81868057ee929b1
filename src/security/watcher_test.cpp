#include "security/testing.h"
#include "security/watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "base/json.h"
#include "base/text.h"
#include "base/time_text.h"
#include "security/intake.h"

namespace madang::security {
namespace {

constexpr std::string_view kWhoami = R"(title: Somebody asks who he is
id: 11111111-1111-4111-8111-111111111111
author: A person
license: DRL 1.1
level: high
logsource:
    product: windows
detection:
    selection:
        CommandLine|contains: whoami
    condition: selection
tags:
    - attack.t1033
)";
constexpr std::string_view kThrice = R"(title: Thrice on one computer
id: 22222222-2222-4222-8222-222222222222
level: critical
correlation:
    type: event_count
    rules:
        - 11111111-1111-4111-8111-111111111111
    group-by:
        - Computer
    timespan: 1h
    condition:
        gte: 3
    generate: true
)";

class WatcherOf : public testing::Test {
protected:
    WatcherOf() { std::filesystem::create_directories(folder_ / "rules"); }
    void start() {
        auto made = Watcher::start({*events_, *findings_, *LogSources::shipped(), {folder_ / "rules"}, folder_ / "place", clock_, log_});
        ASSERT_TRUE(made) << made.error().message;
        watcher_ = std::move(*made);
    }
    void rule(std::string_view name, std::string_view text) { ASSERT_TRUE(write_file_whole(folder_ / "rules" / name, text)); }
    void send(int number, std::string_view command) {
        const std::string line = format(R"({{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"pc","UtcTime":"{}","CommandLine":"{} {}"}})", format_instant(clock_.now()), command, number);
        ASSERT_TRUE(intake_.take("test", LineFormat::json, line));
    }
    std::vector<json::object> found() {
        std::vector<json::object> all;
        EXPECT_TRUE(findings_->search({}, 1, [&](std::size_t, const SpoolRecord& record) { all.push_back(parse_json(record.line)->as_object()); }));
        return all;
    }
    std::size_t count(std::string_view level) {
        return static_cast<std::size_t>(std::ranges::count_if(found(), [&](const json::object& one) { return one.at("level").as_string() == level; }));
    }
    const TestFolder own_;
    const Path& folder_ = own_.path();
    SystemClock clock_;
    RememberingLog log_;
    std::unique_ptr<Spool> events_ = *Spool::open(folder_ / "events", {});
    std::unique_ptr<Spool> findings_ = *Spool::open(folder_ / "detections", {});
    Intake intake_{*events_, clock_};
    std::unique_ptr<Watcher> watcher_;
};

TEST_F(WatcherOf, WhatComesInIsFoundAndKeptWithItsRuleAndEvent) {
    rule("a.yml", kWhoami);
    send(1, "whoami");   // before anybody watched
    start();
    send(2, "notepad");
    send(3, "whoami");
    ASSERT_TRUE(comes([&] { return count("high") == 1; }));
    const json::object one = found().front();
    EXPECT_EQ(one.at("title").as_string(), "Somebody asks who he is");
    EXPECT_EQ(one.at("author").as_string(), "A person");
    EXPECT_EQ(one.at("licence").as_string(), "DRL 1.1");
    EXPECT_EQ(one.at("file").as_string(), "test");
    EXPECT_EQ(one.at("computer").as_string(), "pc");
    EXPECT_EQ(one.at("fields").as_object().at("CommandLine").as_string(), "whoami 3");
    EXPECT_TRUE(std::string_view(one.at("event").as_string()).contains("whoami 3"));
    ASSERT_TRUE(comes([&] { return watcher_->counts().events == 2; }));
    EXPECT_EQ(watcher_->counts().behind, 0U);
    EXPECT_EQ(watcher_->counts().findings.at(static_cast<std::size_t>(SigmaLevel::high)), 1U);
}

TEST_F(WatcherOf, BadBytesAndEndlessFieldsHideNoFinding) {
    rule("a.yml", kWhoami);
    start();
    const auto say = [&](const std::string& command) {
        ASSERT_TRUE(intake_.take("bad \xff source", LineFormat::json, R"({"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"p)" "\xff" R"(c","CommandLine":")" + command + "\"}"));
    };
    say("whoami \xff\xfe bytes");
    say("whoami " + std::string(900'000, 'x'));
    ASSERT_TRUE(comes([&] { return watcher_->counts().findings.at(static_cast<std::size_t>(SigmaLevel::high)) == 2; }));
    const auto all = found();   // each can be read again
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].at("fields").as_object().at("CommandLine").as_string(), "whoami \xEF\xBF\xBD\xEF\xBF\xBD bytes");
    EXPECT_LT(all[1].at("fields").as_object().at("CommandLine").as_string().size(), 20'000U);
    EXPECT_TRUE(std::string_view(all[1].at("fields").as_object().at("CommandLine").as_string()).ends_with("…"));
}

TEST_F(WatcherOf, WhatCameWhileNobodyWatchedIsFoundOnceAfterwards) {
    rule("a.yml", kWhoami);
    rule("b.yml", kThrice);
    start();
    send(1, "whoami");
    send(2, "whoami");
    ASSERT_TRUE(comes([&] { return count("high") == 2; }));
    watcher_.reset();
    send(3, "whoami");
    // As after a crash: how far the watcher was is not known, only what it found.
    ASSERT_TRUE(write_file_whole(folder_ / "place", "0:0"));
    start();
    ASSERT_EQ(watcher_->counts().correlations, 1U);
    ASSERT_TRUE(comes([&] { return count("critical") == 1; }));
    EXPECT_EQ(count("high"), 3U);
    watcher_.reset();
    std::filesystem::remove(folder_ / "place");
    start();
    send(4, "whoami");
    ASSERT_TRUE(comes([&] { return count("high") == 4; }));
    EXPECT_EQ(count("critical"), 1U) << "one timespan tells a group once";
}

TEST_F(WatcherOf, ChangedRulesAreTakenWithoutLosingAnEvent) {
    rule("a.yml", kWhoami);
    start();
    std::string other(kWhoami);
    other.replace(other.find("11111111-1"), 10, "33333333-3");
    other.replace(other.find("level: high"), 11, "level: low");
    int sent = 0;
    for (; sent < 20; ++sent) send(sent, "whoami");
    rule("c.yml", other);
    rule("broken.yml", "title: [");
    while (watcher_->counts().loads < 2 && sent < 100'000) send(sent++, "whoami");
    for (int i = 0; i < 20; ++i) send(sent++, "whoami");
    ASSERT_TRUE(comes([&] { return count("high") == static_cast<std::size_t>(sent); })) << count("high") << " of " << sent;
    EXPECT_GE(count("low"), 20U);
    EXPECT_EQ(watcher_->counts().rules, 2U);
    EXPECT_EQ(watcher_->counts().refused_rules, 1U);
    EXPECT_THAT(log_.messages(), testing::Contains("a rule is left out"));
    // The folder goes: the rules that were loaded stay.
    std::filesystem::remove_all(folder_ / "rules");
    ASSERT_TRUE(comes([&] { return watcher_->counts().failed_loads == 1; }));
    send(sent++, "whoami");
    EXPECT_TRUE(comes([&] { return count("high") == static_cast<std::size_t>(sent); }));
}

TEST_F(WatcherOf, ChangedRulesKnowWhatCameBeforeThem) {
    rule("a.yml", kWhoami);
    start();
    send(1, "whoami");
    send(2, "whoami");
    ASSERT_TRUE(comes([&] { return count("high") == 2; }));
    rule("b.yml", kThrice);
    ASSERT_TRUE(comes([&] { return watcher_->counts().correlations == 1; }));
    EXPECT_EQ(count("critical"), 0U);
    send(3, "whoami");
    ASSERT_TRUE(comes([&] { return count("critical") == 1; }));
    // Other rules again: what the former ones counted is counted, and is not told twice.
    rule("c.yml", "title: [");
    ASSERT_TRUE(comes([&] { return watcher_->counts().loads == 3; }));
    EXPECT_GT(watcher_->counts().correlation_bytes, 0U);
    send(4, "whoami");
    ASSERT_TRUE(comes([&] { return count("high") == 4; }));
    EXPECT_EQ(count("critical"), 1U) << "one timespan tells a group once";
}

TEST_F(WatcherOf, EventsOlderThanEveryTimespanAreNotCountedByChangedRules) {
    rule("a.yml", kWhoami);
    start();
    const auto say = [&](std::chrono::seconds ago) {
        const std::string line = format(R"({{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"pc","UtcTime":"{}","CommandLine":"whoami"}})", format_instant(clock_.now() - ago));
        ASSERT_TRUE(intake_.take("test", LineFormat::json, line));
    };
    say(std::chrono::hours(2));
    say(std::chrono::minutes(59));
    ASSERT_TRUE(comes([&] { return count("high") == 2; }));
    rule("b.yml", kThrice);
    ASSERT_TRUE(comes([&] { return watcher_->counts().correlations == 1; }));
    say(std::chrono::seconds(0));
    ASSERT_TRUE(comes([&] { return count("high") == 3; }));
    EXPECT_EQ(count("critical"), 0U);
    say(std::chrono::seconds(0));
    EXPECT_TRUE(comes([&] { return count("critical") == 1; }));
}

TEST_F(WatcherOf, NothingGoesThatItDidNotLookAt) {
    rule("a.yml", kWhoami);
    events_.reset();
    events_ = *Spool::open(folder_ / "events", {.segment_bytes = 1, .keep_for = std::chrono::seconds(0)});
    Intake intake(*events_, clock_);
    const auto say = [&] { ASSERT_TRUE(intake.take("test", LineFormat::json, R"({"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","CommandLine":"whoami"})")); };
    start();
    for (int i = 0; i < 3; ++i) say();
    ASSERT_TRUE(comes([&] { return watcher_->place() == events_->newest(); }));
    const Instant later = clock_.now() + std::chrono::hours(1);
    EXPECT_EQ(events_->retain(later, watcher_->place())->segments, 2U) << "all but the newest";
    watcher_.reset();
    for (int i = 0; i < 3; ++i) say();
    EXPECT_EQ(events_->retain(later, *parse_place(trim(*read_file(folder_ / "place"))))->segments, 1U) << "only what it looked at before it ended";
    start();
    EXPECT_TRUE(comes([&] { return count("high") == 6; })) << count("high");
}

TEST_F(WatcherOf, EventsThatBeganAnewAreWatchedFromTheirStart) {
    rule("a.yml", kWhoami);
    ASSERT_TRUE(write_file_whole(folder_ / "place", "7:1000"));
    send(1, "whoami");
    start();
    EXPECT_TRUE(comes([&] { return count("high") == 1; }));
    watcher_.reset();
    ASSERT_TRUE(write_file_whole(folder_ / "place", "no place"));
    EXPECT_EQ(Watcher::start({*events_, *findings_, *LogSources::shipped(), {folder_ / "rules"}, folder_ / "place", clock_, log_}).error().code, Code::invalid);
    std::filesystem::remove_all(folder_ / "rules");
    std::filesystem::remove(folder_ / "place");
    EXPECT_EQ(Watcher::start({*events_, *findings_, *LogSources::shipped(), {folder_ / "rules"}, folder_ / "place", clock_, log_}).error().code, Code::not_found);
}

TEST_F(WatcherOf, AClockThatGoesAheadBlindsNoCorrelation) {
    rule("a.yml", kWhoami);
    rule("b.yml", kThrice);
    start();
    const auto say = [&](std::string_view computer, std::chrono::seconds from_now, std::string_view command) {
        const std::string line = format(R"({{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"{}","UtcTime":"{}","CommandLine":"{}"}})", computer, format_instant(clock_.now() + from_now), command);
        ASSERT_TRUE(intake_.take("test", LineFormat::json, line));
    };
    say("ahead", std::chrono::seconds(298), "whoami");
    for (int i = 0; i < 3; ++i) say("victim", std::chrono::seconds(-10), "whoami");
    EXPECT_TRUE(comes([&] { return count("critical") == 1; }));
    EXPECT_EQ(watcher_->counts().late, 0U);
    say("victim", -std::chrono::hours(1), "whoami");
    EXPECT_TRUE(comes([&] { return watcher_->counts().late == 1; }));
}

}  // namespace
}  // namespace madang::security
