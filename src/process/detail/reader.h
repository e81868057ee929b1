// Reads BPMN files into Definitions. What is not run is refused where it stands; whether the graph makes
// sense is asked afterwards, in check.h.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/xml.h"
#include "process/definition.h"

namespace madang::process {

// What all processes of a file share: messages, signals, errors, escalations, event definitions.
struct Shared {
    std::map<std::string, std::string, std::less<>> names;       // of messages and signals by id, codes of errors and escalations
    std::map<std::string, xml::Node, std::less<>> definitions;   // event definitions of the file, by id
};

// Says where things stand, and what all readers of parts refuse alike.
class Place {
public:
    Place(const xml::Document& document, std::string_view name) : document_(document), name_(name) {}
    std::size_t line_of(xml::Node element) const { return document_.line_of(element); }
    std::unexpected<Error> refuse(xml::Node element, std::string_view why) const;
    std::unexpected<Error> unsupported(xml::Node element, std::string_view what) const;
    std::unexpected<Error> too_many(xml::Node element, std::string_view what) const;
    Result<void> check_element(xml::Node element) const;
    Result<std::string> id_of(xml::Node element) const;
    Result<bool> truth(xml::Node element, std::string_view attribute, bool otherwise) const;
    Result<std::int64_t> count(xml::Node element, std::string_view attribute, std::int64_t otherwise) const;
    // Clause 8.4.7 (Formal Expression): its own language, else that of the file. Where none is named it is FEEL.
    Result<feel::Expression> expression(xml::Node element, std::string_view what) const;

private:
    const xml::Document& document_;
    std::string_view name_;
};

class Reader {
public:
    // `document` outlives the reader.
    Reader(const xml::Document& document, std::string_view name, const ReadOptions& options);
    Result<std::vector<Definition>> read();

private:
    Result<void> read_shared(xml::Node root);
    Result<void> read_global_tasks(xml::Node root, std::vector<Definition>& definitions) const;
    Result<void> check_message_flows(xml::Node root, const std::vector<Definition>& definitions) const;

    const xml::Document& document_;
    std::string_view name_;
    Place place_;
    const ReadOptions& options_;
    Shared shared_;
};

// One process.
class ProcessReader {
public:
    ProcessReader(const Place& place, const Shared& shared, const ReadOptions& options) : place_(place), shared_(shared), options_(options) {}
    Result<Definition> read(xml::Node process);
    Result<Definition> read_global_task(xml::Node task, NodeKind kind);

private:
    using Names = std::map<std::string, std::string, std::less<>>;

    // Scopes and nodes: reader.cpp.
    Result<void> read_scope(xml::Node container, std::size_t scope, int depth);
    Result<void> read_member(xml::Node element, std::size_t scope, int depth);
    Result<void> read_lanes(xml::Node lanes, int depth);
    Result<void> add_node(xml::Node element, NodeKind kind, std::size_t scope, int depth);
    Result<void> read_data(xml::Node element, std::size_t scope);
    Result<void> link();
    Result<void> read_flow(xml::Node element, std::size_t scope);
    Result<void> read_condition(xml::Node element, Flow& flow) const;
    Result<void> read_association(xml::Node element);
    Result<void> link_node(xml::Node element, std::size_t place);
    Result<void> check_direction(xml::Node element, const Node& node) const;
    Result<void> link_default(xml::Node element, Node& node);
    Result<void> link_boundary(xml::Node element, std::size_t place);
    Result<void> order_outgoing(xml::Node element, Node& node) const;
    Result<std::size_t> end_of(xml::Node element, std::string_view reference) const;
    Result<void> join_links();
    void find_entries();

    // What is special to a kind: reader_event.cpp, reader_activity.cpp.
    Result<void> read_event(xml::Node element, Node& node) const;
    Result<Trigger> read_trigger(xml::Node definition) const;
    Result<void> read_correlation(xml::Node element, Trigger& trigger) const;
    Result<void> read_timer(xml::Node definition, Trigger& trigger) const;
    Result<void> read_names(xml::Node definition, Trigger& trigger) const;
    Result<void> check_triggers(xml::Node element, const Node& node) const;
    Result<void> read_activity(xml::Node element, Node& node) const;
    Result<void> read_kind(xml::Node element, Node& node) const;
    Result<void> read_gateway(xml::Node element, Node& node) const;
    Result<void> read_script(xml::Node element, Node& node) const;
    Result<void> read_ad_hoc(xml::Node element, Node& node) const;
    Result<void> read_call(xml::Node element, Node& node) const;
    Result<void> read_performers(xml::Node element, Node& node) const;
    Result<void> read_loop(xml::Node element, Loop& loop) const;
    Result<void> read_multiple(xml::Node element, Loop& loop) const;
    Result<void> read_extensions(xml::Node element, Node& node) const;
    Result<void> take_extension(xml::Node element, Node& node, std::string_view name, std::string_view value) const;
    Result<void> read_mappings(xml::Node element, Node& node) const;
    Result<void> read_mapping(xml::Node element, std::vector<Mapping>& mappings) const;
    Result<void> read_data_associations(xml::Node element, Node& node) const;
    Result<void> read_data_association(xml::Node element, const Names& own, std::vector<Mapping>& mappings) const;
    Result<void> read_data_sets(xml::Node specification, const Names& own, Node& node) const;
    std::string variable_of(std::string_view id, const Names& own) const;
    std::string shared_name(std::string_view id) const;
    Result<void> check_members(xml::Node element) const;

    const Place& place_;
    const Shared& shared_;
    const ReadOptions& options_;
    Definition definition_;
    std::vector<xml::Node> elements_;                                // of definition_.nodes
    std::vector<std::pair<xml::Node, std::size_t>> flow_elements_;   // and the scope in which each stands
    std::vector<xml::Node> associations_;
    std::map<std::string, std::size_t, std::less<>> flows_;          // in definition_.flows
    Names lanes_;                                                    // by node
    Names data_;                                                     // variables by the ids of data objects and properties
};

// References within BPMN are qualified names (XML Schema's QName); the ids they name have no prefix.
std::string_view without_prefix(std::string_view name);
// A text of the file in a message.
std::string_view shown(std::string_view text);

}  // namespace madang::process
