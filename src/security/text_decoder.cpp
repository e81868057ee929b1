#include "security/text_decoder.h"

#include <algorithm>

#include "base/text.h"
#include "security/detail/evtx_utf16.h"

namespace madang::security {
namespace {

constexpr std::string_view kUtf8 = "\xef\xbb\xbf";
constexpr std::string_view kLittleEndian = "\xff\xfe";
constexpr std::string_view kBigEndian = "\xfe\xff";
constexpr std::size_t kNulsOfText = 10;   // one of so many bytes is NUL at most

// The upper byte of a unit that is the first half of a pair.
bool is_high_half(char upper) { return (static_cast<unsigned char>(upper) & 0xFCU) == 0xD8U; }

}  // namespace

void TextDecoder::feed(std::string_view bytes, const Use& use) {
    if (form_ != Form::unknown) return decode(bytes, use);
    begun_ += bytes;
    if (begun_.size() < kUtf8.size()) return;
    const std::string all = std::move(begun_);
    begun_.clear();
    std::string_view rest = all;
    form_ = rest.starts_with(kLittleEndian) ? Form::little_endian : rest.starts_with(kBigEndian) ? Form::big_endian : Form::as_it_is;
    if (form_ != Form::as_it_is) rest.remove_prefix(kLittleEndian.size());
    else if (rest.starts_with(kUtf8)) rest.remove_prefix(kUtf8.size());
    decode(rest, use);
}

void TextDecoder::decode(std::string_view bytes, const Use& use) {
    if (form_ == Form::as_it_is) {
        if (!bytes.empty()) use(bytes);
        return;
    }
    begun_ += bytes;
    std::size_t whole = begun_.size() / 2 * 2;
    const std::size_t upper = form_ == Form::little_endian ? 1 : 2;   // from the end of a unit
    if (whole >= 2 && is_high_half(begun_[whole - upper])) whole -= 2;
    units_.assign(begun_, 0, whole);
    begun_.erase(0, whole);
    if (form_ == Form::big_endian) {
        for (std::size_t i = 0; i + 1 < units_.size(); i += 2) std::swap(units_[i], units_[i + 1]);
    }
    text_.clear();
    append_utf16(units_, text_);
    if (!text_.empty()) use(text_);
}

void TextDecoder::finish(const Use& use) {
    if (form_ == Form::unknown || form_ == Form::as_it_is) {
        if (!begun_.empty()) use(begun_);
    } else if (!begun_.empty()) {
        use("\xEF\xBF\xBD");
    }
    begun_.clear();
    form_ = Form::unknown;
}

Result<void> check_is_text(std::string_view start) {
    if (start.starts_with(kLittleEndian) || start.starts_with(kBigEndian)) return {};
    const auto nuls = static_cast<std::size_t>(std::ranges::count(start, '\0'));
    if (nuls * kNulsOfText <= start.size()) return {};
    return fail(Code::invalid, start.starts_with("PK\x03\x04") ? "it is a zip archive: unpack it first" : "it is no text, and no event log: many of its bytes are NUL");
}

}  // namespace madang::security
