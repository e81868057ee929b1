#include "ledger/copy.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/text.h"
#include "ledger/testing.h"

namespace madang::ledger {
namespace {

class Copy : public testing::Test {
protected:
    Copy() {
        std::string pattern = testing::TempDir() + "madang-copy-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
    }
    ~Copy() override { std::filesystem::remove_all(folder_); }

    void fill(std::size_t count) {
        std::vector<Act> acts;
        for (std::size_t i = 0; i < count; ++i) acts.push_back(here_.act("case"));
        ASSERT_TRUE(here_.append(acts));
        ASSERT_TRUE(here_.ledger->integrate());
    }
    CopyVerdict verified() {
        const auto verdict = verify_copy(folder_, here_.ledger->verifier_key());
        EXPECT_TRUE(verdict) << verdict.error().message;
        return verdict.value_or(CopyVerdict{});
    }
    void change(const std::string& file, std::size_t offset) {
        std::string bytes = *read_file(folder_ / file);
        bytes[offset] = static_cast<char>(bytes[offset] ^ 1);
        ASSERT_TRUE(write_file_whole(folder_ / file, bytes));
    }

    ScratchLedger here_{"sqlite"};
    Path folder_;
};

TEST_F(Copy, IsWrittenBroughtForwardAndVerified) {
    EXPECT_EQ(export_copy(*here_.scratch, folder_).error().code, Code::not_found) << "an empty ledger";
    EXPECT_EQ(verify_copy(folder_, here_.ledger->verifier_key()).error().code, Code::not_found);
    fill(300);
    std::uint64_t last = 0;
    const auto first = export_copy(*here_.scratch, folder_, [&](std::uint64_t done, std::uint64_t) { last = done; });
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(first->size, 300U);
    EXPECT_EQ(last, 300U);
    EXPECT_TRUE(verified().good()) << verified().finding;
    EXPECT_TRUE(std::filesystem::exists(folder_ / "tile/0/001.p/44"));
    EXPECT_EQ(export_copy(*here_.scratch, folder_)->files_written, 0U);
    fill(400);
    EXPECT_TRUE(export_copy(*here_.scratch, folder_));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "tile/0/001.p")) << "the full tile has replaced it";
    EXPECT_EQ(verified().size, 700U);
    EXPECT_TRUE(verified().good());
}

TEST_F(Copy, NamesTheFirstWrongIndexAndWhatDisagrees) {
    fill(700);
    ASSERT_TRUE(export_copy(*here_.scratch, folder_));
    struct Case {
        const char* file;
        std::size_t offset;
        Wrong wrong;
        LeafIndex index;
    };
    const Case cases[] = {{"tile/entries/000", 2 + 13 * 48 + 30, Wrong::entries, 13}, {"tile/entries/002.p/188", 187 * 48 + 40, Wrong::entries, 699},
                          {"tile/0/000", 255 * 32, Wrong::tile, 255},                 {"tile/0/002.p/188", 0, Wrong::tile, 512},
                          {"tile/1/000.p/2", 33, Wrong::tile, 256}};
    for (const Case& one : cases) {
        change(one.file, one.offset);
        const CopyVerdict verdict = verified();
        EXPECT_EQ(verdict.wrong, one.wrong) << one.file << ": " << verdict.finding;
        EXPECT_EQ(verdict.first_wrong, one.index) << one.file << ": " << verdict.finding;
        change(one.file, one.offset);
    }
    EXPECT_TRUE(verified().good());
    std::filesystem::rename(folder_ / "tile/0/001", folder_ / "away");
    EXPECT_EQ(verified().wrong, Wrong::tile);
    EXPECT_EQ(verified().first_wrong, 256U);
    std::filesystem::rename(folder_ / "away", folder_ / "tile/0/001");
    std::filesystem::resize_file(folder_ / "tile/entries/001", 100);
    EXPECT_EQ(verified().wrong, Wrong::entries);
    EXPECT_EQ(verified().first_wrong, 256U);
    // Exporting again heals what is there.
    EXPECT_EQ(export_copy(*here_.scratch, folder_)->files_written, 1U);
    EXPECT_TRUE(verified().good());
    change("checkpoint", 25);
    EXPECT_EQ(verified().wrong, Wrong::checkpoint);
}

TEST_F(Copy, IsNotTakenFromAnotherLogOrAShorterOne) {
    fill(10);
    ASSERT_TRUE(export_copy(*here_.scratch, folder_));
    ScratchLedger other("sqlite");
    EXPECT_EQ(verify_copy(folder_, other.ledger->verifier_key()).error().code, Code::denied);
    ASSERT_TRUE(other.append(other.act("case")));
    ASSERT_TRUE(other.ledger->integrate());
    const auto shorter = export_copy(*other.scratch, folder_);
    ASSERT_FALSE(shorter);
    EXPECT_EQ(shorter.error().code, Code::conflict);
    EXPECT_TRUE(verified().good()) << "nothing was written";
}

}  // namespace
}  // namespace madang::ledger
