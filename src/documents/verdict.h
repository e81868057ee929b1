// What verification says of a certificate, in words for a person and without more personal data than
// the paper in hand.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "documents/certificate_template.h"

namespace madang::documents {

enum class Standing {
    valid,
    changed,            // the bytes are not those that were issued, or a signature does not fit them
    revoked,
    expired,
    other_issuer,       // signed with a key that is not trusted here; `issuer` names it
    unknown,            // no certificate of this code was issued here
    not_a_certificate,  // not a file of this kind
};
std::string_view name_of(Standing standing);   // "other_issuer"

enum class CheckResult { ok, failed, not_done };

// One check: a sentence (source text for the catalogues) and what was found (data, untranslated).
struct Check {
    std::string id;       // "signature"
    CheckResult result = CheckResult::not_done;
    std::string text;     // "The signature fits the document"
    std::string found;    // "CN=…"; may be empty
};

// What the public may know of an issued certificate.
struct PublicFacts {
    std::string code;
    std::string number;             // "17/2026"
    std::string service;            // id in the pack
    TextByLanguage title;           // kind of document
    std::string body;               // code
    TextByLanguage issuing_body;
    Date issued_on;
    std::optional<Date> valid_until;
    std::optional<Date> revoked_on;
    std::string revocation_ground;  // article of law; empty unless revoked
};

struct Verdict {
    Standing standing = Standing::unknown;
    std::optional<PublicFacts> facts;
    std::string issuer;             // who signed, as far as known
    std::vector<Check> checks;

    const Check* find(std::string_view id) const;
};

// Whether a check of this id was named but not made.
bool leaves_open(const Verdict& verdict, std::string_view id);

// One line a check: "OK    The signature fits the document (CN=…)", and a last line with the standing.
std::string to_text(const Verdict& verdict);

}  // namespace madang::documents
