// From a labelled file to a model that judges arriving events, and from what an analyst said of its findings to the next model.
#include <thread>

#include "base/json.h"
#include "faults/client.h"
#include "faults/installation.h"
#include "program/commands.h"

namespace madang {
namespace {

using testing::HasSubstr;

constexpr const char* kToken = "a token of the machines, long enough for it";
constexpr const char* kReader = "a token of those who read, long enough for it";
constexpr std::string_view kProtocol = R"({"name": "tiny", "columns": [{"name": "size", "words": "bytes sent"}, {"name": "port", "kind": "category"}, {"name": "rate"}, {"name": "label", "kind": "label"}],
  "candidates": [{"name": "plain", "rounds": 20, "depth": 3}], "folds": 2, "seed": 3, "false_alarms": 0.05})";

class LabelCommands : public Commands {
protected:
    ~LabelCommands() override {
        for (const char* name : {"MADANG_EVENTS_TOKEN", "MADANG_DETECTIONS_TOKEN", "MADANG_EVENTS_DOMAINS", "MADANG_EVENTS_MODELS"}) ::unsetenv(name);
    }
    static std::string data() {
        std::string text;
        for (int i = 0; i < 400; ++i) {
            text += format("{},ssh,0.{},normal\n", 20 + i % 180, 10 + i % 20);
            if (i % 2 == 0) text += format("{},http,0.9,flood\n", 10 + i % 30);
            if (i % 3 == 0) text += format("{},ftp,0.1,theft\n", 5000 + i * 7);
        }
        return text;
    }
    // What was found so far that such a judge told.
    static std::vector<json::object> found_by(faults::Client& client, std::string_view judge, std::size_t at_least) {
        std::vector<json::object> all;
        for (int i = 0; i < 250; ++i) {
            all.clear();
            const auto answer = client.request("GET", "/api/v1/detections", "", {{"Authorization", format("Bearer {}", kReader)}});
            if (answer && answer->status == 200) {
                for (const auto& one : parse_json(answer->body)->at("detections").as_array()) {
                    if (string_or(one.as_object(), "judge", "") == judge) all.push_back(one.as_object());
                }
            }
            if (all.size() >= at_least) return all;
            std::this_thread::sleep_for(std::chrono::milliseconds(40));
        }
        return all;
    }
    static void send(faults::Client& client, std::string_view line) {
        const auto answer = client.request("POST", "/api/v1/events?source=probe", line, {{"Content-Type", "application/x-ndjson"}, {"Authorization", format("Bearer {}", kToken)}});
        ASSERT_TRUE(answer && answer->status == 200) << line;
    }
};

TEST_F(LabelCommands, WhatAnAnalystSaysOfAFindingIsTaughtToTheNextModel) {
    ::setenv("MADANG_EVENTS_TOKEN", kToken, 1);
    ::setenv("MADANG_DETECTIONS_TOKEN", kReader, 1);
    ::setenv("MADANG_EVENTS_DOMAINS", "query", 1);
    ::setenv("MADANG_EVENTS_MODELS", "tiny,absent", 1);
    faults::Installation house(MADANG_PROGRAM, folder_, "");
    const std::string plan = file("plan.json", kProtocol);
    const std::string records = file("records.csv", data());
    ASSERT_EQ(run_there(format("security train --protocol '{}' '{}'", plan, records)).code, 0);
    ASSERT_EQ(run_there("security approve tiny --version 1 --by 'A. Kim'").code, 0);
    ASSERT_TRUE(house.start());
    // A model that nobody approved is told by name, and does not keep the house from serving.
    const std::string log = read_file(folder_ / "server.log").value_or("");
    const std::size_t warning = log.find("events_models names a model of which no version is approved");
    ASSERT_NE(warning, std::string::npos) << log;
    EXPECT_THAT(log.substr(warning, log.find('\n', warning) - warning), HasSubstr("absent"));
    EXPECT_EQ(log.find("events_models names", warning + 1), std::string::npos) << "the other one is approved";
    faults::Client client(house.port());
    send(client, "{\"query\":\"kqxvzjwptlmd.com\"}\n{\"size\":7000,\"port\":\"ftp\",\"rate\":0.1,\"source.ip\":\"10.0.0.9\"}\n{\"size\":30,\"port\":\"ssh\",\"rate\":0.15}\n");
    const auto names = found_by(client, "generated-domains", 1);
    ASSERT_EQ(names.size(), 1U);
    EXPECT_EQ(names[0].at("fields").as_object().at("query").as_string(), "kqxvzjwptlmd.com");
    const auto flows = found_by(client, "tiny", 1);
    ASSERT_EQ(flows.size(), 1U);
    EXPECT_EQ(flows[0].at("version").as_string(), "1");
    EXPECT_EQ(flows[0].at("sample").as_string(), "7000,ftp,0.1,");
    EXPECT_FALSE(flows[0].at("reasons").as_array().empty());
    const std::string id(std::string_view(flows[0].at("id").as_string()));
    const std::string name_id(std::string_view(names[0].at("id").as_string()));

    EXPECT_EQ(run_there(format("security label {} attack --by 'A. Kim'", id)).code, 3) << "an attack has a type";
    EXPECT_EQ(run_there("security label 9:9:9:tiny normal --by 'A. Kim'").code, 4);
    EXPECT_EQ(run_there(format("security label '{}' normal --by 'A. Kim'", name_id)).code, 5) << "nothing is learned from it";
    ASSERT_EQ(run_there(format("security label {} attack --type copying --by 'A. Kim' --reason 'first look'", id)).code, 0);
    const std::string more = file("said.jsonl", format("{{\"detection\":\"{}\",\"label\":\"normal\"}}\n{{\"record\":\"7100,ftp,0.1,\",\"model\":\"tiny\",\"label\":\"attack\",\"type\":\"theft\"}}\n", id));
    const Ran said = run_there(format("security label --from '{}' --by 'B. Lee' --reason 'a nightly copy'", more));
    ASSERT_EQ(said.code, 0) << said.errors;
    EXPECT_THAT(said.out, HasSubstr("2 records of tiny labelled"));
    const Ran bad = run_there(format("security label --from '{}' --by 'B. Lee'", file("bad.jsonl", "{\"record\":\"7100,ftp\",\"model\":\"tiny\",\"label\":\"normal\"}\n")));
    EXPECT_EQ(bad.code, 3);
    EXPECT_THAT(bad.errors, HasSubstr("2 columns where the protocol has 4"));
    const Ran listed = run_there("security labels");
    EXPECT_THAT(listed.out, HasSubstr("A. Kim: first look  (a later label counts)"));
    EXPECT_THAT(listed.out, HasSubstr("B. Lee: a nightly copy"));

    const Ran trained = run_there(format("security train --protocol '{}' '{}'", plan, records));
    ASSERT_EQ(trained.code, 0) << trained.errors;
    EXPECT_THAT(trained.out, HasSubstr("taught besides, at weight 10: 2 records that analysts labelled"));
    EXPECT_THAT(run_there("security models").out, HasSubstr("2 labelled"));
    const Ran judged = run_there(format("security evaluate --model tiny --version 2 '{}'", file("test.csv", "7000,ftp,0.1,normal\r\n7001,ftp,0.1,theft\r\n30,ssh,0.15,normal")));
    EXPECT_THAT(judged.out, HasSubstr("1 record is left out: analysts labelled such ones"));
    EXPECT_THAT(judged.out, HasSubstr("2 records, 1 of them attacks"));

    // Approved while the house serves: taken over without a restart.
    ASSERT_EQ(run_there("security approve tiny --version 2 --by 'A. Kim'").code, 0);
    std::vector<json::object> all;
    for (int i = 0; i < 100 && (all.empty() || all.back().at("version").as_string() != "2"); ++i) {
        send(client, "{\"size\":6500,\"port\":\"ftp\",\"rate\":0.1}\n");
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        all = found_by(client, "tiny", static_cast<std::size_t>(i) + 2);
        ASSERT_EQ(all.size(), static_cast<std::size_t>(i) + 2) << "each is found once";
    }
    EXPECT_EQ(all.back().at("version").as_string(), "2");
    const auto metrics = client.request("GET", "/metrics");
    EXPECT_THAT(metrics->body, HasSubstr("madang_judge_version{judge=\"tiny\"} 2"));
    EXPECT_EQ(house.stop(), 0);
}

}  // namespace
}  // namespace madang
