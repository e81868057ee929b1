#include "cli/events.h"

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "api/events.h"
#include "base/text.h"
#include "cli/learned_judges.h"
#include "cli/spool_options.h"
#include "security/rule_set.h"

namespace madang::cli {
namespace {

constexpr std::size_t kMinToken = 32;

Result<void> check_token(const Settings& settings, std::string_view name) {
    const std::string& token = settings.text(name);
    if (!token.empty() && token.size() < kMinToken) return fail(Code::invalid, format("{}: a token has at least {} bytes", name, kMinToken));
    return {};
}

// A setting, or where it is empty the one that it stands in for.
const std::string& text_or(const Settings& settings, std::string_view name, std::string_view other) {
    const std::string& own = settings.text(name);
    return own.empty() ? settings.text(other) : own;
}

constexpr std::size_t kMaxProperties = 64U << 10;   // bytes of their file

Result<security::KafkaSettings> kafka_of(const Settings& settings) {
    security::KafkaSettings kafka{settings.text("events_kafka")};
    const Path file = settings.text("events_kafka_properties");
    if (file.empty()) return kafka;
    TRY(const std::string text, within(read_file(file, kMaxProperties), "events_kafka_properties"));
    TRY(kafka.properties, security::parse_kafka_properties(text, file.string()));
    return kafka;
}

// What the settings of Kafka say must fit together.
Result<void> check_kafka(const Settings& settings, const std::vector<security::KafkaTopic>& topics) {
    const std::string& target = settings.text("events_kafka_write");
    if (settings.text("events_kafka").empty() != (topics.empty() && target.empty())) {
        return fail(Code::invalid, "events_kafka says where brokers are, events_kafka_topics what is read there and events_kafka_write what is written: one without the other means nothing");
    }
    if (target.empty()) return {};
    if (std::ranges::find(topics, target, &security::KafkaTopic::name) != topics.end()) return fail(Code::invalid, format("events_kafka_write: \"{}\" is read as well; its events would go round for ever", target));
    for (const char* watching : kWatching) {
        if (!settings.text(watching).empty()) return fail(Code::invalid, format("{}: where events are written to Kafka, rules and judges watch on the nodes that read them", watching));
    }
    return {};
}

template <class Kafka>
void count_kafka(http::Metrics& metrics, const char* direction, const Kafka& kafka) {
    const std::string prefix = format("madang_kafka_{}", direction);
    metrics.observe(prefix + "_reachable", "Whether a broker of Kafka answered last", http::Metrics::Kind::gauge,
                    [&kafka] { return std::vector<http::Metrics::Sample>{{{}, kafka.counts().reachable ? 1.0 : 0.0}}; });
    metrics.observe(prefix + "_errors", "Errors that brokers of Kafka or the way to them had", http::Metrics::Kind::counter,
                    [&kafka] { return std::vector<http::Metrics::Sample>{{{}, static_cast<double>(kafka.counts().errors)}}; });
}

}  // namespace

Result<std::unique_ptr<Events>> Events::start(const Context& context, Installation& house, http::Router& router, http::Metrics& metrics) {
    const Settings& settings = context.settings;
    const Outside outside{context, house, router, metrics};
    auto made = std::unique_ptr<Events>(new Events);
    TRY(auto followed, within(security::parse_followed_files(settings.text("events_files")), "events_files"));
    TRY(auto topics, within(security::parse_kafka_topics(settings.text("events_kafka_topics")), "events_kafka_topics"));
    TRY_DO(check_kafka(settings, topics));
    const std::string& token = settings.text("events_token");
    if (token.empty() && settings.text("events_syslog").empty() && settings.text("events_syslog_tls").empty() && followed.empty() && topics.empty()) return made;
    TRY_DO(check_token(settings, "events_token"));
    TRY(const std::chrono::minutes zone, zone_of(context));
    TRY(auto times, within(security::EventTimes::load(settings.text("events_times")), "events_times"));
    const std::string& topic = settings.text("events_kafka_write");
    if (topic.empty()) {
        TRY_DO(made->keep_here(outside));
    } else {
        TRY(auto brokers, kafka_of(settings));
        TRY(made->kafka_sink_, within(security::KafkaSink::open(std::move(brokers), topic, house.log()), "events_kafka_write"));
        count_kafka(metrics, "write", *made->kafka_sink_);
    }
    made->intake_ = std::make_unique<security::Intake>(topic.empty() ? static_cast<security::EventSink&>(*made->spool_) : *made->kafka_sink_, context.clock, zone, std::move(times));
    if (!token.empty()) api::add_event_routes(router, {*made->intake_, token});
    TRY_DO(made->take_syslog(outside));
    if (!followed.empty()) {
        const Path folder = house.folder() / "events";
        std::error_code problem;
        std::filesystem::create_directories(folder, problem);   // without a spool nobody else makes it
        TRY(made->files_, within(security::FileIntake::start(std::move(followed), folder / "followed.json", *made->intake_, house.log()), "events_files"));
    }
    if (!topics.empty()) TRY_DO(made->take_kafka(outside, std::move(topics)));
    made->count(metrics);
    if (made->spool_) made->keeper_ = std::jthread([&context, &house, self = made.get()](const std::stop_token& stop) { self->keep_bounds(context.clock, house.log(), stop); });
    return made;
}

Result<void> Events::keep_here(const Outside& outside) {
    const security::SpoolSettings kept = kept_by(outside.context);
    TRY(spool_, security::Spool::open(outside.house.folder() / "events", kept));
    if (const std::uint64_t damaged = spool_->damaged_blocks(); damaged > 0) outside.house.log().warning("some kept events are damaged and are passed over", {{"blocks", std::to_string(damaged)}});
    outside.metrics.observe("madang_events_damaged_blocks", "Blocks of kept events that cannot be read and are passed over", http::Metrics::Kind::gauge,
                            [one = spool_.get()] { return std::vector<http::Metrics::Sample>{{{}, static_cast<double>(one->damaged_blocks())}}; });
    return watch(outside, kept);
}

Result<void> Events::take_kafka(const Outside& outside, std::vector<security::KafkaTopic> topics) {
    const Settings& settings = outside.context.settings;
    TRY(auto brokers, kafka_of(settings));
    TRY(kafka_, within(security::KafkaIntake::start({std::move(brokers), std::move(topics), settings.text("events_kafka_group"), *intake_, outside.context.clock, outside.house.log()}), "events_kafka"));
    count_kafka(outside.metrics, "read", *kafka_);
    outside.metrics.observe("madang_kafka_waiting", "Messages that were read and cannot be kept now", http::Metrics::Kind::gauge,
                            [one = kafka_.get()] { return std::vector<http::Metrics::Sample>{{{}, static_cast<double>(one->counts().waiting)}}; });
    return {};
}

Result<void> Events::take_syslog(const Outside& outside) {
    const Settings& settings = outside.context.settings;
    Log& log = outside.house.log();
    if (const std::string& address = settings.text("events_syslog"); !address.empty()) {
        TRY(syslog_, within(security::SyslogIntake::start(address, *intake_, log), "events_syslog"));
    }
    if (syslog_) {
        outside.metrics.observe("madang_syslog_dropped", "Datagrams of syslog for which the system had no room", http::Metrics::Kind::counter,
                                [one = syslog_.get()] { return std::vector<http::Metrics::Sample>{{{}, static_cast<double>(one->counts().dropped)}}; });
    }
    const std::string& address = settings.text("events_syslog_tls");
    if (address.empty()) return {};
    security::SyslogTls tls;
    tls.files = {text_or(settings, "events_tls_certificate", "tls_certificate"), text_or(settings, "events_tls_key", "tls_key"), settings.text("events_syslog_clients")};
    if (tls.files.certificate.empty() || tls.files.key.empty()) return fail(Code::invalid, "events_syslog_tls needs events_tls_certificate and events_tls_key");
    TRY(syslog_tls_, within(security::SyslogIntake::start(address, tls, *intake_, log), "events_syslog_tls"));
    const auto figure = [&](const char* name, const char* help, http::Metrics::Kind kind, std::uint64_t security::SyslogCounts::*which) {
        outside.metrics.observe(name, help, kind, [one = syslog_tls_.get(), which] { return std::vector<http::Metrics::Sample>{{{}, static_cast<double>(one->counts().*which)}}; });
    };
    figure("madang_syslog_tls_senders", "Connections of syslog over TLS that are open", http::Metrics::Kind::gauge, &security::SyslogCounts::connections);
    figure("madang_syslog_tls_failed", "Senders over TLS that were not let in, or whose connection broke", http::Metrics::Kind::counter, &security::SyslogCounts::failed);
    return {};
}

Result<void> Events::watch(const Outside& outside, const security::SpoolSettings& kept) {
    const auto& [context, house, router, metrics] = outside;
    const std::string& token = context.settings.text("detections_token");
    TRY_DO(check_token(context.settings, "detections_token"));
    std::vector<Path> rules;
    for (const auto one : split(context.settings.text("events_rules"), ',')) {
        if (!trim(one).empty()) rules.emplace_back(trim(one));
    }
    TRY(auto judges, judges_of(context, house));
    if (rules.empty() && judges.empty()) return {};
    TRY(findings_, security::Spool::open(house.folder() / "detections", kept));
    TRY(auto sources, within(places_of(context.settings.text("events_log_places")), "events_log_places"));
    TRY(auto names, within(ecs_of(context.settings.text("events_ecs")), "events_ecs"));
    TRY(auto origins, within(security::SourceOrigins::parse(context.settings.text("events_log_sources")), "events_log_sources"));
    TRY(auto placeholders, within(security::load_placeholders(context.settings.text("events_placeholders")), "events_placeholders"));
    const bool judged = !judges.empty();
    TRY(watcher_, within(security::Watcher::start({*spool_, *findings_, std::move(sources), std::move(rules), place_of_rules(house.folder()), context.clock, house.log(), std::move(judges), std::move(names), std::move(origins), std::move(placeholders)}), "events_rules"));
    if (judged) count_judges(metrics, *watcher_);
    if (!token.empty()) api::add_finding_routes(router, {*findings_, token});
    const auto figure = [&](const char* name, const char* help, http::Metrics::Kind kind, std::uint64_t security::WatchCounts::*which) {
        metrics.observe(name, help, kind, [one = watcher_.get(), which] { return std::vector<http::Metrics::Sample>{{{}, static_cast<double>(one->counts().*which)}}; });
    };
    figure("madang_detection_events", "Events that rules looked at", http::Metrics::Kind::counter, &security::WatchCounts::events);
    figure("madang_detection_behind", "Events on disk that rules did not look at yet", http::Metrics::Kind::gauge, &security::WatchCounts::behind);
    figure("madang_detection_rules", "Rules that watch", http::Metrics::Kind::gauge, &security::WatchCounts::rules);
    figure("madang_detection_correlations", "Correlation rules that watch", http::Metrics::Kind::gauge, &security::WatchCounts::correlations);
    figure("madang_detection_rules_left_out", "Rules that cannot be run", http::Metrics::Kind::gauge, &security::WatchCounts::refused_rules);
    figure("madang_detection_loads", "How often rules were loaded", http::Metrics::Kind::counter, &security::WatchCounts::loads);
    figure("madang_detection_failed_loads", "How often rules could not be loaded, and the former went on", http::Metrics::Kind::counter, &security::WatchCounts::failed_loads);
    figure("madang_correlation_late", "Events older than five minutes before the newest, which correlations did not count", http::Metrics::Kind::counter, &security::WatchCounts::late);
    figure("madang_correlation_ungrouped", "Events without a field that a correlation groups by", http::Metrics::Kind::counter, &security::WatchCounts::ungrouped);
    figure("madang_correlation_forgotten", "Events or groups beyond what a correlation remembers", http::Metrics::Kind::counter, &security::WatchCounts::forgotten);
    figure("madang_correlation_over_budget", "Groups that correlations gave up because all of them together held too much memory", http::Metrics::Kind::counter, &security::WatchCounts::over_budget);
    figure("madang_correlation_bytes", "Bytes of memory, about, that correlations hold", http::Metrics::Kind::gauge, &security::WatchCounts::correlation_bytes);
    metrics.observe("madang_events_lost_unread", "Events that were taken away before rules had looked at them, because they were more than may be kept", http::Metrics::Kind::counter,
                    [this] { return std::vector<http::Metrics::Sample>{{{}, static_cast<double>(lost_unread_)}}; });
    metrics.observe("madang_detections", "What rules found, by level", http::Metrics::Kind::counter, [one = watcher_.get()] {
        std::vector<http::Metrics::Sample> all;
        const auto counts = one->counts();
        for (std::size_t level = 0; level < counts.findings.size(); ++level) {
            all.push_back({{{"level", std::string(security::name_of(static_cast<security::SigmaLevel>(level)))}}, static_cast<double>(counts.findings.at(level))});
        }
        return all;
    });
    return {};
}

void Events::count(http::Metrics& metrics) const {
    const auto figure = [&](const char* name, const char* help, std::uint64_t security::IntakeCounts::*which) {
        metrics.observe(name, help, http::Metrics::Kind::counter, [one = intake_.get(), which] {
            std::vector<http::Metrics::Sample> all;
            for (const auto& [source, counts] : one->counts()) all.push_back({{{"source", source}}, static_cast<double>(counts.*which)});
            return all;
        });
    };
    figure("madang_events_received", "Events that arrived; each is stored or refused", &security::IntakeCounts::received);
    figure("madang_events_stored", "Events that are on disk", &security::IntakeCounts::stored);
    figure("madang_events_gaps", "How often a part of a followed log was gone before it could be read", &security::IntakeCounts::gaps);
    figure("madang_events_refused", "Events that hold nothing to read, are too long, or found no room", &security::IntakeCounts::refused);
}

void Events::keep_bounds(const Clock& clock, Log& log, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any wake;
    while (!stop.stop_requested()) {
        for (security::Spool* one : {spool_.get(), findings_.get()}) {
            const security::SpoolPlace read = one == spool_.get() && watcher_ ? watcher_->place() : security::kEndOfSpool;
            const auto gone = one == nullptr ? Result<security::SpoolGone>() : one->retain(clock.now(), read);
            if (!gone) log.error("old events could not be taken away", {{"reason", gone.error().message}});
            if (!gone || gone->segments == 0) continue;
            log.info(one == spool_.get() ? "old events were taken away" : "old detections were taken away", {{"segments", std::to_string(gone->segments)}, {"records", std::to_string(gone->records)}, {"bytes", std::to_string(gone->packed)}});
            if (gone->unread == 0) continue;
            lost_unread_ += gone->unread;
            log.error("events were taken away before rules had looked at them: they are more than events_gigabytes and events_unread_gigabytes", {{"records", std::to_string(gone->unread)}});
        }
        std::unique_lock lock(mutex);
        wake.wait_for(lock, stop, std::chrono::minutes(1), [] { return false; });
    }
}

}  // namespace madang::cli
