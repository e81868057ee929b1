// madang serve: the house, open.
#include <pthread.h>
#include <signal.h>

#include "api/api.h"
#include "base/text.h"
#include "cli/demo.h"
#include "cli/events.h"
#include "cli/installation.h"
#include "http/server.h"
#include "portal/portal.h"

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
    TRY(const auto pages, portal::Portal::create({house->store(), house->pack(), house->casework(), house->certificates(), house->accounts(), house->access_log(),
                                                  house->mandates(), house->population(), csrf, context.clock, context.random, house->log()}));
    pages->add_routes(router);
    api::add_routes(router, {house->ledger(), house->certificates(), house->casework(), house->accounts(), house->pack(), csrf, &pages->words()});
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
