// Who works on a case and who may not, over both stores.
#include <gmock/gmock.h>

#include "casework/procedure_fixture.h"

namespace madang::casework {
namespace {

using testing::ElementsAre;

class DeskIn : public ProcedureIn {};
INSTANTIATE_TEST_SUITE_P(Both, DeskIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(DeskIn, CasesAreTakenGivenOnAndDoneByASubstitute) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    const Officer anna = officer();
    const Officer boris = officer();
    ASSERT_TRUE(casework_.desk().claim(now(view).id, anna));
    ASSERT_TRUE(casework_.desk().claim(now(view).id, anna)) << "twice is once";
    EXPECT_EQ(casework_.desk().claim(now(view).id, boris).error().code, Code::conflict);
    EXPECT_EQ(casework_.decide(now(view).id, boris, refuse()).error().code, Code::conflict);
    ASSERT_TRUE(casework_.desk().set_absence(kBody, {anna.account, boris.account, clock_.now(), clock_.now() + std::chrono::hours(24)}, {anna.account}));
    EXPECT_EQ(*casework_.desk().stood_in_for(boris), std::vector{anna.account});
    EXPECT_TRUE(casework_.decide(now(view).id, boris, refuse())) << "stands in for Anna";
    const auto acts = *casework_.history(now(view));
    EXPECT_EQ(acts.back().kind, "decision.proposed");
    EXPECT_EQ(string_or(acts.back().details, "for", ""), anna.account.text()) << "the act says for whom";
    EXPECT_EQ(casework_.desk().set_absence(kBody, {anna.account, anna.account, clock_.now(), clock_.now() + std::chrono::hours(24)}, {anna.account}).error().code, Code::invalid);
    const CaseRowView other = submit_to_officer(applicant("siarhei"), "large-family", "other");
    ASSERT_TRUE(casework_.desk().delegate(now(other).id, anna, boris.account));
    EXPECT_EQ(now(other).assignee, boris.account.text());
    EXPECT_EQ(casework_.desk().delegate(now(other).id, boris, other.who.account).error().code, Code::denied);
}

TEST_P(DeskIn, AnAbsenceIsAnActOfWhoIsAwayOrOfTheHeadAndEnds) {
    using By = AbsenceBy::Capacity;
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    const Officer anna = officer();
    const Officer boris = officer();
    const Instant from = clock_.now();
    const Absence away{anna.account, boris.account, from, from + std::chrono::hours(48)};
    ASSERT_TRUE(casework_.desk().claim(now(view).id, anna));
    EXPECT_EQ(casework_.desk().set_absence(kBody, away, {boris.account}).error().code, Code::denied) << "Boris sends Anna away";
    EXPECT_EQ(casework_.desk().set_absence(kBody, away, {boris.account, By::head}).error().code, Code::denied) << "and makes himself the substitute";
    ASSERT_TRUE(casework_.desk().set_absence(kBody, away, {officer().account, By::head}));
    clock_.advance(std::chrono::hours(1));
    EXPECT_EQ(casework_.desk().end_absence(kBody, anna.account, from, {boris.account}).error().code, Code::denied);
    ASSERT_TRUE(casework_.desk().end_absence(kBody, anna.account, from, {anna.account}));
    EXPECT_EQ(casework_.desk().end_absence(kBody, anna.account, from, {anna.account}).error().code, Code::conflict);
    EXPECT_EQ(casework_.decide(now(view).id, boris, refuse()).error().code, Code::conflict) << "Anna is back";
    const Instant later = clock_.now() + std::chrono::hours(24);
    ASSERT_TRUE(casework_.desk().set_absence(kBody, {anna.account, boris.account, later, later + std::chrono::hours(24)}, {anna.account}));
    ASSERT_TRUE(casework_.desk().end_absence(kBody, anna.account, later, {anna.account}));
    EXPECT_EQ(casework_.desk().absences(kBody)->size(), 1U) << "what never began is not kept";
    std::vector<std::string> kinds;
    const auto acts = store_->read<std::vector<ledger::Act>>([&](store::Reader& reader) { return ledger_.acts_of(reader, anna.account.text()); });
    for (const auto& act : *acts) kinds.push_back(act.kind + " by " + act.capacity);
    EXPECT_THAT(kinds, ElementsAre("absence.entered by administrator", "absence.ended by officer", "absence.entered by officer", "absence.ended by officer"));
}

TEST_P(DeskIn, FourEyesAreTwoPersons) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    Officer anna = officer();
    anna.person = applicant("alena").person;
    Officer anna_again = officer();      // another account of the same person
    anna_again.person = anna.person;
    const Officer boris = officer();
    ASSERT_TRUE(casework_.decide(now(view).id, anna, refuse()));
    EXPECT_EQ(now(view).status, Status::with_second_officer);
    EXPECT_EQ(confirm(now(view), anna).error().code, Code::denied);
    EXPECT_EQ(confirm(now(view), anna_again).error().code, Code::denied);
    ASSERT_TRUE(casework_.desk().give_back(now(view).id, boris, "Look at the lease again."));
    EXPECT_EQ(now(view).status, Status::with_officer);
    ASSERT_TRUE(casework_.decide(now(view).id, anna, refuse()));
    // Anna cannot confirm as Boris's substitute either: she is who she is.
    ASSERT_TRUE(casework_.desk().set_absence(kBody, {boris.account, anna.account, clock_.now(), clock_.now() + std::chrono::hours(24)}, {boris.account}));
    EXPECT_EQ(confirm(now(view), anna).error().code, Code::denied);
    ASSERT_TRUE(confirm(now(view), boris));
    EXPECT_EQ(now(view).status, Status::refused);
    EXPECT_EQ(now(view).decided_by, anna.account.text());
    EXPECT_THAT(acts_of(now(view)), testing::IsSupersetOf({"decision.proposed", "decision.given_back", "decision.confirmed", "application.refused", "term.stopped"}));
}

TEST_P(DeskIn, WhatIsConfirmedIsWhatWasSeen) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    const Officer anna = officer(), boris = officer();
    ASSERT_TRUE(casework_.decide(now(view).id, anna, refuse()));
    const std::string seen = proposal_seen(casework_, now(view), boris);
    ASSERT_TRUE(casework_.desk().give_back(now(view).id, boris, "Say why."));
    OfficerDecision other = refuse();
    other.reason += " And the lease is over.";
    ASSERT_TRUE(casework_.decide(now(view).id, anna, other));
    EXPECT_EQ(casework_.desk().confirm(now(view).id, boris, seen).error().code, Code::conflict) << "a page of before";
    EXPECT_EQ(casework_.desk().confirm(now(view).id, boris, "").error().code, Code::invalid) << "unseen";
    ASSERT_TRUE(confirm(now(view), boris));
    EXPECT_EQ(now(view).status, Status::refused);
}

TEST_P(DeskIn, AnAccountWithoutAPersonDecidesNothing) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    Officer nobody = officer();
    nobody.person.reset();
    EXPECT_EQ(casework_.decide(now(view).id, nobody, refuse()).error().code, Code::denied);
    EXPECT_EQ(casework_.desk().claim(now(view).id, nobody).error().code, Code::denied);
    ASSERT_TRUE(casework_.decide(now(view).id, officer(), refuse()));
    EXPECT_EQ(confirm(now(view), nobody).error().code, Code::denied);
    EXPECT_EQ(casework_.desk().give_back(now(view).id, nobody, "Look again.").error().code, Code::denied);
    EXPECT_EQ(now(view).status, Status::with_second_officer);
}

TEST_P(DeskIn, NobodyActsOnACaseOfTheirOwnWithWhateverAccount) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    const CaseRowView same = submit_to_officer(view.who, "large-family", "same");
    Officer siarhei = officer();
    siarhei.person = view.who.person;
    Officer mother = officer();      // holds a mandate for the applicant, whoever asked
    ASSERT_TRUE(store_->write([&](store::Tx& tx) -> Result<void> {
        identity::Mandate mandate;
        mandate.representative = *mother.person;
        mandate.represented = view.who.person;
        mandate.valid_from = clock_.now();
        mandate.legal_ground = kGround;
        TRY_DO(mandates_.grant(tx, mandate));
        return {};
    }));
    for (const Officer& own : {siarhei, mother}) {
        const CaseId id = now(view).id;
        EXPECT_EQ(casework_.decide(id, own, refuse()).error().code, Code::denied);
        EXPECT_EQ(casework_.desk().claim(id, own).error().code, Code::denied);
        EXPECT_EQ(casework_.letters().write_to_applicant(id, own, "Hello.", {}).error().code, Code::denied);
        EXPECT_EQ(casework_.terms().extend(id, own, *government::parse_short_term("1wd"), "why", "Law, article 3").error().code, Code::denied);
        EXPECT_EQ(casework_.fees().refuse_exemption(id, own, "It is not due.").error().code, Code::denied);
        EXPECT_EQ(casework_.procedures().merge(now(same).id, id, own).error().code, Code::denied);
    }
    ASSERT_TRUE(casework_.decide(now(view).id, officer(), refuse()));
    EXPECT_EQ(confirm(now(view), siarhei).error().code, Code::denied);
    ASSERT_TRUE(confirm(now(view), officer()));
    EXPECT_EQ(casework_.procedures().reopen(now(view).id, siarhei, "Again.", "Law, article 4").error().code, Code::denied);
    EXPECT_EQ(casework_.procedures().reopen(now(view).id, mother, "Again.", "Law, article 4").error().code, Code::denied);
}

TEST_P(DeskIn, WhoeverTookPartDoesNotDecideTheAppeal) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    const Officer anna = officer();
    const Officer boris = officer();
    ASSERT_TRUE(casework_.decide(now(view).id, anna, refuse()));
    ASSERT_TRUE(confirm(now(view), boris));
    const auto appeal = casework_.procedures().appeal(now(view), view.who.account, "It is not so.", "a");
    ASSERT_TRUE(appeal) << appeal.error().message;
    const CaseId id = case_of(*appeal, view.who).id;
    for (const Officer& one : {anna, boris}) {
        Officer elsewhere = officer("BY-MI-MLD");     // the same person with another account
        elsewhere.person = one.person;
        EXPECT_EQ(casework_.procedures().decide_appeal(id, elsewhere, false, "No.").error().code, Code::denied);
    }
    Officer applicant_as_officer = officer("BY-MI-MLD");
    applicant_as_officer.person = view.who.person;
    EXPECT_EQ(casework_.procedures().decide_appeal(id, applicant_as_officer, true, "Yes.").error().code, Code::denied);
    ASSERT_TRUE(casework_.procedures().decide_appeal(id, officer("BY-MI-MLD"), false, "No."));
}

TEST_P(DeskIn, WhoHoldsTheCaseIsAskedBeforeItIsExtendedOrWrittenAbout) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    const Officer anna = officer();
    ASSERT_TRUE(casework_.desk().claim(now(view).id, anna));
    EXPECT_EQ(casework_.terms().extend(now(view).id, officer(), *government::parse_short_term("1wd"), "why", "Law, article 3").error().code, Code::conflict);
    EXPECT_EQ(casework_.letters().write_to_applicant(now(view).id, officer(), "Hello.", {}).error().code, Code::conflict);
    EXPECT_TRUE(casework_.terms().extend(now(view).id, anna, *government::parse_short_term("1wd"), "why", "Law, article 3"));
    EXPECT_TRUE(casework_.letters().write_to_applicant(now(view).id, anna, "Hello.", {}));
}

}  // namespace
}  // namespace madang::casework
