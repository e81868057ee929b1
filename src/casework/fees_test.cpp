// What is paid, not paid, exempt and given back, over both stores, with a cash desk as the house has it by default.
#include <gmock/gmock.h>

#include "base/text.h"
#include "base/time_text.h"
#include "casework/casework_fixture.h"

namespace madang::casework {
namespace {

using testing::Contains;
using testing::HasSubstr;

const catalogue::Pack& paid_pack() {
    static const catalogue::Pack paid = [] {
        catalogue::Pack changed = pack();
        catalogue::Service& service = changed.services.front();
        service.fee_amount = "12.50";
        service.exemptions = {{"large-family", "A large family", "Law, article 5"}};
        service.refunds = {{"withdrawn", "Law, article 6"}, {"late", "Law, article 7"}, {"merged", "Law, article 8"}};
        service.pay_by = catalogue::PayBy{*government::parse_term({{"kind", "working_days"}, {"count", 5}}, "test"), "Law, article 4"};
        return changed;
    }();
    return paid;
}

class FeesIn : public CaseworkFixture {
protected:
    FeesIn() : CaseworkFixture(paid_pack()) {}

    CaseRowView apply(std::string exemption = "", const std::string& key = "key") {
        const Applicant who = applicant("siarhei");
        const auto outcome = casework_.submit({.service = kService, .applicant = who, .language = "en", .idempotency_key = key, .answers = answers("77"), .exemption = std::move(exemption)});
        EXPECT_TRUE(outcome && outcome->receipt);
        work();
        return {*outcome->receipt, who};
    }
    CaseSummary now(const CaseRowView& view) { return case_of(view.receipt, view.who); }
    CaseRowView paid(const std::string& key = "key") {
        const CaseRowView view = apply("", key);
        EXPECT_TRUE(casework_.fees().pay_at_desk(view.receipt.receipt, officer(), "K-1"));
        work();
        EXPECT_EQ(now(view).status, Status::with_officer);
        return view;
    }
    std::vector<std::string> payments_of(const CaseRowView& view) {
        std::vector<std::string> all;
        for (const Payment& one : *casework_.fees().of_case(now(view))) {
            all.push_back(format("{} {} {} {}", name_of(one.kind), name_of(one.state), one.why, one.article));
        }
        return all;
    }
};
INSTANTIATE_TEST_SUITE_P(Both, FeesIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(FeesIn, ARefundIsPaidOutAtTheDeskOnceByAPersonWhoIsNotTheApplicant) {
    const CaseRowView view = paid();
    EXPECT_EQ(casework_.fees().pay_out_at_desk(view.receipt.receipt, officer(), "V-1").error().code, Code::conflict) << "nothing is due";
    ASSERT_TRUE(casework_.procedures().withdraw(now(view), view.who.account));
    const auto due = casework_.fees().refunds_at_desk(kBody);
    ASSERT_TRUE(due) << due.error().message;
    ASSERT_EQ(due->size(), 1U);
    EXPECT_EQ(due->front().summary.receipt, view.receipt.receipt);
    EXPECT_EQ(due->front().payment.article, "Law, article 6");
    EXPECT_EQ(casework_.fees().pay_out_at_desk(view.receipt.receipt, officer(), " ").error().code, Code::invalid);
    Officer siarhei = officer();
    siarhei.person = view.who.person;
    EXPECT_EQ(casework_.fees().pay_out_at_desk(view.receipt.receipt, siarhei, "V-1").error().code, Code::denied);
    EXPECT_EQ(casework_.fees().pay_at_desk(apply("", "unpaid").receipt.receipt, siarhei, "K-9").error().code, Code::denied) << "nor says that an own fee was paid";
    ASSERT_TRUE(casework_.fees().pay_out_at_desk(view.receipt.receipt, officer(), "V-1"));
    EXPECT_EQ(casework_.fees().pay_out_at_desk(view.receipt.receipt, officer(), "V-1").error().code, Code::conflict) << "once";
    EXPECT_TRUE(casework_.fees().refunds_at_desk(kBody)->empty());
    EXPECT_THAT(acts_of(now(view)), Contains("fee.refunded"));
}

TEST_P(FeesIn, WhatIsOpenedAgainIsNotFree) {
    const CaseRowView view = paid();
    ASSERT_TRUE(casework_.procedures().withdraw(now(view), view.who.account));
    ASSERT_TRUE(casework_.procedures().reopen(now(view).id, officer(), "A mistake.", "Law, article 10"));
    work();
    EXPECT_EQ(now(view).status, Status::with_officer) << "the fee stays paid";
    EXPECT_THAT(payments_of(view), testing::ElementsAre("fee paid  ", "refund cancelled withdrawn Law, article 6"));
    ASSERT_TRUE(casework_.procedures().withdraw(now(view), view.who.account));
    ASSERT_TRUE(casework_.fees().pay_out_at_desk(view.receipt.receipt, officer(), "V-1"));
    ASSERT_TRUE(casework_.procedures().reopen(now(view).id, officer(), "A mistake.", "Law, article 10"));
    work();
    EXPECT_EQ(now(view).status, Status::awaiting_fee) << "it was given back, so it is owed again";
    EXPECT_TRUE((**casework_.terms().explain(now(view))).suspended);
    ASSERT_TRUE(casework_.fees().pay_at_desk(view.receipt.receipt, officer(), "K-2"));
    work();
    EXPECT_EQ(now(view).status, Status::with_officer);
}

TEST_P(FeesIn, AJoinedCaseGivesTheFeeBackByItsArticle) {
    const CaseRowView first = paid("first");
    const CaseRowView second = paid("second");
    ASSERT_TRUE(casework_.procedures().merge(now(second).id, now(first).id, officer()));
    EXPECT_THAT(payments_of(second), Contains("refund due merged Law, article 8"));
}

TEST_P(FeesIn, AnExemptionIsRefusedByALetterWithReasonArticleAndADayToPayBy) {
    const CaseRowView view = apply("large-family");
    EXPECT_EQ(casework_.fees().refuse_exemption(now(view).id, officer(), "").error().code, Code::invalid);
    ASSERT_TRUE(casework_.fees().refuse_exemption(now(view).id, officer(), "The register knows two children."));
    EXPECT_EQ(now(view).status, Status::awaiting_fee);
    const auto messages = casework_.letters().messages(now(view), {.who = view.who.account, .capacity = "self", .body = {}, .case_id = {}, .legal_ground = kGround});
    ASSERT_TRUE(messages);
    ASSERT_EQ(messages->size(), 1U);
    EXPECT_EQ(messages->front().kind, Message::Kind::fee);
    EXPECT_EQ(messages->front().text, "The register knows two children.");
    EXPECT_EQ(messages->front().items, std::vector<std::string>{"Law, article 5"});
    ASSERT_TRUE(messages->front().reply_by);
    EXPECT_EQ(casework_.fees().of_case(now(view))->front().pay_by, messages->front().reply_by);
    ASSERT_TRUE(casework_.fees().pay_at_desk(view.receipt.receipt, officer(), "K-1"));
    EXPECT_EQ(now(view).status, Status::with_officer);
    clock_.advance(std::chrono::days(30));
    work();
    EXPECT_NE(now(view).status, Status::lapsed) << "it was paid";
}

TEST_P(FeesIn, ACaseThatNobodyPaysForIsClosedByTheArticleOfTheService) {
    const CaseRowView view = apply();
    const Instant by = *casework_.fees().of_case(now(view))->front().pay_by;
    EXPECT_EQ(format_date(pack().government.time_zone().date(by)), "2026-11-30");
    clock_.advance(by - clock_.now());
    work();
    EXPECT_EQ(now(view).status, Status::awaiting_fee) << "the last moment still counts";
    clock_.advance(std::chrono::hours(50));
    work();
    EXPECT_EQ(now(view).status, Status::lapsed);
    EXPECT_EQ(now(view).decided_by, "law:Law, article 4");
    EXPECT_EQ(now(view).decided_at, by) << "by law it ended then, whenever the house saw it";
    EXPECT_THAT(acts_of(now(view)), testing::IsSupersetOf({"fee.unpaid", "term.stopped"}));
    // The money was on its way.
    ASSERT_TRUE(casework_.fees().pay_at_desk(view.receipt.receipt, officer(), "K-1"));
    EXPECT_THAT(payments_of(view), Contains(HasSubstr("refund due paid_after_closing " + pack().services.front().legal_ground())));
    ASSERT_TRUE(casework_.procedures().reopen(now(view).id, officer(), "It was paid.", "Law, article 10"));
    work();
    EXPECT_EQ(now(view).status, Status::with_officer);
}

}  // namespace
}  // namespace madang::casework
