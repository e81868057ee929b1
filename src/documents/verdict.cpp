#include "documents/verdict.h"

#include <algorithm>

#include "base/text.h"

namespace madang::documents {

std::string_view name_of(Standing standing) {
    switch (standing) {
        case Standing::valid: return "valid";
        case Standing::changed: return "changed";
        case Standing::revoked: return "revoked";
        case Standing::expired: return "expired";
        case Standing::other_issuer: return "other_issuer";
        case Standing::unknown: return "unknown";
        case Standing::not_a_certificate: return "not_a_certificate";
    }
    return "unknown";
}

const Check* Verdict::find(std::string_view id) const {
    const auto check = std::ranges::find(checks, id, &Check::id);
    return check == checks.end() ? nullptr : &*check;
}

bool leaves_open(const Verdict& verdict, std::string_view id) {
    const Check* check = verdict.find(id);
    return check != nullptr && check->result == CheckResult::not_done;
}

std::string to_text(const Verdict& verdict) {
    std::string out;
    for (const Check& check : verdict.checks) {
        const std::string_view mark = check.result == CheckResult::ok ? "OK  " : check.result == CheckResult::failed ? "FAIL" : "-   ";
        out += format("{}  {}{}\n", mark, check.text, check.found.empty() ? "" : format(" ({})", check.found));
    }
    switch (verdict.standing) {
        case Standing::valid:
            out += leaves_open(verdict, "revocation") ? "VALID WHEN ISSUED: whether it was revoked since was not looked up (--revocations LIST)" : "VALID";
            break;
        case Standing::changed: out += "CHANGED: this is not the document that was issued"; break;
        case Standing::revoked: out += "REVOKED: the issuer has taken the certificate back"; break;
        case Standing::expired: out += "EXPIRED: the certificate was issued, but its last day is over"; break;
        case Standing::other_issuer:
            out += verdict.find("signature") != nullptr ? "OTHER ISSUER: signed by somebody whom the trust file does not name"
                                                        : "OTHER ISSUER: it names an issuer whom the trust file does not name; nothing was checked";
            break;
        case Standing::unknown:
            out += leaves_open(verdict, "signature")
                       ? "NOT PROVEN: the QR code is the issuer's, but nothing signs what the rest of the PDF says; give its container (.asics)"
                       : "UNKNOWN: nothing here shows that this certificate was issued";
            break;
        case Standing::not_a_certificate: out += "NOT A CERTIFICATE"; break;
    }
    if (!verdict.issuer.empty()) out += format("\nIssuer: {}", verdict.issuer);
    return out;
}

}  // namespace madang::documents
