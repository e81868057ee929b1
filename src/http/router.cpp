#include "http/router.h"

#include <array>
#include <map>
#include <utility>

#include "base/check.h"
#include "base/text.h"

namespace madang::http {
namespace {

constexpr std::size_t kMethods = 6;

std::size_t place_of(Method method) { return static_cast<std::size_t>(method); }

bool is_name(std::string_view text) {
    if (text.empty()) return false;
    for (const char c : text) {
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
    }
    return true;
}

enum class Segment { fixed, one, rest };

Segment kind_of(std::string_view segment) {
    if (!segment.starts_with('{')) {
        MADANG_CHECK(segment.find_first_of("{}") == std::string_view::npos);
        return Segment::fixed;
    }
    MADANG_CHECK(segment.ends_with('}'));
    return segment.ends_with("...}") ? Segment::rest : Segment::one;
}

std::string name_in(std::string_view segment, Segment kind) {
    const auto name = segment.substr(1, segment.size() - (kind == Segment::rest ? 5 : 2));
    MADANG_CHECK(is_name(name));
    return std::string(name);
}

using Slots = std::array<const Route*, kMethods>;

struct Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> fixed;
    std::unique_ptr<Node> one;
    Slots here{};
    Slots rest{};
};

const Route* choose(const Slots& slots, Method method) {
    const Route* route = slots[place_of(method)];
    return route == nullptr && method == Method::head ? slots[place_of(Method::get)] : route;
}

bool any(const Slots& slots) {
    for (const Route* route : slots) {
        if (route != nullptr) return true;
    }
    return false;
}

struct Found {
    const Slots* slots = nullptr;
    std::vector<std::string> values;
};

std::string rest_of(const std::vector<std::string>& segments, std::size_t from) {
    std::string text = segments[from];
    for (std::size_t i = from + 1; i < segments.size(); ++i) text += "/" + segments[i];
    return text;
}

// Goes down the tree, fixed before "{name}" before "{name...}". The depth is that of the patterns.
bool descend(const Node& node, const std::vector<std::string>& segments, std::size_t at, Found& found) {
    if (at == segments.size()) {
        if (!any(node.here)) return false;
        found.slots = &node.here;
        return true;
    }
    if (const auto next = node.fixed.find(segments[at]); next != node.fixed.end()) {
        if (descend(*next->second, segments, at + 1, found)) return true;
    }
    if (node.one && !segments[at].empty()) {
        found.values.push_back(segments[at]);
        if (descend(*node.one, segments, at + 1, found)) return true;
        found.values.pop_back();
    }
    if (any(node.rest) && !segments[at].empty()) {
        found.values.push_back(rest_of(segments, at));
        found.slots = &node.rest;
        return true;
    }
    return false;
}

std::string allow_of(const Slots& slots) {
    std::vector<std::string> names;
    for (const Method method : {Method::get, Method::head, Method::post, Method::put, Method::patch, Method::delete_}) {
        if (choose(slots, method) != nullptr) names.emplace_back(name_of(method));
    }
    return join(names, ", ");
}

}  // namespace

struct Router::Tree {
    Node root;
    std::vector<std::unique_ptr<Route>> routes;
    std::vector<std::vector<std::string>> names;  // of the parameters, by route
};

Router::Router() : tree_(std::make_unique<Tree>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(Method method, std::string_view pattern, Handler handler, RouteOptions options) {
    MADANG_CHECK(pattern.starts_with('/') && handler);
    auto route = std::make_unique<Route>();
    *route = {method, std::string(pattern), std::move(handler), std::move(options), tree_->routes.size()};
    std::vector<std::string> names;
    Node* node = &tree_->root;
    Slots* slots = &node->here;
    const auto segments = pattern == "/" ? std::vector<std::string_view>{} : split(pattern.substr(1), '/');
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const Segment kind = kind_of(segments[i]);
        if (kind != Segment::fixed) names.push_back(name_in(segments[i], kind));
        if (kind == Segment::rest) {
            MADANG_CHECK(i + 1 == segments.size());
            slots = &node->rest;
            break;
        }
        auto& next = kind == Segment::one ? node->one : node->fixed[std::string(segments[i])];
        if (!next) next = std::make_unique<Node>();
        node = next.get();
        slots = &node->here;
    }
    MADANG_CHECK((*slots)[place_of(method)] == nullptr);
    (*slots)[place_of(method)] = route.get();
    tree_->routes.push_back(std::move(route));
    tree_->names.push_back(std::move(names));
}

bool Router::has(Method method, std::string_view pattern) const {
    for (const auto& route : tree_->routes) {
        if (route->method == method && route->pattern == pattern) return true;
    }
    return false;
}

Router::Match Router::match(Method method, const std::vector<std::string>& segments,
                            std::vector<std::pair<std::string, std::string>>& parameters) const {
    Found found;
    if (!descend(tree_->root, segments, 0, found)) return {};
    const Route* route = choose(*found.slots, method);
    if (route == nullptr) return {nullptr, allow_of(*found.slots)};
    const auto& names = tree_->names[route->index];
    parameters.clear();
    for (std::size_t i = 0; i < names.size(); ++i) parameters.emplace_back(names[i], std::move(found.values[i]));
    return {route, {}};
}

std::string Router::allowed(const std::vector<std::string>& segments) const {
    Found found;
    return descend(tree_->root, segments, 0, found) ? allow_of(*found.slots) : std::string();
}

const std::vector<std::unique_ptr<Route>>& Router::routes() const { return tree_->routes; }

Response Router::answer(Request request) const {
    const auto target = parse_target(request.target);
    if (!target) return Response::error(400);
    const Match found = match(request.method, target->segments, request.parameters);
    if (found.route == nullptr) {
        Response response = Response::error(found.allow.empty() ? 404 : 405);
        if (!found.allow.empty()) response.headers.add("Allow", found.allow);
        return response;
    }
    request.route = found.route->pattern;
    return found.route->handler(request);
}

}  // namespace madang::http
