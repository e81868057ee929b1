// The server under hostile and heavy use: smuggling, slow senders and readers, floods, stopping.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/resource.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "http/detail/testing.h"

namespace madang::http {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::body_of;
using testing::RawClient;
using testing::Site;
using testing::status_of;

Router small_router() {
    Router router;
    router.add(Method::get, "/", [](const Request&) { return Response::text("home"); }, {.dispatch = Dispatch::inline_});
    router.add(Method::post, "/", [](const Request& r) { return Response::text(r.body); }, {.body = BodyKind::any});
    return router;
}

// What one program could read in one way and another in a second (RFC 9112 clauses 2.2, 5, 6, 7 and 11.2).
TEST(Smuggling, IsRefusedAndTheConnectionClosed) {
    const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
    const std::pair<const char*, std::string> rows[] = {
        {"length and chunked", post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        {"chunked and length", post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"},
        {"two lengths", post + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde"},
        {"two equal lengths", post + "Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd"},
        {"list of lengths", post + "Content-Length: 4, 4\r\n\r\nabcd"},
        {"signed length", post + "Content-Length: +4\r\n\r\nabcd"},
        {"hexadecimal length", post + "Content-Length: 0x4\r\n\r\nabcd"},
        {"negative length", post + "Content-Length: -1\r\n\r\nabcd"},
        {"empty length", post + "Content-Length: \r\n\r\nabcd"},
        {"padded length", post + "Content-Length: 04\r\n\r\nabcd"},
        {"length beyond 64 bits", post + "Content-Length: 18446744073709551620\r\n\r\nabcd"},
        {"two codings", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        {"other coding", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
        {"chunked not last", post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"},
        {"misspelt coding", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"},
        {"quoted coding", post + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"},
        {"coding with vertical tab", post + "Transfer-Encoding: \x0B" "chunked\r\n\r\n0\r\n\r\n"},
        {"coding in HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        {"blank before colon", post + "Content-Length : 4\r\n\r\nabcd"},
        {"folded line", post + "X: a\r\n b\r\n\r\n"},
        {"folded coding", post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"},
        {"blank before first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
        {"NUL in a value", post + std::string("X: a\0b\r\n\r\n", 10)},
        {"NUL in the target", std::string("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 28)},
        {"bare LF", "GET / HTTP/1.1\nHost: a\n\n"},
        {"bare LF in a field", post + "X: a\nY: b\r\n\r\n"},
        {"bare CR", post + "X: a\rY: b\r\n\r\n"},
        {"no colon", post + "Nonsense\r\n\r\n"},
        {"empty name", post + ": x\r\n\r\n"},
        {"name with parenthesis", post + "X(y: x\r\n\r\n"},
        {"name beyond ASCII", post + "X\xC3\xA9: x\r\n\r\n"},
        {"two blanks in the request line", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {"blank in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"},
        {"tab in the request line", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"},
        {"no version", "GET /\r\nHost: a\r\n\r\n"},
        {"lower-case version", "GET / http/1.1\r\nHost: a\r\n\r\n"},
        {"bad chunk size", post + "Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n"},
        {"signed chunk size", post + "Transfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n"},
        {"chunk size with 0x", post + "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n"},
        {"chunk size beyond 64 bits", post + "Transfer-Encoding: chunked\r\n\r\n10000000000000003\r\nabc\r\n0\r\n\r\n"},
        {"chunk without end of line", post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcX0\r\n\r\n"},
        {"chunk size with bare LF", post + "Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n"},
        {"bare LF in a chunk extension", post + "Transfer-Encoding: chunked\r\n\r\n3;a\nb\r\nabc\r\n0\r\n\r\n"},
        {"trailer", post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n"},
        {"TLS to a plain port", std::string("\x16\x03\x01\x02\x00\x01\x00\x01", 8)},
        {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
    };
    const Site site(small_router());
    for (const auto& [name, octets] : rows) {
        RawClient client(site.port());
        // A second request stands behind: it must never be read as one.
        const auto answer = client.send(octets + "GET / HTTP/1.1\r\nHost: a\r\n\r\n").answer();
        EXPECT_THAT(status_of(answer), ::testing::AnyOf(400, 413, 501, 505)) << name;
        EXPECT_THAT(answer, HasSubstr("Connection: close")) << name;
        EXPECT_TRUE(client.closed()) << name;
    }
    EXPECT_EQ(body_of(site.fetch("/")), "home");
}

Config impatient() {
    Config config;
    config.limits.header_time = 300ms;
    config.limits.body_time = 300ms;
    config.limits.idle_time = 300ms;
    config.limits.write_time = 300ms;
    config.limits.body_rate = 1U << 20;
    return config;
}

TEST(Slow, SendersOfHeadsAreDropped) {
    const Site site(small_router(), impatient());
    RawClient client(site.port());
    const auto begun = std::chrono::steady_clock::now();
    std::thread drip([&] {
        for (int i = 0; i < 40; ++i) {
            client.send(i == 0 ? "GET / HTTP/1.1\r\nX: " : "a");
            std::this_thread::sleep_for(50ms);
        }
    });
    const auto answer = client.answer();
    EXPECT_EQ(status_of(answer), 408);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 1500ms);
    drip.join();
}

TEST(Slow, SendersOfBodiesAreDropped) {
    const Site site(small_router(), impatient());
    RawClient client(site.port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
    EXPECT_EQ(status_of(client.answer()), 408);
    EXPECT_TRUE(client.closed());
}

TEST(Slow, ConnectionsWithoutARequestAreClosedSilently) {
    const Site site(small_router(), impatient());
    RawClient fresh(site.port());
    EXPECT_TRUE(fresh.closed());
    RawClient used(site.port());
    EXPECT_EQ(status_of(used.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").answer()), 200);
    EXPECT_TRUE(used.closed());
}

TEST(Slow, ReadersAreDropped) {
    Router router;
    router.add(Method::get, "/", [](const Request&) { return Response::bytes(std::string(50'000'000, 'x'), "application/pdf"); });
    auto config = impatient();
    config.limits.body_rate = 1U << 30;
    const Site site(std::move(router), std::move(config));
    RawClient client(site.port());
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    std::this_thread::sleep_for(1200ms);
    EXPECT_LT(client.answer().size(), 50'000'000U);
}

TEST(Slow, HeadsDoNotStopOthers) {
    const Site site(small_router());
    std::vector<std::unique_ptr<RawClient>> crowd;
    for (int i = 0; i < 300; ++i) {
        crowd.push_back(std::make_unique<RawClient>(site.port()));
        crowd.back()->send("GET / HTTP/1.1\r\nX-a: ");
    }
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(status_of(site.fetch("/")), 200);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 200ms);
}

TEST(Connections, AreLimitedInAllAndForEachClient) {
    Config config;
    config.limits.connections = 4;
    config.limits.connections_per_client = 2;
    const Site site(small_router(), std::move(config));
    const auto alive = [](RawClient& client) { return status_of(client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").answer()); };
    RawClient one(site.port()), two(site.port());
    EXPECT_EQ(alive(one), 200);
    EXPECT_EQ(alive(two), 200);
    RawClient three(site.port());
    const auto refused = three.answer();
    EXPECT_EQ(status_of(refused), 429);
    EXPECT_THAT(refused, HasSubstr("X-Content-Type-Options: nosniff"));
    RawClient other(site.port(), INADDR_LOOPBACK + 1), another(site.port(), INADDR_LOOPBACK + 2);
    EXPECT_EQ(alive(other), 200);
    EXPECT_EQ(alive(another), 200);
    RawClient fifth(site.port(), INADDR_LOOPBACK + 3);
    EXPECT_EQ(status_of(fifth.answer()), 503);
}

TEST(Connections, SurviveALackOfFileDescriptors) {
    const Site site(small_router());
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    const int lowest = dup(0);
    close(lowest);
    rlimit narrow = before;
    narrow.rlim_cur = static_cast<rlim_t>(lowest) + 20;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &narrow), 0);
    {
        // Both ends of a connection are in this process; connect() succeeds in the queue of the listener.
        std::vector<std::unique_ptr<RawClient>> crowd;
        for (int i = 0; i < 19; ++i) crowd.push_back(std::make_unique<RawClient>(site.port()));
        std::this_thread::sleep_for(200ms);
    }
    EXPECT_EQ(status_of(site.fetch("/")), 200);
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_THAT(site.metrics.text(), HasSubstr("madang_http_refused_total{reason=\"accept\"}"));
}

TEST(Rates, AreCountedForEachClientBehindATrustedProxy) {
    Router router;
    router.add(Method::get, "/", [](const Request& r) { return Response::text(r.client + (r.scheme == Scheme::https ? " s" : "")); },
               {.dispatch = Dispatch::inline_, .rate_class = "page"});
    Config config;
    config.rates["page"] = {.burst = 2, .per_second = 0.1};
    config.trusted_proxies = {"127.0.0.1"};
    const Site site(std::move(router), std::move(config));
    const auto ask = [&](std::string_view from) { return site.fetch("/", format("X-Forwarded-For: {}\r\n", from)); };
    EXPECT_EQ(body_of(ask("192.0.2.1")), "192.0.2.1");
    EXPECT_EQ(body_of(ask("198.51.100.7, 192.0.2.1")), "192.0.2.1");
    const auto refused = ask("192.0.2.1");
    EXPECT_EQ(status_of(refused), 429);
    EXPECT_THAT(refused, HasSubstr("Retry-After: 10\r\n"));
    EXPECT_EQ(status_of(ask("192.0.2.2")), 200);
    const auto secure = site.fetch("/", "X-Forwarded-For: 192.0.2.3\r\nX-Forwarded-Proto: https\r\n");
    EXPECT_EQ(body_of(secure), "192.0.2.3 s");
    EXPECT_THAT(secure, HasSubstr("Strict-Transport-Security: max-age=31536000"));
    // Not a trusted proxy: what it says of others does not count.
    RawClient stranger(site.port(), INADDR_LOOPBACK + 1);
    stranger.send("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.9\r\nX-Forwarded-Proto: https\r\n\r\n");
    EXPECT_EQ(body_of(stranger.answer()), "127.0.0.2");
}

// Handlers wait here until the test lets them go.
struct Gate {
    std::mutex mutex;
    std::condition_variable changed;
    bool is_open = false;
    std::atomic<int> inside{0};
    void pass() {
        ++inside;
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return is_open; });
    }
    void open() {
        const std::lock_guard lock(mutex);
        is_open = true;
        changed.notify_all();
    }
    void wait_for(int count) const {
        while (inside < count) std::this_thread::sleep_for(1ms);
    }
};

TEST(Workers, RefuseWhatTheirQueueCannotHold) {
    Gate gate;
    Router router;
    router.add(Method::get, "/wait", [&](const Request&) {
        gate.pass();
        return Response::text("done");
    });
    router.add(Method::get, "/", [](const Request&) { return Response::text("home"); }, {.dispatch = Dispatch::inline_});
    Config config;
    config.workers = {.threads = 2, .queue = 1, .stack_bytes = 1U << 20};
    const Site site(std::move(router), std::move(config));
    const std::string request = "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n";
    RawClient a(site.port()), b(site.port());
    a.send(request);
    b.send(request);
    gate.wait_for(2);
    RawClient queued(site.port());
    queued.send(request);
    while (site.metrics.text().find("madang_http_worker_queue 1\n") == std::string::npos) std::this_thread::sleep_for(1ms);
    const auto refused = site.ask(request);
    EXPECT_EQ(status_of(refused), 503);
    EXPECT_THAT(refused, HasSubstr("Retry-After: 1\r\n"));
    EXPECT_EQ(status_of(site.fetch("/")), 200);
    gate.open();
    for (RawClient* client : {&a, &b, &queued}) EXPECT_EQ(body_of(client->answer()), "done");
}

TEST(Stopping, FinishesWhatRunsAndClosesTheRest) {
    Gate gate;
    Router router;
    router.add(Method::get, "/wait", [&](const Request&) {
        gate.pass();
        return Response::text("done");
    });
    Site site(std::move(router));
    RawClient idle(site.port());
    RawClient running(site.port());
    running.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    gate.wait_for(1);
    std::thread stopper([&] { site.server->stop(); });
    EXPECT_TRUE(idle.closed());
    const RawClient late(site.port());
    EXPECT_FALSE(late.connected());
    gate.open();
    const auto answer = running.answer();
    EXPECT_EQ(body_of(answer), "done");
    EXPECT_THAT(answer, HasSubstr("Connection: close"));
    EXPECT_TRUE(running.closed());
    stopper.join();
}

TEST(Stopping, DoesNotWaitForEverForAClientThatStays) {
    Config config;
    config.limits.stop_time = 200ms;
    Site site(small_router(), std::move(config));
    RawClient half(site.port());
    half.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nab");
    std::this_thread::sleep_for(50ms);
    const auto begun = std::chrono::steady_clock::now();
    site.server->stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 1500ms);
}

TEST(Crowd, IsServedRightOnManyConnectionsAtOnce) {
    Router router;
    router.add(Method::post, "/w", [](const Request& r) { return Response::text(r.body); }, {.body = BodyKind::any});
    router.add(Method::post, "/i", [](const Request& r) { return Response::text(r.body); },
               {.dispatch = Dispatch::inline_, .body = BodyKind::any});
    const Site site(std::move(router));
    std::atomic<int> wrong{0};
    std::vector<std::thread> clients;
    for (int c = 0; c < 16; ++c) {
        clients.emplace_back([&, c] {
            RawClient client(site.port());
            for (int i = 0; i < 200; ++i) {
                const std::string body = format("{}-{}-", c, i) + std::string(static_cast<std::size_t>(i * 37 % 9000), 'b');
                client.send(format("POST /{} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{}", i % 2 == 0 ? "w" : "i", body.size(), body));
                if (body_of(client.answer()) != body) ++wrong;
            }
        });
    }
    for (auto& client : clients) client.join();
    EXPECT_EQ(wrong, 0);
}

TEST(Bodies, AreLimitedInAll) {
    Config config;
    config.limits.bodies_bytes = 1000;
    const Site site(small_router(), std::move(config));
    RawClient holder(site.port());
    holder.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 901\r\n\r\n" + std::string(900, 'a'));
    std::this_thread::sleep_for(100ms);
    EXPECT_EQ(status_of(site.post("/", std::string(200, 'b'))), 503);
    EXPECT_EQ(status_of(holder.send("a").answer()), 200);
    EXPECT_EQ(status_of(site.post("/", std::string(200, 'b'))), 200);
}

}  // namespace
}  // namespace madang::http
