#include "http/cookies.h"

#include "base/check.h"
#include "base/text.h"

namespace madang::http {
namespace {

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

void check_name(std::string_view name) {
    MADANG_CHECK(name.starts_with("__Host-") && name.size() > 7);
    for (const char c : name) MADANG_CHECK(is_plain(c));
}

}  // namespace

// RFC 6265bis clause 4.2.1: pairs separated by "; ". Read as servers do: blanks around are dropped.
std::vector<std::pair<std::string_view, std::string_view>> parse_cookies(std::string_view header) {
    std::vector<std::pair<std::string_view, std::string_view>> cookies;
    while (!header.empty() && cookies.size() < kCookieLimit) {
        const auto end = std::min(header.find(';'), header.size());
        const auto pair = trim(header.substr(0, end));
        header.remove_prefix(std::min(end + 1, header.size()));
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos || equals == 0) continue;
        auto value = trim(pair.substr(equals + 1));
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
        cookies.emplace_back(trim(pair.substr(0, equals)), value);
    }
    return cookies;
}

std::string format_set_cookie(const Cookie& cookie) {
    check_name(cookie.name);
    for (const char c : cookie.value) MADANG_CHECK(is_plain(c) || c == '.' || c == '~');
    std::string text = cookie.name + "=" + cookie.value + "; Path=/; Secure; HttpOnly; SameSite=";
    text += cookie.same_site == SameSite::strict ? "Strict" : "Lax";
    if (cookie.max_age) text += format("; Max-Age={}", cookie.max_age->count());
    return text;
}

std::string format_forget_cookie(std::string_view name) {
    return format_set_cookie({.name = std::string(name), .value = {}, .max_age = std::chrono::seconds(0)});
}

}  // namespace madang::http
