// What a handler answers. The server adds Date, Content-Length, X-Request-Id, the security headers
// and, where none is set, Cache-Control: no-store.
//
// A status of 400 and above with an empty body is drawn by the server's error page.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/asset.h"
#include "http/cookies.h"
#include "http/headers.h"

namespace madang::http {

// Whether the server may compress the body (only text above 1 KB, only where the client accepts).
// A compressed length tells something about the content (BREACH): use `never` for a page that repeats
// words of the request beside a secret. CSRF tokens of CsrfTokens are masked and need no such care.
enum class Compression { automatic, never };

struct Response {
    int status = 200;
    Headers headers;
    std::string body;
    std::shared_ptr<const Asset> asset;  // instead of a body: ready bytes, shared by all answers
    Compression compression = Compression::automatic;

    static Response html(std::string body, int status = 200);
    static Response text(std::string body, int status = 200);
    static Response json(std::string body, int status = 200);
    static Response bytes(std::string body, std::string_view content_type);
    // A file to save (RFC 6266); the name may hold any letters.
    static Response download(std::string body, std::string_view content_type, std::string_view file_name);
    // 303 See Other to a path of this site; anything but a local path goes to "/" (no open redirect).
    static Response redirect(std::string_view path);
    static Response error(int status);               // drawn by the error page
    static Response not_found() { return error(404); }
    static Response forbidden() { return error(403); }
    static Response bad_request() { return error(400); }
    static Response unavailable(int retry_after_seconds);  // 503 with Retry-After
    static Response from(std::shared_ptr<const Asset> asset);

    Response& set_cookie(const Cookie& cookie) &;
    Response&& set_cookie(const Cookie& cookie) &&;
    Response& forget_cookie(std::string_view name) &;
    Response&& forget_cookie(std::string_view name) &&;
};

std::string_view reason_of(int status);  // "Not Found" (RFC 9110 clause 15)

}  // namespace madang::http
