// What Sigma documents of every kind say about themselves, and the small readers that their parts share.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "security/detail/sigma_yaml.h"
#include "security/sigma_rule.h"

namespace madang::security {

struct DocumentPlace {
    std::string_view file;
    const YamlNode& root;  // a map
};

Result<SigmaMetadata> read_metadata(DocumentPlace place);
Result<LogSource> read_log_source(DocumentPlace place);

// A scalar below a map: "" when it is absent or null.
Result<std::string> read_text(std::string_view file, const YamlNode& map, std::string_view key, std::size_t most_bytes);

// A list of scalars below a map: empty when it is absent or null. A single text is no list.
Result<std::vector<std::string>> read_texts(std::string_view file, const YamlNode& map, std::string_view key);

// The same, or one text, where the schema allows both.
Result<std::vector<std::string>> read_text_or_texts(std::string_view file, const YamlNode& map, std::string_view key);

inline constexpr std::size_t kMaxCorrelatedRules = 64;
Result<SigmaCorrelation> read_correlation(DocumentPlace place);

// "number + letter (in lowercase)": s, m, h or d.
Result<std::chrono::seconds> parse_timespan(std::string_view text);

}  // namespace madang::security
