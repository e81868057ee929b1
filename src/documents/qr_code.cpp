#include "documents/qr_code.h"

#include <qrencode.h>

#include <memory>

#include "base/text.h"

namespace madang::documents {
namespace {
constexpr std::size_t kMaxText = 1500;
}

Result<QrCode> make_qr_code(std::string_view text) {
    if (text.empty() || text.size() > kMaxText) {
        return fail(Code::invalid, format("a QR code holds 1 to {} bytes, not {}", kMaxText, text.size()));
    }
    const Bytes copy = to_bytes(text);
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> made(
        QRcode_encodeData(static_cast<int>(copy.size()), copy.data(), 0, QR_ECLEVEL_M), QRcode_free);
    if (!made) return fail(Code::exhausted, "the QR code could not be made");
    QrCode code;
    code.width = static_cast<std::size_t>(made->width);
    code.dark.reserve(code.width * code.width);
    for (std::size_t i = 0; i < code.width * code.width; ++i) code.dark.push_back((made->data[i] & 1U) != 0);
    return code;
}

}  // namespace madang::documents
