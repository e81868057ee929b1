// The reader on the public logs: events/ (clean, dirty and forwarded files) and the regression data of Sigma, whose
// JSON holds a part of the fields of some of the events.
#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/file.h"
#include "base/text.h"
#include "security/event.h"
#include "security/evtx.h"

namespace madang::security {
namespace {

namespace fs = std::filesystem;

std::vector<Path> logs_below(const Path& root) {
    std::vector<Path> found;
    if (!fs::exists(root)) return found;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        if (entry.is_regular_file() && equal_ignoring_ascii_case(entry.path().extension().string(), ".evtx")) found.push_back(entry.path());
    }
    std::ranges::sort(found);
    return found;
}

std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t size = 4) {
    std::uint32_t number = 0;
    for (std::size_t i = size; i > 0; --i) number = number << 8U | static_cast<unsigned char>(bytes[at + i - 1]);
    return number;
}

// What the reader should find, the slow way: every place in the used part of a chunk where a record's mark, size and
// second size agree, going byte by byte.
std::size_t scan_records(std::string_view bytes) {
    std::size_t found = 0;
    for (std::size_t chunk = 4096; chunk + 512 <= bytes.size(); chunk += 65'536) {
        if (bytes.substr(chunk, 8) != std::string_view("ElfChnk\0", 8)) continue;
        const std::size_t end = std::min({chunk + number_at(bytes, chunk + 48), chunk + 65'536, bytes.size()});
        for (std::size_t at = chunk + 512; at + 28 <= end; ++at) {
            if (bytes.substr(at, 4) != std::string_view("**\0\0", 4)) continue;
            const std::size_t size = number_at(bytes, at + 4);
            if (size >= 28 && size <= end - at && number_at(bytes, at + size - 4) == size) ++found;
        }
    }
    return found;
}

// Forwarded events hold their numbers as texts; exported ones have another number than the record around them.
std::optional<std::uint64_t> event_record_id(const json::value& event) {
    json::error_code error;
    const json::value* const id = event.find_pointer("/Event/System/EventRecordID", error);
    if (id == nullptr) return std::nullopt;
    if (!id->is_string()) return id->to_number<std::uint64_t>();
    const auto number = parse_decimal(id->get_string());
    return number ? std::optional(*number) : std::nullopt;
}

TEST(EvtxCorpora, EveryRecordThatASlowScanFindsIsRead) {
    std::vector<Path> logs = logs_below(Path(MADANG_CORPORA) / "events");
    if (logs.empty()) GTEST_SKIP() << "events is missing in " << MADANG_CORPORA;
    std::ranges::copy(logs_below(Path(MADANG_CORPORA) / "sigma"), std::back_inserter(logs));
    std::size_t records = 0;
    for (const Path& path : logs) {
        const auto file = EvtxFile::open(path);
        ASSERT_TRUE(file) << file.error().message;
        auto log = EvtxReader::open(file->bytes());
        ASSERT_TRUE(log) << path << ": " << log.error().message;
        while (const EvtxRecord* record = log->next()) {
            const json::object event = evtx_json(log->paths(), *record);
            ASSERT_TRUE(event.size() == 1 && event.contains("Event")) << path << " record " << record->id;
            // The forwarder's own notes have no number.
            EXPECT_TRUE(event_record_id(event) || json::serialize(event).find("Microsoft-Windows-EventForwarder") != std::string::npos) << path;
        }
        const EvtxCounts& counts = log->counts();
        EXPECT_EQ(counts.records, scan_records(file->bytes())) << path;
        EXPECT_EQ(counts.damaged_records, 0U) << path << ": " << testing::PrintToString(log->problems());
        records += counts.records;
    }
    EXPECT_GT(records, 3000U);
}

struct Row {
    std::string file;
    std::size_t index = 0;
    std::string event_id;
    std::string channel;
};

// The last four columns of a row "…,file,index,event id,channel"; the file is in quotes where it holds a comma.
Row row_of(std::string_view line) {
    std::vector<std::string> columns(1);
    bool quoted = false;
    for (const char c : trim(line)) {
        if (c == '"') {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            columns.emplace_back();
        } else {
            columns.back().push_back(c);
        }
    }
    if (columns.size() != 7) return {};
    return {columns[3], static_cast<std::size_t>(parse_decimal(columns[4]).value_or(0)), columns[5], columns[6]};
}

// The flat fields of a file's events, by their place.
std::vector<std::string> channels_of(const Path& path) {
    std::vector<std::string> found;
    const auto file = EvtxFile::open(path);
    auto log = EvtxReader::open(file ? file->bytes() : std::string_view());
    if (!log) return found;
    EvtxEvents events;
    Event event;
    while (const EvtxRecord* record = log->next()) {
        EXPECT_TRUE(events.fill(log->paths(), *record, event)) << path;
        const auto id = event.find("EventID");
        const auto channel = event.find("Channel");
        found.push_back(format("{} {}", id ? id->value : "", channel ? channel->value : ""));
    }
    return found;
}

TEST(EvtxCorpora, FieldsAreThoseOfTheTableOfExpectedAlerts) {
    const auto table = read_file(Path(MADANG_CORPORA) / "events/sigma_expected.csv");
    if (!table) GTEST_SKIP() << "events is missing in " << MADANG_CORPORA;
    std::map<std::string, std::vector<std::string>> read;
    std::size_t compared = 0;
    for (const std::string_view line : split(*table, '\n')) {
        const Row row = row_of(line);
        if (row.file.empty() || row.file == "evtx_file") continue;
        if (!read.contains(row.file)) read[row.file] = channels_of(Path(MADANG_CORPORA) / "events" / row.file);
        const std::vector<std::string>& events = read[row.file];
        if (events.empty()) continue;  // held out
        ASSERT_LT(row.index, events.size()) << row.file;
        EXPECT_EQ(events[row.index], row.event_id + " " + row.channel) << row.file << " " << row.index;
        ++compared;
    }
    EXPECT_GT(compared, 500U);
}

// What in `part` does not stand in `whole` too: "/Event/System/EventID: 7, not 8". Blanks around texts were trimmed.
void find_differences(const json::value& whole, const json::value& part, const std::string& place, std::vector<std::string>& found) {
    if (part.is_object() && whole.is_object()) {
        for (const auto& field : part.get_object()) {
            const std::string name = place + "/" + std::string(field.key());
            const json::value* const value = whole.get_object().if_contains(field.key());
            if (value == nullptr) {
                found.push_back(name + ": missing");
            } else {
                find_differences(*value, field.value(), name, found);
            }
        }
        return;
    }
    const bool same = whole.is_string() && part.is_string() ? trim(whole.get_string()) == trim(part.get_string()) : whole == part;
    if (!same) found.push_back(format("{}: {}, not {}", place, json::serialize(whole), json::serialize(part)));
}

// The JSON files hold one text after the other.
std::vector<json::value> texts_in(const std::string& file) {
    std::vector<json::value> texts;
    json::stream_parser parser;
    std::size_t at = 0;
    while (at < file.size()) {
        json::error_code error;
        at += parser.write_some(file.data() + at, file.size() - at, error);
        if (error) break;
        if (parser.done()) {
            texts.push_back(parser.release());
            parser.reset();
            while (at < file.size() && static_cast<unsigned char>(file[at]) <= ' ') ++at;
        }
    }
    return texts;
}

// One text was typed by hand: the log has "Explorer.EXE", the text beside it ".exe" and a moment in another form.
constexpr std::string_view kTypedByHand = "ad691d92-15f2-4181-9aa4-723c74f9ddc3.json";

TEST(EvtxCorpora, FieldsAreThoseThatSigmasRegressionDataHas) {
    const std::vector<Path> logs = logs_below(Path(MADANG_CORPORA) / "sigma/regression_data");
    if (logs.empty()) GTEST_SKIP() << "sigma is missing in " << MADANG_CORPORA;
    std::size_t compared = 0;
    for (const Path& path : logs) {
        const auto text = read_file(Path(path).replace_extension(".json"));
        if (!text || Path(path).replace_extension(".json").filename() == kTypedByHand) continue;
        std::map<std::uint64_t, json::object> events;
        const auto file = EvtxFile::open(path);
        ASSERT_TRUE(file) << file.error().message;
        auto log = EvtxReader::open(file->bytes());
        ASSERT_TRUE(log) << log.error().message;
        while (const EvtxRecord* record = log->next()) {
            json::object event = evtx_json(log->paths(), *record);
            const auto id = event_record_id(event);
            ASSERT_TRUE(id) << path;
            events[*id] = std::move(event);
        }
        for (const json::value& expected : texts_in(*text)) {
            const auto id = event_record_id(expected);
            ASSERT_TRUE(id && events.contains(*id)) << path << " lacks a record of " << json::serialize(expected);
            std::vector<std::string> differences;
            find_differences(events[*id], expected, "", differences);
            EXPECT_THAT(differences, testing::IsEmpty()) << path;
            ++compared;
        }
    }
    EXPECT_GE(compared, 160U);
}

// Records written out in full: the old interface's list of texts, data of a publisher's own, a logon, the forwarder.
TEST(EvtxCorpora, WholeRecordsAreWhatTheyWere) {
    const struct {
        std::string_view file;
        std::size_t index;
        std::string_view expected;
    } cases[] = {
        {"events/EVTX-to-MITRE-Attack/EVTX_full_APT_attack_steps/ID4624,4688,5140,5145-Eternal Romance - MS17_010_psexec (GLOBAL).evtx", 0,
         R"({"Event":{"#attributes":{"xmlns":"http://schemas.microsoft.com/win/2004/08/events/event"},"System":{"Prov)"
         R"(ider":{"#attributes":{"Name":"Microsoft-Windows-Eventlog","Guid":"{fc65ddd8-d6ef-4962-83d5-6e5cfe9ce148}")"
         R"(}},"EventID":1102,"Version":0,"Level":4,"Task":104,"Opcode":0,"Keywords":"0x4020000000000000","TimeCreate)"
         R"(d":{"#attributes":{"SystemTime":"2021-04-22T08:50:53.614492Z"}},"EventRecordID":435110,"Correlation":null)"
         R"(,"Execution":{"#attributes":{"ProcessID":704,"ThreadID":2352}},"Channel":"Security","Computer":"fs03vuln.)"
         R"(offsec.lan","Security":null},"UserData":{"LogFileCleared":{"#attributes":{"xmlns":"http://manifests.micro)"
         R"(soft.com/win/2004/08/windows/eventlog"},"SubjectUserSid":"S-1-5-21-4230534742-2542757381-3142984815-1111")"
         R"(,"SubjectUserName":"admmig","SubjectDomainName":"OFFSEC","SubjectLogonId":"0x7424d"}}}})"},
        {"events/EVTX-to-MITRE-Attack/EVTX_full_APT_attack_steps/ID4624,4688,5140,5145-Eternal Romance - MS17_010_psexec (GLOBAL).evtx", 2,
         R"({"Event":{"#attributes":{"xmlns":"http://schemas.microsoft.com/win/2004/08/events/event"},"System":{"Prov)"
         R"(ider":{"#attributes":{"Name":"Microsoft-Windows-Security-Auditing","Guid":"54849625-5478-4994-A5BA-3E3B03)"
         R"(28C30D"}},"EventID":4672,"Version":0,"Level":0,"Task":12548,"Opcode":0,"Keywords":"0x8020000000000000","T)"
         R"(imeCreated":{"#attributes":{"SystemTime":"2021-04-22T08:51:04.686763Z"}},"EventRecordID":435112,"Correlat)"
         R"(ion":null,"Execution":{"#attributes":{"ProcessID":480,"ThreadID":2416}},"Channel":"Security","Computer":")"
         R"(fs03vuln.offsec.lan","Security":null},"EventData":{"SubjectUserSid":"S-1-5-21-4230534742-2542757381-31429)"
         R"(84815-1111","SubjectUserName":"admmig","SubjectDomainName":"OFFSEC","SubjectLogonId":"0x74872","Privilege)"
         R"(List":"SeSecurityPrivilege\r\n\t\t\tSeBackupPrivilege\r\n\t\t\tSeRestorePrivilege\r\n\t\t\tSeTakeOwnershi)"
         R"(pPrivilege\r\n\t\t\tSeDebugPrivilege\r\n\t\t\tSeSystemEnvironmentPrivilege\r\n\t\t\tSeLoadDriverPrivilege)"
         R"(\r\n\t\t\tSeImpersonatePrivilege"}}})"},
        {"events/EVTX-to-MITRE-Attack/TA0002-Execution/T1059.001-PowerShell/ID800-4103-Interactive PipeShell over named pipe (server and client).evtx", 1,
         R"({"Event":{"#attributes":{"xmlns":"http://schemas.microsoft.com/win/2004/08/events/event"},"System":{"Prov)"
         R"(ider":{"#attributes":{"Name":"PowerShell"}},"EventID":{"#attributes":{"Qualifiers":"0"},"#text":"800"},"L)"
         R"(evel":"4","Task":"8","Keywords":"0x80000000000000","TimeCreated":{"#attributes":{"SystemTime":"2021-06-03)"
         R"(T13:05:59.809458200Z"}},"EventRecordID":"28208","Channel":"Windows PowerShell","Computer":"fs01.offsec.la)"
         R"(n","Security":null},"EventData":{"Data":{"#text":[null,"\tDetailSequence=1\r\n\tDetailTotal=1\r\n\r\n\tSe)"
         R"(quenceNumber=49\r\n\r\n\tUserId=OFFSEC\\admmig\r\n\tHostName=ConsoleHost\r\n\tHostVersion=5.1.14393.3383\)"
         R"(r\n\tHostId=bd562abd-9bda-4c45-8dd0-1d1939b8a2ec\r\n\tHostApplication=C:\\Windows\\System32\\WindowsPower)"
         R"(Shell\\v1.0\\powershell.exe\r\n\tEngineVersion=5.1.14393.3383\r\n\tRunspaceId=4b5551f8-0137-4d3e-a6d3-306)"
         R"(1a6604583\r\n\tPipelineId=19\r\n\tScriptName=\r\n\tCommandLine=","CommandInvocation(PSConsoleHostReadline)"
         R"(): \"PSConsoleHostReadline\"\r\n"]}}}})"},
        {"events/EVTX-to-MITRE-Attack/TA0007-Discovery/T1135.xxx-Network Share Discovery/ID5140-5145-Bloodhound-SharpHound enumeration via SMB.evtx", 0,
         R"({"Event":{"#attributes":{"xmlns":"http://schemas.microsoft.com/win/2004/08/events/event"},"System":{"Prov)"
         R"(ider":{"#attributes":{"Name":"Microsoft-Windows-EventForwarder"}},"EventID":"111","TimeCreated":{"#attrib)"
         R"(utes":{"SystemTime":"2021-04-27T15:03:16.983Z"}},"Computer":"dhcp01.offsec.lan"},"SubscriptionBookmarkEve)"
         R"(nt":{"SubscriptionId":null}}})"},
    };
    for (const auto& one : cases) {
        const auto file = EvtxFile::open(Path(MADANG_CORPORA) / one.file);
        if (!file) GTEST_SKIP() << "events is missing in " << MADANG_CORPORA;
        auto log = EvtxReader::open(file->bytes());
        ASSERT_TRUE(log);
        for (std::size_t i = 0; i < one.index; ++i) ASSERT_NE(log->next(), nullptr);
        const EvtxRecord* const record = log->next();
        ASSERT_NE(record, nullptr);
        EXPECT_EQ(json::serialize(evtx_json(log->paths(), *record)), one.expected) << one.file;
    }
}

}  // namespace
}  // namespace madang::security
