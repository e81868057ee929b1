// madang serve: the house, open.
#include <pthread.h>
#include <signal.h>

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "api/api.h"
#include "api/events.h"
#include "base/text.h"
#include "cli/demo.h"
#include "cli/installation.h"
#include "cli/learned_judges.h"
#include "http/server.h"
#include "portal/portal.h"
#include "security/intake.h"
#include "security/watcher.h"

namespace madang::cli {
namespace {

Result<std::pair<std::string, std::uint16_t>> parse_listen(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos) return fail(Code::invalid, format("listen = \"{}\": the form is ADDRESS:PORT", text));
    TRY(const std::uint64_t port, within(parse_decimal(std::string_view(text).substr(colon + 1)), "listen"));
    if (port > 65535) return fail(Code::invalid, "listen: a port is at most 65535");
    return std::pair{text.substr(0, colon), static_cast<std::uint16_t>(port)};
}

// The names that this house answers to, so that no other name that leads here (DNS rebinding) gets a session:
// the public address, the one it listens on, and localhost. Where it listens on every address and has no public
// address, nobody can tell, and any name is answered.
std::vector<std::string> hosts_of(const Settings& settings, const std::pair<std::string, std::uint16_t>& listen) {
    std::vector<std::string> hosts;
    if (const std::string& address = settings.text("public_url"); !address.empty()) {
        const std::string host = address.substr(address.find("://") == std::string::npos ? 0 : address.find("://") + 3);
        hosts.push_back(host.substr(0, host.find('/')));
    } else if (listen.first == "0.0.0.0" || listen.first == "::" || listen.first == "[::]") {
        return hosts;
    }
    hosts.push_back(settings.text("listen"));
    hosts.push_back(format("localhost:{}", listen.second));
    return hosts;
}

Result<http::Config> config_of(const Settings& settings, store::Store& store) {
    http::Config config;
    TRY(const auto listen, parse_listen(settings.text("listen")));
    config.address = listen.first;
    config.port = listen.second;
    if (listen.second != 0) config.hosts = hosts_of(settings, listen);
    if (!settings.text("tls_certificate").empty()) config.tls = http::TlsFiles{settings.text("tls_certificate"), settings.text("tls_key")};
    config.workers.threads = static_cast<std::size_t>(settings.number("workers"));
    for (const auto proxy : split(settings.text("trusted_proxies"), ',')) {
        if (!trim(proxy).empty()) config.trusted_proxies.emplace_back(trim(proxy));
    }
    const auto per_minute = static_cast<double>(settings.number("requests_per_minute"));
    if (per_minute > 0) {
        config.rates["verify"] = {per_minute / 60, per_minute / 4};
        config.rates["sign_in"] = {per_minute / 600, 20};
    } else {
        config.rates["verify"] = config.rates["sign_in"] = {1e9, 1e9};
    }
    config.ready = [&store]() -> Result<void> {
        const store::Health health = store.health();
        if (health.readable && health.writable) return {};
        return fail(Code::unavailable, health.reason);
    };
    return config;
}

// How this program can be called from where the person is.
std::string own_path() {
    std::error_code error;
    const Path full = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error) return "madang";
    const Path near = std::filesystem::relative(full, std::filesystem::current_path(error), error);
    return error || near.empty() || near.string().starts_with("..") ? full.string() : near.string();
}

// As long as nobody can administer, whoever starts the program gets a fresh link for the first one.
Result<void> offer_installer(const Context& context, Installation& house) {
    if (house.accounts().has_administrator().value_or(true)) return {};
    TRY(const std::string link, house.accounts().make_installer_link());
    context.print(format("\nThe first administrator, by this link, once, within 24 hours:\n  {}/installer?link={}", house.public_url(), link));
    std::fflush(stdout);
    return {};
}

// Addresses, who can sign in, and the one thing to try first.
Result<void> welcome(const Context& context, Installation& house) {
    const std::string& url = house.public_url();
    context.print(format("\nMadang is open at {}\n  verify a certificate  {}/verify\n  for programs          {}/openapi.json\n  public ledger         {}/ledger/checkpoint", url, url, url, url));
    TRY_DO(offer_installer(context, house));
    TRY(const auto sign_ins, find_demo_sign_ins(house));
    if (!sign_ins.empty()) {
        context.print("\nFictional people who can sign in:");
        for (const auto& one : sign_ins) {
            context.print(format("  {:<22} {}   {}", one.name, one.password, one.story));
            if (!one.totp_secret.empty()) {
                context.print(format("  {:<22} one-time code: {} --data {} demo code {}", "", own_path(), house.folder().string(), one.name));
            }
        }
        context.print(format("\nTry this first: open {}/services/certificate-of-residence, sign in as {} and press through to the\n"
                             "certificate; then give its code to {}/verify.", url, sign_ins.front().name, url));
    }
    context.print("\nStop it with Ctrl-C.");
    std::fflush(stdout);
    return {};
}

constexpr std::size_t kMinToken = 32;

// What this house keeps of the events that machines send, where it is told to.
struct Events {
    std::unique_ptr<security::Spool> spool;
    std::unique_ptr<security::Spool> findings;
    std::unique_ptr<security::Watcher> watcher;   // before what brings events in
    std::unique_ptr<security::Intake> intake;
    std::unique_ptr<security::SyslogIntake> syslog;
    std::unique_ptr<security::FileIntake> files;
    std::jthread keeper;                          // takes away what is too old, or too much

    static Result<std::unique_ptr<Events>> start(const Context& context, Installation& house, http::Router& router, http::Metrics& metrics) {
        const std::string& token = context.settings.text("events_token");
        const std::string& address = context.settings.text("events_syslog");
        auto made = std::make_unique<Events>();
        TRY(auto followed, within(security::parse_followed_files(context.settings.text("events_files")), "events_files"));
        if (token.empty() && address.empty() && followed.empty()) return made;
        if (!token.empty() && token.size() < kMinToken) return fail(Code::invalid, format("events_token: a token has at least {} bytes", kMinToken));
        security::SpoolSettings kept;
        kept.keep_for = std::chrono::hours(24 * context.settings.number("events_days"));
        kept.keep_bytes = static_cast<std::uint64_t>(context.settings.number("events_gigabytes")) << 30U;
        TRY(made->spool, security::Spool::open(house.folder() / "events", kept));
        TRY_DO(made->watch(context, house, router, metrics, kept));
        made->intake = std::make_unique<security::Intake>(*made->spool, context.clock);
        if (!token.empty()) api::add_event_routes(router, {*made->intake, token});
        if (!address.empty()) {
            TRY(made->syslog, within(security::SyslogIntake::start(address, *made->intake, house.log()), "events_syslog"));
        }
        if (!followed.empty()) {
            TRY(made->files, within(security::FileIntake::start(std::move(followed), house.folder() / "events" / "followed.json", *made->intake, house.log()), "events_files"));
        }
        made->count(metrics);
        made->keeper = std::jthread([&context, &house, self = made.get()](const std::stop_token& stop) { self->keep_bounds(context.clock, house.log(), stop); });
        return made;
    }

private:
    Result<void> watch(const Context& context, Installation& house, http::Router& router, http::Metrics& metrics, const security::SpoolSettings& kept) {
        const std::string& token = context.settings.text("detections_token");
        if (!token.empty() && token.size() < kMinToken) return fail(Code::invalid, format("detections_token: a token has at least {} bytes", kMinToken));
        std::vector<Path> rules;
        for (const auto one : split(context.settings.text("events_rules"), ',')) {
            if (!trim(one).empty()) rules.emplace_back(trim(one));
        }
        TRY(auto judges, judges_of(context, house));
        if (rules.empty() && judges.empty()) return {};
        TRY(findings, security::Spool::open(house.folder() / "detections", kept));
        TRY(auto sources, security::LogSources::shipped());
        TRY(auto names, security::EcsNames::shipped());
        const bool judged = !judges.empty();
        TRY(watcher, within(security::Watcher::start({*spool, *findings, std::move(sources), std::move(rules), house.folder() / "detections" / "place", context.clock, house.log(), std::move(judges), std::move(names)}), "events_rules"));
        if (judged) count_judges(metrics, *watcher);
        if (!token.empty()) api::add_finding_routes(router, {*findings, token});
        const auto figure = [&](const char* name, const char* help, http::Metrics::Kind kind, std::uint64_t security::WatchCounts::*which) {
            metrics.observe(name, help, kind, [one = watcher.get(), which] { return std::vector<http::Metrics::Sample>{{{}, static_cast<double>(one->counts().*which)}}; });
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
        metrics.observe("madang_detections", "What rules found, by level", http::Metrics::Kind::counter, [one = watcher.get()] {
            std::vector<http::Metrics::Sample> all;
            const auto counts = one->counts();
            for (std::size_t level = 0; level < counts.findings.size(); ++level) {
                all.push_back({{{"level", std::string(security::name_of(static_cast<security::SigmaLevel>(level)))}}, static_cast<double>(counts.findings.at(level))});
            }
            return all;
        });
        return {};
    }

    void count(http::Metrics& metrics) const {
        const auto figure = [&](const char* name, const char* help, std::uint64_t security::IntakeCounts::*which) {
            metrics.observe(name, help, http::Metrics::Kind::counter, [one = intake.get(), which] {
                std::vector<http::Metrics::Sample> all;
                for (const auto& [source, counts] : one->counts()) all.push_back({{{"source", source}}, static_cast<double>(counts.*which)});
                return all;
            });
        };
        figure("madang_events_received", "Events that arrived; each is stored or refused", &security::IntakeCounts::received);
        figure("madang_events_stored", "Events that are on disk", &security::IntakeCounts::stored);
        figure("madang_events_refused", "Events that hold nothing to read, are too long, or found no room", &security::IntakeCounts::refused);
    }

    void keep_bounds(const Clock& clock, Log& log, const std::stop_token& stop) const {
        std::mutex mutex;
        std::condition_variable_any wake;
        while (!stop.stop_requested()) {
            for (security::Spool* one : {spool.get(), findings.get()}) {
                const auto gone = one == nullptr ? Result<std::size_t>(0) : one->retain(clock.now());
                if (!gone) log.error("old events could not be taken away", {{"reason", gone.error().message}});
            }
            std::unique_lock lock(mutex);
            wake.wait_for(lock, stop, std::chrono::minutes(1), [] { return false; });
        }
    }
};

Result<int> serve(const Context& context, const Arguments& arguments) {
    // The signals that end the house are waited for here; every thread made below inherits the mask.
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);
    ::signal(SIGPIPE, SIG_IGN);

    TRY(const auto house, Installation::open(context));
    // One server works on an embedded store; several would each order the acts of the ledger. On PostgreSQL
    // nodes agree through the store.
    std::optional<FileLock> alone;
    if (house->store().kind() == "sqlite") {
        TRY(FileLock lock, within(FileLock::take(house->folder() / "serve.lock"), "this installation is served already"));
        alone.emplace(std::move(lock));
    }
    http::Metrics metrics;
    metrics.observe("madang_store_writable", "Whether the store takes writes", http::Metrics::Kind::gauge, [&] {
        return std::vector<http::Metrics::Sample>{{{}, house->store().health().writable ? 1.0 : 0.0}};
    });
    const ByteSpan key = house->keys().session_key();
    const http::CsrfTokens csrf(Bytes(key.begin(), key.end()), context.random);
    http::Router router;
    api::add_routes(router, {house->ledger(), house->certificates(), house->casework(), house->accounts(), house->pack(), csrf});
    TRY(const auto pages, portal::Portal::create({house->store(), house->pack(), house->casework(), house->certificates(), house->accounts(), house->access_log(),
                                                  house->mandates(), house->population(), csrf, context.clock, context.random, house->log()}));
    pages->add_routes(router);
    TRY(http::Config config, config_of(context.settings, house->store()));
    config.error_page = [&pages](int status, const http::Request* request) {
        return request != nullptr && request->path.starts_with("/api/") ? api::error_page(status) : pages->error_page(status, request);
    };
    TRY(const auto events, Events::start(context, *house, router, metrics));
    http::Server server(std::move(config), std::move(router), metrics, house->log(), context.clock, context.random);
    house->ledger().start();
    house->casework().start_worker();
    TRY_DO(server.start());
    house->log().info("serving", {{"address", house->public_url()}, {"store", std::string(house->store().kind())}});
    if (arguments.has("welcome")) {
        TRY_DO(welcome(context, *house));
    } else {
        TRY_DO(offer_installer(context, *house));
    }
    int signal_number = 0;
    ::sigwait(&ending, &signal_number);
    house->log().info("stopping", {});
    server.stop();
    house->casework().stop_worker();
    house->ledger().stop();
    return kOk;
}

}  // namespace

std::vector<Command> serve_commands() {
    return {{"serve", "opens the house: portal, API, ledger", "madang --data /var/lib/madang serve",
             {{"--welcome", Argument::Kind::flag, false, "print addresses and first steps"}}, serve}};
}

}  // namespace madang::cli
