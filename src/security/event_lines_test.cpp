#include "security/event_lines.h"

#include <gmock/gmock.h>

#include "base/text.h"

namespace madang::security {
namespace {

// "a=1|b is null", or the error.
std::string read(LineFormat format_of_line, std::string_view line, LineLimits limits = {}) {
    std::vector<std::string> fields;
    const auto use = [&fields](const Event& event) {
        for (const EventField& field : event.fields()) {
            fields.push_back(field.null ? format("{} is null", field.name) : format("{}={}", field.name, field.value));
        }
    };
    EventLines lines(format_of_line, limits);
    lines.feed(line, use);
    lines.finish(use);
    return lines.problems().empty() ? join(fields, "|") : lines.problems().front();
}

struct Case {
    std::string_view line;
    std::string_view expected;
};

TEST(ParseJsonLine, ReadsEachSource) {
    const Case cases[] = {
        {R"({"EventID":1,"Image":"C:\\a.exe","Signed":true,"Hashes":null})", R"(EventID=1|Image=C:\a.exe|Signed=true|Hashes is null)"},
        {R"({"Event":{"#attributes":{"xmlns":"u"},"System":{"Provider":{"#attributes":{"Name":"Sysmon"}},"EventID":{"#attributes":{"Qualifiers":3},"#text":7}},)"
         R"("EventData":{"Image":"x","Data":{"#text":["a","b"]},"A.b":1},"UserData":{"Cleared":{"#attributes":{"xmlns":"v"},"User":"root"}}}})",
         "Provider_Name=Sysmon|EventID_Qualifiers=3|EventID=7|Image=x|Data=a|Data=b|A.b=1|User=root"},
        {R"({"winlog":{"event_data":{"Image":"x"},"event_id":"1","channel":"Security","task":"t"}})", "Image=x|EventID=1|Channel=Security|winlog.task=t"},
        {R"({"event_type":"alert","src_ip":"10.0.0.1","alert":{"signature_id":2,"metadata":{"tag":["a","b"]}},"flow":{"bytes":1e3}})",
         "event_type=alert|src_ip=10.0.0.1|alert.signature_id=2|alert.metadata.tag=a|alert.metadata.tag=b|flow.bytes=1e3"},
        {R"({"ts":1591367999.305988,"id.orig_h":"192.168.4.76","id.resp_p":53,"AA":false})",
         "ts=1591367999.305988|id.orig_h=192.168.4.76|id.resp_p=53|AA=false"},
        {R"({"dns":{"answers":[{"rdata":"a"},{"rdata":"b"}]}})", "dns.answers.rdata=a|dns.answers.rdata=b"},
        {R"({"a":1,"a":2})", "a=1|a=2"},
        {R"({"Event":{"name":"x"}})", "Event.name=x"},
        {R"({"t":"\u0041\n\/\ud83c\udf0d\ud800x","n":-0.5E-7})", "t=A\n/🌍\xEF\xBF\xBDx|n=-0.5E-7"},
        {R"({"n":12345678901234567890123})", "n=12345678901234567890123"},
        {R"( { "a" : [ ] , "b" : { } } )", ""},
        {"{\"a\":\"\xff\"}", "a=\xEF\xBF\xBD"},
    };
    for (const Case& one : cases) EXPECT_EQ(read(LineFormat::json, one.line), one.expected);
}

TEST(ParseJsonLine, SaysWhyItRejects) {
    const Case cases[] = {
        {"[1]", "line 1: column 1: an event is a JSON object"},
        {R"({"a":1} x)", "line 1: column 9: something follows the object"},
        {R"({"a":1)", "line 1: column 7: a comma or the end of the object is expected"},
        {R"({"a" 1})", "line 1: column 6: a colon is expected"},
        {R"({a:1})", "line 1: column 2: a name in quotes is expected"},
        {R"({"a":[1 2]})", "line 1: column 9: a comma or the end of the array is expected"},
        {R"({"a":01})", "line 1: column 8: no value of JSON starts so"},
        {R"({"a":1.})", "line 1: column 8: digits are expected behind the point"},
        {R"({"a":1e+})", "line 1: column 9: digits are expected in the exponent"},
        {R"({"a":nul})", "line 1: column 6: no value of JSON starts so"},
        {R"({"a":"x)", "line 1: column 8: a text does not end"},
        {"{\"a\":\"\t\"}", "line 1: column 7: a control character in a text"},
        {R"({"a":"\q"})", "line 1: column 8: an escape that JSON does not know"},
        {R"({"a":"\u00g0"})", "line 1: column 11: four hexadecimal digits are expected"},
        {R"({"a":{"b":{"c":1}}})", "line 1: column 16: nested too deep"},
    };
    for (const Case& one : cases) EXPECT_EQ(read(LineFormat::json, one.line, {.line = 100, .depth = 2}), one.expected) << one.line;
    EXPECT_EQ(read(LineFormat::json, "{\"" + std::string(2000, 'n') + "\":1}"), "line 1: column 2004: the name of a field is too long");
    std::string many = "{\"a\":[0";
    for (std::size_t i = 0; i < kMaxEventFields; ++i) many += ",0";
    EXPECT_THAT(read(LineFormat::json, many + "]}"), testing::HasSubstr("more fields than an event may have"));
}

TEST(ParseSyslogLine, ReadsBothStandards) {
    const Case cases[] = {
        // RFC 5424 6.5, examples 1 to 4.
        {"<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \xEF\xBB\xBF'su root' failed for lonvick on /dev/pts/8",
         "facility=auth|severity=crit|timestamp=2003-10-11T22:14:15.003Z|hostname=mymachine.example.com|app_name=su|procid is null|msgid=ID47|"
         "message='su root' failed for lonvick on /dev/pts/8"},
        {"<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.",
         "facility=local4|severity=notice|timestamp=2003-08-24T05:14:15.000003-07:00|hostname=192.0.2.1|app_name=myproc|procid=8710|msgid is null|"
         "message=%% It's time to make the do-nuts."},
        {R"(<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"] An event)",
         "facility=local4|severity=notice|timestamp=2003-10-11T22:14:15.003Z|hostname=mymachine.example.com|app_name=evntslog|procid is null|msgid=ID47|"
         "exampleSDID@32473.iut=3|exampleSDID@32473.eventSource=Application|exampleSDID@32473.eventID=1011|message=An event"},
        {R"(<165>1 - - - - - [a x="1"][b y="\"\\\]\n"])",
         R"(facility=local4|severity=notice|timestamp is null|hostname is null|app_name is null|procid is null|msgid is null|a.x=1|b.y="\]\n)"},
        // RFC 3164 5.4, examples 1 and 2, and what is written today.
        {"<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
         "facility=auth|severity=crit|timestamp=Oct 11 22:14:15|hostname=mymachine|app_name=su|message='su root' failed for lonvick on /dev/pts/8"},
        {"<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!", "facility=user|severity=notice|timestamp=Feb  5 17:32:18|hostname=10.0.0.99|message=Use the BFG!"},
        {"Jan  1 00:00:01 web1 sshd[812]: Failed password for root from 203.0.113.9 port 2222 ssh2",
         "timestamp=Jan  1 00:00:01|hostname=web1|app_name=sshd|procid=812|message=Failed password for root from 203.0.113.9 port 2222 ssh2"},
        {"2024-05-06T07:08:09.123456+02:00 web1 CRON[7]: (root) CMD (x)",
         "timestamp=2024-05-06T07:08:09.123456+02:00|hostname=web1|app_name=CRON|procid=7|message=(root) CMD (x)"},
        {"Jan  1 00:00:01 kernel: oops", "timestamp=Jan  1 00:00:01|app_name=kernel|message=oops"},
        {"anything at all", "message=anything at all"},
        {"<192>1 x", "message=<192>1 x"},
        {"<>x", "message=<>x"},
        {"<7", "message=<7"},
    };
    for (const Case& one : cases) EXPECT_EQ(read(LineFormat::syslog, one.line), one.expected) << one.line;
}

TEST(ParseSyslogLine, SaysWhyItRejects) {
    const Case cases[] = {
        {"<34>1 ", "line 1: column 7: a timestamp of 1 to 32 bytes is expected"},
        {"<34>1 - - - - - x", "line 1: column 17: structured data or \"-\" is expected"},
        {"<34>1 - - - - - -x", "line 1: column 18: a blank is expected before the message"},
        {"<34>1 - - - - - []", "line 1: column 18: the id of structured data is expected"},
        {"<34>1 - - - - - [a b]", "line 1: column 21: the name of a parameter and \"=\" are expected"},
        {"<34>1 - - - - - [a b=c]", "line 1: column 22: a value in quotes is expected"},
        {"<34>1 - - - - - [a b=\"c", "line 1: column 24: a value does not end"},
        {"<34>1 - - - - - [a b=\"c\"", "line 1: column 25: the end of structured data is expected"},
    };
    for (const Case& one : cases) EXPECT_EQ(read(LineFormat::syslog, one.line), one.expected) << one.line;
}

TEST(ParseWebAccessLine, ReadsWhatServersWrite) {
    const Case cases[] = {
        // The examples of Apache's documentation, common and combined.
        {R"(127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326)",
         "c-ip=127.0.0.1|cs-username=frank|date=10/Oct/2000:13:55:36 -0700|cs-method=GET|cs-uri=/apache_pb.gif|cs-uri-stem=/apache_pb.gif|"
         "cs-version=HTTP/1.0|sc-status=200|sc-bytes=2326"},
        {R"x(::1 - - [10/Oct/2000:13:55:36 -0700] "GET /a?q=1&r=?x HTTP/1.1" 304 - "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)")x",
         "c-ip=::1|cs-username is null|date=10/Oct/2000:13:55:36 -0700|cs-method=GET|cs-uri=/a?q=1&r=?x|cs-uri-stem=/a|cs-version=HTTP/1.1|"
         "cs-uri-query=q=1&r=?x|sc-status=304|sc-bytes is null|cs-referer=http://www.example.com/start.html|cs-user-agent=Mozilla/4.08 [en] (Win98; I ;Nav)"},
        {R"(1.2.3.4 - a b [t] "\x16\x03\x01" 400 0 "-" "say \"hi\" \\ \q" 0.005 up)",
         "c-ip=1.2.3.4|cs-username=a b|date=t|cs-request=\x16\x03\x01|sc-status=400|sc-bytes=0|cs-referer is null|cs-user-agent=say \"hi\" \\ \\q|extra=0.005 up"},
        {R"(1.2.3.4 - - [t] "-" 408 0)", "c-ip=1.2.3.4|cs-username is null|date=t|cs-request is null|sc-status=408|sc-bytes=0"},
        {R"(1.2.3.4 - - [t] "GET /a b HTTP/1.1" 400 0)",
         "c-ip=1.2.3.4|cs-username is null|date=t|cs-method=GET|cs-uri=/a b|cs-uri-stem=/a b|cs-version=HTTP/1.1|sc-status=400|sc-bytes=0"},
        {R"(1.2.3.4 - - [t] "\xff\xd0\x9f" 400 0)", "c-ip=1.2.3.4|cs-username is null|date=t|cs-request=\xEF\xBF\xBDП|sc-status=400|sc-bytes=0"},
        {"x", "line 1: column 2: the name of the user and a time in brackets are expected"},
        {"1.2.3.4 - - [t", "line 1: column 15: the end of the time is expected"},
        {"1.2.3.4 - - [t] GET", "line 1: column 17: a text in quotes is expected"},
        {"1.2.3.4 - - [t] \"GET", "line 1: column 21: a text does not end"},
        {"1.2.3.4 - - [t] \"GET\" ok 1", "line 1: column 23: a status is expected, a number or \"-\""},
    };
    for (const Case& one : cases) EXPECT_EQ(read(LineFormat::web_access, one.line), one.expected) << one.line;
}

TEST(ParseAuditLine, ReadsRecords) {
    const Case cases[] = {
        {"type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e syscall=2 success=no exit=-13 a0=7fffd19c5592 a1=0 comm=\"cat\" "
         "exe=\"/bin/cat\" key=\"sshd_config\"",
         "type=SYSCALL|timestamp=1364481363.243|serial=24287|arch=c000003e|syscall=2|success=no|exit=-13|a0=7fffd19c5592|a1=0|comm=cat|exe=/bin/cat|key=sshd_config"},
        {"type=EXECVE msg=audit(1.2:3): argc=2 a0=\"sh\" a1=2D6320266964 a1_len=12", "type=EXECVE|timestamp=1.2|serial=3|argc=2|a0=sh|a1=-c &id|a1_len=12"},
        {"type=PROCTITLE msg=audit(1.2:3): proctitle=636174002F6574632F706173737764", "type=PROCTITLE|timestamp=1.2|serial=3|proctitle=cat /etc/passwd"},
        {"node=web1 type=USER_LOGIN msg=audit(1.2:3): pid=1 uid=0 msg='op=login acct=\"root\" exe=\"/usr/sbin/sshd\" hostname=? addr=1.2.3.4 res=failed'\x1dUID=\"root\"",
         "node=web1|type=USER_LOGIN|timestamp=1.2|serial=3|pid=1|uid=0|op=login|acct=root|exe=/usr/sbin/sshd|hostname is null|addr=1.2.3.4|res=failed|UID=root"},
        {"type=AVC msg=audit(1.2:3): avc:  denied  { read } for  pid=7 name=\"x y\" key=(null)",
         "type=AVC|timestamp=1.2|serial=3|message=avc:|message=denied|message={|message=read|message=}|message=for|pid=7|name=x y|key is null"},
        {"type=CWD msg=audit(1.2:3): cwd=FF41", "type=CWD|timestamp=1.2|serial=3|cwd=\xEF\xBF\xBD" "A"},
        {"type=PATH msg=audit(1.2:3):", "type=PATH|timestamp=1.2|serial=3"},
        {"x", "line 1: column 1: \"type=\" is expected"},
        {"type=", "line 1: column 6: a type is expected"},
        {"type=X y", "line 1: column 8: \"msg=audit(\" is expected"},
        {"type=X msg=audit(x:1):", "line 1: column 19: a time and \":\" are expected"},
        {"type=X msg=audit(1:)", "line 1: column 20: a serial number and \"):\" are expected"},
        {"type=X msg=audit(1:2): a=\"b", "line 1: column 28: a value in quotes does not end"},
    };
    for (const Case& one : cases) EXPECT_EQ(read(LineFormat::audit, one.line), one.expected) << one.line;
}

TEST(EventLines, GoesOnBehindBadLinesHoweverTheBytesCome) {
    const std::string stream = "{\"a\":1}\r\n\n  \nbad\n{\"a\":\"" + std::string(40, 'x') + "\"}\n{\"a\":\"\xc3\"}\n{\"a\":2}";
    for (std::size_t step : {std::size_t{1}, std::size_t{7}, stream.size()}) {
        EventLines lines(LineFormat::json, {.line = 20, .depth = 4});
        std::string seen;
        const auto use = [&seen](const Event& event) { seen += std::string(event.find("a")->value) + ";"; };
        for (std::size_t at = 0; at < stream.size(); at += step) lines.feed(std::string_view(stream).substr(at, step), use);
        lines.finish(use);
        EXPECT_EQ(seen, "1;\xEF\xBF\xBD;2;") << step;
        EXPECT_EQ(lines.counts(), (LineCounts{5, 3, 2, 1})) << step;
        EXPECT_THAT(lines.problems(), testing::ElementsAre("line 4: column 1: an event is a JSON object", "line 5: longer than 20 bytes"));
    }
}

TEST(MendedUtf8, KeepsWhatIsTextAndMarksTheRest) {
    const Case cases[] = {
        {"plain", "plain"},
        {"мир 🌍 €", "мир 🌍 €"},
        {"\x80", "\xEF\xBF\xBD"},
        {"\xc0\xaf", "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xed\xa0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xf0\x9f\x8c", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xf4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    };
    for (const Case& one : cases) {
        EXPECT_EQ(mended_utf8(one.line), one.expected);
        EXPECT_TRUE(is_utf8(mended_utf8(one.line)));
    }
}

TEST(ZeekTables, ColumnsHaveTheNamesOfTheHead) {
    EventLines lines(LineFormat::zeek);
    std::vector<std::string> seen;
    const auto use = [&](const Event& event) {
        std::string text;
        for (const EventField& field : event.fields()) text += format("{}={}{};", field.name, field.value, field.null ? "null" : "");
        seen.push_back(text);
    };
    lines.feed("1\tbefore any head\n"
               "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tdns\n#open\t2026-11-24-10-00-00\n"
               "#fields\tts\tid.orig_h\tquery\tanswers\n#types\ttime\taddr\tstring\tvector[string]\n"
               "1764000000.5\t10.0.0.1\ta\\x09b,c\t1.2.3.4,5.6.7.8\n"
               "1764000000.6\t-\t(empty)\t(empty)\n"
               "1764000000.7\t-\n#close\t2026-11-24-11-00-00\n", use);
    lines.finish(use);
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0], "_path=dns;ts=1764000000.5;id.orig_h=10.0.0.1;query=a\tb,c;answers=1.2.3.4;answers=5.6.7.8;");
    EXPECT_EQ(seen[1], "_path=dns;ts=1764000000.6;id.orig_h=null;query=;");
    EXPECT_EQ(lines.counts().bad_lines, 2U);
    EXPECT_EQ(lines.counts().lines, 4U) << "the head is not counted";
    EXPECT_EQ(lines.problems().front(), "line 1: column 1: no #fields line came before");
}

}  // namespace
}  // namespace madang::security
