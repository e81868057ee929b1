#include "http/response.h"

#include <array>

#include "base/text.h"
#include "http/fields.h"

namespace madang::http {
namespace {

Response make(int status, std::string body, std::string_view content_type) {
    Response response;
    response.status = status;
    response.body = std::move(body);
    response.headers.add("Content-Type", content_type);
    return response;
}

// What a quoted-string of RFC 6266 can hold everywhere; the full name goes into filename*.
std::string plain_name(std::string_view name) {
    std::string plain;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x80) continue;
        plain.push_back(byte < 0x20 || byte == 0x7F || c == '"' || c == '\\' || c == '/' || c == '%' ? '_' : c);
    }
    return plain.empty() || plain.front() == '.' ? "file" + plain : plain;
}

}  // namespace

Response Response::html(std::string body, int status) { return make(status, std::move(body), "text/html; charset=utf-8"); }
Response Response::text(std::string body, int status) { return make(status, std::move(body), "text/plain; charset=utf-8"); }
Response Response::json(std::string body, int status) { return make(status, std::move(body), "application/json"); }
Response Response::bytes(std::string body, std::string_view content_type) { return make(200, std::move(body), content_type); }

Response Response::download(std::string body, std::string_view content_type, std::string_view file_name) {
    Response response = make(200, std::move(body), content_type);
    response.headers.add("Content-Disposition", format("attachment; filename=\"{}\"; filename*=UTF-8''{}",
                                                       plain_name(file_name), percent_encode(file_name)));
    return response;
}

Response Response::redirect(std::string_view path) {
    Response response;
    response.status = 303;
    response.headers.add("Location", is_local_path(path) ? path : "/");
    return response;
}

Response Response::error(int status) {
    Response response;
    response.status = status;
    return response;
}

Response Response::unavailable(int retry_after_seconds) {
    Response response = error(503);
    response.headers.add("Retry-After", format("{}", retry_after_seconds));
    return response;
}

Response Response::from(std::shared_ptr<const Asset> asset) {
    Response response;
    response.asset = std::move(asset);
    return response;
}

Response& Response::set_cookie(const Cookie& cookie) & {
    headers.add("Set-Cookie", format_set_cookie(cookie));
    return *this;
}

Response&& Response::set_cookie(const Cookie& cookie) && { return std::move(set_cookie(cookie)); }

Response& Response::forget_cookie(std::string_view name) & {
    headers.add("Set-Cookie", format_forget_cookie(name));
    return *this;
}

Response&& Response::forget_cookie(std::string_view name) && { return std::move(forget_cookie(name)); }

std::string_view reason_of(int status) {
    constexpr std::array<std::pair<int, std::string_view>, 36> kReasons = {{
        {200, "OK"}, {201, "Created"}, {202, "Accepted"}, {204, "No Content"}, {206, "Partial Content"},
        {301, "Moved Permanently"}, {302, "Found"}, {303, "See Other"}, {304, "Not Modified"},
        {307, "Temporary Redirect"}, {308, "Permanent Redirect"}, {400, "Bad Request"}, {401, "Unauthorized"},
        {403, "Forbidden"}, {404, "Not Found"}, {405, "Method Not Allowed"}, {406, "Not Acceptable"},
        {408, "Request Timeout"}, {409, "Conflict"}, {410, "Gone"}, {412, "Precondition Failed"},
        {413, "Content Too Large"}, {414, "URI Too Long"}, {415, "Unsupported Media Type"},
        {417, "Expectation Failed"}, {421, "Misdirected Request"}, {422, "Unprocessable Content"},
        {429, "Too Many Requests"}, {431, "Request Header Fields Too Large"}, {500, "Internal Server Error"},
        {501, "Not Implemented"}, {502, "Bad Gateway"}, {503, "Service Unavailable"},
        {504, "Gateway Timeout"}, {505, "HTTP Version Not Supported"}, {507, "Insufficient Storage"},
    }};
    for (const auto& [known, reason] : kReasons) {
        if (known == status) return reason;
    }
    return "";
}

}  // namespace madang::http
