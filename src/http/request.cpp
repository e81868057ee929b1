#include "http/request.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/check.h"
#include "base/text.h"
#include "http/cookies.h"

namespace madang::http {
namespace {

constexpr std::array<std::pair<Method, std::string_view>, 6> kMethods = {{{Method::get, "GET"},
                                                                          {Method::head, "HEAD"},
                                                                          {Method::post, "POST"},
                                                                          {Method::put, "PUT"},
                                                                          {Method::patch, "PATCH"},
                                                                          {Method::delete_, "DELETE"}}};

std::string_view media_type(std::string_view content_type) {
    return trim(content_type.substr(0, std::min(content_type.find(';'), content_type.size())));
}

// RFC 9110 clause 12.4.2: a weight in thousandths; what is not one counts as none at all.
int weight_of(std::string_view parameters) {
    const auto text = trim(parameters);
    if (text.empty()) return 1000;
    if (text.size() < 3 || (text[0] != 'q' && text[0] != 'Q') || text[1] != '=') return 0;
    const auto number = text.substr(2, 5);
    if (number.front() == '1') return 1000;
    if (number.front() != '0' || number.size() < 3 || number[1] != '.') return 0;
    int weight = 0;
    for (std::size_t i = 2; i < 5; ++i) {
        const char digit = i < number.size() ? number[i] : '0';
        if (digit < '0' || digit > '9') return 0;
        weight = weight * 10 + (digit - '0');
    }
    return weight;
}

}  // namespace

std::string_view name_of(Method method) {
    for (const auto& [known, name] : kMethods) {
        if (known == method) return name;
    }
    return "";
}

std::optional<Method> find_method(std::string_view name) {
    for (const auto& [method, known] : kMethods) {
        if (known == name) return method;
    }
    return std::nullopt;
}

const std::string& Request::parameter(std::string_view name) const {
    const auto found = std::find_if(parameters.begin(), parameters.end(), [&](const auto& p) { return p.first == name; });
    // The mistake of one handler; it is answered with 500 and written down, and everybody else is served.
    if (found == parameters.end()) throw std::logic_error(format("a handler asks for {{{}}}, which its route {} lacks", name, route));
    return found->second;
}

std::optional<std::string_view> Request::cookie(std::string_view name) const {
    // HTTP/2 front ends may split the cookies over several fields (RFC 9113 clause 8.2.3).
    for (std::size_t i = 0; i < headers.size(); ++i) {
        const auto field = headers.at(i);
        if (!equal_ignoring_ascii_case(field.name, "cookie")) continue;
        for (const auto& [key, value] : parse_cookies(field.value)) {
            if (key == name) return value;
        }
    }
    return std::nullopt;
}

Result<Fields> Request::form() const {
    const auto type = media_type(headers.value_or("content-type", ""));
    if (type.empty() && body.empty()) return Fields{};
    if (!equal_ignoring_ascii_case(type, "application/x-www-form-urlencoded")) {
        return fail(Code::invalid, "the body is not application/x-www-form-urlencoded");
    }
    return within(parse_urlencoded(body), "form");
}

std::vector<std::string> Request::languages() const {
    constexpr std::size_t kMost = 10;
    std::vector<std::pair<int, std::string>> found;
    for (const auto item : split(headers.value_or("accept-language", ""), ',')) {
        if (found.size() == kMost) break;
        const auto semicolon = std::min(item.find(';'), item.size());
        const auto tag = trim(item.substr(0, semicolon));
        const bool well_formed = !tag.empty() && std::all_of(tag.begin(), tag.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
        });
        const int weight = weight_of(item.substr(std::min(semicolon + 1, item.size())));
        if (!well_formed || weight == 0) continue;
        // Behind all of the same weight: the order that was sent decides among equals.
        const auto place = std::find_if(found.begin(), found.end(), [&](const auto& other) { return other.first < weight; });
        found.emplace(place, weight, to_lower(tag));
    }
    std::vector<std::string> tags;
    for (auto& [weight, tag] : found) tags.push_back(std::move(tag));
    return tags;
}

// Fetch Metadata (W3C) first, as no page can forge it; Origin (RFC 6454) for older browsers.
Origin origin_of(const Request& request) {
    if (const auto site = request.header("sec-fetch-site")) {
        return *site == "same-origin" || *site == "none" ? Origin::same : Origin::foreign;
    }
    const auto origin = request.header("origin");
    if (!origin) return Origin::unknown;
    const std::string ours = std::string(request.scheme == Scheme::https ? "https://" : "http://") + request.host;
    return equal_ignoring_ascii_case(*origin, ours) ? Origin::same : Origin::foreign;
}

Request make_request(Method method, std::string_view target, std::string body,
                     std::initializer_list<Headers::Field> headers) {
    const auto parsed = parse_target(target);
    MADANG_CHECK(parsed.has_value());
    auto query = parse_urlencoded(parsed->query);
    MADANG_CHECK(query.has_value());
    Request request;
    request.method = method;
    request.target = target;
    request.path = parsed->path;
    request.query = std::move(*query);
    request.body = std::move(body);
    request.host = "localhost";
    request.client = "127.0.0.1";
    request.request_id = "00000000-0000-7000-8000-000000000000";
    for (const auto& field : headers) request.headers.add(field.name, field.value);
    if (!request.body.empty() && !request.headers.has("content-type")) {
        request.headers.add("Content-Type", "application/x-www-form-urlencoded");
    }
    return request;
}

}  // namespace madang::http
