// Addresses and networks of `|cidr`: IPv4 and IPv6 (RFC 4632, RFC 4291).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "security/sigma_rule.h"

namespace madang::security {

struct NetworkAddress {
    std::array<std::uint8_t, 16> bytes{};
    unsigned width = 32;  // 32 or 128 bits
};

// An IPv4 address that is written as IPv6 (::ffff:a.b.c.d, RFC 4291 2.5.5.2) is read as IPv4.
std::optional<NetworkAddress> parse_address(std::string_view text);

// ADDRESS/PREFIX, without bits behind the prefix. Fails with Code::invalid.
Result<CidrMatch> parse_cidr(std::string_view text);

bool holds(const CidrMatch& network, const NetworkAddress& address);

}  // namespace madang::security
