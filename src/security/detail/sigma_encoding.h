// The modifiers that make other texts of a text: utf16 and its kin, base64 and base64offset
// ("Encoding" in the Sigma modifiers appendix).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "security/sigma_rule.h"

namespace madang::security {

enum class Utf16 { little_endian, big_endian, marked };  // marked: FF FE in front, then little endian
std::string encode_utf16(std::string_view text, Utf16 order);

// The base64 characters that a value always has inside a longer text, for each of its three places in it.
std::vector<std::string> base64_offsets(std::string_view bytes);

// The plain texts that a pattern stands for, when it has no holes but dashes, and few of these.
inline constexpr std::size_t kMaxDashTexts = 125;
Result<std::vector<std::string>> plain_texts(const Pattern& pattern);

}  // namespace madang::security
