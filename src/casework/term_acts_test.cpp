// The clock of a case as acts: its start, days off that are declared, what the law lets happen at its end; over both stores.
#include <gmock/gmock.h>

#include "base/text.h"
#include "base/time_text.h"
#include "casework/case_repository.h"
#include "casework/procedure_fixture.h"

namespace madang::casework {
namespace {

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

class TermActsIn : public ProcedureIn {};
INSTANTIATE_TEST_SUITE_P(Both, TermActsIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

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

TEST_P(TermActsIn, TheStartOfTheClockAndItsFirstStopAreActs) {
    const CaseRowView view = submit_to_officer(applicant("siarhei"), "");
    EXPECT_THAT(acts_of(now(view)), testing::IsSupersetOf({"term.started", "term.suspended"}));
    for (const auto& act : *casework_.history(now(view))) {
        if (act.kind == "term.started" || act.kind == "term.suspended") EXPECT_TRUE(act.details.contains("due_at")) << act.kind;
    }
}

TEST_P(TermActsIn, WhatTheLawSaysHappensWhenTheTermEnds) {
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

TEST_P(TermActsIn, TheLawDecidesACaseThatItsProcessCannotWorkOn) {
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

}  // namespace
}  // namespace madang::casework
