// What may become of a case beside its decision: withdrawn, joined, appealed against; over both stores.
#include <gmock/gmock.h>

#include "base/time_text.h"
#include "casework/procedure_fixture.h"

namespace madang::casework {
namespace {

using testing::Contains;

class ProceduresIn : public ProcedureIn {};
INSTANTIATE_TEST_SUITE_P(Both, ProceduresIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(ProceduresIn, WithdrawalEndsEverythingAndTheFeeGoesBack) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"), "");
    const Payment fee = casework_.fees().of_case(now(view))->front();
    ASSERT_TRUE(casework_.procedures().withdraw(now(view), view.who.account));
    EXPECT_EQ(now(view).status, Status::withdrawn);
    EXPECT_EQ(casework_.procedures().withdraw(now(view), view.who.account).error().code, Code::conflict);
    ASSERT_TRUE(casework_.fees().settle(notice(fee, PaymentNotice::State::paid), "webhook", "webhook")) << "the money was on its way";
    EXPECT_EQ(casework_.fees().refunds_due("webhook")->size(), 1U);
    EXPECT_EQ(casework_.decide(now(view).id, officer(), refuse()).error().code, Code::conflict);
    ASSERT_TRUE(casework_.procedures().reopen(now(view).id, officer(), "The applicant was mistaken.", "Law, article 10"));
    work();
    EXPECT_EQ(now(view).status, Status::with_officer);
    EXPECT_GT(now(view).due_at, clock_.now());
}

TEST_P(ProceduresIn, DuplicatesOfOneApplicantAreJoined) {
    const Applicant who = applicant("siarhei");
    const CaseRowView first = submit_to_officer(who, "large-family", "first");
    const CaseRowView second = submit_to_officer(who, "large-family", "second");
    const CaseRowView stranger = submit_to_officer(applicant("ivan"), "large-family", "third");
    ASSERT_EQ(casework_.procedures().duplicates_of(now(first))->size(), 1U);
    EXPECT_EQ(casework_.procedures().merge(now(stranger).id, now(first).id, officer()).error().code, Code::invalid);
    EXPECT_EQ(casework_.procedures().merge(now(first).id, now(first).id, officer()).error().code, Code::invalid);
    ASSERT_TRUE(casework_.procedures().merge(now(second).id, now(first).id, officer()));
    EXPECT_EQ(now(second).status, Status::merged);
    EXPECT_TRUE(casework_.procedures().duplicates_of(now(first))->empty());
    const auto links = casework_.procedures().links_of(now(first));
    ASSERT_EQ(links->size(), 1U);
    EXPECT_FALSE(links->front().from_here);
    EXPECT_EQ(links->front().other.receipt, second.receipt.receipt);
}

TEST_P(ProceduresIn, AnAppealIsACaseOfTheSuperiorBody) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    const Officer anna = officer();
    EXPECT_EQ(casework_.procedures().appeal(now(view), view.who.account, "It is not so.", "a").error().code, Code::conflict) << "nothing was decided yet";
    ASSERT_TRUE(casework_.decide(now(view).id, anna, refuse()));
    ASSERT_TRUE(confirm(now(view), officer()));
    const auto appeal = casework_.procedures().appeal(now(view), view.who.account, "It is not so.", "a");
    ASSERT_TRUE(appeal) << appeal.error().message;
    EXPECT_EQ(casework_.procedures().appeal(now(view), view.who.account, "It is not so.", "a")->receipt, appeal->receipt) << "the same button twice";
    EXPECT_EQ(casework_.procedures().appeal(now(view), view.who.account, "Once more.", "b").error().code, Code::conflict);
    const CaseSummary second = case_of(*appeal, view.who);
    EXPECT_EQ(second.kind, CaseKind::appeal);
    EXPECT_EQ(second.body, "BY-MI-MLD");
    EXPECT_EQ(casework_.inbox("BY-MI-MLD")->size(), 1U);
    EXPECT_EQ(casework_.decide(second.id, officer("BY-MI-MLD"), refuse()).error().code, Code::conflict);
    EXPECT_EQ(casework_.procedures().decide_appeal(second.id, {anna.account, "BY-MI-MLD", anna.person}, false, "No.").error().code, Code::denied) << "her own decision";
    ASSERT_TRUE(casework_.procedures().decide_appeal(second.id, officer("BY-MI-MLD"), true, "The lease was not looked at."));
    EXPECT_EQ(case_of(*appeal, view.who).status, Status::allowed);
    work();
    EXPECT_EQ(now(view).status, Status::with_officer) << "the first case is open again";
    EXPECT_THAT(acts_of(now(view)), Contains("case.reopened"));
}

TEST_P(ProceduresIn, EachDecisionCanBeAppealedOnce) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    const auto refuse_it = [&] {
        const Officer anna = officer();
        ASSERT_TRUE(casework_.decide(now(view).id, anna, refuse()));
        ASSERT_TRUE(confirm(now(view), officer()));
    };
    refuse_it();
    EXPECT_FALSE(*casework_.procedures().is_appealed(now(view)));
    const auto first = casework_.procedures().appeal(now(view), view.who.account, "It is not so.", "a");
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_TRUE(*casework_.procedures().is_appealed(now(view)));
    EXPECT_EQ(casework_.procedures().reopen(now(view).id, officer(), "We look again.", "art. 29").error().code, Code::conflict) << "the superior body has it";
    clock_.advance(std::chrono::hours(1));
    ASSERT_TRUE(casework_.procedures().decide_appeal(case_of(*first, view.who).id, officer("BY-MI-MLD"), true, "The lease was not looked at."));
    work();
    clock_.advance(std::chrono::hours(1));
    refuse_it();
    EXPECT_FALSE(*casework_.procedures().is_appealed(now(view))) << "this decision is another one";
    const auto second = casework_.procedures().appeal(now(view), view.who.account, "It is still not so.", "b");
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_NE(second->receipt, first->receipt);
    EXPECT_EQ(casework_.procedures().appeal(now(view), view.who.account, "It is still not so.", "b")->receipt, second->receipt);
    EXPECT_EQ(casework_.procedures().appeal(now(view), view.who.account, "Once more.", "c").error().code, Code::conflict);
}

TEST_P(ProceduresIn, TheEarlierOfTwoGoesOn) {
    const Applicant who = applicant("siarhei");
    const CaseRowView first = submit_to_officer(who, "large-family", "k1");
    clock_.advance(std::chrono::hours(1));
    const CaseRowView second = submit_to_officer(who, "large-family", "k2");
    const auto wrong = casework_.procedures().merge(now(first).id, now(second).id, officer());
    EXPECT_EQ(wrong.error().code, Code::invalid);
    EXPECT_NE(wrong.error().message.find("the later is joined with the earlier"), std::string::npos);
    EXPECT_TRUE(casework_.procedures().merge(now(second).id, now(first).id, officer()));
    EXPECT_EQ(now(second).status, Status::merged);
}

// The house was down for a quarter: what the law decided meanwhile is told today, and can be appealed from today.
TEST_P(ProceduresIn, TheTimeForAnAppealBeginsWhenTheDecisionIsTold) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    clock_.advance(std::chrono::hours(24 * 90));
    work();
    ASSERT_EQ(now(view).status, Status::refused);
    ASSERT_TRUE(now(view).decided_by.starts_with("law:"));
    EXPECT_GT(*casework_.procedures().appeal_until(now(view)), clock_.now() + std::chrono::hours(24 * 28));
    EXPECT_TRUE(casework_.procedures().appeal(now(view), view.who.account, "Nobody looked at it.", "a"));
}

TEST_P(ProceduresIn, TheTimeForAnAppealEnds) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    ASSERT_TRUE(casework_.decide(now(view).id, officer(), refuse()));
    ASSERT_TRUE(confirm(now(view), officer()));
    EXPECT_EQ(format_instant(*casework_.procedures().appeal_until(now(view))), "2026-12-23T21:00:00.000000Z") << "the thirtieth day counts whole";
    clock_.advance(std::chrono::hours(24 * 31));
    EXPECT_EQ(casework_.procedures().appeal(now(view), view.who.account, "It is not so.", "a").error().code, Code::conflict);
}

}  // namespace
}  // namespace madang::casework
