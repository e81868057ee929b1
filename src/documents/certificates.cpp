#include "documents/certificates.h"

#include "base/json.h"
#include "base/text.h"
#include "crypto/signing_certificate.h"
#include "documents/certificate_repository.h"
#include "documents/code.h"
#include "documents/qr_proof.h"

namespace madang::documents {
namespace {

constexpr std::size_t kSaltSize = 16;
constexpr std::size_t kMaxGround = 200;   // characters

json::object to_json(const Values& values) {
    json::object object;
    for (const auto& [name, texts] : values) {
        json::object by_language;
        for (const auto& [language, text] : texts) by_language[language] = text;
        object[name] = std::move(by_language);
    }
    return object;
}

Result<void> check_request(const Request& request) {
    if (request.case_id.empty() || request.body.empty()) return fail(Code::invalid, "a certificate needs a case and a body");
    if (!request.issued_on.ok()) return fail(Code::invalid, "the date of issue is not a day");
    if (request.valid_until && std::chrono::sys_days(*request.valid_until) < std::chrono::sys_days(request.issued_on)) {
        return fail(Code::invalid, "the last day of validity lies before the date of issue");
    }
    if (request.legal_ground.empty() || request.capacity.empty()) {
        return fail(Code::denied, "a certificate is issued in a capacity and on a legal ground");
    }
    return {};
}

Result<std::string> check_revoker(const Revoker& by) {
    TRY(std::string ground, tidy_line(by.legal_ground));
    if (ground.empty() || count_code_points(ground) > kMaxGround || by.capacity.empty() || by.actor.empty()) {
        return fail(Code::denied, format("a revocation names who, in what capacity, and a legal ground of at most {} characters", kMaxGround));
    }
    return ground;
}

ledger::Act make_act(const Parts& parts, std::string_view kind, std::string_view body, std::string_view case_id, json::object details) {
    ledger::Act act;
    act.id = make_id<ledger::ActId>(parts.clock, parts.random);
    act.kind = kind;
    act.at = parts.clock.now();
    act.body = body;
    act.subject = case_id;
    act.details = std::move(details);
    return act;
}

ledger::Act revoking_act(const Parts& parts, std::string_view kind, std::string_view body, std::string_view case_id, json::object details,
                         const Revoker& by) {
    details["reason"] = name_of(by.reason);
    ledger::Act act = make_act(parts, kind, body, case_id, std::move(details));
    act.actor = by.actor;
    act.capacity = by.capacity;
    return act;
}

// The number and the code of a case, taken once: a second time gives the same ones.
Result<NumberRow> take_number(store::Tx& tx, const Request& request, Random& random) {
    TRY(const auto taken, find_number_of_case(tx, request.case_id));
    if (taken) {
        if (taken->state == NumberState::reserved && taken->body == request.body) return *taken;
        return fail(Code::conflict, taken->state == NumberState::issued ? "the case has its certificate already"
                                                                        : "the number of this case was closed");
    }
    NumberRow row;
    row.body = request.body;
    row.year = int{request.issued_on.year()};
    row.case_id = request.case_id;
    row.code = make_code(random);
    row.issued_on = request.issued_on;
    TRY(row.number, take_next_number(tx, row.body, row.year));
    TRY_DO(insert_number(tx, row));
    return row;
}

}  // namespace

std::string_view name_of(Reason reason) {
    switch (reason) {
        case Reason::issued_in_error: return "issued_in_error";
        case Reason::facts_changed: return "facts_changed";
        case Reason::obtained_by_deceit: return "obtained_by_deceit";
        case Reason::replaced: return "replaced";
        case Reason::court_decision: return "court_decision";
    }
    return "issued_in_error";
}

Certificates::Certificates(Parts parts) : parts_(std::move(parts)) {}

Result<Draft> Certificates::prepare(const Request& request) {
    TRY_DO(check_request(request));
    TRY(const CertificateTemplate certificate, parse_certificate_template(request.template_json, request.service + "/certificate.json"));
    TRY(const NumberRow number, parts_.store.write<NumberRow>([&](store::Tx& tx) { return take_number(tx, request, parts_.random); }));

    Draft draft;
    draft.request = request;
    draft.code = number.code;
    draft.number = number.number;
    draft.request.issued_on = number.issued_on;   // the number belongs to that day and year
    const Words none;
    const Words& words = request.words == nullptr ? none : *request.words;
    for (const std::string& language : certificate.languages) draft.title[language] = text_of(certificate.title, language, words);

    std::array<std::uint8_t, kSaltSize> salt{};
    parts_.random.fill(salt);
    draft.values_json = canonical_json(json::object{{"salt", hex(salt)}, {"values", to_json(request.values)}});
    QrProof proof;
    proof.verify_address = parts_.verify_address;
    proof.code = draft.code;
    proof.issued_on = draft.request.issued_on;
    proof.valid_until = request.valid_until;
    proof.commitment = commit_to_values(salt, request.values);
    TRY(draft.qr_text, sign_qr(proof, parts_.certificate_key));

    const Instant now = parts_.clock.now();
    const Paper paper{.code = draft.code,
                      .number = format("{}/{}", number.number, number.year),
                      .issuing_body = request.issuing_body,
                      .country = request.country,
                      .issued_on = draft.request.issued_on,
                      .valid_until = request.valid_until,
                      .verify_address = parts_.verify_address,
                      .qr_text = draft.qr_text,
                      .data = request.data,
                      .made_at = now};
    TRY(draft.pdf, render_certificate(certificate, request.values, words, paper));
    draft.signature = crypto::sign_detached_cms(parts_.seal, draft.pdf, now);
    return draft;
}

Result<std::string> Certificates::commit(store::Tx& tx, const Draft& draft) {
    const Request& request = draft.request;
    TRY(const auto present, find_by_case(tx, request.case_id));
    if (present) return present->facts.code;
    TRY(const auto number, find_number_of_case(tx, request.case_id));
    if (!number || number->code != draft.code || number->number != draft.number) {
        return fail(Code::conflict, "the number of this draft belongs to another case");
    }
    TRY(const bool free, settle_number(tx, *number, NumberState::issued, ""));
    if (!free) return fail(Code::conflict, "the number of this case was closed");

    const std::string printed = format("{}/{}", number->number, number->year);
    const crypto::Hash hash = crypto::sha256(draft.pdf);
    ledger::Act act = make_act(parts_, "certificate.issued", request.body, request.case_id,
                               {{"code", draft.code},
                                {"number", printed},
                                {"service", request.service},
                                {"pdf_sha256", hex(hash)},
                                {"signature_sha256", hex(crypto::sha256(draft.signature))}});
    act.actor = request.actor;
    act.capacity = request.capacity;
    act.legal_ground = request.legal_ground;

    CertificateRow row;
    row.facts = {.code = draft.code,
                 .number = printed,
                 .service = request.service,
                 .title = draft.title,
                 .body = request.body,
                 .issuing_body = request.issuing_body,
                 .issued_on = request.issued_on,
                 .valid_until = request.valid_until,
                 .revoked_on = {},
                 .revocation_ground = {}};
    row.case_id = request.case_id;
    row.holder_id = request.holder.text();
    row.pdf_sha256 = hash;
    row.act_id = act.id.text();
    SealedParts sealed;
    TRY(sealed.pdf, parts_.vault.seal(tx, request.holder, draft.pdf));
    TRY(sealed.values, parts_.vault.seal(tx, request.holder, as_bytes(draft.values_json)));
    sealed.signature = draft.signature;
    TRY_DO(insert_certificate(tx, row, sealed));
    TRY_DO(parts_.ledger.append(tx, act));
    return draft.code;
}

Result<std::string> Certificates::issue(const Request& request) {
    TRY(const Draft draft, prepare(request));
    return parts_.store.write<std::string>([&](store::Tx& tx) { return commit(tx, draft); });
}

Result<SignedLetter> Certificates::sign_letter(const Letter& letter) {
    SignedLetter drawn;
    TRY(drawn.pdf, render_letter(letter));
    drawn.signature = crypto::sign_detached_cms(parts_.seal, drawn.pdf, parts_.clock.now());
    return drawn;
}

Result<void> Certificates::void_number(store::Tx& tx, std::string_view case_id, const Revoker& by) {
    TRY(const std::string ground, check_revoker(by));
    TRY(const auto number, find_number_of_case(tx, case_id));
    if (!number) return fail(Code::not_found, "this case has taken no number");
    TRY(const bool closed, settle_number(tx, *number, NumberState::voided, std::string(name_of(by.reason))));
    if (!closed) return fail(Code::conflict, "the number of this case is used or closed already");
    ledger::Act act = revoking_act(parts_, "certificate.number_voided", number->body, number->case_id,
                                   {{"number", format("{}/{}", number->number, number->year)}}, by);
    act.legal_ground = ground;
    return parts_.ledger.append(tx, act);
}

Result<void> Certificates::revoke(store::Tx& tx, std::string_view code, const Revoker& by) {
    TRY(const std::string ground, check_revoker(by));
    TRY(const std::string spelled, parse_code(code));
    TRY(const auto row, find_by_code(tx, spelled));
    if (!row) return fail(Code::not_found, format("no certificate {} was issued here", spelled));
    TRY(const bool revoked, set_revoked(tx, *row, parts_.zone.date(parts_.clock.now()), ground));
    if (!revoked) return fail(Code::conflict, format("the certificate {} was revoked already", spelled));
    ledger::Act act = revoking_act(parts_, "certificate.revoked", row->facts.body, row->case_id,
                                   {{"code", spelled}, {"pdf_sha256", hex(row->pdf_sha256)}}, by);
    act.legal_ground = ground;
    return parts_.ledger.append(tx, act);
}

}  // namespace madang::documents
