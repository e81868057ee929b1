// A request as a handler sees it: parsed, decoded, checked and within limits. Knows no sockets, so a
// test makes one by hand:
//
//   auto request = make_request(Method::post, "/apply?step=2", "name=Anna", {{"Cookie", "__Host-s=1"}});
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "http/fields.h"
#include "http/headers.h"

namespace madang::http {

enum class Method { get, head, post, put, patch, delete_ };
std::string_view name_of(Method method);                     // "GET"
std::optional<Method> find_method(std::string_view name);    // exact case

enum class Scheme { http, https };

struct Request {
    Method method = Method::get;    // a GET route also answers HEAD; the body is then not sent
    std::string target;             // as sent, without scheme and authority: "/case/1?x=2"
    std::string path;               // decoded
    Fields query;
    Headers headers;
    std::string body;
    std::string host;               // Host header, checked: "example.org:8080"
    std::string client;             // address of the client in text; personal data: never log it
    Scheme scheme = Scheme::http;   // also https when a trusted proxy says so
    std::string request_id;         // UUIDv7; also in the answer's X-Request-Id and the access log
    std::string_view route;         // pattern of the route, e.g. "/case/{id}"
    std::vector<std::pair<std::string, std::string>> parameters;  // of the pattern, decoded

    // The value of {name} in the route's pattern. Throws std::logic_error where the pattern lacks it: the mistake of one handler is answered with 500.
    const std::string& parameter(std::string_view name) const;
    std::optional<std::string_view> header(std::string_view name) const { return headers.find(name); }
    std::optional<std::string_view> cookie(std::string_view name) const;
    // The body as form fields. Code::invalid on another content type and what parse_urlencoded refuses.
    Result<Fields> form() const;
    // The languages of Accept-Language, best first, lower case: {"be", "ru", "en"}; at most 10.
    std::vector<std::string> languages() const;
};

// Where a request was made, as the browser tells (Sec-Fetch-Site, Origin).
enum class Origin { same, foreign, unknown };
// Origin::unknown when the client sends neither header: no browser of today, but a program may.
Origin origin_of(const Request& request);

// For tests: a request as the server would hand it over. A target that does not parse is a bug.
Request make_request(Method method, std::string_view target, std::string body = {},
                     std::initializer_list<Headers::Field> headers = {});

}  // namespace madang::http
