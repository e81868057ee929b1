#include "base/id.h"

#include <algorithm>

namespace madang {

UuidBytes make_uuid_v7(Instant now, Random& random) {
    // RFC 9562 5.7: 48 bits of Unix milliseconds, version, 12 + 62 random bits with the variant
    // between. The first 10 of the random bits carry the rest of the microseconds (6.2, method 3).
    const auto microseconds = static_cast<std::uint64_t>(now.time_since_epoch().count());
    const std::uint64_t milliseconds = microseconds / 1000;
    UuidBytes bytes;
    random.fill(bytes);
    for (std::size_t i = 0; i < 6; ++i) {
        bytes[i] = static_cast<std::uint8_t>(milliseconds >> (40 - 8 * i));
    }
    const auto fraction = static_cast<unsigned>(microseconds % 1000 * 4);  // 0..3996 in 12 bits
    bytes[6] = static_cast<std::uint8_t>(0x70U | (fraction >> 8));
    bytes[7] = static_cast<std::uint8_t>((fraction & 0xFCU) | (bytes[7] & 0x03U));
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);
    return bytes;
}

std::string format_uuid(const UuidBytes& bytes) {
    std::string text = hex(bytes);
    for (const std::size_t dash : {8U, 13U, 18U, 23U}) text.insert(dash, 1, '-');
    return text;
}

Result<UuidBytes> parse_uuid(std::string_view text) {
    if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') {
        return fail(Code::invalid, "an id has the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
    }
    std::string digits(text);
    std::erase(digits, '-');
    if (digits.size() != 32) return fail(Code::invalid, "an id has 32 hexadecimal digits");
    TRY(const Bytes bytes, parse_hex(digits));
    return uuid_from_bytes(bytes);
}

Result<UuidBytes> uuid_from_bytes(ByteSpan bytes) {
    UuidBytes uuid;
    if (bytes.size() != uuid.size()) return fail(Code::invalid, "an id has 16 bytes");
    std::copy(bytes.begin(), bytes.end(), uuid.begin());
    return uuid;
}

}  // namespace madang
