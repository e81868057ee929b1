#include "process/interchange.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/xml_tree.h"
#include "process/detail/vocabulary.h"

namespace madang::process {
namespace {

using Kind = xml::TreeNode::Kind;

constexpr std::string_view kStep = "  ";

std::string_view local(std::string_view name) { return name.substr(name.find(':') == std::string_view::npos ? 0 : name.find(':') + 1); }

bool is_blank(const xml::TreeNode& node) { return node.kind == Kind::text && trim(node.value).empty(); }

// What others have added, and texts that may hold marks of any kind (clause 15.3).
bool is_kept(const xml::TreeNode& node) {
    constexpr std::array<std::string_view, 4> kKept{"extensionElements", "documentation", "text", "script"};
    const bool preserves = std::ranges::any_of(node.attributes, [](const auto& one) { return one.first == "xml:space" && one.second == "preserve"; });
    return preserves || std::ranges::find(kKept, local(node.name)) != kKept.end();
}

// Only elements that hold elements, comments and blanks; the reader has limited the depth.
void indent(xml::TreeNode& node, std::size_t depth) {
    const bool elements = std::ranges::any_of(node.children, [](const xml::TreeNode& one) { return one.kind == Kind::element; });
    const bool words = std::ranges::any_of(node.children, [](const xml::TreeNode& one) { return (one.kind == Kind::text && !is_blank(one)) || one.kind == Kind::cdata; });
    if (is_kept(node) || !elements || words) return;
    std::erase_if(node.children, is_blank);
    const auto line = [](std::size_t steps) {
        std::string text = "\n";
        for (std::size_t i = 0; i < steps; ++i) text += kStep;
        return xml::TreeNode{.kind = Kind::text, .value = std::move(text)};
    };
    std::vector<xml::TreeNode> laid;
    for (xml::TreeNode& one : node.children) {
        indent(one, depth + 1);
        laid.push_back(line(depth + 1));
        laid.push_back(std::move(one));
    }
    laid.push_back(line(depth));
    node.children = std::move(laid);
}

}  // namespace

Result<std::string> rewrite_bpmn(std::string_view xml, std::string_view name, Layout layout) {
    TRY(const auto document, xml::parse(xml, name));
    if (!xml::is(document.root(), kBpmnNamespace, "definitions")) {
        return fail(Code::invalid, format("{}: the root is not definitions of BPMN 2.0", document.where(document.root())));
    }
    TRY(xml::Tree tree, xml::parse_tree(xml, name));
    if (layout == Layout::indented) {
        for (xml::TreeNode& node : tree.nodes) indent(node, 0);
    }
    std::string written = xml::write(tree);
    const auto again = xml::parse_tree(written, name);
    if (!again || xml::canonical(*again) != xml::canonical(tree)) return fail(Code::corrupted, format("{}: what would be written says something else", name));
    return written;
}

}  // namespace madang::process
