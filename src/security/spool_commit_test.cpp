// What callers of append share, and what they are told when the disk fails them. The calls that make sure of a file are answered here.
#include "security/spool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <map>
#include <random>
#include <thread>

#include "base/text.h"
#include "security/testing.h"

namespace {

std::atomic<std::uint64_t> syncs = 0;
std::atomic<bool> held = false;
std::atomic<bool> fails = false;

}  // namespace

// Instead of the one of the system, for the whole test program.
extern "C" int fdatasync(int file) {
    ++syncs;
    while (held) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (fails) {
        errno = EIO;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_fdatasync, file));
}

namespace madang::security {
namespace {

using testing::ElementsAre;

// No file may grow beyond so many bytes; the process is told so by an error.
class FullDisk {
public:
    explicit FullDisk(std::uint64_t bytes) {
        signal_ = std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit now{bytes, before_.rlim_max};
        EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &now), 0);
    }
    ~FullDisk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, signal_);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

private:
    rlimit before_{};
    void (*signal_)(int) = SIG_DFL;
};

class SpoolCommit : public testing::Test {
protected:
    ~SpoolCommit() override { held = fails = false; }
    void open(const SpoolSettings& settings = {}) {
        spool_.reset();
        spool_ = *Spool::open(own_.path(), settings);
    }
    Result<void> append(const std::vector<std::string>& lines) const {
        std::vector<SpoolRecord> records;
        for (const std::string& line : lines) records.push_back({Instant(std::chrono::hours(500'000)), LineFormat::json, "test", line});
        return spool_->append(records);
    }
    // `first` waits for the disk while all others come; then `before` is done and the disk goes on. What each was told, `first` first.
    std::vector<Result<void>> together(const std::vector<std::vector<std::string>>& others, const std::function<void()>& before = [] {}) {
        std::vector<Result<void>> told(others.size() + 1);
        std::atomic<std::size_t> come = 0;
        held = true;
        const std::uint64_t until_now = syncs;
        std::vector<std::thread> all;
        all.emplace_back([&] { told[0] = append({"{\"first\":1}"}); });
        EXPECT_TRUE(comes([&] { return syncs > until_now; }));
        for (std::size_t i = 0; i < others.size(); ++i) {
            all.emplace_back([&, i] {
                ++come;
                told[i + 1] = append(others[i]);
            });
            // One behind the other.
            EXPECT_TRUE(comes([&] { return come == i + 1; }));
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        EXPECT_THAT(lines_of(*spool_), testing::Not(testing::Contains("{\"first\":1}"))) << "nobody sees what is not on disk";
        before();
        held = false;
        for (auto& one : all) one.join();
        return told;
    }
    static std::vector<std::vector<std::string>> numbered(std::size_t callers, std::size_t lines) {
        std::vector<std::vector<std::string>> all(callers);
        for (std::size_t c = 0; c < callers; ++c) {
            for (std::size_t i = 0; i < lines; ++i) all[c].push_back(format("{{\"c\":{},\"i\":{}}}", c, i));
        }
        return all;
    }
    const TestFolder own_;
    std::unique_ptr<Spool> spool_;
};

TEST_F(SpoolCommit, CallersThatComeTogetherShareABlockAndOneWait) {
    open();
    const std::uint64_t before = syncs;
    for (const auto& told : together(numbered(20, 3))) EXPECT_TRUE(told);
    // Twenty, but for those that the machine held up for longer than twenty milliseconds.
    EXPECT_LE(syncs - before, 5U);
    EXPECT_EQ(spool_->segments().front().blocks, syncs - before);
    EXPECT_EQ(lines_of(*spool_).size(), 61U);
}

TEST_F(SpoolCommit, EachCallersOrderStaysThroughBlocksAndSegments) {
    open({.segment_bytes = 100'000, .block_bytes = 2000});
    constexpr int kCallers = 8;
    constexpr int kTimes = 100;
    std::vector<std::thread> all;
    for (int c = 0; c < kCallers; ++c) {
        all.emplace_back([&, c] {
            std::mt19937 dice(static_cast<unsigned>(c));
            int next = 0;
            for (int time = 0; time < kTimes; ++time) {
                std::vector<std::string> lines;
                for (unsigned k = dice() % 40; k-- > 0;) lines.push_back(format("{} {}", c, next++));
                EXPECT_TRUE(append(lines));
            }
        });
    }
    for (auto& one : all) one.join();
    open();
    EXPECT_GT(spool_->segments().size(), 2U);
    EXPECT_EQ(spool_->damaged_blocks(), 0U);
    std::map<std::string, int> next;
    for (const std::string& line : lines_of(*spool_)) {
        const auto parts = split(line, ' ');
        EXPECT_EQ(parts[1], std::to_string(next[std::string(parts[0])]++)) << line;
    }
    for (int c = 0; c < kCallers; ++c) {
        std::mt19937 dice(static_cast<unsigned>(c));
        int sent = 0;
        for (int time = 0; time < kTimes; ++time) sent += static_cast<int>(dice() % 40);
        EXPECT_EQ(next[std::to_string(c)], sent);
    }
}

TEST_F(SpoolCommit, ADiskThatFailsIsToldToEveryoneItHeld) {
    open();
    ASSERT_TRUE(append({"{\"n\":0}"}));
    const auto told = together(numbered(6, 2), [] { fails = true; });
    for (const auto& one : told) {
        ASSERT_FALSE(one);
        EXPECT_EQ(one.error().code, Code::unavailable);
    }
    EXPECT_THAT(lines_of(*spool_), ElementsAre("{\"n\":0}"));
    fails = false;
    ASSERT_TRUE(append({"{\"n\":1}"}));
    open();
    EXPECT_THAT(lines_of(*spool_), ElementsAre("{\"n\":0}", "{\"n\":1}")) << "what was refused is not there";
    EXPECT_EQ(spool_->damaged_blocks(), 0U);
}

// Blocks end within callers' records here: those whose last block found room are told so, however it went with the next.
TEST_F(SpoolCommit, WhereRoomEndsWithinAGroupEachIsToldForItself) {
    open({.block_bytes = 500});
    std::vector<std::vector<std::string>> others;
    std::mt19937_64 dice(1);
    for (int c = 0; c < 10; ++c) {
        std::string noise;
        for (int i = 0; i < 40; ++i) noise += format("{:016x}", dice());
        others.push_back({format("{{\"c\":{},\"noise\":\"{}\"}}", c, noise), format("{{\"c\":{}}}", c)});
    }
    std::vector<Result<void>> told;
    {
        std::optional<FullDisk> full;
        told = together(others, [&] { full.emplace(60'000); });
    }
    EXPECT_TRUE(told[0]);
    std::size_t kept = 0;
    while (kept < others.size() && told[kept + 1]) ++kept;
    EXPECT_GE(kept, 2U);
    EXPECT_LT(kept, 9U) << "the limit was never met";
    for (std::size_t i = kept; i < others.size(); ++i) EXPECT_FALSE(told[i + 1]) << i << " comes behind one that found no room";
    ASSERT_TRUE(append({"{\"after\":1}"}));
    open();
    EXPECT_EQ(spool_->damaged_blocks(), 0U);
    const auto lines = lines_of(*spool_);
    for (std::size_t i = 0; i < kept; ++i) {
        for (const std::string& line : others[i]) EXPECT_THAT(lines, testing::Contains(line));
    }
    EXPECT_THAT(lines, testing::Not(testing::Contains(others.back().back())));
    EXPECT_EQ(lines.back(), "{\"after\":1}");
}

TEST_F(SpoolCommit, ASegmentThatFoundNoRoomIsBegunAgain) {
    open({.segment_bytes = 1});
    ASSERT_TRUE(append({"{\"n\":0}"}));
    {
        const FullDisk full(100);
        EXPECT_FALSE(append({"{\"n\":1}"}));
        EXPECT_FALSE(append({"{\"n\":2}"}));
    }
    ASSERT_TRUE(append({"{\"n\":3}"}));
    open();
    EXPECT_THAT(lines_of(*spool_), ElementsAre("{\"n\":0}", "{\"n\":3}"));
    EXPECT_EQ(spool_->segments().size(), 2U);
}

}  // namespace
}  // namespace madang::security
