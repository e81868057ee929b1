// What a procedure needs beside its application, over both stores.
#include <gmock/gmock.h>

#include "base/text.h"
#include "base/time_text.h"
#include "casework/case_repository.h"
#include "casework/casework_fixture.h"

namespace madang::casework {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kPng = "\x89PNG\r\n\x1a\n and pixels";

const catalogue::Pack& strict_pack() {
    static const catalogue::Pack strict = make_strict_pack();
    return strict;
}

// The same, where a letter that nobody answers closes the case.
const catalogue::Pack& lapsing_pack() {
    static const catalogue::Pack lapsing = [] {
        catalogue::Pack changed = strict_pack();
        changed.services.front().completion->unanswered = catalogue::Completion::Unanswered::lapse;
        return changed;
    }();
    return lapsing;
}

class ProcedureIn : public CaseworkFixture {
protected:
    explicit ProcedureIn(const catalogue::Pack& pack = strict_pack()) : CaseworkFixture(pack, *make_webhook("https://pay.example/order", Bytes(32, 7))) {}

    CaseRowView submit_to_officer(const Applicant& who, std::string exemption = "large-family", const std::string& key = "key") {
        const auto outcome = casework_.submit({.service = kService, .applicant = who, .language = "en", .idempotency_key = key, .answers = answers("77"), .exemption = std::move(exemption)});
        EXPECT_TRUE(outcome && outcome->receipt) << (outcome ? "problems" : outcome.error().message);
        work();
        return {*outcome->receipt, who};
    }
    CaseSummary now(const CaseRowView& view) { return case_of(view.receipt, view.who); }
    identity::Access own(const CaseRowView& view) { return {.who = view.who.account, .capacity = "self", .body = {}, .case_id = {}, .legal_ground = kGround}; }
    PaymentNotice notice(const Payment& payment, PaymentNotice::State state) {
        const std::string body = json::serialize(json::value{{"reference", payment.reference}, {"state", state == PaymentNotice::State::paid ? "paid" : "refunded"},
                                                             {"amount", payment.amount}, {"currency", payment.currency}, {"proof", "P-1"}});
        const auto read = casework_.provider().read_notice(body, sign_notice(Bytes(32, 7), body));
        EXPECT_TRUE(read) << read.error().message;
        return *read;
    }
};
// The same, where the 25th of November 2026 is declared a day off on the 24th.
const catalogue::Pack& declaring_pack() {
    static const catalogue::Pack declaring = [] {
        catalogue::Pack changed = strict_pack();
        json::value value = *parse_json(*read_file(MADANG_SOURCE_DIR "/packs/by/government.json"));
        json::array& editions = value.at("calendar").at("editions").as_array();
        json::object added;
        for (const json::value& one : editions) {
            if (one.at("years").as_array().front() == 2026) added = one.as_object();
        }
        added["published"] = "2026-11-24";
        added["source"] = "Decree 400";
        added["days_off"].as_array().emplace_back("2026-11-25");
        editions.push_back(std::move(added));
        changed.government = *government::parse_government(json::serialize(value), "government.json");
        return changed;
    }();
    return declaring;
}

class DeclaringIn : public ProcedureIn {
protected:
    DeclaringIn() : ProcedureIn(declaring_pack()) {}
};
INSTANTIATE_TEST_SUITE_P(Both, DeclaringIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(DeclaringIn, ADayOffMovesEveryRunningTermOnTheDayItIsPublished) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    const Instant before = now(view).due_at;
    EXPECT_EQ(format_date(pack().government.time_zone().date(before)), "2026-11-26");
    clock_.advance(std::chrono::hours(24));
    work();
    EXPECT_EQ(format_date(pack().government.time_zone().date(now(view).due_at)), "2026-11-27");
    work();
    EXPECT_EQ(std::ranges::count(acts_of(now(view)), "term.recomputed"), 1) << "each move is one act";
    EXPECT_EQ(*casework_.terms().recompute(), 0) << "it was counted";
}

class LapsingIn : public ProcedureIn {
protected:
    LapsingIn() : ProcedureIn(lapsing_pack()) {}
};
INSTANTIATE_TEST_SUITE_P(Both, LapsingIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });
INSTANTIATE_TEST_SUITE_P(Both, ProcedureIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(ProcedureIn, NothingBeginsBeforeTheFeeIsPaid) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"), "");
    EXPECT_EQ(now(view).status, Status::awaiting_fee);
    EXPECT_TRUE((**casework_.terms().explain(now(view))).suspended);
    const Payment fee = casework_.fees().of_case(now(view))->front();
    EXPECT_THAT(**casework_.fees().pay_address(now(view)), HasSubstr("https://pay.example/order?reference=" + fee.reference + "&amount=12.50&currency="));
    PaymentNotice wrong = notice(fee, PaymentNotice::State::paid);
    wrong.amount = "1.00";
    EXPECT_EQ(casework_.fees().settle(wrong, "webhook", "webhook").error().code, Code::invalid);
    EXPECT_EQ(casework_.fees().settle(notice(fee, PaymentNotice::State::paid), "desk", "x").error().code, Code::not_found) << "another provider's";
    ASSERT_TRUE(casework_.fees().settle(notice(fee, PaymentNotice::State::paid), "webhook", "webhook"));
    ASSERT_TRUE(casework_.fees().settle(notice(fee, PaymentNotice::State::paid), "webhook", "webhook")) << "a notice may come twice";
    work();
    EXPECT_EQ(now(view).status, Status::with_officer);
    EXPECT_FALSE((**casework_.terms().explain(now(view))).suspended);
    EXPECT_THAT(acts_of(now(view)), ElementsAre("application.submitted", "fee.charged", "term.started", "term.suspended", "fee.paid", "term.resumed", "application.sent_to_officer"));
}

TEST_P(ProcedureIn, ANoticeNeedsTheSharedSecret) {
    const std::string body = R"({"reference":"X","state":"paid","amount":"12.50","currency":"BYN","proof":"P-1"})";
    EXPECT_EQ(casework_.provider().read_notice(body, sign_notice(Bytes(32, 8), body)).error().code, Code::denied);
    EXPECT_EQ(casework_.provider().read_notice(body + " ", sign_notice(Bytes(32, 7), body)).error().code, Code::denied);
    EXPECT_EQ(casework_.provider().read_notice("{}", sign_notice(Bytes(32, 7), "{}")).error().code, Code::invalid);
    EXPECT_EQ(make_webhook("https://pay.example", Bytes(31, 7)).error().code, Code::invalid);
    EXPECT_EQ(make_webhook("http://pay.example", Bytes(32, 7)).error().code, Code::invalid);
}

TEST_P(ProcedureIn, AnExemptionIsByAnArticleAndCanBeRefused) {
    EXPECT_EQ(casework_.submit({.service = kService, .applicant = applicant("siarhei"), .language = "en", .idempotency_key = "k", .answers = answers("77"), .exemption = "none-such"}).error().code,
              Code::invalid);
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    EXPECT_EQ(now(view).status, Status::with_officer);
    EXPECT_EQ(casework_.fees().of_case(now(view))->front().article, "Law, article 5");
    ASSERT_TRUE(casework_.fees().refuse_exemption(now(view).id, officer(), "It is not due."));
    EXPECT_EQ(now(view).status, Status::awaiting_fee);
    ASSERT_TRUE(casework_.fees().settle(notice(casework_.fees().of_case(now(view))->front(), PaymentNotice::State::paid), "webhook", "webhook"));
    EXPECT_EQ(now(view).status, Status::with_officer);
}

TEST_P(ProcedureIn, OneLetterNamesEverythingMissingAndTheClockStands) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    const Instant due = now(view).due_at;
    EXPECT_EQ(casework_.letters().request_completion(now(view).id, officer(), {}, "").error().code, Code::invalid);
    const auto letter = casework_.letters().request_completion(now(view).id, officer(), {"the lease", "consent of the owner"}, "Bring the originals.");
    ASSERT_TRUE(letter) << letter.error().message;
    EXPECT_EQ(format_date(pack().government.time_zone().date(*letter->reply_by)), "2026-11-30");
    EXPECT_EQ(now(view).status, Status::awaiting_applicant);
    EXPECT_EQ(casework_.decide(now(view).id, officer(), refuse()).error().code, Code::conflict);
    clock_.advance(std::chrono::hours(48));
    ASSERT_TRUE(casework_.letters().answer_completion(now(view), view.who.account, "Here they are.", {{"lease.png", std::string(kPng)}}));
    EXPECT_EQ(now(view).status, Status::with_officer);
    EXPECT_GT(now(view).due_at, due) << "two days stood still";
    EXPECT_EQ(casework_.letters().request_completion(now(view).id, officer(), {"one more thing"}, "").error().code, Code::conflict);
    EXPECT_EQ(casework_.letters().answer_completion(now(view), view.who.account, "again", {}).error().code, Code::conflict);
    const auto messages = casework_.letters().messages(now(view), own(view));
    ASSERT_TRUE(messages);
    ASSERT_EQ(messages->size(), 2U);
    EXPECT_THAT((*messages)[0].items, ElementsAre("the lease", "consent of the owner"));
    EXPECT_EQ((*messages)[1].files.at(0).media_type, "image/png");
    const auto file = casework_.letters().file(now(view), 2, 0, own(view));
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(as_text(file->bytes), kPng);
    EXPECT_EQ(casework_.letters().file(now(view), 2, 1, own(view)).error().code, Code::not_found);
    EXPECT_THAT(acts_of(now(view)), testing::IsSupersetOf({"completion.requested", "term.suspended", "completion.supplied", "term.resumed"}));
}

TEST_P(ProcedureIn, ALetterThatNobodyAnswersIsDecidedOnWhatIsThere) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    const auto letter = casework_.letters().request_completion(now(view).id, officer(), {"the lease"}, "");
    ASSERT_TRUE(letter) << letter.error().message;
    clock_.advance(*letter->reply_by - clock_.now());
    work();
    EXPECT_EQ(now(view).status, Status::awaiting_applicant) << "the last moment still counts";
    clock_.advance(std::chrono::seconds(1));
    work();
    EXPECT_EQ(now(view).status, Status::with_officer);
    EXPECT_FALSE((**casework_.terms().explain(now(view))).suspended);
    EXPECT_THAT(acts_of(now(view)), testing::IsSupersetOf({"completion.unanswered", "term.resumed"}));
    EXPECT_EQ(casework_.letters().answer_completion(now(view), view.who.account, "too late", {}).error().code, Code::conflict);
}

TEST_P(LapsingIn, ALetterThatNobodyAnswersClosesTheCase) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    const auto letter = casework_.letters().request_completion(now(view).id, officer(), {"the lease"}, "");
    ASSERT_TRUE(letter) << letter.error().message;
    clock_.advance(*letter->reply_by - clock_.now() + std::chrono::seconds(1));
    work();
    EXPECT_EQ(now(view).status, Status::lapsed);
    EXPECT_EQ(now(view).article, "Law, article 2");
    EXPECT_THAT(acts_of(now(view)), testing::IsSupersetOf({"completion.unanswered", "term.stopped"}));
    EXPECT_TRUE(casework_.procedures().appeal_until(now(view)));
    ASSERT_TRUE(casework_.procedures().reopen(now(view).id, officer(), "The letter went astray.", "Law, article 4"));
    work();
    EXPECT_EQ(now(view).status, Status::with_officer);
}

TEST_P(ProcedureIn, FilesAreWhatTheirContentSays) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    const auto send = [&](std::string name, std::string bytes) { return casework_.letters().write_to_body(now(view), view.who.account, "see the file", {{std::move(name), std::move(bytes)}}); };
    EXPECT_EQ(send("a.pdf", "<script>alert(1)</script>").error().code, Code::invalid);
    EXPECT_EQ(send("a.png", "").error().code, Code::invalid);
    EXPECT_EQ(send("a.png", std::string(kPng) + std::string(kMaxFileBytes, 'x')).error().code, Code::exhausted);
    const auto sent = send("../../etc/a.png", std::string(kPng));
    ASSERT_TRUE(sent) << sent.error().message;
    EXPECT_EQ(sent->files.front().name, "a.png");
}

TEST_P(ProcedureIn, OtherBodiesAreAskedTogetherAndTheClockWaitsForTheLast) {
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

TEST_P(ProcedureIn, ABodyThatDoesNotAnswerHoldsNothingUp) {
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

TEST_P(ProcedureIn, AQuestionAboutDestroyedDataStopsNobody) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    ASSERT_TRUE(casework_.consultations().ask(now(view).id, officer(), {"BY-MVD"}, "Is the house lived in?", *government::parse_short_term("1wd")));
    ASSERT_TRUE(store_->write([&](store::Tx& tx) { return vault_.erase(tx, view.who.person); }));
    clock_.advance(std::chrono::hours(24) * 30);
    work();
    EXPECT_EQ(*casework_.consultations().asked_of("BY-MVD"), 0);
}

TEST_P(ProcedureIn, AQuestionIsWithdrawnOrGoesWithItsCase) {
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

TEST_P(ProcedureIn, TheStartOfTheClockAndItsFirstStopAreActs) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"), "");
    EXPECT_THAT(acts_of(now(view)), testing::IsSupersetOf({"term.started", "term.suspended"}));
    for (const auto& act : *casework_.history(now(view))) {
        if (act.kind == "term.started" || act.kind == "term.suspended") EXPECT_TRUE(act.details.contains("due_at")) << act.kind;
    }
}

TEST_P(ProcedureIn, CasesAreTakenGivenOnAndDoneByASubstitute) {
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

TEST_P(ProcedureIn, AnAbsenceIsAnActOfWhoIsAwayOrOfTheHeadAndEnds) {
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

TEST_P(ProcedureIn, FourEyesAreTwoPersons) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    Officer anna = officer();
    anna.person = applicant("alena").person;
    Officer anna_again = officer();      // another account of the same person
    anna_again.person = anna.person;
    const Officer boris = officer();
    ASSERT_TRUE(casework_.decide(now(view).id, anna, refuse()));
    EXPECT_EQ(now(view).status, Status::with_second_officer);
    EXPECT_EQ(casework_.desk().confirm(now(view).id, anna).error().code, Code::denied);
    EXPECT_EQ(casework_.desk().confirm(now(view).id, anna_again).error().code, Code::denied);
    ASSERT_TRUE(casework_.desk().give_back(now(view).id, boris, "Look at the lease again."));
    EXPECT_EQ(now(view).status, Status::with_officer);
    ASSERT_TRUE(casework_.decide(now(view).id, anna, refuse()));
    // Anna cannot confirm as Boris's substitute either: she is who she is.
    ASSERT_TRUE(casework_.desk().set_absence(kBody, {boris.account, anna.account, clock_.now(), clock_.now() + std::chrono::hours(24)}, {boris.account}));
    EXPECT_EQ(casework_.desk().confirm(now(view).id, anna).error().code, Code::denied);
    ASSERT_TRUE(casework_.desk().confirm(now(view).id, boris));
    EXPECT_EQ(now(view).status, Status::refused);
    EXPECT_EQ(now(view).decided_by, anna.account.text());
    EXPECT_THAT(acts_of(now(view)), testing::IsSupersetOf({"decision.proposed", "decision.given_back", "decision.confirmed", "application.refused", "term.stopped"}));
}

TEST_P(ProcedureIn, AnAccountWithoutAPersonDecidesNothing) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    Officer nobody = officer();
    nobody.person.reset();
    EXPECT_EQ(casework_.decide(now(view).id, nobody, refuse()).error().code, Code::denied);
    EXPECT_EQ(casework_.desk().claim(now(view).id, nobody).error().code, Code::denied);
    ASSERT_TRUE(casework_.decide(now(view).id, officer(), refuse()));
    EXPECT_EQ(casework_.desk().confirm(now(view).id, nobody).error().code, Code::denied);
    EXPECT_EQ(casework_.desk().give_back(now(view).id, nobody, "Look again.").error().code, Code::denied);
    EXPECT_EQ(now(view).status, Status::with_second_officer);
}

TEST_P(ProcedureIn, NobodyActsOnACaseOfTheirOwnWithWhateverAccount) {
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
    EXPECT_EQ(casework_.desk().confirm(now(view).id, siarhei).error().code, Code::denied);
    ASSERT_TRUE(casework_.desk().confirm(now(view).id, officer()));
    EXPECT_EQ(casework_.procedures().reopen(now(view).id, siarhei, "Again.", "Law, article 4").error().code, Code::denied);
    EXPECT_EQ(casework_.procedures().reopen(now(view).id, mother, "Again.", "Law, article 4").error().code, Code::denied);
}

TEST_P(ProcedureIn, WhoeverTookPartDoesNotDecideTheAppeal) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    const Officer anna = officer();
    const Officer boris = officer();
    ASSERT_TRUE(casework_.decide(now(view).id, anna, refuse()));
    ASSERT_TRUE(casework_.desk().confirm(now(view).id, boris));
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

TEST_P(ProcedureIn, WhoHoldsTheCaseIsAskedBeforeItIsExtendedOrWrittenAbout) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    const Officer anna = officer();
    ASSERT_TRUE(casework_.desk().claim(now(view).id, anna));
    EXPECT_EQ(casework_.terms().extend(now(view).id, officer(), *government::parse_short_term("1wd"), "why", "Law, article 3").error().code, Code::conflict);
    EXPECT_EQ(casework_.letters().write_to_applicant(now(view).id, officer(), "Hello.", {}).error().code, Code::conflict);
    EXPECT_TRUE(casework_.terms().extend(now(view).id, anna, *government::parse_short_term("1wd"), "why", "Law, article 3"));
    EXPECT_TRUE(casework_.letters().write_to_applicant(now(view).id, anna, "Hello.", {}));
}

TEST_P(ProcedureIn, WhatTheLawSaysHappensWhenTheTermEnds) {
    const Applicant who = applicant("siarhei");
    const CaseRowView view = submit_to_officer(who, "");
    ASSERT_TRUE(casework_.fees().settle(notice(casework_.fees().of_case(now(view))->front(), PaymentNotice::State::paid), "webhook", "webhook"));
    work();
    EXPECT_EQ(casework_.terms().extend(now(view).id, officer(), *government::parse_short_term("9wd"), "a file is missing", "Law, article 3").error().code, Code::conflict);
    ASSERT_TRUE(casework_.terms().extend(now(view).id, officer(), *government::parse_short_term("2wd"), "a file is missing", "Law, article 3"));
    clock_.advance(now(view).due_at - clock_.now());
    work();
    EXPECT_EQ(now(view).status, Status::with_officer) << "the last moment still counts";
    clock_.advance(std::chrono::seconds(1));
    work();
    EXPECT_EQ(now(view).status, Status::refused);
    EXPECT_EQ(now(view).decided_by, "law:Law, article 8");
    EXPECT_EQ(now(view).decided_at, now(view).due_at) << "whenever the house gets to it";
    const auto payments = casework_.fees().of_case(now(view));
    ASSERT_EQ(payments->size(), 2U);
    EXPECT_EQ((*payments)[1].kind, Payment::Kind::refund);
    EXPECT_EQ((*payments)[1].article, "Law, article 7");
    ASSERT_EQ(casework_.fees().refunds_due("webhook")->size(), 1U);
    ASSERT_TRUE(casework_.fees().settle(notice((*payments)[1], PaymentNotice::State::refunded), "webhook", "webhook"));
    EXPECT_TRUE(casework_.fees().refunds_due("webhook")->empty());
    EXPECT_THAT(acts_of(now(view)), testing::IsSupersetOf({"term.extended", "term.ended", "fee.refund_ordered", "fee.refunded", "application.refused"}));
}

TEST_P(ProcedureIn, TheLawDecidesACaseThatItsProcessCannotWorkOn) {
    const Applicant who = applicant("siarhei");
    const auto outcome = casework_.submit({.service = kService, .applicant = who, .language = "en", .idempotency_key = "key", .answers = answers("77"), .exemption = "large-family"});
    ASSERT_TRUE(outcome && outcome->receipt);
    const CaseRowView view{*outcome->receipt, who};
    // No step was made, and none is owed.
    ASSERT_TRUE(store_->write([&](store::Tx& tx) { return remove_job(tx, kBody, view.receipt.case_id); }));
    clock_.advance(now(view).due_at - clock_.now() + std::chrono::hours(60));
    EXPECT_EQ(casework_.inbox(kBody)->size(), 1U) << "overdue: a person must see it";
    work();
    EXPECT_EQ(now(view).status, Status::refused);
    EXPECT_EQ(now(view).decided_at, now(view).due_at);
    EXPECT_EQ(*casework_.jobs_owed(), 0);
}

TEST_P(ProcedureIn, WithdrawalEndsEverythingAndTheFeeGoesBack) {
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

TEST_P(ProcedureIn, DuplicatesOfOneApplicantAreJoined) {
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

TEST_P(ProcedureIn, AnAppealIsACaseOfTheSuperiorBody) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    const Officer anna = officer();
    EXPECT_EQ(casework_.procedures().appeal(now(view), view.who.account, "It is not so.", "a").error().code, Code::conflict) << "nothing was decided yet";
    ASSERT_TRUE(casework_.decide(now(view).id, anna, refuse()));
    ASSERT_TRUE(casework_.desk().confirm(now(view).id, officer()));
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

TEST_P(ProcedureIn, TheTimeForAnAppealEnds) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"));
    ASSERT_TRUE(casework_.decide(now(view).id, officer(), refuse()));
    ASSERT_TRUE(casework_.desk().confirm(now(view).id, officer()));
    EXPECT_EQ(format_instant(*casework_.procedures().appeal_until(now(view))), "2026-12-23T21:00:00.000000Z") << "the thirtieth day counts whole";
    clock_.advance(std::chrono::hours(24 * 31));
    EXPECT_EQ(casework_.procedures().appeal(now(view), view.who.account, "It is not so.", "a").error().code, Code::conflict);
}

TEST_P(ProcedureIn, TheCounterTakesInForAPersonAndAFileForMany) {
    const auto person = store_->write<std::optional<registers::Person>>([&](store::Tx& tx) {
        return population_.person(tx, applicant("siarhei").person, *parse_date("2026-11-23"), {.who = {}, .capacity = "system", .body = kBody, .case_id = {}, .legal_ground = kGround});
    });
    const std::string number = (**person).personal_number;
    const Officer helper = officer();
    const auto outcome = casework_.intake().at_counter({kService, number, "be", "c1", "large-family", answers("77")}, helper);
    ASSERT_TRUE(outcome) << outcome.error().message;
    ASSERT_TRUE(outcome->receipt);
    const auto summary = casework_.find_for_officer(outcome->receipt->receipt, helper);
    EXPECT_EQ(summary->channel, "counter");
    const Applicant who = applicant("siarhei");
    EXPECT_TRUE(casework_.find_case(summary->receipt, {who.account, who.person})) << "the person sees it with an account of their own";
    EXPECT_EQ(casework_.find_case(summary->receipt, {who.account}).error().code, Code::not_found) << "an account without the person does not";
    EXPECT_EQ(casework_.find_case(summary->receipt, {helper.account}).error().code, Code::not_found) << "nor does the employee's own";
    ASSERT_EQ(casework_.intake().taken_in_by(helper.account, 5)->size(), 1U);
    EXPECT_EQ(casework_.intake().at_counter({kService, "0000000A000AA0", "be", "c2", "", answers("77")}, helper).error().code, Code::not_found);
    EXPECT_EQ(casework_.intake().at_counter({kService, number, "be", "c3", "", answers("77")}, officer("BY-BR")).error().code, Code::denied);

    const std::string csv = "personal_number,town,street,house,purpose,exemption\n" + number + ",Maladziečna,vulica Prytyckaha,77,work,large-family\n" + number +
                            ",Maladziečna,vulica Prytyckaha,seventy,work,large-family\nX,Maladziečna,vulica Prytyckaha,77,work,large-family\n";
    const auto report = casework_.intake().from_csv(csv, "many.csv", kService, "be", helper);
    ASSERT_TRUE(report) << report.error().message;
    ASSERT_EQ(report->size(), 3U);
    EXPECT_FALSE((*report)[0].receipt.empty());
    EXPECT_THAT((*report)[1].problems, ElementsAre(HasSubstr("house")));
    EXPECT_THAT((*report)[2].problems, ElementsAre(HasSubstr("personal number")));
    EXPECT_EQ((*casework_.intake().from_csv(csv, "many.csv", kService, "be", helper))[0].receipt, (*report)[0].receipt) << "sent twice is once";
    const auto moved = casework_.intake().from_csv("street,personal_number,town,house,purpose,exemption\n"
                                                     "vulica Prytyckaha,X,Maladziečna,77,work,\nvulica Prytyckaha," + number + ",Maladziečna,77,work,large-family\n", "other.csv", kService, "be", helper);
    ASSERT_TRUE(moved) << moved.error().message;
    EXPECT_EQ((*moved)[1].receipt, (*report)[0].receipt) << "in another file and order it is the same application";
    EXPECT_EQ(casework_.find_for_officer((*report)[0].receipt, officer())->channel, "bulk");
    EXPECT_EQ(casework_.intake().from_csv("personal_number,towm\n", "many.csv", kService, "be", helper).error().message, "many.csv:1: the form has no field \"towm\"; did you mean \"town\"?");
}

TEST_P(ProcedureIn, TheHeadSeesWorkAndWhatWillBeLate) {
    for (int i = 0; i < 4; ++i) submit_to_officer(applicant("siarhei"), "large-family", format("k{}", i));
    const auto before = casework_.workloads().of(kBody);
    ASSERT_TRUE(before) << before.error().message;
    EXPECT_EQ(before->open, 4);
    EXPECT_EQ(before->unassigned, 4);
    EXPECT_EQ(before->breaches, 4) << "nothing was ever decided here, so nothing will be in time";
    EXPECT_EQ(before->ages[0], 4);
    const CaseSummary one = casework_.inbox(kBody)->front();
    ASSERT_TRUE(casework_.decide(one.id, officer(), refuse()));
    ASSERT_TRUE(casework_.desk().confirm(one.id, officer()));
    clock_.advance(std::chrono::hours(24 * 7));
    const auto after = casework_.workloads().of(kBody);
    EXPECT_EQ(after->open, 3);
    EXPECT_EQ(after->overdue, 3);
    EXPECT_EQ(after->decided_30, 1);
    const std::string svg = plot_svg(*after, {"Due <by day>", "due", "late", {}});
    EXPECT_THAT(svg, HasSubstr("<title>Due &lt;by day&gt;</title>"));
    EXPECT_THAT(svg, Not(HasSubstr("style=")));
    EXPECT_THAT(plot_text(*after), HasSubstr("2026-11-30      3 due"));
    const auto csv = [&](std::string_view from, std::string_view until) {
        return *casework_.workloads().csv(kBody, *csv_range(pack_.government, from, until), [](const identity::AccountId&) { return std::string("=Nina"); });
    };
    EXPECT_THAT(csv("", ""), HasSubstr(one.receipt + ",application,certificate-of-residence,refused,portal,"));
    EXPECT_THAT(csv("", ""), HasSubstr(",\"'=Nina\",")) << "beside its id, and no formula";
    clock_.advance(std::chrono::hours(24 * 90));
    EXPECT_EQ(std::ranges::count(csv("2026-11-01", ""), '\n'), 5) << "a case is not lost by getting old";
    EXPECT_EQ(std::ranges::count(csv("2026-11-24", ""), '\n'), 1);
    EXPECT_EQ(std::ranges::count(csv("", "2026-11-23"), '\n'), 5);
    EXPECT_EQ(csv_range(pack_.government, "2026-11-24", "2026-11-23").error().code, Code::invalid);
    EXPECT_EQ(casework_.workloads().of("NOWHERE").error().code, Code::not_found);
}

}  // namespace
}  // namespace madang::casework
