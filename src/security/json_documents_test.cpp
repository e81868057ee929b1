#include "security/json_documents.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace madang::security {
namespace {

struct Read {
    std::string events;      // "a=1 b=2; a=3"
    LineCounts counts;
    std::vector<std::string> problems;
};

Read read_in_pieces(std::string_view text, std::size_t piece, DocumentLimits limits = {}) {
    Read read;
    JsonDocuments documents(limits);
    const auto use = [&](const Event& event) {
        if (!read.events.empty()) read.events += "; ";
        for (std::size_t i = 0; i < event.size(); ++i) read.events += format("{}{}={}", i == 0 ? "" : " ", event.at(i).name, event.at(i).value);
    };
    for (std::size_t at = 0; at < text.size(); at += piece) documents.feed(text.substr(at, piece), use);
    documents.finish(use);
    read.counts = documents.counts();
    read.problems = documents.problems();
    return read;
}

TEST(JsonDocuments, AreReadHoweverTheyArePutTogether) {
    const struct {
        std::string_view text, events;
    } cases[] = {
        {"{\n  \"a\": 1,\n  \"b\": {\"c\": \"}{\\\"\"}\n}\n", "a=1 b.c=}{\""},
        {"{\n\"a\":1\n}\n{\n\"a\":2\n}", "a=1; a=2"},
        {"{\"a\":1}{\"a\":2} {\"a\":3}", "a=1; a=2; a=3"},
        {"[{\"a\":1},\n {\"a\":[2,3]}]", "a=1; a=2 a=3"},
        {"\xef\xbb\xbf[\n]\n", ""},
        {"{\"Records\": [\n {\"a\":1},\n {\"a\":{\"b\":2}}\n]}\n", "a=1; a.b=2"},
        {"{\"@odata.context\":\"x\",\"value\":1}", "@odata.context=x value=1"},
        {"{\"value\":[{\"a\":1}],\"@odata.nextLink\":\"https://x\"}\n{\"value\":[{\"a\":2}]}", "a=1; a=2"},
        {"{\"value\":[1,2]}", "value=1 value=2"},
        {"{\n\"a\":\n{\n\"b\":\n1\n}\n}", "a.b=1"},
    };
    for (const auto& one : cases) {
        for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, one.text.size()}) {
            const Read read = read_in_pieces(one.text, piece);
            EXPECT_EQ(read.events, one.events) << one.text;
            EXPECT_EQ(read.counts.bad_lines, 0U) << one.text;
        }
    }
}

TEST(JsonDocuments, GoOnBehindWhatIsDamaged) {
    const struct {
        std::string_view text, events, problem;
    } cases[] = {
        {"{\n  \"a\": 1,\n{\n  \"a\": 2\n}\n", "a=2", "line 1: the object does not end"},
        {"{\n  \"a\": \"cut\n{\n  \"a\": 2\n}\n", "a=2", "line 1: a text does not end"},
        {"[\n  {\"a\": x},\n  {\"a\": 2}\n]", "a=2", "line 2: column 7: no value of JSON starts so"},
        {"{\n \"a\": 1\n}\n{\n \"b\":", "a=1", "line 4: the object does not end"},
        {"nonsense\n{\n\"a\":1}\n", "a=1", "line 1: an object is expected"},
    };
    for (const auto& one : cases) {
        const Read read = read_in_pieces(one.text, 5);
        EXPECT_EQ(read.events, one.events) << one.text;
        ASSERT_EQ(read.problems.size(), 1U) << one.text;
        EXPECT_EQ(read.problems[0], one.problem) << one.text;
    }
}

TEST(JsonDocuments, HaveLimits) {
    EXPECT_EQ(read_in_pieces(format("{{\"a\":\"{}\"}}\n{{\"a\":2}}", std::string(100, 'x')), 9, {.document = 50}).events, "a=2");
    std::string deep = "{\"a\":";
    for (int i = 0; i < 100; ++i) deep += "[";
    EXPECT_EQ(read_in_pieces(deep + "\n{\"a\":2}", 1000).events, "a=2");
}

TEST(AreJsonDocuments, AreToldFromLines) {
    EXPECT_TRUE(are_json_documents("{\n  \"a\": 1"));
    EXPECT_TRUE(are_json_documents("[ {\"a\":1}"));
    EXPECT_TRUE(are_json_documents("{\"a\":1}{\"a\":2}"));
    EXPECT_TRUE(are_json_documents("{\"Records\":[{\"a\":1}"));
    EXPECT_FALSE(are_json_documents("{\"a\":1}\n{\"a\":2}"));
    EXPECT_FALSE(are_json_documents("{\"a\":\"cut\n{\"a\":2}"));
    EXPECT_FALSE(are_json_documents("{\"a\":{\"b\":\"}\"}}\r\n"));
    EXPECT_FALSE(are_json_documents("[Wed Oct 11 14:32:52 2000] [error] x"));
}

}  // namespace
}  // namespace madang::security
