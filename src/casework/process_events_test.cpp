// A service whose file holds a second process, which waits for a message of its case, over both stores.
#include <gmock/gmock.h>

#include "base/check.h"
#include "base/text.h"
#include "casework/casework_fixture.h"

namespace madang::casework {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

void replace(std::string& text, std::string_view old_text, std::string_view new_text) {
    const std::size_t at = text.find(old_text);
    ASSERT_NE(at, std::string::npos) << old_text;
    text.replace(at, old_text.size(), new_text);
}

// The pack with an inspection before anything else: called, and over when its message comes.
void add_inspection(const Path& folder, std::string_view correlation) {
    const Path file = folder / "services/certificate-of-residence/process.bpmn";
    std::string model = *read_file(file);
    replace(model, R"(id="Flow_1" sourceRef="Start" targetRef="Ask_register" />)",
            R"(id="Flow_1" sourceRef="Start" targetRef="Inspect" /><bpmn:callActivity id="Inspect" calledElement="inspection"><bpmn:incoming>Flow_1</bpmn:incoming><bpmn:outgoing>Flow_0</bpmn:outgoing></bpmn:callActivity><bpmn:sequenceFlow id="Flow_0" sourceRef="Inspect" targetRef="Ask_register" />)");
    replace(model, "<bpmn:incoming>Flow_1</bpmn:incoming>\n      <bpmn:outgoing>Flow_2", "<bpmn:incoming>Flow_0</bpmn:incoming>\n      <bpmn:outgoing>Flow_2");
    replace(model, "  <bpmndi:BPMNDiagram",
            format(R"(  <bpmn:message id="Done" name="Inspection_done" />
  <bpmn:process id="inspection" isExecutable="true">
    <bpmn:startEvent id="I_start"><bpmn:outgoing>I_1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:receiveTask id="Wait" messageRef="Done"{}><bpmn:incoming>I_1</bpmn:incoming><bpmn:outgoing>I_2</bpmn:outgoing></bpmn:receiveTask>
    <bpmn:endEvent id="I_end"><bpmn:incoming>I_2</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="I_1" sourceRef="I_start" targetRef="Wait" /><bpmn:sequenceFlow id="I_2" sourceRef="Wait" targetRef="I_end" />
  </bpmn:process>
  <bpmndi:BPMNDiagram)", correlation));
    ASSERT_TRUE(write_file_whole(file, model));
}

Result<catalogue::Pack> pack_with_inspection(std::string_view correlation) {
    std::string pattern = testing::TempDir() + "madang-pack-XXXXXX";
    const Path folder = ::mkdtemp(pattern.data());
    std::filesystem::copy(Path(MADANG_SOURCE_DIR) / "packs/by", folder, std::filesystem::copy_options::recursive);
    add_inspection(folder, correlation);
    auto loaded = catalogue::load_pack(folder);
    std::filesystem::remove_all(folder);
    return loaded;
}

const catalogue::Pack& inspecting_pack() {
    static const catalogue::Pack inspecting = [] {
        auto loaded = pack_with_inspection(R"( madang:correlationKey="=receipt")");
        MADANG_CHECK(loaded || std::fprintf(stderr, "%s\n", loaded.error().message.c_str()) < 0);
        return std::move(*loaded);
    }();
    return inspecting;
}

class ProcessEventsIn : public CaseworkFixture {
protected:
    ProcessEventsIn() : CaseworkFixture(inspecting_pack()) {}
};
INSTANTIATE_TEST_SUITE_P(Both, ProcessEventsIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(ProcessEventsIn, ACaseGoesOnWhenItsOwnMessageComes) {
    const Applicant who = applicant("siarhei");
    const Receipt first = submit(who, "77", "one");
    const Receipt second = submit(who, "77", "two");
    work();
    EXPECT_EQ(case_of(first, who).status, Status::received);
    ASSERT_TRUE(casework_.tell_process(kBody, second.receipt, "Inspection_done", {{"passed", true}}, "operator"));
    work();
    EXPECT_EQ(case_of(first, who).status, Status::received) << "the message was for the other case";
    EXPECT_EQ(case_of(second, who).status, Status::with_officer);
    EXPECT_THAT(acts_of(case_of(second, who)), Contains("process.told"));
    EXPECT_THAT(acts_of(case_of(first, who)), Not(Contains("process.told")));
}

TEST_P(ProcessEventsIn, AMessageThatComesBeforeItsStepIsKept) {
    const Applicant who = applicant("siarhei");
    const Receipt receipt = submit(who, "77");
    ASSERT_TRUE(casework_.tell_process(kBody, receipt.receipt, "Inspection_done", {}, "operator"));
    work();
    EXPECT_EQ(case_of(receipt, who).status, Status::with_officer);
}

TEST_P(ProcessEventsIn, WhatEndedIsForgottenWhenTheYearsOfItsServiceAreOver) {
    const Applicant who = applicant("siarhei");
    const auto course = [&](const Receipt& receipt) { return *casework_.course_of(case_of(receipt, who)); };
    const Receipt ended = submit(who, "77", "one");
    ASSERT_TRUE(casework_.tell_process(kBody, ended.receipt, "Inspection_done", {}, "operator"));
    work();
    ASSERT_TRUE(casework_.decide(case_of(ended, who).id, officer(), refuse()));
    work();
    EXPECT_TRUE(casework_.processes().prune(std::nullopt, "system")->empty());
    // Kept for five years, from the first of January after the end: of November 2026 until the end of 2031.
    clock_.advance(*parse_instant("2031-12-31T12:00:00Z") - clock_.now());
    const Receipt running = submit(who, "77", "two");
    const auto begin = [&] {
        for (int i = 0; i < 20; ++i) (void)casework_.work_once();
    };
    begin();
    EXPECT_TRUE(casework_.processes().prune(std::nullopt, "system")->empty());
    clock_.advance(std::chrono::hours(24));
    const auto pruned = casework_.processes().prune(std::nullopt, "system");
    ASSERT_TRUE(pruned) << pruned.error().message;
    std::int64_t gone = 0;
    for (const auto& one : *pruned) gone += one.gone;
    EXPECT_EQ(gone, 2) << "the procedure and what it called";
    EXPECT_FALSE(course(ended)) << "its picture is gone";
    EXPECT_EQ(case_of(ended, who).status, Status::refused) << "the case is not";
    EXPECT_TRUE(course(running)) << "what runs is not touched";
    EXPECT_TRUE(casework_.processes().prune(std::nullopt, "system")->empty());
}

TEST_P(ProcessEventsIn, WhatNobodyCanHearIsRefused) {
    const Applicant who = applicant("siarhei");
    const Receipt receipt = submit(who, "77");
    EXPECT_EQ(casework_.tell_process(kBody, receipt.receipt, "Inspection_dome", {}, "operator").error().message, "no step of \"certificate-of-residence\" waits for a message \"Inspection_dome\"");
    EXPECT_EQ(casework_.tell_process(kBody, "MLD-2026-999999", "Inspection_done", {}, "operator").error().code, Code::not_found);
    EXPECT_EQ(casework_.tell_process("BY-MI-MLD", receipt.receipt, "Inspection_done", {}, "operator").error().code, Code::not_found);
    EXPECT_EQ(casework_.tell_process(kBody, receipt.receipt, "Inspection_done", {{"much", std::string(100'000, 'x')}}, "operator").error().code, Code::exhausted);
    EXPECT_EQ(casework_.signal_processes("Register_is_back", {}).error().code, Code::invalid);
}

TEST(PackWithMessages, MustSayWhoseMessageItIs) {
    const auto loaded = pack_with_inspection("");
    ASSERT_FALSE(loaded);
    EXPECT_THAT(loaded.error().message, HasSubstr("<receiveTask id=\"Wait\"> waits for a message of any case"));
}

}  // namespace
}  // namespace madang::casework
