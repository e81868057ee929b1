// The regular expressions of `|re`: the specification's flavour is a part of PCRE that RE2 runs in linear time.
#pragma once

#include <re2/re2.h>

#include <memory>
#include <string>

#include "base/result.h"
#include "security/sigma_rule.h"

namespace madang::security {

inline constexpr std::size_t kMaxRegexBytes = 4096;
inline constexpr std::int64_t kMaxRegexMemory = 4 << 20;  // bytes, of one expression's program and its states

// Looked for anywhere in the text. Fails with Code::invalid, naming what linear time cannot do.
Result<std::unique_ptr<re2::RE2>> compile_regex(const RegexMatch& match);

// The expression with its flags in front, and the options it is compiled with.
std::string regex_text(const RegexMatch& match);
re2::RE2::Options regex_options();

}  // namespace madang::security
