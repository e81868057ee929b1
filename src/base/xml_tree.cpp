#include "base/xml_tree.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "base/xml_encoding.h"

namespace madang::xml {
namespace {

TreeNode::Kind kind_of(pugi::xml_node_type type) {
    switch (type) {
        case pugi::node_pcdata: return TreeNode::Kind::text;
        case pugi::node_cdata: return TreeNode::Kind::cdata;
        case pugi::node_comment: return TreeNode::Kind::comment;
        case pugi::node_pi: return TreeNode::Kind::instruction;
        default: return TreeNode::Kind::element;
    }
}

// The depth was limited when the text was first parsed.
TreeNode copy(pugi::xml_node node) {
    TreeNode made{.kind = kind_of(node.type()), .name = node.name(), .value = node.value()};
    for (const pugi::xml_attribute one : node.attributes()) made.attributes.emplace_back(one.name(), one.value());
    for (const pugi::xml_node child : node.children()) made.children.push_back(copy(child));
    return made;
}

// Canonical XML 1.0, clause 2.3: text nodes.
std::string text_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '&') out += "&amp;";
        else if (c == '<') out += "&lt;";
        else if (c == '>') out += "&gt;";
        else if (c == '\r') out += "&#xD;";
        else out += c;
    }
    return out;
}

// The same clause: attribute nodes.
std::string value_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '&') out += "&amp;";
        else if (c == '<') out += "&lt;";
        else if (c == '"') out += "&quot;";
        else if (c == '\t') out += "&#x9;";
        else if (c == '\n') out += "&#xA;";
        else if (c == '\r') out += "&#xD;";
        else out += c;
    }
    return out;
}

std::string instruction_of(const TreeNode& node) { return format("<?{}{}{}?>", node.name, node.value.empty() ? "" : " ", node.value); }

std::string cdata_of(std::string_view value) {
    std::string out = "<![CDATA[";
    for (std::size_t at = 0;;) {
        const std::size_t end = value.find("]]>", at);
        if (end == std::string_view::npos) return out.append(value.substr(at)) + "]]>";
        out.append(value.substr(at, end + 2 - at)).append("]]><![CDATA[");
        at = end + 2;
    }
}

void write_node(const TreeNode& node, std::string& out) {
    switch (node.kind) {
        case TreeNode::Kind::text: out += text_escaped(node.value); return;
        case TreeNode::Kind::cdata: out += cdata_of(node.value); return;
        case TreeNode::Kind::comment: out += format("<!--{}-->", node.value); return;
        case TreeNode::Kind::instruction: out += instruction_of(node); return;
        case TreeNode::Kind::element: break;
    }
    out += '<' + node.name;
    for (const auto& [name, value] : node.attributes) out += format(" {}=\"{}\"", name, value_escaped(value));
    if (node.children.empty()) {
        out += "/>";
        return;
    }
    out += '>';
    for (const TreeNode& child : node.children) write_node(child, out);
    out += format("</{}>", node.name);
}

using Scope = std::map<std::string, std::string, std::less<>>;   // prefix to namespace, "" the default

bool is_declaration(std::string_view name) { return name == "xmlns" || name.starts_with("xmlns:"); }
std::string_view declared_prefix(std::string_view name) { return name == "xmlns" ? std::string_view{} : name.substr(6); }

// Clause 2.2 and 2.3: declarations that change nothing are left out, attributes stand by namespace and local name.
void write_canonical(const TreeNode& node, const Scope& outer, std::string& out) {
    if (node.kind == TreeNode::Kind::comment) return;
    if (node.kind == TreeNode::Kind::instruction) out += instruction_of(node);
    if (node.kind == TreeNode::Kind::text || node.kind == TreeNode::Kind::cdata) out += text_escaped(node.value);
    if (node.kind != TreeNode::Kind::element) return;
    Scope scope = outer;
    Scope declared;
    for (const auto& [name, value] : node.attributes) {
        if (!is_declaration(name)) continue;
        const std::string prefix(declared_prefix(name));
        const auto before = outer.find(prefix);
        const bool same = before != outer.end() ? before->second == value : prefix.empty() && value.empty();
        if (!same && prefix != "xml") declared[prefix] = value;
        scope[prefix] = value;
    }
    out += '<' + node.name;
    for (const auto& [prefix, value] : declared) out += prefix.empty() ? format(" xmlns=\"{}\"", value_escaped(value)) : format(" xmlns:{}=\"{}\"", prefix, value_escaped(value));
    std::map<std::pair<std::string, std::string>, std::pair<std::string, std::string>> attributes;
    for (const auto& [name, value] : node.attributes) {
        if (is_declaration(name)) continue;
        const std::size_t colon = name.find(':');
        const std::string prefix = colon == std::string::npos ? "" : name.substr(0, colon);
        const auto space = prefix.empty() ? scope.end() : scope.find(prefix);
        attributes[{space == scope.end() ? (prefix == "xml" ? "http://www.w3.org/XML/1998/namespace" : "") : space->second, colon == std::string::npos ? name : name.substr(colon + 1)}] = {name, value};
    }
    for (const auto& [key, one] : attributes) out += format(" {}=\"{}\"", one.first, value_escaped(one.second));
    out += '>';
    for (const TreeNode& child : node.children) write_canonical(child, scope, out);
    out += format("</{}>", node.name);
}

}  // namespace

Result<Tree> parse_tree(std::string_view bytes, std::string_view name, const Limits& limits) {
    // Limits, encoding and DOCTYPE are judged there.
    TRY_DO(parse(bytes, name, limits));
    TRY(const std::string text, in_utf8(bytes, name));
    pugi::xml_document document;
    const auto options = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_wconv_attribute | pugi::parse_eol | pugi::parse_comments | pugi::parse_pi | pugi::parse_ws_pcdata;
    const auto parsed = document.load_buffer(text.data(), text.size(), options, pugi::encoding_utf8);
    if (!parsed) return fail(Code::invalid, format("{}: {}", name, parsed.description()));
    Tree tree;
    for (const pugi::xml_node node : document.children()) tree.nodes.push_back(copy(node));
    return tree;
}

std::string write(const Tree& tree) {
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    for (const TreeNode& node : tree.nodes) {
        if (node.kind == TreeNode::Kind::text) continue;   // only blanks stand beside the root
        write_node(node, out);
        out += '\n';
    }
    return out;
}

std::string canonical(const Tree& tree) {
    std::string out;
    bool behind = false;
    for (const TreeNode& node : tree.nodes) {
        if (node.kind == TreeNode::Kind::element) {
            write_canonical(node, {}, out);
            behind = true;
        } else if (node.kind == TreeNode::Kind::instruction) {
            out += behind ? "\n" + instruction_of(node) : instruction_of(node) + "\n";
        }
    }
    return out;
}

}  // namespace madang::xml
