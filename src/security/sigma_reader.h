// A file of Sigma documents (specification 2.1.0) becomes rules, filters and correlations.
//
//   TRY(auto documents, read_sigma(text, "rules/whoami.yml"));
//   for (const SigmaRule& rule : documents.rules) …
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "security/sigma_rule.h"

namespace madang::security {

inline constexpr std::size_t kMaxSearches = 500;      // of one rule
inline constexpr std::size_t kMaxListEntries = 5000;  // of tags, references, rules of a correlation and the like

// All documents of a file (at most 1 MiB). Fails with Code::invalid, "NAME:LINE: why", on the first thing that
// the specification does not know; keys of a rule that it does not name are passed over.
Result<SigmaDocuments> read_sigma(std::string_view text, std::string_view name);

// The same, document by document: what is wrong with one is a problem, and the others are there.
SigmaDocuments read_sigma_documents(std::string_view text, std::string_view name);

// The values of `%name%` by name; a value may hold wildcards.
using PlaceholderValues = std::map<std::string, std::vector<std::string>, std::less<>>;

// A YAML map from names of placeholders to a text or a list of texts. Code::invalid, "NAME:LINE: why".
Result<PlaceholderValues> read_placeholders(std::string_view yaml, std::string_view name);

// The rule with each value that has placeholders replaced by one for each combination of their values.
// Fails with Code::not_found when one has no values ("If the tool isn't able to handle placeholders, it must
// reject the rule"), and with Code::exhausted when there are too many combinations.
Result<SigmaRule> fill_placeholders(SigmaRule rule, const PlaceholderValues& values);

// True when the filter names the rule, by id or name, and what the filter says of the log source is what the rule says.
bool applies_to(const SigmaFilter& filter, const SigmaRule& rule);

// The rule with the filter's condition joined to its own by "and". A filter that takes matches away
// says so itself: `condition: not selection`.
SigmaRule with_filter(SigmaRule rule, const SigmaFilter& filter);

}  // namespace madang::security
