// One `field|modifiers: values` of a detection, with its modifiers applied to its values.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "security/detail/sigma_yaml.h"
#include "security/sigma_rule.h"

namespace madang::security {

inline constexpr std::size_t kMaxFieldNameBytes = 256;
inline constexpr std::size_t kMaxValues = 20'000;          // of one item
inline constexpr std::size_t kMaxValueBytes = 16 * 1024;

// Fails with Code::invalid, "FILE:LINE: why".
Result<SigmaItem> read_item(std::string_view file, const YamlNode& key, const YamlNode& value);

// "The value modifiers are applied in the given order to the value." Where an encoding meets a placeholder, what is left of them
// waits in `later` of the match for fill_placeholders(). Fails with Code::invalid, "MODIFIER: why".
Result<std::vector<Match>> modified(Pattern pattern, std::span<const Modifier> modifiers, Case letters);

// Values that are looked for anywhere in an event, of which one is enough.
Result<SigmaItem> read_keyword(std::string_view file, const YamlNode& value);

}  // namespace madang::security
