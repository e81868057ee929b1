#include "cli/events.h"

#include <condition_variable>
#include <mutex>

#include "api/events.h"
#include "base/text.h"
#include "cli/learned_judges.h"

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

}  // namespace

Result<std::unique_ptr<Events>> Events::start(const Context& context, Installation& house, http::Router& router, http::Metrics& metrics) {
    const Settings& settings = context.settings;
    const Outside outside{context, house, router, metrics};
    auto made = std::unique_ptr<Events>(new Events);
    TRY(auto followed, within(security::parse_followed_files(settings.text("events_files")), "events_files"));
    const std::string& token = settings.text("events_token");
    if (token.empty() && settings.text("events_syslog").empty() && settings.text("events_syslog_tls").empty() && followed.empty()) return made;
    TRY_DO(check_token(settings, "events_token"));
    security::SpoolSettings kept;
    kept.keep_for = std::chrono::hours(24 * settings.number("events_days"));
    kept.keep_bytes = static_cast<std::uint64_t>(settings.number("events_gigabytes")) << 30U;
    TRY(made->spool_, security::Spool::open(house.folder() / "events", kept));
    TRY_DO(made->watch(outside, kept));
    made->intake_ = std::make_unique<security::Intake>(*made->spool_, context.clock);
    if (!token.empty()) api::add_event_routes(router, {*made->intake_, token});
    TRY_DO(made->take_syslog(outside));
    if (!followed.empty()) {
        TRY(made->files_, within(security::FileIntake::start(std::move(followed), house.folder() / "events" / "followed.json", *made->intake_, house.log()), "events_files"));
    }
    made->count(metrics);
    made->keeper_ = std::jthread([&context, &house, self = made.get()](const std::stop_token& stop) { self->keep_bounds(context.clock, house.log(), stop); });
    return made;
}

Result<void> Events::take_syslog(const Outside& outside) {
    const Settings& settings = outside.context.settings;
    Log& log = outside.house.log();
    if (const std::string& address = settings.text("events_syslog"); !address.empty()) {
        TRY(syslog_, within(security::SyslogIntake::start(address, *intake_, log), "events_syslog"));
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
    TRY(auto sources, security::LogSources::shipped());
    TRY(auto names, security::EcsNames::shipped());
    const bool judged = !judges.empty();
    TRY(watcher_, within(security::Watcher::start({*spool_, *findings_, std::move(sources), std::move(rules), house.folder() / "detections" / "place", context.clock, house.log(), std::move(judges), std::move(names)}), "events_rules"));
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
    figure("madang_events_refused", "Events that hold nothing to read, are too long, or found no room", &security::IntakeCounts::refused);
}

void Events::keep_bounds(const Clock& clock, Log& log, const std::stop_token& stop) const {
    std::mutex mutex;
    std::condition_variable_any wake;
    while (!stop.stop_requested()) {
        for (security::Spool* one : {spool_.get(), findings_.get()}) {
            const auto gone = one == nullptr ? Result<std::size_t>(0) : one->retain(clock.now());
            if (!gone) log.error("old events could not be taken away", {{"reason", gone.error().message}});
        }
        std::unique_lock lock(mutex);
        wake.wait_for(lock, stop, std::chrono::minutes(1), [] { return false; });
    }
}

}  // namespace madang::cli
