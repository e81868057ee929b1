// What this house keeps of the events that machines send, where it is told to (settings events_*).
#pragma once

#include <atomic>
#include <memory>
#include <stop_token>
#include <thread>

#include "cli/installation.h"
#include "http/metrics.h"
#include "http/router.h"
#include "security/intake.h"
#include "security/kafka.h"
#include "security/watcher.h"

namespace madang::cli {

class Events {
public:
    // Begins to take events in, where a setting names a way for them; routes and figures are added as they are needed. What is
    // handed in must stay as long as the events do.
    static Result<std::unique_ptr<Events>> start(const Context& context, Installation& house, http::Router& router, http::Metrics& metrics);

private:
    struct Outside {
        const Context& context;
        Installation& house;
        http::Router& router;
        http::Metrics& metrics;
    };
    Result<void> keep_here(const Outside& outside);
    Result<void> watch(const Outside& outside, const security::SpoolSettings& kept);
    Result<void> take_syslog(const Outside& outside);
    Result<void> take_kafka(const Outside& outside, std::vector<security::KafkaTopic> topics);
    void count(http::Metrics& metrics) const;
    void keep_bounds(const Clock& clock, Log& log, const std::stop_token& stop);

    std::unique_ptr<security::Spool> spool_;       // events are kept there, or go to Kafka
    std::unique_ptr<security::KafkaSink> kafka_sink_;
    std::unique_ptr<security::Spool> findings_;
    std::unique_ptr<security::Watcher> watcher_;   // before what brings events in
    std::unique_ptr<security::Intake> intake_;
    std::unique_ptr<security::SyslogIntake> syslog_, syslog_tls_;
    std::unique_ptr<security::FileIntake> files_;
    std::unique_ptr<security::KafkaIntake> kafka_;
    std::atomic<std::uint64_t> lost_unread_ = 0;
    std::jthread keeper_;                          // takes away what is too old, or too much
};

}  // namespace madang::cli
