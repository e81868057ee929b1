#include "security/sigma_correlator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "base/text.h"
#include "base/time_text.h"
#include "security/sigma_reader.h"

namespace madang::security {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

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
---
title: sent
name: sent
logsource: {product: x}
detection: {s: {kind: sent}, condition: s}
---
)";

class Correlator : public testing::Test {
protected:
    void compile(std::string_view correlations, CorrelatorLimits limits = {}) {
        auto read = read_sigma(format("{}{}", kRules, correlations), "c.yml");
        ASSERT_TRUE(read) << read.error().message;
        program_ = *SigmaProgram::compile(read->rules, *LogSources::shipped());
        auto compiled = SigmaCorrelator::compile(std::move(read->correlations), *program_, limits);
        correlator_ = std::move(compiled.correlator);
        problems_ = std::move(compiled.problems);
    }
    void event(int second, std::string_view kind, std::vector<std::pair<std::string_view, std::string_view>> fields) {
        Event one;
        one.add("kind", kind);
        for (const auto& [name, value] : fields) one.add(name, value);
        SigmaProgram::Run run(*program_);
        for (const std::uint32_t rule : run.matches(one, {.category = {}, .product = "x", .service = {}})) {
            if (const auto occurrence = correlator_->occurrence_of(rule, one, moment(second), static_cast<std::uint64_t>(second))) correlator_->add(*occurrence, use());
        }
    }
    SigmaCorrelator::Use use() {
        return [this](const SigmaCorrelator::Found& found) {
            std::string text = format("{} {}-{} {:.4g}", found.rule.metadata.title, seconds(found.first), seconds(found.last), found.number);
            for (const auto& [name, value] : found.group) text += format(" {}={}", name, value);
            if (!found.value.empty()) text += " " + found.value;
            found_.push_back(std::move(text));
        };
    }
    void end() { correlator_->finish(use()); }
    static Instant moment(int second) { return Instant(std::chrono::hours(1000)) + std::chrono::seconds(second); }
    static long seconds(Instant at) { return std::chrono::duration_cast<std::chrono::seconds>(at - moment(0)).count(); }

    std::unique_ptr<const SigmaProgram> program_;
    std::unique_ptr<SigmaCorrelator> correlator_;
    std::vector<std::string> problems_, found_;
};

TEST_F(Correlator, CountsEventsByGroupAndTellsOnceInATimespan) {
    compile("title: many\ncorrelation: {type: event_count, rules: [failed], group-by: [user], timespan: 60s, condition: {gte: 3}}\n");
    for (const int at : {0, 30, 59, 60, 61}) event(at, "failed", {{"user", "a"}});
    for (const int at : {0, 61, 122}) event(at + 61, "failed", {{"user", "b"}});
    event(140, "failed", {{"user", "a"}});
    event(141, "failed", {{"user", "a"}});
    event(142, "failed", {{"user", "a"}});
    EXPECT_THAT(found_, ElementsAre("many 0-59 3 user=a", "many 140-142 3 user=a"));
}

TEST_F(Correlator, ComparesTheMedianAndOtherPercentilesOfNumbers) {
    compile("title: middle\ncorrelation: {type: value_median, rules: [sent], group-by: [user], timespan: 1m, condition: {field: bytes, gt: 0}}\n---\n"
            "title: high\ncorrelation: {type: value_percentile, rules: [sent], group-by: [user], timespan: 1m, condition: {field: bytes, percentile: 90, gte: 91}}\n---\n"
            "title: low\ncorrelation: {type: value_median, rules: [sent], group-by: [user], timespan: 1m, condition: {field: bytes, lt: 3.5}}\n");
    for (const int n : {4, 1, 3, 100}) event(n, "sent", {{"user", "a"}, {"bytes", std::to_string(n)}});
    event(5, "sent", {{"user", "a"}, {"bytes", "many"}});
    end();
    EXPECT_THAT(found_, testing::UnorderedElementsAre("middle 1-4 3 user=a", "low 1-4 3 user=a", "middle 100-100 100 user=a", "high 100-100 100 user=a")) << "100 seconds later is another timespan";
    found_.clear();
    compile("title: high\ncorrelation: {type: value_percentile, rules: [sent], group-by: [user], timespan: 1h, condition: {field: bytes, percentile: 90, gte: 91}}\n");
    for (int n = 1; n <= 101; ++n) event(n, "sent", {{"user", "a"}, {"bytes", std::to_string(n)}});
    end();
    EXPECT_THAT(found_, ElementsAre("high 1-101 91 user=a"));
}

TEST_F(Correlator, ConditionsInWordsSayWhichRulesOccurAndWhichDoNot) {
    compile("title: no success\ncorrelation: {type: temporal, rules: [failed, worked], group-by: [user], timespan: 1m, condition: failed and not worked}\n---\n"
            "title: either\ncorrelation: {type: temporal, group-by: [user], timespan: 1m, condition: (failed or worked) and sent}\n---\n"
            "title: ordered\ncorrelation: {type: temporal_ordered, rules: [failed, worked, sent], group-by: [user], timespan: 1m, condition: failed and (worked or sent)}\n");
    EXPECT_THAT(problems_, IsEmpty());
    event(0, "failed", {{"user", "a"}});
    event(10, "worked", {{"user", "a"}});
    event(20, "failed", {{"user", "b"}});
    event(30, "sent", {{"user", "c"}});
    event(40, "failed", {{"user", "c"}});
    event(400, "worked", {{"user", "a"}});
    end();
    EXPECT_THAT(found_, testing::UnorderedElementsAre("ordered 0-10 2 user=a", "no success 20-20 1 user=b", "either 30-40 2 user=c", "no success 40-40 1 user=c"))
        << "c sent before it failed";
    for (const auto& [condition, why] : {std::pair{"failed and other", "c.yml:18: there is no search identifier \"other\""}, {"failed and", "c.yml:18: the condition ends too early"}}) {
        const auto read = read_sigma(format("{}title: t\ncorrelation: {{type: temporal, rules: [failed], group-by: [user], timespan: 1m, condition: {}}}\n", kRules, condition), "c.yml");
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().message, why);
    }
}

TEST_F(Correlator, CountsValuesOfOneOrSeveralFields) {
    compile("title: hosts\ncorrelation: {type: value_count, rules: [failed], group-by: [user], timespan: 1m, condition: {field: host, gte: 3}}\n---\n"
            "title: pairs\ncorrelation: {type: value_count, rules: [failed], group-by: [user], timespan: 1m, condition: {field: [host, port], gt: 2}}\n");
    event(0, "failed", {{"user", "a"}, {"host", "1"}, {"port", "1"}});
    event(1, "failed", {{"user", "a"}, {"host", "1"}, {"port", "2"}});
    event(2, "failed", {{"user", "a"}, {"host", "2"}, {"port", "1"}});
    event(3, "failed", {{"user", "a"}});
    event(4, "failed", {{"user", "a"}, {"host", "3"}});
    EXPECT_THAT(found_, ElementsAre("pairs 0-2 3 user=a", "hosts 0-4 3 user=a"));
}

TEST_F(Correlator, TemporalTypesWantAllRulesAndOrderedOnesTheirOrder) {
    compile("title: both\ncorrelation: {type: temporal, rules: [failed, worked], group-by: [user], timespan: 10s}\n---\n"
            "title: then\ncorrelation: {type: temporal_ordered, rules: [failed, worked], group-by: [user], timespan: 10s}\n---\n"
            "title: two\ncorrelation: {type: temporal, rules: [failed, worked, sent], group-by: [user], timespan: 10s, condition: {gte: 2}}\n");
    event(0, "worked", {{"user", "a"}});
    event(5, "failed", {{"user", "a"}});
    EXPECT_THAT(found_, ElementsAre("both 0-5 2 user=a", "two 0-5 2 user=a"));
    event(15, "worked", {{"user", "a"}});
    EXPECT_EQ(found_.back(), "then 5-15 2 user=a");
}

TEST_F(Correlator, LateEventsAreAddedAndThoseTooLateCounted) {
    compile("title: many\ncorrelation: {type: event_count, rules: [failed], group-by: [user], timespan: 60s, condition: {gte: 3}}\n", {.lateness = std::chrono::seconds(100)});
    event(0, "failed", {{"user", "a"}});
    event(90, "failed", {{"user", "a"}});
    EXPECT_THAT(found_, IsEmpty());
    event(40, "failed", {{"user", "a"}});
    EXPECT_THAT(found_, IsEmpty()) << "0 and 90 are not within a minute of each other";
    event(35, "failed", {{"user", "a"}});
    EXPECT_THAT(found_, ElementsAre("many 0-40 3 user=a"));
    event(500, "failed", {{"user", "a"}});
    event(399, "failed", {{"user", "a"}});
    EXPECT_EQ(correlator_->counts().late, 1U);
}

TEST_F(Correlator, UpperBoundsWaitForTheEndOfTheTimespan) {
    compile("title: few\ncorrelation: {type: event_count, rules: [failed], group-by: [user], timespan: 60s, condition: {lt: 3}}\n---\n"
            "title: range\ncorrelation: {type: event_count, rules: [failed], group-by: [user], timespan: 60s, condition: {gte: 2, lte: 3}}\n", {.lateness = std::chrono::seconds(0)});
    for (const int at : {0, 1, 2, 3}) {
        event(at, "failed", {{"user", "a"}});
        if (at == 0) event(at, "failed", {{"user", "b"}});
    }
    event(30, "failed", {{"user", "b"}});
    EXPECT_THAT(found_, IsEmpty());
    event(61, "failed", {{"user", "c"}});
    EXPECT_THAT(found_, testing::UnorderedElementsAre("few 0-30 2 user=b", "range 0-30 2 user=b"));
    end();
    EXPECT_EQ(found_.back(), "few 61-61 1 user=c");
}

TEST_F(Correlator, SumsAveragesAndShares) {
    compile("title: sum\ncorrelation: {type: value_sum, rules: [sent], group-by: [user], timespan: 60s, condition: {field: bytes, gt: 100}}\n---\n"
            "title: mean\ncorrelation: {type: value_avg, rules: [sent], group-by: [user], timespan: 60s, condition: {field: bytes, gte: 40}}\n---\n"
            "title: rare\ncorrelation: {type: value_percentile, rules: [sent], group-by: [user], timespan: 60s, condition: {field: image, lte: 25}}\n");
    event(0, "sent", {{"user", "a"}, {"bytes", "90"}, {"image", "x"}});
    event(1, "sent", {{"user", "a"}, {"bytes", "20.5"}, {"image", "x"}});
    event(2, "sent", {{"user", "a"}, {"bytes", "many"}, {"image", "y"}});
    event(3, "sent", {{"user", "a"}, {"bytes", "10"}, {"image", "x"}});
    end();
    EXPECT_THAT(found_, testing::UnorderedElementsAre("sum 0-1 110.5 user=a", "mean 0-3 40.17 user=a", "rare 0-3 25 user=a y"));
}

TEST_F(Correlator, AliasesNameFieldsOfEachRule) {
    compile(R"(title: back
correlation:
  type: temporal
  rules: [failed, worked]
  group-by: [inside]
  aliases: {inside: {failed: to, worked: from}}
  timespan: 10s
)");
    event(0, "failed", {{"to", "10.0.0.1"}, {"from", "10.0.0.2"}});
    event(1, "worked", {{"to", "10.0.0.1"}, {"from", "10.0.0.2"}});
    EXPECT_THAT(found_, IsEmpty());
    event(2, "worked", {{"to", "10.0.0.9"}, {"from", "10.0.0.1"}});
    EXPECT_THAT(found_, ElementsAre("back 0-2 2 inside=10.0.0.1"));
}

TEST_F(Correlator, ChainsPassTheGroupOn) {
    compile("title: then\ncorrelation: {type: temporal_ordered, rules: [many, worked], group-by: [user], timespan: 10m}\n---\n"
            "title: many\nname: many\ncorrelation: {type: event_count, rules: [failed], group-by: [user, host], timespan: 10m, condition: {gte: 3}}\n");
    EXPECT_THAT(problems_, IsEmpty());
    for (const int at : {0, 1, 2}) event(at, "failed", {{"user", "a"}, {"host", "h"}});
    EXPECT_THAT(found_, IsEmpty()) << "the inner one is not told by itself";
    event(9, "worked", {{"user", "b"}});
    event(10, "worked", {{"user", "a"}});
    EXPECT_THAT(found_, ElementsAre("then 2-10 2 user=a"));
    EXPECT_FALSE(correlator_->is_told(0));
    EXPECT_TRUE(correlator_->is_told(2)) << "no correlation refers to it";
}

TEST_F(Correlator, WhatCannotBeRunIsSaid) {
    compile("title: circle\nname: circle\ncorrelation: {type: temporal, rules: [circle, failed], group-by: [u], timespan: 1s}\n---\n"
            "title: lost\ncorrelation: {type: temporal, rules: [nowhere, failed], group-by: [u], timespan: 1s}\n---\n"
            "title: huge\ncorrelation: {type: event_count, rules: [failed], group-by: [u], timespan: 1s, condition: {gte: 5000000}}\n");
    ASSERT_EQ(problems_.size(), 3U);
    EXPECT_THAT(problems_, testing::UnorderedElementsAre(testing::EndsWith("no more than 1000000 occurrences are counted"), testing::EndsWith("the correlation refers to itself, or to one that cannot be run"),
                                                         testing::EndsWith("the rule \"nowhere\" is not there, or cannot be run")));
    EXPECT_EQ(correlator_->size(), 0U);
    EXPECT_TRUE(correlator_->is_told(0)) << "a rule that nothing uses is told";
}

TEST_F(Correlator, AMillionGroupsAndEndlessOccurrencesAreBounded) {
    compile("title: many\ncorrelation: {type: event_count, rules: [failed], group-by: [user], timespan: 1d, condition: {gte: 9000}}\n", {.groups = 1000, .occurrences = 50});
    for (int i = 0; i < 200'000; ++i) correlator_->add({moment(1), 0, {{"user", std::to_string(i)}}, 0}, use());
    EXPECT_EQ(correlator_->counts().forgotten_groups, 199'000U);
    for (int i = 0; i < 20'000; ++i) correlator_->add({moment(2 + i / 100), 0, {{"user", "a"}}, 0}, use());
    EXPECT_EQ(found_.size(), 1U);
    event(500, "failed", {{"other", "a"}});
    EXPECT_EQ(correlator_->counts().without_group, 1U);
}

// Windows looked at one by one, all occurrences kept, as the specification reads: for each one that comes, those windows that it
// stands in and that end with an occurrence.
struct Slow {
    CorrelationType type;
    int span, least;
    struct Seen {
        int at;
        std::size_t source;
        std::string value;
    };
    std::map<std::string, std::vector<Seen>> groups;
    std::map<std::string, int> told;
    std::vector<std::string> found;

    double measure(const std::vector<Seen>& all, std::size_t from, std::size_t to) const {
        std::set<std::string> values;
        std::set<std::size_t> sources;
        double sum = 0;
        std::size_t next = 0;
        for (std::size_t i = from; i < to; ++i) {
            values.insert(all[i].value);
            sources.insert(all[i].source);
            sum += std::stod(all[i].value);
            if (all[i].source == next) ++next;
        }
        switch (type) {
            case CorrelationType::event_count: return static_cast<double>(to - from);
            case CorrelationType::value_count: return static_cast<double>(values.size());
            case CorrelationType::value_sum: return sum;
            case CorrelationType::temporal: return static_cast<double>(sources.size());
            default: return static_cast<double>(next);
        }
    }
    void add(const std::string& user, Seen one) {
        auto& all = groups[user];
        const int at = one.at;
        all.insert(std::ranges::upper_bound(all, at, {}, &Seen::at), std::move(one));
        for (std::size_t to = 1; to <= all.size(); ++to) {
            const int end = all[to - 1].at;
            if (end < at || end > at + span || (to < all.size() && all[to].at == end)) continue;
            if (told.contains(user) && end <= told[user]) continue;
            std::size_t from = 0;
            while (all[from].at < end - span) ++from;
            if (measure(all, from, to) < least) continue;
            found.push_back(format("{}-{} user={}", all[from].at, end, user));
            told[user] = end + span;
        }
    }
};

TEST_F(Correlator, AgreesWithWindowsLookedAtOneByOneAlsoWhereEventsComeLate) {
    const std::pair<CorrelationType, std::string_view> types[] = {{CorrelationType::event_count, "type: event_count, rules: [failed], condition: {gte: N}"},
                                                                  {CorrelationType::value_count, "type: value_count, rules: [failed], condition: {field: v, gte: N}"},
                                                                  {CorrelationType::value_sum, "type: value_sum, rules: [failed], condition: {field: v, gte: N}"},
                                                                  {CorrelationType::temporal, "type: temporal, rules: [failed, worked, sent], condition: {gte: N}"},
                                                                  {CorrelationType::temporal_ordered, "type: temporal_ordered, rules: [failed, worked, sent], condition: {gte: N}"}};
    std::size_t found = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        std::mt19937_64 dice(seed);
        const auto& [type, words] = types[seed % std::size(types)];
        const bool temporal = type == CorrelationType::temporal || type == CorrelationType::temporal_ordered;
        Slow slow{type, 5 + static_cast<int>(dice() % 20), temporal ? 2 + static_cast<int>(dice() % 2) : 2 + static_cast<int>(dice() % 5), {}, {}, {}};
        std::string text(words);
        text.replace(text.find('N'), 1, std::to_string(slow.least));
        compile(format("title: c\ncorrelation: {{{}, group-by: [user], timespan: {}s}}\n", text, slow.span), {.lateness = std::chrono::seconds(1000)});
        ASSERT_THAT(problems_, IsEmpty());
        found_.clear();
        int now = 30;
        for (int i = 0; i < 80; ++i) {
            now += static_cast<int>(dice() % 6);
            const int at = now - (dice() % 3 == 0 ? static_cast<int>(dice() % 30) : 0);
            const std::string user(1, static_cast<char>('a' + dice() % 2));
            const auto rule = static_cast<std::uint32_t>(temporal ? dice() % 3 : 0);
            const std::string value = std::to_string(dice() % 4);
            correlator_->add({moment(at), rule, {{"user", user}, {"v", value}}, 0}, use());
            slow.add(user, {at, rule, value});
        }
        std::vector<std::string> ours;
        for (const std::string& one : found_) {
            const auto parts = split(one, ' ');
            ours.push_back(format("{} {}", parts[1], parts[3]));
        }
        ASSERT_EQ(ours, slow.found) << text << " seed " << seed;
        found += ours.size();
    }
    EXPECT_GT(found, 500U);
}

TEST_F(Correlator, AFloodNeitherHidesNorSlowsWhatIsCounted) {
    compile("title: sum\ncorrelation: {type: value_sum, rules: [sent], group-by: [user], timespan: 1h, condition: {field: v, gt: 30000}}\n---\n"
            "title: values\ncorrelation: {type: value_count, rules: [sent], group-by: [user], timespan: 1h, condition: {field: host, gte: 3}}\n---\n"
            "title: many\ncorrelation: {type: event_count, rules: [sent], group-by: [user], timespan: 1h, condition: {gte: 100000}}\n---\n"
            "title: exact\ncorrelation: {type: event_count, rules: [sent], group-by: [user], timespan: 1h, condition: {eq: 120000}}\n");
    const auto sent = [&](int second, std::string_view host) { correlator_->add({moment(second), 2, {{"user", "a"}, {"v", "1"}, {"host", std::string(host)}}, 0}, use()); };
    sent(0, "two");
    for (int i = 0; i < 119'998; ++i) sent(1 + i / 60, "one");
    sent(3000, "three");
    end();
    EXPECT_EQ(correlator_->counts().forgotten_occurrences, 0U);
    EXPECT_THAT(found_, ElementsAre("sum 0-500 3e+04 user=a", "many 0-1667 1e+05 user=a", "values 0-3000 3 user=a", "exact 0-3000 1.2e+05 user=a"));
}

TEST_F(Correlator, AGroupForEachEventIsJudgedWhenItsTimespanIsOver) {
    compile("title: alone\ncorrelation: {type: event_count, rules: [sent], group-by: [user], timespan: 60s, condition: {eq: 1}}\n", {.groups = 1'000'000});
    for (int i = 0; i < 200'000; ++i) correlator_->add({moment(i), 2, {{"user", std::to_string(i)}}, 0}, use());
    EXPECT_EQ(found_.size(), 200'000U - 361U) << "a minute for the group and five for late ones are not over";
    end();
    EXPECT_EQ(found_.size(), 200'000U);
}

// Told once in a timespan is for who reads it; what counts it hears of each time that it holds.
TEST_F(Correlator, AnInnerCorrelationIsHeardOfAgainWithinItsTimespan) {
    compile(R"(title: many failed
name: many_failed
correlation: {type: event_count, rules: [failed], group-by: [user], timespan: 1h, condition: {gte: 10}}
---
title: broken in
correlation: {type: temporal_ordered, rules: [many_failed, worked], group-by: [user], timespan: 5m}
)");
    for (int second = 0; second <= 1800; second += 10) event(second, "failed", {{"user", "eve"}});
    event(1805, "worked", {{"user", "eve"}});
    ASSERT_EQ(found_.size(), 1U);
    EXPECT_TRUE(found_.front().starts_with("broken in ")) << found_.front();
}

TEST_F(Correlator, ChainsAreBounded) {
    std::string text;
    for (int level = 0; level < 26; ++level) {
        for (const char side : {'a', 'b'}) {
            const std::string rules = level == 0 ? "failed, worked" : format("a{}, b{}", level - 1, level - 1);
            text += format("title: {0}{1}\nname: {0}{1}\ncorrelation: {{type: temporal, rules: [{2}], group-by: [user], timespan: 1h}}\n---\n", side, level, rules);
        }
    }
    compile(text.substr(0, text.size() - 4));
    EXPECT_EQ(correlator_->size(), 32U);
    EXPECT_THAT(problems_, testing::Contains(testing::HasSubstr("over more than 16 steps")));
    event(0, "failed", {{"user", "a"}});
    event(1, "worked", {{"user", "a"}});
    EXPECT_THAT(found_, testing::UnorderedElementsAre("a15 1-1 2 user=a", "b15 1-1 2 user=a"));
}

}  // namespace
}  // namespace madang::security
