// Cookies (RFC 6265bis). Ours all carry the __Host- prefix: bound to this host, whole site, secure.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace madang::http {

inline constexpr std::size_t kCookieLimit = 64;  // pairs read from one Cookie header

// The pairs of a Cookie header in their order; what is not a pair, or beyond the limit, is left out.
// The views point into `header`.
std::vector<std::pair<std::string_view, std::string_view>> parse_cookies(std::string_view header);

enum class SameSite { lax, strict };

struct Cookie {
    std::string name;    // must begin with "__Host-" and be a token (RFC 6265bis clause 4.1.3.2)
    std::string value;   // letters, digits and -_.~ only; encode anything else
    std::optional<std::chrono::seconds> max_age = {};  // absent: until the browser closes
    SameSite same_site = SameSite::lax;
};

// The Set-Cookie value "name=value; Path=/; Secure; HttpOnly; SameSite=Lax". A name or a value
// outside the rules above is a bug of the caller and stops the process.
std::string format_set_cookie(const Cookie& cookie);
// The Set-Cookie value that makes browsers forget the cookie.
std::string format_forget_cookie(std::string_view name);

}  // namespace madang::http
