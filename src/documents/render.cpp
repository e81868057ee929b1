#include "documents/render.h"

#include <algorithm>

#include "base/text.h"
#include "documents/detail/filled.h"
#include "documents/detail/layout.h"
#include "documents/detail/painter.h"
#include "documents/detail/pdfa.h"
#include "documents/detail/sheet.h"

namespace madang::documents {
Result<Bytes> render_certificate(const CertificateTemplate& certificate, const Values& values, const Words& words,
                                 const Paper& paper) {
    if (paper.qr_text.find_first_of("'\\ \n") != std::string::npos) {
        return fail(Code::invalid, "the address of the verification page holds a blank, a quote or a backslash");
    }
    TRY(const Filled filled, fill_template(certificate, values, words, paper));
    Sheet sheet(paper.made_at);
    TRY(const Layout layout, lay_out(sheet, filled, certificate.arrangement));
    Painter painter(sheet, layout, filled, paper.code, paper.qr_text);
    TRY_DO(painter.paint());
    TRY(const Bytes drawn, sheet.finish());
    PdfFacts facts;
    facts.title = format("{} {}", join(filled.title, " / "), paper.number);
    std::vector<std::string> names;
    for (const std::string& language : filled.languages) {
        const auto name = paper.issuing_body.find(language);
        if (name != paper.issuing_body.end()) names.push_back(name->second);
    }
    facts.publisher = join(names, " / ");
    facts.identifier = paper.code;
    facts.source = paper.qr_text;
    facts.languages = filled.languages;
    facts.section_languages = painter.section_languages();
    facts.figure_texts = {format("QR: {} {}", paper.verify_address, paper.code)};
    facts.link_text = facts.figure_texts.front();
    facts.made_at = paper.made_at;
    return make_archival(drawn, facts);
}

}  // namespace madang::documents
