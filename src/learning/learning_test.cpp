#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <numeric>
#include <random>

#include "base/random.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "learning/baseline.h"
#include "learning/domain_names.h"
#include "learning/http_features.h"
#include "learning/model_store.h"
#include "learning/training.h"
#include "security/testing.h"

namespace madang::learning {
namespace {

using testing::HasSubstr;

constexpr std::string_view kProtocol = R"({"name": "tiny", "columns": [{"name": "size", "words": "bytes sent"}, {"name": "port", "kind": "category", "words": "the port"},
  {"name": "rate"}, {"name": "label", "kind": "label"}, {"name": "note", "kind": "ignored"}],
  "candidates": [{"name": "plain", "rounds": 10, "depth": 3}, {"name": "forest", "rounds": 10, "depth": 3, "trees_per_round": 2, "rows": 0.7, "columns": 0.9, "invented": 0.3, "even_types": true}],
  "folds": 2, "seed": 3, "false_alarms": 0.05})";

// Normal traffic is small and slow; the attacks are large, or fast, or both.
std::string made_data(std::size_t rows, std::uint64_t seed) {
    std::mt19937_64 dice(seed);
    const auto number = [&](double from, double to) { return std::uniform_real_distribution<double>(from, to)(dice); };
    std::string text;
    for (std::size_t i = 0; i < rows; ++i) {
        switch (dice() % 6) {
            case 0: text += format("{:.2f},http,{:.3f},flood,x\n", number(10, 40), number(0.8, 1)); break;
            case 1: text += format("{:.2f},ftp,{:.3f},theft,x\n", number(5000, 9000), number(0, 0.2)); break;
            case 2: text += format("{:.2f},ssh,{:.3f},guess,x\n", number(100, 300), number(0.7, 1)); break;
            default: text += format("{:.2f},{},{:.3f},normal,x\n", number(20, 200), dice() % 2 == 0 ? "http" : "ssh", number(0, 0.3)); break;
        }
    }
    return text;
}

Protocol protocol() { return *parse_protocol(kProtocol, "tiny.json"); }

TableReader::Made table_of(const Protocol& protocol, std::string_view text, const Features* features = nullptr) {
    TableReader reader(protocol, features);
    EXPECT_TRUE(reader.read_text(text, "data"));
    return *reader.finish();
}

class Learning : public testing::Test {
protected:
    Trained trained(std::uint64_t seed = 1) {
        static const Protocol plan = protocol();
        auto made = train(plan, table_of(plan, made_data(1200, seed)), 1);
        EXPECT_TRUE(made) << made.error().message;
        return std::move(*made);
    }
    const security::TestFolder own_;
    const Path folder_ = own_.path() / "models";
    ManualClock clock_{Instant(std::chrono::seconds(1'790'000'000))};
    SeededRandom random_{5};
};

TEST(LearningProtocol, SaysWhereItIsWrong) {
    const auto error = [](std::string from, std::string_view to) {
        std::string text(kProtocol);
        text.replace(text.find(from), from.size(), to);
        return parse_protocol(text, "p").error().message;
    };
    EXPECT_EQ(error("\"rounds\": 10, \"depth\": 3}", "\"rounds\": 10, \"deepth\": 3}"), "p: candidates[0]: there is no key \"deepth\"; did you mean \"depth\"?");
    EXPECT_EQ(error("\"kind\": \"label\"", "\"kind\": \"number\""), "p: one column is the label");
    EXPECT_EQ(error("\"name\": \"rate\"", "\"name\": \"size\""), "p: columns[2]: each column has a name of its own");
    EXPECT_EQ(error("\"rounds\": 10", "\"rounds\": 1e9"), "p: candidates[0]: \"rounds\" is from 1 to 2000");
    EXPECT_EQ(error("\"tiny\"", "\"../tiny\""), "p: \"name\" has 1 to 60 small letters, digits and hyphens");
    EXPECT_TRUE(shipped_protocol("network-flows"));
    EXPECT_TRUE(shipped_protocol("http-requests"));
    EXPECT_EQ(shipped_protocol("other").error().code, Code::not_found);
}

TEST(LearningTable, ReadsRecordsAndSaysWhichIsWrong) {
    const Protocol plan = protocol();
    const auto made = table_of(plan, "size,port,rate,label,note\n1,http,0.5,normal,x\r\n2,ssh,0.25,flood.,y\n3,http,1,normal\n");
    EXPECT_EQ(made.table.rows(), 3U);
    ASSERT_EQ(made.features.size(), 4U);
    EXPECT_EQ(made.features.all[1].name, "port=http");
    EXPECT_THAT(made.table.values, testing::ElementsAre(1, 1, 0, 0.5, 2, 0, 1, 0.25, 3, 1, 0, 1));
    EXPECT_THAT(made.table.types, testing::ElementsAre("normal", "flood"));
    const auto other = table_of(plan, "1,gopher,0.5,normal,x\n", &made.features);
    EXPECT_THAT(other.table.values, testing::ElementsAre(1, 0, 0, 0.5)) << "a port that training did not know is none of them";
    const auto error = [&](std::string_view text) {
        TableReader reader(plan);
        return reader.read_text(text, "f.csv").error().message;
    };
    EXPECT_EQ(error("1,http,0.5,normal,x\n2,ssh,fast,normal,x\n"), "f.csv:2: rate: \"fast\" is no number; one that is not known is left empty");
    EXPECT_EQ(error("1,http,nan,normal,x\n"), "f.csv:1: rate: \"nan\" is no number; one that is not known is left empty");
    EXPECT_EQ(error("1,http,1e99,normal,x\n"), "f.csv:1: rate: \"1e99\" is no number; one that is not known is left empty");
    EXPECT_EQ(error("1,http,0.5\n"), "f.csv:1: 3 columns where the protocol has 5");
    EXPECT_EQ(error("1,http,0.5,normal,x,y\n"), "f.csv:1: more than the 5 columns of the protocol");
    EXPECT_THAT(error(std::string(70'000, '1')), HasSubstr("a record of more than"));
}

TEST(LearningTable, ColumnsMayStandInAnotherOrderWhereTheFirstLineNamesThem) {
    const Protocol plan = protocol();
    const std::string_view text = "\xef\xbb\xbf\"Label\",rate,,port,size\r\nnormal,0.5,0,http,1\r\n\"flood\",,1,\"a,b\",?\r\n";
    TableReader reader(plan);
    ASSERT_TRUE(reader.read_text(text, "f.csv"));
    EXPECT_EQ(reader.missing(), 2U);
    const auto made = *reader.finish();
    EXPECT_THAT(made.table.types, testing::ElementsAre("normal", "flood"));
    ASSERT_EQ(made.features.size(), 4U);
    EXPECT_EQ(made.features.all[1].name, "port=a,b");
    const std::vector<float> first(made.table.values.begin(), made.table.values.begin() + 4);
    EXPECT_THAT(first, testing::ElementsAre(1, 0, 1, 0.5));
    EXPECT_TRUE(std::isnan(made.table.row(1)[0])) << "not known is not 0";
    EXPECT_THAT(TableReader::lines_at(plan, text, {0}), testing::ElementsAre("1,http,0.5,normal,")) << "a label can be given to it";
    const auto error = [&](std::string_view given) {
        TableReader other(plan);
        return other.read_text(given, "f.csv").error().message;
    };
    EXPECT_EQ(error("size,port,label\n1,http,normal\n"), "f.csv:1: the column rate is not named");
    EXPECT_EQ(error("size,port,rate,label,size\n"), "f.csv:1: the column size is named twice");
    EXPECT_EQ(error("size,port,rate,label\n1,http,0.5,normal,x\n"), "f.csv:2: 5 columns where the first line names 4");
}

TEST_F(Learning, NumbersThatAreNotKnownCountAsUsual) {
    const Trained made = trained();
    const auto gap = table_of(made.model.protocol, ",http,0.1,normal,x\n", &made.model.features);
    const auto whole = table_of(made.model.protocol, format("{},http,0.1,normal,x\n", made.model.usual[0]), &made.model.features);
    EXPECT_EQ(*score(made.model, {gap.table.values, gap.table.width}), *score(made.model, {whole.table.values, whole.table.width}));
    const auto reasons = explain(made.model, {gap.table.values, gap.table.width}, 10);
    ASSERT_TRUE(reasons) << reasons.error().message;
    EXPECT_TRUE(std::ranges::any_of(reasons->front(), [](const Reason& one) { return one.words.contains("bytes sent is not known (taken as "); }));
    // Gaps in the training data as well: no usual value, calibration or threshold becomes "not a number".
    const Protocol plan = protocol();
    std::string text = made_data(1200, 1);
    for (std::size_t at = 0, line = 0; (at = text.find('\n', at)) != std::string::npos && at + 1 < text.size(); ++at) {
        if (++line % 7 == 0) text.replace(at + 1, text.find(',', at) - at - 1, "?");
    }
    const auto with_gaps = train(plan, table_of(plan, text), 1);
    ASSERT_TRUE(with_gaps) << with_gaps.error().message;
    for (const float usual : with_gaps->model.usual) EXPECT_TRUE(std::isfinite(usual));
    EXPECT_GT(with_gaps->tried[with_gaps->best].held_out.mean_recall(), 0.5);
}

TEST_F(Learning, FindsTypesThatWereHeldOut) {
    const Trained made = trained();
    ASSERT_EQ(made.tried.size(), 2U);
    const Report& best = made.tried[made.best].held_out;
    EXPECT_GE(best.mean_recall(), made.tried[1 - made.best].held_out.mean_recall());
    EXPECT_NEAR(best.false_alarm_rate(), 0.05, 0.01);
    EXPECT_GT(best.mean_recall(), 0.6);
    const auto fresh = table_of(made.model.protocol, made_data(500, 99), &made.model.features);
    const auto probability = score(made.model, {fresh.table.values, fresh.table.width});
    ASSERT_TRUE(probability);
    const Report report = judge(fresh.table, "normal", *probability, made.model.threshold, made.model.types);
    EXPECT_GT(report.recall(), 0.97);
    EXPECT_LT(report.false_alarm_rate(), 0.12);
    EXPECT_EQ(report.true_attacks + report.missed + report.false_alarms + report.true_normals, 500U);
    EXPECT_GT(report.auc, 0.98);
}

TEST_F(Learning, TheSameDataGiveTheSameModel) {
    const Trained one = trained();
    const Trained two = trained();
    EXPECT_EQ(*one.model.booster.save(), *two.model.booster.save());
    EXPECT_EQ(one.model.threshold, two.model.threshold);
}

TEST_F(Learning, SaysWhatSpokeForIt) {
    const Trained made = trained();
    const auto record = table_of(made.model.protocol, "7000,ftp,0.1,theft,x\n", &made.model.features);
    const auto reasons = explain(made.model, {record.table.values, record.table.width}, 2);
    ASSERT_TRUE(reasons) << reasons.error().message;
    ASSERT_EQ(reasons->front().size(), 2U);
    EXPECT_THAT(reasons->front().front().words, testing::AnyOf(HasSubstr("bytes sent is 7000 (usually "), HasSubstr("the port is ftp (usually in 0 % of records)")));
    EXPECT_GT(reasons->front().front().adds, 0);
    // What the features add and what all begin with is the margin.
    const auto all = made.model.booster.contributions({record.table.values, record.table.width});
    const auto margin = made.model.booster.margins({record.table.values, record.table.width});
    EXPECT_NEAR(std::accumulate(all->begin(), all->end(), 0.0F), margin->front(), 1e-3);
    const auto quick = made.model.booster.contributions({record.table.values, record.table.width}, Booster::Adds::quick);
    EXPECT_NEAR(std::accumulate(quick->begin(), quick->end(), 0.0F), margin->front(), 1e-3);
}

TEST_F(Learning, NeedsTypesToHoldOut) {
    const Protocol plan = protocol();
    EXPECT_THAT(train(plan, table_of(plan, "1,http,0.5,normal,x\n2,http,0.5,flood,x\n"), 1).error().message, HasSubstr("at least two types"));
    EXPECT_THAT(train(plan, table_of(plan, "1,http,0.5,theft,x\n2,http,0.5,flood,x\n"), 1).error().message, HasSubstr("no record is labelled \"normal\""));
}

TEST_F(Learning, VersionsAreApprovedAndTakenBack) {
    ModelStore store = *ModelStore::open(folder_, clock_, random_);
    ASSERT_EQ(*store.keep(trained(1), "aa"), 1);
    ASSERT_EQ(*store.keep(trained(2), "bb"), 2);
    EXPECT_EQ(store.load("tiny").error().code, Code::not_found) << "nothing counts before a person said so";
    EXPECT_EQ(store.roll_back("tiny", "A. Kim", "").error().code, Code::conflict);
    ASSERT_TRUE(store.approve("tiny", 1, "A. Kim", "report read"));
    EXPECT_EQ(store.approve("tiny", 1, "A. Kim", "").error().code, Code::conflict);
    EXPECT_EQ(store.approve("tiny", 7, "A. Kim", "").error().code, Code::not_found);
    ASSERT_TRUE(store.approve("tiny", 2, "A. Kim", ""));
    EXPECT_TRUE(store.versions("tiny")->back().approved);
    EXPECT_EQ(*store.roll_back("tiny", "B. Lee", "false alarms"), 1);
    EXPECT_EQ(store.roll_back("tiny", "B. Lee", "").error().code, Code::conflict) << "nothing counted before";
    const auto lines = store.history("tiny");
    ASSERT_TRUE(lines) << lines.error().message;
    EXPECT_EQ(lines->back().by, "B. Lee");
    const auto model = store.load("tiny");
    ASSERT_TRUE(model) << model.error().message;
    const Trained fresh = trained(1);
    const auto record = table_of(model->protocol, "7000,ftp,0.1,theft,x\n", &model->features);
    EXPECT_EQ(*score(*model, {record.table.values, record.table.width}), *score(fresh.model, {record.table.values, record.table.width}));
    EXPECT_EQ(model->threshold, fresh.model.threshold);
}

TEST_F(Learning, WhatWasChangedIsNotUsed) {
    ModelStore store = *ModelStore::open(folder_, clock_, random_);
    ASSERT_TRUE(store.keep(trained(), "aa"));
    ASSERT_TRUE(store.approve("tiny", 1, "A. Kim", ""));
    const Path manifest = folder_ / "tiny/0001/manifest.json";
    const std::string before = *read_file(manifest);
    std::string changed = before;
    changed.replace(changed.find("\"threshold\""), 11, "\"thresholt\"");
    ASSERT_TRUE(write_file_whole(manifest, changed));
    EXPECT_EQ(store.load("tiny").error().code, Code::corrupted);
    ASSERT_TRUE(write_file_whole(manifest, before));
    const Path model = folder_ / "tiny/0001/model.ubj";
    std::string bytes = *read_file(model);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] + 1);
    ASSERT_TRUE(write_file_whole(model, bytes));
    EXPECT_THAT(store.load("tiny").error().message, HasSubstr("is not what was trained"));
    const Path history = folder_ / "tiny/history.jsonl";
    std::string lines = *read_file(history);
    lines.replace(lines.find("A. Kim"), 6, "B. Lee");
    ASSERT_TRUE(write_file_whole(history, lines));
    EXPECT_THAT(store.history("tiny").error().message, HasSubstr("line 1 is not signed"));
    EXPECT_EQ(Booster::load(as_bytes(std::string_view("no model")), 3).error().code, Code::corrupted);
}

TEST(LearningReport, CountsAndDraws) {
    Table table{.width = 0, .values = {}, .type = {0, 0, 1, 1, 2}, .types = {"normal", "flood", "<odd>"}};
    const Report report = judge(table, "normal", {0.1F, 0.9F, 0.8F, 0.2F, 0.95F}, 0.5, {"normal", "flood"});
    EXPECT_EQ(report.true_attacks, 2U);
    EXPECT_EQ(report.missed, 1U);
    EXPECT_EQ(report.false_alarms, 1U);
    EXPECT_DOUBLE_EQ(report.accuracy(), 0.6);
    EXPECT_DOUBLE_EQ(report.mean_recall(), 0.75);
    EXPECT_NEAR(report.auc, 4.0 / 6, 1e-9);   // of six pairs of attack and normal, four are in order
    EXPECT_THAT(in_words(report), HasSubstr("<odd> (new)"));
    EXPECT_THAT(draw_svg(report, "a <b>"), HasSubstr("<title>a &lt;b&gt;</title>"));
}

TEST(HttpFeatures, TellAttacksApart) {
    const auto of = [](std::string_view name, const HttpRequest& request) {
        const auto names = http_feature_names();
        const auto values = http_features(request);
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (names[i].name == name) return values[i];
        }
        return -1.0F;
    };
    EXPECT_EQ(of("sql_words", {"GET", "/a?id=1%2527%20UNION%2520SELECT%20x", ""}), 2);
    EXPECT_EQ(of("encoding_depth", {"GET", "/a?id=%2527", ""}), 2);
    EXPECT_EQ(of("parent_steps", {"GET", "/a/..%2f..%2fetc/passwd", ""}), 2);
    EXPECT_EQ(of("file_words", {"GET", "/a/..%2f..%2fetc/passwd", ""}), 1);
    EXPECT_EQ(of("template_marks", {"GET", "/?q=${jndi:ldap://x}", ""}), 3);
    EXPECT_EQ(of("parameters", {"POST", "/a?x=1&y=2", "z=3"}), 3);
    EXPECT_EQ(of("sql_words", {"GET", "/selection/union-square", ""}), 0);
    const Protocol plan = *shipped_protocol("http-requests");
    TableReader reader(plan);
    ASSERT_TRUE(reader.read_text("{\"target\":\"/a\",\"label\":\"normal\"}\n{\"path\":\"/a\",\"query\":\"x=<script>\",\"label\":\"xss\"}\n", "f"));
    EXPECT_EQ(reader.read_text("{\"label\":\"normal\"}\n", "f").error().message, "f:1: a request has a \"target\"");
    EXPECT_EQ(reader.finish()->table.rows(), 2U);
}

TEST(DomainNames, ThoseThatAProgramDrewAreTold) {
    for (const char* name : {"www.kqxvzjwptlmd.com", "x4f9q2z7k1b3.net", "a91c4f20d7be3355.info", "rkwqpzlvbnxt.co.uk"}) {
        const auto score = judge_domain(name);
        ASSERT_TRUE(score) << name;
        EXPECT_TRUE(score->generated) << name << ' ' << score->probability;
        EXPECT_FALSE(score->reasons.empty()) << name;
    }
    for (const char* name : {"www.google.com", "belarusbank.by", "gosuslugi.ru", "en.wikipedia.org", "windowsupdate.com", "news.bbc.co.uk", "stackoverflow.com.", "minsk-gov.by"}) {
        const auto score = judge_domain(name);
        EXPECT_TRUE(!score || !score->generated) << name;
    }
    for (const char* name : {"", "a", "10.0.0.1", "xn--e1afmkfd.xn--p1ai", "..", "ba.by"}) EXPECT_FALSE(judge_domain(name)) << name;
    EXPECT_FALSE(judge_domain(std::string(300, 'a')));
}

TEST(DomainNames, MostOfADrawnFamilyAndFewWords) {
    std::mt19937_64 dice(11);
    int found = 0;
    for (int i = 0; i < 1000; ++i) {
        std::string name;
        for (std::size_t n = 8 + dice() % 12; n > 0; --n) name += static_cast<char>('a' + dice() % 26);
        found += judge_domain(name + ".com")->generated ? 1 : 0;
    }
    EXPECT_GT(found, 950);
}

TEST(LearnedBaseline, NightsDifferFromDays) {
    Baselines all({}, std::chrono::hours(3));
    const Instant start(std::chrono::sys_days(std::chrono::year{2026} / 11 / 2));   // a Monday
    std::mt19937_64 dice(4);
    int alarms = 0;
    for (int hour = 0; hour < 24 * 28; ++hour) {
        const int local = (hour + 3) % 24;
        const int count = local >= 9 && local < 18 ? 200 + static_cast<int>(dice() % 40) : static_cast<int>(dice() % 3);
        for (int i = 0; i < count; ++i) alarms += all.add("alice", start + std::chrono::hours(hour) + std::chrono::seconds(i)).has_value() ? 1 : 0;
    }
    // While the first days are learned a morning is a surprise; later none is.
    EXPECT_LE(alarms, 3);
    std::optional<Unusual> found;
    const Instant night = start + std::chrono::days(28);   // 03:00 local
    int needed = 0;
    while (!found && needed < 300) found = all.add("alice", night + std::chrono::seconds(++needed));
    ASSERT_TRUE(found);
    EXPECT_LT(needed, 40);
    EXPECT_THAT(found->words, HasSubstr("between 03:00 and 04:00 on a working day, usually "));
    EXPECT_FALSE(all.add("alice", night + std::chrono::seconds(400))) << "once an hour";
}

TEST(LearnedBaseline, AMillionNamesAreBounded) {
    Baselines all({.entities = 1000}, std::chrono::hours(0));
    const Instant start(std::chrono::sys_days(std::chrono::year{2026} / 11 / 2));
    for (int i = 0; i < 1'000'000; ++i) all.add(std::to_string(i), start);
    EXPECT_EQ(all.entities(), 1000U);
    EXPECT_EQ(all.forgotten(), 999'000U);
    // Times from outside do no harm.
    EXPECT_FALSE(all.add("x", Instant::max() - std::chrono::hours(24)));
    EXPECT_FALSE(all.add("x", Instant::min() + std::chrono::hours(24)));
    EXPECT_FALSE(all.add("x", Instant::max() - std::chrono::hours(48)));
}

}  // namespace
}  // namespace madang::learning
