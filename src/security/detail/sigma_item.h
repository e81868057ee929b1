// One `field|modifiers: values` of a detection, with its modifiers applied to its values.
#pragma once

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

// Values that are looked for anywhere in an event, of which one is enough.
Result<SigmaItem> read_keyword(std::string_view file, const YamlNode& value);

}  // namespace madang::security
