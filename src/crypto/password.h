// Passwords are kept as Argon2id (RFC 9106) in PHC form, 19 MiB and 2 passes (OWASP). At most two are
// worked on at a time in a process, so that a flood of sign-ins cannot eat the memory.
#pragma once

#include <string>
#include <string_view>

#include "base/random.h"

namespace madang::crypto {

inline constexpr std::size_t kMaxPasswordSize = 1024;  // bytes; longer ones never match

std::string hash_password(std::string_view password, Random& random);
// False also on a text that is no Argon2id hash or that asks for more than 64 MiB or 10 passes.
bool verify_password(std::string_view phc, std::string_view password);
// Takes as long as verify_password(), for names that do not exist.
void spend_password_time(std::string_view password);
// True where the hash was made with other parameters than ours and should be made anew at the next sign-in.
bool needs_rehash(std::string_view phc);

}  // namespace madang::crypto
