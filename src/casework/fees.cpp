#include "casework/fees.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "base/time_text.h"
#include "casework/case_repository.h"
#include "casework/casework.h"
#include "casework/impartial.h"
#include "documents/code.h"

namespace madang::casework {
namespace {

using store::Row;

constexpr const char* kColumns =
    "SELECT body, case_id, number, kind, state, amount, currency, provider, reference, at, settled_at, article, proof, why, pay_by FROM casework_payment ";
constexpr const char* kInsert =
    "INSERT INTO casework_payment (body, case_id, number, kind, state, amount, currency, provider, reference, at, settled_at, article, proof, why, pay_by)"
    " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15)";
constexpr const char* kSettle = "UPDATE casework_payment SET state=$2, settled_at=$3, proof=$4, article=$5 WHERE reference=$1";

constexpr const char* kDemand = "UPDATE casework_payment SET state='due', article='', pay_by=$2 WHERE reference=$1";
constexpr const char* kNextUnpaid = "WHERE pay_by<$1 AND state='due' AND kind='fee' AND ";
constexpr const char* kLeaveUnpaid = "UPDATE casework_payment SET pay_by=NULL WHERE body=$1 AND case_id=$2 AND kind='fee' AND state='due'";
constexpr const char* kOfBody = "WHERE body=$1 AND state='due' AND kind='refund' ORDER BY at LIMIT 500";
constexpr std::string_view kLate = "late";

std::int64_t microseconds(Instant moment) { return moment.time_since_epoch().count(); }

constexpr std::array<std::pair<Payment::State, std::string_view>, 4> kStates{{{Payment::State::due, "due"},
                                                                              {Payment::State::paid, "paid"},
                                                                              {Payment::State::exempt, "exempt"},
                                                                              {Payment::State::cancelled, "cancelled"}}};

Result<Payment::State> parse_state(std::string_view text) {
    for (const auto& [state, name] : kStates) {
        if (name == text) return state;
    }
    return fail(Code::corrupted, format("there is no state of a payment \"{}\"", text));
}

store::Value moment_or_null(const std::optional<Instant>& moment) {
    return moment ? store::Value(microseconds(*moment)) : store::Value(std::monostate{});
}

// Not cancelled, and not because the body was late: it leaves the case unpaid.
bool takes_back(const Payment& one) { return one.kind == Payment::Kind::refund && one.state != Payment::State::cancelled && one.why != kLate; }

Result<Payment> payment_of(const Row& row) {
    Payment found;
    found.body = row.text(0);
    TRY(found.case_id, CaseId::parse(row.text(1)));
    found.number = row.integer(2);
    found.kind = row.text(3) == "fee" ? Payment::Kind::fee : Payment::Kind::refund;
    TRY(found.state, parse_state(row.text(4)));
    found.amount = row.text(5);
    found.currency = row.text(6);
    found.provider = row.text(7);
    found.reference = row.text(8);
    found.at = Instant(std::chrono::microseconds(row.integer(9)));
    if (const auto settled = row.integer_if(10)) found.settled_at = Instant(std::chrono::microseconds(*settled));
    found.article = row.text(11);
    found.proof = row.text(12);
    found.why = row.text(13);
    if (const auto by = row.integer_if(14)) found.pay_by = Instant(std::chrono::microseconds(*by));
    return found;
}

}  // namespace

std::string_view name_of(Payment::Kind kind) { return kind == Payment::Kind::fee ? "fee" : "refund"; }

std::string_view name_of(Payment::State state) {
    for (const auto& [value, name] : kStates) {
        if (value == state) return name;
    }
    std::unreachable();
}

Result<void> Fees::insert(store::Tx& tx, const Payment& payment) {
    TRY_DO(tx.execute(kInsert, {payment.body, payment.case_id.text(), payment.number, std::string(name_of(payment.kind)), std::string(name_of(payment.state)),
                                payment.amount, payment.currency, payment.provider, payment.reference, microseconds(payment.at), moment_or_null(payment.settled_at),
                                payment.article, payment.proof, payment.why, moment_or_null(payment.pay_by)}));
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
    if (fee.state == Payment::State::due) {
        TRY(fee.pay_by, pay_by(service, summary.body));
    }
    TRY_DO(insert(tx, fee));
    json::object details{{"amount", fee.amount}, {"currency", fee.currency}, {"article", fee.article}};
    if (fee.pay_by) details["pay_by"] = format_instant(*fee.pay_by);
    return casework_.record(tx, summary, fee.state == Payment::State::exempt ? "fee.exempted" : "fee.charged", "system", "system", std::move(details));
}

Result<std::optional<Instant>> Fees::pay_by(const catalogue::Service& service, const std::string& body) {
    if (!service.pay_by) return std::optional<Instant>();
    TRY(const government::DueDate due, casework_.parts_.pack.government.due_at(body, casework_.parts_.clock.now(), service.pay_by->term));
    return std::optional(due.at);
}

Result<void> Fees::refuse_exemption(const CaseId& id, const Officer& officer, std::string_view given) {
    TRY(const std::string reason, tidy_lines(given));
    if (reason.empty() || count_code_points(reason) > kMaxMessage) return fail(Code::invalid, format("the reason has 1 to {} characters", kMaxMessage));
    return casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY(CaseRow row, casework_.undecided_case(tx, officer.body, id));
        TRY_DO(casework_.desk().require_turn(tx, row, officer));
        TRY(const auto payments, list(tx, row.summary));
        const auto exempt = std::ranges::find(payments, Payment::State::exempt, &Payment::state);
        if (exempt == payments.end()) return fail(Code::conflict, "no exemption was claimed");
        if (row.summary.status != Status::with_officer) return fail(Code::conflict, "the case is not with an officer");
        const catalogue::Service* service = casework_.parts_.pack.find_service(row.summary.service);
        if (service == nullptr) return fail(Code::not_found, "the pack has this service no more");
        TRY(const auto by, pay_by(*service, row.summary.body));
        TRY_DO(tx.execute(kDemand, {exempt->reference, moment_or_null(by)}));
        TRY_DO(casework_.letters().add(tx, row.summary, {.kind = Message::Kind::fee, .author = officer.account.text(), .text = reason, .items = {exempt->article}, .reply_by = by}, {}));
        row.summary.status = Status::awaiting_fee;
        TRY_DO(casework_.terms().suspend(tx, row, government::WaitingFor::applicant, "the fee is not paid", officer.account.text()));
        json::object details{{"article", exempt->article}, {"amount", exempt->amount}, {"currency", exempt->currency}};
        if (by) details["pay_by"] = format_instant(*by);
        if (const std::string whom = Desk::acting_for(row, officer); !whom.empty()) details["for"] = whom;
        TRY_DO(casework_.record(tx, row.summary, "fee.exemption_refused", officer.account.text(), "officer", std::move(details)));
        return update_case(tx, row);
    });
}

// A case that waited for its fee goes on where it was.
Result<void> Fees::begin_work(store::Tx& tx, CaseRow& row, std::string_view actor) {
    row.summary.status = row.instance.empty() ? Status::received : Status::with_officer;
    TRY_DO(casework_.resume_if_free(tx, row, actor));
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
        TRY_DO(Troubles::over(tx, {found->body, found->case_id, Work::fee, 0}));
        TRY(CaseRow row, casework_.case_row(tx, found->body, found->case_id));
        TRY_DO(casework_.record(tx, row.summary, refunds ? "fee.refunded" : "fee.paid", std::string(actor), "system",
                                {{"amount", found->amount}, {"currency", found->currency}, {"provider", provider}}));
        if (refunds) return {};
        // The money was on its way when the case ended: it goes back.
        if (is_closed(row.summary.status)) return refund(tx, row.summary, row.summary.status == Status::withdrawn ? "withdrawn" : "paid_after_closing", "");
        return row.summary.status == Status::awaiting_fee ? begin_work(tx, row, "system") : Result<void>();
    });
}

Result<void> Fees::require_other(const CaseSummary& summary, const Officer& cashier) {
    TRY_DO(casework_.parts_.store.read<bool>([&](store::Reader& reader) -> Result<bool> {
        TRY_DO(require_impartial(reader, summary, cashier, casework_.parts_.mandates, casework_.parts_.clock.now()));
        return true;
    }));
    return {};
}

Result<void> Fees::pay_at_desk(std::string_view receipt, const Officer& cashier, std::string_view cash_receipt) {
    TRY(const std::string proof, tidy_line(cash_receipt));
    if (proof.empty() || proof.size() > 100) return fail(Code::invalid, "the number of the cash receipt has 1 to 100 bytes");
    TRY(const CaseSummary summary, casework_.find_for_officer(receipt, cashier));
    TRY_DO(require_other(summary, cashier));
    TRY(const auto payments, of_case(summary));
    const auto due = std::ranges::find_if(payments, [](const Payment& one) { return one.kind == Payment::Kind::fee && one.state == Payment::State::due; });
    if (due == payments.end()) return fail(Code::conflict, "nothing is due for this case");
    return settle({.reference = due->reference, .state = PaymentNotice::State::paid, .amount = due->amount, .currency = due->currency, .proof = proof}, due->provider,
                  cashier.account.text());
}

Result<void> Fees::refund(store::Tx& tx, const CaseSummary& summary, std::string_view why, std::string_view article) {
    TRY(const auto payments, list(tx, summary));
    const auto is_paid = [](const Payment& one) { return one.kind == Payment::Kind::fee && one.state == Payment::State::paid; };
    const auto goes_back = [](const Payment& one) { return one.kind == Payment::Kind::refund && one.state != Payment::State::cancelled; };
    if (std::ranges::count_if(payments, is_paid) <= std::ranges::count_if(payments, goes_back)) return {};
    const catalogue::Service* service = casework_.parts_.pack.find_service(summary.service);
    const catalogue::Refund* by_law = service == nullptr ? nullptr : service->find_refund(why);
    Payment refund = *std::ranges::find_if(payments.rbegin(), payments.rend(), is_paid);
    refund.number = static_cast<std::int64_t>(payments.size()) + 1;
    refund.kind = Payment::Kind::refund;
    refund.state = Payment::State::due;
    refund.reference = documents::make_code(casework_.parts_.random);
    refund.at = casework_.parts_.clock.now();
    refund.settled_at.reset();
    refund.why = why;
    refund.article = article;
    if (article.empty()) refund.article = by_law != nullptr ? by_law->article : service != nullptr ? service->legal_ground() : summary.applicant.legal_ground;
    refund.proof.clear();
    TRY_DO(insert(tx, refund));
    return casework_.record(tx, summary, "fee.refund_ordered", "system", "system",
                            {{"amount", refund.amount}, {"currency", refund.currency}, {"why", why}, {"article", refund.article}});
}

bool Fees::given_at_desk(const Payment& refund) const {
    return refund.provider == make_cash_desk()->name() || refund.provider != casework_.provider().name();
}

Result<void> Fees::pay_out_at_desk(std::string_view receipt, const Officer& cashier, std::string_view voucher) {
    TRY(const std::string proof, tidy_line(voucher));
    if (proof.empty() || proof.size() > 100) return fail(Code::invalid, "the number of the cash voucher has 1 to 100 bytes");
    TRY(const CaseSummary summary, casework_.find_for_officer(receipt, cashier));
    TRY_DO(require_other(summary, cashier));
    TRY(const auto payments, of_case(summary));
    const auto due = std::ranges::find_if(payments, [](const Payment& one) { return one.kind == Payment::Kind::refund && one.state == Payment::State::due; });
    if (due == payments.end()) return fail(Code::conflict, "no refund is due for this case");
    if (!given_at_desk(*due)) return fail(Code::conflict, "the payment provider gives this back, not the cash desk");
    return settle({.reference = due->reference, .state = PaymentNotice::State::refunded, .amount = due->amount, .currency = due->currency, .proof = proof}, due->provider,
                  cashier.account.text());
}

Result<bool> Fees::charge_again(store::Tx& tx, const CaseSummary& summary) {
    const catalogue::Service* service = casework_.parts_.pack.find_service(summary.service);
    if (service == nullptr) return fail(Code::not_found, "the pack has this service no more");
    TRY(auto payments, list(tx, summary));
    for (Payment& one : payments) {
        if (!takes_back(one) || one.state != Payment::State::due) continue;
        TRY_DO(tx.execute(kSettle, {one.reference, std::string("cancelled"), microseconds(casework_.parts_.clock.now()), one.proof, one.article}));
        TRY_DO(casework_.record(tx, summary, "fee.refund_cancelled", "system", "system", {{"amount", one.amount}, {"currency", one.currency}, {"why", one.why}}));
        one.state = Payment::State::cancelled;
    }
    const auto last = std::ranges::find(payments.rbegin(), payments.rend(), Payment::Kind::fee, &Payment::kind);
    if (last == payments.rend() || last->state == Payment::State::exempt) return false;
    TRY(const auto by, pay_by(*service, summary.body));
    if (last->state == Payment::State::due) {
        TRY_DO(tx.execute(kDemand, {last->reference, moment_or_null(by)}));
        return true;
    }
    const auto paid = std::ranges::count_if(payments, [](const Payment& one) { return one.kind == Payment::Kind::fee && one.state == Payment::State::paid; });
    if (paid > std::ranges::count_if(payments, takes_back)) return false;
    Payment fee{.body = summary.body, .case_id = summary.id, .number = static_cast<std::int64_t>(payments.size()) + 1, .amount = service->fee_amount,
                .currency = service->fee_currency, .provider = std::string(casework_.provider().name()), .reference = documents::make_code(casework_.parts_.random),
                .at = casework_.parts_.clock.now(), .settled_at = {}, .article = {}, .proof = {}, .why = {}, .pay_by = by};
    TRY_DO(insert(tx, fee));
    TRY_DO(casework_.record(tx, summary, "fee.charged", "system", "system", {{"amount", fee.amount}, {"currency", fee.currency}}));
    return true;
}

// Nobody decides on a request that was not paid for: the case is closed by the article that the service names.
Result<void> Fees::end_unpaid(store::Tx& tx, CaseRow& row, const Payment& fee) {
    const catalogue::Service* service = casework_.parts_.pack.find_service(row.summary.service);
    const std::string article = service != nullptr && service->pay_by ? service->pay_by->article : std::string();
    row.summary.decided_at = fee.pay_by;
    row.summary.decided_by = format("law:{}", article);
    row.summary.article = article;
    row.summary.status = Status::lapsed;
    json::object details{{"effect", "lapse"}, {"article", article}, {"pay_by", format_instant(*fee.pay_by)}};
    TRY(const CaseContent content, casework_.content_of(tx, row));
    TRY_DO(casework_.decisions().add(tx, row.summary, content, Effect::unpaid, details));
    TRY_DO(casework_.record(tx, row.summary, "fee.unpaid", "system", "system", std::move(details)));
    return casework_.procedures().close(tx, row, Status::lapsed, "system");
}

Result<bool> Fees::work_once(Instant now) {
    static const std::string query = std::string(kColumns) + kNextUnpaid + not_in_trouble("casework_payment", Work::fee) + " ORDER BY pay_by LIMIT 1";
    TRY(const auto unpaid, casework_.parts_.store.read<std::optional<Payment>>(
                               [&](store::Reader& reader) { return reader.first<Payment>(query, {microseconds(now)}, payment_of); }));
    if (!unpaid) return false;
    const auto ended = casework_.parts_.store.write([&](store::Tx& tx) -> Result<void> {
        TRY_DO(Troubles::over(tx, {unpaid->body, unpaid->case_id, Work::fee, 0}));
        TRY(const auto current, tx.first<Payment>(std::string(kColumns) + "WHERE reference=$1", {unpaid->reference}, payment_of));
        if (!current || current->state != Payment::State::due || !current->pay_by) return {};   // another node was faster
        TRY_DO(tx.execute(kDemand, {unpaid->reference, std::monostate{}}));
        TRY(CaseRow row, casework_.case_row(tx, unpaid->body, unpaid->case_id));
        return row.summary.status == Status::awaiting_fee ? end_unpaid(tx, row, *unpaid) : Result<void>();
    });
    if (!ended) TRY_DO(casework_.troubles().failed({unpaid->body, unpaid->case_id, Work::fee, 0}, ended.error()));
    return true;
}

Result<void> Fees::leave_unpaid(store::Tx& tx, const CaseSummary& summary) {
    TRY_DO(tx.execute(kLeaveUnpaid, {summary.body, summary.id.text()}));
    return {};
}

Result<std::vector<Fees::RefundDue>> Fees::refunds_at_desk(const std::string& body) {
    return casework_.parts_.store.read<std::vector<RefundDue>>([&](store::Reader& reader) -> Result<std::vector<RefundDue>> {
        TRY(const auto due, reader.all<Payment>(std::string(kColumns) + kOfBody, {body}, payment_of));
        std::vector<RefundDue> all;
        for (const Payment& one : due) {
            if (!given_at_desk(one)) continue;
            TRY(const CaseRow row, casework_.case_row(reader, one.body, one.case_id));
            all.push_back({row.summary, one});
        }
        return all;
    });
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
