// How much memory correlations may hold together, and who gives when it is not enough.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include "base/text.h"
#include "security/sigma_correlator.h"
#include "security/sigma_reader.h"

namespace madang::security {
namespace {

constexpr std::string_view kRules = R"(
title: failed
name: failed
logsource: {product: x}
detection: {s: {kind: failed}, condition: s}
---
title: worked
name: worked
logsource: {product: x}
detection: {s: {kind: worked}, condition: s}
)";
constexpr std::uint32_t kFailed = 0;
constexpr std::uint32_t kWorked = 1;

class CorrelatorMemory : public testing::Test {
protected:
    void compile(const std::vector<std::string>& correlations, CorrelatorLimits limits) {
        std::string text(kRules);
        for (const std::string& one : correlations) text += format("---\ntitle: t\ncorrelation: {{{}}}\n", one);
        auto read = read_sigma(text, "c.yml");
        ASSERT_TRUE(read) << read.error().message;
        program_ = *SigmaProgram::compile(read->rules, *LogSources::shipped());
        auto compiled = SigmaCorrelator::compile(std::move(read->correlations), *program_, limits);
        ASSERT_THAT(compiled.problems, testing::IsEmpty());
        correlator_ = std::move(compiled.correlator);
    }
    void add(int second, std::uint32_t rule, std::map<std::string, std::string, std::less<>> fields) {
        const auto use = [this](const SigmaCorrelator::Found& found) { ++found_[found.group.front().first]; };
        correlator_->add({Instant(std::chrono::hours(1000)) + std::chrono::seconds(second), rule, std::move(fields), 7}, use);
        most_ = std::max(most_, correlator_->bytes());
    }
    static std::size_t allocated() {
        const struct mallinfo2 now = ::mallinfo2();
        return now.uordblks + now.hblkhd;
    }

    std::unique_ptr<const SigmaProgram> program_;
    std::unique_ptr<SigmaCorrelator> correlator_;
    std::map<std::string, int> found_;     // by what was grouped by
    std::size_t most_ = 0;
};

TEST_F(CorrelatorMemory, IsWhatTheAllocatorGives) {
    if (allocated() == 0) GTEST_SKIP() << "this allocator does not tell";
    const std::string long_text(100, 'x');
    for (const char* correlation : {"type: event_count, rules: [failed], group-by: [user], timespan: 1h, condition: {gte: 1000}",
                                    "type: event_count, rules: [failed], group-by: [user, long], timespan: 1h, condition: {eq: 1000}",
                                    "type: value_count, rules: [failed], group-by: [user], timespan: 1h, condition: {field: host, gte: 1000}",
                                    "type: value_count, rules: [failed], group-by: [user], timespan: 1h, condition: {field: long, gte: 1000}",
                                    "type: temporal, rules: [failed, worked], group-by: [long], timespan: 1h"}) {
        for (const int events : {4000, 16'000, 100'000}) {
            compile({correlation}, {});
            const std::size_t before = allocated();
            for (int i = 0; i < events; ++i) add(i / 400, kFailed, {{"user", format("user {}", i % 4000)}, {"long", format("{} {}", long_text, i % 4000)}, {"host", std::to_string(i)}});
            const auto real = static_cast<double>(allocated() - before);
            const auto told = static_cast<double>(correlator_->bytes());
            EXPECT_GT(told, 0.9 * real) << correlation << ", " << events;
            EXPECT_LT(told, 1.1 * real) << correlation << ", " << events;
        }
    }
}

// One correlation a timespan long counts users of whom two failed attempts are known when the flood begins; twenty others are flooded.
TEST_F(CorrelatorMemory, AFloodOfGroupsTakesNothingFromAQuietCorrelation) {
    constexpr std::size_t kBytes = 8U << 20;
    std::vector<std::string> correlations{"type: event_count, rules: [worked], group-by: [quiet], timespan: 1d, condition: {gte: 3}"};
    for (int i = 0; i < 20; ++i) correlations.push_back(format("type: event_count, rules: [failed], group-by: [flooded{}], timespan: 1d, condition: {{gte: 3}}", i));
    compile(correlations, {.groups = 1'000'000, .bytes = kBytes});
    const auto quiet = [&](int second) {
        for (int user = 0; user < 100; ++user) add(second, kWorked, {{"quiet", std::to_string(user)}});
    };
    quiet(0);
    quiet(1);
    constexpr int kKeys = 1'000'000;
    for (int i = 0; i < kKeys; ++i) add(2 + i / 1000, kFailed, {{format("flooded{}", i % 20), std::to_string(i)}});
    EXPECT_LE(most_, kBytes);
    EXPECT_GT(most_, kBytes / 2) << "the limit is used";
    const std::uint64_t gone = correlator_->counts().over_budget_groups;
    EXPECT_GT(gone, kKeys - kBytes / 500U);
    EXPECT_LT(gone, kKeys);
    EXPECT_EQ(correlator_->counts().forgotten_groups, 0U);
    // What is known of the flood's newest is still there, in each of its correlations alike.
    for (int i = kKeys - 1000; i < kKeys; ++i) {
        for (int again = 0; again < 2; ++again) add(1500, kFailed, {{format("flooded{}", i % 20), std::to_string(i)}});
    }
    for (int i = 0; i < 20; ++i) EXPECT_EQ(found_[format("flooded{}", i)], 50) << i;
    quiet(1501);
    EXPECT_EQ(found_["quiet"], 100);
}

TEST_F(CorrelatorMemory, OneThatIsAloneMayHaveAll) {
    constexpr std::size_t kBytes = 1U << 20;
    compile({"type: event_count, rules: [failed], group-by: [user], timespan: 1d, condition: {gte: 2}", "type: event_count, rules: [worked], group-by: [user], timespan: 1d, condition: {gte: 2}"}, {.bytes = kBytes});
    for (int i = 0; i < 10'000; ++i) add(1, kFailed, {{"user", std::to_string(i)}});
    EXPECT_GT(correlator_->bytes(), kBytes - 2000);
    EXPECT_LE(correlator_->bytes(), kBytes);
}

TEST_F(CorrelatorMemory, WhatIsTooOldToCountIsNoLoss) {
    compile({"type: event_count, rules: [failed], group-by: [user], timespan: 60s, condition: {gte: 3}"}, {.bytes = 1U << 20});
    for (int i = 0; i < 20'000; ++i) add(i, kFailed, {{"user", std::to_string(i)}});   // a minute and five for late ones: 360 groups matter
    EXPECT_EQ(correlator_->counts().over_budget_groups, 0U);
    EXPECT_LE(most_, 1U << 20);
    for (int i = 0; i < 20'000; ++i) add(20'000, kFailed, {{"user", std::to_string(i)}});
    EXPECT_GT(correlator_->counts().over_budget_groups, 15'000U);
}

TEST_F(CorrelatorMemory, WhatIsJudgedLaterCountsAndGoesAsWell) {
    compile({"type: event_count, rules: [failed], group-by: [user], timespan: 60s, condition: {eq: 1}", "type: event_count, rules: [worked], group-by: [name], timespan: 60s, condition: {eq: 1}"}, {.groups = 1'000'000, .bytes = 2U << 20});
    add(0, kWorked, {{"name", "a"}});
    for (int i = 0; i < 20'000; ++i) add(1, kFailed, {{"user", std::to_string(i)}});
    EXPECT_LE(most_, 2U << 20);
    const auto gone = static_cast<int>(correlator_->counts().over_budget_groups);
    EXPECT_GT(gone, 10'000);
    correlator_->finish([this](const SigmaCorrelator::Found& found) { ++found_[found.group.front().first]; });
    EXPECT_EQ(found_["user"], 20'000 - gone);
    EXPECT_EQ(found_["name"], 1);
}

}  // namespace
}  // namespace madang::security
