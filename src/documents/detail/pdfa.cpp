#include "documents/detail/pdfa.h"

#include <qpdf/qpdf-c.h>  // QPDF's C++ headers do not compile with clang as C++23

#include <memory>
#include <mutex>

#include "base/file.h"
#include "base/text.h"
#include "base/time_text.h"

namespace madang::documents {
namespace {

constexpr const char* kProfile = "/usr/share/color/icc/sRGB.icc";   // Debian package icc-profiles-free
constexpr std::size_t kMaxProfile = 1U << 20;
constexpr int kMaxDepth = 32;
constexpr std::string_view kProducer = "Madang (cairo, QPDF)";

Result<std::string> colour_profile() {
    static std::mutex mutex;
    static std::string profile;
    const std::lock_guard lock(mutex);
    if (profile.empty()) {
        auto read = read_file(kProfile, kMaxProfile);
        if (!read) return fail(Code::unavailable, "the colour profile of the package icc-profiles-free is not installed");
        profile = std::move(*read);
    }
    return profile;
}

// ISO 16684-1, and ISO 19005-2 clause 6.6: what the Info dictionary says, the metadata says alike.
std::string xmp_of(const PdfFacts& facts) {
    const std::string date = format_instant(std::chrono::floor<std::chrono::seconds>(facts.made_at)).substr(0, 19) + "Z";
    std::string languages;
    for (const std::string& language : facts.languages) languages += format("<rdf:li>{}</rdf:li>", escape_markup(language));
    return format(
        "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
        "<rdf:Description rdf:about=\"\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\">"
        "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance></rdf:Description>\n"
        "<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">"
        "<dc:format>application/pdf</dc:format>"
        "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{}</rdf:li></rdf:Alt></dc:title>"
        "<dc:publisher><rdf:Bag><rdf:li>{}</rdf:li></rdf:Bag></dc:publisher>"
        "<dc:language><rdf:Bag>{}</rdf:Bag></dc:language>"
        "<dc:identifier>{}</dc:identifier><dc:source>{}</dc:source></rdf:Description>\n"
        "<rdf:Description rdf:about=\"\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\">"
        "<xmp:CreateDate>{}</xmp:CreateDate><xmp:ModifyDate>{}</xmp:ModifyDate><pdf:Producer>{}</pdf:Producer>"
        "</rdf:Description>\n</rdf:RDF></x:xmpmeta>\n<?xpacket end=\"w\"?>",
        escape_markup(facts.title), escape_markup(facts.publisher), languages, escape_markup(facts.identifier), escape_markup(facts.source), date,
        date, kProducer);
}

// QPDF behind a few words. Handles live until the file is done.
class Pdf {
public:
    using Object = qpdf_oh;

    Pdf() : data_(qpdf_init(), Cleanup{}) {
        qpdf_silence_errors(data_.get());
        qpdf_set_suppress_warnings(data_.get(), QPDF_TRUE);
    }
    Result<void> read(const Bytes& bytes) {
        const std::string_view text = as_text(bytes);
        qpdf_read_memory(data_.get(), "certificate", text.data(), text.size(), nullptr);
        return failure();
    }
    Object root() { return qpdf_get_root(data_.get()); }
    Object trailer() { return qpdf_get_trailer(data_.get()); }
    Object parse(const std::string& text) { return qpdf_oh_parse(data_.get(), text.c_str()); }
    Object words(const std::string& text) { return qpdf_oh_new_unicode_string(data_.get(), text.c_str()); }
    Object indirect(Object object) { return qpdf_make_indirect_object(data_.get(), object); }
    Object stream(std::string_view content, const std::string& dictionary) {
        const Object made = qpdf_oh_new_stream(data_.get());
        const ByteSpan bytes = as_bytes(content);
        const Object null = qpdf_oh_new_null(data_.get());
        qpdf_oh_replace_stream_data(data_.get(), made, bytes.data(), bytes.size(), null, null);
        const Object keys = parse(dictionary);
        const Object target = qpdf_oh_get_dict(data_.get(), made);
        qpdf_oh_begin_dict_key_iter(data_.get(), keys);
        while (qpdf_oh_dict_more_keys(data_.get())) {
            const std::string key = qpdf_oh_dict_next_key(data_.get());
            put(target, key.c_str(), get(keys, key.c_str()));
        }
        return made;
    }
    bool is_dictionary(Object object) { return qpdf_oh_is_dictionary(data_.get(), object) != QPDF_FALSE; }
    bool has(Object dictionary, const char* key) { return qpdf_oh_has_key(data_.get(), dictionary, key) != QPDF_FALSE; }
    Object get(Object dictionary, const char* key) { return qpdf_oh_get_key(data_.get(), dictionary, key); }
    void put(Object dictionary, const char* key, Object value) { qpdf_oh_replace_key(data_.get(), dictionary, key, value); }
    void append(Object array, Object item) { qpdf_oh_append_item(data_.get(), array, item); }
    std::string name(Object dictionary, const char* key) {
        const Object value = get(dictionary, key);
        return qpdf_oh_is_name(data_.get(), value) ? qpdf_oh_get_name(data_.get(), value) : "";
    }
    // One object or the items of an array.
    std::vector<Object> items(Object object) {
        if (!qpdf_oh_is_array(data_.get(), object)) return {object};
        std::vector<Object> out;
        for (int i = 0; i < qpdf_oh_get_array_n_items(data_.get(), object); ++i) {
            out.push_back(qpdf_oh_get_array_item(data_.get(), object, i));
        }
        return out;
    }
    std::vector<Object> all() {
        std::vector<Object> out;
        const int size = qpdf_oh_get_int_value_as_int(data_.get(), get(trailer(), "/Size"));
        for (int i = 1; i < size; ++i) out.push_back(qpdf_get_object_by_id(data_.get(), i, 0));
        return out;
    }
    std::vector<Object> pages() {
        std::vector<Object> out;
        const int count = qpdf_get_num_pages(data_.get());
        for (int i = 0; i < count; ++i) out.push_back(qpdf_get_page_n(data_.get(), static_cast<std::size_t>(i)));
        return out;
    }
    Result<Bytes> write() {
        TRY_DO(failure());
        qpdf_init_write_memory(data_.get());
        qpdf_set_minimum_pdf_version(data_.get(), "1.7");
        qpdf_set_deterministic_ID(data_.get(), QPDF_TRUE);
        qpdf_set_object_stream_mode(data_.get(), qpdf_o_generate);
        qpdf_write(data_.get());
        TRY_DO(failure());
        const unsigned char* bytes = qpdf_get_buffer(data_.get());
        return Bytes(bytes, bytes + qpdf_get_buffer_length(data_.get()));
    }

private:
    struct Cleanup {
        void operator()(qpdf_data data) const { qpdf_cleanup(&data); }
    };
    Result<void> failure() {
        if (!qpdf_has_error(data_.get())) return {};
        const qpdf_error error = qpdf_get_error(data_.get());
        return fail(Code::corrupted, format("the document could not be finished: {}", qpdf_get_error_full_text(data_.get(), error)));
    }
    std::unique_ptr<std::remove_pointer_t<qpdf_data>, Cleanup> data_;
};

void set_info(Pdf& pdf, const PdfFacts& facts) {
    std::string date = "(D:";
    for (const char c : format_instant(facts.made_at).substr(0, 19)) {  // 2026-11-23T09:05:00
        if (c >= '0' && c <= '9') date += c;
    }
    date += "Z)";
    const Pdf::Object info = pdf.parse(format("<< /CreationDate {} /ModDate {} >>", date, date));
    pdf.put(info, "/Producer", pdf.words(std::string(kProducer)));
    pdf.put(info, "/Title", pdf.words(facts.title));
    pdf.put(pdf.trailer(), "/Info", pdf.indirect(info));
}

void set_metadata(Pdf& pdf, const PdfFacts& facts, const std::string& profile) {
    const Pdf::Object root = pdf.root();
    pdf.put(root, "/Metadata", pdf.stream(xmp_of(facts), "<< /Type /Metadata /Subtype /XML >>"));
    const Pdf::Object intent = pdf.parse(
        "<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) /Info (sRGB IEC61966-2.1) >>");
    pdf.put(intent, "/DestOutputProfile", pdf.stream(profile, "<< /N 3 /Alternate /DeviceRGB >>"));
    const Pdf::Object intents = pdf.parse("[]");
    pdf.append(intents, pdf.indirect(intent));
    pdf.put(root, "/OutputIntents", intents);
    pdf.put(root, "/Lang", pdf.parse(format("({})", facts.languages.front())));
    pdf.put(root, "/MarkInfo", pdf.parse("<< /Marked true >>"));
    pdf.put(root, "/ViewerPreferences", pdf.parse("<< /DisplayDocTitle true >>"));
}

struct Described {
    std::size_t sections = 0;
    std::size_t figures = 0;
};

// ISO 32000-1, 14.9.2 and 14.9.3: the language of a part, the words for what is not text.
void describe(Pdf& pdf, Pdf::Object element, const PdfFacts& facts, Described& described, int depth) {
    if (!pdf.is_dictionary(element) || depth > kMaxDepth) return;
    const std::string type = pdf.name(element, "/S");
    if (type == "/Sect" && described.sections < facts.section_languages.size()) {
        pdf.put(element, "/Lang", pdf.parse(format("({})", facts.section_languages[described.sections++])));
    }
    if (type == "/Figure" && described.figures < facts.figure_texts.size()) {
        pdf.put(element, "/Alt", pdf.words(facts.figure_texts[described.figures++]));
    }
    if (type == "/TH") pdf.put(element, "/A", pdf.parse("<< /O /Table /Scope /Row >>"));
    for (const Pdf::Object kid : pdf.items(pdf.get(element, "/K"))) describe(pdf, kid, facts, described, depth + 1);
}

// ISO 19005-2, 6.2.11.3.2 (CIDToGIDMap) and 6.3.2 (annotations are printed and not hidden).
void mend_fonts_and_links(Pdf& pdf, const std::string& link_text) {
    for (const Pdf::Object object : pdf.all()) {
        if (!pdf.is_dictionary(object)) continue;
        const std::string subtype = pdf.name(object, "/Subtype");
        if (subtype == "/CIDFontType2" && !pdf.has(object, "/CIDToGIDMap")) {
            pdf.put(object, "/CIDToGIDMap", pdf.parse("/Identity"));
        }
        if (subtype == "/Link") {
            pdf.put(object, "/F", pdf.parse("4"));
            pdf.put(object, "/Contents", pdf.words(link_text));
        }
    }
    for (const Pdf::Object page : pdf.pages()) pdf.put(page, "/Tabs", pdf.parse("/S"));
}

}  // namespace

Result<Bytes> make_archival(const Bytes& pdf_bytes, const PdfFacts& facts) {
    TRY(const std::string profile, colour_profile());
    Pdf pdf;
    TRY_DO(pdf.read(pdf_bytes));
    set_info(pdf, facts);
    set_metadata(pdf, facts, profile);
    Described described;
    describe(pdf, pdf.get(pdf.root(), "/StructTreeRoot"), facts, described, 0);
    mend_fonts_and_links(pdf, facts.link_text);
    if (described.figures != facts.figure_texts.size() || described.sections != facts.section_languages.size()) {
        return fail(Code::corrupted, "the drawn document has not the structure that was drawn");
    }
    return pdf.write();
}

}  // namespace madang::documents
