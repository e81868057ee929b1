#include "security/spool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <random>
#include <thread>

#include "base/text.h"
#include "security/spool_hunt.h"
#include "security/testing.h"

namespace madang::security {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SpoolFolder : public testing::Test {
protected:
    static Instant moment(int second) { return Instant(std::chrono::hours(500'000)) + std::chrono::seconds(second); }
    static std::vector<SpoolRecord> records(const std::vector<std::string>& lines, int second = 0, LineFormat format = LineFormat::json) {
        std::vector<SpoolRecord> all;
        for (const std::string& line : lines) all.push_back({moment(second++), format, "test", line});
        return all;
    }
    void arrived(int segment, Instant at) {
        const timespec time{std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count(), 0};
        const std::array<timespec, 2> times{time, time};
        ASSERT_EQ(::utimensat(AT_FDCWD, (folder_ / format("{:012}.seg", segment)).c_str(), times.data(), 0), 0);
    }
    std::vector<std::string> found(const Spool& spool, const SpoolQuery& query, SpoolCounts* counts = nullptr) {
        std::mutex mutex;
        std::vector<std::string> lines;
        const auto done = spool.search(query, 2, [&](std::size_t, const SpoolRecord& record) {
            const std::lock_guard lock(mutex);
            lines.emplace_back(record.line);
        });
        EXPECT_TRUE(done);
        if (counts != nullptr) *counts = *done;
        std::ranges::sort(lines);
        return lines;
    }
    std::vector<std::string> hunted(const Spool& spool, std::string_view expression) {
        const auto hunt = SpoolHunt::compile(expression);
        EXPECT_TRUE(hunt) << hunt.error().message;
        SpoolQuery query;
        hunt->narrow(query);
        std::mutex mutex;
        std::vector<std::string> lines;
        EXPECT_TRUE(spool.search(query, 2, [&](std::size_t, const SpoolRecord& record) {
            Event event;
            if (!parse_record(record, event) || !hunt->fits(event)) return;
            const std::lock_guard lock(mutex);
            lines.emplace_back(record.line);
        }));
        std::ranges::sort(lines);
        return lines;
    }
    const TestFolder own_;
    const Path folder_ = own_.path() / "spool";
};

TEST_F(SpoolFolder, GivesBackWhatWasPutIn) {
    {
        auto spool = *Spool::open(folder_, {});
        ASSERT_TRUE(spool->append(records({"{\"a\":1}", "{\"a\":2}"})));
        ASSERT_TRUE(spool->append(records({"{\"a\":3}"}, 100)));
        EXPECT_EQ(Spool::open(folder_, {}).error().code, Code::conflict) << "one writer";
    }
    const auto spool = *Spool::open_to_read(folder_);
    EXPECT_THAT(found(*spool, {}), ElementsAre("{\"a\":1}", "{\"a\":2}", "{\"a\":3}"));
    EXPECT_THAT(found(*spool, {.from = moment(1), .until = moment(100)}), ElementsAre("{\"a\":2}"));
    EXPECT_THAT(found(*spool, {.contains = {"3"}}), ElementsAre("{\"a\":3}"));
    EXPECT_EQ(spool->append(records({"x"})).error().code, Code::conflict);
    EXPECT_EQ(Spool::open_to_read(folder_ / "nowhere").error().code, Code::not_found);
    EXPECT_EQ(spool->segments().front().records, 3U);
}

TEST_F(SpoolFolder, OpensOnlyBlocksThatCanHaveAnAnswer) {
    auto spool = *Spool::open(folder_, {});
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(spool->append(records({format("{{\"EventID\":{},\"Computer\":\"HOST-{}\"}}", 4000 + i, i)}, i)));
    SpoolCounts counts;
    EXPECT_THAT(found(*spool, {.is = {{"eventid", "4007"}, {"computer", "host-7"}}}, &counts), ElementsAre("{\"EventID\":4007,\"Computer\":\"HOST-7\"}"));
    EXPECT_EQ(counts.blocks, 50U);
    EXPECT_LE(counts.blocks_opened, 2U);
}

TEST_F(SpoolFolder, HuntsWithAnExpression) {
    auto spool = *Spool::open(folder_, {});
    ASSERT_TRUE(spool->append(records({R"({"EventID":1,"CommandLine":"a -enc b","User":"eve"})", R"({"EventID":1,"CommandLine":"a \u002denc b","User":"bob"})", R"({"EventID":3,"x":[1,2]})", "not json"})));
    ASSERT_TRUE(spool->append(records({"10.0.0.1 - - [24/Nov/2026:10:00:00 +0300] \"POST /login HTTP/1.1\" 500 12"}, 50, LineFormat::web_access)));
    ASSERT_TRUE(spool->append(records({"type=EXECVE msg=audit(1.0:2): a0=77686F616D69"}, 60, LineFormat::audit)));
    EXPECT_EQ(hunted(*spool, "contains(CommandLine, \"-enc\")").size(), 2U) << "a letter written as an escape hides nothing";
    EXPECT_EQ(hunted(*spool, "EventID = 1 and User = \"eve\"").size(), 1U);
    EXPECT_EQ(hunted(*spool, "some v in x satisfies v > 1").size(), 1U);
    EXPECT_EQ(hunted(*spool, "`cs-method` = \"POST\" and `sc-status` >= 500").size(), 1U);
    EXPECT_EQ(hunted(*spool, "a0 = \"whoami\"").size(), 1U) << "what the audit trail writes in hexadecimal digits is found";
    EXPECT_THAT(hunted(*spool, "Nothing = 1"), IsEmpty());
    EXPECT_EQ(SpoolHunt::compile("user.name = \"anna\" and `user.name` != process.parent.pid and x > 1.5 and y = \"a.b\"")->fields(),
              (std::vector<std::string>{"user.name", "user.name", "process.parent.pid", "x", "y"})) << "a name with dots is a field's";
    EXPECT_EQ(SpoolHunt::compile("EventID = ").error().code, Code::invalid);
    EXPECT_EQ(SpoolHunt::compile("`cs").error().code, Code::invalid);
}

TEST_F(SpoolFolder, WhatWasCutOffOrDamagedIsPassedOver) {
    const auto lines_of = [](int i) { return std::vector<std::string>{format("{{\"n\":{}}}", i)}; };
    {
        auto spool = *Spool::open(folder_, {});
        for (int i = 0; i < 10; ++i) ASSERT_TRUE(spool->append(records(lines_of(i), i)));
    }
    const Path file = folder_ / "000000000001.seg";
    const std::string whole = *read_file(file, 64U << 20);
    // Cut at any place: the blocks before it stay, and writing goes on behind them.
    for (const std::size_t cut : {whole.size() - 1, whole.size() - 5000, whole.size() / 2, std::size_t{60}, std::size_t{0}}) {
        ASSERT_TRUE(write_file_whole(file, whole.substr(0, cut)));
        auto spool = *Spool::open(folder_, {});
        const std::size_t kept = found(*spool, {}).size();
        EXPECT_EQ(kept, cut / (whole.size() / 10)) << cut;
        ASSERT_TRUE(spool->append(records({"{\"n\":99}"}, 99)));
        EXPECT_EQ(found(*spool, {}).size(), kept + 1);
    }
    std::mt19937_64 dice(7);
    for (int round = 0; round < 60; ++round) {
        std::string bytes = whole;
        for (int i = 0; i < 3; ++i) bytes[dice() % bytes.size()] = static_cast<char>(dice());
        ASSERT_TRUE(write_file_whole(file, bytes));
        const auto spool = *Spool::open_to_read(folder_);
        SpoolCounts counts;
        const auto all = found(*spool, {}, &counts);
        EXPECT_GE(all.size(), 7U) << "three bytes damage three blocks at most";
        for (const std::string& line : all) EXPECT_TRUE(line.starts_with("{\"n\":")) << line;
    }
}

TEST_F(SpoolFolder, AFlippedBitTakesAwayNothingThatWasAcknowledged) {
    {
        auto spool = *Spool::open(folder_, {});
        for (int i = 0; i < 3; ++i) ASSERT_TRUE(spool->append(records({format("{{\"n\":{}}}", i)}, i)));
    }
    const Path file = folder_ / "000000000001.seg";
    const std::string whole = *read_file(file, 64U << 20);
    const std::size_t last = whole.size() / 3 * 2;
    for (const std::size_t bit : {0U, 4U * 8, 8U * 8 + 3, 24U * 8, 40U * 8, 55U * 8}) {
        std::string bytes = whole;
        bytes[last + bit / 8] = static_cast<char>(bytes[last + bit / 8] ^ (1 << (bit % 8)));
        ASSERT_TRUE(write_file_whole(file, bytes));
        auto spool = *Spool::open(folder_, {});
        EXPECT_EQ(spool->damaged_blocks(), 1U) << bit;
        ASSERT_TRUE(spool->append(records({"{\"n\":99}"}, 99)));
        EXPECT_EQ(*read_file(file, 64U << 20), bytes) << "nothing is cut off or written over, bit " << bit;
        EXPECT_THAT(found(*spool, {}), ElementsAre("{\"n\":0}", "{\"n\":1}", "{\"n\":99}"));
        spool.reset();
        std::filesystem::remove(folder_ / "000000000002.seg");
    }
    // Room that a crash left unwritten is no block.
    ASSERT_TRUE(write_file_whole(file, whole + std::string(20'000, '\0')));
    auto spool = *Spool::open(folder_, {});
    EXPECT_EQ(spool->damaged_blocks(), 0U);
    ASSERT_TRUE(spool->append(records({"{\"n\":99}"}, 99)));
    EXPECT_EQ(found(*spool, {}).size(), 4U);
    EXPECT_EQ(spool->segments().size(), 1U);
}

TEST_F(SpoolFolder, BytesThatAreNoTextHideNothing) {
    auto spool = *Spool::open(folder_, {});
    ASSERT_TRUE(spool->append(records({"{\"EventID\":1,\"CommandLine\":\"who\xff\xfe am i\",\"User\":\"\xe9ve\"}"})));
    EXPECT_EQ(hunted(*spool, "EventID = 1").size(), 1U);
    EXPECT_EQ(hunted(*spool, "ends with(CommandLine, \"am i\")").size(), 1U);
    EXPECT_EQ(hunted(*spool, "User = \"\ufffdve\"").size(), 1U) << "the index knows the mended value";
}

TEST_F(SpoolFolder, KeepsWhatItShallAndNoMore) {
    auto spool = *Spool::open(folder_, {.segment_bytes = 1, .keep_for = std::chrono::hours(1)});
    // The first states a time far ahead; what counts is when it came.
    for (int i = 0; i < 6; ++i) ASSERT_TRUE(spool->append(records({format("{{\"n\":{}}}", i)}, i == 0 ? 500'000'000 : 0)));
    ASSERT_EQ(spool->segments().size(), 6U);
    for (int i = 0; i < 6; ++i) arrived(i + 1, moment(i == 1 ? 3 * 3600 : i * 3600));
    const auto gone = spool->retain(moment(3 * 3600 + 60));
    ASSERT_TRUE(gone);
    EXPECT_EQ(gone->segments, 2U) << "older than an hour, though a younger one stands between them";
    EXPECT_EQ(gone->records, 2U);
    EXPECT_THAT(found(*spool, {}), ElementsAre("{\"n\":1}", "{\"n\":3}", "{\"n\":4}", "{\"n\":5}"));
    arrived(2, moment(0));
    EXPECT_EQ(spool->retain(moment(3 * 3600 + 60))->segments, 1U);
    EXPECT_EQ(*spool->retain(moment(3 * 3600 + 60)), SpoolGone{});
    EXPECT_THAT(found(*spool, {}), ElementsAre("{\"n\":3}", "{\"n\":4}", "{\"n\":5}"));
    auto small = std::move(spool);
    small.reset();
    small = *Spool::open(folder_, {.keep_bytes = 10'000});
    EXPECT_EQ(small->retain(moment(0))->segments, 2U) << "the newest stays";
    EXPECT_EQ(small->append(records({std::string(17U << 20, 'x')})).error().code, Code::exhausted);
}

TEST_F(SpoolFolder, WhatNobodyReadStaysUntilItsMarginIsUsedUp) {
    const auto fill = [&](const SpoolSettings& settings) {
        std::filesystem::remove_all(folder_);
        auto spool = *Spool::open(folder_, settings);
        for (int i = 0; i < 6; ++i) EXPECT_TRUE(spool->append(records({format("{{\"n\":{}}}", i), format("{{\"m\":{}}}", i)})));
        for (int i = 0; i < static_cast<int>(spool->segments().size()); ++i) arrived(i + 1, moment(0));
        return spool;
    };
    const SpoolSettings too_old{.segment_bytes = 1, .keep_for = std::chrono::hours(1)};
    auto spool = fill(too_old);
    const std::uint64_t packed = spool->segments().front().packed;   // each holds as much
    SpoolPlace read;
    for (int i = 0; i < 3; ++i) read = **spool->read_behind(read, [](const SpoolRecord&, SpoolPlace, std::uint32_t) {});
    EXPECT_EQ(*spool->retain(moment(7200), {}), SpoolGone{});
    EXPECT_EQ(*spool->retain(moment(7200), read), (SpoolGone{.segments = 3, .records = 6, .packed = 3 * packed}));
    EXPECT_EQ(*spool->retain(moment(7200)), (SpoolGone{.segments = 2, .records = 4, .packed = 2 * packed})) << "the newest stays";
    spool.reset();
    // Two may stay, and while nobody read them two more.
    const SpoolSettings too_much{.segment_bytes = 1, .keep_bytes = 2 * packed, .keep_unread_bytes = 2 * packed};
    spool = fill(too_much);
    EXPECT_EQ(*spool->retain(moment(0), {}), (SpoolGone{.segments = 2, .records = 4, .packed = 2 * packed, .unread = 4}));
    EXPECT_EQ(*spool->retain(moment(0), {}), SpoolGone{});
    EXPECT_EQ(*spool->retain(moment(0), read), (SpoolGone{.segments = 1, .records = 2, .packed = packed})) << "of the four that are left the first was read";
    EXPECT_EQ(*spool->retain(moment(0)), (SpoolGone{.segments = 1, .records = 2, .packed = packed}));
    spool.reset();
    // What was read goes first, however little of it there is.
    spool = fill(too_much);
    EXPECT_EQ(*spool->retain(moment(0), read), (SpoolGone{.segments = 3, .records = 6, .packed = 3 * packed}));
    spool.reset();
    // Of a segment that was read in part, the rest counts.
    spool = fill({.segment_bytes = packed + 1, .keep_bytes = 1, .keep_unread_bytes = 1});
    ASSERT_EQ(spool->segments().size(), 3U);
    read = **spool->read_behind({}, [](const SpoolRecord&, SpoolPlace, std::uint32_t) {});
    EXPECT_EQ(*spool->retain(moment(0), read), (SpoolGone{.segments = 2, .records = 8, .packed = 4 * packed, .unread = 6}));
}

// Against all blocks looked at one by one.
TEST_F(SpoolFolder, APlaceIsBeforeAMomentAndBeforeSoManyRecords) {
    struct Written {
        SpoolPlace place;
        std::uint64_t records;
        Instant last;
    };
    auto spool = *Spool::open(folder_, {.segment_bytes = 40'000});
    std::vector<Written> all;
    const std::vector<std::pair<std::size_t, int>> blocks{{3, 10}, {1, 50}, {2, 20}, {4, 30}, {1, 40}, {5, 35}, {2, 60}, {1, 5}};
    for (const auto& [count, second] : blocks) {
        const std::vector<SpoolRecord> some(count, SpoolRecord{moment(second), LineFormat::json, "test", "{\"n\":1}"});
        ASSERT_TRUE(spool->append(some));
        all.push_back({spool->newest(), count, moment(second)});
    }
    ASSERT_GT(all.back().place.segment, 1U);
    for (const Written& last : all) {
        for (int second = 0; second <= 65; second += 5) {
            for (std::uint64_t records = 0; records <= 20; ++records) {
                SpoolPlace expected;   // the first behind which nothing is too old, or too much
                for (const Written& block : all) {
                    if (block.place > last.place) break;
                    const auto behind = [&](const Written& other) { return other.place > expected && other.place <= last.place; };
                    std::uint64_t sum = 0;
                    for (const Written& other : all) sum += behind(other) ? other.records : 0;
                    const bool begins = block.last >= moment(second);
                    if (begins && sum <= records) break;
                    const bool earlier = std::ranges::any_of(all, [&](const Written& other) { return other.place <= expected && other.last >= moment(second); });
                    if (earlier && sum <= records) break;
                    expected = block.place;
                }
                ASSERT_EQ(to_text(spool->place_before(moment(second), records, last.place)), to_text(expected)) << second << ", " << records << " up to " << to_text(last.place);
            }
        }
    }
    EXPECT_EQ(spool->place_before(Instant::min(), 1), all[6].place);
    EXPECT_EQ(spool->place_before(Instant::min(), 19), SpoolPlace{});
    EXPECT_EQ(spool->place_before(Instant::min(), 18), all[0].place);
}

TEST_F(SpoolFolder, ManyWriteAtOnce) {
    auto spool = *Spool::open(folder_, {.block_bytes = 300});
    std::vector<std::thread> all;
    for (int t = 0; t < 4; ++t) {
        all.emplace_back([&, t] {
            for (int i = 0; i < 20; ++i) {
                const std::vector<std::string> lines(5, format("{{\"t\":{},\"i\":{}}}", t, i));
                EXPECT_TRUE(spool->append(records(lines)));
            }
        });
    }
    for (auto& one : all) one.join();
    EXPECT_EQ(found(*spool, {}).size(), 400U);
}

}  // namespace
}  // namespace madang::security
