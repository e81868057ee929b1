// Other bodies that are asked in a case, over both stores.
#include <gmock/gmock.h>

#include "casework/procedure_fixture.h"

namespace madang::casework {
namespace {

class ConsultationsIn : public ProcedureIn {};
INSTANTIATE_TEST_SUITE_P(Both, ConsultationsIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(ConsultationsIn, OtherBodiesAreAskedTogetherAndTheClockWaitsForTheLast) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    const government::Term term = *government::parse_short_term("5d");
    EXPECT_EQ(casework_.consultations().ask(now(view).id, officer(), {kBody}, "Is it so?", term).error().code, Code::invalid);
    ASSERT_TRUE(casework_.consultations().ask(now(view).id, officer(), {"BY-MVD", "BY-MI-MLD"}, "Is the house lived in?", term));
    EXPECT_EQ(casework_.decide(now(view).id, officer(), refuse()).error().code, Code::conflict);
    const auto asked = casework_.consultations().inbox(officer("BY-MVD"));
    ASSERT_TRUE(asked);
    ASSERT_EQ(asked->size(), 1U);
    EXPECT_EQ(asked->front().question, "Is the house lived in?");
    const auto answer = [&](const std::string& body, std::int64_t number) {
        return casework_.consultations().answer(kBody, now(view).id, number, officer(body), "agree", "It is.");
    };
    EXPECT_EQ(answer("BY-MI", asked->front().number).error().code, Code::not_found) << "another body was not asked";
    ASSERT_TRUE(answer("BY-MVD", asked->front().number));
    EXPECT_EQ(answer("BY-MVD", asked->front().number).error().code, Code::conflict);
    EXPECT_TRUE((**casework_.terms().explain(now(view))).suspended);
    ASSERT_TRUE(answer("BY-MI-MLD", asked->front().number == 1 ? 2 : 1));
    EXPECT_FALSE((**casework_.terms().explain(now(view))).suspended);
    EXPECT_TRUE(casework_.consultations().inbox(officer("BY-MVD"))->empty());
}

TEST_P(ConsultationsIn, ABodyThatDoesNotAnswerHoldsNothingUp) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    ASSERT_TRUE(casework_.consultations().ask(now(view).id, officer(), {"BY-MVD"}, "Is the house lived in?", *government::parse_short_term("1wd")));
    clock_.advance(std::chrono::hours(24) * 4);
    work();
    EXPECT_FALSE((**casework_.terms().explain(now(view))).suspended);
    EXPECT_EQ(casework_.consultations().of_case(now(view), own(view))->front().position, "unanswered");
    EXPECT_TRUE(casework_.consultations().inbox(officer("BY-MVD"))->empty());
    EXPECT_EQ(casework_.consultations().answer(kBody, now(view).id, 1, officer("BY-MVD"), "agree", "It is.").error().code, Code::conflict);
    EXPECT_THAT(acts_of(now(view)), testing::IsSupersetOf({"consultation.unanswered", "term.resumed"}));
    EXPECT_TRUE(casework_.decide(now(view).id, officer(), refuse()));
}

TEST_P(ConsultationsIn, ABodyHasSixtyWorkingDaysAtMost) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    for (const char* longer : {"61wd", "4mo", "1y"}) {
        EXPECT_EQ(casework_.consultations().ask(now(view).id, officer(), {"BY-MVD"}, "Is it so?", *government::parse_short_term(longer)).error().code, Code::invalid) << longer;
    }
    EXPECT_FALSE((**casework_.terms().explain(now(view))).suspended) << "nothing was asked";
    ASSERT_TRUE(casework_.consultations().ask(now(view).id, officer(), {"BY-MVD"}, "Is it so?", *government::parse_short_term("60wd")));
    EXPECT_TRUE((**casework_.terms().explain(now(view))).suspended);
}

TEST_P(ConsultationsIn, AFeeThatIsPaidDoesNotMoveAClockThatWaitsForAnotherBody) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    ASSERT_TRUE(casework_.consultations().ask(now(view).id, officer(), {"BY-MVD"}, "Is the house lived in?", *government::parse_short_term("5wd")));
    ASSERT_TRUE(casework_.fees().refuse_exemption(now(view).id, officer(), "The register knows two children."));
    ASSERT_EQ(now(view).status, Status::awaiting_fee);
    const auto due = casework_.fees().of_case(now(view));
    const auto fee = std::ranges::find(*due, Payment::State::due, &Payment::state);
    ASSERT_NE(fee, due->end());
    ASSERT_TRUE(casework_.fees().settle(notice(*fee, PaymentNotice::State::paid), "webhook", "webhook"));
    EXPECT_EQ(now(view).status, Status::with_officer);
    EXPECT_TRUE((**casework_.terms().explain(now(view))).suspended) << "the other body has not answered";
    ASSERT_TRUE(casework_.consultations().answer(kBody, now(view).id, 1, officer("BY-MVD"), "agree", "It is."));
    EXPECT_FALSE((**casework_.terms().explain(now(view))).suspended);
    EXPECT_EQ(std::ranges::count(acts_of(now(view)), "term.resumed"), 1);
}

TEST_P(ConsultationsIn, AQuestionAboutDestroyedDataStopsNobody) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    ASSERT_TRUE(casework_.consultations().ask(now(view).id, officer(), {"BY-MVD"}, "Is the house lived in?", *government::parse_short_term("1wd")));
    ASSERT_TRUE(store_->write([&](store::Tx& tx) { return vault_.erase(tx, view.who.person); }));
    clock_.advance(std::chrono::hours(24) * 30);
    work();
    EXPECT_EQ(*casework_.consultations().asked_of("BY-MVD"), 0);
}

TEST_P(ConsultationsIn, AQuestionIsWithdrawnOrGoesWithItsCase) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    const Officer anna = officer();
    ASSERT_TRUE(casework_.consultations().ask(now(view).id, anna, {"BY-MVD"}, "Is the house lived in?", *government::parse_short_term("5wd")));
    EXPECT_EQ(casework_.consultations().withdraw(now(view).id, 9, anna).error().code, Code::not_found);
    ASSERT_TRUE(casework_.consultations().withdraw(now(view).id, 1, anna));
    EXPECT_EQ(casework_.consultations().withdraw(now(view).id, 1, anna).error().code, Code::conflict);
    EXPECT_FALSE((**casework_.terms().explain(now(view))).suspended);
    ASSERT_TRUE(casework_.consultations().ask(now(view).id, anna, {"BY-MVD"}, "And the flat?", *government::parse_short_term("5wd")));
    ASSERT_TRUE(casework_.procedures().withdraw(now(view), view.who.account));
    EXPECT_TRUE(casework_.consultations().inbox(officer("BY-MVD"))->empty());
    EXPECT_EQ(std::ranges::count(acts_of(now(view)), "consultation.withdrawn"), 2);
}

TEST_P(ConsultationsIn, WhoIsAskedReadsTheFilesThatCameWithTheQuestionAndNoOthers) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    const std::string lease = "%PDF-1.7 the lease", letter = "%PDF-1.7 of the doctor";
    ASSERT_TRUE(casework_.letters().write_to_body(now(view), view.who.account, "Two files", {{"lease.pdf", lease}, {"doctor.pdf", letter}}));
    const government::Term term = *government::parse_short_term("5d");
    EXPECT_EQ(casework_.consultations().ask(now(view).id, officer(), {"BY-MVD"}, "Is it so?", term, {{1, 2}}).error().code, Code::invalid) << "no such file";
    EXPECT_EQ(casework_.consultations().ask(now(view).id, officer(), {"BY-MVD"}, "Is it so?", term, {{2, 0}}).error().code, Code::invalid);
    ASSERT_TRUE(casework_.consultations().ask(now(view).id, officer(), {"BY-MVD"}, "Is the lease known?", term, {{1, 0}, {1, 0}}));
    ASSERT_TRUE(casework_.consultations().ask(now(view).id, officer(), {"BY-MI-MLD"}, "Is the house there?", term));
    const Officer asked = officer("BY-MVD");
    const auto inbox = casework_.consultations().inbox(asked);
    ASSERT_EQ(inbox->size(), 1U);
    ASSERT_EQ(inbox->front().files.size(), 1U);
    EXPECT_EQ(inbox->front().files.front().about.name, "lease.pdf");
    const auto file = [&](const Officer& who, std::int64_t number, FileRef ref) { return casework_.consultations().file(kBody, now(view).id, number, ref, who); };
    const std::int64_t readings = count("SELECT count(*) FROM identity_access");
    const auto read = file(asked, 1, {1, 0});
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(as_text(read->bytes), lease);
    EXPECT_EQ(count("SELECT count(*) FROM identity_access"), readings + 1) << "the reading is written down";
    EXPECT_EQ(file(asked, 1, {1, 1}).error().code, Code::not_found) << "the other file was not given";
    EXPECT_EQ(file(officer("BY-MI-MLD"), 1, {1, 0}).error().code, Code::not_found) << "another body's question";
    EXPECT_EQ(file(officer("BY-MI-MLD"), 2, {1, 0}).error().code, Code::not_found) << "asked without files";
    const auto acts = *casework_.history(now(view));
    const auto act = std::ranges::find(acts, "consultation.asked", &ledger::Act::kind);
    ASSERT_NE(act, acts.end());
    EXPECT_EQ(json::serialize(act->details.at("files_sha256")), "[\"" + read->about.sha256 + "\"]");
    ASSERT_TRUE(casework_.consultations().answer(kBody, now(view).id, 1, asked, "agree", "It is."));
    EXPECT_EQ(file(asked, 1, {1, 0}).error().code, Code::conflict) << "once it is answered";
    EXPECT_EQ(casework_.consultations().of_case(now(view), own(view))->front().files.size(), 1U) << "who asked still sees what was given";
}

}  // namespace
}  // namespace madang::casework
