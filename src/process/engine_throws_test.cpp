// Events that throw several things at once: BPMN 2.0.2 clauses 10.5.5 (Multiple), 13.5.2 and 13.5.6.
#include "process/detail/engine_fixture.h"

namespace madang::process {
namespace {

class EngineThrows : public EngineTest {
protected:
    void SetUp() override { host_.answers = {{"do", {}}, {"undo", {}}}; }
};
INSTANTIATE_TEST_SUITE_P(Stores, EngineThrows, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

std::string definition_for(std::string_view kind) {
    if (kind == "error") return "<errorEventDefinition errorRef=\"er\"/>";
    if (kind == "signal") return "<signalEventDefinition signalRef=\"si\"/>";
    if (kind == "escalation") return "<escalationEventDefinition escalationRef=\"es\"/>";
    if (kind == "compensation") return "<compensateEventDefinition/>";
    if (kind == "hasty-compensation") return "<compensateEventDefinition waitForCompletion=\"false\"/>";
    return format("<{}EventDefinition/>", kind);   // terminate, cancel
}

std::string boundary(std::string_view kind, std::string_view interrupts) {
    return format("<boundaryEvent id=\"b{0}\" attachedToRef=\"sub\" cancelActivity=\"{1}\">{2}</boundaryEvent><userTask id=\"{0}\" madang:role=\"r\"/>{3}", kind, interrupts,
                  definition_for(kind), flow(format("f{}", kind), format("b{}", kind), kind));
}

// A sub-process that does one thing, which can be undone, and then throws; what is caught on its border is a task.
Definition throwing(std::string_view sub, const std::string& thrower, std::string_view interrupts) {
    const std::string body = kStart + kEnd +
                             format("<{0} id=\"sub\"><startEvent id=\"ss\"/><serviceTask id=\"do\" madang:operation=\"do\"/>"
                                    "<boundaryEvent id=\"bc\" attachedToRef=\"do\"><compensateEventDefinition/></boundaryEvent>"
                                    "<serviceTask id=\"undo\" isForCompensation=\"true\" madang:operation=\"undo\"/>"
                                    "<association id=\"as\" sourceRef=\"bc\" targetRef=\"undo\"/>{1}{2}{3}</{0}>",
                                    sub, thrower, flow("i1", "ss", "do"), flow("i2", "do", "x")) +
                             boundary("error", "true") + boundary("signal", interrupts) + boundary("escalation", interrupts) +
                             (sub == "transaction" ? boundary("cancel", "true") : std::string()) + flow("f", "s", "sub") + flow("g", "sub", "e");
    const auto read = read_bpmn("<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:madang=\"https://madang.example/ns/bpmn\">"
                                "<error id=\"er\" errorCode=\"E\"/><signal id=\"si\" name=\"S\"/><escalation id=\"es\" escalationCode=\"X\"/>"
                                "<process id=\"p\">" + body + "</process></definitions>",
                                "x.bpmn");
    EXPECT_TRUE(read) << read.error().message;
    return read ? read->front() : Definition();
}

TEST_P(EngineThrows, AllAtOnceAndStopWhereTheThrowerIsInterrupted) {
    struct Row {
        std::string_view sub, throws, interrupts, undone, stands;
    };
    constexpr Row kRows[] = {
        {"subProcess", "error compensation", "true", "do undo", "error running"},
        {"subProcess", "compensation error", "true", "do undo", "error running"},
        {"subProcess", "hasty-compensation error", "true", "do", "error running"},
        {"subProcess", "compensation terminate", "true", "do undo", "completed"},
        {"subProcess", "signal compensation", "true", "do", "signal running"},
        {"subProcess", "signal compensation", "false", "do undo", "signal running"},
        {"subProcess", "compensation escalation", "true", "do", "escalation running"},
        {"subProcess", "escalation compensation", "false", "do undo", "escalation running"},
        {"subProcess", "signal error", "true", "do", "signal running"},
        {"subProcess", "error signal", "false", "do", "error signal running"},
        {"subProcess", "terminate signal", "false", "do", "signal running"},
        {"subProcess", "signal terminate", "false", "do", "signal running"},
        {"subProcess", "terminate escalation signal", "false", "do", "escalation signal running"},
        {"subProcess", "terminate error", "true", "do", "completed"},
        {"transaction", "signal cancel", "true", "do", "signal running"},
        {"transaction", "cancel signal", "false", "do undo", "cancel signal running"},
        {"transaction", "cancel compensation", "true", "do undo", "cancel running"},
    };
    for (const Row& row : kRows) {
        std::string inside;
        for (const std::string_view kind : split(row.throws, ' ')) inside += definition_for(kind);
        host_.asked.clear();
        EXPECT_EQ(start(throwing(row.sub, format("<endEvent id=\"x\">{}</endEvent>", inside), row.interrupts)), row.stands) << row.throws;
        EXPECT_EQ(join(host_.asked, " "), row.undone) << row.throws;
    }
}

TEST_P(EngineThrows, AnIntermediateEventThatUndoesSeveralGoesOnOnce) {
    const std::string inside = "<compensateEventDefinition activityRef=\"do\"/><compensateEventDefinition activityRef=\"do\"/>";
    const std::string thrower = format("<intermediateThrowEvent id=\"x\">{}</intermediateThrowEvent><userTask id=\"next\" madang:role=\"r\"/><endEvent id=\"se\"/>", inside) +
                                flow("i3", "x", "next") + flow("i4", "next", "se");
    EXPECT_EQ(start(throwing("subProcess", thrower, "true")), "next running");
    EXPECT_THAT(host_.asked, testing::ElementsAre("do", "undo"));
}

TEST_P(EngineThrows, AServiceThatIsAwayHoldsUpNoOtherInstance) {
    const auto timed = [](std::string_view operation) {
        return definition_of(kStart + kEnd + format("<serviceTask id=\"x\" madang:operation=\"{}\"/><intermediateCatchEvent id=\"t\"><timerEventDefinition>"
                                                    "<timeDuration>PT1S</timeDuration></timerEventDefinition></intermediateCatchEvent>", operation) +
                             flow("f", "s", "t") + flow("g", "t", "x") + flow("h", "x", "e"));
    };
    EXPECT_EQ(start(timed("away")), "running");
    EXPECT_EQ(start(timed("do")), "running");
    EXPECT_EQ(after(std::chrono::seconds(30)), "completed");
    const auto incidents = store_->read<std::vector<Incident>>([&](store::Reader& reader) { return engine_.incidents(reader, 10); });
    ASSERT_TRUE(incidents && incidents->size() == 1);
    EXPECT_THAT(incidents->front().problem, testing::HasSubstr("the register does not answer"));
}

// Clause 13.5.5: the handler runs in its sub-process as that was; what it throws goes outwards from there.
TEST_P(EngineThrows, WhatACompensationThrowsGoesOutwards) {
    struct Row {
        std::string_view throws, interrupts, stands;
    };
    constexpr Row kRows[] = {
        {"error", "true", "error running"},
        {"escalation", "true", "escalation running"},
        {"escalation", "false", "completed escalation running"},
    };
    for (const Row& row : kRows) {
        const std::string handler = "<subProcess id=\"undo\" isForCompensation=\"true\"><startEvent id=\"us\"/><endEvent id=\"ue\">" + definition_for(row.throws) + "</endEvent>" +
                                    flow("u1", "us", "ue") + "</subProcess>";
        const std::string inner = "<subProcess id=\"inner\"><startEvent id=\"is\"/><endEvent id=\"ie\"/><serviceTask id=\"do\" madang:operation=\"do\"/>"
                                  "<boundaryEvent id=\"bc\" attachedToRef=\"do\"><compensateEventDefinition/></boundaryEvent><association id=\"as\" sourceRef=\"bc\" targetRef=\"undo\"/>" +
                                  handler + flow("i1", "is", "do") + flow("i2", "do", "ie") + "</subProcess>";
        const std::string body = kStart + kEnd + tasks("completed") + "<subProcess id=\"sub\"><startEvent id=\"ss\"/><endEvent id=\"se\"/>" + inner +
                                 "<intermediateThrowEvent id=\"x\"><compensateEventDefinition/></intermediateThrowEvent>" + flow("s1", "ss", "inner") + flow("s2", "inner", "x") + flow("s3", "x", "se") +
                                 "</subProcess>" + boundary(row.throws, row.interrupts) + flow("f", "s", "sub") + flow("g", "sub", "completed") + flow("h", "completed", "e");
        const auto read = read_bpmn("<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:madang=\"https://madang.example/ns/bpmn\">"
                                    "<error id=\"er\" errorCode=\"E\"/><escalation id=\"es\" escalationCode=\"X\"/><process id=\"p\">" + body + "</process></definitions>",
                                    "x.bpmn");
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_EQ(start(read->front()), row.stands) << row.throws << " " << row.interrupts;
    }
}

}  // namespace
}  // namespace madang::process
