// A certificate as a tagged PDF, declared PDF/A-2a (ISO 19005-2) and not validated. The same input gives
// the same bytes.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "documents/certificate_template.h"

namespace madang::documents {

enum class Data { real, fictional };   // fictional: the blocks "notice" are printed

// What the paper says beside the values of the template.
struct Paper {
    std::string code;
    std::string number;                // "17/2026"
    TextByLanguage issuing_body;
    TextByLanguage country;
    Date issued_on;
    std::optional<Date> valid_until;
    std::string verify_address;        // what a person types: "https://example.by/verify"
    std::string qr_text;
    Data data = Data::real;
    Instant made_at;                   // the date of creation in the file
};

// Code::invalid where a value is missing, not declared, not a date, or has no text in a language, and
// where the text does not fit on four pages. Needs milliseconds: not for the writer of the store.
// Safe to call from several threads.
Result<Bytes> render_certificate(const CertificateTemplate& certificate, const Values& values,
                                 const Words& words, const Paper& paper);

}  // namespace madang::documents
