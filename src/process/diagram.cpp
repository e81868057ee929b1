#include "process/diagram.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <tuple>

#include "base/text.h"
#include "base/xml.h"
#include "process/detail/layout.h"
#include "process/detail/vocabulary.h"

namespace madang::process {
namespace {

constexpr std::string_view kDiNamespace = "http://www.omg.org/spec/BPMN/20100524/DI";
constexpr double kFarthest = 1e6;
constexpr std::size_t kMaxShapes = 20'000;

bool is_true(std::string_view text) { return text == "true" || text == "1"; }

class Reader {
public:
    explicit Reader(const xml::Document& document) : document_(document) {}

    Result<Diagram> read() {
        index(document_.root());
        Diagram diagram;
        TRY_DO(read_planes(document_.root(), diagram));
        if (diagram.shapes.empty() && diagram.edges.empty()) {
            diagram = lay_out(document_.root(), [this](xml::Node node) { return shape_of(node); }, [this](xml::Node node) { return edge_of(node); });
            diagram.laid_out = true;
        }
        if (diagram.shapes.size() > kMaxShapes) return fail(Code::exhausted, format("{}: more than {} shapes", document_.where(document_.root()), kMaxShapes));
        return diagram;
    }

private:
    void index(xml::Node root) {
        for (xml::Node node = root; node;) {
            const std::string_view id = xml::attribute(node, "id");
            if (is_element(node) && xml::namespace_of(node) == kBpmnNamespace && !id.empty()) elements_.emplace(id, node);
            if (const std::string_view flow = xml::attribute(node, "default"); !flow.empty()) defaults_.insert(std::string(flow));
            node = following(root, node);
        }
    }

    static xml::Node following(xml::Node root, xml::Node node) {
        if (node.first_child()) return node.first_child();
        while (node != root && !node.next_sibling()) node = node.parent();
        return node == root ? xml::Node() : node.next_sibling();
    }

    Result<void> read_planes(xml::Node root, Diagram& diagram) {
        for (xml::Node node = root; node; node = following(root, node)) {
            if (xml::is(node, kDiNamespace, "BPMNShape")) {
                TRY(Shape shape, drawn_shape(node));
                diagram.shapes.push_back(std::move(shape));
            } else if (xml::is(node, kDiNamespace, "BPMNEdge")) {
                TRY(Edge edge, drawn_edge(node));
                diagram.edges.push_back(std::move(edge));
            }
        }
        return {};
    }

    Result<double> number(xml::Node node, const char* attribute) const {
        // XML Schema's double: blanks around it and a sign before it.
        std::string_view text = trim(xml::attribute(node, attribute));
        if (text.starts_with('+')) text.remove_prefix(1);
        double value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value) || std::abs(value) > kFarthest) {
            return fail(Code::invalid, format("{}: {}=\"{}\" is no place of a picture", document_.where(node), attribute, text));
        }
        return value;
    }

    // "tns:Task_1" or "Task_1".
    xml::Node element_of(xml::Node drawn) const {
        const std::string_view reference = xml::attribute(drawn, "bpmnElement");
        const auto found = elements_.find(reference);
        if (found != elements_.end()) return found->second;
        const auto local = elements_.find(reference.substr(reference.find(':') == std::string_view::npos ? 0 : reference.find(':') + 1));
        return local == elements_.end() ? xml::Node() : local->second;
    }

    static xml::Node child_named(xml::Node node, std::string_view local) {
        for (const xml::Node child : node.children()) {
            if (is_element(child) && xml::local_name(child) == local) return child;
        }
        return {};
    }

    // What an element is, without its place.
    Shape shape_of(xml::Node element) const {
        Shape shape;
        shape.element = xml::attribute(element, "id");
        shape.kind = xml::local_name(element);
        shape.name = xml::attribute(element, "name");
        if (shape.kind == "textAnnotation") shape.name = xml::text_of(child_named(element, "text"));
        if (shape.kind == "dataObjectReference" || shape.kind == "dataStoreReference") {
            const auto found = elements_.find(xml::attribute(element, shape.kind == "dataObjectReference" ? "dataObjectRef" : "dataStoreRef"));
            if (shape.name.empty() && found != elements_.end()) shape.name = xml::attribute(found->second, "name");
        }
        shape.throws = shape.kind == "endEvent" || shape.kind == "intermediateThrowEvent";
        shape.dashed = (shape.kind == "boundaryEvent" && xml::attribute(element, "cancelActivity") == "false") ||
                       (shape.kind == "startEvent" && xml::attribute(element, "isInterrupting") == "false") || is_true(xml::attribute(element, "triggeredByEvent"));
        shape.compensates = is_true(xml::attribute(element, "isForCompensation"));
        int triggers = 0;
        for (const xml::Node child : element.children()) {
            std::string_view local = is_element(child) ? xml::local_name(child) : std::string_view();
            if (local == "eventDefinitionRef") {
                const auto found = elements_.find(xml::text_of(child));
                local = found == elements_.end() ? std::string_view() : xml::local_name(found->second);
            }
            if (local.ends_with("EventDefinition")) {
                shape.trigger = local.substr(0, local.size() - 15);
                ++triggers;
            }
            if (local == "standardLoopCharacteristics") shape.loop = "standard";
            if (local == "multiInstanceLoopCharacteristics") shape.loop = is_true(xml::attribute(child, "isSequential")) ? "sequential" : "parallel";
        }
        if (triggers > 1) shape.trigger = is_true(xml::attribute(element, "parallelMultiple")) ? "parallelMultiple" : "multiple";
        return shape;
    }

    Edge edge_of(xml::Node element) const {
        Edge edge;
        edge.element = xml::attribute(element, "id");
        edge.kind = xml::local_name(element);
        edge.name = xml::attribute(element, "name");
        edge.is_default = defaults_.contains(edge.element);
        const auto source = elements_.find(xml::attribute(element, "sourceRef"));
        const bool from_gateway = source != elements_.end() && xml::local_name(source->second).ends_with("Gateway");
        edge.conditional = !from_gateway && child_named(element, "conditionExpression");
        return edge;
    }

    Result<std::optional<Label>> label_of(xml::Node drawn) const {
        const xml::Node bounds = child_named(child_named(drawn, "BPMNLabel"), "Bounds");
        if (!bounds) return std::optional<Label>();
        Label label;
        TRY(label.x, number(bounds, "x"));
        TRY(label.y, number(bounds, "y"));
        TRY(label.width, number(bounds, "width"));
        return std::optional(label);
    }

    Result<Shape> drawn_shape(xml::Node node) const {
        Shape shape = element_of(node) ? shape_of(element_of(node)) : Shape();
        shape.id = xml::attribute(node, "id");
        shape.horizontal = xml::attribute(node, "isHorizontal") != "false";
        shape.expanded = xml::attribute(node, "isExpanded") != "false";
        const xml::Node bounds = child_named(node, "Bounds");
        if (!bounds) return fail(Code::invalid, format("{}: a shape has bounds", document_.where(node)));
        TRY(shape.x, number(bounds, "x"));
        TRY(shape.y, number(bounds, "y"));
        TRY(shape.width, number(bounds, "width"));
        TRY(shape.height, number(bounds, "height"));
        TRY(shape.label, label_of(node));
        return shape;
    }

    Result<Edge> drawn_edge(xml::Node node) const {
        Edge edge = element_of(node) ? edge_of(element_of(node)) : Edge();
        edge.id = xml::attribute(node, "id");
        TRY(edge.label, label_of(node));
        for (const xml::Node child : node.children()) {
            if (!is_element(child) || xml::local_name(child) != "waypoint") continue;
            Point point;
            TRY(point.x, number(child, "x"));
            TRY(point.y, number(child, "y"));
            edge.waypoints.push_back(point);
        }
        return edge;
    }

    const xml::Document& document_;
    std::map<std::string, xml::Node, std::less<>> elements_;
    std::set<std::string, std::less<>> defaults_;
};

}  // namespace

Result<Diagram> read_diagram(std::string_view xml, std::string_view name) {
    TRY(const auto document, xml::parse(xml, name));
    if (!xml::is(document.root(), kBpmnNamespace, "definitions")) return fail(Code::invalid, format("{}: the root is not definitions of BPMN 2.0", document.where(document.root())));
    return Reader(document).read();
}

std::vector<StepLine> list_steps(const Diagram& diagram, const Progress& progress) {
    std::vector<const Shape*> shown;
    for (const Shape& shape : diagram.shapes) {
        const bool step = shape.kind.ends_with("ask") || shape.kind.ends_with("Event") || shape.kind.ends_with("rocess") || shape.kind == "transaction" || shape.kind == "callActivity" ||
                          (shape.kind.ends_with("Gateway") && !shape.name.empty());
        if (step) shown.push_back(&shape);
    }
    std::ranges::sort(shown, {}, [](const Shape* one) { return std::tuple(one->x + one->width / 2, one->y, std::string_view(one->element)); });
    std::vector<StepLine> lines;
    for (const Shape* one : shown) {
        StepLine line{one->kind, one->name.empty() ? one->element : one->name, StepLine::State::ahead};
        if (progress.trouble.contains(one->element)) line.state = StepLine::State::trouble;
        else if (progress.here.contains(one->element)) line.state = StepLine::State::here;
        else if (progress.passed.contains(one->element)) line.state = StepLine::State::passed;
        else if (progress.over) line.state = StepLine::State::not_taken;
        lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace madang::process
