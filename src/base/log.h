// What the program says about itself: one line an event, without personal data. Messages are fixed
// texts; what varies goes into fields.
#pragma once

#include <cstdio>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"

namespace madang {

enum class Level { debug, info, warning, error };

using LogField = std::pair<std::string_view, std::string>;

class Log {
public:
    virtual ~Log() = default;
    virtual void write(Level level, std::string_view message, std::initializer_list<LogField> fields) = 0;

    void info(std::string_view message, std::initializer_list<LogField> fields = {}) { write(Level::info, message, fields); }
    void warning(std::string_view message, std::initializer_list<LogField> fields = {}) { write(Level::warning, message, fields); }
    void error(std::string_view message, std::initializer_list<LogField> fields = {}) { write(Level::error, message, fields); }
};

enum class LogForm { human, json_lines };

// Writes to an open stream (stderr as a rule); safe to use from several threads. Control characters
// in a field are escaped, so that no field can forge a line.
class StreamLog final : public Log {
public:
    StreamLog(std::FILE* stream, LogForm form, Level lowest, const Clock& clock)
        : stream_(stream), form_(form), lowest_(lowest), clock_(clock) {}
    void write(Level level, std::string_view message, std::initializer_list<LogField> fields) override;

private:
    std::mutex mutex_;
    std::FILE* stream_;
    LogForm form_;
    Level lowest_;
    const Clock& clock_;
};

class NoLog final : public Log {
public:
    void write(Level, std::string_view, std::initializer_list<LogField>) override {}
};

}  // namespace madang
