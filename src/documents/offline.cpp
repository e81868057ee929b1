// verify_file(), verify_bundle(), verify_qr(): what proves itself without the server and its database.
#include "base/json.h"
#include "base/text.h"
#include "base/time_text.h"
#include "crypto/signing_certificate.h"
#include "documents/bundle.h"
#include "documents/qr_proof.h"
#include "documents/revocation_list.h"
#include "ledger/note.h"
#include "ledger/proof.h"

namespace madang::documents {
namespace {

constexpr std::size_t kMaxValues = 1U << 20;
constexpr std::size_t kSaltSize = 16;
constexpr std::size_t kMaxShown = 300;   // characters of a name

// A name out of a strange certificate, fit to be shown: one line, no control characters.
std::string shown(std::string_view name) {
    const auto tidy = tidy_line(name);
    if (!tidy) return "a name that cannot be shown";
    return count_code_points(*tidy) <= kMaxShown ? *tidy : "a name that is too long to be shown";
}

// Gathers checks; the gravest finding decides.
class Inspector {
public:
    Inspector(const Trust& trust, const std::vector<std::string>& revocations, Date today)
        : trust_(trust), revocations_(revocations), today_(today) {}

    void look_at_signature(const Bundle& bundle);
    void look_at_qr(std::string_view text);
    void look_at_values(std::string_view values_json);
    void look_at_ledger(const Bundle& bundle);
    void look_at_revocations();
    void look_at_dates();

    void ok(std::string id, std::string text, std::string found = {}) {
        verdict_.checks.push_back({std::move(id), CheckResult::ok, std::move(text), std::move(found)});
    }
    void not_done(std::string id, std::string text, std::string found = {}) {
        verdict_.checks.push_back({std::move(id), CheckResult::not_done, std::move(text), std::move(found)});
    }
    void failed(Standing standing, std::string id, std::string text, std::string found = {}) {
        verdict_.checks.push_back({std::move(id), CheckResult::failed, std::move(text), std::move(found)});
        if (rank(standing) < rank(verdict_.standing)) verdict_.standing = standing;
    }
    // The standing where nothing failed.
    Verdict finish(Standing otherwise) {
        if (verdict_.standing == Standing::valid) verdict_.standing = otherwise;
        return std::move(verdict_);
    }

private:
    static int rank(Standing standing) {
        switch (standing) {
            case Standing::not_a_certificate: return 0;
            case Standing::changed: return 1;
            case Standing::other_issuer: return 2;
            case Standing::revoked: return 3;
            case Standing::expired: return 4;
            case Standing::unknown: return 5;
            case Standing::valid: return 6;
        }
        return 6;
    }
    // Late on the day: a signature of this morning is not one of the future.
    Instant end_of_today() const { return std::chrono::sys_days(today_) + std::chrono::hours(24) - std::chrono::seconds(1); }

    const Trust& trust_;
    const std::vector<std::string>& revocations_;
    Date today_;
    Verdict verdict_{.standing = Standing::valid, .facts = {}, .issuer = {}, .checks = {}};
    bool seal_is_over_ = false;          // the signer's certificate has expired since
    const Issuer* issuer_ = nullptr;     // who signed the document, or else the QR code
    std::optional<QrProof> proof_;       // read and signed by the issuer
};

void Inspector::look_at_signature(const Bundle& bundle) {
    std::string subject;
    for (const Issuer& issuer : trust_.issuers) {
        const auto verdict = crypto::verify_detached_cms(bundle.pdf, bundle.signature, issuer.roots_pem, end_of_today());
        if (!verdict || !verdict->signature_ok) {
            failed(Standing::changed, "signature", "The signature does not fit the document: a byte of it was changed",
                   verdict ? shown(verdict->signer_subject) : verdict.error().message);
            return;
        }
        subject = shown(verdict->signer_subject);
        if (verdict_.issuer.empty()) verdict_.issuer = shown(verdict->issuer);
        if (!verdict->chain_ok) continue;
        issuer_ = &issuer;
        seal_is_over_ = verdict->expired;
        verdict_.issuer = issuer.name;
        ok("signature", "The signature fits the document", format("{}, {}", subject, format_instant(verdict->signed_at)));
        return ok("issuer", "The signer is trusted", issuer.name);
    }
    if (trust_.issuers.empty()) {
        failed(Standing::other_issuer, "issuer", "No issuer is trusted: the trust file names none");
        return;
    }
    ok("signature", "The signature fits the document", subject);
    failed(Standing::other_issuer, "issuer", "The signer is not among those that the trust file names",
           format("{}; {}", subject, verdict_.issuer));
}

void Inspector::look_at_qr(std::string_view text) {
    auto proof = parse_qr(text);
    if (!proof) {
        failed(Standing::changed, "qr", "The proof in the QR code cannot be read", proof.error().message);
        return;
    }
    for (const Issuer& issuer : trust_.issuers) {
        const auto key = ledger::parse_verifier_key(issuer.certificate_key);
        if (!key || key_id_of(key->key) != proof->key_id) continue;
        if (!is_signed_by(*proof, key->key)) {
            failed(Standing::changed, "qr", "The proof in the QR code was changed: its signature does not fit", issuer.name);
            return;
        }
        if (issuer_ != nullptr && issuer_ != &issuer) {
            failed(Standing::changed, "qr", "The QR code and the document are from different issuers", issuer.name);
            return;
        }
        issuer_ = &issuer;
        verdict_.issuer = issuer.name;
        ok("qr", "The proof in the QR code is signed by the issuer", format("{} {}", issuer.name, proof->code));
        proof_ = std::move(*proof);
        return;
    }
    failed(Standing::other_issuer, "qr", "The QR code is signed with a key that the trust file does not name",
           proof->verify_address);
    if (verdict_.issuer.empty()) verdict_.issuer = proof->verify_address;
}

void Inspector::look_at_values(std::string_view values_json) {
    if (values_json.empty() || !proof_) return not_done("values", "The stated values were not compared with the QR code");
    const auto wrong = [&](std::string why) {
        failed(Standing::changed, "values", "The stated values are not those that the QR code commits to", std::move(why));
    };
    const auto value = parse_json(values_json, {.bytes = kMaxValues, .depth = 8});
    if (!value) return wrong(value.error().message);
    if (!value->is_object() || canonical_json(*value) != values_json) return wrong("not canonical JSON");
    const auto salt = parse_hex(string_or(value->get_object(), "salt", ""));
    const auto stated = object_at(value->get_object(), "values", "values");
    if (!salt || salt->size() != kSaltSize || !stated || value->get_object().size() != 2) return wrong("salt or values are missing");
    Values values;
    for (const auto& [name, texts] : *stated) {
        if (!texts.is_object()) return wrong("a value is not an object");
        auto& by_language = values[std::string(name)];
        for (const auto& [language, text] : texts.get_object()) {
            if (!text.is_string()) return wrong("a value is not a text");
            by_language.emplace(language, text.get_string());
        }
    }
    if (commit_to_values(*salt, values) != proof_->commitment) return wrong("");
    ok("values", "The stated values are those that the QR code commits to");
}

void Inspector::look_at_ledger(const Bundle& bundle) {
    if (bundle.ledger_proof.empty() && seal_is_over_) {
        // ETSI EN 319 102-1, 5.5: after its end only a proof of an earlier time carries a signature.
        return failed(Standing::expired, "ledger", "The signer's certificate has ended, and no proof from the ledger shows that it signed before");
    }
    if (bundle.ledger_proof.empty()) {
        return not_done("ledger", "The container holds no proof from the ledger: it was downloaded before the ledger had taken the act up");
    }
    if (issuer_ == nullptr) return not_done("ledger", "The proof from the ledger was not checked: its key is not trusted");
    const auto proven = ledger::verify_proof(bundle.ledger_proof, issuer_->ledger_key);
    if (!proven) {
        return failed(Standing::changed, "ledger", "The proof from the ledger does not hold", proven.error().message);
    }
    const json::object& details = proven->act.details;
    const bool same = proven->act.kind == "certificate.issued" &&
                      string_or(details, "pdf_sha256", "") == hex(crypto::sha256(bundle.pdf)) &&
                      string_or(details, "signature_sha256", "") == hex(crypto::sha256(bundle.signature)) &&
                      (!proof_ || string_or(details, "code", "") == proof_->code);
    if (!same) return failed(Standing::changed, "ledger", "The act in the ledger is about another document");
    ok("ledger", "The act of issuing stands in the ledger", format("{}, {}", issuer_->origin, format_instant(proven->act.at)));
}

void Inspector::look_at_revocations() {
    if (!proof_ || issuer_ == nullptr) return not_done("revocation", "Whether it was revoked is not known");
    std::string newest;
    for (const std::string& note : revocations_) {
        const auto list = open_revocation_list(note, issuer_->certificate_key);
        if (!list || list->origin != issuer_->origin) continue;
        if (const Revocation* found = list->find(proof_->code)) {
            return failed(Standing::revoked, "revocation", "The issuer has revoked the certificate",
                          format("{}, {}", format_date(found->revoked_on), found->ground));
        }
        newest = std::max(newest, format_instant(list->made_at));
    }
    if (newest.empty()) return not_done("revocation", "Whether it was revoked is not known: no list of this issuer was given");
    ok("revocation", "It was not revoked when the list was made", newest);
}

void Inspector::look_at_dates() {
    if (!proof_) return;
    if (proof_->valid_until && std::chrono::sys_days(today_) > std::chrono::sys_days(*proof_->valid_until)) {
        return failed(Standing::expired, "validity", "The last day of validity is over", format_date(*proof_->valid_until));
    }
    ok("validity", proof_->valid_until ? "It is valid until this day" : "It is valid without end",
       proof_->valid_until ? format_date(*proof_->valid_until) : format("issued on {}", format_date(proof_->issued_on)));
}

}  // namespace

Verdict verify_bundle(const Bundle& bundle, const Trust& trust, const std::vector<std::string>& revocations, Date today) {
    Inspector inspector(trust, revocations, today);
    inspector.look_at_signature(bundle);
    inspector.look_at_qr(find_qr_text(bundle.pdf));
    inspector.look_at_values(bundle.values_json);
    inspector.look_at_ledger(bundle);
    inspector.look_at_revocations();
    inspector.look_at_dates();
    return inspector.finish(Standing::valid);
}

Verdict verify_qr(std::string_view text, const Trust& trust, const std::vector<std::string>& revocations, Date today) {
    Inspector inspector(trust, revocations, today);
    if (!text.contains("?p=")) {
        inspector.failed(Standing::not_a_certificate, "qr", "This is not the text of a certificate's QR code");
        return inspector.finish(Standing::not_a_certificate);
    }
    inspector.look_at_qr(text);
    inspector.not_done("document", "The paper itself was not looked at: compare it with the verification page or its container");
    inspector.look_at_revocations();
    inspector.look_at_dates();
    return inspector.finish(Standing::valid);
}

Verdict verify_file(ByteSpan file, const Trust& trust, const std::vector<std::string>& revocations, Date today) {
    Inspector inspector(trust, revocations, today);
    const std::string_view text = as_text(file);
    if (text.starts_with("PK")) {
        const auto bundle = read_bundle(file);
        if (bundle) return verify_bundle(*bundle, trust, revocations, today);
        const bool changed = bundle.error().code == Code::corrupted || text.contains("application/vnd.etsi.asic");
        inspector.failed(changed ? Standing::changed : Standing::not_a_certificate, "container",
                         changed ? "The container was changed" : "This is not a container of a certificate", bundle.error().message);
        return inspector.finish(Standing::not_a_certificate);
    }
    if (!text.starts_with("%PDF-") || find_qr_text(file).empty()) {
        inspector.failed(Standing::not_a_certificate, "container", "This is neither a certificate in PDF nor its container");
        return inspector.finish(Standing::not_a_certificate);
    }
    inspector.look_at_qr(find_qr_text(file));
    inspector.not_done("signature", "A PDF alone carries no signature over its bytes: give the container (.asics), or ask the verification page");
    inspector.look_at_revocations();
    inspector.look_at_dates();
    return inspector.finish(Standing::unknown);
}

}  // namespace madang::documents
