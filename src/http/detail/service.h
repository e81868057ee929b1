// What all connections share: settings, routes, limits and figures, and every decision about a
// request that needs no socket. Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "http/client_address.h"
#include "http/detail/access_log.h"
#include "http/detail/answer.h"
#include "http/detail/workers.h"
#include "http/server.h"

namespace madang::http::detail {

// What the parser found in a head, besides the header fields.
struct HeadFacts {
    std::string method;
    std::string target;
    int minor = 1;                        // of HTTP/1.x
    bool has_body = false;                // Content-Length above 0, or chunked
    bool chunked = false;
    bool keep_alive = false;
    bool wants_continue = false;
    std::uint64_t content_length = 0;
};

struct Peer {
    Address address;
    bool trusted = false;   // a configured proxy
    bool tls = false;
};

// A request that is not answered by its handler.
struct Refusal {
    int status = 0;
    std::string allow = {};      // with 405
    int retry_after = 0;         // seconds, with 429 and 503
    std::string_view reason = {};  // label of the metric
};

class Service {
public:
    Service(Config config, Router router, Metrics& metrics, Log& log, const Clock& clock, Random& random);
    ~Service();

    // Reads the settings; names the first that is wrong. Once, before anything else.
    Result<void> prepare();

    // Decides about a request by its head: fills the request and the route, or refuses.
    std::optional<Refusal> admit(const HeadFacts& head, const Peer& peer, Request& request, const Route*& route);
    // The handler's answer, made ready. Nothing that a handler throws leaves here.
    Answer run(const Route& route, const Request& request);
    Answer refuse(const Refusal& refusal, const Request* request);

    bool open_connection(const Address& client, bool trusted, int& status);
    void close_connection(const Address& client, bool trusted);
    bool take_body_bytes(std::size_t bytes);
    void give_body_bytes(std::size_t bytes) { body_bytes_.fetch_sub(bytes, std::memory_order_relaxed); }

    // After the answer is handed to the system: figures and access log. A null route: none matched.
    void record(const Route* route, std::string_view method, int status, std::uint64_t bytes,
                std::uint64_t microseconds, std::string_view request_id);

    // Writes what the access log still holds and ends it; no request may be recorded any more.
    void finish_log() { access_.reset(); }

    bool is_trusted(const Address& peer) const;
    const Config& config() const { return config_; }
    const Clock& clock() const { return clock_; }
    Random& random() { return random_; }
    Log& log() { return log_; }
    WorkerPool& workers() { return workers_; }
    Counter& refused(std::string_view reason);
    std::size_t connections() const { return connections_.load(); }

    std::atomic<bool> draining{false};

private:
    struct RouteFigures {
        std::array<Counter*, 5> by_class{};  // 1xx … 5xx
        Histogram* seconds = nullptr;
    };
    void add_operations();
    void make_figures();
    std::optional<Refusal> read_target(const HeadFacts& head, Request& request, Target& target);
    std::optional<Refusal> check_host(const HeadFacts& head, const Target& target, Request& request) const;
    std::optional<Refusal> check_body(const HeadFacts& head, const Request& request, const Route& route) const;
    std::optional<Refusal> check_client(const Address& client, const Request& request, const Route& route);
    void read_client(const Peer& peer, Request& request, Address& client) const;
    RouteFigures figures_for(std::string_view pattern);
    void draw_error(Response& response, const Request* request) const;

    const Config config_;
    Router router_;
    Metrics& metrics_;
    Log& log_;
    const Clock& clock_;
    Random& random_;
    WorkerPool workers_;
    std::vector<Network> trusted_;
    std::vector<std::optional<std::size_t>> rate_of_route_;
    std::unique_ptr<RateLimiter> limiter_;
    std::vector<RouteFigures> figures_;      // by route, then "none"
    Counter& bytes_;
    Gauge& open_;
    std::unique_ptr<AccessLog> access_;

    std::atomic<std::size_t> connections_{0};
    std::atomic<std::size_t> body_bytes_{0};
    std::mutex clients_mutex_;
    struct AddressHash {
        std::size_t operator()(const Address& a) const { return std::hash<std::string_view>{}(as_text(a.bits)); }
    };
    std::unordered_map<Address, std::size_t, AddressHash> clients_;
};

}  // namespace madang::http::detail
