#include "base/log.h"

#include "base/json.h"
#include "base/text.h"
#include "base/time_text.h"

namespace madang {
namespace {

std::string_view name_of(Level level) {
    switch (level) {
        case Level::debug: return "debug";
        case Level::info: return "info";
        case Level::warning: return "warning";
        case Level::error: return "error";
    }
    return "error";
}

}  // namespace

void StreamLog::write(Level level, std::string_view message, std::initializer_list<LogField> fields) {
    if (level < lowest_) return;
    std::string line;
    if (form_ == LogForm::json_lines) {
        json::object object{{"time", format_instant(clock_.now())}, {"level", name_of(level)}, {"message", message}};
        for (const auto& [key, value] : fields) object[key] = is_utf8(value) ? value : "(not UTF-8)";
        line = json::serialize(object);
    } else {
        line = format("{} {:7} {}", format_instant(clock_.now()).substr(0, 19), name_of(level), message);
        for (const auto& [key, value] : fields) {
            line += format(" {}={}", key, json::serialize(json::string(is_utf8(value) ? value : "(not UTF-8)")));
        }
    }
    line.push_back('\n');
    const std::lock_guard lock(mutex_);
    std::fwrite(line.data(), 1, line.size(), stream_);
    std::fflush(stream_);
}

}  // namespace madang
