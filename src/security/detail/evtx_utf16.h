// UTF-16LE as event logs hold it: at any address, sometimes with half a pair or a closing NUL.
#pragma once

#include <string>
#include <string_view>

namespace madang::security {

// Adds the text as UTF-8. What is no code point becomes U+FFFD; an odd last byte is left out.
void append_utf16(std::string_view utf16, std::string& out);

// Without the NUL units at its end: writers count them in or not.
std::string_view without_closing_nul(std::string_view utf16);

}  // namespace madang::security
