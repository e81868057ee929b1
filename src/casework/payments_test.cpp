// Fees over a payment provider that gives notice, over both stores.
#include <gmock/gmock.h>

#include "casework/procedure_fixture.h"

namespace madang::casework {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class PaymentsIn : public ProcedureIn {};
INSTANTIATE_TEST_SUITE_P(Both, PaymentsIn, testing::ValuesIn(store::scratch_kinds()), [](const auto& kind) { return kind.param; });

TEST_P(PaymentsIn, NothingBeginsBeforeTheFeeIsPaid) {
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

TEST_P(PaymentsIn, ANoticeNeedsTheSharedSecret) {
    const std::string body = R"({"reference":"X","state":"paid","amount":"12.50","currency":"BYN","proof":"P-1"})";
    EXPECT_EQ(casework_.provider().read_notice(body, sign_notice(Bytes(32, 8), body)).error().code, Code::denied);
    EXPECT_EQ(casework_.provider().read_notice(body + " ", sign_notice(Bytes(32, 7), body)).error().code, Code::denied);
    EXPECT_EQ(casework_.provider().read_notice("{}", sign_notice(Bytes(32, 7), "{}")).error().code, Code::invalid);
    EXPECT_EQ(make_webhook("https://pay.example", Bytes(31, 7)).error().code, Code::invalid);
    EXPECT_EQ(make_webhook("http://pay.example", Bytes(32, 7)).error().code, Code::invalid);
}

TEST_P(PaymentsIn, AnExemptionIsByAnArticleAndCanBeRefused) {
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

}  // namespace
}  // namespace madang::casework
