// A procedure with a fee, four eyes, letters and appeals, for the tests of what it needs beside its application.
#pragma once

#include "base/text.h"
#include "casework/casework_fixture.h"

namespace madang::casework {

inline const catalogue::Pack& strict_pack() {
    static const catalogue::Pack strict = make_strict_pack();
    return strict;
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
    identity::Access own(const CaseRowView& view) { return {.who = view.who.account, .capacity = "self", .body = {}, .case_id = {}, .legal_ground = kGround}; }
    PaymentNotice notice(const Payment& payment, PaymentNotice::State state) {
        const std::string body = json::serialize(json::value{{"reference", payment.reference}, {"state", state == PaymentNotice::State::paid ? "paid" : "refunded"},
                                                             {"amount", payment.amount}, {"currency", payment.currency}, {"proof", "P-1"}});
        const auto read = casework_.provider().read_notice(body, sign_notice(Bytes(32, 7), body));
        EXPECT_TRUE(read) << read.error().message;
        return *read;
    }
};

}  // namespace madang::casework
