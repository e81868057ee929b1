#include "security/judge_panel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <thread>

#include "base/binary.h"
#include "base/json.h"
#include "base/text.h"
#include "security/intake.h"
#include "security/testing.h"
#include "security/watcher.h"

namespace madang::security {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Tells every third event that it ever saw; what is odd of those at the end of the block.
class EveryThird final : public Judge {
public:
    std::string_view name() const override { return "every-third"; }
    bool remembers() const override { return true; }
    void look(const JudgedEvent& event, const Tell& tell) override {
        if (++seen_ % 3 != 0) return;
        Judgement one = judgement_of(event);
        one.title = "A third one";
        one.version = "1";
        one.score = static_cast<double>(seen_);
        one.threshold = 3;
        one.reasons = {format("it is number {}", seen_)};
        if (seen_ % 2 == 0) tell(std::move(one));
        else waiting_.push_back(std::move(one));
    }
    void end_block(const Tell& tell) override {
        for (Judgement& one : waiting_) tell(std::move(one));
        waiting_.clear();
    }
    JudgeCounts counts() const override { return {.version = "1", .judged = seen_, .passed_over = 0, .remembered = seen_}; }
    std::string memory() const override {
        BinaryWriter out;
        out.put(seen_);
        return out.take();
    }
    Result<void> recall(std::string_view memory) override {
        BinaryReader in(memory);
        TRY(seen_, in.take<std::uint64_t>());
        return {};
    }

private:
    std::uint64_t seen_ = 0;
    std::vector<Judgement> waiting_;
};

class Judges : public testing::Test {
protected:
    void start() {
        std::vector<std::unique_ptr<Judge>> judges;
        judges.push_back(std::make_unique<EveryThird>());
        auto made = Watcher::start({*events_, *findings_, *LogSources::shipped(), {}, folder_ / "place", clock_, log_, std::move(judges), *EcsNames::shipped()});
        ASSERT_TRUE(made) << made.error().message;
        watcher_ = std::move(*made);
    }
    void send(int count) {
        for (int i = 0; i < count; ++i) ASSERT_TRUE(intake_.take("test", LineFormat::json, format("{{\"n\":{},\"host.name\":\"pc\"}}", ++sent_)));
        ASSERT_TRUE(comes([&] { return watcher_ == nullptr || watcher_->counts().behind == 0; }));
    }
    std::vector<std::string> events_found() {
        std::vector<std::string> all;
        EXPECT_TRUE(findings_->search({}, 1, [&](std::size_t, const SpoolRecord& record) { all.emplace_back(std::string_view(parse_json(record.line)->at("event").as_string())); }));
        std::ranges::sort(all);
        for (std::string& one : all) one = one.substr(5, one.find(',') - 5);
        return all;
    }
    Path memory() const { return folder_ / "place.judges"; }

    const TestFolder own_;
    const Path& folder_ = own_.path();
    SystemClock clock_;
    RememberingLog log_;
    std::unique_ptr<Spool> events_ = *Spool::open(folder_ / "events", {});
    std::unique_ptr<Spool> findings_ = *Spool::open(folder_ / "detections", {});
    Intake intake_{*events_, clock_};
    std::unique_ptr<Watcher> watcher_;
    int sent_ = 0;
};

TEST_F(Judges, WhatOneFindsIsKeptWithItsReasonsAndWithoutAnyRule) {
    start();
    send(7);
    ASSERT_TRUE(comes([&] { return events_found().size() == 2; }));
    EXPECT_THAT(events_found(), ElementsAre("3", "6"));
    json::object one;
    ASSERT_TRUE(findings_->search({}, 1, [&](std::size_t, const SpoolRecord& record) {
        if (record.line.contains("number 6")) one = parse_json(record.line)->as_object();
    }));
    EXPECT_EQ(one.at("judge").as_string(), "every-third");
    EXPECT_EQ(one.at("version").as_string(), "1");
    EXPECT_EQ(one.at("score").to_number<double>(), 6);
    EXPECT_EQ(one.at("threshold").to_number<double>(), 3);
    EXPECT_EQ(one.at("reasons").as_array().at(0).as_string(), "it is number 6");
    EXPECT_EQ(one.at("level").as_string(), "medium");
    EXPECT_EQ(one.at("computer").as_string(), "pc");
    EXPECT_EQ(one.at("file").as_string(), "test");
    EXPECT_TRUE(std::string_view(one.at("id").as_string()).ends_with(":0:every-third")) << one.at("id");
    const auto counts = watcher_->judge_counts();
    ASSERT_EQ(counts.size(), 1U);
    EXPECT_EQ(counts[0].second.judged, 7U);
    EXPECT_EQ(counts[0].second.findings, 2U);
    EXPECT_EQ(watcher_->counts().findings.at(static_cast<std::size_t>(SigmaLevel::medium)), 2U);
}

TEST_F(Judges, WhatOneRemembersOutlivesACrash) {
    start();
    send(4);
    watcher_.reset();
    const std::string place = *read_file(folder_ / "place");
    const std::string remembered = *read_file(memory());
    start();
    send(4);
    watcher_.reset();
    EXPECT_THAT(events_found(), ElementsAre("3", "6"));
    // As after a crash: only the older notes are there, and what was found since.
    ASSERT_TRUE(write_file_whole(folder_ / "place", place));
    ASSERT_TRUE(write_file_whole(memory(), remembered));
    start();
    send(1);
    ASSERT_TRUE(comes([&] { return events_found().size() == 3; }));
    EXPECT_THAT(events_found(), ElementsAre("3", "6", "9"));
    watcher_.reset();
    // The memory is further than the place: it was taken when all before was on disk.
    ASSERT_TRUE(write_file_whole(folder_ / "place", place));
    start();
    send(3);
    ASSERT_TRUE(comes([&] { return events_found().size() == 4; }));
    EXPECT_THAT(events_found(), ElementsAre("12", "3", "6", "9"));
}

TEST_F(Judges, WhatCameBeforeThePlaceIsLearnedAgainHoweverFarItIsBehind) {
    start();
    send(4);
    watcher_.reset();
    // As after crashes: no memory, and more has come since than is read again to warm up.
    std::filesystem::remove(memory());
    for (int i = 0; i < 1100; ++i) send(1);
    start();
    ASSERT_TRUE(comes([&] { return watcher_->counts().behind == 0; }));
    EXPECT_EQ(watcher_->judge_counts()[0].second.judged, 1104U);
    EXPECT_EQ(events_found().size(), 368U);
}

TEST_F(Judges, EventsThatBeganAnewAreJudgedFromTheirStart) {
    start();
    send(4);
    watcher_.reset();
    ASSERT_TRUE(write_file_whole(folder_ / "place", "7:1000"));
    start();
    ASSERT_TRUE(comes([&] { return watcher_->counts().events == 4; }));
    EXPECT_THAT(events_found(), ElementsAre("3", "3")) << "what was known of others does not count";
    EXPECT_EQ(watcher_->judge_counts()[0].second.judged, 4U);
}

TEST_F(Judges, ADamagedMemoryIsPutAsideAndLearnedAgainFromTheKeptEvents) {
    start();
    send(4);
    watcher_.reset();
    const std::string good = *read_file(memory());
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 0x41);
        ASSERT_TRUE(write_file_whole(memory(), bad));
        std::vector<std::unique_ptr<Judge>> judges;
        judges.push_back(std::make_unique<EveryThird>());
        JudgePanel panel(std::move(judges), {}, memory(), clock_, log_);
        EXPECT_FALSE(panel.recall(events_->newest())) << "byte " << i;
        EXPECT_FALSE(std::filesystem::exists(memory()));
        EXPECT_EQ(*read_file(memory().string() + ".damaged"), bad);
    }
    start();
    EXPECT_THAT(log_.messages(), testing::Contains(HasSubstr("they learn again from the kept events")));
    send(2);
    EXPECT_TRUE(comes([&] { return events_found().size() == 2; })) << watcher_->judge_counts()[0].second.judged;
    EXPECT_THAT(events_found(), ElementsAre("3", "6")) << "and nothing twice";
}

}  // namespace
}  // namespace madang::security
