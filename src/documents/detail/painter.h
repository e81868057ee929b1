// Draws a layout on its sheet, with the marks by which it is read aloud.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "documents/detail/filled.h"
#include "documents/detail/layout.h"
#include "documents/detail/sheet.h"
#include "documents/qr_code.h"

namespace madang::documents {

// Draws a layout page by page, language by language: the order is the order in which it is read aloud.
// A paper without a text for a QR code has none.
class Painter {
public:
    Painter(Sheet& sheet, const Layout& layout, const Filled& filled, std::string code, std::string qr_text = {})
        : sheet_(sheet), layout_(layout), filled_(filled), code_(std::move(code)), qr_text_(std::move(qr_text)) {}

    Result<void> paint() {
        std::optional<QrCode> qr;
        if (!qr_text_.empty()) {
            TRY(qr, make_qr_code(qr_text_));
        }
        sheet_.open("Document");
        for (std::size_t page = 0; page < layout_.pages; ++page) {
            if (page > 0) sheet_.next_page();
            for (const PageLine& line : layout_.lines) {
                if (line.page == page) draw(line.line, 0, 0);
            }
            for (std::size_t language = 0; language < filled_.languages.size(); ++language) paint_language(page, language);
            if (qr && page + 1 == layout_.pages) paint_qr(*qr);
            paint_foot(page);
        }
        sheet_.close("Document");
        return {};
    }
    const std::vector<std::string>& section_languages() const { return section_languages_; }

private:
    void draw(const Line& line, double x, double y) {
        sheet_.draw_line(x + line.x1, y + line.y1, x + line.x2, y + line.y2, line.thickness, line.colour);
    }
    void open_section(std::size_t language) {
        sheet_.open("Sect");
        section_languages_.push_back(filled_.languages[language]);
    }
    void paint_language(std::size_t page, std::size_t language) {
        bool opened = false;
        for (const Placed& placed : layout_.pieces) {
            if (placed.page != page || placed.language != language) continue;
            if (!opened) open_section(language);
            opened = true;
            paint(placed);
        }
        if (opened) sheet_.close("Sect");
    }
    void paint(const Placed& placed) {
        const Piece& piece = placed.piece;
        for (const Line& line : piece.lines) draw(line, placed.x, placed.y);
        if (piece.framed) {
            const Colour colour = piece.kind == BlockKind::notice ? Colour{0.55, 0.10, 0.10} : kAccent;
            sheet_.draw_frame(placed.x, placed.y, piece.width, piece.height, 0.7, colour);
        }
        const bool table = piece.kind == BlockKind::fields;
        if (table) sheet_.open("Table");
        for (std::size_t i = 0; i < piece.marks.size(); ++i) {
            const Mark& mark = piece.marks[i];
            if (table && i % 2 == 0) sheet_.open("TR");
            sheet_.open(mark.tag);
            sheet_.draw(mark.box, placed.x + mark.x, placed.y + mark.y);
            sheet_.close(mark.tag);
            if (table && i % 2 == 1) sheet_.close("TR");
        }
        if (table) sheet_.close("Table");
    }
    void paint_qr(const QrCode& qr) {
        open_section(0);
        sheet_.open("Figure");
        sheet_.draw_qr(qr, kMarginSide, layout_.qr_top, kQrSide);
        sheet_.close("Figure");
        const double left = kMarginSide + kQrSide + kQrGap;
        const Style code{.size = 13, .bold = true, .monospaced = true, .colour = kAccent, .spacing = 0.5};
        const TextBox box = sheet_.text(code_, kContentWidth - kQrSide - kQrGap, code, "en");
        sheet_.open("P");
        sheet_.open_link(qr_text_);
        sheet_.draw(box, left, layout_.qr_top + layout_.qr_height - box.height());
        sheet_.close("Link");
        sheet_.close("P");
        sheet_.close("Sect");
    }
    void paint_foot(std::size_t page) {
        if (layout_.pages == 1) return;
        const std::string words = format("{} · {} / {}", code_, page + 1, layout_.pages);
        const TextBox box = sheet_.text(words, kContentWidth, {.size = 7.5, .align = Align::centre, .colour = kQuiet}, "en");
        sheet_.open("P");
        sheet_.draw(box, kMarginSide, kPageHeight - kMarginBottom + 22);
        sheet_.close("P");
    }

    Sheet& sheet_;
    const Layout& layout_;
    const Filled& filled_;
    std::string code_, qr_text_;
    std::vector<std::string> section_languages_;
};

}  // namespace madang::documents
