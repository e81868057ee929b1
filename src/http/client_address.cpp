#include "http/client_address.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/text.h"

namespace madang::http {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

std::string_view without_brackets(std::string_view text) {
    if (text.size() > 2 && text.front() == '[' && text.back() == ']') return text.substr(1, text.size() - 2);
    return text;
}

}  // namespace

bool Address::is_v4() const { return std::equal(kMapped.begin(), kMapped.end(), bits.begin()); }

bool Address::is_loopback() const {
    if (is_v4()) return bits[12] == 127;
    return std::all_of(bits.begin(), bits.end() - 1, [](auto byte) { return byte == 0; }) && bits[15] == 1;
}

Address Address::subscriber() const {
    Address masked = *this;
    if (!is_v4()) std::fill(masked.bits.begin() + 8, masked.bits.end(), std::uint8_t{0});
    return masked;
}

Result<Address> parse_address(std::string_view text) {
    const std::string plain(without_brackets(text));
    Address address;
    if (inet_pton(AF_INET6, plain.c_str(), address.bits.data()) == 1) return address;
    std::copy(kMapped.begin(), kMapped.end(), address.bits.begin());
    if (plain.find('\0') == std::string::npos && inet_pton(AF_INET, plain.c_str(), address.bits.data() + 12) == 1) return address;
    return fail(Code::invalid, "not an IPv4 or IPv6 address");
}

std::string format_address(const Address& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.is_v4()) {
        inet_ntop(AF_INET, address.bits.data() + 12, text.data(), text.size());
    } else {
        inet_ntop(AF_INET6, address.bits.data(), text.data(), text.size());
    }
    return text.data();
}

bool Network::contains(const Address& other) const {
    for (int bit = 0; bit < prefix; bit += 8) {
        const auto index = static_cast<std::size_t>(bit / 8);
        const int left = std::min(8, prefix - bit);
        const auto mask = static_cast<std::uint8_t>(0xFF00U >> static_cast<unsigned>(left));
        if ((address.bits[index] & mask) != (other.bits[index] & mask)) return false;
    }
    return true;
}

Result<Network> parse_network(std::string_view text) {
    const auto slash = std::min(text.find('/'), text.size());
    TRY(const auto address, parse_address(text.substr(0, slash)));
    Network network{address, 128};
    if (slash == text.size()) return network;
    TRY(const auto bits, within(parse_decimal(text.substr(slash + 1)), "prefix of a network"));
    const std::uint64_t most = address.is_v4() ? 32 : 128;
    if (bits > most) return fail(Code::invalid, format("the prefix of a network is at most {} here", most));
    network.prefix = static_cast<int>(bits + (128 - most));
    return network;
}

Address client_of(const Address& peer, std::string_view forwarded_for, const std::vector<Network>& trusted) {
    const auto is_trusted = [&](const Address& address) {
        return std::any_of(trusted.begin(), trusted.end(), [&](const Network& n) { return n.contains(address); });
    };
    Address client = peer;
    while (is_trusted(client) && !forwarded_for.empty()) {
        const auto comma = forwarded_for.rfind(',');
        const auto last = comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1);
        const auto address = parse_address(trim(last));
        if (!address) break;
        client = *address;
        forwarded_for = comma == std::string_view::npos ? std::string_view() : forwarded_for.substr(0, comma);
    }
    return client;
}

}  // namespace madang::http
