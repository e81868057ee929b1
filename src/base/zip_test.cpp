#include "base/zip.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/file.h"
#include "base/random.h"

namespace madang {
namespace {

const Instant kDay = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23);

std::vector<ZipEntry> two_files() {
    return {{"mimetype", to_bytes("text/plain")}, {"META-INF/a.txt", to_bytes(std::string(5000, 'a'))}};
}

// The archive with a name replaced by another of the same length, in both places where it stands.
Bytes renamed(Bytes archive, std::string_view from, std::string_view to) {
    EXPECT_EQ(from.size(), to.size());
    for (auto at = archive.begin();;) {
        at = std::search(at, archive.end(), from.begin(), from.end());
        if (at == archive.end()) return archive;
        at = std::copy(to.begin(), to.end(), at);
    }
}

TEST(Zip, GivesBackWhatWasWritten) {
    const Bytes archive = *write_zip(two_files(), kDay);
    const auto read = read_zip(archive);
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(read->size(), 2U);
    EXPECT_EQ((*read)[0].name, "mimetype");
    EXPECT_EQ(as_text((*read)[0].content), "text/plain");
    EXPECT_EQ((*read)[1].name, "META-INF/a.txt");
    EXPECT_EQ((*read)[1].content.size(), 5000U);
}

TEST(Zip, WritesTheSameBytesForTheSameEntries) {
    EXPECT_EQ(*write_zip(two_files(), kDay), *write_zip(two_files(), kDay));
}

// ETSI EN 319 162-1, A.1: a reader finds the type of a container at offset 38 of the file.
TEST(Zip, PutsAStoredFirstFileWhereMagicNumbersAreLookedFor) {
    const Bytes archive = *write_zip(two_files(), kDay);
    EXPECT_EQ(as_text(ByteSpan(archive)).substr(0, 4), std::string_view("PK\x03\x04"));
    EXPECT_EQ(as_text(ByteSpan(archive)).substr(30, 18), "mimetypetext/plain");
}

TEST(Zip, RefusesNamesThatLeadOut) {
    const Bytes archive = *write_zip({{"aaaaaa/bb.txt", to_bytes("x")}}, kDay);
    for (const std::string_view bad : {"../../etc/pw1", "/etc/passwd12", "a/../../b.txt", "c:/bbb/bb.txt", 
                                       "aaaaaa//b.txt", "./aaaa/bb.txt", "aaaaaa/b\n.txt"}) {
        const auto read = read_zip(renamed(archive, "aaaaaa/bb.txt", bad));
        EXPECT_FALSE(read) << bad;
    }
    EXPECT_FALSE(write_zip({{"../a", to_bytes("x")}}, kDay));
}

TEST(Zip, RefusesAFolder) {
    const Bytes archive = *write_zip({{"folder.", {}}}, kDay);
    EXPECT_FALSE(read_zip(renamed(archive, "folder.", "folder/")));
}

TEST(Zip, RefusesANameThatStandsTwice) {
    const Bytes archive = *write_zip({{"a", to_bytes("1")}, {"b", to_bytes("2")}}, kDay);
    Bytes twice = archive;
    for (std::size_t i = 0; i + 1 < twice.size(); ++i) {
        const bool local = i >= 30 && twice[i - 30] == 'P' && twice[i - 29] == 'K' && twice[i - 28] == 3;
        const bool central = i >= 46 && twice[i - 46] == 'P' && twice[i - 45] == 'K' && twice[i - 44] == 1;
        if ((local || central) && twice[i] == 'b') twice[i] = 'a';
    }
    const auto read = read_zip(twice);
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().message.find("twice"), std::string::npos) << read.error().message;
}

TEST(Zip, RefusesABombByItsRatioAndItsSize) {
    const auto bomb = read_file(Path(MADANG_SOURCE_DIR) / "src/base/testdata/zip_fuzz/bomb.zip");
    ASSERT_TRUE(bomb);
    ASSERT_LT(bomb->size(), 4000U);
    EXPECT_EQ(read_zip(as_bytes(*bomb)).error().code, Code::exhausted);
    const Bytes archive = *write_zip(two_files(), kDay);
    EXPECT_EQ(read_zip(archive, {.total = 1000}).error().code, Code::exhausted);
    EXPECT_EQ(read_zip(archive, {.archive = 1000}).error().code, Code::exhausted);
    EXPECT_EQ(read_zip(archive, {.entries = 1}).error().code, Code::exhausted);
}

TEST(Zip, RefusesALink) {
    const auto link = read_file(Path(MADANG_SOURCE_DIR) / "src/base/testdata/zip_fuzz/link.zip");
    ASSERT_TRUE(link);
    EXPECT_FALSE(read_zip(as_bytes(*link)));
}

TEST(Zip, RefusesWhatIsNotAnArchive) {
    EXPECT_FALSE(read_zip({}));
    EXPECT_FALSE(read_zip(as_bytes("%PDF-1.7 and more")));
}

TEST(Zip, SurvivesDamageAnywhere) {
    const Bytes archive = *write_zip(two_files(), kDay);
    SeededRandom random(7);
    for (int round = 0; round < 2000; ++round) {
        Bytes damaged = archive;
        damaged[random.below(damaged.size())] ^= static_cast<std::uint8_t>(1 + random.below(255));
        if (const auto read = read_zip(damaged)) {
            EXPECT_LE(read->size(), 2U);
        }
    }
    for (std::size_t size = 0; size < archive.size(); ++size) {
        EXPECT_FALSE(read_zip(ByteSpan(archive).first(size))) << size;
    }
}

}  // namespace
}  // namespace madang
