// An official letter as a tagged PDF, declared PDF/A-2a (ISO 19005-2) like a certificate, in one language and without a
// QR code. The same input gives the same bytes.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

namespace madang::documents {

struct LetterRow {
    std::string label, value;
};

// A paragraph, or a table of rows.
struct LetterBlock {
    enum class Kind { plain, strong, quiet };
    std::string text = {};
    Kind kind = Kind::plain;
    std::vector<LetterRow> rows = {};
};

struct Letter {
    std::string language;
    std::string issuer, title, number;   // as printed: the body, what it is, place and date
    std::string identifier;              // of the file, and at the foot of each page
    std::vector<LetterBlock> blocks;
    Instant made_at{};
};

// Code::invalid where the text does not fit on four pages. Needs milliseconds: not for the writer of the store.
// Safe to call from several threads.
Result<Bytes> render_letter(const Letter& letter);

}  // namespace madang::documents
