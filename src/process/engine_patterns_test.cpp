// Workflow control-flow patterns (van der Aalst, ter Hofstede: WCP 1 to 43), as far as BPMN 2.0 says them, and the
// positions of events that few models use. Each model is run step by step.
#include "process/detail/engine_fixture.h"

namespace madang::process {
namespace {

class EnginePatterns : public EngineTest {
protected:
    // "a: b c running" after "a" was completed; "!name" sends the signal, "+5" lets seconds pass, "start" begins.
    void follow(std::string_view name, const std::string& body, const json::object& variables, const std::vector<std::string>& steps) {
        const auto read = read_bpmn("<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:madang=\"https://madang.example/ns/bpmn\">"
                                    "<error id=\"er\" errorCode=\"E\"/><signal id=\"go\" name=\"go\"/><signal id=\"no\" name=\"no\"/><escalation id=\"es\" escalationCode=\"X\"/><message id=\"me\" name=\"me\"/>"
                                    "<signalEventDefinition id=\"sd\" signalRef=\"go\"/><process id=\"p\">" + body + "</process></definitions>", std::string(name) + ".bpmn");
        ASSERT_TRUE(read) << name << ": " << read.error().message;
        for (const Definition& one : *read) ASSERT_TRUE(store_->write<int>([&](store::Tx& tx) { return engine_.deploy(tx, one); }));
        for (const std::string& step : steps) {
            const std::size_t colon = step.find(": ");
            const std::string what = step.substr(0, colon);
            if (what == "start") start(read->front(), variables);
            else if (what.starts_with('!')) ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_.send_signal(tx, what.substr(1), {}); }));
            else if (!what.starts_with('+')) complete(what);
            const std::string stands = after(std::chrono::seconds(what.starts_with('+') ? std::stoi(what.substr(1)) : 0));
            EXPECT_EQ(stands, step.substr(colon + 2)) << name << ": " << what << (problem().empty() ? "" : ": " + problem());
        }
    }
};
INSTANTIATE_TEST_SUITE_P(Stores, EnginePatterns, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

std::string chain(std::string_view path) {
    std::string text, before;
    static int number = 0;
    for (const std::string_view node : split(path, ' ')) {
        if (!before.empty()) text += flow(format("c{}", ++number), before, node);
        before = node;
    }
    return text;
}
std::string ends(std::string_view ids) {
    std::string text;
    for (const std::string_view id : split(ids, ' ')) text += format("<endEvent id=\"{}\"/>", id);
    return text;
}
std::string gateway(std::string_view kind, std::string_view id, std::string_view inside = "") { return format("<{0}Gateway id=\"{1}\">{2}</{0}Gateway>", kind, id, inside); }
std::string catches(std::string_view id, std::string_view signal) { return format("<intermediateCatchEvent id=\"{}\"><signalEventDefinition signalRef=\"{}\"/></intermediateCatchEvent>", id, signal); }
std::string border(std::string_view id, std::string_view at, std::string_view inside, std::string_view interrupts = "true") {
    return format("<boundaryEvent id=\"{}\" attachedToRef=\"{}\" cancelActivity=\"{}\">{}</boundaryEvent>", id, at, interrupts, inside);
}
std::string many(std::string_view id, std::string_view loop) { return format("<userTask id=\"{}\" madang:role=\"r\">{}</userTask>", id, loop); }
const std::string kGo = "<signalEventDefinition signalRef=\"go\"/>";
const std::string kAnd = gateway("parallel", "fork");
const std::string kSub = "<subProcess id=\"sub\"><startEvent id=\"ss\"/><endEvent id=\"se\"/>";

TEST_P(EnginePatterns, SplitAndMerge) {
    follow("WCP08 multi-merge", kStart + kEnd + kAnd + tasks("a b c") + chain("s fork a c e") + chain("fork b c"), {}, {"start: a b running", "a: b c running", "b: c c running", "c: c running", "c: completed"});
    const std::string discriminator = gateway("complex", "x", "<activationCondition>activationCount = 1</activationCondition>");
    follow("WCP09 discriminator", kStart + kEnd + kAnd + discriminator + tasks("a b c") + chain("s fork a x c e") + chain("fork b x"), {}, {"start: a b running", "b: a c running", "c: a running", "a: completed"});
    const std::string partial = gateway("complex", "x", "<activationCondition>activationCount = 2</activationCondition>");
    follow("WCP30 partial join", kStart + kEnd + kAnd + partial + tasks("a b c d") + chain("s fork a x d e") + chain("fork b x") + chain("fork c x"), {},
           {"start: a b c running", "c: a b running", "a: b d running", "b: d running", "d: completed"});
    follow("WCP37 local merge", kStart + kEnd + gateway("inclusive", "o") + gateway("inclusive", "j") + tasks("a b c") + chain("s o") + flow("oa", "o", "a", "x > 0") + flow("ob", "o", "b", "x > 1") + chain("a j c e") + chain("b j"),
           {{"x", 2}}, {"start: a b running", "a: b running", "b: c running", "c: completed"});
    follow("WCP41 thread merge, WCP42 thread split", kStart + kEnd + "<userTask id=\"a\" madang:role=\"r\" completionQuantity=\"3\"/><userTask id=\"b\" madang:role=\"r\" startQuantity=\"3\"/>" + chain("s a b e"), {},
           {"start: a running", "a: b running", "b: completed"});
    follow("WCP10 cycle", kStart + kEnd + gateway("exclusive", "m") + "<exclusiveGateway id=\"d\" default=\"out\"/>" + tasks("a b") + chain("s m a d") + flow("again", "d", "b", "n < 1") + flow("out", "d", "e") + chain("b m"), {{"n", 0}},
           {"start: a running", "a: b running", "b: a running"});
}

TEST_P(EnginePatterns, Instances) {
    const auto loop = [](std::string_view sequential, std::string_view done) {
        return format("<multiInstanceLoopCharacteristics isSequential=\"{}\"><loopCardinality>3</loopCardinality>{}</multiInstanceLoopCharacteristics>", sequential, done);
    };
    follow("WCP13 instances known before", kStart + kEnd + many("a", loop("false", "")) + chain("s a e"), {}, {"start: a a a running", "a: a a running", "a: a running", "a: completed"});
    follow("WCP17 one after the other", kStart + kEnd + many("a", loop("true", "")) + chain("s a e"), {}, {"start: a running", "a: a running", "a: a running", "a: completed"});
    const std::string two = "<completionCondition>numberOfCompletedInstances = 2</completionCondition>";
    follow("WCP34, 35 cancelling partial join", kStart + kEnd + many("a", loop("false", two)) + tasks("b") + chain("s a b e"), {}, {"start: a a a running", "a: a a running", "a: b running", "b: completed"});
    follow("WCP26 cancel instances", kStart + ends("e f") + many("a", loop("false", "")) + border("b", "a", kGo) + tasks("c") + chain("s a e") + chain("b c f"), {},
           {"start: a a a running", "a: a a running", "!go: c running", "c: completed"});
    follow("WCP21 structured loop", kStart + kEnd + many("a", "<standardLoopCharacteristics testBefore=\"true\"><loopCondition>loopCounter &lt; 2</loopCondition></standardLoopCharacteristics>") + chain("s a e"), {},
           {"start: a running", "a: a running", "a: completed"});
    follow("WCP22 recursion", kStart + kEnd + "<exclusiveGateway id=\"x\" default=\"stop\"/><callActivity id=\"p1\" calledElement=\"p\"><extensionElements><madang:input name=\"n\" value=\"n - 1\"/><madang:output name=\"sum\" value=\"sum + 1\"/></extensionElements></callActivity>"
           "<scriptTask id=\"zero\" scriptFormat=\"application/feel\" madang:resultVariable=\"sum\"><script>0</script></scriptTask>" + chain("s x") + flow("more", "x", "p1", "n > 0") + flow("stop", "x", "zero") + chain("zero e") + chain("p1 e"),
           {{"n", 4}}, {"start: completed"});
    EXPECT_THAT(variables(), testing::HasSubstr("\"sum\":4"));
}

TEST_P(EnginePatterns, StateAndCancellation) {
    follow("WCP16 deferred choice", kStart + kEnd + gateway("eventBased", "v") + catches("m", "go") + catches("n", "no") + tasks("a b") + chain("s v m a e") + chain("v n b e"), {}, {"start: running", "!no: b running", "!go: b running", "b: completed"});
    follow("WCP18 milestone", kStart + kEnd + kAnd + tasks("a b c") + border("t", "b", "<conditionalEventDefinition><condition>reached</condition></conditionalEventDefinition>", "false") + chain("s fork a e") + chain("fork b e") + chain("t c e"), {{"reached", false}},
           {"start: a b running", "a: b running", "b: completed"});
    follow("WCP19 cancel task", kStart + ends("e f") + tasks("a b") + border("x", "a", kGo) + chain("s a e") + chain("x b f"), {}, {"start: a running", "!go: b running", "b: completed"});
    follow("WCP23 transient trigger is lost where nobody waits", kStart + kEnd + tasks("a") + catches("m", "go") + chain("s a m e"), {}, {"start: a running", "!go: a running", "a: running", "!go: completed"});
    follow("WCP25 cancel region", kStart + ends("e f") + kSub + gateway("parallel", "sf") + tasks("a b") + chain("ss sf a se") + chain("sf b se") + "</subProcess>" + border("x", "sub", kGo) + tasks("c") + chain("s sub e") + chain("x c f"), {},
           {"start: a b running", "a: b running", "!go: c running", "c: completed"});
    follow("WCP43 explicit end", kStart + "<endEvent id=\"e\"/><endEvent id=\"f\"><terminateEventDefinition/></endEvent>" + kAnd + tasks("a b") + chain("s fork a e") + chain("fork b f"), {}, {"start: a b running", "b: terminated"});
    follow("WCP11 implicit end", kStart + tasks("a b") + ends("e") + kAnd + chain("s fork a e") + chain("fork b e"), {}, {"start: a b running", "a: b running", "b: completed"});
}

// Behaviour that multi-instances throw, with the definitions in the event and by reference: clause 10.3.9, Table 10.30.
TEST_P(EnginePatterns, ThrownByInstances) {
    const auto throwing = [](std::string_view inside) {
        return kStart + ends("e f") + many("a", format("<multiInstanceLoopCharacteristics behavior=\"Complex\"><loopCardinality>3</loopCardinality><complexBehaviorDefinition>"
                                                       "<condition>numberOfCompletedInstances = 2</condition><event id=\"ev\">{}</event></complexBehaviorDefinition></multiInstanceLoopCharacteristics>", inside)) +
               border("x", "a", kGo, "false") + tasks("b") + chain("s a e") + chain("x b f");
    };
    const std::vector<std::string> steps{"start: a a a running", "a: a a running", "a: a b running", "a: b running", "b: completed"};
    follow("in the event", throwing(kGo), {}, steps);
    follow("by reference", throwing("<eventDefinitionRef>sd</eventDefinitionRef>"), {}, steps);
}

TEST_P(EnginePatterns, CompensationInEachPosition) {
    host_.answers = {{"do", {}}, {"undo", {}}, {"undo2", {}}};
    const auto undoable = [](std::string_view id, std::string_view handler) {
        return format("<serviceTask id=\"{0}\" madang:operation=\"do\"/><boundaryEvent id=\"b{0}\" attachedToRef=\"{0}\"><compensateEventDefinition/></boundaryEvent>"
                      "<serviceTask id=\"{1}\" isForCompensation=\"true\" madang:operation=\"{1}\"/><association id=\"a{0}\" sourceRef=\"b{0}\" targetRef=\"{1}\"/>", id, handler);
    };
    const std::string thrower = "<intermediateThrowEvent id=\"x\"><compensateEventDefinition/></intermediateThrowEvent>";
    follow("the last first", kStart + kEnd + undoable("t", "undo") + undoable("u", "undo2") + thrower + tasks("a") + chain("s t u x a e"), {}, {"start: a running", "a: completed"});
    EXPECT_EQ(join(host_.asked, " "), "do do undo2 undo");
    host_.asked.clear();
    follow("of a sub-process that is done", kStart + kEnd + kSub + undoable("t", "undo") + chain("ss t se") + "</subProcess>" + thrower + tasks("a") + chain("s sub x a e"), {}, {"start: a running"});
    EXPECT_EQ(join(host_.asked, " "), "do undo");
    host_.asked.clear();
    const std::string handler = "<subProcess id=\"h\" triggeredByEvent=\"true\"><startEvent id=\"hs\"><compensateEventDefinition/></startEvent><serviceTask id=\"hu\" madang:operation=\"undo\"/><endEvent id=\"he\"/>" + chain("hs hu he") + "</subProcess>";
    follow("by an event sub-process", kStart + kEnd + kSub + "<serviceTask id=\"t\" madang:operation=\"do\"/>" + chain("ss t se") + handler + "</subProcess>" + thrower + tasks("a") + chain("s sub x a e"), {}, {"start: a running"});
    EXPECT_EQ(join(host_.asked, " "), "do undo");
    host_.asked.clear();
    follow("of each instance", kStart + kEnd + "<serviceTask id=\"t\" madang:operation=\"do\"><multiInstanceLoopCharacteristics isSequential=\"true\"><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics></serviceTask>"
           "<boundaryEvent id=\"bt\" attachedToRef=\"t\"><compensateEventDefinition/></boundaryEvent><serviceTask id=\"undo\" isForCompensation=\"true\" madang:operation=\"undo\"/><association id=\"at\" sourceRef=\"bt\" targetRef=\"undo\"/>" +
           thrower + tasks("a") + chain("s t x a e"), {}, {"start: a running"});
    EXPECT_EQ(join(host_.asked, " "), "do do undo undo");
    host_.asked.clear();
    follow("nothing that was not done", kStart + kEnd + undoable("t", "undo") + thrower + tasks("a") + kAnd + chain("s fork x a e") + gateway("eventBased", "v") + catches("m", "go") + catches("n", "no") + chain("fork v m t e") + chain("v n e"), {}, {"start: a running", "!go: a running"});
    EXPECT_EQ(join(host_.asked, " "), "do");
}

// Clause 13.5.4: each kind begins an event sub-process; one that does not interrupt may begin again.
TEST_P(EnginePatterns, EventSubProcesses) {
    const auto with = [](std::string_view definition, std::string_view interrupts) {
        return kStart + kEnd + kSub + tasks("a") + chain("ss a se") +
               format("<subProcess id=\"h\" triggeredByEvent=\"true\"><startEvent id=\"hs\" isInterrupting=\"{}\">{}</startEvent><userTask id=\"b\" madang:role=\"r\"/><endEvent id=\"he\"/>", interrupts, definition) + chain("hs b he") +
               "</subProcess></subProcess>" + tasks("c") + chain("s sub c e");
    };
    const std::string timer = "<timerEventDefinition><timeDuration>PT5S</timeDuration></timerEventDefinition>";
    follow("signal, interrupting", with(kGo, "true"), {}, {"start: a running", "!go: b running", "!go: b running", "b: c running", "c: completed"});
    follow("signal, not interrupting", with(kGo, "false"), {}, {"start: a running", "!go: a b running", "!go: a b b running", "b: a b running", "a: b running", "b: c running", "c: completed"});
    follow("timer, interrupting", with(timer, "true"), {}, {"start: a running", "+6: b running", "b: c running", "c: completed"});
    follow("timer, not interrupting, once", with(timer, "false"), {}, {"start: a running", "+12: a b running", "b: a running", "a: c running", "c: completed"});
    follow("conditional, each time that it becomes true", with("<conditionalEventDefinition><condition>late</condition></conditionalEventDefinition>", "false"), {{"late", true}}, {"start: a b running", "b: a running", "a: c running", "c: completed"});
}

}  // namespace
}  // namespace madang::process
