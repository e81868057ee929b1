// What cairo leaves out of an archival PDF, put in through QPDF: languages, descriptions of figures,
// XMP metadata, the colour profile, a file identifier made from the content.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

namespace madang::documents {

struct PdfFacts {
    std::string title;
    std::string publisher;
    std::string identifier;                       // dc:identifier, the code
    std::string source;                           // dc:source, the text of the QR code
    std::vector<std::string> languages;           // the first is the document's
    std::vector<std::string> section_languages;   // of the Sect elements, in reading order
    std::vector<std::string> figure_texts;        // Alt of the Figure elements, in reading order
    std::string link_text;                        // Contents of the links
    Instant made_at;
};

// ISO 19005-2, conformance level A: declared, not validated.
Result<Bytes> make_archival(const Bytes& pdf, const PdfFacts& facts);

}  // namespace madang::documents
