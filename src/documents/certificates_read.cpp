// Certificates: finding, opening and verifying what was issued.
#include "base/text.h"
#include "documents/certificate_repository.h"
#include "documents/certificates.h"
#include "documents/code.h"
#include "documents/qr_proof.h"
#include "documents/revocation_list.h"
#include "ledger/note.h"

namespace madang::documents {
namespace {

struct Opened {
    Bytes pdf, values, signature;
    std::string act_id;
};

void add(Verdict& verdict, std::string id, CheckResult result, std::string text, std::string found = {}) {
    verdict.checks.push_back({std::move(id), result, std::move(text), std::move(found)});
}

std::string key_name(std::string_view origin) { return format("{}/certificates", origin); }

bool is_ours(const QrProof& proof, const crypto::Ed25519Key& key) { return is_signed_by(proof, key.public_key()); }

Result<Opened> open_sealed_parts(store::Tx& tx, const Parts& parts, std::string_view code, const identity::Access& access) {
    TRY_DO(identity::check_access(access));
    TRY(const std::string spelled, parse_code(code));
    TRY(const auto row, find_by_code(tx, spelled));
    if (!row) return fail(Code::not_found, format("no certificate {} was issued here", spelled));
    TRY(const auto holder, identity::PersonId::parse(row->holder_id));
    TRY(const SealedParts sealed, read_sealed(tx, *row));
    Opened opened;
    TRY(opened.pdf, parts.vault.open(tx, holder, sealed.pdf));
    TRY(opened.values, parts.vault.open(tx, holder, sealed.values));
    opened.signature = sealed.signature;
    opened.act_id = row->act_id;
    if (crypto::sha256(opened.pdf) != row->pdf_sha256) {
        return fail(Code::corrupted, format("the stored document of the certificate {} is damaged", spelled));
    }
    TRY_DO(parts.access_log.record(tx, access, holder, format("certificate {}", spelled)));
    return opened;
}

}  // namespace

Result<std::optional<PublicFacts>> Certificates::find(store::Reader& reader, std::string_view code) {
    TRY(const std::string spelled, parse_code(code));
    TRY(const auto row, find_by_code(reader, spelled));
    return row ? std::optional(row->facts) : std::nullopt;
}

Result<std::optional<std::string>> Certificates::find_code_of_case(store::Reader& reader, std::string_view case_id) {
    TRY(const auto row, find_by_case(reader, case_id));
    return row ? std::optional(row->facts.code) : std::nullopt;
}

Result<std::optional<identity::PersonId>> Certificates::find_holder(store::Reader& reader, std::string_view code) {
    TRY(const std::string spelled, parse_code(code));
    TRY(const auto row, find_by_code(reader, spelled));
    if (!row) return std::optional<identity::PersonId>();
    TRY(const auto holder, identity::PersonId::parse(row->holder_id));
    return std::optional(holder);
}

Result<Bytes> Certificates::open_pdf(std::string_view code, const identity::Access& access) {
    TRY(Opened opened, parts_.store.write<Opened>([&](store::Tx& tx) { return open_sealed_parts(tx, parts_, code, access); }));
    return std::move(opened.pdf);
}

Result<Bytes> Certificates::open_bundle(std::string_view code, const identity::Access& access) {
    TRY(Opened opened, parts_.store.write<Opened>([&](store::Tx& tx) { return open_sealed_parts(tx, parts_, code, access); }));
    TRY(const auto act, ledger::ActId::parse(opened.act_id));
    TRY(auto proof, parts_.ledger.proof(act));
    Bundle bundle;
    bundle.pdf = std::move(opened.pdf);
    bundle.signature = std::move(opened.signature);
    bundle.values_json = as_text(opened.values);
    if (proof) bundle.ledger_proof = std::move(*proof);
    return write_bundle(bundle);
}

// What the register says of a code that is spelled well.
Result<Verdict> Certificates::judge(std::string_view code) {
    TRY(const auto row, parts_.store.read<std::optional<CertificateRow>>(
                            [&](store::Reader& reader) { return find_by_code(reader, code); }));
    Verdict verdict;
    if (!row) {
        verdict.standing = Standing::unknown;
        add(verdict, "register", CheckResult::failed, "No certificate of this code was issued here", std::string(code));
        return verdict;
    }
    verdict.facts = row->facts;
    verdict.issuer = parts_.issuer_name;
    verdict.standing = Standing::valid;
    add(verdict, "register", CheckResult::ok, "The certificate was issued here", row->facts.code);
    if (row->facts.revoked_on) {
        verdict.standing = Standing::revoked;
        add(verdict, "revocation", CheckResult::failed, "The issuer has revoked the certificate",
            format("{}, {}", format_date(*row->facts.revoked_on), row->facts.revocation_ground));
        return verdict;
    }
    add(verdict, "revocation", CheckResult::ok, "It was not revoked");
    const Date today = parts_.zone.date(parts_.clock.now());
    if (row->facts.valid_until && std::chrono::sys_days(today) > std::chrono::sys_days(*row->facts.valid_until)) {
        verdict.standing = Standing::expired;
        add(verdict, "validity", CheckResult::failed, "The last day of validity is over", format_date(*row->facts.valid_until));
        return verdict;
    }
    if (row->facts.valid_until) {
        add(verdict, "validity", CheckResult::ok, "It is valid until this day", format_date(*row->facts.valid_until));
    } else {
        add(verdict, "validity", CheckResult::ok, "It is valid without end");
    }
    return verdict;
}

Result<Verdict> Certificates::verify_code(std::string_view typed) {
    TRY(const std::string code, parse_code(typed));
    return judge(code);
}

Result<Verdict> Certificates::verify_pdf(ByteSpan pdf) {
    const crypto::Hash hash = crypto::sha256(pdf);
    TRY(const auto row, parts_.store.read<std::optional<CertificateRow>>(
                            [&](store::Reader& reader) { return find_by_hash(reader, hash); }));
    if (row) {
        TRY(Verdict verdict, judge(row->facts.code));
        add(verdict, "document", CheckResult::ok, "The file is the issued document, byte for byte", hex(hash));
        return verdict;
    }
    // Not ours byte for byte. What it says of itself tells a changed one from a strange one.
    const auto proof = parse_qr(find_qr_text(pdf));
    Verdict verdict;
    if (!as_text(pdf).starts_with("%PDF-")) {
        verdict.standing = Standing::not_a_certificate;
        add(verdict, "document", CheckResult::failed, "This is neither a certificate in PDF nor its container");
        return verdict;
    }
    if (!proof) {
        add(verdict, "document", CheckResult::failed, "No document with these bytes was issued here", hex(hash));
        return verdict;
    }
    TRY(Verdict of_code, judge(proof->code));
    if (is_ours(*proof, parts_.certificate_key) || of_code.facts) {
        of_code.standing = Standing::changed;
        add(of_code, "document", CheckResult::failed, "The file is not the issued document: a byte of it was changed", hex(hash));
        return of_code;
    }
    verdict.standing = Standing::other_issuer;
    verdict.issuer = proof->verify_address;
    add(verdict, "qr", CheckResult::failed, "The document is from another issuer; it names this address for its verification", proof->verify_address);
    return verdict;
}

Result<Verdict> Certificates::verify_scanned(std::string_view code, std::string_view proof) {
    TRY(Verdict verdict, verify_code(code));
    TRY(const std::string spelled, parse_code(code));
    Verdict paper = verify_qr(format("{}/{}?p={}", parts_.verify_address, spelled, proof), trust(), {}, parts_.zone.date(parts_.clock.now()));
    for (Check& check : paper.checks) {
        if (verdict.find(check.id) == nullptr) verdict.checks.push_back(std::move(check));
    }
    // A code that was issued here on a paper whose proof is not ours: the paper is not what was issued.
    if (paper.standing == Standing::changed || paper.standing == Standing::other_issuer) verdict.standing = paper.standing;
    if (paper.standing == Standing::not_a_certificate && verdict.standing != Standing::unknown) verdict.standing = Standing::changed;
    return verdict;
}

Result<Verdict> Certificates::verify_bytes(ByteSpan file) {
    if (!as_text(file).starts_with("PK")) return verify_pdf(file);
    const Instant now = parts_.clock.now();
    const auto bundle = read_bundle(file);
    Verdict offline = verify_file(file, trust(), {}, parts_.zone.date(now));
    if (!bundle || offline.standing == Standing::other_issuer) return offline;
    TRY(Verdict verdict, verify_pdf(bundle->pdf));
    if (offline.standing == Standing::changed) verdict.standing = Standing::changed;
    for (Check& check : offline.checks) {
        if (verdict.find(check.id) == nullptr) verdict.checks.push_back(std::move(check));
    }
    return verdict;
}

Trust Certificates::trust() const {
    Issuer issuer;
    issuer.name = parts_.issuer_name;
    issuer.origin = parts_.origin;
    issuer.roots_pem = parts_.seal.root_pem();
    issuer.ledger_key = parts_.ledger.verifier_key();
    issuer.certificate_key = ledger::format_verifier_key(key_name(parts_.origin), parts_.certificate_key.public_key());
    return Trust{{std::move(issuer)}};
}

Result<std::string> Certificates::revocation_list() {
    RevocationList list;
    list.origin = parts_.origin;
    list.made_at = parts_.clock.now();
    TRY(list.revocations, parts_.store.read<std::vector<Revocation>>([](store::Reader& reader) { return all_revoked(reader); }));
    return sign_revocation_list(list, key_name(parts_.origin), parts_.certificate_key);
}

}  // namespace madang::documents
