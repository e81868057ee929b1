#include "documents/trust.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "ledger/note.h"

namespace madang::documents {
namespace {

constexpr std::size_t kMaxBytes = 1U << 20;
constexpr std::size_t kMaxIssuers = 300;
constexpr std::string_view kFormat = "madang-trust-1";

Result<Issuer> parse_issuer(const json::value& value, const std::string& where) {
    if (!value.is_object()) return fail(Code::invalid, where + " must be an object");
    const json::object& object = value.get_object();
    Issuer issuer;
    TRY(issuer.name, string_at(object, "name", where));
    TRY(issuer.origin, string_at(object, "origin", where));
    TRY(issuer.roots_pem, string_at(object, "roots_pem", where));
    TRY(issuer.ledger_key, string_at(object, "ledger_key", where));
    TRY(issuer.certificate_key, string_at(object, "certificate_key", where));
    TRY_DO(within(ledger::parse_verifier_key(issuer.ledger_key), where + ".ledger_key"));
    TRY_DO(within(ledger::parse_verifier_key(issuer.certificate_key), where + ".certificate_key"));
    if (!issuer.roots_pem.contains("-----BEGIN CERTIFICATE-----")) {
        return fail(Code::invalid, where + ".roots_pem holds no certificate");
    }
    return issuer;
}

}  // namespace

Result<Trust> parse_trust(std::string_view text, std::string_view name) {
    TRY(const json::value value, within(parse_json(text, {.bytes = kMaxBytes, .depth = 4}), name));
    const std::string where(name);
    if (!value.is_object()) return fail(Code::invalid, where + " must be an object");
    const json::object& root = value.get_object();
    if (string_or(root, "format", "") != kFormat) return fail(Code::invalid, format("{}: format must be \"{}\"", name, kFormat));
    TRY(const json::array issuers, array_at(root, "issuers", where));
    if (issuers.size() > kMaxIssuers) return fail(Code::exhausted, format("{}: more than {} issuers", name, kMaxIssuers));
    Trust trust;
    for (std::size_t i = 0; i < issuers.size(); ++i) {
        TRY(Issuer issuer, parse_issuer(issuers[i], format("{}: issuers[{}]", name, i)));
        trust.issuers.push_back(std::move(issuer));
    }
    return trust;
}

std::string format_trust(const Trust& trust) {
    json::array issuers;
    for (const Issuer& issuer : trust.issuers) {
        json::object object;
        object["name"] = issuer.name;
        object["origin"] = issuer.origin;
        object["ledger_key"] = issuer.ledger_key;
        object["certificate_key"] = issuer.certificate_key;
        object["roots_pem"] = issuer.roots_pem;
        issuers.push_back(std::move(object));
    }
    json::object root;
    root["format"] = kFormat;
    root["issuers"] = std::move(issuers);
    return pretty_json(root);
}

void add_trust(Trust& trust, const Trust& other) {
    trust.issuers.insert(trust.issuers.end(), other.issuers.begin(), other.issuers.end());
}

}  // namespace madang::documents
