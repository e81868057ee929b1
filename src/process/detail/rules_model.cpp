#include "process/detail/rules_model.h"

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "process/detail/vocabulary.h"

namespace madang::process::rules {
namespace {

constexpr std::size_t kMaxFiles = 100;
constexpr std::size_t kMaxElements = 200'000;
constexpr std::string_view kWsdl = "http://www.w3.org/TR/wsdl20/";
constexpr std::string_view kXmlSchema = "http://www.w3.org/2001/XMLSchema";
constexpr std::string_view kWsdlNamespace = "http://www.w3.org/ns/wsdl";

constexpr Rule kImport{.number = "EXT.001", .clause = "8.3.3", .kinds = "import", .text = {}, .breaches = nullptr};

bool has_word(std::string_view words, std::string_view word) {
    for (std::size_t at = words.find(word); at != std::string_view::npos; at = words.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        if ((at == 0 || words[at - 1] == ' ') && (end == words.size() || words[end] == ' ')) return true;
    }
    return false;
}

std::string_view prefix_of(std::string_view name) {
    const std::size_t colon = name.find(':');
    return colon == std::string_view::npos ? std::string_view{} : name.substr(0, colon);
}

std::string_view namespace_for(xml::Node node, std::string_view prefix) {
    const std::string declaration = prefix.empty() ? "xmlns" : format("xmlns:{}", prefix);
    for (; node; node = node.parent()) {
        if (const xml::Attribute found = node.attribute(declaration.c_str())) return found.value();
    }
    return {};
}

// "folder/a.bpmn" imports "../b.bpmn": "b.bpmn". A location that leaves the folder or names a host stays as it is.
std::string relative_to(std::string_view importing, std::string_view location) {
    if (location.find("://") != std::string_view::npos) return std::string(location);
    const std::filesystem::path base = std::filesystem::path(importing).parent_path();
    return (base / std::filesystem::path(location)).lexically_normal().generic_string();
}

struct Damage {
    std::size_t line = 0;
    std::string what;
};

// WSDL 2.0, clauses 2.1 (Description Component) and 2.12 (Service Component), as far as a process depends on them.
std::vector<Damage> damage_of_wsdl(const xml::Document& wsdl) {
    std::vector<Damage> damage;
    if (!xml::is(wsdl.root(), kWsdlNamespace, "description")) damage.push_back({1, "this is no description of WSDL 2.0"});
    for (const xml::Node child : wsdl.root().children()) {
        if (child.type() != pugi::node_element || xml::namespace_of(child) != kWsdlNamespace) continue;
        const std::string_view name = xml::local_name(child);
        if (!has_word("documentation import include types interface binding service", name)) {
            damage.push_back({wsdl.line_of(child), format("{} has no place below description in WSDL 2.0", name)});
        }
        if (!has_word("interface binding service", name)) continue;
        if (xml::attribute(child, "name").empty()) damage.push_back({wsdl.line_of(child), format("{} needs a name", name)});
        if (name != "service") continue;
        if (xml::attribute(child, "interface").empty()) damage.push_back({wsdl.line_of(child), "a service needs an interface"});
        for (const xml::Attribute one : child.attributes()) {
            if (std::string_view(one.name()).contains(':') || has_word("name interface xmlns", one.name())) continue;
            damage.push_back({wsdl.line_of(child), format("{} is no attribute of a service", one.name())});
        }
    }
    return damage;
}

}  // namespace

const Elements& Model::of(std::string_view kind) const {
    static const Elements kNone;
    const auto found = kinds_.find(kind);
    return found == kinds_.end() ? kNone : found->second;
}

Result<std::size_t> Model::add_file(std::string_view xml, std::string_view name) {
    if (files_.size() == kMaxFiles) return fail(Code::exhausted, format("{}: more than {} files are imported", name, kMaxFiles));
    TRY(auto document, xml::parse(xml, name));
    const xml::Node root = document.root();
    if (!xml::is(root, kBpmnNamespace, "definitions")) return fail(Code::invalid, format("{}: the root is not definitions of BPMN 2.0", document.where(root)));
    auto file = std::make_unique<File>();
    file->name = std::string(name);
    file->target_namespace = std::string(xml::attribute(root, "targetNamespace"));
    file->document = std::move(document);
    const std::size_t index = files_.size();
    // Depth first without recursion; the reader has limited the depth.
    std::vector<std::pair<xml::Node, Element*>> open{{file->document.root(), nullptr}};
    while (!open.empty()) {
        const auto [node, parent] = open.back();
        open.pop_back();
        if (elements_.size() == kMaxElements) return fail(Code::exhausted, format("{}: more than {} elements", name, kMaxElements));
        Element& element = elements_.emplace_back();
        element = {.node = node, .kind = xml::local_name(node), .id = xml::attribute(node, "id"), .parent = parent, .children = {}, .file = index};
        if (parent != nullptr) parent->children.push_back(&element);
        kinds_[std::string(element.kind)].push_back(&element);
        if (!element.id.empty()) file->ids[std::string(element.id)].push_back(&element);
        std::vector<xml::Node> below;
        for (const xml::Node inner : node.children()) {
            if (inner.type() == pugi::node_element && xml::namespace_of(inner) == kBpmnNamespace) below.push_back(inner);
        }
        for (auto inner = below.rbegin(); inner != below.rend(); ++inner) open.emplace_back(*inner, &element);
    }
    files_.push_back(std::move(file));
    return index;
}

Result<void> Model::follow(const Element& import, const Importer& importer, std::vector<Violation>& problems) {
    const std::string_view type = attribute(import, "importType");
    const std::string_view location = attribute(import, "location");
    const auto problem = [&](std::string message) {
        problems.push_back(violation_at(*this, import, kImport));
        problems.back().message = std::move(message);
    };
    const bool schema = type == kXmlSchema && importer && location.find("://") == std::string_view::npos;
    if (type != kBpmnNamespace && type != kWsdl && !schema) return {};
    const std::string where = relative_to(files_[import.file]->name, location);
    const auto known = std::ranges::find(files_, where, [](const auto& file) { return file->name; });
    if (known != files_.end()) {
        files_[import.file]->imports.push_back(static_cast<std::size_t>(known - files_.begin()));
        return {};
    }
    if (!importer) {
        problem(format("the file {} was not followed: there is no folder to look in", location));
        return {};
    }
    const auto text = importer(where);
    if (!text) {
        problem(format("the file {} cannot be read: {}", location, text.error().message));
        return {};
    }
    if (schema) {   // what it says of data is not ours to judge
        const auto read = xml::parse(*text, where);
        if (!read) problem(read.error().message);
        return {};
    }
    if (type == kWsdl) {
        const auto wsdl = xml::parse(*text, where);
        if (!wsdl) {
            problem(wsdl.error().message);
            return {};
        }
        for (Damage& one : damage_of_wsdl(*wsdl)) {
            problem(std::move(one.what));
            problems.back().file = where;
            problems.back().line = one.line;
        }
        return {};
    }
    const auto added = add_file(*text, where);
    if (!added && added.error().code == Code::exhausted) return std::unexpected(added.error());
    if (!added) problem(added.error().message);
    else files_[import.file]->imports.push_back(*added);
    return {};
}

Result<void> Model::follow_imports(const Importer& importer, std::vector<Violation>& problems) {
    // The list grows while files are added.
    for (std::size_t i = 0; i < of("import").size(); ++i) TRY_DO(follow(*of("import")[i], importer, problems));
    return {};
}

Result<Model> Model::read(std::string_view xml, std::string_view name, const Importer& importer, std::vector<Violation>& problems) {
    Model model;
    TRY_DO(model.add_file(xml, name));
    TRY_DO(model.follow_imports(importer, problems));
    for (std::size_t i = 0; i < model.files_.size(); ++i) model.complete_flow_nodes(i);
    model.index_flows();
    return model;
}

void Model::complete_flow_nodes(std::size_t file) {
    Elements flows;
    std::unordered_map<const Element*, Element*> nodes;
    for (Element& element : elements_) {
        if (element.file != file) continue;
        if (element.kind == "incoming" || element.kind == "outgoing") return;
        if (element.kind == "sequenceFlow") flows.push_back(&element);
        nodes.emplace(&element, &element);
    }
    for (const Element* flow : flows) {
        for (const auto& [end, kind] : {std::pair{"sourceRef", "outgoing"}, std::pair{"targetRef", "incoming"}}) {
            const Element* node = find_attribute(*flow, end);
            if (!nodes.contains(node)) continue;
            // Stands where the flow stands, so that a rule that looks at it names the flow's line.
            Element& derived = elements_.emplace_back();
            derived = {.node = flow->node, .kind = kind, .id = {}, .parent = node, .children = {}, .file = file};
            nodes.at(node)->children.push_back(&derived);
        }
    }
}

void Model::index_flows() {
    for (const Element& element : elements_) {
        if (is_derived(element)) continue;
        if (is_one_of(element, "sequenceFlow messageFlow association")) {
            const std::string kind(element.kind);
            if (const Element* source = find_attribute(element, "sourceRef")) sources_[kind][source].push_back(&element);
            if (const Element* target = find_attribute(element, "targetRef")) targets_[kind][target].push_back(&element);
        }
        if (is_one_of(element, "eventDefinitionRef dataInputRefs dataOutputRefs incoming outgoing")) {
            if (const Element* to = find(element, text_of(element))) references_[std::string(element.kind)][to].push_back(&element);
        }
        if (element.kind == "callActivity") {
            if (const Element* to = find_attribute(element, "calledElement")) references_["callActivity"][to].push_back(&element);
        }
        if (element.kind == "boundaryEvent") {
            if (const Element* to = find_attribute(element, "attachedToRef")) references_["boundaryEvent"][to].push_back(&element);
        }
    }
}

const Element* Model::find(const Element& from, std::string_view reference) const {
    if (reference.empty()) return nullptr;
    const File& file = *files_[from.file];
    const auto in = [](const File& place, std::string_view id) -> const Element* {
        const auto found = place.ids.find(id);
        return found == place.ids.end() ? nullptr : found->second.front();
    };
    if (const Element* own = in(file, reference)) return own;
    const std::string_view prefix = prefix_of(reference);
    if (prefix.empty()) return nullptr;
    const std::string_view local = reference.substr(prefix.size() + 1);
    const std::string_view space = namespace_for(from.node, prefix);
    if (space == file.target_namespace) return in(file, local);
    for (const std::size_t imported : file.imports) {
        if (files_[imported]->target_namespace == space) return in(*files_[imported], local);
    }
    return nullptr;
}

bool Model::refers_to_imports(const Element& from, std::string_view reference) const {
    const std::string_view prefix = prefix_of(reference);
    return !prefix.empty() && namespace_for(from.node, prefix) != files_[from.file]->target_namespace;
}

const Element* Model::find_attribute(const Element& from, const char* name) const { return find(from, attribute(from, name)); }

const Element* Model::find_child(const Element& from, std::string_view kind) const {
    const Element* reference = child(from, kind);
    return reference == nullptr ? nullptr : find(*reference, text_of(*reference));
}

namespace {

const Elements& ends(const std::map<std::string, std::unordered_map<const Element*, Elements>, std::less<>>& map, std::string_view kind,
                     const Element& end) {
    static const Elements kNone;
    const auto of_kind = map.find(kind);
    if (of_kind == map.end()) return kNone;
    const auto found = of_kind->second.find(&end);
    return found == of_kind->second.end() ? kNone : found->second;
}

}  // namespace

const Elements& Model::flows(std::string_view kind, const Element& source) const { return ends(sources_, kind, source); }
const Elements& Model::flows_into(std::string_view kind, const Element& target) const { return ends(targets_, kind, target); }
const Elements& Model::referring(std::string_view kind, const Element& to) const { return ends(references_, kind, to); }

bool is_derived(const Element& element) { return element.parent != nullptr && element.node.parent() != element.parent->node; }

bool has(const Element& element, std::string_view kind) { return child(element, kind) != nullptr; }

int count(const Element& element, std::string_view kind) {
    return static_cast<int>(std::ranges::count(element.children, kind, [](const Element* one) { return one->kind; }));
}

const Element* child(const Element& element, std::string_view kind) {
    const auto found = std::ranges::find(element.children, kind, [](const Element* one) { return one->kind; });
    return found == element.children.end() ? nullptr : *found;
}

std::string_view attribute(const Element& element, const char* name) { return xml::attribute(element.node, name); }

bool is_true(const Element& element, const char* name) {
    const std::string_view value = attribute(element, name);
    return value == "true" || value == "1";
}

bool is_one_of(const Element& element, std::string_view kinds) { return has_word(kinds, element.kind); }

std::string text_of(const Element& element) { return xml::text_of(element.node); }

const Element* ancestor(const Element& element, std::string_view kinds) {
    for (const Element* above = element.parent; above != nullptr; above = above->parent) {
        if (is_one_of(*above, kinds)) return above;
    }
    return nullptr;
}

bool is_executable(const Element& element) {
    const Element* process = ancestor(element, "process");
    return process != nullptr && is_true(*process, "isExecutable");
}

bool is_event_sub_process(const Element& element) { return element.kind == "subProcess" && is_true(element, "triggeredByEvent"); }

bool is_formal(const Element& expression) {
    for (const xml::Attribute one : expression.node.attributes()) {
        if (xml::local_name(one) != "type") continue;
        const std::string_view value = one.value();
        return value.substr(value.find(':') == std::string_view::npos ? 0 : value.find(':') + 1) == "tFormalExpression";
    }
    return false;
}

Elements event_definitions(const Model& model, const Element& event) {
    Elements found;
    for (const Element* one : event.children) {
        if (!is_one_of(*one, kEventDefinitions)) continue;
        if (one->kind != "eventDefinitionRef") found.push_back(one);
        else if (const Element* to = model.find(*one, text_of(*one))) found.push_back(to);
    }
    return found;
}

int count_event_definitions(const Element& event) {
    return static_cast<int>(std::ranges::count_if(event.children, [](const Element* one) { return is_one_of(*one, kEventDefinitions); }));
}

bool defines(const Model& model, const Element& event, std::string_view kinds) {
    return std::ranges::any_of(event_definitions(model, event), [&](const Element* one) { return is_one_of(*one, kinds); });
}

std::string structure_of(const Model& model, const Element* element) {
    for (int step = 0; element != nullptr && step < 4; ++step) {
        if (element->kind == "itemDefinition") return std::string(attribute(*element, "structureRef"));
        const char* next = "itemSubjectRef";
        if (element->kind == "message") next = "itemRef";
        else if (is_one_of(*element, "error escalation signal")) next = "structureRef";
        else if (element->kind == "dataObjectReference") next = "dataObjectRef";
        else if (element->kind == "dataStoreReference") next = "dataStoreRef";
        element = model.find_attribute(*element, next);
    }
    return {};
}

Violation violation_at(const Model& model, const Element& element, const Rule& rule) {
    const std::string what = element.id.empty() ? std::string(element.kind) : format("{} {}", element.kind, element.id);
    return {.rule = std::string(rule.number), .clause = std::string(rule.clause), .message = std::string(rule.text),
            .file = model.file_name(element.file), .element = what, .line = model.line_of(element)};
}

}  // namespace madang::process::rules
