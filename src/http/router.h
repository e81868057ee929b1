// Which handler answers which path. Patterns are fixed segments, "{name}" for one segment and, at the
// end only, "{name...}" for one or more:
//
//   router.add(Method::get, "/case/{id}", show_case);
//   router.add(Method::get, "/tile/{path...}", show_tile, {.dispatch = Dispatch::inline_});
//
// Fixed segments win over "{name}", "{name}" over "{name...}".
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/request.h"
#include "http/response.h"

namespace madang::http {

// Must be safe to call from several threads, and not throw.
using Handler = std::function<Response(const Request&)>;

enum class Dispatch {
    worker,   // on a worker thread: may wait for the store
    inline_,  // on the I/O thread: must answer from memory within microseconds
};
enum class BodyKind {
    form,       // application/x-www-form-urlencoded
    json,       // application/json
    multipart,  // multipart/form-data: see multipart.h
    any,
};
// Who may make a request that changes something, by Origin and Sec-Fetch-Site.
enum class Origins { same_only, any };

struct RouteOptions {
    Dispatch dispatch = Dispatch::worker;
    std::size_t body_limit = 1U << 20;
    BodyKind body = BodyKind::form;        // another kind is refused with 415 before it is read
    Origins origins = Origins::same_only;  // foreign ones are refused with 403, except for GET and HEAD
    std::string rate_class = {};           // a name in Config::rates; empty: no limit
};

struct Route {
    Method method = Method::get;
    std::string pattern;
    Handler handler;
    RouteOptions options;
    std::size_t index = 0;  // place in Router::routes()
};

class Router {
public:
    Router();
    ~Router();
    Router(Router&&) noexcept;
    Router& operator=(Router&&) noexcept;

    // A malformed pattern and a second route for the same method and pattern are bugs.
    void add(Method method, std::string_view pattern, Handler handler, RouteOptions options = {});
    bool has(Method method, std::string_view pattern) const;

    struct Match {
        const Route* route = nullptr;  // null: no route for this method or path
        std::string allow;             // "GET, HEAD, POST" when only the method is wrong, else empty
    };
    // Finds the route for decoded segments and puts the pattern's parameters into `parameters`.
    Match match(Method method, const std::vector<std::string>& segments,
                std::vector<std::pair<std::string, std::string>>& parameters) const;
    // The methods that a path answers, as the Allow header lists them; empty: no such path.
    std::string allowed(const std::vector<std::string>& segments) const;

    const std::vector<std::unique_ptr<Route>>& routes() const;

    // Routes and answers in this thread, without a server: 404 and 405 included. For tests.
    Response answer(Request request) const;

private:
    struct Tree;
    std::unique_ptr<Tree> tree_;
};

}  // namespace madang::http
