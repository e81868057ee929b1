// What follows at the end of a term for the superior body, warnings before it, and extensions as they are told; over both stores.
#include <gmock/gmock.h>

#include "base/text.h"
#include "base/time_text.h"
#include "casework/casework_fixture.h"

namespace madang::casework {
namespace {

using testing::Contains;

constexpr const char* kSuperior = "BY-MI-MLD";

// Three working days, then the superior body; no fee, one officer.
catalogue::Pack escalating_pack() {
    catalogue::Pack changed = make_strict_pack();
    catalogue::Service& service = changed.services.front();
    service.four_eyes = false;
    service.fee_amount = "0.00";
    service.term.at_end = {{government::Effect::escalation, "Law, article 30"}};
    return changed;
}

class Escalating : public CaseworkFixture {
protected:
    Escalating() : CaseworkFixture(own_) {}

    CaseRowView to_officer(const std::string& key = "key") {
        const Applicant who = applicant("siarhei");
        const CaseRowView view{submit(who, "77", key), who};
        work();
        return view;
    }
    CaseSummary now(const CaseRowView& view) { return case_of(view.receipt, view.who); }
    std::vector<std::string> before(std::string_view body) {
        std::vector<std::string> receipts;
        const auto found = casework_.escalations().to(body);
        EXPECT_TRUE(found) << found.error().message;
        for (const auto& one : *found) receipts.push_back(one.summary.receipt);
        return receipts;
    }
    void hours(int count) { clock_.advance(std::chrono::hours(count)); }

    catalogue::Pack own_ = escalating_pack();
};
INSTANTIATE_TEST_SUITE_P(Both, Escalating, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(Escalating, ACaseStandsBeforeTheSuperiorBodyAndNoOther) {
    const CaseRowView first = to_officer("first");
    hours(24);
    const CaseRowView second = to_officer("second");
    EXPECT_TRUE(before(kSuperior).empty());
    hours(24 * 9);
    work();
    EXPECT_THAT(before(kSuperior), testing::ElementsAre(first.receipt.receipt, second.receipt.receipt));
    EXPECT_TRUE(before("BY-MI").empty());
    EXPECT_TRUE(before(kBody).empty());
    EXPECT_EQ(casework_.escalations().open_at(kSuperior).value_or(-1), 2);
    const auto one = casework_.escalations().find(kSuperior, first.receipt.receipt);
    ASSERT_TRUE(one) << one.error().message;
    EXPECT_EQ(one->article, "Law, article 30");
    EXPECT_EQ(one->at, first.receipt.due_at);
    EXPECT_EQ(casework_.escalations().find("BY-MI", first.receipt.receipt).error().code, Code::not_found);
    const auto acts = *casework_.history(now(first));
    const auto ended = std::ranges::find(acts, "term.ended", &ledger::Act::kind);
    ASSERT_NE(ended, acts.end());
    EXPECT_EQ(string_or(ended->details, "superior", ""), kSuperior);
    EXPECT_EQ(string_or(ended->details, "effect", ""), "escalation");
    // Once it is answered it waits for nobody, and comes after those that do.
    ASSERT_TRUE(casework_.decide(now(first).id, officer(), refuse()));
    EXPECT_EQ(casework_.escalations().open_at(kSuperior).value_or(-1), 1);
    EXPECT_THAT(before(kSuperior), testing::ElementsAre(second.receipt.receipt, first.receipt.receipt));
}

TEST_P(Escalating, ABodyWithoutASuperiorStillOwesTheAnswer) {
    own_.services.front().provider = "BY-MVD";
    const Applicant who = applicant("siarhei");
    const CaseRowView view{submit(who, "77"), who};
    work();
    const auto* root = own_.government.find("BY-MVD");
    ASSERT_TRUE(root != nullptr && root->parent.empty());
    hours(24 * 9);
    work();
    EXPECT_THAT(acts_of(now(view)), Contains("term.ended"));
    EXPECT_EQ(count("SELECT count(*) FROM casework_escalation"), 0);
    EXPECT_EQ(now(view).clock, ClockState::ended);
}

TEST_P(Escalating, TheOfficerIsWarnedAtHalfAndAtFourFifthsOfTheTerm) {
    const CaseRowView view = to_officer();
    const CaseSummary begun = now(view);
    ASSERT_TRUE(begun.half_at && begun.most_at);
    EXPECT_LT(begun.submitted_at, *begun.half_at);
    EXPECT_LT(*begun.half_at, *begun.most_at);
    EXPECT_LT(*begun.most_at, begun.due_at);
    const auto second = std::chrono::seconds(1);
    EXPECT_EQ(used_up(begun, *begun.half_at - second), 0);
    EXPECT_EQ(used_up(begun, *begun.half_at), 50);
    EXPECT_EQ(used_up(begun, *begun.most_at), 80);
    EXPECT_EQ(used_up(begun, begun.due_at + second), 100);
    clock_.set(*begun.half_at);
    EXPECT_EQ(casework_.workloads().of(kBody)->half_used, 1);
    // What is used up stands with the clock.
    ASSERT_TRUE(casework_.consultations().ask(begun.id, officer(), {"BY-MVD"}, "Is it so?", *government::parse_short_term("20wd")));
    hours(24 * 9);
    EXPECT_EQ(casework_.used_up(now(view)), 50);
    ASSERT_TRUE(casework_.consultations().withdraw(begun.id, 1, officer()));
    EXPECT_EQ(casework_.used_up(now(view)), 50);
    clock_.set(*now(view).most_at);
    EXPECT_EQ(casework_.workloads().of(kBody)->most_used, 1);
    EXPECT_EQ(casework_.workloads().of(kBody)->half_used, 0);
    // With more time less of it is used up.
    ASSERT_TRUE(casework_.terms().extend(begun.id, officer(), *government::parse_short_term("2wd"), "The archive answers late.", "Law, article 15"));
    EXPECT_LT(casework_.used_up(now(view)), 80);
    ASSERT_TRUE(casework_.decide(begun.id, officer(), refuse()));
    EXPECT_EQ(casework_.used_up(now(view)), 0);
}

TEST_P(Escalating, ExtensionsAreCountedAgainstWhatTheLawAllows) {
    const CaseRowView view = to_officer();
    EXPECT_EQ(casework_.terms().extended(now(view))->times, 0);
    EXPECT_EQ(casework_.terms().extended(now(view))->most, 1);
    ASSERT_TRUE(casework_.terms().extend(now(view).id, officer(), *government::parse_short_term("1wd"), "The archive answers late.", "Law, article 15"));
    EXPECT_EQ(casework_.terms().extended(now(view))->times, 1);
    const auto again = casework_.terms().extend(now(view).id, officer(), *government::parse_short_term("1wd"), "Again.", "Law, article 15");
    EXPECT_EQ(again.error().code, Code::conflict);
    EXPECT_EQ(again.error().message, "this term is extended at most 1 times");
    ASSERT_TRUE(casework_.decide(now(view).id, officer(), refuse()));
    ASSERT_TRUE(casework_.procedures().reopen(now(view).id, officer(), "The lease was found.", "Law, article 4"));
    EXPECT_EQ(casework_.terms().extended(now(view))->times, 0);
}

}  // namespace
}  // namespace madang::casework
