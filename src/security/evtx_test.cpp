#include "security/evtx.h"

#include <gmock/gmock.h>

#include <bit>

#include "base/time_text.h"
#include "security/evtx_testing.h"

namespace madang::security {
namespace {

struct Read {
    std::vector<std::string> events;  // "1 {…}"
    EvtxCounts counts;
    std::vector<std::string> problems;
};

Read read_all(std::string_view bytes) {
    Read read;
    auto log = EvtxReader::open(bytes);
    if (!log) {
        read.problems.push_back(log.error().message);
        return read;
    }
    while (const EvtxRecord* record = log->next()) {
        read.events.push_back(format("{} {}", record->id, json::serialize(evtx_json(log->paths(), *record))));
    }
    read.counts = log->counts();
    read.problems = log->problems();
    return read;
}

// <E>value</E>, as JSON.
std::string json_of(const MadeValue& value) {
    MadeChunk chunk;
    chunk.record(1, [&](MadeChunk& c) {
        c.header().define([](MadeChunk& t) { t.open("E").value(0).close(); });
        c.values({value}).end();
    });
    const Read read = read_all(made_file({chunk.done()}));
    if (read.events.size() != 1) return testing::PrintToString(read.problems);
    return read.events.front().substr(7, read.events.front().size() - 8);
}

// A chunk of records <E>one</E>, <E>two</E>, … with the numbers from `first`.
MadeChunk numbered(std::uint64_t first, std::initializer_list<std::string_view> words) {
    MadeChunk chunk;
    std::size_t place = 0;
    for (const std::string_view word : words) {
        chunk.record(first++, [&](MadeChunk& c) {
            c.header();
            if (place == 0) {
                place = c.define([](MadeChunk& t) { t.open("E").value(0).close(); });
            } else {
                c.use(place);
            }
            c.values({made_text(word)}).end();
        });
    }
    return chunk;
}

TEST(Evtx, ReadsEveryTypeOfValue) {
    const std::string guid("\x78\x56\x34\x12\xbc\x9a\xf0\xde\x01\x02\x03\x04\x05\x06\x07\x08", 16);
    const std::string sid("\1\5\0\0\0\0\0\5\x15\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\xf4\1\0\0", 28);
    const std::string moment = little(2024, 2) + little(2, 2) + little(4, 2) + little(29, 2) + little(23, 2) + little(59, 2) + little(58, 2) + little(7, 2);
    const struct {
        MadeValue value;
        std::string_view expected;
    } cases[] = {
        {made(EvtxType::null, ""), "null"},
        {made_text("Grüße, мир, 🌍"), "\"Grüße, мир, 🌍\""},
        {made(EvtxType::string, utf16_of("closed") + std::string(2, '\0')), "\"closed\""},
        {made(EvtxType::string, std::string("a\0\0\xd8z\0", 6)), "\"a\xEF\xBF\xBDz\""},
        {made(EvtxType::string, ""), "\"\""},
        {made(EvtxType::ansi, std::string("caf\xe9\0", 5)), "\"café\""},
        {made(EvtxType::ansi, "caf\xc3\xa9"), "\"café\""},
        {made(EvtxType::int8, "\x80"), "-128"},
        {made(EvtxType::uint8, "\xff"), "255"},
        {made(EvtxType::int16, little(0x8000, 2)), "-32768"},
        {made(EvtxType::uint16, little(4688, 2)), "4688"},
        {made(EvtxType::int32, little(0xffffffff, 4)), "-1"},
        {made(EvtxType::uint32, little(0xffffffff, 4)), "4294967295"},
        {made(EvtxType::int64, little(1ULL << 63U, 8)), "-9223372036854775808"},
        {made(EvtxType::uint64, little(~0ULL, 8)), "18446744073709551615"},
        {made(EvtxType::float32, little(std::bit_cast<std::uint32_t>(0.5F), 4)), "5E-1"},
        {made(EvtxType::float64, little(std::bit_cast<std::uint64_t>(-2.25), 8)), "-2.25E0"},
        {made(EvtxType::float64, little(std::bit_cast<std::uint64_t>(1.0 / 0.0), 8)), "\"inf\""},
        {made(EvtxType::boolean, little(1, 4)), "true"},
        {made(EvtxType::boolean, little(0, 4)), "false"},
        {made(EvtxType::binary, "\x01\xab"), "\"01AB\""},
        {made(EvtxType::guid, guid), "\"12345678-9ABC-DEF0-0102-030405060708\""},
        {made(EvtxType::size, little(0x1f, 4)), "\"0x1f\""},
        {made(EvtxType::size, little(1ULL << 40U, 8)), "\"0x10000000000\""},
        {made(EvtxType::file_time, little(133'000'000'001'234'567, 8)), "\"2022-06-18T04:26:40.123456Z\""},
        {made(EvtxType::file_time, little(0, 8)), "\"1601-01-01T00:00:00.000000Z\""},
        {made(EvtxType::file_time, little(~0ULL, 8)), "\"9999-12-31T23:59:59.999999Z\""},
        {made(EvtxType::system_time, moment), "\"2024-02-29T23:59:58.007000Z\""},
        {made(EvtxType::sid, sid), "\"S-1-5-21-1-2-3-500\""},
        {made(EvtxType::hex32, little(0x80070020, 4)), "\"0x80070020\""},
        {made(EvtxType::hex64, little(1ULL << 63U, 8)), "\"0x8000000000000000\""},
        {made(EvtxType::handle, "\x0a\x0b"), "\"0A0B\""},
        {made(EvtxType::evt_xml, utf16_of("<a/>")), "\"<a/>\""},
        // What does not fit its type is shown, not dropped.
        {made(EvtxType::guid, "\x01\x02"), "\"0102\""},
        {made(EvtxType::uint32, "\x01"), "\"01\""},
        {made(EvtxType::sid, std::string("\1\x0f\0\0\0\0\0\5", 8)), "\"010F000000000005\""},
        {made(static_cast<EvtxType>(0x55), "\x01"), "\"01\""},
    };
    for (const auto& [value, expected] : cases) EXPECT_EQ(json_of(value), expected) << "type " << int{value.type};
}

TEST(Evtx, ReadsArrays) {
    const std::string sid("\1\1\0\0\0\0\0\5\x12\0\0\0", 12);
    const struct {
        MadeValue value;
        std::string_view expected;
    } cases[] = {
        {made_array(EvtxType::string, utf16_of("one") + little(0, 2) + little(0, 2) + utf16_of("three") + little(0, 2)), R"(["one","","three"])"},
        {made_array(EvtxType::string, utf16_of("open")), R"(["open"])"},
        {made_array(EvtxType::ansi, std::string("a\0b\0", 4)), R"(["a","b"])"},
        {made_array(EvtxType::uint16, little(1, 2) + little(2, 2)), "[1,2]"},
        {made_array(EvtxType::uint16, little(1, 2) + "\x07"), R"([1,"07"])"},
        {made_array(EvtxType::hex64, little(1, 8) + little(255, 8)), R"(["0x1","0xff"])"},
        {made_array(EvtxType::boolean, little(1, 4) + little(0, 4)), "[true,false]"},
        {made_array(EvtxType::sid, sid + sid), R"(["S-1-5-18","S-1-5-18"])"},
        {made_array(EvtxType::size, little(1, 4) + little(2, 4) + little(3, 4)), R"(["0x1","0x2","0x3"])"},
        {made_array(EvtxType::uint32, ""), "null"},
    };
    for (const auto& [value, expected] : cases) EXPECT_EQ(json_of(value), expected) << "type " << int{value.type};
}

TEST(Evtx, GivesAWholeEventInTheShapeThatRulesExpect) {
    MadeChunk chunk;
    chunk.record(42, [](MadeChunk& c) {
        c.header().define([](MadeChunk& t) {
            t.open("Event", true).attribute("xmlns").text("urn:e").start_done();
            t.open("System").open("Provider", true).attribute("Name").text("Sysmon").attribute("Guid").value(0).start_done().close();
            t.open("EventID", true).attribute("Qualifiers").value(5).start_done().value(1).close();
            t.open("Correlation", true).attribute("ActivityID").value(2).start_done().close();
            t.close().open("EventData");
            t.open("Data", true).attribute("Name").text("Image").start_done().value(3).close();
            t.open("Data", true).attribute("Name").value(4).start_done().text("by value").close();
            t.open("Data").text("a").close().open("Data").text("b").close().open("Data").text("c").close();
            t.open("Binary").close().open("Binary").text("x").put({"\x08&\0", 3}).put("\x09").put_name("lt").put("\x07\x02").put({"\0y\0z\0", 5}).close();
            t.close().close();
        });
        c.values({made(EvtxType::guid, std::string(16, '\x11')), made(EvtxType::uint16, little(7, 2)), made(EvtxType::null, ""),
                  made_text("C:\\a.exe"), made_text("Called"), made(EvtxType::uint16, little(3, 2))}).end();
    });
    const Read read = read_all(made_file({chunk.done()}));
    EXPECT_THAT(read.problems, testing::IsEmpty());
    EXPECT_THAT(read.events, testing::ElementsAre(
        R"(42 {"Event":{"#attributes":{"xmlns":"urn:e"},"System":{"Provider":{"#attributes":{"Name":"Sysmon","Guid":"11111111-1111-1111-1111-111111111111"}},)"
        R"("EventID":{"#attributes":{"Qualifiers":3},"#text":7},"Correlation":null},)"
        R"("EventData":{"Image":"C:\\a.exe","Called":"by value","Data":{"#text":["a","b","c"]},"Binary":null,"Binary_1":"x&<yz"}}})"));
}

TEST(Evtx, ReadsEventsWithinEvents) {
    MadeChunk chunk;
    chunk.record(1, [](MadeChunk& c) {
        c.header().define([](MadeChunk& t) { t.open("UserData").value(0).close(); });
        MadeChunk inner;  // the same bytes at their place in the chunk: elements outside templates have no number
        inner.put(std::string(c.size() + 8 - inner.size(), '\0'));
        const std::size_t begin = inner.size();
        inner.header().open("Cleared", false, false).text("by root").close().end();
        c.values({made(EvtxType::binxml, inner.done().substr(begin, inner.size() - begin))}).end();
    });
    const Read read = read_all(made_file({chunk.done()}));
    EXPECT_THAT(read.problems, testing::IsEmpty());
    EXPECT_THAT(read.events, testing::ElementsAre(R"(1 {"UserData":{"Cleared":"by root"}})"));
}

TEST(Evtx, ReadsForwardedEventsThatHaveNoTemplate) {
    MadeChunk chunk;
    chunk.record(9, [](MadeChunk& c) {
        c.header().open("Event", false, false).open("System", false, false).open("EventID", false, false).text("4688").close().close();
        c.open("RenderingInfo", true, false).attribute("Culture").text("en-US").start_done();
        c.open("Message", false, false).text("A new process.").close().close().close().end();
    });
    EXPECT_THAT(read_all(made_file({chunk.done()})).events, testing::ElementsAre(
        R"(9 {"Event":{"System":{"EventID":"4688"},"RenderingInfo":{"#attributes":{"Culture":"en-US"},"Message":"A new process."}}})"));
}

TEST(Evtx, TellsWhenAndWhereARecordWasWritten) {
    const std::string file = made_file({numbered(5, {"a"}).done()});
    auto log = EvtxReader::open(file);
    ASSERT_TRUE(log);
    const EvtxRecord* const record = log->next();
    ASSERT_NE(record, nullptr);
    EXPECT_EQ(format_instant(record->written), "2022-06-18T04:26:40.123456Z");
    EXPECT_EQ(record->offset, 4096U + 512U);
    ASSERT_EQ(record->items.size(), 2U);
    EXPECT_EQ(log->paths().spelled(record->items[1].path), "E");
    EXPECT_EQ(log->next(), nullptr);
    EXPECT_EQ(log->next(), nullptr);
}

std::string event(int id, std::string_view word) { return format(R"({} {{"E":"{}"}})", id, word); }

TEST(Evtx, ReadsAFileThatWasNotClosed) {
    // The header of the chunk knows of the first record only, that of the file of no chunk.
    const std::string first_only = numbered(1, {"a"}).done();
    std::string chunk = numbered(1, {"a", "b", "c"}).done();
    chunk.replace(0, 128, first_only, 0, 128);
    std::string file = made_file({chunk, numbered(4, {"d"}).done()});
    overwrite(file, 42, 0, 2);
    overwrite(file, 120, 1, 4);  // dirty
    const Read read = read_all(file);
    EXPECT_THAT(read.events, testing::ElementsAre(event(1, "a"), event(2, "b"), event(3, "c"), event(4, "d")));
    EXPECT_EQ(read.counts, (EvtxCounts{4, 0, 0, 2}));
}

TEST(Evtx, LeavesOldRecordsBehindTheLastOneAlone) {
    const std::string first_only = numbered(100, {"new"}).done();
    std::string chunk = numbered(100, {"new", "old"}).done();
    chunk.replace(0, 128, first_only, 0, 128);
    const std::size_t second = chunk.find("**", 514);
    overwrite(chunk, second + 8, 37, 8);
    const Read read = read_all(made_file({chunk}));
    EXPECT_THAT(read.events, testing::ElementsAre(event(100, "new")));
    EXPECT_EQ(read.counts.damaged_records, 0U);
}

TEST(Evtx, GoesOnBehindDamage) {
    const std::string sound = numbered(1, {"a", "b", "c"}).done();
    const std::size_t second = sound.find("**", 514);
    const struct {
        std::string_view what;
        std::function<void(std::string&)> damage;
        std::vector<std::string> events;
        EvtxCounts counts;
        std::string_view problem;
    } cases[] = {
        {"a mark", [&](std::string& c) { c[second] = 'x'; }, {event(1, "a"), event(3, "c")}, {2, 1, 1, 1}, "the records of the chunk do not fit their checksum"},
        {"a size", [&](std::string& c) { overwrite(c, second + 4, 0xfffffff0, 4); }, {event(1, "a"), event(3, "c")}, {2, 1, 1, 1}, "the records"},
        {"a size of nothing", [&](std::string& c) { overwrite(c, second + 4, 0, 4); }, {event(1, "a"), event(3, "c")}, {2, 1, 1, 1}, "the records"},
        {"a place of a template", [&](std::string& c) { overwrite(c, second + 24 + 10, 0xfffffff0, 4); }, {event(1, "a"), event(3, "c")}, {2, 1, 1, 1}, "the records"},
        {"a checksum", [](std::string& c) { c[52] = static_cast<char>(c[52] + 1); }, {event(1, "a"), event(2, "b"), event(3, "c")}, {3, 0, 1, 1},
         "offset 4096: the header of the chunk does not fit its checksum"},
        {"the end of the records", [](std::string& c) { overwrite(c, 48, 0xffffff00, 4); }, {event(1, "a"), event(2, "b"), event(3, "c")}, {3, 0, 1, 1}, "the header"},
        {"the header of the chunk", [](std::string& c) { c.replace(0, 512, std::string(512, '!')); }, {event(1, "a"), event(2, "b"), event(3, "c")}, {3, 0, 1, 1},
         "offset 4096: a chunk without its mark"},
        {"the header of the chunk and the mark of its first record", [](std::string& c) { c.replace(0, 516, std::string(516, '!')); }, {event(2, "b"), event(3, "c")}, {2, 1, 1, 1},
         "offset 4096: a chunk without its mark"},
        {"its second half", [&](std::string& c) { c.resize(second + 20); }, {event(1, "a")}, {1, 1, 1, 1}, "offset 4096: the chunk is cut off"},
        {"all of it", [](std::string& c) { c.assign(65'536, '?'); }, {}, {0, 0, 1, 1, 1}, "offset 4096: a chunk without its mark"},
        {"nothing, it is empty", [](std::string& c) { c.assign(65'536, '\0'); }, {}, {0, 0, 0, 0}, ""},
    };
    for (const auto& one : cases) {
        std::string chunk = sound;
        one.damage(chunk);
        const Read read = read_all(made_file({chunk}));
        EXPECT_EQ(read.events, one.events) << one.what;
        EXPECT_EQ(read.counts, one.counts) << one.what << testing::PrintToString(read.problems);
        if (!one.problem.empty()) {
            ASSERT_FALSE(read.problems.empty()) << one.what;
            EXPECT_THAT(read.problems.front(), testing::HasSubstr(std::string(one.problem))) << one.what;
        }
    }
}

TEST(Evtx, FindsChunksThatAreNotWhereTheyShouldBe) {
    const std::string chunk = numbered(1, {"a"}).done();
    EXPECT_THAT(read_all(chunk).events, testing::ElementsAre(event(1, "a"))) << "a chunk alone";
    EXPECT_THAT(read_all("junk before" + chunk).events, testing::ElementsAre(event(1, "a")));
    const Read shifted = read_all(made_file({"junk between", chunk, numbered(2, {"b"}).done()}));
    EXPECT_THAT(shifted.events, testing::ElementsAre(event(1, "a"), event(2, "b")));
    EXPECT_EQ(shifted.counts.damaged_chunks, 1U);
}

TEST(Evtx, RefusesWhatIsNoLog) {
    EXPECT_THAT(read_all("").problems, testing::ElementsAre("offset 0: neither an event log nor a part of one"));
    EXPECT_THAT(read_all(std::string(70'000, 'x')).problems, testing::ElementsAre("offset 0: neither an event log nor a part of one"));
    EXPECT_THAT(read_all(made_file({})).problems, testing::IsEmpty());
    EXPECT_EQ(EvtxFile::open("/no/such/file").error().code, Code::not_found);
    EXPECT_EQ(EvtxFile::open("/").error().code, Code::invalid);
}

// One record, whose template is what the test makes of it.
Read read_one(const std::function<void(MadeChunk&)>& write) {
    MadeChunk chunk;
    chunk.record(1, write);
    return read_all(made_file({chunk.done()}));
}

TEST(Evtx, EndsWhereBytesAreMadeToHarm) {
    const auto deep = [](MadeChunk& t) {
        for (int i = 0; i < 65; ++i) t.open("E");
        for (int i = 0; i < 65; ++i) t.close();
    };
    const struct {
        std::string_view problem;
        std::function<void(MadeChunk&)> write;
    } cases[] = {
        {"elements are nested too deep", [&](MadeChunk& c) { c.header().define(deep); c.values({}).end(); }},
        {"templates are nested too deep", [](MadeChunk& c) {  // one that uses itself
             c.header().define([&](MadeChunk& t) { t.use(t.size() - 28).values({}); });
             c.values({}).end();
         }},
        {"a template lies outside its chunk", [](MadeChunk& c) { c.header().use(70'000).values({}).end(); }},
        {"a value is cut off", [](MadeChunk& c) {
             c.header().define([](MadeChunk& t) { t.open("E").value(0).close(); });
             c.put(little(1, 4)).put(little(60'000, 2)).put(little(1, 2)).end();
         }},
        {"more values than the record has room for", [](MadeChunk& c) { c.header().define([](MadeChunk&) {}); c.put(little(0xffffffff, 4)); }},
        {"an element is not closed", [](MadeChunk& c) { c.header().define([](MadeChunk& t) { t.open("E"); }); c.values({}).end(); }},
        {"an element is closed that was not opened", [](MadeChunk& c) { c.header().define([](MadeChunk& t) { t.close(); }); c.values({}).end(); }},
        {"not a token of BinXML", [](MadeChunk& c) { c.header().define([](MadeChunk& t) { t.put("\x3f"); }); c.values({}).end(); }},
        {"no name stands where one is said to be", [](MadeChunk& c) { c.header().define([](MadeChunk& t) { t.put("\x01").put(std::string(10, '\x77')); }); c.values({}).end(); }},
        {"an entity that XML does not know", [](MadeChunk& c) { c.header().define([](MadeChunk& t) { t.open("E").put("\x09").put_name("e").close(); }); c.values({}).end(); }},
        {"the BinXML ends early", [](MadeChunk& c) { c.header().define([](MadeChunk& t) { t.open("E").put("\x05\x01\xff\xff"); }); c.values({}).end(); }},
    };
    for (const auto& one : cases) {
        const Read read = read_one(one.write);
        EXPECT_EQ(read.counts, (EvtxCounts{0, 1, 0, 1})) << one.problem;
        EXPECT_THAT(read.problems, testing::ElementsAre(testing::HasSubstr(std::string(one.problem))));
    }
}

// Thirty templates, each using the one before twice, ask for 2^30 elements; the budget of the chunk ends that.
TEST(Evtx, EndsWhatGrowsWithEachTemplate) {
    MadeChunk chunk;
    std::size_t before = 0;
    for (int i = 0; i < 30; ++i) {
        chunk.record(static_cast<std::uint64_t>(i) + 1, [&](MadeChunk& c) {
            c.header();
            const std::size_t used = before;
            before = c.define([&](MadeChunk& t) {
                t.open("E");
                if (used != 0) t.use(used).values({}).use(used).values({});
                t.close();
            });
            c.values({}).end();
        });
    }
    const Read read = read_all(made_file({chunk.done()}));
    EXPECT_GT(read.counts.damaged_records, 0U);
    EXPECT_EQ(read.counts.records + read.counts.damaged_records, 30U);
}

}  // namespace
}  // namespace madang::security
