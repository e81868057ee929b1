// Input sets and output sets: BPMN 2.0.2 clauses 10.4.2 and 13.3.2.
#include "process/detail/engine_fixture.h"

namespace madang::process {
namespace {

class EngineData : public EngineTest {};
INSTANTIATE_TEST_SUITE_P(Stores, EngineData, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

// "a", and beside it "b" that needs "paper" or what else its sets say.
std::string needing(std::string_view sets, std::string_view more = "") {
    return kStart + kEnd + "<dataObject id=\"do\" name=\"paper\"/><dataObject id=\"seal\"/><parallelGateway id=\"fork\"/><parallelGateway id=\"join\"/>" + tasks("a") +
           format("<userTask id=\"b\" madang:role=\"officer\"><ioSpecification><dataInput id=\"i\" name=\"letter\"/><dataInput id=\"j\"/><dataOutput id=\"o\" name=\"answer\"/>{}</ioSpecification>"
                  "<dataInputAssociation><sourceRef>do</sourceRef><targetRef>i</targetRef></dataInputAssociation>"
                  "<dataInputAssociation><sourceRef>seal</sourceRef><targetRef>j</targetRef></dataInputAssociation>"
                  "<dataOutputAssociation><sourceRef>o</sourceRef><targetRef>do</targetRef></dataOutputAssociation></userTask>{}",
                  sets, more) +
           flow("f", "s", "fork") + flow("fa", "fork", "a") + flow("fb", "fork", "b") + flow("ja", "a", "join") + flow("jb", "b", "join") + flow("g", "join", "e");
}
const std::string kNeedsBoth = "<inputSet><dataInputRefs>i</dataInputRefs><dataInputRefs>j</dataInputRefs></inputSet><outputSet/>";

TEST_P(EngineData, AnActivityWaitsUntilAnInputSetIsThere) {
    EXPECT_EQ(start(needing(kNeedsBoth)), "a running");
    EXPECT_EQ(complete("a", {{"paper", "x"}}), "running");
    EXPECT_EQ(problem(), "process \"p\": <userTask id=\"b\">: it waits for its data input \"letter\", and nothing gives it any more");
    ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_.change(tx, instance_, {.variables = {{"seal", 1}}, .cancelled = {}, .begun = {}}, "found it", host_); }));
    EXPECT_EQ(stand(), "b running");
    EXPECT_EQ(problem(), "");
    EXPECT_EQ(complete("b"), "completed");
}

TEST_P(EngineData, TheFirstSetThatIsThereIsEnough) {
    EXPECT_EQ(start(needing("<inputSet><dataInputRefs>i</dataInputRefs></inputSet><inputSet><dataInputRefs>j</dataInputRefs></inputSet><outputSet/>"), {{"seal", 1}}), "a b running");
    EXPECT_EQ(start(needing("<inputSet><dataInputRefs>i</dataInputRefs><optionalInputRefs>i</optionalInputRefs></inputSet><outputSet/>")), "a b running");
    EXPECT_EQ(start(needing("<inputSet><dataInputRefs>i</dataInputRefs><whileExecutingInputRefs>i</whileExecutingInputRefs></inputSet><outputSet/>")), "a b running");
    EXPECT_EQ(start(needing("<inputSet/><outputSet/>")), "a b running");
}

TEST_P(EngineData, AnActivityIsDoneWithOneOfItsOutputSets) {
    const std::string sets = "<inputSet/><outputSet><dataOutputRefs>o</dataOutputRefs></outputSet>";
    EXPECT_EQ(start(needing(sets)), "a b running");
    EXPECT_EQ(complete("b", {{"remark", "none"}}), "invalid: process \"p\": <userTask id=\"b\">: it is done without its output \"answer\"");
    EXPECT_EQ(complete("b", {{"answer", "yes"}}), "a running");
    EXPECT_THAT(variables(), testing::HasSubstr("\"paper\":\"yes\""));
    EXPECT_EQ(start(needing("<inputSet/><outputSet><dataOutputRefs>o</dataOutputRefs><optionalOutputRefs>o</optionalOutputRefs></outputSet>")), "a b running");
    EXPECT_EQ(complete("b"), "a running");
}

TEST_P(EngineData, WhatWaitsForDataIsSkippedInterruptedAndKept) {
    EXPECT_EQ(start(needing(kNeedsBoth)), "a running");
    const auto standing = store_->read<std::vector<Standing>>([&](store::Reader& reader) { return engine_.standing(reader, instance_); });
    const auto waits = std::ranges::find(*standing, "data", &Standing::waits);
    ASSERT_NE(waits, standing->end());
    ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_.skip(tx, instance_, waits->token, "not needed", host_); }));
    EXPECT_EQ(complete("a"), "completed");
    EXPECT_EQ(start(needing(kNeedsBoth)), "a running");
    ASSERT_TRUE(store_->write([&](store::Tx& tx) { return engine_.terminate(tx, instance_); }));
    EXPECT_EQ(stand(), "terminated");
}

TEST_P(EngineData, InstancesOfAMultiInstanceWaitEachAndItsBorderIsWatched) {
    const std::string loop = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>";
    std::string body = needing("<inputSet><dataInputRefs>i</dataInputRefs></inputSet><outputSet/>");
    body.insert(body.find("</userTask>", body.find("id=\"b\"")), loop);
    EXPECT_EQ(start(body), "a running");
    EXPECT_EQ(complete("a", {{"paper", "x"}}), "b b running");
    EXPECT_EQ(complete("b"), "b running");
    EXPECT_EQ(complete("b"), "completed");
}

}  // namespace
}  // namespace madang::process
