// Certificates: numbered, drawn, signed, sealed and recorded in the ledger; found, verified and revoked.
//
//   TRY(auto draft, certificates.prepare(request));              // milliseconds, outside a transaction
//   TRY(auto code, store.write<std::string>([&](Tx& tx) {        // with what the case needs besides
//       return certificates.commit(tx, draft); }));
//
// prepare() takes the number and the code in a small transaction of its own and keeps them for the case:
// a second prepare() of the same case gets the same ones, so a crash between leaves no gap, only a
// number that waits for its case. void_number() closes one that will never be used, with its reason.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/time_text.h"
#include "crypto/ed25519.h"
#include "crypto/signing_certificate.h"
#include "documents/bundle.h"
#include "documents/certificate_template.h"
#include "documents/letter.h"
#include "documents/render.h"
#include "documents/trust.h"
#include "documents/verdict.h"
#include "identity/access.h"
#include "identity/access_log.h"
#include "identity/vault.h"
#include "ledger/ledger.h"
#include "store/store.h"

namespace madang::documents {

// What a certificate is asked for. One case has at most one certificate.
struct Request {
    std::string case_id;
    std::string body;                     // code of the issuing body; its numbers run per year
    std::string service;                  // id in the pack
    identity::PersonId holder;            // whose key seals the document
    TextByLanguage issuing_body;
    TextByLanguage country;
    Date issued_on;
    std::optional<Date> valid_until;      // the last day on which it is valid
    std::string actor, capacity, legal_ground;   // of the act "certificate.issued"
    std::string template_json;            // the pack's certificate.json
    Values values;
    const Words* words = nullptr;         // the pack's catalogues
    Data data = Data::real;
};

// Drawn and signed, not issued yet. Holds personal data; keep it short.
struct Draft {
    Request request;
    std::string code;
    std::int64_t number = 0;
    TextByLanguage title;
    Bytes pdf;
    Bytes signature;
    std::string qr_text;
    std::string values_json;
};

struct SignedLetter {
    Bytes pdf;
    Bytes signature;   // detached CAdES, DER
};

// Why a certificate is taken back or a number closed. The words also stand in the act.
enum class Reason { issued_in_error, facts_changed, obtained_by_deceit, replaced, court_decision };
std::string_view name_of(Reason reason);

struct Revoker {
    std::string actor, capacity;
    std::string legal_ground;     // the article of law, public; one line of 1 to 200 characters
    Reason reason = Reason::issued_in_error;
};

struct Parts {
    store::Store& store;
    ledger::Ledger& ledger;
    identity::Vault& vault;
    identity::AccessLog& access_log;
    const crypto::SigningCertificate& seal;       // signs documents
    const crypto::Ed25519Key& certificate_key;    // signs QR proofs and revocation lists
    std::string origin;                           // name of the ledger
    std::string issuer_name;                      // "Republic of Belarus", for the trust file
    std::string verify_address;                   // "https://example.by/verify"
    TimeZone zone;                                // of the dates of revocation and of "today"
    const Clock& clock;
    Random& random;
};

class Certificates {
public:
    explicit Certificates(Parts parts);

    // Code::conflict where the case has its certificate already or its number was made void.
    Result<Draft> prepare(const Request& request);
    // Writes the certificate and the act "certificate.issued"; gives the code. A second commit for the
    // case changes nothing and gives the code of the first.
    Result<std::string> commit(store::Tx& tx, const Draft& draft);
    // prepare and commit, for those who have nothing to add.
    Result<std::string> issue(const Request& request);
    // A letter drawn and signed with the same seal; it is kept by whoever asked. Milliseconds, outside a transaction.
    Result<SignedLetter> sign_letter(const Letter& letter);
    // Closes the number of a case that will get no certificate; writes the act "certificate.number_voided".
    Result<void> void_number(store::Tx& tx, std::string_view case_id, const Revoker& by);

    // Writes the act "certificate.revoked". Code::not_found, Code::conflict where it is revoked already.
    Result<void> revoke(store::Tx& tx, std::string_view code, const Revoker& by);

    Result<std::optional<PublicFacts>> find(store::Reader& reader, std::string_view code);
    Result<std::optional<std::string>> find_code_of_case(store::Reader& reader, std::string_view case_id);
    // Whose document it is, for the caller's rule on who may have it.
    Result<std::optional<identity::PersonId>> find_holder(store::Reader& reader, std::string_view code);

    // Open the sealed document and write down who read it, in one transaction. Code::denied where
    // `access` lacks capacity or legal ground; who may read is the caller's rule.
    Result<Bytes> open_pdf(std::string_view code, const identity::Access& access);
    Result<Bytes> open_bundle(std::string_view code, const identity::Access& access);

    // For anyone: by the code alone, and by the file (PDF or bundle) in hand. Code::invalid where what was
    // typed is no code at all.
    Result<Verdict> verify_code(std::string_view typed);
    Result<Verdict> verify_bytes(ByteSpan file);
    // By the QR code of a paper: the register's word on the code, and whether the proof beside it is ours.
    Result<Verdict> verify_scanned(std::string_view code, std::string_view proof);

    // What others need to verify without this server: keys, and the revoked codes up to now.
    Trust trust() const;
    Result<std::string> revocation_list();

private:
    Result<Verdict> verify_pdf(ByteSpan pdf);
    Result<Verdict> judge(std::string_view code);

    Parts parts_;
};

}  // namespace madang::documents
