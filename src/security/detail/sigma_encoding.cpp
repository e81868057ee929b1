#include "security/detail/sigma_encoding.h"

#include "base/bytes.h"
#include "base/text.h"
#include "security/sigma_pattern.h"

namespace madang::security {

std::string encode_utf16(std::string_view text, Utf16 order) {
    std::string out = order == Utf16::marked ? "\xff\xfe" : "";
    for (const char16_t unit : to_utf16(text)) {
        const char low = static_cast<char>(unit & 0xffU);
        const char high = static_cast<char>(unit >> 8U);
        out += order == Utf16::big_endian ? high : low;
        out += order == Utf16::big_endian ? low : high;
    }
    return out;
}

// Three bytes are four characters. With n bytes in front, the first characters also hold bits of what stands
// there; the last ones also hold bits of what follows. Only those in between are always the same.
std::vector<std::string> base64_offsets(std::string_view bytes) {
    std::vector<std::string> out;
    for (std::size_t before = 0; before < 3; ++before) {
        const std::string whole = base64(as_bytes(std::string(before, ' ') + std::string(bytes)));
        const std::size_t begin = (before * 8 + 5) / 6;                 // characters touched by what is before
        const std::size_t end = (before + bytes.size()) * 8 / 6;        // characters filled by the value itself
        out.push_back(end > begin ? whole.substr(begin, end - begin) : std::string());
    }
    return out;
}

Result<std::vector<std::string>> plain_texts(const Pattern& pattern) {
    std::vector<std::string> texts{""};
    for (const Piece& piece : pattern) {
        if (piece.kind == PieceKind::text) {
            for (std::string& text : texts) text += piece.text;
            continue;
        }
        if (piece.kind != PieceKind::any_dash) return fail(Code::invalid, "a wildcard or placeholder cannot be encoded");
        std::vector<std::string> longer;
        for (const std::string& text : texts) {
            for (const std::string_view dash : kDashes) longer.push_back(text + std::string(dash));
        }
        texts = std::move(longer);
        if (texts.size() > kMaxDashTexts) return fail(Code::invalid, "more than three dashes cannot be encoded");
    }
    return texts;
}

}  // namespace madang::security
