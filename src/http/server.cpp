#include "http/server.h"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <future>
#include <mutex>
#include <new>
#include <thread>

#include "base/text.h"
#include "http/detail/connection.h"

namespace madang::http {
namespace detail {
namespace {

using Tcp = asio::ip::tcp;
using Acceptor = asio::basic_socket_acceptor<Tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
using WorkGuard = asio::executor_work_guard<Executor>;
using TlsContext = std::shared_ptr<asio::ssl::context>;

Address address_of(const asio::ip::address& address) {
    const auto v6 = address.is_v4() ? asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4()) : address.to_v6();
    Address result;
    const auto bytes = v6.to_bytes();
    std::copy(bytes.begin(), bytes.end(), result.bits.begin());
    return result;
}

// TLS 1.2 and 1.3 with forward secrecy and authenticated encryption only (ASVS 5.0 12.1.1-12.1.2).
Result<TlsContext> make_tls(const TlsFiles& files) {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    ErrorCode error;
    context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 | asio::ssl::context::no_sslv3 |
                             asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1 | SSL_OP_NO_RENEGOTIATION |
                             SSL_OP_CIPHER_SERVER_PREFERENCE,
                         error);
    SSL_CTX_set_cipher_list(context->native_handle(), "ECDHE+AESGCM:ECDHE+CHACHA20");
    context->use_certificate_chain_file(files.certificate.string(), error);
    if (error) return fail(Code::invalid, format("tls certificate {}: {}", files.certificate.string(), error.message()));
    context->use_private_key_file(files.key.string(), asio::ssl::context::pem, error);
    if (error) return fail(Code::invalid, format("tls key {}: {}", files.key.string(), error.message()));
    if (SSL_CTX_check_private_key(context->native_handle()) != 1) {
        return fail(Code::invalid, "tls: the key does not belong to the certificate");
    }
    return context;
}

std::chrono::milliseconds sweep_period(const Limits& limits) {
    const auto shortest = std::min({limits.header_time, limits.body_time, limits.write_time, limits.idle_time, limits.handshake_time});
    return std::clamp(shortest / 4, std::chrono::milliseconds(10), std::chrono::milliseconds(250));
}

template <class Stream>
Awaitable<void> serve(Stream stream, Lane& lane, Service& service, Peer peer) {
    Connection<Stream> connection(std::move(stream), lane, service, peer);
    co_await connection.serve();
}

Awaitable<void> serve_tls(Socket socket, TlsContext tls, Lane& lane, Service& service, Peer peer) {
    Connection<TlsStream> connection(TlsStream(std::move(socket), *tls), lane, service, peer);
    co_await connection.serve();
}

// A connection that is one too many gets a short answer, if the socket takes it at once.
void turn_away(Socket& socket, Service& service, int status) {
    const auto now = service.clock().now();
    const auto id = format_uuid(make_uuid_v7(now, service.random()));
    const auto date = format_http_date(now);
    AnswerContext context;
    context.request_id = id;
    context.date = date;
    Answer answer;
    answer.response = Response::error(status);
    answer.response.headers.add("Retry-After", "5");
    std::string text;
    write_head(text, answer, context);
    ErrorCode ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(text), ignored);
    socket.shutdown(asio::socket_base::shutdown_both, ignored);
}

}  // namespace
}  // namespace detail

using namespace detail;

struct Server::Parts {
    Parts(Config config, Router router, Metrics& metrics, Log& log, const Clock& clock, Random& random)
        : service(std::move(config), std::move(router), metrics, log, clock, random) {}

    Result<void> listen();
    void accept_on(Lane& lane);
    Awaitable<void> accept();
    void welcome(Socket socket, Lane& lane);
    void wait_for_connections(std::chrono::milliseconds time) const;
    template <class Action>
    void on_each_lane(Action action) {
        for (auto& lane : lanes) asio::post(lane->context, [&l = *lane, action] { action(l); });
    }

    Service service;
    std::mutex tls_mutex;
    TlsContext tls;
    std::vector<std::unique_ptr<Lane>> lanes;
    std::vector<WorkGuard> guards;
    std::unique_ptr<Acceptor> acceptor;
    std::vector<std::thread> threads;
    std::uint16_t port = 0;
    bool prepared = false;
    bool stopped = false;
};

Server::Server(Config config, Router router, Metrics& metrics, Log& log, const Clock& clock, Random& random)
    : parts_(std::make_unique<Parts>(std::move(config), std::move(router), metrics, log, clock, random)) {}

Server::~Server() { stop(); }

std::uint16_t Server::port() const { return parts_->port; }

Result<void> Server::start() {
    Parts& parts = *parts_;
    if (parts.prepared) return fail(Code::conflict, "the server was started before");
    parts.prepared = true;
    const Config& config = parts.service.config();
    TRY_DO(parts.service.prepare());
    if (config.tls) {
        TRY(auto made, make_tls(*config.tls));
        parts.tls = std::move(made);
    }
    const std::size_t lanes = config.io_threads > 0 ? config.io_threads : std::max(1U, std::thread::hardware_concurrency());
    for (std::size_t i = 0; i < lanes; ++i) {
        parts.lanes.push_back(std::make_unique<Lane>(parts.service.random(), sweep_period(config.limits)));
    }
    TRY_DO(parts.listen());
    for (auto& lane : parts.lanes) {
        parts.guards.emplace_back(lane->context.get_executor());
        lane->start();
    }
    asio::co_spawn(parts.lanes.front()->context.get_executor(), parts.accept(), asio::detached);
    for (auto& lane : parts.lanes) parts.threads.emplace_back([&l = *lane] { l.context.run(); });
    return {};
}

Result<void> Server::Parts::listen() {
    const Config& config = service.config();
    ErrorCode error;
    const auto address = asio::ip::make_address(config.address, error);
    if (error) return fail(Code::invalid, format("address \"{}\": not an IPv4 or IPv6 address", config.address));
    const Tcp::endpoint endpoint(address, config.port);
    acceptor = std::make_unique<Acceptor>(lanes.front()->context);
    acceptor->open(endpoint.protocol(), error);
    if (!error) acceptor->set_option(asio::socket_base::reuse_address(true), error);
    if (!error && address.is_v6()) acceptor->set_option(asio::ip::v6_only(false), error);
    if (!error) acceptor->bind(endpoint, error);
    if (!error) acceptor->listen(1024, error);
    if (error) return fail(Code::unavailable, format("{}:{}: {}", config.address, config.port, error.message()));
    port = acceptor->local_endpoint().port();
    return {};
}

Awaitable<void> Server::Parts::accept() {
    Timer pause(lanes.front()->context);
    for (std::size_t next = 0;; next = (next + 1) % lanes.size()) {
        ErrorCode error;
        Lane& lane = *lanes[next];
        Socket socket = co_await acceptor->async_accept(lane.context, asio::redirect_error(Token{}, error));
        if (!acceptor->is_open() || error == asio::error::operation_aborted) co_return;
        if (error) {
            // Most often there is no file descriptor left: wait until a connection has gone.
            service.refused("accept").add();
            pause.expires_after(std::chrono::milliseconds(50));
            co_await pause.async_wait(asio::redirect_error(Token{}, error));
            continue;
        }
        try {
            welcome(std::move(socket), lane);
        } catch (const std::bad_alloc&) {
            service.log().error("no memory for a connection");  // this one is lost, the next may do
        }
    }
}

void Server::Parts::welcome(Socket socket, Lane& lane) {
    ErrorCode error;
    const auto remote = socket.remote_endpoint(error);
    if (error) return;
    Peer peer;
    peer.address = address_of(remote.address());
    peer.trusted = service.is_trusted(peer.address);
    int status = 0;
    if (!service.open_connection(peer.address, peer.trusted, status)) {
        if (!service.config().tls) turn_away(socket, service, status);
        return;
    }
    socket.set_option(Tcp::no_delay(true), error);
    TlsContext context;
    {
        const std::lock_guard lock(tls_mutex);
        context = tls;
    }
    peer.tls = context != nullptr;
    asio::post(lane.context, [this, &lane, peer, context, s = std::move(socket)]() mutable {
        const auto executor = lane.context.get_executor();
        if (context) {
            asio::co_spawn(executor, serve_tls(std::move(s), context, lane, service, peer), asio::detached);
        } else {
            asio::co_spawn(executor, serve<Socket>(std::move(s), lane, service, peer), asio::detached);
        }
    });
}

Result<void> Server::reload_certificate() {
    const auto& files = parts_->service.config().tls;
    if (!files) return fail(Code::invalid, "the server does not use TLS");
    TRY(auto made, make_tls(*files));
    const std::lock_guard lock(parts_->tls_mutex);
    parts_->tls = std::move(made);
    return {};
}

void Server::Parts::wait_for_connections(std::chrono::milliseconds time) const {
    const auto until = std::chrono::steady_clock::now() + time;
    while (service.connections() > 0 && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

void Server::stop() {
    Parts& parts = *parts_;
    if (parts.stopped || parts.threads.empty()) return;
    parts.stopped = true;
    parts.service.draining = true;
    std::promise<void> closed;
    asio::post(parts.lanes.front()->context, [&] {
        ErrorCode ignored;
        parts.acceptor->close(ignored);
        closed.set_value();
    });
    closed.get_future().wait();
    parts.on_each_lane([](Lane& lane) { lane.interrupt(Lane::Which::idle); });
    parts.wait_for_connections(parts.service.config().limits.stop_time);
    parts.on_each_lane([](Lane& lane) { lane.interrupt(Lane::Which::all); });
    parts.wait_for_connections(std::chrono::milliseconds(200));
    // Handlers that still run must end before what they use goes away.
    parts.service.workers().stop();
    parts.on_each_lane([](Lane& lane) { lane.stop_sweep(); });
    parts.guards.clear();
    for (auto& lane : parts.lanes) lane->context.stop();
    for (auto& thread : parts.threads) thread.join();
    parts.service.workers().discard();
    parts.service.finish_log();
    parts.service.log().info("http server stopped");
}

}  // namespace madang::http
