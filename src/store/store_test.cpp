#include "store/store.h"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/text.h"
#include "store/copy.h"
#include "store/migrate.h"
#include "store/sqlite_store.h"
#include "store/testing.h"

namespace madang::store {
namespace {

const std::vector<Migration> kMigrations{
    {"t", 1, "create",
     "-- a comment; with a semicolon\nCREATE TABLE t_note (\n  id BIGINT NOT NULL,\n  body TEXT,\n  raw BYTEA,\n"
     "  part DOUBLE PRECISION,\n  PRIMARY KEY (id)\n);\nCREATE TABLE t_count (one BIGINT NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (one));\n"
     "INSERT INTO t_count (one, n) VALUES (1, 0);\n"}};

Result<std::int64_t> number(Reader& reader, const std::string& sql, const Values& values = {}) {
    TRY(const auto found, reader.first<std::int64_t>(sql, values, [](const Row& row) -> Result<std::int64_t> { return row.integer(0); }));
    return found.value_or(-1);
}

std::int64_t count(Store& store) {
    return *store.read<std::int64_t>([](Reader& reader) { return number(reader, "SELECT count(*) FROM t_note"); });
}

Result<void> insert(Store& store, std::int64_t id, const std::string& body = "x") {
    return store.write([&](Tx& tx) -> Result<void> {
        TRY_DO(tx.execute("INSERT INTO t_note (id, body) VALUES ($1, $2)", {id, body}));
        return {};
    });
}

class Stores : public testing::TestWithParam<std::string> {
protected:
    ScratchStore scratch_{GetParam(), kMigrations};
    Store& store_ = *scratch_;
};
INSTANTIATE_TEST_SUITE_P(Both, Stores, testing::ValuesIn(scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST(ScratchKinds, SaysWhenPostgresqlIsMissing) {
    if (scratch_kinds().size() < 2) GTEST_SKIP() << "MADANG_TEST_POSTGRES is not set: the PostgreSQL half of every store test is left out";
    EXPECT_EQ(scratch_kinds().back(), "postgresql");
}

TEST_P(Stores, KeepValuesAsTheyWereGiven) {
    const std::vector<Values> rows{
        {std::int64_t{1}, std::string("Даведка аб месцы жыхарства"), Bytes{0, 1, 255}, 0.1},
        {std::int64_t{2}, std::string(), Bytes{}, -1e300},
        {INT64_MAX, std::monostate{}, std::monostate{}, std::monostate{}},
        {INT64_MIN, std::string(100'000, 'y'), Bytes(100'000, 7), 0.0},
    };
    ASSERT_TRUE(store_.write([&](Tx& tx) {
        return tx.execute_many("INSERT INTO t_note (id, body, raw, part) VALUES ($1, $2, $3, $4)", rows);
    }));
    for (const Values& row : rows) {
        const auto read = store_.read<std::optional<Values>>([&](Reader& reader) {
            return reader.first<Values>("SELECT id, body, raw, part FROM t_note WHERE id=$1", {row[0]}, [](const Row& r) -> Result<Values> {
                Values values{r.integer(0)};
                values.push_back(r.is_null(1) ? Value{} : Value{std::string(r.text(1))});
                values.push_back(r.is_null(2) ? Value{} : Value{Bytes(r.bytes(2).begin(), r.bytes(2).end())});
                values.push_back(r.is_null(3) ? Value{} : Value{r.real(3)});
                return values;
            });
        });
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_EQ(**read, row);
    }
}

TEST_P(Stores, APlaceholderMayStandTwiceAndInAnyOrder) {
    const auto sum = store_.read<std::int64_t>([](Reader& reader) {
        return number(reader, "SELECT CAST($2 AS BIGINT) * 100 + CAST($1 AS BIGINT) * 10 + CAST($2 AS BIGINT)", {std::int64_t{2}, std::int64_t{1}});
    });
    EXPECT_EQ(sum.value_or(-1), 121);
}

TEST_P(Stores, TellAConflictFromAMistake) {
    ASSERT_TRUE(insert(store_, 1));
    EXPECT_EQ(insert(store_, 1).error().code, Code::conflict);
    const auto wrong = store_.write([](Tx& tx) -> Result<void> {
        TRY_DO(tx.execute("INSERT INTO nowhere VALUES (1)"));
        return {};
    });
    EXPECT_EQ(wrong.error().code, Code::invalid);
    const auto missing = store_.read<std::int64_t>([](Reader& reader) { return number(reader, "SELECT id FROM t_note WHERE id=$1 AND body=$2", {std::int64_t{1}}); });
    EXPECT_FALSE(missing);
    EXPECT_EQ(count(store_), 1);
}

TEST_P(Stores, AFailedClosureLeavesNothingAndRunsNoAction) {
    int actions = 0;
    const auto failed = store_.write([&](Tx& tx) -> Result<void> {
        TRY_DO(tx.execute("INSERT INTO t_note (id) VALUES (1)"));
        tx.after_commit([&] { ++actions; });
        return fail(Code::denied, "no");
    });
    EXPECT_EQ(failed.error(), (Error{Code::denied, "no"}));
    EXPECT_EQ(count(store_), 0);
    EXPECT_EQ(actions, 0);
    ASSERT_TRUE(store_.write([&](Tx& tx) -> Result<void> {
        tx.after_commit([&] { ++actions; });
        return {};
    }));
    EXPECT_EQ(actions, 1);
}

TEST_P(Stores, ManyWritersLoseNothingAndOneFailureHarmsNoOther) {
    constexpr int kThreads = 32;
    constexpr int kEach = 20;
    std::atomic<int> refused{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < kEach; ++i) {
                const auto written = store_.write([&](Tx& tx) -> Result<void> {
                    TRY_DO(tx.execute("INSERT INTO t_note (id) VALUES ($1)", {std::int64_t{t} * 1000 + i}));
                    if (i % 5 == 4) return fail(Code::invalid, "every fifth");
                    return {};
                });
                if (!written) ++refused;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(refused, kThreads * kEach / 5);
    EXPECT_EQ(count(store_), kThreads * kEach * 4 / 5);
}

TEST_P(Stores, ACounterThatManyRaiseIsExact) {
    // Read, add, write: without serializable transactions and their retry some of these would be lost.
    std::vector<std::thread> threads;
    std::atomic<int> done{0};
    for (int t = 0; t < 6; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 15; ++i) {
                const auto raised = store_.write([](Tx& tx) -> Result<void> {
                    TRY(const auto n, number(tx, "SELECT n FROM t_count WHERE one=1"));
                    TRY_DO(tx.execute("UPDATE t_count SET n=$1 WHERE one=1", {n + 1}));
                    return {};
                });
                if (raised) ++done;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    const auto n = store_.read<std::int64_t>([](Reader& reader) { return number(reader, "SELECT n FROM t_count WHERE one=1"); });
    EXPECT_EQ(n.value_or(-1), done);
    EXPECT_GT(done, 60);
}

TEST_P(Stores, AReaderSeesOneSnapshot) {
    ASSERT_TRUE(insert(store_, 1));
    const auto both = store_.read<std::pair<std::int64_t, std::int64_t>>([&](Reader& reader) -> Result<std::pair<std::int64_t, std::int64_t>> {
        TRY(const auto before, number(reader, "SELECT count(*) FROM t_note"));
        EXPECT_TRUE(insert(store_, 2));
        TRY(const auto after, number(reader, "SELECT count(*) FROM t_note"));
        return std::pair{before, after};
    });
    ASSERT_TRUE(both);
    EXPECT_EQ(both->first, both->second);
    EXPECT_EQ(count(store_), 2);
}

TEST_P(Stores, AReaderCannotWrite) {
    const auto written = store_.read<bool>([](Reader& reader) -> Result<bool> {
        TRY_DO(reader.query("INSERT INTO t_note (id) VALUES (1)", {}, [](const Row&) { return Result<void>(); }));
        return true;
    });
    EXPECT_FALSE(written);
    EXPECT_EQ(count(store_), 0);
}

TEST_P(Stores, MigrationsGoForwardOnceAndNoticeAnEdit) {
    ASSERT_TRUE(insert(store_, 1));
    auto steps = kMigrations;
    ASSERT_TRUE(store_.migrate(steps));  // nothing to do
    steps.push_back({"t", 2, "more", "ALTER TABLE t_note ADD COLUMN more TEXT;\n"});
    ASSERT_TRUE(store_.migrate(steps));
    scratch_.reopen();
    Store& again = *scratch_;
    ASSERT_TRUE(again.migrate(steps));
    EXPECT_EQ(count(again), 1);
    EXPECT_EQ(again.migrate(kMigrations).error().code, Code::conflict);  // an older program
    auto edited = steps;
    edited[0].sql += " ";
    EXPECT_EQ(again.migrate(edited).error().code, Code::corrupted);
    steps.push_back({"t", 3, "broken", "CREATE TABLE t_third (id BIGINT);\nCREATE TABLE t_third (id BIGINT);\n"});
    const auto broken = again.migrate(steps);
    ASSERT_FALSE(broken);
    EXPECT_NE(broken.error().message.find("step 3 of the tables of t"), std::string::npos);
    const auto half = again.read<std::int64_t>([](Reader& reader) { return number(reader, "SELECT count(*) FROM t_third"); });
    EXPECT_FALSE(half) << "a step that fails leaves nothing";
    steps.pop_back();
    steps.push_back({"t", 4, "gap", "SELECT 1;\n"});
    EXPECT_EQ(again.migrate(steps).error().code, Code::invalid);
}

TEST_P(Stores, AQueryMayAskTheSameWithinItsOwnCallback) {
    for (std::int64_t i = 0; i < 3; ++i) ASSERT_TRUE(insert(store_, i));
    const std::string sql = "SELECT id FROM t_note WHERE id >= $1 ORDER BY id";
    std::string seen;
    ASSERT_TRUE(store_.read<int>([&](Reader& reader) -> Result<int> {
        TRY_DO(reader.query(sql, {std::int64_t{0}}, [&](const Row& outer) -> Result<void> {
            seen += format("{}:", outer.integer(0));
            return reader.query(sql, {outer.integer(0)}, [&](const Row& inner) -> Result<void> {
                seen += format("{} ", inner.integer(0));
                return {};
            });
        }));
        return 0;
    }));
    EXPECT_EQ(seen, "0:0 1 2 1:1 2 2:2 ");
}

TEST_P(Stores, MoreStatementsThanAreKeptHarmNoOneThatRuns) {
    for (std::int64_t i = 0; i < 3; ++i) ASSERT_TRUE(insert(store_, i));
    int rows = 0;
    ASSERT_TRUE(store_.read<int>([&](Reader& reader) -> Result<int> {
        TRY_DO(reader.query("SELECT id FROM t_note ORDER BY id", {}, [&](const Row&) -> Result<void> {
            ++rows;
            for (int i = 0; i < 600; ++i) {
                TRY_DO(reader.query(format("SELECT {} FROM t_note WHERE id = $1", i), {std::int64_t{0}}, [](const Row&) { return Result<void>(); }));
            }
            return {};
        }));
        return 0;
    }));
    EXPECT_EQ(rows, 3);
}

TEST_P(Stores, AFailureThatIsPassedOverKeepsNothing) {
    ASSERT_TRUE(insert(store_, 1));
    const auto written = store_.write([&](Tx& tx) -> Result<void> {
        TRY_DO(tx.execute("INSERT INTO t_note (id, body) VALUES ($1, $2)", {std::int64_t{2}, std::string("b")}));
        (void)tx.execute("INSERT INTO t_note (id, body) VALUES ($1, $2)", {std::int64_t{1}, std::string("doubled")});
        return {};
    });
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, Code::conflict);
    const auto there = store_.read<std::int64_t>([](Reader& reader) { return number(reader, "SELECT count(*) FROM t_note WHERE id = 2"); });
    EXPECT_EQ(there.value_or(-1), 0);
}

TEST_P(Stores, AMissingValueIsAMistakeOfTheCaller) {
    const auto written = store_.write<std::int64_t>([&](Tx& tx) { return tx.execute("INSERT INTO t_note (id, body) VALUES ($1, $2)", {std::monostate{}, std::string("x")}); });
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, Code::invalid);
}

TEST_P(Stores, OnlyOneLeads) {
    auto other = open(scratch_.address());
    ASSERT_TRUE(other);
    EXPECT_EQ(store_.try_lead("ledger").value_or(false), true);
    EXPECT_EQ(store_.try_lead("ledger").value_or(false), true);
    EXPECT_EQ((*other)->try_lead("ledger").value_or(true), false);
    EXPECT_EQ((*other)->try_lead("mail").value_or(false), true);
    store_.stop_leading("ledger");
    EXPECT_EQ((*other)->try_lead("ledger").value_or(false), true);
}

TEST_P(Stores, ABackupUnderLoadRestoresToAStoreOfEitherKind) {
    std::vector<Values> rows;
    for (std::int64_t i = 0; i < 3000; ++i) rows.push_back({i, format("row {}", i), Bytes{static_cast<std::uint8_t>(i)}, static_cast<double>(i) / 3});
    ASSERT_TRUE(store_.write([&](Tx& tx) { return tx.execute_many("INSERT INTO t_note (id, body, raw, part) VALUES ($1,$2,$3,$4)", rows); }));
    std::atomic<bool> stop{false};
    std::thread writer([&] {
        for (std::int64_t i = 10'000; !stop; ++i) static_cast<void>(insert(store_, i));
    });
    std::string pattern = testing::TempDir() + "madang-backup-XXXXXX";
    const std::string folder = ::mkdtemp(pattern.data());
    const std::string copy = folder + "/copy.sqlite";
    const auto backed = store_.backup_to(copy);
    stop = true;
    writer.join();
    ASSERT_TRUE(backed) << backed.error().message;
    EXPECT_EQ(store_.backup_to(copy).error().code, Code::conflict);
    EXPECT_EQ(std::filesystem::status(copy).permissions() & std::filesystem::perms(077), std::filesystem::perms(0));
    for (const std::string& kind : scratch_kinds()) {
        ScratchStore fresh(kind, kMigrations);
        const RowCounts untouched = *count_rows(*fresh);
        const auto restored = restore_from(*fresh, copy, untouched);
        ASSERT_TRUE(restored) << restored.error().message;
        EXPECT_GE(restored->rows, 3001);
        const auto sum = fresh->read<std::int64_t>([](Reader& reader) { return number(reader, "SELECT count(*) FROM t_note WHERE id < 3000 AND raw IS NOT NULL AND part >= 0"); });
        EXPECT_EQ(sum.value_or(-1), 3000);
        EXPECT_EQ(restore_from(*fresh, copy, untouched).error().code, Code::conflict);
    }
    std::ofstream(copy, std::ios::in | std::ios::out).seekp(4096).write("damage in the head of a page", 28);
    ScratchStore fresh("sqlite", kMigrations);
    EXPECT_FALSE(restore_from(*fresh, copy, *count_rows(*fresh)));
    std::filesystem::remove_all(folder);
}

TEST_P(Stores, AKilledWriterLosesNothingItWasToldIsKept) {
    int acknowledged[2];
    ASSERT_EQ(::pipe(acknowledged), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        auto store = open(scratch_.address());
        for (std::int64_t i = 0; store; ++i) {
            if (insert(**store, i) && ::write(acknowledged[1], &i, sizeof i) != sizeof i) break;
        }
        ::_exit(1);
    }
    ::close(acknowledged[1]);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    std::int64_t last = -1;
    std::int64_t told = 0;
    while (::read(acknowledged[0], &last, sizeof last) == sizeof last) ++told;
    ::close(acknowledged[0]);
    EXPECT_GT(told, 0);
    EXPECT_GE(count(store_), told);
}

TEST_P(Stores, SayThatTheyAreWell) {
    const Health health = store_.health();
    EXPECT_TRUE(health.readable);
    EXPECT_TRUE(health.writable) << health.reason;
    EXPECT_EQ(health.reason, "");
    EXPECT_EQ(store_.kind(), GetParam());
}

TEST(SqliteStore, AFullDiskRefusesWritesAndResumesByItself) {
    if (::geteuid() != 0) GTEST_SKIP() << "a small file system of one's own needs root";
    std::string pattern = testing::TempDir() + "madang-full-XXXXXX";
    const std::string folder = ::mkdtemp(pattern.data());
    if (::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=4m") != 0) {
        std::filesystem::remove_all(folder);
        GTEST_SKIP() << "this container mounts no tmpfs";
    }
    {
        auto store = open_scratch(folder + "/full.sqlite", kMigrations);
        std::int64_t kept = 0;
        Result<void> written;
        while (kept < 10'000 && (written = insert(*store, kept, std::string(10'000, 'z')))) ++kept;
        ASSERT_FALSE(written);
        EXPECT_EQ(written.error().code, Code::exhausted) << written.error().message;
        EXPECT_FALSE(store->health().writable);
        EXPECT_TRUE(store->health().readable);
        EXPECT_EQ(count(*store), kept);
        ASSERT_EQ(::mount("tmpfs", folder.c_str(), "tmpfs", MS_REMOUNT, "size=32m"), 0);
        EXPECT_TRUE(store->health().writable);
        EXPECT_TRUE(insert(*store, 999'999));
        EXPECT_EQ(count(*store), kept + 1);
    }
    ::umount(folder.c_str());
    std::filesystem::remove_all(folder);
}

TEST(SqliteStore, KeepsItsFileToItself) {
    ScratchStore scratch("sqlite", kMigrations);
    EXPECT_EQ(std::filesystem::status(scratch.address()).permissions() & std::filesystem::perms::mask, std::filesystem::perms(0600));
}

TEST(SqliteStoreDeathTest, AWriteInsideAWriteIsABug) {
    EXPECT_DEATH(
        {
            ScratchStore scratch("sqlite", kMigrations);
            static_cast<void>(scratch->write([&](Tx&) { return insert(*scratch, 1); }));
        },
        "broken invariant");
}

TEST(OpenStore, SaysWhyItCannot) {
    EXPECT_EQ(open("/nowhere/at/all.sqlite").error().code, Code::unavailable);
    EXPECT_EQ(open("postgres://nobody@127.0.0.1:1/none").error().code, Code::unavailable);
    const std::string file = testing::TempDir() + "madang-not-a-store";
    std::ofstream(file) << std::string(4096, 'x');
    EXPECT_EQ(open(file).error().code, Code::corrupted);
    std::filesystem::remove(file);
}

TEST(StatementsOf, SplitsAtLineEndsOnly) {
    EXPECT_EQ(statements_of("-- a;\nCREATE TABLE a (b TEXT DEFAULT ';');\n\nSELECT 1;\n").size(), 2U);
}

}  // namespace
}  // namespace madang::store
