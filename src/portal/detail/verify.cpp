// Verification for anyone: by the code of the paper, by the address in its QR code, or by its file.
#include <array>

#include "http/multipart.h"
#include "portal/detail/house.h"

namespace madang::portal {
namespace {

using House = Portal::House;
using documents::CheckResult;
using documents::Standing;
using documents::Verdict;

constexpr std::size_t kMaxFile = 30U << 20;

struct Said {
    std::string_view heading, text, panel;
};

Said words_for(Standing standing) {
    switch (standing) {
        case Standing::valid: return {"The certificate is real and valid", "It was issued here and has not been changed or revoked.", ""};
        case Standing::changed: return {"The file was changed", "It is not what was issued. Do not rely on it.", "m-panel--bad"};
        case Standing::revoked: return {"The certificate was revoked", "It was real once, and it does not count any more.", "m-panel--bad"};
        case Standing::expired: return {"The certificate has expired", "It is real, and its time is over. Ask for a new one.", "m-panel--other"};
        case Standing::other_issuer: return {"Another issuer signed it", "The signature fits, and the key is not one of ours. Ask the country that issued it.", "m-panel--other"};
        case Standing::not_a_certificate: return {"This is no certificate", "The file is no certificate that was issued here or elsewhere in this form.", "m-panel--other"};
        case Standing::unknown: break;
    }
    return {"We do not know this certificate", "Nothing with this code was issued here. Check the code, letter by letter.", "m-panel--bad"};
}

json::array rows_of(const Visit& visit, const documents::PublicFacts& facts) {
    json::array rows{row(visit.text("Document"), visit.in_language(facts.title)), row(visit.text("Number"), facts.number), row(visit.text("Code of the certificate"), facts.code),
                     row(visit.text("Issued by"), visit.in_language(facts.issuing_body)), row(visit.text("Issued on"), long_date(facts.issued_on, visit.language))};
    if (facts.valid_until) rows.push_back(row(visit.text("Valid until"), long_date(*facts.valid_until, visit.language)));
    if (facts.revoked_on) rows.push_back(row(visit.text("Revoked on"), long_date(*facts.revoked_on, visit.language) + " – " + facts.revocation_ground));
    return rows;
}

// What a check found, such as a day or the name of an issuer, in the visitor's language. Why a thing could
// not be read, and the names on keys, are words of machines: they stand in the program's output.
std::string found_text(const House& house, const Visit& visit, const documents::Check& check) {
    static constexpr std::array<std::string_view, 6> kForPeople{"register", "revocation", "validity", "issuer", "qr", "ledger"};
    const bool unreadable = check.result == CheckResult::failed && check.id != "revocation" && check.id != "validity" && check.id != "register";
    if (check.found.empty() || unreadable || std::ranges::find(kForPeople, check.id) == kForPeople.end()) return {};
    std::vector<std::string> parts;
    for (const std::string_view part : split(check.found, ',')) {
        const std::string text(trim(part));
        const auto date = parse_date(text);
        const auto moment = parse_instant(text);
        parts.push_back(date ? long_date(*date, visit.language) : (moment ? house.moment(visit, *moment) : text));
    }
    return ": " + join(parts, ", ");
}

json::array checks_of(const House& house, const Visit& visit, const Verdict& verdict) {
    json::array checks;
    for (const auto& check : verdict.checks) {
        const bool ok = check.result == CheckResult::ok;
        const bool failed = check.result == CheckResult::failed;
        checks.push_back({{"check_tag", ok ? "govuk-tag--green" : (failed ? "govuk-tag--red" : "govuk-tag--grey")},
                          {"check_word", visit.text(ok ? "Good" : (failed ? "Wrong" : "Not done"))}, {"check_text", visit.text(check.text) + found_text(house, visit, check)}});
    }
    return checks;
}

Response result_page(const House& house, const Visit& visit, const Verdict& verdict, bool by_code) {
    Said said = words_for(verdict.standing);
    // A code says nothing of what stands on the paper in hand.
    if (by_code && verdict.standing == Standing::valid) said = {"A certificate with this code is valid", "It was issued here and has not been revoked. Whose it is, only the paper or the file tells.", ""};
    // Where only the words of a QR code were read, nobody has looked at a signature.
    const auto* signature = verdict.find("signature");
    if (verdict.standing == Standing::other_issuer && (signature == nullptr || signature->result != CheckResult::ok)) {
        said = {"The paper names another issuer", "Nothing of it was checked here, and anyone can write such a name. Ask the verification page of that country.", "m-panel--other"};
    }
    if (by_code && verdict.standing == Standing::changed) {
        said = {"The paper was altered", "Its QR code is not the one that was issued under this code. Do not rely on it.", "m-panel--bad"};
    }
    const std::string title = visit.text(said.heading);
    json::array rows;
    if (verdict.facts) rows = rows_of(visit, *verdict.facts);
    json::array checks = checks_of(house, visit, verdict);
    const bool has_rows = !rows.empty();
    const bool has_checks = !checks.empty();
    return house.page(visit, "verify_result", title, {{"heading", title}, {"panel_text", visit.text(said.text)}, {"panel_class", said.panel}, {"rows", std::move(rows)}, {"has_rows", has_rows},
                                                      {"compare", by_code && has_rows}, {"checks", std::move(checks)}, {"has_checks", has_checks}}, 200, "/verify");
}

Response form_page(const House& house, const Visit& visit, std::string_view code, std::string_view code_error, std::string_view file_error) {
    json::object data{{"code", code}, {"code_error", code_error}, {"file_error", file_error}};
    std::vector<House::Mistake> mistakes;
    if (!code_error.empty()) mistakes.push_back({"code", std::string(code_error)});
    if (!file_error.empty()) mistakes.push_back({"file", std::string(file_error)});
    House::add_mistakes(data, mistakes);
    return house.page(visit, "verify", visit.text("Verify a certificate"), std::move(data));
}

// The address in a QR code carries a signed proof beside the code.
Response by_code(const House& house, const Visit& visit, const std::string& code) {
    const auto proof = visit.request.query.find("p");
    const auto verdict = proof ? house.parts.certificates.verify_scanned(code, *proof) : house.parts.certificates.verify_code(code);
    if (verdict) return result_page(house, visit, *verdict, true);
    if (verdict.error().code != Code::invalid) return house.failure(visit, verdict.error());
    return form_page(house, visit, code, visit.text("This is no code of a certificate. It has 17 letters and digits; check what you typed."), "");
}

Response show_form(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    if (!request.query.has("code")) return form_page(house, visit, "", "", "");
    const std::string code = request.query.value_or("code", "");
    if (trim(code).empty()) return form_page(house, visit, "", visit.text("Enter the code of the certificate"), "");
    return by_code(house, visit, code);
}

Response by_file(const House& house, const Request& request) {
    const Visit visit = house.visit(request);
    const auto parts = http::parts_of(request);
    if (!parts) return form_page(house, visit, "", "", visit.text("The file did not arrive whole. Choose it again."));
    const auto file = std::ranges::find(*parts, "file", &http::Part::name);
    if (file == parts->end() || file->content.empty()) return form_page(house, visit, "", "", visit.text("Choose a file"));
    const auto verdict = house.parts.certificates.verify_bytes(as_bytes(file->content));
    if (!verdict) {
        if (verdict.error().code == Code::invalid) return form_page(house, visit, "", "", visit.text("This file cannot be read as a certificate"));
        return house.failure(visit, verdict.error());
    }
    return result_page(house, visit, *verdict, false);
}

}  // namespace

void Portal::House::add_verify_routes(http::Router& router) const {
    using http::Method;
    router.add(Method::get, "/verify", [this](const Request& request) { return show_form(*this, request); }, {.rate_class = "verify"});
    router.add(Method::get, "/verify/{code}", [this](const Request& request) { return by_code(*this, visit(request), request.parameter("code")); }, {.rate_class = "verify"});
    router.add(Method::post, "/verify", [this](const Request& request) { return by_file(*this, request); },
               {.body_limit = kMaxFile, .body = http::BodyKind::multipart, .rate_class = "verify"});
}

}  // namespace madang::portal
