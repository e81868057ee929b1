// Translates a pattern of XPath (Functions and Operators 5.6.1, XML Schema part 2 appendix F) into ICU's.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace madang {

struct XpathFlags {
    bool dot_all = false;       // s
    bool multiline = false;     // m
    bool ignore_case = false;   // i
    bool spaced = false;        // x
    bool quoted = false;        // q
};
Result<XpathFlags> parse_xpath_flags(std::string_view text);

// Fails with Code::invalid and the character where the pattern goes wrong.
Result<std::string> translate_xpath(std::string_view text, const XpathFlags& flags);

}  // namespace madang
