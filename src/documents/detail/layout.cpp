#include "documents/detail/layout.h"

#include <algorithm>

#include "base/text.h"

namespace madang::documents {
namespace {

constexpr double kGutter = 30;
constexpr std::size_t kMaxPages = 4;
constexpr double kFramePadding = 7;

struct Look {
    Style style;
    double before = 12;        // free space above
    const char* tag = "P";
    bool framed = false;
};

Look look_of(BlockKind kind, bool narrow) {
    switch (kind) {
        case BlockKind::notice:
            return {{.size = 8.5, .bold = true, .align = Align::centre, .colour = {0.55, 0.10, 0.10}}, 0, "P", true};
        case BlockKind::issuer:
            return {{.size = narrow ? 10.0 : 11.0, .align = Align::centre, .colour = kAccent, .line = 1.3}, 14, "P", false};
        case BlockKind::title:
            return {{.size = narrow ? 15.5 : 19.0, .bold = true, .align = Align::centre, .colour = kAccent, .spacing = 0.3, .line = 1.15}, 20, "H1", false};
        case BlockKind::number:
            return {{.size = 10, .align = Align::centre, .colour = kQuiet}, 7, "P", false};
        case BlockKind::paragraph: return {{.size = 10.0, .line = 1.35}, 14, "P", false};
        case BlockKind::fields: return {{.size = 10.5}, 14, "Table", false};
        case BlockKind::validity: return {{.size = 10.0, .bold = true, .line = 1.3}, 12, "P", false};
        case BlockKind::signature: return {{.size = 9.0, .line = 1.3}, 10, "P", false};
        case BlockKind::seal:
            return {{.size = 8.5, .align = Align::centre, .colour = kAccent, .line = 1.3}, 12, "P", true};
        case BlockKind::qr: return {{.size = 8.5, .colour = kQuiet, .line = 1.3}, 0, "P", false};
    }
    return {};
}

// Label above value where the column is narrow, else label left of it. Marks stand from the top of
// their row until stack_rows() has seen the other columns.
Piece fields_piece(Sheet& sheet, const FilledBlock& block, std::size_t language, std::string_view tag, double width, bool narrow) {
    const Style label_style{.size = narrow ? 8.0 : 9.5, .colour = kQuiet};
    const Style value_style{.size = 10.0, .bold = true, .line = 1.2};
    const double label_width = narrow ? width : width * 0.34;
    const double value_left = narrow ? 0 : label_width + 12;
    Piece piece;
    for (const FilledRow& row : block.rows) {
        Mark label{sheet.text(row.label[language], label_width, label_style, tag), 0, narrow ? 5.0 : 6.0, "TH"};
        Mark value{sheet.text(row.value[language], width - value_left, value_style, tag), value_left, 5, "TD"};
        if (narrow) value.y = label.y + label.box.height() + 1;
        piece.row_heights.push_back(std::max(label.y + label.box.height(), value.y + value.box.height()) + 5);
        piece.marks.push_back(std::move(label));
        piece.marks.push_back(std::move(value));
    }
    return piece;
}

// Rows of neighbouring columns are equally high; a hairline stands under each.
void stack_rows(std::vector<Piece>& pieces, double width) {
    std::vector<double> heights = pieces.front().row_heights;
    for (const Piece& piece : pieces) {
        for (std::size_t i = 0; i < heights.size(); ++i) heights[i] = std::max(heights[i], piece.row_heights[i]);
    }
    for (Piece& piece : pieces) {
        piece.lines.push_back({0, 0, width, 0, 0.5, kHair});
        double y = 0;
        for (std::size_t i = 0; i < heights.size(); ++i) {
            piece.marks[2 * i].y += y;
            piece.marks[2 * i + 1].y += y;
            y += heights[i];
            piece.lines.push_back({0, y, width, y, 0.5, kHair});
        }
        piece.height = y;
    }
}

Piece make_piece(Sheet& sheet, const FilledBlock& block, std::size_t language, std::string_view tag, double width, bool narrow) {
    const Look look = look_of(block.kind, narrow);
    Piece piece;
    if (block.kind == BlockKind::fields) {
        piece = fields_piece(sheet, block, language, tag, width, narrow);
    } else {
        const double padding = look.framed ? kFramePadding : 0;
        Mark mark{sheet.text(block.text[language], width - 2 * padding, look.style, tag), padding, padding, look.tag};
        piece.height = mark.box.height() + 2 * padding;
        piece.marks.push_back(std::move(mark));
    }
    piece.kind = block.kind;
    piece.framed = look.framed;
    piece.width = width;
    return piece;
}

class Flow {
public:
    Flow(Sheet& sheet, const Filled& filled, bool narrow) : sheet_(sheet), filled_(filled), narrow_(narrow) {}

    // One block, in the languages given, each in its column.
    Result<void> place(const FilledBlock& block, const std::vector<std::size_t>& languages) {
        const double columns = static_cast<double>(languages.size());
        const double width = (kContentWidth - kGutter * (columns - 1)) / columns;
        std::vector<Piece> pieces;
        double height = 0;
        for (const std::size_t language : languages) {
            pieces.push_back(make_piece(sheet_, block, language, filled_.languages[language], width, narrow_));
        }
        if (block.kind == BlockKind::fields) stack_rows(pieces, width);
        for (const Piece& piece : pieces) height = std::max(height, piece.height);
        const double before = y_ > kMarginTop ? look_of(block.kind, narrow_).before : 0;
        TRY_DO(need(before + height));
        y_ += y_ > kMarginTop ? before : 0;
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            // Frames of one row are equally high.
            if (pieces[i].framed) pieces[i].height = height;
            const double x = kMarginSide + static_cast<double>(i) * (width + kGutter);
            layout_.pieces.push_back({std::move(pieces[i]), languages[i], layout_.pages - 1, x, y_});
        }
        y_ += height;
        if (block.kind == BlockKind::issuer) rule_below(10);
        return {};
    }
    // A double rule, thick over thin, over the whole width.
    void rule_below(double distance) {
        y_ += distance;
        line({kMarginSide, y_, kPageWidth - kMarginSide, y_, 1.4, kAccent});
        line({kMarginSide, y_ + 3, kPageWidth - kMarginSide, y_ + 3, 0.4, kAccent});
        y_ += 3;
    }
    Result<void> between_languages() {
        TRY_DO(need(30));
        y_ += 20;
        line({kMarginSide, y_, kPageWidth - kMarginSide, y_, 0.4, kAccent});
        return {};
    }
    // The part with the QR code stands at the foot of the last page.
    Result<Layout> finish(const FilledBlock* qr) {
        if (qr == nullptr) return std::move(layout_);
        const double width = kContentWidth - kQrSide - kQrGap;
        const double columns = narrow_ ? static_cast<double>(filled_.languages.size()) : 1;
        const double column = (width - 16 * (columns - 1)) / columns;
        std::vector<Piece> pieces;
        double height = 0;
        for (std::size_t i = 0; i < filled_.languages.size(); ++i) {
            pieces.push_back(make_piece(sheet_, *qr, i, filled_.languages[i], column, narrow_));
            height = narrow_ ? std::max(height, pieces[i].height) : height + pieces[i].height + (i > 0 ? 5 : 0);
        }
        layout_.qr_height = std::max(kQrSide, height + 30);
        TRY_DO(need(layout_.qr_height + 26));
        layout_.qr_top = kPageHeight - kMarginBottom - layout_.qr_height;
        line({kMarginSide, layout_.qr_top - 14, kPageWidth - kMarginSide, layout_.qr_top - 14, 0.4, kAccent});
        double y = layout_.qr_top;
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            const double x = kMarginSide + kQrSide + kQrGap + (narrow_ ? static_cast<double>(i) * (column + 16) : 0);
            const double high = pieces[i].height;
            layout_.pieces.push_back({std::move(pieces[i]), i, layout_.pages - 1, x, y});
            if (!narrow_) y += high + 5;
        }
        return std::move(layout_);
    }

private:
    void line(const Line& line) { layout_.lines.push_back({layout_.pages - 1, line}); }
    Result<void> need(double height) {
        const double room = kPageHeight - kMarginTop - kMarginBottom;
        if (height > room) return fail(Code::invalid, "a block of the certificate is higher than a page");
        if (y_ + height <= kPageHeight - kMarginBottom) return {};
        if (layout_.pages == kMaxPages) return fail(Code::invalid, format("the certificate needs more than {} pages", kMaxPages));
        ++layout_.pages;
        y_ = kMarginTop;
        return {};
    }

    Sheet& sheet_;
    const Filled& filled_;
    bool narrow_;
    Layout layout_;
    double y_ = kMarginTop;
};

}  // namespace

Result<Layout> lay_out(Sheet& sheet, const Filled& filled, Arrangement arrangement) {
    const bool narrow = arrangement == Arrangement::side_by_side && filled.languages.size() > 1;
    Flow flow(sheet, filled, narrow);
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < filled.languages.size(); ++i) all.push_back(i);
    // A letter has no QR code at its foot.
    const FilledBlock* qr = filled.blocks.back().kind == BlockKind::qr ? &filled.blocks.back() : nullptr;
    const auto blocks = std::span(filled.blocks).first(filled.blocks.size() - (qr == nullptr ? 0 : 1));
    if (narrow) {
        for (const FilledBlock& block : blocks) TRY_DO(flow.place(block, all));
        return flow.finish(qr);
    }
    for (const std::size_t language : all) {
        if (language > 0) TRY_DO(flow.between_languages());
        for (const FilledBlock& block : blocks) TRY_DO(flow.place(block, {language}));
    }
    return flow.finish(qr);
}

}  // namespace madang::documents
