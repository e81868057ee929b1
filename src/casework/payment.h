// Who takes the money: a cash desk in the house, or a provider elsewhere that tells by a signed notice what was paid. The
// house never calls a provider: it gives the applicant an address to pay at, and the provider fetches what is to be refunded.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace madang::casework {

struct PaymentOrder {
    std::string reference;   // of this house, unique
    std::string amount;      // "12.50"
    std::string currency;    // ISO 4217
};

// What a provider says of a reference.
struct PaymentNotice {
    enum class State { paid, refunded };
    std::string reference;
    State state = State::paid;
    std::string amount;
    std::string currency;
    std::string proof;       // the provider's own number, 1 to 100 characters
};

class PaymentProvider {
public:
    virtual ~PaymentProvider() = default;
    virtual std::string_view name() const = 0;
    // Where the applicant pays; empty for a desk that one goes to.
    virtual std::string address_of(const PaymentOrder& order) const = 0;
    // Code::denied for a body that the provider has not signed, Code::invalid for one that says nothing.
    virtual Result<PaymentNotice> read_notice(std::string_view body, std::string_view signature) const = 0;
};

// "desk": an employee enters the number of the cash receipt.
std::unique_ptr<PaymentProvider> make_cash_desk();

// "webhook": `pay_url` gets reference, amount, currency and their signature as query; notices come as JSON
// {"reference", "state", "amount", "currency", "proof"} with the HMAC-SHA256 of the body under the shared secret in
// hexadecimal digits. Code::invalid for a secret under 32 bytes or an address that is not https (http for 127.0.0.1).
Result<std::unique_ptr<PaymentProvider>> make_webhook(std::string pay_url, Bytes secret);

// What a provider sends in X-Madang-Signature, for tests and for those who write one.
std::string sign_notice(ByteSpan secret, std::string_view body);

}  // namespace madang::casework
