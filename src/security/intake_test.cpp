#include "security/intake.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zstd.h>

#include <array>
#include <filesystem>
#include <cstdio>
#include <thread>

#include "base/file.h"
#include "base/text.h"
#include "base/time_text.h"
#include "security/detail/rotated_logs.h"
#include "security/testing.h"

namespace madang::security {
namespace {

class IntakeOf : public testing::Test {
protected:
    int connected(int kind, std::uint16_t port) {
        const int socket = ::socket(AF_INET, kind, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
        return socket;
    }
    void wait_for(std::uint64_t lines) {
        const auto received = [&] {
            std::uint64_t all = 0;
            for (const auto& [source, counts] : intake_.counts()) all += counts.received;
            return all;
        };
        EXPECT_TRUE(comes([&] { return received() >= lines; })) << lines << " lines never came";
    }
    std::vector<std::string> kept() const { return lines_of(*spool_); }

    const TestFolder own_;
    const Path& folder_ = own_.path();
    std::unique_ptr<Spool> spool_ = *Spool::open(folder_, {});
    SystemClock clock_;
    Intake intake_{*spool_, clock_};
};

TEST_F(IntakeOf, WhatIsReceivedIsStoredOrRefused) {
    const auto counts = intake_.take("web", LineFormat::json, "{\"a\":1}\n\nno json\r\n{\"a\":2}");
    ASSERT_TRUE(counts);
    EXPECT_EQ(counts->received, 3U);
    EXPECT_EQ(counts->stored, 2U);
    EXPECT_EQ(counts->refused, 1U);
    EXPECT_THAT(kept(), testing::ElementsAre("{\"a\":1}", "{\"a\":2}"));
    EXPECT_EQ(intake_.take("", LineFormat::json, "{}").error().code, Code::invalid);
    // Who sends under ever new names shuts nobody out, and all of it is counted.
    for (std::size_t i = 0; i < kMaxSources + 5; ++i) EXPECT_EQ(intake_.take(format("s{}", i), LineFormat::json, "{\"b\":1}")->stored, 1U);
    EXPECT_EQ(intake_.counts().size(), kMaxSources + 1);
    EXPECT_EQ(intake_.counts().at(std::string(kOtherSources)).stored, 6U);
    EXPECT_EQ(intake_.take("web", LineFormat::json, "{\"a\":3}")->stored, 1U);
    intake_.count_lost("web", 7);
    EXPECT_EQ(intake_.counts().at("web").received, 11U);
    EXPECT_EQ(intake_.counts().at("web").refused, 8U);
}

TEST_F(IntakeOf, JsonInArraysAndOverSeveralLinesIsPartedWhereTheTextIsWhole) {
    RefusedLines refused;
    auto counts = intake_.take_whole("web", LineFormat::json, "[{\"a\":1},\n {\"b\":\n2}, {\"c\":[{\"d\":3}]}]\n", refused);
    ASSERT_TRUE(counts);
    EXPECT_EQ(counts->stored, 3U);
    EXPECT_EQ(counts->refused, 0U);
    EXPECT_THAT(refused.first, testing::IsEmpty());
    counts = intake_.take_whole("web", LineFormat::json, "{\"Records\": [{\"e\":5}, {\"f\" 6},\n{\"g\":7}]}", refused);
    ASSERT_TRUE(counts);
    EXPECT_EQ(counts->received, counts->stored + counts->refused);
    EXPECT_EQ(counts->refused, 1U) << "the middle one";
    EXPECT_THAT(refused.first, testing::ElementsAre(testing::StartsWith("line 1: ")));
    EXPECT_EQ(refused.more, 0U);
    // JSON lines stay as they are, and so does what is no JSON.
    ASSERT_TRUE(intake_.take_whole("web", LineFormat::json, "{\"h\":8}\n{\"i\":9}\n", refused));
    ASSERT_TRUE(intake_.take_whole("web", LineFormat::web_error, "[Wed Oct 11 14:32:52 2023] [core:error] [pid 1] hello", refused));
    const auto lines = kept();
    EXPECT_THAT(lines, testing::Contains("{\"b\": 2}"));
    EXPECT_THAT(lines, testing::Contains("{\"c\":[{\"d\":3}]}"));
    EXPECT_THAT(lines, testing::Contains("{\"g\":7}"));
    EXPECT_THAT(lines, testing::Contains("{\"i\":9}"));
    EXPECT_EQ(lines.size(), 8U);
    const auto all = intake_.counts().at("web");
    EXPECT_EQ(all.received, 9U);
    EXPECT_EQ(all.refused, 1U);
}

TEST_F(IntakeOf, RefusedLinesAreNamedAndTheRestCounted) {
    RefusedLines refused;
    std::string text = "{\"a\":1}\n\n{\"a\" 2}\r\n{\"a\":\"" + std::string(kMaxIntakeLine, 'x') + "\"}\n{\"a\":3}\n";
    auto counts = intake_.take_whole("web", LineFormat::json, text, refused);
    ASSERT_TRUE(counts);
    EXPECT_EQ(counts->stored, 2U);
    EXPECT_THAT(refused.first, testing::ElementsAre("line 3: column 6: a colon is expected", format("line 4: longer than {} bytes", std::min(kMaxIntakeLine, spool_->max_line()))));
    EXPECT_EQ(refused.more, 0U);
    // The numbers of lines and of objects over several lines alike: what does not fit is counted.
    for (const std::string_view begin : {"", "[\n"}) {
        text = begin;
        for (std::size_t i = 0; i < RefusedLines::kMost + 5; ++i) text += "{\"a\" 2}\n";
        refused = {};
        counts = intake_.take_whole("web", LineFormat::json, text, refused);
        ASSERT_TRUE(counts);
        EXPECT_EQ(counts->refused, RefusedLines::kMost + 5) << begin;
        EXPECT_EQ(refused.first.size(), RefusedLines::kMost) << begin;
        EXPECT_EQ(refused.more, 5U) << begin;
        EXPECT_TRUE(refused.first[1].starts_with(begin.empty() ? "line 2: " : "line 3: ")) << refused.first[1];
    }
}

TEST_F(IntakeOf, OldSyslogHasTheYearOfItsArrivalAndTheZoneOfTheHouse) {
    const auto arrived = std::chrono::floor<std::chrono::seconds>(clock_.now());
    const std::string iso = format_instant(arrived);
    constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::string line = format("<13>{} {} {} host app: hello", kMonths.at(static_cast<std::size_t>(std::stoi(iso.substr(5, 2)) - 1)), iso.substr(8, 2), iso.substr(11, 8));
    Intake east(*spool_, clock_, std::chrono::hours(3));
    ASSERT_TRUE(east.take("a", LineFormat::syslog, line));
    std::vector<Instant> times;
    EXPECT_TRUE(spool_->search({}, 1, [&](std::size_t, const SpoolRecord& record) { times.push_back(record.at); }));
    EXPECT_THAT(times, testing::ElementsAre(Instant(arrived - std::chrono::hours(3))));
}

TEST_F(IntakeOf, SyslogComesAsDatagramsAndInBothFramings) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(std::tmpfile(), std::fclose);
    StreamLog log(out.get(), madang::LogForm::human, Level::info, clock_);
    auto syslog = SyslogIntake::start("127.0.0.1:0", intake_, log);
    ASSERT_TRUE(syslog) << syslog.error().message;
    const int datagram = connected(SOCK_DGRAM, (*syslog)->port());
    const std::string one = "<34>1 2026-11-24T10:00:00Z host app - - - first";
    ASSERT_EQ(::send(datagram, one.data(), one.size(), 0), static_cast<ssize_t>(one.size()));
    wait_for(1);
    const int stream = connected(SOCK_STREAM, (*syslog)->port());
    // Framed by length in two pieces, then by line ends; the last one ends with the connection.
    const std::string message = "<34>1 2026-11-24T10:00:01Z host app - - - two\nlines";
    std::string all = format("{} {}<13>Nov 24 10:00:02 host app: third\n<13>Nov 24 10:00:03 host app: fourth", message.size(), message);
    ASSERT_EQ(::send(stream, all.data(), 20, 0), 20);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    ASSERT_EQ(::send(stream, all.data() + 20, all.size() - 20, 0), static_cast<ssize_t>(all.size() - 20));
    ::close(stream);
    wait_for(4);
    // A length that is none breaks the framing; others go on.
    const int broken = connected(SOCK_STREAM, (*syslog)->port());
    ASSERT_EQ(::send(broken, "99999999999 x", 13, 0), 13);
    wait_for(5);
    ::close(broken);
    const int endless = connected(SOCK_STREAM, (*syslog)->port());
    const std::string long_line = "<13>" + std::string(3U << 20, 'x') + "\n<13>Nov 24 10:00:04 host app: fifth\n";
    for (std::size_t done = 0; done < long_line.size();) done += static_cast<std::size_t>(std::max<ssize_t>(0, ::send(endless, long_line.data() + done, long_line.size() - done, 0)));
    wait_for(7);
    ::close(endless);
    ::close(datagram);
    const auto counts = intake_.counts().at("127.0.0.1");
    EXPECT_EQ(counts.received, 7U);
    EXPECT_EQ(counts.stored, 5U);
    EXPECT_EQ(counts.refused, 2U);
    EXPECT_THAT(kept(), testing::Contains("<34>1 2026-11-24T10:00:01Z host app - - - two lines"));
    EXPECT_EQ(SyslogIntake::start("nowhere", intake_, log).error().code, Code::invalid);
    EXPECT_EQ(SyslogIntake::start("example.org:5514", intake_, log).error().code, Code::invalid);
}

TEST_F(IntakeOf, FilesAreFollowedAcrossTheirRotation) {
    NoLog log;
    const Path logs = folder_ / "logs";
    std::filesystem::create_directories(logs);
    const Path file = logs / "a.log";
    const auto add = [](const Path& path, std::string_view text) {
        std::FILE* out = std::fopen(path.c_str(), "a");
        std::fwrite(text.data(), 1, text.size(), out);
        std::fclose(out);
    };
    const auto start = [&] {
        auto made = FileIntake::start({{file, LineFormat::json}}, folder_ / "followed.json", intake_, log);
        EXPECT_TRUE(made) << made.error().message;
        return std::move(*made);
    };
    {
        const auto following = start();
        add(file, "{\"n\":1}\n{\"n\":");   // the second line is not whole yet
        wait_for(1);
        add(file, "2}\n");
        wait_for(2);
        add(file, "{\"n\":3}");              // never gets its end
        std::filesystem::rename(file, logs / "a.log.1");
        add(file, "{\"n\":4}\n");
        wait_for(4);
        std::filesystem::resize_file(file, 0);
        std::this_thread::sleep_for(std::chrono::milliseconds(600));
        add(file, "{\"n\":5}\n");
        wait_for(5);
        add(file, std::string(3 * kMaxIntakeLine, 'x') + "\n{\"n\":6}\n");
        wait_for(7);
    }
    // While nobody followed it: more lines, a rotation, and more.
    add(file, "{\"n\":7}\n");
    std::filesystem::rename(file, logs / "a.log.2");
    add(file, "{\"n\":8}\n");
    {
        const auto following = start();
        wait_for(9);
    }
    {
        const auto following = start();
        add(file, "{\"n\":9}\n");
        wait_for(10);
    }
    std::vector<std::string> expected;
    for (int i = 1; i <= 9; ++i) expected.push_back(format("{{\"n\":{}}}", i));
    EXPECT_EQ(kept(), expected);
    const auto counts = intake_.counts().begin()->second;
    EXPECT_EQ(counts.received, 10U);
    EXPECT_EQ(counts.refused, 1U);
    ASSERT_TRUE(write_file_whole(folder_ / "followed.json", "[]"));
    EXPECT_EQ(FileIntake::start({{file, LineFormat::json}}, folder_ / "followed.json", intake_, log).error().code, Code::corrupted);
    EXPECT_FALSE(parse_followed_files("/a=csv"));
    EXPECT_FALSE(parse_followed_files("a=json"));
    EXPECT_EQ(parse_followed_files(" /a=json, /b=audit,")->size(), 2U);
}

class RotatedOf : public IntakeOf {
protected:
    RotatedOf() { std::filesystem::create_directories(logs_); }
    void add(const Path& path, int from, int to) {
        std::FILE* out = std::fopen(path.c_str(), "a");
        for (int i = from; i <= to; ++i) std::fprintf(out, "{\"n\":%d}\n", i);
        std::fclose(out);
    }
    // Packs a file as a rotation does: the time stays.
    void pack(const Path& path) {
        const std::string plain = *read_file(path, 1U << 20);
        std::string packed(ZSTD_compressBound(plain.size()), '\0');
        packed.resize(ZSTD_compress(packed.data(), packed.size(), plain.data(), plain.size(), 1));
        const auto time = std::filesystem::last_write_time(path);
        ASSERT_TRUE(write_file_whole(path.string() + ".zst", packed));
        std::filesystem::last_write_time(path.string() + ".zst", time);
        std::filesystem::remove(path);
    }
    std::unique_ptr<FileIntake> start() {
        auto made = FileIntake::start({{file_, LineFormat::json}}, folder_ / "followed.json", intake_, log_);
        EXPECT_TRUE(made) << made.error().message;
        return std::move(*made);
    }
    static std::vector<std::string> expected(int to) {
        std::vector<std::string> all;
        for (int i = 1; i <= to; ++i) all.push_back(format("{{\"n\":{}}}", i));
        return all;
    }
    std::uint64_t gaps() { return intake_.counts().begin()->second.gaps; }

    NoLog log_;
    Path logs_ = folder_ / "logs", file_ = logs_ / "a.log";
};

TEST_F(RotatedOf, ABusyWriterWhoseLogIsCopiedAndCutLosesNothing) {
    const auto following = start();
    int n = 0;
    for (int round = 0; round < 3; ++round) {
        add(file_, n + 1, n + 20);
        wait_for(static_cast<std::uint64_t>(n + 20));
        add(file_, n + 21, n + 30);
        for (int old = round; old > 0; --old) std::filesystem::rename(logs_ / format("a.log.{}", old), logs_ / format("a.log.{}", old + 1));
        std::filesystem::copy_file(file_, logs_ / "a.log.1");
        std::filesystem::resize_file(file_, 0);
        add(file_, n + 31, n + 100);   // more than there was: its size tells nothing
        wait_for(static_cast<std::uint64_t>(n + 100));
        n += 100;
    }
    EXPECT_EQ(kept(), expected(300));
    EXPECT_EQ(gaps(), 0U);
}

TEST_F(RotatedOf, SeveralRotationsWhileNobodyLookedAreCaughtUp) {
    {
        const auto following = start();
        add(file_, 1, 50);
        wait_for(50);
    }
    add(file_, 51, 60);
    std::filesystem::rename(file_, logs_ / "a.log.1");
    pack(logs_ / "a.log.1");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    std::filesystem::rename(logs_ / "a.log.1.zst", logs_ / "a.log.3.zst");
    add(file_, 61, 70);
    std::filesystem::rename(file_, logs_ / "a.log.2");
    pack(logs_ / "a.log.2");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    add(file_, 71, 80);
    std::filesystem::rename(file_, logs_ / "a.log.1");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    add(file_, 81, 90);
    {
        const auto following = start();
        wait_for(90);
    }
    EXPECT_EQ(kept(), expected(90));
    EXPECT_EQ(gaps(), 0U);
    add(file_, 91, 95);
    const auto following = start();
    wait_for(95);
    EXPECT_EQ(kept(), expected(95)) << "what was caught up is not taken in again";
}

TEST_F(RotatedOf, WhatIsGoneIsCountedAsAGap) {
    {
        const auto following = start();
        add(file_, 1, 10);
        wait_for(10);
    }
    std::filesystem::remove(file_);
    std::FILE* filler = std::fopen((logs_ / "b.log").c_str(), "w");   // takes the number of the file that went
    std::fclose(filler);
    add(file_, 11, 20);
    const auto following = start();
    wait_for(20);
    EXPECT_EQ(gaps(), 1U);
    EXPECT_EQ(kept(), expected(20));
}

TEST(RotatedName, IsTheLogsOwnWithANumberOrADate) {
    for (const char* name : {"a.log.1", "a.log.12.gz", "a.log-20261124", "a.log-20261124.zst", "a-20261124.log", "a.1.log.gz", "a.log.2026-11-24T10:00:00Z"}) EXPECT_TRUE(is_rotated_name("a.log", name)) << name;
    for (const char* name : {"a.log", "a-tls.log", "a.log.bak", "ab.log.1", "a.log1", "a.log.gz", "b.log.1"}) EXPECT_FALSE(is_rotated_name("a.log", name)) << name;
}

}  // namespace
}  // namespace madang::security
