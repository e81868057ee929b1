// A model and what it imports as one tree of BPMN elements, with the lookups that the static rules need.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/xml.h"
#include "process/rules.h"

namespace madang::process::rules {

struct Element {
    xml::Node node;
    std::string_view kind;                      // local name
    std::string_view id;
    const Element* parent = nullptr;
    std::vector<const Element*> children;       // of the BPMN namespace
    std::size_t file = 0;
};
using Elements = std::vector<const Element*>;

class Model {
public:
    // Problems of imports become violations; the checked file itself must be BPMN.
    static Result<Model> read(std::string_view xml, std::string_view name, const Importer& importer, std::vector<Violation>& problems);

    const std::deque<Element>& elements() const { return elements_; }
    const Elements& of(std::string_view kind) const;
    // The element that a QName or an id means (clause 15.3.2): by its prefix in an imported file, else in its own.
    const Element* find(const Element& from, std::string_view reference) const;
    const Element* find_attribute(const Element& from, const char* attribute) const;
    const Element* find_child(const Element& from, std::string_view kind) const;
    // Flows and associations by the elements at their ends.
    const Elements& flows(std::string_view kind, const Element& source) const;
    const Elements& flows_into(std::string_view kind, const Element& target) const;
    // Elements of the kind whose text or attribute refers to the element.
    const Elements& referring(std::string_view kind, const Element& to) const;
    bool refers_to_imports(const Element& from, std::string_view reference) const;

    std::string file_name(std::size_t file) const { return files_[file]->name; }
    std::size_t line_of(const Element& element) const { return files_[element.file]->document.line_of(element.node); }
    const std::map<std::string, Elements, std::less<>>& ids(std::size_t file) const { return files_[file]->ids; }
    std::string_view target_namespace(std::size_t file) const { return files_[file]->target_namespace; }
    xml::Node root(std::size_t file) const { return files_[file]->document.root(); }
    std::size_t file_count() const { return files_.size(); }

private:
    struct File {
        std::string name;
        std::string target_namespace;
        xml::Document document;
        std::map<std::string, Elements, std::less<>> ids;
        std::vector<std::size_t> imports;
    };
    struct Import;
    using Ends = std::unordered_map<const Element*, Elements>;

    Result<std::size_t> add_file(std::string_view xml, std::string_view name);
    Result<void> follow_imports(const Importer& importer, std::vector<Violation>& problems);
    Result<void> follow(const Element& import, const Importer& importer, std::vector<Violation>& problems);
    void index_flows();
    // Many tools leave incoming and outgoing out altogether; in such a file they follow from the flows.
    void complete_flow_nodes(std::size_t file);

    std::vector<std::unique_ptr<File>> files_;
    std::deque<Element> elements_;
    std::map<std::string, Elements, std::less<>> kinds_;
    std::map<std::string, Ends, std::less<>> sources_;
    std::map<std::string, Ends, std::less<>> targets_;
    std::map<std::string, Ends, std::less<>> references_;
};

// Short words for rules.
bool is_derived(const Element& element);             // incoming or outgoing that the file does not write
bool has(const Element& element, std::string_view kind);
int count(const Element& element, std::string_view kind);
const Element* child(const Element& element, std::string_view kind);
std::string_view attribute(const Element& element, const char* name);
bool is_true(const Element& element, const char* name);
bool is_one_of(const Element& element, std::string_view kinds);   // "task userTask"
std::string text_of(const Element& element);
bool is_media_type(std::string_view text);           // RFC 6838: "text/html"
const Element* ancestor(const Element& element, std::string_view kinds);
bool is_executable(const Element& element);          // stands in an executable process
bool is_event_sub_process(const Element& element);
bool is_formal(const Element& expression);           // xsi:type="tFormalExpression"
// Own event definitions and those referred to.
Elements event_definitions(const Model& model, const Element& event);
int count_event_definitions(const Element& event);
bool defines(const Model& model, const Element& event, std::string_view kinds);
// The structure behind an item-aware element, message, error, escalation, signal or item definition: "" where none is told.
std::string structure_of(const Model& model, const Element* element);

inline constexpr std::string_view kTasks = "task sendTask receiveTask serviceTask userTask manualTask scriptTask businessRuleTask";
inline constexpr std::string_view kSubProcesses = "subProcess transaction adHocSubProcess";
inline constexpr std::string_view kActivities =
    "task sendTask receiveTask serviceTask userTask manualTask scriptTask businessRuleTask callActivity subProcess transaction adHocSubProcess";
inline constexpr std::string_view kGateways = "exclusiveGateway parallelGateway inclusiveGateway complexGateway eventBasedGateway";
inline constexpr std::string_view kEvents = "startEvent boundaryEvent intermediateCatchEvent intermediateThrowEvent endEvent";
inline constexpr std::string_view kChoreographies = "choreography globalChoreographyTask subChoreography";
inline constexpr std::string_view kChoreographyActivities = "choreographyTask subChoreography callChoreography";
inline constexpr std::string_view kArtifacts = "association textAnnotation group";
inline constexpr std::string_view kEventDefinitions =
    "eventDefinitionRef messageEventDefinition timerEventDefinition escalationEventDefinition conditionalEventDefinition linkEventDefinition "
    "errorEventDefinition cancelEventDefinition compensateEventDefinition signalEventDefinition terminateEventDefinition";

// One rule: how often an element of these kinds breaks it ("*": any kind).
struct Rule {
    std::string_view number;
    std::string_view clause;
    std::string_view kinds;
    std::string_view text;
    int (*breaches)(const Model&, const Element&);
};
std::span<const Rule> flow_rules();
std::span<const Rule> gateway_rules();
std::span<const Rule> event_rules();
std::span<const Rule> activity_rules();
std::span<const Rule> data_rules();
std::span<const Rule> collaboration_rules();
std::span<const Rule> expression_rules();
std::span<const Rule> time_rules();
// Identity and references, which are more than one element's business.
void check_ids(const Model& model, std::vector<Violation>& violations);
void check_references(const Model& model, std::vector<Violation>& violations);
// Clause 8.4.1: artifacts that a tool has added are no ends of flows either.
void check_foreign_ends(const Model& model, std::vector<Violation>& violations);
void check_schema(const Model& model, std::vector<Violation>& violations);

Violation violation_at(const Model& model, const Element& element, const Rule& rule);

}  // namespace madang::process::rules
