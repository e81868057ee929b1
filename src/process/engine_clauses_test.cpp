// Clauses that few models use: complex gateways and parallel multiple start events.
#include "process/detail/engine_fixture.h"

namespace madang::process {
namespace {

class EngineClauses : public EngineTest {
protected:
    Definition deployed(const std::string& before, const std::string& body) {
        auto read = parse_bpmn("<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:madang=\"https://madang.example/ns/bpmn\">" + before +
                                   "<process id=\"p\" isExecutable=\"true\">" + body + "</process></definitions>",
                               "x.bpmn");
        EXPECT_TRUE(read) << read.error().message;
        EXPECT_TRUE(store_->write<int>([&](store::Tx& tx) { return engine_.deploy(tx, *read); }));
        return *read;
    }
    void tell(std::string_view message, std::string_view key, const json::object& payload = {}) {
        ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_.send_message(tx, message, key, payload); }));
        work();
    }
    void signal(std::string_view name) {
        ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_.send_signal(tx, name, {}); }));
        work();
    }
    void work() {
        for (bool worked = true; worked;) {
            const auto once = engine_.work_once(*store_, hosts_);
            ASSERT_TRUE(once) << once.error().message;
            worked = *once;
        }
    }
    // The variables of the instances that have begun, one after the other.
    std::string begun() {
        const auto found = store_->read<std::vector<Instance>>([&](store::Reader& reader) { return engine_.instances(reader, "p", 10); });
        std::vector<std::string> words;
        for (const Instance& one : *found) {
            instance_ = one.id;
            words.push_back(variables());
        }
        std::ranges::sort(words);
        return join(words, " ");
    }
};
INSTANTIATE_TEST_SUITE_P(Stores, EngineClauses, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

const std::string kNames = "<message id=\"m\" name=\"Paid\"/><message id=\"n\" name=\"Asked\"/><signal id=\"g\" name=\"Open\"/>";
std::string starts(std::string_view parallel, std::string_view more) {
    return format("<startEvent id=\"s\" parallelMultiple=\"{}\"><messageEventDefinition messageRef=\"m\"/>{}</startEvent>", parallel, more) + kEnd + tasks("a") +
           flow("f", "s", "a") + flow("g", "a", "e");
}

TEST_P(EngineClauses, AParallelMultipleStartWaitsForAllItsTriggers) {
    deployed(kNames, starts("true", "<signalEventDefinition signalRef=\"g\"/><messageEventDefinition messageRef=\"n\"/>"));
    signal("Open");
    signal("Open");   // has come already
    tell("Paid", "", {{"sum", 5}});
    EXPECT_EQ(begun(), "");
    tell("Asked", "", {{"who", "anna"}});
    EXPECT_EQ(begun(), R"({"sum":5,"who":"anna"})");
    tell("Asked", "");
    tell("Paid", "");
    EXPECT_EQ(begun(), R"({"sum":5,"who":"anna"})");   // the signal is still to come
    signal("Open");
    EXPECT_EQ(begun(), R"({"sum":5,"who":"anna"} {})");
}

TEST_P(EngineClauses, MessagesOfDifferentKeysDoNotStartTogether) {
    deployed(kNames, starts("true", "<messageEventDefinition messageRef=\"n\"/>"));
    tell("Paid", "k-1", {{"sum", 1}});
    tell("Asked", "k-2", {{"who", "anna"}});
    EXPECT_EQ(begun(), "");
    tell("Paid", "k-2", {{"sum", 2}});
    EXPECT_EQ(begun(), R"({"sum":2,"who":"anna"})");
}

TEST_P(EngineClauses, AParallelMultipleStartWithAConditionAsksItOfWhatCame) {
    deployed(kNames, starts("true", "<conditionalEventDefinition><condition><![CDATA[sum > 3]]></condition></conditionalEventDefinition>"));
    tell("Paid", "", {{"sum", 2}});
    EXPECT_EQ(begun(), "");
    const auto forced = store_->read<std::vector<Incident>>([&](store::Reader& reader) { return engine_.incidents(reader, 10); });
    EXPECT_TRUE(forced && forced->empty());
}

TEST_P(EngineClauses, AMultipleStartThatIsNotParallelBeginsAtEach) {
    deployed(kNames, starts("false", "<signalEventDefinition signalRef=\"g\"/>"));
    signal("Open");
    tell("Paid", "", {{"sum", 5}});
    EXPECT_EQ(begun(), R"({"sum":5} {})");
}

// Clause 13.4.5: the conditions behind it know how many tokens wait, and are asked again when it is reset.
TEST_P(EngineClauses, AComplexGatewayAsksItsConditionsWhenItGoesOnAndWhenItIsReset) {
    const std::string body = kStart + kEnd + "<parallelGateway id=\"fork\"/>" + tasks("a b c first rest all") +
                             "<complexGateway id=\"x\"><activationCondition><![CDATA[activationCount >= 2]]></activationCondition></complexGateway>" + flow("f", "s", "fork") +
                             flow("fa", "fork", "a") + flow("fb", "fork", "b") + flow("fc", "fork", "c") + flow("xa", "a", "x") + flow("xb", "b", "x") + flow("xc", "c", "x") +
                             flow("first_flow", "x", "first", "waitingForStart and activationCount = 2") + flow("rest_flow", "x", "rest", "not(waitingForStart) and xc = 1") +
                             flow("all_flow", "x", "all") + flow("e1", "first", "e") + flow("e2", "rest", "e") + flow("e3", "all", "e");
    EXPECT_EQ(start(body), "a b c running");
    EXPECT_EQ(complete("a"), "b c running");
    EXPECT_EQ(complete("b"), "all c first running");
    EXPECT_EQ(complete("c"), "all first rest running");
    complete("all");
    complete("first");
    EXPECT_EQ(complete("rest"), "completed");
}

}  // namespace
}  // namespace madang::process
