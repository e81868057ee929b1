#include "learning/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <random>

#include "base/text.h"
#include "learning/model_store.h"
#include "learning/record.h"
#include "security/testing.h"

namespace madang::learning {
namespace {

using testing::HasSubstr;

constexpr std::string_view kProtocol = R"({"name": "tiny", "columns": [{"name": "size"}, {"name": "port", "kind": "category"}, {"name": "rate"}, {"name": "label", "kind": "label"}],
  "candidates": [{"name": "plain", "rounds": 20, "depth": 4, "even_types": true}], "folds": 2, "seed": 3, "false_alarms": 0.05, "label_weight": 20})";

std::string made_data(std::uint64_t seed) {
    std::mt19937_64 dice(seed);
    std::string text;
    for (int i = 0; i < 800; ++i) {
        switch (dice() % 4) {
            case 0: text += format("{},http,0.{},flood\n", 10 + dice() % 30, 80 + dice() % 20); break;
            case 1: text += format("{},ftp,0.{},theft\n", 5000 + dice() % 4000, 10 + dice() % 10); break;
            default: text += format("{},ssh,0.{},normal\n", 20 + dice() % 180, 10 + dice() % 20); break;
        }
    }
    return text;
}

class AnalystLabels : public testing::Test {
protected:
    Trained trained_with(const std::vector<Label>& labels) {
        TableReader reader(protocol_);
        EXPECT_TRUE(reader.read_text(made_data(1), "data"));
        for (const Label& one : labels) EXPECT_TRUE(reader.read_text(one.record, "labels"));
        auto made = train(protocol_, *reader.finish(), 1, {}, labels.size());
        EXPECT_TRUE(made) << made.error().message;
        return std::move(*made);
    }
    static float probability(const Model& model, std::string_view line) {
        TableReader reader(model.protocol, &model.features);
        EXPECT_TRUE(reader.read_text(line, "one"));
        const auto made = reader.finish();
        return score(model, {made->table.values, made->table.width})->front();
    }
    static Label label(std::string record, std::string type, std::string reason = "") { return {{}, "1:2:3:tiny", std::move(record), std::move(type), "A. Kim", std::move(reason)}; }

    const security::TestFolder own_;
    const Path& folder_ = own_.path();
    ManualClock clock_{Instant(std::chrono::seconds(1'790'000'000))};
    SeededRandom random_{5};
    Protocol protocol_ = *parse_protocol(kProtocol, "p");
};

TEST_F(AnalystLabels, AreKeptSignedAndTheLastOfARecordCounts) {
    ModelStore store = *ModelStore::open(folder_, clock_, random_);
    EXPECT_TRUE(store.labels("tiny")->all.empty());
    ASSERT_TRUE(store.add_labels("tiny", protocol_, {label("700,ssh,0.1,", "theft", "it copied the register"), label("800,ssh,0.1,", "normal")}));
    clock_.advance(std::chrono::hours(1));
    ASSERT_TRUE(store.add_labels("tiny", protocol_, {label("700,ssh,0.1,theft", "normal", "a backup")}));
    const auto read = store.labels("tiny");
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(read->all.size(), 3U);
    EXPECT_EQ(read->all[0].record, "700,ssh,0.1,theft");
    EXPECT_EQ(read->all[0].reason, "it copied the register");
    EXPECT_EQ(read->all[2].at, clock_.now());
    EXPECT_EQ(read->sha256.size(), 64U);
    EXPECT_EQ(store.labels("tiny", 2)->all.size(), 2U);
    const auto counting = labels_in_effect(protocol_, read->all);
    ASSERT_EQ(counting->size(), 2U);
    EXPECT_EQ(counting->front().record, "700,ssh,0.1,normal");
    // Nothing of a batch is kept where one is wrong.
    EXPECT_THAT(store.add_labels("tiny", protocol_, {label("1,ssh,0.1,", "x"), label("1,ssh,fast,", "x")}).error().message, HasSubstr("rate: \"fast\" is no number"));
    EXPECT_FALSE(store.add_labels("tiny", protocol_, {{{}, "", "1,ssh,0.1,", "x", " ", ""}})) << "somebody must have said it";
    EXPECT_EQ(store.labels("tiny")->all.size(), 3U);
    const Path file = folder_ / "tiny/labels.jsonl";
    const std::string good = *read_file(file);
    std::string bad = good;
    bad.replace(bad.find("theft"), 5, "thief");
    ASSERT_TRUE(write_file_whole(file, bad));
    EXPECT_THAT(store.labels("tiny").error().message, HasSubstr("line 1 is not signed by this folder's key"));
    ASSERT_TRUE(write_file_whole(file, good.substr(good.find('\n') + 1)));
    EXPECT_EQ(store.labels("tiny").error().code, Code::corrupted) << "the first was taken out";
}

TEST_F(AnalystLabels, TeachTheNextModelAndAreNoPartOfWhatIsJudged) {
    ModelStore store = *ModelStore::open(folder_, clock_, random_);
    const Trained before = trained_with({});
    const std::string_view odd = "4000,http,0.15,normal";
    ASSERT_GT(probability(before.model, odd), before.model.threshold) << "a false alarm";
    std::vector<Label> said;
    for (int i = 0; i < 5; ++i) said.push_back(label(format("{},http,0.15,normal", 3900 + 50 * i), "normal"));
    said.push_back(label("150,gopher,0.2,tunnel", "tunnel"));   // a type and a port that the data do not have
    const Trained after = trained_with(said);
    EXPECT_LT(probability(after.model, odd), probability(before.model, odd) / 4);
    EXPECT_GT(probability(after.model, "150,gopher,0.2,x"), probability(before.model, "150,gopher,0.2,x"));
    EXPECT_THAT(after.model.types, testing::Contains("tunnel"));
    EXPECT_EQ(after.taught, 6U);
    // Held-out figures and the threshold are of the data alone, to the last digit.
    EXPECT_EQ(json::serialize(to_json(after.tried[0].held_out)), json::serialize(to_json(before.tried[0].held_out)));
    EXPECT_EQ(after.model.threshold, before.model.threshold);
    ASSERT_TRUE(store.add_labels("tiny", protocol_, said));
    ASSERT_EQ(*store.keep(after, "aa", *store.labels("tiny")), 1);
    EXPECT_EQ(store.versions("tiny")->front().labels, 6U);
    ASSERT_TRUE(store.add_labels("tiny", protocol_, {label("1,ssh,0.1,", "normal")}));
    EXPECT_EQ(store.taught_to("tiny", 1)->size(), 6U) << "what came later was not taught to it";
    // What it was taught proves nothing of it.
    TableReader reader(protocol_, &after.model.features);
    ASSERT_TRUE(reader.read_text("3950,http,0.15,normal\n3951,http,0.15,normal\n150,gopher,0.2,tunnel\n", "test"));
    Table table = reader.finish()->table;
    std::vector<float> scores{0.1F, 0.2F, 0.3F};
    EXPECT_THAT(*leave_out_taught(protocol_, after.model.features, said, table, scores), testing::ElementsAre(1U));
    EXPECT_EQ(table.rows(), 1U);
    EXPECT_THAT(scores, testing::ElementsAre(0.2F));
    ASSERT_TRUE(write_file_whole(folder_ / "tiny/labels.jsonl", ""));
    EXPECT_EQ(store.taught_to("tiny", 1).error().code, Code::corrupted);
}

TEST_F(AnalystLabels, AloneTheyAreNoDataToLearnFrom) {
    TableReader reader(protocol_);
    ASSERT_TRUE(reader.read_text("1,ssh,0.1,normal\n2,ssh,0.1,flood\n3,ssh,0.1,theft\n", "data"));
    EXPECT_THAT(train(protocol_, *reader.finish(), 1, {}, 1).error().message, HasSubstr("at least two types of attacks"));
}

}  // namespace
}  // namespace madang::learning
