#include "casework/fees.h"

#include <algorithm>

#include "base/text.h"
#include "casework/case_repository.h"
#include "casework/casework.h"
#include "documents/code.h"

namespace madang::casework {
namespace {

using store::Row;

constexpr const char* kColumns =
    "SELECT body, case_id, number, kind, state, amount, currency, provider, reference, at, settled_at, article, proof FROM casework_payment ";
constexpr const char* kInsert =
    "INSERT INTO casework_payment (body, case_id, number, kind, state, amount, currency, provider, reference, at, settled_at, article, proof)"
    " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)";
constexpr const char* kSettle = "UPDATE casework_payment SET state=$2, settled_at=$3, proof=$4, article=$5 WHERE reference=$1";

std::int64_t microseconds(Instant moment) { return moment.time_since_epoch().count(); }

Result<Payment> payment_of(const Row& row) {
    Payment found;
    found.body = row.text(0);
    TRY(found.case_id, CaseId::parse(row.text(1)));
    found.number = row.integer(2);
    found.kind = row.text(3) == "fee" ? Payment::Kind::fee : Payment::Kind::refund;
    found.state = row.text(4) == "due" ? Payment::State::due : row.text(4) == "paid" ? Payment::State::paid : Payment::State::exempt;
    found.amount = row.text(5);
    found.currency = row.text(6);
    found.provider = row.text(7);
    found.reference = row.text(8);
    found.at = Instant(std::chrono::microseconds(row.integer(9)));
    if (const auto settled = row.integer_if(10)) found.settled_at = Instant(std::chrono::microseconds(*settled));
    found.article = row.text(11);
    found.proof = row.text(12);
    return found;
}

}  // namespace

std::string_view name_of(Payment::Kind kind) { return kind == Payment::Kind::fee ? "fee" : "refund"; }

std::string_view name_of(Payment::State state) {
    return state == Payment::State::due ? "due" : state == Payment::State::paid ? "paid" : "exempt";
}

Result<void> Fees::insert(store::Tx& tx, const Payment& payment) {
    const store::Value settled = payment.settled_at ? store::Value(microseconds(*payment.settled_at)) : store::Value(std::monostate{});
    TRY_DO(tx.execute(kInsert, {payment.body, payment.case_id.text(), payment.number, std::string(name_of(payment.kind)), std::string(name_of(payment.state)),
                                payment.amount, payment.currency, payment.provider, payment.reference, microseconds(payment.at), settled, payment.article,
                                payment.proof}));
    return {};
}

Result<std::vector<Payment>> Fees::list(store::Reader& reader, const CaseSummary& summary) {
    return reader.all<Payment>(std::string(kColumns) + "WHERE body=$1 AND case_id=$2 ORDER BY number", {summary.body, summary.id.text()}, payment_of);
}

Result<bool> Fees::is_owed(const catalogue::Service& service, std::string_view exemption) {
    if (service.is_free() || exemption.empty()) return !service.is_free();
    if (service.find_exemption(exemption) == nullptr) return fail(Code::invalid, format("the service knows no exemption \"{}\"", exemption));
    return false;
}

Result<void> Fees::charge(store::Tx& tx, const CaseSummary& summary, const catalogue::Service& service, std::string_view exemption) {
    if (service.is_free()) return {};
    Payment fee{.body = summary.body, .case_id = summary.id, .number = 1, .amount = service.fee_amount, .currency = service.fee_currency,
                .provider = std::string(casework_.provider().name()), .reference = documents::make_code(casework_.parts_.random), .at = casework_.parts_.clock.now(),
                .settled_at = {}, .article = {}, .proof = {}};
    if (const catalogue::Exemption* found = service.find_exemption(exemption); found != nullptr) {
        fee.state = Payment::State::exempt;
        fee.article = found->article;
    }
    TRY_DO(insert(tx, fee));
    return casework_.record(tx, summary, fee.state == Payment::State::exempt ? "fee.exempted" : "fee.charged", "system", "system",
                            {{"amount", fee.amount}, {"currency", fee.currency}, {"article", fee.article}});
}

Result<void> Fees::refuse_exemption(const CaseId& id, const Officer& officer) {
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(CaseRow row, casework_.open_case(tx, officer.body, id));
        TRY_DO(casework_.desk().require_turn(tx, row, officer));
        TRY(const auto payments, list(tx, row.summary));
        const auto exempt = std::ranges::find(payments, Payment::State::exempt, &Payment::state);
        if (exempt == payments.end()) return fail(Code::conflict, "no exemption was claimed");
        if (row.summary.status != Status::with_officer) return fail(Code::conflict, "the case is not with an officer");
        TRY_DO(tx.execute(kSettle, {exempt->reference, std::string("due"), std::monostate{}, std::string(), std::string()}));
        row.summary.status = Status::awaiting_fee;
        TRY_DO(casework_.terms().suspend(tx, row, government::WaitingFor::applicant, "the fee is not paid", officer.account.text()));
        TRY_DO(casework_.record(tx, row.summary, "fee.exemption_refused", officer.account.text(), "officer", {{"article", exempt->article}}));
        return update_case(tx, row);
    });
}

// A case that waited for its fee goes on where it was.
Result<void> Fees::begin_work(store::Tx& tx, CaseRow& row, std::string_view actor) {
    row.summary.status = row.instance.empty() ? Status::received : Status::with_officer;
    TRY_DO(casework_.terms().resume(tx, row, actor));
    if (row.instance.empty()) TRY_DO(add_job(tx, row.summary.body, row.summary.id, casework_.parts_.clock.now()));
    tx.after_commit([this] { casework_.wake_worker(); });
    return update_case(tx, row);
}

Result<void> Fees::settle(const PaymentNotice& notice, std::string_view provider, std::string_view actor) {
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(const auto found, tx.first<Payment>(std::string(kColumns) + "WHERE reference=$1", {notice.reference}, payment_of));
        if (!found || found->provider != provider) return fail(Code::not_found, "there is no payment with this reference");
        const bool refunds = notice.state == PaymentNotice::State::refunded;
        if (refunds != (found->kind == Payment::Kind::refund)) return fail(Code::invalid, "the reference is of another kind of payment");
        if (found->state == Payment::State::paid) return {};   // the notice came twice
        if (found->state != Payment::State::due) return fail(Code::conflict, "nothing is due for this reference");
        if (found->amount != notice.amount || found->currency != notice.currency) {
            return fail(Code::invalid, format("{} {} is due, not {} {}", found->amount, found->currency, notice.amount, notice.currency));
        }
        TRY_DO(tx.execute(kSettle, {found->reference, std::string("paid"), microseconds(casework_.parts_.clock.now()), notice.proof, found->article}));
        TRY(CaseRow row, casework_.case_row(tx, found->body, found->case_id));
        TRY_DO(casework_.record(tx, row.summary, refunds ? "fee.refunded" : "fee.paid", std::string(actor), "system",
                                {{"amount", found->amount}, {"currency", found->currency}, {"provider", provider}}));
        if (refunds) return {};
        // Paid after the applicant withdrew: it goes back.
        if (is_closed(row.summary.status)) return refund(tx, row.summary, "withdrawn", "");
        return row.summary.status == Status::awaiting_fee ? begin_work(tx, row, "system") : Result<void>();
    });
}

Result<void> Fees::pay_at_desk(std::string_view receipt, const Officer& cashier, std::string_view cash_receipt) {
    TRY(const std::string proof, tidy_line(cash_receipt));
    if (proof.empty() || proof.size() > 100) return fail(Code::invalid, "the number of the cash receipt has 1 to 100 bytes");
    TRY(const CaseSummary summary, casework_.find_for_officer(receipt, cashier));
    TRY(const auto payments, of_case(summary));
    const auto due = std::ranges::find_if(payments, [](const Payment& one) { return one.kind == Payment::Kind::fee && one.state == Payment::State::due; });
    if (due == payments.end()) return fail(Code::conflict, "nothing is due for this case");
    return settle({.reference = due->reference, .state = PaymentNotice::State::paid, .amount = due->amount, .currency = due->currency, .proof = proof}, due->provider,
                  cashier.account.text());
}

Result<void> Fees::refund(store::Tx& tx, const CaseSummary& summary, std::string_view why, std::string_view article) {
    TRY(const auto payments, list(tx, summary));
    const auto paid = std::ranges::find_if(payments, [](const Payment& one) { return one.kind == Payment::Kind::fee && one.state == Payment::State::paid; });
    const bool before = std::ranges::any_of(payments, [](const Payment& one) { return one.kind == Payment::Kind::refund; });
    if (paid == payments.end() || before) return {};
    Payment refund = *paid;
    refund.number = static_cast<std::int64_t>(payments.size()) + 1;
    refund.kind = Payment::Kind::refund;
    refund.state = Payment::State::due;
    refund.reference = documents::make_code(casework_.parts_.random);
    refund.at = casework_.parts_.clock.now();
    refund.settled_at.reset();
    refund.article = article;
    refund.proof.clear();
    TRY_DO(insert(tx, refund));
    return casework_.record(tx, summary, "fee.refund_ordered", "system", "system",
                            {{"amount", refund.amount}, {"currency", refund.currency}, {"why", why}, {"article", article}});
}

Result<std::vector<Payment>> Fees::of_case(const CaseSummary& summary) {
    return casework_.parts_.store.read<std::vector<Payment>>([&](store::Reader& reader) { return list(reader, summary); });
}

Result<std::vector<Payment>> Fees::refunds_due(std::string_view provider) {
    return casework_.parts_.store.read<std::vector<Payment>>([&](store::Reader& reader) {
        return reader.all<Payment>(std::string(kColumns) + "WHERE state='due' AND kind='refund' AND provider=$1 ORDER BY at LIMIT 500", {std::string(provider)}, payment_of);
    });
}

Result<std::optional<std::string>> Fees::pay_address(const CaseSummary& summary) {
    TRY(const auto payments, of_case(summary));
    for (const Payment& one : payments) {
        if (one.kind == Payment::Kind::fee && one.state == Payment::State::due) {
            return std::optional(casework_.provider().address_of({one.reference, one.amount, one.currency}));
        }
    }
    return std::optional<std::string>();
}

}  // namespace madang::casework
