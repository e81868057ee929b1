#include "security/event.h"

#include <gmock/gmock.h>

#include "security/evtx.h"
#include "security/evtx_testing.h"

namespace madang::security {
namespace {

std::vector<std::string> lines_of(const Event& event) {
    std::vector<std::string> lines;
    for (const EventField& field : event.fields()) {
        lines.push_back(field.null ? format("{} is null", field.name) : format("{}={}", field.name, field.value));
    }
    return lines;
}

TEST(Event, KeepsFieldsInTheirOrder) {
    Event event;
    EXPECT_TRUE(event.add("a", "1"));
    EXPECT_TRUE(event.add("b", {}, Event::Value::null));
    EXPECT_TRUE(event.add("a", ""));
    EXPECT_THAT(lines_of(event), testing::ElementsAre("a=1", "b is null", "a="));
    EXPECT_EQ(event.find("a")->value, "1");
    EXPECT_FALSE(event.find("A"));
    event.clear();
    EXPECT_TRUE(event.empty());
}

TEST(Event, RefusesWhatPassesItsLimits) {
    Event event;
    EXPECT_FALSE(event.add(std::string(kMaxEventFieldName + 1, 'n'), "v"));
    EXPECT_FALSE(event.add("n", std::string(kMaxEventBytes + 1, 'v')));
    EXPECT_FALSE(event.add_written("n", [](std::string& text) { text.append(kMaxEventBytes, 'v'); }));
    EXPECT_TRUE(event.empty());
    for (std::size_t i = 0; i < kMaxEventFields; ++i) ASSERT_TRUE(event.add("n", "v"));
    EXPECT_FALSE(event.add("n", "v"));
    EXPECT_EQ(event.size(), kMaxEventFields);
}

TEST(EvtxEvents, NamesFieldsAsRulesDo) {
    const struct {
        std::vector<std::string_view> place;
        std::string_view expected;
    } cases[] = {
        {{"Event", "System", "EventID"}, "EventID"},
        {{"Event", "System", "EventID", "@Qualifiers"}, "EventID_Qualifiers"},
        {{"Event", "System", "Provider", "@Name"}, "Provider_Name"},
        {{"Event", "System", "TimeCreated", "@SystemTime"}, "TimeCreated_SystemTime"},
        {{"Event", "EventData", "CommandLine"}, "CommandLine"},
        {{"Event", "EventData", "@Name"}, "EventData_Name"},
        {{"Event", "UserData", "LogFileCleared", "SubjectUserName"}, "SubjectUserName"},
        {{"Event", "UserData", "LogFileCleared", "@xmlns"}, ""},
        {{"Event", "UserData", "LogFileCleared", "@xmlns:e"}, ""},
        {{"Event", "RenderingInfo", "Level"}, "RenderingInfo_Level"},
        {{"Event", "RenderingInfo", "Message"}, "Message"},
        {{"Event", "@xmlns"}, ""},
        {{"Other", "System", "EventID"}, ""},
    };
    for (const auto& [place, expected] : cases) EXPECT_EQ(windows_field_name(place), expected);
}

TEST(EvtxEvents, FlattensARecord) {
    MadeChunk chunk;
    chunk.record(1, [](MadeChunk& c) {
        c.header().define([](MadeChunk& t) {
            t.open("Event", true).attribute("xmlns").text("urn:e").start_done().open("System");
            t.open("Provider", true).attribute("Name").text("Sys").text("mon").start_done().close();
            t.open("EventID").value(0).close().open("Security").close().close().open("EventData");
            t.open("Data", true).attribute("Name").text("Image").start_done().text("C:").text("\\a.exe").close();
            t.open("Data", true).attribute("Name").text("Empty").start_done().value(1).close();
            t.open("Data").value(2).close().open("Data").text("last").close();
            t.close().close();
        });
        c.values({made(EvtxType::uint16, little(4688, 2)), made(EvtxType::null, ""),
                  made_array(EvtxType::string, utf16_of("one") + little(0, 2) + utf16_of("two"))}).end();
    });
    const std::string file = made_file({chunk.done()});
    auto log = EvtxReader::open(file);
    ASSERT_TRUE(log);
    const EvtxRecord* const record = log->next();
    ASSERT_NE(record, nullptr);
    EvtxEvents events;
    Event event;
    for (int again = 0; again < 2; ++again) {
        EXPECT_TRUE(events.fill(log->paths(), *record, event));
        EXPECT_THAT(lines_of(event), testing::ElementsAre("Provider_Name=Sysmon", "EventID=4688", "Security is null", "Image=C:\\a.exe",
                                                          "Empty is null", "Data=one", "Data=two", "Data=last"));
    }
}

}  // namespace
}  // namespace madang::security
