// A PDF that is being drawn: text by pango, tags and bytes by cairo. Lengths are points (1/72 inch), y
// grows downwards.
#pragma once

#include <cairo.h>
#include <pango/pangocairo.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "documents/qr_code.h"

namespace madang::documents {

constexpr double kPageWidth = 595.276;   // A4, 210 mm
constexpr double kPageHeight = 841.89;   // 297 mm

struct Colour {
    double red = 0, green = 0, blue = 0;
};

enum class Align { left, centre };

struct Style {
    double size = 10;                    // points
    bool bold = false;
    bool monospaced = false;
    Align align = Align::left;
    Colour colour{0.07, 0.07, 0.07};
    double spacing = 0;                  // between letters
    double line = 1.25;                  // height of a line, times its own
};

// Text that is measured and waits to be drawn.
class TextBox {
public:
    double height() const { return height_; }

private:
    friend class Sheet;
    struct Unref {
        void operator()(PangoLayout* layout) const { g_object_unref(layout); }
    };
    std::unique_ptr<PangoLayout, Unref> layout_;
    Colour colour_;
    double height_ = 0;
};

class Sheet {
public:
    explicit Sheet(Instant made_at);
    Sheet(const Sheet&) = delete;
    Sheet& operator=(const Sheet&) = delete;

    TextBox text(std::string_view words, double width, const Style& style, std::string_view language);
    void draw(const TextBox& box, double x, double y);
    void draw_line(double x1, double y1, double x2, double y2, double thickness, const Colour& colour);
    void draw_frame(double x, double y, double width, double height, double thickness, const Colour& colour);
    void draw_qr(const QrCode& code, double x, double y, double side);
    void next_page();

    // ISO 32000-1, 14.8.4: structure element types. Open and close nest.
    void open(const char* tag);
    void open_link(const std::string& address);
    void close(const char* tag);

    // The finished file; the sheet is not used after.
    Result<Bytes> finish();

private:
    struct DestroySurface {
        void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
    };
    struct DestroyContext {
        void operator()(cairo_t* context) const { cairo_destroy(context); }
    };
    struct UnrefContext {
        void operator()(PangoContext* context) const { g_object_unref(context); }
    };
    static cairo_status_t append(void* target, const unsigned char* data, unsigned int size);

    Bytes bytes_;
    std::unique_ptr<cairo_surface_t, DestroySurface> surface_;
    std::unique_ptr<cairo_t, DestroyContext> context_;
    std::unique_ptr<PangoContext, UnrefContext> pango_;
};

}  // namespace madang::documents
