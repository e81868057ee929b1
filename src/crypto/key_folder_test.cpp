#include "crypto/key_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>

#include "base/time_text.h"

namespace madang::crypto {
namespace {

class Keys : public testing::Test {
protected:
    Keys() {
        std::string pattern = testing::TempDir() + "madang-keys-XXXXXX";
        scratch_ = ::mkdtemp(pattern.data());
        folder_ = scratch_ / "data" / "keys";
    }
    ~Keys() override { std::filesystem::remove_all(scratch_); }

    Result<KeyFolder> open() { return KeyFolder::open_or_create(folder_, "Belarus", random_, clock_); }

    Path scratch_;
    Path folder_;
    SystemRandom random_;
    ManualClock clock_{*parse_instant("2026-11-23T09:00:00Z")};
};

TEST_F(Keys, AreMadeOnceAndReadBack) {
    const auto made = open();
    ASSERT_TRUE(made) << made.error().message;
    const auto opened = open();
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(hex(opened->ledger_key().seed()), hex(made->ledger_key().seed()));
    EXPECT_EQ(hex(opened->certificate_key().seed()), hex(made->certificate_key().seed()));
    EXPECT_EQ(hex(opened->master_key()), hex(made->master_key()));
    EXPECT_EQ(hex(opened->session_key()), hex(made->session_key()));
    EXPECT_EQ(opened->documents().chain_pem(), made->documents().chain_pem());
    EXPECT_EQ(opened->documents().root_pem(), made->documents_root_pem());
    EXPECT_NE(hex(made->master_key()), hex(made->session_key()));
    EXPECT_NE(hex(made->ledger_key().seed()), hex(made->certificate_key().seed()));
    using std::filesystem::perms;
    EXPECT_EQ(std::filesystem::status(folder_).permissions(), perms::owner_all);
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
        EXPECT_EQ(entry.status().permissions(), perms::owner_read | perms::owner_write) << entry.path();
    }
}

TEST_F(Keys, AreOpenedFromAReadOnlyFolder) {
    ASSERT_TRUE(open());
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) ::chmod(entry.path().c_str(), 0400);
    ::chmod(folder_.c_str(), 0500);
    EXPECT_TRUE(KeyFolder::open(folder_));
    ::chmod(folder_.c_str(), 0700);
}

TEST_F(Keys, AreRefusedWhereOthersMayReadThem) {
    ASSERT_TRUE(open());
    ::chmod((folder_ / "master.key").c_str(), 0640);
    EXPECT_EQ(open().error().code, Code::denied);
    ::chmod((folder_ / "master.key").c_str(), 0600);
    ::chmod(folder_.c_str(), 0755);
    EXPECT_EQ(KeyFolder::open(folder_).error().code, Code::denied);
    ::chmod(folder_.c_str(), 0700);
    EXPECT_TRUE(open());
}

TEST_F(Keys, AreNeverMadeAnewBesideOthers) {
    ASSERT_TRUE(open());
    for (const char* file : {"ledger.key", "certificate.key", "master.key", "session.key", "index.key", "documents-root.pem", "documents-seal.pem"}) {
        const std::string content = *read_file(folder_ / file);
        std::filesystem::remove(folder_ / file);
        EXPECT_EQ(open().error().code, Code::not_found) << file;
        ASSERT_TRUE(write_file_whole(folder_ / file, "bm90IGEga2V5\n", Readable::by_owner));
        EXPECT_EQ(open().error().code, Code::corrupted) << file;
        ASSERT_TRUE(write_file_whole(folder_ / file, content, Readable::by_owner));
    }
    EXPECT_TRUE(open());
}

TEST_F(Keys, StartAgainAfterACrashWhileTheyWereMade) {
    std::filesystem::create_directories(folder_.string() + ".making");
    ASSERT_TRUE(write_file_whole(Path(folder_.string() + ".making") / "ledger.key", "half", Readable::by_owner));
    EXPECT_TRUE(open());
    EXPECT_FALSE(std::filesystem::exists(folder_.string() + ".making"));
}

TEST_F(Keys, RenewTheSealBeforeItsEndUnderTheSameRoot) {
    const auto first = open();
    clock_.advance(std::chrono::days(2 * 365));
    EXPECT_EQ(open()->documents().chain_pem(), first->documents().chain_pem());
    clock_.advance(std::chrono::days(300));
    const auto renewed = open();
    ASSERT_TRUE(renewed) << renewed.error().message;
    EXPECT_NE(renewed->documents().chain_pem(), first->documents().chain_pem());
    EXPECT_EQ(renewed->documents_root_pem(), first->documents_root_pem());
    const Bytes cms = sign_detached_cms(renewed->documents(), as_bytes("x"), clock_.now());
    EXPECT_TRUE(verify_detached_cms(as_bytes("x"), cms, first->documents_root_pem(), clock_.now())->chain_ok);
}

TEST_F(Keys, WorkWithoutTheRootsKeyUntilTheSealEnds) {
    ASSERT_TRUE(open());
    std::filesystem::remove(folder_ / "documents-root.key");
    EXPECT_TRUE(open());
    clock_.advance(std::chrono::days(3 * 365 - 10));
    EXPECT_TRUE(open());
    clock_.advance(std::chrono::days(20));
    EXPECT_EQ(open().error().code, Code::corrupted);
}

}  // namespace
}  // namespace madang::crypto
