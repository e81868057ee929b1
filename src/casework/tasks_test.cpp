// Several tasks for people in one case, over both stores.
#include <gmock/gmock.h>

#include "base/text.h"
#include "casework/casework_fixture.h"

namespace madang::casework {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

// A lawyer looks while the officer may already decide; after both, and after the archivist, it is over.
constexpr std::string_view kModel = R"(<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:madang="https://madang.example/ns/bpmn" targetNamespace="urn:t">
<process id="two" isExecutable="true"><startEvent id="s"/><parallelGateway id="fork"/><parallelGateway id="join"/>
<userTask id="Law" name="Legal check" madang:role="lawyer" madang:outcomes="agree disagree"/>
<userTask id="Say" name="Officer decides" madang:role="officer" madang:decision="true"/>
<exclusiveGateway id="how" default="no"/><userTask id="File" name="File it" madang:role="officer"/><endEvent id="e"/><endEvent id="r"/>
<serviceTask id="Issue" madang:operation="certificate.issue" madang:external="true"/>
<sequenceFlow id="a" sourceRef="s" targetRef="fork"/><sequenceFlow id="b" sourceRef="fork" targetRef="Law"/><sequenceFlow id="c" sourceRef="fork" targetRef="Say"/>
<sequenceFlow id="d" sourceRef="Law" targetRef="join"/><sequenceFlow id="f" sourceRef="Say" targetRef="join"/><sequenceFlow id="g" sourceRef="join" targetRef="how"/>
<sequenceFlow id="yes" sourceRef="how" targetRef="File"><conditionExpression>=granted and Law.outcome = "agree"</conditionExpression></sequenceFlow>
<sequenceFlow id="no" sourceRef="how" targetRef="r"/><sequenceFlow id="h" sourceRef="File" targetRef="Issue"/><sequenceFlow id="i" sourceRef="Issue" targetRef="e"/></process></definitions>)";

catalogue::Pack with_model(std::string_view bpmn) {
    catalogue::Pack copy = pack();
    const auto model = process::parse_bpmn(bpmn, "two.bpmn");
    EXPECT_TRUE(model) << model.error().message;
    copy.services.front().process = *model;
    return copy;
}

const catalogue::Pack& two_tasks() {
    static const catalogue::Pack changed = with_model(kModel);
    return changed;
}

class TasksIn : public CaseworkFixture {
protected:
    explicit TasksIn(const catalogue::Pack& used = two_tasks()) : CaseworkFixture(used) {}
    Officer in_role(std::string role) {
        Officer one = officer();
        one.roles = {std::move(role)};
        return one;
    }
    Officer lawyer() { return in_role("lawyer"); }
    // An application whose first tasks are open.
    CaseRowView begun() {
        const Applicant who = applicant("siarhei");
        CaseRowView view{submit(who, "77"), who};
        work();
        return view;
    }
    std::vector<CaseTask> open(const CaseSummary& one) { return *casework_.tasks().of_case(one); }
    CaseTask task(const CaseSummary& one, std::string_view node) {
        for (const CaseTask& task : open(one)) {
            if (task.node == node) return task;
        }
        ADD_FAILURE() << node << " is not open";
        return {};
    }
};
INSTANTIATE_TEST_SUITE_P(Both, TasksIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(TasksIn, AreEachForTheirRoleAndOneDecides) {
    const CaseRowView view = begun();
    const CaseSummary one = now(view);
    ASSERT_EQ(open(one).size(), 2U);
    const Officer clerk = officer();
    const Officer jurist = lawyer();
    EXPECT_EQ(casework_.tasks().claim(one.id, task(one, "Law").id, clerk).error().code, Code::denied);
    ASSERT_TRUE(casework_.tasks().claim(one.id, task(one, "Law").id, jurist));
    EXPECT_EQ(task(one, "Law").holder, jurist.account.text());
    EXPECT_EQ(casework_.tasks().complete(one.id, task(one, "Law").id, lawyer(), "agree", "").error().code, Code::conflict) << "another has it";
    EXPECT_THAT(casework_.tasks().complete(one.id, task(one, "Law").id, jurist, "done", "").error().message, HasSubstr("agree, disagree"));
    EXPECT_EQ(casework_.tasks().complete(one.id, task(one, "Say").id, clerk, "done", "").error().code, Code::conflict) << "the decision needs an article";

    ASSERT_TRUE(casework_.tasks().complete(one.id, task(one, "Law").id, jurist, "agree", "The lease is valid."));
    ASSERT_TRUE(casework_.decide(one.id, clerk, grant()));
    const CaseSummary decided = now(view);
    EXPECT_EQ(decided.status, Status::with_officer) << "it still has to be filed";
    EXPECT_EQ(casework_.decide(one.id, clerk, refuse()).error().code, Code::conflict);
    ASSERT_TRUE(casework_.tasks().complete(one.id, task(one, "File").id, clerk, "done", ""));
    work();
    EXPECT_EQ(now(view).status, Status::issued);
    EXPECT_TRUE(open(one).empty());
    EXPECT_THAT(acts_of(one), ElementsAre("application.submitted", "term.started", "application.sent_to_officer", "task.claimed", "task.completed", "application.granted", "term.stopped",
                                          "task.completed", "certificate.issued"));
    const auto content = casework_.open_content(one, {.who = clerk.account, .capacity = "officer", .body = kBody, .case_id = one.id.text(), .legal_ground = kGround});
    ASSERT_EQ(content->tasks.size(), 2U);
    EXPECT_EQ(content->tasks[0].remark, "The lease is valid.");
}

TEST_P(TasksIn, WhatWasDecidedIsNotTakenBackByStepsThatFollow) {
    const CaseRowView view = begun();
    const CaseSummary one = now(view);
    const Officer clerk = officer();
    ASSERT_TRUE(casework_.tasks().complete(one.id, task(one, "Law").id, lawyer(), "agree", ""));
    ASSERT_TRUE(casework_.decide(one.id, clerk, grant()));
    ASSERT_EQ(now(view).status, Status::with_officer);
    EXPECT_EQ(casework_.procedures().withdraw(now(view), view.who.account).error().code, Code::conflict);
    clock_.advance(std::chrono::hours(1));
    const Receipt other = submit(view.who, "77", "later");
    work();
    EXPECT_EQ(casework_.procedures().merge(one.id, case_of(other, view.who).id, officer()).error().code, Code::conflict);
    EXPECT_EQ(now(view).status, Status::with_officer);
}

// The lawyer disagrees after the officer has granted: the model leads to its end without the certificate.
TEST_P(TasksIn, AGrantDoesNotBecomeARefusal) {
    const CaseRowView view = begun();
    const CaseSummary one = now(view);
    ASSERT_TRUE(casework_.decide(one.id, officer(), grant()));
    const auto done = casework_.tasks().complete(one.id, task(one, "Law").id, lawyer(), "disagree", "");
    EXPECT_EQ(done.error().code, Code::conflict);
    EXPECT_THAT(done.error().message, HasSubstr("without the certificate that was granted"));
    EXPECT_EQ(now(view).status, Status::with_officer) << "nothing of it is kept";
    ASSERT_TRUE(casework_.tasks().complete(one.id, task(one, "Law").id, lawyer(), "agree", ""));
    ASSERT_TRUE(casework_.tasks().complete(one.id, task(one, "File").id, officer(), "done", ""));
    work();
    EXPECT_EQ(now(view).status, Status::issued);
}

TEST_P(TasksIn, CasesAreFoundPageByPageAndByTheirTasks) {
    const Applicant who = applicant("siarhei");
    std::vector<Receipt> receipts;
    for (int i = 0; i < 5; ++i) receipts.push_back(submit(who, "77", format("k{}", i)));
    work();
    const auto found = [&](const CaseFilter& filter, std::int64_t first = 0, std::int64_t count = 50) { return *casework_.search(kBody, filter, first, count); };
    EXPECT_EQ(found({}, 0, 2).cases.size(), 2U);
    EXPECT_EQ(found({}, 0, 2).total, 5);
    EXPECT_EQ(found({}, 4, 2).cases.size(), 1U);
    EXPECT_TRUE(found({}, 90, 2).cases.empty()) << "beyond the end is nothing: who reads page after page comes to an end";
    EXPECT_EQ(found({.role = "lawyer"}).total, 5);
    const CaseSummary one = case_of(receipts[0], who);
    ASSERT_TRUE(casework_.tasks().complete(one.id, task(one, "Law").id, lawyer(), "disagree", ""));
    EXPECT_EQ(found({.role = "lawyer"}).total, 4);
    ASSERT_TRUE(casework_.decide(one.id, officer(), refuse()));
    EXPECT_EQ(found({}).total, 4);
    EXPECT_EQ(found({.which = CaseFilter::Which::closed}).cases.at(0).receipt, one.receipt);
    EXPECT_EQ(found({.which = CaseFilter::Which::all, .receipt = " " + one.receipt.substr(0, 9)}).total, 1);
    EXPECT_EQ(found({.which = CaseFilter::Which::all, .receipt = "%"}).total, 0);
    const Officer clerk = officer();
    ASSERT_TRUE(casework_.desk().claim(case_of(receipts[1], who).id, clerk));
    EXPECT_EQ(found({.assignee = clerk.account.text()}).total, 1);
    EXPECT_EQ(found({.nobodys = true}).total, 3);
    EXPECT_EQ(found({.service = "nothing"}).total, 0);
    EXPECT_EQ(found({.overdue = true}).total, 0);
    clock_.advance(std::chrono::hours(24 * 30));
    EXPECT_EQ(found({.overdue = true}).total, 4);
    CaseFilter filter;
    EXPECT_TRUE(set_state(filter, "refused"));
    EXPECT_EQ(found(filter).total, 1);
    EXPECT_EQ(set_state(filter, "lost").error().code, Code::invalid);
    EXPECT_EQ(casework_.search(kBody, {}, 0, 501).error().code, Code::invalid);
}

TEST_P(TasksIn, ASecondContradictoryDecisionIsRefused) {
    const CaseRowView view = begun();
    const CaseSummary one = now(view);
    ASSERT_TRUE(casework_.decide(one.id, officer(), refuse()));
    EXPECT_EQ(casework_.decide(one.id, officer(), grant()).error().code, Code::conflict);
    EXPECT_EQ(std::ranges::count(acts_of(one), "application.granted"), 0);
    ASSERT_TRUE(casework_.tasks().complete(one.id, task(one, "Law").id, lawyer(), "disagree", ""));
    EXPECT_EQ(now(view).status, Status::refused);
    EXPECT_EQ(casework_.tasks().complete(one.id, make_id<process::TaskId>(clock_, random_), lawyer(), "agree", "").error().code, Code::conflict) << "it is closed";
}

// The same, decided by two heads of the department.
const catalogue::Pack& two_heads() {
    static const catalogue::Pack changed = [] {
        constexpr std::string_view kOfficers = R"(madang:role="officer" madang:decision)";
        std::string model(kModel);
        catalogue::Pack copy = with_model(model.replace(model.find(kOfficers), kOfficers.size(), R"(madang:role="head" madang:decision)"));
        copy.services.front().four_eyes = true;
        return copy;
    }();
    return changed;
}

class TwoHeads : public TasksIn {
protected:
    TwoHeads() : TasksIn(two_heads()) {}
};
INSTANTIATE_TEST_SUITE_P(Both, TwoHeads, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(TwoHeads, TheSecondPersonHasTheRoleOfTheDecision) {
    const CaseRowView view = begun();
    const CaseId id = now(view).id;
    EXPECT_EQ(casework_.decide(id, officer(), refuse()).error().code, Code::denied);
    const Officer first = in_role("head"), second = in_role("head");
    ASSERT_TRUE(casework_.decide(id, first, refuse()));
    EXPECT_EQ(now(view).status, Status::with_second_officer);
    EXPECT_EQ(confirm(now(view), officer()).error().code, Code::denied);
    EXPECT_EQ(confirm(now(view), lawyer()).error().code, Code::denied);
    EXPECT_EQ(casework_.desk().give_back(id, lawyer(), "Look again.").error().code, Code::denied);
    ASSERT_TRUE(casework_.desk().give_back(id, second, "Look again."));
    ASSERT_TRUE(casework_.decide(id, first, refuse()));
    ASSERT_TRUE(confirm(now(view), second));
    EXPECT_EQ(now(view).decided_by, first.account.text());
}

}  // namespace
}  // namespace madang::casework
