// The HTTP/1.1 server (RFC 9110, RFC 9112): connections, limits, TLS, workers, metrics. It knows routes
// and no domain.
//
//   Server server(config, std::move(router), metrics, log, clock, random);
//   TRY_DO(server.start());     // listens; returns at once
//   server.stop();              // finishes what runs, then returns
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "http/metrics.h"
#include "http/rate_limit.h"
#include "http/router.h"

namespace madang::http {

struct Limits {
    std::size_t header_bytes = 16U << 10;      // request line and headers together: 431
    std::size_t header_count = 100;            // 431
    std::size_t target_bytes = 4096;           // 414
    std::size_t bodies_bytes = 256U << 20;     // of all requests at once: 503
    std::size_t connections = 10'000;          // beyond: 503 and closed
    std::size_t connections_per_client = 512;  // beyond: 429 and closed; trusted proxies are exempt
    std::size_t requests_per_connection = 100'000;
    std::chrono::milliseconds header_time{10'000};  // from the first byte (of a new connection: from the start)
    std::chrono::milliseconds body_time{30'000};    // to begin with; each body_rate bytes give one second more
    std::size_t body_rate = 4096;                   // bytes a second that a slow sender or reader must keep
    std::chrono::milliseconds write_time{30'000};   // the same for the answer
    std::chrono::milliseconds idle_time{60'000};    // between requests of one connection
    std::chrono::milliseconds stop_time{10'000};    // stop(): for requests that run
    std::chrono::milliseconds handshake_time{10'000};
};

struct Workers {
    std::size_t threads = 64;          // at most; made when needed, gone after a minute without work
    std::size_t queue = 1024;          // requests waiting for a thread; beyond: 503 with Retry-After
    std::size_t stack_bytes = 2U << 20;  // of address space; only what is used becomes memory
};

struct TlsFiles {
    Path certificate;  // PEM, the chain, leaf first
    Path key;          // PEM
};

enum class Reachable { by_nobody, by_loopback, by_everyone };

struct Config {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080;                // 0: any free one, see Server::port()
    std::optional<TlsFiles> tls = {};           // TLS 1.2 and 1.3
    std::size_t io_threads = 0;               // 0: one for each core
    Workers workers = {};
    Limits limits = {};
    std::vector<std::string> hosts = {};       // Host headers to answer, with port if not the scheme's; empty: any; else 421
    std::vector<std::string> trusted_proxies = {};  // addresses and networks whose X-Forwarded-For and -Proto count
    std::map<std::string, Rate> rates = {};     // by class; routes name theirs
    std::size_t rate_clients = 100'000;       // buckets kept
    Reachable operations = Reachable::by_loopback;  // /metrics; /healthz and /readyz answer everyone
    enum class AccessLog { off, on } access_log = AccessLog::on;

    // /readyz: success while the program can serve; a failure's message is shown. Runs on a worker.
    std::function<Result<void>()> ready = {};
    // Draws the page of an error; the request is null when it could not be read. Runs on any thread,
    // must not wait. Its status and headers other than Content-Type are set by the server.
    std::function<Response(int status, const Request* request)> error_page = {};
};

class Server {
public:
    Server(Config config, Router router, Metrics& metrics, Log& log, const Clock& clock, Random& random);
    ~Server();  // stops
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Fails with Code::invalid on a bad setting, by name, and with Code::unavailable when the address
    // is taken or not ours.
    Result<void> start();
    std::uint16_t port() const;  // after start()
    // Reads the certificate files again for new connections; on failure the old ones stay.
    Result<void> reload_certificate();
    // Stops accepting, closes idle connections, waits for running requests up to limits.stop_time and
    // for their handlers. After it the server touches the log no more.
    void stop();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace madang::http
