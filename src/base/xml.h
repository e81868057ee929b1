// XML 1.0 through pugixml, read as a hostile text: any DOCTYPE is refused (so no entity of ours is
// ever expanded), size, depth and counts are limited, and every node can tell its line. Texts in UTF-8, UTF-16
// and ISO-8859-1 are read (`xml_encoding.h`); nodes give UTF-8.
// No other room includes pugixml.
#pragma once

#include <cstddef>
#include <memory>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace madang::xml {

struct Limits {
    std::size_t bytes = 5U << 20;
    std::size_t depth = 100;
    std::size_t nodes = 200'000;      // elements, texts and attributes together
};

using Node = pugi::xml_node;
using Attribute = pugi::xml_attribute;

// A document with the text that it was read from, so that lines can be named.
class Document {
public:
    Node root() const { return document_->document_element(); }
    // The line of a node in the text, from 1.
    std::size_t line_of(Node node) const;
    // "file.bpmn:12: <task id='x'>", for messages.
    std::string where(Node node) const;

private:
    friend Result<Document> parse(std::string_view, std::string_view, const Limits&);
    std::unique_ptr<pugi::xml_document> document_;
    std::string text_;
    std::string name_;
    std::vector<std::size_t> lines_;   // where each line begins
};

// `name` stands in messages ("residence.bpmn:3: ..."). Fails with Code::invalid on what is not
// well-formed, not UTF-8 or carries a DOCTYPE, with Code::exhausted beyond the limits.
Result<Document> parse(std::string_view text, std::string_view name, const Limits& limits = {});

// Names in XML have a prefix that means nothing by itself: these resolve it by the xmlns in force.
std::string_view local_name(Node node);
std::string_view local_name(Attribute attribute);
std::string_view namespace_of(Node node);
std::string_view namespace_of(Node owner, Attribute attribute);
bool is(Node node, std::string_view namespace_uri, std::string_view local);
// The first child element of that name, or a null node.
Node child(Node parent, std::string_view namespace_uri, std::string_view local);
// The attribute's value, or "" where it is absent.
std::string_view attribute(Node node, std::string_view name);
// All text below the node, without surrounding blanks.
std::string text_of(Node node);

}  // namespace madang::xml
