// Many senders at once: what they send is stored together and counted for each, also where the disk is slow or full, and datagrams
// that the system drops meanwhile are known.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/text.h"
#include "security/intake.h"
#include "security/testing.h"

namespace madang::security {
namespace {

// A disk that can be held up, and that can be full.
class SlowSink final : public EventSink {
public:
    Result<void> append(std::span<const SpoolRecord> records) override {
        ++calls;
        while (held) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        if (full) return fail(Code::exhausted, "no room");
        stored += records.size();
        return {};
    }
    std::size_t max_line() const override { return 1U << 20; }

    std::atomic<bool> held = false, full = false;
    std::atomic<std::uint64_t> calls = 0, stored = 0;
};

class IntakeTogether : public testing::Test {
protected:
    IntakeTogether() { start(); }
    ~IntakeTogether() override {
        sink_.held = false;
        for (const int socket : sockets_) ::close(socket);
    }
    void start() {
        auto made = SyslogIntake::start("127.0.0.1:0", intake_, log_);
        ASSERT_TRUE(made) << made.error().message;
        syslog_ = std::move(*made);
    }
    // Each sender has an address of its own.
    int sender(int kind) {
        const int socket = ::socket(AF_INET, kind, 0);
        sockaddr_in own{};
        own.sin_family = AF_INET;
        own.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 256 + static_cast<std::uint32_t>(sockets_.size()));
        sockaddr_in to = own;
        to.sin_port = htons(syslog_->port());
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&own), sizeof own), 0);
        EXPECT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
        sockets_.push_back(socket);
        return socket;
    }
    static void say(int socket, std::string_view text) { ASSERT_EQ(::send(socket, text.data(), text.size(), 0), static_cast<ssize_t>(text.size())); }
    // One message is on its way to the disk, which takes its time.
    void hold() {
        const std::uint64_t before = sink_.calls;
        sink_.held = true;
        say(sender(SOCK_DGRAM), kMessage);
        ASSERT_TRUE(comes([&] { return sink_.calls > before; }));
    }
    IntakeCounts all() const {
        IntakeCounts sum;
        for (const auto& [source, counts] : intake_.counts()) {
            EXPECT_EQ(counts.received, counts.stored + counts.refused) << source;
            sum.received += counts.received;
            sum.stored += counts.stored;
            sum.refused += counts.refused;
        }
        return sum;
    }
    bool come(std::uint64_t received) const {
        return comes([&] { return all().received >= received; });
    }

    static constexpr std::string_view kMessage = "<34>1 2026-11-24T10:00:00Z host app - - - hello\n";
    static constexpr std::size_t kSenders = 200;
    SlowSink sink_;
    SystemClock clock_;
    RememberingLog log_;
    Intake intake_{sink_, clock_};
    std::vector<int> sockets_;
    std::unique_ptr<SyslogIntake> syslog_;
};

TEST_F(IntakeTogether, TextsOfSeveralSourcesAreCountedForEach) {
    const std::string longer(kMaxIntakeLine + 1, 'x');
    const std::vector<SourceText> texts{{"a", "{\"n\":1}\nno json\n{\"n\":2}"}, {"b", "{\"n\":3}\r\n\n"}, {"a", "{"}, {"c", longer}};
    ASSERT_TRUE(intake_.take_each(LineFormat::json, texts));
    EXPECT_EQ(sink_.calls, 1U);
    sink_.full = true;
    EXPECT_EQ(intake_.take_each(LineFormat::json, texts).error().code, Code::exhausted);
    const auto counts = intake_.counts();
    const auto told = [&](const char* source) { return format("{} = {} + {}", counts.at(source).received, counts.at(source).stored, counts.at(source).refused); };
    EXPECT_EQ(told("a"), "8 = 2 + 6");
    EXPECT_EQ(told("b"), "2 = 1 + 1");
    EXPECT_EQ(told("c"), "2 = 0 + 2");
    EXPECT_EQ(intake_.take_each(LineFormat::json, std::vector<SourceText>{{"d", "{}"}, {"", "{}"}}).error().code, Code::invalid);
    EXPECT_FALSE(intake_.counts().contains("d") && intake_.counts().at("d").received > 0) << "nothing of it was taken";
}

TEST_F(IntakeTogether, DatagramsThatWaitAreStoredAtOnce) {
    hold();
    for (std::size_t i = 0; i < kSenders; ++i) say(sender(SOCK_DGRAM), kMessage);
    sink_.held = false;
    ASSERT_TRUE(come(kSenders + 1));
    EXPECT_EQ(sink_.calls, 2U);
    EXPECT_EQ(sink_.stored, kSenders + 1);
    EXPECT_EQ(intake_.counts().size(), kSenders + 1);
    for (const auto& [source, counts] : intake_.counts()) EXPECT_EQ(counts.stored, 1U) << source;
    sink_.full = true;
    hold();
    for (const int socket : sockets_) say(socket, kMessage);
    sink_.held = false;
    ASSERT_TRUE(come(2 * kSenders + 4));
    EXPECT_EQ(all().refused, kSenders + 3);
    EXPECT_EQ(intake_.counts().at("127.0.1.7").refused, 1U);
}

TEST_F(IntakeTogether, ConnectionsThatWaitAreStoredAtOnce) {
    for (std::size_t i = 0; i < kSenders; ++i) sender(SOCK_STREAM);
    ASSERT_TRUE(comes([&] { return syslog_->counts().connections == kSenders; }));
    const std::vector<int> streams = sockets_;
    hold();
    for (const int socket : streams) say(socket, kMessage);
    sink_.held = false;
    ASSERT_TRUE(come(kSenders + 1));
    EXPECT_EQ(sink_.calls, 2U);
    // A full disk ends those that sent, and leaves the silent ones.
    sink_.full = true;
    hold();
    for (std::size_t i = 0; i < kSenders - 10; ++i) say(streams[i], kMessage);
    sink_.held = false;
    ASSERT_TRUE(come(2 * kSenders - 8));
    EXPECT_EQ(all().refused, kSenders - 9);
    EXPECT_TRUE(comes([&] { return syslog_->counts().connections == 10; })) << syslog_->counts().connections;
    sink_.full = false;
    say(streams.back(), kMessage);
    EXPECT_TRUE(come(2 * kSenders - 7));
    EXPECT_EQ(all().stored, kSenders + 2);
}

TEST_F(IntakeTogether, DatagramsThatTheSystemDropsAreKnownWhileNoOtherComes) {
    hold();
    const std::string message = "<34>1 2026-11-24T10:00:00Z host app - - - " + std::string(8000, 'x');
    const int socket = sender(SOCK_DGRAM);
    std::uint64_t sent = 1;
    for (; sent < 50'000 && syslog_->counts().dropped == 0; ++sent) say(socket, message);
    // The disk still holds up who reads them.
    const std::uint64_t dropped = syslog_->counts().dropped;
    EXPECT_GE(dropped, 1U);
    EXPECT_EQ(intake_.counts().at(std::string(kUnknownSender)).refused, dropped);
    EXPECT_EQ(sink_.stored, 0U);
    // Nobody asks: it is looked for from time to time.
    say(socket, message);
    ++sent;
    sink_.held = false;
    ASSERT_TRUE(come(sent)) << all().received << " of " << sent;
    EXPECT_EQ(all().received, sent);
    EXPECT_EQ(all().stored, sink_.stored);
}

TEST_F(IntakeTogether, DroppedDatagramsAreCountedThoughNobodyAsks) {
    hold();
    const int socket = sender(SOCK_DGRAM);
    const std::string message = "<34>1 2026-11-24T10:00:00Z host app - - - " + std::string(60'000, 'x');
    constexpr std::uint64_t kMany = 3000;   // 180 MB: no system has so much room
    for (std::uint64_t i = 0; i < kMany; ++i) say(socket, message);
    sink_.held = false;
    ASSERT_TRUE(come(kMany + 1)) << all().received;
    EXPECT_EQ(all().received, kMany + 1);
    EXPECT_GT(intake_.counts().at(std::string(kUnknownSender)).refused, 0U);
    EXPECT_EQ(all().stored, sink_.stored);
}

}  // namespace
}  // namespace madang::security
