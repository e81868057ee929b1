#include "base/log.h"

#include <gtest/gtest.h>

#include "base/time_text.h"

namespace madang {
namespace {

std::string logged(LogForm form, std::string_view message, LogField field) {
    char* text = nullptr;
    std::size_t size = 0;
    std::FILE* stream = ::open_memstream(&text, &size);
    const ManualClock clock(*parse_instant("2026-11-23T09:00:00Z"));
    StreamLog(stream, form, Level::info, clock).info(message, {std::move(field)});
    std::fclose(stream);
    std::string result(text, size);
    std::free(text);
    return result;
}

TEST(StreamLog, NoFieldCanForgeALine) {
    EXPECT_EQ(logged(LogForm::human, "started", {"name", "a\nerror forged \x1b[31m"}),
              "2026-11-23T09:00:00 info    started name=\"a\\nerror forged \\u001b[31m\"\n");
    EXPECT_EQ(logged(LogForm::json_lines, "started", {"name", "a\n"}),
              "{\"time\":\"2026-11-23T09:00:00.000000Z\",\"level\":\"info\",\"message\":\"started\",\"name\":\"a\\n\"}\n");
}

}  // namespace
}  // namespace madang
