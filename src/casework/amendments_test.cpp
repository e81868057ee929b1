// An application that its applicant amends, over both stores: versions, the term that runs anew, the procedure from its beginning.
#include <gmock/gmock.h>

#include "base/text.h"
#include "base/time_text.h"
#include "casework/casework_fixture.h"

namespace madang::casework {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

// Three working days, which run anew on at most two amendments; no fee, one officer.
catalogue::Pack amendable_pack() {
    catalogue::Pack changed = make_strict_pack();
    catalogue::Service& service = changed.services.front();
    service.four_eyes = false;
    service.fee_amount = "0.00";
    service.term.restarts = government::Term::Restarts{2, "Law, article 5"};
    return changed;
}

class Amended : public CaseworkFixture {
protected:
    Amended() : CaseworkFixture(own_) {}

    CaseRowView to_officer(const std::string& key = "key") {
        const Applicant who = applicant("siarhei");
        const CaseRowView view{submit(who, "77", key), who};
        work();
        return view;
    }
    CaseSummary now(const CaseRowView& view) { return case_of(view.receipt, view.who); }
    CaseContent content(const CaseRowView& view) {
        return *casework_.open_content(now(view), {.who = view.who.account, .capacity = "self", .body = {}, .case_id = {}, .legal_ground = kGround});
    }
    Result<AmendmentOutcome> amend(const CaseRowView& view, const std::string& house, int version) { return casework_.amendments().amend(now(view), view.who.account, {version, answers(house)}); }
    std::string day(Instant moment) { return format_date(pack_.government.time_zone().date(moment)); }
    std::string words(const CaseRowView& view) {
        std::string text;
        const auto told = casework_.terms().explain(now(view));
        for (const auto& step : (**told).steps) text += government::in_words(step, Catalogue(), "en") + "\n";
        return text;
    }
    ledger::Act last(const CaseRowView& view, std::string_view kind) {
        ledger::Act found;
        for (const auto& act : *casework_.history(now(view))) {
            if (act.kind == kind) found = act;
        }
        return found;
    }
    int times(const CaseRowView& view) { return casework_.amendments().possible(now(view))->times; }

    catalogue::Pack own_ = amendable_pack();
};
INSTANTIATE_TEST_SUITE_P(Both, Amended, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(Amended, RunsTheTermAnewAndKeepsWhatWasAnsweredBefore) {
    const CaseRowView view = to_officer();
    EXPECT_EQ(day(now(view).due_at), "2026-11-26");
    const std::string first_hash = string_or(last(view, "application.submitted").details, "answers_sha256", "");
    EXPECT_EQ(times(view), 2);
    clock_.advance(std::chrono::hours(24));
    const auto done = amend(view, "78", 1);
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_TRUE(done->now);
    EXPECT_EQ(done->now->status, Status::received);
    work();
    EXPECT_EQ(now(view).status, Status::with_officer);
    EXPECT_EQ(day(now(view).due_at), "2026-11-27");
    EXPECT_THAT(words(view), HasSubstr("The application was received on 23 November 2026.\nThe application was amended on 24 November 2026, so the term runs anew. (Law, article 5)\n"));
    EXPECT_EQ(times(view), 1);

    const auto act = last(view, "application.amended");
    EXPECT_EQ(act.actor, view.who.account.text());
    EXPECT_EQ(act.capacity, "self");
    EXPECT_EQ(integer_or(act.details, "version", 0), 2);
    EXPECT_EQ(string_or(last(view, "term.restarted").details, "article", ""), "Law, article 5");
    EXPECT_EQ(last(view, "term.restarted").actor, view.who.account.text());

    const auto versions = versions_of(now(view), content(view));
    ASSERT_EQ(versions.size(), 2U);
    EXPECT_EQ(string_or(versions[0].answers, "house", ""), "77");
    EXPECT_EQ(string_or(versions[1].answers, "house", ""), "78");
    EXPECT_THAT(versions[1].changed, ElementsAre("house"));
    EXPECT_EQ(versions[0].sha256, first_hash);
    EXPECT_EQ(versions[1].sha256, string_or(act.details, "answers_sha256", ""));
    EXPECT_EQ(versions[0].until, versions[1].since);
    EXPECT_EQ(versions[1].since, act.at);
    EXPECT_FALSE(versions[1].until);
}

TEST_P(Amended, IsDecidedByTheRuleOnTheNewAnswers) {
    const Applicant who = applicant("alena");
    const CaseRowView view{submit(who, "77"), who};
    work();
    ASSERT_EQ(now(view).status, Status::with_officer);
    ASSERT_TRUE(amend(view, "12", 1));   // where the register has her
    work();
    EXPECT_EQ(now(view).status, Status::issued);
    EXPECT_THAT(acts_of(now(view)), Contains("application.granted"));
    EXPECT_EQ(amend(view, "77", 2).error().code, Code::conflict);
}

TEST_P(Amended, IsTheSameWhereItIsSentTwiceAndRefusedOverAnotherVersion) {
    const CaseRowView view = to_officer();
    ASSERT_TRUE(amend(view, "78", 1));
    ASSERT_TRUE(amend(view, "78", 1)->now);
    EXPECT_EQ(std::ranges::count(acts_of(now(view)), "application.amended"), 1);
    const auto stale = amend(view, "79", 1);
    ASSERT_FALSE(stale);
    EXPECT_EQ(stale.error().code, Code::conflict);
    EXPECT_THAT(stale.error().message, HasSubstr("version 2, not 1"));
    const auto same = amend(view, "78", 2);
    ASSERT_FALSE(same);
    EXPECT_EQ(same.error().code, Code::invalid);
}

TEST_P(Amended, SendsBackWhatIsNoAnswer) {
    const CaseRowView view = to_officer();
    form::Answers missing = answers("78");
    missing.erase("town");
    const auto back = casework_.amendments().amend(now(view), view.who.account, {1, missing});
    ASSERT_TRUE(back);
    EXPECT_FALSE(back->now);
    ASSERT_FALSE(back->problems.empty());
    EXPECT_EQ(back->problems.front().key, "town");
    EXPECT_EQ(content(view).earlier.size(), 0U);
}

TEST_P(Amended, IsPossibleAsOftenAsTheLawLetsIt) {
    const CaseRowView view = to_officer();
    ASSERT_TRUE(amend(view, "78", 1));
    ASSERT_TRUE(amend(view, "79", 2));
    EXPECT_EQ(times(view), 0);
    const auto third = amend(view, "80", 3);
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().code, Code::conflict);
    EXPECT_EQ(content(view).earlier.size(), 2U);
}

TEST_P(Amended, IsNotPossibleWhereTheLawIsSilentOrTheCaseIsDecidedOrLate) {
    const CaseRowView decided = to_officer("decided");
    ASSERT_TRUE(casework_.decide(now(decided).id, officer(), refuse()));
    EXPECT_EQ(times(decided), 0);
    EXPECT_EQ(amend(decided, "78", 1).error().code, Code::conflict);
    const CaseRowView late = to_officer("late");
    clock_.advance(std::chrono::hours(24 * 9));
    EXPECT_EQ(times(late), 0);
    EXPECT_EQ(amend(late, "78", 1).error().code, Code::conflict);
    own_.services.front().term.restarts.reset();
    const CaseRowView silent = to_officer("silent");
    EXPECT_EQ(times(silent), 0);
    EXPECT_THAT(amend(silent, "78", 1).error().message, HasSubstr("the law lets no application"));
    EXPECT_THAT(acts_of(now(silent)), testing::Not(Contains("application.amended")));
}

TEST_P(Amended, EndsWhatWasAskedAboutTheOldAnswers) {
    const CaseRowView view = to_officer();
    ASSERT_TRUE(casework_.consultations().ask(now(view).id, officer(), {"BY-MI-MLD"}, "Is the house in use?", *government::parse_short_term("5wd")));
    clock_.advance(std::chrono::hours(24 * 4));
    EXPECT_EQ(now(view).clock, ClockState::suspended);
    ASSERT_TRUE(amend(view, "78", 1));
    work();
    EXPECT_EQ(now(view).clock, ClockState::running);
    EXPECT_EQ(casework_.consultations().asked_of("BY-MI-MLD").value_or(-1), 0);
    EXPECT_THAT(acts_of(now(view)), Contains("consultation.withdrawn"));
    // The letter that names what is missing may be sent for the new answers, once.
    ASSERT_TRUE(casework_.letters().request_completion(now(view).id, officer(), {"Lease"}, ""));
    ASSERT_TRUE(amend(view, "79", 2));
    work();
    EXPECT_EQ(now(view).status, Status::with_officer);
    EXPECT_EQ(count("SELECT count(*) FROM casework_reply"), 0);
    ASSERT_TRUE(casework_.decide(now(view).id, officer(), refuse()));
    EXPECT_EQ(now(view).status, Status::refused);
}

TEST_P(Amended, TakesAProposalBackThatASecondPersonWouldConfirm) {
    own_.services.front().four_eyes = true;
    const CaseRowView view = to_officer();
    ASSERT_TRUE(casework_.decide(now(view).id, officer(), refuse()));
    ASSERT_EQ(now(view).status, Status::with_second_officer);
    ASSERT_TRUE(amend(view, "78", 1));
    work();
    EXPECT_EQ(now(view).status, Status::with_officer);
    EXPECT_TRUE(content(view).proposal.empty());
    EXPECT_EQ(confirm(now(view), officer()).error().code, Code::conflict);
}

TEST_P(Amended, WaitsForItsFeeAsBefore) {
    own_.services.front().fee_amount = "12.50";
    const CaseRowView view = to_officer();
    ASSERT_EQ(now(view).status, Status::awaiting_fee);
    ASSERT_TRUE(amend(view, "78", 1));
    work();
    EXPECT_EQ(now(view).status, Status::awaiting_fee);
    EXPECT_EQ(now(view).clock, ClockState::suspended);
    ASSERT_TRUE(casework_.fees().pay_at_desk(view.receipt.receipt, officer(), "114"));
    work();
    EXPECT_EQ(now(view).status, Status::with_officer);
    EXPECT_EQ(string_or(content(view).answers, "house", ""), "78");
}

TEST_P(Amended, AtTheCounterByAnEmployeeOfTheBody) {
    const CaseRowView view = to_officer();
    const Officer helper = officer();
    const Amendment amendment{1, answers("78")};
    ASSERT_TRUE(casework_.amendments().amend_at_counter(now(view), helper, amendment));
    EXPECT_EQ(last(view, "application.amended").actor, helper.account.text());
    EXPECT_EQ(last(view, "application.amended").capacity, "helper");
    EXPECT_EQ(casework_.amendments().amend_at_counter(now(view), officer("BY-MVD"), amendment).error().code, Code::denied);
    work();
    EXPECT_EQ(casework_.decide(now(view).id, helper, refuse()).error().code, Code::denied) << "on what they typed themselves";
    EXPECT_TRUE(casework_.decide(now(view).id, officer(), refuse()));
}

TEST_P(Amended, FromADraftThatGoesWithIt) {
    const CaseRowView view = to_officer();
    const auto draft = casework_.begin_amendment(now(view), view.who.account, content(view));
    ASSERT_TRUE(draft);
    auto kept = casework_.find_draft(view.who.account, *draft);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->amends, view.receipt.receipt);
    EXPECT_EQ(kept->version, 1);
    EXPECT_THAT(kept->answers["house"], ElementsAre("77"));
    kept->answers["house"] = {"78"};
    ASSERT_TRUE(casework_.save_draft(*kept));
    kept = casework_.find_draft(view.who.account, *draft);
    EXPECT_EQ(kept->amends, view.receipt.receipt);
    ASSERT_TRUE(casework_.amendments().amend(now(view), view.who.account, {kept->version, kept->answers}, *draft));
    EXPECT_EQ(casework_.find_draft(view.who.account, *draft).error().code, Code::not_found);
}

}  // namespace
}  // namespace madang::casework
