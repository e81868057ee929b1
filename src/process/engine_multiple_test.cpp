// Parallel multiple events, of which every trigger is needed: BPMN 2.0.2 clauses 10.5.5, 13.5.2 to 13.5.4.
#include "process/detail/engine_fixture.h"

namespace madang::process {
namespace {

constexpr std::chrono::seconds kNow{0};

class EngineMultiple : public EngineTest {
protected:
    void send(std::string_view name, const json::object& payload = {}) {
        clock_.advance(std::chrono::seconds(1));   // the older one is taken first
        ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_.send_message(tx, name, "", payload); }));
    }
    void signal(std::string_view name) {
        clock_.advance(std::chrono::seconds(1));   // who waits from the same moment on hears it too
        ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_.send_signal(tx, name, {}); }));
    }
    // Does at most `most` things that are due. A timer that stays due would be done for ever.
    int work(std::chrono::seconds passed, int most = 50) {
        clock_.advance(passed);
        int done = 0;
        while (done < most && engine_.work_once(*store_, hosts_).value_or(false)) ++done;
        return done;
    }
};
INSTANTIATE_TEST_SUITE_P(Stores, EngineMultiple, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

std::string timer(std::string_view kind, std::string_view time) { return format("<timerEventDefinition><{0}>{1}</{0}></timerEventDefinition>", kind, time); }
const std::string kMessage = "<messageEventDefinition messageRef=\"m\"/>";
const std::string kSignal = "<signalEventDefinition signalRef=\"g\"/>";

Definition with(const std::string& body) {
    const auto read = read_bpmn("<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:madang=\"https://madang.example/ns/bpmn\">"
                                "<message id=\"m\" name=\"paid\"/><message id=\"n\" name=\"signed\"/><signal id=\"g\" name=\"strike\"/><process id=\"p\">" + body + "</process></definitions>",
                                "x.bpmn");
    EXPECT_TRUE(read) << read.error().message;
    return read ? read->front() : Definition();
}
Definition caught(const std::string& triggers) {
    return with(kStart + kEnd + tasks("a") + "<intermediateCatchEvent id=\"c\" parallelMultiple=\"true\">" + triggers + "</intermediateCatchEvent>" + flow("f", "s", "c") + flow("g1", "c", "a") +
                flow("h", "a", "e"));
}
Definition on_border(std::string_view interrupts, const std::string& triggers) {
    return with(kStart + kEnd + tasks("a b") + format("<boundaryEvent id=\"c\" attachedToRef=\"a\" parallelMultiple=\"true\" cancelActivity=\"{}\">", interrupts) + triggers + "</boundaryEvent>" +
                flow("f", "s", "a") + flow("h", "a", "e") + flow("i", "c", "b") + flow("j", "b", "e"));
}
Definition beside(std::string_view interrupts, const std::string& triggers) {
    return with(kStart + kEnd + tasks("a") + flow("f", "s", "a") + flow("h", "a", "e") + "<subProcess id=\"sub\" triggeredByEvent=\"true\">" +
                format("<startEvent id=\"c\" parallelMultiple=\"true\" isInterrupting=\"{}\">", interrupts) + triggers + "</startEvent>" + tasks("b") + "<endEvent id=\"se\"/>" +
                flow("i", "c", "b") + flow("j", "b", "se") + "</subProcess>");
}

TEST_P(EngineMultiple, ATimerThatCameFirstWaitsForTheOthersAndHoldsUpNobody) {
    EXPECT_EQ(start(caught(timer("timeDuration", "PT5S") + kMessage + kSignal)), "running");
    EXPECT_LE(work(std::chrono::seconds(5)), 1);
    store_.reopen();
    EXPECT_EQ(work(std::chrono::hours(1)), 0);
    signal("strike");
    EXPECT_EQ(after(kNow), "running");
    signal("strike");   // it came already
    EXPECT_EQ(after(kNow), "running");
    send("paid");
    EXPECT_EQ(after(kNow), "a running");
    EXPECT_EQ(complete("a"), "completed");
    EXPECT_EQ(work(std::chrono::hours(1)), 0);
}

TEST_P(EngineMultiple, ASecondMessageIsKeptForWhoeverWaitsNext) {
    const Definition definition = caught(kMessage + "<messageEventDefinition messageRef=\"n\"/>");
    EXPECT_EQ(start(definition), "running");
    const InstanceId first = instance_;
    send("paid", {{"amount", 1}});
    EXPECT_EQ(after(kNow), "running");
    send("paid", {{"amount", 2}});
    EXPECT_EQ(after(kNow), "running");
    EXPECT_EQ(start(definition), "running");
    EXPECT_EQ(after(kNow), "running");   // takes the second
    send("signed", {{"by", "anna"}});
    send("signed", {{"by", "boris"}});
    EXPECT_EQ(after(kNow), "a running");
    EXPECT_EQ(variables(), R"({"amount":2,"by":"boris"})");
    instance_ = first;
    EXPECT_EQ(stand(), "a running");
    EXPECT_EQ(variables(), R"({"amount":1,"by":"anna"})");
}

TEST_P(EngineMultiple, WhatInterruptsDoesSoOnce) {
    for (const Definition& definition : {on_border("true", timer("timeDuration", "PT5S") + kMessage + kSignal), beside("true", timer("timeDuration", "PT5S") + kMessage + kSignal)}) {
        EXPECT_EQ(start(definition), "a running");
        EXPECT_LE(work(std::chrono::seconds(5)), 1);
        EXPECT_EQ(stand(), "a running");
        send("paid");
        EXPECT_EQ(after(kNow), "a running");
        signal("strike");
        EXPECT_EQ(after(kNow), "b running");
        EXPECT_EQ(complete("b"), "completed");
        EXPECT_EQ(work(std::chrono::hours(1)), 0);
    }
}

TEST_P(EngineMultiple, WhatDoesNotInterruptNeedsAllOfThemAgain) {
    for (const Definition& definition : {on_border("false", kMessage + kSignal), beside("false", kMessage + kSignal)}) {
        EXPECT_EQ(start(definition), "a running");
        send("paid");
        EXPECT_EQ(after(kNow), "a running");
        send("paid");   // for the next time
        EXPECT_EQ(after(kNow), "a running");
        signal("strike");
        EXPECT_EQ(after(kNow), "a b running");
        signal("strike");
        EXPECT_EQ(after(kNow), "a b b running");
        signal("strike");
        EXPECT_EQ(after(kNow), "a b b running");   // no third message
        send("paid");
        EXPECT_EQ(after(kNow), "a b b b running");
        EXPECT_EQ(complete("a"), "b b b running");
    }
}

TEST_P(EngineMultiple, ACycleComesAgainForTheNextTimeAndADurationDoesNot) {
    for (const auto make : {on_border, beside}) {
        EXPECT_EQ(start(make("false", timer("timeCycle", "R2/PT5S") + kSignal)), "a running");
        EXPECT_LE(work(std::chrono::seconds(5)), 1);
        EXPECT_EQ(work(std::chrono::seconds(1)), 0);
        signal("strike");
        EXPECT_EQ(after(kNow), "a b running");
        signal("strike");
        EXPECT_EQ(after(kNow), "a b running");
        EXPECT_EQ(after(std::chrono::seconds(5)), "a b b running");   // the second and last
        signal("strike");
        EXPECT_EQ(after(std::chrono::seconds(20)), "a b b running");
        ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_.terminate(tx, instance_); }));

        EXPECT_EQ(start(make("false", timer("timeDuration", "PT5S") + kSignal)), "a running");
        signal("strike");
        EXPECT_EQ(after(std::chrono::seconds(4)), "a b running");
        signal("strike");
        EXPECT_EQ(after(std::chrono::seconds(20)), "a b running");
        ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_.terminate(tx, instance_); }));
    }
}

TEST_P(EngineMultiple, AConditionMustBecomeTrueAgain) {
    const auto condition = [](std::string_view text) { return format("<conditionalEventDefinition><condition>{}</condition></conditionalEventDefinition>", text); };
    const auto set = [&](const json::object& variables) {
        EXPECT_TRUE(store_->write([&](store::Tx& tx) { return engine_.change(tx, instance_, {.variables = variables, .cancelled = {}, .begun = {}}, "test", host_); }));
        return stand();
    };
    for (const auto make : {on_border, beside}) {
        EXPECT_EQ(start(make("false", condition("x = 1") + condition("y = 1")), {{"x", 0}, {"y", 0}}), "a running");
        EXPECT_EQ(set({{"x", 1}}), "a running");
        EXPECT_EQ(set({{"y", 1}}), "a b running");
        EXPECT_EQ(set({{"z", 1}}), "a b running");
        EXPECT_EQ(set({{"x", 0}}), "a b running");
        EXPECT_EQ(set({{"x", 1}}), "a b running");
        EXPECT_EQ(set({{"y", 0}}), "a b running");
        EXPECT_EQ(set({{"y", 1}}), "a b b running");
    }
}

// Another instance goes on, whatever became of the row.
TEST_P(EngineMultiple, ATimerThatNobodyWaitsForIsAnIncident) {
    EXPECT_EQ(start(kStart + kEnd + tasks("a") + flow("f", "s", "a") + flow("h", "a", "e")), "a running");
    ASSERT_TRUE(store_->write([&](store::Tx& tx) -> Result<void> {
        TRY_DO(tx.execute("INSERT INTO process_work (instance_id, number, kind, name, work_key, payload, due_at, attempts, state, problem) VALUES ($1,999,'timer','','','{}',0,0,'ready','')",
                          {instance_.text()}));
        return {};
    }));
    EXPECT_LT(work(kNow), 50);
    EXPECT_LT(work(std::chrono::seconds(60)), 50);
    EXPECT_LT(work(std::chrono::seconds(60)), 50);
    const auto found = store_->read<std::vector<Incident>>([&](store::Reader& reader) { return engine_.incidents(reader, 10); });
    ASSERT_TRUE(found && found->size() == 1);
    EXPECT_THAT(found->front().problem, testing::HasSubstr("nothing waits for timer 999"));
}

}  // namespace
}  // namespace madang::process
