// Figures, rate limits, addresses and gzip.
#include "http/metrics.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "base/text.h"
#include "http/client_address.h"
#include "http/gzip.h"
#include "http/rate_limit.h"

namespace madang::http {
namespace {

using namespace std::chrono_literals;

TEST(Metrics, AreWrittenAsOpenMetrics) {
    Metrics metrics;
    metrics.counter("madang_sign_ins", "Sign-ins", {{"outcome", "a\"b\\c\nd"}}).add(2);
    metrics.gauge("madang_open", "Open").set(-3);
    auto& seconds = metrics.histogram("madang_seconds", "Time", {}, {0.1, 1});
    for (const double value : {0.05, 0.1, 0.5, 2.0}) seconds.observe(value);
    metrics.observe("madang_acts", "Acts", Metrics::Kind::counter, [] { return std::vector<Metrics::Sample>{{{{"log", "x"}}, 1.5}}; });
    EXPECT_EQ(metrics.text(),
              "# TYPE madang_sign_ins counter\n# HELP madang_sign_ins Sign-ins\n"
              "madang_sign_ins_total{outcome=\"a\\\"b\\\\c\\nd\"} 2\n"
              "# TYPE madang_open gauge\n# HELP madang_open Open\nmadang_open -3\n"
              "# TYPE madang_seconds histogram\n# HELP madang_seconds Time\n"
              "madang_seconds_bucket{le=\"0.1\"} 2\nmadang_seconds_bucket{le=\"1.0\"} 3\nmadang_seconds_bucket{le=\"+Inf\"} 4\n"
              "madang_seconds_count 4\nmadang_seconds_sum 2.65\n"
              "# TYPE madang_acts counter\n# HELP madang_acts Acts\nmadang_acts_total{log=\"x\"} 1.5\n# EOF\n");
    EXPECT_EQ(&metrics.gauge("madang_open", "Open"), &metrics.gauge("madang_open", "Open"));
    EXPECT_DEATH(metrics.gauge("madang_sign_ins", "Sign-ins"), "");
    EXPECT_DEATH(metrics.counter("madang_total", "x"), "");
}

Address address(std::string_view text) {
    const auto parsed = parse_address(text);
    EXPECT_TRUE(parsed) << text;
    return parsed ? *parsed : Address{};
}

TEST(RateLimiter, GivesABurstAndThenASteadyRate) {
    RateLimiter limiter({{.burst = 3, .per_second = 2}}, 100);
    const Instant start{1'000'000'000s};
    for (int i = 0; i < 3; ++i) EXPECT_EQ(limiter.take(0, address("192.0.2.1"), start), 0ms);
    EXPECT_EQ(limiter.take(0, address("192.0.2.1"), start), 500ms);
    EXPECT_EQ(limiter.take(0, address("192.0.2.2"), start), 0ms);
    EXPECT_EQ(limiter.take(0, address("192.0.2.1"), start + 500ms), 0ms);
    EXPECT_EQ(limiter.take(0, address("192.0.2.1"), start - 1h), 500ms);  // a clock set back gives nothing
}

TEST(RateLimiter, CountsAnIpv6NetworkAsOneAndForgetsTheOldest) {
    RateLimiter limiter({{.burst = 1, .per_second = 0}}, 64);
    const Instant now{1'000'000'000s};
    EXPECT_EQ(limiter.take(0, address("2001:db8:1:2::1"), now), 0ms);
    EXPECT_GT(limiter.take(0, address("2001:db8:1:2:ffff::9"), now), 0ms);
    EXPECT_EQ(limiter.take(0, address("2001:db8:1:3::1"), now), 0ms);
    for (int i = 0; i < 10'000; ++i) limiter.take(0, address(format("10.1.{}.{}", i / 256, i % 256)), now);
    EXPECT_LE(limiter.size(), 64U);
}

TEST(Address, IsReadAndWritten) {
    for (const auto* text : {"192.0.2.1", "2001:db8::1", "::1"}) EXPECT_EQ(format_address(address(text)), text);
    EXPECT_EQ(format_address(address("[2001:db8::1]")), "2001:db8::1");
    EXPECT_TRUE(address("127.8.8.8").is_loopback());
    EXPECT_TRUE(address("::1").is_loopback());
    EXPECT_TRUE(address("::ffff:127.0.0.1").is_loopback());
    for (const auto* text : {"", "1.2.3", "01.2.3.4", "1.2.3.4:80", "localhost", "::g", "[::1"}) EXPECT_FALSE(parse_address(text)) << text;
}

TEST(Network, ContainsByItsPrefix) {
    const auto contains = [](std::string_view network, std::string_view text) {
        const auto parsed = parse_network(network);
        return parsed && parsed->contains(address(text));
    };
    EXPECT_TRUE(contains("10.0.0.0/8", "10.255.1.1"));
    EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.1"));
    EXPECT_TRUE(contains("10.1.2.128/25", "10.1.2.200"));
    EXPECT_FALSE(contains("10.1.2.128/25", "10.1.2.100"));
    EXPECT_TRUE(contains("2001:db8::/33", "2001:db8:7fff::"));
    EXPECT_FALSE(contains("2001:db8::/33", "2001:db8:8000::"));
    EXPECT_TRUE(contains("0.0.0.0/0", "8.8.8.8"));
    EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
    EXPECT_FALSE(parse_network("10.0.0.0/33"));
    EXPECT_FALSE(parse_network("10.0.0.0/"));
}

TEST(ClientOf, BelievesOnlyTrustedProxies) {
    const std::vector<Network> trusted = {*parse_network("127.0.0.1"), *parse_network("10.0.0.0/8")};
    const auto client = [&](std::string_view peer, std::string_view forwarded) {
        return format_address(client_of(address(peer), forwarded, trusted));
    };
    EXPECT_EQ(client("192.0.2.1", "198.51.100.1"), "192.0.2.1");
    EXPECT_EQ(client("127.0.0.1", ""), "127.0.0.1");
    EXPECT_EQ(client("127.0.0.1", "198.51.100.1"), "198.51.100.1");
    EXPECT_EQ(client("127.0.0.1", "1.1.1.1, 198.51.100.1"), "198.51.100.1");
    EXPECT_EQ(client("127.0.0.1", "1.1.1.1, 198.51.100.1, 10.2.3.4"), "198.51.100.1");
    EXPECT_EQ(client("127.0.0.1", "198.51.100.1, nonsense"), "127.0.0.1");
    EXPECT_EQ(client("127.0.0.1", "10.0.0.1"), "10.0.0.1");
}

std::string gunzip(std::string_view bytes) {
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 16 + 15), Z_OK);
    std::string in(bytes);
    std::string out(1'000'000, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    inflateEnd(&stream);
    return out;
}

TEST(Gzip, IsUndoneByZlibAndChosenByTheClient) {
    std::string text;
    for (int i = 0; i < 20'000; ++i) text += format("row {} ", i * 7919 % 1000);
    EXPECT_EQ(gunzip(gzip(text, Effort::quick)), text);
    EXPECT_EQ(gunzip(gzip(text, Effort::best)), text);
    EXPECT_EQ(gunzip(gzip("", Effort::quick)), "");
    for (const auto* header : {"gzip", "br, GZIP;q=0.5", "*", "x-gzip", "deflate,gzip ; q=1"}) EXPECT_TRUE(accepts_gzip(header)) << header;
    for (const auto* header : {"", "br", "gzip;q=0", "gzip; q=0.000, *", "*;q=0", "gzipped"}) EXPECT_FALSE(accepts_gzip(header)) << header;
    EXPECT_TRUE(is_compressible("text/html; charset=utf-8"));
    EXPECT_FALSE(is_compressible("application/pdf"));
    EXPECT_FALSE(is_compressible(""));
}

}  // namespace
}  // namespace madang::http
