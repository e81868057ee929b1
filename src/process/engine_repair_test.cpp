// Jobs that fail, incidents, skipping and pruning.
#include "process/detail/engine_fixture.h"

namespace madang::process {
namespace {

using testing::HasSubstr;

class EngineRepair : public EngineTest {
protected:
    std::vector<Incident> incidents() {
        const auto found = store_->read<std::vector<Incident>>([&](store::Reader& reader) { return engine_.incidents(reader, 10); });
        EXPECT_TRUE(found);
        return found ? *found : std::vector<Incident>();
    }
    std::vector<Standing> standing() {
        const auto found = store_->read<std::vector<Standing>>([&](store::Reader& reader) { return engine_.standing(reader, instance_); });
        EXPECT_TRUE(found);
        return found ? *found : std::vector<Standing>();
    }
    Result<void> dismiss(const Incident& incident) {
        return store_->write([&](store::Tx& tx) { return engine_.dismiss(tx, incident.instance, incident.number, "nobody needs it"); });
    }
    std::vector<Task> take(std::string_view operation) {
        const auto taken = store_->write<std::vector<Task>>([&](store::Tx& tx) { return engine_.take_jobs(tx, operation, "w", 5, std::chrono::seconds(60)); });
        EXPECT_TRUE(taken);
        return taken ? *taken : std::vector<Task>();
    }
    std::int64_t prune(Instant before) {
        const auto gone = store_->write<std::int64_t>([&](store::Tx& tx) { return engine_.prune(tx, before, 100); });
        EXPECT_TRUE(gone) << gone.error().message;
        return gone.value_or(-1);
    }
};
INSTANTIATE_TEST_SUITE_P(Stores, EngineRepair, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

// Also of a send task.
TEST_P(EngineRepair, AJobThatFailsTenTimesIsAnIncidentUntilItIsRetried) {
    EXPECT_EQ(start(kStart + kEnd + "<sendTask id=\"x\" madang:operation=\"print\" madang:external=\"true\"/>" + flow("f", "s", "x") + flow("g", "x", "e")), "x running");
    for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(incidents().empty());
        const auto taken = take("print");
        ASSERT_EQ(taken.size(), 1U) << i;
        ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_.postpone_job(tx, taken.front().id, "no paper"); }));
        clock_.advance(std::chrono::hours(1));
    }
    EXPECT_TRUE(take("print").empty());
    const auto found = incidents();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].kind + " " + found[0].name + ": " + found[0].problem, "job print: no paper");
    EXPECT_EQ(store_->write([&](store::Tx& tx) { return engine_.dismiss(tx, found[0].instance, found[0].number, "enough"); }).error().code, Code::not_found);
    ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_.retry(tx, found[0].instance, found[0].number); }));
    EXPECT_TRUE(incidents().empty());
    EXPECT_EQ(take("print").size(), 1U);
    ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_.skip(tx, instance_, found[0].number, "sent by hand", host_); }));
    EXPECT_EQ(stand(), "completed");
}

TEST_P(EngineRepair, WhatIsStillToBeDoneIsNotDismissed) {
    const std::string timer = "<intermediateCatchEvent id=\"t\"><timerEventDefinition><timeDuration>PT5S</timeDuration></timerEventDefinition></intermediateCatchEvent>";
    EXPECT_EQ(start(kStart + kEnd + timer + flow("f", "s", "t") + flow("g", "t", "e")), "running");
    const auto number = store_->read<std::optional<std::int64_t>>([&](store::Reader& reader) {
        return reader.first<std::int64_t>("SELECT number FROM process_work", {}, [](const store::Row& row) { return row.integer(0); });
    });
    ASSERT_TRUE(number && *number);
    EXPECT_EQ(store_->write([&](store::Tx& tx) { return engine_.dismiss(tx, instance_.text(), **number, "why not"); }).error().code, Code::not_found);
    EXPECT_EQ(after(std::chrono::seconds(5)), "completed");
}

TEST_P(EngineRepair, AChoiceBetweenEventsIsNotSkipped) {
    const auto timer = [](std::string_view id, std::string_view time) {
        return format("<intermediateCatchEvent id=\"{}\"><timerEventDefinition><timeDuration>{}</timeDuration></timerEventDefinition></intermediateCatchEvent>", id, time);
    };
    EXPECT_EQ(start(kStart + kEnd + "<eventBasedGateway id=\"x\"/>" + timer("t", "PT1H") + timer("u", "PT2H") + flow("f", "s", "x") + flow("g", "x", "t") + flow("h", "x", "u") +
                    flow("i", "t", "e") + flow("j", "u", "e")),
              "running");
    const auto standing = store_->read<std::vector<Standing>>([&](store::Reader& reader) { return engine_.standing(reader, instance_); });
    ASSERT_TRUE(standing && standing->size() == 1);
    const auto skipped = store_->write([&](store::Tx& tx) { return engine_.skip(tx, instance_, standing->front().token, "it came", host_); });
    ASSERT_FALSE(skipped);
    EXPECT_THAT(skipped.error().message, HasSubstr("only one of its events goes on"));
}

TEST_P(EngineRepair, PruningKeepsWhatARunningProcessCalledAndForgetsUnclaimedMessages) {
    auto read = read_bpmn("<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:madang=\"https://madang.example/ns/bpmn\"><globalTask id=\"inner\"/>"
                          "<process id=\"p\"><startEvent id=\"s\"/><callActivity id=\"c\" calledElement=\"middle\"/><userTask id=\"a\" madang:role=\"r\"/><endEvent id=\"e\"/>" +
                              flow("f", "s", "c") + flow("g", "c", "a") + flow("h", "a", "e") + "</process><process id=\"middle\"><startEvent id=\"s2\"/>" +
                              "<callActivity id=\"c2\" calledElement=\"inner\"/><endEvent id=\"e2\"/>" + flow("f2", "s2", "c2") + flow("g2", "c2", "e2") + "</process></definitions>",
                          "x.bpmn");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(start(read->front()), "running");
    ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_.send_message(tx, "nobody waits", "", {}); }));
    EXPECT_EQ(after(std::chrono::seconds(1)), "a running");
    clock_.advance(std::chrono::hours(24));
    const auto unclaimed = [&] {
        return store_->read<std::optional<std::int64_t>>([&](store::Reader& reader) {
            return reader.first<std::int64_t>("SELECT count(*) FROM process_work", {}, [](const store::Row& row) { return row.integer(0); });
        })->value_or(-1);
    };
    EXPECT_EQ(unclaimed(), 1);
    EXPECT_EQ(prune(clock_.now()), 0);
    EXPECT_EQ(unclaimed(), 0);
    EXPECT_EQ(complete("a"), "completed");
    EXPECT_EQ(prune(clock_.now()), 0);   // the caller is not yet old enough
    clock_.advance(std::chrono::hours(24));
    EXPECT_EQ(prune(clock_.now()), 3);
}

TEST_P(EngineRepair, ATimerThatNeverFiresIsRefusedWhenItIsRead) {
    const auto read = parse_bpmn(bpmn(kStart + kEnd + "<intermediateCatchEvent id=\"t\"><timerEventDefinition><timeCycle>R0/PT1S</timeCycle></timerEventDefinition></intermediateCatchEvent>" +
                                      flow("f", "s", "t") + flow("g", "t", "e")),
                                 "x.bpmn");
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr("\"R0/PT1S\": it repeats 1 to 1000000 times"));
}

// Whoever watches over processes does not skip what a person is asked, nor what that runs in.
TEST_P(EngineRepair, WhatHoldsAUserTaskIsOfAPerson) {
    const std::string inner = "<startEvent id=\"is\"/><userTask id=\"ask\" madang:role=\"r\"/><endEvent id=\"ie\"/>" + flow("i1", "is", "ask") + flow("i2", "ask", "ie");
    const std::string machine = "<startEvent id=\"ms\"/><receiveTask id=\"wait\" messageRef=\"m\"/><endEvent id=\"me\"/>" + flow("m1", "ms", "wait") + flow("m2", "wait", "me");
    const auto sub = [](std::string_view element, std::string_view id, const std::string& body) { return format("<{0} id=\"{1}\">{2}</{0}>", element, id, body); };
    const auto called = [&](std::string_view id, const std::string& body) { return format("<process id=\"{}\"><startEvent id=\"s2\"/>{}<endEvent id=\"e2\"/></process>", id, body); };
    const auto read = read_bpmn("<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:madang=\"https://madang.example/ns/bpmn\"><message id=\"m\" name=\"paid\"/>"
                                "<process id=\"p\">" + kStart + kEnd + sub("subProcess", "outer", "<startEvent id=\"os\"/><endEvent id=\"oe\"/>" + sub("transaction", "trade", inner) + flow("o1", "os", "trade") + flow("o2", "trade", "oe")) +
                                    sub("subProcess", "machine", machine) + "<callActivity id=\"c\" calledElement=\"middle\"/><callActivity id=\"d\" calledElement=\"alone\"/>" +
                                    flow("f", "s", "outer") + flow("g", "s", "machine") + flow("h", "s", "c") + flow("k", "s", "d") + flow("l", "outer", "e") + flow("n", "machine", "e") + flow("q", "c", "e") + flow("t", "d", "e") + "</process>" +
                                    called("middle", "<callActivity id=\"cc\" calledElement=\"last\"/>" + flow("p1", "s2", "cc") + flow("p2", "cc", "e2")) +
                                    called("last", "<userTask id=\"u\" madang:role=\"r\"/>" + flow("r1", "s2", "u") + flow("r2", "u", "e2")) +
                                    called("alone", "<receiveTask id=\"w\" messageRef=\"m\"/>" + flow("x1", "s2", "w") + flow("x2", "w", "e2")) + "</definitions>",
                                "x.bpmn");
    ASSERT_TRUE(read) << read.error().message;
    start(read->front());
    after(std::chrono::seconds(0));
    std::vector<std::string> persons, others;
    for (const Standing& one : standing()) (one.of_person ? persons : others).push_back(one.node);
    EXPECT_THAT(persons, testing::UnorderedElementsAre("outer", "trade", "ask", "c"));
    EXPECT_THAT(others, testing::UnorderedElementsAre("machine", "wait", "d"));
}

TEST_P(EngineRepair, AnInstanceSaysWhatADismissedTimerTookFromIt) {
    const auto catches = [](std::string_view head, std::string_view more) {
        return format("{}><timerEventDefinition><timeDuration>PT1S</timeDuration></timerEventDefinition>{}", head, more);
    };
    const std::string fails = "<serviceTask id=\"x\" madang:operation=\"nobody\"/>" + flow("g", "t", "x") + flow("h", "x", "e");
    host_.also = [](store::Tx&) { return fail(Code::unavailable, "away"); };
    for (const std::string& event : {catches("<intermediateCatchEvent id=\"t\"", ""),
                                     catches("<intermediateCatchEvent id=\"t\" parallelMultiple=\"true\"", "<conditionalEventDefinition><condition>true</condition></conditionalEventDefinition>")}) {
        EXPECT_EQ(start(kStart + kEnd + event + "</intermediateCatchEvent>" + flow("f", "s", "t") + fails), "running");
        EXPECT_EQ(after(std::chrono::seconds(60)), "running");
        ASSERT_EQ(incidents().size(), 1U);
        ASSERT_TRUE(dismiss(incidents().front()));
        EXPECT_TRUE(incidents().empty());
        EXPECT_EQ(problem(), "process \"p\": <intermediateCatchEvent id=\"t\">: what it waits for was dismissed; skip it, or begin elsewhere");
        ASSERT_EQ(standing().size(), 1U);
        EXPECT_TRUE(store_->write([&](store::Tx& tx) { return engine_.change(tx, instance_, {.variables = {{"n", 1}}, .cancelled = {}, .begun = {}}, "test", host_); }));
        EXPECT_THAT(problem(), HasSubstr("was dismissed"));
        host_.also = {};
        host_.answers["nobody"] = {};
        ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_.skip(tx, instance_, standing().front().token, "it is over", host_); }));
        EXPECT_EQ(stand(), "completed");
        host_.also = [](store::Tx&) { return fail(Code::unavailable, "away"); };
    }
}

// Its task is there as before; only the deadline is given up.
TEST_P(EngineRepair, ADismissedDeadlineLeavesItsTask) {
    EXPECT_EQ(start(kStart + kEnd + tasks("a") + "<boundaryEvent id=\"b\" attachedToRef=\"a\"><timerEventDefinition><timeDuration>PT1S</timeDuration></timerEventDefinition></boundaryEvent>"
                    "<serviceTask id=\"x\" madang:operation=\"nobody\"/>" + flow("f", "s", "a") + flow("g", "a", "e") + flow("h", "b", "x") + flow("i", "x", "e")),
              "a running");
    EXPECT_EQ(after(std::chrono::seconds(60)), "a running");
    ASSERT_EQ(incidents().size(), 1U);
    ASSERT_TRUE(dismiss(incidents().front()));
    EXPECT_EQ(problem(), "");
    EXPECT_EQ(complete("a"), "completed");
}

TEST_P(EngineRepair, AnInstanceSaysThatWhatItCalledDoesNotAnswer) {
    const auto read = read_bpmn("<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:madang=\"https://madang.example/ns/bpmn\"><process id=\"p\">" + kStart + kEnd +
                                    "<callActivity id=\"c\" calledElement=\"called\"/><serviceTask id=\"x\" madang:operation=\"nobody\"/>" + flow("f", "s", "c") + flow("g", "c", "x") + flow("h", "x", "e") +
                                    "</process><process id=\"called\"><startEvent id=\"s2\"/><endEvent id=\"e2\"/>" + flow("f2", "s2", "e2") + "</process>" +
                                    "<process id=\"broken\"><startEvent id=\"s3\"/><callActivity id=\"c3\" calledElement=\"nowhere\"/><endEvent id=\"e3\"/>" + flow("f3", "s3", "c3") + flow("g3", "c3", "e3") + "</process></definitions>",
                                "x.bpmn");
    ASSERT_TRUE(read) << read.error().message;
    for (const auto& [place, node] : {std::pair(0U, "c"), std::pair(2U, "c3")}) {   // the answer, the call itself
        host_.answers.clear();
        EXPECT_EQ(start((*read)[place]), "running");
        EXPECT_EQ(after(std::chrono::seconds(60)), "running");
        ASSERT_EQ(incidents().size(), 1U);
        EXPECT_EQ(incidents().front().kind, place == 0 ? "answer" : "call");
        ASSERT_TRUE(dismiss(incidents().front()));
        EXPECT_THAT(problem(), HasSubstr(format("<callActivity id=\"{}\">: what it called does not answer", node)));
        EXPECT_THAT(history(), HasSubstr("dismissed"));
        host_.answers["nobody"] = {};
        ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_.skip(tx, instance_, standing().front().token, "it is over", host_); }));
        EXPECT_EQ(after(std::chrono::seconds(60)), "completed");
        EXPECT_TRUE(incidents().empty());
    }
}

}  // namespace
}  // namespace madang::process
