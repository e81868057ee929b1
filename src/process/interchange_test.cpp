#include "process/interchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "base/xml_tree.h"

namespace madang::process {
namespace {

using testing::HasSubstr;

constexpr std::string_view kModel =
    "<?xml version=\"1.0\"?><!-- drawn by hand -->\n<bpmn:definitions xmlns:bpmn=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:x=\"urn:x\" targetNamespace=\"urn:a\">"
    "<bpmn:process id=\"p\" name=\"a &lt; b &quot;c&quot;\"><bpmn:documentation>two  <b>words</b> </bpmn:documentation>\n\n\n<!-- and a note -->"
    "<bpmn:extensionElements><x:y> <x:z/></x:y></bpmn:extensionElements><bpmn:task id=\"t\"/><bpmn:scriptTask id=\"s\"><bpmn:script><![CDATA[a < b]]></bpmn:script></bpmn:scriptTask>"
    "</bpmn:process></bpmn:definitions>";

std::string canonical(std::string_view text) {
    const auto tree = xml::parse_tree(text, "m.bpmn");
    return tree ? xml::canonical(*tree) : tree.error().message;
}

TEST(RewriteBpmn, LosesNothing) {
    const auto written = rewrite_bpmn(kModel, "m.bpmn");
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(canonical(*written), canonical(kModel));
    EXPECT_THAT(*written, HasSubstr("<!-- drawn by hand -->"));
    EXPECT_EQ(rewrite_bpmn(*written, "m.bpmn").value(), *written) << "written once is written for good";
}

TEST(RewriteBpmn, IndentsWhatIsBetweenElementsOnly) {
    const auto written = rewrite_bpmn(kModel, "m.bpmn", Layout::indented);
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_THAT(*written, HasSubstr("\n  <bpmn:process id=\"p\""));
    EXPECT_THAT(*written, HasSubstr("\n    <bpmn:documentation>two  <b>words</b> </bpmn:documentation>\n    <!-- and a note -->\n    <bpmn:extensionElements><x:y> <x:z"));
    EXPECT_THAT(*written, HasSubstr("\n      <bpmn:script>"));
    EXPECT_EQ(rewrite_bpmn(*written, "m.bpmn", Layout::indented).value(), *written);
}

TEST(RewriteBpmn, RefusesWhatIsNoModel) {
    EXPECT_EQ(rewrite_bpmn("<a/>", "m.bpmn").error().code, Code::invalid);
    EXPECT_THAT(rewrite_bpmn("<a", "m.bpmn").error().message, HasSubstr("m.bpmn:1"));
    EXPECT_FALSE(rewrite_bpmn("<!DOCTYPE a><a/>", "m.bpmn"));
}

}  // namespace
}  // namespace madang::process
