#include "learning/judges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <random>

#include "base/text.h"
#include "learning/model_store.h"
#include "learning/record.h"
#include "security/testing.h"

namespace madang::learning {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kFlows = R"({"name": "tiny", "columns": [{"name": "size", "words": "bytes sent"}, {"name": "port", "kind": "category", "words": "the port"},
  {"name": "rate"}, {"name": "label", "kind": "label"}, {"name": "note", "kind": "ignored"}], "candidates": [{"name": "plain", "rounds": 20, "depth": 3}], "folds": 2, "seed": 3, "false_alarms": 0.05})";
constexpr std::string_view kRequests = R"({"name": "http-requests", "format": "http", "candidates": [{"name": "plain", "rounds": 20, "depth": 3}], "folds": 2, "seed": 3, "false_alarms": 0.05})";

class LearnedJudge : public testing::Test {
protected:
    void show(security::Judge& judge, std::string_view line, security::LineFormat format = security::LineFormat::json, std::string_view source = "dns") {
        security::Event event;
        const security::SpoolRecord record{at_, format, source, line};
        ASSERT_TRUE(security::parse_record(record, event)) << line;
        judge.look({event, record, {1, 2}, number_++, now_}, tell_);
    }
    void name(security::Judge& judge, std::string_view host, std::string_view source = "dns") { show(judge, format(R"({{"query":"{}","host.name":"pc"}})", host), security::LineFormat::json, source); }
    // A model of small records, from data that differ by `seed`.
    void train_flows(ModelStore& store, std::uint64_t seed) {
        std::mt19937_64 dice(seed);
        std::string text;
        for (int i = 0; i < 600; ++i) {
            switch (dice() % 4) {
                case 0: text += format("{},http,0.9,flood\n", 10 + dice() % 30); break;
                case 1: text += format("{},ftp,0.1,theft\n", 5000 + dice() % 4000); break;
                default: text += format("{},ssh,0.1,normal\n", 20 + dice() % 180); break;
            }
        }
        train_on(store, kFlows, text);
    }
    void train_on(ModelStore& store, std::string_view protocol_text, std::string_view text) {
        const Protocol protocol = *parse_protocol(protocol_text, "p");
        TableReader reader(protocol);
        ASSERT_TRUE(reader.read_text(text, "data"));
        const auto trained = train(protocol, *reader.finish(), 1);
        ASSERT_TRUE(trained) << trained.error().message;
        ASSERT_TRUE(store.keep(*trained, "aa"));
    }

    const security::TestFolder own_;
    const Path& folder_ = own_.path();
    ManualClock clock_{Instant(std::chrono::seconds(1'790'000'000))};
    SeededRandom random_{5};
    security::RememberingLog log_;
    Instant now_{std::chrono::sys_days(std::chrono::year{2026} / 11 / 24) + std::chrono::hours(10)};
    Instant at_ = now_;
    std::uint32_t number_ = 0;
    std::vector<security::Judgement> found_;
    security::Judge::Tell tell_ = [this](security::Judgement&& one) { found_.push_back(std::move(one)); };
};

TEST_F(LearnedJudge, ADrawnNameIsToldOnceADayForEachSource) {
    const auto judge = make_domain_judge({"query", "dns.question.name"});
    name(*judge, "www.kqxvzjwptlmd.com");
    ASSERT_EQ(found_.size(), 1U);
    EXPECT_GT(found_[0].score, found_[0].threshold);
    EXPECT_THAT(found_[0].reasons, testing::Contains(HasSubstr("consonants in a row")));
    EXPECT_EQ(found_[0].fields[0], std::pair(std::string("query"), std::string("www.kqxvzjwptlmd.com")));
    EXPECT_EQ(found_[0].computer, "pc");
    name(*judge, "mail.kqxvzjwptlmd.com");
    name(*judge, "www.google.com");
    name(*judge, "10.0.0.1");
    show(*judge, R"({"other":"kqxvzjwptlmd.com"})");
    EXPECT_EQ(found_.size(), 1U);
    name(*judge, "www.kqxvzjwptlmd.com", "another resolver");
    EXPECT_EQ(found_.size(), 2U);
    // Over a restart, and until the day ends.
    const auto second = make_domain_judge({"query"});
    ASSERT_TRUE(second->recall(judge->memory()));
    name(*second, "kqxvzjwptlmd.com");
    EXPECT_EQ(found_.size(), 2U);
    at_ = now_ += std::chrono::hours(24);
    name(*second, "kqxvzjwptlmd.com");
    EXPECT_EQ(found_.size(), 3U);
    at_ = now_ + std::chrono::days(400);   // a clock that is ahead makes no new day
    name(*second, "kqxvzjwptlmd.com");
    EXPECT_EQ(found_.size(), 3U);
    EXPECT_EQ(second->recall("nonsense").error().code, Code::corrupted);
    EXPECT_EQ(second->counts().remembered, 0U);
    name(*judge, "www.google.com");
    EXPECT_EQ(judge->counts().judged, 5U);
    EXPECT_EQ(judge->counts().passed_over, 1U);
}

TEST_F(LearnedJudge, NamesThatWereToldAreBounded) {
    const auto judge = make_domain_judge({"query"});
    for (int i = 0; i < 60'000; ++i) {
        name(*judge, format("kqxvzjwptl{}.com", i));
        if (i % 10'000 == 0) name(*judge, "rkwqpzlvbnxt.com");
    }
    EXPECT_EQ(judge->counts().remembered, 50'000U);
    EXPECT_EQ(found_.size(), 60'001U) << "what is asked again and again stays known";
}

TEST_F(LearnedJudge, AnEntityThatDoesMoreThanUsualIsToldOverRestarts) {
    const auto hours = [](Instant) { return std::chrono::minutes(180); };
    auto judge = make_baseline_judge({"user.name", "source.ip"}, {}, hours);
    const Instant start = now_ - std::chrono::days(14);
    for (int hour = 0; hour < 24 * 14; ++hour) {
        at_ = start + std::chrono::hours(hour);
        for (int i = 0; i < 3; ++i) show(*judge, format(R"({{"user.name":"alice","source.ip":"10.0.0.{}"}})", i));
    }
    EXPECT_THAT(found_, IsEmpty());
    auto second = make_baseline_judge({"user.name"}, {}, hours);
    ASSERT_TRUE(second->recall(judge->memory()));
    EXPECT_EQ(second->counts().remembered, 1U) << "source.ip is not asked for any more";
    at_ = now_;
    for (int i = 0; i < 100; ++i) show(*second, R"({"user.name":"alice"})");
    ASSERT_EQ(found_.size(), 1U);
    EXPECT_EQ(found_[0].detail, "user.name");
    EXPECT_GE(found_[0].score, found_[0].threshold);
    EXPECT_THAT(found_[0].reasons.at(0), HasSubstr("between 13:00 and 14:00 on a working day, usually 3"));
    auto fresh = make_baseline_judge({"user.name"}, {}, hours);
    for (int i = 0; i < 100; ++i) show(*fresh, R"({"user.name":"alice"})");
    EXPECT_EQ(found_.size(), 1U) << "who knows nothing says nothing";
}

TEST_F(LearnedJudge, TimesThatAreFarOffAreNotLearned) {
    auto judge = make_baseline_judge({"user.name"}, {}, [](Instant) { return std::chrono::minutes(0); });
    for (int hour = 0; hour < 48; ++hour) {
        at_ = now_ - std::chrono::hours(48 - hour);
        show(*judge, R"({"user.name":"alice"})");
    }
    at_ = now_ + std::chrono::days(3000);
    show(*judge, R"({"user.name":"alice"})");
    at_ = now_ - std::chrono::days(1);
    for (int i = 0; i < 500; ++i) show(*judge, R"({"user.name":"alice"})");   // a sender catches up
    EXPECT_THAT(found_, IsEmpty());
    EXPECT_EQ(judge->counts().passed_over, 501U);
    at_ = now_;
    for (int i = 0; i < 500; ++i) show(*judge, R"({"user.name":"alice"})");
    EXPECT_EQ(found_.size(), 1U) << "the future event did not move its hour";
}

TEST(LearnedBaselineMemory, DamageIsRefusedWhole) {
    Baselines all({}, std::chrono::minutes(0));
    for (int hour = 0; hour < 60; ++hour) all.add("alice", Instant(std::chrono::hours(500'000 + hour)), 5);
    all.add("bob", Instant(std::chrono::hours(500'100)));
    const std::string good = all.memory();
    Baselines other({}, std::chrono::minutes(0));
    ASSERT_TRUE(other.recall(good));
    EXPECT_EQ(other.memory(), good);
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_EQ(other.recall(good.substr(0, size)).error().code, Code::corrupted) << size;
        EXPECT_EQ(other.entities(), 0U);
    }
    EXPECT_FALSE(other.recall(good + "x"));
    Baselines small({.entities = 1}, std::chrono::minutes(0));
    ASSERT_TRUE(small.recall(good));
    EXPECT_EQ(small.entities(), 1U);
    EXPECT_THAT(small.memory(), HasSubstr("bob")) << "the one heard of last stays";
}

TEST_F(LearnedJudge, AnApprovedModelJudgesRecordsAndIsReplacedWhileServing) {
    const auto judge = make_model_judge("tiny", folder_, clock_, random_, log_);
    judge->look_for_changes();
    show(*judge, R"({"size":7000,"port":"ftp","rate":0.1})");
    judge->end_block(tell_);
    EXPECT_THAT(found_, IsEmpty()) << "nothing counts before a person approved it";
    ModelStore store = *ModelStore::open(folder_, clock_, random_);
    train_flows(store, 1);
    train_flows(store, 2);
    ASSERT_TRUE(store.approve("tiny", 1, "A. Kim", ""));
    judge->look_for_changes();
    for (int i = 0; i < 40; ++i) show(*judge, R"({"port":"ftp","size":7000,"rate":0.1,"source.ip":"10.0.0.9"})");
    EXPECT_EQ(found_.size(), 32U) << "in batches";
    show(*judge, R"({"size":50,"port":"ssh","rate":0.1})");
    show(*judge, R"({"size":50,"rate":0.1})");
    show(*judge, R"({"size":"many","port":"ssh","rate":0.1})");
    ASSERT_TRUE(store.approve("tiny", 2, "A. Kim", ""));
    judge->look_for_changes();
    show(*judge, R"({"size":7001,"port":"ftp","rate":0.1})");
    judge->end_block(tell_);
    ASSERT_EQ(found_.size(), 41U);
    EXPECT_EQ(found_[39].version, "1") << "what waited is judged by the one that counted";
    EXPECT_EQ(found_[40].version, "2");
    EXPECT_EQ(found_[40].sample, "7001,ftp,0.1,,");
    EXPECT_EQ(found_[0].fields.at(0).second, "10.0.0.9");
    EXPECT_THAT(found_[0].reasons.at(0), testing::AnyOf(HasSubstr("bytes sent is 7000 (usually "), HasSubstr("the port is ")));
    EXPECT_EQ(judge->counts().judged, 42U);
    EXPECT_EQ(judge->counts().passed_over, 1U);
    ASSERT_TRUE(store.roll_back("tiny", "A. Kim", ""));
    judge->look_for_changes();
    show(*judge, R"({"size":7001,"port":"ftp","rate":0.1})");
    judge->end_block(tell_);
    EXPECT_EQ(found_.back().version, "1");
}

TEST_F(LearnedJudge, ADamagedModelIsRefusedAndTheFormerGoesOn) {
    ModelStore store = *ModelStore::open(folder_, clock_, random_);
    train_flows(store, 1);
    train_flows(store, 2);
    ASSERT_TRUE(store.approve("tiny", 1, "A. Kim", ""));
    const auto judge = make_model_judge("tiny", folder_, clock_, random_, log_);
    judge->look_for_changes();
    ASSERT_TRUE(store.approve("tiny", 2, "A. Kim", ""));
    const Path file = folder_ / "tiny/0002/model.ubj";
    const std::string good = *read_file(file);
    ASSERT_TRUE(write_file_whole(file, good.substr(0, good.size() / 2)));
    judge->look_for_changes();
    judge->look_for_changes();
    show(*judge, R"({"size":7000,"port":"ftp","rate":0.1})");
    judge->end_block(tell_);
    ASSERT_EQ(found_.size(), 1U);
    EXPECT_EQ(found_[0].version, "1");
    EXPECT_EQ(judge->counts().refused, 1U);
    EXPECT_THAT(log_.messages(), ElementsAre("a model judges arriving events", "a model is refused; the former goes on"));
    ASSERT_TRUE(write_file_whole(file, good));
    judge->look_for_changes();
    show(*judge, R"({"size":7000,"port":"ftp","rate":0.1})");
    judge->end_block(tell_);
    EXPECT_EQ(found_.back().version, "2") << "mended";
}

TEST_F(LearnedJudge, RequestsInWebLogsAreJudged) {
    ModelStore store = *ModelStore::open(folder_, clock_, random_);
    std::string text;
    for (int i = 0; i < 200; ++i) {
        text += format(R"({{"target":"/news/{}?page={}","label":"normal"}})", i, i % 7) + "\n";
        text += format(R"({{"target":"/a?id={}%27%20UNION%20SELECT%20x","label":"sql"}})", i) + "\n";
        text += format(R"j({{"target":"/a?q={}%3Cscript%3Ealert(1)","label":"xss"}})j", i) + "\n";
    }
    train_on(store, kRequests, text);
    ASSERT_TRUE(store.approve("http-requests", 1, "A. Kim", ""));
    const auto judge = make_model_judge("http-requests", folder_, clock_, random_, log_);
    judge->look_for_changes();
    const auto log_line = [&](std::string_view target) {
        show(*judge, format("10.0.0.7 - - [24/Nov/2026:10:00:00 +0000] \"GET {} HTTP/1.1\" 200 12 \"-\" \"agent\"", target), security::LineFormat::web_access, "web");
    };
    log_line("/news/5?page=2");
    log_line("/a?id=9%27%20UNION%20SELECT%20y");
    show(*judge, R"j({"url.original":"/a?q=7%3Cscript%3Ealert(2)"})j");
    show(*judge, R"({"message":"no request"})");
    judge->end_block(tell_);
    ASSERT_EQ(found_.size(), 2U);
    EXPECT_EQ(found_[0].sample, R"({"method":"GET","target":"/a?id=9%27%20UNION%20SELECT%20y","body":""})");
    EXPECT_EQ(found_[0].model, "http-requests");
    EXPECT_FALSE(found_[0].reasons.empty());
    EXPECT_EQ(judge->counts().judged, 3U);
}

TEST(LearnedRecord, ALabelIsPutWhereTheProtocolHasIt) {
    const Protocol flows = *parse_protocol(kFlows, "p");
    EXPECT_EQ(*labelled(flows, "7,ftp,0.1,,", "theft"), "7,ftp,0.1,theft,");
    EXPECT_EQ(*labelled(flows, "7,ftp,0.1,normal,20", "theft"), "7,ftp,0.1,theft,");
    EXPECT_EQ(*labelled(flows, " 7.00,ftp,1e-1,normal,", "theft"), "7,ftp,0.1,theft,") << "the same record is the same line";
    EXPECT_THAT(labelled(flows, "7,ftp,x,", "theft").error().message, HasSubstr("rate: \"x\" is no number"));
    EXPECT_FALSE(labelled(flows, "7,ftp,0.1,\n8,ftp,0.1,x", "theft"));
    EXPECT_THAT(labelled(flows, "7,ftp,0.1,", "a,b").error().message, HasSubstr("a type has"));
    EXPECT_FALSE(labelled(flows, "7,ftp,0.1,", ""));
    const Protocol requests = *parse_protocol(kRequests, "p");
    EXPECT_EQ(*labelled(requests, R"({"target":"/a"})", "xss"), R"({"method":"GET","target":"/a","body":"","label":"xss"})");
    EXPECT_EQ(*labelled(requests, R"({"label":"x","query":"b=1","path":"/a"})", "xss"), R"({"method":"GET","target":"/a?b=1","body":"","label":"xss"})");
    EXPECT_FALSE(labelled(requests, R"(["target"])", "xss"));
}

}  // namespace
}  // namespace madang::learning
