#include <gtest/gtest.h>

#include <filesystem>

#include "base/text.h"
#include "security/detector.h"
#include "security/sigma_reader.h"

namespace madang::security {
namespace {

std::unique_ptr<const SigmaProgram> program_of(std::string_view rules) {
    auto read = read_sigma(rules, "r.yml");
    EXPECT_TRUE(read) << read.error().message;
    auto program = SigmaProgram::compile(std::move(read->rules), *LogSources::shipped());
    EXPECT_TRUE(program);
    return std::move(*program);
}

// Titles of the rules that a line meets.
std::string found_in(const SigmaProgram& program, LineFormat form, std::string_view line, const LogOrigin& given = {}) {
    SigmaProgram::Run run(program);
    Event event;
    const auto parsed = form == LineFormat::json ? parse_json_line(line, {}, event) : form == LineFormat::syslog ? parse_syslog_line(line, event) : parse_web_access_line(line, event);
    EXPECT_TRUE(parsed) << parsed.error().message;
    std::string titles;
    for (const std::uint32_t rule : run.matches(event, origin_of(event, form, given))) titles += program.rule(rule).metadata.title + ";";
    return titles;
}

TEST(LogOrigin, RulesOfACategoryMeetEachProductThatWritesIt) {
    const auto program = program_of("title: av\nlogsource: {category: antivirus}\ndetection:\n  s: {Signature|contains: Mimikatz}\n  condition: s\n");
    const std::string_view defender = R"({"Channel":"Microsoft-Windows-Windows Defender/Operational","EventID":1116,"Threat Name":"HackTool:Win32/Mimikatz.D"})";
    EXPECT_EQ(found_in(*program, LineFormat::json, defender), "av;");
    EXPECT_EQ(found_in(*program, LineFormat::json, R"({"Channel":"Security","EventID":1116,"Threat Name":"HackTool:Win32/Mimikatz.D","Signature":"Mimikatz"})"), "");
    EXPECT_EQ(found_in(*program, LineFormat::json, R"({"Signature":"HackTool/Mimikatz"})", {.category = "antivirus", .product = "other", .service = {}}), "av;");
    EXPECT_EQ(found_in(*program, LineFormat::json, R"({"Signature":"HackTool/Mimikatz"})", {.category = "proxy", .product = {}, .service = {}}), "");
}

TEST(LogOrigin, AnEventFromAnywhereMeetsOnlyRulesThatAskForWhatItHas) {
    const auto program = program_of("title: rdp\nlogsource: {product: zeek, service: rdp}\ndetection:\n  s: {id.orig_h|cidr: 10.0.0.0/8}\n  condition: not s\n---\n"
                                    "title: words\nlogsource: {product: x}\ndetection:\n  s: [bad word]\n  n: [good]\n  condition: s and not n\n");
    EXPECT_EQ(found_in(*program, LineFormat::json, R"({"hello":"world"})"), "");
    EXPECT_EQ(found_in(*program, LineFormat::json, R"({"id.orig_h":"8.8.8.8"})"), "rdp;");
    EXPECT_EQ(found_in(*program, LineFormat::json, R"({"id.orig_h":null})"), "");
    EXPECT_EQ(found_in(*program, LineFormat::json, R"({"id.orig_h":"10.1.1.1"})"), "");
    EXPECT_EQ(found_in(*program, LineFormat::json, R"({"hello":"a bad word"})"), "words;");
    EXPECT_EQ(found_in(*program, LineFormat::json, R"({"hello":"world"})", {.category = {}, .product = "zeek", .service = "rdp"}), "rdp;");
}

TEST(LogOrigin, KeywordsLookAtTheWholeMessage) {
    const auto program = program_of("title: up\nlogsource: {category: webserver}\ndetection:\n  s: ['GET /..']\n  condition: s\n---\n"
                                    "title: ssh\nlogsource: {product: linux}\ndetection:\n  s: ['sshd[123]: Failed']\n  condition: s\n");
    EXPECT_EQ(found_in(*program, LineFormat::web_access, R"(1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] "GET /../etc HTTP/1.0" 200 1)"), "up;");
    EXPECT_EQ(found_in(*program, LineFormat::syslog, "<34>Oct 11 22:14:15 host sshd[123]: Failed password"), "ssh;");
    EXPECT_EQ(found_in(*program, LineFormat::syslog, "<34>Oct 11 22:14:15 host sshd[124]: Failed password"), "");
}

TEST(LogOrigin, IsToldByWhatOnlyOneLogHas) {
    const struct {
        LineFormat form;
        std::string_view line;
        LogOrigin origin;
    } cases[] = {
        {LineFormat::syslog, "172.16.5.10 6705: Feb 17 13:40:03.673: %PARSER-5-CFGLOG_LOGGEDCMD: User:a logged command:no x", {"", "cisco", ""}},
        {LineFormat::syslog, "Oct 11 22:14:15 host app: 100%-5-x", {"", "linux", ""}},
        {LineFormat::syslog, "Oct 11 22:14:15 host nginx: 2024/01/01 [error] x", {"", "linux", "nginx"}},
        {LineFormat::json, R"({"EventID":1,"Channel":"Linux-Sysmon/Operational"})", {"", "linux", ""}},
        {LineFormat::json, R"({"EventID":1,"Channel":"Security"})", {"", "windows", ""}},
        {LineFormat::json, R"({"eventSource":"iam.amazonaws.com","eventName":"CreateUser"})", {"", "aws", "cloudtrail"}},
        {LineFormat::json, R"({"hello":"world"})", {}},
    };
    for (const auto& one : cases) {
        Event event;
        ASSERT_TRUE(one.form == LineFormat::json ? parse_json_line(one.line, {}, event) : parse_syslog_line(one.line, event));
        EXPECT_EQ(origin_of(event, one.form, {}), one.origin) << one.line;
    }
}

}  // namespace
}  // namespace madang::security
