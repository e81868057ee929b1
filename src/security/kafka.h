// Events through Apache Kafka: taken in from its topics, or written to one by a house that keeps none itself, so that a fleet of
// nodes collects through Kafka into the spools of others. What a message holds: docs/formats/kafka.md
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/log.h"
#include "security/intake.h"
#include "security/spool.h"

namespace madang::security {

// Lines "security.protocol = SASL_SSL" of librdkafka's own settings; empty lines and those that start with # say nothing.
struct KafkaProperty {
    std::string name, value;
    std::string where;               // "FILE:LINE"
};
// `file` is what it is called in errors. Code::invalid, with the line, for what is no property and for those that this house sets itself, on which it depends that
// nothing is lost.
Result<std::vector<KafkaProperty>> parse_kafka_properties(std::string_view text, std::string_view file);

// "winlogs=json, syslog=syslog": topics and what their messages hold.
struct KafkaTopic {
    std::string name;
    LineFormat format = LineFormat::json;
};
Result<std::vector<KafkaTopic>> parse_kafka_topics(std::string_view text);
// Kafka's own rule: 1 to 249 letters, digits, dots, low lines and hyphens.
Result<void> check_kafka_topic(std::string_view name);

struct KafkaSettings {
    std::string brokers;             // "kafka1:9092,kafka2:9092"
    std::vector<KafkaProperty> properties = {};
};

struct KafkaCounts {
    bool reachable = false;          // some broker answered last
    std::uint64_t errors = 0;        // that brokers or the way to them had
    std::uint64_t waiting = 0;       // messages that were read and cannot be kept now
};

struct KafkaClient;                  // of librdkafka

// Reads topics as one of a group of nodes that share their partitions. Messages are taken in batches, a message as one line; where a
// batch cannot be kept it is tried again, and nothing more is read meanwhile. How far the group is, is told to the brokers only
// behind what is kept, after each large batch and four times a second: nothing is lost by a crash, and what was kept since is taken
// twice.
class KafkaIntake {
public:
    struct Parts {
        KafkaSettings settings;
        std::vector<KafkaTopic> topics;
        std::string group;
        Intake& intake;
        const Clock& clock;
        Log& log;
    };
    // Starts also where no broker can be reached: they are waited for. Code::invalid for settings that librdkafka does not take.
    static Result<std::unique_ptr<KafkaIntake>> start(Parts parts);
    ~KafkaIntake();
    KafkaIntake(const KafkaIntake&) = delete;
    KafkaIntake& operator=(const KafkaIntake&) = delete;

    KafkaCounts counts() const;

private:
    struct Batch;
    explicit KafkaIntake(Parts parts);
    void run(const std::stop_token& stop);
    void collect(Batch& batch);
    void add(Batch& batch, const void* message) const;
    bool keep(Batch& batch);

    Parts parts_;
    std::unique_ptr<KafkaClient> client_;
    std::atomic<std::uint64_t> waiting_ = 0;
    bool told_ = false;              // that a batch cannot be kept
    std::jthread thread_;
};

// Writes events to a topic. All events of a source go to one partition, in their order.
class KafkaSink final : public EventSink {
public:
    static Result<std::unique_ptr<KafkaSink>> open(KafkaSettings settings, std::string topic, Log& log);
    ~KafkaSink() override;

    // Returns when all in-sync replicas have every record (acks=all, idempotent). Code::unavailable where that did not come about
    // within some ten seconds of sending; Code::exhausted where what waits for the brokers is too much already.
    Result<void> append(std::span<const SpoolRecord> records) override;
    std::size_t max_line() const override { return max_line_; }

    KafkaCounts counts() const;

private:
    KafkaSink(KafkaSettings settings, std::string topic, Log& log);
    Result<std::shared_ptr<KafkaClient>> usable();

    KafkaSettings settings_;
    std::string topic_;
    Log& log_;
    std::size_t max_line_ = 0;
    mutable std::mutex mutex_;
    std::shared_ptr<KafkaClient> client_;   // made anew where librdkafka says that it cannot go on
    std::uint64_t former_errors_ = 0;       // of clients before
};

}  // namespace madang::security
