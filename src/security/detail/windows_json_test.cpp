// One record of a real log in every spelling that its carriers have for it: the same fields, and the same rule finds it.
#include "security/detail/windows_json.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "security/detector.h"
#include "security/evtx.h"
#include "security/rule_set.h"

namespace madang::security {
namespace {

using Lines = std::multiset<std::string>;

std::string line_of(const EventField& field) { return field.null ? format("{} is null", field.name) : format("{}={}", field.name, field.value); }

Lines lines_of(const Event& event) {
    Lines lines;
    for (const EventField& field : event.fields()) lines.insert(line_of(field));
    return lines;
}

Event event_of(std::string_view line) {
    Event event;
    const auto read = parse_json_line(line, {}, event);
    EXPECT_TRUE(read) << read.error().message << " in " << line;
    return event;
}
Lines read(std::string_view line) { return lines_of(event_of(line)); }

// {"#attributes": {"Name": "x"}} as {"@Name": "x"} (xmltodict) with the mark "@", or {"Name": "x"} without one; a text beside
// attributes is called `text`.
json::value respelled(const json::value& value, std::string_view mark, std::string_view text) {
    if (!value.is_object()) return value;
    json::object made;
    for (const auto& [key, member] : value.get_object()) {
        if (key == "#attributes") {
            for (const auto& [name, attribute] : member.get_object()) made[std::string(mark) + std::string(name)] = attribute;
        } else {
            made[key == "#text" ? text : std::string_view(key)] = respelled(member, mark, text);
        }
    }
    return made;
}

// As Wazuh writes a value.
std::string doubled(std::string_view text) {
    std::string made;
    for (const char c : text) made.append(c == '\\' ? 2 : 1, c);
    return made;
}

// <EventData> as a list of its elements, each as `one` writes it.
template <class One>
json::object with_data_list(json::object event, const One& one) {
    json::array list;
    for (const auto& [name, value] : event["EventData"].get_object()) list.push_back(one(name, value));
    event["EventData"] = json::object{{"Data", std::move(list)}};
    return event;
}

class Spellings : public testing::Test {
protected:
    void SetUp() override {
        const Path corpus = Path(MADANG_CORPORA) / "sigma";
        const Path name = "windows/process_creation/proc_creation_win_bitsadmin_download";
        if (!std::filesystem::is_directory(corpus)) GTEST_SKIP() << "sigma is missing in " << MADANG_CORPORA;
        auto opened = EvtxFile::open(corpus / "regression_data/rules" / name / "d059842b-6b9d-4ed1-b5c3-5b89143c6ede.evtx");
        ASSERT_TRUE(opened) << opened.error().message;
        file_.emplace(std::move(*opened));
        auto log = EvtxReader::open(file_->bytes());
        ASSERT_TRUE(log) << log.error().message;
        const EvtxRecord* const record = log->next();
        ASSERT_NE(record, nullptr);
        EvtxEvents events;
        ASSERT_TRUE(events.fill(log->paths(), *record, event_));
        tree_ = evtx_json(log->paths(), *record)["Event"].get_object();
        auto set = load_rules({corpus / "rules" / (name.string() + ".yml")});
        ASSERT_TRUE(set) << set.error().message;
        auto sources = LogSources::shipped();
        ASSERT_TRUE(sources) << sources.error().message;
        auto program = SigmaProgram::compile(std::move(set->rules), *sources);
        ASSERT_TRUE(program) << program.error().message;
        program_ = std::move(*program);
        ASSERT_EQ(found(event_, {.category = {}, .product = "windows", .service = {}}), 1U);
    }
    std::size_t found(const Event& event, const LogOrigin& origin) const {
        SigmaProgram::Run run(*program_);
        return run.matches(event, origin).size();
    }
    // The whole record, and the rule meets it without being told where it is from.
    void expect_same(const json::value& value) const {
        const std::string line = json::serialize(value);
        const Event event = event_of(line);
        EXPECT_EQ(lines_of(event), lines_of(event_)) << line;
        EXPECT_EQ(found(event, origin_of(event, LineFormat::json, {})), 1U) << line;
    }
    // All fields of the record but those that this carrier leaves out, or writes in words of its own.
    void expect_same_but(const json::value& value, const std::set<std::string_view>& left_out) const {
        const std::string line = json::serialize(value);
        const Event event = event_of(line);
        const Lines there = lines_of(event);
        for (const EventField& field : event_.fields()) {
            if (field.null || left_out.contains(field.name)) continue;
            EXPECT_EQ(there.count(line_of(field)), 1U) << line_of(field) << " in " << line;
        }
        EXPECT_EQ(found(event, origin_of(event, LineFormat::json, {})), 1U) << line;
    }
    // Fields of <EventData>, each under the name that `named` makes of its own.
    template <class Named>
    json::object data(const Named& named) const {
        json::object made;
        for (const auto& [name, value] : tree_.at("EventData").get_object()) made[named(std::string(name))] = value;
        return made;
    }
    std::string field(std::string_view name) const {
        const auto found = event_.find(name);
        return found ? std::string(found->value) : "missing";
    }

    std::optional<EvtxFile> file_;   // tree_ and event_ are of it
    Event event_;
    json::object tree_;
    std::unique_ptr<const SigmaProgram> program_;
};

TEST_F(Spellings, OfTheTreeAreTheRecordItself) {
    json::object bare = tree_;
    bare.erase("#attributes");
    expect_same(json::object{{"Event", tree_}});
    expect_same(bare);
    expect_same(json::object{{"_source", bare}});
    expect_same(json::object{{"Event", respelled(tree_, "@", "#text")}});   // xmltodict
    expect_same(respelled(bare, "", "Value"));                              // Velociraptor
    const auto lists = {
        with_data_list(tree_, [](const auto& name, const auto& value) { return json::object{{"@Name", name}, {"#text", value}}; }),
        with_data_list(tree_, [](const auto& name, const auto& value) { return json::object{{"#text", value}, {"#attributes", json::object{{"Name", name}}}}; }),
        with_data_list(tree_, [](const auto& name, const auto& value) { return json::object{{"text", value}, {"Name", name}}; }),
        with_data_list(tree_, [](const auto& name, const auto& value) { return json::object{{"Name", name}, {"content", value}}; }),
        with_data_list(tree_, [](const auto& name, const auto& value) { return json::object{{"$", json::object{{"Name", name}}}, {"_", value}}; }),
    };
    for (const json::object& one : lists) {
        expect_same(json::object{{"Event", one}});
        expect_same(json::object{{"System", one.at("System")}, {"EventData", one.at("EventData")}});
    }
}

TEST_F(Spellings, OfWinlogbeatHaveTheNamesOfTheRecord) {
    const json::object winlog{{"event_data", data([](std::string name) { return name; })}, {"event_id", field("EventID")}, {"channel", field("Channel")},
                              {"provider_name", field("Provider_Name")}, {"provider_guid", field("Provider_Guid")}, {"computer_name", field("Computer")},
                              {"record_id", field("EventRecordID")}, {"version", field("Version")}, {"user", json::object{{"identifier", field("Security_UserID")}}},
                              {"process", json::object{{"pid", field("Execution_ProcessID")}, {"thread", json::object{{"id", field("Execution_ThreadID")}}}}}};
    const std::set<std::string_view> left_out{"Level", "Task", "Opcode", "Keywords", "TimeCreated_SystemTime"};
    expect_same_but(json::object{{"winlog", winlog}, {"message", "Process Create"}}, left_out);
    expect_same_but(json::object{{"_index", "winlogbeat"}, {"_source", json::object{{"winlog", winlog}}}}, left_out);
}

TEST_F(Spellings, OfWazuhHaveTheNamesOfTheRecord) {
    json::object eventdata = data([](std::string name) { name.front() = static_cast<char>(name.front() | 0x20); return name; });
    for (auto& [name, value] : eventdata) {
        if (value.is_string()) value = doubled(value.get_string());
    }
    const json::object system{{"providerName", field("Provider_Name")}, {"providerGuid", field("Provider_Guid")}, {"eventID", field("EventID")}, {"version", field("Version")},
                              {"level", field("Level")}, {"task", field("Task")}, {"opcode", field("Opcode")}, {"keywords", field("Keywords")},
                              {"systemTime", field("TimeCreated_SystemTime")}, {"eventRecordID", field("EventRecordID")}, {"processID", field("Execution_ProcessID")},
                              {"threadID", field("Execution_ThreadID")}, {"channel", field("Channel")}, {"computer", field("Computer")}};
    const json::object win{{"system", system}, {"eventdata", std::move(eventdata)}};
    expect_same_but(json::object{{"agent", json::object{{"id", "001"}}}, {"data", json::object{{"win", win}}}}, {"Security_UserID"});
    expect_same_but(json::object{{"win", win}}, {"Security_UserID"});
}

TEST_F(Spellings, OfFlatShippersHaveTheNamesOfTheRecordToo) {
    json::object flat = data([](std::string name) { return name; });
    for (const char* name : {"EventID", "Channel", "Version", "Task"}) flat[name] = field(name);
    const std::set<std::string_view> left_out{"Level", "Opcode", "Keywords", "TimeCreated_SystemTime", "Security_UserID"};
    json::object nxlog = flat;
    for (const auto& [theirs, ours] : {std::pair{"SourceName", "Provider_Name"}, {"ProviderGuid", "Provider_Guid"}, {"Hostname", "Computer"}, {"RecordNumber", "EventRecordID"},
                                       {"ProcessID", "Execution_ProcessID"}, {"ThreadID", "Execution_ThreadID"}}) {
        nxlog[theirs] = field(ours);
    }
    expect_same_but(nxlog, left_out);
    flat["ProviderName"] = field("Provider_Name");
    EXPECT_THAT(read(json::serialize(flat)), testing::Contains("Provider_Name=" + field("Provider_Name")));
}

TEST(WindowsJson, ReadsDataHoweverItIsSpelled) {
    const struct {
        std::string_view data;
        Lines expected;
    } cases[] = {
        {R"("text")", {"Data=text"}},
        {R"(["a","b"])", {"Data=a", "Data=b"}},
        {R"({"#text":["a","b"]})", {"Data=a", "Data=b"}},
        {R"({"@Name":"Image","#text":"x"})", {"Image=x"}},
        {R"({"@Name":"Image","#text":null})", {"Image is null"}},
        {R"([{"@Name":"Image"}])", {"Image is null"}},
        {R"([{"@Name":"A","#text":"1"},"plain",{"#text":"2"}])", {"A=1", "Data=plain", "Data=2"}},
        {R"({"@Name":"A","@Name":"B","#text":"x"})", {"A=x", "B=x"}},
        {R"({"@Name":"A","#text":["x","y"]})", {"A=x", "A=y"}},
        {R"({"@Name":"A","#text":"x","more":{"of":"it"}})", {"A=x", "more.of=it"}},
        {R"({"@Name":"","#text":"x"})", {"@Name=", "Data=x"}},
    };
    for (const auto& [data, expected] : cases) EXPECT_EQ(read(format(R"({{"Event":{{"EventData":{{"Data":{}}}}}}})", data)), expected) << data;
}

TEST(WindowsJson, TakesForSystemOnlyWhatIsOne) {
    EXPECT_EQ(read(R"({"System":{"cpu":{"load":1}},"EventData":{"x":2}})"), (Lines{"System.cpu.load=1", "EventData.x=2"})) << "no Windows event";
    EXPECT_EQ(read(R"({"System":{"EventID":{"Value":7},"TimeCreated":"t","UserID":"u","Execution":{"ProcessID":4}}})"),
              (Lines{"EventID=7", "TimeCreated_SystemTime=t", "Security_UserID=u", "Execution_ProcessID=4"}));
    EXPECT_EQ(read(R"({"Event":{"@xmlns":"u","System":{"EventID":1},"EventData":null}})"), (Lines{"EventID=1"}));
    EXPECT_EQ(read(R"({"SourceName":"s","EventID":1,"Channel":"c","Provider_Name":"p"})"), (Lines{"SourceName=s", "EventID=1", "Channel=c", "Provider_Name=p"}));
    EXPECT_EQ(read(R"({"SourceName":"s","EventID":1})"), (Lines{"SourceName=s", "EventID=1"})) << "of no channel";
}

TEST(WindowsJson, TakesTheSecondOfEachPairOfBackslashesAway) {
    EXPECT_EQ(wazuh_value(R"(C:\\a\\b)"), R"(C:\a\b)");
    EXPECT_EQ(wazuh_value(R"(\\\\srv\\share)"), R"(\\srv\share)");
    EXPECT_EQ(wazuh_value(R"(C:\a\\b)"), R"(C:\a\\b)") << "not doubled";
    EXPECT_EQ(wazuh_value(R"(a\)"), R"(a\)");
    EXPECT_EQ(read(R"({"win":{"eventdata":{"param1":"x","ipAddress":"y","data":"a, b"}}})"), (Lines{"param1=x", "IpAddress=y", "Data=a, b"}));
}

}  // namespace
}  // namespace madang::security
