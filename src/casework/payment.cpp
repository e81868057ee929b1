#include "casework/payment.h"

#include "base/json.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace madang::casework {
namespace {

constexpr std::size_t kMaxNotice = 4096;
constexpr std::size_t kMinSecret = 32;
constexpr std::size_t kMaxProof = 100;

class CashDesk final : public PaymentProvider {
public:
    std::string_view name() const override { return "desk"; }
    std::string address_of(const PaymentOrder&) const override { return {}; }
    Result<PaymentNotice> read_notice(std::string_view, std::string_view) const override {
        return fail(Code::denied, "a cash desk sends no notices");
    }
};

class Webhook final : public PaymentProvider {
public:
    Webhook(std::string pay_url, Bytes secret) : pay_url_(std::move(pay_url)), secret_(std::move(secret)) {}

    std::string_view name() const override { return "webhook"; }

    std::string address_of(const PaymentOrder& order) const override {
        // Codes, digits and letters: nothing here needs escaping in a query.
        const std::string query = format("reference={}&amount={}&currency={}", order.reference, order.amount, order.currency);
        return format("{}{}{}&signature={}", pay_url_, pay_url_.contains('?') ? '&' : '?', query, sign_notice(secret_, query));
    }

    Result<PaymentNotice> read_notice(std::string_view body, std::string_view signature) const override {
        if (body.size() > kMaxNotice) return fail(Code::exhausted, format("a notice has at most {} bytes", kMaxNotice));
        if (!equal_in_constant_time(as_bytes(to_lower(signature)), as_bytes(sign_notice(secret_, body)))) return fail(Code::denied, "the notice is not signed with the shared secret");
        TRY(const json::value value, parse_json(body));
        if (!value.is_object()) return fail(Code::invalid, "a notice is an object");
        const json::object& object = value.get_object();
        PaymentNotice notice;
        TRY(notice.reference, string_at(object, "reference", "notice"));
        TRY(notice.amount, string_at(object, "amount", "notice"));
        TRY(notice.currency, string_at(object, "currency", "notice"));
        TRY(notice.proof, string_at(object, "proof", "notice"));
        if (notice.proof.empty() || notice.proof.size() > kMaxProof) return fail(Code::invalid, format("notice: \"proof\" has 1 to {} bytes", kMaxProof));
        TRY(const std::string state, string_at(object, "state", "notice"));
        if (state != "paid" && state != "refunded") return fail(Code::invalid, "notice: \"state\" is \"paid\" or \"refunded\"");
        notice.state = state == "paid" ? PaymentNotice::State::paid : PaymentNotice::State::refunded;
        return notice;
    }

private:
    std::string pay_url_;
    Bytes secret_;
};

}  // namespace

std::unique_ptr<PaymentProvider> make_cash_desk() { return std::make_unique<CashDesk>(); }

Result<std::unique_ptr<PaymentProvider>> make_webhook(std::string pay_url, Bytes secret) {
    if (secret.size() < kMinSecret) return fail(Code::invalid, format("the secret shared with the payment provider has at least {} bytes", kMinSecret));
    const bool local = pay_url.starts_with("http://127.0.0.1");
    if (!pay_url.starts_with("https://") && !local) return fail(Code::invalid, "the address of the payment provider begins with https://");
    return std::unique_ptr<PaymentProvider>(std::make_unique<Webhook>(std::move(pay_url), std::move(secret)));
}

std::string sign_notice(ByteSpan secret, std::string_view body) { return hex(crypto::hmac_sha256(secret, as_bytes(body))); }

}  // namespace madang::casework
