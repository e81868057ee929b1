#include "base/file.h"

#include <gtest/gtest.h>

#include <fstream>

namespace madang {
namespace {

class Files : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "madang-files-XXXXXX";
        root_ = ::mkdtemp(pattern.data());
    }
    void TearDown() override { std::filesystem::remove_all(root_); }
    Path root_;
};

TEST_F(Files, WritesWholeAndReadsBack) {
    ASSERT_TRUE(write_file_whole(root_ / "a", "one"));
    ASSERT_TRUE(write_file_whole(root_ / "a", "two", Readable::by_owner));
    EXPECT_EQ(*read_file(root_ / "a"), "two");
    EXPECT_EQ(std::filesystem::status(root_ / "a").permissions() & std::filesystem::perms::mask, std::filesystem::perms(0600));
    EXPECT_FALSE(std::filesystem::exists(root_ / "a.new"));
    EXPECT_EQ(read_file(root_ / "a", 2).error().code, Code::exhausted);
    EXPECT_EQ(read_file(root_ / "b").error().code, Code::not_found);
}

TEST_F(Files, AFullDiskIsSaidAndTheOldContentStays) {
    // /dev/full refuses every write with ENOSPC; a link makes it the file that would be written.
    ASSERT_TRUE(write_file_whole(root_ / "a", "old"));
    std::filesystem::create_symlink("/dev/full", root_ / "a.new");
    const auto written = write_file_whole(root_ / "a", "new");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, Code::exhausted);
    EXPECT_EQ(*read_file(root_ / "a"), "old");
}

TEST_F(Files, ALockHasOneHolderAndIsFreeAfterwards) {
    {
        const auto first = FileLock::take(root_ / "lock");
        ASSERT_TRUE(first);
        const auto second = FileLock::take(root_ / "lock");
        ASSERT_FALSE(second);
        EXPECT_EQ(second.error().code, Code::conflict);
    }
    EXPECT_TRUE(FileLock::take(root_ / "lock"));
    EXPECT_EQ(FileLock::take(root_ / "nowhere" / "lock").error().code, Code::not_found);
}

TEST_F(Files, PathsStayBelowTheirFolder) {
    std::filesystem::create_symlink("/etc", root_ / "link");
    for (const char* path : {"", "/etc/passwd", "..", "../x", "a/../../x", "a//b", "./a", "a\\b", "a\nb", "link/passwd", "link"}) {
        EXPECT_FALSE(path_below(root_, path)) << path;
    }
    EXPECT_EQ(*path_below(root_, "a/b.txt"), root_ / "a" / "b.txt");
}

TEST_F(Files, ListsSortedAndRefusesLinks) {
    std::filesystem::create_directory(root_ / "d");
    ASSERT_TRUE(write_file_whole(root_ / "d" / "x", ""));
    ASSERT_TRUE(write_file_whole(root_ / "a", ""));
    EXPECT_EQ(*list_files(root_), (std::vector<std::string>{"a", "d/x"}));
    EXPECT_EQ(list_files(root_, 1).error().code, Code::exhausted);
    std::filesystem::create_symlink("/etc/passwd", root_ / "l");
    EXPECT_EQ(list_files(root_).error().code, Code::invalid);
}

}  // namespace
}  // namespace madang
