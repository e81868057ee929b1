// A grant by law is whole: the register holds it and the certificate is there, or an operator sees what is missing. The
// decision itself hangs on neither.
#include "base/text.h"
#include "casework/case_repository.h"
#include "casework/casework_fixture.h"

namespace madang::casework {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

catalogue::Pack granting(catalogue::Pack changed = pack()) {
    changed.services.front().term = *government::parse_term({{"kind", "working_days"}, {"count", 3}, {"at_end", json::array{{{"effect", "deemed_grant"}, {"article", "Law, article 8"}}}}}, "test");
    return changed;
}

const catalogue::Pack& granting_pack() {
    static const catalogue::Pack loaded = granting();
    return loaded;
}

class ByLawIn : public CaseworkFixture {
protected:
    explicit ByLawIn(const catalogue::Pack& used = granting_pack()) : CaseworkFixture(used) {}
    CaseRowView take(const std::string& house) {
        const Applicant who = applicant("siarhei");
        return {submit(who, house), who};
    }
    CaseSummary now(const CaseRowView& view) { return case_of(view.receipt, view.who); }
    void end_term(const CaseRowView& view) {
        clock_.advance(now(view).due_at - clock_.now() + std::chrono::seconds(1));
        for (int i = 0; i < 12; ++i) {
            work();
            clock_.advance(std::chrono::minutes(20));
        }
        work();
    }
    std::string registered_house(const CaseRowView& view) {
        const identity::Access access{.who = {}, .capacity = "system", .body = kBody, .case_id = now(view).id.text(), .legal_ground = kGround};
        const auto found = store_->write<std::optional<registers::Residence>>([&](store::Tx& tx) {
            return population_.residence_of(tx, view.who.person, pack().government.time_zone().date(clock_.now()), access);
        });
        return found && *found ? (**found).house : std::string();
    }
    std::vector<Trouble> incidents() { return casework_.troubles().list(Troubles::Which::incidents, 0, 100)->troubles; }
    bool has_letter(const CaseRowView& view) {
        const identity::Access access{.who = view.who.account, .capacity = "self", .body = {}, .case_id = now(view).id.text(), .legal_ground = kGround};
        const auto letter = casework_.decisions().find(now(view), access);
        return letter && *letter && (**letter).letter.effect == Effect::granted && !(**letter).pdf_sha256.empty();
    }
};
INSTANTIATE_TEST_SUITE_P(Both, ByLawIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(ByLawIn, AGrantOfACaseThatWaitsIsInTheRegisterAndOnPaper) {
    const CaseRowView view = take("13");
    work();
    ASSERT_EQ(now(view).status, Status::with_officer);
    end_term(view);
    EXPECT_EQ(now(view).status, Status::issued);
    EXPECT_EQ(now(view).decided_by, "law:Law, article 8");
    EXPECT_EQ(now(view).decided_at, now(view).due_at);
    EXPECT_EQ(registered_house(view), "13");
    EXPECT_THAT(acts_of(now(view)), testing::IsSupersetOf({"term.ended", "application.granted", "residence.entered", "certificate.issued"}));
    EXPECT_TRUE(has_letter(view));
    EXPECT_THAT(incidents(), IsEmpty());
}

TEST_P(ByLawIn, AGrantOfACaseThatHasNoProcessYetIsDrivenToItsEnd) {
    const CaseRowView view = take("13");
    ASSERT_TRUE(store_->write([&](store::Tx& tx) { return remove_job(tx, kBody, view.receipt.case_id); }));
    end_term(view);
    EXPECT_EQ(now(view).status, Status::issued);
    EXPECT_EQ(registered_house(view), "13") << "nothing is skipped";
}

TEST_P(ByLawIn, WhatTheRegisterCannotHoldIsAnIncidentAndTheDecisionStands) {
    const CaseRowView view = take("77");   // no address of the register
    work();
    const std::string before = registered_house(view);
    end_term(view);
    EXPECT_EQ(now(view).status, Status::granted);
    EXPECT_TRUE(has_letter(view));
    ASSERT_EQ(incidents().size(), 1U);
    EXPECT_EQ(incidents().front().work, Work::job);
    EXPECT_THAT(incidents().front().problem, HasSubstr("the address register does not hold"));
    EXPECT_TRUE(incidents().front().can_skip);
    EXPECT_THAT(acts_of(now(view)), Not(Contains("certificate.issued")));
    ASSERT_TRUE(casework_.troubles().skip(incidents().front().reference(), "The address is being entered; the certificate states the old one.", "operator"));
    work();
    EXPECT_EQ(now(view).status, Status::issued);
    EXPECT_EQ(registered_house(view), before);
    EXPECT_THAT(acts_of(now(view)), Contains("work.skipped"));
}

TEST_P(ByLawIn, ACertificateThatIsOwedCannotBeLeftOut) {
    const CaseRowView view = take("13");
    work();
    ASSERT_TRUE(casework_.decide(now(view).id, officer(), grant()));
    ASSERT_TRUE(store_->write([&](store::Tx& tx) { return vault_.erase(tx, view.who.person); }));
    for (int i = 0; i < 12; ++i) {
        work();
        clock_.advance(std::chrono::minutes(20));
    }
    const auto stuck = incidents();
    const auto job = std::ranges::find(stuck, Work::job, &Trouble::work);
    ASSERT_NE(job, stuck.end());
    EXPECT_FALSE(job->can_skip);
    EXPECT_EQ(casework_.troubles().skip(job->reference(), "No paper.", "operator").error().code, Code::denied);
    EXPECT_EQ(incidents().size(), stuck.size());
}

// A lawyer and an archivist beside the officer, and a rule that fits nothing.
catalogue::Pack with_lawyer() {
    catalogue::Pack changed = granting();
    catalogue::Service& service = changed.services.front();
    const auto model = process::parse_bpmn(R"(<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:madang="https://madang.example/ns/bpmn" id="d" targetNamespace="t">
<process id="slow" isExecutable="true"><startEvent id="S"/>
<userTask id="Law" name="Legal check" madang:role="lawyer" madang:outcomes="agree disagree"/>
<userTask id="Decide" name="Decision" madang:role="officer" madang:decision="true"/>
<serviceTask id="Enter" madang:operation="register.enter_residence"/>
<serviceTask id="Issue" madang:operation="certificate.issue" madang:external="true"/><endEvent id="E"/>
<sequenceFlow id="a" sourceRef="S" targetRef="Law"/><sequenceFlow id="b" sourceRef="Law" targetRef="Decide"/><sequenceFlow id="c" sourceRef="Decide" targetRef="Enter"/>
<sequenceFlow id="d1" sourceRef="Enter" targetRef="Issue"/><sequenceFlow id="e" sourceRef="Issue" targetRef="E"/></process></definitions>)", "slow.bpmn");
    EXPECT_TRUE(model) << model.error().message;
    service.process = *model;
    return changed;
}

const catalogue::Pack& lawyer_pack() {
    static const catalogue::Pack loaded = with_lawyer();
    return loaded;
}

class SlowByLawIn : public ByLawIn {
protected:
    SlowByLawIn() : ByLawIn(lawyer_pack()) {}
};
INSTANTIATE_TEST_SUITE_P(Both, SlowByLawIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(SlowByLawIn, WhoWasWaitedForBesideTheDecisionIsWaitedForNoLonger) {
    const CaseRowView view = take("13");
    work();
    ASSERT_EQ(now(view).status, Status::with_officer);
    end_term(view);
    EXPECT_EQ(now(view).status, Status::issued);
    EXPECT_EQ(registered_house(view), "13");
    EXPECT_THAT(acts_of(now(view)), Contains("process.repaired"));
}

}  // namespace
}  // namespace madang::casework
