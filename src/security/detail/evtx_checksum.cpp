#include "security/detail/evtx_checksum.h"

#include <array>
#include <cstddef>

#include "security/detail/evtx_bytes.h"

namespace madang::security {
namespace {

constexpr std::size_t kStride = 8;
using Tables = std::array<std::array<std::uint32_t, 256>, kStride>;

// tables[k][b] carries the byte b over k bytes that follow it, so that eight bytes need no wait for each other.
constexpr Tables make_tables() {
    Tables tables{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t c = i;
        for (int bit = 0; bit < 8; ++bit) c = (c & 1U) != 0 ? 0xEDB88320U ^ (c >> 1U) : c >> 1U;
        tables[0][i] = c;
    }
    for (std::size_t k = 1; k < kStride; ++k) {
        for (std::size_t i = 0; i < 256; ++i) {
            tables[k][i] = tables[0][tables[k - 1][i] & 0xFFU] ^ (tables[k - 1][i] >> 8U);
        }
    }
    return tables;
}

constexpr Tables kTables = make_tables();

}  // namespace

std::uint32_t evtx_checksum(std::string_view bytes, std::uint32_t before) {
    std::uint32_t crc = ~before;
    std::size_t at = 0;
    for (; at + kStride <= bytes.size(); at += kStride) {
        const std::uint32_t low = crc ^ read_little<std::uint32_t>(bytes, at);
        const std::uint32_t high = read_little<std::uint32_t>(bytes, at + 4);
        crc = kTables[7][low & 0xFFU] ^ kTables[6][low >> 8U & 0xFFU] ^ kTables[5][low >> 16U & 0xFFU] ^ kTables[4][low >> 24U] ^
              kTables[3][high & 0xFFU] ^ kTables[2][high >> 8U & 0xFFU] ^ kTables[1][high >> 16U & 0xFFU] ^ kTables[0][high >> 24U];
    }
    for (; at < bytes.size(); ++at) crc = kTables[0][(crc ^ static_cast<unsigned char>(bytes[at])) & 0xFFU] ^ (crc >> 8U);
    return ~crc;
}

}  // namespace madang::security
