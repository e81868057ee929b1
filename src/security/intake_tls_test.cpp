// Syslog over TLS (RFC 5425): senders are openssl's own client, certificates are made on the spot.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/text.h"
#include "security/intake.h"
#include "security/testing.h"

namespace madang::security {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Writes to openssl s_client; ends with a close_notify when it goes.
class Sender {
public:
    Sender(const Path& folder, std::uint16_t port, const std::string& options = "")
        : pipe_(::popen(format("cd {} && openssl s_client -quiet -no_ign_eof -connect 127.0.0.1:{} {} > /dev/null 2>&1", folder.string(), port, options).c_str(), "w")) {}
    ~Sender() { ::pclose(pipe_); }
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;
    void send(std::string_view text) {
        std::fwrite(text.data(), 1, text.size(), pipe_);
        std::fflush(pipe_);
    }

private:
    std::FILE* pipe_;
};

std::string framed(std::string_view message) { return format("{} {}", message.size(), message); }
std::string numbered(int number) { return format("<34>1 2026-11-24T10:00:{:02}Z host app - - - number {}", number % 60, number); }

class SyslogOverTls : public testing::Test {
protected:
    void SetUp() override {
        std::signal(SIGPIPE, SIG_IGN);
        if (!make("root", "-x509 -subj /CN=root")) GTEST_SKIP() << "the openssl program is not installed";
        ASSERT_TRUE(make("server", "-x509 -CA root.pem -CAkey root.key -subj /CN=localhost"));
        ASSERT_TRUE(make("sender", "-x509 -CA root.pem -CAkey root.key -subj /CN=no -addext subjectAltName=DNS:gate.example.org"));
        ASSERT_TRUE(make("nameless", "-x509 -CA root.pem -CAkey root.key -subj /O=Town"));
        ASSERT_TRUE(make("stranger", "-x509 -subj /CN=gate.example.org"));
        spool_ = *Spool::open(folder_ / "spool", {});
        intake_.emplace(*spool_, clock_);
    }
    bool make(const std::string& name, const std::string& how) const {
        return std::system(format("cd {} && openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {}.key -out {}.pem -days 2 {} > log 2>&1",
                                  folder_.string(), name, name, how).c_str()) == 0;
    }
    std::uint16_t start(const Path& clients = {}, std::chrono::milliseconds handshake_time = std::chrono::seconds(10)) {
        auto made = SyslogIntake::start("127.0.0.1:0", {{folder_ / "server.pem", folder_ / "server.key", clients}, handshake_time}, *intake_, log_);
        EXPECT_TRUE(made) << made.error().message;
        syslog_ = std::move(*made);
        return syslog_->port();
    }
    int plain_connection() const {
        const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(syslog_->port());
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
        return socket;
    }
    bool received(std::uint64_t lines) const {
        return comes([&] {
            std::uint64_t all = 0;
            for (const auto& [source, counts] : intake_->counts()) all += counts.received;
            return all >= lines;
        });
    }
    bool failed(std::uint64_t times) const {
        return comes([&] { return syslog_->counts().failed >= times; });
    }
    std::vector<std::string> kept() const { return lines_of(*spool_); }

    const TestFolder own_;
    const Path& folder_ = own_.path();
    std::unique_ptr<Spool> spool_;
    SystemClock clock_;
    std::optional<Intake> intake_;
    RememberingLog log_;
    std::unique_ptr<SyslogIntake> syslog_;
};

TEST_F(SyslogOverTls, MessagesComeInPiecesAndAcrossRecords) {
    const auto port = start();
    const std::string large = "<34>1 2026-11-24T10:00:01Z host app - - - " + std::string(200'000, 'x');   // a dozen records
    {
        Sender sender(folder_, port, "-tls1_2");
        const std::string all = framed(numbered(1)) + framed("<34>1 2026-11-24T10:00:02Z host app - - - two\nlines") + framed(large);
        sender.send(std::string_view(all).substr(0, 10));
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        sender.send(std::string_view(all).substr(10));
        ASSERT_TRUE(received(3));
    }
    Sender(folder_, port, "-tls1_3").send(framed(numbered(4)) + "60 broken off");
    ASSERT_TRUE(received(5));
    EXPECT_THAT(kept(), ElementsAre(numbered(1), "<34>1 2026-11-24T10:00:02Z host app - - - two lines", large, numbered(4)));
    const auto counts = intake_->counts().at("127.0.0.1");
    EXPECT_EQ(counts.received, 5U);
    EXPECT_EQ(counts.stored, 4U);
    EXPECT_EQ(counts.refused, 1U);
    EXPECT_TRUE(comes([&] { return syslog_->counts().connections == 0; }));
    EXPECT_EQ(syslog_->counts().failed, 0U);
}

TEST_F(SyslogOverTls, OnlySendersOfTheAuthorityComeInAndByTheNameOfTheirCertificate) {
    const auto port = start(folder_ / "root.pem");
    Sender(folder_, port, "-cert sender.pem -key sender.key").send(framed(numbered(1)));
    ASSERT_TRUE(received(1));
    EXPECT_EQ(intake_->counts().at("gate.example.org").stored, 1U);
    Sender(folder_, port).send(framed(numbered(2)));
    ASSERT_TRUE(failed(1));
    EXPECT_THAT(log_.text(), HasSubstr("a sender of syslog failed source=127.0.0.1 reason=peer did not return a certificate"));
    Sender(folder_, port, "-cert stranger.pem -key stranger.key").send(framed(numbered(3)));
    ASSERT_TRUE(failed(2));
    Sender(folder_, port, "-cert nameless.pem -key nameless.key").send(framed(numbered(4)));
    ASSERT_TRUE(failed(3));
    EXPECT_THAT(kept(), ElementsAre(numbered(1)));
    EXPECT_EQ(intake_->counts().size(), 1U);
}

TEST_F(SyslogOverTls, ANewCertificateHoldsFromTheNextConnectionOn) {
    const auto port = start();
    Sender before(folder_, port, "-CAfile root.pem -verify_return_error");
    before.send(framed(numbered(1)));
    ASSERT_TRUE(received(1));
    // A key of another certificate: the former ones go on.
    const std::string key = *read_file(folder_ / "server.key");
    ASSERT_TRUE(write_file_whole(folder_ / "server.key", *read_file(folder_ / "stranger.key")));
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    Sender(folder_, port, "-CAfile root.pem -verify_return_error").send(framed(numbered(2)));
    ASSERT_TRUE(received(2));
    EXPECT_THAT(log_.text(), HasSubstr("the new certificate of syslog cannot be used; the former one goes on"));
    // Both are new: who trusts the old authority alone no longer comes in, who trusts the new one does.
    ASSERT_TRUE(write_file_whole(folder_ / "server.pem", *read_file(folder_ / "stranger.pem")));
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    Sender(folder_, port, "-CAfile stranger.pem -verify_return_error").send(framed(numbered(3)));
    ASSERT_TRUE(received(3));
    EXPECT_THAT(log_.text(), HasSubstr("syslog has a new certificate"));
    Sender(folder_, port, "-CAfile root.pem -verify_return_error").send(framed(numbered(4)));
    ASSERT_TRUE(failed(1));
    before.send(framed(numbered(5)));   // a session that was open goes on
    ASSERT_TRUE(received(4));
    EXPECT_THAT(kept(), ElementsAre(numbered(1), numbered(2), numbered(3), numbered(5)));
}

TEST_F(SyslogOverTls, PlainTextIsRefusedAndHalfAHandshakeHoldsUpNobody) {
    const auto port = start({}, std::chrono::milliseconds(1500));
    const int plain = plain_connection();
    const std::string text = framed(numbered(1)) + "\n";
    ASSERT_EQ(::send(plain, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
    ASSERT_TRUE(failed(1));
    ::close(plain);
    // The start of a record that never goes on, and one that says nothing.
    const int half = plain_connection();
    ASSERT_EQ(::send(half, "\x16\x03\x01\x02\x00\x01", 6, MSG_NOSIGNAL), 6);
    const int silent = plain_connection();
    ASSERT_TRUE(comes([&] { return syslog_->counts().connections == 2; }));
    Sender sender(folder_, port);
    sender.send(framed(numbered(2)));
    ASSERT_TRUE(received(1));
    ASSERT_TRUE(failed(3));
    EXPECT_TRUE(comes([&] { return syslog_->counts().connections == 1; }));   // the sender stays
    sender.send(framed(numbered(3)));
    ASSERT_TRUE(received(2));
    EXPECT_THAT(kept(), ElementsAre(numbered(2), numbered(3)));
    ::close(half);
    ::close(silent);
}

TEST_F(SyslogOverTls, UnfinishedHandshakesMakeRoomForNewOnes) {
    const auto port = start({}, std::chrono::minutes(5));
    Sender first(folder_, port);
    first.send(framed(numbered(1)));
    ASSERT_TRUE(received(1));
    std::vector<int> silent;
    for (int i = 0; i < 150; ++i) silent.push_back(plain_connection());
    ASSERT_TRUE(failed(50));
    Sender second(folder_, port);
    second.send(framed(numbered(2)));
    ASSERT_TRUE(received(2));
    first.send(framed(numbered(3)));
    ASSERT_TRUE(received(3));
    for (const int one : silent) ::close(one);
    // A line of the log for each second, not for each failure.
    const std::string told = log_.text();
    EXPECT_LT(std::ranges::count(told, '\n'), 20);
}

TEST_F(SyslogOverTls, ManySendersAtOnceLoseNothing) {
    const auto port = start(folder_ / "root.pem");
    constexpr int kSenders = 8, kMessages = 500;
    std::vector<std::thread> all;
    for (int s = 0; s < kSenders; ++s) {
        all.emplace_back([&, s] {
            Sender sender(folder_, port, "-cert sender.pem -key sender.key");
            for (int i = 0; i < kMessages; ++i) sender.send(framed(numbered(s * kMessages + i)));
        });
    }
    for (auto& one : all) one.join();
    ASSERT_TRUE(received(kSenders * kMessages));
    const auto lines = kept();
    EXPECT_EQ(lines.size(), std::size_t{kSenders * kMessages});
    EXPECT_EQ(intake_->counts().at("gate.example.org").stored, std::uint64_t{kSenders * kMessages});
}

TEST_F(SyslogOverTls, SaysWhyItCannotBegin) {
    const auto made = SyslogIntake::start("127.0.0.1:0", SyslogTls{{folder_ / "none.pem", folder_ / "server.key"}}, *intake_, log_);
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error().message, HasSubstr("none.pem"));
    EXPECT_EQ(SyslogIntake::start("nowhere", SyslogTls{{folder_ / "server.pem", folder_ / "server.key"}}, *intake_, log_).error().code, Code::invalid);
}

}  // namespace
}  // namespace madang::security
