// The reader on the public logs: events/ (clean, dirty and forwarded files) and the regression data of Sigma, whose
// JSON holds a part of the fields of some of the events.
#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/file.h"
#include "base/text.h"
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

}  // namespace
}  // namespace madang::security
