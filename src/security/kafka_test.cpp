// Both directions of Kafka, against the brokers that librdkafka plays within the process.
#include "security/kafka.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "base/text.h"

namespace madang::security {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

// Keys of requests in Kafka's protocol.
constexpr int kProduce = 0, kFetch = 1, kOffsetCommit = 8;

struct Kept {
    Instant at{};
    LineFormat format = LineFormat::json;
    std::string source, line;
    friend bool operator==(const Kept&, const Kept&) = default;
};

// Keeps records in memory, or refuses them.
class MemorySink final : public EventSink {
public:
    Result<void> append(std::span<const SpoolRecord> records) override {
        const std::lock_guard lock(mutex_);
        ++attempts_;
        if (refuses) return fail(Code::exhausted, "no space left");
        for (const SpoolRecord& one : records) all_.push_back({one.at, one.format, std::string(one.source), std::string(one.line)});
        return {};
    }
    std::size_t max_line() const override { return longest; }
    std::vector<Kept> all() const {
        const std::lock_guard lock(mutex_);
        return all_;
    }
    int attempts() const {
        const std::lock_guard lock(mutex_);
        return attempts_;
    }
    std::atomic<bool> refuses = false;
    std::size_t longest = kMaxIntakeLine;

private:
    mutable std::mutex mutex_;
    std::vector<Kept> all_;
    int attempts_ = 0;
};

class Kafka : public testing::Test {
protected:
    Kafka() {
        std::array<char, 256> reason{};
        rd_kafka_conf_t* const conf = rd_kafka_conf_new();
        rd_kafka_conf_set(conf, "message.max.bytes", "10000000", nullptr, 0);
        rd_kafka_conf_set(conf, "log_level", "4", nullptr, 0);
        owner_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason.data(), reason.size());
        cluster_ = rd_kafka_mock_cluster_new(owner_, 3);
        rd_kafka_brokers_add(owner_, rd_kafka_mock_cluster_bootstraps(cluster_));
        rd_kafka_mock_topic_create(cluster_, "events", 4, 3);
        rd_kafka_mock_topic_create(cluster_, "plain", 1, 1);
    }
    ~Kafka() override {
        if (cluster_ != nullptr) rd_kafka_mock_cluster_destroy(cluster_);
        rd_kafka_destroy(owner_);
    }
    std::string brokers() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }
    // The played brokers let nobody in for the time of a session after the last of a group left.
    std::unique_ptr<KafkaIntake> reader(Intake& intake, std::string_view topics = "events=json") {
        auto made = KafkaIntake::start({{brokers(), {{"session.timeout.ms", "5000", ""}, {"heartbeat.interval.ms", "500", ""}}}, *parse_kafka_topics(topics), "madang", intake, clock_, log_});
        EXPECT_TRUE(made) << made.error().message;
        return std::move(*made);
    }
    std::unique_ptr<KafkaSink> writer(std::vector<KafkaProperty> properties = {}) {
        auto made = KafkaSink::open({brokers(), std::move(properties)}, "events", log_);
        EXPECT_TRUE(made) << made.error().message;
        return std::move(*made);
    }
    // As a program would that knows nothing of this house.
    void send(const std::string& topic, std::string_view text) const {
        const rd_kafka_vu_t parts[] = {{.vtype = RD_KAFKA_VTYPE_TOPIC, .u = {.cstr = topic.c_str()}},
                                       {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u = {.i = RD_KAFKA_MSG_F_COPY}},
                                       {.vtype = RD_KAFKA_VTYPE_VALUE, .u = {.mem = {const_cast<char*>(text.data()), text.size()}}}};
        EXPECT_EQ(rd_kafka_produceva(owner_, parts, 3), nullptr);
        EXPECT_EQ(rd_kafka_flush(owner_, 10'000), RD_KAFKA_RESP_ERR_NO_ERROR);
    }
    // Of the group, over all partitions.
    std::int64_t committed() const {
        std::array<char, 256> reason{};
        rd_kafka_conf_t* const conf = rd_kafka_conf_new();
        rd_kafka_conf_set(conf, "bootstrap.servers", brokers().c_str(), nullptr, 0);
        rd_kafka_conf_set(conf, "group.id", "madang", nullptr, 0);
        rd_kafka_t* const asking = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason.data(), reason.size());
        rd_kafka_topic_partition_list_t* const list = rd_kafka_topic_partition_list_new(4);
        for (int i = 0; i < 4; ++i) rd_kafka_topic_partition_list_add(list, "events", i);
        EXPECT_EQ(rd_kafka_committed(asking, list, 10'000), RD_KAFKA_RESP_ERR_NO_ERROR);
        std::int64_t all = 0;
        for (int i = 0; i < list->cnt; ++i) all += std::max<std::int64_t>(list->elems[i].offset, 0);
        rd_kafka_topic_partition_list_destroy(list);
        rd_kafka_destroy(asking);
        return all;
    }
    template <class Condition>
    static bool comes(const Condition& condition) {
        for (int i = 0; i < 3000; ++i) {
            if (condition()) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return false;
    }
    static std::vector<std::string> numbered(int from, int until) {
        std::vector<std::string> lines;
        for (int i = from; i < until; ++i) lines.push_back(format("{{\"n\":{}}}", i));
        return lines;
    }
    static Result<void> append(EventSink& sink, const std::vector<std::string>& lines) {
        std::vector<SpoolRecord> records;
        std::vector<std::string> sources;
        for (std::size_t i = 0; i < lines.size(); ++i) sources.push_back(format("s{}", i % 7));
        for (std::size_t i = 0; i < lines.size(); ++i) records.push_back({Instant(std::chrono::seconds(1'700'000'000)), LineFormat::json, sources[i], lines[i]});
        return sink.append(records);
    }
    static std::multiset<std::string> lines_of(const MemorySink& sink) {
        std::multiset<std::string> lines;
        for (const Kept& one : sink.all()) lines.insert(one.line);
        return lines;
    }

    NoLog log_;
    ManualClock clock_{Instant(std::chrono::seconds(1'800'000'000))};
    rd_kafka_t* owner_ = nullptr;
    rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

TEST_F(Kafka, WhatOneNodeWritesAnotherKeepsWithItsFormatSourceAndTime) {
    MemorySink kept;
    Intake intake(kept, clock_);
    const auto reading = reader(intake);
    const auto writing = writer();
    // As it arrives at the node that writes: two formats, one of them without a time of its own.
    Intake front(*writing, clock_);
    ASSERT_TRUE(front.take("gate", LineFormat::syslog, "<34>1 2026-11-24T10:00:00.5Z host app - - - hello"));
    ASSERT_TRUE(front.take("desk", LineFormat::json, "{\"a\":1}\nno json\n{\"a\":2}"));
    EXPECT_EQ(front.counts().at("desk").stored, 2U);
    EXPECT_EQ(front.counts().at("desk").refused, 1U);
    EXPECT_TRUE(writing->counts().reachable);
    ASSERT_TRUE(comes([&] { return kept.all().size() == 3; }));
    const Instant arrived = clock_.now();
    EXPECT_THAT(kept.all(), UnorderedElementsAre(Kept{Instant(std::chrono::milliseconds(1'795'514'400'500)), LineFormat::syslog, "gate", "<34>1 2026-11-24T10:00:00.5Z host app - - - hello"},
                                                 Kept{arrived, LineFormat::json, "desk", "{\"a\":1}"}, Kept{arrived, LineFormat::json, "desk", "{\"a\":2}"}));
    EXPECT_EQ(intake.counts().at("kafka:events").stored, 3U);
    EXPECT_TRUE(reading->counts().reachable);
}

TEST_F(Kafka, MessagesOfOtherProgramsAreLines) {
    MemorySink kept;
    Intake intake(kept, clock_);
    send("plain", "{\n  \"a\": 1\n}\n");
    send("plain", "");
    send("plain", "no json");
    send("plain", "{\"b\":\"" + std::string(kMaxIntakeLine, 'x') + "\"}");
    send("plain", "{\"c\":3}");
    const auto reading = reader(intake, "plain=json, absent=syslog");
    ASSERT_TRUE(comes([&] { return intake.counts().at("kafka:plain").received == 4; }));
    const auto counts = intake.counts().at("kafka:plain");
    EXPECT_EQ(counts.stored, 2U);
    EXPECT_EQ(counts.refused, 2U);
    ASSERT_EQ(kept.all().size(), 2U);
    EXPECT_EQ(kept.all()[0].line, "{   \"a\": 1 }");
    EXPECT_EQ(kept.all()[0].source, "kafka:plain");
    EXPECT_EQ(kept.all()[1].line, "{\"c\":3}");
    EXPECT_GT(kept.all()[1].at, Instant(std::chrono::seconds(1'700'000'000)));   // when it was sent, not when it was read
    EXPECT_NE(kept.all()[1].at, clock_.now());
}

TEST_F(Kafka, TheGroupsPlaceIsToldOnlyBehindWhatIsKept) {
    const auto writing = writer();
    ASSERT_TRUE(append(*writing, numbered(0, 50)));
    MemorySink full;
    full.refuses = true;
    {
        Intake intake(full, clock_);
        const auto reading = reader(intake);
        ASSERT_TRUE(comes([&] { return full.attempts() >= 2; }));
        EXPECT_GT(reading->counts().waiting, 0U);
    }
    EXPECT_EQ(committed(), 0);
    MemorySink kept;
    {
        Intake intake(kept, clock_);
        const auto reading = reader(intake);
        ASSERT_TRUE(comes([&] { return kept.all().size() >= 50; }));
        EXPECT_EQ(reading->counts().waiting, 0U);
    }
    const auto all = numbered(0, 50);
    EXPECT_EQ(lines_of(kept), std::multiset<std::string>(all.begin(), all.end()));
    EXPECT_EQ(committed(), 50);
}

TEST_F(Kafka, ARestartGoesOnWhereTheLastEnded) {
    const auto writing = writer();
    MemorySink kept;
    for (int round = 0; round < 3; ++round) {
        ASSERT_TRUE(append(*writing, numbered(round * 40, round * 40 + 40)));
        Intake intake(kept, clock_);
        const auto reading = reader(intake);
        ASSERT_TRUE(comes([&] { return kept.all().size() >= static_cast<std::size_t>(round) * 40 + 40; })) << round;
    }
    const auto all = numbered(0, 120);
    EXPECT_EQ(lines_of(kept), std::multiset<std::string>(all.begin(), all.end()));
}

TEST_F(Kafka, ErrorsOfBrokersAreOutlivedAndNothingIsDoubled) {
    const auto writing = writer();
    MemorySink kept;
    Intake intake(kept, clock_);
    const auto reading = reader(intake);
    rd_kafka_mock_push_request_errors(cluster_, kProduce, 4, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                                      RD_KAFKA_RESP_ERR__TRANSPORT);
    rd_kafka_mock_push_request_errors(cluster_, kFetch, 3, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR_UNKNOWN);
    rd_kafka_mock_push_request_errors(cluster_, kOffsetCommit, 2, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT);
    for (int i = 0; i < 10; ++i) {
        const auto appended = append(*writing, numbered(i * 30, i * 30 + 30));
        ASSERT_TRUE(appended) << appended.error().message;
    }
    ASSERT_TRUE(comes([&] { return kept.all().size() >= 300; }));
    const auto all = numbered(0, 300);
    EXPECT_EQ(lines_of(kept), std::multiset<std::string>(all.begin(), all.end()));
}

TEST_F(Kafka, WhatWasNotAcknowledgedIsRefused) {
    const auto writing = writer();
    ASSERT_TRUE(append(*writing, numbered(0, 3)));
    rd_kafka_mock_push_request_errors(cluster_, kProduce, 1, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    Intake front(*writing, clock_);
    const auto taken = front.take("gate", LineFormat::json, "{\"a\":1}");
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, Code::unavailable);
    EXPECT_THAT(taken.error().message, HasSubstr("Kafka did not take the events: Broker: Message size too large"));
    EXPECT_EQ(front.counts().at("gate").refused, 1U);
    // Messages have a largest size; a longer line is refused alone.
    const auto mixed = front.take("gate", LineFormat::json, "{\"b\":\"" + std::string(writing->max_line(), 'x') + "\"}\n{\"c\":1}");
    ASSERT_TRUE(mixed) << mixed.error().message;
    EXPECT_EQ(mixed->stored, 1U);
    EXPECT_EQ(mixed->refused, 1U);
    const auto longest = front.take("gate", LineFormat::json, "{\"d\":\"" + std::string(writing->max_line() - 8, 'x') + "\"}");
    EXPECT_TRUE(longest) << longest.error().message;
}

TEST_F(Kafka, AWriterThatLibrdkafkaGivesUpIsMadeAnew) {
    const auto writing = writer();
    ASSERT_TRUE(append(*writing, numbered(0, 3)));
    // For an idempotent producer this is the end: brokers and it do not agree on what was written.
    rd_kafka_mock_push_request_errors(cluster_, kProduce, 1, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
    EXPECT_FALSE(append(*writing, numbered(3, 4)));
    const auto errors = writing->counts().errors;
    EXPECT_GT(errors, 0U);
    ASSERT_TRUE(comes([&] { return append(*writing, numbered(4, 5)).has_value(); }));
    EXPECT_GE(writing->counts().errors, errors);
}

TEST_F(Kafka, BrokersThatAreAwayAreWaitedFor) {
    for (int broker = 1; broker <= 3; ++broker) rd_kafka_mock_broker_set_down(cluster_, broker);
    MemorySink kept;
    Intake intake(kept, clock_);
    const auto reading = reader(intake);
    const auto writing = writer();
    EXPECT_FALSE(reading->counts().reachable);
    const auto refused = append(*writing, numbered(0, 1));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::unavailable);
    EXPECT_FALSE(writing->counts().reachable);
    EXPECT_GT(writing->counts().errors, 0U);
    for (int broker = 1; broker <= 3; ++broker) rd_kafka_mock_broker_set_up(cluster_, broker);
    ASSERT_TRUE(comes([&] { return reading->counts().reachable && writing->counts().reachable; }));
    ASSERT_TRUE(append(*writing, numbered(1, 2)));
    ASSERT_TRUE(comes([&] { return !kept.all().empty(); }));
    EXPECT_EQ(kept.all()[0].line, "{\"n\":1}");
}

TEST_F(Kafka, AppendsAtOnceKeepTheirOwnOutcomes) {
    const auto writing = writer({{"queue.buffering.max.messages", "50", ""}});   // less than what is under way
    std::vector<std::thread> all;
    std::atomic<int> failed = 0;
    for (int t = 0; t < 4; ++t) {
        all.emplace_back([&, t] {
            for (int i = 0; i < 5; ++i) failed += append(*writing, numbered(t * 1000 + i * 100, t * 1000 + i * 100 + 100)) ? 0 : 1;
        });
    }
    for (auto& one : all) one.join();
    EXPECT_EQ(failed, 0);
    MemorySink kept;
    Intake intake(kept, clock_);
    const auto reading = reader(intake);
    ASSERT_TRUE(comes([&] { return kept.all().size() >= 2000; }));
    const auto lines = lines_of(kept);
    EXPECT_EQ(lines.size(), 2000U);
    EXPECT_EQ(std::set<std::string>(lines.begin(), lines.end()).size(), 2000U);
}

TEST(KafkaSettings, AreReadAndMistakesLocated) {
    const auto topics = parse_kafka_topics(" winlogs=json, sys.log-1=syslog,");
    ASSERT_TRUE(topics);
    ASSERT_EQ(topics->size(), 2U);
    EXPECT_EQ((*topics)[1].name, "sys.log-1");
    EXPECT_EQ((*topics)[1].format, LineFormat::syslog);
    for (const auto* bad : {"a", "a=csv", "^a.*=json", "=json", "a=json,a=syslog", "..=json"}) EXPECT_FALSE(parse_kafka_topics(bad)) << bad;
    const auto properties = parse_kafka_properties("# to the brokers\nsecurity.protocol = SASL_SSL\n\nsasl.password=a = b\r\n", "p");
    ASSERT_TRUE(properties);
    ASSERT_EQ(properties->size(), 2U);
    EXPECT_EQ((*properties)[1].value, "a = b");
    EXPECT_EQ((*properties)[1].where, "p:4");
    EXPECT_EQ(parse_kafka_properties("\nno value", "p").error().message, "p:2: a property is NAME = VALUE");
    EXPECT_EQ(parse_kafka_properties("enable.auto.commit=false", "p").error().message, "p:1: enable.auto.commit is set by madang itself");
}

TEST_F(Kafka, SettingsThatAreNotTakenSayWhere) {
    const auto unknown = KafkaSink::open({brokers(), {{"security.protocoll", "ssl", "p:3"}}}, "events", log_);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, Code::invalid);
    EXPECT_THAT(unknown.error().message, HasSubstr("p:3: "));
    EXPECT_THAT(unknown.error().message, HasSubstr("security.protocoll"));
    EXPECT_FALSE(KafkaSink::open({brokers(), {}}, "^all", log_));
    MemorySink kept;
    Intake intake(kept, clock_);
    EXPECT_FALSE(KafkaIntake::start({{brokers(), {{"session.timeout.ms", "many", "p:1"}}}, *parse_kafka_topics("events=json"), "madang", intake, clock_, log_}));
}

}  // namespace
}  // namespace madang::security
