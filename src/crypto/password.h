// Passwords: Argon2id (RFC 9106) with 19 MiB and 2 passes, the first choice of OWASP's cheat sheet, in
// the PHC text form. At most two are hashed at once, so that a flood of sign-ins cannot eat the memory.
#pragma once

#include <string>
#include <string_view>

namespace madang::crypto {

std::string hash_password(std::string_view password);
bool verify_password(std::string_view phc, std::string_view password);

}  // namespace madang::crypto
