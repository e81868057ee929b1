#include "documents/letter.h"

#include "documents/detail/painter.h"
#include "documents/detail/pdfa.h"

namespace madang::documents {
namespace {

BlockKind kind_of(const LetterBlock& block) {
    if (!block.rows.empty()) return BlockKind::fields;
    switch (block.kind) {
        case LetterBlock::Kind::plain: return BlockKind::paragraph;
        case LetterBlock::Kind::strong: return BlockKind::validity;
        case LetterBlock::Kind::quiet: return BlockKind::signature;
    }
    return BlockKind::paragraph;
}

Filled fill(const Letter& letter) {
    Filled filled;
    filled.languages = {letter.language};
    filled.title = {letter.title};
    filled.blocks.push_back({.kind = BlockKind::issuer, .text = {letter.issuer}, .rows = {}});
    filled.blocks.push_back({.kind = BlockKind::title, .text = {letter.title}, .rows = {}});
    filled.blocks.push_back({.kind = BlockKind::number, .text = {letter.number}, .rows = {}});
    for (const LetterBlock& block : letter.blocks) {
        FilledBlock one{.kind = kind_of(block), .text = {block.text}, .rows = {}};
        for (const LetterRow& row : block.rows) one.rows.push_back({{row.label}, {row.value}});
        filled.blocks.push_back(std::move(one));
    }
    return filled;
}

}  // namespace

Result<Bytes> render_letter(const Letter& letter) {
    const Filled filled = fill(letter);
    Sheet sheet(letter.made_at);
    TRY(const Layout layout, lay_out(sheet, filled, Arrangement::one_after_another));
    Painter painter(sheet, layout, filled, letter.identifier);
    TRY_DO(painter.paint());
    TRY(const Bytes drawn, sheet.finish());
    PdfFacts facts;
    facts.title = format("{} {}", letter.title, letter.identifier);
    facts.publisher = letter.issuer.substr(0, letter.issuer.find('\n'));
    facts.identifier = letter.identifier;
    facts.source = letter.identifier;
    facts.languages = {letter.language};
    facts.section_languages = painter.section_languages();
    facts.made_at = letter.made_at;
    return make_archival(drawn, facts);
}

}  // namespace madang::documents
