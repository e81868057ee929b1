// Imports of other DMN files, clause 6.3.2: the imported file becomes a part of the model.
#include "base/text.h"
#include "decision/detail/read.h"

namespace madang::decision {
namespace {

constexpr std::size_t kMaxImportedNodes = 5000;   // over all imports

// Types of an imported file are called ALIAS.NAME, also where one names another.
ItemType renamed(const ItemType& type, const Model& from, const std::string& prefix) {
    ItemType made = type;
    if (from.types.contains(type.base)) made.base = prefix + type.base;
    for (ItemType& component : made.components) component = renamed(component, from, prefix);
    return made;
}

void shift(std::vector<std::size_t>& places, std::size_t by) {
    for (std::size_t& place : places) place += by;
}

// Puts the parts and nodes of `from` behind those of `model`.
void merge(Model& model, std::shared_ptr<const Model> from, const std::string& alias) {
    const std::size_t first_part = model.parts.size();
    const std::size_t first_node = model.nodes.size();
    for (std::size_t i = 0; i < from->parts.size(); ++i) {
        Part part = from->parts[i];
        part.importer = i == 0 ? 0 : part.importer + first_part;
        if (i == 0) part.alias = alias;
        if (!part.types) part.types = from;
        model.parts.push_back(std::move(part));
    }
    for (GraphNode node : from->nodes) {
        node.part += first_part;
        for (auto* places : {&node.requires_information, &node.requires_knowledge, &node.outputs, &node.inputs}) shift(*places, first_node);
        model.nodes.push_back(std::move(node));
    }
    const std::string prefix = alias.empty() ? "" : alias + ".";
    for (const auto& [name, type] : from->types) model.types.emplace(prefix + name, renamed(type, *from, prefix));
}

}  // namespace

Result<void> import_into(Reading& reading, xml::Node element, Mistakes mistakes, Importing& importing, Model& model) {
    const std::string_view space = xml::attribute(element, "namespace");
    const std::string alias(trim(xml::attribute(element, "name")));
    const std::string_view type = xml::attribute(element, "importType");
    if (type.find("/DMN/") == std::string_view::npos) return reading.failure(element, madang::format("imports of the type \"{}\" are not read here", type));
    if (!importing.importer) return reading.failure(element, "this file may not import others");
    if (importing.depth >= kMaxImportDepth) return reading.failure(element, madang::format("imports lead deeper than {} files", kMaxImportDepth));
    if (++importing.files > kMaxImports) return reading.failure(element, madang::format("more than {} files are imported", kMaxImports));
    for (const Part& part : model.parts) {
        if (part.importer == 0 && part.space == space) return reading.failure(element, madang::format("\"{}\" is imported twice, or by itself", space));
    }
    TRY(const ImportedFile file, within(importing.importer(space, xml::attribute(element, "locationURI")), reading.document().where(element)));
    ++importing.depth;
    TRY(std::shared_ptr<Model> imported, read_model(file.xml, file.name, mistakes, importing));
    --importing.depth;
    if (imported->parts[0].space != space) return reading.failure(element, madang::format("\"{}\" has the namespace \"{}\"", file.name, imported->parts[0].space));
    if (model.nodes.size() + imported->nodes.size() > kMaxImportedNodes) return reading.failure(element, madang::format("more than {} nodes are imported", kMaxImportedNodes));
    reading.learn(imported->names);
    merge(model, std::move(imported), alias);
    return {};
}

}  // namespace madang::decision
