// Where each piece of a filled template stands on the pages.
#pragma once

#include <string>
#include <vector>

#include "documents/detail/filled.h"
#include "documents/detail/sheet.h"

namespace madang::documents {

constexpr double kMarginSide = 62;
constexpr double kMarginTop = 48;
constexpr double kMarginBottom = 46;
constexpr double kContentWidth = kPageWidth - 2 * kMarginSide;
constexpr Colour kAccent{0.10, 0.21, 0.34};
constexpr Colour kQuiet{0.34, 0.34, 0.34};
constexpr double kQrSide = 100;
constexpr double kQrGap = 18;
constexpr Colour kHair{0.72, 0.74, 0.77};

struct Line {
    double x1 = 0, y1 = 0, x2 = 0, y2 = 0, thickness = 0.5;
    Colour colour = kHair;
};

struct Mark {
    TextBox box;
    double x = 0, y = 0;
    const char* tag = "P";
};

// A block in one language. Lengths are from its upper left corner.
struct Piece {
    BlockKind kind = BlockKind::paragraph;
    std::vector<Mark> marks;      // of fields: label, value, label, value …
    std::vector<Line> lines;
    std::vector<double> row_heights;   // of fields
    double height = 0;
    bool framed = false;
    double width = 0;
};

struct Placed {
    Piece piece;
    std::size_t language = 0;
    std::size_t page = 0;
    double x = 0, y = 0;
};

struct PageLine {
    std::size_t page = 0;
    Line line;
};

struct Layout {
    std::vector<Placed> pieces;   // in reading order within a language
    std::vector<PageLine> lines;  // from the page's corner
    std::size_t pages = 1;
    double qr_top = 0;            // on the last page
    double qr_height = 0;
};

// Fails with Code::invalid where a block is higher than a page or more than four pages are needed.
Result<Layout> lay_out(Sheet& sheet, const Filled& filled, Arrangement arrangement);

}  // namespace madang::documents
