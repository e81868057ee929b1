// The built program at the command line, in a folder of the test's own.
#pragma once

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "base/file.h"
#include "base/text.h"

namespace madang {

struct Ran {
    int code = -1;
    std::string out;
    std::string errors;
};

class Commands : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "madang-commands-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string file(const std::string& name, std::string_view content) const {
        EXPECT_TRUE(write_file_whole(folder_ / name, content));
        return (folder_ / name).string();
    }
    Ran run(const std::string& arguments, std::string_view input = "") const {
        const std::string given = file("stdin", input);
        const std::string command = format("'{}' {} < '{}' > '{}/out' 2> '{}/err'", MADANG_PROGRAM, arguments, given, folder_.string(), folder_.string());
        const int status = std::system(command.c_str());
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(folder_ / "out", 64U << 20).value_or(""),
                read_file(folder_ / "err").value_or("")};
    }
    // On the installation of the test.
    Ran run_there(const std::string& arguments) const { return run(format("--data '{}/data' {}", folder_.string(), arguments)); }
    void install() const {
        const Ran made = run_there(format("init --pack '{}/packs/by'", MADANG_SOURCE_DIR));
        ASSERT_EQ(made.code, 0) << made.errors;
    }
    Path folder_;
};

}  // namespace madang
