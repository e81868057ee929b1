// Reading a DMN file: the requirements graph of clause 6.
#include "decision/decision.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/xml.h"
#include "decision/detail/model.h"
#include "decision/detail/read.h"

namespace madang::decision {
namespace {

// DMN 1.2, 1.3, 1.4 and 1.5.
constexpr std::array<std::string_view, 4> kModelNamespaces{
    "http://www.omg.org/spec/DMN/20180521/MODEL/", "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/", "https://www.omg.org/spec/DMN/20230324/MODEL/"};
constexpr std::size_t kMaxNodes = 5000;

using Kind = GraphNode::Kind;

Result<std::size_t> resolve(const Reading& reading, const Model& model, xml::Node reference) {
    const std::string_view href = xml::attribute(reference, "href");
    const std::size_t hash = href.find('#');
    if (hash == std::string_view::npos) return reading.failure(reference, madang::format("\"{}\" has no \"#\"", href));
    // Before the "#" stands nothing, the file's own namespace, or that of a file that it imports itself.
    const std::string_view space = href.substr(0, hash);
    for (std::size_t i = 0; i < model.nodes.size(); ++i) {
        const Part& part = model.parts[model.nodes[i].part];
        const bool own = model.nodes[i].part == 0;
        if (part.importer != 0 || (own ? !space.empty() && space != part.space : space != part.space)) continue;
        if (model.nodes[i].id == href.substr(hash + 1)) return i;
    }
    return reading.failure(reference, madang::format("nothing here has the id \"{}\"", href));
}

Result<GraphNode> node_of(const Reading& reading, xml::Node element, Kind kind) {
    GraphNode node;
    node.kind = kind;
    node.id = std::string(xml::attribute(element, "id"));
    node.name = std::string(trim(xml::attribute(element, "name")));
    node.where = reading.document().where(element);
    if (node.name.empty()) return reading.failure(element, "it needs a name");
    const xml::Node variable = reading.child(element, "variable");
    node.type = std::string(xml::attribute(variable, "typeRef"));
    if (kind == Kind::decision) {
        if (const xml::Node body = reading.expression_in(element)) {
            TRY(node.body, reading.boxed(body, 0));
        }
    }
    if (kind == Kind::knowledge) {
        const xml::Node logic = reading.child(element, "encapsulatedLogic");
        if (!logic) return reading.failure(element, "a business knowledge model needs its <encapsulatedLogic>");
        // It is a function definition under another name (clause 6.3.9).
        auto function = std::make_shared<Boxed>();
        function->kind = Boxed::Kind::function;
        function->where = node.where;
        for (const xml::Node parameter : logic.children()) {
            if (!reading.is(parameter, "formalParameter")) continue;
            function->names.emplace_back(trim(xml::attribute(parameter, "name")));
            function->parts.emplace_back(std::string(xml::attribute(parameter, "typeRef")), nullptr);
        }
        TRY(BoxedPointer body, reading.body_of(logic, function->names, 0));
        function->parts.emplace_back("", std::move(body));
        node.body = std::move(function);
    }
    return node;
}

Result<void> requirements_into(const Reading& reading, const Model& model, xml::Node element, GraphNode& node) {
    for (const xml::Node one : element.children()) {
        for (const xml::Node reference : one.children()) {
            const std::string_view local = xml::local_name(reference);
            const bool knowledge = local == "requiredKnowledge";
            if (!knowledge && local != "requiredDecision" && local != "requiredInput") continue;
            TRY(const std::size_t place, resolve(reading, model, reference));
            (knowledge ? node.requires_knowledge : node.requires_information).push_back(place);
        }
        // A service (clause 6.3.10): its outputs, and its parameters: inputs first, then decisions.
        if (node.kind == Kind::service && reading.is(one, "outputDecision")) {
            TRY(const std::size_t place, resolve(reading, model, one));
            node.outputs.push_back(place);
        }
    }
    if (node.kind != Kind::service) return {};
    for (const auto* local : {"inputData", "inputDecision"}) {
        for (const xml::Node one : element.children()) {
            if (!reading.is(one, local)) continue;
            TRY(const std::size_t place, resolve(reading, model, one));
            node.inputs.push_back(place);
        }
    }
    return {};
}

// A decision that needs itself, over any number of steps, has no value.
Result<void> check_no_loop(const Model& model) {
    std::vector<int> state(model.nodes.size(), 0);
    std::vector<std::pair<std::size_t, std::size_t>> path;
    for (std::size_t start = 0; start < model.nodes.size(); ++start) {
        if (state[start] != 0) continue;
        path.assign(1, {start, 0});
        state[start] = 1;
        while (!path.empty()) {
            auto& [at, next] = path.back();
            const GraphNode& node = model.nodes[at];
            const std::size_t count = node.requires_information.size() + node.requires_knowledge.size();
            if (next == count) {
                state[at] = 2;
                path.pop_back();
                continue;
            }
            const std::size_t below = next < node.requires_information.size()
                                          ? node.requires_information[next]
                                          : node.requires_knowledge[next - node.requires_information.size()];
            ++next;
            // A knowledge model may call itself: its value is a function.
            if (below == at && node.kind == Kind::knowledge) continue;
            if (state[below] == 1) return fail(Code::invalid, madang::format("{}: it requires itself by way of \"{}\"", model.nodes[below].where, node.name));
            if (state[below] == 0) {
                state[below] = 1;
                path.emplace_back(below, 0);
            }
        }
    }
    return {};
}

}  // namespace

const GraphNode* Model::find(std::string_view id_or_name, GraphNode::Kind kind) const {
    for (const GraphNode& node : nodes) {
        if (node.part == 0 && node.kind == kind && node.id == id_or_name) return &node;
    }
    for (const GraphNode& node : nodes) {
        if (node.part == 0 && node.kind == kind && node.name == id_or_name) return &node;
    }
    return nullptr;
}

std::vector<std::string> Decisions::names() const {
    std::vector<std::string> all;
    for (const GraphNode& node : model_->nodes) {
        if (node.part == 0 && node.kind == Kind::decision) all.push_back(node.name);
    }
    return all;
}

std::vector<std::string> Decisions::final_names() const {
    std::vector<bool> is_required(model_->nodes.size(), false);
    for (const GraphNode& node : model_->nodes) {
        if (node.kind != Kind::decision) continue;
        for (const std::size_t place : node.requires_information) is_required[place] = true;
    }
    std::vector<std::string> names;
    for (std::size_t i = 0; i < model_->nodes.size(); ++i) {
        const GraphNode& node = model_->nodes[i];
        if (node.part == 0 && node.kind == Kind::decision && !is_required[i]) names.push_back(node.name);
    }
    return names;
}

bool Decisions::has(std::string_view decision) const { return model_->find(decision, Kind::decision) != nullptr; }

Result<Decisions> parse_dmn(std::string_view text, std::string_view name, Mistakes mistakes, const Importer& importer) {
    Importing importing{importer};
    TRY(std::shared_ptr<Model> model, read_model(text, name, mistakes, importing));
    return Decisions(std::move(model));
}

Result<std::shared_ptr<Model>> read_model(std::string_view text, std::string_view name, Mistakes mistakes, Importing& importing) {
    TRY(const xml::Document document, xml::parse(text, name));
    const xml::Node root = document.root();
    const std::string_view dmn = xml::namespace_of(root);
    if (xml::local_name(root) != "definitions" || std::ranges::find(kModelNamespaces, dmn) == kModelNamespaces.end()) {
        return fail(Code::invalid, madang::format("{}: this is no DMN file of version 1.2 to 1.5", document.where(root)));
    }
    auto model = std::make_shared<Model>();
    model->id = std::string(xml::attribute(root, "id"));
    model->name = std::string(xml::attribute(root, "name"));
    model->file = std::string(name);
    model->parts[0].space = std::string(xml::attribute(root, "namespace"));
    Reading reading(document, dmn, mistakes);
    reading.learn_names(root);
    for (const xml::Node element : root.children()) {
        if (reading.is(element, "import")) TRY_DO(import_into(reading, element, mistakes, importing, *model));
    }
    model->names = reading.names();
    for (const xml::Node element : root.children()) {
        if (!reading.is(element, "itemDefinition")) continue;
        TRY(ItemType type, reading.item_type(element, 0));
        std::string type_name = type.name;
        model->types.emplace(std::move(type_name), std::move(type));
    }
    reading.learn_types(*model);
    std::vector<xml::Node> elements;
    for (const xml::Node element : root.children()) {
        if (xml::namespace_of(element) != dmn) continue;
        const std::string_view local = xml::local_name(element);
        const auto kind = local == "inputData"                ? std::optional(Kind::input_data)
                          : local == "decision"               ? std::optional(Kind::decision)
                          : local == "businessKnowledgeModel" ? std::optional(Kind::knowledge)
                          : local == "decisionService"        ? std::optional(Kind::service)
                                                              : std::nullopt;
        if (!kind) continue;   // knowledge sources, annotations, diagrams and groups decide nothing
        if (model->nodes.size() >= kMaxNodes) return reading.failure(element, madang::format("a file has at most {} nodes", kMaxNodes));
        TRY(GraphNode node, node_of(reading, element, *kind));
        for (const GraphNode& other : model->nodes) {
            if (other.part != 0) continue;
            if (!node.id.empty() && other.id == node.id) return reading.failure(element, madang::format("the id \"{}\" is used twice", node.id));
            if (other.name == node.name && other.kind == node.kind) return reading.failure(element, madang::format("the name \"{}\" is used twice", node.name));
        }
        model->nodes.push_back(std::move(node));
        elements.push_back(element);
    }
    const std::size_t imported = model->nodes.size() - elements.size();
    for (std::size_t i = 0; i < elements.size(); ++i) {
        TRY_DO(requirements_into(reading, *model, elements[i], model->nodes[imported + i]));
    }
    TRY_DO(check_no_loop(*model));
    for (GraphNode& node : model->nodes) {
        const auto is_flat = [&](std::size_t place) { return model->nodes[place].part == node.part || model->parts[model->nodes[place].part].alias.empty(); };
        node.is_flat = std::ranges::all_of(node.requires_information, is_flat) && std::ranges::all_of(node.requires_knowledge, is_flat);
    }
    return model;
}

}  // namespace madang::decision
