#include <gmock/gmock.h>

#include <map>
#include <set>

#include "base/file.h"
#include "process/engine.h"
#include "process/migrations.h"
#include "store/testing.h"

namespace madang::process {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string file(std::string_view elements) {
    return R"(<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:madang="https://madang.example/ns/bpmn" id="d">
<bpmn:process id="p" isExecutable="true">)" + std::string(elements) + "</bpmn:process></bpmn:definitions>";
}

std::string flow(std::string_view id, std::string_view from, std::string_view to, std::string_view condition = {}) {
    std::string text = "<bpmn:sequenceFlow id=\"" + std::string(id) + "\" sourceRef=\"" + std::string(from) + "\" targetRef=\"" + std::string(to) + "\">";
    if (!condition.empty()) text += "<bpmn:conditionExpression>" + std::string(condition) + "</bpmn:conditionExpression>";
    return text + "</bpmn:sequenceFlow>";
}

std::string problem_of(const std::string& text) {
    const auto definition = parse_bpmn(text, "t.bpmn");
    return definition ? "" : definition.error().message;
}

TEST(ParseBpmn, ReadsTheProcessOfAService) {
    const auto text = read_file(Path(MADANG_SOURCE_DIR "/packs/by/services/certificate-of-residence/process.bpmn"));
    const auto definition = parse_bpmn(*text, "process.bpmn");
    ASSERT_TRUE(definition) << definition.error().message;
    EXPECT_EQ(definition->nodes.size(), 10U);
    EXPECT_EQ(definition->find("Decide")->decision, "residence_certificate");
    EXPECT_TRUE(definition->find("Issue")->external);
}

TEST(ParseBpmn, RefusesByNameAndLine) {
    EXPECT_THAT(problem_of(file("<bpmn:startEvent id=\"s\"><bpmn:timerEventDefinition/></bpmn:startEvent>")),
                testing::AllOf(HasSubstr("t.bpmn:2: <bpmn:startEvent"), HasSubstr("events with <timerEventDefinition> are not run yet")));
    EXPECT_THAT(problem_of(file("<bpmn:subProcess id=\"x\"/>")), HasSubstr("<subProcess> is not run yet"));
    EXPECT_THAT(problem_of(file("<bpmn:startEvent id=\"s\"/>")), HasSubstr("no flow leads out of it"));
    EXPECT_THAT(problem_of(file("<bpmn:startEvent id=\"s\"/><bpmn:endEvent id=\"e\"/>" + flow("f", "s", "x"))), HasSubstr("its targetRef \"x\" is not a node"));
    EXPECT_THAT(problem_of(file("<bpmn:startEvent id=\"s\"/><bpmn:task id=\"a\"/><bpmn:task id=\"b\"/>" + flow("f", "s", "a") + flow("g", "a", "b") + flow("h", "b", "a"))),
                HasSubstr("no way leads from here to an end"));
    EXPECT_THAT(problem_of(file("<bpmn:startEvent id=\"s\"/><bpmn:exclusiveGateway id=\"x\"/><bpmn:endEvent id=\"e\"/><bpmn:endEvent id=\"g\"/>" +
                                flow("f", "s", "x") + flow("h", "x", "e") + flow("i", "x", "g", "=true"))),
                HasSubstr("its flow \"h\" has no condition and is not the default"));
    EXPECT_THAT(problem_of(file("<bpmn:startEvent id=\"s\"/><bpmn:userTask id=\"u\"/>")), HasSubstr("names the madang:role"));
    EXPECT_THAT(problem_of("<x/>"), HasSubstr("this is no BPMN 2.0 file"));
}

TEST(ParseBpmn, ReadsOrRefusesWhatOtherToolsWrite) {
    const char* given = std::getenv("MADANG_CORPORA");
    const Path folder = Path(given != nullptr ? given : MADANG_SOURCE_DIR "/../shared/corpora") / "bpmn-miwg";
    std::error_code error;
    if (!std::filesystem::exists(folder, error)) GTEST_SKIP() << "bpmn-miwg is not here";
    int read = 0;
    int refused = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.path().extension() != ".bpmn") continue;
        const auto text = read_file(entry.path());
        ASSERT_TRUE(text);
        const auto definition = parse_bpmn(*text, entry.path().filename().string());
        (definition ? read : refused) += 1;
        if (!definition) EXPECT_THAT(definition.error().message, HasSubstr(".bpmn:"));
    }
    std::printf("bpmn-miwg: %d read, %d refused with a place\n", read, refused);
    EXPECT_GT(read + refused, 0);
}

class FakeHost final : public Host {
public:
    std::map<std::string, json::object, std::less<>> answers;
    std::vector<std::string> asked;

    Result<json::object> run_service(store::Tx&, std::string_view operation, const json::object&) override { return answer(operation); }
    Result<json::object> decide(std::string_view decision, const json::object&) override { return answer(decision); }

private:
    Result<json::object> answer(std::string_view name) {
        asked.emplace_back(name);
        const auto found = answers.find(name);
        if (found == answers.end()) return fail(Code::unavailable, "the host has no answer");
        return found->second;
    }
};

class Engines : public testing::TestWithParam<std::string> {
protected:
    // Starts the process and says which tasks wait, or the error.
    std::string start(const std::string& elements, const json::object& variables = {}) {
        const auto parsed = parse_bpmn(file(elements), "t.bpmn");
        if (!parsed) return parsed.error().message;
        definition_ = *parsed;
        const auto started = store_->write<InstanceId>([&](store::Tx& tx) { return engine_.start(tx, definition_, variables, "key", host_); });
        if (!started) return started.error().message;
        instance_ = *started;
        return waiting();
    }
    std::string waiting() {
        const auto tasks = store_->read<std::vector<Task>>([&](store::Reader& reader) { return engine_.open_tasks(reader, {.instance = instance_, .role = {}}); });
        std::set<std::string> nodes;
        for (const Task& task : *tasks) nodes.insert(task.node);
        std::string text;
        for (const std::string& node : nodes) text += node + " ";
        const auto state = store_->read<InstanceState>([&](store::Reader& reader) { return engine_.state(reader, instance_); });
        return text + (*state == InstanceState::running ? "running" : "ended");
    }
    std::string complete(std::string_view node, const json::object& result = {}) {
        const auto tasks = store_->read<std::vector<Task>>([&](store::Reader& reader) { return engine_.open_tasks(reader, {.instance = instance_, .role = {}}); });
        for (const Task& task : *tasks) {
            if (task.node != node) continue;
            last_ = task.id;
            const auto done = store_->write([&](store::Tx& tx) { return engine_.complete_task(tx, definition_, task.id, result, host_); });
            return done ? waiting() : done.error().message;
        }
        return "no such task";
    }

    ManualClock clock_{Instant(std::chrono::seconds(1'800'000'000))};
    SystemRandom random_;
    store::ScratchStore store_{GetParam(), migrations()};
    Engine engine_{clock_, random_};
    FakeHost host_;
    Definition definition_;
    InstanceId instance_;
    TaskId last_;
};

INSTANTIATE_TEST_SUITE_P(Both, Engines, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(Engines, WaitForAPersonAndGoOn) {
    EXPECT_EQ(start("<bpmn:startEvent id=\"s\"/><bpmn:userTask id=\"u\" madang:role=\"officer\"/><bpmn:exclusiveGateway id=\"x\" default=\"no\"/>"
                    "<bpmn:userTask id=\"y\" madang:role=\"officer\"/><bpmn:endEvent id=\"e\"/>" +
                    flow("f", "s", "u") + flow("g", "u", "x") + flow("yes", "x", "y", "=granted") + flow("no", "x", "e") + flow("h", "y", "e")), "u running");
    EXPECT_EQ(complete("u", {{"granted", true}}), "y running");
    EXPECT_THAT(store_->write([&](store::Tx& tx) { return engine_.complete_task(tx, definition_, last_, {}, host_); }).error().code, Code::conflict);
    EXPECT_EQ(complete("y"), "ended");
    const auto steps = store_->read<std::vector<Step>>([&](store::Reader& reader) { return engine_.history(reader, instance_); });
    std::vector<std::string> told;
    for (const Step& step : *steps) told.push_back(step.node + " " + step.what);
    EXPECT_THAT(told, ElementsAre("s entered", "u waits", "u completed", "x entered", "y waits", "y completed", "e ended"));
}

TEST_P(Engines, AskTheHostAndMergeItsAnswers) {
    host_.answers = {{"register.ask", {{"known", true}}}, {"rule", {{"outcome", "issue"}}}};
    EXPECT_EQ(start("<bpmn:startEvent id=\"s\"/><bpmn:serviceTask id=\"a\" madang:operation=\"register.ask\"/><bpmn:businessRuleTask id=\"b\" madang:decisionRef=\"rule\"/>"
                    "<bpmn:serviceTask id=\"c\" madang:operation=\"paper\" madang:external=\"true\"/><bpmn:endEvent id=\"e\"/>" +
                    flow("1", "s", "a") + flow("2", "a", "b") + flow("3", "b", "c") + flow("4", "c", "e")), "c running");
    EXPECT_THAT(host_.asked, ElementsAre("register.ask", "rule"));
    const auto variables = store_->read<json::object>([&](store::Reader& reader) { return engine_.variables(reader, instance_); });
    EXPECT_EQ(json::serialize(*variables), R"({"known":true,"outcome":"issue"})");
    EXPECT_EQ(complete("c"), "ended");
}

TEST_P(Engines, AFailedServiceLeavesNothing) {
    EXPECT_EQ(start("<bpmn:startEvent id=\"s\"/><bpmn:serviceTask id=\"a\" madang:operation=\"x\"/><bpmn:endEvent id=\"e\"/>" + flow("1", "s", "a") + flow("2", "a", "e")),
              "process p, serviceTask \"a\": the host has no answer");
    const auto tasks = store_->read<std::vector<Task>>([&](store::Reader& reader) { return engine_.open_tasks(reader, {}); });
    EXPECT_TRUE(tasks->empty());
}

TEST_P(Engines, SplitAndJoinInParallel) {
    EXPECT_EQ(start("<bpmn:startEvent id=\"s\"/><bpmn:parallelGateway id=\"x\"/><bpmn:userTask id=\"a\" madang:role=\"r\"/><bpmn:userTask id=\"b\" madang:role=\"r\"/>"
                    "<bpmn:parallelGateway id=\"j\"/><bpmn:userTask id=\"c\" madang:role=\"r\"/><bpmn:endEvent id=\"e\"/>" +
                    flow("1", "s", "x") + flow("2", "x", "a") + flow("3", "x", "b") + flow("4", "a", "j") + flow("5", "b", "j") + flow("6", "j", "c") + flow("7", "c", "e")),
              "a b running");
    EXPECT_EQ(complete("b"), "a running");
    EXPECT_EQ(complete("a"), "c running");
    EXPECT_EQ(complete("c"), "ended");
}

TEST_P(Engines, AnInclusiveJoinWaitsForThoseThatCanStillCome) {
    const std::string elements = "<bpmn:startEvent id=\"s\"/><bpmn:inclusiveGateway id=\"x\" default=\"4\"/><bpmn:userTask id=\"a\" madang:role=\"r\"/>"
        "<bpmn:userTask id=\"b\" madang:role=\"r\"/><bpmn:userTask id=\"d\" madang:role=\"r\"/><bpmn:inclusiveGateway id=\"j\"/><bpmn:userTask id=\"c\" madang:role=\"r\"/><bpmn:endEvent id=\"e\"/>" +
        flow("1", "s", "x") + flow("2", "x", "a", "=n &gt; 1") + flow("3", "x", "b", "=n &gt; 2") + flow("4", "x", "d") + flow("5", "a", "j") + flow("6", "b", "j") +
        flow("7", "d", "j") + flow("8", "j", "c") + flow("9", "c", "e");
    EXPECT_EQ(start(elements, {{"n", 3}}), "a b running");
    EXPECT_EQ(complete("a"), "b running");
    EXPECT_EQ(complete("b"), "c running");
    EXPECT_EQ(start(elements, {{"n", 2}}), "a running");
    EXPECT_EQ(complete("a"), "c running");
    EXPECT_EQ(start(elements, {{"n", 0}}), "d running");
}

TEST_P(Engines, TerminateEndsEverything) {
    EXPECT_EQ(start("<bpmn:startEvent id=\"s\"/><bpmn:parallelGateway id=\"x\"/><bpmn:userTask id=\"a\" madang:role=\"r\"/><bpmn:userTask id=\"b\" madang:role=\"r\"/>"
                    "<bpmn:endEvent id=\"e\"><bpmn:terminateEventDefinition/></bpmn:endEvent><bpmn:endEvent id=\"g\"/>" +
                    flow("1", "s", "x") + flow("2", "x", "a") + flow("3", "x", "b") + flow("4", "a", "e") + flow("5", "b", "g")), "a b running");
    EXPECT_EQ(complete("a"), "ended");
    EXPECT_EQ(start("<bpmn:startEvent id=\"s\"/><bpmn:userTask id=\"a\" madang:role=\"r\"/><bpmn:endEvent id=\"g\"/>" + flow("1", "s", "a") + flow("2", "a", "g")), "a running");
    ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_.terminate(tx, instance_); }));
    EXPECT_EQ(waiting(), "ended");
}

TEST_P(Engines, ALoopWithoutAWaitIsStopped) {
    EXPECT_THAT(start("<bpmn:startEvent id=\"s\"/><bpmn:exclusiveGateway id=\"x\" default=\"2\"/><bpmn:task id=\"a\"/><bpmn:endEvent id=\"e\"/>" +
                      flow("1", "s", "x") + flow("2", "x", "a") + flow("3", "a", "x") + flow("4", "x", "e", "=false")), HasSubstr("more than 10000 moves"));
}

TEST_P(Engines, AConditionThatIsNeitherTrueNorFalseIsAnError) {
    EXPECT_THAT(start("<bpmn:startEvent id=\"s\"/><bpmn:exclusiveGateway id=\"x\" default=\"2\"/><bpmn:endEvent id=\"a\"/><bpmn:endEvent id=\"e\"/>" +
                      flow("1", "s", "x") + flow("2", "x", "a") + flow("4", "x", "e", "=amount &gt; 5")),
                HasSubstr("flow \"4\": its condition is neither true nor false"));
}

}  // namespace
}  // namespace madang::process
