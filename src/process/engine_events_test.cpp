// Events, sub-processes, compensation and calls, beyond what the public suites hold.
#include "process/detail/engine_fixture.h"

namespace madang::process {
namespace {

using testing::HasSubstr;

class EngineEvents : public EngineTest {};
INSTANTIATE_TEST_SUITE_P(Stores, EngineEvents, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

// A file with what its processes share before them.
std::vector<Definition> file_of(const std::string& shared, const std::string& processes) {
    auto read = read_bpmn("<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:madang=\"https://madang.example/ns/bpmn\">\n" + shared + processes +
                              "</definitions>",
                          "x.bpmn");
    EXPECT_TRUE(read) << read.error().message;
    return read ? *read : std::vector<Definition>(1);
}
std::string process(std::string_view id, const std::string& body) { return format("<process id=\"{}\">{}</process>\n", id, body); }
std::string timer(std::string_view kind, std::string_view time) { return format("<timerEventDefinition><{0}>{1}</{0}></timerEventDefinition>", kind, time); }

TEST_P(EngineEvents, ATimerFiresWhenItIsDueAndOnce) {
    EXPECT_EQ(start(kStart + kEnd + tasks("a") + "<intermediateCatchEvent id=\"t\">" + timer("timeDuration", "PT10S") + "</intermediateCatchEvent>" + flow("f", "s", "t") +
                    flow("g", "t", "a") + flow("h", "a", "e")),
              "running");
    store_.reopen();
    EXPECT_EQ(after(std::chrono::seconds(9)), "running");
    EXPECT_EQ(after(std::chrono::seconds(1)), "a running");
    EXPECT_EQ(after(std::chrono::seconds(30)), "a running");
    EXPECT_EQ(complete("a"), "completed");
    EXPECT_EQ(history(), "s entered, s left, t entered, t waits, t completed, t left, a entered, a waits, a completed, a left, e entered, e ended");
}

TEST_P(EngineEvents, ATimerMayComeFromAVariable) {
    const std::string body = kStart + kEnd + "<intermediateCatchEvent id=\"t\">" + timer("timeDate", "=due") + "</intermediateCatchEvent>" + flow("f", "s", "t") + flow("g", "t", "e");
    EXPECT_EQ(start(body, {{"due", "2027-01-15T08:00:05Z"}}), "running");
    EXPECT_EQ(after(std::chrono::seconds(4)), "running");
    EXPECT_EQ(after(std::chrono::seconds(1)), "completed");
    EXPECT_EQ(start(body, {{"due", "soon"}}), "invalid: process \"p\": <intermediateCatchEvent id=\"t\">: \"soon\" is no date or date and time");
}

TEST_P(EngineEvents, ABoundaryTimerWithdrawsTheTaskAndAnAnswerInTimeTheTimer) {
    const std::string body = kStart + kEnd + tasks("a late") + "<boundaryEvent id=\"b\" attachedToRef=\"a\">" + timer("timeDuration", "PT5S") + "</boundaryEvent>" +
                             flow("f", "s", "a") + flow("g", "a", "e") + flow("h", "b", "late") + flow("i", "late", "e");
    EXPECT_EQ(start(body), "a running");
    EXPECT_EQ(after(std::chrono::seconds(5)), "late running");
    EXPECT_EQ(start(body), "a running");
    EXPECT_EQ(complete("a"), "completed");
    const auto due = store_->read<std::optional<Instant>>([&](store::Reader& reader) { return engine_.next_due(reader); });
    ASSERT_TRUE(due);
    EXPECT_FALSE(*due);   // no timer is left behind
}

// Clause 10.5.5: what has come is waited for no longer, so that it holds nobody up and another message is not swallowed.
TEST_P(EngineEvents, AParallelMultipleCatchWaitsForItsTimerAndItsMessage) {
    const std::string both = "<messageEventDefinition messageRef=\"m\"/>" + timer("timeDuration", "PT5S");
    const auto files = file_of("<message id=\"m\" name=\"paid\"/>",
                               process("p", kStart + kEnd + "<intermediateCatchEvent id=\"c\" parallelMultiple=\"true\">" + both + "</intermediateCatchEvent>" + flow("f", "s", "c") + flow("g", "c", "e")));
    const auto tell = [&] { return store_->write([&](store::Tx& tx) { return engine_.send_message(tx, "paid", "", {}); }).has_value(); };
    EXPECT_EQ(start(files[0]), "running");
    EXPECT_EQ(after(std::chrono::seconds(6)), "running") << "the timer alone is not enough, and what is due is done once";
    store_.reopen();
    EXPECT_TRUE(tell());
    EXPECT_EQ(after(std::chrono::seconds(0)), "completed");
    // And the other way round; a second message is kept for who waits for it.
    EXPECT_EQ(start(files[0]), "running");
    EXPECT_TRUE(tell());
    EXPECT_TRUE(tell());
    EXPECT_EQ(after(std::chrono::seconds(4)), "running");
    EXPECT_EQ(after(std::chrono::seconds(1)), "completed");
    EXPECT_EQ(start(files[0]), "running");
    EXPECT_EQ(after(std::chrono::seconds(5)), "completed") << "by the message that came before";
}

TEST_P(EngineEvents, AParallelMultipleBoundaryThatDoesNotInterruptNeedsAllEachTime) {
    const std::string both = "<messageEventDefinition messageRef=\"m\"/><messageEventDefinition messageRef=\"n\"/>";
    const auto files = file_of("<message id=\"m\" name=\"paid\"/><message id=\"n\" name=\"asked\"/>",
                               process("p", kStart + kEnd + tasks("a b") + "<boundaryEvent id=\"x\" attachedToRef=\"a\" cancelActivity=\"false\" parallelMultiple=\"true\">" + both + "</boundaryEvent>" +
                                                flow("f", "s", "a") + flow("g", "a", "e") + flow("h", "x", "b") + flow("i", "b", "e")));
    const auto tell = [&](std::string_view name) {
        EXPECT_TRUE(store_->write([&](store::Tx& tx) { return engine_.send_message(tx, name, "", {}); }));
        return after(std::chrono::seconds(0));
    };
    EXPECT_EQ(start(files[0]), "a running");
    EXPECT_EQ(tell("paid"), "a running");
    EXPECT_EQ(tell("asked"), "a b running");
    EXPECT_EQ(tell("asked"), "a b running") << "the other is still to come";
    store_.reopen();
    EXPECT_EQ(tell("paid"), "a b b running");
}

TEST_P(EngineEvents, AParallelMultipleStartOfAnEventSubProcessNeedsAllEachTime) {
    const std::string both = "<messageEventDefinition messageRef=\"m\"/>" + timer("timeCycle", "R/PT5S");
    const auto files = file_of("<message id=\"m\" name=\"paid\"/>",
                               process("p", kStart + kEnd + tasks("a") + "<subProcess id=\"h\" triggeredByEvent=\"true\"><startEvent id=\"hs\" isInterrupting=\"false\" parallelMultiple=\"true\">" + both +
                                                "</startEvent>" + tasks("b") + "<endEvent id=\"he\"/>" + flow("hf", "hs", "b") + flow("hg", "b", "he") + "</subProcess>" + flow("f", "s", "a") + flow("g", "a", "e")));
    const auto tell = [&] { EXPECT_TRUE(store_->write([&](store::Tx& tx) { return engine_.send_message(tx, "paid", "", {}); })); };
    EXPECT_EQ(start(files[0]), "a running");
    EXPECT_EQ(after(std::chrono::seconds(5)), "a running");
    tell();
    EXPECT_EQ(after(std::chrono::seconds(0)), "a b running");
    EXPECT_EQ(after(std::chrono::seconds(20)), "a b running") << "the timer alone begins nothing more";
    tell();
    EXPECT_EQ(after(std::chrono::seconds(0)), "a b b running");
}

TEST_P(EngineEvents, MessagesFindTheInstanceOfTheirKeyAlsoBeforeItWaits) {
    const auto files = file_of("<message id=\"m\" name=\"paid\"/>",
                               process("p", kStart + kEnd + "<userTask id=\"a\" madang:role=\"r\"/><receiveTask id=\"w\" messageRef=\"m\"/>" + flow("f", "s", "a") + flow("g", "a", "k") +
                                                "<intermediateCatchEvent id=\"k\"><messageEventDefinition messageRef=\"m\" madang:correlationKey=\"invoice\"/></intermediateCatchEvent>" +
                                                flow("h", "k", "w") + flow("i", "w", "e")));
    EXPECT_EQ(start(files[0], {{"invoice", "B-2"}}), "a running");
    const auto send = [&](std::string_view key, int amount) {
        const auto sent = store_->write([&](store::Tx& tx) { return engine_.send_message(tx, "paid", key, {{"amount", amount}}); });
        EXPECT_TRUE(sent);
    };
    send("B-2", 5);
    EXPECT_EQ(after(std::chrono::seconds(0)), "a running");   // nobody waits yet: it is kept
    send("B-3", 7);
    EXPECT_EQ(complete("a"), "running");
    EXPECT_EQ(after(std::chrono::seconds(0)), "completed");    // the receive task takes the other, having no key
    EXPECT_EQ(variables(), R"({"amount":7,"invoice":"B-2"})");
}

TEST_P(EngineEvents, ASignalReachesEveryInstanceThatWaitedForIt) {
    const std::string shared = "<signal id=\"g\" name=\"strike\"/>";
    const auto waits = file_of(shared, process("p", kStart + kEnd + "<intermediateCatchEvent id=\"c\"><signalEventDefinition signalRef=\"g\"/></intermediateCatchEvent>" +
                                                        flow("f", "s", "c") + flow("h", "c", "e")));
    EXPECT_EQ(start(waits[0]), "running");
    const InstanceId first = instance_;
    EXPECT_EQ(start(waits[0]), "running");
    ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_.send_signal(tx, "strike", {}); }));
    clock_.advance(std::chrono::seconds(1));
    EXPECT_EQ(start(waits[0]), "running");   // came too late to hear it
    const InstanceId late = instance_;
    EXPECT_EQ(after(std::chrono::seconds(0)), "running");
    instance_ = first;
    EXPECT_EQ(stand(), "completed");
    EXPECT_NE(first, late);
}

TEST_P(EngineEvents, ACalledProcessGivesItsVariablesBackAndItsErrors) {
    const std::string called = process("called", kStart + kEnd + "<serviceTask id=\"w\" madang:operation=\"work\"/>" + flow("f", "s", "w") + flow("g", "w", "e"));
    const std::string calls = process("p", kStart + kEnd + tasks("sorry") + "<callActivity id=\"c\" calledElement=\"called\"/>" +
                                               "<boundaryEvent id=\"b\" attachedToRef=\"c\"><errorEventDefinition errorRef=\"no\"/></boundaryEvent>" + flow("f", "s", "c") +
                                               flow("g", "c", "e") + flow("h", "b", "sorry") + flow("i", "sorry", "e"));
    const auto files = file_of("<error id=\"no\" errorCode=\"NO\"/>", calls + called);
    ASSERT_TRUE(store_->write<int>([&](store::Tx& tx) { return engine_.deploy(tx, files[1]); }));
    host_.answers = {{"work", {{"answer", 42}}}};
    EXPECT_EQ(start(files[0], {{"question", 1}}), "running");
    EXPECT_EQ(after(std::chrono::seconds(0)), "completed");
    EXPECT_EQ(variables(), R"({"answer":42,"question":1})");
    host_.errors = {{"work", "NO"}};
    EXPECT_EQ(start(files[0]), "running");
    EXPECT_EQ(after(std::chrono::seconds(0)), "sorry running");
    host_.errors = {{"work", "OTHER"}};
    EXPECT_EQ(start(files[0]), "running");
    EXPECT_EQ(after(std::chrono::seconds(0)), "failed");
    EXPECT_EQ(problem(), "the error \"OTHER\" was not caught");
}

// Clauses 10.3.6 and 10.3.7: what is called may be a task, and stands in the caller's file without being deployed.
TEST_P(EngineEvents, AGlobalTaskIsCalledLikeAProcess) {
    const auto call = [](std::string_view id, std::string_view called) { return format("<callActivity id=\"{}\" calledElement=\"{}\"/>", id, called); };
    const auto files = file_of("<globalTask id=\"none\"/><globalScriptTask id=\"twice\" scriptLanguage=\"https://www.omg.org/spec/DMN/20191111/FEEL/\"><script>{m: 2 * n}</script>"
                               "</globalScriptTask><globalUserTask id=\"ask\" name=\"Ask\" madang:role=\"officer\"/>",
                               process("p", kStart + kEnd + call("c1", "none") + call("c2", "twice") + call("c3", "ask") + flow("f", "s", "c1") + flow("g", "c1", "c2") +
                                                flow("h", "c2", "c3") + flow("i", "c3", "e")));
    EXPECT_EQ(start(files[0], {{"n", 21}}), "running");
    EXPECT_EQ(after(std::chrono::seconds(0)), "running");
    const auto asked = open({.instance = std::nullopt, .role = "officer"});
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked.front().name, "Ask");
    ASSERT_TRUE(complete(asked.front().id, {{"said", "yes"}}));
    EXPECT_EQ(after(std::chrono::seconds(0)), "completed");
    EXPECT_EQ(variables(), R"({"m":42,"n":21,"said":"yes"})");
}

TEST_P(EngineEvents, EndingACallerEndsWhatItCalled) {
    const auto files = file_of("", process("p", kStart + kEnd + "<callActivity id=\"c\" calledElement=\"called\"/>" + flow("f", "s", "c") + flow("g", "c", "e")) +
                                       process("called", kStart + kEnd + tasks("a") + flow("f", "s", "a") + flow("g", "a", "e")));
    ASSERT_TRUE(store_->write<int>([&](store::Tx& tx) { return engine_.deploy(tx, files[1]); }));
    EXPECT_EQ(start(files[0]), "running");
    EXPECT_EQ(after(std::chrono::seconds(0)), "running");
    EXPECT_EQ(open({.instance = std::nullopt, .role = {}}).size(), 1U);
    ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_.terminate(tx, instance_); }));
    EXPECT_EQ(after(std::chrono::seconds(0)), "terminated");
    EXPECT_EQ(open({.instance = std::nullopt, .role = {}}).size(), 0U);
}

// Clause 13.5.5: the last first, with the variables of a sub-process as they were.
TEST_P(EngineEvents, CompensationUndoesInTheReverseOrder) {
    const auto step = [](std::string_view id) {
        return format("<serviceTask id=\"{0}\" madang:operation=\"{0}\"/><serviceTask id=\"un{0}\" isForCompensation=\"true\" madang:operation=\"un{0}\"/>"
                      "<boundaryEvent id=\"b{0}\" attachedToRef=\"{0}\"><compensateEventDefinition/></boundaryEvent>"
                      "<association id=\"as{0}\" sourceRef=\"b{0}\" targetRef=\"un{0}\"/>",
                      id);
    };
    for (const char* name : {"book", "pay", "print", "unbook", "unpay", "unprint"}) host_.answers[name] = {};
    const std::string body = kStart + kEnd + step("book") + "<subProcess id=\"sub\"><startEvent id=\"ss\"/><endEvent id=\"se\"/>" + step("pay") + step("print") +
                             flow("i1", "ss", "pay") + flow("i2", "pay", "print") + flow("i3", "print", "se") + "</subProcess>" +
                             "<intermediateThrowEvent id=\"undo\"><compensateEventDefinition/></intermediateThrowEvent>" + flow("f", "s", "book") + flow("g", "book", "sub") +
                             flow("h", "sub", "undo") + flow("i", "undo", "e");
    EXPECT_EQ(start(body), "completed");
    EXPECT_THAT(host_.asked, testing::ElementsAre("book", "pay", "print", "unprint", "unpay", "unbook"));
}

TEST_P(EngineEvents, InstancesOfACollectionGiveOneResultEach) {
    const std::string body = kStart + kEnd + "<dataObject id=\"d\" name=\"people\"/><dataObject id=\"o\" name=\"ages\"/>" +
                             "<scriptTask id=\"x\"><multiInstanceLoopCharacteristics><loopDataInputRef>d</loopDataInputRef><loopDataOutputRef>o</loopDataOutputRef>"
                             "<inputDataItem id=\"i\" name=\"person\"/><outputDataItem id=\"r\" name=\"age\"/></multiInstanceLoopCharacteristics>"
                             "<script>{age: 2027 - person.born}</script></scriptTask>" +
                             flow("f", "s", "x") + flow("g", "x", "e");
    const json::object given{{"people", json::array{json::object{{"born", 1990}}, json::object{{"born", 2001}}}}};
    EXPECT_EQ(start(body, given), "completed");
    EXPECT_EQ(variables(), R"({"ages":[37,26],"people":[{"born":1990},{"born":2001}]})");
    EXPECT_THAT(start(body), HasSubstr("its collection \"people\" is no list"));
}

TEST_P(EngineEvents, WhatFailsThreeTimesWaitsForAPersonAndHoldsUpNobody) {
    const std::string body = kStart + kEnd + "<serviceTask id=\"x\" madang:operation=\"ask\"/><intermediateCatchEvent id=\"t\">" + timer("timeDuration", "PT1S") +
                             "</intermediateCatchEvent>" + flow("f", "s", "t") + flow("g", "t", "x") + flow("h", "x", "e");
    host_.errors = {};
    EXPECT_EQ(start(body), "running");
    const InstanceId poisoned = instance_;
    host_.also = [&](store::Tx&) { return fail(Code::invalid, "the register refuses"); };
    EXPECT_EQ(after(std::chrono::seconds(30)), "running");
    const auto incidents = store_->read<std::vector<Incident>>([&](store::Reader& reader) { return engine_.incidents(reader, 10); });
    ASSERT_TRUE(incidents && incidents->size() == 1);
    EXPECT_EQ(incidents->front().kind, "timer");
    EXPECT_EQ(incidents->front().attempts, 3);
    EXPECT_THAT(incidents->front().problem, HasSubstr("the register refuses"));
    host_.also = {};
    host_.answers = {{"ask", {}}};
    EXPECT_EQ(start(body), "running");
    EXPECT_EQ(after(std::chrono::seconds(2)), "completed");   // another instance goes on
    instance_ = poisoned;
    EXPECT_EQ(stand(), "running");
    ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_.retry(tx, incidents->front().instance, incidents->front().number); }));
    EXPECT_EQ(after(std::chrono::seconds(0)), "completed");
}

TEST_P(EngineEvents, ATokenIsSkippedOrMovedWithAReason) {
    const std::string body = kStart + kEnd + tasks("a b") + flow("f", "s", "a") + flow("g", "a", "b") + flow("h", "b", "e");
    EXPECT_EQ(start(body), "a running");
    const auto token = [&] {
        const auto standing = store_->read<std::vector<Standing>>([&](store::Reader& reader) { return engine_.standing(reader, instance_); });
        return standing && !standing->empty() ? standing->front().token : 0;
    };
    const auto skip = [&](std::string_view reason) { return store_->write([&](store::Tx& tx) { return engine_.skip(tx, instance_, token(), reason, host_); }); };
    EXPECT_EQ(skip(" ").error().code, Code::invalid);
    ASSERT_TRUE(skip("done on paper"));
    EXPECT_EQ(stand(), "b running");
    EXPECT_THAT(history(), HasSubstr(" skipped: done on paper"));
    ASSERT_TRUE(store_->write([&](store::Tx& tx) {
        return engine_.change(tx, instance_, {.variables = {{"n", 1}}, .cancelled = {token()}, .begun = {"a"}}, "back again", host_);
    }));
    EXPECT_EQ(stand(), "a running");
    EXPECT_EQ(variables(), R"({"n":1})");
}

TEST_P(EngineEvents, RunningInstancesMoveToAVersionThatFits) {
    EXPECT_EQ(start(kStart + kEnd + tasks("a") + flow("f", "s", "a") + flow("g", "a", "e")), "a running");
    const Definition next = definition_of(kStart + kEnd + tasks("check b") + flow("f", "s", "check") + flow("g", "check", "b") + flow("h", "b", "e"));
    ASSERT_TRUE(store_->write<int>([&](store::Tx& tx) { return engine_.deploy(tx, next); }));
    const auto plan = [&](const NodeMap& nodes) {
        const auto found = store_->read<std::vector<std::string>>([&](store::Reader& reader) { return engine_.plan_migration(reader, instance_, 2, nodes); });
        return found ? join(*found, "; ") : found.error().message;
    };
    EXPECT_EQ(plan({}), "it stands at \"a\", which version 2 does not have");
    EXPECT_EQ(plan({{"a", "e"}}), "\"e\" is a endEvent in version 2, not a userTask");
    EXPECT_EQ(plan({{"a", "check"}}), "");
    ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_.migrate(tx, instance_, 2, {{"a", "check"}}, "the law changed", host_); }));
    EXPECT_EQ(stand(), "check running");
    EXPECT_EQ(complete("check"), "b running");
    EXPECT_EQ(complete("b"), "completed");
}

TEST_P(EngineEvents, PruningForgetsWhatEndedAndNothingElse) {
    const std::string body = kStart + kEnd + tasks("a") + flow("f", "s", "a") + flow("g", "a", "e");
    EXPECT_EQ(start(body), "a running");
    EXPECT_EQ(complete("a"), "completed");
    const InstanceId ended = instance_;
    EXPECT_EQ(start(body), "a running");
    clock_.advance(std::chrono::hours(24));
    const auto gone = store_->write<std::int64_t>([&](store::Tx& tx) { return engine_.prune(tx, clock_.now(), 100); });
    EXPECT_EQ(gone.value_or(-1), 1);
    EXPECT_EQ(complete("a"), "completed");
    instance_ = ended;
    EXPECT_THAT(variables(), HasSubstr("there is no process"));
}

TEST_P(EngineEvents, JobsAreTakenByOneWorkerAndOfferedAgainAfterAFailure) {
    const std::string body = kStart + kEnd + "<serviceTask id=\"x\" madang:operation=\"print\" madang:external=\"true\"/>" + flow("f", "s", "x") + flow("g", "x", "e");
    EXPECT_EQ(start(body), "x running");
    const auto take = [&](std::string_view worker) {
        return store_->write<std::vector<Task>>([&](store::Tx& tx) { return engine_.take_jobs(tx, "print", worker, 5, std::chrono::seconds(60)); });
    };
    const auto taken = take("w1");
    ASSERT_TRUE(taken && taken->size() == 1);
    EXPECT_EQ(take("w2")->size(), 0U);
    ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_.postpone_job(tx, taken->front().id, "no paper"); }));
    clock_.advance(std::chrono::seconds(1));
    const auto again = take("w2");
    ASSERT_TRUE(again && again->size() == 1);
    EXPECT_EQ(again->front().problem, "no paper");
    EXPECT_EQ(again->front().id, taken->front().id);   // the idempotency key stays
    ASSERT_TRUE(complete(again->front().id));
    EXPECT_EQ(complete(taken->front().id).error().code, Code::conflict);
}

TEST_P(EngineEvents, ATaskIsTakenByOnePerson) {
    EXPECT_EQ(start(kStart + kEnd + tasks("a") + flow("f", "s", "a") + flow("g", "a", "e")), "a running");
    const TaskId task = open({.instance = instance_, .role = {}})[0].id;
    const auto claim = [&](std::string_view who) { return store_->write([&](store::Tx& tx) { return engine_.claim(tx, task, who); }); };
    ASSERT_TRUE(claim("anna"));
    ASSERT_TRUE(claim("anna"));
    EXPECT_EQ(claim("boris").error().code, Code::conflict);
    EXPECT_EQ(open({.instance = instance_, .role = {}})[0].assignee, "anna");
    ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_.release(tx, task); }));
    ASSERT_TRUE(claim("boris"));
}

TEST_P(EngineEvents, ATimerStartsTheNewestVersionAgainAndAgain) {
    const auto files = file_of("", process("nightly", "<startEvent id=\"s\">" + timer("timeCycle", "R2/PT10S") + "</startEvent>" + kEnd + tasks("a") + flow("f", "s", "a") + flow("g", "a", "e")));
    ASSERT_TRUE(store_->write<int>([&](store::Tx& tx) { return engine_.deploy(tx, files[0]); }));
    const auto count = [&] { return store_->read<std::vector<Instance>>([&](store::Reader& reader) { return engine_.instances(reader, "nightly", 10); })->size(); };
    start(kStart + kEnd + flow("f", "s", "e"));
    after(std::chrono::seconds(9));
    EXPECT_EQ(count(), 0U);
    after(std::chrono::seconds(2));
    EXPECT_EQ(count(), 1U);
    after(std::chrono::seconds(60));
    EXPECT_EQ(count(), 2U);
}

}  // namespace
}  // namespace madang::process
