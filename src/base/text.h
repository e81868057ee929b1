// Text is UTF-8 everywhere. Formatting is fmt's (libstdc++ 12 has no <format>); Unicode is ICU's.
#pragma once

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace madang {

using fmt::format;

bool is_utf8(std::string_view text);
std::size_t count_code_points(std::string_view utf8);
std::u16string to_utf16(std::string_view utf8);

// Canonical composition (Unicode NFC), so that two spellings of one letter compare equal.
// Text that is not UTF-8 fails with Code::invalid.
Result<std::string> compose(std::string_view text);

// What a person meant: NFC, without invisible characters (zero width, soft hyphen, direction marks),
// runs of white space made one blank, none at the ends. Fails with Code::invalid on bad UTF-8 and on
// control characters other than tab and line ends.
Result<std::string> tidy_line(std::string_view text);

// The same for several lines: line ends become \n and are kept.
Result<std::string> tidy_lines(std::string_view text);

std::string to_lower(std::string_view text);          // full Unicode, no language
std::string to_upper(std::string_view text);
// Simple case folding (Unicode 3.13, C+S), one character for one, so that parts of a text fold alike wherever
// they stand. Bytes that are not UTF-8 stay as they are.
std::string fold_case(std::string_view text);
std::string escape_markup(std::string_view text);     // for XML and HTML, in text and in quoted attributes
std::string_view trim(std::string_view text);         // ASCII blanks
std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
bool equal_ignoring_ascii_case(std::string_view a, std::string_view b);

// A whole decimal number without sign or leading zeros (except "0" itself).
Result<std::uint64_t> parse_decimal(std::string_view text);

struct TextPosition {
    std::size_t line = 1;    // from 1
    std::size_t column = 1;  // from 1, in code points
};
TextPosition position_in(std::string_view text, std::size_t offset);

// The candidate that a person most likely meant, if one is near enough ("did you mean").
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace madang
