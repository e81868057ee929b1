#include "ledger/ledger.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <thread>

#include "base/text.h"
#include "ledger/copy.h"
#include "ledger/history.h"
#include "ledger/proof.h"
#include "ledger/testing.h"
#include "ledger/tile.h"

namespace madang::ledger {
namespace {

class LedgerTest : public testing::TestWithParam<std::string> {
protected:
    Checkpoint checkpoint() {
        const auto note = here_.ledger->checkpoint();
        EXPECT_TRUE(note) << note.error().message;
        const auto opened = open_checkpoint(*note, verifier_key(here_.origin, here_.key.public_key()));
        EXPECT_TRUE(opened) << opened.error().message;
        return *opened;
    }
    void fill(std::size_t count, std::string_view subject = "case") {
        std::vector<Act> acts;
        for (std::size_t i = 0; i < count; ++i) acts.push_back(here_.act(format("{}-{}", subject, i % 10)));
        ASSERT_TRUE(here_.append(acts));
        for (;;) {
            const auto done = here_.ledger->integrate();
            ASSERT_TRUE(done) << done.error().message;
            if (*done == 0) break;
        }
    }
    void run(std::string_view sql, const store::Values& values = {}) {
        const auto done = here_.scratch->write([&](store::Tx& tx) -> Result<void> {
            TRY_DO(tx.execute(sql, values));
            return {};
        });
        ASSERT_TRUE(done) << done.error().message;
    }
    CopyVerdict verified() {
        const auto verdict = verify_store(*here_.scratch, here_.ledger->verifier_key());
        EXPECT_TRUE(verdict) << verdict.error().message;
        return verdict.value_or(CopyVerdict{});
    }
    std::string id_at(LeafIndex index) {
        std::string id;
        EXPECT_TRUE(here_.scratch->read<int>([&](store::Reader& reader) -> Result<int> {
            TRY_DO(reader.query("SELECT act_id FROM ledger_act a JOIN ledger_group g ON g.group_id = a.group_id WHERE g.first_index + a.ordinal = $1",
                                {static_cast<std::int64_t>(index)}, [&](const store::Row& row) -> Result<void> {
                                    id = row.text(0);
                                    return {};
                                }));
            return 0;
        }));
        return id;
    }

    ScratchLedger here_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Stores, LedgerTest, testing::ValuesIn(store::scratch_kinds()), [](const auto& info) { return info.param; });

TEST_P(LedgerTest, IsEmptyAndSignedAtFirst) {
    EXPECT_EQ(checkpoint(), (Checkpoint{here_.origin, 0, empty_root()}));
    EXPECT_EQ(here_.ledger->integrate(), 0U);
    EXPECT_EQ(here_.ledger->tile("tile/0/000").error().code, Code::not_found);
    EXPECT_TRUE(verified().good());
}

TEST_P(LedgerTest, ProvesAnActOnceItIsIntegrated) {
    const Act act = here_.act("case-1");
    ASSERT_TRUE(here_.append(act));
    const auto early = here_.ledger->proof(act.id);
    EXPECT_TRUE(early && !early->has_value());
    EXPECT_EQ(here_.ledger->proof(make_id<ActId>(here_.clock, here_.random)).error().code, Code::not_found);
    EXPECT_EQ(here_.ledger->integrate(), 1U);
    fill(300);
    const auto proof = here_.ledger->proof(act.id);
    ASSERT_TRUE(proof && *proof);
    const auto proven = verify_proof(**proof, here_.ledger->verifier_key());
    ASSERT_TRUE(proven) << proven.error().message;
    EXPECT_EQ(proven->act.id, act.id);
    EXPECT_EQ(proven->act.at, act.at);
    EXPECT_EQ(proven->index, 0U);
    EXPECT_EQ(proven->checkpoint, checkpoint());
}

TEST_P(LedgerTest, NoChangedLetterOfAProofVerifies) {
    const Act act = here_.act("case-1");
    ASSERT_TRUE(here_.append(act));
    fill(20);
    const std::string proof = **here_.ledger->proof(act.id);
    const std::string key = here_.ledger->verifier_key();
    ASSERT_TRUE(verify_proof(proof, key));
    for (std::size_t i = 0; i < proof.size(); ++i) {
        std::string changed = proof;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(verify_proof(changed, key)) << i;
    }
    EXPECT_EQ(verify_proof(proof, format_verifier_key(here_.origin, crypto::Ed25519Key::generate(here_.random).public_key())).error().code, Code::denied);
}

TEST_P(LedgerTest, TakesAnActOnceAndLeavesNothingOfARollback) {
    const Act act = here_.act("case-1");
    ASSERT_TRUE(here_.append(act));
    EXPECT_EQ(here_.append(act).error().code, Code::conflict);
    const auto undone = here_.scratch->write([&](store::Tx& tx) -> Result<void> {
        TRY_DO(here_.ledger->append(tx, here_.act("case-2")));
        return fail(Code::conflict, "changed my mind");
    });
    EXPECT_FALSE(undone);
    Act bad = here_.act("case-3");
    bad.kind = "no kind";
    EXPECT_EQ(here_.append(bad).error().code, Code::invalid);
    EXPECT_EQ(here_.ledger->integrate(), 1U);
    EXPECT_EQ(checkpoint().size, 1U);
}

TEST_P(LedgerTest, GrowsOverTileBordersAndRestarts) {
    std::vector<Checkpoint> seen;
    for (const std::size_t count : {1, 255, 1, 200, 56, 700, 3}) {
        fill(count);
        here_.reopen();
        seen.push_back(checkpoint());
    }
    EXPECT_EQ(seen.back().size, 1216U);
    for (std::size_t i = 0; i < seen.size(); ++i) {
        for (std::size_t j = i; j < seen.size(); ++j) {
            const auto proof = here_.ledger->consistency_proof(seen[i].size, seen[j].size);
            ASSERT_TRUE(proof) << proof.error().message;
            EXPECT_TRUE(check_consistency(seen[i].size, seen[j].size, *proof, seen[i].root, seen[j].root));
        }
    }
    EXPECT_EQ(here_.ledger->consistency_proof(1, 1217).error().code, Code::invalid);
    const CopyVerdict verdict = verified();
    EXPECT_TRUE(verdict.good()) << verdict.finding;
    EXPECT_EQ(verdict.size, 1216U);
    EXPECT_EQ(here_.ledger->tile("tile/0/000")->size(), 8192U);
    EXPECT_EQ(here_.ledger->tile("tile/0/004.p/192")->size(), 192U * 32);
    EXPECT_EQ(here_.ledger->tile("tile/0/004.p/10"), here_.ledger->tile("tile/0/004.p/192")->substr(0, 320));
    EXPECT_EQ(here_.ledger->tile("tile/1/000.p/4")->size(), 128U);
    EXPECT_EQ(here_.ledger->tile("tile/entries/004.p/2")->size(), 2U * 48);
    EXPECT_EQ(here_.ledger->tile("tile/0/004.p/193").error().code, Code::not_found);
    EXPECT_EQ(here_.ledger->tile("tile/0/004").error().code, Code::not_found);
    EXPECT_EQ(here_.ledger->tile("tile/0/5").error().code, Code::invalid);
}

TEST_P(LedgerTest, LosesAndDoublesNothingWithManyWritersAndTwoIntegrators) {
    Ledger second(*here_.scratch, here_.key, here_.origin, here_.clock, here_.random);
    constexpr int kWriters = 4;
    constexpr int kEach = 40;
    std::atomic<bool> stop{false};
    std::thread other([&] {
        while (!stop) static_cast<void>(second.integrate());
    });
    here_.ledger->start();
    std::vector<std::thread> writers;
    for (int writer = 0; writer < kWriters; ++writer) {
        writers.emplace_back([&, writer] {
            for (int i = 0; i < kEach; ++i) EXPECT_TRUE(here_.append(here_.act(format("case-{}", writer))));
        });
    }
    for (auto& writer : writers) writer.join();
    for (int i = 0; i < 100 && checkpoint().size < kWriters * kEach; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    stop = true;
    other.join();
    here_.ledger->stop();
    EXPECT_EQ(checkpoint().size, static_cast<TreeSize>(kWriters * kEach));
    const CopyVerdict verdict = verified();
    EXPECT_TRUE(verdict.good()) << verdict.finding;
}

TEST_P(LedgerTest, GivesTheActsOfACaseInTheOrderOfTheLedger) {
    std::vector<Act> acts;
    for (int i = 0; i < 30; ++i) acts.push_back(here_.act(i % 2 == 0 ? "case-1" : "case-2", format("step.number_{}", i)));
    for (const Act& act : acts) ASSERT_TRUE(here_.append(act));
    ASSERT_TRUE(here_.ledger->integrate());
    ASSERT_TRUE(here_.append(here_.act("case-1", "case.closed")));
    const auto found = here_.scratch->read<std::vector<Act>>([&](store::Reader& reader) { return here_.ledger->acts_of(reader, "case-1"); });
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->size(), 16U);
    for (std::size_t i = 0; i < 15; ++i) EXPECT_EQ((*found)[i].kind, format("step.number_{}", 2 * i));
    EXPECT_EQ(found->back().kind, "case.closed");
}

TEST_P(LedgerTest, GivesAHistoryThatVerifiesAloneAndNamesAWrongAct) {
    fill(50);
    ASSERT_TRUE(here_.append(here_.act("case-3", "case.closed")));
    const auto text = here_.scratch->read<std::string>([&](store::Reader& reader) { return here_.ledger->history_of(reader, "case-3"); });
    ASSERT_TRUE(text) << text.error().message;
    const std::string key = here_.ledger->verifier_key();
    const auto history = verify_history(*text, key);
    ASSERT_TRUE(history) << history.error().message;
    EXPECT_EQ(history->acts.size(), 5U);
    EXPECT_EQ(history->pending, 1U);
    EXPECT_EQ(history->indices, (std::vector<LeafIndex>{3, 13, 23, 33, 43}));
    json::value value = *parse_json(*text);
    value.as_object()["acts"].as_array()[2].as_object()["act"].as_object()["capacity"] = "self";
    const auto wrong = verify_history(json::serialize(value), key);
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, Code::corrupted);
    EXPECT_TRUE(wrong.error().message.starts_with("acts[2]: ")) << wrong.error().message;
    EXPECT_EQ(here_.scratch->read<std::string>([&](store::Reader& reader) { return here_.ledger->history_of(reader, "none"); }).error().code, Code::not_found);
}

TEST_P(LedgerTest, NamesTheFirstActThatWasChangedWithSql) {
    fill(600);
    const std::pair<LeafIndex, const char*> changes[] = {
        {577, "UPDATE ledger_act SET content = replace(content, '1.3.4', '1.3.5') WHERE act_id = $1"},
        {300, "UPDATE ledger_act SET subject = 'another' WHERE act_id = $1"},
        {299, "UPDATE ledger_act SET kind = 'other.kind' WHERE act_id = $1"},
        {42, "DELETE FROM ledger_act WHERE act_id = $1"}};
    for (const auto& [index, sql] : changes) {
        run(sql, {id_at(index)});
        const CopyVerdict verdict = verified();
        EXPECT_EQ(verdict.wrong, Wrong::act) << sql;
        EXPECT_EQ(verdict.first_wrong, index) << verdict.finding;
    }
}

TEST_P(LedgerTest, TellsChangedEntriesFromAChangedTileAndACheckpoint) {
    fill(600);
    const auto change = [&](std::int64_t level, std::int64_t tile, std::size_t offset) {
        Bytes bytes = to_bytes(*here_.ledger->tile(level < 0 ? format("tile/entries/00{}", tile) : format("tile/{}/00{}", level, tile)));
        bytes[offset] ^= 1;
        run("UPDATE ledger_tile SET content = $3 WHERE level = $1 AND tile_index = $2", {level, tile, bytes});
    };
    change(-1, 1, 5 * 48 + 20);
    CopyVerdict verdict = verified();
    EXPECT_EQ(verdict.wrong, Wrong::entries);
    EXPECT_EQ(verdict.first_wrong, 261U) << verdict.finding;
    EXPECT_EQ(verdict.path, "tile/entries/001");
    change(-1, 1, 5 * 48 + 20);
    EXPECT_TRUE(verified().good());
    change(0, 1, 7 * 32 + 3);
    verdict = verified();
    EXPECT_EQ(verdict.wrong, Wrong::tile);
    EXPECT_EQ(verdict.first_wrong, 263U) << verdict.finding;
    EXPECT_EQ(verdict.path, "tile/0/001");
    change(0, 1, 7 * 32 + 3);
    std::string note = *here_.ledger->checkpoint();
    note[note.find('\n') + 1] = '7';
    run("UPDATE ledger_tree SET checkpoint = $1", {note});
    EXPECT_EQ(verified().wrong, Wrong::checkpoint);
}

TEST_P(LedgerTest, RefusesAStoreThatWasSetBackOrRewritten) {
    std::string pattern = testing::TempDir() + "madang-seen-XXXXXX";
    const Path folder = ::mkdtemp(pattern.data());
    const Path seen = folder / "checkpoint.seen";
    fill(300);
    ASSERT_TRUE(here_.ledger->guard_against_rollback(seen));
    fill(100);
    EXPECT_EQ(*read_file(seen), *here_.ledger->checkpoint());
    here_.reopen();
    EXPECT_TRUE(here_.ledger->guard_against_rollback(seen));

    // A future in which the store was longer.
    const std::string current = *read_file(seen);
    ASSERT_TRUE(write_file_whole(seen, sign_note(format_checkpoint({here_.origin, 500, empty_root()}), here_.origin, here_.key)));
    const auto back = here_.ledger->guard_against_rollback(seen);
    ASSERT_FALSE(back);
    EXPECT_EQ(back.error().code, Code::corrupted);
    EXPECT_NE(back.error().message.find("set back"), std::string::npos);
    // Another past of the same length.
    ASSERT_TRUE(write_file_whole(seen, sign_note(format_checkpoint({here_.origin, 300, empty_root()}), here_.origin, here_.key)));
    EXPECT_EQ(here_.ledger->guard_against_rollback(seen).error().code, Code::corrupted);
    ASSERT_TRUE(write_file_whole(seen, "not a note"));
    EXPECT_EQ(here_.ledger->guard_against_rollback(seen).error().code, Code::corrupted);
    ASSERT_TRUE(write_file_whole(seen, current));
    EXPECT_TRUE(here_.ledger->guard_against_rollback(seen));
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace madang::ledger
