#include "http/detail/service.h"

#include <algorithm>
#include <cmath>
#include <new>

#include "base/check.h"
#include "base/text.h"

namespace madang::http::detail {
namespace {

constexpr std::string_view kMetricsPath = "/metrics";

bool is_host(std::string_view host) {
    return !host.empty() && host.size() <= 255 && std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
               c == ':' || c == '[' || c == ']' || c == '_';
    });
}

bool is_operation(const Route& route) {
    return route.pattern == "/healthz" || route.pattern == "/readyz" || route.pattern == kMetricsPath;
}

std::string_view type_of(BodyKind kind) {
    switch (kind) {
        case BodyKind::form: return "application/x-www-form-urlencoded";
        case BodyKind::json: return "application/json";
        case BodyKind::multipart: return "multipart/form-data";
        case BodyKind::any: return "";
    }
    return "";
}

std::string plain_page(int status, std::string_view request_id) {
    return format("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0} {1}</title></head>\n"
                  "<body><h1>{1}</h1><p>{0}</p><p>{2}</p></body></html>\n",
                  status, reason_of(status), request_id);
}

}  // namespace

Service::Service(Config config, Router router, Metrics& metrics, Log& log, const Clock& clock, Random& random)
    : config_(std::move(config)), router_(std::move(router)), metrics_(metrics), log_(log), clock_(clock), random_(random),
      workers_(config_.workers.threads, config_.workers.queue, config_.workers.stack_bytes),
      bytes_(metrics.counter("madang_http_response_bytes", "Bytes of answers handed to the system")),
      open_(metrics.gauge("madang_http_connections", "Open connections")) {}

Service::~Service() {
    const auto nothing = [] { return std::vector<Metrics::Sample>{}; };
    metrics_.observe("madang_http_workers", "Worker threads alive", Metrics::Kind::gauge, nothing);
    metrics_.observe("madang_http_worker_queue", "Requests waiting for a worker thread", Metrics::Kind::gauge, nothing);
}

Result<void> Service::prepare() {
    for (const auto& text : config_.trusted_proxies) {
        TRY(const auto network, within(parse_network(text), format("trusted proxy \"{}\"", text)));
        trusted_.push_back(network);
    }
    if (config_.workers.threads == 0) return fail(Code::invalid, "workers: at least one thread is needed");
    add_operations();
    std::vector<Rate> rates;
    std::vector<std::string> names;
    for (const auto& [name, rate] : config_.rates) {
        if (!(rate.burst >= 1) || !(rate.per_second >= 0)) return fail(Code::invalid, format("rate \"{}\": the burst is below 1", name));
        names.push_back(name);
        rates.push_back(rate);
    }
    for (const auto& route : router_.routes()) {
        const auto& name = route->options.rate_class;
        const auto found = std::find(names.begin(), names.end(), name);
        if (!name.empty() && found == names.end()) {
            return fail(Code::invalid, format("route \"{}\": there is no rate \"{}\" in the settings", route->pattern, name));
        }
        rate_of_route_.push_back(name.empty() ? std::nullopt : std::optional<std::size_t>(found - names.begin()));
    }
    limiter_ = std::make_unique<RateLimiter>(std::move(rates), config_.rate_clients);
    make_figures();
    if (config_.access_log == Config::AccessLog::on) {
        access_ = std::make_unique<AccessLog>(
            log_, metrics_.counter("madang_http_access_log_dropped", "Lines of the access log lost because the log was too slow"));
    }
    return {};
}

void Service::add_operations() {
    RouteOptions quick{.dispatch = Dispatch::inline_};
    if (!router_.has(Method::get, "/healthz")) {
        router_.add(Method::get, "/healthz", [](const Request&) { return Response::text("alive\n"); }, quick);
    }
    if (!router_.has(Method::get, "/readyz")) {
        router_.add(Method::get, "/readyz", [this](const Request&) {
            if (draining) return Response::text("stopping\n", 503);
            const auto ready = config_.ready ? config_.ready() : Result<void>{};
            return ready ? Response::text("ready\n") : Response::text(ready.error().message + "\n", 503);
        });
    }
    if (config_.operations != Reachable::by_nobody && !router_.has(Method::get, kMetricsPath)) {
        router_.add(Method::get, kMetricsPath,
                    [this](const Request&) { return Response::bytes(metrics_.text(), Metrics::content_type()); });
    }
}

void Service::make_figures() {
    for (const auto& route : router_.routes()) figures_.push_back(figures_for(route->pattern));
    figures_.push_back(figures_for("none"));
    metrics_.observe("madang_http_workers", "Worker threads alive", Metrics::Kind::gauge, [this] {
        return std::vector<Metrics::Sample>{{{}, static_cast<double>(workers_.threads())}};
    });
    metrics_.observe("madang_http_worker_queue", "Requests waiting for a worker thread", Metrics::Kind::gauge, [this] {
        return std::vector<Metrics::Sample>{{{}, static_cast<double>(workers_.waiting())}};
    });
}

Service::RouteFigures Service::figures_for(std::string_view pattern) {
    RouteFigures figures;
    for (std::size_t i = 0; i < figures.by_class.size(); ++i) {
        figures.by_class[i] = &metrics_.counter("madang_http_requests", "Answered requests by route and class of status",
                                                {{"route", std::string(pattern)}, {"status", format("{}xx", i + 1)}});
    }
    figures.seconds = &metrics_.histogram("madang_http_request_seconds", "Time from the head of a request to its answer",
                                          {{"route", std::string(pattern)}});
    return figures;
}

std::optional<Refusal> Service::admit(const HeadFacts& head, const Peer& peer, Request& request, const Route*& route) {
    Address client;
    read_client(peer, request, client);
    Target target;
    if (auto refusal = read_target(head, request, target)) return refusal;
    const auto method = find_method(head.method);
    if (!method) {
        auto allow = router_.allowed(target.segments);
        return Refusal{405, allow.empty() ? "GET, HEAD, POST" : std::move(allow), 0, "method"};
    }
    request.method = *method;
    auto match = router_.match(*method, target.segments, request.parameters);
    const auto host = check_host(head, target, request);
    if (host && (host->status != 421 || match.route == nullptr || !is_operation(*match.route))) return host;
    if (match.route == nullptr) {
        return match.allow.empty() ? Refusal{404, {}, 0, "path"} : Refusal{405, std::move(match.allow), 0, "method"};
    }
    route = match.route;
    request.route = route->pattern;
    if (auto refusal = check_client(client, request, *route)) return refusal;
    return check_body(head, request, *route);
}

void Service::read_client(const Peer& peer, Request& request, Address& client) const {
    client = peer.address;
    request.scheme = peer.tls ? Scheme::https : Scheme::http;
    if (peer.trusted) {
        // A sender may add lines of its own before the proxy's: the nearest is in the last one.
        std::string_view forwarded;
        for (std::size_t i = 0; i < request.headers.size(); ++i) {
            const auto field = request.headers.at(i);
            if (equal_ignoring_ascii_case(field.name, "x-forwarded-for")) forwarded = field.value;
        }
        client = client_of(peer.address, forwarded, trusted_);
        if (equal_ignoring_ascii_case(request.headers.value_or("x-forwarded-proto", ""), "https")) request.scheme = Scheme::https;
    }
    request.client = format_address(client);
}

std::optional<Refusal> Service::read_target(const HeadFacts& head, Request& request, Target& target) {
    if (head.target.size() > config_.limits.target_bytes) return Refusal{414, {}, 0, "target"};
    const bool whole_server = head.target == "*" || head.method == "CONNECT";
    if (whole_server) return Refusal{405, "GET, HEAD, POST", 0, "method"};
    auto parsed = parse_target(head.target);
    if (!parsed) return Refusal{400, {}, 0, "target"};
    auto query = parse_urlencoded(parsed->query);
    if (!query) return Refusal{400, {}, 0, "target"};
    target = std::move(*parsed);
    request.query = std::move(*query);
    request.path = target.path;
    request.target = head.target;
    if (!target.authority.empty()) {
        const auto end = static_cast<std::size_t>(target.authority.data() - head.target.data()) + target.authority.size();
        request.target.erase(0, end);
        if (!request.target.starts_with('/')) request.target.insert(0, "/");
    }
    return std::nullopt;
}

// RFC 9112 clause 3.2: exactly one Host in HTTP/1.1; the absolute form overrides it.
std::optional<Refusal> Service::check_host(const HeadFacts& head, const Target& target, Request& request) const {
    const auto count = request.headers.count("host");
    if (count > 1 || (count == 0 && head.minor >= 1)) return Refusal{400, {}, 0, "host"};
    request.host = target.authority.empty() ? request.headers.value_or("host", "") : target.authority;
    if (!request.host.empty() && !is_host(request.host)) return Refusal{400, {}, 0, "host"};
    if (count == 1 && !is_host(request.headers.value_or("host", ""))) return Refusal{400, {}, 0, "host"};
    if (config_.hosts.empty()) return std::nullopt;
    const bool known = std::any_of(config_.hosts.begin(), config_.hosts.end(),
                                   [&](const auto& ours) { return equal_ignoring_ascii_case(ours, request.host); });
    return known ? std::nullopt : std::optional(Refusal{421, {}, 0, "host"});
}

std::optional<Refusal> Service::check_client(const Address& client, const Request& request, const Route& route) {
    if (route.pattern == kMetricsPath && config_.operations == Reachable::by_loopback) {
        // Behind a proxy that is not configured every request seems to come from this machine.
        const bool hidden = client.is_loopback() && request.headers.has("x-forwarded-for");
        if (!client.is_loopback() || (hidden && trusted_.empty())) return Refusal{404, {}, 0, "path"};
    }
    const bool changes = request.method != Method::get && request.method != Method::head;
    if (changes && route.options.origins == Origins::same_only && origin_of(request) == Origin::foreign) {
        return Refusal{403, {}, 0, "origin"};
    }
    const auto rate = rate_of_route_[route.index];
    if (!rate) return std::nullopt;
    const auto wait = limiter_->take(*rate, client, clock_.now());
    if (wait.count() == 0) return std::nullopt;
    return Refusal{429, {}, static_cast<int>((wait.count() + 999) / 1000), "rate"};
}

std::optional<Refusal> Service::check_body(const HeadFacts& head, const Request& request, const Route& route) const {
    const auto expect = request.headers.find("expect");
    if (expect && !head.wants_continue) return Refusal{417, {}, 0, "expect"};
    if (!head.has_body) return std::nullopt;
    if (head.content_length > route.options.body_limit) return Refusal{413, {}, 0, "body"};
    if (request.headers.has("content-encoding")) return Refusal{415, {}, 0, "body"};
    if (route.options.body == BodyKind::any) return std::nullopt;
    const auto value = request.headers.value_or("content-type", "");
    const auto type = trim(value.substr(0, std::min(value.find(';'), value.size())));
    if (!equal_ignoring_ascii_case(type, type_of(route.options.body))) return Refusal{415, {}, 0, "body"};
    return std::nullopt;
}

Answer Service::run(const Route& route, const Request& request) {
    // The message of an exception may quote what a person typed: only its kind of trouble is logged.
    try {
        Response response = route.handler(request);
        if (response.status < 200 || response.status > 599) response = Response::error(500);
        draw_error(response, &request);
        return make_answer(std::move(response), &request);
    } catch (const std::bad_alloc&) {
        log_.error("a handler found no memory", {{"route", route.pattern}, {"request", request.request_id}});
    } catch (...) {
        log_.error("a handler threw", {{"route", route.pattern}, {"request", request.request_id}});
    }
    Response response = Response::error(500);
    draw_error(response, &request);
    return make_answer(std::move(response), &request);
}

Answer Service::refuse(const Refusal& refusal, const Request* request) {
    if (!refusal.reason.empty()) refused(refusal.reason).add();
    Response response = Response::error(refusal.status);
    if (!refusal.allow.empty()) response.headers.add("Allow", refusal.allow);
    if (refusal.retry_after > 0) response.headers.add("Retry-After", format("{}", refusal.retry_after));
    draw_error(response, request);
    return make_answer(std::move(response), request);
}

void Service::draw_error(Response& response, const Request* request) const {
    if (response.status < 400 || !response.body.empty() || response.asset) return;
    Response page;
    if (config_.error_page) {
        try {
            page = config_.error_page(response.status, request);
        } catch (...) {
            log_.error("the error page threw", {{"status", format("{}", response.status)}});
        }
    }
    if (page.body.empty()) page = Response::html(plain_page(response.status, request != nullptr ? request->request_id : ""));
    response.headers.set("Content-Type", page.headers.value_or("content-type", "text/html; charset=utf-8"));
    response.body = std::move(page.body);
    response.compression = Compression::never;
}

bool Service::open_connection(const Address& client, bool trusted, int& status) {
    if (connections_.fetch_add(1) >= config_.limits.connections) {
        connections_.fetch_sub(1);
        status = 503;
        refused("connections").add();
        return false;
    }
    if (!trusted) {
        const std::lock_guard lock(clients_mutex_);
        auto& count = clients_[client.subscriber()];
        if (count >= config_.limits.connections_per_client) {
            connections_.fetch_sub(1);
            status = 429;
            refused("connections_per_client").add();
            return false;
        }
        ++count;
    }
    open_.add(1);
    return true;
}

void Service::close_connection(const Address& client, bool trusted) {
    if (!trusted) {
        const std::lock_guard lock(clients_mutex_);
        const auto found = clients_.find(client.subscriber());
        if (found != clients_.end() && --found->second == 0) clients_.erase(found);
    }
    open_.add(-1);
    connections_.fetch_sub(1);
}

bool Service::take_body_bytes(std::size_t bytes) {
    if (body_bytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= config_.limits.bodies_bytes) return true;
    give_body_bytes(bytes);
    return false;
}

void Service::record(const Route* route, std::string_view method, int status, std::uint64_t bytes,
                     std::uint64_t microseconds, std::string_view request_id) {
    const RouteFigures& figures = figures_[route != nullptr ? route->index : figures_.size() - 1];
    figures.by_class[static_cast<std::size_t>(std::clamp(status / 100, 1, 5)) - 1]->add();
    figures.seconds->observe(static_cast<double>(microseconds) / 1e6);
    bytes_.add(bytes);
    if (!access_) return;
    AccessRecord line{method, route != nullptr ? std::string_view(route->pattern) : "none", status, bytes, microseconds, {}};
    std::copy_n(request_id.begin(), std::min(request_id.size(), line.request_id.size()), line.request_id.begin());
    access_->add(line);
}

bool Service::is_trusted(const Address& peer) const {
    return std::any_of(trusted_.begin(), trusted_.end(), [&](const Network& n) { return n.contains(peer); });
}

Counter& Service::refused(std::string_view reason) {
    return metrics_.counter("madang_http_refused", "Requests and connections refused before a handler saw them",
                            {{"reason", std::string(reason)}});
}

}  // namespace madang::http::detail
