// Internet addresses and networks in text and in bits, and the address of a client behind proxies.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace madang::http {

// IPv4 is kept as the mapped IPv6 address ::ffff:a.b.c.d, so that both kinds compare.
struct Address {
    std::array<std::uint8_t, 16> bits{};

    bool is_v4() const;
    bool is_loopback() const;
    // What rate limits count as one client: an IPv4 address, or the /64 of an IPv6 one.
    Address subscriber() const;
    friend auto operator<=>(const Address&, const Address&) = default;
};

Result<Address> parse_address(std::string_view text);  // "192.0.2.1", "2001:db8::1", "[2001:db8::1]"
std::string format_address(const Address& address);

struct Network {
    Address address;
    int prefix = 128;  // bits, of the mapped form for IPv4
    bool contains(const Address& other) const;
};

Result<Network> parse_network(std::string_view text);  // "10.0.0.0/8", "::1", "2001:db8::/32"

// Who sent the request: the peer, or, when the peer is a trusted proxy, the nearest address in
// X-Forwarded-For (read from the right) that is not a trusted proxy. What does not parse ends the search.
Address client_of(const Address& peer, std::string_view forwarded_for, const std::vector<Network>& trusted);

}  // namespace madang::http
