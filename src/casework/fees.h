// What a service costs: charged at the submission, waived by an article of law, paid at the cash desk or by a provider, and
// given back where the law says so. Each step is an official act; a notice that comes twice counts once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "casework/case.h"
#include "casework/payment.h"
#include "store/store.h"

namespace madang::catalogue {
struct Service;
}

namespace madang::casework {

class Casework;
struct CaseRow;
struct Officer;

struct Payment {
    enum class Kind { fee, refund };
    enum class State { due, paid, exempt, cancelled };   // a refund that is paid was given back; one is cancelled by a reopening
    std::string body;
    CaseId case_id;
    std::int64_t number = 0;     // in the case, from 1
    Kind kind = Kind::fee;
    State state = State::due;
    std::string amount, currency, provider, reference;
    Instant at{};
    std::optional<Instant> settled_at;
    std::string article;         // of the exemption or the refund; source text
    std::string proof;           // number of the cash receipt, or the provider's
    std::string why = {};        // of a refund: "withdrawn", "refused", "late", "merged", "paid_after_closing"
    std::optional<Instant> pay_by = {};   // of a fee that is due; the case ends then
};
std::string_view name_of(Payment::Kind kind);
std::string_view name_of(Payment::State state);

class Fees {
public:
    explicit Fees(Casework& casework) : casework_(casework) {}

    // Whether something must be paid before work begins. An exemption is granted as claimed and can be refused by the officer.
    // Code::invalid for an exemption that the service has not.
    static Result<bool> is_owed(const catalogue::Service& service, std::string_view exemption);
    // Inside a submission.
    Result<void> charge(store::Tx& tx, const CaseSummary& summary, const catalogue::Service& service, std::string_view exemption);
    // An exemption that was not due: the applicant is written to, with the reason, the article and the day to pay by, and the
    // case waits for the fee.
    Result<void> refuse_exemption(const CaseId& id, const Officer& officer, std::string_view reason);
    // Closes a case whose fee was not paid in time, by the article of the service. False where none is. One that fails holds up
    // no other.
    Result<bool> work_once(Instant now);
    // Inside another command: the fee is owed still, but nothing follows from its not being paid.
    Result<void> leave_unpaid(store::Tx& tx, const CaseSummary& summary);
    // Inside a reopening: a refund that was not given yet is cancelled, a fee that was given back is owed again (but one that
    // went back because the body was late). Whether something must be paid before work begins.
    Result<bool> charge_again(store::Tx& tx, const CaseSummary& summary);

    // The money came. Code::not_found for a reference of nothing, Code::invalid for another amount; twice the same is no error.
    Result<void> settle(const PaymentNotice& notice, std::string_view provider, std::string_view actor);
    // The same at the desk, by the receipt number of the case. Code::denied for one's own.
    Result<void> pay_at_desk(std::string_view receipt, const Officer& cashier, std::string_view cash_receipt);

    // A refund is paid out at the cash desk, by the receipt number of the case. Code::conflict where none is due or a payment
    // provider gives it, Code::denied for one's own.
    Result<void> pay_out_at_desk(std::string_view receipt, const Officer& cashier, std::string_view voucher);

    // What was paid goes back, once. Without an article: by the service's for that case, else by its legal ground.
    Result<void> refund(store::Tx& tx, const CaseSummary& summary, std::string_view why, std::string_view article);

    Result<std::vector<Payment>> of_case(const CaseSummary& summary);
    // Refunds that a provider has to give, oldest first; at most 500.
    Result<std::vector<Payment>> refunds_due(std::string_view provider);
    // Whether a refund is given at the cash desk, not by the provider of the house.
    bool given_at_desk(const Payment& refund) const;
    // What a body pays out at its desk, oldest first; at most 500.
    struct RefundDue {
        CaseSummary summary;
        Payment payment;
    };
    Result<std::vector<RefundDue>> refunds_at_desk(const std::string& body);
    // Where the applicant pays what is due; empty where at the desk, nothing where nothing is due.
    Result<std::optional<std::string>> pay_address(const CaseSummary& summary);

private:
    Result<std::vector<Payment>> list(store::Reader& reader, const CaseSummary& summary);
    Result<void> insert(store::Tx& tx, const Payment& payment);
    Result<std::optional<Instant>> pay_by(const catalogue::Service& service, const std::string& body);
    Result<void> end_unpaid(store::Tx& tx, CaseRow& row, const Payment& fee);
    // Nobody takes or gives money in a case of their own.
    Result<void> require_other(const CaseSummary& summary, const Officer& cashier);
    Result<void> begin_work(store::Tx& tx, CaseRow& row, std::string_view actor);

    Casework& casework_;
};

}  // namespace madang::casework
