#include "base/xml_tree.h"

#include <gtest/gtest.h>

namespace madang::xml {
namespace {

std::string canonical_of(std::string_view text) {
    const auto tree = parse_tree(text, "t.xml");
    return tree ? canonical(*tree) : tree.error().message;
}

// The examples of Canonical XML 1.0 that need no document type (3.1, 3.2, 3.3 in part, 3.4, 3.6).
TEST(Canonical, IsAsTheRecommendationShows) {
    EXPECT_EQ(canonical_of("<?xml version=\"1.0\"?>\n\n<?xml-stylesheet   href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n\n<doc>Hello, world!<!-- Comment 1 --></doc>\n\n<?pi-without-data     ?>\n\n<!-- Comment 2 -->"),
              "<?xml-stylesheet href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n<doc>Hello, world!</doc>\n<?pi-without-data?>");
    EXPECT_EQ(canonical_of("<doc>\n   <clean>   </clean>\n   <mixed>\n      A\n      <clean>   </clean>\n      B\n   </mixed>\n</doc>"),
              "<doc>\n   <clean>   </clean>\n   <mixed>\n      A\n      <clean>   </clean>\n      B\n   </mixed>\n</doc>");
    EXPECT_EQ(canonical_of("<doc><e1   /><e3   name = \"elem3\"   id=\"elem3\"   /><e5 a:attr=\"out\" b:attr=\"sorted\" attr2=\"all\" attr=\"I'm\"\n"
                           " xmlns:b=\"http://www.ietf.org\" xmlns:a=\"http://www.w3.org\" xmlns=\"http://example.org\"/>"
                           "<e6 xmlns=\"\" xmlns:a=\"http://www.w3.org\"><e7 xmlns=\"http://www.ietf.org\"><e8 xmlns=\"\" xmlns:a=\"http://www.w3.org\"/></e7></e6></doc>"),
              "<doc><e1></e1><e3 id=\"elem3\" name=\"elem3\"></e3><e5 xmlns=\"http://example.org\" xmlns:a=\"http://www.w3.org\" xmlns:b=\"http://www.ietf.org\" attr=\"I'm\" attr2=\"all\" "
              "b:attr=\"sorted\" a:attr=\"out\"></e5><e6 xmlns:a=\"http://www.w3.org\"><e7 xmlns=\"http://www.ietf.org\"><e8 xmlns=\"\"></e8></e7></e6></doc>");
    EXPECT_EQ(canonical_of("<doc><text>First line&#x0d;&#10;Second line</text><value>&#x32;</value><compute><![CDATA[value>\"0\" && value<\"10\" ?\"valid\":\"error\"]]></compute></doc>"),
              "<doc><text>First line&#xD;\nSecond line</text><value>2</value><compute>value&gt;\"0\" &amp;&amp; value&lt;\"10\" ?\"valid\":\"error\"</compute></doc>");
    EXPECT_EQ(canonical_of("<doc>&#169;</doc>"), "<doc>\xC2\xA9</doc>");
}

TEST(Write, LosesNothing) {
    for (const std::string_view text : {"<a/>", "<a b=\"&lt;&quot;&#10;&#9;\">x &amp; y<!-- c --><?p i?><![CDATA[<z>]]></a>", "<a xmlns:p=\"urn:p\"><p:b p:c='1'>  </p:b>\n</a>"}) {
        const auto tree = parse_tree(text, "t.xml");
        ASSERT_TRUE(tree) << tree.error().message;
        const std::string written = write(*tree);
        const auto again = parse_tree(written, "again.xml");
        ASSERT_TRUE(again) << written;
        EXPECT_EQ(write(*again), written);
        EXPECT_EQ(canonical(*again), canonical(*tree)) << written;
    }
}

TEST(ParseTree, RefusesWhatParseRefuses) {
    EXPECT_EQ(parse_tree("<!DOCTYPE a><a/>", "t.xml").error().code, Code::invalid);
    EXPECT_EQ(parse_tree("<a>", "t.xml").error().code, Code::invalid);
    EXPECT_EQ(parse_tree("<a/>", "t.xml", {.bytes = 2}).error().code, Code::exhausted);
}

}  // namespace
}  // namespace madang::xml
