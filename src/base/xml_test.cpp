#include "base/xml.h"
#include "base/xml_encoding.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace madang::xml {
namespace {

TEST(ParseXml, RefusesEveryDoctype) {
    for (const char* text : {
             "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><a>&x;</a>",
             "<!DOCTYPE a SYSTEM \"http://127.0.0.1/x.dtd\"><a/>",
             "<?xml version=\"1.0\"?>\n<!DOCTYPE a>\n<a/>"}) {
        const auto document = parse(text, "x.xml");
        ASSERT_FALSE(document) << text;
        EXPECT_EQ(document.error().code, Code::invalid);
    }
    EXPECT_NE(parse("<?xml version=\"1.0\"?>\n<!DOCTYPE a>\n<a/>", "x.xml").error().message.find("x.xml:2:"),
              std::string::npos);
}

TEST(ParseXml, LeavesUnknownEntitiesAlone) {
    const auto document = parse("<a>&x; &amp; &#1101;</a>", "x.xml");
    ASSERT_TRUE(document);
    EXPECT_EQ(text_of(document->root()), "&x; & э");
}

TEST(ParseXml, KeepsItsLimits) {
    std::string deep;
    for (int i = 0; i < 101; ++i) deep += "<a>";
    for (int i = 0; i < 101; ++i) deep += "</a>";
    EXPECT_EQ(parse(deep, "x").error().code, Code::exhausted);
    EXPECT_EQ(parse("<a>" + std::string(100, ' ') + "</a>", "x", {.bytes = 50}).error().code, Code::exhausted);
    std::string wide = "<a>";
    for (int i = 0; i < 100; ++i) wide += "<b c='1'/>";
    EXPECT_EQ(parse(wide + "</a>", "x", {.nodes = 150}).error().code, Code::exhausted);
    EXPECT_TRUE(parse(wide + "</a>", "x", {.nodes = 201}));
}

TEST(ParseXml, NamesTheLineOfAFaultAndOfANode) {
    const auto broken = parse("<a>\n  <b>\n</a>", "p.bpmn");
    ASSERT_FALSE(broken);
    EXPECT_TRUE(broken.error().message.starts_with("p.bpmn:3:")) << broken.error().message;
    const auto document = parse("<a>\n\n  <b id='x'/>\n</a>", "p.bpmn");
    EXPECT_EQ(document->where(document->root().first_child()), "p.bpmn:3: <b id=\"x\">");
}

TEST(NamespaceOf, FollowsDeclarationsInForce) {
    const auto document = parse("<p:a xmlns:p='urn:1' xmlns='urn:2'><b p:c='1'><p:d xmlns:p='urn:3'/></b></p:a>", "x");
    const Node a = document->root();
    EXPECT_TRUE(is(a, "urn:1", "a"));
    const Node b = child(a, "urn:2", "b");
    ASSERT_TRUE(b);
    EXPECT_EQ(namespace_of(b, b.first_attribute()), "urn:1");
    EXPECT_TRUE(child(b, "urn:3", "d"));
}

TEST(ParseXml, RefusesBytesThatAreNotUtf8) {
    EXPECT_FALSE(parse("<a>\xff</a>", "x"));
    EXPECT_FALSE(parse(std::string_view("<a>\0</a>", 8), "x"));
    EXPECT_FALSE(parse("", "x"));
}

TEST(ParseXml, ReadsTheEncodingThatTheTextIsWrittenIn) {
    const std::string latin = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>Stra\xDF" "e</a>";
    const auto text_in = [](std::string_view bytes) {
        const auto read = parse(bytes, "x");
        return read ? text_of(read->root()) : read.error().message;
    };
    EXPECT_EQ(text_in(latin), "Straße");
    EXPECT_EQ(text_in(*in_utf8(latin, "x")), "Straße") << "what was converted is read as it is";
    for (const bool big : {true, false}) {
        for (const bool marked : {true, false}) {
            std::u16string text = to_utf16("<?xml version=\"1.0\" encoding=\"UTF-16\"?><a>마당 𝄞</a>");
            if (marked) text.insert(text.begin(), u'\xFEFF');
            std::string bytes;
            for (const char16_t unit : text) {
                const char high = static_cast<char>(unit >> 8);
                const char low = static_cast<char>(unit & 0xFF);
                bytes += big ? std::string{high, low} : std::string{low, high};
            }
            EXPECT_EQ(text_in(bytes), "마당 𝄞");
            EXPECT_EQ(text_in(*in_utf8(bytes, "x")), "마당 𝄞");
            EXPECT_EQ(text_in(bytes.substr(0, bytes.size() - 1)), "x: the text is not UTF-16");
        }
    }
    EXPECT_EQ(text_in("<?xml version=\"1.0\" encoding=\"EBCDIC\"?><a>\xff</a>"), "x: the encoding \"EBCDIC\" is not read; it is UTF-8, UTF-16 or ISO-8859-1");
}

}  // namespace
}  // namespace madang::xml
