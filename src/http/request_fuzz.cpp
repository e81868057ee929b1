// A whole request without sockets: scanned, parsed by Beast, admitted, read as form, cookies and
// languages, answered. In one piece or octet by octet the server must come to the same.
#include <string>

#include "base/check.h"
#include "http/detail/request_parser.h"
#include "http/detail/scan_head.h"

using namespace madang;
using namespace madang::http;

namespace {

struct World {
    World() : service(settings(), router(), metrics, log, clock, random) { MADANG_CHECK(service.prepare().has_value()); }
    static Config settings() {
        Config config;
        config.access_log = Config::AccessLog::off;
        config.trusted_proxies = {"10.0.0.0/8"};
        return config;
    }
    static Router router() {
        Router routes;
        const auto show = [](const Request& r) {
            const auto form = r.form();
            return Response::text(r.path + std::string(r.cookie("__Host-s").value_or("")) + (form ? form->value_or("name", "") : "") +
                                  (r.languages().empty() ? "" : r.languages().front()));
        };
        routes.add(Method::get, "/case/{id}", show);
        routes.add(Method::post, "/form", show, {.body_limit = 1000});
        routes.add(Method::post, "/any/{path...}", show, {.body_limit = 1000, .body = BodyKind::any, .origins = Origins::any});
        return routes;
    }
    Metrics metrics;
    NoLog log;
    ManualClock clock{Instant(std::chrono::seconds(1'795'000'000))};
    SeededRandom random{1};
    detail::Service service;
};

// The answer in short: status, form and what the handler saw; "more" where the request is not whole.
std::string answer_to(World& world, std::string_view text, std::size_t piece) {
    detail::HeadScanner scanner;
    const auto state = scanner.scan(text);
    if (state == detail::HeadScanner::State::bad) return "400";
    if (state == detail::HeadScanner::State::more || scanner.size() > 16'384) return "more";
    detail::HeadFacts head;
    Request request;
    detail::RequestParser parser(world.service, head, request);
    if (const int status = parser.read_head(text.substr(0, scanner.size())); status != 0) return format("{}", status);
    const Route* route = nullptr;
    detail::Peer peer;
    peer.address = *parse_address("10.0.0.1");
    peer.trusted = true;
    if (const auto refusal = world.service.admit(head, peer, request, route)) return format("{} {}", refusal->status, refusal->allow);
    text.remove_prefix(scanner.size());
    std::string waiting;
    while (!parser.is_done()) {
        if (text.empty()) return "more";
        waiting += text.substr(0, piece);
        text.remove_prefix(std::min(piece, text.size()));
        for (std::size_t used = 1; used > 0 && !waiting.empty() && !parser.is_done();) {
            if (const int status = parser.read_body(waiting, route->options.body_limit, used); status != 0) return format("{}", status);
            waiting.erase(0, used);
        }
    }
    MADANG_CHECK(request.body.size() <= route->options.body_limit);
    const auto answer = world.service.run(*route, request);
    detail::AnswerContext context;
    std::string out;
    detail::write_head(out, answer, context);
    MADANG_CHECK(out.starts_with("HTTP/1.1 ") && out.find("\r\n\r\n") == out.size() - 4);
    return format("{} {} {}", answer.response.status, request.client, answer.payload());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static World world;
    const std::string_view text = as_text({data, size});
    MADANG_CHECK(answer_to(world, text, text.size() + 1) == answer_to(world, text, 1));
    return 0;
}
