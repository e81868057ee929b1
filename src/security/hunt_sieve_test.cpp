#include "security/hunt_sieve.h"

#include <gmock/gmock.h>

#include <random>
#include <ranges>

#include "base/text.h"
#include "security/event_lines.h"
#include "security/spool.h"
#include "security/spool_hunt.h"

namespace madang::security {
namespace {

struct Block {
    std::string bytes;
    std::vector<SpoolRecord> records;
};

Block block_of(const std::vector<std::string>& lines) {
    Block block;
    for (const std::string& line : lines) block.bytes += "head" + line;
    std::size_t at = 0;
    for (const std::string& line : lines) {
        block.records.push_back({Instant(), LineFormat::json, "", std::string_view(block.bytes).substr(at + 4, line.size())});
        at += 4 + line.size();
    }
    return block;
}

// "..x": a line that may fit, and whether the whole evaluation says so too.
std::string kept(const std::string& expression, const std::vector<std::string>& lines) {
    const auto hunt = SpoolHunt::compile(expression);
    if (!hunt) return hunt.error().message;
    SpoolQuery query;
    hunt->narrow(query);
    if (!query.sieve) return "no sieve";
    const Block block = block_of(lines);
    HuntSieve::Pass pass(*query.sieve);
    pass.enter(block.bytes, true);
    std::string marks;
    for (const SpoolRecord& record : block.records) marks += pass.may_fit(record) ? 'x' : '.';
    return marks;
}

TEST(HuntSieve, PassesOverLinesThatCannotFit) {
    const std::vector<std::string> lines{R"({"EventID":4798,"a":1})", R"({"a":2,"EventID": "4799"})", R"({"a":3})", R"({"EventID":null})", R"({"x":"EventID","EventIDs":5000})"};
    EXPECT_EQ(kept("EventID > 4798", lines), ".x...");
    EXPECT_EQ(kept("EventID > 4000 and a < 2", lines), "x....");
    EXPECT_EQ(kept("EventID > 4798 or a = 3", lines), ".xx..");
    EXPECT_EQ(kept("EventID between 4790 and 4798", lines), "x....");
    EXPECT_EQ(kept("EventID in (4799, 5000)", lines), ".x...");
    EXPECT_EQ(kept("(EventID > 1 and a > 1) or (EventID < 1 and a < 1)", lines), ".x...");
}

TEST(HuntSieve, LeavesOpenWhatOnlyTheWholeLineTells) {
    const std::vector<std::string> lines{R"({"EventID":1,"EventID":2})", R"({"EventID":[1,2]})", R"({"Event\u0049D":1})", R"({"Event":{"System":{"EventID":{"#text":1}}}})"};
    EXPECT_EQ(kept("EventID > 4798", lines), "xxxx");
    EXPECT_EQ(kept("Provider_Name = \"b\"", {R"({"Event":{"System":{"Provider":{"#attributes":{"Name":"b"}}}}})"}), "x");
    EXPECT_EQ(kept("EventID = null", lines), "no sieve");
    EXPECT_EQ(kept("EventID != 5", lines), "no sieve");
    EXPECT_EQ(kept("EventID = 5 and Image = Image or a = null", lines), "no sieve");
    EXPECT_EQ(kept("EventID > a", lines), "no sieve");
    EXPECT_EQ(kept("EventID > 5 or a != 1", lines), "no sieve");
}

TEST(HuntSieve, KnowsWhatOthersCallAField) {
    const std::vector<std::string> lines{R"({"winlog":{"event_id":4799}})", R"({"winlog.event_id":4799})", R"({"event_id":4799})", R"({"winlog":{"event_id":1}})", R"({"winlog":{"event_data":{"Image":"a"}}})"};
    EXPECT_EQ(kept("EventID > 4798", lines), "xx...");
    EXPECT_EQ(kept("Image = \"a\"", lines), "....x");
    EXPECT_EQ(kept("`alert.severity` > 1", {R"({"alert":{"severity":2}})", R"({"alert":{"severity":1}})", R"({"alert.severity":2})", R"({"severity":"2"})"}), "x.xx");
}

TEST(HuntSieve, LeavesOpenWhatCarriersOfWindowsEventsSpellOtherwise) {
    EXPECT_EQ(kept("Image = \"a\"", {R"({"Event":{"EventData":{"Data":[{"@Name":"Image","#text":"a"}]}}})", R"({"System":{"EventID":1},"EventData":{"Data":{"Name":"Image","text":"a"}}})",
                                     R"({"data":{"win":{"eventdata":{"image":"a"}}}})", R"({"data.win.eventdata.image":"a"})", R"({"win.eventdata.image":"a"})", R"({"SourceName":"s","EventID":1})"}), "xxxxx.");
    EXPECT_EQ(kept("Provider_Name = \"s\"", {R"({"SourceName":"s","EventID":1,"Channel":"c"})", R"({"ProviderName":"s","EventID":1,"Channel":"c"})", R"({"System":{"EventID":1,"Provider":{"Name":"s"}}})", R"({"a":1})"}), "xxx.");
    EXPECT_EQ(kept("Computer = \"h\"", {R"({"SourceName":"s","EventID":1,"Channel":"c","Hostname":"h"})", R"({"Hostname":"h"})"}), "x.");
    EXPECT_EQ(kept("Execution_ProcessID = 4", {R"({"winlog":{"process":{"pid":4}}})", R"({"process":{"pid":4}})"}), "x.");
}

class Dice {
public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}
    std::size_t below(std::size_t end) { return engine_() % end; }
    template <class T>
    const T& of(const std::vector<T>& all) { return all[below(all.size())]; }

private:
    std::mt19937_64 engine_;
};

const std::vector<std::string> kFields{"EventID", "Image", "User", "Provider_Name", "alert.severity", "a"};

std::string value(Dice& dice) {
    static const std::vector<std::string> values{"4798", "4799", "-3", "0.5", "1e4", "\"4798\"", "\"4799 \"", "\"a\"", "\"C:\\\\a.exe\"", "\"\\u0061\"", "\"\\n\"", "null", "true", "\"\"", "[4799,1]", "[]", "{\"a\":4799}",
                                                 "{\"#text\":4799}", "{\"#attributes\":{\"Name\":\"a\"}}", "\"\\\"EventID\\\":4799\"", "\"\xff\"", "\"мова\"", "\"EventID\"", "01", "\"a", "{\"severity\":2}", "[{\"severity\":2}]"};
    return dice.of(values);
}

std::string pair(Dice& dice, int depth) {
    static const std::vector<std::string> keys{"EventID", "Image", "User", "Provider_Name", "Provider", "alert", "severity", "a", "alert.severity", "Event", "System", "EventData", "winlog", "event_data", "event_id", "winlog.event_id",
                                               "winlog.event_data.Image", "event_data.User", "\\u0061", "Event\\u0049D", "x\\\"EventID", "Event.System.EventID", "provider_name", "#text", "Data", "@Name", "win", "data", "eventdata", "image", "SourceName", "Channel", "data.win.eventdata.user"};
    static const std::vector<std::string> blanks{"", "", "", " ", "\t", " \n "};
    std::string text = '"' + dice.of(keys) + '"' + dice.of(blanks) + ':' + dice.of(blanks);
    if (depth < 4 && dice.below(3) == 0) {
        text += '{';
        for (std::size_t i = 0, end = dice.below(3); i < end; ++i) text += (i > 0 ? "," : "") + pair(dice, depth + 1);
        return text + '}';
    }
    return text + value(dice);
}

std::string line(Dice& dice) {
    if (dice.below(12) == 0) return R"({"Event":{"System":{"EventID":4799,"Provider":{"#attributes":{"Name":"a"}}},"EventData":{)" + pair(dice, 2) + "}}}";
    if (dice.below(12) == 0) return R"({"winlog":{"event_id":4799,"provider_name":"a","event_data":{)" + pair(dice, 2) + "}}}";
    if (dice.below(12) == 0) return R"({"System":{"EventID":{"Value":4799}},"EventData":{"Data":[{"@Name":"Image","#text":"a"},{)" + pair(dice, 2) + "}]}}";
    if (dice.below(12) == 0) return R"({"data":{"win":{"system":{"eventID":"4799","providerName":"a"},"eventdata":{"image":"C:\\\\a.exe",)" + pair(dice, 2) + "}}}}";
    if (dice.below(12) == 0) return R"({"SourceName":"a","EventID":4799,"Channel":"c",)" + pair(dice, 0) + "}";
    std::string text = "{";
    for (std::size_t i = 0, end = dice.below(5); i < end; ++i) text += (i > 0 ? "," : "") + pair(dice, 0);
    return text + (dice.below(20) == 0 ? "" : "}");
}

std::string condition(Dice& dice, int depth) {
    if (depth < 3 && dice.below(2) == 0) return "(" + condition(dice, depth + 1) + (dice.below(2) == 0 ? " and " : " or ") + condition(dice, depth + 1) + ")";
    static const std::vector<std::string> tests{"{} > 4798", "{} = 4798", "{} = \"a\"", "{} != \"a\"", "contains({}, \"a\")", "starts with({}, \"C:\")", "{} = null", "not({} > 4798)", "{} between 1 and 5000", "{} in (4799, \"a\", \"true\")",
                                                "list contains({}, 4799)", "string length({}) > 1", "count({}) > 1", "{}[1] = 4799", "{} >= 4799 and {} < 4800", "number({}) > 1", "if {} > 1 then true else null", "[{} = 4799]", "{} = \"C:\\\\a.exe\"",
                                                "{} = \"\\n\"", "ends with({}, \"4799\")", "some x in {} satisfies x = 4799", "matches({}, \"^мо\")"};
    std::string test = dice.of(tests);
    const std::string field = dice.of(kFields);
    for (std::size_t at = test.find("{}"); at != std::string::npos; at = test.find("{}", at + 1)) test.replace(at, 2, "`" + field + "`");
    return test;
}

// The sieve may keep too much, and never loses a line that the whole evaluation takes.
TEST(HuntSieve, AgreesWithTheWholeEvaluationOnWhateverComes) {
    Dice dice(20261201);
    std::size_t lost = 0, fit = 0, passed_over = 0;
    for (int round = 0; round < 400; ++round) {
        const std::string expression = condition(dice, 0);
        const auto hunt = SpoolHunt::compile(expression);
        ASSERT_TRUE(hunt) << expression << ": " << hunt.error().message;
        SpoolQuery query;
        hunt->narrow(query);
        if (!query.sieve) continue;
        std::vector<std::string> lines;
        for (int i = 0; i < 60; ++i) lines.push_back(line(dice));
        const Block block = block_of(lines);
        HuntSieve::Pass pass(*query.sieve);
        pass.enter(block.bytes, true);
        Event event;
        for (const SpoolRecord& record : block.records) {
            const bool may = pass.may_fit(record);
            event.clear();
            const bool fits = parse_record(record, event) && hunt->fits(event);
            fit += fits ? 1 : 0;
            passed_over += may ? 0 : 1;
            if (fits && !may && ++lost < 5) ADD_FAILURE() << expression << "\n" << record.line;
        }
    }
    EXPECT_EQ(lost, 0U);
    EXPECT_GT(fit, 200U);
    EXPECT_GT(passed_over, 4000U);
}

}  // namespace
}  // namespace madang::security
