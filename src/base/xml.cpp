#include "base/xml.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "base/xml_encoding.h"

namespace madang::xml {
namespace {

std::string_view prefix_of(std::string_view name) {
    const std::size_t colon = name.find(':');
    return colon == std::string_view::npos ? std::string_view{} : name.substr(0, colon);
}

std::string_view without_prefix(std::string_view name) {
    const std::size_t colon = name.find(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

// The namespace bound to the prefix at this element (Namespaces in XML 1.0, clause 6.1).
std::string_view resolve(Node node, std::string_view prefix) {
    if (prefix == "xml") return "http://www.w3.org/XML/1998/namespace";
    const std::string declaration = prefix.empty() ? "xmlns" : "xmlns:" + std::string(prefix);
    for (; node; node = node.parent()) {
        if (const Attribute found = node.attribute(declaration.c_str())) return found.value();
    }
    return {};
}

}  // namespace

std::size_t Document::line_of(Node node) const {
    const std::ptrdiff_t offset = node.offset_debug();
    if (offset < 0) return 1;
    const auto after = std::ranges::upper_bound(lines_, static_cast<std::size_t>(offset));
    return static_cast<std::size_t>(after - lines_.begin());
}

std::string Document::where(Node node) const {
    const std::string_view id = attribute(node, "id");
    const std::string tag = id.empty() ? format("<{}>", node.name()) : format("<{} id=\"{}\">", node.name(), id);
    return format("{}:{}: {}", name_, line_of(node), tag);
}

Result<Document> parse(std::string_view bytes, std::string_view name, const Limits& limits) {
    if (bytes.size() > limits.bytes) {
        return fail(Code::exhausted, format("{}: {} bytes; at most {} are read", name, bytes.size(), limits.bytes));
    }
    Document result;
    TRY(result.text_, in_utf8(bytes, name));
    const std::string_view text = result.text_;
    if (text.find('\0') != std::string_view::npos) return fail(Code::invalid, format("{}: the text holds a zero byte", name));
    result.name_ = std::string(name);
    result.lines_.push_back(0);
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) result.lines_.push_back(at + 1);
    result.document_ = std::make_unique<pugi::xml_document>();
    const auto options = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_wconv_attribute | pugi::parse_eol |
                         pugi::parse_doctype | pugi::parse_ws_pcdata_single;
    const auto parsed = result.document_->load_buffer(text.data(), text.size(), options, pugi::encoding_utf8);
    const auto located = [&](std::ptrdiff_t offset, std::string_view what) {
        const TextPosition at = position_in(text, static_cast<std::size_t>(offset < 0 ? 0 : offset));
        return format("{}:{}:{}: {}", name, at.line, at.column, what);
    };
    if (!parsed) return fail(Code::invalid, located(parsed.offset, parsed.description()));
    if (!result.root()) return fail(Code::invalid, format("{}: there is no element", name));

    std::size_t nodes = 0;
    std::size_t depth = 1;
    for (Node node = result.document_->first_child(); node;) {
        if (node.type() == pugi::node_doctype) {
            return fail(Code::invalid, located(node.offset_debug(), "a DOCTYPE is not accepted"));
        }
        ++nodes;
        for (Attribute a = node.first_attribute(); a; a = a.next_attribute()) ++nodes;
        if (nodes > limits.nodes) {
            return fail(Code::exhausted, located(node.offset_debug(), format("more than {} nodes", limits.nodes)));
        }
        if (depth > limits.depth) {
            return fail(Code::exhausted, located(node.offset_debug(), format("deeper than {} levels", limits.depth)));
        }
        if (Node below = node.first_child()) {
            node = below;
            ++depth;
            continue;
        }
        while (node && !node.next_sibling()) {
            node = node.parent();
            if (node) --depth;
        }
        if (node) node = node.next_sibling();
    }
    return result;
}

std::string_view local_name(Node node) { return without_prefix(node.name()); }
std::string_view local_name(Attribute attribute) { return without_prefix(attribute.name()); }
std::string_view namespace_of(Node node) { return resolve(node, prefix_of(node.name())); }

std::string_view namespace_of(Node owner, Attribute attribute) {
    const std::string_view prefix = prefix_of(attribute.name());
    return prefix.empty() ? std::string_view{} : resolve(owner, prefix);  // 6.2: no default for attributes
}

bool is(Node node, std::string_view namespace_uri, std::string_view local) {
    return local_name(node) == local && namespace_of(node) == namespace_uri;
}

Node child(Node parent, std::string_view namespace_uri, std::string_view local) {
    for (Node node = parent.first_child(); node; node = node.next_sibling()) {
        if (is(node, namespace_uri, local)) return node;
    }
    return {};
}

std::string_view attribute(Node node, std::string_view name) {
    for (Attribute a = node.first_attribute(); a; a = a.next_attribute()) {
        if (name == a.name()) return a.value();
    }
    return {};
}

std::string text_of(Node node) {
    std::string text;
    for (Node below = node.first_child(); below; below = below.next_sibling()) {
        if (below.type() == pugi::node_pcdata || below.type() == pugi::node_cdata) text += below.value();
    }
    return std::string(trim(text));
}

}  // namespace madang::xml
