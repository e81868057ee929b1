// The text of a condition ("Condition" of the Sigma rules specification), as a tree over its search identifiers.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "security/sigma_rule.h"

namespace madang::security {

inline constexpr std::size_t kMaxConditionDepth = 32;
inline constexpr std::size_t kMaxConditionWords = 1000;

// The words of a condition that are neither brackets nor and, or, not; views into the text.
Result<std::vector<std::string_view>> condition_names(std::string_view text);

// or, and, not, `x of`, brackets, from least to most binding. Fails with Code::invalid.
Result<Condition> parse_condition(std::string_view text, std::span<const SigmaSearch> searches);

// True when the name fits the pattern, in which `*` is any number of characters.
bool fits_identifier(std::string_view pattern, std::string_view name);

}  // namespace madang::security
