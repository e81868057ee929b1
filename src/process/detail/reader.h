// Reads the one process of a BPMN file into a Definition. What is not run is refused where it stands;
// whether the graph makes sense is asked afterwards, in check.h.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/xml.h"
#include "process/definition.h"

namespace madang::process {

class Reader {
public:
    // `text` is what `document` was read from, and outlives the reader.
    Reader(const xml::Document& document, std::string_view text, std::string_view name);

    Result<Definition> read();

private:
    Result<xml::Node> find_process() const;
    Result<void> check_collaboration(xml::Node collaboration) const;
    Result<void> read_process(xml::Node process);
    Result<void> read_node(xml::Node element, NodeKind kind);
    Result<void> check_activity(xml::Node element) const;
    Result<void> read_extensions(xml::Node element, Node& node) const;
    Result<void> take_extension(xml::Node element, Node& node, std::string_view name, std::string_view value) const;
    Result<NodeKind> read_children(xml::Node element, NodeKind kind) const;
    Result<void> read_flow(xml::Node element);
    Result<void> read_condition(xml::Node element, Flow& flow) const;
    Result<void> check_language(xml::Node condition) const;
    Result<void> link_node(xml::Node element, Node& node);
    Result<void> order_outgoing(xml::Node element, Node& node) const;

    Result<void> check_element(xml::Node element) const;
    Result<std::string> id_of(xml::Node element) const;
    Result<std::size_t> place_of(xml::Node element, std::string_view reference) const;
    std::size_t line_of(xml::Node element) const;
    std::unexpected<Error> refuse(xml::Node element, std::string_view why) const;
    std::unexpected<Error> unsupported(xml::Node element, std::string_view what) const;

    const xml::Document& document_;
    std::string_view name_;
    std::vector<std::size_t> line_starts_;
    Definition definition_;
    std::vector<xml::Node> elements_;                          // of definition_.nodes
    std::map<std::string, std::size_t, std::less<>> places_;   // in definition_.nodes
    std::map<std::string, std::size_t, std::less<>> flows_;    // in definition_.flows
};

}  // namespace madang::process
