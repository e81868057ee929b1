// Tokens against cross-site request forgery: bound to a session by HMAC-SHA-256 and masked anew for
// each page, so that a compressed page does not give them away (BREACH).
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/random.h"

namespace madang::http {

class CsrfTokens {
public:
    // `key`: at least 32 secret bytes, kept over restarts; `random` must be a real generator.
    CsrfTokens(Bytes key, Random& random) : key_(std::move(key)), random_(random) {}

    // A token for a hidden field; `session` is whatever names the session (never empty).
    std::string make(std::string_view session) const;
    // True for a token made for this session with this key. Takes the same time wherever it is wrong.
    bool check(std::string_view session, std::string_view token) const;

private:
    Bytes key_;
    Random& random_;
};

}  // namespace madang::http
