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

// Fields of the event at which the only rule looked.
std::string looked_at(const SigmaProgram& program, const Event& event, const LogOrigin& origin) {
    SigmaProgram::Run run(program);
    if (run.matches(event, origin).empty()) return "nothing";
    std::string names;
    for (const std::size_t place : run.fields_of(0)) names += format("{};", event.at(place).name);
    return names;
}

TEST(LogOrigin, CommandsOfTheAuditTrailAreProcessesThatBegin) {
    const auto program = program_of("title: list\nlogsource: {category: process_creation, product: linux}\ndetection:\n  s:\n    Image|endswith: '/crontab'\n    CommandLine|contains: 'crontab -l -u'\n  condition: s\n");
    const auto found = [&](std::string_view line) {
        Event event;
        EXPECT_TRUE(parse_audit_line(line, event));
        return looked_at(*program, event, origin_of(event, LineFormat::audit, {}));
    };
    EXPECT_EQ(found(R"(type=EXECVE msg=audit(1700000000.123:456): argc=4 a0="crontab" a1="-l" a2="-u" a3="root")"), "type;a0;a1;a2;a3;");
    EXPECT_EQ(found(R"(type=EXECVE msg=audit(1700000000.123:456): argc=4 a0="/usr/bin/crontab" a1="-l" a2="-u" a3="root")"), "type;a0;a1;a2;a3;");
    EXPECT_EQ(found(R"(type=EXECVE msg=audit(1700000000.123:456): argc=4 a0="crontabs" a1="-l" a2="-u" a3="root")"), "nothing");
    EXPECT_EQ(found(R"(type=USER_CMD msg=audit(1700000000.123:456): a0="crontab" a1="-l" a2="-u")"), "nothing") << "another record";
    const auto pieces = program_of("title: long\nlogsource: {category: process_creation, product: linux}\ndetection:\n  s: {CommandLine: 'sh -c abcdef'}\n  condition: s\n");
    Event event;
    ASSERT_TRUE(parse_audit_line(R"(type=EXECVE msg=audit(1700000000.123:456): argc=3 a0="sh" a1="-c" a2_len=6 a2[0]="abc" a2[1]="def")", event));
    EXPECT_EQ(looked_at(*pieces, event, origin_of(event, LineFormat::audit, {})), "type;a0;a1;a2[0];a2[1];") << "a long word is told in pieces";
    const auto path = program_of("title: path\nlogsource: {category: process_creation, product: linux}\ndetection:\n  s: {Image: /usr/bin/id}\n  condition: s\n");
    const auto syscall = [&](int number) {
        Event one;
        EXPECT_TRUE(parse_audit_line(format("type=SYSCALL msg=audit(1700000000.123:456): arch=c000003e syscall={} success=yes exe=\"/usr/bin/id\"", number), one));
        return looked_at(*path, one, origin_of(one, LineFormat::audit, {}));
    };
    EXPECT_EQ(syscall(59), "type;arch;syscall;exe;");
    EXPECT_EQ(syscall(2), "nothing") << "it opened a file";
    // Programs that write Sigma's own names need no mapping.
    EXPECT_EQ(found_in(*program, LineFormat::json, R"({"Image":"/bin/crontab","CommandLine":"crontab -l -u x"})", {.category = "process_creation", .product = "linux", .service = {}}), "list;");
    // A keyword is asked of what the event holds, not of what was made.
    const auto keyword = program_of("title: word\nlogsource: {product: linux}\ndetection:\n  k: ['sh -c abcdef']\n  condition: k\n---\ntitle: long\nlogsource: {category: process_creation, product: linux}\ndetection:\n  s: {CommandLine: 'sh -c abcdef'}\n  condition: s\n");
    SigmaProgram::Run run(*keyword);
    EXPECT_EQ(run.matches(event, {.category = {}, .product = "linux", .service = {}}).size(), 1U);
}

TEST(LogOrigin, TheSecurityLogTellsOfProcessesAndTheRegistryToo) {
    const auto program = program_of(R"(title: run
logsource: {category: registry_set, product: windows}
detection:
  s:
    TargetObject|startswith: 'HKLM\Software\'
    TargetObject|endswith: '\CurrentVersion\Run\evil'
    Details|contains: 'c:\temp'
  condition: s
)");
    const auto event = [](std::string_view operation, std::string_view key) {
        return format(R"({{"Channel":"Security","EventID":4657,"OperationType":"{}","ObjectName":"{}","ObjectValueName":"evil","NewValue":"C:\\Temp\\x.exe"}})", operation, key);
    };
    const std::string_view key = R"(\\REGISTRY\\MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run)";
    EXPECT_EQ(found_in(*program, LineFormat::json, event("%%1905", key)), "run;");
    EXPECT_EQ(found_in(*program, LineFormat::json, event("%%1906", key)), "") << "deleted, not set";
    EXPECT_EQ(found_in(*program, LineFormat::json, event("%%1905", R"(\\REGISTRY\\USER\\S-1\\Microsoft\\Windows\\CurrentVersion\\Run)")), "");
    const auto connected = program_of("title: out\nlogsource: {category: network_connection, product: windows}\ndetection:\n  s: {Initiated: 'true', DestinationPort: 4444, Image|endswith: '\\a.exe'}\n  condition: s\n");
    const auto connection = [](std::string_view direction) {
        return format(R"({{"Channel":"Security","EventID":5156,"Direction":"{}","Application":"\\device\\harddiskvolume1\\a.exe","DestAddress":"10.0.0.1","DestPort":"4444"}})", direction);
    };
    EXPECT_EQ(found_in(*connected, LineFormat::json, connection("%%14593")), "out;");
    EXPECT_EQ(found_in(*connected, LineFormat::json, connection("%%14592")), "");
    const auto file = program_of("title: file\nlogsource: {category: file_event, product: linux}\ndetection:\n  s: {TargetFilename|startswith: /etc/cron.d/}\n  condition: s\n");
    const auto path = [&](std::string_view kind) {
        Event event;
        EXPECT_TRUE(parse_audit_line(format("type=PATH msg=audit(1700000000.123:456): item=1 name=\"/etc/cron.d/x\" nametype={}", kind), event));
        return looked_at(*file, event, origin_of(event, LineFormat::audit, {}));
    };
    EXPECT_EQ(path("CREATE"), "type;name;nametype;");
    EXPECT_EQ(path("NORMAL"), "nothing");
    const auto user = program_of("title: user\nlogsource: {category: process_creation, product: windows}\ndetection:\n  s: {Image|endswith: '\\a.exe', ParentImage|endswith: '\\b.exe', User: kim}\n  condition: s\n");
    EXPECT_EQ(found_in(*user, LineFormat::json, R"({"Channel":"Security","EventID":4688,"NewProcessName":"C:\\a.exe","ParentProcessName":"C:\\b.exe","SubjectUserName":"kim"})"), "user;");
}

TEST(LogOrigin, TheFileOfLogSourcesSaysWhereItIsWrong) {
    const auto error = [](std::string_view text) { return LogSources::read(text, "l.yml").error().message; };
    EXPECT_EQ(error("- category: a\n  fields:\n    X: {join: []}\n"), "l.yml:3: join names fields");
    EXPECT_EQ(error("- category: a\n  fields:\n    X: {join: a, wiht: b}\n"), "l.yml:3: there is no key \"wiht\"");
    EXPECT_EQ(error("- category: a\n  fields:\n    X: [a]\n"), "l.yml:3: a field is the name of another one, or a map with join");
    EXPECT_EQ(error("- category: a\n  fields:\n    X: {join: a, text: b}\n"), "l.yml:3: text stands alone");
    EXPECT_EQ(error("- category: a\n  where: [a]\n"), "l.yml:2: where is a map");
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
