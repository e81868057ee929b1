#include "cli/settings.h"

#include <gtest/gtest.h>

#include "base/file.h"

namespace madang::cli {
namespace {

class SettingsFile : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "madang-settings-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    Result<Settings> load(std::string_view toml, std::map<std::string, std::string> environment = {},
                          const std::map<std::string, std::string>& flags = {}) {
        EXPECT_TRUE(write_file_whole(folder_ / "madang.toml", toml));
        return Settings::load(
            flags,
            [environment](const std::string& name) -> std::optional<std::string> {
                const auto found = environment.find(name);
                return found == environment.end() ? std::nullopt : std::optional(found->second);
            },
            folder_ / "madang.toml", true);
    }
    Path folder_;
};

TEST_F(SettingsFile, TheFirstPlaceThatNamesASettingWins) {
    const auto all = load("listen = \"a:1\"\nworkers = 7\n", {{"MADANG_LISTEN", "b:2"}}, {{"listen", "c:3"}});
    ASSERT_TRUE(all) << all.error().message;
    EXPECT_EQ(all->text("listen"), "c:3");
    EXPECT_EQ(all->at("listen").origin, "--listen");
    EXPECT_EQ(all->number("workers"), 7);
    EXPECT_TRUE(all->at("workers").origin.ends_with("madang.toml:2"));
    EXPECT_EQ(all->at("data").origin, "default");
    EXPECT_EQ(load("listen = \"a:1\"", {{"MADANG_LISTEN", "b:2"}})->text("listen"), "b:2");
}

TEST_F(SettingsFile, ASecretMayStandInAFile) {
    ASSERT_TRUE(write_file_whole(folder_ / "secret", "postgres://u@h/d\n"));
    EXPECT_EQ(load("", {{"MADANG_STORE_FILE", folder_ / "secret"}})->text("store"), "postgres://u@h/d");
    EXPECT_FALSE(load("", {{"MADANG_STORE_FILE", folder_ / "absent"}}));
}

TEST_F(SettingsFile, AMistakeIsLocatedAndAnsweredWithTheLikelyName) {
    const auto wrong = load("\nlistn = \"a:1\"\n");
    ASSERT_FALSE(wrong);
    EXPECT_NE(wrong.error().message.find("madang.toml:2: there is no setting \"listn\"; did you mean \"listen\"?"), std::string::npos)
        << wrong.error().message;
    EXPECT_FALSE(load("listen = true"));
    EXPECT_FALSE(load("listen = \"a"));
    EXPECT_FALSE(load("workers = \"many\""));
}

}  // namespace
}  // namespace madang::cli
