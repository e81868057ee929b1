#include "process/detail/layout.h"

#include <algorithm>
#include <map>

#include "process/detail/vocabulary.h"

namespace madang::process {
namespace {

constexpr double kGap = 50;         // between layers
constexpr double kRow = 30;         // between nodes of a layer
constexpr double kMargin = 20;      // inside a sub-process
constexpr int kMaxDepth = 20;

struct Placed {
    std::vector<Shape> shapes;
    std::vector<Edge> edges;
    double width = 0, height = 0;
};

struct Item {
    xml::Node node;
    Shape shape;
    Placed inside;
    std::vector<std::size_t> next;
    std::size_t layer = 0;
    std::string host;               // of a boundary event
};

class Layout {
public:
    Layout(const std::function<Shape(xml::Node)>& shape_of, const std::function<Edge(xml::Node)>& edge_of) : shape_of_(shape_of), edge_of_(edge_of) {}

    Placed scope(xml::Node parent, int depth) {
        std::vector<Item> items;
        std::map<std::string, std::size_t, std::less<>> by_id;
        for (const xml::Node child : parent.children()) {
            if (!kind_of(child)) continue;
            Item item{.node = child, .shape = shape_of_(child), .inside = {}, .next = {}, .layer = 0, .host = std::string(xml::attribute(child, "attachedToRef"))};
            size(item, depth);
            by_id.emplace(item.shape.element, items.size());
            items.push_back(std::move(item));
        }
        std::vector<xml::Node> flows;
        for (const xml::Node child : parent.children()) {
            if (!xml::is(child, kBpmnNamespace, "sequenceFlow")) continue;
            const auto from = by_id.find(xml::attribute(child, "sourceRef"));
            const auto to = by_id.find(xml::attribute(child, "targetRef"));
            if (from == by_id.end() || to == by_id.end()) continue;
            flows.push_back(child);
            const auto host = by_id.find(items[from->second].host);
            items[host == by_id.end() ? from->second : host->second].next.push_back(to->second);
        }
        find_layers(items);
        Placed placed = place(items);
        for (const xml::Node flow : flows) {
            placed.edges.push_back(join(edge_of_(flow), items[by_id.find(xml::attribute(flow, "sourceRef"))->second].shape,
                                        items[by_id.find(xml::attribute(flow, "targetRef"))->second].shape, placed));
        }
        return placed;
    }

private:
    void size(Item& item, int depth) {
        const std::string& kind = item.shape.kind;
        if (kind.ends_with("Event")) item.shape.width = item.shape.height = 36;
        else if (kind.ends_with("Gateway")) item.shape.width = item.shape.height = 50;
        else {
            item.shape.width = 120;
            item.shape.height = 80;
        }
        if ((kind.ends_with("Process") || kind == "transaction") && depth < kMaxDepth) {
            item.inside = scope(item.node, depth + 1);
            if (item.inside.shapes.empty()) return;
            item.shape.width = item.inside.width + 2 * kMargin;
            item.shape.height = item.inside.height + 2 * kMargin + 14;
        }
    }

    // The longest path from the entries, without the flows that lead back.
    static void find_layers(std::vector<Item>& items) {
        std::vector<int> state(items.size(), 0);   // 1: on the way, 2: done
        std::vector<std::size_t> order;
        for (std::size_t start = 0; start < items.size(); ++start) {
            std::vector<std::pair<std::size_t, std::size_t>> open;
            if (state[start] == 0) open.emplace_back(start, 0);
            while (!open.empty()) {
                auto& [at, next] = open.back();
                state[at] = 1;
                if (next == items[at].next.size()) {
                    state[at] = 2;
                    order.push_back(at);
                    open.pop_back();
                    continue;
                }
                const std::size_t target = items[at].next[next];
                if (state[target] == 1) items[at].next.erase(items[at].next.begin() + static_cast<std::ptrdiff_t>(next));   // leads back
                else {
                    ++next;
                    if (state[target] == 0) open.emplace_back(target, 0);
                }
            }
        }
        for (auto at = order.rbegin(); at != order.rend(); ++at) {
            for (const std::size_t target : items[*at].next) items[target].layer = std::max(items[target].layer, items[*at].layer + 1);
        }
    }

    static Placed place(std::vector<Item>& items) {
        Placed placed;
        std::size_t layers = 0;
        for (const Item& item : items) layers = std::max(layers, item.layer + 1);
        double x = 0;
        for (std::size_t layer = 0; layer < layers; ++layer) {
            double widest = 0;
            double y = 0;
            for (Item& item : items) {
                if (item.layer != layer || !item.host.empty()) continue;
                item.shape.x = x;
                item.shape.y = y;
                y += item.shape.height + kRow;
                widest = std::max(widest, item.shape.width);
                placed.height = std::max(placed.height, y - kRow);
            }
            for (Item& item : items) {
                if (item.layer == layer && item.host.empty()) item.shape.x += (widest - item.shape.width) / 2;
            }
            if (widest > 0) x += widest + kGap;
        }
        placed.width = std::max(0.0, x - kGap);
        centre(items, layers, placed.height);
        place_boundary_events(items);
        for (Item& item : items) {
            placed.shapes.push_back(item.shape);
            for (Shape inner : item.inside.shapes) {
                inner.x += item.shape.x + kMargin;
                inner.y += item.shape.y + kMargin + 14;
                placed.shapes.push_back(std::move(inner));
            }
            for (Edge inner : item.inside.edges) {
                for (Point& point : inner.waypoints) point = {point.x + item.shape.x + kMargin, point.y + item.shape.y + kMargin + 14};
                placed.edges.push_back(std::move(inner));
            }
        }
        return placed;
    }

    static void centre(std::vector<Item>& items, std::size_t layers, double height) {
        for (std::size_t layer = 0; layer < layers; ++layer) {
            double used = 0;
            for (const Item& item : items) {
                if (item.layer == layer && item.host.empty()) used = std::max(used, item.shape.y + item.shape.height);
            }
            for (Item& item : items) {
                if (item.layer == layer && item.host.empty()) item.shape.y += (height - used) / 2;
            }
        }
    }

    static void place_boundary_events(std::vector<Item>& items) {
        std::map<std::string, int> on_host;
        for (Item& item : items) {
            if (item.host.empty()) continue;
            for (const Item& host : items) {
                if (host.shape.element != item.host) continue;
                item.shape.x = host.shape.x + 10 + 44 * on_host[item.host]++;
                item.shape.y = host.shape.y + host.shape.height - item.shape.height / 2;
            }
        }
    }

    static Edge join(Edge edge, const Shape& from, const Shape& to, Placed& placed) {
        const Point out{from.x + from.width, from.y + from.height / 2};
        const Point in{to.x, to.y + to.height / 2};
        if (from.kind == "boundaryEvent") {
            const Point below{from.x + from.width / 2, from.y + from.height};
            edge.waypoints = {below, {below.x, std::max(below.y + 20, in.y)}, {in.x - 20, std::max(below.y + 20, in.y)}, {in.x - 20, in.y}, in};
        } else if (in.x > out.x) {
            const double middle = in.x - kGap / 2;
            edge.waypoints = in.y == out.y ? std::vector<Point>{out, in} : std::vector<Point>{out, {middle, out.y}, {middle, in.y}, in};
        } else {
            // Back, below everything.
            const double y = placed.height + 20;
            placed.height = y;
            edge.waypoints = {out, {out.x + 15, out.y}, {out.x + 15, y}, {in.x - 15, y}, {in.x - 15, in.y}, in};
        }
        return edge;
    }

    const std::function<Shape(xml::Node)>& shape_of_;
    const std::function<Edge(xml::Node)>& edge_of_;
};

}  // namespace

Diagram lay_out(xml::Node definitions, const std::function<Shape(xml::Node)>& shape_of, const std::function<Edge(xml::Node)>& edge_of) {
    Diagram diagram;
    Layout layout(shape_of, edge_of);
    double y = 0;
    for (const xml::Node child : definitions.children()) {
        if (!xml::is(child, kBpmnNamespace, "process")) continue;
        Placed placed = layout.scope(child, 0);
        for (Shape& shape : placed.shapes) {
            shape.y += y;
            diagram.shapes.push_back(std::move(shape));
        }
        for (Edge& edge : placed.edges) {
            for (Point& point : edge.waypoints) point.y += y;
            diagram.edges.push_back(std::move(edge));
        }
        y += placed.height + 60;
    }
    return diagram;
}

}  // namespace madang::process
