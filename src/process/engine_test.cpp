#include "process/engine.h"

#include "base/file.h"
#include "process/detail/engine_fixture.h"

namespace madang::process {
namespace {

using testing::HasSubstr;

INSTANTIATE_TEST_SUITE_P(Stores, EngineTest, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(EngineTest, RunsTheCertificateOfResidence) {
    const auto text = read_file(Path(MADANG_SOURCE_DIR) / "packs/by/services/certificate-of-residence/process.bpmn");
    ASSERT_TRUE(text);
    const auto definition = parse_bpmn(*text, "process.bpmn");
    ASSERT_TRUE(definition) << definition.error().message;

    host_.answers = {{"register.residence", {{"registered", true}}}, {"residence_certificate", {{"outcome", "issue"}}}};
    EXPECT_EQ(start(*definition), "Issue running");
    EXPECT_THAT(host_.asked, testing::ElementsAre("register.residence", "residence_certificate"));
    EXPECT_EQ(open({.instance = instance_, .role = {}})[0].operation, "certificate.issue");
    EXPECT_EQ(complete("Issue", {{"certificate", "BY-1"}}), "completed");
    EXPECT_EQ(variables(), R"({"certificate":"BY-1","outcome":"issue","registered":true})");

    host_.answers["residence_certificate"] = {{"outcome", "ask"}};
    host_.answers["register.enter_residence"] = {{"entered", true}};
    EXPECT_EQ(start(*definition), "Officer_decides running");
    EXPECT_EQ(complete("Officer_decides", {{"granted", true}}), "Issue running");
    EXPECT_EQ(start(*definition), "Officer_decides running");
    EXPECT_EQ(complete("Officer_decides", {{"granted", false}}), "completed");
    EXPECT_THAT(history(), testing::EndsWith("Granted left, End_refused entered, End_refused ended"));
}

TEST_P(EngineTest, TellsWhatHappenedInOrder) {
    EXPECT_EQ(start(kStart + kEnd + tasks("a") + flow("f", "s", "a") + flow("g", "a", "e")), "a running");
    clock_.advance(std::chrono::hours(1));
    EXPECT_EQ(complete("a"), "completed");
    EXPECT_EQ(history(), "s entered, s left, a entered, a waits, a completed, a left, e entered, e ended");
    const auto steps = store_->read<std::vector<Step>>([&](store::Reader& reader) { return engine_.history(reader, instance_); });
    EXPECT_EQ(steps->back().at - steps->front().at, std::chrono::hours(1));
}

TEST_P(EngineTest, AnExclusiveGatewayTakesTheFirstThatHolds) {
    const std::string body = kStart + kEnd + tasks("a b c") + "<exclusiveGateway id=\"x\" default=\"fc\"/>\n" + flow("f", "s", "x") +
                             flow("fa", "x", "a", "n > 5") + flow("fc", "x", "c") + flow("fb", "x", "b", "n > 2") + flow("ae", "a", "e") +
                             flow("be", "b", "e") + flow("ce", "c", "e");
    EXPECT_EQ(start(body, {{"n", 9}}), "a running");
    EXPECT_EQ(start(body, {{"n", 4}}), "b running");
    EXPECT_EQ(start(body, {{"n", 1}}), "c running");
    // Without n the conditions are null: an error, not the default.
    EXPECT_THAT(start(body), testing::AllOf(testing::StartsWith("invalid: process \"p\": <exclusiveGateway id=\"x\">: the condition of flow \"fa\" gives "),
                                            HasSubstr(", not true or false: ")));
}

TEST_P(EngineTest, AConditionMustBeTrueOrFalse) {
    const auto body = [](std::string_view condition) {
        return kStart + kEnd + "<exclusiveGateway id=\"x\"/>\n" + flow("f", "s", "x") + flow("g", "x", "e", condition);
    };
    EXPECT_EQ(start(body("=today() > date(\"2020-01-01\")")), "completed");   // the engine's clock
    EXPECT_EQ(start(body("1 > 2")), "invalid: process \"p\": <exclusiveGateway id=\"x\">: no condition holds and there is no default flow");
    EXPECT_EQ(start(body("1 + 2")), "invalid: process \"p\": <exclusiveGateway id=\"x\">: the condition of flow \"g\" gives number, not true or false");
    EXPECT_EQ(open({.instance = std::nullopt, .role = {}}).size(), 0U);
}

TEST_P(EngineTest, AParallelGatewaySplitsAndWaitsForEveryFlow) {
    const std::string body = kStart + kEnd + tasks("a b c") + "<parallelGateway id=\"x\"/><parallelGateway id=\"j\"/>\n" + flow("f", "s", "x") +
                             flow("xa", "x", "a") + flow("xb", "x", "b") + flow("aj", "a", "j") + flow("bj", "b", "j") + flow("jc", "j", "c") + flow("ce", "c", "e");
    EXPECT_EQ(start(body), "a b running");
    EXPECT_EQ(complete("b"), "a running");
    store_.reopen();   // the token at the join is a row
    EXPECT_EQ(complete("a"), "c running");
    EXPECT_EQ(complete("c"), "completed");
}

// Clause 13.4.1: two tokens on one flow are not one on each.
TEST_P(EngineTest, AParallelJoinWantsOneTokenOfEachFlow) {
    const std::string body = kStart + kEnd + tasks("a b d") + "<task id=\"m\"/><parallelGateway id=\"x\"/><parallelGateway id=\"j\"/>\n" + flow("f", "s", "x") +
                             flow("xa", "x", "a") + flow("xb", "x", "b") + flow("xd", "x", "d") + flow("am", "a", "m") + flow("bm", "b", "m") +
                             flow("mj", "m", "j") + flow("dj", "d", "j") + flow("je", "j", "e");
    EXPECT_EQ(start(body), "a b d running");
    EXPECT_EQ(complete("a"), "b d running");
    EXPECT_EQ(complete("b"), "d running");
    // The join goes on once; the second token on mj can never be matched.
    EXPECT_EQ(complete("d"), "running");
    EXPECT_EQ(problem(), "process \"p\": <parallelGateway id=\"j\">: it waits for a token on flow \"dj\", and no token can come there any more");
}

TEST_P(EngineTest, AnActivityWithSeveralFlowsSplitsAndAMergeLetsEachPass) {
    const std::string body = kStart + kEnd + tasks("a b") + "<task id=\"t\" default=\"td\"/><task id=\"d\"/>\n" + flow("f", "s", "t") + flow("ta", "t", "a", "n > 1") +
                             flow("tb", "t", "b", "n > 2") + flow("td", "t", "d") + flow("ab", "a", "b") + flow("be", "b", "e");
    EXPECT_EQ(start(body, {{"n", 3}}), "a b running");
    EXPECT_EQ(complete("a"), "b b running");   // 13.3.1: the activity runs once for each token
    EXPECT_EQ(complete("b"), "b running");
    EXPECT_EQ(complete("b"), "completed");
    EXPECT_EQ(start(body, {{"n", 0}}), "completed");
    EXPECT_THAT(history(), testing::EndsWith("d entered, d ended"));   // an activity without a way out ends its path
}

TEST_P(EngineTest, AnInclusiveJoinWaitsForThoseThatCanStillCome) {
    const std::string body = kStart + kEnd + tasks("a b d c") + "<inclusiveGateway id=\"x\" default=\"xd\"/><inclusiveGateway id=\"j\"/>\n" + flow("f", "s", "x") +
                             flow("xa", "x", "a", "n > 1") + flow("xb", "x", "b", "n > 2") + flow("xd", "x", "d") + flow("aj", "a", "j") + flow("bj", "b", "j") +
                             flow("dj", "d", "j") + flow("jc", "j", "c") + flow("ce", "c", "e");
    EXPECT_EQ(start(body, {{"n", 3}}), "a b running");
    EXPECT_EQ(complete("a"), "b running");
    EXPECT_EQ(complete("b"), "c running");
    EXPECT_EQ(complete("c"), "completed");
    EXPECT_EQ(start(body, {{"n", 2}}), "a running");
    EXPECT_EQ(complete("a"), "c running");
    EXPECT_EQ(start(body, {{"n", 0}}), "d running");
    EXPECT_EQ(complete("d"), "c running");
}

// Clause 13.4.3: a token that could come to an empty flow holds the join up only while it could not come to
// a flow that has its token already; here b leads to both.
TEST_P(EngineTest, AnInclusiveJoinDoesNotWaitForTokensThatMayComeWhereOneIs) {
    const std::string body = kStart + kEnd + tasks("a b c") + "<parallelGateway id=\"x\"/><exclusiveGateway id=\"y\" default=\"yj\"/><task id=\"m\"/><inclusiveGateway id=\"j\"/>\n" +
                             flow("f", "s", "x") + flow("xa", "x", "a") + flow("xb", "x", "b") + flow("am", "a", "m") + flow("mj", "m", "j") + flow("by", "b", "y") +
                             flow("yj", "y", "j") + flow("ym", "y", "m", "n = 1") + flow("jc", "j", "c") + flow("ce", "c", "e");
    EXPECT_EQ(start(body, {{"n", 1}}), "a b running");
    EXPECT_EQ(complete("a"), "b c running");
    EXPECT_EQ(complete("b"), "c c running");
}

TEST_P(EngineTest, AnInclusiveJoinInALoopGoesOnEachTime) {
    const std::string body = kStart + kEnd + tasks("a") + "<inclusiveGateway id=\"j\"/><exclusiveGateway id=\"x\" default=\"back\"/>\n" + flow("f", "s", "j") +
                             flow("ja", "j", "a") + flow("ax", "a", "x") + flow("back", "x", "j") + flow("xe", "x", "e", "done");
    EXPECT_EQ(start(body, {{"done", false}}), "a running");
    EXPECT_EQ(complete("a"), "a running");
    EXPECT_EQ(complete("a", {{"done", true}}), "completed");
}

TEST_P(EngineTest, ATerminateEndEventEndsTheInstanceAtOnce) {
    const std::string body = kStart + kEnd + tasks("a b") + "<endEvent id=\"t\"><terminateEventDefinition/></endEvent><parallelGateway id=\"x\"/>\n" +
                             flow("f", "s", "x") + flow("xa", "x", "a") + flow("xb", "x", "b") + flow("at", "a", "t") + flow("be", "b", "e");
    EXPECT_EQ(start(body), "a b running");
    const TaskId other = open({.instance = instance_, .role = {}})[1].id;
    EXPECT_EQ(complete("a"), "terminated");
    EXPECT_THAT(history(), testing::EndsWith("t entered, t ended, b ended"));
    const auto late = complete(other);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, Code::conflict);
    EXPECT_THAT(late.error().message, HasSubstr("was withdrawn before"));
}

TEST_P(EngineTest, IsEndedFromOutside) {
    EXPECT_EQ(start(kStart + kEnd + tasks("a") + flow("f", "s", "a") + flow("g", "a", "e")), "a running");
    const auto end = [&] { return store_->write([&](store::Tx& tx) { return engine_.terminate(tx, instance_); }); };
    ASSERT_TRUE(end());
    EXPECT_EQ(stand(), "terminated");
    EXPECT_THAT(history(), testing::EndsWith("a waits, a ended"));
    EXPECT_EQ(end().error().code, Code::conflict);
    instance_ = make_id<InstanceId>(clock_, random_);
    EXPECT_EQ(end().error().code, Code::not_found);
    EXPECT_EQ(variables(), format("there is no process {}", instance_.text()));
}

TEST_P(EngineTest, ATaskIsCompletedOnceAndByItsOwnVersion) {
    const std::string body = kStart + kEnd + tasks("a") + flow("f", "s", "a") + flow("g", "a", "e");
    EXPECT_EQ(start(body), "a running");
    const TaskId task = open({.instance = instance_, .role = {}})[0].id;
    EXPECT_EQ(complete(make_id<TaskId>(clock_, random_)).error().code, Code::not_found);

    // A new version of the process is for new instances: this one goes on as it began.
    EXPECT_EQ(start(kStart + kEnd + tasks("b") + flow("f", "s", "b") + flow("g", "b", "e")), "b running");
    ASSERT_TRUE(complete(task));
    EXPECT_EQ(complete(task).error().message, format("task {} was completed before", task.text()));
}

TEST_P(EngineTest, FindsOpenTasksByInstanceAndRole) {
    const std::string body = kStart + kEnd + "<parallelGateway id=\"x\"/><userTask id=\"a\" name=\"Check\" madang:role=\"officer\" madang:formKey=\"check\"/>" +
                             "<userTask id=\"b\" madang:role=\"head\"/>\n" + flow("f", "s", "x") + flow("xa", "x", "a") + flow("xb", "x", "b") + flow("ae", "a", "e") + flow("be", "b", "e");
    EXPECT_EQ(start(body), "a b running");
    const InstanceId first = instance_;
    clock_.advance(std::chrono::minutes(1));
    EXPECT_EQ(start(body), "a b running");
    EXPECT_EQ(open({.instance = std::nullopt, .role = {}}).size(), 4U);
    EXPECT_EQ(open({.instance = std::nullopt, .role = {}, .limit = 3}).size(), 3U);
    const auto officers = open({.instance = std::nullopt, .role = "officer"});
    ASSERT_EQ(officers.size(), 2U);
    EXPECT_EQ(officers[0].instance, first);   // the oldest first
    EXPECT_EQ(officers[0].name + officers[0].form_key + officers[0].role, "Checkcheckofficer");
    EXPECT_EQ(open({.instance = first, .role = "head"}).size(), 1U);
    EXPECT_EQ(open({.instance = first, .role = "nobody"}).size(), 0U);
}

TEST_P(EngineTest, AFailedServiceLeavesNothing) {
    const std::string body = kStart + kEnd + tasks("a") + "<serviceTask id=\"x\" madang:operation=\"register.ask\"/>\n" + flow("f", "s", "a") + flow("g", "a", "x") + flow("h", "x", "e");
    EXPECT_EQ(start(body), "a running");
    EXPECT_EQ(complete("a", {{"n", 1}}), "unavailable: process \"p\": <serviceTask id=\"x\">: the register does not answer");
    EXPECT_EQ(stand() + " " + variables(), "a running {}");
    host_.answers = {{"register.ask", {}}};
    EXPECT_EQ(complete("a", {{"n", 1}}), "completed");
    EXPECT_EQ(variables(), R"({"n":1})");
}

TEST_P(EngineTest, AServiceMayNotChangeTheInstanceThatRunsIt) {
    const std::string body = kStart + kEnd + tasks("a") + "<serviceTask id=\"x\" madang:operation=\"o\"/>\n" + flow("f", "s", "a") + flow("g", "a", "x") + flow("h", "x", "e");
    EXPECT_EQ(start(body), "a running");
    host_.answers = {{"o", {}}};
    host_.also = [&](store::Tx& tx) { return engine_.terminate(tx, instance_); };
    EXPECT_EQ(complete("a"), format("conflict: process {} was changed meanwhile", instance_.text()));
    EXPECT_EQ(stand(), "a running");
}

TEST_P(EngineTest, ALoopWithoutAWaitIsStopped) {
    EXPECT_EQ(start(kStart + kEnd + "<task id=\"a\"/><exclusiveGateway id=\"x\" default=\"xa\"/>\n" + flow("f", "s", "a") + flow("ax", "a", "x") + flow("xa", "x", "a") +
                    flow("xe", "x", "e", "false")),
              "exhausted: process \"p\": more than 10000 moves without a wait; it turns in a circle");
    // One that makes two of each token is stopped as well.
    EXPECT_THAT(start(kStart + kEnd + "<task id=\"a\"/><task id=\"b\"/>\n" + flow("f", "s", "a") + flow("ab", "a", "b") + flow("aa", "a", "b") + flow("ba", "b", "a") + flow("be", "b", "e")),
                testing::StartsWith("exhausted: "));
}

TEST_P(EngineTest, KeepsVariablesWithinTheirLimits) {
    const std::string body = kStart + kEnd + tasks("a") + flow("f", "s", "a") + flow("g", "a", "e");
    json::value deep = 1;
    for (int level = 0; level < 60; ++level) deep = json::array{std::move(deep)};
    json::object many;
    for (int i = 0; i < 2001; ++i) many[format("v{}", i)] = i;
    const std::pair<json::object, std::string> cases[] = {
        {{{"n", 9007199254740993}}, "invalid: variable \"n\": a number beyond 2^53 goes in as text"},
        {{{"n", 1e300}}, "invalid: variable \"n\": a number beyond 2^53 goes in as text"},
        {{{"t", "\xFF"}}, "invalid: variable \"t\": a text that is not UTF-8"},
        {{{"d", deep}}, "invalid: variable \"d\": deeper than 50 levels"},
        {{{"", 1}}, "invalid: a variable needs a name in UTF-8"},
        {many, "exhausted: more than 2000 variables"},
        {{{"t", std::string(1U << 20, 'x')}}, "exhausted: the variables are 1048584 bytes; at most 1048576 are kept"},
    };
    for (const auto& [variables, message] : cases) EXPECT_EQ(start(body, variables), message);
    // Together too: what was there and what a task adds.
    EXPECT_EQ(start(body, {{"t", std::string(1U << 19, 'x')}}), "a running");
    EXPECT_THAT(complete("a", {{"u", std::string(1U << 19, 'x')}}), testing::StartsWith("exhausted: process \"p\": <userTask id=\"a\">: the variables are "));
}

}  // namespace
}  // namespace madang::process
