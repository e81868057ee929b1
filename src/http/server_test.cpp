// The server as a browser meets it: routing, bodies, keep-alive, errors, headers.
#include "http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "http/detail/testing.h"

namespace madang::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using testing::body_of;
using testing::RawClient;
using testing::Site;
using testing::status_of;

Router echo_router() {
    Router router;
    const RouteOptions quick{.dispatch = Dispatch::inline_};
    router.add(Method::get, "/", [](const Request&) { return Response::html("<p>home</p>"); }, quick);
    router.add(Method::get, "/case/{id}", [](const Request& r) {
        return Response::text(r.parameter("id") + "|" + r.query.value_or("q", "-") + "|" + std::string(r.cookie("__Host-s").value_or("-")));
    });
    router.add(Method::post, "/form", [](const Request& r) {
        const auto form = r.form();
        return Response::text(form ? form->value_or("name", "none") : form.error().message);
    });
    router.add(Method::post, "/small", [](const Request& r) { return Response::text(format("{}", r.body.size())); },
               {.body_limit = 100, .body = BodyKind::any});
    router.add(Method::get, "/quick/{n}", [](const Request& r) { return Response::text(r.parameter("n")); }, quick);
    router.add(Method::get, "/throws", [](const Request&) -> Response { throw std::runtime_error("secret detail"); });
    return router;
}

TEST(Server, AnswersARouteWithItsParameterQueryAndCookie) {
    const Site site(echo_router());
    const auto answer = site.fetch("/case/%D0%B0b?q=x+y", "Cookie: a=1; __Host-s=token\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\nDate: "));
    EXPECT_EQ(body_of(answer), "\xD0\xB0" "b|x y|token");
}

TEST(Server, ReadsAFormWithLengthAndInChunks) {
    const Site site(echo_router());
    EXPECT_EQ(body_of(site.post("/form", "name=Anna+%26+B")), "Anna & B");
    const auto chunked = site.ask("POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                                  "Transfer-Encoding: chunked\r\n\r\n5\r\nname=\r\n3;x=y\r\nEva\r\n0\r\n\r\n");
    EXPECT_EQ(body_of(chunked), "Eva");
}

TEST(Server, KeepsTheConnectionAndAnswersPipelinedRequestsInOrder) {
    const Site site(echo_router());
    RawClient client(site.port());
    std::string many;
    for (int i = 0; i < 50; ++i) {
        many += format("GET /{}/{} HTTP/1.1\r\nHost: a\r\n\r\n", i % 3 == 0 ? "case" : "quick", i);
        if (i % 7 == 0) {
            many += "POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 6\r\n\r\nname=x";
        }
    }
    client.send(many);
    for (int i = 0; i < 50; ++i) {
        EXPECT_THAT(std::string(body_of(client.answer())), StartsWith(format("{}", i)));
        if (i % 7 == 0) { EXPECT_EQ(body_of(client.answer()), "x"); }
    }
    client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(client.answer(), HasSubstr("Connection: close\r\n"));
    EXPECT_TRUE(client.closed());
}

TEST(Server, TakesARequestOctetByOctet) {
    const Site site(echo_router());
    RawClient client(site.port());
    const std::pair<std::string, std::string> bodies[] = {{"0\r\n\r\n", "0"}, {"2\r\nab\r\n0\r\n\r\n", "2"}, {"00;a=b\r\n\r\n", "0"}};
    for (const auto& [body, size] : bodies) {
        for (const char c : "\r\nPOST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body) {
            client.send(std::string_view(&c, 1));
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        EXPECT_EQ(body_of(client.answer()), size);
    }
}

TEST(Server, SpeaksHttp10WithAndWithoutKeepAlive) {
    const Site site(echo_router());
    RawClient plain(site.port());
    EXPECT_THAT(plain.send("GET / HTTP/1.0\r\n\r\n").answer(), HasSubstr("Connection: close"));
    EXPECT_TRUE(plain.closed());
    RawClient kept(site.port());
    EXPECT_THAT(kept.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").answer(), HasSubstr("Connection: keep-alive"));
    EXPECT_EQ(status_of(kept.send("GET / HTTP/1.0\r\n\r\n").answer()), 200);
}

TEST(Server, AnswersHeadWithoutABody) {
    const Site site(echo_router());
    RawClient client(site.port());
    const auto head = client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").answer(true);
    EXPECT_THAT(head, HasSubstr("Content-Length: 11\r\n"));
    EXPECT_EQ(body_of(head), "");
    EXPECT_EQ(status_of(client.send("HEAD /nothing HTTP/1.1\r\nHost: a\r\n\r\n").answer(true)), 404);
    EXPECT_EQ(status_of(client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").answer()), 200);
}

TEST(Server, SendsContinueBeforeABodyThatItWillTake) {
    const Site site(echo_router());
    RawClient client(site.port());
    client.send("POST /small HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    EXPECT_EQ(client.answer(), "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_EQ(body_of(client.send("abc").answer()), "3");
    client.send("POST /small HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 101\r\n\r\n");
    EXPECT_EQ(status_of(client.answer()), 413);
    EXPECT_EQ(status_of(site.ask("GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n")), 417);
}

TEST(Server, NamesEachRefusalByItsStatus) {
    const Site site(echo_router());
    struct Row { std::string_view request; int status; };
    const std::string long_target = "GET /" + std::string(5000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n";
    const std::string long_header = "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(17'000, 'a') + "\r\n\r\n";
    std::string many_headers = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (int i = 0; i < 101; ++i) many_headers += "X: 1\r\n";
    many_headers += "\r\n";
    const std::string chunks = "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n60\r\n" + std::string(96, 'a') +
                               "\r\n5\r\naaaaa\r\n0\r\n\r\n";
    const Row rows[] = {
        {"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", 404},
        {"GET //case/1 HTTP/1.1\r\nHost: a\r\n\r\n", 404},
        {"GET /case/ HTTP/1.1\r\nHost: a\r\n\r\n", 404},
        {"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405},
        {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 405},
        {"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 405},
        {"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 405},
        {"PUT /form HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 405},
        {"GET /case/%2e%2e HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /case/../x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /case/%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /case/%2f HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /case/%ff HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /case/%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /case/1?a=%ff HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        {"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 200},
        {long_target, 414},
        {long_header, 431},
        {many_headers, 431},
        {"POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n", 413},
        {chunks, 413},
        {"POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 1\r\n\r\nx", 415},
        {"POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", 415},
        {"POST /form HTTP/1.1\r\nHost: a\r\nOrigin: https://evil.example\r\nContent-Length: 0\r\n\r\n", 403},
        {"POST /form HTTP/1.1\r\nHost: a\r\nSec-Fetch-Site: cross-site\r\nContent-Length: 0\r\n\r\n", 403},
        {"POST /form HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\nContent-Length: 0\r\n\r\n", 200},
        {"GET /throws HTTP/1.1\r\nHost: a\r\n\r\n", 500},
    };
    for (const auto& row : rows) {
        const auto answer = site.ask(row.request);
        EXPECT_EQ(status_of(answer), row.status) << row.request.substr(0, 120);
        EXPECT_THAT(answer, HasSubstr("Content-Security-Policy: default-src 'none'"));
        EXPECT_THAT(answer, Not(HasSubstr("secret detail")));
        if (row.status == 405) { EXPECT_THAT(answer, HasSubstr("\r\nAllow: ")); }
    }
    EXPECT_THAT(site.ask("PUT /form HTTP/1.1\r\nHost: a\r\n\r\n"), HasSubstr("Allow: POST\r\n"));
}

TEST(Server, PutsTheSecurityHeadersOnEveryAnswer) {
    const Site site(echo_router());
    for (const std::string_view target : {"/", "/nothing"}) {
        const auto answer = site.fetch(target);
        for (const std::string_view line :
             {"X-Content-Type-Options: nosniff\r\n", "X-Frame-Options: DENY\r\n", "Referrer-Policy: same-origin\r\n",
              "Cross-Origin-Opener-Policy: same-origin\r\n", "Cross-Origin-Resource-Policy: same-origin\r\n",
              "Cache-Control: no-store\r\n", "Permissions-Policy: ", "frame-ancestors 'none'\r\n", "X-Request-Id: "}) {
            EXPECT_THAT(answer, HasSubstr(std::string(line)));
        }
        EXPECT_THAT(answer, Not(HasSubstr("Strict-Transport-Security")));
        EXPECT_THAT(answer, Not(HasSubstr("Access-Control")));
        EXPECT_THAT(answer, Not(HasSubstr("Server:")));
    }
}

TEST(Server, DrawsErrorsWithThePageOfTheSite) {
    Config config;
    config.error_page = [](int status, const Request* request) {
        return Response::html(format("page {} {} {}", status, request == nullptr ? "" : request->path,
                                     request == nullptr ? "" : request->request_id));
    };
    const Site site(echo_router(), std::move(config));
    const auto answer = site.fetch("/nothing");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 404 Not Found\r\n"));
    EXPECT_THAT(answer, HasSubstr("page 404 /nothing "));
    const auto id = answer.substr(answer.find("X-Request-Id: ") + 14, 36);
    EXPECT_THAT(std::string(body_of(answer)), HasSubstr(id));
}

TEST(Server, AnswersOnlyItsOwnHosts) {
    Config config;
    config.hosts = {"service.example", "localhost:8080"};
    const Site site(echo_router(), std::move(config));
    EXPECT_EQ(status_of(site.ask("GET / HTTP/1.1\r\nHost: Service.example\r\n\r\n")), 200);
    EXPECT_EQ(status_of(site.ask("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n")), 421);
    EXPECT_EQ(status_of(site.ask("GET /healthz HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n")), 200);
}

TEST(Server, ServesAssetsCompressedAndUnchanged) {
    Router router;
    const std::string css(4000, 'a');
    const auto asset = make_asset("text/css", css, Caching::immutable);
    router.add(Method::get, "/style.css", [&](const Request&) { return Response::from(asset); }, {.dispatch = Dispatch::inline_});
    router.add(Method::get, "/page", [&](const Request&) { return Response::html(css); });
    router.add(Method::get, "/secret", [&](const Request&) {
        auto response = Response::html(css);
        response.compression = Compression::never;
        return response;
    });
    const Site site(std::move(router));
    const auto plain = site.fetch("/style.css");
    EXPECT_EQ(body_of(plain), css);
    EXPECT_THAT(plain, HasSubstr("Cache-Control: public, max-age=31536000, immutable\r\n"));
    EXPECT_THAT(plain, HasSubstr("Vary: Accept-Encoding\r\n"));
    const auto small = site.fetch("/style.css", "Accept-Encoding: br, gzip\r\n");
    EXPECT_THAT(small, HasSubstr("Content-Encoding: gzip\r\n"));
    EXPECT_LT(body_of(small).size(), 200U);
    EXPECT_THAT(small, HasSubstr("ETag: " + asset->gzip_etag + "\r\n"));
    const auto unchanged = site.fetch("/style.css", "Accept-Encoding: gzip\r\nIf-None-Match: \"x\", W/" + asset->gzip_etag + "\r\n");
    EXPECT_EQ(status_of(unchanged), 304);
    EXPECT_EQ(body_of(unchanged), "");
    EXPECT_THAT(site.fetch("/page", "Accept-Encoding: gzip\r\n"), HasSubstr("Content-Encoding: gzip\r\n"));
    EXPECT_THAT(site.fetch("/page", "Accept-Encoding: gzip;q=0\r\n"), Not(HasSubstr("Content-Encoding")));
    EXPECT_THAT(site.fetch("/secret", "Accept-Encoding: gzip\r\n"), Not(HasSubstr("Content-Encoding")));
}

TEST(Server, SendsLargeAnswersWhole) {
    Router router;
    const std::string large(3'000'000, 'z');
    router.add(Method::get, "/large", [&](const Request&) { return Response::bytes(large, "application/pdf"); });
    const Site site(std::move(router));
    RawClient client(site.port());
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(body_of(client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n").answer()), large);
    }
}

TEST(Server, LogsRoutesAndNotWhatPeopleTyped) {
    Site site(echo_router());
    site.fetch("/case/anna-ivanova?q=secret", "Cookie: __Host-s=hidden\r\n");
    site.fetch("/nothing/anna-ivanova");
    site.server->stop();
    const auto text = site.log.text();
    EXPECT_THAT(text, HasSubstr("request method=GET route=/case/{id} status=200 bytes="));
    EXPECT_THAT(text, HasSubstr("route=none status=404"));
    for (const auto* word : {"anna", "secret", "hidden", "127.0.0.1"}) EXPECT_THAT(text, Not(HasSubstr(word)));
}

TEST(Server, TellsOperationsHowItIs) {
    Config config;
    std::atomic<bool> ready{true};
    config.ready = [&]() -> Result<void> {
        if (!ready) return fail(Code::unavailable, "the store is away");
        return {};
    };
    const Site site(echo_router(), std::move(config));
    EXPECT_EQ(status_of(site.fetch("/healthz")), 200);
    EXPECT_EQ(status_of(site.fetch("/readyz")), 200);
    ready = false;
    const auto not_ready = site.fetch("/readyz");
    EXPECT_EQ(status_of(not_ready), 503);
    EXPECT_EQ(body_of(not_ready), "the store is away\n");
    site.fetch("/case/1");
    const auto metrics = site.fetch("/metrics");
    EXPECT_THAT(metrics, HasSubstr("Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"));
    EXPECT_THAT(metrics, HasSubstr("madang_http_requests_total{route=\"/case/{id}\",status=\"2xx\"} 1\n"));
    EXPECT_THAT(metrics, HasSubstr("madang_http_request_seconds_bucket{route=\"/case/{id}\",le=\"+Inf\"} 1\n"));
    EXPECT_TRUE(metrics.ends_with("# EOF\n"));
    EXPECT_EQ(status_of(site.fetch("/metrics", "X-Forwarded-For: 192.0.2.1\r\n")), 404);
}

TEST(Server, SaysWhichSettingIsWrong) {
    SystemClock clock;
    SystemRandom random;
    NoLog log;
    const auto message = [&](Config config, RouteOptions options = {}) {
        Metrics metrics;
        Router router;
        router.add(Method::get, "/", [](const Request&) { return Response::text(""); }, options);
        Server server(std::move(config), std::move(router), metrics, log, clock, random);
        const auto started = server.start();
        return started ? std::string("started") : started.error().message;
    };
    Config config;
    config.port = 0;
    config.address = "here";
    EXPECT_EQ(message(config), "address \"here\": not an IPv4 or IPv6 address");
    config.address = "127.0.0.1";
    config.trusted_proxies = {"10.0.0.0/40"};
    EXPECT_THAT(message(config), StartsWith("trusted proxy \"10.0.0.0/40\":"));
    config.trusted_proxies = {};
    EXPECT_THAT(message(config, {.rate_class = "sign in"}), HasSubstr("there is no rate \"sign in\""));
    config.tls = TlsFiles{"/nowhere/cert.pem", "/nowhere/key.pem"};
    EXPECT_THAT(message(config), StartsWith("tls certificate /nowhere/cert.pem:"));
    const Site other(Router{});
    config.tls.reset();
    config.port = other.port();
    EXPECT_THAT(message(config), HasSubstr("in use"));
}

}  // namespace
}  // namespace madang::http
