#include "documents/detail/sheet.h"

#include <cairo-pdf.h>

#include "base/check.h"
#include "base/text.h"
#include "base/time_text.h"

namespace madang::documents {
namespace {

// The Cyrillic face stands first: a face that has only part of an alphabet would mix two in one word.
constexpr const char* kFamily = "DejaVu Serif, Noto Serif, Noto Serif CJK KR, NanumMyeongjo, serif";
constexpr const char* kMonospaced = "DejaVu Sans Mono, monospace";

struct FreeDescription {
    void operator()(PangoFontDescription* description) const { pango_font_description_free(description); }
};
struct UnrefAttributes {
    void operator()(PangoAttrList* list) const { pango_attr_list_unref(list); }
};

std::vector<std::string> split_lines(std::string_view words) {
    const auto lines = split(words, '\n');
    return {lines.begin(), lines.end()};
}

}  // namespace

Sheet::Sheet(Instant made_at)
    : surface_(cairo_pdf_surface_create_for_stream(append, &bytes_, kPageWidth, kPageHeight)) {
    cairo_pdf_surface_restrict_to_version(surface_.get(), CAIRO_PDF_VERSION_1_5);
    const std::string date = format_instant(std::chrono::floor<std::chrono::seconds>(made_at)).substr(0, 19) + "Z";
    cairo_pdf_surface_set_metadata(surface_.get(), CAIRO_PDF_METADATA_CREATE_DATE, date.c_str());
    cairo_pdf_surface_set_metadata(surface_.get(), CAIRO_PDF_METADATA_MOD_DATE, date.c_str());
    context_.reset(cairo_create(surface_.get()));
    pango_.reset(pango_cairo_create_context(context_.get()));
    pango_cairo_context_set_resolution(pango_.get(), 72);
}

cairo_status_t Sheet::append(void* target, const unsigned char* data, unsigned int size) {
    auto& bytes = *static_cast<Bytes*>(target);
    bytes.insert(bytes.end(), data, data + size);
    return CAIRO_STATUS_SUCCESS;
}

TextBox Sheet::text(std::string_view words, double width, const Style& style, std::string_view language) {
    TextBox box;
    box.layout_.reset(pango_layout_new(pango_.get()));
    box.colour_ = style.colour;
    PangoLayout* layout = box.layout_.get();
    // A line end leaves no glyph: without a blank the words beside it would be read as one.
    const std::string readable = join(split_lines(words), " \n");
    pango_layout_set_text(layout, readable.data(), static_cast<int>(readable.size()));
    pango_layout_set_width(layout, pango_units_from_double(width));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_alignment(layout, style.align == Align::centre ? PANGO_ALIGN_CENTER : PANGO_ALIGN_LEFT);
    pango_layout_set_line_spacing(layout, static_cast<float>(style.line));

    const std::unique_ptr<PangoFontDescription, FreeDescription> font(pango_font_description_new());
    pango_font_description_set_family(font.get(), style.monospaced ? kMonospaced : kFamily);
    pango_font_description_set_absolute_size(font.get(), style.size * PANGO_SCALE);
    pango_font_description_set_weight(font.get(), style.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(layout, font.get());

    const std::unique_ptr<PangoAttrList, UnrefAttributes> attributes(pango_attr_list_new());
    pango_attr_list_insert(attributes.get(), pango_attr_language_new(pango_language_from_string(std::string(language).c_str())));
    if (style.spacing > 0) {
        pango_attr_list_insert(attributes.get(), pango_attr_letter_spacing_new(pango_units_from_double(style.spacing)));
    }
    // A word must read back as it was written: no hyphen of ours at a line's end.
    pango_attr_list_insert(attributes.get(), pango_attr_insert_hyphens_new(0));
    pango_layout_set_attributes(layout, attributes.get());

    int height = 0;
    pango_layout_get_size(layout, nullptr, &height);
    box.height_ = pango_units_to_double(height);
    return box;
}

void Sheet::draw(const TextBox& box, double x, double y) {
    cairo_set_source_rgb(context_.get(), box.colour_.red, box.colour_.green, box.colour_.blue);
    cairo_move_to(context_.get(), x, y);
    pango_cairo_show_layout(context_.get(), box.layout_.get());
}

void Sheet::draw_line(double x1, double y1, double x2, double y2, double thickness, const Colour& colour) {
    cairo_set_source_rgb(context_.get(), colour.red, colour.green, colour.blue);
    cairo_set_line_width(context_.get(), thickness);
    cairo_move_to(context_.get(), x1, y1);
    cairo_line_to(context_.get(), x2, y2);
    cairo_stroke(context_.get());
}

void Sheet::draw_frame(double x, double y, double width, double height, double thickness, const Colour& colour) {
    cairo_set_source_rgb(context_.get(), colour.red, colour.green, colour.blue);
    cairo_set_line_width(context_.get(), thickness);
    cairo_rectangle(context_.get(), x, y, width, height);
    cairo_stroke(context_.get());
}

void Sheet::draw_qr(const QrCode& code, double x, double y, double side) {
    const double module = side / static_cast<double>(code.width);
    cairo_set_source_rgb(context_.get(), 0, 0, 0);
    // Neighbours in a row become one rectangle: a smaller file, and no hairlines between them.
    for (std::size_t row = 0; row < code.width; ++row) {
        for (std::size_t begin = 0; begin < code.width;) {
            std::size_t end = begin;
            while (end < code.width && code.at(row, end)) ++end;
            if (end > begin) {
                cairo_rectangle(context_.get(), x + static_cast<double>(begin) * module, y + static_cast<double>(row) * module,
                                static_cast<double>(end - begin) * module, module);
            }
            begin = end + 1;
        }
    }
    cairo_fill(context_.get());
}

void Sheet::next_page() { cairo_show_page(context_.get()); }

void Sheet::open(const char* tag) { cairo_tag_begin(context_.get(), tag, nullptr); }

void Sheet::open_link(const std::string& address) {
    MADANG_CHECK(address.find_first_of("'\\") == std::string::npos);
    cairo_tag_begin(context_.get(), CAIRO_TAG_LINK, format("uri='{}'", address).c_str());
}

void Sheet::close(const char* tag) { cairo_tag_end(context_.get(), tag); }

Result<Bytes> Sheet::finish() {
    const cairo_status_t drawn = cairo_status(context_.get());
    pango_.reset();
    context_.reset();
    cairo_surface_finish(surface_.get());
    const cairo_status_t written = cairo_surface_status(surface_.get());
    for (const cairo_status_t status : {drawn, written}) {
        if (status != CAIRO_STATUS_SUCCESS) {
            return fail(Code::invalid, format("the document could not be drawn: {}", cairo_status_to_string(status)));
        }
    }
    return std::move(bytes_);
}

}  // namespace madang::documents
