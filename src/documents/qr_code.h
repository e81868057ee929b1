// QR codes (ISO/IEC 18004), error correction level M.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace madang::documents {

struct QrCode {
    std::size_t width = 0;               // modules a side, without the quiet zone of 4
    std::vector<bool> dark;              // row by row
    bool at(std::size_t row, std::size_t column) const { return dark[row * width + column]; }
};

// Code::invalid on more than 1,500 bytes.
Result<QrCode> make_qr_code(std::string_view text);

}  // namespace madang::documents
