#include "base/bytes.h"

#include <array>

namespace madang {
namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kHex = "0123456789abcdef";

// Writes `bytes` as digits of `bits` bits each, the last one padded with zero bits.
std::string encode(ByteSpan bytes, std::string_view alphabet, unsigned bits) {
    std::string text;
    text.reserve((bytes.size() * 8 + bits - 1) / bits + 4);
    std::uint32_t buffer = 0;
    unsigned held = 0;
    const std::uint32_t mask = (1U << bits) - 1;
    for (const std::uint8_t byte : bytes) {
        buffer = buffer << 8 | byte;
        held += 8;
        while (held >= bits) {
            held -= bits;
            text.push_back(alphabet[buffer >> held & mask]);
        }
        buffer &= (1U << held) - 1;
    }
    if (held > 0) text.push_back(alphabet[buffer << (bits - held) & mask]);
    return text;
}

Result<Bytes> decode(std::string_view text, std::string_view alphabet, unsigned bits) {
    std::array<std::int8_t, 256> digits;
    digits.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        digits[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::int8_t>(i);
    }
    Bytes bytes;
    bytes.reserve(text.size() * bits / 8);
    std::uint32_t buffer = 0;
    unsigned held = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::int8_t digit = digits[static_cast<std::uint8_t>(text[i])];
        if (digit < 0) {
            return fail(Code::invalid, "character " + std::to_string(i + 1) + " is not a digit of base " +
                                           std::to_string(alphabet.size()));
        }
        buffer = buffer << bits | static_cast<std::uint32_t>(digit);
        held += bits;
        if (held >= 8) {
            held -= 8;
            bytes.push_back(static_cast<std::uint8_t>(buffer >> held));
        }
        buffer &= (1U << held) - 1;
    }
    if (held >= bits || buffer != 0) {
        return fail(Code::invalid, "the text ends within a byte");
    }
    return bytes;
}

}  // namespace

ByteSpan as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string_view as_text(ByteSpan bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Bytes to_bytes(std::string_view text) {
    const ByteSpan bytes = as_bytes(text);
    return Bytes(bytes.begin(), bytes.end());
}

std::string hex(ByteSpan bytes) { return encode(bytes, kHex, 4); }
std::string base64url(ByteSpan bytes) { return encode(bytes, kBase64Url, 6); }
std::string base32(ByteSpan bytes) { return encode(bytes, kBase32, 5); }

std::string base64(ByteSpan bytes) {
    std::string text = encode(bytes, kBase64, 6);
    while (text.size() % 4 != 0) text.push_back('=');
    return text;
}

Result<Bytes> parse_hex(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    }
    return decode(lower, kHex, 4);
}

Result<Bytes> parse_base64(std::string_view text) {
    if (text.size() % 4 != 0) return fail(Code::invalid, "base64 comes in groups of four characters");
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    return decode(text, kBase64, 6);
}

Result<Bytes> parse_base64url(std::string_view text) { return decode(text, kBase64Url, 6); }
Result<Bytes> parse_base32(std::string_view text) { return decode(text, kBase32, 5); }

bool equal_in_constant_time(ByteSpan a, ByteSpan b) {
    if (a.size() != b.size()) return false;
    std::uint8_t difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
    return difference == 0;
}

}  // namespace madang
