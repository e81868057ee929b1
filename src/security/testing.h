// What tests of this room and of those above share: a folder of their own, a log that can be read, patience, and what a spool holds.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "security/spool.h"

namespace madang::security {

// Goes with all that is in it.
class TestFolder {
public:
    TestFolder() {
        std::string pattern = testing::TempDir() + "madang-security-XXXXXX";
        path_ = ::mkdtemp(pattern.data());
    }
    ~TestFolder() {
        std::error_code problem;
        std::filesystem::remove_all(path_, problem);
    }
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;
    const Path& path() const { return path_; }

private:
    Path path_;
};

class RememberingLog final : public Log {
public:
    void write(Level, std::string_view message, std::initializer_list<LogField> fields) override {
        const std::lock_guard lock(mutex_);
        messages_.emplace_back(message);
        text_ += message;
        for (const auto& [name, value] : fields) text_ += format(" {}={}", name, value);
        text_ += '\n';
    }
    std::vector<std::string> messages() const {
        const std::lock_guard lock(mutex_);
        return messages_;
    }
    // A line for each, with its fields.
    std::string text() const {
        const std::lock_guard lock(mutex_);
        return text_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::string> messages_;
    std::string text_;
};

// Whether it comes to be so within ten seconds.
inline bool comes(const std::function<bool()>& what) {
    for (int i = 0; i < 1000 && !what(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return what();
}

// In the order in which they were stored.
inline std::vector<std::string> lines_of(const Spool& spool) {
    std::vector<std::string> lines;
    EXPECT_TRUE(spool.search({}, 1, [&](std::size_t, const SpoolRecord& record) { lines.emplace_back(record.line); }));
    return lines;
}

}  // namespace madang::security
