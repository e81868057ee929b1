#include "security/detail/sigma_network.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/text.h"

namespace madang::security {
namespace {

constexpr std::size_t kMaxAddressBytes = 45;  // INET6_ADDRSTRLEN without its end

std::optional<NetworkAddress> parse_as(int family, std::string_view text) {
    if (text.size() > kMaxAddressBytes || text.find('\0') != std::string_view::npos) return std::nullopt;
    NetworkAddress address;
    address.width = family == AF_INET ? 32 : 128;
    if (inet_pton(family, std::string(text).c_str(), address.bytes.data()) != 1) return std::nullopt;
    return address;
}

std::uint8_t mask_of(unsigned prefix, unsigned byte) {
    const unsigned bits = std::clamp(prefix > byte * 8 ? prefix - byte * 8 : 0U, 0U, 8U);
    return static_cast<std::uint8_t>(0xff00U >> bits);
}

}  // namespace

std::optional<NetworkAddress> parse_address(std::string_view text) {
    if (auto address = parse_as(AF_INET, text)) return address;
    auto address = parse_as(AF_INET6, text);
    constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (!address || !std::equal(kMapped.begin(), kMapped.end(), address->bytes.begin())) return address;
    NetworkAddress inner;
    std::copy_n(address->bytes.begin() + 12, 4, inner.bytes.begin());
    return inner;
}

Result<CidrMatch> parse_cidr(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return fail(Code::invalid, format("\"{}\" is no network: its prefix is missing", text));
    const std::string_view front = text.substr(0, slash);
    auto address = parse_as(AF_INET, front);
    if (!address) address = parse_as(AF_INET6, front);
    if (!address) return fail(Code::invalid, format("\"{}\" is no network: its address is not one", text));
    const auto prefix = parse_decimal(text.substr(slash + 1));
    if (!prefix || *prefix > address->width) {
        return fail(Code::invalid, format("\"{}\" is no network: its prefix is not between 0 and {}", text, address->width));
    }
    CidrMatch network{address->bytes, static_cast<unsigned>(*prefix), address->width};
    for (unsigned i = 0; i < network.network.size(); ++i) {
        if ((network.network[i] & ~mask_of(network.prefix, i)) != 0) {
            return fail(Code::invalid, format("\"{}\" is no network: there are bits behind its prefix", text));
        }
    }
    return network;
}

bool holds(const CidrMatch& network, const NetworkAddress& address) {
    if (network.width != address.width) return false;
    for (unsigned i = 0; i < network.width / 8; ++i) {
        if ((address.bytes[i] & mask_of(network.prefix, i)) != network.network[i]) return false;
    }
    return true;
}

}  // namespace madang::security
